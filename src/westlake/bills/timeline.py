"""When a charge fell, as the city counts days: spans between the days on which something changes.

A charge's instant is in UTC; a programme's months and days are the city's. SQL is handed a small table
from steps of time (an hour, or a quarter where the zone needs it) to spans, so it never reckons with zones.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from westlake.dates import Period, add_months, day_of_month, iso

STEPS = (3600, 1800, 900)


@dataclass(frozen=True)
class Span:
    """Days of the city, first to last, in which nothing changes. month: its first day; piece: the first day
    of the part of the month that one set of rules governs."""

    first: int
    last: int
    month: int
    piece: int
    counts: bool


def spans(first: int, last: int, period: Period, segment_days: Iterable[int], changes: Iterable[int]) -> list[Span]:
    """The spans that cover the days first…last: split at months, at the period, at segment days and at changes."""
    first = month_first(first)
    months = []
    month = first
    while month <= last:
        months.append(month)
        month = add_months(month, 1)
    ends = month
    pieces = sorted({*months, *(day for day in (*segment_days, period.first, period.last + 1) if first < day < ends)})
    edges = sorted({*pieces, *(day for day in changes if first < day < ends)})
    return [Span(edge, after - 1, months[bisect_right(months, edge) - 1], pieces[bisect_right(pieces, edge) - 1],
                 edge in period) for edge, after in zip(edges, [*edges[1:], ends], strict=True)]


def month_first(day: int) -> int:
    """The first day of a day's month."""
    return day - day_of_month(day) + 1


def starts(listed: Sequence[Span], zone: str) -> tuple[int, list[int]]:
    """The step in seconds, and the step in which each span begins, and the one after the last ends."""
    clock = ZoneInfo(zone)
    midnights = [midnight(day, clock) for day in (*(span.first for span in listed), listed[-1].last + 1)]
    step = next(step for step in STEPS if all(second % step == 0 for second in midnights) or step == STEPS[-1])
    return step, [second // step for second in midnights]


def midnight(day: int, clock: ZoneInfo) -> int:
    """The first second, since 1970 in UTC, of a day of the city."""
    return int(dt.datetime.fromisoformat(iso(day)).replace(tzinfo=clock).timestamp())

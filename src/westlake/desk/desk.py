"""The desk itself: the database it works on, the programmes it offers, the clock and the office's days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from westlake.database import Connection
from westlake.dates import DAY_MAX, DAY_MIN, iso, local_day, micros_of, now_us
from westlake.desk.workflow import Workflow
from westlake.record import Record
from westlake.rules import Programme
from westlake.settlement.terms import Terms


@dataclass(frozen=True)
class Offered:
    """A programme as the desk works it: its rules and values, its table of steps, its accounts."""

    programme: Programme
    workflow: Workflow
    terms: Terms


class Desk:
    """What every action of the desk is given. Amounts are minor units, instants microseconds UTC, days day numbers."""

    def __init__(self, connection: Connection, offers: Callable[[str], Offered], zone: str = "Asia/Shanghai",
                 now: Callable[[], int] = now_us) -> None:
        """offers: a programme by its name, W914 for one that is not worked at the desk."""
        self.connection, self._offers, self.zone, self.now = connection, offers, zone, now

    def offered(self, programme: str) -> Offered:
        """A programme with its table and its accounts."""
        return self._offers(programme)

    @property
    def record(self) -> Record:
        """The record of acts, by the desk's own clock."""
        return Record(self.connection, self.now)

    def today(self) -> int:
        """The day that it is in the office's city."""
        return local_day(self.now(), self.zone)

    def day_of(self, at: int) -> int:
        """The day in the office's city of an instant."""
        return local_day(at, self.zone)

    def starts_at(self, day: int) -> int:
        """The instant at which a day begins in the office's city."""
        date = dt.date.fromisoformat(iso(min(max(day, DAY_MIN + 1), DAY_MAX - 1)))
        return micros_of(dt.datetime(date.year, date.month, date.day, tzinfo=ZoneInfo(self.zone)))

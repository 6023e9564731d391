"""Deadlines as a calendar file that staff and applicants can subscribe to.

Source: RFC 5545 (iCalendar): lines end in CRLF and fold at 75 octets (3.1), text is escaped (3.3.11). A deadline
at an hour is an instant in UTC, one of a day has no hour and no zone, so no time zone has to be described.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from westlake.dates import iso
from westlake.words import say

KINDS = ("call_closes", "supplement_due", "objection_ends", "milestone_due", "repayment_due", "agreement_due",
         "review_due")
OCTETS_MAX = 75


@dataclass(frozen=True)
class Deadline:
    """Something that has to be done in time.

    id: lasting, so that a calendar moves an entry instead of doubling it; due: day number, or `instant`:
    microseconds UTC where the hour counts; changed: how often it was moved.
    """

    id: str
    kind: str
    title: str
    due: int | None = None
    instant: int | None = None
    description: str = ""
    url: str = ""
    changed: int = 0


def write_calendar(deadlines: Iterable[Deadline], name: str, host: str, now: int, lang: str) -> bytes:
    """The calendar as bytes, deadlines in the order of their ids. host: makes the ids unique in the world;
    now: instant in microseconds UTC. `ValueError` for a deadline without exactly one of `due` and `instant`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Westlake//Westlake//EN", "CALSCALE:GREGORIAN",
             "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for deadline in sorted(deadlines, key=lambda one: one.id):
        lines += _event(deadline, host, now, lang)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(deadline: Deadline, host: str, now: int, lang: str) -> Iterator[str]:
    if deadline.kind not in KINDS or (deadline.due is None) == (deadline.instant is None):
        raise ValueError(f"{deadline.id} is of no known kind, or not due at exactly one time")
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(deadline.id)}@{host}"
    yield f"DTSTAMP:{_instant(now)}"
    if deadline.due is not None:
        yield f"DTSTART;VALUE=DATE:{iso(deadline.due).replace('-', '')}"
        yield f"DTEND;VALUE=DATE:{iso(deadline.due + 1).replace('-', '')}"  # the end is not part of it
    elif deadline.instant is not None:
        yield f"DTSTART:{_instant(deadline.instant)}"
    yield f"SEQUENCE:{deadline.changed}"
    yield f"SUMMARY:{_text(say(f'desk_files.deadline.{deadline.kind}', lang, title=deadline.title))}"
    if deadline.description:
        yield f"DESCRIPTION:{_text(deadline.description)}"
    if deadline.url:
        yield f"URL:{_line(deadline.url)}"
    yield "TRANSP:TRANSPARENT"  # a deadline keeps nobody from meeting
    yield "END:VEVENT"


def _instant(instant_us: int) -> str:
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=instant_us)
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Backslash, semicolon and comma escaped, line ends written as \\n; other controls may not stand in a file."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _line("\\n".join(escaped.splitlines()))


def _line(text: str) -> str:
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


def _folded(line: str) -> Iterator[bytes]:
    """Lines of at most 75 octets, no letter torn in two; all but the first begin with a blank."""
    part, room = b"", OCTETS_MAX
    for sign in line:
        raw = sign.encode()
        if len(part) + len(raw) > room:
            yield part
            part = b" "
        part += raw
    yield part

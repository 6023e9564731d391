"""Who has agreed to which notice on personal data: an act of the record for each time, the newest counts."""

from __future__ import annotations

from typing import NamedTuple

from westlake.database import Connection
from westlake.desk.people import Person
from westlake.record import Record

AGREED = "desk.notice_agreed"


class Consent(NamedTuple):
    """notice: the digest of the text that somebody agreed to; at: microseconds UTC."""

    notice: str
    at: int


def agree(record: Record, person: Person, notice: str, language: str) -> None:
    """Write down that somebody agreed to a notice, which they read in a language."""
    record.add(person.actor, AGREED, person.actor, {"notice": notice, "language": language})


def last_consent(connection: Connection, person: Person) -> Consent | None:
    """What somebody last agreed to; None for one who was never asked."""
    found = None
    for act in Record(connection).acts(person.actor, act=AGREED):
        found = Consent(str(act.details["notice"]), act.at)
    return found

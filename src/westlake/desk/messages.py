"""Messages about a case: an applicant asks, the office answers, and what is not answered yet is counted.

A message is an act of the record, its text personal and so erasable. The letter that tells of an answer says where it
stands and not what it says, so that what is erased from the record is erased everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from westlake.database import storable, transaction
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.outbox import write_letter
from westlake.desk.people import Person, find_person, person_number
from westlake.errors import Place, WestlakeError

ACT = "desk.note"
MESSAGES = ("SELECT a.at, a.actor, a.details, p.value FROM act a LEFT JOIN act_personal p ON p.act = a.id"
            " AND p.name = 'text' WHERE a.subject = ? AND a.act = ? ORDER BY a.id")
TEXT_MAX = 4_000
_FROM_OFFICE = '{"by":"office"}'  # as the record writes details
UNANSWERED = (  # a condition on desk_case under the name `c`: the last message is not the office's
    f"'case:' || CAST(c.id AS TEXT) IN (SELECT n.subject FROM act n WHERE n.act = '{ACT}'"
    f" AND n.details <> '{_FROM_OFFICE}' AND NOT EXISTS (SELECT 1 FROM act m WHERE m.subject = n.subject"
    f" AND m.act = '{ACT}' AND m.id > n.id AND m.details = '{_FROM_OFFICE}'))")


@dataclass(frozen=True)
class Message:
    """One message. at: microseconds UTC; actor: who wrote; text: None where it was erased."""

    at: int
    actor: str
    from_office: bool
    text: str | None


def messages_of(desk: Desk, case: Case) -> list[Message]:
    """The messages about a case, first to last."""
    rows = desk.connection.execute(MESSAGES, (case.subject, ACT)).fetchall()
    return [Message(at, actor, details == _FROM_OFFICE, None if value is None else json.loads(value))
            for at, actor, details, value in rows]


def waits_for_answer(before: Sequence[Message]) -> bool:
    """Whether the last of a case's messages waits for the office's answer."""
    return bool(before) and not before[-1].from_office


def ask(desk: Desk, case: Case, person: Person, text: str) -> None:
    """A word to the office about a case; W1062 for none, or one that is too long."""
    _add(desk, case, person, "applicant", text)


def answer(desk: Desk, case: Case, person: Person, text: str) -> None:
    """The office's answer, or its own word; whoever asked last, else the applicant, gets a letter that says which it
    is; W1062 as above."""
    with transaction(desk.connection):
        before = messages_of(desk, case)
        asked = [one.actor for one in before if not one.from_office]
        _add(desk, case, person, "office", text)
        write_letter(desk, case, "answered" if waits_for_answer(before) else "written", {}, released=True,
                     to=find_person(desk.connection, person_number(asked[-1])) if asked else None)


def _add(desk: Desk, case: Case, person: Person, by: str, text: str) -> None:
    text = text.strip()
    if not text or not storable(text, TEXT_MAX):
        raise WestlakeError.one("W1062", Place(field="text"), most=f"{TEXT_MAX:,}")
    desk.record.add(person.actor, ACT, case.subject, {"by": by}, day=desk.today(), personal={"text": text})

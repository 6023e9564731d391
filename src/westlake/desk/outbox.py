"""Letters of the desk: written when a step says so, kept as drafts until let go, sent by the worker, never twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from westlake.database import rows_among, transaction
from westlake.dates import iso
from westlake.desk.acting import acting_for
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.people import Person, find_person
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.words import catalogue, fill, say, say_to

_BLANK = re.compile(r"\n{3,}")  # where nothing was put in
_COLUMNS = "id, case_id, person, kind, language, subject, body, state, at, moved_at"


@dataclass(frozen=True)
class Letter:
    """A letter in the outbox. state: draft, released, sent, dropped."""

    id: int
    case: int | None
    person: int | None
    kind: str
    language: str
    subject: str
    body: str
    state: str
    at: int
    moved_at: int


def write_letter(desk: Desk, case: Case, kind: str, said: Mapping[str, object], released: bool,
                 to: Person | None = None) -> int:
    """Write a letter about a case in its reader's language; its number.

    said: note, day and appeal_until (day numbers), days, submission (of an application, from 1), released (minor
    units that were set aside and come free). What is not known is left out.
    """
    reader = to or find_person(desk.connection, acting_for(desk, case))
    assert reader is not None, "who acts for a case is a person of the desk"
    lang, firm, offered = reader.language, speaks_for_firm(reader, case), desk.offered(case.programme)
    day, freed, version = said.get("day") or case.due, said.get("released"), said.get("submission", 1)
    key = f"desk.letter.{text_of(kind, case.kind, again=version != 1, dated=isinstance(day, int))}"
    values = {"name": reader.name, "number": case.number, "title": case.title, "note": str(said.get("note", "")),
              "amount": format_money(case.amount, case.currency, sign=True), "days": said.get("days", ""),
              "released": format_money(freed, case.currency, sign=True) if isinstance(freed, int) else "",
              "state": offered.workflow.word("state", case.state, lang),
              "day": iso(day) if isinstance(day, int) else "",
              "programme": fill(offered.programme.words.title, lang), "version": version}
    parts = [say("desk.letter_greeting", lang, **values), say_to(f"{key}.body", lang, firm, **values)]
    if isinstance(last := said.get("appeal_until"), int):
        parts.append(say("desk.letter_appeal", lang, day=iso(last)))
    return _write(desk, case, reader, kind, say_to(f"{key}.subject", lang, firm, **values), "\n\n".join(parts),
                  "released" if released else "draft")


def text_of(kind: str, case: str, again: bool = False, dated: bool = True) -> str:
    """The name of the text for a kind of letter about a kind of case; `moved` for a kind that has none of its own."""
    names = (f"{kind}_{case}", f"{kind}_again" if again else "", "" if dated else f"{kind}_undated", kind)
    return next((name for name in names if f"desk.letter.{name}.subject" in catalogue()), "moved")


def speaks_for_firm(reader: Person, case: Case) -> bool:
    """Whether a letter about a case is read by somebody of its firm, and not by a person or by who objects to it."""
    return bool(case.firm) and reader.firm == case.firm


def write_to_person(desk: Desk, to: Person, kind: str, values: Mapping[str, object]) -> int:
    """Write and let go a letter to somebody that is about no case, in their language; its number."""
    parts = (say("desk.letter_greeting", to.language, name=to.name),
             say(f"desk.letter.{kind}.body", to.language, **values))
    return _write(desk, None, to, kind, say(f"desk.letter.{kind}.subject", to.language, **values), "\n\n".join(parts),
                  "released")


def _write(desk: Desk, case: Case | None, to: Person, kind: str, subject: str, body: str, state: str) -> int:
    now = desk.now()
    row = desk.connection.execute(
        "INSERT INTO desk_message (case_id, person, kind, language, subject, body, state, at, moved_at)"
        " VALUES (?,?,?,?,?,?,?,?,?) RETURNING id",
        (case.id if case else None, to.id, kind, to.language, subject, _BLANK.sub("\n\n", body).strip(), state, now,
         now)).fetchone()
    return int(row[0])


def letters(desk: Desk, *, case: int | None = None, person: int | None = None, state: str = "",
            limit: int = 200) -> list[Letter]:
    """Letters about a case, to a person, in a state (all of these that are given), newest first."""
    return [Letter(*row) for row in desk.connection.execute(*letters_asked(case, person, state, limit))]


def letters_asked(case: int | None = None, person: int | None = None, state: str = "",
                  limit: int = 200) -> tuple[str, tuple[object, ...]]:
    """How the outbox is asked for them."""
    wanted = {name: one for name, one in (("case_id", case), ("person", person), ("state", state or None))
              if one is not None}
    where = " AND ".join(f"{name} = ?" for name in wanted) or "1 = 1"
    return f"SELECT {_COLUMNS} FROM desk_message WHERE {where} ORDER BY id DESC LIMIT ?", (*wanted.values(), limit)


def letters_among(desk: Desk, roots: Iterable[int]) -> list[tuple[int, Letter]]:
    """The letters about some applications and what follows from them, but for what others object, each with the
    application that it belongs to; in one question."""
    return [(root, Letter(*row)) for root, *row in rows_among(
        desk.connection, f"SELECT r.id, {', '.join(f'm.{name}' for name in _COLUMNS.split(', '))} FROM desk_case r JOIN"
        " desk_case f ON f.id = r.id OR (f.parent = r.id AND f.applicant = r.applicant) JOIN desk_message m ON"
        " m.case_id = f.id WHERE r.id IN ({keys})", sorted(roots))]


def move_letter(desk: Desk, number: int, person: Person | None, came_from: str, went_to: str) -> None:
    """draft → released or dropped by a person, released → sent by the worker; W997 when it is not where it was."""
    with transaction(desk.connection):
        row = desk.connection.execute(
            "UPDATE desk_message SET state = ?, moved_at = ? WHERE id = ? AND state = ? RETURNING id",
            (went_to, desk.now(), number, came_from)).fetchone()
        if row is None:
            raise WestlakeError.one("W997", number=number, state=came_from)
        if person is not None:
            desk.record.add(person.actor, f"desk.letter_{went_to}", f"letter:{number}")


def edit_letter(desk: Desk, number: int, person: Person, subject: str, body: str) -> None:
    """Change a draft; W997 once it has been let go."""
    with transaction(desk.connection):
        row = desk.connection.execute(
            "UPDATE desk_message SET subject = ?, body = ?, moved_at = ? WHERE id = ? AND state = 'draft' RETURNING id",
            (subject, body, desk.now(), number)).fetchone()
        if row is None:
            raise WestlakeError.one("W997", number=number, state="draft")
        desk.record.add(person.actor, "desk.letter_changed", f"letter:{number}")

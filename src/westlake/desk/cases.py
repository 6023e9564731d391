"""Cases: opened, drafted field by field, and found again; only a step moves one (steps.py)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from westlake.database import rows_among, transaction
from westlake.desk.calls import Call, find_call
from westlake.desk.desk import Desk
from westlake.desk.people import Person
from westlake.desk.seals import submission_digest
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError

COLUMNS = ("id, number, kind, parent, call, programme, year, currency, firm, applicant, opened_at, title, asked,"
           " amount, due, state, seq, submitted_at, moved_at")
OF_C = ", ".join(f"c.{name.strip()}" for name in COLUMNS.split(","))  # the same, of desk_case under the name `c`
ONE = f"SELECT {COLUMNS} FROM desk_case WHERE id = ?"
FOLLOWING = f"SELECT {COLUMNS} FROM desk_case WHERE parent = ? ORDER BY id"
ANSWERS = "SELECT field, value FROM desk_answer WHERE case_id = ? ORDER BY field"
STEPS = ("SELECT seq, step, came_from, went_to, person, role, at, act, data FROM desk_step WHERE case_id = ?"
         " ORDER BY seq")
DUE_STATES = ("supplement", "awarded", "planned", "demanded")  # in which a case waits for its applicant until its day
TITLE, ASKED = "title", "asked_amount"  # the two answers that every application has beside its programme's own


@dataclass(frozen=True)
class Case:
    """A case as it stands. asked, amount: minor units; amount: what was promised, asked back or is to be paid."""

    id: int
    number: str
    kind: str
    parent: int | None
    call: int | None
    programme: str
    year: int
    currency: str
    firm: str
    applicant: int
    opened_at: int
    title: str
    asked: int
    amount: int
    due: int | None
    state: str
    seq: int
    submitted_at: int | None
    moved_at: int

    @property
    def subject(self) -> str:
        """How the record names it."""
        return f"case:{self.id}"


@dataclass(frozen=True)
class StepTaken:
    """A step as it was taken. person: None for the system; data: what was said, and what came of it."""

    seq: int
    name: str
    came_from: str
    went_to: str
    person: int | None
    role: str
    at: int
    act: int
    data: Mapping[str, object]


def open_application(desk: Desk, person: Person, call: Call, firm: str) -> Case:
    """Begin an application; W921 unless the call is open. A draft counts for nothing until it is submitted."""
    if call.state(desk.now()) != "open":
        raise WestlakeError.one("W921", code=call.code)
    with transaction(desk.connection):
        count = desk.connection.execute("SELECT count(*) FROM desk_case WHERE call = ? AND kind = ?",
                                        (call.id, APPLICATION)).fetchone()[0]
        return _open(desk, person, f"{call.code}-{count + 1:04d}", APPLICATION, None, call.id, call.programme,
                     call.year, firm)


def open_following(desk: Desk, person: Person, parent: Case, kind: str, title: str = "", amount: int = 0,
                   due: int | None = None, *, applicant: Person | None = None) -> Case:
    """Open a case that follows from another: a milestone, an appeal, a recovery; numbered after its parent.

    applicant: whose case it is and who is written to, where that is not the parent's own: who objects to it.
    """
    with transaction(desk.connection):
        count = desk.connection.execute("SELECT count(*) FROM desk_case WHERE parent = ?", (parent.id,)).fetchone()[0]
        return _open(desk, person, f"{parent.number}/{count + 1}", kind, parent.id, parent.call, parent.programme,
                     parent.year, parent.firm, applicant.id if applicant else parent.applicant, title, amount, due)


def _open(desk: Desk, person: Person, number: str, kind: str, parent: int | None, call: int | None, programme: str,
          year: int, firm: str, applicant: int = 0, title: str = "", amount: int = 0, due: int | None = None) -> Case:
    offered, at = desk.offered(programme), desk.now()
    if kind not in offered.workflow.kinds:
        raise WestlakeError.one("W922", programme=programme, kind=kind)
    row = desk.connection.execute(
        "INSERT INTO desk_case (number, kind, parent, call, programme, year, currency, firm, applicant, opened_at,"
        " title, asked, amount, due, state, seq, submitted_at, moved_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,0,?,?,?,0,NULL,?) RETURNING id",
        (number, kind, parent, call, programme, year, offered.programme.currency, firm, applicant or person.id, at,
         title, amount, due, offered.workflow.kinds[kind].start, at)).fetchone()
    desk.record.add(person.actor, "desk.case_opened", f"case:{row[0]}", {
        "number": number, "kind": kind, "parent": parent, "call": call, "firm": firm, "amount": amount, "due": due},
        offered.programme.digest)
    return find_case(desk, row[0])


def find_case(desk: Desk, number: int) -> Case:
    """A case by its id; W920 if there is none."""
    row = desk.connection.execute(ONE, (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"case {number}")
    return Case(*row)


def cases_among(desk: Desk, numbers: Iterable[int]) -> dict[int, Case]:
    """Several cases by id, in one question."""
    return {row[0]: Case(*row) for row in rows_among(
        desk.connection, f"SELECT {COLUMNS} FROM desk_case WHERE id IN ({{keys}})", sorted(set(numbers)))}


def following(desk: Desk, case: Case, kind: str = "") -> list[Case]:
    """The cases that follow from a case, first to last; of one kind if it is named (the question is the same one)."""
    rows = desk.connection.execute(FOLLOWING, (case.id,))
    return [one for one in (Case(*row) for row in rows) if kind in ("", one.kind)]


def root_of(desk: Desk, case: Case) -> Case:
    """The application that a case follows from; itself if it is one."""
    while case.parent is not None:
        case = find_case(desk, case.parent)
    return case


def roots_among(desk: Desk, numbers: Iterable[int]) -> dict[int, Case]:
    """The applications that several cases follow from, by these cases' ids."""
    found = cases_among(desk, numbers)
    while above := {case.parent for case in found.values() if case.parent is not None}:
        parents = cases_among(desk, above)
        found = {number: parents[case.parent] if case.parent is not None else case for number, case in found.items()}
    return found


def steps_of(desk: Desk, case: Case) -> list[StepTaken]:
    """Every step a case has taken, first to last."""
    rows = desk.connection.execute(STEPS, (case.id,))
    return [StepTaken(seq, step, came_from, went_to, person, role, at, act, json.loads(data))
            for seq, step, came_from, went_to, person, role, at, act, data in rows]


def answers(desk: Desk, case: Case) -> dict[str, str]:
    """What the applicant has written so far, field → text."""
    return dict(desk.connection.execute(ANSWERS, (case.id,)).fetchall())


def answers_among(desk: Desk, cases: Iterable[int]) -> dict[int, dict[str, str]]:
    """What the applicants of several cases have written, by case, in one question."""
    found: dict[int, dict[str, str]] = {case: {} for case in cases}
    for case, field, value in rows_among(desk.connection, "SELECT case_id, field, value FROM desk_answer WHERE case_id"
                                         " IN ({keys}) ORDER BY case_id, field", sorted(found)):
        found[case][field] = value
    return found


def submit_answers(desk: Desk, case: Case, person: Person, files: Iterable[Mapping[str, object]]) -> tuple[int, str]:
    """Fix what is written as it now stands: the submission's number, and its digest, which the receipt shows."""
    given, listed = answers(desk, case), [dict(one) for one in files]
    count = desk.connection.execute("SELECT count(*) FROM desk_submission WHERE case_id = ?", (case.id,)).fetchone()[0]
    texts = [json.dumps(part, ensure_ascii=False, sort_keys=True) for part in (given, listed)]
    digest = submission_digest(case.number, count + 1, *texts)
    desk.connection.execute("INSERT INTO desk_submission VALUES (?,?,?,?,?,?,?)", (
        case.id, count + 1, person.id, desk.now(), *texts, digest))
    return count + 1, digest


def call_of(desk: Desk, case: Case) -> Call | None:
    """The call that a case answers, if it answers one."""
    return find_call(desk, case.call) if case.call is not None else None


def term_of(desk: Desk, case: Case, name: str) -> int:
    """A whole number that the terms of a case's call set, else its programme's (see workflow.TERMS)."""
    call = call_of(desk, case)
    return call.number(name) if call is not None and name in call.terms else desk.offered(
        case.programme).workflow.terms[name]

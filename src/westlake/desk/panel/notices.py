"""Making known: who is to be supported is published for so many days, in which anyone may object with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from westlake.database import storable, transaction
from westlake.desk.calls import Call, check_taken_in
from westlake.desk.cases import Case, find_case, open_following
from westlake.desk.desk import Desk
from westlake.desk.panel.runs import Run
from westlake.desk.panel.standing import places, standing
from westlake.desk.people import Person
from westlake.errors import Place, WestlakeError

OBJECTION = "objection"
REASON = "reason"  # the answer that an objection consists of
REASON_MAX = 4_000
_NOTICE = "SELECT id, call, run, first_day, last_day, cases, person, at FROM desk_notice"


@dataclass(frozen=True)
class Notice:
    """What was made known. first_day, last_day: day numbers, both included; cases: ids of applications, by number."""

    id: int
    call: int
    run: int | None
    first_day: int
    last_day: int
    cases: tuple[int, ...]
    person: int
    at: int

    def runs_on(self, day: int) -> bool:
        """Whether one may object on a day."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Objection:
    """An objection to a case that was made known. person: who objects; the applicant is not told."""

    case: Case
    against: int
    person: int
    reason: str


def publish(desk: Desk, call: Call, person: Person, run: Run, days: int | None = None,
            cases: Iterable[int] | None = None) -> Notice:
    """Make known, from today on, who is chosen by a selection with what the chair decided otherwise.

    days: the call's `objection_days` unless given; cases: ids, all that are chosen unless given. W1050 for less than
    a day, W1051 for nobody to make known, or a case that this selection has not chosen, W1180 while the call still
    takes applications or corrections.
    """
    check_taken_in(desk, call)
    length = call.number("objection_days") if days is None else days
    if length < 1:
        raise WestlakeError.one("W1050", Place(field="days"))
    with transaction(desk.connection):
        last = {one.case.id for one in standing(desk, call) if one.run == run.id}
        able = [one.case.id for one in places(desk, run) if one.chosen and one.case.id in last]
        named = able if cases is None else list(cases)
        if run.call != call.id or not named or not set(named) <= set(able):
            raise WestlakeError.one("W1051", code=call.code)
        listed, today = [number for number in able if number in set(named)], desk.today()
        row = desk.connection.execute(
            "INSERT INTO desk_notice (call, run, first_day, last_day, cases, person, at) VALUES (?,?,?,?,?,?,?)"
            " RETURNING id", (call.id, run.id, today, today + length - 1, f",{','.join(map(str, listed))},", person.id,
                              desk.now())).fetchone()
        desk.record.add(person.actor, "desk.notice_published", f"call:{call.id}", {
            "notice": row[0], "run": run.id, "first_day": today, "last_day": today + length - 1, "cases": listed})
    return find_notice(desk, row[0])


def find_notice(desk: Desk, number: int) -> Notice:
    """A notice by number; W920 if there is none."""
    row = desk.connection.execute(f"{_NOTICE} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"notice {number}")
    return _notice(row)


def notices(desk: Desk, call: Call | None = None) -> list[Notice]:
    """All notices, or those of a call, newest first."""
    rows = desk.connection.execute(f"{_NOTICE} WHERE CAST(? AS BIGINT) IS NULL OR call = ? ORDER BY id DESC",
                                   2 * [call.id if call else None])
    return [_notice(row) for row in rows]


def object_to(desk: Desk, notice: Notice, case: Case, person: Person, reason: str) -> Case:
    """Object to a case that was made known; the objection is a case of its own that holds up what guards name.

    It is the case of whoever objects: its letters go to them, and never to the firm that it is about.

    W1052 once the days are over, W1053 for a case that the notice does not name, W1035 without a reason, W922 for
    a programme whose table has no objections.
    """
    if not reason.strip() or not storable(reason, REASON_MAX):
        raise WestlakeError.one("W1035", Place(field="reason"))
    if not notice.runs_on(desk.today()):
        raise WestlakeError.one("W1052")
    if case.id not in notice.cases:
        raise WestlakeError.one("W1053", number=case.number)
    with transaction(desk.connection):
        opened = open_following(desk, person, case, OBJECTION, reason.strip()[:200], applicant=person)
        desk.connection.execute("INSERT INTO desk_answer (case_id, field, value, person, at) VALUES (?,?,?,?,?)",
                                (opened.id, REASON, reason.strip(), person.id, desk.now()))
    return find_case(desk, opened.id)


def objections(desk: Desk, notice: Notice) -> list[Objection]:
    """The objections to the cases of a notice, first to last. For the office: it names who objects."""
    marks = ",".join("?" * len(notice.cases))
    rows = desk.connection.execute(
        "SELECT c.id, c.parent, a.person, a.value FROM desk_case c JOIN desk_answer a ON a.case_id = c.id"
        f" AND a.field = ? WHERE c.kind = ? AND c.parent IN ({marks}) AND c.opened_at >= ? ORDER BY c.id",
        (REASON, OBJECTION, *notice.cases, notice.at)).fetchall()
    return [Objection(find_case(desk, row[0]), *row[1:]) for row in rows]


def _notice(row: Sequence[Any]) -> Notice:
    return Notice(row[0], row[1], row[2], row[3], row[4], tuple(int(case) for case in row[5].split(",") if case),
                  row[6], row[7])

"""An application while it is written: every field is kept as soon as it is left, until what is written is submitted."""

from __future__ import annotations

from collections.abc import Mapping

from westlake.database import storable, transaction
from westlake.desk.cases import ASKED, TITLE, Case, answers, find_case
from westlake.desk.deciding import asked_amount, asked_inputs, check_answer
from westlake.desk.desk import Desk, Offered
from westlake.desk.moment import Moment
from westlake.desk.people import Held, Person
from westlake.errors import Place, Problem, WestlakeError

EDIT = "edit"  # the row of the table that says in which states, and under which guards, answers may be written
TEXT_MAX = 4_000


def fields_of(offered: Offered) -> list[str]:
    """The names of everything an application asks, in order."""
    return [TITLE, *(item.name for item in asked_inputs(offered))]


def why_not_edit(desk: Desk, case: Case, person: Person, held: Held) -> Problem | None:
    """What keeps a person from writing in a case now; nothing when they may."""
    from westlake.desk.guards import GUARDS  # noqa: PLC0415 - guards look at drafts as well
    step = desk.offered(case.programme).workflow.kinds[case.kind].step(EDIT, case.state)
    if step is None or held.role not in step.who:
        return Problem("W984", values={"number": case.number})
    moment = Moment(desk, case, step, person, held, {})
    return next((problem for use in step.guards if (problem := GUARDS[use.name](moment, *use.given))), None)


def save_answers(desk: Desk, case: Case, person: Person, held: Held, given: Mapping[str, str]) -> list[Problem]:
    """Keep answers as they are, complete or not, and say what is wrong with them: nothing that was typed is lost.

    W984 and the guard's own problem when the case may not be written in now; W995 for a field that is not asked.
    """
    offered = desk.offered(case.programme)
    known = fields_of(offered)
    for field, text in given.items():
        if field not in (*known, ASKED):
            raise WestlakeError.one("W995", Place(field=field), field=field)
        if not storable(text, TEXT_MAX):
            raise WestlakeError.one("W996", Place(field=field), most=f"{TEXT_MAX:,}")
    with transaction(desk.connection):
        case = find_case(desk, case.id)
        problem = why_not_edit(desk, case, person, held)
        if problem is not None:
            raise WestlakeError([problem])
        now = desk.now()
        for field, text in given.items():
            desk.connection.execute(
                "INSERT INTO desk_answer (case_id, field, value, person, at) VALUES (?,?,?,?,?)"
                " ON CONFLICT (case_id, field)"
                " DO UPDATE SET value = excluded.value, person = excluded.person, at = excluded.at",
                (case.id, field, text, person.id, now))
        if case.seq == 0:
            written = answers(desk, case)
            desk.connection.execute("UPDATE desk_case SET title = ?, asked = ? WHERE id = ?", (
                written.get(TITLE, "")[:200], asked_amount(offered, written), case.id))
    return check_answers(offered, given)


def check_answers(offered: Offered, given: Mapping[str, str]) -> list[Problem]:
    """What is wrong with answers by themselves: unreadable, or out of the range that the form declares."""
    found = []
    for field, text in given.items():
        item = offered.programme.inputs.get(field)
        if item is not None and text.strip() and (problem := check_answer(item, text, offered.programme.currency)):
            found.append(problem)
    return found

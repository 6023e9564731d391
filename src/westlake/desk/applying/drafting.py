"""An application while it is written: every field is kept as soon as it is left, until what is written is submitted."""

from __future__ import annotations

from collections.abc import Mapping

from westlake.database import storable, transaction
from westlake.desk.applying.deciding import asked_amount, asked_inputs, check_answer
from westlake.desk.applying.numbers import as_kept
from westlake.desk.asking import SECTION_MOST, is_asked
from westlake.desk.cases import ASKED, TITLE, Case, answers, find_case
from westlake.desk.desk import Desk, Offered
from westlake.desk.moment import Moment
from westlake.desk.people import Held, Person
from westlake.errors import Place, Problem, WestlakeError
from westlake.rules import Kind
from westlake.words import Text, catalogue

EDIT = "edit"  # the row of the table that says in which states, and under which guards, answers may be written
TEXT_MAX = 4_000
PROPOSAL_MAX = 2 * SECTION_MOST  # kept of a section, however long: what is over is told, and nothing is lost


def fields_of(offered: Offered, written: Mapping[str, str] | None = None) -> list[str]:
    """The names of everything an application asks, in order; with answers so far, of what their route asks."""
    return [TITLE, *(item.name for item in asked_inputs(offered, written)),
            *(one.name for one in offered.workflow.proposal)]


def called(offered: Offered, field: str) -> Text:
    """What people call an answer: the programme's word for its own, the desk's for those of every application."""
    section = next((one for one in offered.workflow.proposal if one.name == field), None)
    return section.words if section else catalogue().get(f"desk.answer.{field}") or offered.programme.label(field)


def text_most(offered: Offered, field: str) -> int:
    """How many characters of an answer are kept."""
    return PROPOSAL_MAX if any(one.name == field for one in offered.workflow.proposal) else TEXT_MAX


def resting(offered: Offered, written: Mapping[str, str]) -> dict[str, str]:
    """Of what is written, the answers that the amount rests on: those from which the rules reach what is asked, claimed
    and given, and those by which earlier awards are counted. One not given yet may be given; not so an amount asked."""
    graph, roles, facts = offered.programme.graph, offered.terms.decides, offered.workflow.facts
    names = graph.upstream(roles[role] for role in ("base", "claim", "entitlement"))
    names |= {key for name in names if name in facts for key in facts[name].by}
    asked = [item.name for item in asked_inputs(offered) if item.name in names]
    return {ASKED: written.get(ASKED, ""), **{name: written[name] for name in asked if written.get(name, "").strip()}}


def stands(desk: Desk, case: Case) -> dict[str, str]:
    """The answers of a case that may not be written anew where it stands, as they are kept."""
    step = desk.offered(case.programme).workflow.kinds[case.kind].step(EDIT, case.state)
    keeps = step is not None and any(use.name == "amount_stands" for use in step.guards)
    return resting(desk.offered(case.programme), answers(desk, case)) if keeps else {}


def why_not_edit(desk: Desk, case: Case, person: Person, held: Held,
                 given: Mapping[str, str] | None = None) -> Problem | None:
    """What keeps a person from writing in a case now, or from writing just this (`given`); nothing when they may."""
    from westlake.desk.guards import GUARDS  # noqa: PLC0415 - guards look at drafts as well
    step = desk.offered(case.programme).workflow.kinds[case.kind].step(EDIT, case.state)
    if step is None or held.role not in step.who:
        return Problem("W984", values={"number": case.number})
    moment = Moment(desk, case, step, person, held, given or {})
    return next((problem for use in step.guards if (problem := GUARDS[use.name](moment, *use.given))), None)


def save_answers(desk: Desk, case: Case, person: Person, held: Held, given: Mapping[str, str]) -> list[Problem]:
    """Keep answers as they are, complete or not, and say what is wrong with them: nothing that was typed is lost.

    But for how a number of somebody or something is typed (`as_kept`): else it would be another's, and a cap be counted
    anew.
    W984 and the guard's own problem when the case, or this answer, may not be written now; W995 for a field
    that is not asked.
    """
    offered = desk.offered(case.programme)
    known = fields_of(offered)
    for field, text in given.items():
        if field not in (*known, ASKED):
            raise WestlakeError.one("W995", Place(field=field), field=field)
        if not storable(text, most := text_most(offered, field)):
            raise WestlakeError.one("W996", Place(field=field), most=f"{most:,}")
    with transaction(desk.connection):
        case = find_case(desk, case.id)
        problem = why_not_edit(desk, case, person, held, given)
        if problem is not None:
            raise WestlakeError([problem])
        now = desk.now()
        for field, text in given.items():
            item = offered.programme.inputs.get(field)
            text = as_kept(text) if item is not None and item.kind is Kind.ID else text
            desk.connection.execute(
                "INSERT INTO desk_answer (case_id, field, value, person, at) VALUES (?,?,?,?,?)"
                " ON CONFLICT (case_id, field)"
                " DO UPDATE SET value = excluded.value, person = excluded.person, at = excluded.at",
                (case.id, field, text, person.id, now))
        if case.seq == 0:
            written = answers(desk, case)
            desk.connection.execute("UPDATE desk_case SET title = ?, asked = ? WHERE id = ?", (
                written.get(TITLE, "")[:200], asked_amount(offered, written), case.id))
    return check_answers(offered, given, answers(desk, case))


def check_answers(offered: Offered, given: Mapping[str, str], kept: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong with answers by themselves: unreadable, out of the range that the form declares, or too long.

    kept: answers given before; with them, what is given tells the route, and what that does not ask cannot be wrong.
    """
    found, workflow = [], offered.workflow
    said = {**(kept or {}), **given}
    sections = {one.name: one for one in workflow.proposal}
    for field, text in given.items():
        item = offered.programme.inputs.get(field)
        problem = None
        if item is not None and text.strip() and is_asked(workflow.asked_when, field, said):
            problem = check_answer(item, text, offered.programme.currency)
        elif field in sections:
            problem = sections[field].problem(text)
        if problem is not None:
            found.append(problem)
    return found

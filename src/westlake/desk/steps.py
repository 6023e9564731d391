"""Taking a step: the one way a case moves. Who may, what must hold and what it does stand in its programme's table.

The case, the act and whatever money moves commit together. Whoever saw an older state is told so: a step is
taken from the state that its taker looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from westlake.database import transaction
from westlake.desk.acting import acting_for
from westlake.desk.cases import Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.effects import EFFECTS
from westlake.desk.guards import GUARDS
from westlake.desk.moment import Moment
from westlake.desk.people import EVERY, OUTSIDE, Held, Person
from westlake.desk.workflow import SYSTEM, Step, Workflow, read_workflow
from westlake.errors import Place, Problem, WestlakeError
from westlake.failpoints import failpoint
from westlake.rules import Programme

EDIT = "edit"


@dataclass(frozen=True)
class Possible:
    """A step that a person's roles allow now; problem: what still keeps it from being taken."""

    step: Step
    held: Held
    problem: Problem | None


@dataclass(frozen=True)
class Taken:
    """What came of a step: the case as it now stands, and what the act tells."""

    case: Case
    step: Step
    told: Mapping[str, object]


def read_table(programme: Programme) -> Workflow:
    """A programme's workflow.yaml, its guards and effects checked against those there are."""
    return read_workflow(programme, frozenset(GUARDS), frozenset(EFFECTS))


def fitting(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> list[Held]:
    """The roles that a person holds towards a case: of an application for which they act, their firm's, or the
    programme's."""
    found = []
    for held in sorted(roles):
        if held.role == "applicant":
            fits = acting_for(desk, case) == person.id
        elif held.role in OUTSIDE and held.firm:
            fits = held.firm == case.firm
        elif held.role in OUTSIDE:
            fits = held.role != "co_applicant" and held.programme in (EVERY, case.programme)
        else:
            fits = held.programme in (EVERY, case.programme)
        if fits:
            found.append(held)
    return found


def possible(desk: Desk, case: Case, person: Person, roles: Iterable[Held], factor_at: int = 0) -> list[Possible]:
    """Every step that the table has for a person in this state, with what keeps it from being taken, if anything."""
    found, own = [], fitting(desk, case, person, roles)
    for step in desk.offered(case.programme).workflow.kinds[case.kind].from_state(case.state):
        held = next((one for one in own if one.role in step.who), None)
        if held is not None and step.name != EDIT:
            found.append(Possible(step, held, first_problem(Moment(desk, case, step, person, held, {}, factor_at))))
    return found


def first_problem(moment: Moment) -> Problem | None:
    """The first guard that says no."""
    return next((problem for use in moment.step.guards if (problem := GUARDS[use.name](moment, *use.given))), None)


def take(desk: Desk, case: Case, name: str, person: Person, roles: Iterable[Held],
         said: Mapping[str, object] | None = None, factor_at: int = 0) -> Taken:
    """Take a step from the case as its taker saw it.

    Raises W998 when the case has moved since, W999 when the table has no such step here or not for this
    person, W969 when something that is asked was not said, and whatever a guard or an effect refuses.
    """
    with transaction(desk.connection):
        now = find_case(desk, case.id)
        if now.seq != case.seq:
            raise WestlakeError.one("W998", number=case.number)
        workflow = desk.offered(now.programme).workflow
        step = workflow.kinds[now.kind].step(name, now.state)
        held = next((one for one in fitting(desk, now, person, roles) if step and one.role in step.who), None)
        if step is None or held is None or name == EDIT:
            raise WestlakeError.one("W999", number=now.number, step=workflow.text("step", name),
                                    state=workflow.text("state", now.state))
        return _carry_out(Moment(desk, now, step, person, held, dict(said or {}), factor_at))


def take_by_system(cause: Moment, case: Case, name: str) -> int:
    """Take a step that another case's step brings about; the number of the step. W999 when the table has none."""
    workflow = cause.desk.offered(case.programme).workflow
    step = workflow.kinds[case.kind].step(name, case.state)
    if step is None or SYSTEM not in step.who:
        raise WestlakeError.one("W999", number=case.number, step=workflow.text("step", name),
                                state=workflow.text("state", case.state))
    held = Held(SYSTEM, case.programme, standing_in_for=cause.held.standing_in_for)
    return _carry_out(Moment(cause.desk, case, step, cause.person, held, {**cause.said, "because_of": cause.case.id},
                             cause.factor_at)).case.seq


def take_as_system(desk: Desk, case: Case, name: str, person: Person,
                   said: Mapping[str, object] | None = None) -> Taken:
    """Take a step that something outside the table brings about (the bank's word), as brought in by a person; W999 when
    the table has none for the system here."""
    with transaction(desk.connection):
        now = find_case(desk, case.id)
        workflow = desk.offered(now.programme).workflow
        step = workflow.kinds[now.kind].step(name, now.state)
        if step is None or SYSTEM not in step.who:
            raise WestlakeError.one("W999", number=now.number, step=workflow.text("step", name),
                                    state=workflow.text("state", now.state))
        return _carry_out(Moment(desk, now, step, person, Held(SYSTEM, now.programme), dict(said or {})))


def _carry_out(moment: Moment) -> Taken:
    desk, case, step = moment.desk, moment.case, moment.step
    for name in step.asks:
        if moment.said.get(name) in (None, ""):
            raise WestlakeError.one("W969", Place(field=name), name=name)
    problem = first_problem(moment)
    if problem is not None:
        raise WestlakeError([problem])
    for use in step.effects:
        EFFECTS[use.name](moment, *use.given)
    went_to, seq, at = step.target(case.state), case.seq + 1, moment.at
    told = {**moment.told, "said": dict(moment.said), "changes": dict(moment.changes)}
    if moment.held.standing_in_for:
        told["standing_in_for"] = moment.held.standing_in_for
    act = desk.record.add(
        moment.person.actor, f"desk.{step.name}", case.subject,
        {"number": case.number, "seq": seq, "from": case.state, "to": went_to, "role": moment.held.role, **told},
        moment.offered.programme.digest, day=moment.today)
    desk.connection.execute("INSERT INTO desk_step VALUES (?,?,?,?,?,?,?,?,?,?)", (
        case.id, seq, step.name, case.state, went_to, moment.person.id, moment.held.role, at, act.id,
        json.dumps(told, ensure_ascii=False, sort_keys=True)))
    columns = {"state": went_to, "seq": seq, "moved_at": at, **moment.changes}
    desk.connection.execute(f"UPDATE desk_case SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",
                            (*columns.values(), case.id))
    failpoint("desk.step_taken")
    return Taken(find_case(desk, case.id), step, told)

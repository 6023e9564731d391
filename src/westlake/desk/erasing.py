"""Somebody is forgotten: who they were goes, what was decided and paid stays, with a number in their place."""

from __future__ import annotations

from contextlib import suppress

from westlake.database import storable, transaction
from westlake.desk.acting import acting_among, before
from westlake.desk.cases import COLUMNS, Case, cases_among, following, roots_among
from westlake.desk.desk import Desk
from westlake.desk.paying.budgets import MILESTONE
from westlake.desk.people import OUTSIDE, Person, end_role, grants, roles_of
from westlake.errors import Place, Problem, WestlakeError

NOWHERE = "erased.invalid"  # a domain that nobody can have (RFC 2606)
REASON_MOST = 1_000
NAMED = 5  # open cases that a refusal names


def is_erased(person: Person) -> bool:
    """Whether somebody has been forgotten."""
    return person.email.endswith(f"@{NOWHERE}")


def why_not_erase(desk: Desk, person: Person, by: Person) -> Problem | None:
    """What keeps somebody from being forgotten; nothing when they can be.

    W1191 for oneself and for whoever is forgotten already, W1190 while they hold a role of the office or a case that
    they act for has not come to its end.
    """
    if person.id == by.id or is_erased(person):
        return Problem("W1191")
    roles = {one.role for one in roles_of(desk.connection, person.id, desk.now())} - {*OUTSIDE}
    cases = _acted_for(desk, person)
    roots = roots_among(desk, [case.id for case in cases])
    still = [case.number for case in cases if not _at_end(desk, case) and not (
        case.kind == MILESTONE and _at_end(desk, roots[case.id]))]  # a part ends with the agreement that it is of
    if not roles and not still:
        return None
    named = ", ".join([*still[:NAMED], *(["…"] if still[NAMED:] else [])])
    return Problem("W1190", values={"roles": len(roles), "open": named or "–"})


def _at_end(desk: Desk, case: Case) -> bool:
    return case.state in desk.offered(case.programme).workflow.kinds[case.kind].ends


def _acted_for(desk: Desk, person: Person) -> list[Case]:
    """The cases that somebody acts for: opened and never handed over, or taken over."""
    own = [Case(*row) for row in desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE applicant = ? ORDER BY id", (person.id,)).fetchall()]
    roots = cases_among(desk, before(desk, person)).values()
    taken = [case for root in roots for case in (root, *following(desk, root))]
    acting = acting_among(desk, [*own, *taken])
    return [case for case in {case.id: case for case in (*own, *taken)}.values() if acting[case.id] == person.id]


def erase_person(desk: Desk, person: Person, by: Person, reason: str) -> None:
    """Forget somebody: name, address, organisation and firm, every personal value in the record of what was done to
    them, or by them from outside; their roles end. Cases, letters and files are papers of the office and stay, and so
    does what it wrote by the hand of somebody who worked there.

    W1146 without a reason, and what `why_not_erase` says.
    """
    if not reason.strip() or not storable(reason, REASON_MOST):
        raise WestlakeError.one("W1146", Place(field="reason"))
    with transaction(desk.connection):
        problem = why_not_erase(desk, person, by)
        if problem is not None:
            raise WestlakeError([problem])
        held = grants(desk.connection, person=person.id)
        for one in held:
            if one.ended_at is None and one.last_at > desk.now():
                end_role(desk.connection, one.id, by, desk.now(), reason.strip())
        desk.connection.execute(
            "UPDATE desk_person SET name = '–', email = ?, organisation = '', firm = '' WHERE id = ?",
            (f"person-{person.id}@{NOWHERE}", person.id))
        desk.record.add(by.actor, "desk.person_erased", person.actor, {"reason": reason.strip()})
        with suppress(WestlakeError):  # W602: the record has nothing personal of them
            desk.record.erase(by.actor, person.actor, reason.strip(),
                              of=person.actor if all(one.held.role in OUTSIDE for one in held) else "")
    desk.connection.sweep()

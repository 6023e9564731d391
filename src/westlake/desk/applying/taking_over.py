"""A confirmed speaker of a firm takes over one of its applications: whoever applied may have left.

Nothing of the case changes but who acts for it: from then on they take its steps in their own name, letters go to them,
and money waits for the office's word on them.
"""

from __future__ import annotations

from collections.abc import Iterable

from westlake.database import transaction
from westlake.desk.acting import TAKEN_OVER, acting_for
from westlake.desk.applying.speaking import applies_for
from westlake.desk.cases import Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.people import Held, Person
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError


def may_take_over(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> bool:
    """Whether somebody may take over a case: an application that was handed in, of a firm for which they apply by the
    office's own word, and for which another acts."""
    return (case.kind == APPLICATION and case.submitted_at is not None
            and any(held.role == "applicant" for held in roles)
            and case.firm in applies_for(desk, person) and acting_for(desk, case) != person.id)


def take_over(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> None:
    """Let somebody act for an application from now on; W1133 for who may not, or acts for it already."""
    with transaction(desk.connection):
        now = find_case(desk, case.id)
        if not may_take_over(desk, now, person, roles):
            raise WestlakeError.one("W1133", number=now.number)
        desk.record.add(person.actor, TAKEN_OVER, now.subject,
                        {"number": now.number, "firm": now.firm, "before": acting_for(desk, now)}, day=desk.today())

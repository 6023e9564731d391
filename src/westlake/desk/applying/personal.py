"""Whoever applies in their own name, without a firm: the number under which their cases, account and money stand.

A programme says `applicant: person` in its workflow.yaml where that is possible. The number says nothing of who it is,
so that what is made public names nobody; the office is shown the name.
"""

from __future__ import annotations

from collections.abc import Iterable

from westlake.database import Connection
from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.people import Person, people_of

OWN = "person-"  # how such a number begins; no firm can be entered under one


def number_of(person: Person) -> str:
    """The number under which somebody applies in their own name."""
    return f"{OWN}{person.id}"


def is_personal(number: str) -> bool:
    """Whether a number is that of somebody who applies in their own name."""
    return number.startswith(OWN) and number.removeprefix(OWN).isdecimal()


def applies_as(desk: Desk, person: Person, call: Call) -> str:
    """What an application to a call stands under: the firm, where a person may apply without one their own number;
    nothing when they have first to name a firm."""
    if person.firm or desk.offered(call.programme).workflow.applicant != "person":
        return person.firm
    return number_of(person)


def own_number(desk: Desk, person: Person) -> str:
    """Somebody's own number once they have applied under it, whatever firm they entered later; else nothing."""
    own = number_of(person)
    return own if desk.connection.execute("SELECT 1 FROM desk_case WHERE firm = ? AND applicant = ? LIMIT 1",
                                          (own, person.id)).fetchone() else ""


def stands_for(desk: Desk, person: Person) -> str:
    """The firm that somebody speaks for, or their own number once they have applied under it; else nothing."""
    return person.firm or own_number(desk, person)


def own_names(connection: Connection, numbers: Iterable[str]) -> dict[str, str]:
    """The names of those among some numbers who apply in their own name, for the office's eyes."""
    ours = {int(one.removeprefix(OWN)): one for one in set(numbers) if is_personal(one)}
    return {ours[one.id]: one.name for one in people_of(connection, set(ours)).values()} if ours else {}

"""Cases in which a duty is left to nobody: all who hold it for the programme are in conflict of interest with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from westlake.desk.desk import Desk
from westlake.desk.panel.interests import everybodys_conflicts
from westlake.desk.people import EVERY, Person
from westlake.desk.seeing import OFFICE

_HOLDERS = (
    "SELECT r.role, r.programme, r.first_at, r.last_at, p.id, p.name, p.email, p.organisation, p.language, p.firm FROM"
    f" desk_role r JOIN desk_person p ON p.id = r.person WHERE r.role IN ({','.join('?' * len(OFFICE))}) AND NOT EXISTS"
    " (SELECT 1 FROM desk_role_end e WHERE e.role = r.id) ORDER BY p.name, p.id")


class Unopened(NamedTuple):
    """An application that was handed in. roles: those of the office whose holders may not open it, not one of them;
    people: these holders, by name."""

    case: int
    number: str
    programme: str
    roles: tuple[str, ...]
    people: tuple[Person, ...]


def unopened(desk: Desk, within: Collection[str] | None = None) -> list[Unopened]:
    """Every such application, by number. A duty that nobody holds at all is not meant.

    within: the programmes that may be looked at, None for all.
    """
    holders: dict[str, dict[str, list[Person]]] = defaultdict(lambda: defaultdict(list))
    now = desk.now()
    for role, programme, first, last, *person in desk.connection.execute(_HOLDERS, OFFICE).fetchall():
        if first <= now < last:
            holders[role][programme].append(Person(*person))
    everybody = {one.id: one for places in holders.values() for held in places.values() for one in held}
    cases, pairs = everybodys_conflicts(desk, list(everybody.values()))
    found = []
    for case in cases:
        if case.submitted_at is None or not (within is None or case.programme in within):
            continue
        left = {role: [*places[EVERY], *places[case.programme]] for role in OFFICE if (places := holders[role])}
        none = {role: those for role, those in left.items()
                if those and all((one.id, case.id) in pairs for one in those)}
        if none:
            named = {one.id: one for those in none.values() for one in those}
            found.append(Unopened(case.id, case.number, case.programme, tuple(none), tuple(
                sorted(named.values(), key=lambda one: (one.name, one.id)))))
    return sorted(found, key=lambda one: one.number)

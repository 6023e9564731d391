"""The end of a fiscal year, by two persons: one asks for it as they saw it, another who approves for all ends it.

What was asked and what came of it stands in the record. A year ends for all programmes at once, so both answer for all
of them; and it ends as it was asked or not at all: once money has moved in between, it is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from westlake.database import storable, transaction
from westlake.desk.desk import Desk
from westlake.desk.people import EVERY, Held, Person
from westlake.digest import fingerprint
from westlake.errors import Place, Problem, WestlakeError
from westlake.settlement.fiscal_year import YearEnd, close_period, fiscal_year, is_closed, year_end

ASKED, REFUSED = "desk.year_end_asked", "desk.year_end_refused"
ASKERS, ENDERS = ("officer", "approver"), ("approver",)
REASON_MAX = 1000


@dataclass(frozen=True)
class Asked:
    """What was asked. seen: the fingerprint of what would lapse and be carried over; selves: the asker, and whom they
    stood in for; at: microseconds UTC."""

    year: int
    person: int
    selves: tuple[int, ...]
    reason: str
    seen: str
    at: int


def seen_in(ends: Iterable[YearEnd]) -> str:
    """What there is to see of a year's end, told apart from what may stand there a minute later."""
    return fingerprint([end.as_dict() for end in ends])


def asked_of(desk: Desk, year: int) -> Asked | None:
    """The last that was asked of a year, unless it was turned down or taken back since; None once it has ended."""
    return next((one for one in all_asked(desk) if one.year == year), None)


def all_asked(desk: Desk) -> list[Asked]:
    """The same of every year, in their order."""
    found: dict[int, Asked] = {}
    for act in desk.record.acts(act=(ASKED, REFUSED)):
        told, selves = act.details, act.details.get("selves")
        year = int(str(told["year"]))
        found.pop(year, None)
        if act.act == ASKED:
            found[year] = Asked(year, int(str(told["person"])), tuple(selves) if isinstance(selves, list) else (),
                                str(told["reason"]), str(told["seen"]), act.at)
    return [one for year, one in sorted(found.items())
            if not is_closed(desk.connection, fiscal_year(desk.connection, year))]


def ask(desk: Desk, person: Person, roles: Iterable[Held], year: int, seen: str, reason: str) -> Asked:
    """Ask that a year ends as it was seen; asking anew takes the place of what was asked before.

    W1156 for who is neither officer nor approver for all programmes, W1153 when what was seen has changed, W1012
    without a reason, also for a year that still runs, W1157 once it has ended.
    """
    selves = _selves(person, roles, ASKERS)
    with transaction(desk.connection):
        _still_open(desk, year)
        if not reason.strip() or not storable(reason, REASON_MAX):
            raise WestlakeError.one("W1012", Place(field="reason"))
        if seen != _seen(desk, year):
            raise WestlakeError.one("W1153", Place(field="seen"), year=year)
        desk.record.add(person.actor, ASKED, _subject(year), {
            "year": year, "reason": reason.strip(), "seen": seen, "person": person.id, "selves": sorted(selves)},
            day=desk.today())
    found = asked_of(desk, year)
    assert found is not None
    return found


def end(desk: Desk, person: Person, roles: Iterable[Held], year: int, seen: str) -> list[YearEnd]:
    """End a year as it was asked and as its approver saw it; what lapsed and was carried over.

    W1156 for who does not approve for all programmes, W1149 when nobody asks for it, W1148 for who asked (or stands
    in for who did), W1153 when either of them saw something else than what stands there now, W1157 once it has ended.
    """
    with transaction(desk.connection):  # from the comparison on nobody else moves money
        selves = _selves(person, roles, ENDERS)
        _still_open(desk, year)
        asked = asked_of(desk, year)
        problem = why_not_end(asked, year, selves)
        if asked is None or problem is not None:
            raise WestlakeError([problem or Problem("W1149", values={"year": year})])
        if {seen, asked.seen} != {_seen(desk, year)}:
            raise WestlakeError.one("W1153", Place(field="seen"), year=year)
        _, ends = close_period(desk.connection, fiscal_year(desk.connection, year), person.actor, ends_year=True,
                               said={"reason": asked.reason, "asked_by": f"person:{asked.person}"})
    return ends


def refuse(desk: Desk, person: Person, roles: Iterable[Held], year: int, reason: str) -> None:
    """Turn down what was asked, or take it back: whoever may ask may. W1149 when nobody asks, W1012 without a word."""
    with transaction(desk.connection):
        _selves(person, roles, ASKERS)
        if asked_of(desk, year) is None:
            raise WestlakeError.one("W1149", year=year)
        if not reason.strip() or not storable(reason, REASON_MAX):
            raise WestlakeError.one("W1012", Place(field="reason"))
        desk.record.add(person.actor, REFUSED, _subject(year), {
            "year": year, "reason": reason.strip(), "person": person.id}, day=desk.today())


def why_not_end(asked: Asked | None, year: int, selves: Iterable[int]) -> Problem | None:
    """What keeps an approver from ending a year: W1149 when nobody asks, W1148 when they asked themselves."""
    if asked is None:
        return Problem("W1149", values={"year": year})
    return Problem("W1148", values={"year": year}) if {asked.person, *asked.selves} & set(selves) else None


def selves_of(person: Person, roles: Iterable[Held], wanted: tuple[str, ...]) -> set[int]:
    """As whom somebody acts for all programmes: themselves, and those they stand in for; nobody without the role."""
    held = [one for one in roles if one.role in wanted and one.programme == EVERY]
    return {person.id, *(one.standing_in_for for one in held if one.standing_in_for)} if held else set()


def _selves(person: Person, roles: Iterable[Held], wanted: tuple[str, ...]) -> set[int]:
    found = selves_of(person, roles, wanted)
    if not found:
        raise WestlakeError.one("W1156")
    return found


def _seen(desk: Desk, year: int) -> str:
    return seen_in(year_end(desk.connection, fiscal_year(desk.connection, year)))


def _still_open(desk: Desk, year: int) -> None:
    if is_closed(desk.connection, fiscal_year(desk.connection, year)):
        raise WestlakeError.one("W1157", year=year)


def _subject(year: int) -> str:
    return f"year:{year}"

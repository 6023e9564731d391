"""What came of the plan: each budget beside the books, each target beside what was found here or told by others.

What was found here goes before what others report. A target whose years ended before the desk was opened, or for
which nothing here could tell, is not measured, and says so: nothing is put in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from westlake.dates import day_number, year_of
from westlake.desk.calls import calls
from westlake.desk.desk import Desk
from westlake.desk.plan.blueprint import PPM, Blueprint, Budget, Reported, Target
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError
from westlake.register import Register
from westlake.register.facts import Fact
from westlake.rules.sources import Citation
from westlake.settlement.programme_years import ProgrammeYear, programme_year

FOUND, TOLD, UNKNOWN = "found", "told", "unknown"


@dataclass(frozen=True)
class BudgetYear:
    """A programme's year. Minor units. planned: None when the plan has no amount; books: None before the budget is
    opened; paid: what the bank confirmed of the year's cases."""

    programme: str
    year: int
    planned: int | None
    citation: Citation | None
    note: str
    books: ProgrammeYear | None
    paid: int

    @property
    def used(self) -> int | None:
        """Of what was planned, the share that is promised or was awarded, in parts per million."""
        if not self.planned or self.books is None:
            return None
        return share_of(self.books.held + self.books.awarded, self.planned)


@dataclass(frozen=True)
class Attained:
    """A target, or one of its years, with what came of it.

    basis: found (here: `measure` tells how), told (by others: `report`), unknown. share: of the target, in parts
    per million. since: the day number from which it could be found, where the desk was opened later than that.
    """

    target: Target
    first: int
    last: int
    actual: int | None
    basis: str
    report: Reported | None = None
    since: int | None = None

    @property
    def share(self) -> int | None:
        return None if self.actual is None or not self.target.value else share_of(self.actual, self.target.value)


def share_of(part: int, whole: int) -> int:
    """A part of a positive whole in parts per million, to the nearest, halves up."""
    return (2 * part * PPM + whole) // (2 * whole)


def budget_years(desk: Desk, blueprint: Blueprint) -> list[BudgetYear]:
    """Every year of every budget of the plan, and every other year that the books have a budget for."""
    paid, opened = _paid(desk), {row[0] for row in desk.connection.execute("SELECT code FROM account")}
    return [_budget_year(desk, budget, year, paid.get((budget.programme, year), 0), opened)
            for budget in blueprint.budgets for year in range(budget.first, budget.last + 1)]


def plan_and_actual(desk: Desk, blueprint: Blueprint) -> list[Attained]:
    """Every target of the plan with what came of it; one row a year for those that are to be reached every year."""
    rows = []
    for target in blueprint.targets:
        spans = [(year, year) for year in target.years] if target.per == "year" else [(target.first, target.last)]
        rows += [_attained(desk, target, first, last) for first, last in spans]
    return rows


def _attained(desk: Desk, target: Target, first: int, last: int) -> Attained:
    begun = _desk_opened(desk)
    if target.measure and begun is not None and year_of(begun) <= last:
        actual = _MEASURES[target.measure](desk, target, first, last)
        if actual is not None:
            since = begun if begun > day_number(first, 1, 1) else None
            return Attained(target, first, last, actual, FOUND, since=since)
    told = [one for one in target.reported if first <= one.year <= last]
    if told:
        return Attained(target, first, last, told[-1].value, TOLD, told[-1])
    return Attained(target, first, last, None, UNKNOWN)


def _budget_year(desk: Desk, budget: Budget, year: int, paid: int, opened: Collection[str]) -> BudgetYear:
    """One year; opened: the accounts that there are. A programme that is not worked here has no books, and only the
    plan's own amount."""
    name = budget.programme
    try:
        offered = desk.offered(name)
    except WestlakeError:
        return BudgetYear(name, year, budget.amount, budget.citation, budget.note, None, paid)
    terms, programme = offered.terms, offered.programme
    planned, citation = budget.amount, budget.citation
    if planned is None:
        dated = programme.values[terms.budget_value].on(day_number(year, 12, 31))
        planned, citation = (dated.number, dated.citation) if dated else (None, None)
    books = programme_year(desk.connection, terms, name, year, programme.currency) if terms.code(
        "budget", name, year) in opened else None
    return BudgetYear(name, year, planned, citation, budget.note, books, paid)


def _paid(desk: Desk) -> dict[tuple[str, int], int]:
    """(programme, year) → minor units that the bank confirmed of the cases of that year and did not return."""
    return {(programme, year): int(amount) for programme, year, amount in desk.connection.execute(
        "SELECT c.programme, c.year, sum(p.amount) FROM desk_payment p JOIN desk_case c ON c.id = p.case_id"
        " JOIN desk_payment_outcome o ON o.payment = p.id AND o.outcome = 'paid' WHERE NOT EXISTS (SELECT 1 FROM"
        " desk_payment_outcome r WHERE r.payment = p.id AND r.outcome = 'returned') GROUP BY c.programme, c.year")}


def _desk_opened(desk: Desk) -> int | None:
    """The day on which the first person got a place at the desk; None before there is anybody."""
    row = desk.connection.execute("SELECT min(made_at) FROM desk_person").fetchone()
    return None if row[0] is None else desk.day_of(row[0])


# How an actual is found -------------------------------------------------------------------------------------


def _calls(desk: Desk, target: Target, first: int, last: int) -> int:
    """Calls of the programme and these years that were announced."""
    return sum(call.announced and first <= call.year <= last for call in calls(desk, target.programme))


def _applications(desk: Desk, target: Target, first: int, last: int) -> int:
    """Applications of these years that were handed in."""
    return _count(desk, target, first, last, "c.submitted_at IS NOT NULL")


def _awards(desk: Desk, target: Target, first: int, last: int) -> int:
    """Applications of these years to which money is promised, or was."""
    return _count(desk, target, first, last, "c.amount > 0")


def _largest_award(desk: Desk, target: Target, first: int, last: int) -> int | None:
    """The largest amount promised to one application, in minor units."""
    row = desk.connection.execute(f"SELECT max(c.amount) FROM desk_case c WHERE {_OF} AND c.amount > 0",
                                  _of(target, first, last)).fetchone()
    return None if row[0] is None else int(row[0])


def _chosen(desk: Desk, target: Target, first: int, last: int) -> int | None:
    """Of the awards, the share whose application a selection of its call chose, in parts per million."""
    awards = _awards(desk, target, first, last)
    chosen = _count(desk, target, first, last, "c.amount > 0 AND EXISTS (SELECT 1 FROM desk_place p JOIN desk_run r"
                    " ON r.id = p.run WHERE p.case_id = c.id AND p.chosen = 1 AND r.kind = 'selection')")
    return share_of(chosen, awards) if awards else None


def _over_award(desk: Desk, target: Target, first: int, last: int) -> int | None:
    """What awarded applications answer in `field`, all together, over what was promised to them; parts per million."""
    item = desk.offered(target.programme).programme.inputs.get(target.field)
    rows = desk.connection.execute(
        "SELECT a.value, c.amount FROM desk_case c JOIN desk_answer a ON a.case_id = c.id AND a.field = ?"
        f" WHERE {_OF} AND c.amount > 0", (target.field, *_of(target, first, last))).fetchall()
    if item is None or not rows:
        return None
    raised = sum(item.read(text, desk.offered(target.programme).programme.currency) for text, _ in rows)
    return share_of(raised, sum(amount for _, amount in rows))


def _firms(desk: Desk, target: Target, first: int, last: int) -> int:
    """Firms that the register knows, by more than their own word, to be of the city as the years end."""
    return sum("resident" in facts and not facts["resident"].only_declared and facts["resident"].value == "1"
               for facts in _at_end(desk, last, "resident").values())


def _people(desk: Desk, target: Target, first: int, last: int) -> int:
    """People of whom the register knows where they come from, by more than their own word, as the years end."""
    return sum("origin" in facts and not facts["origin"].only_declared
               for facts in _at_end(desk, last, "origin").values())


def _founders(desk: Desk, target: Target, first: int, last: int) -> int | None:
    """Of the city's graduates that the register knows, the share who founded a firm here, in parts per million.

    Known by more than their own word on both counts; a graduate of whom founding is not known is not counted.
    """
    known = [facts for facts in _at_end(desk, last, "origin", "founder").values() if all(
        name in facts and not facts[name].only_declared for name in ("origin", "founder"))]
    graduates = [facts for facts in known if facts["origin"].value == "local_graduate"]
    return share_of(sum(facts["founder"].value == "1" for facts in graduates), len(graduates)) if graduates else None


def _at_end(desk: Desk, last: int, *names: str) -> dict[str, dict[str, Fact]]:
    """Facts of the register on the last day of a year, or today when that is still to come."""
    return Register(desk.connection).on(min(day_number(last, 12, 31), desk.today()), names=names)


_OF = f"c.kind = '{APPLICATION}' AND c.programme = ? AND c.year BETWEEN ? AND ?"


def _of(target: Target, first: int, last: int) -> tuple[str, int, int]:
    return target.programme, first, last


def _count(desk: Desk, target: Target, first: int, last: int, condition: str) -> int:
    return int(desk.connection.execute(f"SELECT count(*) FROM desk_case c WHERE {_OF} AND {condition}",
                                       _of(target, first, last)).fetchone()[0])


_MEASURES: dict[str, Callable[[Desk, Target, int, int], int | None]] = {
    "calls": _calls, "applications": _applications, "awards": _awards, "largest_award": _largest_award,
    "chosen": _chosen, "over_award": _over_award, "firms": _firms, "people": _people, "founders": _founders}

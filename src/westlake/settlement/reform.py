"""What other values would have done to a year's real claims: who wins, who loses, by how much, and why.

A reform is a file of values over the default, or the name of a regime. It is laid over every version of the
programme that decided a round of the year, and the year is settled once more in memory (see `rerun` for what
stays fixed). A line is decided by the values of its own first day: a value that begins within a month counts
from the next line on. Nothing is kept.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from westlake.database import Connection
from westlake.dates import day_number, day_of_month, year_of
from westlake.errors import Place, WestlakeError
from westlake.money import PPM
from westlake.register import Register
from westlake.rules import Programme
from westlake.rules.difference import Difference, compare
from westlake.rules.kinds import Kind
from westlake.settlement.exhaustion import Exhaustion, exhaustion
from westlake.settlement.kept import Year, read_year
from westlake.settlement.order import Order
from westlake.settlement.proposal import Lay
from westlake.settlement.rerun import Run, rerun
from westlake.settlement.rounds import Round
from westlake.settlement.terms import read_terms
from westlake.settlement.versions import restored

CUTS = ("size", "sector", "district")  # facts of the register by which firms are told apart
LARGEST = 10
Cell = tuple[str, int]  # firm and day of claim


@dataclass(frozen=True)
class ValueMove:
    """A value under the law and under the reform from a day on; one number, or one for each choice."""

    name: str
    day: int
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class FirmChange:
    """One firm's year, before and after, in minor units. facts: each of CUTS as of its last claim, "" for unknown."""

    firm: str
    facts: Mapping[str, str]
    entitled_before: int
    entitled_after: int
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before

    def counts(self) -> dict[str, int]:
        """1 where the firm is counted, else 0."""
        return {"firms": 1, "better": int(self.change > 0), "worse": int(self.change < 0),
                "unchanged": int(self.change == 0),
                "newly": int(self.entitled_before <= 0 < self.entitled_after),
                "no_longer": int(self.entitled_after <= 0 < self.entitled_before)}


@dataclass
class GroupChange:
    """A group of firms, before and after. Money in minor units; `counts` are firms by what happens to them."""

    value: str
    counts: dict[str, int]
    entitled_before: int = 0
    entitled_after: int = 0
    before: int = 0
    after: int = 0

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class LineChange:
    """The line of a firm that moved most: what was given of it, and both decisions with what differs."""

    firm: FirmChange
    round: int
    line: str
    before: int
    after: int
    difference: Difference


@dataclass(frozen=True)
class Reform:
    """The whole answer. groups: cut → rows, the unknown last; moved: cut → firms whose claims lie in several rows."""

    name: str
    year: int
    law: Programme
    reformed: Programme
    way: str
    rounds: Sequence[Round]
    values: Sequence[ValueMove]
    within_month: Sequence[int]
    total: GroupChange
    firms: Sequence[FirmChange]
    groups: Mapping[str, Sequence[GroupChange]]
    moved: Mapping[str, int]
    exhausted: tuple[Exhaustion, Exhaustion]
    largest: Sequence[LineChange]

    @property
    def above_whole(self) -> list[str]:
        """The rates that are above 100 % under the reform and were not before."""
        return list(dict.fromkeys(one.name for one in self.values if self.law.values[one.name].kind is Kind.RATE
                                  and max(one.before, default=0) <= PPM < max(one.after, default=0)))


def try_reform(connection: Connection, programme: Programme, year: int, name: str, lay: Lay,
               order: Order | None = None) -> Reform:
    """Settle a programme's year under the values of its time and under a reform, and compare.

    W421, W422 where nothing is settled, W107, W108 where the reform leaves a day without a value, W424 where
    the reform changes nothing, W425, W426, W429 as in `rerun`.
    """
    stored = read_year(connection, programme.name, year, order)
    beside = sorted(path.parent.name for path in programme.folder.parent.glob("*/rules.py"))
    with ExitStack() as stack:
        laws = {digest: stack.enter_context(restored(connection, digest, beside))
                for digest in dict.fromkeys(one.round.digest for one in stored.rounds)}
        reformed = {digest: lay(law) for digest, law in laws.items()}
        last = stored.rounds[-1].round.digest
        days = sorted({one.line.day for kept in stored.rounds for one in kept.lines.values()} | {
            day_number(year, 12, 31)})
        values = _moves(laws[last], reformed[last], days)
        if not any(_moves(laws[digest], reformed[digest], days) for digest in laws):
            raise WestlakeError.one("W424", Place(name), year=year, programme=programme.name)
        for kept in stored.rounds:
            for day in sorted({one.line.day for one in kept.lines.values()}):
                reformed[kept.round.digest].plan(day)  # a gap is told once, at its place in the reform
        gc.disable()  # hundreds of thousands of records and no cycle among them: looking for one is 40 % of the time
        try:
            return compare_runs(connection, stored, name, laws, reformed, values, order or Order())
        finally:
            gc.enable()


def compare_runs(connection: Connection, stored: Year, name: str, laws: Mapping[str, Programme],
                 reformed: Mapping[str, Programme], values: Sequence[ValueMove], order: Order) -> Reform:
    """The year under both laws, each version under its own digest; also where nothing differs."""
    before = rerun(stored, laws)
    after = rerun(stored, reformed, before, laws)
    last = stored.rounds[-1].round
    cells = _cells(before, after)
    facts = _facts(connection, cells)
    firms = _firms(cells, facts)
    groups = {cut: _groups(cut, cells, firms, facts) for cut in CUTS}
    way = read_terms(laws[last.digest]).way
    total = _total(firms)
    exhausted = tuple(exhaustion(run.lines, way, run.available, run.budgets[last.id] + sum(run.anew.values()), order)
                      for run in (before, after))
    return Reform(
        name, stored.year, laws[last.digest], reformed[last.digest], way, [one.round for one in stored.rounds], values,
        _within_month(laws[last.digest], reformed[last.digest], stored.year), total, firms, groups,
        {cut: _moved(cut, facts) for cut in CUTS}, (exhausted[0], exhausted[1]),
        _largest(stored, before, after, firms, laws, reformed))


def _moves(law: Programme, reformed: Programme, days: Sequence[int]) -> list[ValueMove]:
    """Values that are another on one of the days, each from the first day of a stretch on which it is."""
    found: list[ValueMove] = []
    for name in law.values:
        told: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        for day in days:
            was, now = (one.values[name].on(day) for one in (law, reformed))
            pair = (was.numbers if was else (), now.numbers if now else ())
            if pair != told and pair[0] != pair[1]:
                found.append(ValueMove(name, day, *pair))
            told = pair
    return found


def _within_month(law: Programme, reformed: Programme, year: int) -> list[int]:
    """Days within a month of the year on which a value of the reform begins and none of the law does."""
    return [day for day in reformed.changes
            if year_of(day) == year and day_of_month(day) > 1 and day not in law.changes]


def _cells(before: Run, after: Run) -> dict[Cell, list[int]]:
    """Firm and day of claim → entitled before and after, given before and after (minor units)."""
    cells: dict[Cell, list[int]] = {}
    for at, run in enumerate((before, after)):
        for lines in run.given.values():
            for one in lines:
                cell = cells.setdefault((one.decided.line.firm, one.decided.line.day), [0, 0, 0, 0])
                cell[at] += one.decided.entitlement
                cell[2 + at] += one.allotted
    return cells


def _facts(connection: Connection, cells: Iterable[Cell]) -> dict[Cell, dict[str, str]]:
    """Firm and day → what the register knows of it, of CUTS."""
    wanted: dict[int, list[str]] = {}
    for firm, day in cells:
        wanted.setdefault(day, []).append(firm)
    found = {}
    for day, firms in wanted.items():
        on = Register(connection).on(day)
        for firm in firms:
            known = on.get(firm, {})
            found[firm, day] = {cut: known[cut].value if cut in known else "" for cut in CUTS}
    return found


def _firms(cells: Mapping[Cell, Sequence[int]], facts: Mapping[Cell, Mapping[str, str]]) -> list[FirmChange]:
    sums: dict[str, list[int]] = {}
    last: dict[str, int] = {}
    for (firm, day), cell in cells.items():
        sums[firm] = [one + other for one, other in zip(sums.get(firm, [0, 0, 0, 0]), cell, strict=True)]
        last[firm] = max(last.get(firm, day), day)
    return [FirmChange(firm, facts[firm, last[firm]], *sums[firm]) for firm in sorted(sums)]


def _total(firms: Sequence[FirmChange]) -> GroupChange:
    total = _empty("")
    for firm in firms:
        _count(total, firm)
        _add(total, (firm.entitled_before, firm.entitled_after, firm.before, firm.after))
    return total


def _groups(cut: str, cells: Mapping[Cell, Sequence[int]], firms: Sequence[FirmChange],
            facts: Mapping[Cell, Mapping[str, str]]) -> list[GroupChange]:
    """Rows of a cut: money where each claim's day puts it, each firm counted once, where its last claim lies."""
    rows: dict[str, GroupChange] = {}
    for cell, amounts in cells.items():
        value = facts[cell][cut]
        _add(rows.setdefault(value, _empty(value)), amounts)
    for firm in firms:
        _count(rows[firm.facts[cut]], firm)
    return sorted(rows.values(), key=lambda row: (row.value == "", -abs(row.change), row.value))


def _moved(cut: str, facts: Mapping[Cell, Mapping[str, str]]) -> int:
    seen: dict[str, set[str]] = {}
    for (firm, _), known in facts.items():
        seen.setdefault(firm, set()).add(known[cut])
    return sum(len(values) > 1 for values in seen.values())


def _add(row: GroupChange, amounts: Sequence[int]) -> None:
    entitled_before, entitled_after, before, after = amounts
    row.entitled_before += entitled_before
    row.entitled_after += entitled_after
    row.before += before
    row.after += after


def _empty(value: str) -> GroupChange:
    return GroupChange(value, dict.fromkeys(("firms", "better", "worse", "unchanged", "newly", "no_longer"), 0))


def _count(row: GroupChange, firm: FirmChange) -> None:
    for name, number in firm.counts().items():
        row.counts[name] += number


def _largest(stored: Year, before: Run, after: Run, firms: Sequence[FirmChange], laws: Mapping[str, Programme],
             reformed: Mapping[str, Programme]) -> list[LineChange]:
    """The firms that move most, each by the line that moved most, decided under both laws."""
    digests = {one.round.id: one.round.digest for one in stored.rounds}
    found = []
    for firm in sorted((one for one in firms if one.change), key=lambda one: (-abs(one.change), one.firm))[:LARGEST]:
        was, now = (_of_firm(run, firm.firm) for run in (before, after))
        place = max(sorted(was.keys() | now.keys()), key=lambda key: abs(now.get(key, 0) - was.get(key, 0)))
        decisions = []
        for run, versions in ((before, laws), (after, reformed)):
            lines = run.claims[place[0], firm.firm]
            at = next(number for number, (line, _) in enumerate(lines, 1) if line.key == place[1])
            decisions.append(versions[digests[place[0]]].decide_rows(
                [inputs for _, inputs in lines[:at]], [line.day for line, _ in lines[:at]])[-1])
        found.append(LineChange(firm, *place, was.get(place, 0), now.get(place, 0), compare(*decisions)))
    return found


def _of_firm(run: Run, firm: str) -> dict[tuple[int, str], int]:
    return {(one.round, one.decided.line.key): one.allotted
            for (_, whose), lines in run.given.items() if whose == firm for one in lines}

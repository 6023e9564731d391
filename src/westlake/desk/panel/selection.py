"""Which cases are chosen under a budget and its terms: down a ranked list, by lot, or the best choice there is.

The best choice is an integer programme (HiGHS): maximise the declared objective under the terms, to within a declared
gap, or proved. Whatever the solver says is checked again in whole numbers before it counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from westlake.desk.panel.assignment import listed
from westlake.desk.panel.lottery import Drawing
from westlake.desk.panel.ranked_list import by_lot, in_order, pay_down
from westlake.desk.panel.terms import Bound, Candidate, Tally, Terms, check_terms
from westlake.errors import Place, WestlakeError

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

GAP = 0.001  # the best choice is sought to within a thousandth of its objective; 0 to prove
PROVED = 1e-9  # a solver's arithmetic proves no finer


class Award(NamedTuple):
    """A chosen case."""

    case: str
    amount: int
    rank: int


class Passed(NamedTuple):
    """A case not chosen, and the term that stood in its way."""

    case: str
    rank: int
    bound: Bound


@dataclass(frozen=True)
class Selection:
    """What was chosen, and how sure it is that nothing better could be."""

    mode: str
    awards: tuple[Award, ...]  # by rank
    ranks: dict[str, int]  # of every candidate: by points, ties by lot; under lottery, after the draw
    passed: tuple[Passed, ...]  # by rank; modes ranked_list and lottery (for optimal see explanation.py)
    objective: int  # points, points x minor units, or cases
    most: int | None  # no choice under these terms has more; None where nothing is maximised
    proved: bool  # mode optimal: nothing better exists
    spent: int
    seed: str
    drawing: Drawing | None = None

    @property
    def cases(self) -> frozenset[str]:
        """The chosen cases."""
        return frozenset(award.case for award in self.awards)


def choose_cases(candidates: Sequence[Candidate], terms: Terms, *, seed: str = "", gap: float = GAP,
                 band: Collection[str] | None = None, forced: Collection[str] = (),
                 nodes: int | None = None) -> Selection:
    """Choose under the terms; the same whatever the order of candidates.

    seed: published text; settles ties and lots (W940 if a lottery has none). gap: mode optimal; share of the objective
    that may be left open, 0 to prove. band: mode lottery; who takes part. forced: must be chosen. nodes: mode optimal;
    most branches looked at before the best choice so far is returned. W938 unsound terms; W939 a list that leaves
    quotas short; W942, W943 quotas that cannot be met, alone or together; W944 nothing found.
    """
    check_terms(terms, candidates)
    order = in_order(candidates, seed)
    if terms.mode == "optimal":
        return _best_choice(order, terms, seed, gap, forced, nodes)
    drawing = None
    if terms.mode == "lottery":
        order, drawing = by_lot(order, terms, seed, band)
    tally, refused = pay_down(order, terms, forced)
    return _told(order, terms, tally.given, seed, None, False, refused, drawing)


def worth(candidate: Candidate, objective: str) -> int:
    """What a case adds to the objective."""
    return {"points": candidate.points, "points_x_cost": candidate.points * candidate.amount, "count": 1}[objective]


def _told(order: Sequence[Candidate], terms: Terms, given: dict[str, int], seed: str, most: int | None, proved: bool,
          refused: dict[str, Bound], drawing: Drawing | None) -> Selection:
    ranks = {one.case: rank for rank, one in enumerate(order, 1)}
    awards = tuple(Award(one.case, given[one.case], ranks[one.case]) for one in order if one.case in given)
    passed = tuple(Passed(one.case, ranks[one.case], refused[one.case]) for one in order if one.case in refused)
    if drawing is not None:
        drawn = len(given.keys() & {lot.case for lot in drawing.lots})
        lots = tuple(lot._replace(drawn=lot.case in given) for lot in drawing.lots)
        drawing = Drawing(drawing.seed, drawn, lots)
    objective = sum(worth(one, terms.objective) for one in order if one.case in given)
    return Selection(terms.mode, awards, ranks, passed, objective, most, proved, sum(given.values()), seed, drawing)


def _best_choice(order: Sequence[Candidate], terms: Terms, seed: str, gap: float, forced: Collection[str],
                 nodes: int | None) -> Selection:
    able = [one for one in order if one.points >= terms.threshold]
    most: int | None = None
    tight = 0
    while True:
        found = Programme(able, terms, forced, tight=tight).solve(gap, nodes)
        if found is None:
            raise _impossible(able, terms, forced, nodes)
        most = found[1] if most is None else most
        tally = Tally(terms)
        for one in found[0]:
            tally.take(one, one.amount)
        over = _over(tally)
        if over <= 0:
            break
        tight += over  # the solver's tolerance let some minor units slip: ask again with that much less room
    for one in sorted(able, key=lambda each: -worth(each, terms.objective)):  # what a gap left lying
        if one.case not in tally.given and tally.bound(one) is None:
            tally.take(one, one.amount)
    objective = sum(worth(one, terms.objective) for one in able if one.case in tally.given)
    most = max(most, objective)
    return _told(order, terms, tally.given, seed, most, most - objective <= PROVED * most, {}, None)


def _over(tally: Tally) -> int:
    """By how many minor units the money rows are overstepped, in whole numbers; counts must hold as they stand."""
    terms, money = tally.terms, [-tally.left]
    for number, quota in enumerate(terms.quotas):
        assert quota.least_count <= tally.counts[number]
        assert quota.most_count is None or tally.counts[number] <= quota.most_count
        money += [quota.least_money(terms.budget) - tally.amounts[number],
                  tally.amounts[number] - quota.most_money(terms.budget)]
    return max(money)


def _impossible(able: Sequence[Candidate], terms: Terms, forced: Collection[str], nodes: int | None) -> WestlakeError:
    """Why nothing can be chosen: quotas that fail alone (W942), else those that must give way together (W943)."""
    asking = [quota for quota in terms.quotas if quota.least_count or quota.least_money(terms.budget)]
    if not asking or forced:
        return WestlakeError.one("W944", Place(field="terms"), cases=listed(sorted(forced)) or "–")
    alone = [quota for quota in asking if Programme(able, terms, (), {quota}).solve(1.0, nodes) is None]
    if alone:
        return WestlakeError.one("W942", Place(field="quotas"), number=len(alone),
                                 quotas=listed([str(quota) for quota in alone]))
    short = Programme(able, terms, ()).shortfalls()
    if not short:
        return WestlakeError.one("W944", Place(field="terms"), cases="–")
    return WestlakeError.one("W943", Place(field="quotas"), number=len(short), quotas=listed(short))


class Programme:
    """The integer programme of one choice: a column a case, a row a term."""

    def __init__(self, able: Sequence[Candidate], terms: Terms, forced: Collection[str],
                 floors: Collection[object] | None = None, tight: int = 0) -> None:
        self.able, self.terms = able, terms
        self.column = {one.case: number for number, one in enumerate(able)}
        self.least, self.most = np.zeros(len(able)), np.ones(len(able))
        self.forced_out = any(case not in self.column for case in forced)
        for case in self.column.keys() & set(forced):
            self.least[self.column[case]] = 1
        self.unit = gcd(*(one.amount for one in able)) or 1  # amounts as small whole numbers: exact in the solver
        self.amounts = [one.amount // self.unit for one in able]
        self.tight = -(-tight // self.unit)
        self.rows: list[tuple[list[int], list[float], float, float]] = []
        self.floors: list[tuple[int, str, int]] = []  # row, quota, how much it asks
        self._add_budget_and_bans()
        for quota in terms.quotas:
            held = [number for number, one in enumerate(able) if quota.holds(one)]
            asks = floors is None or quota in floors
            low = -(-quota.least_money(terms.budget) // self.unit)
            high = quota.most_money(terms.budget) // self.unit - self.tight
            self._add_quota(str(quota), held, [1.0] * len(held), quota.least_count * asks,
                            np.inf if quota.most_count is None else quota.most_count)
            self._add_quota(str(quota), held, [self.amounts[number] for number in held],
                            (low + self.tight) * asks if low else 0, high)

    def _add_budget_and_bans(self) -> None:
        budget = self.terms.budget // self.unit - self.tight
        self.rows.append((list(range(len(self.able))), list(self.amounts), -np.inf, budget))
        for number, amount in enumerate(self.amounts):
            if amount > budget:
                self.most[number] = 0
        for name in self.terms.one_per:
            groups: dict[str, list[int]] = defaultdict(list)
            for number, one in enumerate(self.able):
                groups[one.fields.get(name, "")].append(number)
            self.rows += [(held, [1.0] * len(held), -np.inf, 1) for value, held in groups.items()
                          if value and len(held) > 1]
        for case, other in self.terms.exclusions:
            if case in self.column and other in self.column:
                self.rows.append(([self.column[case], self.column[other]], [1.0, 1.0], -np.inf, 1))
        for case, needed in self.terms.prerequisites:
            if case in self.column and needed in self.column:
                self.rows.append(([self.column[case], self.column[needed]], [1.0, -1.0], -np.inf, 0))
            elif case in self.column:
                self.most[self.column[case]] = 0

    def _add_quota(self, name: str, held: list[int], weights: Sequence[float], low: int, high: float) -> None:
        if low > 0:
            self.floors.append((len(self.rows), name, low))
        if low > 0 or high < sum(weights):
            self.rows.append((held, list(weights), low if low > 0 else -np.inf, high))

    def solve(self, gap: float, nodes: int | None) -> tuple[list[Candidate], int] | None:
        """The chosen cases and what no choice exceeds; None if there is no choice."""
        if self.forced_out or (self.least > self.most).any():
            return None
        if not self.able:
            return None if self.floors else ([], 0)
        worths = [worth(one, self.terms.objective) for one in self.able]
        top = max(max(worths), 1)
        result = self._run(-np.array([1000.0 * (value / top) for value in worths]), gap, nodes)
        if result.x is None:
            return None
        picked = [one for one, share in zip(self.able, result.x, strict=False) if share > 0.5]
        most = -result.mip_dual_bound * top / 1000
        return picked, int(most * (1 + 1e-12) + 1e-6)

    def shortfalls(self) -> list[str]:
        """The quotas that the least total shortfall (each as a share of what it asks) leaves short."""
        costs = np.array([1.0 / low for _, _, low in self.floors])
        result = self._run(np.append(np.zeros(len(self.able)), costs), 0.0, None)
        if result.x is None:
            return []
        slack = zip(self.floors, result.x[len(self.able):], strict=True)
        return list(dict.fromkeys(name for (_, name, _), lacking in slack if lacking > 1e-6))

    def _run(self, costs: np.ndarray, gap: float, nodes: int | None) -> OptimizeResult:
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  heavy; only an optimum needs it
        from scipy.sparse import csr_array  # noqa: PLC0415  heavy

        extra = len(costs) - len(self.able)  # one column a floor that may give way
        at = np.repeat(np.arange(len(self.rows)), [len(row[0]) for row in self.rows])
        columns = np.concatenate([np.array(row[0], dtype=int) for row in self.rows])
        weights = np.concatenate([np.array(row[1], dtype=float) for row in self.rows])
        if extra:
            at = np.append(at, [row for row, _, _ in self.floors])
            columns = np.append(columns, np.arange(len(self.able), len(costs)))
            weights = np.append(weights, np.ones(extra))
        table = csr_array((weights, (at, columns)), shape=(len(self.rows), len(costs)))
        low, high = (np.array([row[number] for row in self.rows], dtype=float) for number in (2, 3))
        options = {"mip_rel_gap": gap} | ({} if nodes is None else {"node_limit": nodes})
        return milp(costs, integrality=np.append(np.ones(len(self.able)), np.zeros(extra)),
                    bounds=Bounds(np.append(self.least, np.zeros(extra)), np.append(self.most, np.full(extra, np.inf))),
                    constraints=LinearConstraint(table, low, high), options=options)

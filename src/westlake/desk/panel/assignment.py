"""Which reviewer reads which case: the greatest total affinity that loads and conflicts of interest allow.

A flow of least cost from cases to reviewers. A conflict is an absent arc, never a penalty, so no shortage can buy it.
The flow is found on each side's best pairs first, then every pair left out is checked by its reduced cost; pairs
that could still improve the total come in and the flow runs again: what is returned is optimal over all pairs.
Source of the proof: complementary slackness of minimum-cost flow (Ahuja, Magnanti and Orlin 1993, theorem 9.3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from westlake.chance import stream
from westlake.desk.panel.conflicts import conflict_grid
from westlake.errors import Place, WestlakeError

AFFINITY_MAX = 1000
TIES = 64  # a pair's lot among equals, 0 to 63
NAMES_SHOWN = 10


class Pair(NamedTuple):
    """One review to be written."""

    case: str
    reviewer: str
    affinity: int
    fixed: bool  # it had been started, and stays


@dataclass(frozen=True)
class Assignment:
    """Who reads what, and how good that is."""

    pairs: tuple[Pair, ...]  # sorted by case, then reviewer
    total: int  # affinity of all pairs
    least: int  # affinity of the worst-served case
    bound: int  # no assignment under these terms has more
    optimal: bool  # total = bound, proved over all pairs that conflicts allow
    floor: int = 0  # what every case was promised (fairness.py)


@dataclass(frozen=True)
class Panel:
    """The numbers of one assignment: cases are rows, reviewers columns, both by id. What is fixed is out."""

    cases: tuple[str, ...]
    reviewers: tuple[str, ...]
    affinity: np.ndarray  # int64, 0..AFFINITY_MAX
    allowed: np.ndarray  # bool: neither in conflict nor fixed
    fixed: np.ndarray  # bool
    need: np.ndarray  # reviews still to be found, a case
    places: np.ndarray  # reviews still to be given, a reviewer
    ties: np.ndarray  # int64, 0..TIES-1

    @property
    def scale(self) -> int:
        """What one point of affinity weighs against all ties together."""
        return int(self.need.sum()) * (TIES - 1) + 1

    @property
    def cost(self) -> np.ndarray:
        """Cost of each pair: affinity first, lots only among equals."""
        cost: np.ndarray = -(self.affinity * self.scale + self.ties)
        return cost


class Shortage(NamedTuple):
    """Cases that cannot all be read, and everybody who could."""

    cases: tuple[str, ...]
    reviewers: tuple[str, ...]
    needed: int  # reviews these cases still need
    possible: int  # reviews these reviewers can still give them


def assign_reviewers(cases: Sequence[str], reviewers: Sequence[str], affinity: np.ndarray, *,
                     reviews_per_case: int | Sequence[int], load: int | Sequence[int],
                     conflicts: Iterable[tuple[str, str]] = (), fixed: Collection[tuple[str, str]] = (),
                     seed: int = 0) -> Assignment:
    """The assignment of greatest total affinity; the same whatever the order of cases and reviewers.

    affinity: integers 0..1000, shape (cases, reviewers); reviews_per_case and load (most reviews a reviewer gives,
    fixed ones included): one number, or one a case or reviewer; conflicts and fixed: pairs (reviewer, case);
    seed: settles ties. W930 (shape or range), W931 (a fixed pair is in conflict or unknown), W932 (too few reviewers).
    """
    panel = lay_out(cases, reviewers, affinity, reviews_per_case, load, conflicts, fixed, seed)
    chosen, _ = best_flow(panel)
    return told(panel, chosen, None)


def lay_out(cases: Sequence[str], reviewers: Sequence[str], affinity: np.ndarray, reviews_per_case: int | Sequence[int],
            load: int | Sequence[int], conflicts: Iterable[tuple[str, str]], fixed: Collection[tuple[str, str]],
            seed: int) -> Panel:
    """The panel in the order of ids. W930, W931."""
    table = np.asarray(affinity)
    need, places = _each(reviews_per_case, len(cases)), _each(load, len(reviewers))
    sound = (table.shape == (len(cases), len(reviewers)) and np.issubdtype(table.dtype, np.integer)
             and (table.size == 0 or 0 <= table.min() <= table.max() <= AFFINITY_MAX)
             and need.shape == (len(cases),) and places.shape == (len(reviewers),)
             and (need >= 0).all() and (places >= 0).all()
             and len(set(cases)) == len(cases) and len(set(reviewers)) == len(reviewers))
    if not sound:
        raise WestlakeError.one("W930", Place(field="affinity"), cases=len(cases), reviewers=len(reviewers),
                                most=AFFINITY_MAX)
    rows, columns = np.argsort(np.array(cases, dtype=str)), np.argsort(np.array(reviewers, dtype=str))
    sorted_cases, sorted_reviewers = tuple(sorted(cases)), tuple(sorted(reviewers))
    barred = conflict_grid(conflicts, sorted_cases, sorted_reviewers)
    kept = conflict_grid(fixed, sorted_cases, sorted_reviewers)
    _refuse_unsound(fixed, kept, barred, sorted_cases, sorted_reviewers)
    ties = stream(seed, "desk", "assignment").integers(0, TIES, table.shape, dtype=np.int64)
    return Panel(sorted_cases, sorted_reviewers, table[rows][:, columns].astype(np.int64), ~barred & ~kept, kept,
                 np.maximum(need[rows] - kept.sum(axis=1), 0), np.maximum(places[columns] - kept.sum(axis=0), 0), ties)


def best_flow(panel: Panel, top: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Chosen pairs (bool table) and the reduced cost of every allowed pair (int64 table, scaled as `panel.cost`).

    top: how many best pairs of each side the flow starts with. W932.
    """
    cost = panel.cost
    open_pairs = _best_pairs(panel, cost, top)
    while True:
        chosen = _flow(panel, cost, open_pairs)
        if chosen is None:
            if (open_pairs == panel.allowed).all():
                raise short_of_reviewers(panel)
            top *= 4
            open_pairs |= _best_pairs(panel, cost, top)
            continue
        reduced = _reduced_costs(panel, cost, open_pairs, chosen)
        better = panel.allowed & ~open_pairs & (reduced < 0)
        if not better.any():
            return chosen, reduced
        open_pairs |= better


def told(panel: Panel, chosen: np.ndarray, bound: int | None, floor: int = 0) -> Assignment:
    """The chosen pairs with their names. bound: of the chosen part's affinity; None if it is proved the greatest."""
    everything = chosen | panel.fixed
    rows, columns = np.nonzero(everything)
    pairs = tuple(Pair(panel.cases[row], panel.reviewers[column], int(panel.affinity[row, column]),
                       bool(panel.fixed[row, column])) for row, column in zip(rows, columns, strict=True))
    assert not (chosen & ~panel.allowed).any(), "a conflict is never assigned"
    assert (chosen.sum(axis=1) == panel.need).all() and (chosen.sum(axis=0) <= panel.places).all()
    total = sum(pair.affinity for pair in pairs)
    kept = int(panel.affinity[panel.fixed].sum())
    most = total if bound is None else max(total, bound + kept)
    least = int((panel.affinity * everything).sum(axis=1).min(initial=AFFINITY_MAX * len(panel.reviewers)))
    return Assignment(pairs, total, least if panel.cases else 0, most, total == most, floor)


def find_shortage(panel: Panel) -> Shortage | None:
    """The smallest group of cases that a least cut shows to have too few reviewers left, or None if all can be read."""
    # Some 30 MB of compiled library that only an assignment needs.
    from ortools.graph.python import max_flow  # noqa: PLC0415

    cases, reviewers = panel.allowed.shape
    source, sink = cases + reviewers, cases + reviewers + 1
    rows, columns = np.nonzero(panel.allowed)
    tails = np.concatenate([np.full(cases, source), rows, np.arange(cases, source)])
    heads = np.concatenate([np.arange(cases), columns + cases, np.full(reviewers, sink)])
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(tails, heads, np.concatenate([panel.need, np.ones(len(rows), np.int64), panel.places]))
    flow.solve(source, sink)
    if flow.optimal_flow() == panel.need.sum():
        return None
    reached = np.zeros(cases + reviewers + 2, dtype=bool)
    reached[np.array(flow.get_source_side_min_cut())] = True
    short = reached[:cases] & (panel.need > 0)
    able = panel.allowed[short].any(axis=0) & (panel.places > 0)
    full = reached[cases:source] & able  # cut at their load; the others give each of these cases one review at most
    possible = int(panel.places[full].sum() + panel.allowed[short][:, able & ~full].sum())
    return Shortage(tuple(np.array(panel.cases)[short].tolist()), tuple(np.array(panel.reviewers)[able].tolist()),
                    int(panel.need[short].sum()), possible)


def short_of_reviewers(panel: Panel) -> WestlakeError:
    """W932 with the names of the cases and of everybody who may still read them."""
    short = find_shortage(panel)
    assert short is not None, "a flow is missing only where a cut says why"
    return WestlakeError.one("W932", Place(field="reviews_per_case"), number=len(short.cases),
                             cases=listed(short.cases), eligible=len(short.reviewers),
                             reviewers=listed(short.reviewers) or "–", needed=short.needed, possible=short.possible)


def listed(names: Sequence[str]) -> str:
    """The first names, and an ellipsis if there are more."""
    return ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")


def _each(number: int | Sequence[int], times: int) -> np.ndarray:
    return np.full(times, number, np.int64) if isinstance(number, int) else np.asarray(number, np.int64)


def _refuse_unsound(fixed: Collection[tuple[str, str]], kept: np.ndarray, barred: np.ndarray, cases: Sequence[str],
                    reviewers: Sequence[str]) -> None:
    known_cases, known_reviewers = set(cases), set(reviewers)
    wrong = sorted({(reviewer, case) for reviewer, case in fixed
                    if case not in known_cases or reviewer not in known_reviewers}
                   | {(reviewers[column], cases[row]) for row, column in np.argwhere(kept & barred)})
    if wrong:
        raise WestlakeError.one("W931", Place(field="fixed"), number=len(wrong),
                                pairs=listed([f"{reviewer} – {case}" for reviewer, case in wrong]))


def _best_pairs(panel: Panel, cost: np.ndarray, top: int) -> np.ndarray:
    """The allowed pairs among each case's and each reviewer's `top` cheapest."""
    cases, reviewers = cost.shape
    if top >= max(cases, reviewers) or not cost.size:
        return panel.allowed.copy()
    shown = np.where(panel.allowed, cost, 1)  # every real cost is zero or less
    best = np.zeros(cost.shape, dtype=bool)
    wide, deep = min(top, reviewers), min(max(top, 2 * int(panel.places.max(initial=0))), cases)
    np.put_along_axis(best, np.argpartition(shown, wide - 1, axis=1)[:, :wide], True, axis=1)
    np.put_along_axis(best, np.argpartition(shown, deep - 1, axis=0)[:deep], True, axis=0)
    allowed: np.ndarray = best & panel.allowed
    return allowed


def _flow(panel: Panel, cost: np.ndarray, open_pairs: np.ndarray) -> np.ndarray | None:
    """Least-cost choice among the open pairs, or None if the needs cannot be met from them."""
    # Some 30 MB of compiled library that only an assignment needs.
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415

    cases, reviewers = cost.shape
    sink = cases + reviewers
    rows, columns = np.nonzero(open_pairs)
    flow = min_cost_flow.SimpleMinCostFlow()
    pair_arcs = flow.add_arcs_with_capacity_and_unit_cost(rows, columns + cases, np.ones(len(rows), np.int64),
                                                          cost[rows, columns])
    flow.add_arcs_with_capacity_and_unit_cost(np.arange(cases, sink), np.full(reviewers, sink), panel.places,
                                              np.zeros(reviewers, np.int64))
    flow.set_nodes_supplies(np.append(np.arange(cases), sink), np.append(panel.need, -panel.need.sum()))
    if flow.solve() != flow.OPTIMAL:
        return None
    chosen = np.zeros(cost.shape, dtype=bool)
    used = np.asarray(flow.flows(pair_arcs)) > 0
    chosen[rows[used], columns[used]] = True
    return chosen


def _reduced_costs(panel: Panel, cost: np.ndarray, open_pairs: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Reduced cost of all pairs under potentials that prove the flow least over the open ones.

    Potentials are shortest distances from the sink in what is left of the open arcs (Bellman and Ford): open pairs not
    chosen have reduced cost >= 0, chosen ones <= 0; a reviewer's potential is <= 0, and 0 where places are left.
    """
    far = np.int64(2**60)
    rows, columns = np.nonzero(open_pairs & ~chosen)
    order = np.argsort(columns, kind="stable")
    rows, columns = rows[order], columns[order]
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    weights, reached = cost[rows, columns], columns[starts]
    given, written = np.nonzero(chosen)
    # The sink reaches whoever has a load; who has none lies beside it, since an empty place costs nothing.
    reviewer = np.zeros(len(panel.reviewers), np.int64)
    case = np.full(len(panel.cases), far)
    for _ in range(2 * sum(cost.shape) + 2):
        before = reviewer.copy()
        np.minimum.at(case, given, reviewer[written] - cost[given, written])
        if len(rows):
            reviewer[reached] = np.minimum(reviewer[reached], np.minimum.reduceat(case[rows] + weights, starts))
        if (before == reviewer).all():
            break
    else:
        raise AssertionError("a least-cost flow leaves no cycle that pays")
    usable = panel.allowed & (panel.need > 0)[:, None] & (panel.places > 0)[None, :]
    return np.where(usable, cost + case[:, None] - reviewer[None, :], 0)

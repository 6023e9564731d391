"""A floor under every case: no applicant is read by strangers to the field only because others were served first.

With a floor given, the total affinity is maximised among the assignments that give each case at least so much.
The flow without a floor bounds that total, and its reduced costs say which pairs no such assignment can use: what is
found on the few pairs left (integer programme, HiGHS) is then bounded over all pairs. Finding the best floor halves the
open interval again and again; it takes minutes, so it reports where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from westlake.desk.panel.assignment import Assignment, Panel, best_flow, lay_out, listed, told
from westlake.errors import Place, WestlakeError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

GAP = 0.0001  # how near to the best total the search may stop
WIDEST = 20_000_000  # affinity: a margin beyond which no pair is left out

Progress = Callable[[int, int], None]


def assign_with_floor(cases: Sequence[str], reviewers: Sequence[str], affinity: np.ndarray, *, floor: int,
                      reviews_per_case: int | Sequence[int], load: int | Sequence[int],
                      conflicts: Iterable[tuple[str, str]] = (), fixed: Collection[tuple[str, str]] = (),
                      seed: int = 0, gap: float = GAP) -> Assignment:
    """The greatest total affinity among assignments that give every case a sum of at least `floor`.

    Takes what `assign_reviewers` takes. gap: share of the total that may be left open; `Assignment.bound` says how much
    was, and `optimal` whether nothing. W930–W932 as there; W933: no assignment has this floor (proved, with the
    cases that fall short); W934: none was found, and none was ruled out.
    """
    panel = lay_out(cases, reviewers, affinity, reviews_per_case, load, conflicts, fixed, seed)
    return _floored(panel, floor, gap)


def find_best_floor(cases: Sequence[str], reviewers: Sequence[str], affinity: np.ndarray, *,
                    reviews_per_case: int | Sequence[int], load: int | Sequence[int],
                    conflicts: Iterable[tuple[str, str]] = (), fixed: Collection[tuple[str, str]] = (),
                    seed: int = 0, gap: float = GAP, step: int = 10, progress: Progress | None = None) -> Assignment:
    """The assignment with the highest floor, to within `step` points; for a job.

    progress is called with (floor reached, floor not ruled out yet) whenever either moves. A floor for which nothing
    was found, though nothing ruled it out (W934), counts as out of reach. W930–W932.
    """
    panel = lay_out(cases, reviewers, affinity, reviews_per_case, load, conflicts, fixed, seed)
    chosen, _ = best_flow(panel)
    best = told(panel, chosen, None)
    low, high = best.least, int(_most_alone(panel).min()) if panel.cases else 0
    while True:
        if progress is not None:
            progress(low, high)
        if high - low < step:
            return best
        middle = (low + high + 1) // 2
        try:
            best = _floored(panel, middle, gap)
        except WestlakeError as error:
            assert error.problems[0].code in {"W933", "W934"}, error
            high = middle - 1
        else:
            low = best.least


def _floored(panel: Panel, floor: int, gap: float) -> Assignment:
    hopeless = _most_alone(panel) < floor
    if hopeless.any():
        raise _out_of_reach(panel, floor, hopeless)
    flow, reduced = best_flow(panel)
    free = told(panel, flow, None, floor)
    if free.least >= floor:
        return free
    most = int(panel.affinity[flow].sum())
    checked = False
    margin = 64  # affinity that an assignment may lose against the flow and still be seen
    while True:
        window = _window(panel, flow, reduced, margin)
        solved = _best_in(panel, floor, flow, window, gap)
        whole = bool((window == panel.allowed).all())
        if solved is not None:
            chosen, bound = solved
            bound = most if bound is None else bound
            # A pair outside the window costs at least the margin, so no assignment using it has more than this.
            over_all = bound if whole else max(bound, most - margin)
            total = int(panel.affinity[chosen].sum())
            if over_all - total <= gap * total:
                return told(panel, chosen, over_all, floor)
        elif not checked:
            short, checked = _short_of_floor(panel, floor, window | flow), True
            if short.any():
                raise _out_of_reach(panel, floor, short)
        if whole or margin > WIDEST:
            raise WestlakeError.one("W934", Place(field="floor"), floor=floor)
        margin *= 4


def _out_of_reach(panel: Panel, floor: int, short: np.ndarray) -> WestlakeError:
    names = [panel.cases[row] for row in np.flatnonzero(short)]
    return WestlakeError.one("W933", Place(field="floor"), floor=floor, number=len(names), cases=listed(names))


def _kept(panel: Panel) -> np.ndarray:
    """Affinity that each case has already from reviews that stay."""
    return np.asarray((panel.affinity * panel.fixed).sum(axis=1))


def _most_alone(panel: Panel) -> np.ndarray:
    """What each case could have at most if it were the only one."""
    usable = np.where(panel.allowed & (panel.places > 0)[None, :], panel.affinity, 0)
    ranked = -np.sort(-usable, axis=1)
    best = np.where(np.arange(ranked.shape[1])[None, :] < panel.need[:, None], ranked, 0).sum(axis=1)
    return np.asarray(np.where(panel.need > 0, best, 10**9) + _kept(panel))


def _window(panel: Panel, flow: np.ndarray, reduced: np.ndarray, margin: int) -> np.ndarray:
    """Pairs that an assignment losing less than `margin` may change; the rest stand as in the flow."""
    reach = (margin + 1) * panel.scale
    return np.asarray(panel.allowed & (np.abs(reduced) < reach))


def _best_in(panel: Panel, floor: int, flow: np.ndarray, window: np.ndarray,
             gap: float) -> tuple[np.ndarray, int | None] | None:
    """Best choice that differs from the flow inside the window only, with its bound; None if there is none."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  heavy; only a floor needs it

    settled = flow & ~window
    rows, columns = np.nonzero(window)
    weight = panel.affinity[rows, columns]
    each, floors, loads = _rows(panel, rows, columns)
    have = (panel.affinity * settled).sum(axis=1) + _kept(panel)
    wanted = np.where(panel.need > 0, floor - have, -np.inf)
    need, places = panel.need - settled.sum(axis=1), panel.places - settled.sum(axis=0)
    result = milp(-weight.astype(float), integrality=np.ones(len(rows)), bounds=Bounds(0, 1), constraints=[
        LinearConstraint(each, need, need), LinearConstraint(floors, wanted, np.inf),
        LinearConstraint(loads, -np.inf, places)], options={"mip_rel_gap": gap / 2})
    if result.x is None:
        return None
    chosen = settled.copy()
    chosen[rows, columns] = result.x > 0.5
    bound = int(np.floor(-result.mip_dual_bound + 1e-6)) + int(panel.affinity[settled].sum())
    return chosen, bound


def _short_of_floor(panel: Panel, floor: int, open_pairs: np.ndarray) -> np.ndarray:
    """Cases that fall short of the floor in the relaxed problem over all pairs; none if it can be met there.

    The least sum of shortfalls (linear programme) is a lower bound for whole reviews too. It is solved over some pairs
    (the flow among them), and pairs whose price under the duals is too good come in until none is left: then it holds
    over all.
    """
    from scipy.optimize import linprog  # noqa: PLC0415  heavy; only a floor needs it
    from scipy.sparse import csr_array, eye_array, hstack, vstack  # noqa: PLC0415  heavy

    usable = panel.allowed & (panel.need > 0)[:, None] & (panel.places > 0)[None, :]
    wanted = np.where(panel.need > 0, floor - _kept(panel), 0)
    cases, reviewers = usable.shape
    slack, beside = eye_array(cases, format="csr"), csr_array((reviewers, cases))
    while True:
        rows, columns = np.nonzero(open_pairs)
        each, floors, loads = _rows(panel, rows, columns)
        result = linprog(np.append(np.zeros(len(rows)), np.ones(cases)),
                         A_eq=hstack([each, csr_array((cases, cases))]), b_eq=panel.need,
                         A_ub=vstack([hstack([-floors, -slack]), hstack([loads, beside])]),
                         b_ub=np.append(-wanted, panel.places), method="highs",
                         bounds=np.append(np.tile([0, 1], (len(rows), 1)), np.tile([0, np.inf], (cases, 1)), axis=0))
        assert result.status == 0, result.message
        if result.fun < 1e-6:
            return np.zeros(cases, dtype=bool)
        of_floor, of_load = np.split(result.ineqlin.marginals, [cases])
        price = -(result.eqlin.marginals[:, None] - of_floor[:, None] * panel.affinity + of_load[None, :])
        better = usable & ~open_pairs & (price < -1e-7)
        if not better.any():
            return np.asarray(result.x[len(rows):] > 1e-6)
        open_pairs = open_pairs | better


def _rows(panel: Panel, rows: np.ndarray, columns: np.ndarray) -> tuple[csr_array, csr_array, csr_array]:
    """Reviews of each case, affinity of each case, reviews of each reviewer, as rows over the pairs."""
    from scipy.sparse import csr_array  # noqa: PLC0415  heavy; only a floor needs it

    pairs = np.arange(len(rows))
    ones = np.ones(len(rows))
    cases, reviewers = panel.affinity.shape
    return (csr_array((ones, (rows, pairs)), shape=(cases, len(rows))),
            csr_array((panel.affinity[rows, columns].astype(float), (rows, pairs)), shape=(cases, len(rows))),
            csr_array((ones, (columns, pairs)), shape=(reviewers, len(rows))))

"""Paying down a list: the usual practice, with its quotas, its edge and its ties declared beforehand.

First each quota that asks for a least number or amount takes its best-placed cases, quotas in the order declared; then
the list is paid from the top. Ties go by lot under the published seed, never by the alphabet. A case that waits for
another one is looked at again as soon as that one is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from westlake.desk.panel.assignment import listed
from westlake.desk.panel.lottery import Drawing, draw_lots
from westlake.desk.panel.terms import Bound, Candidate, Tally, Terms
from westlake.errors import Place, WestlakeError
from westlake.settlement.allotment import draw


def in_order(candidates: Sequence[Candidate], seed: str) -> list[Candidate]:
    """Most points first, ties by lot."""
    return sorted(candidates, key=lambda one: (-one.points, draw(seed, one.case)))


def by_lot(order: Sequence[Candidate], terms: Terms, seed: str,
           band: Collection[str] | None) -> tuple[list[Candidate], Drawing]:
    """The list after the draw: the cases of the band exchange the places that they hold in it; all others keep theirs.

    band: cases that the points cannot tell apart (`uncertain_band`); None: every case that reaches the threshold. W940.
    """
    drawing = [number for number, one in enumerate(order)
               if one.points >= terms.threshold and (band is None or one.case in band)]
    lots = draw_lots(seed, (order[number].case for number in drawing), 0)
    known, drawn = {one.case: one for one in order}, list(order)
    for number, lot in zip(drawing, lots.lots, strict=True):
        drawn[number] = known[lot.case]
    return drawn, lots


def pay_down(order: Sequence[Candidate], terms: Terms, forced: Collection[str] = ()) -> tuple[Tally, dict[str, Bound]]:
    """What is given, and for each case that is not, the term that stood in its way when its turn came.

    forced: cases given their amount before anything else (to see what that would push out). W939: quotas left short.
    """
    tally = Tally(terms)
    for one in order:
        if one.case in forced:
            tally.take(one, min(one.amount, tally.left))
    served = _serve_quotas(order, tally)
    place = {one.case: rank for rank, one in enumerate(order)}
    passed: dict[str, Bound] = {}
    waiting: dict[str, list[Candidate]] = defaultdict(list)
    closed_by = ""
    for one in order:
        line = [one]
        while line:
            at = line.pop(0)
            if at.case in tally.given:
                continue
            bound = tally.bound(at)
            if closed_by and (bound is None or bound.kind == "budget"):
                bound = Bound("list_closed", {"other": closed_by})
            elif bound is not None and bound.kind == "budget":
                kept = _kept_for(at, tally, [one for one in served if place[one[0]] > place[at.case]])
                closed_by, bound = _at_the_edge(at, tally, kept or bound)
            elif bound is None:
                tally.take(at, at.amount)
            if bound is None:
                passed.pop(at.case, None)
                line[:0] = waiting.pop(at.case, ())
                continue
            passed[at.case] = bound
            if bound.kind == "prerequisite":
                waiting[str(bound.values["other"])].append(at)
    return tally, passed


def _serve_quotas(order: Sequence[Candidate], tally: Tally) -> list[tuple[str, int]]:
    """Give each quota its least; the cases that came in by it, each with the quota's number."""
    short, served = [], []
    for number, quota in enumerate(tally.terms.quotas):
        for one in order:
            if tally.short(number) == (0, 0):
                break
            if quota.holds(one) and one.case not in tally.given and tally.bound(one) is None:
                tally.take(one, one.amount)
                served.append((one.case, number))
        if tally.short(number) != (0, 0):
            short.append(str(quota))
    if short:
        raise WestlakeError.one("W939", Place(field="quotas"), number=len(short), quotas=listed(short))
    return served


def _kept_for(one: Candidate, tally: Tally, lower: Sequence[tuple[str, int]]) -> Bound | None:
    """The quota whose least was served first from the money that a case now lacks; None if it would lack it anyway.

    lower: cases that stand below it and came in by a quota, with the quota's number. Where only several quotas together
    took the money, the first of them is told.
    """
    by_quota: dict[int, list[str]] = defaultdict(list)
    for case, number in lower:
        by_quota[number].append(case)
    lacking = one.amount - tally.left
    took = {number: sum(tally.given[case] for case in cases) for number, cases in by_quota.items()}
    if sum(took.values()) < lacking:
        return None
    number = next((number for number, money in took.items() if money >= lacking), next(iter(took)))
    return Bound("quota_least", {"quota": str(tally.terms.quotas[number]), "other": by_quota[number][0],
                                 "left": tally.left, "amount": one.amount})


def _at_the_edge(one: Candidate, tally: Tally, bound: Bound) -> tuple[str, Bound | None]:
    """Who closes the list, if anybody, and what the case itself is told."""
    if tally.terms.partial_last and tally.left > 0:
        tally.take(one, tally.left)
        return one.case, None
    return (one.case if tally.terms.edge == "stop" or tally.terms.partial_last else ""), bound

"""Why a case was passed over though it ranks above one that was chosen, and what choosing it would have cost.

For all at once: the first term that stood in its way, from the list's own turn, or, where the best choice was sought,
from looking at each against what was chosen. For one, on demand: the choice made again with that case in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from westlake.desk.panel.selection import GAP, Award, Passed, Selection, choose_cases, worth
from westlake.desk.panel.terms import Bound, Candidate, Quota, Tally, Terms
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.rules.kinds import write_points
from westlake.words import say

MONEY = ("left", "amount")
POINTS = ("points", "threshold")


@dataclass(frozen=True)
class Replacement:
    """What choosing one more case would do."""

    case: str
    possible: bool  # under the terms as they are
    bound: Bound | None  # if not: the term that no other choice could free it from
    brought_in: tuple[Award, ...]  # this case and any others, by rank
    pushed_out: tuple[Award, ...]  # chosen now, and no longer then; by rank
    cost: int  # what the objective would lose; below zero only within the gap, or where nothing was maximised


def explain_skipped(candidates: Sequence[Candidate], terms: Terms, selection: Selection, *,
                    everybody: bool = False) -> tuple[Passed, ...]:
    """Each case passed over that ranks above one that was chosen, by rank; with everybody, all that were not chosen."""
    known = {one.case: one for one in candidates}
    lowest = max((award.rank for award in selection.awards), default=0)
    passed = selection.passed if selection.mode != "optimal" else _against(known, terms, selection)
    if selection.drawing is not None:
        in_draw = {lot.case for lot in selection.drawing.lots}
        passed = tuple(_not_drawn(one) if one.case in in_draw else one for one in passed)
    return tuple(one for one in passed if everybody or one.rank < lowest)


def bound_sentence(bound: Bound, lang: str = "en", currency: str = "CNY") -> str:
    """Why, in one sentence; money in the currency, points with their decimals."""
    values = {name: format_money(int(str(value)), currency, sign=True) if name in MONEY
              else write_points(int(str(value))) if name in POINTS
              else value for name, value in bound.values.items()}
    return say(f"desk_choice.bound.{bound.kind}", lang, **values)


def resolve_with(case: str, candidates: Sequence[Candidate], terms: Terms, selection: Selection, *, gap: float = GAP,
                 band: Collection[str] | None = None, nodes: int | None = None) -> Replacement:
    """The choice made again with this case in it. gap, band, nodes: as the selection was made."""
    known = {one.case: one for one in candidates}
    alone = _alone(known, terms, case)
    if alone is not None:
        return Replacement(case, False, alone, (), (), 0)
    try:
        again = choose_cases(candidates, terms, seed=selection.seed, gap=gap, band=band, forced={case}, nodes=nodes)
    except WestlakeError as error:
        quota = _in_the_way(case, candidates, terms, selection, gap, band, nodes)
        why = Bound("no_choice_quota", {"quota": str(quota)}) if quota else Bound(
            "no_choice", {"reason": error.problems[0].code})
        return Replacement(case, False, why, (), (), 0)
    return Replacement(case, True, None, tuple(one for one in again.awards if one.case not in selection.cases),
                       tuple(one for one in selection.awards if one.case not in again.cases),
                       selection.objective - again.objective)


def _in_the_way(case: str, candidates: Sequence[Candidate], terms: Terms, selection: Selection, gap: float,
                band: Collection[str] | None, nodes: int | None) -> Quota | None:
    """The first quota without whose least the case could be chosen; None if there is none."""
    for number, quota in enumerate(terms.quotas):
        if not quota.asks:
            continue
        freed = replace(quota, least_count=0, least_share_ppm=0, least_amount=0)
        without = replace(terms, quotas=(*terms.quotas[:number], freed, *terms.quotas[number + 1:]))
        try:
            choose_cases(candidates, without, seed=selection.seed, gap=gap, band=band, forced={case}, nodes=nodes)
        except WestlakeError:
            continue
        return quota
    return None


def _alone(known: Mapping[str, Candidate], terms: Terms, case: str) -> Bound | None:
    """What bars a case even if nothing but what it needs were chosen."""
    tally = Tally(terms)
    for needed, other in terms.prerequisites:
        if needed == case and other in known and tally.bound(known[other]) is None:
            tally.take(known[other], known[other].amount)
    return tally.bound(known[case])


def _against(known: Mapping[str, Candidate], terms: Terms, selection: Selection) -> tuple[Passed, ...]:
    """Each case not chosen, against all that were. What only the money bars is a trade-off of the best choice."""
    tally = Tally(terms)
    for award in selection.awards:
        tally.take(known[award.case], award.amount)
    passed = []
    for case, rank in selection.ranks.items():
        if case not in tally.given:
            bound = tally.bound(known[case])
            assert bound is not None, "whatever still fits was chosen"
            if bound.kind == "budget":
                bound = _kept_for(known[case], known, tally) or Bound("trade_off", bound.values)
            passed.append(Passed(case, rank, bound))
    return tuple(sorted(passed, key=lambda one: one.rank))


def _kept_for(one: Candidate, known: Mapping[str, Candidate], tally: Tally) -> Bound | None:
    """The quota whose least alone keeps a case of less worth in its place; None if the best choice prefers that."""
    terms = tally.terms
    for number, quota in enumerate(terms.quotas):
        if not quota.asks or quota.holds(one):
            continue
        for other, amount in tally.given.items():
            if (quota.holds(known[other]) and worth(one, terms.objective) > worth(known[other], terms.objective)
                    and tally.left + amount >= one.amount and _needed(quota, tally, number, amount)
                    and _fits_without(other, one, known, tally)):
                return Bound("quota_least", {"quota": str(quota), "other": other, "left": tally.left,
                                             "amount": one.amount})
    return None


def _needed(quota: Quota, tally: Tally, number: int, amount: int) -> bool:
    """Whether a quota would be left short without one case of this amount."""
    return (tally.counts[number] - 1 < quota.least_count
            or tally.amounts[number] - amount < quota.least_money(tally.terms.budget))


def _fits_without(other: str, one: Candidate, known: Mapping[str, Candidate], tally: Tally) -> bool:
    """Whether nothing but a quota's least would keep a case from another's place."""
    without = Tally(tally.terms)
    for case, amount in tally.given.items():
        if case != other:
            without.take(known[case], amount)
    return without.bound(one) is None


def _not_drawn(one: Passed) -> Passed:
    """Where lots gave the order, being too late in it is not having been drawn."""
    late = one.bound.kind in {"budget", "list_closed"}
    return one._replace(bound=Bound("not_drawn", {"turn": one.rank})) if late else one

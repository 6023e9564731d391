"""Why a case was passed over though it ranks above one that was chosen, and what choosing it would have cost.

For all at once: the first term that stood in its way, from the list's own turn, or, where the best choice was sought,
from looking at each against what was chosen. For one, on demand: the choice made again with that case in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from westlake.desk.selection import GAP, Award, Passed, Selection, choose_cases
from westlake.desk.terms import Bound, Candidate, Tally, Terms
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
        return Replacement(case, False, Bound("no_choice", {"reason": error.problems[0].code}), (), (), 0)
    return Replacement(case, True, None, tuple(one for one in again.awards if one.case not in selection.cases),
                       tuple(one for one in selection.awards if one.case not in again.cases),
                       selection.objective - again.objective)


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
            passed.append(Passed(case, rank, Bound("trade_off", bound.values) if bound.kind == "budget" else bound))
    return tuple(sorted(passed, key=lambda one: one.rank))


def _not_drawn(one: Passed) -> Passed:
    """Where lots gave the order, being too late in it is not having been drawn."""
    late = one.bound.kind in {"budget", "list_closed"}
    return one._replace(bound=Bound("not_drawn", {"turn": one.rank})) if late else one

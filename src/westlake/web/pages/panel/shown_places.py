"""What of a ranking or a choice one person may know: the places of the cases they see, and no name beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from westlake.desk.calls import Call
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.panel.explanation import bound_sentence
from westlake.desk.panel.quota_fields import NAMES, field_words, value_words
from westlake.desk.panel.standing import Standing
from westlake.desk.panel.terms import Bound
from westlake.desk.people import people_of
from westlake.desk.seeing import View, shown_cases, views_of
from westlake.register import Register
from westlake.web.visit import Visit
from westlake.words import say

WIDE = 1000  # width of a bar


@dataclass(frozen=True)
class Line:
    """A case's place in the reader's words. why: what stood in its way; band: the reviews cannot tell on which side of
    the cut-off it stands; left, width, mark: its rank interval as a bar of WIDE, and its rank in it."""

    one: Standing
    firm: str
    mean: str
    estimate: str
    why: str
    decided_by: str
    band: bool
    left: int
    width: int
    mark: int

    @property
    def case(self) -> Case:
        return self.one.case


def shown_places(request: Visit, desk: Desk, found: Sequence[Standing]) -> tuple[list[Standing], dict[int, View]]:
    """Of these, the cases whose scores this person may see, with what they are shown of each.

    Where some are kept from them, ranks are counted anew among the rest: a gap would tell a place.
    """
    views = views_of(desk, [one.case for one in found], request.person, request.roles)
    shown = shown_cases(desk, [one.case for one in found], views)
    kept = [replace(one, case=shown[one.case.id]) for one in found
            if views[one.case.id].scores_shown]
    if len(kept) == len(found):
        return kept, views
    ranks = {run: sorted(one.rank for one in kept if one.run == run and one.rank) for run in {one.run for one in kept}}

    def above(one: Standing, rank: int) -> int:
        return sum(other < rank for other in ranks[one.run])

    return [replace(one, rank=above(one, one.rank) + 1, rank_low=above(one, one.rank_low) + 1,
                    rank_high=max(above(one, one.rank_high + 1), above(one, one.rank) + 1)) if one.rank else one
            for one in kept], views


def in_band(one: Standing, cut: int | None) -> bool:
    """Whether the reviews cannot tell on which side of the cut-off a case stands. cut: places within the budget, by
    rank; None where it cannot be told."""
    return cut is not None and one.rank_low <= cut < one.rank_high


def lines_of(request: Visit, desk: Desk, call: Call, kept: Sequence[Standing], views: dict[int, View],
             cut: int | None = None, some: Sequence[Standing] | None = None) -> list[Line]:
    """The same in words. cut: as in_band takes it; some: of these only, where a page shows but a part of all."""
    told = kept if some is None else some
    shown = {one.case.number for one in kept}
    most = max((max(one.rank_high, one.rank) for one in kept), default=1)
    firms = Register(desk.connection).of({one.case.firm for one in told if one.case.firm}, desk.today(),
                                         ["name"])
    people = people_of(desk.connection, {one.override.person for one in told if one.override})
    found = []
    for one in told:
        facts = firms.get(one.case.firm, {})
        firm = facts["name"].value if "name" in facts else one.case.firm
        person = people.get(one.override.person) if one.override else None
        found.append(Line(
            one, firm if views[one.case.id].applicant_shown else "", points(one.mean), points(one.estimate),
            told_bound(one.bound, desk, call, shown, firm, request.lang) if one.bound else "",
            person.name if person else "", in_band(one, cut),
            (one.rank_low - 1) * WIDE // most, max((one.rank_high - one.rank_low + 1) * WIDE // most, 1),
            (2 * one.rank - 1) * WIDE // (2 * most)))
    return found


def told_bound(bound: Bound, desk: Desk, call: Call, shown: set[str], firm: str, lang: str) -> str:
    """Why a case was passed over, without the numbers of cases and the names that the reader may not know."""
    values, hidden = dict(bound.values), say("web.reviews.not_shown", lang)
    if "other" in values and values["other"] not in shown:
        values["other"] = hidden
    if "field" in values:
        name = str(values["field"])
        if name in NAMES:
            values["value"] = firm or hidden
        values["field"] = field_words(desk, call, name, lang)
    if isinstance(values.get("quota"), str):
        name, _, value = str(values["quota"]).partition(" = ")
        told = hidden if name in NAMES else value_words(desk, call, name, value, lang)
        values["quota"] = f"{field_words(desk, call, name, lang)} = {told}"
    return bound_sentence(Bound(bound.kind, values), lang, call.currency)


def points(thousandths: int) -> str:
    """Points with one decimal, half up."""
    return f"{(thousandths + 50) // 100 / 10:.1f}"

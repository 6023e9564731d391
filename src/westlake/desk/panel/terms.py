"""The terms of a choice: what a programme says about budget, quotas, one award an organisation, and who excludes whom.

The terms are the same for every way of choosing; a `Tally` holds what has been given so far and says which term
stands in a further case's way. Points are thousandths, money is minor units, shares are ppm of the budget.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from westlake.errors import Place, WestlakeError
from westlake.money import MONEY_MAX, PPM

MODES = ("ranked_list", "optimal", "lottery")
OBJECTIVES = ("points", "points_x_cost", "count")
EDGES = ("stop", "skip")


@dataclass(frozen=True)
class Candidate:
    """A case that may be chosen."""

    case: str
    points: int  # thousandths
    amount: int  # what it would be awarded, minor units, positive
    fields: Mapping[str, str] = field(default_factory=dict)  # district, sector, organisation, ...


@dataclass(frozen=True)
class Quota:
    """At least or at most so many cases, so much money or such a share of the budget for cases with field = value."""

    field: str
    value: str
    least_count: int = 0
    most_count: int | None = None
    least_share_ppm: int = 0
    most_share_ppm: int | None = None
    least_amount: int = 0
    most_amount: int | None = None

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"

    @property
    def asks(self) -> bool:
        """Whether it reserves anything: a least number, amount or share."""
        return bool(self.least_count or self.least_share_ppm or self.least_amount)

    def holds(self, candidate: Candidate) -> bool:
        """Whether the candidate counts toward this quota."""
        return candidate.fields.get(self.field, "") == self.value

    def least_money(self, budget: int) -> int:
        """Minor units that must go here: the greater of amount and share, a share rounded up."""
        return max(self.least_amount, -(-budget * self.least_share_ppm // PPM))

    def most_money(self, budget: int) -> int:
        """Minor units that may go here: the smaller of amount and share, rounded down; at most the budget."""
        share = budget if self.most_share_ppm is None else budget * self.most_share_ppm // PPM
        return min(budget, share, budget if self.most_amount is None else self.most_amount)


@dataclass(frozen=True)
class Terms:
    """What a programme declares before its call opens."""

    mode: str  # one of MODES
    budget: int  # minor units
    objective: str = "points"  # of mode optimal; one of OBJECTIVES
    threshold: int = 0  # points, thousandths: fewer are never chosen
    quotas: tuple[Quota, ...] = ()
    one_per: tuple[str, ...] = ()  # fields, such as organisation: one award a value; an empty value is nobody's
    exclusions: tuple[tuple[str, str], ...] = ()  # never both
    prerequisites: tuple[tuple[str, str], ...] = ()  # (a, b): a only together with b
    edge: str = "skip"  # the first that no longer fits ends the list (stop), or smaller ones may follow (skip)
    partial_last: bool = False  # the first that no longer fits is given what is left, and ends the list


class Bound(NamedTuple):
    """The term that stands in a case's way; `values` fill the sentence of `desk_choice.bound.<kind>`."""

    kind: str
    values: Mapping[str, object]


def check_terms(terms: Terms, candidates: Sequence[Candidate]) -> None:
    """W938 with the field that is unsound."""
    wrong = [name for name, sound in (
        ("mode", terms.mode in MODES), ("objective", terms.objective in OBJECTIVES), ("edge", terms.edge in EDGES),
        ("budget", 0 <= terms.budget <= MONEY_MAX),
        ("partial_last", not (terms.partial_last and terms.mode == "optimal")),
        ("quotas", all(_sound(quota) for quota in terms.quotas)),
        ("exclusions", all(one != other for one, other in terms.exclusions)),
        ("candidates", len({one.case for one in candidates}) == len(candidates)
         and all(0 < one.amount <= MONEY_MAX and 0 <= one.points <= PPM for one in candidates)),
    ) if not sound]
    if wrong:
        raise WestlakeError.one("W938", Place(field=wrong[0]), field=", ".join(wrong))


def _sound(quota: Quota) -> bool:
    pairs = ((quota.least_count, quota.most_count), (quota.least_share_ppm, quota.most_share_ppm),
             (quota.least_amount, quota.most_amount))
    return all(least >= 0 and (most is None or least <= most) for least, most in pairs) and max(
        quota.least_share_ppm, quota.most_share_ppm or 0) <= PPM


class Tally:
    """What has been given so far, and what that leaves."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.left = terms.budget
        self.given: dict[str, int] = {}
        self.counts = [0] * len(terms.quotas)
        self.amounts = [0] * len(terms.quotas)
        self._taken: dict[tuple[str, str], str] = {}
        self._excludes: dict[str, list[str]] = defaultdict(list)
        self._needs: dict[str, list[str]] = defaultdict(list)
        for one, other in terms.exclusions:
            self._excludes[one].append(other)
            self._excludes[other].append(one)
        for case, needed in terms.prerequisites:
            self._needs[case].append(needed)
        self._by_value: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, quota in enumerate(terms.quotas):
            self._by_value[quota.field, quota.value].append(number)

    def take(self, candidate: Candidate, amount: int) -> None:
        """Give a case its amount."""
        self.given[candidate.case] = amount
        self.left -= amount
        for number in self._quotas(candidate):
            self.counts[number] += 1
            self.amounts[number] += amount
        for name in self.terms.one_per:
            if candidate.fields.get(name):
                self._taken[name, candidate.fields[name]] = candidate.case

    def bound(self, candidate: Candidate) -> Bound | None:
        """The first term that keeps the case out as things stand, or None if it could be given its amount."""
        case = candidate.case
        if candidate.points < self.terms.threshold:
            return Bound("below_threshold", {"points": candidate.points, "threshold": self.terms.threshold})
        for other in self._excludes.get(case, ()):
            if other in self.given:
                return Bound("excluded", {"other": other})
        for needed in self._needs.get(case, ()):
            if needed not in self.given:
                return Bound("prerequisite", {"other": needed})
        for name in self.terms.one_per:
            taken = self._taken.get((name, candidate.fields.get(name, "")))
            if taken is not None:
                return Bound("one_per", {"field": name, "value": candidate.fields[name], "other": taken})
        return self._quota_full(candidate) or self._budget_short(candidate)

    def short(self, number: int) -> tuple[int, int]:
        """Cases and minor units that a quota still lacks."""
        quota = self.terms.quotas[number]
        return (max(quota.least_count - self.counts[number], 0),
                max(quota.least_money(self.terms.budget) - self.amounts[number], 0))

    def _quotas(self, candidate: Candidate) -> list[int]:
        return [number for key in candidate.fields.items() for number in self._by_value.get(key, ())]

    def _quota_full(self, candidate: Candidate) -> Bound | None:
        for number in sorted(self._quotas(candidate)):
            quota = self.terms.quotas[number]
            if quota.most_count is not None and self.counts[number] >= quota.most_count:
                return Bound("quota_count", {"quota": str(quota), "most": quota.most_count})
            room = quota.most_money(self.terms.budget) - self.amounts[number]
            if candidate.amount > room and room < self.left:
                return Bound("quota_amount", {"quota": str(quota), "left": room, "amount": candidate.amount})
        return None

    def _budget_short(self, candidate: Candidate) -> Bound | None:
        if candidate.amount <= self.left:
            return None
        return Bound("budget", {"left": self.left, "amount": candidate.amount})

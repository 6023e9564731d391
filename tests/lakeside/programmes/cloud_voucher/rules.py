"""Cloud voucher: the city repays part of the cloud computing that a firm used and paid for."""

from westlake.rules import (
    Bool,
    Choice,
    Count,
    Day,
    FineMoney,
    Money,
    Rate,
    Table,
    fine_share_half_up,
    rule,
    so_far,
    year_of,
    years_between,
)


@rule(source="L-cloud25", clause="2")
def year(used_until: Day) -> Count:
    """The year that the use counts toward."""
    return year_of(used_until)


@rule(source="L-cloud25", clause="2(1)")
def is_young(founded_on: Day, day: Day, age_max_years: Count) -> Bool:
    """Young enough: founded no longer ago than the measures allow, and not in the future."""
    return founded_on <= day and years_between(founded_on, day) <= age_max_years


@rule(source="L-cloud25", clause="2(2)")
def is_small(contracts_year: Money, small_contracts_max: Money) -> Bool:
    """Small firm: yearly contracts up to the threshold."""
    return contracts_year <= small_contracts_max


@rule(source="L-cloud25", clause="2(3)")
def counts(compute_class: Choice) -> Bool:
    """The computing is of a class that the voucher repays."""
    return compute_class != "excluded"


@rule(source="L-cloud24", clause="unknown", end="2025-06-30")
def rate(compute_class: Choice, rate_by_class: Table[Rate]) -> Rate:
    """The share repaid, by where the computing was bought."""
    return rate_by_class[compute_class]


@rule(source="L-cloud25", clause="3(2)", start="2025-07-01", name="rate")
def rate_with_uplift(compute_class: Choice, is_small: Bool, rate_by_class: Table[Rate], small_rate: Rate) -> Rate:
    """The share repaid; small firms get the higher of theirs and their class's."""
    if is_small and compute_class in ("domestic", "other"):
        return max(small_rate, rate_by_class[compute_class])
    return rate_by_class[compute_class]


@rule(source="L-cloud25", clause="3(1)")
def share(base: FineMoney, rate: Rate) -> Money:
    """The share of the eligible base, rounded once, half away from zero."""
    return fine_share_half_up(base, rate)


@rule(source="L-cloud25", clause="2")
def eligible(is_young: Bool, counts: Bool, in_lakeside: Bool) -> Bool:
    """Everything that the measures ask of an applicant."""
    return is_young and counts and in_lakeside


claimed_before = so_far("claim", by=("firm", "year"), opening="claimed_elsewhere")


@rule(source="L-cloud25", clause="4")
def room(claimed_before: Money, firm_cap_year: Money) -> Money:
    """What the yearly cap still leaves to the firm."""
    return max(0, firm_cap_year - claimed_before)


@rule(source="L-cloud25", clause="4")
def claim(eligible: Bool, share: Money, room: Money) -> Money:
    """What the firm may claim; a credit note takes back in full."""
    if not eligible:
        return 0
    return min(share, room)

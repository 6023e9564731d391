"""Render voucher: Lakeside repays part of the cloud computing that a studio used and paid for.

A line is one invoice's eligible spend of one class in one month. Caps over time run over a firm's lines
of a year; a line settled before counts only by the change in its claim, so that late credits and
corrections give money back exactly once.
"""

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
)


@rule(source="L-cloud25", clause="unknown")
def is_resident(resident: Bool) -> Bool:
    """The firm is registered and run in the city."""
    return resident


@rule(source="L-cloud25", clause="2")
def is_addressed(saas: Bool, saas_only: Bool) -> Bool:
    """Where the voucher is meant for SaaS firms only, the firm is one."""
    return saas or not saas_only


@rule(source="L-cloud25", clause="unknown")
def eligible(is_resident: Bool, is_addressed: Bool) -> Bool:
    """All tests together."""
    return is_resident and is_addressed


@rule(source="L-cloud25", clause="unknown")
def is_small_user(size: Choice, contracts_year: Money, small_contracts_max: Money) -> Bool:
    """A small or medium firm whose yearly contracts stay up to the threshold."""
    return size != "large" and contracts_year <= small_contracts_max


@rule(source="L-cloud25", clause="unknown")
def rate(spend_class: Choice, is_small_user: Bool, rate_by_class: Table[Rate], small_user_rate: Rate) -> Rate:
    """Small users get the higher rate; all others the rate of what they rented."""
    if is_small_user:
        return max(small_user_rate, rate_by_class[spend_class])
    return rate_by_class[spend_class]


@rule(source="L-cloud25", clause="unknown")
def claim(base: FineMoney, eligible: Bool, rate: Rate) -> Money:
    """What the line is worth by itself: spend actually incurred, at its rate, rounded once."""
    if not eligible:
        return 0
    return fine_share_half_up(base, rate)


@rule(source="L-guess", clause="unknown")
def change(claim: Money, claim_settled: Money) -> Money:
    """How far the claim has moved since this line was last settled."""
    return claim - claim_settled


@rule(source="L-cloud25", clause="unknown")
def year(day: Day) -> Count:
    """The year whose cap the line consumes."""
    return year_of(day)


claims_so_far = so_far("change", by=("firm", "year"), opening="claims_before")
allotted_so_far = so_far("entitlement", by=("firm", "year"), opening="allotted_before")


@rule(source="L-cloud25", clause="unknown")
def entitlement(change: Money, claims_so_far: Money, allotted_so_far: Money, firm_cap_year: Money) -> Money:
    """What the line adds under the firm's yearly cap; a credit first uses up what was claimed but never given."""
    spare = claims_so_far - allotted_so_far
    if change < 0:
        return -min(allotted_so_far, max(-change - max(spare, 0), 0))
    return max(min(change + min(spare, 0), firm_cap_year - allotted_so_far), 0)

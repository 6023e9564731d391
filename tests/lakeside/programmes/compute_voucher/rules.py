"""Compute voucher: a yearly share of what a firm spent on computing and storage, up to a cap."""

from westlake.rules import Choice, Money, Rate, Table, rule, share_down


@rule(source="L-cloud25", clause="3(2)")
def eligible_spend(spend_compute: Money, spend_storage: Money) -> Money:
    """Spend on services in the voucher catalogue."""
    return spend_compute + spend_storage


@rule(source="L-cloud25", clause="4(1)")
def rate(size_class: Choice, rate_by_size: Table[Rate]) -> Rate:
    """The share repaid, by the firm's size."""
    return rate_by_size[size_class]


@rule(source="L-cloud25", clause="5")
def payout(eligible_spend: Money, rate: Rate, minimum_spend: Money, annual_cap: Money) -> Money:
    """Voucher for the year, rounded down."""
    if eligible_spend < minimum_spend:
        return 0
    return min(share_down(eligible_spend, rate), annual_cap)

"""Fund of funds and direct investment: public money beside private, a minority, never the leader.

A case is a commitment to a sub-fund, or a direct investment in a firm: behind a private lead, alone, or
as a seed cheque. The tests say whether it may be done; the cheque, how much of it.
"""

from westlake.rules import Bool, Choice, Count, Day, Money, Rate, Table, rule, share_down, years_between


@rule(source="F06", clause="F06")
def is_in_city(kind: Choice, resident: Bool) -> Bool:
    """The fund invests in firms inside the jurisdiction; a sub-fund undertakes it instead."""
    return kind == "sub_fund" or resident


@rule(source="P-vc19", clause="unknown")
def is_small_enough(kind: Choice, staff: Count, sales: Money, high_tech: Bool, staff_max: Table[Count],
                    sales_max: Money, sales_max_high_tech: Money) -> Bool:
    """The firm is small enough for its kind of money; a seed cheque asks of its staff only."""
    if staff > staff_max[kind]:
        return False
    if kind == "seed":
        return True
    if high_tech:
        return sales <= sales_max_high_tech
    return sales <= sales_max


@rule(source="P-rm", clause="unknown")
def is_young_enough(kind: Choice, founded: Day, day: Day, seed_years_max: Count) -> Bool:
    """A seed cheque is for a young firm."""
    return kind != "seed" or (founded <= day and years_between(founded, day) <= seed_years_max)


@rule(source="P-xs", clause="unknown")
def is_minority(kind: Choice, asked: Money, total: Money, share_max: Table[Rate]) -> Bool:
    """The public share of the fund or the round stays within its bound."""
    return asked <= share_down(total, share_max[kind])


@rule(source="F30", clause="F30")
def is_leveraged(kind: Choice, asked: Money, private: Money, leverage_min: Count) -> Bool:
    """Each yuan of a sub-fund's public money stands beside so many private ones."""
    return kind != "sub_fund" or private >= asked * leverage_min


@rule(source="P-yh26", clause="unknown")
def is_not_leader(kind: Choice, leads: Bool, largest_holder: Bool) -> Bool:
    """The city neither leads a round nor becomes the largest holder."""
    return kind == "sub_fund" or not (leads or largest_holder)


@rule(source="P-yh26", clause="unknown")
def is_stake_bounded(kind: Choice, stake: Rate, stake_max: Rate) -> Bool:
    """The city's stake after the round stays within its bound."""
    return kind == "sub_fund" or stake <= stake_max


@rule(source="P-yh26", clause="unknown")
def is_priced_by_market(kind: Choice, priced_by_lead: Bool, price: Money, last_price: Money) -> Bool:
    """The private lead sets the price; alone, the city pays no more than the last post-money valuation."""
    if kind == "with_lead":
        return priced_by_lead
    if kind == "alone":
        return price <= last_price
    return True


@rule(source="P-xs", clause="unknown")
def is_reinvested(kind: Choice, asked: Money, local_plan: Money, reinvest_rate: Rate) -> Bool:
    """A sub-fund undertakes to invest a multiple of the public money in the city."""
    return kind != "sub_fund" or local_plan >= share_down(asked, reinvest_rate)


@rule(source="P-vc19", clause="unknown")
def eligible(is_in_city: Bool, is_small_enough: Bool, is_young_enough: Bool, is_minority: Bool,
             is_leveraged: Bool, is_not_leader: Bool, is_stake_bounded: Bool, is_priced_by_market: Bool,
             is_reinvested: Bool) -> Bool:
    """All tests together."""
    return (is_in_city and is_small_enough and is_young_enough and is_minority and is_leveraged and is_not_leader
            and is_stake_bounded and is_priced_by_market and is_reinvested)


@rule(source="P-yh26", clause="unknown")
def claim(eligible: Bool, asked: Money) -> Money:
    """What is asked for, if all tests are passed."""
    if not eligible:
        return 0
    return asked


@rule(source="P-yh26", clause="unknown")
def cheque(claim: Money, kind: Choice, cheque_max: Table[Money]) -> Money:
    """What is asked for, up to the largest cheque of its kind."""
    return min(claim, cheque_max[kind])


@rule(source="F30", clause="F30")
def private_expected(cheque: Money, leverage_target: Count) -> Money:
    """The private money that the design expects beside the cheque: a target, not a test."""
    return cheque * leverage_target

"""Lakeside pays part of a pier: half when the piles stand, the rest when the deck is laid."""

from westlake.rules import Bool, Choice, Money, Rate, Table, rule, share_down


@rule(source="L-cloud25", clause="1")
def is_resident(resident: Bool) -> Bool:
    """Only firms of the city build in the lake."""
    return resident


@rule(source="L-cloud25", clause="2")
def is_worth_it(cost: Money, cost_min: Money) -> Bool:
    """A pier below the least cost is a plank."""
    return cost >= cost_min


@rule(source="L-cloud25", clause="3")
def eligible(is_resident: Bool, is_worth_it: Bool) -> Bool:
    """Both must hold."""
    return is_resident and is_worth_it


@rule(source="L-cloud25", clause="4")
def award(eligible: Bool, cost: Money, district: Choice, rate_by_shore: Table[Rate], award_max: Money) -> Money:
    """The shore's share of the cost, up to the cap."""
    if not eligible:
        return 0
    return min(share_down(cost, rate_by_shore[district]), award_max)


@rule(source="L-cloud25", clause="5")
def part(award: Money, stage: Choice, first_part: Rate) -> Money:
    """What a stage is worth."""
    if stage == "pile":
        return share_down(award, first_part)
    return award - share_down(award, first_part)


@rule(source="L-cloud25", clause="5")
def tranche(built: Bool, part: Money) -> Money:
    """Nothing before it is built."""
    if not built:
        return 0
    return part

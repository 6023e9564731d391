"""Loss sharing: the city bears part of a realised loss, within caps a project and an institution's year.

The rule is known in four readings: an investor is compensated, a loan risk pool shares, an audit
tolerates (and pays nothing), or the government bears part of the loss of the firm that it backs. A
regime declares which one holds; the case says what kind of loss it brings.
"""

from westlake.rules import (
    Bool,
    Choice,
    Count,
    Day,
    Money,
    Rate,
    Table,
    rule,
    share_down,
    so_far,
    year_of,
    years_between,
)


@rule(source="P-sh", clause="unknown")
def is_this_reading(basis: Choice, reading_holds: Table[Bool]) -> Bool:
    """The kind of loss is the one that the rule is read to mean."""
    return reading_holds[basis]


@rule(source="P-sh", clause="unknown", choices=("seed", "startup", "grown"))
def stage(founded: Day, day: Day, staff: Count, assets: Money, sales: Money, seed_years_max: Count,
          seed_staff_max: Count, seed_money_max: Money, startup_staff_max: Count, startup_money_max: Money) -> Choice:
    """Seed: young and small; start-up: larger but still small; else grown."""
    young = founded <= day and years_between(founded, day) <= seed_years_max
    if young and staff <= seed_staff_max and assets <= seed_money_max and sales <= seed_money_max:
        return "seed"
    if staff <= startup_staff_max and assets <= startup_money_max and sales <= startup_money_max:
        return "startup"
    return "grown"


@rule(source="P-sh", clause="unknown")
def is_early(stage: Choice, basis: Choice) -> Bool:
    """An investor is compensated only for a seed or start-up firm; other readings do not ask."""
    return stage != "grown" or basis != "investor_compensation"


@rule(source="P-sh", clause="unknown")
def is_registered_before(registered_on: Day, invested_on: Day, basis: Choice) -> Bool:
    """The project stood in the register of projects before the money was put in."""
    return registered_on <= invested_on or basis != "investor_compensation"


@rule(source="P-sh", clause="unknown")
def is_realised(realised: Bool) -> Bool:
    """The loss is final: sold, wound up or written off."""
    return realised


@rule(source="P-sh", clause="unknown")
def is_audited(audited: Bool) -> Bool:
    """A third party has audited the loss."""
    return audited


@rule(source="scenario", clause="unknown")
def is_at_arms_length(connected: Bool) -> Bool:
    """Nobody compensates a loss between connected parties."""
    return not connected


@rule(source="P-sh", clause="unknown")
def eligible(is_this_reading: Bool, is_early: Bool, is_registered_before: Bool, is_realised: Bool, is_audited: Bool,
             is_at_arms_length: Bool, fraud: Bool) -> Bool:
    """All tests together, and no fraud."""
    return (is_this_reading and is_early and is_registered_before and is_realised and is_audited
            and is_at_arms_length and not fraud)


@rule(source="P-sh", clause="unknown")
def loss(cost: Money, proceeds: Money, other_recoveries: Money) -> Money:
    """What was put in and did not come back; never below nothing."""
    return max(cost - proceeds - other_recoveries, 0)


@rule(source="P-sh", clause="unknown")
def rate(basis: Choice, stage: Choice, rate_by_stage: Table[Rate], rate_by_basis: Table[Rate]) -> Rate:
    """The share that the city bears: by stage for an investor, by the reading otherwise."""
    if basis == "investor_compensation":
        return rate_by_stage[stage]
    return rate_by_basis[basis]


@rule(source="P-sh", clause="unknown")
def claim(eligible: Bool, loss: Money, rate: Rate) -> Money:
    """The share of the loss, in whole fen that are not exceeded: the rule says "up to"."""
    if not eligible:
        return 0
    return share_down(loss, rate)


@rule(source="P-sh", clause="unknown")
def year(day: Day) -> Count:
    """The year whose cap the case consumes."""
    return year_of(day)


project_so_far = so_far("award", by=("project",), opening="project_before")
institution_so_far = so_far("award", by=("institution", "year"), opening="institution_before")


@rule(source="P-sh", clause="unknown")
def award(claim: Money, project_so_far: Money, institution_so_far: Money, project_cap: Money,
          institution_cap_year: Money) -> Money:
    """The claim within what the two caps still leave."""
    return max(min(claim, min(project_cap - project_so_far, institution_cap_year - institution_so_far)), 0)


@rule(source="P-sh", clause="unknown")
def hold(cost: Money, rate: Rate, project_cap: Money) -> Money:
    """What is set aside when a deal is covered: its own rate times its cost, capped."""
    return min(share_down(cost, rate), project_cap)


@rule(source="P-sh", clause="unknown")
def recovery(fraud: Bool, paid_before: Money, recovered_later: Money, rate: Rate, fraud_recovery: Rate) -> Money:
    """What comes back: with fraud all of it, else the city's share of what was recovered after payment."""
    if fraud:
        return share_down(paid_before, fraud_recovery)
    return min(share_down(recovered_later, rate), paid_before)

"""Challenge list: firms compete for published challenges; money follows milestones that were attained.

An award is a share of planned spend up to its class's cap. A tranche is paid only when its milestone is
attained, and never beyond the share of what was really spent and audited.
"""

from westlake.rules import Bool, Choice, Count, Money, Rate, Table, rule, share_down


@rule(source="P-ai25", clause="unknown")
def is_resident(resident: Bool) -> Bool:
    """The firm is registered and run in the city."""
    return resident


@rule(source="F15", clause="F15")
def is_selected(score: Count, cut_off: Count) -> Bool:
    """The proposal reached the cut-off of its call."""
    return score >= cut_off


@rule(source="P-ai25", clause="unknown")
def eligible(is_resident: Bool, is_selected: Bool) -> Bool:
    """All tests together."""
    return is_resident and is_selected


@rule(source="P-ai25", clause="unknown")
def award(eligible: Bool, planned_spend: Money, project_class: Choice, rate_by_class: Table[Rate],
          cap_by_class: Table[Money]) -> Money:
    """A share of the planned spend, up to the cap of the project's class."""
    if not eligible:
        return 0
    return min(share_down(planned_spend, rate_by_class[project_class]), cap_by_class[project_class])


@rule(source="P-ai25", clause="unknown")
def match(eligible: Bool, higher_funding: Money, match_rate: Rate, match_cap: Money) -> Money:
    """A match of what the nation or the province gives to the project."""
    if not eligible:
        return 0
    return min(share_down(higher_funding, match_rate), match_cap)


@rule(source="general", clause="unknown")
def part(award: Money, milestone: Choice, split: Table[Rate]) -> Money:
    """The milestone's part of the award; the last one takes what rounding left."""
    if milestone == "third":
        return award - share_down(award, split["first"]) - share_down(award, split["second"])
    return share_down(award, split[milestone])


@rule(source="P-ai25", clause="unknown")
def earned(audited_spend: Money, project_class: Choice, rate_by_class: Table[Rate]) -> Money:
    """The share of what was really spent, as audited so far."""
    return share_down(audited_spend, rate_by_class[project_class])


@rule(source="P-ai25", clause="unknown")
def tranche(attained: Bool, part: Money, earned: Money, paid_before: Money) -> Money:
    """Nothing before the milestone is attained; then its part, never beyond what was earned."""
    if not attained:
        return 0
    return max(min(part, earned - paid_before), 0)


@rule(source="general", clause="unknown")
def recovery(failed: Bool, advance_declared: Bool, paid_before: Money, earned: Money, unspent_recovery: Rate) -> Money:
    """A failed project gives back what an advance paid beyond its earned share; without an advance nothing."""
    if failed and advance_declared:
        return share_down(max(paid_before - earned, 0), unspent_recovery)
    return 0

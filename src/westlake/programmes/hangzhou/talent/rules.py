"""West Lake talent package: start-up money, interest, rent, office space and grants for people who come to found.

One case is one benefit of one person. Of several awards for the same benefit only the best counts: what
was given before is deducted, and a smaller one is worth nothing more.
"""

from westlake.rules import Bool, Choice, Count, Money, Rate, Table, most_so_far, rule, share_down, so_far


@rule(source="F24", clause="F24")
def is_welcome(origin: Choice, origin_open: Table[Bool]) -> Bool:
    """The plan is open to people of this origin."""
    return origin_open[origin]


@rule(source="P-5050", clause="unknown")
def is_founder(benefit: Choice, founder: Bool, largest_holder: Bool, holder_needed: Bool) -> Bool:
    """Money for founding goes to a founder who is the largest natural-person shareholder."""
    if benefit == "graduate" or benefit == "living":
        return True
    return founder and (largest_holder or not holder_needed)


@rule(source="P-grad20", clause="unknown")
def is_graduate(benefit: Choice, degree: Choice) -> Bool:
    """A graduate's grant needs a degree."""
    return benefit != "graduate" or degree != "none"


@rule(source="P-5050b", clause="unknown")
def is_performing(performing: Bool) -> Bool:
    """What was promised is being done; otherwise payment is suspended."""
    return performing


@rule(source="P-5050", clause="unknown")
def is_within_term(benefit: Choice, months_used: Count, rent_months_max: Count) -> Bool:
    """Rent is paid for a limited number of months."""
    return benefit != "rent" or months_used <= rent_months_max


@rule(source="P-5050b", clause="unknown")
def eligible(is_welcome: Bool, is_founder: Bool, is_graduate: Bool, is_performing: Bool, is_within_term: Bool,
             fraud: Bool) -> Bool:
    """All tests together, and no fraud."""
    return is_welcome and is_founder and is_graduate and is_performing and is_within_term and not fraud


@rule(source="P-fin25", clause="unknown")
def interest(loan: Money, interest_paid: Money, interest_points: Rate, interest_cap_year: Money,
             interest_so_far: Money, interest_cap_total: Money) -> Money:
    """Points of interest on the loan, never beyond interest paid, the year's cap or the cap over all years."""
    year = min(min(share_down(loan, interest_points), interest_paid), interest_cap_year)
    return max(min(year, interest_cap_total - interest_so_far), 0)


@rule(source="P-xh17", clause="unknown")
def amount(benefit: Choice, degree: Choice, spend: Money, interest: Money, startup_cap: Money, rent_cap: Money,
           rd_cap: Money, graduate_grant: Table[Money]) -> Money:
    """What the benefit is worth by itself."""
    if benefit == "startup":
        return min(spend, startup_cap)
    if benefit == "interest":
        return interest
    if benefit == "rent":
        return min(spend, rent_cap)
    if benefit == "research":
        return min(spend, rd_cap)
    if benefit == "graduate":
        return graduate_grant[degree]
    return 0


@rule(source="P-5050b", clause="unknown")
def claim(eligible: Bool, amount: Money) -> Money:
    """The amount, if all tests are passed."""
    if not eligible:
        return 0
    return amount


interest_so_far = so_far("award", by=("person", "benefit"), opening="interest_before")
best_so_far = most_so_far("claim", by=("person", "benefit"), opening="best_before")


@rule(source="P-5050b", clause="unknown")
def award(claim: Money, best_so_far: Money, benefit: Choice) -> Money:
    """Best single award: only what the claim adds to the best one before it. Interest is counted by the year."""
    if benefit == "interest":
        return claim
    return max(claim - best_so_far, 0)


@rule(source="F27", clause="F27")
def office(eligible: Bool, benefit: Choice, office_asked_m2: Count, office_max_m2: Count) -> Count:
    """Square metres of office given free of rent."""
    if not eligible or benefit != "office":
        return 0
    return min(office_asked_m2, office_max_m2)


@rule(source="F28", clause="F28")
def living(eligible: Bool, benefit: Choice, living_open: Bool) -> Bool:
    """Schooling, medical care and travel: granted as a right, not as money."""
    return eligible and benefit == "living" and living_open


@rule(source="P-5050b", clause="unknown")
def recovery(fraud: Bool, paid_before: Money, fraud_recovery: Rate) -> Money:
    """Fraud cancels everything."""
    if fraud:
        return share_down(paid_before, fraud_recovery)
    return 0

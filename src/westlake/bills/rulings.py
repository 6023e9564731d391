"""What bills says of a row: a ruling, the first that fits, and whether and as what the row counts.

Most of a ruling depends on the kind of charge alone, so a policy is asked once a kind. What depends on the
invoice, the firm and the day is joined to it in SQL (`sql/ruled.sql`), in the same order as RULINGS.
"""

from __future__ import annotations

from typing import NamedTuple

from westlake.bills.policy import SpendPolicy, fits

SUSPENSIONS = ("UNREADABLE", "DUPLICATE_INVOICE", "TAMPER", "NOT_TIED", "IN_DOUBT")
RULINGS = (
    "QUARANTINE", "SUPERSEDED", *SUSPENSIONS, "NOT_FINAL", "NOT_PAID", "OUTSIDE_PERIOD", "FIRM_NOT_ENROLLED",
    "SPLIT_COPY", "NO_EFFECTIVE_COST", "TAX", "COMMITMENT_PURCHASE", "UNUSED_COMMITMENT", "MARKETPLACE", "SUPPORT",
    "RELATED_PARTY", "REGION", "SERVICE", "ADJUSTMENT", "SPREAD", "NO_RATE", "ELIGIBLE")


class Kind(NamedTuple):
    """A kind of charge as `sql/kinds.sql` gives it; None where the bill is silent."""

    kind: int
    category: str
    correction: str | None
    service_category: str | None
    service_subcategory: str | None
    service: str | None
    seller: str | None
    host: str | None
    issuer: str | None
    region: str | None
    commitment_status: str | None
    committed: bool
    prepays: bool
    adjustment: str | None
    refunds: bool
    allocated: bool


def early_ruling(policy: SpendPolicy, kind: Kind) -> str | None:
    """What rules a kind out before anybody asks who sold it to whom."""
    if kind.category == "Tax":
        return "TAX"
    if kind.category == "Purchase" and (policy.basis == "effective" or kind.committed or kind.prepays):
        return "COMMITMENT_PURCHASE"
    if kind.commitment_status == "Unused":
        return "UNUSED_COMMITMENT"
    if policy.entities.is_marketplace(kind.seller, kind.issuer):
        return "MARKETPLACE"
    return "SUPPORT" if fits(kind.service, policy.support) else None


def late_ruling(policy: SpendPolicy, kind: Kind) -> tuple[str, str]:
    """(ruling, spend class) of a kind that nothing has ruled out: REGION to ELIGIBLE.

    A credit, or a refund booked as an adjustment, follows the service it names; one that names none is
    spread over the invoice's usage. So money coming back always lowers the base it belongs to.
    """
    reduces = kind.category == "Credit" or kind.refunds
    listed = fits(kind.adjustment, policy.adjustments)
    if kind.category == "Adjustment" and not (listed or reduces):
        return "ADJUSTMENT", ""
    if kind.category in ("Credit", "Adjustment") and _names_no_service(kind):
        return "SPREAD", ""
    if policy.regions and not _region_counts(policy, kind, reduces):
        return "REGION", ""
    spend_class = class_of(policy, kind)
    return ("ELIGIBLE", spend_class) if spend_class else ("SERVICE", "")


def is_unplaced(policy: SpendPolicy, kind: Kind) -> bool:
    """Is this use of which a programme that asks for regions can't tell where it ran?"""
    return bool(policy.regions) and kind.category == "Usage" and kind.region is None


def class_of(policy: SpendPolicy, kind: Kind) -> str:
    """The first class of the policy that a kind belongs to; '' if none."""
    provider = policy.entities.of(kind.host or kind.seller or kind.issuer)
    asked = {"category": kind.service_category, "subcategory": kind.service_subcategory, "service": kind.service,
             "region": kind.region, "provider": provider}
    for one in policy.classes:
        if all(fits(asked[test], wanted) for test, wanted in one.tests.items()):
            return one.name
    return ""


def _names_no_service(kind: Kind) -> bool:
    return not kind.service and kind.service_category in (None, "Other")


def _region_counts(policy: SpendPolicy, kind: Kind, reduces: bool) -> bool:
    return (policy.regionless or reduces) if kind.region is None else fits(kind.region, policy.regions)

"""Frauds planted among the bills, each with a label that says what was done and what ought to be found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from westlake.bills.generator.catalogue import RELATED_SELLER
from westlake.bills.generator.firms import FirmProfile
from westlake.bills.generator.usage import UNIT, Bill, Charge

KINDS = ("same_invoice_two_firms", "edited_amount", "edited_after_issue", "coupons_as_cash", "claim_before_payment",
         "off_region", "refund_after_claim")
BY_INVOICE_ID = ("same_invoice_two_firms", "edited_after_issue")  # need a format that carries invoice ids
SHARE = 0.0015  # of bills: with related sellers about one firm in a hundred in a year
FOUND_AS = {
    "same_invoice_two_firms": "DUPLICATE_INVOICE", "edited_amount": "NOT_TIED", "edited_after_issue": "TAMPER",
    "coupons_as_cash": "NOT_TIED", "claim_before_payment": "NOT_PAID", "related_seller": "RELATED_PARTY",
    "off_region": "REGION", "refund_after_claim": ""}
COUPON_SHARE = 0.4


@dataclass(frozen=True)
class Label:
    """What was planted: the kind, by whom, in which month and invoice, and the ruling that should find it."""

    kind: str
    firm: str
    month: int
    invoice: str
    found_as: str


@dataclass(frozen=True)
class Planted:
    """A bill that its firm sends itself, beside or instead of the provider's feed.

    instead: the feed leaves the bill out. told: the total that the manifest declares, in minor units.
    """

    bill: Bill
    sender: str
    instead: bool
    told: int
    label: Label


def sold_on(bill: Bill) -> tuple[Bill, Label]:
    """The same bill through the trading house that the firm is related to."""
    sold = replace(bill, issuer=RELATED_SELLER)
    return sold, Label("related_seller", bill.firm, bill.month, bill.invoice, FOUND_AS["related_seller"])


def plant(dice: np.random.Generator, one: FirmProfile, bill: Bill, friend: FirmProfile,
          has_ids: bool, share: float = SHARE) -> Planted | None:
    """What a firm does with one of its bills; mostly nothing.

    friend: the firm it may share an invoice with. has_ids: does the feed of this bill carry invoice ids?
    share: how many of all bills are tampered with.
    """
    odds, choice = float(dice.random()), int(dice.integers(len(KINDS)))
    kind = KINDS[choice]
    if odds >= share or bill.total < 10_000 or (kind in BY_INVOICE_ID and not has_ids):
        return None
    if kind == "same_invoice_two_firms":
        same = [account.id for account in friend.accounts if account.provider == bill.provider.id]
        copied = replace(bill, account=(same or [friend.accounts[0].id])[0], firm=friend.id)
        return replace(_planted(kind, copied, friend.id, bill.total), instead=False)
    if kind in ("edited_amount", "edited_after_issue"):
        planted = _planted(kind, replace(bill, charges=_inflated(bill.charges)), one.id, bill.total)
        return replace(planted, instead=kind == "edited_amount",
                       told=bill.total if kind == "edited_amount" else planted.bill.total)
    if kind == "coupons_as_cash":
        return _planted(kind, bill, one.id, bill.total - int(bill.total * COUPON_SHARE))
    if kind == "claim_before_payment":
        return _planted(kind, replace(bill, paid=False), one.id, bill.total)
    if kind == "off_region":
        moved = [charge._replace(region="xx-offshore-1") if charge.region else charge for charge in bill.charges]
        return _planted(kind, replace(bill, charges=moved), one.id, bill.total)
    return _planted(kind, replace(bill, charges=[*bill.charges, _refund(bill)]), one.id,
                    replace(bill, charges=[*bill.charges, _refund(bill)]).total)


def _planted(kind: str, bill: Bill, sender: str, told: int) -> Planted:
    return Planted(bill, sender, True, told, Label(kind, bill.firm, bill.month, bill.invoice, FOUND_AS[kind]))


def _inflated(charges: list[Charge]) -> list[Charge]:
    """The dearest row with one more digit in front: 45.10 becomes 145.10, and more where rows are large."""
    dearest = max(range(len(charges)), key=lambda place: charges[place].billed)
    more = UNIT * 10 ** len(str(abs(charges[dearest].billed) // UNIT))
    return [charge._replace(billed=charge.billed + more) if place == dearest else charge
            for place, charge in enumerate(charges)]


def _refund(bill: Bill) -> Charge:
    """Two thirds of the dearest row back: it nets in the month that it was charged in."""
    dearest = max(bill.charges, key=lambda charge: charge.billed)
    amount = -(dearest.billed * 2 // 3) // 100 * 100
    return dearest._replace(billed=amount, effective=amount, text="Refund after settlement")

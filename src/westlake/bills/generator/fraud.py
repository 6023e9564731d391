"""Frauds planted among the bills, each in several ways: some leave a trace in bills and register, some leave none.

    same_invoice          as_is: under its number; renumbered: the same rows; reworked: rows and amounts changed too
    edited_amount         against_total; after_issue; rewritten: total and all, but not the tax; with_tax: that too
    coupons_as_cash       against_total: the invoice says less; credit_removed: nothing says so but the tax
    refund_after_claim    shown: the credit note is sent in; hidden: it never is
    cap_splitting         one_payer: affiliates on one paying account; own_bills: each with bills of its own
    claim_before_payment  unpaid: said so; no_proof: said to be paid; forged_proof: with a document
    off_region            shown; blank: the region left out; relabelled: a region at home written in
    related_seller        declared: the register knows; undeclared: it does not

What leaves no trace is planted all the same, so that recall is what it would be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from westlake.bills.generator.acts import (
    Act,
    Label,
    Sending,
    cents,
    label,
    money_back,
    split_in_two,
    under_one_payer,
    used,
    with_coupon,
)
from westlake.bills.generator.catalogue import RELATED_SELLER
from westlake.bills.generator.firms import FirmProfile, companion
from westlake.bills.generator.usage import UNIT, Bill, Charge, retaxed

WAYS = {
    "same_invoice": ("as_is", "renumbered", "reworked"),
    "edited_amount": ("against_total", "after_issue", "rewritten", "with_tax"),
    "coupons_as_cash": ("against_total", "credit_removed"),
    "refund_after_claim": ("shown", "hidden"),
    "cap_splitting": ("one_payer", "own_bills"),
    "claim_before_payment": ("unpaid", "no_proof", "forged_proof"),
    "off_region": ("shown", "blank", "relabelled")}
KINDS = (*WAYS, "related_seller")
NEEDS_NUMBERS = {"as_is": "renumbered", "after_issue": "against_total"}  # what is done where a feed has no numbers
SHARE = 0.01  # of firms' months; sales by a related house come on top
COUPON, REFUND = 40, 90  # per cent of what was used


def sold_on(bill: Bill, trade: str) -> tuple[Bill, Label]:
    """The same bill through the trading house that the firm deals with."""
    sold = retaxed(replace(bill, issuer=RELATED_SELLER), bill.charges, always=True)
    return sold, label(sold, "related_seller", trade, sold.total, fraud=trade != "arms_length")


def defraud(dice: np.random.Generator, one: FirmProfile, bill: Bill, seed: int, has_numbers: bool) -> Act:
    """One fraud with a bill, drawn among the kinds alike. has_numbers: does the feed of this bill name invoices?"""
    kind = tuple(WAYS)[int(dice.integers(len(WAYS)))]
    way = WAYS[kind][int(dice.integers(len(WAYS[kind])))]
    way = way if has_numbers else NEEDS_NUMBERS.get(way, way)
    return _DONE[kind](one, bill, way, seed)


def _same_invoice(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    other, account = companion(one, bill.provider.id, seed)
    invoice = bill.invoice if way == "as_is" else f"{bill.invoice}-7"
    copied = replace(bill, firm=other.id, account=account.id, invoice=invoice)
    if way == "reworked":
        copied = retaxed(copied, [charge._replace(
            billed=charge.billed * 103 // 100, effective=charge.effective * 103 // 100,
            resource=charge.resource.replace(bill.account, account.id)) for charge in bill.charges])
    return Act((Sending(copied, other.id),), (label(copied, "same_invoice", way, copied.total, bill),), withheld=False)


def _edited(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    edited = replace(bill, charges=_inflated(bill.charges))
    edited = retaxed(edited, edited.charges) if way == "with_tax" else edited
    told = bill.total if way == "against_total" else None
    return Act((Sending(edited, one.id, told),), (label(bill, "edited_amount", way, edited.total - bill.total),),
               withheld=way != "after_issue")


def _coupons(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    honest, credit = with_coupon(bill, COUPON)
    claimed = replace(honest, charges=[charge for charge in honest.charges if charge is not credit])
    told = honest.total if way == "against_total" else None
    return Act((Sending(claimed, one.id, told),), (label(bill, "coupons_as_cash", way, cents(-credit.billed)),))


def _refunded(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    note, amount = money_back(bill, REFUND)
    later = (Sending(note, one.id, days=40),) if way == "shown" else ()
    return Act((Sending(bill, one.id), *later), (label(bill, "refund_after_claim", way, cents(amount), note),))


def _split(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    other, account = companion(one, bill.provider.id, seed)
    shared, moved = under_one_payer(bill, account.id)
    if way == "one_payer":
        return Act((Sending(shared, one.id),), (label(bill, "cap_splitting", way, cents(moved)),))
    first, rest = split_in_two(bill)
    own = retaxed(bill, rest)
    second = retaxed(replace(bill, firm=other.id, account=account.id, invoice=f"{bill.invoice}-B"), first)
    return Act((Sending(own, one.id), Sending(second, other.id)),
               (label(bill, "cap_splitting", way, cents(moved), second),))


def _unpaid(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    proof = None if way == "forged_proof" else ""
    return Act((Sending(bill, one.id, paid=way != "unpaid", proof=proof),),
               (label(bill, "claim_before_payment", way, bill.total),))


def _off_region(one: FirmProfile, bill: Bill, way: str, seed: int) -> Act:
    written = {"shown": "xx-offshore-1", "blank": ""}
    moved = bill if way == "relabelled" else replace(bill, charges=[
        charge._replace(region=written[way]) if charge.region else charge for charge in bill.charges])
    return Act((Sending(moved, one.id),), (label(bill, "off_region", way, cents(used(bill))),))


def _inflated(charges: list[Charge]) -> list[Charge]:
    """The dearest row with one more digit in front: 45.10 becomes 145.10, and more where rows are large."""
    place = max(range(len(charges)), key=lambda at: (charges[at].category == "Usage", charges[at].billed))
    more = UNIT * 10 ** len(str(abs(charges[place].billed) // UNIT))
    return [charge._replace(billed=charge.billed + more) if at == place else charge
            for at, charge in enumerate(charges)]


_DONE: dict[str, Callable[[FirmProfile, Bill, str, int], Act]] = {
    "same_invoice": _same_invoice, "edited_amount": _edited, "coupons_as_cash": _coupons,
    "refund_after_claim": _refunded, "cap_splitting": _split, "claim_before_payment": _unpaid,
    "off_region": _off_region}

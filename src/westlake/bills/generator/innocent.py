"""Honest things that look like fraud: a re-invoiced bill, a slip of the pen, a real refund, a shared payer.

Each has a label as frauds have, with `fraud: no`. Without them every flag would be right by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from westlake.bills.generator.acts import (
    Act,
    Sending,
    dearest,
    label,
    money_back,
    of_house,
    under_one_payer,
    with_coupon,
)
from westlake.bills.generator.firms import FirmProfile, companion, firm
from westlake.bills.generator.usage import UNIT, Bill, Charge, retaxed

SHARE = 0.01  # of firms' months
OWN_UPLOAD = 0.04  # of firms' months: a bill is sent by the firm itself, with its proof, and nothing is odd
REDUCED_PPM = 30_000


def send_itself(one: FirmProfile, bill: Bill) -> Act:
    """The firm sends its bill itself, since no feed has that account."""
    return Act((Sending(bill, one.id),))


def resemble(dice: np.random.Generator, one: FirmProfile, bill: Bill, seed: int) -> Act:
    """One honest thing that looks odd, drawn among all alike."""
    kind = tuple(_DONE)[int(dice.integers(len(_DONE)))]
    sendings = _DONE[kind](one, bill, seed)
    return Act(sendings, (label(bill, kind, "innocent", bill.total, *(one.bill for one in sendings), fraud=False),))


def _reinvoiced(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """The seller voids the invoice and issues it anew under another number."""
    anew = replace(bill, invoice=f"{bill.invoice}-N")
    return Sending(bill, one.id), Sending(bill, one.id, status="voided", days=20), Sending(anew, one.id, days=20)


def _corrected(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """The seller corrects a price and, against good custom, keeps the invoice's number."""
    row = dearest(bill)
    charges = [charge._replace(billed=charge.billed * 9 // 10) if charge is row else charge for charge in bill.charges]
    return Sending(bill, one.id), Sending(retaxed(bill, charges), one.id, days=20)


def _slip_of_the_pen(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """A clerk swaps two digits of the total."""
    digits = list(str(bill.total))
    place = next((at for at in range(len(digits) - 1) if digits[at] != digits[at + 1]), 0)
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    return (Sending(bill, one.id, int("".join(digits))),)


def _sent_by_accountant(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """The firm's accountant, itself a firm of the city, sends the bill too."""
    other, _ = companion(one, bill.provider.id, seed)
    return Sending(bill, one.id), Sending(bill, other.id, days=3)


def _same_package(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """Two firms buy the same package at fixed prices, so their bills have the same rows."""
    other, account = companion(one, bill.provider.id, seed)
    row = dearest(bill)._replace(resource="")
    rows = [row._replace(billed=(10 + place) * UNIT, effective=(10 + place) * UNIT) for place in range(6)]
    package = retaxed(replace(bill, invoice=f"{bill.invoice}-P"), rows)
    twin = replace(package, firm=other.id, account=account.id, invoice=f"{bill.invoice}-Q")
    return Sending(bill, one.id), Sending(package, one.id), Sending(twin, other.id)


def _reduced_tax(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """A small taxpayer is billed at the reduced rate."""
    return (Sending(retaxed(bill, bill.charges, REDUCED_PPM), one.id),)


def _failed_run(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """A large run failed by the seller's fault; most of the month is given back in the next."""
    return Sending(bill, one.id), Sending(money_back(bill, 60)[0], one.id, days=40)


def _small_refund(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """A tenth of the month is given back in the next."""
    return Sending(bill, one.id), Sending(money_back(bill, 10)[0], one.id, days=40)


def _incubator(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """An incubator pays for two tenants that have nothing else in common."""
    _, account = companion(one, bill.provider.id, seed)
    return (Sending(under_one_payer(bill, account.id)[0], one.id),)


def _group_payer(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """A house whose members the register knows pays for both through one account; other firms pay their own."""
    if of_house(one) != 39:
        return (Sending(bill, one.id),)
    parent = firm(int(one.id[1:]) - 2, seed)
    accounts = [account.id for account in parent.accounts if account.provider == bill.provider.id]
    return (Sending(under_one_payer(bill, accounts[0])[0] if accounts else bill, one.id),)


def _forgot_proof(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """The firm paid and forgot to hand in the proof."""
    return (Sending(bill, one.id, proof=""),)


def _pays_late(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """The firm has not paid yet, and says so."""
    return (Sending(bill, one.id, paid=False, proof=""),)


def _branch_abroad(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """One service runs at a branch abroad and is billed together with the rest."""
    row = dearest(bill)
    charges: list[Charge] = [charge._replace(region="xx-offshore-1") if charge is row else charge
                             for charge in bill.charges]
    return (Sending(replace(bill, charges=charges), one.id),)


def _old_export(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """An old export tool leaves the regions out."""
    return (Sending(replace(bill, charges=[charge._replace(region="") for charge in bill.charges]), one.id),)


def _honest_coupon(one: FirmProfile, bill: Bill, seed: int) -> tuple[Sending, ...]:
    """A coupon, shown on the bill as a credit."""
    return (Sending(with_coupon(bill, 40)[0], one.id),)


_DONE: dict[str, Callable[[FirmProfile, Bill, int], tuple[Sending, ...]]] = {
    "reinvoiced": _reinvoiced, "corrected": _corrected, "slip_of_the_pen": _slip_of_the_pen,
    "sent_by_accountant": _sent_by_accountant, "same_package": _same_package, "reduced_tax": _reduced_tax,
    "failed_run": _failed_run, "small_refund": _small_refund, "incubator": _incubator, "group_payer": _group_payer,
    "forgot_proof": _forgot_proof, "pays_late": _pays_late, "branch_abroad": _branch_abroad,
    "old_export": _old_export, "honest_coupon": _honest_coupon}

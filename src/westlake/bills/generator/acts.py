"""What a firm does with a bill before the office sees it: sends it itself, alone or with others, and what it says."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from westlake.bills.generator.firms import FirmProfile
from westlake.bills.generator.usage import UNIT, Bill, Charge, retaxed
from westlake.dates import add_months, iso
from westlake.money import format_money

COLUMNS = ("firm", "month", "invoice", "kind", "way", "fraud", "amount", "currency", "beside")
CENT = UNIT // 100


@dataclass(frozen=True)
class Label:
    """What was planted. kind, way: what was done, and how; fraud: no for an innocent look-alike of one.

    amount: what is at stake, in minor units of the bill's currency. beside: other invoices of the same story.
    """

    firm: str
    month: int
    invoice: str
    kind: str
    way: str
    fraud: bool
    amount: int
    currency: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sending:
    """A bill that a firm sends itself. told: the total it declares in minor units, None for the bill's own.

    days: how long after an ordinary delivery it comes. status: of the invoice, where the firm declares one.
    """

    bill: Bill
    sender: str
    told: int | None = None
    paid: bool = True
    proof: str | None = None
    status: str = ""
    days: int = 0

    @property
    def proof_named(self) -> str:
        """The document of payment that its manifest names; '' for none."""
        return f"payment-{self.bill.invoice}.pdf" if self.proof is None else self.proof


@dataclass(frozen=True)
class Act:
    """All that comes of one bill. withheld: the provider's feed does not have it."""

    sendings: tuple[Sending, ...]
    labels: tuple[Label, ...] = ()
    withheld: bool = True


def label(bill: Bill, kind: str, way: str, amount: int, *beside: Bill, fraud: bool = True) -> Label:
    """The label of what was done with a bill; beside: the other bills that it was done with."""
    others = tuple(sorted({other.invoice for other in beside} - {bill.invoice}))
    return Label(bill.firm, bill.month, bill.invoice, kind, way, fraud, amount, bill.provider.currency, others)


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """The labels as a CSV of their own, which nothing that settles ever reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in labels:
            rows.writerow([one.firm, iso(one.month)[:7], one.invoice, one.kind, one.way, "yes" if one.fraud else "no",
                           format_money(one.amount, one.currency).replace(",", ""), one.currency,
                           " ".join(one.beside)])


def cents(amount: int) -> int:
    """1e-10 units in minor units, rounded down."""
    return amount // CENT


def used(bill: Bill) -> int:
    """What a bill charges for use, without what it gives back, in 1e-10 units."""
    return sum(charge.billed for charge in bill.charges if charge.category == "Usage" and charge.billed > 0)


def dearest(bill: Bill) -> Charge:
    """The largest single charge for use."""
    return max(bill.charges, key=lambda charge: (charge.category == "Usage", charge.billed))


def split_in_two(bill: Bill) -> tuple[list[Charge], list[Charge]]:
    """Every other charge for use, the dearest first, and all the rest."""
    use = sorted((charge for charge in bill.charges if charge.category == "Usage"), key=lambda charge: -charge.billed)
    return use[::2], [charge for charge in bill.charges if charge.category != "Usage"] + use[1::2]


def under_one_payer(bill: Bill, account: str) -> tuple[Bill, int]:
    """A bill half of whose use was another account's, and how much that was in 1e-10 units."""
    moved, kept = split_in_two(bill)
    charges = [*kept, *(charge._replace(sub=account) for charge in moved)]
    return replace(bill, charges=charges), sum(charge.billed for charge in moved)


def money_back(bill: Bill, percent: int) -> tuple[Bill, int]:
    """The next month's credit note for a share of a bill's use, and its amount in 1e-10 units."""
    amount = used(bill) * percent // 100 // CENT * CENT
    row = dearest(bill)._replace(billed=-amount, effective=-amount, text="Refund")
    return replace(bill, month=add_months(bill.month, 1), invoice=f"{bill.invoice}-RF", charges=[row]), amount


def with_coupon(bill: Bill, percent: int) -> tuple[Bill, Charge]:
    """The bill with a coupon booked as a credit of its dearest service, taxed on what is left; and the credit."""
    amount = used(bill) * percent // 100 // CENT * CENT
    credit = dearest(bill)._replace(category="Credit", billed=-amount, effective=-amount, resource="", text="Coupon")
    return retaxed(bill, [*bill.charges, credit]), credit


def of_house(one: FirmProfile) -> int:
    """The place of a firm in its house: 38 and 39 of forty belong together, others stand alone."""
    return (int(one.id[1:]) - 1) % 40

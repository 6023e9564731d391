"""What is declared of invoices: their totals, whether they are issued and paid, and the proofs.

A list of invoices is a CSV beside the manifest: `id,total,currency,status,paid,proof`, or the Invoice Detail
dataset of FOCUS 1.4, whose lines are summed by invoice.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from westlake.bills.amounts import units_of
from westlake.errors import Findings, Place
from westlake.money import MINOR_DIGITS

STATUSES = ("open", "issued", "voided")
YES_NO = {"yes": True, "true": True, "是": True, "예": True, "no": False, "false": False, "否": False, "아니오": False}
LISTED = {"id": "id", "total": "total", "currency": "currency", "status": "status"}
DETAILED = {"id": "InvoiceId", "total": "BilledCost", "currency": "BillingCurrency", "status": "InvoiceIssueStatus"}


@dataclass(frozen=True)
class DeclaredInvoice:
    """What is declared of one invoice. total: 1e-18 units; digits: the decimals it was declared with."""

    id: str
    total: int | None = None
    digits: int = 2
    currency: str = ""
    status: str = ""
    paid: bool | None = None
    proof: str = ""


def invoice_list(path: Path, findings: Findings) -> list[DeclaredInvoice]:
    """The invoices of a CSV, one per id and currency; W332 for every row that is none."""
    found: dict[tuple[str, str], DeclaredInvoice] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        names = DETAILED if "InvoiceIssueStatus" in (rows.fieldnames or ()) else LISTED
        for number, row in enumerate(rows, 1):
            told = _declared(row, names)
            if told is None:
                findings.add("W332", Place(path.name, row=number), columns=", ".join(names.values()))
                continue
            before = found.get((told.id, told.currency))
            if before and names is DETAILED:
                told = replace(told, total=(before.total or 0) + (told.total or 0))
            found[told.id, told.currency] = told
    return list(found.values())


def _declared(row: dict[str, str], names: dict[str, str]) -> DeclaredInvoice | None:
    """One row; None when its id, total, currency, status or paid can't be what they say."""
    said = {key: (row.get(name) or "").strip() for key, name in names.items()}
    status, paid = said["status"].lower(), (row.get("paid") or "").strip().lower()
    try:
        total = units_of(said["total"]) if said["total"] else None
    except ValueError:
        return None
    if not said["id"] or said["currency"] not in MINOR_DIGITS or status not in ("", *STATUSES) \
            or paid not in ("", *YES_NO):
        return None
    return DeclaredInvoice(said["id"], total, MINOR_DIGITS[said["currency"]], said["currency"], status,
                           YES_NO.get(paid), (row.get("proof") or "").strip())

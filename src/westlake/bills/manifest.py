"""What a bill can't show and its sender declares: final, paid, totals, VAT, proofs of payment.

A manifest lies beside the bill, as YAML or as an Excel sheet with the same words in two columns:

    format: focus-1.2          # told by the headings when left out
    encoding: gb18030          # of a CSV that is not UTF-8: gb18030, cp949, utf-16, latin-1
    final: yes                 # the period is closed and the bill will not change
    paid: yes
    delivery: snapshot         # snapshot: replaces what came before; append: adds to it
    invoice_by: [issuer, account, billing_period]   # how an invoice is named where the format has no id
    vat: {prices: inside, rate: 6%}                  # amounts hold VAT at this rate; outside: VAT has its own rows
    files: {bill-2025-07.csv: {rows: 1200, totals: {CNY: "10543.20"}}}
    invoices: [{id: INV-1, total: "10543.20", currency: CNY, status: issued, paid: yes, proof: receipt-1.pdf}]
    invoice_list: invoices.csv # the same as a table beside the manifest, or the Invoice Detail dataset of FOCUS 1.4
    proofs: [receipt-1.pdf]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from westlake.bills.amounts import units_of
from westlake.bills.declared import STATUSES, YES_NO, DeclaredInvoice, invoice_list
from westlake.digest import fingerprint
from westlake.errors import Findings
from westlake.money import MINOR_DIGITS, parse_rate
from westlake.rules.tree import Node, Sheet

KEYS = ("format", "encoding", "final", "paid", "delivery", "invoice_by", "vat", "files", "invoices", "invoice_list",
        "proofs")
INVOICE_KEYS = ("id", "total", "currency", "status", "paid", "proof")
ENCODINGS = ("utf-8", "gb18030", "cp949", "utf-16", "latin-1")
INVOICE_BY = ("issuer", "account", "billing_period")


@dataclass(frozen=True)
class DeclaredFile:
    """What is declared of one file: its number of rows and its total by currency, in 1e-18 units."""

    rows: int | None = None
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What is declared of a delivery of one or several files; see this module's opening."""

    format: str = ""
    encoding: str = ""
    final: bool = False
    paid: bool = False
    delivery: str = "snapshot"
    invoice_by: tuple[str, ...] = ()
    vat_inside_ppm: int = 0
    files: Mapping[str, DeclaredFile] = field(default_factory=dict)
    invoices: tuple[DeclaredInvoice, ...] = ()
    proofs: tuple[str, ...] = ()

    def digest(self) -> str:
        """The fingerprint of all that is declared: the same file with another manifest is news."""
        return fingerprint([
            self.format, self.encoding, self.final, self.paid, self.delivery, self.invoice_by, self.vat_inside_ppm,
            {name: [one.rows, dict(one.totals)] for name, one in self.files.items()},
            [list(vars(one).values()) for one in self.invoices], self.proofs])

    def declared(self, invoice: str, currency: str) -> DeclaredInvoice | None:
        """What is declared of an invoice in a currency."""
        return self._invoices.get((invoice, currency)) or self._invoices.get((invoice, ""))

    @cached_property
    def _invoices(self) -> Mapping[tuple[str, str], DeclaredInvoice]:
        return {(one.id, one.currency): one for one in self.invoices}


def read_manifest(path: Path) -> Manifest:
    """The manifest in a .yaml or .xlsx file; all that is wrong in it is raised together (W330, W331)."""
    findings = Findings()
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        from westlake.bills.workbook import Workbook  # noqa: PLC0415 - the Excel reader is loaded only for Excel
        sheet: Sheet = Workbook(path, path.name, findings)
    else:
        sheet = Sheet(path, path.name, findings)
    findings.stop()
    manifest = _read(sheet, path.parent)
    findings.stop()
    return manifest


def manifest_beside(bill: Path) -> Manifest | None:
    """The manifest of a bill: <bill>.manifest.yaml, <bill>.manifest.xlsx or manifest.yaml in its folder."""
    for name in (f"{bill.name}.manifest.yaml", f"{bill.name}.manifest.xlsx", "manifest.yaml", "manifest.xlsx"):
        if (found := bill.with_name(name)).is_file():
            return read_manifest(found)
    return None


def _read(sheet: Sheet, folder: Path) -> Manifest:
    top = {name: node for name, (_, node) in sheet.mapping(sheet.root, KEYS, code="W330").items()}
    listed = {name: sheet.sequence(top[name]) if name in top else [] for name in ("invoice_by", "invoices", "proofs")}
    delivery = sheet.one_of(top["delivery"], ("snapshot", "append"), "W331", "delivery") if "delivery" in top else None
    return Manifest(
        format=(sheet.scalar(top["format"]) or "") if "format" in top else "",
        encoding=(sheet.one_of(top["encoding"], ENCODINGS, "W331", "encoding") or "") if "encoding" in top else "",
        final=_yes(sheet, top.get("final")) or False,
        paid=_yes(sheet, top.get("paid")) or False,
        delivery=delivery or "snapshot",
        invoice_by=tuple(sheet.one_of(item, INVOICE_BY, "W331", "invoice_by") or "" for item in listed["invoice_by"]),
        vat_inside_ppm=_vat(sheet, top["vat"]) if "vat" in top else 0,
        files=_files(sheet, top["files"]) if "files" in top else {},
        invoices=(*(_invoice(sheet, item) for item in listed["invoices"]), *_listed(sheet, top, folder)),
        proofs=tuple(sheet.scalar(item) or "" for item in listed["proofs"]))


def _listed(sheet: Sheet, top: Mapping[str, Node], folder: Path) -> list[DeclaredInvoice]:
    if "invoice_list" not in top:
        return []
    path = folder / (sheet.scalar(top["invoice_list"]) or "")
    if not path.is_file():
        sheet.fault("W331", top["invoice_list"], name=path.name, what="invoice_list", known="invoices.csv")
        return []
    return invoice_list(path, sheet.findings)


def _yes(sheet: Sheet, node: Node | None) -> bool | None:
    if node is None:
        return None
    text = sheet.scalar(node)
    if text is None or text.lower() not in YES_NO:
        sheet.fault("W331", node, name=text, what="yes/no", known="yes, no")
        return None
    return YES_NO[text.lower()]


def _vat(sheet: Sheet, node: Node) -> int:
    """VAT that the amounts hold, in ppm of the net price; 0 when it has rows of its own or there is none."""
    inner = {name: value for name, (_, value) in sheet.mapping(node, ("prices", "rate"), ("prices",), "W330").items()}
    if "prices" not in inner or sheet.one_of(inner["prices"], ("inside", "outside"), "W331", "prices") != "inside":
        return 0
    text = sheet.scalar(inner["rate"]) if "rate" in inner else ""
    try:
        return parse_rate(text or "")
    except ValueError:
        sheet.fault("W331", inner.get("rate", node), name=text, what="rate", known="6%, 13%")
        return 0


def _amount(sheet: Sheet, node: Node) -> tuple[int | None, int]:
    """A declared amount in 1e-18 units, and the number of decimals it was written with."""
    text = sheet.scalar(node) or ""
    try:
        return units_of(text), len(text.partition(".")[2])
    except ValueError:
        sheet.fault("W331", node, name=text, what="total", known="10543.20")
        return None, 2


def _currency(sheet: Sheet, node: Node) -> str:
    return sheet.one_of(node, tuple(MINOR_DIGITS), "W331", "currency") or ""


def _files(sheet: Sheet, node: Node) -> dict[str, DeclaredFile]:
    found = {}
    for name, (_, value) in sheet.mapping(node).items():
        inner = {key: item for key, (_, item) in sheet.mapping(value, ("rows", "totals"), code="W330").items()}
        rows = (sheet.scalar(inner["rows"]) or "") if "rows" in inner else None
        if rows is not None and not rows.isdigit():
            sheet.fault("W331", inner["rows"], name=rows, what="rows", known="1200")
            rows = None
        totals = {}
        for key, item in (sheet.mapping(inner["totals"]).values() if "totals" in inner else ()):
            total, _ = _amount(sheet, item)
            totals[_currency(sheet, key)] = total or 0
        found[name] = DeclaredFile(int(rows) if rows is not None else None, totals)
    return found


def _invoice(sheet: Sheet, node: Node) -> DeclaredInvoice:
    inner = {name: value for name, (_, value) in sheet.mapping(node, INVOICE_KEYS, ("id",), "W330").items()}
    total, digits = _amount(sheet, inner["total"]) if "total" in inner else (None, 2)
    status = sheet.one_of(inner["status"], STATUSES, "W331", "status") if "status" in inner else ""
    return DeclaredInvoice(
        id=(sheet.scalar(inner["id"]) or "") if "id" in inner else "", total=total, digits=digits,
        currency=_currency(sheet, inner["currency"]) if "currency" in inner else "", status=status or "",
        paid=_yes(sheet, inner.get("paid")), proof=(sheet.scalar(inner["proof"]) or "") if "proof" in inner else "")

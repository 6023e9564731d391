"""The invoices that a file holds, summed, beside what its manifest declares of them; kept beside its charges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from westlake.bills.amounts import rounded
from westlake.bills.engine import lay, quoted, statement
from westlake.bills.manifest import Manifest
from westlake.bills.standing import Invoice
from westlake.money import MINOR_DIGITS

COLUMNS = {
    "invoice_mark": "UBIGINT", "issuer": "VARCHAR", "account": "VARCHAR", "invoice": "VARCHAR",
    "billing_day": "BIGINT", "currency": "VARCHAR", "given": "BOOLEAN", "rows": "BIGINT", "bad_rows": "BIGINT",
    "copies": "BOOLEAN", "total": "DECIMAL(38, 0)", "digest": "DECIMAL(38, 0)", "is_declared": "BOOLEAN",
    "declared": "DECIMAL(38, 0)", "declared_digits": "BIGINT", "is_off": "BOOLEAN", "final": "BOOLEAN",
    "paid": "BOOLEAN", "voided": "BOOLEAN", "proof": "VARCHAR"}


def told_name(manifest_sha: str) -> str:
    """The file, beside a reading's charges, of what one manifest declares of its invoices."""
    return f"told-{manifest_sha[:16]}.parquet"


def invoices_in(sql: duckdb.DuckDBPyConnection, bills: Path, manifest: Manifest) -> list[Invoice]:
    """One `Invoice` per issuer, account, invoice and currency of a reading, in that order."""
    rows = sql.execute(statement("told", bills=quoted(bills))).fetchall()
    return [_invoice(manifest, *row) for row in rows]


def _invoice(manifest: Manifest, issuer: str, account: str, invoice: str, currency: str, billing_day: int, given: bool,
             rows: int, bad_rows: int, copies: bool, total: str, digest: str, mark: str) -> Invoice:
    told = manifest.declared(invoice, currency)
    status = told.status if told else ""
    return Invoice(
        int(mark), issuer, account, invoice, billing_day, currency, given, rows, bad_rows, copies, int(total),
        int(digest), told.total if told else None, max(told.digits if told else 0, MINOR_DIGITS.get(currency, 2)),
        final=bool(invoice) and (status == "issued" or (manifest.final and status != "open")),
        paid=told.paid if told and told.paid is not None else manifest.paid or status == "issued",
        voided=status == "voided", proof=(told.proof if told else "") or " ".join(manifest.proofs))


def write_told(sql: duckdb.DuckDBPyConnection, invoices: Sequence[Invoice], target: Path) -> None:
    """Keep the invoices as Parquet."""
    lay(sql, "told", COLUMNS, [
        (str(one.mark), one.issuer, one.account, one.invoice, one.billing_day, one.currency, one.given, one.rows,
         one.bad_rows, one.copies, str(one.total), str(one.digest), one.declared is not None, str(one.declared or 0),
         one.declared_digits, is_off(one), one.final, one.paid, one.voided, one.proof) for one in invoices])
    sql.execute(f"COPY told TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)")


def is_off(one: Invoice) -> bool:
    """Is something declared of this invoice that its rows do not add up to?"""
    digits = one.declared_digits
    return one.declared is not None and rounded(one.declared, digits) != rounded(one.total, digits)

"""The invoices that a file holds, summed, beside what its manifest declares of them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from westlake.bills.amounts import units
from westlake.bills.engine import quoted
from westlake.bills.manifest import Manifest
from westlake.bills.tables import Invoice
from westlake.money import MINOR_DIGITS

_SUMS = """
    SELECT coalesce(issuer, ''), coalesce(account, ''), invoice, coalesce(currency, ''),
           coalesce(min(epoch(billing_start) // 86400), 0)::BIGINT, bool_and(given), sum(rows)::BIGINT,
           sum(bad_rows)::BIGINT, bool_or(copies), sum(total), coalesce(sum(digest), 0)::VARCHAR
    FROM read_parquet({bills})
    GROUP BY issuer, account, invoice, currency, CASE WHEN invoice = '' THEN billing_start END
    ORDER BY ALL"""


def invoices_in(sql: duckdb.DuckDBPyConnection, bills: Path, manifest: Manifest) -> tuple[Invoice, ...]:
    """One `Invoice` per issuer, account, invoice and currency of a reading, in that order."""
    rows = sql.execute(_SUMS.replace("{bills}", quoted(bills))).fetchall()
    return tuple(_invoice(row, manifest) for row in rows)


def _invoice(row: tuple, manifest: Manifest) -> Invoice:  # type: ignore[type-arg]
    issuer, account, invoice, currency, billing_day, given, count, bad_rows, copies, total, digest = row
    told = manifest.declared(invoice, currency)
    status = told.status if told else ""
    return Invoice(
        0, issuer, account, invoice, billing_day, currency, given, count, bad_rows, copies, units(total), int(digest),
        told.total if told else None, max(told.digits if told else 0, MINOR_DIGITS.get(currency, 2)),
        final=bool(invoice) and (status == "issued" or (manifest.final and status != "open")),
        paid=told.paid if told and told.paid is not None else manifest.paid or status == "issued",
        voided=status == "voided", proof=(told.proof if told else "") or " ".join(manifest.proofs))

"""What an officer should see although it holds nothing back: odd credits, copied invoices, untested formats."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from westlake.bills.amounts import SCALE, text_of
from westlake.bills.engine import lay
from westlake.bills.mapping import mappings
from westlake.bills.payments import untested
from westlake.bills.standing import Flag
from westlake.bills.tables import Delivery
from westlake.errors import Place, Problem

COPIED_ROWS_MIN = 5  # a bill of a few fixed prices may well equal another firm's

_COPIED = f"""
    SELECT issuer, account, invoice, string_agg(DISTINCT other, ', ' ORDER BY other), list(DISTINCT delivery)
    FROM (
        SELECT one.issuer, one.account, one.invoice, one.delivery, other.invoice AS other
        FROM version AS one
        JOIN version AS other ON other.digest = one.digest AND other.total = one.total AND other.rows = one.rows
        WHERE one.rows >= {COPIED_ROWS_MIN} AND one.total > 0 AND one.account <> other.account
          AND one.invoice <> '' AND other.invoice <> '' AND one.invoice <> other.invoice
    )
    GROUP BY issuer, account, invoice
    ORDER BY issuer, account, invoice"""

_OVERDRAWN = """
    SELECT firm, id, counted(sum(used)), counted(sum(bought))
    FROM (
        SELECT firm.name AS firm, charge.CommitmentDiscountId AS id,
               CASE WHEN charge.ChargeCategory = 'Usage' AND ruled.ruling = 'ELIGIBLE' THEN charge.EffectiveCost ELSE 0
               END AS used,
               CASE WHEN charge.ChargeCategory = 'Purchase' THEN charge.BilledCost ELSE 0 END AS bought
        FROM all_charges AS charge
        JOIN kind ON kind.kind = charge.kind
        JOIN step ON step.step = epoch_us(charge.ChargePeriodStart) // {step}
        JOIN ruled ON ruled.bill = charge.bill AND ruled.outcome = {outcome} AND ruled.span = step.span
        JOIN firm ON firm.firm = ruled.firm
        WHERE charge.CommitmentDiscountId IS NOT NULL AND charge.quarantine IS NULL
    )
    GROUP BY firm, id
    HAVING sum(used) > sum(bought)
    ORDER BY firm, id"""


def unborne_flags(sql: duckdb.DuckDBPyConnection, unborne: Iterable[tuple[int, int, int, int]]) -> list[Flag]:
    """Credits that no usage of their invoice could carry, so that they lower the base in full."""
    flags = []
    listed = list(unborne)
    lay(sql, "unborne", {"place": "BIGINT", "firm": "BIGINT", "standing": "BIGINT", "currency": "BIGINT"},
        [(place, *row[:3]) for place, row in enumerate(listed)])
    names = sql.execute(
        "SELECT issuer, account, invoice, firm.name, currency.code FROM unborne"
        " JOIN standing ON standing.standing = unborne.standing JOIN firm ON firm.firm = unborne.firm"
        " JOIN currency ON currency.currency = unborne.currency ORDER BY place").fetchall()
    for (issuer, account, invoice, name, currency), (*_, units) in zip(names, listed, strict=True):
        amount = text_of(units, SCALE).rstrip("0").rstrip(".")
        told = {"invoice": invoice, "firm": name, "amount": amount, "currency": currency}
        flags.append(Flag("CREDIT_WITHOUT_USAGE", Problem("W326", Place(field=invoice), told), issuer, account, invoice,
                          (), holds=False))
    return flags


def copied_flags(sql: duckdb.DuckDBPyConnection) -> list[Flag]:
    """Invoices whose rows are those of another account's invoice under another number."""
    return [Flag("COPIED", Problem("W328", Place(field=invoice), {"invoice": invoice, "other": others}), issuer,
                 account, invoice, tuple(sorted(sent)), holds=False)
            for issuer, account, invoice, others, sent in sql.execute(_COPIED).fetchall()]


def untested_flags(sent: Iterable[Delivery]) -> list[Flag]:
    """Files of a format that was written from documentation and never tried on a real file."""
    known = mappings()
    return [Flag("UNTESTED_FORMAT", untested(known[one.format], one.name), "", "", "", (one.id,), holds=False)
            for one in sent if one.state == "taken" and one.format in known and not known[one.format].tested]


def overdrawn_flags(sql: duckdb.DuckDBPyConnection, places: dict[str, str]) -> list[Flag]:
    """Commitments of which more was used, by effective cost, than was ever billed: asked by that basis alone."""
    asked = _OVERDRAWN.replace("{step}", places["step"]).replace("{outcome}", places["outcome"])
    found = []
    for firm, commitment, used, bought in sql.execute(asked).fetchall():
        told = {"commitment": commitment, "firm": firm, "used": text_of(int(used)), "bought": text_of(int(bought))}
        found.append(Flag("OVERDRAWN", Problem("W329", Place(field=commitment), told), "", "", "", (), holds=False))
    return found

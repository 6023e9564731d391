"""What an officer should see although it holds nothing back: odd credits, copies, odd taxes, money back, no proof."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from westlake.bills.amounts import SCALE, rounded, text_of
from westlake.bills.engine import lay, statement
from westlake.bills.mapping import mappings
from westlake.bills.payments import untested
from westlake.bills.policy import SpendPolicy
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


def trace_flags(sql: duckdb.DuckDBPyConnection, policy: SpendPolicy) -> list[Flag]:
    """What tampering leaves behind in bills and register: each by an SQL file of its own, and none holds a claim.

    Tax and money back are asked of what is billed: effective costs bear neither.
    """
    flags = unproven_flags(sql) + [
        _flag("SHARED_PAYER", "W361", (issuer, account, invoice), firms=firms)
        for issuer, account, invoice, firms in sql.execute(statement("payers")).fetchall()]
    flags += [_flag("NO_REGION", "W363", named) for named in sql.execute(statement("unplaced")).fetchall()]
    if policy.basis != "billed":
        return flags
    flags += [_flag("TAX_OFF", "W359", (issuer, account, invoice), currency=currency, tax=_cents(tax),
                    expected=_cents(expected))
              for issuer, account, invoice, currency, tax, expected in sql.execute(statement("taxed")).fetchall()]
    flags += [_flag("MONEY_BACK", "W360", (issuer, account, invoice), later=later, currency=currency,
                    back=_cents(back), charged=_cents(charged))
              for issuer, account, invoice, later, currency, back, charged
              in sql.execute(statement("refunded")).fetchall()]
    return flags


def unproven_flags(sql: duckdb.DuckDBPyConnection) -> list[Flag]:
    """Invoices that only their own firm says are paid, without a document."""
    return [_flag("UNPROVEN", "W362", (issuer, account, invoice), tuple(sorted(sent)), firm=firm)
            for issuer, account, invoice, firm, sent in sql.execute(statement("unproven")).fetchall()]


def _flag(name: str, code: str, named: tuple[str, str, str], sent: tuple[int, ...] = (), **told: str) -> Flag:
    return Flag(name, Problem(code, Place(field=named[2]), {"invoice": named[2], **told}), *named, sent, holds=False)


def _cents(units: str) -> str:
    """Two decimals of an amount in 1e-18 units, for showing."""
    return text_of(rounded(int(units), 2), 2)


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

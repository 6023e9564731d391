"""What can't count yet and why: invoices held for an officer, months without a rate, credits nothing can carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import duckdb

from westlake.bills.amounts import SCALE, text_of
from westlake.bills.baselines import Suspension
from westlake.bills.laying import rate_day
from westlake.bills.policy import SpendPolicy
from westlake.bills.rulings import SUSPENSIONS
from westlake.bills.standing import Flag, Standing
from westlake.dates import iso
from westlake.errors import Place, Problem


def suspended(sql: duckdb.DuckDBPyConnection, listed: Sequence[Standing], first: int) -> list[Suspension]:
    """The invoices that wait for an officer, with the firms they belong to and what they sum to.

    first: the number under which the first of them stands in the tables.
    """
    amounts: dict[int, dict[str, int]] = defaultdict(dict)
    firms: dict[int, set[str]] = defaultdict(set)
    names = ", ".join(f"'{name}'" for name in SUSPENSIONS)
    for standing, firm, currency, units in sql.execute(
            "SELECT standing, coalesce(firm.name, ''), currency.code, CAST(counted(sum(amount)) AS VARCHAR) FROM ruled"
            " JOIN currency ON currency.currency = ruled.currency LEFT JOIN firm ON firm.firm = ruled.firm"
            f" WHERE ruling IN ({names}) GROUP BY ALL ORDER BY ALL").fetchall():
        amounts[standing][currency] = amounts[standing].get(currency, 0) + int(units)
        firms[standing] |= {firm} - {""}
    return [Suspension(one.ruling, flag.problem, tuple(sorted(firms[number])), one.issuer, *one.key[1:],
                       amounts[number])
            for number, one in enumerate(listed, first) if one.ruling in SUSPENSIONS
            for flag in one.flags if flag.ruling == one.ruling]


def missing_rates(sql: duckdb.DuckDBPyConnection, policy: SpendPolicy) -> list[Suspension]:
    """Spend that waits for a rate of exchange: one suspension a firm, currency and month."""
    rows = sql.execute(
        "SELECT firm.name, currency.code, month, CAST(counted(sum(amount)) AS VARCHAR) FROM ruled"
        " JOIN currency ON currency.currency = ruled.currency JOIN firm ON firm.firm = ruled.firm"
        " WHERE ruling = 'NO_RATE' GROUP BY ALL ORDER BY ALL").fetchall()
    return [Suspension("NO_RATE", Problem("W324", Place(field=currency),
                                          {"currency": currency, "day": iso(rate_day(policy, month)), "firm": firm}),
                       (firm,), "", "", "", {currency: int(units)}) for firm, currency, month, units in rows]


def unborne_flags(sql: duckdb.DuckDBPyConnection, unborne: Iterable[tuple[int, int, int, int]]) -> list[Flag]:
    """Credits that no usage of their invoice could carry, so that they lower the base in full."""
    flags = []
    for firm, standing, money, units in unborne:
        [(issuer, account, invoice, name, currency)] = sql.execute(
            "SELECT issuer, account, invoice, firm.name, currency.code FROM standing, firm, currency"
            f" WHERE standing = {standing} AND firm.firm = {firm} AND currency.currency = {money}").fetchall()
        amount = text_of(units, SCALE).rstrip("0").rstrip(".")
        told = {"invoice": invoice, "firm": name, "amount": amount, "currency": currency}
        flags.append(Flag("CREDIT_WITHOUT_USAGE", Problem("W326", Place(field=invoice), told), issuer, account, invoice,
                          (), holds=False))
    return flags

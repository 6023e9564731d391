"""What can't count yet and why: invoices held for an officer, months without a rate, rows without their cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import duckdb

from westlake.bills.baselines import Suspension
from westlake.bills.laying import rate_day
from westlake.bills.policy import SpendPolicy
from westlake.bills.rulings import SUSPENSIONS
from westlake.bills.standing import Standing
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


def missing_amounts(sql: duckdb.DuckDBPyConnection) -> list[Suspension]:
    """Spend of a bill that lacks the effective cost which the programme counts: one suspension a firm and invoice."""
    rows = sql.execute(
        "SELECT firm.name, document.issuer, document.invoice, CAST(sum(rows) AS BIGINT) FROM ruled"
        " JOIN document ON document.document = ruled.document JOIN firm ON firm.firm = ruled.firm"
        " WHERE ruling = 'NO_EFFECTIVE_COST' GROUP BY ALL ORDER BY ALL").fetchall()
    return [Suspension("NO_EFFECTIVE_COST", Problem("W327", Place(field=invoice), {"invoice": invoice, "rows": count}),
                       (firm,), issuer, "", invoice, {}) for firm, issuer, invoice, count in rows]

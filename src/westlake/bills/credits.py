"""Credits that name no service are spread over the usage of their invoice, so only the eligible share counts.

S5 of the claim. Weights are the firm's positive usage in that invoice, counted and uncounted alike; the split
is by largest remainder in whole 1e-18 units, in Python, where no product outgrows its type.
"""

from __future__ import annotations

from itertools import groupby

import duckdb

from westlake.bills.amounts import text_of
from westlake.bills.baselines import Evidence
from westlake.bills.engine import lay, statement
from westlake.bills.laying import batches, show_charges
from westlake.money import allocate

SPREAD = {"firm": "BIGINT", "standing": "BIGINT", "document": "BIGINT", "class": "BIGINT", "month": "BIGINT",
          "piece": "BIGINT", "currency": "BIGINT", "vat_ppm": "BIGINT", "amount": "DECIMAL(38, 18)"}

_CREDITS = """
    SELECT firm, standing, document, currency, vat_ppm, CAST(counted(sum(amount)) AS VARCHAR),
           min(ruled.month), min(ruled.piece), bool_or(span.counts)
    FROM ruled JOIN span ON span.span = ruled.span
    WHERE ruling = 'SPREAD'
    GROUP BY firm, standing, document, currency, vat_ppm
    HAVING sum(amount) <> 0
    ORDER BY firm, standing, currency, vat_ppm"""

_SPREADING = """
    CREATE OR REPLACE TEMP TABLE spreading AS
    SELECT DISTINCT bill.bill, bill.reading
    FROM ruled JOIN bill ON bill.standing = ruled.standing
    WHERE ruled.ruling = 'SPREAD'"""
_EMPTY = """
    CREATE OR REPLACE TEMP TABLE usage(firm BIGINT, standing BIGINT, currency BIGINT, month BIGINT, piece BIGINT,
                                       class BIGINT, units HUGEINT)"""
_USAGE = """
    SELECT firm, standing, currency, month, piece, class, CAST(sum(units) AS VARCHAR)
    FROM usage
    GROUP BY firm, standing, currency, month, piece, class
    ORDER BY firm, standing, currency, month, piece, class"""


def spread_credits(sql: duckdb.DuckDBPyConnection, evidence: Evidence) -> list[tuple[int, int, int, int]]:
    """Lay the table `spread`: the part of each credit that falls on counted usage.

    Returns the credits that no usage can carry: (firm, standing, currency, 1e-18 units). They lower the class that
    the policy names, in full.
    """
    [(bearing,)] = sql.execute("SELECT class FROM class WHERE name = $1",
                               [evidence.policy.credits_without_usage]).fetchall()
    _sum_usage(sql, evidence)
    usage = {key: [(month, piece, name, int(weight)) for *_, month, piece, name, weight in rows]
             for key, rows in groupby(sql.execute(_USAGE).fetchall(), key=lambda row: row[:3])}
    shares: list[tuple[object, ...]] = []
    unborne = []
    for firm, standing, document, currency, vat_ppm, text, month, piece, counts in sql.execute(_CREDITS).fetchall():
        total = int(text)
        cells = usage.get((firm, standing, currency))
        if cells:
            parts = allocate(total, [weight for *_, weight in cells])
            shares += [(firm, standing, document, name, at, segment, currency, vat_ppm, text_of(part))
                       for (at, segment, name, _), part in zip(cells, parts, strict=True) if name >= 0 and part]
        else:
            unborne.append((firm, standing, currency, total))
            if counts:
                shares.append((firm, standing, document, bearing, month, piece, currency, vat_ppm, text_of(total)))
    lay(sql, "spread", SPREAD, shares)
    return unborne


def _sum_usage(sql: duckdb.DuckDBPyConnection, evidence: Evidence) -> None:
    """Lay the table `usage`: what the credits of each invoice are spread over."""
    sql.execute(_SPREADING)
    sql.execute(_EMPTY)
    wanted = {row[0] for row in sql.execute("SELECT DISTINCT reading FROM spreading").fetchall()}
    for batch in batches({name: rows for name, rows in evidence.readings.items() if name in wanted}):
        show_charges(sql, evidence.folder, batch)
        sql.execute(statement("usage", **evidence.places()))

"""Credits that name no service are spread over the usage of their invoice, so only the eligible share counts.

S5 of the claim. Weights are the firm's positive usage in that invoice, counted and uncounted alike; the split
is by largest remainder in whole 1e-18 units, in Python, where no product outgrows its type.
"""

from __future__ import annotations

from itertools import groupby

import duckdb

from westlake.bills.engine import lay
from westlake.money import allocate

SPREAD = {"firm": "VARCHAR", "standing": "BIGINT", "spend_class": "VARCHAR", "month": "BIGINT", "piece": "BIGINT",
          "currency": "VARCHAR", "vat_ppm": "BIGINT", "units": "HUGEINT"}

_CREDITS = """
    SELECT firm, standing, currency, vat_ppm, CAST(counted(sum(amount)) AS VARCHAR),
           min(ruled.month), min(ruled.piece), bool_or(span.counts)
    FROM ruled JOIN span ON span.span = ruled.span
    WHERE ruling = 'SPREAD'
    GROUP BY firm, standing, currency, vat_ppm
    HAVING sum(amount) <> 0
    ORDER BY firm, standing, currency, vat_ppm"""

_USAGE = """
    SELECT ruled.firm, ruled.standing, ruled.currency, month, piece,
           CASE WHEN ruling = 'ELIGIBLE' THEN spend_class ELSE '' END AS spend_class,
           CAST(counted(sum(positive)) AS VARCHAR)
    FROM ruled
    SEMI JOIN (SELECT DISTINCT firm, standing, currency FROM ruled WHERE ruling = 'SPREAD') AS credit
        ON credit.firm = ruled.firm AND credit.standing = ruled.standing AND credit.currency = ruled.currency
    WHERE category = 'Usage' AND positive > 0 AND ruling <> 'SPLIT_COPY'
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 2, 3, 4, 5, 6"""


def spread_credits(sql: duckdb.DuckDBPyConnection, bearing: str) -> list[tuple[str, int, str, int]]:
    """Lay the table `spread`: the part of each credit that falls on counted usage.

    bearing: the class that bears a credit no usage can carry. Returns those: (firm, standing, currency, 1e-18 units).
    """
    usage = {key: [(month, piece, name, int(weight)) for *_, month, piece, name, weight in rows]
             for key, rows in groupby(sql.execute(_USAGE).fetchall(), key=lambda row: row[:3])}
    shares: list[tuple[object, ...]] = []
    unborne = []
    for firm, standing, currency, vat_ppm, text, month, piece, counts in sql.execute(_CREDITS).fetchall():
        total = int(text)
        cells = usage.get((firm, standing, currency))
        if cells:
            parts = allocate(total, [weight for *_, weight in cells])
            shares += [(firm, standing, name, at, segment, currency, vat_ppm, str(part))
                       for (at, segment, name, _), part in zip(cells, parts, strict=True) if name and part]
        else:
            unborne.append((firm, standing, currency, total))
            if counts:
                shares.append((firm, standing, bearing, month, piece, currency, vat_ppm, text))
    lay(sql, "spread", SPREAD, shares)
    return unborne

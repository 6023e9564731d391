"""The small tables that the SQL joins to the charges: spans of time, invoices, owners, rates, rulings by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import numpy as np

from westlake.bills.engine import lay, quoted, statement
from westlake.bills.entities import Entities
from westlake.bills.fx import RATE_UNIT, FxTable
from westlake.bills.owners import Owners
from westlake.bills.policy import SpendPolicy
from westlake.bills.rulings import Kind, early_ruling, late_ruling
from westlake.bills.standing import Standing, Version
from westlake.bills.timeline import Span, spans, starts
from westlake.dates import Period, add_months
from westlake.register.spans import RelatedParty


def show_readings(sql: duckdb.DuckDBPyConnection, folder: Path, readings: Iterable[str], only: str = "") -> None:
    """Views over the Parquet of readings: all_charges, all_bills, all_kinds; or `only` one view of charges."""
    names = list(readings)
    if not names:
        sql.execute(statement("nothing"))
        return
    for table in ("charges",) if only else ("charges", "bills", "kinds"):
        files = ", ".join(quoted(folder / name / f"{table}.parquet") for name in names)
        sql.execute(f"CREATE OR REPLACE TEMP VIEW {only or f'all_{table}'} AS"
                    f" SELECT * FROM read_parquet([{files}]{'' if only else ', filename = true'})")


def lay_time(sql: duckdb.DuckDBPyConnection, period: Period, zone: str, segment_days: Iterable[int],
             changes: Iterable[int]) -> list[Span]:
    """The tables `span` and `step`, over all days on which anything was charged."""
    first, last = sql.execute(
        "SELECT min(epoch_us(first_start)) // 86400000000 - 1, max(epoch_us(last_start)) // 86400000000 + 1"
        " FROM all_bills").fetchall()[0]
    listed = spans(period.first if first is None else first, period.last if last is None else last, period,
                   segment_days, changes)
    lay(sql, "span", {"span": "BIGINT", "first_day": "BIGINT", "last_day": "BIGINT", "month": "BIGINT",
                      "piece": "BIGINT", "counts": "BOOLEAN"},
        [(number, one.first, one.last, one.month, one.piece, one.counts) for number, one in enumerate(listed)])
    _, begins = starts(listed, zone)
    sizes = np.diff(begins)
    sql.register("laid", {"step": np.arange(begins[0], begins[-1], dtype=np.int64),
                          "span": np.repeat(np.arange(len(listed), dtype=np.int64), sizes)})
    sql.execute("CREATE OR REPLACE TEMP TABLE step AS SELECT step, span FROM laid")
    sql.unregister("laid")
    return listed


def lay_bills(sql: duckdb.DuckDBPyConnection, listed: Sequence[Standing], policy: SpendPolicy) -> None:
    """The tables `standing`, `state` and `bill`: which invoice a bill belongs to, and whether its rows count."""
    states: list[tuple[object, ...]] = []
    for number, one in enumerate(listed):
        for version in one.versions:
            states += _states(number, version, one.ruling, policy)
        for version in one.superseded:
            states += _states(number, version, "SUPERSEDED", policy)
    lay(sql, "standing", {"standing": "BIGINT", "issuer": "VARCHAR", "account": "VARCHAR", "invoice": "VARCHAR"},
        [(number, one.issuer, *one.key[1:]) for number, one in enumerate(listed)])
    lay(sql, "state", {"state": "BIGINT", "standing": "BIGINT", "ruling": "VARCHAR", "vat_ppm": "BIGINT",
                       "reading": "VARCHAR", "issuer": "VARCHAR", "account": "VARCHAR", "invoice": "VARCHAR",
                       "currency": "VARCHAR", "open_day": "BIGINT"},
        [(number, *state) for number, state in enumerate(dict.fromkeys(states))])
    issuers = [row[0] for row in sql.execute(
        "SELECT DISTINCT issuer FROM all_bills WHERE issuer IS NOT NULL ORDER BY 1").fetchall()]
    lay(sql, "house", {"issuer": "VARCHAR", "house": "VARCHAR"},
        [(issuer, policy.entities.of(issuer)) for issuer in issuers])
    sql.execute(statement("standing"))


def _states(number: int, version: Version, ruling: str, policy: SpendPolicy) -> list[tuple[object, ...]]:
    vat = 0 if policy.vat_included else version.delivery.vat_inside_ppm
    return [(number, ruling, vat, version.delivery.reading, entry.issuer, entry.account, entry.invoice, entry.currency,
             0 if entry.invoice else entry.billing_day) for entry in version.entries]


def lay_register(sql: duckdb.DuckDBPyConnection, owners: Owners, related: Sequence[RelatedParty],
                 spanned: Sequence[Span], entities: Entities) -> None:
    """The tables `owner` (an account's firm by days) and `related` (a firm's related houses by span)."""
    lay(sql, "owner", {"house": "VARCHAR", "account": "VARCHAR", "firm": "VARCHAR", "first_day": "BIGINT",
                       "last_day": "BIGINT"}, owners.rows())
    near = {(one.firm, entities.of(one.party), number) for one in related for number, span in enumerate(spanned)
            if one.first <= span.first and span.last <= one.last}
    lay(sql, "related", {"firm": "VARCHAR", "house": "VARCHAR", "span": "BIGINT"}, sorted(near))


def lay_rates(sql: duckdb.DuckDBPyConnection, policy: SpendPolicy, fx: FxTable, spanned: Sequence[Span],
              local_currency: str) -> None:
    """The table `rate`: by currency and month the rate in 1e-8 of the policy's day, where there is one."""
    currencies = [row[0] for row in sql.execute(
        "SELECT DISTINCT currency FROM all_bills WHERE currency IS NOT NULL ORDER BY 1").fetchall()]
    rates = []
    for month in sorted({span.month for span in spanned}):
        day = rate_day(policy, month)
        for currency in currencies:
            found = (RATE_UNIT, day, "") if currency == local_currency else fx.on(currency, day)
            if found:
                rates.append((currency, month, *found))
    lay(sql, "rate", {"currency": "VARCHAR", "month": "BIGINT", "rate": "HUGEINT", "day": "BIGINT",
                      "source": "VARCHAR"}, [(*row[:2], str(row[2]), *row[3:]) for row in rates])


def rate_day(policy: SpendPolicy, month: int) -> int:
    """The day whose rate a charge month uses: its last, or its first."""
    return month if policy.fx == "charge_month_start" else add_months(month, 1) - 1


def lay_kinds(sql: duckdb.DuckDBPyConnection, policy: SpendPolicy) -> None:
    """The table `kind`: what the policy says of each kind of charge, asked once."""
    rows = sql.execute(
        "SELECT DISTINCT kind, category, class, service_category, service_subcategory, service, seller, host, issuer,"
        " region, commitment_status, committed, prepays, adjustment, refunds, allocated FROM all_kinds").fetchall()
    asked = [Kind(*row) for row in rows]
    assert len({kind.kind for kind in asked}) == len(asked), "two kinds of charge have one mark"
    lay(sql, "kind", {"kind": "UBIGINT", "category": "VARCHAR", "allocated": "BOOLEAN", "early": "VARCHAR",
                      "late": "VARCHAR", "spend_class": "VARCHAR", "seller": "VARCHAR", "issuer": "VARCHAR"},
        [(str(kind.kind), kind.category, kind.allocated, early_ruling(policy, kind) or "", *late_ruling(policy, kind),
          policy.entities.of(kind.seller), policy.entities.of(kind.issuer)) for kind in asked])

"""The small tables that the SQL joins to the charges: spans of time, invoices, owners, rates, rulings by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from westlake.bills.baselines import NO_AMOUNT
from westlake.bills.engine import lay, quoted, statement
from westlake.bills.entities import Entities
from westlake.bills.fx import RATE_UNIT, FxTable
from westlake.bills.owners import Owners
from westlake.bills.policy import SpendPolicy
from westlake.bills.reading import told_name
from westlake.bills.rulings import Kind, early_ruling, is_unplaced, late_ruling
from westlake.bills.standing import Invoice, Standing
from westlake.bills.tables import Delivery
from westlake.bills.timeline import Span, spans, starts
from westlake.dates import Period, add_months
from westlake.register.spans import RelatedParty

ROWS_AT_ONCE = 4_000_000  # bills are summed in batches of about this many rows, which bounds memory


def show_readings(sql: duckdb.DuckDBPyConnection, folder: Path, sent: Sequence[Delivery]) -> None:
    """Views over all that was taken in: all_charges, all_bills, all_kinds, all_told; and the table `sent`."""
    taken = [one for one in sent if one.state == "taken"]
    readings = list(dict.fromkeys(one.reading for one in taken))
    told = list(dict.fromkeys(f"{one.reading}/{told_name(one.manifest_sha)}" for one in taken))
    lay(sql, "sent", {"delivery": "BIGINT", "reading": "VARCHAR", "path": "VARCHAR", "vat_ppm": "BIGINT",
                      "uploader": "VARCHAR"},
        [(one.id, one.reading, f"{one.reading}/{told_name(one.manifest_sha)}", one.vat_inside_ppm, one.uploader)
         for one in taken])
    if not taken:
        sql.execute(statement("nothing"))
        return
    files = {table: [f"{name}/{table}.parquet" for name in readings] for table in ("charges", "bills", "kinds")}
    for table, names in {**files, "told": told}.items():
        paths = ", ".join(quoted(folder / name) for name in names)
        sql.execute(f"CREATE OR REPLACE TEMP VIEW all_{table} AS"
                    f" SELECT * FROM read_parquet([{paths}]{'' if table == 'charges' else ', filename = true'})")


def batches(readings: Mapping[str, int]) -> list[list[str]]:
    """Readings (name → rows) a few at a time."""
    found: list[list[str]] = [[]]
    held = 0
    for reading, rows in readings.items():
        if held + rows > ROWS_AT_ONCE and found[-1]:
            found.append([])
            held = 0
        found[-1].append(reading)
        held += rows
    return [batch for batch in found if batch]


def show_charges(sql: duckdb.DuckDBPyConnection, folder: Path, readings: Iterable[str]) -> None:
    """The view `charge` over a few readings."""
    paths = ", ".join(quoted(folder / name / "charges.parquet") for name in readings)
    sql.execute(f"CREATE OR REPLACE TEMP VIEW charge AS SELECT * FROM read_parquet([{paths}])")


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


def lay_versions(sql: duckdb.DuckDBPyConnection, sent: Sequence[Delivery],
                 policy: SpendPolicy) -> list[tuple[Delivery, Invoice]]:
    """The tables `house`, `version`, `invoice`, `standing`, `state`; and the invoices that need a closer look."""
    issuers = [row[0] for row in sql.execute("SELECT DISTINCT issuer FROM all_told ORDER BY 1").fetchall()]
    lay(sql, "house", {"issuer": "VARCHAR", "house": "VARCHAR"},
        [(issuer, policy.entities.of(issuer)) for issuer in issuers])
    sql.execute(statement("versions"))
    if policy.vat_included:
        sql.execute("UPDATE state SET vat_ppm = 0")
    by_id = {one.id: one for one in sent}
    return [(by_id[row[0]], _invoice(*row[1:])) for row in sql.execute(
        f"SELECT delivery, {_ODD} FROM version WHERE is_stray OR key IN (SELECT key FROM invoice WHERE is_odd)"
        " ORDER BY delivery, issuer, account, invoice, currency, billing_day").fetchall()]


_ODD = ("CAST(invoice_mark AS VARCHAR), issuer, account, invoice, billing_day, currency, given, rows, bad_rows, copies,"
        " CAST(total AS VARCHAR), CAST(digest AS VARCHAR), CASE WHEN is_declared THEN CAST(declared AS VARCHAR) END,"
        " declared_digits, final, paid, voided, proof")


def _invoice(*row: Any) -> Invoice:
    mark, *plain, total, digest, declared, digits, final, paid, voided, proof = row
    return Invoice._make((int(mark), *plain, int(total), int(digest), None if declared is None else int(declared),
                          digits, final, paid, voided, proof))


def lay_standings(sql: duckdb.DuckDBPyConnection, listed: Sequence[Standing], policy: SpendPolicy) -> int:
    """Add what was found of the odd invoices to `standing` and `state`, and lay `bill`; the first number added."""
    first = int(sql.execute("SELECT count(*) FROM invoice").fetchall()[0][0])
    states: dict[int, tuple[int, int, str]] = {}
    for number, one in enumerate(listed, first):
        for ruling, versions in (("SUPERSEDED", one.superseded), (one.ruling, one.versions)):
            for version in versions:
                vat = 0 if policy.vat_included else version.delivery.vat_inside_ppm
                states |= {entry.mark: (number, vat, ruling) for entry in version.entries}
    lay(sql, "more", {"standing": "BIGINT", "issuer": "VARCHAR", "account": "VARCHAR", "invoice": "VARCHAR"},
        [(number, one.issuer, *one.key[1:]) for number, one in enumerate(listed, first)])
    sql.execute("INSERT INTO standing SELECT * FROM more")
    lay(sql, "more", {"invoice_mark": "UBIGINT", "standing": "BIGINT", "vat_ppm": "BIGINT", "ruling": "VARCHAR"},
        [(str(mark), *state) for mark, state in states.items()])
    sql.execute("INSERT INTO state SELECT * FROM more")
    sql.execute(statement("standing"))
    return first


def lay_names(sql: duckdb.DuckDBPyConnection, owners: Owners, policy: SpendPolicy) -> None:
    """The tables `firm`, `currency` and `class`: a number for each name, in the order of the names."""
    currencies = [row[0] for row in sql.execute(
        "SELECT DISTINCT currency FROM all_bills WHERE currency IS NOT NULL ORDER BY 1").fetchall()]
    classes = {one.name for one in policy.classes} | {policy.credits_without_usage}
    for table, column, names in (("firm", "name", owners.known()), ("currency", "code", currencies),
                                 ("class", "name", classes)):
        lay(sql, table, {table: "BIGINT", column: "VARCHAR"}, list(enumerate(sorted(names))))


def lay_register(sql: duckdb.DuckDBPyConnection, owners: Owners, related: Sequence[RelatedParty],
                 spanned: Sequence[Span], entities: Entities) -> None:
    """The tables `owner` (an account's firm by days) and `near` (outcomes that a firm is related to, by span)."""
    lay(sql, "owner_named", {"house": "VARCHAR", "account": "VARCHAR", "name": "VARCHAR", "first_day": "BIGINT",
                             "last_day": "BIGINT"}, owners.rows())
    sql.execute("CREATE OR REPLACE TEMP TABLE owner AS SELECT house, account, firm.firm, first_day, last_day"
                " FROM owner_named JOIN firm ON firm.name = owner_named.name")
    close = {(one.firm, entities.of(one.party), number) for one in related for number, span in enumerate(spanned)
             if one.first <= span.first and span.last <= one.last}
    lay(sql, "related", {"name": "VARCHAR", "house": "VARCHAR", "span": "BIGINT"}, sorted(close))
    sql.execute("CREATE OR REPLACE TEMP TABLE near AS SELECT DISTINCT firm.firm, related.span, outcome.outcome"
                " FROM related JOIN firm ON firm.name = related.name"
                " JOIN outcome ON outcome.seller = related.house OR outcome.issuer = related.house")


def lay_houses(sql: duckdb.DuckDBPyConnection, groups: Mapping[str, str]) -> None:
    """The table `house_of`: each firm's house by the register, or the firm itself."""
    firms = sql.execute("SELECT firm, name FROM firm ORDER BY firm").fetchall()
    lay(sql, "house_of", {"firm": "BIGINT", "name": "VARCHAR"}, [(number, groups.get(name, name))
                                                                 for number, name in firms])


def lay_rates(sql: duckdb.DuckDBPyConnection, policy: SpendPolicy, fx: FxTable, spanned: Sequence[Span],
              local_currency: str) -> None:
    """The table `rate`: by currency and month the rate in 1e-8 of the policy's day, where there is one."""
    rates = []
    for month in sorted({span.month for span in spanned}):
        day = rate_day(policy, month)
        for number, code in sql.execute("SELECT currency, code FROM currency").fetchall():
            found = (RATE_UNIT, day, "") if code == local_currency else fx.on(code, day)
            if found:
                rates.append((number, month, str(found[0]), *found[1:]))
    lay(sql, "rate", {"currency": "BIGINT", "month": "BIGINT", "rate": "HUGEINT", "day": "BIGINT",
                      "source": "VARCHAR"}, rates)


def rate_day(policy: SpendPolicy, month: int) -> int:
    """The day whose rate a charge month uses: its last, or its first."""
    return month if policy.fx == "charge_month_start" else add_months(month, 1) - 1


def lay_kinds(sql: duckdb.DuckDBPyConnection, policy: SpendPolicy) -> None:
    """The tables `kind` and `outcome`: what the policy says of each kind of charge; few outcomes for many kinds."""
    rows = sql.execute(
        "SELECT DISTINCT kind, category, class, service_category, service_subcategory, service, seller, host, issuer,"
        " region, commitment_status, committed, prepays, adjustment, refunds, allocated FROM all_kinds").fetchall()
    asked = [Kind(*row) for row in rows]
    assert len({kind.kind for kind in asked}) == len(asked), "two kinds of charge have one mark"
    said = {kind.kind: (kind.category == "Usage", kind.allocated, is_unplaced(policy, kind),
                        early_ruling(policy, kind) or "",
                        *late_ruling(policy, kind), policy.entities.of(kind.seller), policy.entities.of(kind.issuer))
            for kind in asked}
    outcomes = {outcome: number for number, outcome in enumerate(sorted(set(said.values())))}
    classes = dict(sql.execute("SELECT name, class FROM class").fetchall())
    lacking = (NO_AMOUNT, False, False, False, "NO_EFFECTIVE_COST", "", -1, "", "")
    lay(sql, "outcome", {"outcome": "BIGINT", "is_usage": "BOOLEAN", "allocated": "BOOLEAN", "unplaced": "BOOLEAN",
                         "early": "VARCHAR", "late": "VARCHAR", "class": "BIGINT", "seller": "VARCHAR",
                         "issuer": "VARCHAR"},
        [lacking, *((number, *outcome[:5], classes.get(outcome[5], -1), *outcome[6:])
                    for outcome, number in outcomes.items())])
    lay(sql, "kind", {"kind": "UBIGINT", "outcome": "BIGINT"},
        [(str(kind), outcomes[outcome]) for kind, outcome in said.items()])

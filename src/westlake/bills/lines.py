"""From charges to the eligible base: rows ruled, credits netted, lines summed exactly. S2 to S6 of the claim.

The same bills, register and rates give the same lines, whatever the order of rows, the number of threads or the
kind of file; `as_of` gives the lines as they were on an earlier day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from westlake.bills.amounts import fine_digits
from westlake.bills.baselines import BaseLines, Evidence
from westlake.bills.credits import spread_credits
from westlake.bills.engine import engine, statement
from westlake.bills.fx import RATE_DIGITS, FxTable
from westlake.bills.laying import (
    batches,
    lay_houses,
    lay_kinds,
    lay_names,
    lay_rates,
    lay_register,
    lay_standings,
    lay_time,
    lay_versions,
    show_charges,
    show_readings,
)
from westlake.bills.owners import Owners
from westlake.bills.policy import SpendPolicy
from westlake.bills.signals import copied_flags, overdrawn_flags, trace_flags, unborne_flags, untested_flags
from westlake.bills.standing import Key, Version, standings
from westlake.bills.tables import Delivery, clearances, deliveries
from westlake.bills.timeline import starts
from westlake.bills.waiting import missing_amounts, missing_rates, suspended
from westlake.database import Connection
from westlake.dates import Period, add_months
from westlake.errors import Place, WestlakeError
from westlake.register.spans import AccountSpan, RelatedParty


def base_lines(connection: Connection, folder: Path, policy: SpendPolicy, accounts: Sequence[AccountSpan],
               related: Sequence[RelatedParty], fx: FxTable, period: Period, zone: str, local_currency: str,
               as_of: int | None = None, *, segment_days: Sequence[int] = (), groups: Mapping[str, str] | None = None,
               threads: int | None = None) -> BaseLines:
    """The lines of all firms in a period of the city's days.

    groups: firm → the house it belongs to, by which an honest payer of several firms is known. segment_days: days
    on which a rule or a value changes; a month's lines are split there. as_of: count only what was received, and
    cleared, up to that day. Raises W352 when an account has two owners on a day, W353 when the charges of a delivery
    are gone.
    """
    owners = Owners(accounts, policy.entities)
    sent = deliveries(connection, as_of)
    readings = _readings(folder, sent)
    work = tempfile.TemporaryDirectory(prefix="westlake-bills-")
    sql = engine(Path(work.name), threads)
    show_readings(sql, folder, sent)
    listed = standings(lay_versions(sql, sent, policy), policy.entities, clearances(connection, as_of),
                       _claimants(owners), owners.known())
    lay_names(sql, owners, policy)
    first = lay_standings(sql, listed, policy)
    changes = [*owners.change_days(), *(day for one in related for day in (one.first, one.last + 1))]
    spanned = lay_time(sql, period, zone, segment_days, changes)
    lay_kinds(sql, policy)
    lay_register(sql, owners, related, spanned, policy.entities)
    lay_houses(sql, groups or {})
    lay_rates(sql, policy, fx, spanned, local_currency)
    evidence = Evidence(folder, tuple(sent), readings, policy, starts(spanned, zone)[0] * 1_000_000)
    _sum_cells(sql, evidence)
    sql.execute(statement("ruled"))
    unborne = spread_credits(sql, evidence)
    sql.execute(statement("lines", to_fine=str(10 ** (10 + RATE_DIGITS - fine_digits(local_currency)))))
    sql.execute(statement("sums"))
    flags = [flag for one in listed for flag in one.flags] + unborne_flags(sql, unborne) + copied_flags(sql)
    flags += trace_flags(sql, policy) + untested_flags(sent)
    flags += overdrawn_flags(sql, evidence.places()) if policy.basis == "effective" else []
    return BaseLines(sql, work, local_currency, evidence, listed, flags,
                     suspended(sql, listed, first) + missing_rates(sql, policy) + missing_amounts(sql))


def _readings(folder: Path, received: Sequence[Delivery]) -> dict[str, int]:
    """Reading → rows, each reading once however often its file was declared."""
    taken = {one.reading: one for one in received if one.state == "taken"}
    for one in taken.values():
        if not (folder / one.reading / "charges.parquet").is_file():
            raise WestlakeError.one("W353", Place(one.name), reading=one.reading)
    return {reading: one.rows for reading, one in taken.items()}


def _claimants(owners: Owners) -> Callable[[Key, Sequence[Version]], frozenset[str]]:
    """The firms that an invoice's billing account belongs to in its billing month, or else whoever sent it."""
    def claimants(key: Key, versions: Sequence[Version]) -> frozenset[str]:
        firms: set[str] = set()
        for version in versions:
            days = [entry.billing_day for entry in version.entries]
            found = owners.firms(key[0], key[1], min(days), add_months(max(days), 1) - 1)
            firms |= found or ({version.delivery.uploader} & owners.known())
        return frozenset(firms)
    return claimants


def _sum_cells(sql: duckdb.DuckDBPyConnection, evidence: Evidence) -> None:
    """Sum all rows into cells, a batch of readings at a time: a bill never spans two readings."""
    sql.execute("CREATE OR REPLACE TEMP TABLE cell(bill UBIGINT, outcome BIGINT, span BIGINT, rows BIGINT,"
                " amount DECIMAL(38, 18), digest DECIMAL(38, 0))")
    for batch in batches(evidence.readings):
        show_charges(sql, evidence.folder, batch)
        sql.execute(statement("cells", **evidence.places()))

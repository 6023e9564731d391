"""What bills cost: a CSV taken in and ruled, beside the engine's bare reading; charges summed to lines, beside a sum.

CPU seconds (time.process_time and children's), never wall time. `python -m bench.bills [MILLION_ROWS]`: the
second half works on that many million rows (5 by default, 50 in the design), made on the spot. Polars and
pandas are asked for the grouped sum where they are installed (or where WESTLAKE_BENCH_PYTHON has them).
`python -m bench.bills drill [GIGABYTES]` takes in a CSV that large with one bad line and shows the memory used.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from westlake import bills, database
from westlake.bills import FxRate, FxTable, Manifest
from westlake.bills.engine import engine, quoted
from westlake.bills.reading import told_name, write_told
from westlake.bills.standing import Invoice
from westlake.bills.tables import Delivery, record
from westlake.dates import Period, day_number
from westlake.register.spans import AccountSpan

CSV_ROWS = 100_000
EXTRA = 57  # columns of a real export; those the claim does not ask for are read all the same
ROWS_A_FIRM, MONTHS, KINDS = 2_500, 24, 12  # 20,000 firms in 50 million rows
SPEND = "classes:\n  - {class: domestic, category: [Compute]}\n  - {class: other, category: [Storage, Databases]}\n"
FIRST = day_number(2024, 1, 1)


def main(million_rows: float = 5.0) -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        _intake_table(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _lines_table(Path(folder), int(million_rows * 1_000_000))


def measured(work: Callable[[], object], times: int = 3) -> float:
    """The least CPU seconds of a few runs."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def drill(gigabytes: float = 2.0) -> None:
    """A large CSV with one line broken near its end: read all the same, in bounded memory."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        small, path = _real_looking(folder / "small.csv"), folder / "large.csv"
        heading, body = small.read_bytes().split(b"\r\n", 1)
        with path.open("wb") as file:
            file.write(heading + b"\r\n")
            while file.tell() < gigabytes * 1e9:
                file.write(body)
            file.write(b"one,broken,line\r\n" + body)
        size, begun = path.stat().st_size, time.process_time()
        connection = database.connect(":memory:")
        bills.create(connection)
        [taken] = bills.intake(connection, folder / "charges", [path], Manifest(final=True, paid=True), FIRST)
        spent, memory = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{size / 1e9:.1f} GB, {taken.rows:,} rows, {taken.quarantined} set apart: {taken.state}"
              f" in {spent:.0f} CPU s, {memory:.2f} GB at most")


def _intake_table(folder: Path) -> None:
    path = _real_looking(folder / "bill.csv")
    sql = duckdb.connect()
    bare = f"read_csv({quoted(path)}, all_varchar = true, header = true)"
    floor = measured(lambda: sql.execute(f"CREATE OR REPLACE TEMP TABLE bare AS SELECT * FROM {bare}"))
    typed = measured(lambda: _ruled(folder, path))
    print(f"{CSV_ROWS:,} rows of FOCUS 1.2, {EXTRA} columns, {path.stat().st_size / 1e6:.0f} MB of CSV; CPU time\n")
    print(f"{'engine reads every field as text':52}{CSV_ROWS / floor:>10,.0f} rows/s   1.0 x")
    words = "to typed Parquet, lines, and ruled Parquet"
    print(f"{words:52}{CSV_ROWS / typed:>10,.0f} rows/s {typed / floor:>5.1f} x\n")


def _ruled(folder: Path, path: Path) -> None:
    """A CSV from the door to its lines, in an office of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        connection = database.connect(":memory:")
        bills.create(connection)
        bills.intake(connection, Path(place), [path], Manifest(final=True, paid=True), FIRST)
        accounts = [AccountSpan("Heron Cloud", f"A-{number}", f"firm-{number}", 0) for number in range(50)]
        with _lines(connection, Path(place), accounts) as found:
            found.write_rulings(Path(place) / "rulings")


def _lines(connection: sqlite3.Connection, folder: Path, accounts: list[AccountSpan]) -> bills.BaseLines:
    spend = folder.parent / "spend.yaml"
    spend.write_text(SPEND, "utf-8")
    rates = FxTable([FxRate("USD", FIRST, "7.1494"), FxRate("EUR", FIRST, "7.8012")])
    return bills.base_lines(connection, folder, bills.read_spend(spend), accounts, [], rates,
                            Period(FIRST, day_number(2026, 1, 1) - 1), "Asia/Shanghai", "CNY")


def _real_looking(path: Path) -> Path:
    """A FOCUS CSV with long descriptions, ids and tags, E notation among its costs."""
    dice = random.Random(7)
    told = ["BilledCost", "EffectiveCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart",
            "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ProviderName", "PublisherName",
            "InvoiceIssuerName", "InvoiceId", "ServiceCategory", "ServiceSubcategory", "ServiceName", "RegionId",
            "ResourceId", "SkuId", "SkuPriceId", "ChargeDescription", "Tags"]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(told + [f"x_Column{place}" for place in range(EXTRA - len(told))])
        for _ in range(CSV_ROWS):
            cost = f"{dice.randrange(10**7)}E-9" if dice.random() < 0.4 else f"{dice.expovariate(0.3):.11f}"
            account, hour = dice.randrange(50), dice.randrange(24)
            start = f"2025-07-{dice.randrange(1, 31):02d}T{hour:02d}:00:00Z"
            category = dice.choice(["Compute", "Compute", "Storage", "Networking", "Databases"])
            rows.writerow([
                cost, cost, f"A-{account}", "CNY", "2025-07-01T00:00:00Z", start, start[:11] + f"{hour:02d}:59:59Z",
                "Usage", "Heron Cloud", "Heron Cloud", "Heron Cloud", f"INV-{account}", category, "",
                f"{category} service",
                f"lake-{dice.randrange(4)}", f"arn:heron:{category}:{dice.randrange(10**9)}:{dice.randrange(10**12)}",
                f"SKU{dice.randrange(900)}", f"SKU{dice.randrange(900)}.JRTC.6YS6",
                f"0.{dice.randrange(999)} per hour of {category}",
                f'{{"application": "app-{dice.randrange(99)}", "environment": "prod", "unit": "u{dice.randrange(9)}"}}',
                *[f"{place}-value-{dice.randrange(999)}" for place in range(EXTRA - len(told))]])
    return path


def _lines_table(folder: Path, rows: int) -> None:
    connection = database.connect(":memory:")
    bills.create(connection)
    firms = max(1, rows // ROWS_A_FIRM)
    charges = _warehouse(connection, folder / "charges", rows, firms)
    accounts = [AccountSpan("Heron Cloud", f"A-{number}", f"firm-{number}", 0) for number in range(firms)]
    sql = duckdb.connect()
    floor = measured(lambda: sql.execute(
        "SELECT count(*), sum(BilledCost), sum(bill), sum(kind), sum(content), max(ChargePeriodStart),"
        f" count(quarantine) FROM read_parquet([{', '.join(quoted(path) for path in charges)}])").fetchall())
    sql.close()
    def lines() -> tuple[int, int]:
        with _lines(connection, folder / "charges", accounts) as found:
            return len(found), sum(found.columns(("local6",))[0]["local6"].tolist())

    spent = measured(lines, 2)
    count, total = lines()
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{rows / 1e6:g} M rows in {MONTHS} Parquet files, {firms:,} firms, {firms * MONTHS:,} invoices,"
          f" {count:,} lines, base {total / 1e6:,.2f}; CPU time\n")
    print(f"{'engine scans and sums the same columns':52}{floor:>8.1f} s   1.0 x")
    words = "lines: ruled, netted, dated rates, exact"
    print(f"{words:52}{spent:>8.1f} s {spent / floor:>5.1f} x   {size:.2f} GB at most")
    for name, script in PEERS.items():
        print(f"{name:52}{_peer(script, charges, floor)}")


def _warehouse(connection: sqlite3.Connection, folder: Path, rows: int, firms: int) -> list[Path]:
    """Charges of so many rows as the intake would have kept them: a reading a month, sorted by firm."""
    sql, each = engine(folder / "spill", memory="2GB"), rows // MONTHS
    for month in range(MONTHS):
        reading = folder / f"{month:032d}"
        reading.mkdir(parents=True)
        start = day_number(2024 + month // 12, month % 12 + 1, 1)
        sql.execute(f"CREATE OR REPLACE TEMP TABLE made AS SELECT i * {firms} // {each} AS firm,"
                    f" hash(i, {month}) AS dice FROM range({each}) AS t(i)")
        for table, text in (("charges", CHARGES), ("bills", BILLS), ("kinds", KIND_ROWS)):
            text = text.replace("{month}", str(month)).replace("{start}", str(start))
            sql.execute(f"COPY ({text}) TO {quoted(reading / f'{table}.parquet')} (FORMAT parquet, COMPRESSION zstd)")
        write_told(sql, [Invoice(
            firm * MONTHS + month, "Heron Cloud", f"A-{firm}", f"INV-{month}-{firm}", start,
            ("USD", "EUR", *["CNY"] * 5)[firm % 7], True, 1, 0, False, 0, 0, None, 2, True, True, False, "")
            for firm in range(firms)], reading / told_name(str(month)))
        record(connection, Delivery(0, str(month), str(month), "", f"{month}.csv", 0, FIRST, "focus-1.2", "snapshot",
                                    "taken", reading.name, each, 0, 0, (), ()), ())
    sql.close()
    return sorted(folder.glob("*/charges.parquet"))


CHARGES = f"""
    SELECT mark('{{month}}/' || firm) AS bill, dice % {KINDS} AS kind, hash(dice) AS content,
           CAST((dice >> 8) % 100000007 * 0.00000001 AS DECIMAL(38, 18)) AS BilledCost,
           CAST(NULL AS DECIMAL(38, 18)) AS EffectiveCost,
           make_timestamp(({{start}} * 24 + CAST((dice >> 40) % 672 AS BIGINT)) * 3600000000) AS ChargePeriodStart,
           CAST(NULL AS VARCHAR) AS quarantine, 'CNY' AS BillingCurrency
    FROM made"""
BILLS = f"""
    SELECT mark('{{month}}/' || firm) AS bill, CAST(firm * {MONTHS} + {{month}} AS UBIGINT) AS invoice_mark,
           'Heron Cloud' AS issuer, 'A-' || firm AS account, CAST(NULL AS VARCHAR) AS sub_account,
           'INV-{{month}}-' || firm AS invoice, make_timestamp({{start}} * 86400000000) AS billing_start,
           CASE firm % 7 WHEN 0 THEN 'USD' WHEN 1 THEN 'EUR' ELSE 'CNY' END AS currency, FALSE AS copies,
           make_timestamp({{start}} * 86400000000) AS first_start,
           make_timestamp(({{start}} + 28) * 86400000000) AS last_start, count(*) AS rows
    FROM made GROUP BY firm"""
KIND_ROWS = f"""
    SELECT i::UBIGINT AS kind, 'Usage' AS category, NULL::VARCHAR AS class,
           ['Compute', 'Storage', 'Networking', 'Databases'][1 + i % 4] AS service_category,
           NULL::VARCHAR AS service_subcategory, 'Service ' || i AS service, 'Heron Cloud' AS seller,
           'Heron Cloud' AS host, 'Heron Cloud' AS issuer, 'lake-1' AS region, NULL::VARCHAR AS commitment_status,
           FALSE AS committed, FALSE AS prepays, NULL::VARCHAR AS adjustment, FALSE AS refunds, FALSE AS allocated
    FROM range({KINDS}) AS t(i)"""

POLARS = """
import sys, polars as pl
kinds = pl.LazyFrame({'kind': list(range(12)), 'name': ['domestic', 'other', None, 'other'] * 3},
                     schema_overrides={'kind': pl.UInt64})
frame = pl.scan_parquet(sys.argv[1:]).select('bill', 'kind', 'BilledCost', 'content', 'ChargePeriodStart')
month = (pl.col('ChargePeriodStart') + pl.duration(hours=8)).dt.truncate('1mo').alias('month')
print(frame.join(kinds.drop_nulls(), on='kind').group_by('bill', 'name', month).agg(
    pl.col('BilledCost').sum(), pl.len(), pl.col('content').sum()).collect(engine='streaming').height)
"""
PANDAS = """
import sys, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
names = {i: ('domestic', 'other', None, 'other')[i % 4] for i in range(12)}
found = []
for path in sys.argv[1:]:
    table = pq.read_table(path, columns=['bill', 'kind', 'BilledCost', 'content', 'ChargePeriodStart'])
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    frame['name'] = frame['kind'].astype('int64').map(names)
    frame = frame[frame['name'].notna()]
    frame['month'] = (frame['ChargePeriodStart'] + pd.Timedelta(hours=8)).dt.month
    found.append(frame.groupby(['bill', 'name', 'month'])['BilledCost'].sum())
print(len(pd.concat(found)))
"""
PEERS = {"Polars, streaming, Decimal: the grouped sum alone": POLARS,
         "pandas, Arrow decimals: the grouped sum alone": PANDAS}


def _peer(script: str, charges: list[Path], floor: float) -> str:
    """A peer's CPU seconds in a process of its own, or why there are none."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([os.environ.get("WESTLAKE_BENCH_PYTHON", sys.executable), "-c", script, *map(str, charges)],
                          capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        return f"   not run: {done.stderr.strip().splitlines()[-1][:60] if done.stderr.strip() else done.returncode}"
    return f"{spent:>8.1f} s {spent / floor:>5.1f} x"


if __name__ == "__main__":
    asked = sys.argv[1:]
    if asked[:1] == ["drill"]:
        drill(*map(float, asked[1:]))
    else:
        main(*map(float, asked))

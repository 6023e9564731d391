"""Bills of Lakeside, a toy city: a few rows at a time, sent, taken in and summed."""

import csv
import gzip
from pathlib import Path

import duckdb

from westlake import bills, database
from westlake.bills import FxRate, FxTable, Manifest
from westlake.dates import Period, iso, parse_day
from westlake.register.spans import AccountSpan, RelatedParty

HEADINGS = (
    "BilledCost", "EffectiveCost", "BillingAccountId", "SubAccountId", "BillingCurrency", "BillingPeriodStart",
    "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ProviderName",
    "PublisherName", "InvoiceIssuerName", "InvoiceId", "ServiceCategory", "ServiceSubcategory", "ServiceName",
    "RegionId", "ResourceId", "SkuId", "CommitmentDiscountId", "CommitmentDiscountStatus")
SPEND = """
basis: billed
classes:
  - {class: compute, category: [Compute, "AI and Machine Learning"]}
  - {class: storage, category: [Storage]}
support: ["*Support*"]
adjustments: ["*rounding*"]
entities:
  heron-cloud: {names: [Heron Cloud, "Heron Cloud, Inc."]}
  willow: {names: [Willow Resale], resells: [heron-cloud]}
"""
ACCOUNTS = (AccountSpan("Heron Cloud", "A-1", "reed", 0), AccountSpan("Heron Cloud", "A-2", "lotus", 0))
FINAL = Manifest(final=True, paid=True)


def row(billed="1.00", **said):
    """A row of FOCUS 1.2: one hour of computing on account A-1 in July 2025, unless said otherwise."""
    told = {
        "BilledCost": billed, "EffectiveCost": billed, "BillingAccountId": "A-1", "BillingCurrency": "CNY",
        "BillingPeriodStart": "2025-07-01T00:00:00Z", "ChargePeriodStart": "2025-07-10T03:00:00Z",
        "ChargePeriodEnd": "2025-07-10T04:00:00Z", "ChargeCategory": "Usage", "ProviderName": "Heron Cloud",
        "PublisherName": "Heron Cloud", "InvoiceIssuerName": "Heron Cloud", "InvoiceId": "INV-1",
        "ServiceCategory": "Compute", "ServiceName": "Virtual Machine", "RegionId": "lake-1", "ResourceId": "vm-1"}
    return {**told, **said}


def write_csv(path, rows, headings=HEADINGS):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_gz(path, rows, headings=HEADINGS):
    plain = write_csv(path.with_suffix(".plain"), rows, headings)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def write_parquet(path, rows, headings=HEADINGS):
    """The same rows as Parquet with typed columns: doubles for costs, timestamps for instants."""
    plain = write_csv(path.with_suffix(".plain"), rows, headings)
    typed = ", ".join(
        f"CAST({name} AS DOUBLE) AS {name}" if name.endswith("Cost")
        else f"CAST({name} AS TIMESTAMPTZ) AS {name}" if "Period" in name else name for name in headings)
    with duckdb.connect() as sql:
        sql.execute(f"SET TimeZone = 'UTC'; COPY (SELECT {typed} FROM read_csv('{plain}', all_varchar = true,"
                    f" header = true, nullstr = '')) TO '{path}' (FORMAT parquet)")
    return path


WRITERS = {".csv": write_csv, ".gz": write_gz, ".parquet": write_parquet}


class Office:
    """A bills office: a database, a folder, and shortcuts to send bills and read lines."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.folder = folder / "inbox", folder / "charges"
        self.inbox.mkdir()
        self.connection = database.connect(":memory:")
        bills.create(self.connection)
        self.accounts, self.related = list(ACCOUNTS), []
        self.rates = [FxRate("USD", parse_day("2025-06-01"), "7.2", "bank")]
        self.sent = 0

    def send(self, rows, name="", manifest=FINAL, day="2025-08-05", uploader="", headings=HEADINGS):
        """Write rows to a file and take it in; the Delivery."""
        self.sent += 1
        path = self.inbox / (name or f"bill-{self.sent}.csv")
        WRITERS[path.suffix](path, rows, headings)
        return self.take(path, manifest, day, uploader)

    def take(self, path, manifest=FINAL, day="2025-08-05", uploader=""):
        """Take in a file that lies there."""
        [delivery] = bills.intake(self.connection, self.folder, [path], manifest, parse_day(day), uploader=uploader)
        return delivery

    def policy(self, text=SPEND):
        path = self.inbox / "spend.yaml"
        path.write_text(text, "utf-8")
        return bills.read_spend(path)

    def lines(self, spend=SPEND, year=2025, period=None, as_of=None, zone="Asia/Shanghai", **more):
        """The lines of a year."""
        return bills.base_lines(
            self.connection, self.folder, self.policy(spend), self.accounts, self.related, FxTable(self.rates),
            period or Period.year(year), zone, "CNY", parse_day(as_of) if as_of else None, **more)

    def bases(self, **asked):
        """(firm, invoice, class, month, base in yuan) of every line, for hand-worked cases."""
        with self.lines(**asked) as found:
            return [(one.firm, one.invoice, one.spend_class, month(one.month), yuan(one.local6)) for one in found]

    def rulings(self, **asked):
        """Ruling → number of rows."""
        with self.lines(**asked) as found:
            return {name: summed.rows for name, summed in found.rulings().items()}

    def suspended(self, **asked):
        """(ruling, invoice) of everything that waits."""
        with self.lines(**asked) as found:
            return [(one.ruling, one.invoice) for one in found.suspensions()]

    def relate(self, firm, party, first="1970-01-01", last="9999-12-31"):
        self.related.append(RelatedParty(firm, party, parse_day(first), parse_day(last)))


def month(day):
    return iso(day)[:7]


def yuan(fine):
    """FineMoney of yuan as decimal text, without empty decimals."""
    sign, size = "-" if fine < 0 else "", abs(fine)
    return f"{sign}{size // 10**6}.{size % 10**6:06d}".rstrip("0").rstrip(".")


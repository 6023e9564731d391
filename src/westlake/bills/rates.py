"""Reads the office's table of exchange rates: currency, day, rate, source."""

from __future__ import annotations

import csv
from pathlib import Path

from westlake.bills.fx import FxRate, FxTable
from westlake.dates import parse_day
from westlake.errors import Findings, Place, WestlakeError

COLUMNS = ("currency", "day", "rate", "source")


def read_rates(path: Path) -> FxTable:
    """The rates of a CSV file, or none when there is no file; W354 for a row that is not one, all rows named."""
    if not path.is_file():
        return FxTable()
    findings, rates = Findings(), []
    try:
        path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WestlakeError.one("W354", Place(path.name), columns=", ".join(COLUMNS)) from error
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                rates.append(FxRate(row["currency"].strip(), parse_day(row["day"]), row["rate"].strip(),
                                    (row.get("source") or "").strip()))
            except (KeyError, ValueError, AttributeError):
                findings.add("W354", Place(path.name, row=number), columns=", ".join(COLUMNS))
    findings.stop()
    return FxTable(rates)

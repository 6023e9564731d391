"""What a bill was paid with, where its provider says so: cash apart from coupons, vouchers, cards and what is owed.

Only cash counts. What else paid a bill is summed while the file is taken in and told to whoever takes it in, so that
a firm that claims a voucher as cash is seen at once; so is a format that was never tried on a real file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from westlake.bills.amounts import rounded, text_of, units
from westlake.bills.engine import quoted, statement
from westlake.bills.mapping import Format, expression
from westlake.errors import Place, Problem
from westlake.money import MINOR_DIGITS

NAME = "paid.parquet"  # beside a reading's charges


def paid_statement(mapping: Format, columns: Mapping[str, str], folder: Path) -> str:
    """The SQL that sums what a file's rows were paid with; '' when the format does not say it.

    columns: the name that the mapping uses → the column of the view `raw`.
    """
    if not mapping.paid:
        return ""
    texts = mapping.texts(columns)
    parts = {part: " + ".join(_amount(texts[name]) for name in names if name in texts) or "0"
             for part, names in mapping.paid.items()}
    currency = expression(mapping.columns.get("BillingCurrency"), texts) or "''"
    return statement("paid", currency=currency, target=str(folder / NAME).replace("'", "''"), **parts)


def _amount(text: str) -> str:
    return f"coalesce(exact_amount(plain_amount({text}, number_parts({text}))), 0)"


def remarks(sql: duckdb.DuckDBPyConnection, mapping: Format, folder: Path, name: str) -> list[Problem]:
    """What is to be known of a file taken in: an untested format, and what was not paid in cash."""
    place = Place(name)
    found = [] if mapping.tested else [untested(mapping, name)]
    if not (folder / NAME).is_file():
        return found
    rows = sql.execute("SELECT currency, payable, cash, other, owed, off FROM"
                       f" read_parquet({quoted(folder / NAME)}) ORDER BY currency").fetchall()
    for currency, payable, cash, other, owed, off in rows:
        digits = MINOR_DIGITS.get(currency, 2)
        told = {part: text_of(rounded(units(amount), digits), digits) for part, amount in
                (("payable", payable), ("cash", cash), ("other", other), ("owed", owed))}
        if other or owed:
            found.append(Problem("W357", place, {"currency": currency, **told}))
        if off:
            found.append(Problem("W358", place, {"rows": off}))
    return found


def untested(mapping: Format, name: str) -> Problem:
    """The warning that a format was written from documentation alone."""
    return Problem("W356", Place(name), {"format": mapping.format})

"""All disagreements of a replay as a file for a spreadsheet, Excel or CSV; no text in it becomes a formula."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from westlake.money import MINOR_DIGITS
from westlake.replay import Telling
from westlake.replay.listing import AMOUNTS, COLUMNS, Field, headings, rows
from westlake.spreadsheet import unarmed

ENDINGS = (".xlsx", ".csv")
_WIDTHS = {"case": 28, "kind": 26, "clause": 26, "value": 26, "read": 48, "hypothesis": 48}


def write_disagreements(path: Path, telling: Telling) -> None:
    """Write every disagreement, a row each, in the order of the sheet; the path's ending says which kind of file."""
    if path.suffix.lower() == ".csv":
        _csv(path, telling)
    else:
        _xlsx(path, telling)


def _csv(path: Path, telling: Telling) -> None:
    """With its mark in front, so that spreadsheets read Korean and Chinese right."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([unarmed(heading) for heading in headings(telling.lang)])
        for row in rows(telling):
            out.writerow([_plain(telling, name, field) for name, field in zip(COLUMNS, row, strict=True)])


def _xlsx(path: Path, telling: Telling) -> None:
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook pays for loading the writer

    digits = MINOR_DIGITS[telling.programme.currency]
    # texts go in as texts: a name that begins with = is a name
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet(telling.say("page.disagreements")[:31])
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        money = book.add_format({"num_format": "#,##0" + ("." + "0" * digits if digits else "")})
        for column, (name, heading) in enumerate(zip(COLUMNS, headings(telling.lang), strict=True)):
            sheet.set_column(column, column, _WIDTHS.get(name, 14))
            sheet.write_string(0, column, heading, bold)
        last = 0
        for last, row in enumerate(rows(telling), 1):
            for column, (name, field) in enumerate(zip(COLUMNS, row, strict=True)):
                if isinstance(field, int):
                    number = Decimal(field).scaleb(-digits) if name in AMOUNTS else field
                    sheet.write_number(last, column, number, money if name in AMOUNTS else None)
                elif field:
                    sheet.write_string(last, column, field)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(last, 1), len(COLUMNS) - 1)


def _plain(telling: Telling, name: str, field: Field) -> str:
    """A figure without separators, for every spreadsheet of any country; a text that is no formula."""
    if field is None:
        return ""
    if isinstance(field, str):
        return unarmed(field)
    if name not in AMOUNTS:
        return str(field)
    return f"{Decimal(field).scaleb(-MINOR_DIGITS[telling.programme.currency]):f}"

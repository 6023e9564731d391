"""A reform's firms as a table for other programs: CSV, or Excel with the groups on a second sheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from westlake.money import MINOR_DIGITS
from westlake.reports.reform import group_words
from westlake.settlement.reform import CUTS, Reform
from westlake.spreadsheet import unarmed
from westlake.words import say

ENDINGS = (".csv", ".xlsx")
COUNTS = ("firms", "better", "worse", "unchanged", "newly", "no_longer")
AMOUNTS = ("entitled_before", "entitled_after", "before", "after", "change")
Row = list[str | int | Decimal]


def write_table(path: Path, reform: Reform, names: Mapping[str, str], lang: str) -> None:
    """Write the table by the file's ending; names: firm → name. Money in main units, to the last minor one."""
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets read Korean and Chinese right
            csv.writer(file).writerows(_firms(reform, names, lang))
        return
    import xlsxwriter  # noqa: PLC0415 - only those who export should load it

    with xlsxwriter.Workbook(path) as book:
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        for title, rows in (("firms", _firms(reform, names, lang)), ("groups", _groups(reform, lang))):
            sheet = book.add_worksheet(say(f"reports.reform.{title}", lang))
            sheet.freeze_panes(1, 1)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(at, column, cell, bold if at == 0 else None)
                    else:
                        sheet.write_number(at, column, cell, money if isinstance(cell, Decimal) else None)
            sheet.autofit()


def _firms(reform: Reform, names: Mapping[str, str], lang: str) -> Iterator[Row]:
    yield [_say("firm", lang), _say("name", lang), *(_say(f"cut.{cut}", lang) for cut in CUTS),
           *(_say(amount, lang) for amount in AMOUNTS)]
    for one in reform.firms:
        facts = [unarmed(group_words(reform, cut, one.facts[cut], lang)) for cut in CUTS]
        amounts = (one.entitled_before, one.entitled_after, one.before, one.after, one.change)
        yield [unarmed(one.firm), unarmed(names.get(one.firm, "")), *facts, *_money(amounts, reform)]


def _groups(reform: Reform, lang: str) -> Iterator[Row]:
    yield [_say("group", lang), "", *(_say(head, lang) for head in (*COUNTS, *AMOUNTS))]
    rows = [(_say("everybody", lang), "", reform.total)]
    rows += [(_say(f"cut.{cut}", lang), unarmed(group_words(reform, cut, row.value, lang)), row)
             for cut in CUTS for row in reform.groups[cut]]
    for label, value, row in rows:
        amounts = (row.entitled_before, row.entitled_after, row.before, row.after, row.change)
        yield [label, value, *(row.counts[count] for count in COUNTS), *_money(amounts, reform)]


def _money(amounts: Sequence[int], reform: Reform) -> list[Decimal]:
    return [Decimal(amount).scaleb(-MINOR_DIGITS[reform.law.currency]) for amount in amounts]


def _say(message: str, lang: str) -> str:
    return say(f"reports.reform.{message}", lang)

"""The books as an Excel workbook for an auditor: cover, balances, transfers or one account's statement, programmes.

Amounts are numbers, every total is a formula with its value beside it, and no text is ever taken for a formula.
Excel keeps fifteen digits: an amount beyond them is refused, never rounded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from westlake.database import Connection
from westlake.dates import Period, instant_iso, iso
from westlake.errors import Place, WestlakeError
from westlake.ledger import Balance, Books
from westlake.ledger.journal import read_entries
from westlake.ledger.periods import balances_digest
from westlake.money import MINOR_DIGITS
from westlake.settlement.programme_years import DUE, FIGURES, IN, OUT, payables, programme_years
from westlake.spreadsheet import fitting
from westlake.words import say

EXACT_MAX = 10**15  # minor units: fifteen digits, all of which Excel keeps (and 2**53 is beyond)
ROWS_MAX = 1_048_576  # of a sheet
SUMS = ("debits", "credits", "held_debits", "held_credits")
TRANSFER = ("day", "journal", "recorded", "key", "kind", "memo", "debit", "credit", "phase", "currency", "amount")


@dataclass(frozen=True)
class Origin:
    """Whose books these are, for which days, and when the workbook was made (microseconds UTC)."""

    agency: str
    period: Period
    made: int
    lang: str


def write_books(path: Path, connection: Connection, origin: Origin, account: str = "") -> None:
    """Write the workbook; with an account, its statement in place of all transfers.

    W501 for an unknown account, W542 for an amount that Excel cannot keep, W543 for more rows than it has.
    """
    import xlsxwriter  # noqa: PLC0415 - only those who export to Excel should load it

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=origin.made)})
        writer = _Book(book, origin)
        _cover(writer, connection)
        _balances(writer, Books(connection).balances(origin.period.last))
        if account:
            _statement(writer, connection, account)
        else:
            _transfers(writer, connection)
            _programmes(writer, connection)


class _Book:
    """The workbook with its formats."""

    def __init__(self, book: Any, origin: Origin) -> None:
        self.book, self.origin = book, origin
        self.bold, self.head = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.money = {digits: [book.add_format({"num_format": shown, "bold": bold}) for bold in (False, True)]
                      for digits, shown in ((0, "#,##0"), (2, "#,##0.00"))}

    def say(self, name: str) -> str:
        return say(f"ledger.column.{name}", self.origin.lang)

    def sheet(self, name: str, widths: Sequence[int], headings: Iterable[str] = ()) -> _Sheet:
        """A new sheet; with headings, frozen below them."""
        sheet = _Sheet(self, self.book.add_worksheet(say(f"reports.books.{name}", self.origin.lang)), name)
        for column, width in enumerate(widths):
            sheet.page.set_column(column, column, width)
        if titles := list(headings):
            sheet.row(*titles, bold=True)
            sheet.page.freeze_panes(1, 0)
        return sheet


@dataclass
class _Money:
    """An amount in minor units, with the formula that gives it, if it is a total."""

    amount: int
    currency: str
    formula: str = ""


class _Sheet:
    """One sheet, written row by row."""

    def __init__(self, book: _Book, page: Any, name: str) -> None:
        self.book, self.page, self.name, self.at = book, page, name, 0

    def row(self, *cells: object, bold: bool = False) -> None:
        """Texts, whole numbers, days (as dt.date) and money, from the first column on; an empty text stays empty."""
        if self.at >= ROWS_MAX:
            raise WestlakeError.one("W543", Place(self.name), rows=f"{ROWS_MAX:,}")
        for column, cell in enumerate(cells):
            self._cell(column, cell, bold)
        self.at += 1

    def _cell(self, column: int, cell: object, bold: bool) -> None:
        if isinstance(cell, _Money):
            digits = MINOR_DIGITS[cell.currency]
            if abs(cell.amount) > EXACT_MAX:
                raise WestlakeError.one("W542", Place(self.name, row=self.at + 1), amount=cell.amount)
            number, shown = Decimal(cell.amount).scaleb(-digits), self.book.money[digits][bold]
            if cell.formula:
                self.page.write_formula(self.at, column, f"=ROUND({cell.formula},{digits})", shown, number)
            else:
                self.page.write_number(self.at, column, number, shown)
        elif isinstance(cell, dt.date):
            self.page.write_datetime(self.at, column, cell, self.book.day)
        elif isinstance(cell, int):
            self.page.write_number(self.at, column, cell)
        elif cell:
            self.page.write_string(self.at, column, fitting(str(cell)), self.book.head if bold else None)


def _cover(book: _Book, connection: Connection) -> None:
    books, origin, sheet = Books(connection), book.origin, book.sheet("cover", (24, 72))
    head, after = books.head(), books.balances(origin.period.last)
    journals = connection.execute("SELECT count(*) FROM journal WHERE day BETWEEN ? AND ?",
                                  (origin.period.first, origin.period.last)).fetchone()[0]
    sheet.row(say("reports.books.title", origin.lang, agency=origin.agency), bold=True)
    for name, said in (("first", iso(origin.period.first)), ("last", iso(origin.period.last)), ("journals", journals),
                       ("head", head.number), ("hash", head.hash), ("digest", balances_digest(after)),
                       ("made", instant_iso(origin.made))):
        sheet.row(say(f"reports.books.{name}", origin.lang), said)
    sheet.row(say("reports.books.check", origin.lang))


def _balances(book: _Book, balances: dict[str, Balance]) -> None:
    """Every account as the period ends; below, the four sums of each currency: what is debited is credited."""
    sheet = book.sheet("balances", (40, 9, 8, *[20] * 5),
                       map(book.say, ("account", "currency", "rule", *SUMS, "available")))
    for code, kept in balances.items():
        sheet.row(code, kept.currency, kept.rule, *(_Money(getattr(kept, name), kept.currency)
                                                    for name in (*SUMS, "available")))
    end = sheet.at
    for currency in sorted({kept.currency for kept in balances.values()}):
        sums = [sum(getattr(kept, name) for kept in balances.values() if kept.currency == currency) for name in SUMS]
        sheet.row(book.say("total"), currency, "", *(
            _Money(total, currency, f'SUMIF($B$2:$B${end},"{currency}",{column}$2:{column}${end})')
            for total, column in zip(sums, "DEFG", strict=True)), bold=True)


def _transfers(book: _Book, connection: Connection) -> None:
    """Every transfer of the period; below, what was posted, held and released in each currency."""
    sheet = book.sheet("transfers", (11, 9, 27, 28, 14, 30, 34, 34, 10, 9, 20), map(book.say, TRANSFER))
    currencies = dict(connection.execute("SELECT code, currency FROM account").fetchall())
    totals: dict[tuple[str, str], int] = {}
    for entry in read_entries(connection, "day BETWEEN ? AND ?", (book.origin.period.first, book.origin.period.last),
                              order="day"):
        one = entry.journal
        for leg in one.transfers:
            currency, phase = currencies[leg.debit], say(f"ledger.phase.{leg.phase}", book.origin.lang)
            totals[currency, phase] = totals.get((currency, phase), 0) + leg.amount
            sheet.row(_date(one.day), entry.id, instant_iso(entry.recorded_at), one.idem, one.kind, one.memo, leg.debit,
                      leg.credit, phase, currency, _Money(leg.amount, currency))
    end = sheet.at
    for (currency, phase), total in sorted(totals.items()):
        formula = f'SUMIFS($K$2:$K${end},$J$2:$J${end},"{currency}",$I$2:$I${end},"{phase}")'
        sheet.row(book.say("total"), *[""] * 7, phase, currency, _Money(total, currency, formula), bold=True)
    if end > 1:
        sheet.page.autofilter(0, 0, end - 1, len(TRANSFER) - 1)


def _statement(book: _Book, connection: Connection, account: str) -> None:
    """One account: its four sums at first, what each transfer adds to one of them, the four sums at last."""
    period = book.origin.period
    found = Books(connection).statement(account, period.first, period.last)
    sheet = book.sheet("statement", (11, 9, 14, 30, 34, 10, *[20] * 5), map(
        book.say, ("day", "journal", "kind", "memo", "other", "phase", *SUMS, "available")))
    currency = found.opening.currency
    sheet.row(_date(period.first), "", book.say("opening"), account, "", "", *_sums(found.opening, currency), bold=True)
    before = found.opening
    for line in found.lines:
        change = [getattr(line.balance, name) - getattr(before, name) for name in SUMS]
        sheet.row(_date(line.day), line.journal, line.kind, line.memo, line.other,
                  say(f"ledger.phase.{line.transfer.phase}", book.origin.lang),
                  *(_Money(amount, currency) if amount else "" for amount in change),
                  _Money(line.balance.available, currency))
        before = line.balance
    end = sheet.at
    sheet.row(_date(period.last), "", book.say("closing"), account, "", "", *(
        _Money(getattr(found.closing, name), currency, f"SUM({column}$2:{column}${end})")
        for name, column in zip(SUMS, "GHIJ", strict=True)), _Money(found.closing.available, currency), bold=True)


def _programmes(book: _Book, connection: Connection) -> None:
    """Each budget's figures, what is free by formula; below, what each programme's firms are due."""
    span = book.origin.period
    sheet = book.sheet("programmes", (24, 8, 9, *[18] * len(FIGURES)),
                       map(book.say, ("programme", "year", "currency", *FIGURES)))
    for one in programme_years(connection, span.first, span.last):
        column = {name: f"{chr(ord('D') + place)}{sheet.at + 1}" for place, name in enumerate(FIGURES)}
        free = "+".join(column[name] for name in IN) + "".join(f"-{column[name]}" for name in OUT[:-1])
        sheet.row(one.programme, one.year, one.currency, *(
            _Money(getattr(one, name), one.currency, free if name == "available" else "") for name in FIGURES))
    sheet.row()
    sheet.row(book.say("programme"), "", *map(book.say, ("currency", *DUE)), bold=True)
    for due in payables(connection, span.first, span.last):
        at = sheet.at + 1
        sheet.row(due.programme, "", due.currency, *(
            _Money(getattr(due, name), due.currency, f"D{at}+E{at}+F{at}-G{at}-H{at}" if name == "due" else "")
            for name in DUE))


def _sums(kept: Balance, currency: str) -> list[_Money]:
    return [_Money(getattr(kept, name), currency) for name in (*SUMS, "available")]


def _date(day: int) -> dt.date | str:
    """A day as Excel knows it; before March 1900, where its calendar is wrong, as a text."""
    found = dt.date.fromisoformat(iso(day))
    return found if found >= dt.date(1900, 3, 1) else iso(day)

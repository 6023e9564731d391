"""Reads what offices write into a cell as the rules take it: amounts, rates, days, yes and no, choices.

Nothing is guessed: a cell that could mean two things, or is finer than the smallest unit, is refused with
its reason. Full-width digits, currency marks, units such as 万元 or 천원, Excel's own dates and figures in
brackets are ordinary.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import yaml

from westlake import dates
from westlake.errors import nearest
from westlake.money import MINOR_DIGITS, parse_rate
from westlake.replay.amounts import WHOLE, amount
from westlake.replay.column import Column
from westlake.replay.unfit import Unfit
from westlake.rules.form import Input
from westlake.rules.kinds import Kind, read
from westlake.rules.rows import out_of_range
from westlake.spreadsheet import Cell, in_error, said

OFFICE = {name: tuple(words.split()) for name, words in yaml.load(
    (Path(__file__).parent / "office.yaml").read_text("utf-8"), yaml.BaseLoader).items()}
YES, NO = frozenset(OFFICE["yes"]), frozenset(OFFICE["no"])
ROUNDINGS = ("half_up", "down")
_TIME = r"[T ]\s*(?:오전|오후|上午|下午|am|pm)?\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm|Z|[+-]\d{2}:?\d{2})?"
_WEEKDAY = r"\s*\((?:[월화수목금토일](?:요일)?|(?:周|星期)?[一二三四五六日])\)"
_DAY = re.compile(r"(\d{4}|\d{2})[-/.年년]\s*(\d{1,2})[-/.月월]\s*(\d{1,2})[日일.]?"
                  rf"(?:{_WEEKDAY})?(?:{_TIME})?", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})[-/.年년]\s*(\d{1,2})[月월]?")
_COUNTED = re.compile(rf"({WHOLE})\s*(?:{'|'.join(OFFICE['counted'])})?")
_SERIALS = (20_000, 110_000)  # Excel's days from 1954 to 2201: a plain year or a small count is no date
_EPOCH = 25_569  # Excel's number of 1970-01-01


def reader(item: Input, column: Column, currency: str, taken: str = "") -> Callable[[Cell], int]:
    """Cell → number for one column; raises `Unfit`: W134 empty, W135 unreadable, W136 too fine, W138 two
    meanings, W139 another currency than the programme's or the one taken as it, W031 out of range.
    """
    known: dict[Cell, int] = {}
    choices = _choices(item, column) if item.kind is Kind.CHOICE else {}
    ours = (currency, taken) if taken else (currency,)
    if column.constant is not None:
        same = constant(item, column, currency)
        return lambda cell: same

    def read_cell(cell: Cell) -> int:
        found = known.get(cell) if not isinstance(cell, bool) else None
        if found is not None:
            return found
        if said(cell) == "":
            if column.empty is None:
                raise Unfit("W134")
            cell = column.empty
        number = _number(cell, item, column, ours, choices)
        if not item.low <= number <= item.high:
            raise Unfit("W031", **out_of_range(item, number, currency))
        if len(known) < 100_000 and not isinstance(cell, bool):
            known[cell] = number
        return number
    return read_cell


def constant(item: Input, column: Column, currency: str) -> int:
    """The number of one value for all rows, written as the form writes it or as a cell would have it: `true`, `예`."""
    text = column.constant or ""
    try:
        return item.read(text, currency)
    except ValueError:
        found = _number(text, item, column, (currency,), _choices(item, column) if item.kind is Kind.CHOICE else {})
    return found


def _number(cell: Cell, item: Input, column: Column, ours: tuple[str, ...], choices: Mapping[str, tuple[int, ...]]
            ) -> int:
    text, currency = plain(said(cell)), ours[0]
    try:
        match item.kind:
            case Kind.MONEY | Kind.FINE:
                digits = MINOR_DIGITS[currency] + (4 if item.kind is Kind.FINE else 0)
                return amount(text, column.unit, digits, column.rounding, ours)
            case Kind.RATE:
                return _rate(cell, text, column.unit)
            case Kind.DAY:
                return day(cell, column.unit, column.century)
            case Kind.BOOL:
                return truth(text, column)
            case Kind.CHOICE:
                return _choice(text, item, choices)
            case Kind.COUNT:
                return item.read(text, currency) if item.decimals else _count(text)
        if in_error(text):
            raise ValueError(text)
        return read(item.kind, said(cell), currency)
    except Unfit:
        raise
    except (ValueError, OverflowError) as error:
        raise Unfit("W135", text=said(cell), kind=item.kind.value) from error


def plain(text: str) -> str:
    """A text without the differences that no officer sees: full width, odd spaces, odd dashes."""
    if text.isascii() and " " not in text:
        return text.strip()
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2013", "-").replace("\u2014", "-")
    return " ".join(text.replace("，", ",").split())


def _rate(cell: Cell, text: str, unit: str) -> int:
    """A rate in parts of a million. Under a heading of per cent, a number up to 1 may be a cell shown as 30%: W138."""
    if unit != "percent" or text.endswith("%"):
        return parse_rate(text)
    if isinstance(cell, float) and 0 < abs(cell) <= 1:
        raise Unfit("W138", text=text, first=f"{text}%", second=f"{said(cell * 100)}%")
    return parse_rate(text + "%")


def day(cell: Cell, unit: str = "", century: int = 0) -> int:
    """A day number from a date, Excel's number of one, or a text with the year first; a month counts as its last day.

    Month and year are taken only where the column's unit says so: `month` or `year`. W138 for the month
    2025.1: as a number, October loses its last digit. century: 2000 where 25/05/05 is a day of 2025; 0 refuses it.
    """
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return cell.toordinal() - 719_163
    text = plain(said(cell))
    if unit == "year" and re.fullmatch(r"\d{4}年?년?", text):
        return dates.day_number(int(text[:4]), 12, 31)
    if found := _DAY.fullmatch(text):
        if len(found[1]) == 2 and not century:
            raise ValueError(text)
        return _real_day(int(found[1]) + (century if len(found[1]) == 2 else 0), int(found[2]), int(found[3]))
    if unit == "month" and (found := _MONTH.fullmatch(text)):
        year, month = int(found[1]), int(found[2])
        if text == f"{year}.1":
            raise Unfit("W138", text=text, first=f"{year}-01", second=f"{year}-10")
        return _real_day(year, month, dates.days_in_month(year, month) if 1 <= month <= 12 else 0)
    if re.fullmatch(r"\d{8}", text):
        return _real_day(int(text[:4]), int(text[4:6]), int(text[6:]))
    serial = int(text.partition(".")[0]) if re.fullmatch(r"\d+(\.\d+)?", text) else 0
    if not _SERIALS[0] <= serial <= _SERIALS[1]:
        raise ValueError(text)
    return serial - _EPOCH


def _real_day(year: int, month: int, number: int) -> int:
    return dt.date(year, month, number).toordinal() - 719_163


def truth(text: str, column: Column) -> int:
    """1 or 0 of a yes or a no, the column's own words first."""
    word = text.casefold()
    own_yes, own_no = ({plain(name).casefold() for name in names} for names in (column.yes, column.no))
    yes, no = (own_yes, own_no) if word in own_yes | own_no else (YES, NO)
    if (word in yes) == (word in no):
        raise ValueError(text)
    return int(word in yes)


def _count(text: str) -> int:
    found = _COUNTED.fullmatch(text)
    if not found:
        raise ValueError(text)
    return int(found[1].replace(",", ""))


def _choices(item: Input, column: Column) -> dict[str, tuple[int, ...]]:
    """Every text that stands for a choice: its name, what it is called in three languages, the column's own words.

    A text of two choices keeps both, so that it is refused; the column's own words go before the form's.
    """
    names = [(label, place) for place, choice in enumerate(item.choices)
             for label in (choice, *item.choice_words.get(choice, {}).values())]
    own = [(word, item.choices.index(choice)) for word, choice in column.words.items()]
    return _places(names) | _places(own)


def _places(names: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    places: dict[str, tuple[int, ...]] = {}
    for name, place in names:
        key = plain(name).casefold()
        known = places.get(key, ())
        places[key] = known if place in known else (*known, place)
    return places


def _choice(text: str, item: Input, known: Mapping[str, tuple[int, ...]]) -> int:
    """The choice that a text names, with or without the word for a firm behind it."""
    word = text.casefold()
    for name in (word, re.sub(r"\s*(企业|기업|firms?|enterprises?)$", "", word)):
        if len(places := known.get(name, ())) > 1:
            raise Unfit("W138", text=text, first=item.choices[places[0]], second=item.choices[places[1]])
        if places:
            return places[0]
    raise Unfit("W135", text=text, kind=" / ".join(item.choices),
                suggestion=nearest(word, known) if word.isascii() else "")  # 중견기업 is like 중기업, and no such

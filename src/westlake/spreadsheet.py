"""Reads the tables that offices keep, Excel, OpenDocument or CSV, cell by cell and at their true places.

A cell is a text, a number, a truth, a date or empty (""). CSV is taken as UTF-8, UTF-16 with its mark, or
one of the two old codes of the region: GB 18030 of Chinese and CP949 of Korean machines.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

Cell = str | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
DELIMITERS = ",;\t"
_HANGUL_LEADS = range(0xB0, 0xC9)  # where CP949 keeps the syllables of ordinary Korean
_KOREAN_SHARE = 95  # per cent of the two-byte letters; Chinese text has other leads in every sentence
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(ValueError):
    """The file is missing, empty, or no table that can be read."""


def read_sheets(path: Path) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    """Each sheet's name and its rows from the first row on, empty ones too; a CSV is one sheet without a name."""
    if not path.is_file() or path.stat().st_size == 0:
        raise Unreadable(path.name)
    return _workbook(path) if path.suffix.lower() in WORKBOOKS else _csv(path)


def said(cell: Cell) -> str:
    """A cell as the text a person sees: a whole number without its .0, fifteen digits at most, ISO days."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, dt.datetime):
        return str(cell.date()) if cell.time() == dt.time() else str(cell)
    return str(cell)


def unarmed(text: str) -> str:
    """A text that no spreadsheet takes for a formula: what looks like one is led by an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def column_letters(place: int) -> str:
    """What a spreadsheet calls a column, counted from 0: A, B, … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _number(cell: float) -> str:
    """A spreadsheet keeps fifteen digits of a number; what a double has beyond them was never typed."""
    if cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    text = repr(cell)
    if len(text) <= 16 and "e" not in text:
        return text
    return f"{Decimal(format(cell, '.15g')):f}"


def _workbook(path: Path) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    import python_calamine  # noqa: PLC0415 - only offices that send a workbook pay for loading it

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            # skipping the empty edge would move every row's number
            yield name, iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, zipfile.BadZipFile) as error:
        raise Unreadable(path.name) from error


def _csv(path: Path) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    text = decoded(path.read_bytes())
    if text is None:
        raise Unreadable(path.name)
    head = text[:20_000]
    delimiter = max(DELIMITERS, key=head.count)
    yield "", iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))  # type: ignore[arg-type]


def decoded(raw: bytes) -> str | None:
    """The text of a file by its bytes; None when it is in no code known here."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codes: tuple[str, ...] = ("utf-16",)
    else:
        codes = ("utf-8-sig", "cp949", "gb18030") if _korean(raw) else ("utf-8-sig", "gb18030", "cp949")
    for code in codes:
        try:
            text = raw.decode(code)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return None


def _korean(raw: bytes) -> bool:
    """Do the two-byte letters of a text begin as Korean ones do?"""
    letters = korean = at = 0
    while at < len(raw):
        if raw[at] < 0x80:
            at += 1
            continue
        letters += 1
        korean += raw[at] in _HANGUL_LEADS
        at += 2
        if letters == 5_000:
            break
    return letters > 0 and korean * 100 >= letters * _KOREAN_SHARE

"""One cell of a table as the text a person sees, the letters of its column, and a text that is no formula."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

Cell = str | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
_IN_ERROR = re.compile(r"#([A-Z0/]+[!?]|N/A|GETTING_DATA)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # Excel of the region runs the wide ones


class Unreadable(ValueError):
    """The file is missing, empty, or no table that can be read."""


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


def in_error(text: str) -> bool:
    """Is it what a spreadsheet shows where a formula failed: `#DIV/0!`, `#N/A`?"""
    return text.startswith("#") and bool(_IN_ERROR.fullmatch(text))


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

"""Reads tables of text, comma, semicolon or tab between the cells, and refuses one whose open quote eats rows.

CSV is taken as UTF-8, UTF-16 with its mark, or one of the two old codes of the region: GB 18030 of Chinese
and CP949 of Korean machines.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from westlake.errors import Place, WestlakeError
from westlake.spreadsheet.cell import Cell, Unreadable

DELIMITERS = ",;\t"
_HANGUL_LEADS = range(0xB0, 0xC9)  # where CP949 keeps the syllables of ordinary Korean
_KOREAN_SHARE = 95  # per cent of the two-byte letters; Chinese text has other leads in every sentence
_END = "\x01end"  # a line of our own behind the text: it stands alone unless a quote is still open


def read_delimited(path: Path) -> Iterator[list[Cell]]:
    """The rows of a text. W727 for a quote that is never closed or has whole rows within it."""
    text = decoded(path.read_bytes())
    if text is None:
        raise Unreadable(path.name)
    head = text[:20_000]
    delimiter = max(DELIMITERS, key=head.count)
    _check_quotes(text, delimiter, path.name)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))  # type: ignore[arg-type]


def _check_quotes(text: str, delimiter: str, file: str) -> None:
    """A stray quote makes one cell of all rows up to the next one: they would be missing, and nowhere counted."""
    lines: list[str] = []  # of the row being read
    broken: list[tuple[int, list[int]]] = []  # rows over several lines, and the delimiters of each line
    widths: Counter[int] = Counter()
    number, last = 0, [_END]
    reader = csv.reader(_noted(text, lines), delimiter=delimiter)
    try:
        for number, last in enumerate(reader, 1):
            if len(lines) > 1:
                broken.append((number, [line.count(delimiter) for line in lines]))
            elif len(last) > 1:
                widths[len(last) - 1] += 1
            lines.clear()
    except csv.Error as error:  # a cell beyond any measure
        if len(lines) > 1:
            raise WestlakeError.one("W727", Place(file, row=number + 1)) from error
        raise Unreadable(file) from error
    if last != [_END]:
        raise WestlakeError.one("W727", Place(file, row=number))
    usual = max(widths, key=lambda width: (widths[width], width), default=1)
    for row, counts in broken:
        if min(counts) >= usual or max(counts[1:-1], default=0) >= usual:
            raise WestlakeError.one("W727", Place(file, row=row))


def _noted(text: str, lines: list[str]) -> Iterator[str]:
    """The lines of a text, each put into `lines` too, and one of our own behind them."""
    for line in io.StringIO(text, newline=""):
        lines.append(line)
        yield line
    if not text.endswith(("\n", "\r")):
        yield "\n"
    yield _END


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

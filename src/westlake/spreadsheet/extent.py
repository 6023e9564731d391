"""How far each sheet of an .xlsx file reaches, its cells in error and in per cent, from its XML without keeping a cell.

A blank typed once at the far end of a sheet makes a table of billions of cells: it is told before it is read.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from westlake.spreadsheet.cell import Unreadable, column_letters

_CONTENTS, _LINKS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_PERCENT = {"9", "10"}  # the number formats 0% and 0.00% that every file has without naming them
_BESIDE = re.compile(r'"[^"]*"|\\.')  # what a format writes as it is
_DIGITS = "0123456789"
_BROKEN = (zipfile.BadZipFile, zlib.error, expat.ExpatError, ElementTree.ParseError, EOFError, KeyError,
           NotImplementedError, RuntimeError, ValueError)


@dataclass
class Extent:
    """A sheet's last row and last column that hold a value, counted from 1, and its errors by place from 0.

    percent: places from 0 of the cells that are shown in per cent: 0.3 as 30%.
    """

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percent: set[tuple[int, int]] = field(default_factory=set)

    @property
    def last(self) -> str:
        """The corner of the sheet as a spreadsheet calls it: `AO1048576`."""
        return f"{column_letters(self.columns - 1)}{self.rows}"


def extents(path: Path) -> Iterator[tuple[str, Extent]]:
    """Each sheet's name and extent; `Unreadable` for what is no such file."""
    try:
        with zipfile.ZipFile(path) as book:
            members = {name.casefold().replace("\\", "/"): name for name in book.namelist()}
            percent = _in_percent(book, members)
            for sheet, part in _parts(book, members):
                yield sheet, _Measure(percent).of(book, members[part])
    except _BROKEN as error:
        raise Unreadable(path.name) from error


def _parts(book: zipfile.ZipFile, members: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each sheet's name and the file within the file that holds it."""
    contents, links = (ElementTree.fromstring(book.read(members[name])) for name in (_CONTENTS, _LINKS))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in contents.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            key = next(value for name, value in sheet.items() if name.rpartition("}")[2] == "id")
            target = targets[key]
            target = target[1:] if target.startswith("/") else target if target.startswith("xl/") else f"xl/{target}"
            yield sheet.get("name", ""), posixpath.normpath(target).casefold()


def _in_percent(book: zipfile.ZipFile, members: dict[str, str]) -> frozenset[str]:
    """The numbers of the styles that show a number in per cent."""
    if _STYLES not in members:
        return frozenset()
    root = ElementTree.fromstring(book.read(members[_STYLES]))
    formats = {entry.get("numFmtId") for entry in root.iter() if entry.tag.endswith("}numFmt")
               and "%" in _BESIDE.sub("", entry.get("formatCode", ""))} | _PERCENT
    styles = next((part for part in root if part.tag.endswith("}cellXfs")), ())
    return frozenset(str(number) for number, style in enumerate(styles) if style.get("numFmtId") in formats)


class _Measure:
    """Follows the cells of one sheet; one that has a format and no value does not count."""

    def __init__(self, percent: frozenset[str] = frozenset()) -> None:
        self.percent, self.shown = percent, False
        self.columns: set[str] = set()
        self.extent = Extent()
        self.names: tuple[str, ...] = ("row", "c", "v", "is")
        self.row = self.column = 0
        self.at = self.kind = ""
        self.text: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True

    def of(self, book: zipfile.ZipFile, part: str) -> Extent:
        self.parser.StartElementHandler = self._first
        with book.open(part) as file:
            self.parser.ParseFile(file)
        self.extent.columns = max(map(_column, self.columns), default=0)
        return self.extent

    def _first(self, tag: str, attributes: dict[str, str]) -> None:
        """The outermost element tells whether all have a prefix."""
        prefix = tag[:tag.find(":") + 1]
        self.names = tuple(prefix + name for name in self.names)
        self.parser.StartElementHandler = self._start

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        row, cell, value, inline = self.names
        if tag == cell:
            self.column += 1
            self.at = attributes.get("r") or f"{column_letters(self.column - 1)}{self.row}"
            self.kind = attributes.get("t", "")
            self.shown = attributes.get("s") in self.percent
        elif tag in (value, inline):
            letters = self.at.rstrip(_DIGITS)
            number = int(self.at[len(letters):])
            self.columns.add(letters)
            if number > self.extent.rows:
                self.extent.rows = number
            if self.shown:
                self.extent.percent.add((number - 1, _column(letters) - 1))
            if self.kind == "e":
                self.text.clear()
                self.parser.CharacterDataHandler, self.parser.EndElementHandler = self.text.append, self._error
        elif tag == row:
            self.row, self.column = int(attributes.get("r") or self.row + 1), 0

    def _error(self, tag: str) -> None:
        letters = self.at.rstrip(_DIGITS)
        self.extent.errors[int(self.at[len(letters):]) - 1, _column(letters) - 1] = "".join(self.text)
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None


def _column(letters: str) -> int:
    """The number of a column, counted from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number

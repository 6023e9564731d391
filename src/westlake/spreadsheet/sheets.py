"""The sheets of a file, whichever kind of table it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from westlake.spreadsheet.cell import Cell, Unreadable
from westlake.spreadsheet.delimited import read_delimited
from westlake.spreadsheet.workbook import read_workbook

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_sheets(path: Path) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    """Each sheet's name and its rows from the first row on, empty ones too; a CSV is one sheet without a name.

    `Unreadable` for what is no table; W727 for rows within an open quote, W728 for a stray cell far outside.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise Unreadable(path.name)
    if path.suffix.lower() in WORKBOOKS:
        yield from read_workbook(path)
    else:
        yield "", read_delimited(path)

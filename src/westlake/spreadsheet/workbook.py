"""Reads the sheets of a workbook, cell by cell and at their true places."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from westlake.spreadsheet.cell import Cell, Unreadable


def read_workbook(path: Path) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    """Each sheet's name and its rows."""
    import python_calamine  # noqa: PLC0415 - only offices that send a workbook pay for loading it

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            # skipping the empty edge would move every row's number
            yield name, iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, zipfile.BadZipFile) as error:
        raise Unreadable(path.name) from error

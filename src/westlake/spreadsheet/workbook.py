"""Reads the sheets of a workbook, cell by cell and at their true places."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from westlake.errors import Place, WestlakeError
from westlake.spreadsheet.cell import Cell, Unreadable, said
from westlake.spreadsheet.extent import Extent, extents

COLUMNS_MAX, CELLS_MAX = 1_000, 20_000_000


def read_workbook(path: Path) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    """Each sheet's name and its rows; a cell in error is its text, `#DIV/0!`, and one in per cent too, `30%`,
    where the file is one whose formats can be told (.xlsx, .xlsm).

    W728 for a sheet beyond what can be held: a workbook lays out every cell up to its farthest one.
    """
    import python_calamine  # noqa: PLC0415 - only offices that send a workbook pay for loading it

    measured = dict(extents(path)) if path.suffix.lower() in (".xlsx", ".xlsm") else {}
    for name, extent in measured.items():
        _check(path, name, extent)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            extent = measured.get(name) or Extent(sheet.total_height, sheet.total_width)
            _check(path, name, extent)
            # skipping the empty edge would move every row's number
            yield name, iter(_as_shown(sheet.to_python(skip_empty_area=False), extent))
    except (python_calamine.CalamineError, zipfile.BadZipFile) as error:
        raise Unreadable(path.name) from error


def _check(path: Path, sheet: str, extent: Extent) -> None:
    if extent.columns > COLUMNS_MAX or extent.rows * extent.columns > CELLS_MAX:
        raise WestlakeError.one("W728", Place(f"{path.name} [{sheet}]"), cell=extent.last, columns=f"{COLUMNS_MAX:,}",
                                cells=f"{CELLS_MAX:,}")


def _as_shown(rows: list[list[Cell]], extent: Extent) -> list[list[Cell]]:
    """The same with the errors that the reader takes for empty cells, and 30% where a 0.3 is shown so."""
    for (row, column), text in extent.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    for row, column in extent.percent:
        if row < len(rows) and column < len(rows[row]) and isinstance(found := rows[row][column], float):
            rows[row][column] = f"{said(found * 100)}%"
    return rows

"""Writes a table as an Excel file of one sheet, in which no text is ever taken for a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

TEXT_MAX = 32_767  # characters of a cell
WIDTH = 18  # of each column


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A bold heading that stays in sight and the rows below it: texts as texts, numbers as numbers of two places."""
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook pays for loading the writer

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "bottom": 1})
        figures = book.add_format({"num_format": "#,##0.00"})
        for column, text in enumerate(header):
            page.write_string(0, column, fitting(text), bold)
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(at, column, fitting(cell))
                else:
                    page.write_number(at, column, cell, figures)
        page.freeze_panes(1, 0)
        page.set_column(0, len(header) - 1, WIDTH)
    return out.getvalue()


def fitting(text: str) -> str:
    """A text as long as a cell holds; what is cut off is told by a … at its end."""
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX - 1]}…"

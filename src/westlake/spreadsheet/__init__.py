"""Reads the tables that offices keep, Excel, OpenDocument or CSV, cell by cell and at their true places; writes one.

A cell is a text, a number, a truth, a date or empty (""). A table that would be read otherwise than it
looks is refused: rows within an open quote (delimited.py), a stray cell far outside (workbook.py).
"""

from westlake.spreadsheet.cell import Cell, Unreadable, column_letters, in_error, said, unarmed
from westlake.spreadsheet.one_sheet import fitting, xlsx_bytes
from westlake.spreadsheet.sheets import read_sheets

__all__ = ["Cell", "Unreadable", "column_letters", "fitting", "in_error", "read_sheets", "said", "unarmed",
           "xlsx_bytes"]

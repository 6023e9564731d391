"""A table as a file to be kept: CSV or Excel, in which no text is taken for a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from westlake.reports.open_data import csv_bytes
from westlake.spreadsheet import xlsx_bytes

FORMS = ("csv", "xlsx")


def table_file(name: str, form: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """The answer with the file. form: one of FORMS; name: without its ending."""
    content, kind = (csv_bytes(header, rows), "text/csv; charset=utf-8") if form == "csv" else (
        xlsx_bytes(header, rows), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return HttpResponse(content, content_type=kind, headers={
        "Content-Disposition": f'attachment; filename="{name}.{form}"'})

"""A manifest written in Excel, read as if it were the YAML: two columns of key and value, and tables by sheet.

The first sheet holds `key | value` (a key may be `vat.rate`; several values stand side by side). The sheets
`invoices` and `files` are tables with headings. A fault is shown by file, row and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from westlake.errors import Findings
from westlake.rules.tree import Sheet
from westlake.spreadsheet import Cell, Unreadable, read_sheets, said

_TEXT, _LIST, _MAP = "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"


class Workbook(Sheet):
    """An Excel manifest with the reading of a `Sheet`: lines are rows, columns are columns."""

    def __init__(self, path: Path, shown: str, findings: Findings) -> None:
        self.shown, self.findings, self.text, self.lines = shown, findings, "", []
        self.root = None
        try:
            sheets = {name: list(rows) for name, rows in read_sheets(path)}
        except Unreadable as error:
            self.fault("W101", None, what=str(error.__cause__ or error))
            return
        first = next(iter(sheets))
        entries = [pair for row, cells in enumerate(sheets[first]) if (pair := _pair(row, cells))]
        entries += [(_text("invoices", 0, 0), _list(_table(sheets["invoices"])))] if "invoices" in sheets else []
        entries += [(_text("files", 0, 0), _files(_table(sheets["files"])))] if "files" in sheets else []
        self.root = _map(_nested(entries))


def _mark(row: int, column: int) -> yaml.Mark:
    return yaml.Mark("", 0, row, column, None, 0)


def _text(text: str, row: int, column: int) -> yaml.ScalarNode:
    return yaml.ScalarNode(_TEXT, text, _mark(row, column))


def _list(items: list[yaml.MappingNode]) -> yaml.SequenceNode:
    return yaml.SequenceNode(_LIST, items, _mark(0, 0))


def _map(entries: Sequence[tuple[yaml.Node, yaml.Node]]) -> yaml.MappingNode:
    return yaml.MappingNode(_MAP, entries, entries[0][0].start_mark if entries else _mark(0, 0))


def _pair(row: int, cells: Sequence[Cell]) -> tuple[yaml.Node, yaml.Node] | None:
    if not cells or not said(cells[0]):
        return None
    values = [_text(said(cell), row, column) for column, cell in enumerate(cells[1:], 1) if said(cell)]
    key = _text(said(cells[0]), row, 0)
    if key.value in ("invoice_by", "proofs"):
        return key, yaml.SequenceNode(_LIST, values, key.start_mark)
    return (key, values[0]) if values else None


def _nested(entries: list[tuple[yaml.Node, yaml.Node]]) -> list[tuple[yaml.Node, yaml.Node]]:
    """`vat.rate` and `vat.prices` become one mapping `vat`."""
    plain = [pair for pair in entries if "." not in pair[0].value]
    dotted: dict[str, list[tuple[yaml.Node, yaml.Node]]] = {}
    for key, value in entries:
        head, dot, tail = key.value.partition(".")
        if dot:
            dotted.setdefault(head, []).append((_text(tail, key.start_mark.line, 0), value))
    return plain + [(_text(head, pairs[0][0].start_mark.line, 0), _map(pairs)) for head, pairs in dotted.items()]


def _table(cells: Sequence[Sequence[Cell]]) -> list[yaml.MappingNode]:
    headings = [said(cell) for cell in cells[0]] if cells else []
    return [_map([(_text(heading, row, column), _text(said(cell), row, column))
                  for column, (heading, cell) in enumerate(zip(headings, line, strict=False))
                  if heading and said(cell)])
            for row, line in enumerate(cells[1:], 1) if any(said(cell) for cell in line)]


def _files(rows: list[yaml.MappingNode]) -> yaml.MappingNode:
    """A row `name | rows | total | currency` becomes `name: {rows: …, totals: {currency: total}}`."""
    found = []
    for row in rows:
        cells = {key.value: value for key, value in row.value}
        inner = [(key, value) for key, value in row.value if key.value == "rows"]
        if "total" in cells and "currency" in cells:
            inner.append((_text("totals", row.start_mark.line, 0), _map([(cells["currency"], cells["total"])])))
        if "name" in cells:
            found.append((cells["name"], _map(inner)))
    return _map(found)

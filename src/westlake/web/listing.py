"""Tables as pages draw them: columns and cells; on a phone each row becomes a card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column. num: figures, set to the right; sort: the value of ?sort= that orders by it, when it can."""

    label: str
    num: bool = False
    sort: str = ""


@dataclass(frozen=True)
class Cell:
    """What stands in a row. href: where it leads; tag: shown as a state; hint: a small second line."""

    text: object
    href: str = ""
    tag: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption for those who do not see it."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[tuple[Column, Cell]]]


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell | object]]) -> Table:
    """A table of rows as long as its columns; plain values become cells."""
    cells = [[one if isinstance(one, Cell) else Cell(one) for one in row] for row in rows]
    return Table(caption, columns, [list(zip(columns, row, strict=True)) for row in cells])

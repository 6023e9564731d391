"""Finds the table in an old spreadsheet: its sheet, its row of headings, its rows, and what is no decision.

Titles above the headings, headings in two rows, blank rows, headings repeated on every page, remarks and
totals below: all are passed over by their place, and said so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from westlake.errors import Place, WestlakeError, nearest
from westlake.replay.cells import plain
from westlake.spreadsheet import Cell, Unreadable, column_letters, read_sheets, said

LOOKED_AT = 40  # rows among which the headings are sought
_TOTAL = re.compile(r"(本页|本年|全年)?(总计|總計|合计|合計|小计|小計|累计|共计|总额|합계|총계|소계|누계|총합계|계|"
                    r"(grand|sub)?totals?|sum|all)", re.IGNORECASE)
BRACKET = re.compile(r"[(\[（【](?:单位|단위|unit)?[:：\s]*([^)\]）】]*)[)\]）】]", re.IGNORECASE)
_FIGURE = re.compile(r"[\d\s.,%()¥₩/年月日:+-]+")


@dataclass
class Table:
    """A sheet's headings and the rows under them; a row is its number in the sheet and its cells.

    passed: rows that are no decision, number → heading, remark or total; unread: the file's other sheets
    that look like tables, name → rows.
    """

    file: str
    sheet: str
    headings: list[str]
    header_row: int
    rows: list[tuple[int, list[Cell]]]
    passed: dict[int, str] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file, and the sheet where there are several."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file

    def column(self, heading: str) -> int:
        """The place of a heading; W132 if the sheet has none such."""
        wanted = matching(heading)
        for place, found in enumerate(self.headings):
            if found and matching(found) == wanted:
                return place
        hint = nearest(heading, [name for name in self.headings if name])
        raise WestlakeError.one("W132", Place(self.name, row=self.header_row), hint, name=heading,
                                known=", ".join(name for name in self.headings if name))

    def place(self, row: int, heading: str) -> Place:
        """The place of a cell as a person finds it: the row's number, the column's letters and heading."""
        letters = column_letters(self.column(heading)) if heading else ""
        return Place(self.name, row=row, field=f"{letters} {heading}".strip())


def read_table(path: Path, sheet: str = "", header_row: int = 0, wanted: Collection[str] = ()) -> Table:
    """The table of a file: of the sheet named, or of the first that has the wanted headings, or of the fullest.

    W130 for a file that cannot be read, W727 for rows within an open quote, W131 where no table is found.
    """
    try:
        sheets = {name: list(rows) for name, rows in read_sheets(path)}
    except Unreadable as error:
        raise WestlakeError.one("W130", Place(path.name)) from error
    if sheet and sheet not in sheets:
        raise WestlakeError.one("W131", Place(path.name), nearest(sheet, sheets), name=sheet, known=", ".join(sheets))
    asked = {matching(name) for name in wanted}
    found = {name: table for name, rows in sheets.items()
             if (table := _table(path.name, name, rows, header_row if sheet in ("", name) else 0, asked))}
    tables = [table for name, table in found.items() if sheet in ("", name)]
    if not tables:
        raise WestlakeError.one("W131", Place(path.name), name=sheet or path.name, known=", ".join(sheets) or "–")
    best = max(tables, key=lambda table: (len(asked & {matching(name) for name in table.headings}), len(table.rows)))
    best.unread = {name: len(table.rows) for name, table in found.items() if table is not best}
    return best


def is_total(cells: Sequence[Cell]) -> bool:
    """Does a row begin as a row of totals does?"""
    first = next((said(cell) for cell in cells if said(cell)), "")
    return bool(_TOTAL.fullmatch(re.sub(r"[\s:：]|[(（].*", "", first)))


def is_subtotal(cells: Sequence[Cell]) -> bool:
    """Does a row of totals speak of a page or a part only, or of what was summed up so far?"""
    first = next((said(cell) for cell in cells if said(cell)), "")
    return bool(re.search("本页|小计|累计|소계|누계|sub", first, re.IGNORECASE))


def matching(text: str) -> str:
    """A heading without what offices write now so, now so: width, case, spaces and line breaks."""
    return plain(text).casefold().replace(" ", "").replace("_", "")


def in_brackets(heading: str) -> str:
    """The unit that a heading names: `金额（单位：万元）` is in 万元."""
    found = BRACKET.search(heading)
    return plain(found[1]).casefold() if found else ""


def _table(file: str, sheet: str, rows: list[list[Cell]], header_row: int, wanted: Collection[str]) -> Table | None:
    at = header_row - 1 if header_row else _headings_at(rows, wanted)
    if not 0 <= at < len(rows):
        return None
    headings, last = _headings(rows, at)
    if sum(bool(name) for name in headings) < 2:
        return None
    table = Table(file, sheet, _told_apart(headings), last + 1, [])
    repeated = [said(cell) for cell in rows[last]]
    for number, cells in enumerate(rows[last + 1:], last + 2):
        filled = sum(said(cell) != "" for cell in cells)
        if not filled:
            continue
        if [said(cell) for cell in cells] == repeated:
            table.passed[number] = "heading"
        elif filled == 1 and not _is_figure(next(cell for cell in cells if said(cell))):
            table.passed[number] = "total" if is_total(cells) else "remark"
        else:
            table.rows.append((number, cells))
    return table if table.rows else None


def _headings_at(rows: Sequence[Sequence[Cell]], wanted: Collection[str]) -> int:
    """The row that looks most like headings: many different texts, no figures, names that are looked for."""
    best, at = 1, -1
    for number, cells in enumerate(rows[:LOOKED_AT]):
        texts = {said(cell) for cell in cells if said(cell) and not _is_figure(cell)}
        figures = sum(_is_figure(cell) for cell in cells if said(cell))
        score = len(texts) - 2 * figures + 5 * sum(matching(text) in wanted for text in texts)
        if score > best:
            best, at = score, number
    return at


def _is_figure(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(_FIGURE.fullmatch(plain(cell)))


def _headings(rows: Sequence[Sequence[Cell]], at: int) -> tuple[list[str], int]:
    """The headings and their last row: a heading over several columns is put before those under it."""
    upper = [said(cell) for cell in rows[at]]
    for above, below in ((at, at + 1), (at - 1, at)):
        if above < 0 or below >= len(rows):
            continue
        top, under = ([said(cell) for cell in rows[number]] for number in (above, below))
        if _are_two(top, under, rows[below]):
            return _joined(top, under), below
    return upper, at


def _are_two(top: list[str], under: list[str], cells: Sequence[Cell]) -> bool:
    """Two rows of headings complete each other: the lower one fills what the upper left open, and only there."""
    filled = [place for place, text in enumerate(under) if text]
    if sum(bool(text) for text in top) < 2 or not filled or any(_is_figure(cells[place]) for place in filled):
        return False
    fills = [place for place in filled if place < len(top) and not top[place]]
    leaves = [place for place, text in enumerate(top) if text and (place >= len(under) or not under[place])]
    return bool(fills) and bool(leaves)


def _joined(top: list[str], under: list[str]) -> list[str]:
    headings, group = [], ""
    for place in range(max(len(top), len(under))):
        above = top[place] if place < len(top) else ""
        below = under[place] if place < len(under) else ""
        group = above or group
        headings.append(f"{group} {below}".strip() if below else above)
    return headings


def _told_apart(headings: Sequence[str]) -> list[str]:
    """A heading used twice is told apart by its column's letters."""
    seen: set[str] = set()
    found = []
    for place, heading in enumerate(headings):
        name = f"{heading} [{column_letters(place)}]" if heading and matching(heading) in seen else heading
        seen.add(matching(heading))
        found.append(name)
    return found

"""The rows of an old spreadsheet as cases for the rules; what cannot be read is set apart, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from westlake.errors import Findings, Problem, WestlakeError
from westlake.money import MONEY_MAX
from westlake.replay.amounts import UNITS, currencies_of
from westlake.replay.cells import reader
from westlake.replay.column import Column
from westlake.replay.mapping import ColumnMap
from westlake.replay.measure import Measure
from westlake.replay.table import Table, in_brackets, is_subtotal, is_total
from westlake.replay.unfit import Unfit
from westlake.rules import Input, Kind, Programme
from westlake.rules.columns import Array
from westlake.rules.form import DAY
from westlake.spreadsheet import Cell, said

AMOUNT = Input("amount", Kind.MONEY, -MONEY_MAX, MONEY_MAX)
LARGE = 100  # main units beyond which a lone 0.3 in a column of money is more likely a share
VERDICT = Input("verdict", Kind.BOOL, 0, 1)


@dataclass(frozen=True)
class Cases:
    """Rows that can be decided, in the order decided: by day, then as the sheet has them.

    rows: numbers in the sheet; names: what each is called; columns: input → numbers; amounts: old money in
    minor units, or None; verdicts: old yes (1) and no (0), or None; keys: texts of opaque keys by input.
    """

    rows: list[int]
    names: list[str]
    days: Array
    columns: Mapping[str, Array]
    amounts: list[int] | None
    verdicts: list[int] | None
    keys: Mapping[str, list[str]]
    stated: tuple[int, int] | None = None  # the sheet's own total of old money: its row and amount


@dataclass(frozen=True)
class Unread:
    """A row that cannot be decided, everything that is wrong with it, and its old amount where that can be read."""

    row: int
    name: str
    problems: tuple[Problem, ...]
    amount: int | None = None


def read_cases(table: Table, columns: ColumnMap, measure: Measure
               ) -> tuple[Cases, list[Unread]]:
    """All rows of a table under a mapping. Rows of totals are passed over, and noted in the table."""
    programme, needed = measure.programme, measure.needed
    wanted = _wanted(columns, programme, needed)
    _check_currency(table, columns, wanted, programme.currency)
    rows, totals = _decisions(table, columns, wanted)
    faults: dict[int, list[Problem]] = {}
    read = {name: _column(table, rows, columns.columns()[name], item, (programme.currency, columns.taken), faults)
            for name, item in wanted.items()}
    _days_in_force(table, columns.day, rows, read["day"], measure, faults)
    names = _names(table, rows, columns)
    kept = [at for at in range(len(rows)) if at not in faults]
    kept.sort(key=lambda at: read["day"][at])  # stable: one day keeps the order of the sheet
    no_amount = {at for at, problems in faults.items() if any(_of_amount(table, columns, one) for one in problems)}
    unread = [Unread(rows[at][0], names[at], tuple(problems),
                     read["amount"][at] if "amount" in read and at not in no_amount else None)
              for at, problems in sorted(faults.items())]

    def chosen(name: str) -> list[int] | None:
        return [read[name][at] for at in kept] if name in read else None
    return Cases([rows[at][0] for at in kept], [names[at] for at in kept],
                 np.array([read["day"][at] for at in kept], dtype=np.int64),
                 {name: np.array([read[name][at] for at in kept], dtype=np.int64) for name in needed},
                 chosen("amount"), chosen("verdict"), _keys(table, columns, programme, needed, rows, kept),
                 _stated(table, columns, totals, programme.currency)), unread


def _of_amount(table: Table, columns: ColumnMap, problem: Problem) -> bool:
    return bool(columns.amount.heading) and problem.place == table.place(problem.place.row, columns.amount.heading)


def _stated(table: Table, columns: ColumnMap, totals: Sequence[tuple[int, list[Cell]]], currency: str
            ) -> tuple[int, int] | None:
    """The last total of the whole sheet that can be read, none of a page or a part of it."""
    if not columns.amount.heading:
        return None
    read, place = reader(AMOUNT, columns.amount, currency, columns.taken), table.column(columns.amount.heading)
    for number, cells in reversed(totals):
        if place < len(cells) and said(cells[place]) and not is_subtotal(cells):
            try:
                return number, read(cells[place])
            except Unfit:
                continue
    return None


def _wanted(columns: ColumnMap, programme: Programme, needed: Sequence[str]) -> dict[str, Input]:
    """Everything that is read of a row, with its kind and bounds."""
    wanted = {**{name: programme.inputs[name] for name in needed}, "day": DAY}
    wanted |= {"amount": AMOUNT} if columns.amount.known else {}
    return wanted | ({"verdict": VERDICT} if columns.verdict.known else {})


def _check_currency(table: Table, columns: ColumnMap, wanted: Mapping[str, Input], currency: str) -> None:
    """W139 for each column of money whose unit or heading names another currency than the programme's."""
    found = Findings()
    for name, item in wanted.items():
        column = columns.columns()[name]
        if item.kind not in (Kind.MONEY, Kind.FINE) or not column.heading:
            continue
        unit = in_brackets(column.heading)
        named = {text: currencies_of(text) - {currency, columns.taken}
                 for text in (column.unit, unit if unit in UNITS or len(unit) <= 3 else "")}
        for text, others in named.items():
            if others:
                found.add("W139", table.place(table.header_row, column.heading), text=text, found=min(others),
                          ours=currency)
                break
    found.stop()


def _decisions(table: Table, columns: ColumnMap, wanted: Mapping[str, Input]
               ) -> tuple[list[tuple[int, list[Cell]]], list[tuple[int, list[Cell]]]]:
    """The rows of decisions, and those of totals: they begin with a word for it and lack a fact that every case has."""
    facts = [table.column(columns.columns()[name].heading) for name, item in wanted.items()
             if columns.columns()[name].heading and item.kind not in (Kind.MONEY, Kind.FINE, Kind.COUNT)]
    rows, totals = [], []
    for number, cells in table.rows:
        if is_total(cells) and any(place >= len(cells) or not said(cells[place]) for place in facts):
            table.passed[number] = "total"
            totals.append((number, cells))
        else:
            rows.append((number, cells))
    return rows, totals


def _column(table: Table, rows: Sequence[tuple[int, list[Cell]]], column: Column, item: Input, ours: tuple[str, str],
            faults: dict[int, list[Problem]]) -> list[int]:
    """One column's numbers; a cell that cannot be read leaves 0 and its fault."""
    read = reader(item, column, *ours)
    place = table.column(column.heading) if column.heading else -1
    numbers: list[int] = []
    for at, (number, cells) in enumerate(rows):
        try:
            numbers.append(read(cells[place] if 0 <= place < len(cells) else ""))
        except Unfit as error:
            numbers.append(0)
            faults.setdefault(at, []).append(error.problem(table.place(number, column.heading)))
    if column.heading and item.kind in (Kind.MONEY, Kind.FINE):
        for at, text in _maybe_shares(rows, place):
            problem = Problem("W138", table.place(rows[at][0], column.heading),
                              {"text": text, "first": text, "second": f"{said(float(text) * 100)}%"})
            faults.setdefault(at, []).append(problem)
    return numbers


def _maybe_shares(rows: Sequence[tuple[int, list[Cell]]], place: int) -> list[tuple[int, str]]:
    """Bare numbers between 0 and 1 where all others are 100 and more: a cell shown as 30% holds 0.3."""
    small, others = [], 0
    for at, (_, cells) in enumerate(rows):
        cell = cells[place] if place < len(cells) else ""
        if isinstance(cell, float) and 0 < cell < 1:
            small.append((at, said(cell)))
        elif isinstance(cell, float) and cell:
            others += 1
            if abs(cell) < LARGE:
                return []
    return small if others else []


def _days_in_force(table: Table, column: Column, rows: Sequence[tuple[int, list[Cell]]], days: Sequence[int],
                   measure: Measure, faults: dict[int, list[Problem]]) -> None:
    """Sets apart the rows of days on which the rules or values were not in force."""
    known: dict[int, tuple[Problem, ...]] = {}
    for at, day in enumerate(days):
        if at in faults:
            continue
        if day not in known:
            known[day] = _lapses(measure, day)
        if known[day]:
            place = table.place(rows[at][0], column.heading)
            faults[at] = [Problem(problem.code, place, problem.values) for problem in known[day]]


def _lapses(measure: Measure, day: int) -> tuple[Problem, ...]:
    try:
        measure.plan(day)
    except WestlakeError as error:
        return error.problems
    return ()


def _names(table: Table, rows: Iterable[tuple[int, list[Cell]]], columns: ColumnMap) -> list[str]:
    """What each case is called: its own column, or the first opaque key."""
    heading = columns.case.heading or next((column.heading for column in columns.inputs.values() if column.heading), "")
    place = table.column(heading) if heading else -1
    return [said(cells[place]) if 0 <= place < len(cells) else "" for _, cells in rows]


def _keys(table: Table, columns: ColumnMap, programme: Programme, needed: Sequence[str],
          rows: Sequence[tuple[int, list[Cell]]], kept: Sequence[int]) -> dict[str, list[str]]:
    """The texts that opaque keys were given as."""
    found = {}
    for name in needed:
        column = columns.inputs[name]
        if programme.inputs[name].kind is Kind.ID and column.heading:
            place = table.column(column.heading)
            found[name] = [said(rows[at][1][place]) for at in kept]
    return found

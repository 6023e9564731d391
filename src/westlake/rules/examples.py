"""examples.yaml: cases that must come out as written, or the programme is not accepted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from westlake.dates import parse_day
from westlake.errors import Place
from westlake.rules.form import Input
from westlake.rules.kinds import Kind, read
from westlake.rules.tree import Node, Sheet
from westlake.words import Text

_TOP = ("name", "regime", "day", "given", "expect", "rows")


@dataclass(frozen=True)
class Row:
    """One row of an example: inputs, what is expected of rules by name, the day (its own or the example's)."""

    given: Mapping[str, int]
    expect: Mapping[str, int]
    day: int
    place: Place
    expect_places: Mapping[str, Place]


@dataclass(frozen=True)
class Example:
    """One case, or several rows decided together in the order written."""

    name: Text
    regime: str
    rows: tuple[Row, ...]
    place: Place


class ExampleReader:
    """Reads examples, knowing inputs, and each rule's kind and choices."""

    def __init__(self, inputs: Mapping[str, Input], rules: Mapping[str, tuple[Kind, tuple[str, ...]]],
                 currency: str, broken: Collection[str] = ()) -> None:
        self.inputs, self.rules, self.currency, self.broken = inputs, rules, currency, broken

    def read(self, sheet: Sheet) -> tuple[Example, ...]:
        """The examples of an examples.yaml; faults are noted in the sheet's findings."""
        if sheet.root is None:
            return ()
        found = (self._example(sheet, node) for node in sheet.sequence(sheet.root))
        return tuple(example for example in found if example)

    def _example(self, sheet: Sheet, node: Node) -> Example | None:
        top = sheet.mapping(node, _TOP, ("name", "day"))
        if "name" not in top or "day" not in top:
            return None
        name = sheet.words(top["name"][1])
        regime = (sheet.scalar(top["regime"][1]) if "regime" in top else "official") or "official"
        day = self._day(sheet, top["day"][1])
        if "rows" not in top:
            rows = [self._row(sheet, node, top, day)]
        else:
            rows = []
            for item in sheet.sequence(top["rows"][1]):
                own = sheet.mapping(item, ("given", "expect", "day"))
                rows.append(self._row(sheet, item, own, self._day(sheet, own["day"][1]) if "day" in own else day))
        return Example(name, regime, tuple(row for row in rows if row), sheet.place(node))

    def _row(self, sheet: Sheet, node: Node, entries: Mapping[str, tuple[Node, Node]], day: int | None) -> Row | None:
        missing = [name for name in ("given", "expect") if name not in entries]
        for name in missing:
            sheet.fault("W104", node, name=name)
        if missing or day is None:
            return None
        given: dict[str, int] = {}
        for name, (_, value) in sheet.mapping(entries["given"][1], [*self.inputs, *self.broken], code="W033").items():
            asked = self.inputs.get(name)
            if asked is None:
                continue
            number = self._number(sheet, value, asked.kind, asked.choices, asked.decimals)
            if number is not None:
                given[name] = number
        expect: dict[str, int] = {}
        places: dict[str, Place] = {}
        for name, (key, value) in sheet.mapping(entries["expect"][1], [*self.rules, *self.broken], code="W125").items():
            if name not in self.rules:
                continue
            number = self._number(sheet, value, *self.rules[name])
            if number is not None:
                expect[name], places[name] = number, sheet.place(key)
        return Row(given, expect, day, sheet.place(node), places)

    def _number(self, sheet: Sheet, node: Node, kind: Kind, choices: tuple[str, ...], decimals: int = 0) -> int | None:
        text = sheet.scalar(node)
        if text is None:
            return None
        if kind is Kind.CHOICE:
            chosen = sheet.one_of(node, choices, "W010", "choice")
            return choices.index(chosen) if chosen is not None else None
        try:
            return read(kind, text, self.currency, choices, decimals)
        except ValueError:
            sheet.fault("W106", node, text=text, kind=kind.value)
            return None

    def _day(self, sheet: Sheet, node: Node) -> int | None:
        text = sheet.scalar(node) or ""
        try:
            return parse_day(text)
        except ValueError:
            sheet.fault("W106", node, text=text, kind=Kind.DAY.value)
            return None

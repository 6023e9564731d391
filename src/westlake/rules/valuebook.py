"""Reads values.yaml, and the regimes and reforms that are laid over it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from westlake.dates import parse_day
from westlake.errors import Findings, Place, nearest
from westlake.rules.form import number_at
from westlake.rules.kinds import UNITS, WIDEST, Kind
from westlake.rules.sources import CLASSES, Citation, Source
from westlake.rules.tree import Node, Sheet
from westlake.rules.values import Dated, Value

_ENTRY = ("value", "low", "high", "source", "clause", "class", "in_force", "adopted", "until")
_WRITTEN = ("in_force", "value", "source", "clause", "class")  # what an entry of values.yaml must say
_OVERLAY = ("in_force", "value", "source", "class")  # … of a regime
_OWN = ("in_force", "value")  # … of somebody's own reform
_OWN_REFORM = Source("reform", {"en": "A proposed reform", "ko": "제안된 개편안", "zh": "拟议的改革方案"}, "inference")
Entries = Mapping[str, tuple[Node, Node]]


class ValueReader:
    """Reads value sheets, knowing the sources, the choices that values may differ by, and the currency."""

    def __init__(self, sources: Mapping[str, Source], choices: Mapping[str, Sequence[str]], currency: str) -> None:
        self.sources, self.choices, self.currency = sources, choices, currency
        self.broken: set[str] = set()  # named, but at fault

    def read(self, sheet: Sheet) -> dict[str, Value]:
        """The values of a values.yaml by name; faults are noted in the sheet's findings."""
        found: dict[str, Value] = {}
        for name, (key, node) in sheet.mapping(sheet.root).items():
            if not name.isidentifier() or name.startswith("_") or name == "day":
                sheet.fault("W120", key, name=name)
                continue
            before = len(sheet.findings)
            value = self._value(sheet, name, key, node)
            if value:
                found[name] = value
            if sheet.broken_since(before):
                self.broken.add(name)
        return found

    def lay_over(self, values: Mapping[str, Value], sheet: Sheet, programme: str, programmes: Sequence[str],
                 proposed: bool = False) -> dict[str, Value]:
        """The values with a regime's or reform's dated lists in place of their own.

        The sheet is `programme: {value: [entries]}`, of any of the jurisdiction's programmes; a clause left
        out is unknown. In somebody's own reform (`proposed`) source and class may be left out too: an entry
        then rests on the reform itself, class I. What a value was before the reform's first day it stays, a
        rate has its sign (W106), and nothing falls below nothing that did not before (W126).
        """
        sections = sheet.mapping(sheet.root, programmes)
        if programme not in sections:
            return dict(values)
        over = dict(values)
        for name, (key, node) in sheet.mapping(sections[programme][1], list(values), code="W121").items():
            before = len(sheet.findings)
            dated = self._dated(sheet, node, over[name], _OWN if proposed else _OVERLAY)
            if proposed and dated:
                dated = (*_until(over[name], dated[0].in_force), *dated)
            over[name] = replace(over[name], dated=dated, place=sheet.place(key))
            if sheet.broken_since(before):
                self.broken.add(name)
        return over

    def _value(self, sheet: Sheet, name: str, key: Node, node: Node) -> Value | None:
        entries = sheet.mapping(node, ("unit", "by", "words", "values"), ("unit", "words", "values"))
        if "unit" not in entries or "values" not in entries:
            return None
        unit = sheet.one_of(entries["unit"][1], UNITS, "W117", "unit")
        by = ""
        if "by" in entries:
            by = sheet.one_of(entries["by"][1], self.choices, "W115", "by") or ""
        if unit is None or ("by" in entries and not by):
            return None
        words = sheet.words(entries["words"][1]) if "words" in entries else {"en": ""}
        value = Value(name, unit, UNITS[unit], (), words, by, tuple(self.choices.get(by, ())), sheet.place(key))
        return replace(value, dated=self._dated(sheet, entries["values"][1], value))

    def _dated(self, sheet: Sheet, node: Node, value: Value,
               needed: tuple[str, ...] = _WRITTEN) -> tuple[Dated, ...]:
        """The entries of one dated list in order of days, overlaps and repeats noted."""
        found: list[tuple[Dated, Node]] = []
        for item in sheet.sequence(node):
            entry = self._entry(sheet, item, value, needed)
            if entry:
                found.append((entry, item))
        found.sort(key=lambda pair: pair[0].in_force)
        for (before, _), (after, item) in itertools.pairwise(found):
            if before.in_force == after.in_force:
                sheet.fault("W111", item, name=value.name, line=before.place.line)
            elif before.until is not None and before.until >= after.in_force:
                sheet.fault("W112", item, name=value.name)
        if not found and isinstance(getattr(node, "value", None), list) and not node.value:
            sheet.fault("W104", node, name="in_force")
        return tuple(entry for entry, _ in found)

    def _entry(self, sheet: Sheet, node: Node, value: Value, needed: tuple[str, ...]) -> Dated | None:
        entries = sheet.mapping(node, _ENTRY, needed)
        if "in_force" not in entries or "value" not in entries:
            return None
        days = {name: self._day(sheet, entries[name][1])
                for name in ("in_force", "until", "adopted") if name in entries}
        numbers = {name: self._numbers(sheet, entries[name][1], value, needed is _OWN)
                   for name in ("value", "low", "high") if name in entries}
        citation = self._citation(sheet, entries, needed is _OWN)
        in_force = days["in_force"]
        if in_force is None or not numbers["value"] or citation is None:
            return None
        until = days.get("until")
        if until is not None and until < in_force:
            sheet.fault("W112", entries["until"][1], name=value.name)
        low, high = numbers.get("low", ()), numbers.get("high", ())
        for less, more in ((low, numbers["value"]), (numbers["value"], high), (low, high)):
            if less and more and any(a > b for a, b in zip(less, more, strict=True)):
                sheet.fault("W118", node)
                break
        return Dated(numbers["value"], in_force, citation, value.choices, until, days.get("adopted"),
                     low, high, sheet.place(node))

    def _numbers(self, sheet: Sheet, node: Node, value: Value, own: bool) -> tuple[int, ...]:
        """One number, or one for each choice in the order of the choices; empty when at fault."""
        if not value.by:
            number = self._number(sheet, node, value, own)
            return () if number is None else (number,)
        entries = sheet.mapping(node, value.choices, value.choices)
        found = {name: self._number(sheet, item, value, own) for name, (_, item) in entries.items()}
        numbers = [found.get(choice) for choice in value.choices]
        return () if None in numbers else tuple(number for number in numbers if number is not None)

    def _number(self, sheet: Sheet, node: Node, value: Value, own: bool) -> int | None:
        """A number; in somebody's own reform 0.6 is no rate, as 60 is none, and a cap is not below nothing."""
        number = number_at(sheet, node, value.kind, self.currency)
        if not own or number is None:
            return number
        text = sheet.scalar(node) or ""
        if value.kind is Kind.RATE and not text.strip().endswith("%"):
            sheet.fault("W106", node, text=text, kind=value.kind.value)
            return None
        if number < 0 <= value.range()[0]:
            sheet.fault("W126", node, name=value.name, text=text)
            return None
        return number

    def _day(self, sheet: Sheet, node: Node) -> int | None:
        text = sheet.scalar(node)
        try:
            return parse_day(text) if text is not None else None
        except ValueError:
            sheet.fault("W106", node, text=text, kind=Kind.DAY.value)
            return None

    def _citation(self, sheet: Sheet, entries: Entries, proposed: bool) -> Citation | None:
        source: Source | None = _OWN_REFORM if proposed and "source" not in entries else None
        if "source" in entries:
            name = sheet.one_of(entries["source"][1], self.sources, "W109", "source")
            source = self.sources.get(name or "")
        cls: str | None = "I" if proposed else None
        if "class" in entries:
            cls = sheet.one_of(entries["class"][1], CLASSES, "W117", "class")
        clause = (sheet.scalar(entries["clause"][1]) if "clause" in entries else "unknown") or "unknown"
        return Citation(source, clause, cls) if source and cls else None


def _until(value: Value, day: int) -> tuple[Dated, ...]:
    """What a value was before a day; its last entry ends on the eve at the latest."""
    return tuple(replace(entry, until=min(entry.until, day - 1)) if entry.until is not None else entry
                 for entry in value.dated if entry.in_force < day)


def proposed(value: Value, wanted: int | Mapping[str, int], findings: Findings) -> Value:
    """The value with other numbers in every entry; choices not named keep theirs. W010 and W116 are noted."""
    place = Place(field=value.name)
    named = dict(wanted) if isinstance(wanted, Mapping) else dict.fromkeys(value.choices or ("",), wanted)
    low, high = WIDEST[value.kind]
    for choice, number in named.items():
        if choice not in (value.choices or ("",)):
            findings.add("W010", place, nearest(choice, value.choices), name=choice, known=", ".join(value.choices))
        elif not low <= number <= high:
            findings.add("W116", place, text=str(number), kind=value.kind.value)
    rests = Citation(_OWN_REFORM, "unknown", "I")
    entries = [replace(entry, citation=rests, low=(), high=(), numbers=tuple(
        named.get(choice, number) for choice, number in zip(value.choices or ("",), entry.numbers, strict=True)))
        for entry in value.dated]
    return replace(value, dated=tuple(entries))

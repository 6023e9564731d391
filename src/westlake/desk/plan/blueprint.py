"""blueprint.yaml: what a city set out to do over the years — budgets, targets, partners' pledges, each with its source.

A figure of the plan is never made to fit another: where two figures of one quantity disagree, the plan must carry
a note that says so, and is refused without one. A budget without an amount of its own is the one that the
programme's dated values give, so that no amount is written twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from westlake.errors import Findings, WestlakeError
from westlake.money import MINOR_DIGITS, allocate, parse_money, parse_rate
from westlake.rules.sources import CLASSES, Citation, Source, read_sources
from westlake.rules.tree import Node, Sheet
from westlake.words import Text

FILE = "blueprint.yaml"
UNITS = ("people", "firms", "calls", "cases", "money", "percent", "times")  # percent, times: parts per million
PER = ("year", "whole")  # reached anew in every year, or once over all of them
SPREADS = ("even", "unknown")
MEASURES = ("calls", "applications", "awards", "largest_award", "chosen", "over_award", "firms", "people", "founders")
PPM = 1_000_000
_TOP = ("title", "currency", "years", "sources", "notes", "budgets", "targets", "pledges")
_CITED = ("source", "clause", "class", "note")
_SPAN = ("first", "last")
_BUDGET = ("programme", *_SPAN, "amount", *_CITED)
_TARGET = ("name", "words", "programme", *_SPAN, "years_class", "unit", "value", "per", "of", "measure", "field",
           "reported", *_CITED)
_REPORTED = ("year", "value", *_CITED)
_PLEDGE = ("name", "words", "who", "declared", "amount", "currency", "readings", "note")
_READING = (*_SPAN, "spread", "years_class", *_CITED)
Entries = Mapping[str, tuple[Node, Node]]


@dataclass(frozen=True)
class Budget:
    """What a programme was to have a year, from year to year. amount: minor units a year; None: as its values say."""

    programme: str
    first: int
    last: int
    amount: int | None
    citation: Citation | None
    note: str


@dataclass(frozen=True)
class Reported:
    """What others say was reached in a year, in the target's unit."""

    year: int
    value: int
    citation: Citation


@dataclass(frozen=True)
class Target:
    """What was to be reached, in `unit`: minor units of money, parts per million of percent and times, else a count.

    years_class: how sure the years are, when less sure than the figure. of: the quantity that it is a figure of.
    measure: how its actual is found here, with the answer `field` where it needs one; empty: not at all.
    """

    name: str
    words: Text
    programme: str
    first: int
    last: int
    years_class: str
    unit: str
    value: int
    per: str
    of: str
    measure: str
    field: str
    reported: tuple[Reported, ...]
    citation: Citation
    note: str

    @property
    def years(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def total(self) -> int:
        """What it comes to over all its years, where its figures can be added up."""
        return self.value * len(self.years) if self.per == "year" else self.value


@dataclass(frozen=True)
class Reading:
    """One way in which a pledge can be read: over which years, and how it is spread over them."""

    first: int
    last: int
    spread: str
    years_class: str
    citation: Citation

    def by_year(self, amount: int) -> dict[int, int]:
        """Year → minor units under an even spread, to the last unit; empty when the spread is unknown."""
        years = range(self.first, self.last + 1)
        return dict(zip(years, allocate(amount, [1] * len(years)), strict=True)) if self.spread == "even" else {}


@dataclass(frozen=True)
class Pledge:
    """What a partner declared to spend. declared: the year of the declaration; amount: minor units in all."""

    name: str
    words: Text
    who: Text
    declared: int
    amount: int
    currency: str
    readings: tuple[Reading, ...]
    note: str


@dataclass(frozen=True)
class Disagreement:
    """Two figures of one quantity over the same years that do not agree: one year by year, one over the whole."""

    of: str
    by_year: Target
    whole: Target

    @property
    def note(self) -> str:
        return self.by_year.note or self.whole.note


@dataclass(frozen=True)
class Blueprint:
    """A city's plan. years: its own citation says what the first year rests on; notes: id → words."""

    name: str
    title: Text
    currency: str
    first: int
    last: int
    citation: Citation
    note: str
    notes: Mapping[str, Text]
    budgets: tuple[Budget, ...]
    targets: tuple[Target, ...]
    pledges: tuple[Pledge, ...]

    @property
    def disagreements(self) -> list[Disagreement]:
        """Every pair of figures of one quantity and the same years of which one does not add up to the other."""
        return [Disagreement(one.of, one, other) for one in self.targets for other in self.targets
                if one.of and one.of == other.of and (one.per, other.per) == PER
                and (one.first, one.last) == (other.first, other.last) and one.total != other.total]


def find_blueprints(shelf: Path) -> list[Path]:
    """The folders under a shelf of programmes that have a blueprint."""
    return sorted(path.parent for path in shelf.glob(f"*/{FILE}"))


def read_blueprint(folder: Path) -> Blueprint:
    """The blueprint of a folder of programmes.

    Raises W1090 when there is none, and together, each at its line: W1091 for years that do not fit, W1092 for a
    name that is not known, W1093 for figures that disagree without a note, W1094 for what is no such number,
    and the W1 codes.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise WestlakeError.one("W1090", name=Path(folder).name)
    findings = Findings()
    sources = read_sources(Sheet(Path(folder) / "sources.yaml", "sources.yaml", findings))
    sheet = Sheet(path, FILE, findings)
    top = sheet.mapping(sheet.root, _TOP, ("title", "currency", "years"))
    findings.stop()
    if "sources" in top:  # what no programme rests on, only the plan
        part = copy(sheet)
        part.root = top["sources"][1]
        sources |= read_sources(part)
    programmes = sorted(one.parent.name for one in Path(folder).glob("*/rules.py"))
    reader = _Reader(sheet, sources, programmes, top)
    found = reader.blueprint(Path(folder).name)
    findings.stop()
    return found


class _Reader:
    """Reads the parts of one sheet; every fault is noted at its place."""

    def __init__(self, sheet: Sheet, sources: Mapping[str, Source], programmes: Sequence[str], top: Entries) -> None:
        self.sheet, self.sources, self.programmes, self.top = sheet, sources, programmes, top
        self.currency = self._one(top, "currency", tuple(MINOR_DIGITS)) or "CNY"
        self.notes: dict[str, Text] = {name: sheet.words(value) for name, (_, value) in sheet.mapping(
            top["notes"][1]).items()} if "notes" in top else {}
        self.first, self.last = -10**9, 10**9

    def blueprint(self, name: str) -> Blueprint:
        """All of it, once its own years are known."""
        years = self.sheet.mapping(self.top["years"][1], (*_SPAN, *_CITED), (*_SPAN, "source", "clause", "class"))
        self.first, self.last = self._span(years, self.top["years"][1])
        lists = {part: self.sheet.sequence(self.top[part][1]) if part in self.top else []
                 for part in ("budgets", "targets", "pledges")}
        found = Blueprint(
            name, self.sheet.words(self.top["title"][1]), self.currency, self.first, self.last, self._citation(years),
            self._note(years), self.notes, tuple(self._budget(node) for node in lists["budgets"]),
            tuple(self._target(node) for node in lists["targets"]),
            tuple(self._pledge(node) for node in lists["pledges"]))
        places = dict(zip((one.name for one in found.targets), lists["targets"], strict=True))
        if len(places) < len(lists["targets"]):
            self._check_twice([one.name for one in found.targets], lists["targets"])
        for one in [] if self.sheet.findings else found.disagreements:  # of figures that could be read
            if not one.note:
                self.sheet.fault("W1093", places[one.by_year.name], of=one.of, summed=f"{one.by_year.total:,}",
                                 whole=f"{one.whole.total:,}")
        return found

    def _check_twice(self, names: Sequence[str], nodes: Sequence[Node]) -> None:
        first: dict[str, Node] = {}
        for name, node in zip(names, nodes, strict=True):
            if name in first:
                self.sheet.fault("W102", node, name=name, line=self.sheet.place(first[name]).line)
            first.setdefault(name, node)

    def _budget(self, node: Node) -> Budget:
        entries = self.sheet.mapping(node, _BUDGET, ("programme", *_SPAN))
        first, last = self._span(entries, node)
        amount = self._number(entries, "amount", "money", self.currency) if "amount" in entries else None
        return Budget(self._programme(entries), first, last, amount,
                      self._citation(entries) if amount is not None else None, self._note(entries))

    def _target(self, node: Node) -> Target:
        entries = self.sheet.mapping(node, _TARGET, ("name", "words", *_SPAN, "unit", "value", "per", "source",
                                                     "clause", "class"))
        first, last = self._span(entries, node)
        unit = self._one(entries, "unit", UNITS)
        rows = self.sheet.sequence(entries["reported"][1]) if "reported" in entries else []
        measure = self._one(entries, "measure", MEASURES) if "measure" in entries else ""
        if (measure == "over_award") != ("field" in entries):
            self.sheet.fault("W104", node, name="field" if measure == "over_award" else "measure")
        return Target(
            self._text(entries, "name"), self._words(entries, "words"), self._programme(entries), first, last,
            self._class(entries, "years_class"), unit, self._number(entries, "value", unit, self.currency),
            self._one(entries, "per", PER), self._text(entries, "of"), measure, self._text(entries, "field"),
            tuple(self._report(row, unit) for row in rows), self._citation(entries), self._note(entries))

    def _report(self, node: Node, unit: str) -> Reported:
        entries = self.sheet.mapping(node, _REPORTED, ("year", "value", "source", "clause", "class"))
        return Reported(self._year(entries, "year"), self._number(entries, "value", unit, self.currency),
                        self._citation(entries))

    def _pledge(self, node: Node) -> Pledge:
        entries = self.sheet.mapping(node, _PLEDGE, _PLEDGE[:-1])
        currency = self._one(entries, "currency", tuple(MINOR_DIGITS)) or self.currency
        rows = self.sheet.sequence(entries["readings"][1]) if "readings" in entries else []
        return Pledge(self._text(entries, "name"), self._words(entries, "words"), self._words(entries, "who"),
                      self._year(entries, "declared"),
                      self._number(entries, "amount", "money", currency), currency,
                      tuple(self._reading(row) for row in rows), self._note(entries))

    def _reading(self, node: Node) -> Reading:
        entries = self.sheet.mapping(node, _READING, (*_SPAN, "spread", "source", "clause", "class"))
        first, last = self._span(entries, node)
        return Reading(first, last, self._one(entries, "spread", SPREADS), self._class(entries, "years_class"),
                       self._citation(entries))

    def _span(self, entries: Entries, node: Node) -> tuple[int, int]:
        """The years from first to last; W1091 unless they follow each other within the plan's own years."""
        first, last = (self._year(entries, name) for name in _SPAN)
        if first > last or (first and first < self.first) or last > self.last:
            self.sheet.fault("W1091", node, first=first, last=last)
        return first, last

    def _year(self, entries: Entries, name: str) -> int:
        text = self._text(entries, name)
        if text.isdecimal() and len(text) == 4:
            return int(text)
        if name in entries:
            self.sheet.fault("W1094", entries[name][1], text=text, wanted="2025")
        return 0

    def _number(self, entries: Entries, name: str, unit: str, currency: str) -> int:
        """A figure in its unit; W1094 for what is none, or less than nothing."""
        if unit not in UNITS:
            return 0
        text = self._text(entries, name)
        try:
            match unit:
                case "money":
                    number = parse_money(text, currency)
                case "percent":
                    number = parse_rate(text)
                case "times":
                    number = _scaled(text)
                case _:
                    number = int(text.replace("_", ""))
        except ValueError:
            number = -1
        if number < 0 and name in entries:
            self.sheet.fault("W1094", entries[name][1], text=text, wanted=_WANTED.get(unit, "430_000"))
        return max(number, 0)

    def _citation(self, entries: Entries) -> Citation:
        known = self.sources
        name = self._one(entries, "source", tuple(known))
        return Citation(known.get(name) or Source("", {"en": ""}, "text"), self._text(entries, "clause"),
                        self._class(entries, "class"))

    def _class(self, entries: Entries, name: str) -> str:
        return self._one(entries, name, tuple(CLASSES)) if name in entries else ""

    def _note(self, entries: Entries) -> str:
        return self._one(entries, "note", tuple(self.notes)) if "note" in entries else ""

    def _programme(self, entries: Entries) -> str:
        return self._one(entries, "programme", self.programmes)

    def _one(self, entries: Entries, name: str, known: Sequence[str]) -> str:
        """A text that must be one of a few: W1092 with did-you-mean; empty where it is missing."""
        return self.sheet.one_of(entries[name][1], known, "W1092", name) or "" if name in entries else ""

    def _words(self, entries: Entries, name: str) -> Text:
        return self.sheet.words(entries[name][1]) if name in entries else {"en": ""}

    def _text(self, entries: Entries, name: str) -> str:
        return self.sheet.scalar(entries[name][1]) or "" if name in entries else ""


def _scaled(text: str) -> int:
    """Parts per million of a plain number: "8" is 8,000,000; `ValueError` for what is none, or finer."""
    try:
        number = Decimal(text.strip()) * PPM
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


_WANTED = {"money": "100000000.00", "percent": "30%", "times": "8"}

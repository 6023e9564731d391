"""The mapping file: which column of an old spreadsheet holds which input of a programme, and in which unit.

    case: {column: "企业名称"}
    day: {column: "决定日期"}
    amount: {column: "补助金额", unit: "万元", rule: "entitlement"}
    verdict: {column: "结果", "yes": ["通过"], "no": ["退回"], rule: "eligible"}
    inputs:
      size: {column: "规模", words: {"大": large}}
      claims_before: {value: "0.00"}
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from westlake.errors import Findings, Place, WestlakeError
from westlake.money import MINOR_DIGITS
from westlake.replay.cells import constant
from westlake.replay.column import UNKNOWN, Column
from westlake.rules import Input, Kind, Programme
from westlake.rules.form import DAY
from westlake.rules.tree import Node, Sheet

_TOP = ("sheet", "header_row", "currency", "case", "day", "amount", "verdict", "inputs")
_KEYS = ("column", "value", "unit", "yes", "no", "words", "empty", "round", "century")

CENTURIES = ("1900", "2000")


@dataclass(frozen=True)
class ColumnMap:
    """All columns of one sheet. `case` names a row for people; `day` is the day whose rules decide it.

    taken: another currency, of which every amount is taken as the same number of the programme's.
    """

    inputs: Mapping[str, Column]
    amount: Column = UNKNOWN
    verdict: Column = UNKNOWN
    day: Column = UNKNOWN
    case: Column = UNKNOWN
    sheet: str = ""
    header_row: int = 0
    taken: str = ""

    def headings(self) -> list[str]:
        """Every heading that is asked for, once."""
        return list(dict.fromkeys(column.heading for column in self.columns().values() if column.heading))

    def columns(self) -> dict[str, Column]:
        """What is read → its column."""
        return {"case": self.case, "day": self.day, "amount": self.amount, "verdict": self.verdict, **self.inputs}

    def lacking(self, needed: Collection[str]) -> list[str]:
        """What is needed and has neither a column nor a value: inputs, the day, an old amount or answer."""
        found = [name for name in needed if not self.inputs.get(name, Column()).known]
        found += [] if self.day.known else ["day"]
        return found + ([] if self.amount.known or self.verdict.known else ["amount"])

    def on(self, day: str) -> ColumnMap:
        """The same with one day for all rows."""
        return replace(self, day=Column(constant=day))


def read_map(path: Path, programme: Programme, units: Collection[str], roundings: Collection[str]) -> ColumnMap:
    """A mapping file; W033, W037, W101 to W106, W117 and W132 for all that is wrong with it."""
    findings = Findings()
    if not path.is_file():
        raise WestlakeError.one("W101", Place(path.name), what="–")
    reading = _Reading(Sheet(path, path.name, findings), programme, units, roundings)
    found = reading.whole()
    findings.stop()
    return found


def write_map(columns: ColumnMap, remarks: Mapping[str, str], currency: str = "CNY") -> str:
    """The mapping file of columns: `read_map` takes it back. remarks: what is said behind a line, by its name."""
    lines = [f"sheet: {_quoted(columns.sheet)}"] if columns.sheet else []
    lines += [f"header_row: {columns.header_row}"] if columns.header_row else []
    lines += [f"currency: {columns.taken} taken as {currency}"] if columns.taken else []
    for name in ("case", "day", "amount", "verdict"):
        lines.append(f"{name}: {_entry(columns.columns()[name])}{_remark(remarks, name)}")
    lines.append("inputs:")
    lines += [f"  {name}: {_entry(column)}{_remark(remarks, name)}" for name, column in columns.inputs.items()]
    return "\n".join(lines) + "\n"


def _remark(remarks: Mapping[str, str], name: str) -> str:
    return f"  # {remarks[name]}" if remarks.get(name) else ""


def _quoted(text: object) -> str:
    return json.dumps(text, ensure_ascii=False)


def _entry(column: Column) -> str:
    parts = [f"value: {_quoted(column.constant)}"] if column.constant is not None else [
        f"column: {_quoted(column.heading)}"]
    plain = {"unit": column.unit, "round": column.rounding, "rule": column.rule, "yes": list(column.yes),
             "no": list(column.no), "words": dict(column.words)}
    parts += [f'"{name}": {_quoted(value)}' if name in ("yes", "no") else f"{name}: {_quoted(value)}"
              for name, value in plain.items() if value]
    parts += [f"century: {column.century}"] if column.century else []
    parts += [f"empty: {_quoted(column.empty)}"] if column.empty is not None else []
    return "{" + ", ".join(parts) + "}"


class _Reading:
    """Reads the parts of one mapping file, every fault with its place."""

    def __init__(self, sheet: Sheet, programme: Programme, units: Collection[str], roundings: Collection[str]) -> None:
        self.sheet, self.programme, self.units, self.roundings = sheet, programme, units, roundings

    def whole(self) -> ColumnMap:
        sheet = self.sheet
        top = sheet.mapping(sheet.root, _TOP, ("inputs",))
        inputs = sheet.mapping(top["inputs"][1], self.programme.inputs, code="W033") if "inputs" in top else {}
        row = (sheet.scalar(top["header_row"][1]) or "") if "header_row" in top else "0"
        if not row.isdecimal():
            sheet.fault("W106", top["header_row"][1], text=row, kind=Kind.COUNT.value)
            row = "0"
        return ColumnMap(
            {name: self._column(node, self.programme.inputs[name]) for name, (_, node) in inputs.items()},
            self._decided(top, "amount", (Kind.MONEY,)), self._decided(top, "verdict", (Kind.BOOL,)),
            self._column(top["day"][1], DAY) if "day" in top else Column(),
            self._column(top["case"][1], None) if "case" in top else Column(),
            (sheet.scalar(top["sheet"][1]) or "") if "sheet" in top else "", int(row), self._taken(top))

    def _taken(self, top: Mapping[str, tuple[Node, Node]]) -> str:
        """`KRW taken as CNY`: every won of the sheet counts as one yuan, as whoever wrote this says."""
        if "currency" not in top:
            return ""
        ours = self.programme.currency
        known = [f"{other} taken as {ours}" for other in MINOR_DIGITS if other != ours]
        text = self.sheet.one_of(top["currency"][1], known, "W117", "currency") or ""
        return text.partition(" ")[0]

    def _decided(self, top: Mapping[str, tuple[Node, Node]], name: str, kinds: tuple[Kind, ...]) -> Column:
        """The column of an old amount or answer, and the rule that it is held against."""
        if name not in top:
            return Column()
        node = top[name][1]
        entries = self.sheet.mapping(node, (*_KEYS, "rule"))
        found = self._column(node, None)
        if "rule" not in entries:
            return found
        known = [rule for rule in self.programme.graph.rules if self.programme.graph.nodes[rule].kind in kinds]
        return replace(found, rule=self.sheet.one_of(entries["rule"][1], known, "W037", "rule") or "")

    def _column(self, node: Node, item: Input | None) -> Column:
        sheet = self.sheet
        entries = sheet.mapping(node, _KEYS if item else (*_KEYS, "rule"))
        plain: tuple[str, ...] = ("column", "value", "unit", "round", "empty", "century")
        texts = {name: sheet.scalar(entries[name][1]) for name in plain if name in entries}
        for name, known in (("unit", self.units), ("round", self.roundings), ("century", CENTURIES)):
            if texts.get(name):
                sheet.one_of(entries[name][1], known, "W117", name)
        if item:
            self._check_constant(entries, texts, item)
        return Column((texts.get("column") or "").strip(), texts.get("value"), texts.get("unit") or "",
                      tuple(self._texts(entries, "yes")), tuple(self._texts(entries, "no")),
                      self._words(entries, item), texts.get("empty"), texts.get("round") or "",
                      century=int(texts.get("century") or 0) if texts.get("century") in CENTURIES else 0)

    def _check_constant(self, entries: Mapping[str, tuple[Node, Node]], texts: Mapping[str, str | None],
                        item: Input) -> None:
        value = texts.get("value")
        if value is None:
            return
        try:
            column = Column(constant=value, unit=texts.get("unit") or "", yes=tuple(self._texts(entries, "yes")),
                            no=tuple(self._texts(entries, "no")))
            if not item.low <= constant(item, column, self.programme.currency) <= item.high:
                raise ValueError(value)
        except ValueError:
            self.sheet.fault("W106", entries["value"][1], text=value, kind=item.kind.value)

    def _texts(self, entries: Mapping[str, tuple[Node, Node]], name: str) -> Iterator[str]:
        for node in self.sheet.sequence(entries[name][1]) if name in entries else []:
            yield self.sheet.scalar(node) or ""

    def _words(self, entries: Mapping[str, tuple[Node, Node]], item: Input | None) -> dict[str, str]:
        if "words" not in entries:
            return {}
        found = {}
        for word, (_, node) in self.sheet.mapping(entries["words"][1]).items():
            choice = self.sheet.one_of(node, item.choices if item else (), "W010", "choice")
            if choice is not None:
                found[word] = choice
        return found

"""Guesses which column of an old spreadsheet holds what, from the names people give columns in three languages."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from westlake.replay.amounts import UNITS
from westlake.replay.cells import OFFICE
from westlake.replay.column import Column
from westlake.replay.mapping import ColumnMap, write_map
from westlake.replay.table import BRACKET, Table, in_brackets, matching
from westlake.rules import Input, Kind, Programme
from westlake.words import say

LIKE = 0.6  # how alike two names must be for a guess
ROLES = ("amount", "verdict", "day", "case")  # in the order in which they take a column


@dataclass(frozen=True)
class Guess:
    """A proposed mapping; sure: what a column bears the very name of, or what was given."""

    columns: ColumnMap
    sure: frozenset[str]

    def doubtful(self, needed: Collection[str]) -> list[str]:
        """What is needed and only guessed, or not even that."""
        lacking = set(self.columns.lacking(needed))
        return [name for name in ("day", "amount", "verdict", *needed)
                if name in lacking or (name not in self.sure and self.columns.columns()[name].known)]

    def open(self, needed: Collection[str]) -> list[str]:
        """What nothing is known of: neither a column nor a value, not even a guess."""
        return self.columns.lacking(needed)

    def draft(self, table: Table, programme: Programme, needed: Collection[str], lang: str) -> str:
        """The mapping file to look through: every line says what it is for and how sure it is."""
        lacking, columns = set(self.columns.lacking(needed)), self.columns.columns()
        remarks = {}
        for name, column in columns.items():
            label = programme.in_words(name, lang) if name in programme.inputs else say(f"replay.role.{name}", lang)
            choices = programme.inputs[name].choices if name in programme.inputs else ()
            label += f" ({', '.join(choices)})" if choices else ""
            state = "missing" if name in lacking else "optional" if not column.known else (
                "constant" if column.constant is not None else "" if name in self.sure else "guessed")
            remarks[name] = say(f"replay.map.{state}", lang, label=label) if state else label
        headings = ", ".join(" ".join(heading.split()) for heading in table.headings if heading)
        rules = ", ".join(name for name in programme.graph.rules if programme.graph.nodes[name].kind is Kind.MONEY)
        opening = (say("replay.map.title", lang, file=table.name), say("replay.map.headings", lang, headings=headings),
                   say("replay.map.rules", lang, rules=rules))
        return "".join(f"# {line}\n" for line in opening) + write_map(self.columns, remarks, programme.currency)


def names_of(programme: Programme, needed: Iterable[str]) -> list[str]:
    """Every name by which a column may be known, for finding the row of headings."""
    words = [word for role in ROLES for word in OFFICE[role]]
    return words + [label for name in needed for label in (name, *programme.label(name).values())]


def rule_named(table: Table, programme: Programme, otherwise: str) -> str:
    """The rule of an amount whose own name heads a column: an award is held against the award, not a tranche."""
    headings = {matching(BRACKET.sub("", heading)) for heading in table.headings if heading}
    names = [otherwise, *(name for name in programme.graph.rules if programme.graph.nodes[name].kind is Kind.MONEY)]
    return next((name for name in names if name and headings & {matching(label) for label in _labels(programme, name)}),
                otherwise)


def guess(table: Table, programme: Programme, needed: Collection[str], rules: Mapping[str, str],
          given: ColumnMap | None = None) -> Guess:
    """The likeliest columns: exact names first, then those most alike; inputs kept by the books begin at nothing.

    rules: "amount" and "verdict" → the rule each is held against, or an empty text. given: columns already known.
    """
    wanted = {**{name: _labels(programme, rules.get(name, "")) + list(OFFICE[name]) for name in ROLES},
              **{name: _labels(programme, name) for name in needed}}
    like = _alike(programme, needed)
    known = given.columns() if given else {}
    free = [heading for heading in table.headings if heading]
    found: dict[str, Column] = {name: column for name, column in known.items() if column.known}
    sure = set(found)
    for exact in (True, False):
        for name, labels in wanted.items():
            if name in found:
                continue
            heading = _best(labels if exact else [*labels, *like.get(name, ())], free, exact)
            if heading:
                found[name] = _column(heading, programme.inputs.get(name))
                sure |= {name} if exact else set()
                shared = name == "case" or (name in programme.inputs and programme.inputs[name].kind is Kind.ID)
                free = free if shared else [other for other in free if other != heading]
    _from_books(programme, needed, found)
    for name in ("amount", "verdict"):
        found[name] = replace(found.get(name, Column()), rule=found.get(name, Column()).rule or rules.get(name, ""))
    columns = ColumnMap({name: found.get(name, Column()) for name in needed}, found["amount"], found["verdict"],
                        found.get("day", Column()), found.get("case", Column()),
                        given.sheet if given else "", given.header_row if given else 0)
    return Guess(columns, frozenset(sure))


def _alike(programme: Programme, needed: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Words by which a column is guessed and never sure: another day than the decision's, a firm, what was spent."""
    asked = [programme.inputs[name] for name in needed if programme.inputs[name].origin != "ledger"]
    firm = next((item.name for item in asked if item.kind is Kind.ID), "")
    spend = next((item.name for item in asked if item.kind in (Kind.FINE, Kind.MONEY)), "")
    return {"day": OFFICE["day_like"], firm: OFFICE["case"], spend: OFFICE["spend"]}


def _from_books(programme: Programme, needed: Collection[str], found: dict[str, Column]) -> None:
    """What the books would know of earlier years: nothing before the sheet's first row. Shown, never silent."""
    for name in needed:
        item = programme.inputs[name]
        if name not in found and item.origin == "ledger" and item.kind in (Kind.MONEY, Kind.FINE, Kind.COUNT):
            found[name] = Column(constant=programme.write(name, max(item.low, 0)))


def _labels(programme: Programme, name: str) -> list[str]:
    return [name, *programme.label(name).values()] if name else []


def _best(labels: Iterable[str], headings: Iterable[str], exact: bool) -> str:
    """The heading that bears one of the names, or the one most like any of them."""
    names = [matching(label) for label in labels if label]
    best, chosen = LIKE, ""
    for heading in headings:
        bare = matching(BRACKET.sub("", heading))
        for name in names:
            if exact and bare == name:
                return heading
            like = 0.0 if exact else _like(name, bare)
            if like > best:
                best, chosen = like, heading
    return chosen


def _like(name: str, heading: str) -> float:
    """How alike two names are; one within the other counts by how much of it there is."""
    short, long = sorted((name, heading), key=len)
    if len(short) > 1 and short in long:
        return 0.65 + 0.3 * len(short) / len(long)
    return difflib.SequenceMatcher(None, name, heading).ratio()


def _column(heading: str, item: Input | None) -> Column:
    """A column with the unit that its heading names in brackets, or behind a comma."""
    unit = in_brackets(heading)
    if unit in ("%", "％", "百分比", "percent"):
        return Column(heading, unit="percent")
    money = item is None or item.kind in (Kind.MONEY, Kind.FINE)
    return Column(heading, unit=unit if money and unit in UNITS else "")

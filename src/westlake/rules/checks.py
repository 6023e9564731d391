"""Checks a programme: everything wrong with its folder, every example, and how much of it rests on sure ground."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from westlake.errors import Place, Problem, WestlakeError
from westlake.rules.examples import Example, Row
from westlake.rules.load import OFFICIAL, load_programme
from westlake.rules.plain import run_plain
from westlake.rules.programme import Programme
from westlake.words import say


@dataclass(frozen=True)
class Ground:
    """How many dated values rest on what: by class (A P C I K) and by kind of source; clauses unknown."""

    values: int = 0
    by_class: Mapping[str, int] = field(default_factory=dict)
    by_kind: Mapping[str, int] = field(default_factory=dict)
    doubtful: int = 0  # on an inference, on general knowledge or on a mirror
    rules: int = 0
    clauses_unknown: int = 0  # rules whose article number is not known


@dataclass(frozen=True)
class CheckReport:
    """What a check found. `problems` is empty when all is well; `unused` are inputs and values no rule takes."""

    name: str
    regime: str
    digest: str = ""
    problems: tuple[Problem, ...] = ()
    examples: int = 0
    examples_held: int = 0
    ground: Ground = field(default_factory=Ground)
    unused: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Nothing is wrong and every example holds."""
        return not self.problems

    def lines(self, lang: str = "en") -> list[str]:
        """The report in words; problems are shown apart, with their places."""
        if not self.digest:
            return [say("rules.check.unread", lang, name=self.name, regime=self.regime, faults=len(self.problems))]
        ground = self.ground
        share = f"{100 * ground.doubtful // ground.values}%" if ground.values else "0%"
        lines = [say("rules.check.head", lang, name=self.name, regime=self.regime, rules=ground.rules,
                     values=ground.values)]
        lines.append(say("rules.check.examples", lang, held=self.examples_held, all=self.examples))
        lines.append(say("rules.check.doubtful", lang, share=share, doubtful=ground.doubtful, values=ground.values,
                         inferred=ground.by_class.get("I", 0), general=ground.by_class.get("K", 0),
                         mirrors=ground.by_kind.get("mirror", 0)))
        lines.append(say("rules.check.clauses", lang, unknown=ground.clauses_unknown, rules=ground.rules))
        if self.unused:
            lines.append(say("rules.check.unused", lang, names=say("rules.list_comma", lang).join(self.unused)))
        return lines

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON's view."""
        return {
            "programme": self.name, "regime": self.regime, "digest": self.digest, "well": self.well,
            "problems": [problem.as_dict(lang) for problem in self.problems],
            "examples": {"held": self.examples_held, "all": self.examples},
            "ground": {"values": self.ground.values, "doubtful": self.ground.doubtful,
                       "by_class": dict(self.ground.by_class), "by_kind": dict(self.ground.by_kind),
                       "rules": self.ground.rules, "clauses_unknown": self.ground.clauses_unknown},
            "unused": list(self.unused),
        }


def check(folder: Path, regime: str = OFFICIAL, reform: Path | None = None) -> CheckReport:
    """Reads a programme's folder and decides every example, each under its own regime.

    Each example is decided twice, traced and by the kernel's text run as plain Python, and both must give
    what is expected.
    """
    folder = Path(folder).resolve()
    try:
        programme = load_programme(folder, regime=regime, reform=reform)
    except WestlakeError as error:
        return CheckReport(folder.name, regime, problems=error.problems)
    problems: list[Problem] = []
    laws: dict[str, Programme] = {regime: programme} if reform is None else {}
    held = 0
    for example in programme.examples:
        found = list(_example(folder, laws, example))
        held += not found
        problems += found
    problems.sort(key=lambda problem: problem.place)
    return CheckReport(folder.name, regime, programme.digest, tuple(problems), len(programme.examples), held,
                       _ground(programme), tuple(_unused(programme)))


def _example(folder: Path, laws: dict[str, Programme], example: Example) -> Iterable[Problem]:
    """What is wrong with an example; nothing when it holds."""
    try:
        if example.regime not in laws:
            laws[example.regime] = load_programme(folder, regime=example.regime)
        programme = laws[example.regime]
        decisions = programme.decide_rows([row.given for row in example.rows], [row.day for row in example.rows])
        for decision, row in zip(decisions, example.rows, strict=True):
            yield from _compare(programme, example, row, decision.values)
        yield from _loop(programme, example)
    except WestlakeError as error:
        for problem in error.problems:
            place = Place("examples.yaml", example.place.line, example.place.column, problem.place.row,
                          problem.place.field)
            yield Problem(problem.code, place, problem.values, problem.suggestion)


def _compare(programme: Programme, example: Example, row: Row, values: Mapping[str, int]) -> Iterable[Problem]:
    for name, wanted in row.expect.items():
        found = values.get(name)
        if found != wanted:
            yield Problem("W124", row.expect_places[name], {
                "example": example.name["en"], "name": name, "wanted": programme.write(name, wanted),
                "found": "–" if found is None else programme.write(name, found)})


def _loop(programme: Programme, example: Example) -> Iterable[Problem]:
    """The same rows through the kernel's text: a column of each input, one of the days."""
    outputs = list(dict.fromkeys(name for row in example.rows for name in row.expect))
    named = set.intersection(*(set(row.given) for row in example.rows))
    if not outputs or not example.rows:
        return
    columns = {name: np.array([int(row.given[name]) for row in example.rows]) for name in named}
    days = np.array([row.day for row in example.rows])
    found = run_plain(programme, columns, days, outputs)
    for at, row in enumerate(example.rows):
        yield from _compare(programme, example, row, {name: int(found[name][at]) for name in outputs})


def _ground(programme: Programme) -> Ground:
    """Counts what the values and rules rest on."""
    entries = [entry.citation for value in programme.values.values() for entry in value.dated]
    by_class: dict[str, int] = {}
    by_kind: dict[str, int] = {}
    for citation in entries:
        by_class[citation.cls] = by_class.get(citation.cls, 0) + 1
        by_kind[citation.source.kind] = by_kind.get(citation.source.kind, 0) + 1
    variants = [variant for variants in programme.graph.rules.values() for variant in variants]
    return Ground(len(entries), by_class, by_kind, sum(citation.doubtful for citation in entries), len(variants),
                  sum(variant.clause == "unknown" for variant in variants))


def _unused(programme: Programme) -> Iterable[str]:
    """Inputs and values that no rule takes: perhaps meant for another room, perhaps left behind."""
    taken = programme.graph.upstream([*programme.graph.rules, *programme.graph.groups])
    return (name for name in (*programme.inputs, *programme.values) if name not in taken)

"""Errors are data: a code, a place, a sentence and a way out, in three languages.

Sentences live in `locale/` under `errors.<code>`, each with `says` (one line, with named places)
and `way_out`. Codes by room: W0 rules · W1 values, forms, words · W2 register · W3 bills ·
W4 settlement · W5 ledger · W6 record · W7 workspace and machine · W8 command line and reports · W9 the desk and
the console · W10 the desk's money, reviews and pages.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from westlake.words import fill, say


@dataclass(frozen=True, order=True)
class Place:
    """Where: a file with line and column (counted from 1), or a table's row and field."""

    file: str = ""
    line: int = 0
    column: int = 0
    row: int = 0
    field: str = ""

    def __str__(self) -> str:
        at = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        row = f"row {self.row}" if self.row else ""
        return " ".join(part for part in (at, row, self.field) if part)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. values: what its sentence names; a value in three languages is told in the reader's."""

    code: str
    place: Place = Place()
    values: Mapping[str, object] = field(default_factory=dict)
    suggestion: str = ""
    source_line: str = ""

    def sentence(self, lang: str = "en") -> str:
        says = say(f"errors.{self.code}.says", lang, **self._told(lang))
        hint = say("errors.did_you_mean", lang, name=self.suggestion) if self.suggestion else ""
        return f"{says}{hint}"

    def way_out(self, lang: str = "en") -> str:
        return say(f"errors.{self.code}.way_out", lang, **self._told(lang))

    def line(self, lang: str = "en") -> str:
        """`rules.py:44:12 W012 unknown input "employes"; did you mean "employees"?`"""
        head = f"{self.place} " if str(self.place) else ""
        return f"{head}{self.code} {self.sentence(lang)}"

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        place = {key: value for key, value in vars(self.place).items() if value}
        return {"code": self.code, "place": place, "says": self.sentence(lang), "way_out": self.way_out(lang),
                "values": {key: str(value) for key, value in self._told(lang).items()}}

    def _told(self, lang: str) -> dict[str, object]:
        return {name: fill(value, lang) if isinstance(value, Mapping) else value for name, value in self.values.items()}


class WestlakeError(Exception):
    """One or more problems, all collected before they are raised."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.line() for problem in self.problems))

    @classmethod
    def one(cls, code: str, /, place: Place | None = None, suggestion: str = "", **values: object) -> WestlakeError:
        return cls([Problem(code, place or Place(), values, suggestion)])


class Findings(list[Problem]):
    """Collects problems; `stop()` raises them together, in the order of their places."""

    def add(self, code: str, place: Place | None = None, suggestion: str = "", source_line: str = "",
            **values: object) -> None:
        self.append(Problem(code, place or Place(), values, suggestion, source_line))

    def stop(self) -> None:
        if self:
            raise WestlakeError(sorted(self, key=lambda problem: problem.place))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like a misspelt one, or an empty text."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, 0.6)), "")

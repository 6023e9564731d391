"""The dated, cited values of a programme: every rate, cap and threshold, and what it was on which day."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from westlake.dates import iso
from westlake.errors import Place, Problem
from westlake.rules.form import NOWHERE
from westlake.rules.kinds import Kind
from westlake.rules.sources import Citation
from westlake.words import Text


@dataclass(frozen=True)
class Dated:
    """What a value is from a day on. `numbers` has one number, or one for each of `choices`."""

    numbers: tuple[int, ...]
    in_force: int
    citation: Citation
    choices: tuple[str, ...] = ()
    until: int | None = None  # the last day in force
    adopted: int | None = None
    low: tuple[int, ...] = ()  # where the truth is uncertain: from here …
    high: tuple[int, ...] = ()  # … to here
    place: Place = NOWHERE

    @property
    def number(self) -> int:
        """The number of a value that does not differ by choice."""
        assert not self.choices, "this value differs by choice: use by_choice"
        return self.numbers[0]

    @property
    def by_choice(self) -> dict[str, int]:
        """choice → number, of a value that differs by choice."""
        return dict(zip(self.choices, self.numbers, strict=True))


@dataclass(frozen=True)
class Value:
    """A named value: its unit, its words, and what it is from which day on (`dated` in order of days)."""

    name: str
    unit: str
    kind: Kind
    dated: tuple[Dated, ...]
    words: Text
    by: str = ""
    choices: tuple[str, ...] = ()
    place: Place = NOWHERE

    def on(self, day: int) -> Dated | None:
        """The entry in force on a day, or None before the first, after `until` and in a gap."""
        at = bisect_right([entry.in_force for entry in self.dated], day) - 1
        if at < 0:
            return None
        entry = self.dated[at]
        return None if entry.until is not None and day > entry.until else entry

    def lapse(self, day: int) -> Problem:
        """Why nothing is in force on a day: W107 (not yet; names the first date) or W108 (expired)."""
        if not self.dated or day < self.dated[0].in_force:
            first = iso(self.dated[0].in_force) if self.dated else "-"
            return Problem("W107", self.place, {"name": self.words, "day": iso(day), "first": first})
        last = max(entry.until for entry in self.dated if entry.until is not None and entry.until < day)
        return Problem("W108", self.place, {"name": self.words, "day": iso(day), "last": iso(last)})

    def changes(self) -> set[int]:
        """The days on which the value may become another: each `in_force`, and the day after `until`."""
        return {entry.in_force for entry in self.dated} | {
            entry.until + 1 for entry in self.dated if entry.until is not None}

    def range(self) -> tuple[int, int]:
        """The least and the largest number it has on any day, `low` and `high` included."""
        numbers = [n for entry in self.dated for n in (*entry.numbers, *entry.low, *entry.high)]
        return (min(numbers), max(numbers)) if numbers else (0, 0)

"""One column of an old spreadsheet: where it stands and how its cells are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """How one thing is read: from the column of a heading, or a constant for all rows.

    empty: what a blank cell stands for, where that is known; rounding: how what is finer than the
    smallest unit is rounded; rule: for amounts and verdicts, the rule that they are held against; century:
    2000 where a year of two digits is of this century, 0 where none is taken.
    """

    heading: str = ""
    constant: str | None = None
    unit: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    empty: str | None = None
    rounding: str = ""
    rule: str = ""
    century: int = 0

    @property
    def known(self) -> bool:
        """Does it say where to look?"""
        return bool(self.heading) or self.constant is not None


UNKNOWN = Column()  # says nothing of where to look

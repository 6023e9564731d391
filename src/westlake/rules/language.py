"""The words a programme's rules.py is written in: kinds of numbers, `rule`, and what looks beyond one row.

These names exist so that an editor and a type checker understand a rules.py. Westlake itself reads the
file as text (grammar.py) and never runs it as a module, so nothing here does any work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

Money: TypeAlias = int  # minor units of the programme's currency
FineMoney: TypeAlias = int  # 1/10,000 of a minor unit
Rate: TypeAlias = int  # parts per million
Day: TypeAlias = int  # days since 1970-01-01
Count: TypeAlias = int
Bool: TypeAlias = bool
Choice: TypeAlias = str  # written as its name; carried as its place in the list of choices
Id: TypeAlias = int  # an opaque key: may be compared for equality and grouped by, nothing else

Element = TypeVar("Element")
Table: TypeAlias = Mapping[str, Element]  # a value that differs by choice
Body = TypeVar("Body", bound=Callable[..., object])

WHOLE: Rate = 1_000_000  # 100 %


def rule(*, source: str, clause: str, start: str = "", end: str = "", name: str = "",
         choices: tuple[str, ...] = ()) -> Callable[[Body], Body]:
    """One rule: what it rests on (a source of sources.yaml, a clause or "unknown") and when it holds.

    start, end: first and last day in force (ISO; open when left out). name: the rule's name when the
    function needs another one (a dated variant). choices: what a rule returning a Choice may answer.
    """
    return lambda body: body


def so_far(of: str, *, by: tuple[str, ...], opening: str = "") -> int:
    """The sum of a rule over the earlier rows of the same group, this row excluded; plus `opening`."""
    return 0


def most_so_far(of: str, *, by: tuple[str, ...], opening: str = "") -> int:
    """The largest answer of a rule over the earlier rows of the same group; never below 0 or `opening`."""
    return 0


def total(of: str, *, by: tuple[str, ...]) -> int:
    """The sum of a rule over all rows of the same group, this row and later ones included."""
    return 0

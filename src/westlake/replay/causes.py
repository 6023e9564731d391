"""Why rows could not be decided: the same fault of the same word is told once, with its rows and what to add."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from westlake.errors import Problem
from westlake.replay.cases import Unread
from westlake.replay.mapping import ColumnMap
from westlake.replay.table import Table
from westlake.rules import Kind, Programme


@dataclass
class Cause:
    """One fault of one word in one column, and the rows that have it."""

    problem: Problem
    rows: list[int] = field(default_factory=list)


def causes(unread: Sequence[Unread]) -> list[Cause]:
    """All causes, that of the most rows first."""
    found: dict[tuple[str, ...], Cause] = {}
    for row in unread:
        for problem in row.problems:
            key = (problem.code, problem.place.field, *(f"{name}={value}" for name, value in problem.values.items()))
            found.setdefault(key, Cause(problem)).rows.append(row.row)
    return sorted(found.values(), key=lambda cause: (-len(cause.rows), cause.rows[0]))


def lines_to_add(table: Table, columns: ColumnMap, programme: Programme, found: Sequence[Cause]) -> Iterator[str]:
    """What to add to the mapping file for words that no choice, yes or no is known by: `size: words: {"超大": …}`."""
    for name, column in columns.columns().items():
        if not column.heading or name == "case":
            continue
        place = table.place(0, column.heading).field
        words = [str(cause.problem.values["text"]) for cause in found
                 if cause.problem.place.field == place and cause.problem.code == "W135"]
        item = programme.inputs.get(name)
        if words and item and item.kind is Kind.CHOICE:
            entries = ", ".join(f"{json.dumps(word, ensure_ascii=False)}: …" for word in words)
            yield f"{name}: {{words: {{{entries}}}}}  # {', '.join(item.choices)}"
        elif words and (name == "verdict" or (item and item.kind is Kind.BOOL)):
            yield f'{name}: {{"yes": […], "no": […]}}  # {", ".join(words)}'

"""A desk that is only looked at: while one page is made, the same question is asked of the database once."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from westlake.database import Connection, Cursor
from westlake.database.connection import Values
from westlake.desk.desk import Desk

Question = tuple[str, Sequence[object]]  # a SELECT with `?` where its values go
_ASKS = ("engine", "in_transaction", "columns", "damage")
_FEW = 1_000  # rows of a stream that are kept
_AT_ONCE = 500  # questions in one statement: a row has so many columns at most
_PARTS = re.compile(r"'(?:[^']|'')*'|[(),]|\b(?:SELECT|FROM)\b")
_AS_ROWS = {"sqlite": "json_group_array(json_array({}))", "postgresql": "json_agg(json_build_array({}))::text"}


class Answered:
    """The rows of a question that was asked before, or just now."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)


class Remembering:
    """A connection that remembers its answers until something else than a question is said to it: then it knows nothing
    any more. asked: how often the database itself was asked."""

    def __init__(self, connection: Connection) -> None:
        self.behind = connection
        self._known: dict[object, list[Any]] = {}
        self.asked = 0

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """The rows of a SELECT, remembered; anything else goes to the database as it is."""
        if not sql.lstrip().startswith(("SELECT", "WITH")):
            self._known.clear()
            return self.behind.execute(sql, values)
        key = (sql, tuple(values.items()) if isinstance(values, Mapping) else tuple(values))
        if key not in self._known:
            self.asked += 1
            self._known[key] = self.behind.execute(sql, values).fetchall()
        return Answered(self._known[key])

    def stream(self, sql: str, values: Values = (), /) -> Iterable[Any]:
        """The rows one by one; remembered while they are few."""
        key = (sql, tuple(values.items()) if isinstance(values, Mapping) else tuple(values))
        if key not in self._known:
            self.asked += 1
            rows = iter(self.behind.stream(sql, values))
            first = list(islice(rows, _FEW + 1))
            if len(first) > _FEW:
                return chain(first, rows)
            self._known[key] = first
        return Answered(self._known[key])

    def together(self, *questions: Question) -> None:
        """Ask several things in one statement and remember each answer: a page whose papers lie in many tables takes
        them all at once. Texts and whole numbers only."""
        new = dict.fromkeys(key for sql, values in questions if (key := (sql, tuple(values))) not in self._known)
        if len(new) < 2:
            return
        waiting, as_rows = iter(new), _AS_ROWS[self.behind.engine]
        while chunk := list(islice(waiting, _AT_ONCE)):
            parts = []
            for sql, _ in chunk:
                names = ",".join(f"c{number}" for number in range(_width(sql)))
                parts.append(f"(WITH q({names}) AS ({sql}) SELECT {as_rows.format(names)} FROM q)")
            self.asked += 1
            row = self.behind.execute(f"SELECT {', '.join(parts)}", [one for _, values in chunk for one in values])
            for key, text in zip(chunk, row.fetchone(), strict=True):
                self._known[key] = [tuple(one) for one in json.loads(text or "[]")]

    def __getattr__(self, name: str) -> Any:
        """All that writes makes what was remembered stale."""
        if name not in _ASKS:
            self._known.clear()
        return getattr(self.behind, name)


@functools.cache
def _width(sql: str) -> int:
    """How many columns a SELECT has, one that begins with WITH too; no name in it is quoted."""
    assert '"' not in sql, sql
    depth = width = 0
    for part in _PARTS.findall(sql):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if depth == 0 and part == "FROM":
            break
        if depth == 0 and (part == "SELECT" or (part == "," and width)):
            width += 1
    return width


def together(desk: Desk, *questions: Question) -> None:
    """On a desk that is only looked at, ask several things in one statement; any other asks each when it is needed."""
    if isinstance(desk.connection, Remembering):
        desk.connection.together(*questions)


def looking(desk: Desk) -> Desk:
    """The same desk over a connection that remembers, at one instant, each programme's files looked at once: a page
    shows one moment."""
    if isinstance(desk.connection, Remembering):
        return desk
    at, offers = desk.now(), functools.cache(desk.offered)
    return Desk(Remembering(desk.connection), offers, desk.zone, lambda: at)

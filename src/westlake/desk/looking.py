"""A desk that is only looked at: while one page is made, the same question is asked of the database once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from westlake.database import Connection, Cursor
from westlake.database.connection import Values
from westlake.desk.desk import Desk

_ASKS = ("engine", "in_transaction", "columns", "damage")
_FEW = 1_000  # rows of a stream that are kept


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
        self._connection = connection
        self._known: dict[object, list[Any]] = {}
        self.asked = 0

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """The rows of a SELECT, remembered; anything else goes to the database as it is."""
        if not sql.lstrip().startswith(("SELECT", "WITH")):
            self._known.clear()
            return self._connection.execute(sql, values)
        key = (sql, tuple(values.items()) if isinstance(values, Mapping) else tuple(values))
        if key not in self._known:
            self.asked += 1
            self._known[key] = self._connection.execute(sql, values).fetchall()
        return Answered(self._known[key])

    def stream(self, sql: str, values: Values = (), /) -> Iterable[Any]:
        """The rows one by one; remembered while they are few."""
        key = (sql, tuple(values.items()) if isinstance(values, Mapping) else tuple(values))
        if key not in self._known:
            self.asked += 1
            rows = iter(self._connection.stream(sql, values))
            first = list(islice(rows, _FEW + 1))
            if len(first) > _FEW:
                return chain(first, rows)
            self._known[key] = first
        return Answered(self._known[key])

    def __getattr__(self, name: str) -> Any:
        """All that writes makes what was remembered stale."""
        if name not in _ASKS:
            self._known.clear()
        return getattr(self._connection, name)


def looking(desk: Desk) -> Desk:
    """The same desk over a connection that remembers, at one instant, each programme's files looked at once: a page
    shows one moment."""
    if isinstance(desk.connection, Remembering):
        return desk
    at, offers = desk.now(), functools.cache(desk.offered)
    return Desk(Remembering(desk.connection), offers, desk.zone, lambda: at)

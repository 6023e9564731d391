"""What a room keeps in the database: its tables and their guards, written once for each engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from westlake.database import sqlite
from westlake.database.connection import Connection
from westlake.errors import Place, WestlakeError

if TYPE_CHECKING:
    from westlake.database.postgresql import ServerConnection

_STEP_TABLE = """
CREATE TABLE IF NOT EXISTS schema_step (room TEXT NOT NULL, step INTEGER NOT NULL, PRIMARY KEY (room, step));
"""
_STEPS = {"sqlite": _STEP_TABLE, "postgresql": f"{_STEP_TABLE}GRANT SELECT ON schema_step TO westlake_app;"}


@dataclass(frozen=True)
class Schema:
    """A room's tables. folder: holds sqlite.sql, postgresql.sql, and postgresql.guards (what an installed one shows).

    `steps/N.sqlite.sql` and `steps/N.postgresql.sql` there change the tables of the release before; what
    they drop of the guards is made anew from the whole script.

    append_only: each table that is only ever added to, with all its unique keys; a key of several
    columns is written "journal, seq".
    """

    folder: Path
    append_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def script(self, engine: str) -> str:
        """The statements that make the tables and their guards; each may run twice."""
        text = (self.folder / f"{engine}.sql").read_text("utf-8")
        if engine == "sqlite":
            return text + "".join(sqlite.append_only(table, *keys) for table, keys in self.append_only.items())
        from westlake.database import postgresql  # noqa: PLC0415 (its driver is an extra)
        return text + "".join(postgresql.append_only(table) for table in self.append_only) + postgresql.RIGHTS

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables' names, in the order in which they can be filled."""
        text = (self.folder / "sqlite.sql").read_text("utf-8")
        return tuple(re.findall(r"^CREATE TABLE IF NOT EXISTS (\w+)", text, re.MULTILINE))

    def key(self, table: str) -> str:
        """The columns by which a table's rows stand in one order on every engine."""
        return self.append_only.get(table, ("1, 2, 3",))[0]

    @contextmanager
    def unguarded(self, connection: Connection) -> Iterator[None]:
        """The tables without their triggers, to bring back rows that were guarded when they were written.

        Within a transaction, and only for whoever owns the tables; the guards stand again afterwards.
        """
        assert connection.in_transaction, "guards come and go with the transaction"
        if connection.engine == "sqlite":
            for name in sqlite.triggers(cast("sqlite.FileConnection", connection), self.tables):
                connection.execute(f"DROP TRIGGER {name}")
            yield
            connection.run_script(self.script("sqlite"))
            return
        for table in self.tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # none is left waiting when the guards return
        for table in self.tables:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    @cached_property
    def latest(self) -> int:
        """The number of the last step by which these tables were changed since they were first released."""
        return max((int(path.name.split(".")[0]) for path in (self.folder / "steps").glob("*.sql")), default=0)

    def create(self, connection: Connection) -> None:
        """Make tables and guards where they are not there yet, and bring those of an earlier release forward.

        On a server this is the owner's work, done once: W708 when it is not done and the connected
        role may not do it. W714 when the tables are those of a later release; nothing is changed then.
        """
        there, taken = self._standing(connection)
        if there and taken == self.latest:
            return  # a guard that is gone is not mended in passing: verification is to find it
        with connection.installing():
            there, taken = self._standing(connection)  # another one may have made them while this one waited
            if there and taken == self.latest:
                return
            for number in range(taken + 1, self.latest + 1):  # each says what it changes; the rest is made below
                connection.run_script((self.folder / "steps" / f"{number}.{connection.engine}.sql").read_text("utf-8"))
            connection.run_script(self.script(connection.engine))
            if self.latest and (taken < self.latest or not there):
                connection.run_script(_STEPS[connection.engine])
                connection.execute("INSERT INTO schema_step VALUES (?, ?)", (self.name, self.latest))

    def _standing(self, connection: Connection) -> tuple[bool, int]:
        """Whether the tables are there, and the last step that they have been through."""
        there = bool(connection.columns(self.tables[0]))
        taken = self._taken(connection) if there else self.latest
        if taken > self.latest:
            raise WestlakeError.one("W714", Place(self.name), found=taken, own=self.latest)
        return there, taken

    @property
    def name(self) -> str:
        """The room that keeps these tables."""
        return self.folder.parent.name

    def _taken(self, connection: Connection) -> int:
        """The last step that these tables have been through; 0 for those of the first release."""
        if not connection.columns("schema_step"):
            return 0
        row = connection.execute("SELECT max(step) FROM schema_step WHERE room = ?", (self.name,)).fetchone()
        return row[0] or 0

    def altered(self, connection: Connection) -> list[str]:
        """Names of tables, guards and functions that are missing, changed or added."""
        if connection.engine == "sqlite":
            return sqlite.altered(cast("sqlite.FileConnection", connection), self.script("sqlite"))
        wanted = (self.folder / "postgresql.guards").read_text("utf-8").splitlines()
        found = cast("ServerConnection", connection).guards(self.script("postgresql"))
        return sorted({line.split()[1] for line in set(wanted) ^ set(found)})

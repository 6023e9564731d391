"""What a room keeps in the database: its tables and their guards, written once for each engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from westlake.database import sqlite
from westlake.database.connection import Connection, transaction

if TYPE_CHECKING:
    from westlake.database.postgresql import ServerConnection


@dataclass(frozen=True)
class Schema:
    """A room's tables. folder: holds sqlite.sql, postgresql.sql, and postgresql.guards (what an installed one shows).

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
        return text + "".join(postgresql.append_only(table) for table in self.append_only)

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables' names, in the order in which they can be filled."""
        text = (self.folder / "sqlite.sql").read_text("utf-8")
        return tuple(re.findall(r"^CREATE TABLE IF NOT EXISTS (\w+)", text, re.MULTILINE))

    def create(self, connection: Connection) -> None:
        """Make tables and guards where they are not there yet.

        On a server this is the owner's work, done once: W708 when the tables are missing and the
        connected role may not make them.
        """
        if connection.engine == "sqlite":
            with transaction(connection):
                for statement in sqlite.statements(self.script("sqlite")):
                    connection.execute(statement)
            return
        server = cast("ServerConnection", connection)
        if not server.has_table(self.tables[0]):
            server.install(self.script("postgresql"))

    def altered(self, connection: Connection) -> list[str]:
        """Names of tables, guards and functions that are missing, changed or added."""
        if connection.engine == "sqlite":
            return sqlite.altered(cast("sqlite.FileConnection", connection), self.script("sqlite"))
        wanted = (self.folder / "postgresql.guards").read_text("utf-8").splitlines()
        found = cast("ServerConnection", connection).guards(self.script("postgresql"))
        return sorted({line.split()[1] for line in set(wanted) ^ set(found)})

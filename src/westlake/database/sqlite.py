"""Opens the one file that holds books, record and register, with every safety switched on and read back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

from westlake.database.connection import transaction
from westlake.errors import Place, WestlakeError

_OF_THE_MACHINE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY}
WAIT_S = 30  # for another one who writes
_AT_ONCE = 1_000  # rows of a stream in memory
_SAFETY = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "secure_delete": 1}


class FileConnection(sqlite3.Connection):
    """SQLite's own connection, with the few words more that every engine answers to."""

    engine: Literal["sqlite"] = "sqlite"
    path = ""  # of its file, if it has one

    def stream(self, sql: str, values: Any = (), /) -> Iterator[Any]:
        """Many rows outside a transaction come over a connection of their own.

        A statement that is not read to its end keeps its view, and who has an old view may not write.
        """
        if self.in_transaction or not self.path:
            yield from self.execute(sql, values)  # SQLite steps from row to row by itself
            return
        first = self.execute(sql, values).fetchmany(_AT_ONCE)
        if len(first) < _AT_ONCE:
            yield from first
            return
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=WAIT_S)) as reader:
            yield from reader.execute(sql, values)

    def begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def begin_reading(self) -> None:
        self.execute("BEGIN")

    @contextmanager
    def installing(self) -> Iterator[None]:
        with transaction(self):
            yield

    def run_script(self, script: str) -> None:
        for statement in statements(script):
            self.execute(statement)

    def columns(self, table: str) -> list[str]:
        return [name for name, in self.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))]

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        marks = ",".join("?" * len(columns))
        self.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def sweep(self) -> None:
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def damage(self, tables: Iterable[str]) -> Iterator[str]:
        for table in tables:
            for found, in self.execute(f"PRAGMA integrity_check({table})"):
                if found != "ok":
                    yield found
            for _, row, parent, _ in self.execute(f"PRAGMA foreign_key_check({table})"):
                yield f"{table} {row or ''} → {parent}"


def open_file(path: Path | str) -> FileConnection:
    """A connection in explicit-transaction mode: WAL, synchronous=FULL, foreign keys on, deleted bytes overwritten.

    Raises W701 when SQLite is older than 3.37 (STRICT tables) or a safety switch does not take.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise WestlakeError.one("W701", Place(str(path)), what=f"SQLite {sqlite3.sqlite_version} < 3.37")
    connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT_S, factory=FileConnection)
    connection.path = "" if str(path) == ":memory:" else str(Path(path).resolve())
    for name, wanted in _SAFETY.items():
        try:
            _switch(connection, name, wanted)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in _OF_THE_MACHINE:
                raise  # a full disk or another writer is no fault of the file
            raise WestlakeError.one("W701", Place(str(path)), what=str(error)) from error
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted and not (name == "journal_mode" and found == "memory"):
            raise WestlakeError.one("W701", Place(str(path)), what=f"PRAGMA {name} is {found}, not {wanted}")
    return connection


def _switch(connection: sqlite3.Connection, name: str, wanted: object) -> None:
    """Set a switch; where several open a new file at once, SQLite refuses all but one of them without waiting."""
    until = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute(f"PRAGMA {name}={wanted}")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: executescript would commit the caller's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    assert not pending.strip() or pending.lstrip().startswith("--"), f"unfinished statement: {pending[:80]}"


def altered(connection: sqlite3.Connection, script: str) -> list[str]:
    """Names of a schema's tables, indexes, views and triggers that are missing, changed or added."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    for statement in statements(script):
        fresh.execute(statement)
    wanted, found = _definitions(fresh), _definitions(connection)
    tables = {table for table, _ in wanted.values()}
    return sorted([name for name in wanted if found.get(name) != wanted[name]]
                  + [name for name in found if name not in wanted and found[name][0] in tables])


def triggers(connection: sqlite3.Connection, tables: Iterable[str]) -> list[str]:
    """The names of all triggers on these tables."""
    rows = connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    wanted = set(tables)
    return [name for name, table in rows.fetchall() if table in wanted]


def append_only(table: str, *keys: str) -> str:
    """Triggers that refuse to change, delete or replace a row; `keys` are all its unique keys.

    A key of several columns is written "journal, seq". INSERT OR REPLACE deletes the row in its way
    without firing delete triggers (unless recursive_triggers is on), so an INSERT that meets a known
    key is refused too, whatever the connection's switches.
    """
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;\n"
    same = [" AND ".join(f"{column} = NEW.{column}" for column in key.split(", ")) for key in keys]
    known = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {condition})" for condition in same)
    return (f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}"
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} {refuse}"
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} WHEN {known} {refuse}")


def _definitions(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    rows = connection.execute("SELECT name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    return {name: (table, sql) for name, table, sql in rows}

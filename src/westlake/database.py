"""Opens the one file that holds books, record and register, with every safety switched on and read back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from westlake.errors import Place, Problem, WestlakeError

_SAFETY = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1}


def connect(path: Path | str) -> sqlite3.Connection:
    """A connection in explicit-transaction mode: WAL, synchronous=FULL, foreign keys on.

    Raises W701 when SQLite is older than 3.37 (STRICT tables) or a safety switch does not take.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise WestlakeError.one("W701", Place(str(path)), what=f"SQLite {sqlite3.sqlite_version} < 3.37")
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    for name, wanted in _SAFETY.items():
        try:
            connection.execute(f"PRAGMA {name}={wanted}")
        except sqlite3.DatabaseError as error:
            raise WestlakeError.one("W701", Place(str(path)), what=str(error)) from error
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted and not (name == "journal_mode" and found == "memory"):
            raise WestlakeError.one("W701", Place(str(path)), what=f"PRAGMA {name} is {found}, not {wanted}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: BEGIN IMMEDIATE … COMMIT, or ROLLBACK on any error.

    Inside an open transaction it is a savepoint of that one: a caller may catch what a step refused
    and go on, and nothing of the refused step is left.
    """
    begin, keep, undo = _STEP if connection.in_transaction else _WHOLE
    connection.execute(begin)
    try:
        yield
        connection.execute(keep)
    except BaseException:
        if connection.in_transaction:
            for statement in undo:
                connection.execute(statement)
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One unchanging view for several queries; others may go on writing. Joins an open transaction."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")  # nothing was written; a torn page would refuse a COMMIT


_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_STEP = ("SAVEPOINT step", "RELEASE step", ("ROLLBACK TO step", "RELEASE step"))


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run a script's statements, all or nothing, within the transaction that is open if there is one."""
    pending = ""
    with transaction(connection):  # executescript would commit the caller's transaction
        for line in script.splitlines(keepends=True):
            pending += line
            if sqlite3.complete_statement(pending):
                connection.execute(pending)
                pending = ""
    assert not pending.strip() or pending.lstrip().startswith("--"), f"unfinished statement: {pending[:80]}"


def altered(connection: sqlite3.Connection, schema: str) -> list[str]:
    """Names of the schema's tables, indexes, views and triggers that are missing, changed or added."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    run_script(fresh, schema)
    wanted, found = _definitions(fresh), _definitions(connection)
    tables = {table for table, _ in wanted.values()}
    return sorted([name for name in wanted if found.get(name) != wanted[name]]
                  + [name for name in found if name not in wanted and found[name][0] in tables])


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


def first_problems(checks: Iterable[Iterator[Problem]], damaged: str) -> list[Problem]:
    """The first problem of each check; `damaged` is the code for a file in which it cannot be made."""
    problems: list[Problem] = []
    for check in checks:
        try:
            problems.extend(islice(check, 1))
        except sqlite3.DatabaseError as error:  # a torn page, a missing table
            problems.append(Problem(damaged, values={"what": str(error)}))
    return problems


def damage(connection: sqlite3.Connection, tables: Iterable[str]) -> Iterator[str]:
    """What SQLite itself finds wrong in tables: pages, indexes, unique keys, column rules, references."""
    for table in tables:
        for found, in connection.execute(f"PRAGMA integrity_check({table})"):
            if found != "ok":
                yield found
        for _, row, parent, _ in connection.execute(f"PRAGMA foreign_key_check({table})"):
            yield f"{table} {row or ''} → {parent}"


def _definitions(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    rows = connection.execute("SELECT name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    return {name: (table, sql) for name, table, sql in rows}

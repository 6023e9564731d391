"""Opens the one file that holds books, record and register, with every safety switched on and read back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from westlake.errors import Place, WestlakeError

_SAFETY = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1}


def connect(path: Path | str) -> sqlite3.Connection:
    """A connection in explicit-transaction mode: WAL, synchronous=FULL, foreign keys on.

    Raises W701 when SQLite is older than 3.37 (STRICT tables) or a safety switch does not take.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise WestlakeError.one("W701", Place(str(path)), what=f"SQLite {sqlite3.sqlite_version} < 3.37")
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    for name, wanted in _SAFETY.items():
        connection.execute(f"PRAGMA {name}={wanted}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted and not (name == "journal_mode" and found == "memory"):
            raise WestlakeError.one("W701", Place(str(path)), what=f"PRAGMA {name} is {found}, not {wanted}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: BEGIN IMMEDIATE … COMMIT, or ROLLBACK on any error; joins an open transaction."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run a script statement by statement: `executescript` would commit a transaction that is open."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            connection.execute(pending)
            pending = ""
    assert not pending.strip() or pending.lstrip().startswith("--"), f"unfinished statement: {pending[:80]}"

"""A connection to the workspace's database, and what every room may ask of it on either engine.

Rooms write SQL that SQLite 3.37 and PostgreSQL 15 both take, with `?` or `:name` where values go. One
transaction writes at a time, on both engines: the chains are serial by nature, and two writers can
then neither wait for each other nor disagree on which came first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any, Literal, Protocol

from westlake.errors import Problem

# What the database says, on either engine, in the words of Python's own database interface.
Refused = sqlite3.IntegrityError  # a rule of the schema; its text is the rule's
Damaged = sqlite3.DatabaseError  # anything else: a torn page, a missing table, a server that went away
Values = Sequence[object] | Mapping[str, object]
AT_ONCE = 10_000  # keys in one query


class Cursor(Protocol):
    """The rows of one statement."""

    def __iter__(self) -> Iterator[Any]: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """An open database. Every statement outside a transaction stands by itself."""

    @property
    def engine(self) -> Literal["sqlite", "postgresql"]: ...
    @property
    def in_transaction(self) -> bool: ...
    def execute(self, sql: str, values: Values = (), /) -> Cursor: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> object: ...
    def stream(self, sql: str, values: Values = (), /) -> Iterable[Any]:
        """The rows one by one, however many: they are never all in memory."""

    def begin(self) -> None:
        """Begin to write; waits until no one else does."""

    def commit(self) -> None:
        """End the transaction: when this returns, all of it is on the disk."""

    def begin_reading(self) -> None:
        """Begin to read one unchanging view."""

    def installing(self) -> AbstractContextManager[None]:
        """A transaction in which tables are made; W708 when the connected role may not."""

    def run_script(self, script: str) -> None:
        """Run a script's statements within the open transaction."""

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, in their order."""

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows, however many."""

    def sweep(self) -> None:
        """Overwrite what was deleted, as far as the engine lets us."""

    def damage(self, tables: Iterable[str]) -> Iterator[str]:
        """What the engine itself finds wrong in tables: pages, indexes, keys, references."""

    def close(self) -> None: ...


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All or nothing: what is written inside stands together, or not at all on any error.

    Inside an open transaction it is a savepoint of that one: a caller may catch what a step refused
    and go on, and nothing of the refused step is left.
    """
    whole = not connection.in_transaction
    if whole:
        connection.begin()
    else:
        connection.execute("SAVEPOINT step")
    try:
        yield
        if whole:
            connection.commit()
        else:
            connection.execute("RELEASE step")
    except BaseException:
        if connection.in_transaction:
            for statement in ("ROLLBACK",) if whole else ("ROLLBACK TO step", "RELEASE step"):
                connection.execute(statement)
        raise


class _Rehearsed(Exception):
    """Ends it: everything is rolled back."""


@contextmanager
def rehearsal(connection: Connection) -> Iterator[None]:
    """Everything written within is undone at the end."""
    try:
        with transaction(connection):
            yield
            raise _Rehearsed
    except _Rehearsed:
        pass


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """One unchanging view for several queries; others may go on writing. Joins an open transaction."""
    if connection.in_transaction:
        yield
        return
    connection.begin_reading()
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")  # nothing was written; a torn page would refuse a COMMIT


def rows_among(connection: Connection, sql: str, keys: Iterable[object]) -> Iterator[Any]:
    """The rows of a query for which `… IN ({keys})` holds, however many keys there are."""
    waiting = iter(keys)
    while chunk := list(islice(waiting, AT_ONCE)):
        yield from connection.execute(*asked_among(sql, chunk))


def asked_among(sql: str, keys: Sequence[object]) -> tuple[str, list[object]]:
    """How rows_among asks for that many keys, AT_ONCE at most: the statement and its values."""
    return sql.format(keys=",".join("?" * len(keys))), list(keys)


def storable(text: object, most: int = 1000) -> bool:
    """Whether either engine holds this text as it is: no NUL, nothing that is no character, not endless."""
    if type(text) is not str or len(text) > most or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair, as a badly decoded name has it
        return False
    return True


def first_problems(checks: Iterable[Iterator[Problem]], damaged: str) -> list[Problem]:
    """The first problem of each check; `damaged` is the code for a database in which it cannot be made."""
    problems: list[Problem] = []
    for check in checks:
        try:
            problems.extend(islice(check, 1))
        except Damaged as error:  # a torn page, a missing table
            problems.append(Problem(damaged, values={"what": str(error)}))
    return problems

"""A connection to the workspace's database, and what every room may ask of it on either engine.

Rooms write SQL that SQLite 3.37 and PostgreSQL 15 both take, with `?` or `:name` where values go. One
transaction writes at a time, on both engines: the chains are serial by nature, and two writers can
then neither wait for each other nor disagree on which came first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

from westlake.database.sqlite import open_file
from westlake.errors import Place, Problem, WestlakeError

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

    def begin_reading(self) -> None:
        """Begin to read one unchanging view."""

    def sweep(self) -> None:
        """Overwrite what was deleted, as far as the engine lets us."""

    def damage(self, tables: Iterable[str]) -> Iterator[str]:
        """What the engine itself finds wrong in tables: pages, indexes, keys, references."""

    def close(self) -> None: ...


def connect(where: Path | str) -> Connection:
    """Open a file by its path, or a PostgreSQL database by its address (postgresql://…).

    Raises W701 when the engine is too old or a safety switch does not take, W706 when PostgreSQL's
    driver is not installed, W707 when the server does not answer.
    """
    if not is_address(where):
        return open_file(where)
    try:
        # psycopg is an extra: only an agency that keeps its books on a server has it
        from westlake.database.postgresql import open_server  # noqa: PLC0415
    except ImportError as error:
        raise WestlakeError.one("W706", Place(place_of(where))) from error
    return open_server(str(where))


def is_address(where: Path | str) -> bool:
    """Whether this is the address of a server, not the path of a file."""
    return str(where).startswith(("postgresql://", "postgres://"))


def is_there(where: Path | str) -> bool:
    """Whether there is something to open; connecting to a file that is not there would make an empty one."""
    return is_address(where) or Path(where).exists()


def place_of(where: Path | str) -> str:
    """The database's name for people: never with a password in it."""
    if not is_address(where):
        return Path(where).name
    scheme, _, rest = str(where).partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"


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
        connection.execute("COMMIT" if whole else "RELEASE step")
    except BaseException:
        if connection.in_transaction:
            for statement in ("ROLLBACK",) if whole else ("ROLLBACK TO step", "RELEASE step"):
                connection.execute(statement)
        raise


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
        yield from connection.execute(sql.format(keys=",".join("?" * len(chunk))), chunk)


def first_problems(checks: Iterable[Iterator[Problem]], damaged: str) -> list[Problem]:
    """The first problem of each check; `damaged` is the code for a database in which it cannot be made."""
    problems: list[Problem] = []
    for check in checks:
        try:
            problems.extend(islice(check, 1))
        except Damaged as error:  # a torn page, a missing table
            problems.append(Problem(damaged, values={"what": str(error)}))
    return problems

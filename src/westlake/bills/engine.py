"""The SQL engine of the bills room, kept within bounds of memory and left with nothing to guess."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import numpy as np

SQL = Path(__file__).with_name("sql")
MEMORY = "900MB"
_CANNOT_WRITE = re.compile(r"could not (write|sync|truncate)|write failed|no space left", re.IGNORECASE)
PLAIN = ("BIGINT", "BOOLEAN")


def engine(spill: Path, threads: int | None = None, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """An in-memory engine with the reading words of `sql/words.sql`; what overflows goes to `spill`.

    No extension is fetched, every instant is UTC, rows keep their order.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory, "temp_directory": str(spill), "autoinstall_known_extensions": "false"}
    if threads:
        config["threads"] = threads
    made = duckdb.connect(":memory:", config=config)
    made.execute("SET TimeZone = 'UTC'")
    made.execute(statement("words"))
    return made


@cache
def _text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text("utf-8")


def statement(name: str, **places: str) -> str:
    """The text of `sql/<name>.sql` with its {places} filled."""
    text = _text(name)
    for place, value in places.items():
        assert f"{{{place}}}" in text, f"{name}.sql has no place {{{place}}}"
        text = text.replace(f"{{{place}}}", value)
    return text


def quoted(text: str | Path) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def machine_fault(error: duckdb.Error) -> OSError | None:
    """The error of a machine without space or memory; None when it is about the file that was read.

    Only what is wrong with the file itself may refuse it: that is for good.
    """
    if isinstance(error, duckdb.OutOfMemoryException) and "offload" not in str(error):
        return OSError(errno.ENOMEM, str(error).splitlines()[0])
    if isinstance(error, duckdb.OutOfMemoryException) or _CANNOT_WRITE.search(str(error)):
        return OSError(errno.ENOSPC, str(error).splitlines()[0])
    return None


def lay(sql: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
    """A temporary table of these rows; types: column → SQL type, in the order of a row's values.

    BIGINT and BOOLEAN come as ints, VARCHAR as texts, other numbers as their texts; nothing is NULL.
    """
    columns = {name: np.array([row[place] for row in rows], dtype=np.int64 if kind in PLAIN else object)
               for place, (name, kind) in enumerate(types.items())}
    listed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in types.items())
    if not rows:
        listed = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in types.items())
        sql.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {listed} LIMIT 0")
        return
    sql.register("laid", columns)
    sql.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {listed} FROM laid")
    sql.unregister("laid")

"""Says in words why the database could not go on: no space, somebody else writing for long, a server gone."""

from __future__ import annotations

import sqlite3

from westlake.database.connection import Damaged
from westlake.errors import Problem

_FULL = {sqlite3.SQLITE_FULL, "53100"}  # as each engine numbers it; "disk full" of a server
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, "55P03", "40001", "40P01"}


def why_stopped(error: Damaged) -> Problem:
    """W715 for a disk without space, W716 when another one writes for too long, W717 for anything else.

    Whatever it is, the transaction was undone, and the same step may be taken again.
    """
    number = getattr(error, "sqlite_errorcode", None)
    kind = getattr(error.__cause__, "sqlstate", None) if number is None else number & 0xFF  # the extended ones add more
    code = "W715" if kind in _FULL else "W716" if kind in _BUSY else "W717"
    return Problem(code, values={"what": str(error)})

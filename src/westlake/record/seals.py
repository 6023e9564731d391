"""A seal of rows that carry no chain of their own: an act holds their SHA-256, so that a changed row shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from westlake.database import Connection


def seal_rows(connection: Connection, statements: Iterable[str], values: Sequence[object]) -> str:
    """SHA-256, in hex, of all rows of the statements, in order; each statement is given the same values."""
    seal = hashlib.sha256()
    for statement in statements:
        for row in connection.stream(statement, values):
            seal.update(json.dumps(list(row), ensure_ascii=False).encode() + b"\n")
        seal.update(b"\n")
    return seal.hexdigest()

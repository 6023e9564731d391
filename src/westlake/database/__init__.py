"""Where books, record and register are kept: one SQLite file, or one PostgreSQL schema, with one behaviour."""

from westlake.database.address import connect, has_password, is_address, is_there, place_of, without_password
from westlake.database.connection import (
    Connection,
    Cursor,
    Damaged,
    Refused,
    asked_among,
    first_problems,
    reading,
    rehearsal,
    rows_among,
    storable,
    transaction,
)
from westlake.database.schema import Schema
from westlake.database.stopped import why_stopped

__all__ = ["Connection", "Cursor", "Damaged", "Refused", "Schema", "asked_among", "connect", "first_problems",
           "has_password", "is_address", "is_there", "place_of", "reading", "rehearsal", "rows_among", "storable",
           "transaction", "why_stopped", "without_password"]

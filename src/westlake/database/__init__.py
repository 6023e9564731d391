"""Where books, record and register are kept: one SQLite file, or one PostgreSQL schema, with one behaviour."""

from westlake.database.connection import (
    Connection,
    Damaged,
    Refused,
    connect,
    first_problems,
    is_there,
    place_of,
    reading,
    rows_among,
    transaction,
)
from westlake.database.schema import Schema

__all__ = ["Connection", "Damaged", "Refused", "Schema", "connect", "first_problems", "is_there", "place_of", "reading",
           "rows_among", "transaction"]

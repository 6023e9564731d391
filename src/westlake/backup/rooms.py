"""What every room keeps in the database: the tables of all of them, in the order in which they can be filled."""

from __future__ import annotations

from westlake.bills.tables import SCHEMA as BILLS
from westlake.database import Connection, Schema
from westlake.ledger.books import SCHEMA as LEDGER
from westlake.record.record import SCHEMA as RECORD
from westlake.register.register import SCHEMA as REGISTER
from westlake.settlement.rounds import SCHEMA as SETTLEMENT

SCHEMAS: tuple[Schema, ...] = (LEDGER, RECORD, REGISTER, BILLS, SETTLEMENT)


def create_all(connection: Connection) -> None:
    """Make every room's tables where they are not there yet."""
    for schema in SCHEMAS:
        schema.create(connection)

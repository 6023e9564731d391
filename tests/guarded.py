"""What a database itself refuses: a statement is tried, its words are taken, and nothing has changed."""

import pytest

from westlake.database import Refused, transaction

_LEFT_OUT = {
    "sqlite": "SELECT name FROM pragma_table_info(?) AS one WHERE \"notnull\" = 0"
              " AND (pk = 0 OR (SELECT max(pk) FROM pragma_table_info(one.arg)) > 1)",
    "postgresql": "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attnotnull"}


def dump(connection, schema):
    """Every row of a room, table by table."""
    return {table: connection.execute(f"SELECT * FROM {table} ORDER BY {_every(connection, table)}").fetchall()
            for table in schema.tables}


def refused(connection, schema, statement):
    """What the database says against a statement that leaves every row as it was."""
    before = dump(connection, schema)
    with pytest.raises(Refused) as caught, transaction(connection):
        connection.execute(statement)
    assert dump(connection, schema) == before
    return str(caught.value)


def may_be_left_out(connection, schema):
    """(table, column) of all that a row may go without."""
    return {(table, column) for table in schema.tables
            for column, in connection.execute(_LEFT_OUT[connection.engine], (table,)).fetchall()}


def _every(connection, table):
    return ", ".join(str(place) for place, _ in enumerate(connection.columns(table), 1))

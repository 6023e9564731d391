"""Every room's guards are looked at: one dropped shows, whichever room it guarded, and is not mended in passing."""

import pytest

from westlake.database import connect
from westlake.rooms import SCHEMAS, create_all, verify_all


@pytest.fixture
def connection(database):
    connection = connect(database)
    create_all(connection)
    assert verify_all(connection).all_problems == []
    return connection


def triggers(connection):
    if connection.engine == "sqlite":
        return dict(connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'").fetchall())
    return dict(connection.execute(
        "SELECT t.tgname::text, c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relnamespace = 'westlake'::regnamespace").fetchall())


def test_every_guard_of_every_room_is_missed(connection):
    """Each trigger of each room is dropped in turn; verification names it, even after the rooms were opened again."""
    for name, table in triggers(connection).items():
        connection.execute("BEGIN")
        connection.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.engine == "postgresql" else ""))
        create_all(connection)
        found = [problem.values["name"] for problem in verify_all(connection).all_problems]
        connection.execute("ROLLBACK")
        assert found == [name]
    assert {table for schema in SCHEMAS for table in schema.tables} - {"balance"} <= set(triggers(connection).values())


def test_a_table_of_another_room_is_named(connection):
    connection.execute("ALTER TABLE register_fact ADD COLUMN note TEXT")
    (problem,) = verify_all(connection).all_problems
    assert (problem.code, problem.values) == ("W715", {"name": "register_fact", "room": "register"})

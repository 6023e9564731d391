"""Every room's guards are looked at: one dropped shows, whichever room it guarded, and is not mended in passing."""

from contextlib import ExitStack, contextmanager

import pytest
from tests.settlement.conftest import line, open_office

from westlake.cli.inbox import read_register
from westlake.database import connect, transaction
from westlake.rooms import SCHEMAS, create_all, verify_all
from westlake.workspace import Settings, Workspace


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


# Sums that triggers keep; drafts, letters that wait, and people's own data, which may be erased.
FREE = {"balance", "desk_answer", "desk_review_draft", "desk_message", "desk_person", "desk_view"}


@pytest.mark.slow
def test_every_guard_of_every_room_is_missed(connection):
    """Each trigger of each room is dropped in turn; verification names it, even after the rooms were opened again."""
    for name, table in triggers(connection).items():
        connection.execute("BEGIN")
        connection.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.engine == "postgresql" else ""))
        create_all(connection)
        found = [problem.values["name"] for problem in verify_all(connection).all_problems]
        connection.execute("ROLLBACK")
        assert found == [name]
    assert {table for schema in SCHEMAS for table in schema.tables} - FREE <= set(triggers(connection).values())


def test_a_table_of_another_room_is_named(connection):
    connection.execute("ALTER TABLE register_fact ADD COLUMN note TEXT")
    (problem,) = verify_all(connection).all_problems
    assert (problem.code, problem.values) == ("W720", {"name": "register_fact", "room": "register"})


@pytest.fixture
def year(database, tmp_path):
    """Two firms' claims: one round approved, a second waiting; the firms' facts came in a table."""
    office = open_office(database)
    create_all(office.connection)
    workspace = Workspace(tmp_path / "lake", Settings())
    workspace.register.mkdir(parents=True)
    (workspace.register / "firms.csv").write_text(
        "id,size,resident,saas,contracts_year,bank_account,from,assurance,source\n" + "".join(
            f"{firm},medium,yes,yes,4800.00,LK-{firm},2025-01-01,verified,office\n" for firm in ("heron", "reed")), "utf-8")
    read_register(office.connection, workspace, 20_000, "kim")
    assert read_register(office.connection, workspace, 20_001, "kim") == 0
    office.pay(line("reed", 1000))
    office.settle(line("reed", 1000), line("heron", 700, "i2"), day="2026-03-01")
    assert verify_all(office.connection).all_problems == []
    return office.connection


@contextmanager
def behind(connection):
    """As somebody who owns the database works: guards off, a change, guards on again as they were."""
    with transaction(connection), ExitStack() as guards:
        for schema in SCHEMAS:
            guards.enter_context(schema.unguarded(connection))
        yield


@pytest.mark.parametrize(("statement", "codes"), [
    ("UPDATE settlement_payment SET amount = amount + 1", ["W441"]),
    ("UPDATE settlement_case SET allotted = allotted - 1 WHERE firm = 'heron'", ["W441"]),
    ("UPDATE settlement_line SET inputs = '{}' WHERE round = 1", ["W441"]),
    ("UPDATE settlement_round SET budget = budget + 1 WHERE id = 2", ["W441"]),
    ("UPDATE settlement_step SET person = 'lee', actor = 'lee' WHERE round = 2", ["W441"]),
    ("INSERT INTO settlement_return VALUES (2, 'heron', NULL, 'a favour', 20000)", ["W441"]),
    ("INSERT INTO settlement_round SELECT 9, programme, year, 9, day, regime, digest, data_digest, way, seed, currency,"
     " budget, available, evidence FROM settlement_round WHERE id = 1", ["W441"]),
    ("UPDATE programme_version SET files = replace(files, '30%', '31%')", ["W442"]),
    ("UPDATE register_fact SET value = 'CN-EVIL' WHERE name = 'bank_account' AND subject = 'reed'", ["W213"]),
    ("DELETE FROM register_fact WHERE name = 'size' AND subject = 'reed'", ["W213"]),
    ("INSERT INTO register_fact (subject, name, value, first, last, assurance, source, learnt, file) SELECT subject, name,"
     " 'CN-EVIL', first, last, assurance, source, learnt, file FROM register_fact WHERE name = 'bank_account'", ["W213"]),
    ("INSERT INTO register_fact (subject, name, value, first, last, assurance, source, learnt, file) VALUES"
     " ('reed', 'bank_account', 'CN-EVIL', 20000, 30000, 'verified', 'office', 20000, '')", ["W214"])])
def test_what_was_changed_behind_the_rooms_shows(year, statement, codes):
    with behind(year):
        year.execute(statement)
    assert [problem.code for problem in verify_all(year).all_problems] == codes

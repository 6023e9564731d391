"""Safety switches are on, a transaction is all or nothing, and what is append-only stays."""

import sqlite3

import pytest

from westlake.database import Schema, connect, first_problems, reading, transaction
from westlake.errors import Problem, WestlakeError

TABLE = """
CREATE TABLE IF NOT EXISTS paid(fen INTEGER PRIMARY KEY, firm TEXT UNIQUE, year INTEGER, number INTEGER,
    UNIQUE (year, number)) STRICT;
"""


def test_switches_read_back(tmp_path):
    connection = connect(tmp_path / "books.db")
    switches = {name: connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("foreign_keys", "journal_mode", "synchronous", "recursive_triggers")}
    assert switches == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1}


def test_an_error_leaves_nothing_behind(tmp_path):
    connection = connect(tmp_path / "books.db")
    connection.execute("CREATE TABLE paid(fen INTEGER) STRICT")
    with pytest.raises(RuntimeError), transaction(connection):
        connection.execute("INSERT INTO paid VALUES (1)")
        with transaction(connection):
            connection.execute("INSERT INTO paid VALUES (2)")
        raise RuntimeError
    assert connection.execute("SELECT count(*) FROM paid").fetchone() == (0,)
    with transaction(connection):
        connection.execute("INSERT INTO paid VALUES (3)")
    assert connection.execute("SELECT fen FROM paid").fetchall() == [(3,)]


def fens(connection):
    return [fen for fen, in connection.execute("SELECT fen FROM paid ORDER BY fen")]


@pytest.fixture
def schema(tmp_path):
    (tmp_path / "sqlite.sql").write_text(TABLE)
    return Schema(tmp_path, {"paid": ("fen", "firm", "year, number")})


@pytest.fixture
def paid(tmp_path, schema):
    """Two rows that are there to stay."""
    connection = connect(tmp_path / "books.db")
    schema.create(connection)
    connection.execute("INSERT INTO paid VALUES (1, 'reed', 2025, 1), (2, 'heron', 2025, 2)")
    return connection


def test_a_step_that_failed_is_gone_and_the_rest_stands(paid):
    with transaction(paid):
        paid.execute("INSERT INTO paid(fen) VALUES (3)")
        with pytest.raises(RuntimeError), transaction(paid):
            paid.execute("INSERT INTO paid(fen) VALUES (4)")
            with transaction(paid):
                paid.execute("INSERT INTO paid(fen) VALUES (5)")
            raise RuntimeError
        with transaction(paid):
            paid.execute("INSERT INTO paid(fen) VALUES (6)")
    assert fens(paid) == [1, 2, 3, 6]


def test_reading_is_one_view(paid, tmp_path):
    other = connect(tmp_path / "books.db")
    with reading(paid):
        assert fens(paid) == [1, 2]
        other.execute("INSERT INTO paid(fen) VALUES (3)")
        assert fens(paid) == [1, 2]
    assert fens(paid) == [1, 2, 3]
    with transaction(paid), reading(paid):
        paid.execute("INSERT INTO paid(fen) VALUES (4)")
    assert fens(paid) == [1, 2, 3, 4]


@pytest.mark.parametrize("recursive", [0, 1])
@pytest.mark.parametrize("statement", [
    "UPDATE paid SET fen = 9 WHERE fen = 1", "UPDATE OR IGNORE paid SET year = 9", "DELETE FROM paid",
    "REPLACE INTO paid(fen) VALUES (1)",
    "INSERT OR REPLACE INTO paid(fen, firm) VALUES (9, 'reed')",
    "INSERT OR REPLACE INTO paid(fen, year, number) VALUES (9, 2025, 2)",
    "INSERT OR IGNORE INTO paid(fen) VALUES (1)",
    "INSERT INTO paid(fen) VALUES (1) ON CONFLICT (fen) DO UPDATE SET year = 9"])
def test_what_is_append_only_stays(paid, statement, recursive):
    paid.execute(f"PRAGMA recursive_triggers={recursive}")
    with pytest.raises(sqlite3.IntegrityError, match=r"^paid is append-only$"):
        paid.execute(statement)
    assert fens(paid) == [1, 2]


def test_rows_without_a_key_do_not_meet(paid):
    for fen in (3, 4):
        paid.execute("INSERT INTO paid(fen, year) VALUES (?, 2025)", (fen,))
    assert fens(paid) == [1, 2, 3, 4]


def test_a_schema_is_made_within_the_open_transaction_and_twice(paid, schema):
    with pytest.raises(RuntimeError), transaction(paid):
        paid.execute("INSERT INTO paid(fen) VALUES (3)")
        schema.create(paid)
        raise RuntimeError
    assert (fens(paid), schema.altered(paid)) == ([1, 2], [])


@pytest.mark.parametrize(("statement", "name"), [
    ("DROP TRIGGER paid_no_delete", "paid_no_delete"),
    ("CREATE TRIGGER more AFTER INSERT ON paid BEGIN SELECT 1; END", "more"),
    ("ALTER TABLE paid ADD COLUMN note TEXT", "paid"), ("CREATE TABLE visit(day INTEGER)", None)])
def test_an_altered_schema_is_named(paid, schema, statement, name):
    paid.execute(statement)
    assert schema.altered(paid) == ([name] if name else [])


def test_damage_is_told_table_by_table(paid):
    assert list(paid.damage(["paid"])) == []
    paid.execute("CREATE TABLE due(paid INTEGER NOT NULL REFERENCES paid, fen INTEGER CHECK (fen > 0)) STRICT")
    paid.execute("PRAGMA foreign_keys=OFF")
    paid.execute("PRAGMA ignore_check_constraints=ON")
    paid.execute("INSERT INTO due VALUES (7, -1)")
    paid.execute("PRAGMA ignore_check_constraints=OFF")
    assert list(paid.damage(["paid"])) == []
    assert list(paid.damage(["due"])) == ["CHECK constraint failed in due", "due 1 → paid"]


def test_each_check_gives_its_first_problem(paid):
    def broken():
        yield Problem("W801", values={"folder": paid.execute("SELECT * FROM nowhere").fetchone()})
    problems = first_problems([iter([Problem("W702"), Problem("W703")]), iter(()), broken()], damaged="W701")
    assert [problem.code for problem in problems] == ["W702", "W701"]
    assert problems[1].values == {"what": "no such table: nowhere"}


def test_tables_of_an_earlier_release_are_brought_forward_once(tmp_path):
    """Step 1 adds a column and mends a guard; the guards that it drops come back from the whole script."""
    (tmp_path / "room" / "schema" / "steps").mkdir(parents=True)
    folder = tmp_path / "room" / "schema"
    (folder / "sqlite.sql").write_text(TABLE)
    first = Schema(folder, {"paid": ("fen",)})
    connection = connect(tmp_path / "books.db")
    first.create(connection)
    connection.execute("INSERT INTO paid (fen) VALUES (7)")
    (folder / "sqlite.sql").write_text(TABLE.replace("number INTEGER,", "number INTEGER, note TEXT DEFAULT '',"))
    (folder / "steps" / "1.sqlite.sql").write_text(
        "CREATE TABLE earlier AS SELECT * FROM paid;\nDROP TABLE paid;\n"
        + TABLE.replace("number INTEGER,", "number INTEGER, note TEXT DEFAULT '',")
        + "INSERT INTO paid (fen) SELECT fen FROM earlier;\nDROP TABLE earlier;\n")
    second = Schema(folder, {"paid": ("fen",)})
    assert second.altered(connection) == ["paid"]
    for _ in range(2):
        second.create(connection)
        assert second.altered(connection) == []
        assert connection.execute("SELECT fen, note FROM paid").fetchall() == [(7, "")]
    fresh = connect(tmp_path / "fresh.db")
    second.create(fresh)
    assert second.altered(fresh) == []
    (folder / "steps" / "1.sqlite.sql").unlink()
    with pytest.raises(WestlakeError) as refused:
        Schema(folder, {"paid": ("fen",)}).create(connection)
    assert refused.value.problems[0].code == "W714"

"""Safety switches are on, and a transaction is all or nothing."""

import pytest

from westlake.database import connect, transaction


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

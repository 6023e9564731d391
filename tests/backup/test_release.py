"""A workspace of the release before is opened as it is: nothing in it is lost, and its year goes on.

release-0.1.0.zip was written by `westlake demo lake --firms 6 --seed 3` of release 0.1.0; its bills and the
programmes that it did not settle were left out.
"""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from tests.cli.conftest import westlake as run

from westlake import backup
from westlake.database import connect
from westlake.ledger import Books
from westlake.record import Record

BOOKS = "7cd0f6593f5f45ca5d505ded9609ae0e16b3c9f82033741ff921c79a735c02f5"
RECORD = "729242b5193201f3eaa9a5a600ce25286ff8041e15638c54834e54d1ef77f9fc"


@pytest.fixture
def lake(tmp_path):
    with zipfile.ZipFile(Path(__file__).with_name("release-0.1.0.zip")) as archive:
        archive.extractall(tmp_path / "lake")
    return tmp_path / "lake"


def test_books_and_record_are_those_that_were_written(lake):
    verified = json.loads(run(lake, "ledger", "verify", "--json").out)
    assert [verified[room]["head"]["hash"] for room in ("books", "record")] == [BOOKS, RECORD]
    assert [verified[room]["problems"] for room in ("books", "record")] == [[], []]


def test_its_decisions_are_explained_as_they_were_made(lake):
    firms = [row[0] for row in connect(lake / "westlake.db").execute(
        "SELECT firm FROM settlement_payment ORDER BY firm").fetchall()]
    told = json.loads(run(lake, "explain", "cloud_voucher", "--firm", firms[0], "--year", "2025", "--json").out)
    assert told


def test_the_year_that_was_settled_has_nothing_new(lake):
    before = Books(connect(lake / "westlake.db")).head()
    done = run(lake, "settle", "cloud_voucher", "--year", "2025", "--as", "kim", "--day", "2026-03-01")
    assert done.code == 0
    assert Books(connect(lake / "westlake.db")).head() == before


def test_it_moves_to_a_server(lake, server, tmp_path):
    path = tmp_path / "lake.zip"
    run(lake, "backup", str(path))
    where = server.address(server.new())
    backup.restore_backup(path, tmp_path / "again", where)
    connection = connect(where)
    assert (Books(connection).head().hash, Record(connection).head().hash) == (BOOKS, RECORD)
    shutil.rmtree(lake)
    again = run(tmp_path / "again", "settle", "cloud_voucher", "--year", "2025", "--as", "kim", "--day", "2026-03-01")
    assert (again.code, Books(connection).head().hash) == (0, BOOKS)

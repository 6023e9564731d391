"""A backup in the middle of a year: made while others work, brought back whole, and the year ends as it would have."""

import os
import random
import sys

import pytest
from tests.settlement.conftest import line, open_office
from tests.settlement.drill import play, state

from westlake import backup
from westlake.backup.restore import restore_backup
from westlake.database import connect
from westlake.ledger import Books
from westlake.record import Record
from westlake.workspace import Settings, Workspace

from .power import Disk, compiler, read_notes, watch_run

BOOKS = Settings(database="books.db")


class Stopped(Exception):
    """The day on which the machine was lost."""


def played_to(folder, answer, where=None):
    """Play up to the so many-th answer."""
    heard = []

    def told(office):
        heard.append(office)
        if len(heard) == answer:
            raise Stopped
    with pytest.raises(Stopped):
        play(folder, where, told)


def saved(folder, path, where=None):
    connection = connect(where or folder / "books.db")
    contents = backup.write_backup(connection, Workspace(folder, BOOKS), path)
    connection.close()
    return contents


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "moment"), [(2, "decided, not approved"), (3, "between two rounds"), (6, "half of the bills in")])
@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_the_year_ends_as_it_would_have(answer, moment, onto, whole, tmp_path, request):
    lake, again = tmp_path / "lake", tmp_path / "again"
    lake.mkdir()
    played_to(lake, answer)
    saved(lake, tmp_path / "lake.zip")
    where = None
    if onto == "postgresql":
        server = request.getfixturevalue("server")
        where = server.address(server.new())
    restore_backup(tmp_path / "lake.zip", again, where or "books.db")
    play(again, where)
    assert state(again, where) == whole


def test_an_older_backup_lacks_a_head_that_was_made_known_later(database, tmp_path):
    """Whoever brings an older one back is told by the head in the gazette; whoever brings the last one, is not."""
    lake = tmp_path / "lake"
    lake.mkdir()
    office = open_office(database)
    for firm in ("heron", "reed"):
        office.know(firm)
    heads = []
    for number, firm in enumerate(("heron", "reed")):
        office.pay(line(firm, 1000, f"i{number}"), *([line("heron", 1000, "i0")] if number else []))
        heads.append((Books(office.connection).head().hash, Record(office.connection).head().hash))
        saved(lake, tmp_path / f"{number}.zip", database)
    for number, codes in enumerate((["W541", "W617"], [])):
        restore_backup(tmp_path / f"{number}.zip", tmp_path / f"again{number}", "books.db")
        connection = connect(tmp_path / f"again{number}" / "books.db")
        books, record = heads[1]
        assert [problem.code for problem in (*Books(connection).verify([books]), *Record(connection).verify([record]))] == codes


def test_made_while_bills_are_taken_in(tmp_path):
    """What another run is still writing is not taken for charges, and may be gone before it is read."""
    lake = tmp_path / "lake"
    (lake / "charges" / ".intake-a1b2c3d4" / "room").mkdir(parents=True)
    (lake / "charges" / ".intake-a1b2c3d4" / "room" / "charges.parquet").write_bytes(b"PAR1 half")
    (lake / "bills").mkdir()
    for name in ("a.csv", "b.csv"):
        (lake / "bills" / name).write_text(name, "utf-8")
    office = open_office(lake / "books.db")

    def told(name):
        if name == "bills/b.csv":
            (lake / "bills" / "b.csv").unlink()
    contents = backup.write_backup(office.connection, Workspace(lake, BOOKS), tmp_path / "lake.zip", told=told)
    assert [name for name in contents.members if name.startswith("files/")] == ["files/bills/a.csv"]
    assert contents.left_out == {"bills/b.csv": "gone", "books.db": "database", "books.db-shm": "database",
                                 "books.db-wal": "database", "charges/.intake-a1b2c3d4/": "unfinished"}
    restore_backup(tmp_path / "lake.zip", tmp_path / "again", "books.db")


def test_a_restore_that_was_stopped_after_the_server_was_filled(server, tmp_path):
    """The server holds the books and the folder is not there: the same command again brings the folder."""
    lake, again = tmp_path / "lake", tmp_path / "again"
    lake.mkdir()
    office = open_office(lake / "books.db")
    office.know("heron")
    office.pay(line("heron", 1000))
    contents = saved(lake, tmp_path / "lake.zip")
    where = server.address(server.new())
    process = os.fork()
    if process == 0:
        sys.modules["westlake.backup.restore"].place = lambda draft, final: os._exit(137)
        restore_backup(tmp_path / "lake.zip", again, where)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 137
    assert not again.exists()
    assert restore_backup(tmp_path / "lake.zip", again, where) == contents
    assert Books(connect(where)).head() == contents.books
    assert connect(where).columns("restoring") == []


SCRIPT = """
import sys
from pathlib import Path
from tests.faults.test_restore import BOOKS, Workspace, restore_backup, saved
work = Path(sys.argv[1])
saved(work / "lake", work / "there" / "lake.zip")
restore_backup(work / "there" / "lake.zip", work / "there" / "again", "books.db")
(work / "there" / "acknowledged").write_text('{"restored": 1}\\n')
"""


@pytest.mark.slow
def test_backup_and_restore_outlive_a_power_cut(tmp_path):
    """Once the command has answered, file and folder are there, whatever the disk forgets."""
    if compiler() is None:
        pytest.skip("a C compiler is not here: apt install gcc libc6-dev")
    (tmp_path / "lake" / "bills").mkdir(parents=True)
    (tmp_path / "lake" / "bills" / "a.csv").write_text("a bill", "utf-8")
    (tmp_path / "there").mkdir()
    office = open_office(tmp_path / "lake" / "books.db")
    office.know("heron")
    office.pay(line("heron", 1000))
    head = Books(office.connection).head()
    office.connection.close()
    disk = Disk()
    for note in read_notes(watch_run(tmp_path, tmp_path / "there", "-c", SCRIPT, str(tmp_path))):
        disk.take(note)
    assert disk.acknowledged == {"restored": 1}
    for seed in range(6):
        left = tmp_path / f"left{seed}"
        disk.leave(left, random.Random(seed))
        assert backup.read_contents(left / "lake.zip").books == head
        books = Books(connect(left / "again" / "books.db"))
        assert (books.head(), books.verify()) == (head, [])
        assert (left / "again" / "bills" / "a.csv").read_text("utf-8") == "a bill"
        assert Workspace.find(left / "again").settings == BOOKS

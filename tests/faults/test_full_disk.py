"""The disk is full in the middle of anything: a coded error, nothing half done, and on it goes once there is space."""

import os
import random
import resource
import signal

import pytest
from tests.bills.office import FINAL, WRITERS, row
from tests.settlement.conftest import line, open_office

from westlake import bills
from westlake.backup import restore_backup, write_backup
from westlake.database import connect
from westlake.disk import write_whole
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.workspace import Settings, Workspace

from .drills import full_disks


def with_room_for(size, step):
    """Do a step in a process of its own that cannot write beyond so many bytes of a file; what it raised, or ''."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            step()
            said = ""
        except WestlakeError as error:
            said = error.problems[0].code
        except BaseException as error:
            said = type(error).__name__
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(process, 0)
    return said


@pytest.mark.parametrize("ending", list(WRITERS))
def test_a_bill_is_not_refused_for_good_because_there_was_no_room(ending, tmp_path):
    """Its own fault it is not: the same file is taken in once there is room."""
    chance = random.Random(3)
    path = WRITERS[ending](tmp_path / f"july{ending}", [
        row(f"{chance.random():.12f}", ResourceId=f"{chance.random()}") for _ in range(4000)])
    connection = connect(tmp_path / "books.db")
    bills.create(connection)
    connection.close()

    def step():
        return bills.intake(connect(tmp_path / "books.db"), tmp_path / "charges", [path], FINAL, 20000)

    assert with_room_for(60_000, step) == "OSError"
    connection = connect(tmp_path / "books.db")
    assert bills.deliveries(connection) == []
    assert list((tmp_path / "charges").iterdir()) == []
    assert [(one.state, one.rows) for one in step()] == [("taken", 4000)]


@pytest.mark.slow
def test_the_year_stops_whole_wherever_the_disk_is_full(whole, tmp_path):
    assert list(full_disks(whole, (60_000, 400_000, 700_000), tmp_path)) == []


def test_backup_restore_and_pages_are_whole_or_not_there(tmp_path):
    """What was there before stays as it was; once there is room the same step is done."""
    lake = tmp_path / "lake"
    lake.mkdir()
    office = open_office(lake / "books.db")
    office.know("heron")
    office.pay(line("heron", 1000))
    (lake / "note.txt").write_bytes(random.Random(1).randbytes(90_000))
    office.connection.close()
    workspace, path, page = Workspace(lake, Settings(database="books.db")), tmp_path / "lake.zip", tmp_path / "page.html"
    page.write_text("last year", "utf-8")
    steps = {
        "backup": lambda: write_backup(connect(lake / "books.db"), workspace, path),
        "restore": lambda: restore_backup(path, tmp_path / "again", "books.db"),
        "page": lambda: write_whole(page, lambda draft: draft.write_text("x" * 90_000, "utf-8"))}
    for name, step in steps.items():
        before = {found: found.is_file() and found.read_bytes() for found in tmp_path.rglob("*")}
        assert with_room_for(50_000, step) in ("OSError", "OperationalError"), name
        assert {found: found.is_file() and found.read_bytes() for found in tmp_path.rglob("*")
                if found.parent != lake} == {found: held for found, held in before.items() if found.parent != lake}
        step()
    assert Books(connect(tmp_path / "again" / "books.db")).verify() == []
    assert page.read_text("utf-8") == "x" * 90_000


def test_the_command_line_says_so_and_how_to_go_on(tmp_path):
    """`westlake ledger verify` and `westlake ledger open` where nothing can be written: no traceback."""
    import subprocess
    import sys
    (tmp_path / "westlake.toml").write_text('database = "books.db"\n', "utf-8")
    office = open_office(tmp_path / "books.db")
    office.connection.close()
    said = subprocess.run(
        [sys.executable, "-m", "westlake.cli", "ledger", "open", "2031", "--as", "kim"], cwd=tmp_path,
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))))
    assert (said.returncode, "Traceback" in said.stderr) == (2, False)
    assert said.stderr.startswith("W717 the database could not go on: disk I/O error")

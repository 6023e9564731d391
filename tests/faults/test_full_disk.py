"""The disk is full in the middle of anything: a coded error, nothing half done, and on it goes once there is space."""

import os
import random
import resource
import signal

import pytest
from tests.bills.office import FINAL, WRITERS, row

from westlake import bills
from westlake.database import connect
from westlake.errors import WestlakeError

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
    assert list(full_disks(whole, (2_000, 60_000, 400_000, 600_000, 900_000), tmp_path)) == []

"""The power may go at any named place: nothing is half done, and playing on never pays twice."""

import multiprocessing
import os
import re
from pathlib import Path

import pytest

import westlake
from westlake.ledger import Books
from westlake.record import Record

from .conftest import open_office
from .drill import play, state

SOURCES = Path(westlake.__file__).parent
PLACES = sorted({name for path in SOURCES.rglob("*.py")
                 for name in re.findall(r'failpoint\("([a-z_.]+)"\)', path.read_text("utf-8"))
                 if not name.startswith("desk.")})  # this year has no desk: tests/desk cuts it there
CUT = 137


def played_apart(folder, place=""):
    """Play in a process of its own, which a failpoint may end; its exit code."""
    def run():
        os.environ["WESTLAKE_FAILPOINT"] = place
        play(folder)
        os._exit(0)
    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()
    return process.exitcode


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """How the year ends when nothing goes wrong; played here, so that the processes to come start warm."""
    folder = tmp_path_factory.mktemp("whole")
    play(folder)
    return state(folder)


def test_there_are_at_least_25_places():
    assert len(PLACES) >= 25


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_after_a_cut_the_books_verify_and_the_year_ends_the_same(place, whole, tmp_path):
    assert played_apart(tmp_path, place) == CUT
    office = open_office(tmp_path / "books.db")
    assert Books(office.connection).verify() == []
    assert Record(office.connection).verify() == []
    office.connection.close()
    assert played_apart(tmp_path) == 0
    assert state(tmp_path) == whole

"""The power goes, or the program is killed, at any moment: nothing that was answered is lost, nothing is paid twice."""

import random

import pytest
from tests import postgresql

from .drills import kills, power_cuts, server_kills
from .power import compiler, read_notes, watch_run


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    """All that an undisturbed year asked of the disk."""
    if compiler() is None:
        pytest.skip("a C compiler is not here: apt install gcc libc6-dev")
    work = tmp_path_factory.mktemp("power")
    (work / "lake").mkdir()
    return read_notes(watch_run(work, work / "lake", "-m", "tests.faults.year", str(work / "lake")))


@pytest.mark.slow
def test_a_disk_that_forgets_what_was_not_synced(notes, whole, tmp_path):
    assert list(power_cuts(notes, whole, 12, random.Random(11), tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_kills_at_random_moments(database, whole, tmp_path, request):
    server = None if str(database).endswith(".db") else request.getfixturevalue("server")
    assert list(kills(whole, 6, random.Random(5), tmp_path, server and (lambda: server.address(server.new())))) == []


@pytest.mark.slow
def test_the_server_is_killed_and_comes_back(whole, tmp_path):
    """On a server of its own: other tests' servers are left alone."""
    if postgresql.programs() is None:
        pytest.skip(postgresql.MISSING)
    with postgresql.running() as server:
        assert list(server_kills(whole, 3, random.Random(8), tmp_path, server)) == []

"""The power goes at any moment, and the disk forgets what was not synced: nothing that was answered is lost."""

import json
import random
import shutil

import pytest
from tests.settlement.drill import play, state

from .power import Disk, compiler, moments, read_notes, watch_run
from .year import broken_promises

CRASHES = 12


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A year that nothing disturbed: how it ended, and all that it asked of the disk."""
    if compiler() is None:
        pytest.skip("a C compiler is not here: apt install gcc libc6-dev")
    work = tmp_path_factory.mktemp("power")
    (work / "lake").mkdir()
    notes = read_notes(watch_run(work, work / "lake", "-m", "tests.faults.year", str(work / "lake")))
    return state(work / "lake"), notes


@pytest.mark.slow
def test_after_the_power_went_all_that_was_answered_is_there_and_the_year_ends_the_same(watched, tmp_path):
    whole, notes = watched
    chance = random.Random(11)
    disk, taken = Disk(), 0
    for moment in moments(notes, CRASHES, chance):
        for note in notes[taken:moment]:
            disk.take(note)
        taken = moment
        lake = tmp_path / "lake"
        disk.leave(lake, chance)
        assert broken_promises(lake, disk.acknowledged) == [], f"note {moment}: {json.dumps(disk.acknowledged)}"
        play(lake)
        assert state(lake) == whole
        shutil.rmtree(lake)

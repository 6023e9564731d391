"""How the drill's year ends when nothing disturbs it."""

import pytest
from tests.settlement.drill import play, state


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    play(folder)
    return state(folder)

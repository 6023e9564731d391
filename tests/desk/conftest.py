"""A counter of its own for each test of the desk."""

import pytest
from tests.desk.counter import Counter


@pytest.fixture
def counter(tmp_path):
    """A desk of Lakeside in a file."""
    made = Counter(tmp_path / "westlake.db")
    yield made
    made.close()

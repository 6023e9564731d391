"""A counter of its own for each test of the desk."""

import pytest
from tests.desk.counter import Counter
from tests.desk.money_counter import Till
from tests.desk.review_counter import ReviewCounter


@pytest.fixture
def counter(tmp_path):
    """A desk of Lakeside in a file."""
    made = Counter(tmp_path / "westlake.db")
    yield made
    made.close()


@pytest.fixture
def review_counter(tmp_path):
    """The same with a panel."""
    made = ReviewCounter(tmp_path)
    yield made
    made.close()


@pytest.fixture
def till(database, tmp_path):
    """The same with money, on either engine; its books and its record are sound in the end."""
    made = Till(database, tmp_path)
    yield made
    assert made.sound()
    made.close()

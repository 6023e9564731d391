"""The bills office of Lakeside, fresh for every test."""

import pytest
from tests.bills.office import Office


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)

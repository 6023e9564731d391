"""A fact entered by hand beside the tables: the record holds its row, so that one put in behind it shows."""

import pytest

from westlake.database import connect
from westlake.dates import parse_day
from westlake.record import Record
from westlake.register import Register
from westlake.register.entered import check_entered, enter_by_hand
from westlake.rooms import create_all

DAY = parse_day("2026-01-05")


@pytest.fixture
def connection(database):
    opened = connect(database)
    create_all(opened)
    enter_by_hand(opened, Record(opened), "person:7", "heron", "name", "Heron Ltd", DAY, DAY + 900, "declared", "applicant",
                  DAY)
    yield opened
    opened.close()


def codes(connection):
    return [(problem.code, problem.values["rows"]) for problem in check_entered(connection)]


def test_what_was_entered_is_known_and_sealed(connection):
    assert Register(connection).of(["heron"], DAY)["heron"]["name"].value == "Heron Ltd"
    assert codes(connection) == []


def test_what_came_by_no_act_is_found(connection):
    Register(connection).enter("heron", "resident", "1", DAY, DAY + 900, "verified", "registry", DAY)
    assert codes(connection) == [("W214", 1)]

"""What the database itself refuses of the record, on a file and on a server, and what it lets through beside it."""

import itertools

import pytest
from tests.guarded import dump, may_be_left_out, refused

from westlake.database import Refused, connect
from westlake.record import Record
from westlake.record.record import SCHEMA

H = "0" * 64


def act(number=2, at="at", actor="actor", kind="act", subject="subject", previous="hash", hash_="hash"):
    return (f"INSERT INTO act SELECT {number}, {at}, day, {actor}, {kind}, {subject}, version, details, personal,"
            f" {previous}, {hash_} FROM act WHERE id = 1")


REFUSED = {
    "act is append-only": ("UPDATE act SET actor = 'x'", "DELETE FROM act"),
    "the act does not follow the last one": (
        act(3), act(previous="previous"), act(previous=f"'{'f' * 64}'"), act(at="at - 1")),
    "the act is sealed": (
        "INSERT INTO act_personal VALUES (1, 'age', 's', '35')", "INSERT INTO act_personal VALUES (3, 'age', 's', '35')"),
    "personal data is erased, never changed": ("UPDATE act_personal SET value = '1'", "UPDATE act_personal SET salt = 's'"),
    "": (act(actor="''"), act(kind="''"), act(subject="''"), act(hash_="'ab'"), act(hash_=f"'{H}0'"))}
ACCEPTED = (act(), act(at="at + 1"), act(actor="'lee'"), "DELETE FROM act_personal WHERE name = 'born'",
            "INSERT INTO act_personal VALUES (2, 'name', 's', '35')")


@pytest.fixture
def connection(database):
    ticks = itertools.count(1_750_000_000_000_000, 1_000_000)
    record = Record.create(connect(database), lambda: next(ticks))
    record.add("kim", "case.opened", "case:1", personal={"name": "Ada Willow", "born": 1990})
    return record.connection


@pytest.mark.parametrize("said", REFUSED)
def test_refused(connection, said):
    """In the guard's own words; where it is a rule of a column, in the engine's."""
    words = [refused(connection, SCHEMA, statement) for statement in REFUSED[said]]
    assert words == [said] * len(words) or not said
    if connection.engine == "postgresql" and said.startswith(("act is", "personal")):
        table = "act" if said.startswith("act") else "act_personal"
        assert refused(connection, SCHEMA, f"TRUNCATE {table} CASCADE").endswith(("append-only", "never changed"))


def test_a_personal_value_is_written_once(connection):
    connection.begin()
    connection.execute("INSERT INTO act_personal VALUES (2, 'name', 's', '35')")
    refused(connection, SCHEMA, "INSERT INTO act_personal VALUES (2, 'name', 's', '36')")
    connection.execute(act())
    connection.commit()


def test_a_personal_value_without_its_act_cannot_be_committed(connection):
    connection.begin()
    connection.execute("INSERT INTO act_personal VALUES (2, 'name', 's', '35')")
    with pytest.raises(Refused, match=r"(?i)foreign key"):
        connection.commit()


def test_what_breaks_no_rule_is_taken(connection):
    for statement in ACCEPTED:
        before = dump(connection, SCHEMA)
        connection.begin()
        connection.execute(statement)
        assert dump(connection, SCHEMA) != before
        connection.execute("ROLLBACK")


def test_nothing_of_an_act_may_be_left_out(connection):
    assert may_be_left_out(connection, SCHEMA) == set()

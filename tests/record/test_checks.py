"""What was changed behind the record is found, and the first bad act is named."""


import pytest

from westlake.database import connect
from westlake.digest import GENESIS, canonical, link
from westlake.record import Record
from westlake.record.checks import CHECKS


@pytest.fixture
def record(tmp_path):
    """1 opens a case with two personal values, 2 pays, 3 opens another, 4 erases the second's name."""
    record = Record.create(connect(tmp_path / "westlake.db"))
    record.add("kim", "opened", "case:1", {"firm": "reed"}, personal={"name": "Ada Willow", "born": 1990})
    record.add("lee", "paid", "case:1", {"amount": 500})
    record.add("kim", "opened", "case:2", personal={"name": "Ben Aspen"})
    record.erase("lee", "case:2", "asked")
    assert record.verify() == []
    return record


def behind(connection, *statements):
    """The guards away while somebody writes, and back in their place as if nothing had been."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA foreign_keys=OFF")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for _, sql in triggers:
        connection.execute(sql)


def found(record, *published):
    return [(problem.code, problem.place.row, problem.place.field) for problem in record.verify(published)]


BEHIND = {
    "an actor": (["UPDATE act SET actor = 'x' WHERE id = 2"], [("W613", 2, "hash")]),
    "a detail": (["UPDATE act SET details = '{\"amount\":501}' WHERE id = 2"], [("W613", 2, "hash")]),
    "a version": (["UPDATE act SET version = 'v9' WHERE id = 3"], [("W613", 3, "hash")]),
    "a link": ([f"UPDATE act SET previous = '{GENESIS}' WHERE id = 3"], [("W613", 3, "previous")]),
    "a time": (["UPDATE act SET at = 1 WHERE id = 2"], [("W613", 2, "hash"), ("W614", 2, "at")]),
    "an act taken out": (["DELETE FROM act WHERE id = 2"], [("W613", 2, "number")]),
    "an act with personal data taken out": (
        ["DELETE FROM act WHERE id = 1"], [("W612", 0, ""), ("W613", 1, "number")]),
    "a personal value": (["UPDATE act_personal SET value = '\"Cy\"' WHERE name = 'name'"], [("W616", 1, "name")]),
    "a salt": (["UPDATE act_personal SET salt = 'x' WHERE name = 'born'"], [("W616", 1, "born")]),
    "a personal value more": (["INSERT INTO act_personal VALUES (1, 'age', 's', '35')"], [("W616", 1, "age")]),
    "a personal value more, of an act with none": (
        ["INSERT INTO act_personal VALUES (2, 'age', 's', '35')"], [("W616", 2, "age")]),
    "a personal value deleted in silence": (["DELETE FROM act_personal WHERE name = 'born'"], [("W615", 1, "born")]),
    "an erased value put back, another": (
        ["INSERT INTO act_personal VALUES (3, 'name', 's', '\"Cy\"')"], [("W616", 3, "name")]),
    "a detail said twice": (["UPDATE act SET details = '{\"amount\":5,\"amount\":500}' WHERE id = 2"],
                            [("W613", 2, "hash")]),
    "digests that are no JSON": (["UPDATE act SET personal = '[' WHERE id = 1"],
                                 [("W613", 1, "hash"), ("W616", 1, "born")]),
    "details that are no JSON": (["UPDATE act SET details = '{' WHERE id = 2"], [("W613", 2, "hash")]),
}


@pytest.mark.parametrize("name", BEHIND)
def test_found(record, name):
    statements, expected = BEHIND[name]
    behind(record.connection, *statements)
    assert found(record) == expected


def test_a_guard_gone_is_named(record):
    record.connection.execute("DROP TRIGGER act_no_update")
    (problem,) = record.verify()
    assert (problem.code, problem.values["name"]) == ("W611", "act_no_update")


def test_no_record_is_told(tmp_path):
    empty = Record(connect(tmp_path / "empty.db"))
    assert {code for code, _, _ in found(empty)} == {"W611", "W612"}


def test_a_record_written_anew_is_told_by_a_head_kept_outside(tmp_path):
    record = Record.create(connect(tmp_path / "westlake.db"))
    act = record.add("kim", "opened", "case:1")
    forged = link(GENESIS, canonical([1, act.at, act.day, "lee", "opened", "case:1", "", "{}", "{}"]))
    behind(record.connection, "UPDATE act SET actor = 'lee'", f"UPDATE act SET hash = '{forged}'")
    assert found(record) == []
    assert found(record, act.hash) == [("W617", 0, "")]


def test_each_check_says_in_turn_what_it_guards():
    numbers = [int(check.__doc__.split(".")[0]) for check in CHECKS]
    assert numbers == list(range(2, 2 + len(CHECKS)))

"""What the database itself refuses of a settlement, whoever writes: plain SQL on the connection, on a file and a server."""

import pytest
from tests.guarded import dump, may_be_left_out, refused

from westlake import settlement
from westlake.database import connect, transaction
from westlake.settlement.rounds import SCHEMA


def step(round_, step, person="lee"):
    return f"INSERT INTO settlement_step VALUES ({round_}, '{step}', '{person.title()}', '{person}', 20100, '')"


def case(firm, entitlement, allotted, outcome="allotted", round_=2):
    return f"INSERT INTO settlement_case VALUES ({round_}, '{firm}', {entitlement}, {allotted}, 9, '', NULL, '{outcome}')"


def payment(round_, firm, journal, verb="INSERT"):
    return f"{verb} INTO settlement_payment VALUES ({round_}, '{firm}', {journal}, 500, 20101)"


def returned(round_, firm, journal, verb="INSERT"):
    return f"{verb} INTO settlement_return VALUES ({round_}, '{firm}', {journal}, 'moved', 20101)"


def line(round_, name, firm="reed"):
    return f"INSERT INTO settlement_line VALUES ({round_}, '{firm}', '{name}', 1, 20000, '{{}}', '', 1, 1, 1, 1, '')"


def round_(number, year, nth, digest="v1", verb="INSERT"):
    return (f"{verb} INTO settlement_round VALUES ({number}, 'voucher', {year}, {nth}, 20100, 'official', '{digest}', 'd',"
            " 'queue', '', 'CNY', 1000, 1000, '{}')")


# Round 1 is approved: Reed is paid, Heron was sent back. Round 2 waits. 3 has no steps yet, 4 was withdrawn.
SO_FAR = ("INSERT INTO programme_version VALUES ('v1', 'voucher', 'official', '{}')",
          "INSERT INTO settlement_budget VALUES ('voucher', 2025, 'CNY', 'v1')",
          *(round_(number, 2025, number) for number in (1, 2, 3, 4)),
          step(1, "decided", "kim"), step(1, "approved"), step(2, "decided", "kim"),
          step(4, "decided", "kim"), step(4, "withdrawn"),
          case("reed", 500, 500, round_=1), case("heron", 500, 300, "cut", 1),
          case("reed", 700, 700), case("lotus", -100, -100, "recovery"), case("reed", 9, 9, round_=4),
          payment(1, "reed", 11), returned(1, "heron", 12), line(1, "bill-1"))
REFUSED = {
    "two persons": {"who decided approves": step(2, "approved", "kim")},
    "order of steps": {
        "approved before it is decided": step(3, "approved"), "withdrawn before it is decided": step(3, "withdrawn"),
        "withdrawn once approved": step(1, "withdrawn"), "approved once withdrawn": step(4, "approved", "pat")},
    "returned": {"paid after it was sent back": payment(1, "heron", 13)},
    "paid": {"sent back after it was paid": returned(1, "reed", 13)},
    "the rules of a case": {
        "an unknown outcome": case("heron", 5, 5, "perhaps"), "more than it is worth": case("heron", 500, 501),
        "a fen for a negative one": case("heron", -5, 1, "cut"), "a recovery cut": case("heron", -5, -4, "recovery"),
        "a step of an unknown name": step(2, "posted"), "a step of nobody": step(2, "approved", "")},
    "one of each": {
        "the same step": step(2, "decided", "pat"), "the same case": case("reed", 1, 1), "the same line": line(1, "bill-1"),
        "the same version": SO_FAR[0], "the same round": round_(1, 2026, 1), "the same turn of a year": round_(9, 2025, 1),
        "a case paid twice": payment(1, "reed", 13), "a journal that pays two": payment(2, "reed", 11),
        "a case sent back twice": returned(1, "heron", 13), "a journal that releases two": returned(2, "reed", 12)},
    "of something that is there": {
        "a round of an unknown version": round_(9, 2026, 1, "v2"), "a step of no round": step(9, "decided"),
        "a case of no round": case("reed", 1, 1, round_=9), "a payment of no case": payment(2, "heron", 13),
        "a payment in another round": payment(3, "reed", 13), "a return of no case": returned(2, "heron", 13),
        "a line of no case": line(2, "bill-2", "heron")},
}
REPLACED = {  # in a file an INSERT OR REPLACE would take away whatever stands in its way
    "a payment, by its journal": payment(2, "reed", 11, "INSERT OR REPLACE"),
    "a return, by its journal": returned(2, "reed", 12, "INSERT OR REPLACE"),
    "a round, by its turn": round_(9, 2025, 3, verb="INSERT OR REPLACE"),
} | {f"a row of {table}": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1" for table in SCHEMA.tables}
ACCEPTED = {
    "another person approves": step(2, "approved"), "who decided withdraws": step(2, "withdrawn", "kim"),
    "a first step": step(3, "decided"),
    "as much as it is worth": case("heron", 500, 500), "a negative one gets nothing": case("heron", -5, 0, "unchanged"),
    "a recovery whole": case("heron", -5, -5, "recovery"), "a round is another's turn": round_(9, 2025, 5),
    "another year's first round": round_(9, 2026, 1), "another version": SO_FAR[0].replace("v1", "v2"),
    "paid": payment(2, "reed", 13), "another firm paid": payment(2, "lotus", 13),
    "sent back": returned(2, "reed", 13), "sent back with nothing held": returned(2, "lotus", "NULL"),
    "the line once more, in a later round": line(2, "bill-1"), "another line": line(1, "bill-2"),
    "the same firm in a later round": case("reed", 1, 1, round_=3),
    **{outcome: case("heron", 5, 0, outcome) for outcome in ("cut", "unfunded", "refused", "unchanged")},
}


@pytest.fixture
def connection(database):
    connection = connect(database)
    settlement.create(connection)
    with transaction(connection):
        for statement in SO_FAR:
            connection.execute(statement)
    return connection


@pytest.mark.parametrize("said", REFUSED)
def test_refused(connection, said):
    """In the guard's own words where it has some; in the engine's where a key or a check says it."""
    words = {name: refused(connection, SCHEMA, statement) for name, statement in REFUSED[said].items()}
    if f"'{said}'" in SCHEMA.script(connection.engine):
        assert words == dict.fromkeys(words, said)


def test_nothing_written_is_changed_or_taken_away(connection):
    for table in SCHEMA.tables:
        column = connection.columns(table)[-1]
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            assert refused(connection, SCHEMA, statement) == f"{table} is append-only"
        if connection.engine == "postgresql":
            assert refused(connection, SCHEMA, f"TRUNCATE {table} CASCADE").endswith("append-only")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("switch", [0, 1])
def test_nothing_is_replaced(connection, switch):
    for name in ("recursive_triggers", "foreign_keys"):
        connection.execute(f"PRAGMA {name}={switch}")
    words = {name: refused(connection, SCHEMA, statement) for name, statement in REPLACED.items()}
    assert words == {name: f"{statement.split()[4]} is append-only" for name, statement in REPLACED.items()}


def test_what_breaks_no_rule_is_taken(connection):
    for name, statement in ACCEPTED.items():
        before = dump(connection, SCHEMA)
        connection.begin()
        connection.execute(statement)
        assert sum(map(len, dump(connection, SCHEMA).values())) == sum(map(len, before.values())) + 1, name
        connection.execute("ROLLBACK")


def test_what_counts_is_what_was_neither_sent_back_nor_withdrawn(connection):
    standing = connection.execute("SELECT round, firm, allotted FROM settlement_standing ORDER BY 1, 2").fetchall()
    assert [tuple(row) for row in standing] == [(1, "reed", 500), (2, "lotus", -100), (2, "reed", 700)]


OPTIONAL = {("settlement_case", "score"), ("settlement_return", "journal")}
def test_only_a_score_and_a_released_journal_may_be_left_out(connection):
    assert may_be_left_out(connection, SCHEMA) == OPTIONAL

"""What the database itself refuses, whoever writes: plain SQL on the connection, whatever its switches."""

import re

import pytest
from tests.guarded import may_be_left_out, refused

from westlake.database import Refused, transaction
from westlake.dates import Period
from westlake.ledger import Journal, Transfer
from westlake.ledger.books import APPEND_ONLY, SCHEMA

DAY = Period.year(2025).first + 40
H = "0" * 64
# ids of the accounts of conftest, in their order
TREASURY, CLOUD, REED, HERON, RECEIVABLE, DOLLARS = 1, 2, 4, 5, 7, 8


def transfer(debit=CLOUD, credit=REED, amount=5, phase="post", journal=3, seq=1, verb="INSERT"):
    return (f"{verb} INTO transfer VALUES ({journal}, {seq}, {debit}, {credit}, {amount}, '{phase}')",)


def journal(number=3, idem="k", day=DAY, at="9e15", reverses="NULL", relates_to="NULL", previous="",
            verb="INSERT", first=None):
    previous = f"'{previous}'" if previous else "(SELECT hash FROM journal ORDER BY id DESC LIMIT 1)"
    return (*(transfer(journal=number) if first is None else first),
            f"{verb} INTO journal SELECT {number}, '{idem}', {day}, CAST({at} AS INTEGER), 'x', '', {reverses},"
            f" {relates_to}, '{H}', {previous}, '{H}'")


# what the database says → how it was tried
REFUSED = {
    "overdraft": {
        "more than there is": transfer(amount=40_001),
        "what is held": transfer(amount=40_000) + transfer(amount=1, seq=2),
        "by a hold": transfer(amount=40_001, phase="hold"),
        "passed over in silence": transfer(amount=40_001, verb="INSERT OR IGNORE"),
        "half done": transfer(amount=40_001, verb="INSERT OR FAIL"),
        "by replacing": transfer(amount=40_001, verb="INSERT OR REPLACE"),
        "of a debit account": transfer(debit=CLOUD, credit=RECEIVABLE),
        "of a balance itself": ("UPDATE balance SET credits = credits - 50000 WHERE account = 2",)},
    "release beyond hold": {
        "more than is held": transfer(amount=60_001, phase="release"),
        "to another firm": transfer(credit=HERON, amount=1, phase="release")},
    "CHECK constraint failed: amount_in_range": {
        "negative": transfer(amount=-5), "nothing": transfer(amount=0),
        "beyond the cap": transfer(debit=TREASURY, amount=10**15 + 1)},
    "cannot store REAL value in INTEGER column transfer.amount": {
        "beyond 64 bits": transfer(debit=TREASURY, amount=2**63), "half a fen": transfer(amount=5.5)},
    "cannot store TEXT value in INTEGER column transfer.amount": {"in words": transfer(amount="'five'")},
    "CHECK constraint failed: phase_known": {"an unknown phase": transfer(phase="pots")},
    "CHECK constraint failed: two_accounts": {"one account on both sides": transfer(debit=CLOUD, credit=CLOUD)},
    "CHECK constraint failed: rule_known": {"an unknown rule": ("INSERT INTO account VALUES (9, 'b', 'CNY', 'any')",)},
    "the currencies differ": {
        "yuan and dollars": transfer(credit=DOLLARS), "an unknown account": transfer(credit=99),
        "two unknown accounts": transfer(debit=98, credit=99)},
    "the journal is sealed": {
        "a transfer more": transfer(journal=2, seq=2), "a transfer of a journal to come": transfer(journal=4),
        "a transfer out of its turn": transfer(seq=2)},
    "the journal has no transfers": {"none": journal(first=()), "none, with a gap": journal(number=4, first=())},
    "the journal does not follow the last one": {
        "another chain": journal(previous="f" * 64), "a clock that ran back": journal(at="1")},
    "no open period on this day": {"the year before": journal(day=DAY - 365)},
    "CHECK constraint failed: reverses < id AND relates_to < id": {
        "a reversal of itself": journal(reverses=3), "relating to what comes later": journal(relates_to=3)},
    "transfer is append-only": {
        "replace": transfer(journal=2, verb="INSERT OR REPLACE"),
        "upsert": ("INSERT INTO transfer VALUES (2, 1, 2, 4, 5, 'post')"
                   " ON CONFLICT (journal, seq) DO UPDATE SET amount = 5",),
        "update": ("UPDATE transfer SET amount = 1",),
        "update or ignore": ("UPDATE OR IGNORE transfer SET amount = 1",),
        "delete": ("DELETE FROM transfer WHERE journal = 2",), "truncate": ("DELETE FROM transfer",)},
    "journal is append-only": {
        "a known key": journal(idem="appropriation"),
        "a known key, replaced": journal(idem="appropriation", verb="INSERT OR REPLACE"),
        "a known number, replaced": journal(number=2, verb="INSERT OR REPLACE", first=()),
        "a second reversal": (*journal(reverses=1), *journal(number=4, idem="k2", reverses=1)),
        "a second reversal, replaced": (*journal(reverses=1),
                                        *journal(number=4, idem="k2", reverses=1, verb="INSERT OR REPLACE")),
        "upsert": ("INSERT INTO journal SELECT * FROM journal WHERE id = 1"
                   " ON CONFLICT (id) DO UPDATE SET memo = 'x'",),
        "update": ("UPDATE journal SET memo = 'x'",), "delete": ("DELETE FROM journal WHERE id = 2",)},
    "account is append-only": {
        "replaced by number": ("INSERT OR REPLACE INTO account VALUES (2, 'b', 'CNY', 'free')",),
        "replaced by code": ("INSERT OR REPLACE INTO account VALUES (9, 'budget:cloud', 'CNY', 'free')",),
        "update": ("UPDATE account SET rule = 'free' WHERE id = 2",), "delete": ("DELETE FROM account WHERE id = 3",)},
    "a balance stays with its account": {
        "another rule": ("UPDATE balance SET rule = 'free' WHERE account = 2",),
        "another account": ("UPDATE OR REPLACE balance SET account = 3 WHERE account = 2",),
        "delete": ("DELETE FROM balance WHERE account = 2",),
        "replace": ("INSERT OR REPLACE INTO balance VALUES (2, 'credit', 0, 9, 0, 0)",)},
    "periods overlap": {
        "over another": (f"INSERT INTO period VALUES (9, {DAY}, {DAY})",),
        "on its first day": (f"INSERT INTO period VALUES (9, 1, {Period.year(2025).first})",),
        "on its last day": (f"INSERT INTO period VALUES (9, {Period.year(2026).last}, {Period.year(2027).last})",)},
    "CHECK constraint failed: length(hash) = 64": {
        "a short hash": (*transfer(), journal()[-1].removesuffix(f"'{H}'") + "'ab'",)},
    "CHECK constraint failed: first_day <= last_day": {"backwards": ("INSERT INTO period VALUES (9, 40000, 39999)",)},
    "period is append-only": {
        "replace": ("INSERT OR REPLACE INTO period VALUES (1, 40000, 40001)",),
        "update": ("UPDATE period SET last_day = last_day - 1",), "delete": ("DELETE FROM period",)},
    "an earlier period is still open": {"the later first": (f"INSERT INTO closing VALUES (2, 1, 2, '{H}', 3, '{H}')",)},
    "the anchor is not in the chain": {
        "another head": (f"INSERT INTO anchor VALUES (1, {DAY}, 1, 2, '{H}', 'gazette')",)},
}
REFUSED_ONCE_CLOSED = {
    "no open period on this day": {"a closed period": journal()},
    "a closed period lies after this one": {"before it": ("INSERT INTO period VALUES (9, 1, 2)",)},
    "the period is closed": {"one more balance": ("INSERT INTO closing_balance VALUES (1, 9, 0, 0, 0, 0)",)},
    "closing is append-only": {
        "replace": (f"INSERT OR REPLACE INTO closing VALUES (1, 1, 2, '{H}', 3, '{H}')",),
        "update": (f"UPDATE closing SET hash = '{H}'",), "delete": ("DELETE FROM closing",)},
    "closing_balance is append-only": {
        "replace": ("INSERT OR REPLACE INTO closing_balance VALUES (1, 2, 0, 0, 0, 0)",),
        "update": ("UPDATE closing_balance SET credits = 1",), "delete": ("DELETE FROM closing_balance",)},
    "anchor is append-only": {
        "replace": (f"INSERT OR REPLACE INTO anchor SELECT 1, {DAY}, 1, 1, hash, 'x' FROM journal WHERE id = 1",),
        "update": ("UPDATE anchor SET place = 'x'",), "delete": ("DELETE FROM anchor",)},
}
ACCEPTED = {
    "a hold released and paid": journal(first=transfer(amount=60_000, phase="release")
                                        + transfer(amount=60_000, seq=2)),
    "all that is left": journal(first=transfer(amount=40_000)),
    "the largest amount": journal(first=transfer(debit=TREASURY, amount=10**15)),
    "a reversal": journal(reverses=1),
    "a day in another open period": journal(day=DAY + 365),
    "one more account": ("INSERT INTO account VALUES (9, 'b', 'CNY', 'free')",),
}


@pytest.fixture
def connection(books):
    """Journal 2 holds 600.00 of the cloud budget's 1,000.00 for Reed."""
    books.post(Journal("hold", DAY, "hold", "", [Transfer("budget:cloud", "payable:reed", 60_000, "hold")]))
    return books.connection


@pytest.fixture
def closed(books, connection):
    books.close_period(Period.year(2025).first, Period.year(2025).last)
    books.anchor(DAY, "gazette")
    return connection


def on_server(statement):
    """The same attempt in a server's words: it knows no INSERT OR …, and has a statement of its own to empty a table."""
    if statement == "DELETE FROM transfer":
        return "TRUNCATE transfer"
    plain = re.sub(r"^(INSERT|UPDATE) OR \w+", r"\1", statement)
    return plain.replace("AS INTEGER", "AS BIGINT")


def refuse(connection, statements, said, switches=()):
    """The last statement is refused, and what was written before it in the transaction is all that is there."""
    for name, value in switches:
        connection.execute(f"PRAGMA {name}={value}")
    connection.begin()
    for statement in statements[:-1]:
        connection.execute(statement)
    words = refused(connection, SCHEMA, statements[-1])
    connection.execute("ROLLBACK")
    return words


def cases(table):
    return [pytest.param(said, statements, id=f"{said}: {name}")
            for said, named in table.items() for name, statements in named.items()]


IN_A_FILE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_A_SERVER = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
SWITCHES = [(("recursive_triggers", trigger), ("foreign_keys", keys)) for trigger in (1, 0) for keys in (1, 0)]


@IN_A_FILE
@pytest.mark.parametrize("switches", SWITCHES, ids=str)
@pytest.mark.parametrize(("said", "statements"), cases(REFUSED))
def test_refused(connection, said, statements, switches):
    assert refuse(connection, statements, said, switches) == said


@IN_A_FILE
@pytest.mark.parametrize("switches", SWITCHES, ids=str)
@pytest.mark.parametrize(("said", "statements"), cases(REFUSED_ONCE_CLOSED))
def test_refused_once_closed(closed, said, statements, switches):
    assert refuse(closed, statements, said, switches) == said


@ON_A_SERVER
def test_refused_by_the_server(connection):
    """All of the list in the books' own words; where a server has none for a way of writing, by its keys."""
    assert other_words(connection, REFUSED) == ROUNDED


@ON_A_SERVER
def test_refused_by_the_server_once_closed(closed):
    assert other_words(closed, REFUSED_ONCE_CLOSED) == {}


# A server rounds a number to the column's kind before any rule can see it: half a fen is stored as whole ones.
ROUNDED = {"half a fen": "accepted"}


def other_words(connection, table):
    """name → what the server said, of each attempt that it did not refuse in the words of the list."""
    found = {}
    for said, named in table.items():
        for name, statements in named.items():
            spoken = [on_server(statement) for statement in statements]
            try:
                words = refuse(connection, spoken, said)
            except pytest.fail.Exception:
                connection.execute("ROLLBACK")
                words = "accepted"
            by_its_key = words.startswith("duplicate key") and said.endswith("append-only")
            # INSERT OR … and an upsert meet an earlier rule here
            other_way = words != "accepted" and (spoken != list(statements) or "ON CONFLICT" in spoken[-1])
            by_its_kind = said.startswith("cannot store") and "bigint" in words
            if not (words.endswith(said.removeprefix("CHECK constraint failed: ")) or by_its_key or other_way or by_its_kind):
                found[name] = words
    return found


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(connection, name):
    """The same ways of writing get through where no rule is broken."""
    for statement in ("BEGIN", *ACCEPTED[name], "COMMIT"):
        connection.execute(on_server(statement) if connection.engine == "postgresql" else statement)


def test_a_transfer_without_its_journal_cannot_be_committed(connection):
    connection.execute("BEGIN")
    connection.execute(*transfer())
    with pytest.raises(Refused, match=r"(?i)foreign key"):
        connection.execute("COMMIT")


DANGLING = {
    "a closing of no period": (f"INSERT INTO closing VALUES (99, 1, 2, '{H}', 3, '{H}')",),
    "a balance of no account": ("INSERT INTO closing_balance VALUES (2, 99, 0, 0, 0, 0)",
                                f"INSERT INTO closing VALUES (2, 1, 2, '{H}', 3, '{H}')"),
    "a balance beside its account": ("INSERT INTO balance VALUES (99, 'free', 0, 0, 0, 0)",),
    "a reversal of nothing": journal(reverses=0, day=DAY + 365), "relating to nothing": journal(relates_to=0, day=DAY + 365),
    "a balance of no closing": ("INSERT INTO closing_balance VALUES (2, 2, 0, 0, 0, 0)",)}


@pytest.mark.parametrize("name", DANGLING)
def test_what_speaks_of_something_that_is_not_there_cannot_be_committed(closed, name):
    with pytest.raises(Refused, match=r"(?i)foreign key"), transaction(closed):
        for statement in DANGLING[name]:
            closed.execute(on_server(statement) if closed.engine == "postgresql" else statement)


def test_no_sum_falls_below_nothing(connection):
    """Not even on an account without a bound, and not by whoever may write to balances."""
    for column in ("debits", "credits", "held_debits", "held_credits"):
        refuse(connection, (f"UPDATE balance SET {column} = -1 WHERE account = {TREASURY}",), "")


def test_only_what_a_journal_reverses_or_relates_to_may_be_left_out(connection):
    assert may_be_left_out(connection, SCHEMA) == {("journal", "reverses"), ("journal", "relates_to")}


def test_every_guard_is_tried():
    assert set(re.findall(r"RAISE\(ABORT, '([^']+)'\)", SCHEMA.script("sqlite"))) <= REFUSED.keys() | REFUSED_ONCE_CLOSED.keys()
    tried = {said: set(named) for said, named in (REFUSED | REFUSED_ONCE_CLOSED).items()}
    assert [table for table in APPEND_ONLY if not {"update", "delete"} <= tried[f"{table} is append-only"]] == []

"""What was changed behind the books is found, and the first bad row is named."""

from contextlib import contextmanager

import pytest

from westlake.database import connect
from westlake.digest import GENESIS, link
from westlake.ledger import Books, Journal, Transfer
from westlake.ledger.checks import CHECKS
from westlake.ledger.journal import fingerprint_of, read_entry, request_bytes, sealed_bytes
from westlake.ledger.posting import find_accounts

from .conftest import NEXT, YEAR


@pytest.fixture
def database(tmp_path):
    """These tests reach into the file itself."""
    return tmp_path / "westlake.db"

CLOUD, REED, HERON = "budget:cloud", "payable:reed", "payable:heron"


@pytest.fixture
def year(books):
    """1 appropriation, 2 hold, 3 release and payment, 4 payment, 5 its reversal; 2025 closed; 6, an anchor, 7."""
    def post(idem, day, *transfers):
        return books.post(Journal(idem, day, "payment", "Cloud", [Transfer(*leg) for leg in transfers]))
    post("hold", YEAR.first + 1, (CLOUD, REED, 60_000, "hold"))
    post("pay", YEAR.first + 2, (CLOUD, REED, 60_000, "release"), (CLOUD, REED, 60_000))
    wrong = post("wrong", YEAR.first + 3, (CLOUD, HERON, 10_000))
    books.reverse(wrong.id, "undo", YEAR.first + 4, "Wrong firm")
    books.close_period(YEAR.first, YEAR.last)
    post("next", NEXT.first, (CLOUD, HERON, 10_000))
    books.anchor(NEXT.first, "City gazette 2026-1")
    post("last", NEXT.first + 1, (CLOUD, HERON, 5_000, "hold"))
    assert books.verify() == []
    return books


@contextmanager
def behind(connection):
    """The guards away while somebody writes, and back in their place as if nothing had been."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA ignore_check_constraints=ON")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        connection.execute(sql)
    connection.execute("PRAGMA ignore_check_constraints=OFF")


def reseal(connection, start=1):
    """What a forger would do who knows the books well: every fingerprint and hash from a journal on, anew."""
    sealed = find_accounts(connection).sealed
    previous = connection.execute("SELECT hash FROM journal WHERE id = ?", (start - 1,)).fetchone()
    previous = previous[0] if previous else GENESIS
    for number, in connection.execute("SELECT id FROM journal WHERE id >= ? ORDER BY id", (start,)).fetchall():
        entry = read_entry(connection, number)
        request = request_bytes(entry.journal, sealed)
        hash_ = link(previous, sealed_bytes(number, entry.journal.idem, entry.recorded_at, request))
        connection.execute("UPDATE journal SET fingerprint = ?, previous = ?, hash = ? WHERE id = ?",
                           (fingerprint_of(request), previous, hash_, number))
        previous = hash_


def found(books, *published):
    return [(problem.code, problem.place.row, problem.place.field) for problem in books.verify(published)]


BEHIND = {
    "a memo": ("UPDATE journal SET memo = 'x' WHERE id = 4", [("W533", 4, "hash")]),
    "an amount, with its balances": (
        "UPDATE transfer SET amount = 9000 WHERE journal = 6;"
        "UPDATE balance SET debits = debits - 1000 WHERE account = 2;"
        "UPDATE balance SET credits = credits - 1000 WHERE account = 5", [("W533", 6, "hash")]),
    "an amount alone": ("UPDATE transfer SET amount = 9000 WHERE journal = 6",
                        [("W533", 6, "hash"), ("W536", 0, "debits")]),
    "a day": ("UPDATE journal SET day = day + 1 WHERE id = 7", [("W533", 7, "hash")]),
    "a recording time": ("UPDATE journal SET recorded_at = recorded_at + 1 WHERE id = 7", [("W533", 7, "hash")]),
    "a recording time before its turn": ("UPDATE journal SET recorded_at = 1 WHERE id = 7",
                                         [("W533", 7, "hash"), ("W537", 7, "recorded_at")]),
    "a key": ("UPDATE journal SET idem = 'x' WHERE id = 7", [("W533", 7, "hash")]),
    "a fingerprint": (f"UPDATE journal SET fingerprint = '{GENESIS}' WHERE id = 6", [("W533", 6, "fingerprint")]),
    "a link": (f"UPDATE journal SET previous = '{GENESIS}' WHERE id = 6", [("W533", 6, "previous")]),
    "a hash": (f"UPDATE journal SET hash = '{GENESIS}' WHERE id = 7", [("W533", 7, "hash")]),
    "two accounts exchanged": ("UPDATE transfer SET credit = 6 WHERE journal = 6; UPDATE balance SET credits = 10000"
                               " WHERE account = 6; UPDATE balance SET credits = 10000 WHERE account = 5",
                               [("W533", 6, "hash")]),
    "an account's rule": ("UPDATE account SET rule = 'free' WHERE id = 2; UPDATE balance SET rule = 'free'"
                          " WHERE account = 2", [("W533", 1, "hash"), ("W539", 0, "digest")]),
    "an account's rule, on one side": ("UPDATE account SET rule = 'free' WHERE id = 2",
                                       [("W533", 1, "hash"), ("W536", 0, "rule"), ("W539", 0, "digest")]),
    "an account's name": ("UPDATE account SET code = 'budget:x' WHERE id = 2",
                          [("W533", 1, "hash"), ("W539", 0, "digest")]),
    "an account unused": ("UPDATE account SET currency = 'KRW' WHERE id = 8", [("W539", 0, "digest")]),
    "an account's currency": ("UPDATE account SET currency = 'KRW' WHERE id = 2",
                              [("W533", 1, "hash"), ("W534", 1, "currency"), ("W539", 0, "digest")]),
    "an account taken out": ("DELETE FROM account WHERE id = 2", [
        ("W532", 0, ""), ("W533", 1, "hash"), ("W534", 1, "account"), ("W539", 0, "digest")]),
    "a balance": ("UPDATE balance SET credits = credits + 1 WHERE account = 4", [("W536", 0, "credits")]),
    "a hold": ("UPDATE balance SET held_debits = 0 WHERE account = 2", [("W536", 0, "held_debits")]),
    "a balance taken out": ("DELETE FROM balance WHERE account = 3", [("W536", 0, "rule")]),
    "a journal taken out whole": (
        "DELETE FROM transfer WHERE journal = 7; DELETE FROM journal WHERE id = 7;"
        "UPDATE balance SET held_debits = 0 WHERE account = 2; UPDATE balance SET held_credits = 0 WHERE account = 5",
        []),  # the last one leaves no trace but in a head kept outside: see below
    "a journal taken from between": (
        "DELETE FROM transfer WHERE journal = 4; DELETE FROM journal WHERE id = 4",
        [("W532", 0, ""), ("W533", 4, "number"), ("W535", 5, HERON), ("W536", 0, "debits"), ("W538", 5, "reverses"),
         ("W539", 0, "balances")]),
    "a journal's row alone": ("DELETE FROM journal WHERE id = 7", [
        ("W532", 0, ""), ("W534", 7, "journal")]),
    "a journal's transfers alone": ("DELETE FROM transfer WHERE journal = 7", [
        ("W533", 7, "hash"), ("W534", 7, "transfers"), ("W536", 0, "held_debits")]),
    "a transfer more": ("INSERT INTO transfer VALUES (7, 2, 1, 4, 5, 'post')", [
        ("W533", 7, "hash"), ("W536", 0, "debits")]),
    "a transfer out of its turn": ("UPDATE transfer SET seq = 3 WHERE journal = 7", [("W534", 7, "seq")]),
    "a transfer to itself": ("UPDATE transfer SET credit = debit WHERE journal = 7", [
        ("W532", 0, ""), ("W533", 7, "hash"), ("W534", 7, "account"), ("W536", 0, "held_credits")]),
    "an amount of nothing": ("UPDATE transfer SET amount = 0 WHERE journal = 7", [
        ("W532", 0, ""), ("W533", 7, "hash"), ("W534", 7, "amount"), ("W536", 0, "held_debits")]),
    "a phase": ("UPDATE transfer SET phase = 'pots' WHERE journal = 7", [
        ("W532", 0, ""), ("W533", 7, "hash"), ("W534", 7, "phase"), ("W535", 7, CLOUD), ("W536", 0, "held_debits")]),
    "a closing's balance": ("UPDATE closing_balance SET credits = 1 WHERE account = 2", [("W539", 0, "balances")]),
    "a closing's balance taken out": ("DELETE FROM closing_balance WHERE account = 3", [("W539", 0, "digest")]),
    "a closing's digest": (f"UPDATE closing SET balances = '{GENESIS}'", [("W539", 0, "digest")]),
    "a closing's head": (f"UPDATE closing SET hash = '{GENESIS}'", [("W539", 0, "hash")]),
    "a closing's moment": ("UPDATE closing SET journal = 4", [("W537", 5, "day"), ("W539", 0, "hash")]),
    "a closing's horizon": ("UPDATE closing SET later = 7", [("W539", 0, "later")]),
    "a closing before its turn": (
        "INSERT INTO closing SELECT 2, closing.recorded_at, 7, journal.hash, 8, balances FROM closing, journal"
        " WHERE id = 7; DELETE FROM closing WHERE period = 1; DELETE FROM closing_balance", [("W539", 0, "order")]),
    "a period cut": ("UPDATE period SET first_day = first_day + 1 WHERE id = 2", [("W537", 6, "day")]),
    "an anchor": (f"UPDATE anchor SET hash = '{GENESIS}'", [("W540", 6, "")]),
}


@pytest.mark.parametrize("name", BEHIND)
def test_found(year, name):
    statements, expected = BEHIND[name]
    with behind(year.connection):
        for statement in statements.split(";"):
            year.connection.execute(statement)
    assert found(year) == expected


SAID = {  # of what was changed → the problems with all their figures
    "an account's rule, on one side": {
        "W533": {"journal": 1, "field": "hash"},
        "W536": {"journal": 0, "field": "rule", "account": CLOUD, "stored": "credit", "rebuilt": "free"},
        "W539": {"journal": 0, "field": "digest", "first": "2025-01-01", "last": "2025-12-31"}},
    "a balance": {"W536": {"journal": 0, "field": "credits", "account": REED, "stored": 60_001, "rebuilt": 60_000}},
    "a hold": {"W536": {"journal": 0, "field": "held_debits", "account": CLOUD, "stored": 0, "rebuilt": 5_000}},
    "a closing before its turn": {"W539": {"journal": 0, "field": "order", "first": "2026-01-01", "last": "2026-12-31"}},
    "a period cut": {"W537": {"journal": 6, "field": "day", "day": "2026-01-01"}},
    "a reversal": {"W538": {"journal": 5, "field": "reverses", "reverses": 3}},
    "an anchor": {"W540": {"journal": 6, "field": "", "anchor": 1, "place": "City gazette 2026-1"}},
}


@pytest.mark.parametrize("name", SAID)
def test_a_problem_is_told_with_its_figures(year, name):
    with behind(year.connection):
        statements = "UPDATE journal SET reverses = 3 WHERE id = 5" if name == "a reversal" else BEHIND[name][0]
        for statement in statements.split(";"):
            year.connection.execute(statement)
    assert {problem.code: dict(problem.values) for problem in year.verify() if problem.code in SAID[name]} == SAID[name]


RESEALED = {
    "an overdraft": ("UPDATE transfer SET amount = 95000 WHERE journal = 4", [("W535", 4, CLOUD)]),
    "an overdraft of a debit account": ("UPDATE transfer SET debit = 1, credit = 7 WHERE journal = 6",
                                        [("W535", 6, "receivable:reed")]),
    "a release beyond the hold": ("UPDATE transfer SET amount = 50000 WHERE journal = 2", [("W535", 3, CLOUD)]),
    "a payment moved into a closed year": (f"UPDATE journal SET day = {YEAR.last} WHERE id = 6", [("W537", 6, "day")]),
    "a payment moved to no year": (f"UPDATE journal SET day = {YEAR.first - 1} WHERE id = 4", [("W537", 4, "day")]),
    "half a reversal": ("UPDATE transfer SET amount = 9999 WHERE journal = 5", [("W538", 5, "reverses")]),
    "a reversal before its journal": ("UPDATE journal SET reverses = CASE id WHEN 4 THEN 5 END WHERE id IN (4, 5)",
                                      [("W538", 4, "reverses")]),
    "a reversal of another": ("UPDATE journal SET reverses = 3 WHERE id = 5", [("W538", 5, "reverses")]),
}


@pytest.mark.parametrize("name", RESEALED)
def test_found_although_the_chain_was_sealed_anew(year, name):
    """Each rule is checked for itself: a chain in order and balances that add up do not make it hold."""
    statement, expected = RESEALED[name]
    with behind(year.connection):
        year.connection.execute(statement)
        reseal(year.connection)
        for number, sums in rebuilt(year.connection).items():
            year.connection.execute("UPDATE balance SET debits = ?, credits = ?, held_debits = ?, held_credits = ?"
                                    " WHERE account = ?", (*sums, number))
    codes = {code for code, _, _ in expected}
    assert [problem for problem in found(year) if problem[0] in codes] == expected
    assert not {"W531", "W533", "W534", "W536"} & {code for code, _, _ in found(year)}


def rebuilt(connection):
    sums = {}
    for debit, credit, amount, phase in connection.execute("SELECT debit, credit, amount, phase FROM transfer"):
        for account, side in ((debit, 0), (credit, 1)):
            kept = sums.setdefault(account, [0, 0, 0, 0])
            kept[side + (0 if phase == "post" else 2)] += -amount if phase == "release" else amount
    return sums


def test_a_file_written_anew_with_care_is_told_by_a_head_kept_outside(books):
    """Why the ledger claims tamper-evident, never tamper-proof: only what was published tells."""
    books.post(Journal("pay", YEAR.first, "payment", "Cloud", [Transfer(CLOUD, REED, 500)]))
    printed = books.head().hash
    with behind(books.connection):
        books.connection.execute("UPDATE journal SET memo = 'Talent' WHERE id = 2")
        reseal(books.connection)
    assert found(books) == []
    (problem,) = books.verify([printed])
    assert problem.line() == f"ledger W541 the published head {printed} is not in the chain"


def test_the_last_journal_taken_out_is_told_by_a_head_kept_outside(year):
    printed = year.head().hash
    with behind(year.connection):
        for statement in BEHIND["a journal taken out whole"][0].split(";"):
            year.connection.execute(statement)
    assert found(year, printed) == [("W541", 0, "")]


@pytest.mark.parametrize("statement", [
    "DROP TRIGGER balance_no_overdraft", "DROP INDEX journal_by_day",
    "CREATE TRIGGER helpful AFTER INSERT ON transfer BEGIN UPDATE balance SET credits = credits + 1; END"])
def test_a_guard_gone_or_added_is_named(year, statement):
    year.connection.execute(statement)
    (problem,) = year.verify()
    assert (problem.code, problem.values["name"]) == ("W531", statement.split()[2])


def test_another_room_s_tables_are_no_concern(year):
    year.connection.execute("CREATE TABLE visit(day INTEGER)")
    assert year.verify() == []


def test_a_torn_page_is_told(year, tmp_path):
    year.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = year.connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transfer'").fetchone()[0]
    year.connection.close()
    with (tmp_path / "westlake.db").open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(bytes(4096))
    torn = Books(connect(tmp_path / "westlake.db"))
    assert {code for code, _, _ in found(torn)} == {"W532"}


def test_no_books_is_told(tmp_path):
    empty = Books(connect(tmp_path / "empty.db"))
    assert {code for code, _, _ in found(empty)} == {"W531", "W532"}


def test_each_check_says_in_turn_what_it_guards():
    numbers = [int(check.__doc__.split(".")[0]) for check in CHECKS]
    assert numbers == list(range(2, 2 + len(CHECKS)))


def test_checking_changes_nothing_and_joins_a_transaction(year):
    year.connection.execute("BEGIN")
    year.post(Journal("open", NEXT.last, "payment", "", [Transfer(CLOUD, REED, 5)]))
    assert year.verify() == []
    year.connection.execute("ROLLBACK")
    assert (year.verify(), year.head().number) == ([], 7)

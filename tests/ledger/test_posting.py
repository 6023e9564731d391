"""A post that was answered is on the disk, once; one that was cut short never was."""

import os
import random
import subprocess
import sys

import pytest

from westlake.database import connect
from westlake.ledger import Books, Journal, Transfer

from .conftest import YEAR


def pay(number):
    return Journal(f"pay:{number}", YEAR.first + number % 300, "payment", "Cloud",
                   [Transfer("budget:cloud", "payable:reed", 1)])


def commits(path):
    """Commit frames in the write-ahead log: SQLite syncs the log once for each, under synchronous=FULL."""
    log = path.with_name(path.name + "-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    salt = log[16:24]
    frames = [log[at:at + 24] for at in range(32, len(log), 24 + page)]
    return sum(int.from_bytes(frame[4:8], "big") > 0 for frame in frames if frame[8:16] == salt)


@pytest.mark.parametrize("bundle", [1, 25])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_post_is_one_commit(books, tmp_path, bundle):
    connection = books.connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for start in range(0, 50, bundle):
        books.post_many([pay(number) for number in range(start, start + bundle)])
    assert commits(tmp_path / "westlake.db") == 50 // bundle


def test_a_power_cut_before_the_commit_leaves_nothing(books, database):
    script = ("import sys; from westlake.database import connect\n"
              "from westlake.ledger import Books, Journal, Transfer\n"
              "transfers = [Transfer('budget:cloud', 'payable:reed', 5)]\n"
              f"Books(connect(sys.argv[1])).post(Journal('pay:1', {YEAR.first}, 'payment', '', transfers))")
    done = subprocess.run([sys.executable, "-c", script, database],
                          env=os.environ | {"WESTLAKE_FAILPOINT": "ledger.written"})
    assert done.returncode == 137
    after = Books(connect(database))
    assert (after.head().number, after.balance("payable:reed").credits, after.verify()) == (1, 0, [])
    assert not after.post(pay(1)).again


def test_two_writers_share_one_chain(books, database):
    writers = [books, Books(connect(database))]
    for number in range(20):
        writers[number % 2].post(pay(number))
    assert [writer.head() for writer in writers] == [books.head()] * 2
    assert writers[1].balance("payable:reed").credits == 20
    assert books.verify() == []


def test_a_clock_that_runs_back_is_held(tmp_path):
    times = iter([50, 40, 60])
    books = Books.create(connect(tmp_path / "westlake.db"), lambda: next(times))
    books.open_account("treasury", "CNY", "free")
    books.open_account("budget", "CNY", "credit")
    books.open_period(0, 9)
    for number in range(3):
        books.post(Journal(f"k{number}", 0, "x", "", [Transfer("treasury", "budget", 1)]))
    assert [entry.recorded_at for entry in books.journals()] == [50, 50, 60]
    assert books.verify() == []


@pytest.mark.slow
def test_a_large_bundle_of_large_journals(books):
    """A waterfall of three hundred legs, twenty times over, in one commit."""
    chance = random.Random(7)
    firms = ("payable:reed", "payable:heron", "payable:lotus")
    books.post(Journal("funds", YEAR.first, "appropriation", "", [Transfer("treasury", "budget:cloud", 10**12)]))
    journals = [Journal(f"run:{number}", YEAR.first + number, "payment", "", [
        Transfer("budget:cloud", chance.choice(firms), chance.randrange(1, 10**6)) for _ in range(300)])
        for number in range(20)]
    books.post_many(journals)
    paid = sum(leg.amount for journal in journals for leg in journal.transfers)
    assert books.balance("budget:cloud").debits == paid == sum(books.balance(firm).credits for firm in firms)
    assert books.verify() == []

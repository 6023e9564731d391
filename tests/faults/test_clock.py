"""The machine's clock is set back, or runs wild: the order of what was written stays, and everything verifies."""

import random
from itertools import pairwise

import pytest
from tests.settlement.conftest import line, open_office

from westlake.dates import Period
from westlake.ledger import Books
from westlake.record import Record

YEAR = Period.year(2025)
START = 1_760_000_000_000_000


@pytest.fixture
def wild(monkeypatch):
    """A clock that goes forward, stands, or is set back by up to a year at every look."""
    chance, now, seen = random.Random(4), [START], []

    def look():
        now[0] = max(1, now[0] + chance.choice((1, 1_000, 0, -1, -3_600_000_000, -400 * 86_400_000_000, 86_400_000_000)))
        seen.append(now[0])
        return now[0]
    for room in (Books, Record):
        real = room.__init__
        monkeypatch.setattr(room, "__init__", lambda self, connection, now=look, real=real: real(self, connection, now))
    return seen


def test_within_and_between_rounds(wild, database):
    office = open_office(database)
    for firm in ("heron", "reed"):
        office.know(firm)
    books, record = Books(office.connection), Record(office.connection)
    books.open_period(YEAR.first, YEAR.last)
    assert office.pay(line("heron", 1000)) == {"heron": 300_00}
    books.anchor(YEAR.last, "gazette")
    settled = office.settle(line("heron", 1000), line("reed", 700, "i2"), day="2026-03-01")
    office.withdraw(settled)
    office.pay(line("heron", 400), line("reed", 700, "i2"), day="2026-03-02")
    books.close_period(YEAR.first, YEAR.last)
    books.anchor(YEAR.last + 90, "gazette")
    assert any(after < before for before, after in pairwise(wild))
    for asked in ("SELECT recorded_at FROM journal ORDER BY id", "SELECT at FROM act ORDER BY id",
                  "SELECT recorded_at FROM anchor ORDER BY id"):
        times = [at for at, in office.connection.execute(asked)]
        assert len(times) > 1
        assert times == sorted(times), asked
    assert (books.verify(), record.verify()) == ([], [])
    before_last = max(entry.recorded_at for entry in books.journals()) + 1
    assert books.balances(recorded_before=before_last) == books.balances()

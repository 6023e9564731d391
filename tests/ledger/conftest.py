"""Books of Lakeside: a treasury, two budgets, three firms, an exchange in dollars, two open years."""

import itertools

import pytest

from westlake.database import connect
from westlake.dates import Period
from westlake.ledger import Books, Journal, Transfer

ACCOUNTS = (("treasury", "CNY", "free"), ("budget:cloud", "CNY", "credit"), ("budget:talent", "CNY", "credit"),
            ("payable:reed", "CNY", "credit"), ("payable:heron", "CNY", "credit"), ("payable:lotus", "CNY", "credit"),
            ("receivable:reed", "CNY", "debit"), ("exchange:usd", "USD", "free"))
YEAR, NEXT = Period.year(2025), Period.year(2026)


@pytest.fixture
def clock():
    """Seconds that tick once a call, as microseconds."""
    ticks = itertools.count(1_735_689_600_000_000, 1_000_000)
    return lambda: next(ticks)


@pytest.fixture
def books(tmp_path, clock):
    """1,000.00 yuan in the cloud budget."""
    books = Books.create(connect(tmp_path / "westlake.db"), clock)
    for account in ACCOUNTS:
        books.open_account(*account)
    for year in (YEAR, NEXT):
        books.open_period(year.first, year.last)
    books.post(Journal("appropriation", YEAR.first, "appropriation", "Cloud budget 2025",
                       [Transfer("treasury", "budget:cloud", 100_000)]))
    return books

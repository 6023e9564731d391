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
CLOUD, REED, HERON = "budget:cloud", "payable:reed", "payable:heron"


@pytest.fixture
def clock():
    """Seconds that tick once a call, as microseconds."""
    ticks = itertools.count(1_735_689_600_000_000, 1_000_000)
    return lambda: next(ticks)


@pytest.fixture
def books(database, clock):
    """1,000.00 yuan in the cloud budget."""
    books = Books.create(connect(database), clock)
    for account in ACCOUNTS:
        books.open_account(*account)
    for year in (YEAR, NEXT):
        books.open_period(year.first, year.last)
    books.post(Journal("appropriation", YEAR.first, "appropriation", "Cloud budget 2025",
                       [Transfer("treasury", "budget:cloud", 100_000)]))
    return books


@pytest.fixture
def year(books):
    """A hold paid in part, a waterfall of three legs, a reversal, dollars, and a budget above a budget."""
    def post(idem, day, *transfers, memo="Cloud voucher", **more):
        return books.post(Journal(idem, day, "payment", memo, [Transfer(*leg) for leg in transfers], **more))

    books.open_account("budget", "CNY", "credit")
    books.open_account("payable:杭州_R-1", "CNY", "credit")
    books.open_account("dollars:lotus", "USD", "credit")
    post("whole", YEAR.first, ("treasury", "budget", 12_345))
    post("hold:1", YEAR.first + 30, (CLOUD, REED, 60_000, "hold"), memo='He said "yes\\no"\nand went')
    post("pay:1", YEAR.first + 60, (CLOUD, REED, 50_000, "release"), (CLOUD, REED, 50_000), relates_to=3)
    wrong = post("fall:1", YEAR.first + 70, (CLOUD, REED, 10), (CLOUD, HERON, 20), (CLOUD, "payable:杭州_R-1", 30))
    books.reverse(wrong.id, "undo:1", YEAR.last, "")
    post("usd:1", NEXT.first, ("exchange:usd", "dollars:lotus", 999), (CLOUD, HERON, 7))
    return books

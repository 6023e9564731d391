"""A year that was closed stays closed: what is taken out of the books' periods behind them shows in the record."""

import pytest

from westlake.database import transaction
from westlake.dates import parse_day
from westlake.ledger import Books, Journal, Transfer
from westlake.ledger.books import SCHEMA
from westlake.record import Record
from westlake.rooms import create_all, verify_all
from westlake.settlement.closings import check_closings
from westlake.settlement.fiscal_year import fiscal_year

from .conftest import line, open_office
from .test_fiscal_year import close


@pytest.fixture
def closed(database):
    """2026 opened, closed and its head made known, each with its act, as the commands write them."""
    office = open_office(database)
    create_all(office.connection)
    office.know("reed")
    books, record = Books(office.connection), Record(office.connection)
    span = fiscal_year(office.connection, 2026)
    books.open_period(span.first, span.last)
    record.add("kim", "ledger.opened", f"period:{span}")
    office.pay(line("reed", 1000))
    close(office, 2026)
    (closing,) = books.closings()
    record.add("kim", "ledger.closed", f"period:{span}", {
        "journal": closing.journal, "hash": closing.hash, "balances": closing.balances})
    noted = books.anchor(parse_day("2027-01-02"), "gazette")
    record.add("kim", "ledger.anchored", f"anchor:{noted.id}",
               {"journal": noted.journal, "hash": noted.hash, "place": noted.place})
    assert list(check_closings(office.connection)) == []
    return office


def behind(office, *statements):
    """Somebody with the file in hand, the guards off."""
    with transaction(office.connection), SCHEMA.unguarded(office.connection):
        for statement in statements:
            office.connection.execute(statement)
    return [(problem.code, problem.values["name"], problem.values["field"]) for problem in check_closings(office.connection)]


REOPENED = [("W443", "ledger.closed", "row"), ("W443", "settlement.year_ended", "row")]


def test_a_closed_year_cannot_be_reopened_unseen(closed):
    books = Books(closed.connection)
    head = books.head()
    assert behind(closed, "DELETE FROM closing_balance", "DELETE FROM closing", "DELETE FROM anchor") == [
        *REOPENED, ("W443", "ledger.anchored", "row")]
    books.open_account("friend", "CNY", "free")
    books.post(Journal("backdated", parse_day("2026-12-01"), "payment", "", [Transfer("treasury", "friend", 9_999_00)]))
    assert books.verify([head.hash]) == []  # the books alone do not see it
    assert [problem.code for problem in verify_all(closed.connection, [head.hash]).all_problems] == ["W443"]
    span = fiscal_year(closed.connection, 2026)
    books.close_period(span.first, span.last)  # nor is it hidden by closing the year once more
    assert [problem.values["field"] for problem in check_closings(closed.connection)] == ["journal", "row"]


@pytest.mark.parametrize(("statement", "found"), [
    ("UPDATE closing SET balances = 'x'", ("ledger.closed", "balances")),
    ("UPDATE closing SET hash = 'x'", ("ledger.closed", "hash")),
    ("UPDATE anchor SET place = 'nowhere'", ("ledger.anchored", "place")),
    ("UPDATE anchor SET hash = 'x'", ("ledger.anchored", "hash"))])
def test_what_was_changed_is_named(closed, statement, found):
    assert behind(closed, statement) == [("W443", *found)]

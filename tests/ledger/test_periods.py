"""Periods open apart, close in order and for good; the head of the chain can be made known."""

import pytest

from westlake.dates import Period
from westlake.errors import WestlakeError
from westlake.ledger import Journal, Transfer

from .conftest import NEXT, YEAR


def refused(act, *arguments):
    with pytest.raises(WestlakeError) as caught:
        act(*arguments)
    return caught.value.problems[0].code


def pay(books, idem, day, amount=500):
    return books.post(Journal(idem, day, "payment", "", [Transfer("budget:cloud", "payable:reed", amount)]))


def test_opening_the_same_days_again_changes_nothing(books):
    assert books.open_period(YEAR.first, YEAR.last) == YEAR
    assert books.connection.execute("SELECT count(*) FROM period").fetchone() == (2,)


@pytest.mark.parametrize(("first", "last"), [
    (YEAR.first, YEAR.last - 1), (YEAR.last, YEAR.last), (YEAR.first - 1, NEXT.last + 1), (NEXT.last, NEXT.last + 1)])
def test_periods_lie_apart(books, first, last):
    assert refused(books.open_period, first, last) == "W513"


def test_a_closing_keeps_the_balances_of_its_last_day(books):
    """Whatever was posted first: a payment of January is not December's, one of the last day is."""
    pay(books, "january", NEXT.first, 300)
    pay(books, "december", YEAR.last)
    closing = books.close_period(YEAR.first, YEAR.last)
    assert (closing.period, closing.journal, closing.hash) == (YEAR, *books.head())
    stored = books.connection.execute("SELECT code, debits, credits FROM closing_balance JOIN account ON id = account"
                                      " WHERE code IN ('budget:cloud', 'payable:reed') ORDER BY code").fetchall()
    assert stored == [("budget:cloud", 500, 100_000), ("payable:reed", 0, 500)]
    assert books.balance("payable:reed", YEAR.last).credits == 500
    assert books.balance("payable:reed", NEXT.last).credits == 800
    assert books.verify() == []


def test_every_account_is_in_the_closing(books):
    books.close_period(YEAR.first, YEAR.last)
    assert books.connection.execute("SELECT count(*) FROM closing_balance").fetchone() == (8,)


def test_closing_again_is_answered_with_the_first(books):
    first = books.close_period(YEAR.first, YEAR.last)
    pay(books, "january", NEXT.first)
    assert books.close_period(YEAR.first, YEAR.last) == first
    assert books.closings() == [first]


def test_what_is_closed_stays_closed(books):
    paid = pay(books, "june", YEAR.first + 160)
    books.close_period(YEAR.first, YEAR.last)
    with pytest.raises(WestlakeError) as caught:
        pay(books, "late", YEAR.last)
    assert caught.value.problems[0].line() == (
        "late W507 2025-12-31 lies in the period 2025-01-01…2025-12-31, which is closed for good")
    assert refused(books.open_period, YEAR.first - 365, YEAR.first - 1) == "W513"
    assert refused(books.reverse, paid.id, "undo", YEAR.last, "") == "W507"
    books.reverse(paid.id, "undo", NEXT.first, "Corrected in the open year")
    assert books.balance("payable:reed", YEAR.last).credits == 500
    assert books.balance("payable:reed", NEXT.first).net == 0
    assert books.verify() == []


def test_backdating_into_an_open_period_is_allowed(books):
    pay(books, "march", YEAR.first + 80)
    pay(books, "february", YEAR.first + 40)
    assert [line.idem for line in books.statement("payable:reed", YEAR.first, YEAR.last).lines] == ["february", "march"]


def test_periods_close_in_order_and_by_their_own_days(books):
    assert refused(books.close_period, NEXT.first, NEXT.last) == "W520"
    assert books.connection.execute("SELECT count(*) FROM closing_balance").fetchone() == (0,)
    assert refused(books.close_period, YEAR.first, YEAR.last - 1) == "W514"
    books.close_period(YEAR.first, YEAR.last)
    books.close_period(NEXT.first, NEXT.last)
    assert [closing.period for closing in books.closings()] == [YEAR, NEXT]
    assert books.verify() == []


def test_months_close_on_one_another(books):
    """Twelve closings, an account opened half way, and each month's end still answers as it did."""
    year = Period.year(2027)
    months = [Period.month(2027, month) for month in range(1, 13)]
    for month in (months[0], *months[1:]):
        books.open_period(month.first, month.last)
    for closed in (YEAR, NEXT):
        books.close_period(closed.first, closed.last)
    answers = []
    for number, month in enumerate(months, 1):
        if number == 6:
            books.open_account("payable:willow", "CNY", "credit")
        pay(books, f"m{number}", month.last, 10 * number)
        books.close_period(month.first, month.last)
        answers.append(books.balance("payable:reed", month.last).credits)
    assert answers == [5 * number * (number + 1) for number in range(1, 13)]
    assert [books.balance("payable:reed", month.last).credits for month in months] == answers
    assert books.balance("payable:willow", year.last).credits == 0
    assert books.verify() == []


def test_anchors_tell_where_the_head_was_made_known(books):
    head = books.head()
    anchor = books.anchor(YEAR.last, "City gazette 2025-52")
    pay(books, "later", NEXT.first)
    assert (anchor.journal, anchor.hash, anchor.place) == (*head, "City gazette 2025-52")
    assert books.anchors() == [anchor]
    assert books.verify([head.hash]) == []


def test_empty_books_have_nothing_to_make_known(tmp_path):
    from westlake.database import connect
    from westlake.ledger import Books
    assert refused(Books.create(connect(tmp_path / "westlake.db")).anchor, 0, "nowhere") == "W521"

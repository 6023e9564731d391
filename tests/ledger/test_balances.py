"""Whatever is posted, in whatever order: the books answer as plain addition over what they accepted does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.database import connect
from westlake.dates import Period
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer

from .conftest import NEXT, YEAR
from .model import Model

RULES = {"treasury": ("CNY", "free"), "budget": ("CNY", "credit"), "reed": ("CNY", "credit"),
         "owed": ("CNY", "debit"), "dollars": ("USD", "free"), "usd:lotus": ("USD", "credit")}
PERIODS = ((0, 9), (10, 19), (25, 29))
CODES = st.sampled_from(sorted(RULES))
LEGS = st.builds(Transfer, CODES, CODES, st.integers(1, 40), st.sampled_from(["post", "post", "hold", "release"]))
FUNDING = Journal("funds", 0, "x", "", (Transfer("treasury", "budget", 90), Transfer("owed", "treasury", 30)))
LIKELY = st.one_of(  # mostly what an office does, so that enough is accepted
    st.builds(Transfer, st.just("budget"), st.just("reed"), st.integers(1, 40), st.sampled_from(["post", "hold"])),
    st.builds(Transfer, st.just("owed"), st.just("treasury"), st.integers(1, 40)), LEGS)
JOURNALS = st.builds(Journal, st.integers(0, 99).map("k{}".format), st.integers(0, 29) | st.integers(25, 29),
                     st.just("x"), st.just(""), st.lists(LIKELY, min_size=1, max_size=3).map(tuple))
STEPS = st.lists(st.one_of(
    JOURNALS.map(lambda journal: ("post", journal)), JOURNALS.map(lambda journal: ("post", journal)),
    st.tuples(st.just("reverse"), st.integers(1, 8), st.integers(0, 29)),
    st.tuples(st.just("again"), st.integers(1, 8)),
    st.tuples(st.just("close"), st.sampled_from(PERIODS))), min_size=10, max_size=30)


def new_books(now=lambda: 0):
    books = Books.create(connect(":memory:"), now)
    for code, (currency, rule) in RULES.items():
        books.open_account(code, currency, rule)
    for period in PERIODS:
        books.open_period(*period)
    return books


def said(act, *arguments):
    try:
        posted = act(*arguments)
    except WestlakeError as error:
        return error.problems[0].code
    return "again" if getattr(posted, "again", False) else "ok"


def close(model, period):
    """The books close in order; closing twice is answered with the first."""
    if any(not closed for other, closed in model.periods.items() if other < period):
        return "W520"
    model.periods[period] = True
    return "ok"


def live(steps):
    """The same steps on books and model, their answers compared one by one; an hour passes with each."""
    time = [0]
    books, model = new_books(lambda: time[0]), Model(RULES, dict.fromkeys(PERIODS, False))
    for kind, *rest in [("post", FUNDING), *steps]:
        time[0] += 10
        if kind == "close":
            assert said(books.close_period, *rest[0]) == close(model, rest[0])
            continue
        if kind == "post":
            journal = rest[0]
        elif rest[0] > len(model.accepted):
            continue
        elif kind == "again":
            journal = model.accepted[rest[0] - 1][0]
        else:
            journal = model.undo(rest[0], f"undo{rest}", rest[1])
            assert said(books.reverse, rest[0], journal.idem, rest[1], "") == model.post(journal, time[0])
            continue
        assert said(books.post, journal) == model.post(journal, time[0])
    return books, model


def four(balance):
    return balance.debits, balance.credits, balance.held_debits, balance.held_credits


@given(STEPS, st.integers(-1, 30), st.integers(0, 260))
def test_the_books_agree_with_plain_addition(steps, day, instant):
    books, model = live(steps)
    for code in RULES:
        def known(journal, at):
            return journal.day <= day and at < instant
        assert four(books.balance(code)) == model.sums(code)
        assert four(books.balance(code, day)) == model.sums(code, lambda journal, at: journal.day <= day)
        assert four(books.balance(code, day, instant)) == model.sums(code, known)
        assert four(books.balance(code, recorded_before=instant)) == model.sums(code, lambda journal, at: at < instant)
    for asked in ((), (day,), (day, instant)):
        assert books.balances(*asked) == {code: books.balance(code, *asked) for code in sorted(RULES)}
    assert books.verify() == []


@pytest.mark.slow
@given(STEPS, st.integers(-1, 20), st.integers(0, 30), st.integers(0, 260))
def test_a_statement_leads_from_one_balance_to_the_other(steps, first, length, instant):
    books, model = live(steps)
    last = first + length
    for code in RULES:
        found = books.statement(code, first, last, instant)
        assert found.opening == books.balance(code, first - 1, instant)
        assert found.closing == books.balance(code, last, instant)
        expected = sorted((journal.day, number, seq) for number, (journal, at) in enumerate(model.accepted, 1)
                          for seq, leg in enumerate(journal.transfers, 1)
                          if first <= journal.day <= last and at < instant and code in (leg.debit, leg.credit))
        assert [(line.day, line.journal) for line in found.lines] == [(day, number) for day, number, _ in expected]
        running = found.opening
        for line, (_, number, seq) in zip(found.lines, expected, strict=True):
            assert line.transfer == model.accepted[number - 1][0].transfers[seq - 1]
            assert {code, line.other} == {line.transfer.debit, line.transfer.credit}
            running = running.after(line.side, line.transfer.amount, line.transfer.phase)
            assert line.balance == running


@given(st.lists(JOURNALS, max_size=12).map(lambda journals: [FUNDING, *journals]))
def test_a_bundle_is_as_good_as_one_by_one(journals):
    singly, together = new_books(), new_books()
    codes = []
    for journal in journals:
        codes.append(said(singly.post, journal))
        if codes[-1].startswith("W"):
            break
    if codes and codes[-1].startswith("W"):
        assert said(together.post_many, journals) == codes[-1]
        assert together.head().number == 0
        journals = journals[:len(codes) - 1]
        codes.pop()
    assert [posted.again for posted in together.post_many(journals)] == [code == "again" for code in codes]
    assert together.head() == singly.head()
    assert together.balances() == singly.balances()


def test_a_statement_does_not_run_backwards(books):
    with pytest.raises(ValueError, match="after"):
        books.statement("budget:cloud", YEAR.last, YEAR.first)


def test_a_balance_knows_both_clocks(books, clock):
    """A payment of March, written in June: March's balance depends on when it is asked as of."""
    march, april = 20_150, 20_170
    before = clock()
    books.post(Journal("late", march, "payment", "Found in a drawer", [Transfer("budget:cloud", "payable:reed", 700)]))
    assert books.balance("payable:reed", march).credits == 700
    assert books.balance("payable:reed", march, recorded_before=before).credits == 0
    assert books.balance("payable:reed", march - 1).credits == 0
    (line,) = books.statement("payable:reed", march, april).lines
    assert (line.idem, line.day, line.side, line.other, line.balance.credits) == (
        "late", march, "credit", "budget:cloud", 700)
    assert books.statement("payable:reed", march, april, recorded_before=before).lines == ()


def test_the_view_for_auditors_adds_up_to_nothing(books):
    books.post(Journal("pay", 20_150, "payment", "Cloud", [Transfer("budget:cloud", "payable:reed", 700)]))
    assert books.connection.execute("SELECT * FROM entry WHERE journal = 2 ORDER BY amount").fetchall() == [
        (2, "2025-03-03", "2025-01-01 00:00:01", "payment", "pay", account, "CNY", "post", amount, "Cloud")
        for account, amount in (("payable:reed", -700), ("budget:cloud", 700))]
    assert books.connection.execute("SELECT sum(amount) FROM entry").fetchone() == (0,)


def effort(books, day):
    """Steps of SQLite's machine to answer one balance."""
    steps = []
    books.connection.set_progress_handler(lambda: steps.append(1), 1)
    balance = books.balance("payable:reed", day)
    books.connection.set_progress_handler(None, 0)
    return len(steps), balance.credits


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_balance_after_closings_reads_no_transfer_before_the_last(books):
    third = Period.year(2027)
    books.open_period(third.first, third.last)
    for year in (YEAR, NEXT):
        books.post_many(Journal(f"{year}:{number}", year.last, "payment", "",
                                [Transfer("budget:cloud", "payable:reed", 1)]) for number in range(300))
    steps_before, _ = effort(books, third.first)
    for year in (YEAR, NEXT):
        books.close_period(year.first, year.last)
    books.post(Journal("new", third.first, "payment", "", [Transfer("budget:cloud", "payable:reed", 7)]))
    steps_after, credits = effort(books, third.first)
    assert credits == 607
    assert steps_after < 300 < 10 * 600 < steps_before

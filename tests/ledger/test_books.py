"""What an office does with its books in a year, and what the books refuse it."""

from dataclasses import replace

import pytest

from westlake.database import transaction
from westlake.dates import parse_day
from westlake.errors import Place, WestlakeError
from westlake.ledger import Balance, Books, Journal, Posted, Transfer

JUNE = parse_day("2025-06-15")
CLOUD, REED, HERON = "budget:cloud", "payable:reed", "payable:heron"


def journal(idem, *transfers, day=JUNE, **more):
    return Journal(idem, day, "payment", "Cloud voucher", [Transfer(*transfer) for transfer in transfers], **more)


def refused(act, *arguments, **named):
    with pytest.raises(WestlakeError) as caught:
        act(*arguments, **named)
    (problem,) = caught.value.problems
    assert problem.sentence("ko") and problem.sentence("zh") and problem.way_out("en")
    return problem


def sums(balance):
    return balance.debits, balance.credits, balance.held_debits, balance.held_credits


def test_a_voucher_is_held_then_paid(books):
    books.post(journal("hold:1", (CLOUD, REED, 60_000, "hold")))
    assert sums(books.balance(CLOUD)) == (0, 100_000, 60_000, 0)
    assert books.balance(CLOUD).available == 40_000
    assert books.balance(REED).available == 0  # a promise is not money yet
    books.post(journal("pay:1", (CLOUD, REED, 60_000, "release"), (CLOUD, REED, 60_000)))
    assert sums(books.balance(CLOUD)) == (60_000, 100_000, 0, 0)
    assert sums(books.balance(REED)) == (0, 60_000, 0, 0)
    assert books.verify() == []


@pytest.mark.parametrize(("rule", "net", "available"), [("credit", 60, 40), ("free", 60, 40), ("debit", -60, -65)])
def test_what_is_available(rule, net, available):
    balance = Balance(40, 100, 20, 5, rule=rule)
    assert (balance.net, balance.available) == (net, available)


def test_the_same_request_again_is_answered_with_the_first(books):
    first = books.post(journal("pay:1", (CLOUD, REED, 500)))
    again = books.post(journal("pay:1", (CLOUD, REED, 500)))
    assert (first.again, again) == (False, first._replace(again=True))
    assert books.head() == (first.id, first.hash)
    assert books.balance(REED).credits == 500


def test_the_same_key_twice_in_one_bundle(books):
    posted = books.post_many([journal("pay:1", (CLOUD, REED, 500)), journal("pay:1", (CLOUD, REED, 500))])
    assert [(item.id, item.again) for item in posted] == [(2, False), (2, True)]


def test_a_bundle_sent_again_with_more_at_its_end_posts_only_the_new(books):
    """A batch that was cut off is sent whole once more: what is known is answered, and what follows it is posted."""
    books.post(journal("pay:1", (CLOUD, REED, 500)))
    whole = [journal("pay:1", (CLOUD, REED, 500)), journal("pay:2", (CLOUD, HERON, 7)), journal("pay:1", (CLOUD, REED, 500)),
             journal("pay:3", (CLOUD, HERON, 9))]
    assert [(item.id, item.again) for item in books.post_many(whole)] == [(2, True), (3, False), (2, True), (4, False)]
    assert (books.balance(REED).credits, books.balance(HERON).credits) == (500, 16)
    assert books.verify() == []


@pytest.mark.parametrize(("changed", "field", "stored", "given"), [
    ({"day": JUNE + 1}, "day", "2025-06-15", "2025-06-16"),
    ({"kind": "refund"}, "kind", "payment", "refund"),
    ({"memo": "Another"}, "memo", "Cloud voucher", "Another"),
    ({"relates_to": 1}, "relates_to", "None", "1"),
    ({"transfers": [Transfer(CLOUD, HERON, 500)]}, "transfers[1].credit", REED, HERON),
    ({"transfers": [Transfer(CLOUD, REED, 501)]}, "transfers[1].amount", "500", "501"),
    ({"transfers": [Transfer(CLOUD, REED, 500, "hold")]}, "transfers[1].phase", "post", "hold"),
    ({"transfers": [Transfer(CLOUD, REED, 500)] * 2}, "transfers[2].debit", "None", CLOUD),
    ({"transfers": []}, "transfers[1].debit", CLOUD, "None"),
])
def test_another_request_under_a_known_key_is_told_what_differs(books, changed, field, stored, given):
    asked = {"idem": "pay:1", "day": JUNE, "kind": "payment", "memo": "Cloud voucher",
             "transfers": [Transfer(CLOUD, REED, 500)]}
    books.post(Journal(**asked))
    problem = refused(books.post, Journal(**asked | changed))
    assert problem.code == "W502"
    assert {name: str(value) for name, value in problem.values.items()} == {
        "journal": "2", "field": field, "stored": stored, "given": given}


LACKS = {"account": CLOUD}


@pytest.mark.parametrize(("code", "values", "asked"), [
    ("W501", {"account": "payable:ree"}, journal("x", (CLOUD, "payable:ree", 5))),
    ("W503", LACKS | {"available": "1,000.00 CNY", "asked": "1,000.01 CNY"}, journal("x", (CLOUD, REED, 100_001))),
    ("W503", LACKS | {"available": "1,000.00 CNY", "asked": "1,000.01 CNY"}, journal("x", (CLOUD, REED, 100_001, "hold"))),
    ("W503", LACKS | {"available": "400.00 CNY", "asked": "600.00 CNY"}, journal("x", (CLOUD, REED, 60_000, "hold"), (CLOUD, REED, 60_000))),  # a hold is not money to spend
    ("W503", LACKS | {"available": "400.00 CNY", "asked": "600.00 CNY"}, journal("x", (CLOUD, REED, 60_000), (CLOUD, HERON, 60_000))),
    ("W503", {"account": "receivable:reed", "available": "0.00 CNY", "asked": "0.05 CNY"}, journal("x", (CLOUD, "receivable:reed", 5))),  # a debit account: never more credits than debits
    ("W504", {"debit": CLOUD, "credit": REED, "asked": "600.01 CNY"}, journal("x", (CLOUD, REED, 60_000, "hold"), (CLOUD, REED, 60_001, "release"))),
    ("W504", {"debit": CLOUD, "credit": HERON, "asked": "600.00 CNY"}, journal("x", (CLOUD, REED, 60_000, "hold"), (CLOUD, HERON, 60_000, "release"))),
    ("W505", {"debit": CLOUD, "credit": "exchange:usd"}, journal("x", (CLOUD, "exchange:usd", 5))),
    ("W506", {"day": "2024-12-31"}, journal("x", (CLOUD, REED, 5), day=parse_day("2024-12-31"))),
    ("W506", {"day": "2025-06-15"}, journal("x", (CLOUD, REED, 5), day="2025-06-15")),
    ("W508", {"amount": 0}, journal("x", (CLOUD, REED, 0))),
    ("W508", {"amount": -5}, journal("x", (CLOUD, REED, -5))),
    ("W508", {"amount": 10**15 + 1}, journal("x", (CLOUD, REED, 10**15 + 1))),
    ("W508", {"amount": 5.0}, journal("x", (CLOUD, REED, 5.0))),
    ("W508", {"amount": True}, journal("x", (CLOUD, REED, True))),
    ("W511", {"journal": 9}, journal("x", (CLOUD, REED, 5), reverses=9)),
    ("W511", {"journal": 2}, journal("x", (CLOUD, REED, 5), relates_to=2)),  # not even itself
    ("W515", {}, journal("x")),
    ("W516", {"account": CLOUD}, journal("x", (CLOUD, CLOUD, 5))),
    ("W517", {"name": "pots", "choices": "post, hold, release"}, journal("x", (CLOUD, REED, 5, "pots"))),
    ("W518", {"field": "idem", "value": "''", "most": 200}, journal("", (CLOUD, REED, 5))),
    ("W518", {"field": "idem", "value": r"'pay 1\n'", "most": 200}, journal("pay 1\n", (CLOUD, REED, 5))),
    ("W518", {"field": "idem", "value": "' pay:1'", "most": 200}, journal(" pay:1", (CLOUD, REED, 5))),
    ("W518", {"field": "idem", "value": "'" + "x" * 199, "most": 200}, journal("x" * 201, (CLOUD, REED, 5))),
    ("W518", {"field": "idem", "value": "1", "most": 200}, journal(1, (CLOUD, REED, 5))),
], ids=lambda value: value if isinstance(value, str) else "")
def test_refused_and_nothing_is_left(books, code, values, asked):
    """Each with the figures that the sentence needs, at the journal's key; a key that is none is its own place."""
    head = books.head()
    problem = refused(books.post, asked)
    assert (problem.code, dict(problem.values)) == (code, values)
    assert problem.place == (Place(field="idem") if code == "W518" else Place(file="x"))
    assert books.head() == head
    assert sums(books.balance(CLOUD)) == (0, 100_000, 0, 0)
    assert books.verify() == []


def test_a_refusal_speaks_of_money(books):
    problem = refused(books.post, journal("pay:7", (CLOUD, REED, 100_001)))
    assert problem.line() == ('pay:7 W503 account "budget:cloud" has 1,000.00 CNY left, '
                              'and 1,000.01 CNY was asked of it')


def test_the_account_that_lacks_is_named(books):
    """Of the two accounts of a transfer, the one whose rule it breaks: here the receivable, which nobody owes yet."""
    problem = refused(books.post, journal("x", (CLOUD, "receivable:reed", 5)))
    assert (problem.values["account"], problem.values["available"]) == ("receivable:reed", "0.00 CNY")


def test_a_misspelt_account_is_told_the_one_meant(books):
    assert refused(books.post, journal("x", (CLOUD, "payable:ree", 5))).suggestion == REED


def test_a_misspelt_phase_is_told_the_one_meant(books):
    assert refused(books.post, journal("x", (CLOUD, REED, 5, "relese"))).suggestion == "release"


def test_a_memo_that_no_database_can_hold_is_shown(books):
    problem = refused(books.post, replace(journal("x", (CLOUD, REED, 5)), memo="paid\0"))
    assert (problem.code, problem.values["field"], problem.values["value"]) == ("W518", "memo", r"'paid\x00'")


def test_a_refused_key_is_not_spent(books):
    refused(books.post, journal("pay:1", (CLOUD, REED, 100_001)))
    assert not books.post(journal("pay:1", (CLOUD, REED, 100_000))).again


def test_a_bundle_stands_or_falls_whole(books):
    bundle = [journal("pay:1", (CLOUD, REED, 60_000)), journal("pay:2", (CLOUD, HERON, 60_000))]
    assert refused(books.post_many, bundle).place.file == "pay:2"
    assert books.head().number == 1
    assert sums(books.balance(REED)) == (0, 0, 0, 0)


def test_journals_join_the_caller_s_transaction(books):
    with pytest.raises(RuntimeError), transaction(books.connection):
        books.post(journal("pay:1", (CLOUD, REED, 500)))
        raise RuntimeError
    assert books.head().number == 1


def test_a_caller_may_go_on_after_a_refusal(books):
    """The queue of a budget: who no longer fits is passed over, the rest is paid in the same transaction."""
    with transaction(books.connection):
        for firm, amount in ((REED, 70_000), (HERON, 40_000), ("payable:lotus", 30_000)):
            try:
                books.post(journal(firm, (CLOUD, firm, amount)))
            except WestlakeError as error:
                assert error.problems[0].code == "W503"
    assert [books.balance(firm).credits for firm in (REED, HERON, "payable:lotus")] == [70_000, 0, 30_000]
    assert books.verify() == []


def test_an_account_rolled_back_is_forgotten(books):
    with pytest.raises(RuntimeError), transaction(books.connection):
        books.open_account("payable:ghost", "CNY", "credit")
        books.post(journal("pay:1", (CLOUD, "payable:ghost", 500)))
        raise RuntimeError
    books.open_account("payable:willow", "CNY", "credit")
    books.post(journal("pay:1", (CLOUD, "payable:willow", 500)))
    assert refused(books.post, journal("pay:2", (CLOUD, "payable:ghost", 500))).code == "W501"
    assert books.verify() == []


def test_a_reversal_undoes_the_whole_last_first(books):
    books.post(journal("hold:1", (CLOUD, REED, 60_000, "hold")))
    paid = books.post(journal("pay:1", (CLOUD, REED, 60_000, "release"), (CLOUD, REED, 60_000)))
    undone = books.reverse(paid.id, "undo:1", JUNE + 1, "Wrong firm")
    assert books.journal(undone.id).journal == Journal(
        "undo:1", JUNE + 1, "reversal", "Wrong firm",
        (Transfer(REED, CLOUD, 60_000), Transfer(CLOUD, REED, 60_000, "hold")), reverses=paid.id)
    assert sums(books.balance(CLOUD)) == (60_000, 160_000, 60_000, 0)
    assert books.balance(CLOUD).available == 40_000
    assert books.verify() == []


def test_a_journal_is_reversed_once(books):
    paid = books.post(journal("pay:1", (CLOUD, REED, 500)))
    undone = books.reverse(paid.id, "undo:1", JUNE, "")
    assert books.reverse(paid.id, "undo:1", JUNE, "") == undone._replace(again=True)
    problem = refused(books.reverse, paid.id, "undo:2", JUNE, "")
    assert (problem.code, dict(problem.values), problem.place.file) == ("W509", {"journal": paid.id, "by": undone.id}, "undo:2")
    assert not books.reverse(undone.id, "redo:1", JUNE, "").again  # the reversal itself may have been the mistake
    assert books.verify() == []


def test_a_reversal_is_whole_or_none(books):
    paid = books.post(journal("pay:1", (CLOUD, REED, 500)))
    problem = refused(books.post, journal("undo", (REED, CLOUD, 499), reverses=paid.id))
    assert (problem.code, problem.place, dict(problem.values)) == ("W510", Place("undo"), {"journal": paid.id})


def test_money_spent_on_is_not_reversed(books):
    """Recovery of what was paid out is a receivable that relates to the payment, never an overdraft."""
    paid = books.post(journal("pay:1", (CLOUD, REED, 500)))
    books.post(journal("bank:1", (REED, "treasury", 500)))
    assert refused(books.reverse, paid.id, "undo:1", JUNE, "").code == "W503"
    books.post(journal("recover:1", ("receivable:reed", CLOUD, 500), relates_to=paid.id))
    assert (books.balance("receivable:reed").net, books.balance(CLOUD).available) == (500, 100_000)


def test_accounts_open_once(books):
    books.open_account(CLOUD, "CNY", "credit")
    for wrong in (("USD", "credit"), ("CNY", "free")):
        assert refused(books.open_account, CLOUD, *wrong).code == "W512"
    assert refused(books.open_account, "budget:new", "CNY", "credits").suggestion == "credit"
    assert refused(books.open_account, "budget:new", "CNX", "credit").suggestion == "CNY"
    assert refused(books.open_account, "budget:\tnew", "CNY", "credit").code == "W518"


def test_making_the_books_twice_changes_nothing(books):
    Books.create(books.connection)
    assert books.head().number == 1
    assert books.verify() == []


def test_a_journal_is_read_back_as_it_was_asked(books):
    asked = Journal("pay:湖-1", JUNE, "payment", "línea\nuna 호수", (
        Transfer(CLOUD, REED, 500), Transfer(CLOUD, HERON, 1, "hold")), relates_to=1)
    posted = books.post(asked)
    entry = books.journal(posted.id)
    assert (entry.journal, Posted(entry.id, entry.hash, False)) == (asked, posted)
    assert [entry.id for entry in books.journals(JUNE, JUNE)] == [posted.id]
    assert refused(books.journal, 99).code == "W511"

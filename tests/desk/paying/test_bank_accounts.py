"""A bank account is entered by one person, checked by another, and paid to only when it has cooled off."""

import pytest
from tests.desk.money_counter import Till

from westlake.desk.paying import bank_accounts
from westlake.errors import WestlakeError


@pytest.fixture
def till(tmp_path):
    made = Till(tmp_path / "westlake.db", tmp_path)
    yield made
    assert made.sound()
    made.close()


def proposed(till, firm="heron", number="6222-0212-0204"):
    return bank_accounts.propose_account(till.desk, till.staff["officer"], firm, "Heron Works", number, "Lake Bank",
                                         "102100099996", "cn")


def test_another_person_checks_it_and_it_cools_off(till):
    found = proposed(till)
    assert (found.checked_by, found.usable_from, found.country) == (None, None, "CN")
    assert [one.id for one in bank_accounts.unchecked_accounts(till.desk)] == [found.id]
    with pytest.raises(WestlakeError, match="W1010"):
        bank_accounts.check_account(till.desk, found.id, till.staff["officer"], "called them")
    with pytest.raises(WestlakeError, match="W1012"):
        bank_accounts.check_account(till.desk, found.id, till.staff["payer"], "  ")
    checked = bank_accounts.check_account(till.desk, found.id, till.staff["payer"], "called them")
    assert (checked.checked_by, checked.usable_from) == (till.staff["payer"].id, till.desk.today() + 7)
    with pytest.raises(WestlakeError, match="W1011"):
        bank_accounts.check_account(till.desk, found.id, till.staff["auditor"], "again")
    assert bank_accounts.unchecked_accounts(till.desk) == []


def test_the_first_account_that_the_register_has_verified_need_not_wait(till):
    till.know("heron", bank_account="6222 0212 0204")
    first = bank_accounts.check_account(till.desk, proposed(till).id, till.staff["payer"], "called them")
    assert first.usable_from == till.desk.today()
    second = bank_accounts.check_account(till.desk, proposed(till).id, till.staff["payer"], "called them")
    assert second.usable_from == till.desk.today() + 7  # the very same number entered again is a change too


def test_a_declared_account_waits(till):
    till.know("heron", assurance="declared", bank_account="6222-0212-0204")
    checked = bank_accounts.check_account(till.desk, proposed(till).id, till.staff["payer"], "called them")
    assert checked.usable_from == till.desk.today() + 7


def test_the_old_account_serves_while_the_new_one_cools(till):
    assert bank_accounts.account_for(till.desk, "heron") is None
    old = till.account(number="1111-2222")
    new = till.account(number="3333-4444", wait=7)
    assert bank_accounts.account_for(till.desk, "heron").id == old.id
    till.clock.wait(days=7)
    assert bank_accounts.account_for(till.desk, "heron").id == new.id
    assert [one.masked for one in bank_accounts.accounts_of(till.desk, "heron")] == ["•••• 4444", "•••• 2222"]


def test_what_no_payment_order_can_carry_is_refused_at_the_door(till):
    for holder, number, code, country in (("", "6222-0212", "102100099996", "CN"), ("Heron", "6222/0212", "102100099996", "CN"),
                                          ("Heron", "6222-0212", "1021", "CN"), ("Heron", "6222-0212", "LAKE", "DE")):
        with pytest.raises(WestlakeError) as error:
            bank_accounts.propose_account(till.desk, till.staff["officer"], "heron", holder, number, "Bank", code, country)
        assert {one.code for one in error.value.problems} <= {"W949", "W950"}
    assert bank_accounts.accounts_of(till.desk, "heron") == []


@pytest.mark.parametrize(("account", "code", "country", "scheme", "iban"), [
    ("6222-0212-0204", "102100099996", "CN", "CNAPS", False), ("110-234-567890", "004", "KR", "KFTC", False),
    ("DE89 3704 0044 0532 0130 00", "COBADEFF", "DE", "BIC", True), ("6222-0212-0204", "ICBKCNBJ", "CN", "BIC", False)])
def test_how_an_order_names_it(account, code, country, scheme, iban):
    named = bank_accounts.ordered_account("Heron", account, code, country)
    assert (named.bank_scheme, named.iban, " " in named.number) == (scheme, iban, False)


def test_a_page_shows_four_signs():
    assert [bank_accounts.masked(text) for text in ("6222-0212-0204", "1234", "")] == ["•••• 0204", "••••", "••••"]


def test_no_number_stands_in_the_record(till):
    proposed(till)
    act = list(till.desk.connection.execute("SELECT details FROM act WHERE act = 'desk.account_proposed'"))
    assert act == [('{"firm":"heron"}',)]

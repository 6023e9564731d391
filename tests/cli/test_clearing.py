"""An officer's word on one bill under two accounts: one of them is paid, never both."""

import pytest
from tests.bills.office import Office, row

from westlake.cli.clearing import clear_invoice, flag_dict, list_waiting, waiting_dict
from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.record import Record


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    Record.create(made.connection)
    made.first = made.send([row("50.00")])
    made.second = made.send([row("50.00", BillingAccountId="A-2")], uploader="lotus")
    return made


def clear(office, account="", delivery=0):
    with office.lines() as found:
        return clear_invoice(office.connection, found, "INV-1", account, delivery, "Bell", "asked", parse_day("2025-09-01"))


def test_a_bill_under_two_accounts_needs_its_account(office):
    with pytest.raises(WestlakeError) as refused:
        clear(office)
    assert [(one.code, one.values["accounts"]) for one in refused.value.problems] == [
        ("W815", "Heron Cloud/A-1, Heron Cloud/A-2")]
    with pytest.raises(WestlakeError, match="W815"):
        clear(office, account="A-3")
    assert office.bases() == []


@pytest.mark.parametrize("account", ["A-1", "Heron Cloud/A-1"])
def test_only_one_account_is_cleared_and_the_rival_stays_held(office, account):
    assert clear(office, account=account) == ["DUPLICATE_INVOICE"]
    assert office.bases() == [("reed", "INV-1", "compute", "2025-07", "50")]
    assert office.suspended() == [("DUPLICATE_INVOICE", "INV-1")]
    with pytest.raises(WestlakeError, match="W815"):  # said again without a name, it would pay the other one too
        clear(office)
    assert office.suspended() == [("DUPLICATE_INVOICE", "INV-1")]


def test_the_delivery_may_tell_the_account(office):
    assert clear(office, delivery=office.second.id) == ["DUPLICATE_INVOICE"]
    assert office.bases() == [("lotus", "INV-1", "compute", "2025-07", "50")]
    with pytest.raises(WestlakeError, match="W415"):
        clear(office, account="A-1", delivery=office.second.id)


@pytest.mark.parametrize(("lang", "name", "remedy"), [
    ("en", "Said to be paid, no proof", "bank's receipt"), ("ko", "납부했다고 하나 증빙 없음", "은행 영수증"),
    ("zh", "称已付款但无凭证", "银行回单")])
def test_what_is_flagged_is_listed_apart_with_its_name_and_what_to_do(office, capsys, lang, name, remedy):
    office.send([row("9.00", InvoiceId="INV-9")], uploader="reed")
    with office.lines() as found:
        waiting = [waiting_dict(one) for one in found.suspensions()]
        flagged = [flag_dict(one) for one in found.flags() if not one.holds]
    assert [(one["ruling"], one["invoice"], one["holds"]) for one in waiting + flagged] == [
        ("DUPLICATE_INVOICE", "INV-1", True), ("DUPLICATE_INVOICE", "INV-1", True), ("UNPROVEN", "INV-9", False),
        ("UNPROVEN", "INV-1", False)]
    list_waiting(waiting, flagged, lang)
    said = capsys.readouterr().err.replace("\n", " ")
    assert f"INV-9  A-1  {name}" in said
    assert said.count(remedy) == 1

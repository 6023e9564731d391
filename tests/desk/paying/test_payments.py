"""A payment is ordered once by two persons, may be voided before a bank sees it, and is listed as it stands."""

import pytest
from tests.desk.money_counter import Till, money_shelf
from tests.settlement.conftest import Office, line

from westlake.desk import people
from westlake.desk.calls import change_call, plan_call
from westlake.desk.cases import open_application
from westlake.desk.paying import batches, payments
from westlake.errors import WestlakeError


def test_no_payment_without_an_account_that_has_cooled_off(till):
    _, (pile, _) = till.agreed()
    till.approved(pile)
    with pytest.raises(WestlakeError, match="W1008"):
        till.take(pile, "order", "approver")
    till.account(wait=7)
    with pytest.raises(WestlakeError, match=r"W1009.*2026-01-08"):
        till.take(pile, "order", "approver")
    till.clock.wait(days=7)
    assert till.take(pile, "order", "approver").state == "ordered"


def test_who_checked_does_not_order(till):
    till.account()
    _, (pile, _) = till.agreed()
    till.approved(pile)
    both = till.person("Two Hats", "approver")
    _, (other, _) = till.agreed("lotus")
    till.account("lotus")
    people.grant_role(till.connection, both.id, "officer", "*", at=till.clock())
    till.take(other, "check", both)
    till.take(other, "approve", "approver")
    with pytest.raises(WestlakeError, match="W1013"):
        till.take(other, "order", both)
    assert till.take(other, "order", "approver").state == "ordered"


def test_nobody_checked_so_nobody_pays(till):
    """Approved without a check: the piles were found built some other way."""
    till.account()
    _, (pile, _) = till.agreed()
    till.connection.execute("INSERT INTO desk_fact (case_id, name, value, assurance, source, person, at)"
                            " VALUES (?, 'built', 'true', 'verified', 'office', 1, 0)", (pile.id,))
    till.take(pile, "approve", "approver")
    with pytest.raises(WestlakeError, match="W1013"):
        till.take(pile, "order", "approver")


def test_what_is_ordered_is_held_on_the_firms_account(till):
    till.account()
    _, (pile, deck) = till.agreed()
    till.ordered(pile)
    payable = till.balance("payable", "heron")
    assert (payable.net, payable.held_debits, payable.available) == (500_000, 500_000, 0)
    found, = payments.waiting(till.desk)
    assert (found.case, found.attempt, found.amount, found.state, found.checked_by, found.approved_by) == (
        pile.id, 1, 500_000, "waiting", till.staff["officer"].id, till.staff["approver"].id)
    assert payments.payable_for(till.desk, till.case(pile)) == 0
    assert payments.payable_for(till.desk, till.approved(deck)) == 500_000


def test_a_voided_payment_is_ordered_anew(till):
    till.account()
    _, (pile, _) = till.agreed()
    till.ordered(pile)
    first, = payments.waiting(till.desk)
    payments.void_payment(till.desk, first.id, till.staff["approver"], "wrong account")
    assert till.case(pile).state == "approved"
    assert till.balance("payable", "heron").held_debits == 0
    with pytest.raises(WestlakeError, match="W1015"):
        payments.void_payment(till.desk, first.id, till.staff["approver"], "again")
    till.take(pile, "order", "approver")
    assert [(one.attempt, one.state) for one in payments.payments(till.desk)] == [(2, "waiting"), (1, "void")]
    assert [(one.outcome, one.reason) for one in payments.outcomes(till.desk, first.id)] == [("void", "wrong account")]


def test_what_is_in_a_batch_is_not_voided_by_itself(till):
    till.account()
    _, (pile, _) = till.agreed()
    till.ordered(pile)
    till.batched()
    with pytest.raises(WestlakeError, match=r"W1015.*in a batch"):
        payments.void_payment(till.desk, payments.payments(till.desk)[0].id, till.staff["approver"], "late")


def test_lists_are_filtered_and_paged(till):
    for firm in ("heron", "lotus", "reed"):
        till.account(firm)
        for one in till.agreed(firm)[1]:
            till.ordered(one)
    till.released(1, 2)
    till.batched(3)
    assert [(one.id, one.state) for one in payments.payments(till.desk)] == [
        (6, "waiting"), (5, "waiting"), (4, "waiting"), (3, "batched"), (2, "sent"), (1, "sent")]
    assert [one.id for one in payments.payments(till.desk, limit=2, after=5)] == [4, 3]
    assert [one.id for one in payments.payments(till.desk, firm="lotus")] == [4, 3]
    assert [one.id for one in payments.payments(till.desk, state="sent", programme="pier_challenge", batch=1)] == [2, 1]
    assert payments.payments(till.desk, programme="elsewhere") == []
    assert [one.id for one in payments.waiting(till.desk)] == [4, 5, 6]


SETTLED = """
award: entitlement
kinds:
  application:
    start: draft
    ends: [done]
    steps:
      - {do: edit, from: draft, to: "=", who: [applicant]}
      - {do: submit, from: draft, to: agreed, who: [applicant]}
      - {do: finish, from: agreed, to: done, who: [officer]}
  milestone:
    start: approved
    ends: [paid]
    steps:
      - {do: order, from: approved, to: ordered, who: [approver], guards: [account_usable], effects: [order_settled]}
      - {do: confirm, from: ordered, to: paid, who: [system]}
      - {do: returned, from: [ordered, paid], to: approved, who: [system]}
"""


def test_a_settled_round_is_paid_by_the_same_batches(database, tmp_path):
    """Heron and lotus were settled from their bills; only heron has an application at the desk."""
    shelf = money_shelf(tmp_path)
    (shelf / "render_voucher" / "workflow.yaml").write_text(SETTLED, "utf-8")
    till = Till(database, tmp_path)
    office = Office(till.connection, till.offer("render_voucher").programme, till.offer("render_voucher").terms)
    for firm in ("heron", "lotus"):
        office.know(firm)
    settled = office.settle(line("heron", 2000), line("lotus", 1000), actor="kim")
    with pytest.raises(WestlakeError, match="W1029"):
        payments.open_round_payments(till.desk, till.staff["officer"], settled.id)
    boss = till.person("Boss Reed", "payer")
    office.approve(settled, actor=boss.actor)
    now = till.clock()
    call = plan_call(till.desk, till.staff["officer"], "render_voucher", "RV-25", 2025, now, now + 10**12, {
        "title": {"en": "Vouchers", "ko": "바우처", "zh": "券"}})
    call = change_call(till.desk, call, till.staff["officer"], "announced", announced=True)
    speaker = till.person("heron speaker", "applicant", "heron")
    till.take(open_application(till.desk, speaker, call, "heron"), "submit", speaker)
    opened, without = payments.open_round_payments(till.desk, till.staff["approver"], settled.id)
    assert ([(one.firm, one.amount, one.state) for one in opened], without) == ([("heron", 60_000, "approved")], ["lotus"])
    assert payments.open_round_payments(till.desk, till.staff["approver"], settled.id) == ([], ["lotus"])
    till.account("heron")
    with pytest.raises(WestlakeError, match="W1013"):
        till.take(opened[0], "order", "approver")
    second = till.person("Second Finn", "approver")
    till.take(opened[0], "order", second)
    found, = payments.waiting(till.desk)
    batch = till.batched(found.id)
    with pytest.raises(WestlakeError, match="W1019"):  # who approved the round has had it in hand
        batches.release_batch(till.desk, batch.id, boss, till.clock())
    batches.release_batch(till.desk, batch.id, till.second_payer, till.clock())
    till.statement((found, None, "debit", "B1"))
    assert till.case(opened[0]).state == "paid"
    assert office.balance("payable", "heron").net == 0
    assert till.sound()
    till.close()

"""No end of a case is one person's, and each that goes against its firm is appealed once, before somebody else."""

import pytest
from tests.desk.test_steps import refused

from westlake.dates import iso
from westlake.desk import people
from westlake.desk.applying.handing_in import hand_in
from westlake.desk.calls import find_call
from westlake.desk.cases import find_case, following
from westlake.desk.outbox import letters
from westlake.desk.paying import bank_accounts, bank_lines, batches, payments, recovering
from westlake.desk.paying.budgets import funds, held_for
from westlake.desk.paying.payment_order import Account
from westlake.rooms import verify_all

PDF = b"%PDF-1.4 piles"
DEBTOR = Account("Lakeside Office", "330100000001", "102331000002", "CNAPS")


@pytest.fixture
def agreed(counter):
    """Heron's pier of two stages under agreement, and its applicant; the books agree in the end."""
    case, applicant = counter.submitted(counter.call(appeal_days=20))
    yield counter.agreed(counter.take(case, "admit", "officer"), applicant), applicant
    assert verify_all(counter.connection).all_problems == []


def appealed(counter, case, applicant):
    """What was decided of a case is appealed against; the appeal."""
    counter.take(case, "appeal", applicant, note="It is not so.")
    return following(counter.desk, find_case(counter.desk, case.id), "appeal")[-1]


def terminated(counter, case):
    counter.take(case, "propose_termination", "officer", note="Nothing was built.")
    return counter.take(case, "terminate", "approver", note="Nothing was built.")


def missed(counter, part):
    """A part's day has passed, and an officer says so."""
    counter.clock.wait(days=max(part.due + 1 - counter.desk.today(), 0))
    return counter.take(part, "miss", "officer", note="No piles.")


def earned(counter, part, applicant, folder):
    """A part's evidence is in, checked and approved: its money is due."""
    roles = people.roles_of(counter.connection, applicant.id, counter.clock())
    hand_in(counter.desk, folder, part, applicant, roles, "evidence", "piles.pdf", PDF)
    for step, who in (("hand_in", applicant), ("check", "officer"), ("approve", "approver")):
        counter.take(part, step, who, note="so")


def paid(counter, part, applicant, tmp_path):
    """And by the bank's word it is paid."""
    made = bank_accounts.propose_account(counter.desk, applicant, "heron", "Heron", "620000000001", "Lake Bank",
                                         "102331000001", "CN")
    bank_accounts.check_account(counter.desk, made.id, counter.staff["officer"], "called back", 0)
    earned(counter, part, applicant, tmp_path)
    counter.take(part, "order", "approver")
    payer, order = counter.staff["payer"], payments.waiting(counter.desk)[0]
    batch = batches.make_batch(counter.desk, payer, counter.desk.today(), [order.id], DEBTOR)
    batches.release_batch(counter.desk, batch.id, counter.person("Pia Third", "payer"), counter.clock())
    bank_lines.import_statement(counter.desk, payer, (
        "reference,amount,currency,day,bank_reference,direction,reason\n"
        f"{order.reference},{order.amount // 100}.00,CNY,2026-02-20,B1,debit,\n").encode(), "bank.csv")


def test_nobody_ends_an_agreement_alone(counter, agreed):
    case, _ = agreed
    both = counter.person("Bo Both", "officer")
    people.grant_role(counter.connection, both.id, "approver", "*", at=counter.clock())
    assert refused(counter, case, "terminate", both, note="Ice.") == "W999"
    counter.take(case, "propose_termination", both, note="Ice.")
    assert refused(counter, case, "terminate", both, note="Ice.") == "W929"
    assert refused(counter, following(counter.desk, case)[0], "check", "officer", amount=1, note="so") == "W999"
    case = counter.take(case, "resume", "approver", note="It thawed.")
    assert case.state == "agreed"
    assert terminated(counter, case).state == "terminated"


def test_an_upheld_appeal_against_the_end_brings_the_agreement_and_its_money_back(counter, agreed):
    case, applicant = agreed
    before, parts = funds(counter.desk, case), following(counter.desk, case)
    shares = [held_for(counter.desk, part) for part in parts]
    case = terminated(counter, case)
    assert (case.amount, funds(counter.desk, case).held) == (0, 0)
    appeal = appealed(counter, case, applicant)
    assert refused(counter, case, "appeal", applicant, note="Again.") == "W964"
    counter.take(appeal, "uphold", "chair", note="So it is not.")
    case = find_case(counter.desk, case.id)
    assert (case.state, case.amount, funds(counter.desk, case).held) == ("agreed", before.held, before.held)
    assert [held_for(counter.desk, part) for part in parts] == shares
    assert terminated(counter, case).state == "terminated"  # decided anew, and appealed anew
    counter.take(appealed(counter, case, applicant), "dismiss", "chair", note="So it is.")
    assert refused(counter, case, "appeal", applicant, note="Again.") == "W1183"


def test_who_decided_does_not_judge_the_appeal_and_it_comes_in_time(counter, agreed):
    case, applicant = agreed
    people.grant_role(counter.connection, counter.staff["approver"].id, "chair", "*", at=counter.clock())
    case = terminated(counter, case)
    assert refused(counter, appealed(counter, case, applicant), "uphold", "approver", note="Well.") == "W929"
    counter.take(following(counter.desk, case, "appeal")[-1], "withdraw", applicant)
    counter.clock.wait(days=21)
    assert refused(counter, case, "appeal", applicant, note="Late.") == "W960"


def test_no_part_is_missed_before_its_day_nor_while_more_time_is_asked_for(counter, agreed):
    case, applicant = agreed
    pile = following(counter.desk, case)[0]
    counter.clock.wait(days=pile.due - counter.desk.today())
    assert refused(counter, pile, "miss", "officer", note="No piles.") == "W961"  # its day lasts until the evening
    counter.take(pile, "ask_extension", applicant, note="Ice.", day=pile.due + 30)
    counter.clock.wait(days=1)
    assert refused(counter, pile, "miss", "officer", note="No piles.") == "W964"
    counter.take(following(counter.desk, pile, "extension")[0], "grant", "officer", note="Ice.", day=pile.due + 30)
    assert refused(counter, pile, "miss", "officer", note="No piles.") == "W961"
    assert missed(counter, find_case(counter.desk, pile.id)).state == "missed"


def test_a_missed_part_comes_back_with_its_money(counter, agreed):
    case, applicant = agreed
    pile = following(counter.desk, case)[0]
    held = held_for(counter.desk, pile)
    missed(counter, pile)
    assert held_for(counter.desk, pile) == 0
    counter.take(appealed(counter, pile, applicant), "uphold", "chair", note="There they stand.")
    pile = find_case(counter.desk, pile.id)
    assert (pile.state, pile.amount, held_for(counter.desk, pile)) == ("planned", held, held)


def test_a_letter_on_a_missed_part_promises_an_appeal_only_where_one_is_taken(counter, agreed):
    case, applicant = agreed
    pile, deck = following(counter.desk, case)
    missed(counter, pile)
    told = letters(counter.desk, case=pile.id)[0].body
    assert f"You may appeal against this decision once, until {iso(counter.desk.today() + 20)}," in told
    assert "other parts" not in told  # nobody knows: there may be none, or they ended too
    terminated(counter, case)
    missed(counter, deck)
    assert "appeal" not in letters(counter.desk, case=deck.id)[0].body
    assert refused(counter, deck, "appeal", applicant, note="It is not so.") == "W966"


def test_an_agreement_is_not_finished_while_a_missed_part_may_come_back(counter, agreed):
    case, applicant = agreed
    pile, deck = following(counter.desk, case)
    missed(counter, deck)
    missed(counter, pile)
    assert refused(counter, case, "finish", "officer") == "W961"  # either may be appealed against for twenty days
    counter.clock.wait(days=20)
    appeal = appealed(counter, pile, applicant)
    counter.clock.wait(days=1)
    assert refused(counter, case, "finish", "officer") == "W964"
    counter.take(appeal, "dismiss", "chair", note="Nothing stands there.")  # answered: it is not appealed again
    assert counter.take(case, "finish", "officer").state == "done"


def test_what_was_missed_is_finished_once_nobody_may_appeal_any_more(counter, agreed):
    case, _ = agreed
    for part in following(counter.desk, case):
        missed(counter, part)
    counter.clock.wait(days=20)
    assert refused(counter, case, "finish", "officer") == "W961"
    counter.clock.wait(days=1)
    assert counter.take(case, "finish", "officer").state == "done"


@pytest.mark.parametrize("stop", ["suspend", "propose_termination"])
def test_a_missed_part_of_a_stopped_agreement_is_appealed_against_and_comes_back(counter, agreed, stop):
    case, applicant = agreed
    pile = following(counter.desk, case)[0]
    held = held_for(counter.desk, pile)
    missed(counter, pile)
    counter.take(case, stop, "officer", note="Ice.")
    counter.take(appealed(counter, pile, applicant), "uphold", "chair", note="There they stand.")
    pile = find_case(counter.desk, pile.id)
    assert (pile.state, held_for(counter.desk, pile)) == ("planned", held)


def test_an_appeal_against_a_missed_part_is_upheld_though_its_agreement_ended(counter, agreed):
    case, applicant = agreed
    before, (pile, deck) = funds(counter.desk, case).held, following(counter.desk, case)
    shares = [held_for(counter.desk, part) for part in (pile, deck)]
    missed(counter, pile)
    first = appealed(counter, pile, applicant)
    second = appealed(counter, terminated(counter, case), applicant)
    for appeal in (first, second):
        counter.take(appeal, "uphold", "chair", note="There they stand.")
    assert [find_case(counter.desk, one.id).state for one in (case, pile, deck)] == ["agreed", "planned", "planned"]
    assert ([held_for(counter.desk, part) for part in (pile, deck)], funds(counter.desk, case).held) == (shares, before)
    assert find_case(counter.desk, case.id).amount == before


def test_a_debarment_is_lifted_on_appeal(counter, agreed):
    case, applicant = agreed
    counter.take(case, "propose_debarment", "officer", note="False piles.")
    debarment = following(counter.desk, case, "debarment")[-1]
    counter.take(debarment, "debar", "approver", days=300, note="False piles.")
    new = counter.draft(counter.call(code="PIER-27"), applicant)
    assert refused(counter, new, "submit", applicant) == "W928"
    appeal = appealed(counter, debarment, applicant)
    assert refused(counter, debarment, "lift", "approver", note="Enough.") == "W964"  # the chair has it now
    counter.take(appeal, "uphold", "chair", note="True piles.")
    assert find_case(counter.desk, debarment.id).state == "lifted"
    assert counter.take(new, "submit", applicant).state == "submitted"


def test_what_was_asked_back_wrongly_is_owed_no_more(counter, agreed, tmp_path):
    case, applicant = agreed
    paid(counter, following(counter.desk, case)[0], applicant, tmp_path)
    counter.take(case, "claim_back", "officer", amount=100_000, note="Two piles are missing.")
    recovery = following(counter.desk, case, "recovery")[-1]
    counter.take(recovery, "demand", "approver")
    assert recovering.owed(counter.desk, recovery) == 100_000
    counter.take(appealed(counter, recovery, applicant), "uphold", "chair", note="They stand behind the others.")
    recovery = find_case(counter.desk, recovery.id)
    assert (recovery.state, recovery.due, recovering.owed(counter.desk, recovery)) == ("dropped", None, 0)


def demanded(counter, case, amount):
    """So much is asked back of what was paid."""
    counter.take(case, "claim_back", "officer", amount=amount, note="Two piles are missing.")
    return counter.take(following(counter.desk, case, "recovery")[-1], "demand", "approver")


def test_what_is_asked_back_waits_for_the_appeal_against_it(counter, agreed, tmp_path):
    case, applicant = agreed
    pile, deck = following(counter.desk, case)
    paid(counter, pile, applicant, tmp_path)
    earned(counter, deck, applicant, tmp_path)
    recovery = demanded(counter, case, 100_000)  # set off at once: nothing is owed any more
    appeal = appealed(counter, recovery, applicant)
    for step, who in (("settle", "approver"), ("propose_write_off", "officer")):
        assert refused(counter, recovery, step, who, note="Done.") == "W964"
    counter.take(appeal, "dismiss", "chair", note="They are.")
    assert counter.take(recovery, "settle", "approver").state == "repaid"


def test_a_demand_that_was_set_off_may_still_be_appealed_against_within_its_days(counter, agreed, tmp_path):
    case, applicant = agreed
    pile, deck = following(counter.desk, case)
    paid(counter, pile, applicant, tmp_path)
    earned(counter, deck, applicant, tmp_path)
    recovery = counter.take(demanded(counter, case, 100_000), "settle", "approver")
    counter.take(appealed(counter, recovery, applicant), "uphold", "chair", note="They stand.")
    assert find_case(counter.desk, recovery.id).state == "dropped"
    again = counter.take(demanded(counter, case, 100_000), "settle", "approver")
    counter.clock.wait(days=21)
    assert refused(counter, again, "appeal", applicant, note="Late.") == "W960"


def test_a_demand_is_not_written_off_under_the_appeal_against_it(counter, agreed, tmp_path):
    case, applicant = agreed
    paid(counter, following(counter.desk, case)[0], applicant, tmp_path)
    recovery = counter.take(demanded(counter, case, 100_000), "propose_write_off", "officer", note="Poor.")
    appeal = appealed(counter, recovery, applicant)
    assert refused(counter, recovery, "write_off", "approver", note="Poor.") == "W964"
    counter.take(appeal, "uphold", "chair", note="They stand.")
    assert find_case(counter.desk, recovery.id).state == "dropped"


def test_a_lapsed_award_comes_back_before_the_approver(counter):
    case, applicant = counter.submitted(counter.call(agree_days=5))
    case = counter.take(case, "admit", "officer")
    counter.reviewed(find_call(counter.desk, case.call), [case])
    counter.selected(find_call(counter.desk, case.call), [case])
    amount = counter.take(case, "award", "approver").amount
    counter.clock.wait(days=6)
    counter.take(case, "lapse", "approver", note="Nobody signed.")
    counter.take(appealed(counter, case, applicant), "uphold", "chair", note="The mail was down.")
    case = counter.take(case, "award", "approver")
    assert (case.state, case.amount, case.due) == ("awarded", amount, counter.desk.today() + 5)
    assert counter.take(case, "agree", applicant).state == "agreed"
    assert verify_all(counter.connection).all_problems == []

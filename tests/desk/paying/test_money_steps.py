"""An award's money from the budget to the firm, step by step: held, parted, earned, and what is left comes free."""

import pytest
from tests.desk.money_counter import TABLE, Till

from westlake.desk.applying.deciding import note_fact
from westlake.desk.cases import following, steps_of
from westlake.desk.moment import Moment
from westlake.desk.paying import budgets, money_steps
from westlake.desk.people import Held
from westlake.errors import WestlakeError


def codes(error):
    return [problem.code for problem in error.value.problems]


def figures(till, firm="heron"):
    """Free, held and spent of the budget, and what the firm is due."""
    budget = till.balance("budget")
    return budget.available, budget.held_debits, budget.debits, till.balance("payable", firm).net


def test_an_award_is_held_and_nothing_moves(till):
    case, _ = till.awarded()
    assert case.amount == 1_000_000
    assert figures(till) == (9_000_000, 1_000_000, 0, 0)
    assert [(one.idem, one.kind) for one in till.journals()] == [
        ("budget:pier_challenge:2026:0", "appropriation"),
        (f"hold:desk:{case.id}:{case.id}:{case.id}.2", "hold")]


def test_the_parts_make_the_award_exactly(till):
    """333.33 yuan: half rounded down is 166.66, and the last part takes the fen that is left."""
    case, parts = till.agreed(less=33_333)
    assert [(one.kind, one.title, one.amount) for one in parts] == [
        ("milestone", "pile", 16_666), ("milestone", "deck", 16_667)]
    assert case.amount == sum(one.amount for one in parts) == 33_333
    assert [budgets.held_for(till.desk, one) for one in (case, *parts)] == [33_333, 16_666, 16_667]


def test_what_is_awarded_is_never_more_than_the_rules_give(till):
    with pytest.raises(WestlakeError) as error:
        till.awarded(less=1_000_001)
    assert codes(error) == ["W1002"]
    with pytest.raises(WestlakeError) as error:
        till.awarded("lotus", less=0)
    assert codes(error) == ["W1004"]


def test_the_budget_ends_and_says_so(till):
    for number in range(10):
        till.awarded(f"firm{number}")
    with pytest.raises(WestlakeError) as error:
        till.awarded("late", cost="2000.00")
    assert codes(error) == ["W1001"]
    assert "¥1,000.00" in str(error.value) and "¥0.00" in str(error.value)
    assert till.balance("budget").available == 0


def test_a_milestone_earns_its_part(till):
    _, (pile, _) = till.agreed()
    pile = till.approved(pile)
    assert (pile.state, pile.amount) == ("approved", 500_000)
    assert figures(till) == (9_000_000, 500_000, 500_000, 500_000)
    assert budgets.held_for(till.desk, pile) == 0


def test_what_was_not_built_earns_nothing(till):
    _, (pile, _) = till.agreed()
    with pytest.raises(WestlakeError) as error:
        till.take(pile, "approve", "approver")
    assert codes(error) == ["W1006"]
    assert figures(till) == (9_000_000, 1_000_000, 0, 0)


def test_a_tranche_is_never_more_than_is_held_for_it(till):
    """The rules would give 5,000.00 for the piles; awarded was a tenth of that."""
    _, (pile, _) = till.agreed(less=100_000)
    assert till.approved(pile).amount == 50_000


def test_who_declines_gives_all_back(till):
    case, applicant = till.awarded()
    case = till.take(case, "decline", applicant)
    assert (case.amount, figures(till)) == (0, (10_000_000, 0, 0, 0))
    hold, back = (one.idem for one in till.journals()[1:])
    assert back == f"back{hold.removeprefix('hold')}"  # taken back whole: it never counted as promised


def test_what_was_missed_comes_free_and_the_case_ends_with_what_it_earned(till):
    case, (pile, deck) = till.agreed()
    till.approved(pile)
    with pytest.raises(WestlakeError) as error:
        till.take(case, "finish", "officer")
    assert codes(error) == ["W1026"]
    assert till.take(deck, "miss", "officer").amount == 0
    assert figures(till) == (9_500_000, 0, 500_000, 500_000)
    assert till.take(case, "finish", "officer").amount == 500_000


def test_a_case_that_is_terminated_leaves_nothing_for_its_open_parts(till):
    case, (pile, deck) = till.agreed()
    till.approved(pile)
    assert till.take(case, "terminate", "approver").amount == 500_000
    assert figures(till) == (9_500_000, 0, 500_000, 500_000)
    assert budgets.held_for(till.desk, deck) == 0
    till.take(deck, "check", "officer")
    with pytest.raises(WestlakeError) as error:
        till.take(deck, "approve", "approver")
    assert codes(error) == ["W1006"]


def test_an_amendment_takes_from_the_open_parts_and_gives_to_them(till):
    case, (pile, deck) = till.agreed()
    assert till.take(case, "adjust", "approver", amount=700_000).amount == 700_000
    assert [budgets.held_for(till.desk, one) for one in (pile, deck)] == [350_000, 350_000]
    till.approved(pile)
    till.take(case, "adjust", "approver", amount=900_000)
    assert budgets.held_for(till.desk, deck) == 550_000
    assert figures(till) == (9_100_000, 550_000, 350_000, 350_000)
    for amount, code in ((349_999, "W1027"), (1_000_001, "W1002")):
        with pytest.raises(WestlakeError) as error:
            till.take(case, "adjust", "approver", amount=amount)
        assert codes(error) == [code]


def test_what_an_applicant_asked_for_is_granted_by_an_amendment(till):
    case, applicant = till.awarded()
    case = till.take(case, "agree", applicant)
    case = till.take(case, "ask_amendment", applicant, note="a shorter pier", amount=600_000)
    assert figures(till) == (9_000_000, 1_000_000, 0, 0)
    till.take(following(till.desk, case, "amendment")[0], "grant", "approver")
    assert (till.case(case).amount, figures(till)) == (600_000, (9_400_000, 600_000, 0, 0))


def test_an_award_without_parts_is_one_milestone_that_earns_it_whole(database, tmp_path):
    table = TABLE.replace("milestones: {input: stage, part: part}\n", "").replace("[tranche, earn]", "[earn]")
    whole = Till(database, tmp_path, table=table)
    case, (only,) = whole.agreed()
    assert (only.kind, only.title, only.amount) == ("milestone", case.title, 1_000_000)
    whole.take(case, "adjust", "approver", amount=800_000)
    assert whole.approved(only).amount == 800_000
    assert figures(whole) == (9_200_000, 0, 800_000, 800_000)
    assert whole.sound()
    whole.close()


def test_what_the_rules_no_longer_give_is_not_earned(database, tmp_path):
    """The pier turns out to cost 12,000, not 20,000: of 10,000 promised the parts earn 6,000, and the rest comes free."""
    again = '      - {do: agree, from: awarded, to: agreed, who: [applicant], effects: [milestones]}\n'
    table = TABLE.replace("[tranche, earn]", "[earn]").replace(
        again, again + '      - {do: look_again, from: agreed, to: "=", who: [officer], effects: [decide]}\n').replace(
        "  step:\n", "  step:\n    look_again: {en: Look again, ko: 다시 판정, zh: 重新判定}\n", 1)
    till = Till(database, tmp_path, table=table)
    case, (pile, deck) = till.agreed()
    assert till.approved(pile).amount == 500_000
    note_fact(till.desk, case, till.staff["officer"], "cost", "12000.00", "verified", "the builder's bill")
    till.take(case, "look_again", "officer")
    till.take(deck, "check", "officer")
    step = till.offer("pier_challenge").workflow.kinds["milestone"].step("approve", "checked")
    assert money_steps.would_earn(till.desk, till.case(deck), step) == money_steps.Earning(500_000, 100_000)
    assert till.take(deck, "approve", "approver").amount == 100_000
    assert figures(till) == (9_400_000, 0, 600_000, 600_000)
    assert till.sound()
    till.close()


@pytest.fixture
def small(database, tmp_path):
    """A budget of 10,000.00, all of it heron's; an end of its agreement, or of a part, that does not stand is undone."""
    table = TABLE.replace("      - {do: claim_back,", "      - {do: reopen, from: terminated, to: agreed, who: [approver],"
                          " effects: [{promise_again: terminate}]}\n      - {do: claim_back,").replace(
        "  amendment:\n", "      - {do: reopen, from: missed, to: planned, who: [approver],"
                          " effects: [{promise_again: miss}]}\n  amendment:\n", 1)
    till = Till(database, tmp_path, table=table, budget="10000.00")
    yield till
    assert till.sound()
    till.close()


@pytest.mark.parametrize(("taken", "first"), [(700_000, 300_000), (1_000_000, 0)])
def test_an_end_that_does_not_stand_is_undone_though_its_money_is_others(small, taken, first):
    """What there is is promised again at once; the rest once lotus gives it back, to the same parts."""
    case, (pile, deck) = small.agreed()
    small.take(case, "terminate", "approver")
    other, applicant = small.awarded("lotus", less=taken)
    case = small.take(case, "reopen", "approver")
    assert (case.state, case.amount, budgets.funds(small.desk, case).held) == ("agreed", first, first)
    told = steps_of(small.desk, case)[-1].data
    assert (told["promised_again"], told["not_promised"]) == (first, 1_000_000 - first)
    with pytest.raises(WestlakeError, match="W1001"):
        small.take(case, "adjust", "approver", amount=1_000_000)
    small.take(other, "decline", applicant)
    small.take(case, "adjust", "approver", amount=first + 400_000)
    assert budgets.funds(small.desk, case).held == first + 400_000
    assert small.take(case, "adjust", "approver", amount=1_000_000).amount == 1_000_000
    assert budgets.not_promised(small.desk, case) == []
    assert [small.approved(one).amount for one in (pile, deck)] == [500_000, 500_000]
    assert figures(small) == (0, 0, 1_000_000, 1_000_000)


def test_a_part_that_was_not_missed_waits_for_its_money(small):
    case, (pile, deck) = small.agreed()
    small.take(pile, "miss", "officer")
    other, applicant = small.awarded("lotus", less=500_000)
    pile = small.take(pile, "reopen", "approver")
    assert (pile.state, pile.amount, budgets.held_for(small.desk, pile)) == ("planned", 0, 0)
    small.take(other, "decline", applicant)
    small.take(case, "adjust", "approver", amount=1_000_000)
    assert [budgets.held_for(small.desk, one) for one in (pile, deck)] == [500_000, 500_000]


def test_money_is_promised_once(till):
    case, _ = till.awarded()
    step = till.offer("pier_challenge").workflow.kinds["application"].step("award", "submitted")
    moment = Moment(till.desk, case, step, till.staff["approver"], Held("approver", "*"), {})
    with pytest.raises(WestlakeError) as error:
        money_steps.promise(moment)
    assert codes(error) == ["W1003"]


def test_every_step_names_its_journals(till):
    case, (pile, _) = till.agreed()
    till.approved(pile)
    told = [step.data.get("journals") for one in (case, pile) for step in steps_of(till.desk, one)]
    assert told == [None, [2], None, None, [3]]
    assert following(till.desk, case)[0].state == "approved"

"""Money rests on what is known: a decision on what was only said holds until more is known, and then nothing rests on
it before the rules have looked again; whoever no longer speaks for a firm is ordered nothing."""

import pytest
from tests.desk.applying.test_speaking import HANGZHOU, WREN, confirm, drafted, end, registered
from tests.desk.counter import LAKESIDE, Counter

from westlake.desk import files, people
from westlake.desk.applying.deciding import last_decision
from westlake.desk.applying.drafting import save_answers
from westlake.desk.cases import following, open_application
from westlake.desk.paying import bank_accounts, payments
from westlake.desk.people import Held
from westlake.desk.steps import read_table
from westlake.errors import WestlakeError
from westlake.rules import load_programme

TABLES = [*sorted(path.parent for path in HANGZHOU.glob("*/workflow.yaml")), LAKESIDE / "pier_challenge"]
JUDGES = {"eligible", "ineligible", "facts_verified"}  # the guards that judge the last decision


@pytest.fixture
def counter(database):
    made = Counter(database, HANGZHOU, ("talent",))
    made.know("heron", name="Heron Works", resident="1")
    made.know("P-wren", **WREN, degree="doctor", employer="heron")
    yield made
    made.close()


@pytest.fixture
def piers(database):
    made = Counter(database)
    yield made
    made.close()


def refusal(counter, case, step, who, **said):
    """Why a step is refused, told in three languages."""
    with pytest.raises(WestlakeError) as error:
        counter.take(case, step, who, **said)
    problem = error.value.problems[0]
    assert all(problem.sentence(lang) and problem.way_out(lang) for lang in ("en", "ko", "zh"))
    return problem


def with_a_milestone(counter, applicant, folder):
    """A benefit in force, the evidence for it handed in and checked: the case and its milestone."""
    case = counter.take(drafted(counter, applicant), "submit", applicant)
    for step, who in (("admit", "officer"), ("award", "approver"), ("agree", applicant)):
        case = counter.take(case, step, who)
    milestone = following(counter.desk, case)[0]
    files.hand_in(counter.desk, folder, milestone, applicant, "evidence", "a.pdf", b"%PDF-1.4 x\n%%EOF\n")
    counter.take(milestone, "hand_in", applicant, note="done")
    return case, counter.take(milestone, "check", "officer", note="seen")


def test_once_more_is_known_a_decision_on_what_was_said_admits_and_refuses_nobody(counter):
    iris = registered(counter)
    case = counter.take(drafted(counter, iris, founder="false", largest_holder="false"), "submit", iris)
    assert not last_decision(counter.desk, case).eligible
    confirm(counter, iris)  # the register has her as founder
    assert [refusal(counter, case, step, "officer").code for step in ("refuse", "admit")] == ["W1163", "W1163"]
    assert '"Let the rules look again"' in refusal(counter, case, "admit", "officer").way_out()
    case = counter.take(case, "look_again", "officer")
    assert counter.take(case, "admit", "officer").state == "eligible"


def test_a_key_fact_that_was_verified_since_is_decided_on_anew(piers):
    applicant = piers.person("Hana Heron", "applicant", "heron")
    piers.know("heron", name="Heron")
    case = piers.take(piers.draft(piers.call(), applicant, resident="true"), "submit", applicant)
    assert last_decision(piers.desk, case).origins["resident"]["assurance"] == "declared"
    piers.know("heron", resident="1")
    assert refusal(piers, case, "admit", "officer").code == "W1163"
    assert piers.take(piers.take(case, "look_again", "officer"), "admit", "officer").state == "eligible"


def test_nothing_is_awarded_on_the_word_of_somebody_who_only_names_the_firm(piers):
    """The register knows that the firm is not of the city: chosen on what its impostor said, it is promised nothing."""
    piers.know("heron", name="Heron Works", resident="0")
    iris, call = registered(piers), piers.call()
    case = open_application(piers.desk, iris, call, "heron")
    save_answers(piers.desk, case, iris, Held("applicant", "*"), {
        "title": "A pier", "district": "north", "cost": "20000.00", "resident": "true", "summary": "A pier.",
        "work": "Piles in spring."})
    case = piers.take(piers.take(case, "submit", iris), "admit", "officer")
    piers.reviewed(call, [case])
    case = piers.selected(call, [case])[0]
    assert refusal(piers, case, "award", "approver").code == "W1143"
    confirm(piers, iris)
    assert refusal(piers, case, "award", "approver").code == "W1004"  # it decides on what the register knows
    case = piers.take(case, "look_again", "officer")
    assert not last_decision(piers.desk, case).eligible
    assert piers.take(case, "annul", "chair", note="not of the city").state == "panel"


def test_a_milestone_waits_while_the_last_decision_rests_on_what_was_said(counter, tmp_path):
    iris = registered(counter)
    confirm(counter, iris)
    case, milestone = with_a_milestone(counter, iris, tmp_path)
    end(counter, iris)
    counter.take(case, "look_again", "officer")  # on her answers, which are declared now
    assert refusal(counter, milestone, "approve", "approver").code == "W1143"
    confirm(counter, iris)
    assert refusal(counter, milestone, "approve", "approver").code == "W1163"
    counter.take(case, "look_again", "officer")
    assert counter.take(milestone, "approve", "approver").state == "approved"


def test_what_is_no_longer_eligible_earns_nothing(counter, tmp_path):
    iris = registered(counter)
    confirm(counter, iris)
    case, milestone = with_a_milestone(counter, iris, tmp_path)
    counter.know("P-wren", founder="0", largest_holder="0")
    counter.take(case, "look_again", "officer")
    assert refusal(counter, milestone, "approve", "approver").code == "W925"


@pytest.mark.parametrize("folder", TABLES, ids=lambda folder: folder.name)
def test_wherever_the_last_decision_is_judged_the_office_can_let_the_rules_look_again(folder):
    kinds = read_table(load_programme(folder)).kinds
    judged = set()
    for kind in kinds.values():
        for step in kind.steps:
            if JUDGES & {use.name for use in step.guards}:
                asked = next((use.given for use in step.guards if use.name == "parent_in"), ())
                judged |= {state for state in kind.states if kind.name == "application" and kind.step(step.name, state)} | set(asked)
    again = {state for state in kinds["application"].states for step in kinds["application"].from_state(state)
             if "officer" in step.who and "decide" in {use.name for use in step.effects}}
    assert judged
    assert judged <= again


def entered_account(counter, person, number, wait=7):
    """A bank account that somebody entered, another person checked, and that has cooled off."""
    made = bank_accounts.propose_account(counter.desk, person, "heron", "Heron Works", number, "Lake Bank", "102331000002", "CN")
    bank_accounts.check_account(counter.desk, made.id, counter.staff["payer"], "called")
    counter.clock.wait(days=wait)
    return made


def test_what_is_approved_is_not_ordered_for_somebody_who_no_longer_speaks_for_the_firm(counter, tmp_path):
    iris = registered(counter)
    confirm(counter, iris)
    _, milestone = with_a_milestone(counter, iris, tmp_path)
    milestone = counter.take(milestone, "approve", "approver")
    entered_account(counter, iris, "6222020000000001")
    end(counter, iris, reason="forged letter of authority")
    assert refusal(counter, milestone, "order", "approver").code == "W1143"
    assert payments.payments(counter.desk) == []
    confirm(counter, iris)
    assert counter.take(milestone, "order", "approver").state == "ordered"


def test_nobody_is_paid_to_an_account_of_somebody_who_no_longer_speaks_for_the_firm(counter, tmp_path):
    iris, hana = registered(counter), counter.person("Hana Heron", "applicant", "heron")
    confirm(counter, iris)
    _, milestone = with_a_milestone(counter, hana, tmp_path)
    milestone = counter.take(milestone, "approve", "approver")
    old, new = entered_account(counter, hana, "6222020000000001"), entered_account(counter, iris, "6222020000000002")
    assert bank_accounts.account_for(counter.desk, "heron").id == new.id
    end(counter, iris)
    assert bank_accounts.account_for(counter.desk, "heron").id == old.id
    confirm(counter, iris)
    end(counter, hana)
    people.grant_role(counter.connection, hana.id, "applicant", by=counter.staff["admin"], at=counter.clock(), firm="heron")
    end(counter, iris)
    assert bank_accounts.account_for(counter.desk, "heron").id == old.id  # she speaks for it again
    assert counter.take(milestone, "order", "approver").state == "ordered"
    assert [one.bank for one in payments.payments(counter.desk)] == [old.id]


def test_without_another_account_the_payment_waits_for_one(counter, tmp_path):
    iris, hana = registered(counter), counter.person("Hana Heron", "applicant", "heron")
    confirm(counter, iris)
    _, milestone = with_a_milestone(counter, hana, tmp_path)
    milestone = counter.take(milestone, "approve", "approver")
    entered_account(counter, iris, "6222020000000002")
    end(counter, iris)
    problem = refusal(counter, milestone, "order", "approver")
    assert (problem.code, problem.values) == ("W1164", {"firm": "heron", "account": "•••• 0002"})
    entered = entered_account(counter, counter.staff["officer"], "6222020000000003")  # the office itself heard it from the firm
    assert counter.take(milestone, "order", "approver").state == "ordered"
    assert [one.bank for one in payments.payments(counter.desk)] == [entered.id]


def test_an_officer_who_spoke_for_the_firm_does_not_vouch_for_it_as_the_office(counter):
    both = counter.person("Bo Both", "officer", "")
    admin = counter.staff["admin"]
    grant = people.grant_role(counter.connection, both.id, "operator", by=admin, at=counter.clock(), firm="heron")
    entered_account(counter, both, "6222020000000004")
    assert bank_accounts.account_for(counter.desk, "heron") is not None
    people.end_role(counter.connection, grant, admin, counter.clock(), "left")
    assert bank_accounts.account_for(counter.desk, "heron") is None

"""Whoever names a person in an application is not lent what the register knows of them, unless it ties the two."""

from pathlib import Path

import pytest
from tests.desk.counter import Counter

import westlake.programmes
from westlake.dates import day_number
from westlake.desk import steps
from westlake.desk.applying import deciding
from westlake.desk.applying.drafting import fields_of, save_answers
from westlake.desk.applying.named_person import facts_of
from westlake.desk.cases import answers, find_case, open_application
from westlake.desk.people import Held, roles_of
from westlake.register import Register

HANGZHOU = Path(westlake.programmes.__file__).parent / "hangzhou"
SAID = {"title": "A smithy", "person": "P-wren", "benefit": "startup", "origin": "outsider", "degree": "none",
        "founder": "false", "largest_holder": "false", "fraud": "false", "spend": "50000.00", "loan": "0.00",
        "interest_paid": "0.00", "office_asked_m2": "0"}
WREN = {"origin": "overseas_chinese", "founder": "1", "largest_holder": "1"}


@pytest.fixture
def counter(tmp_path):
    made = Counter(tmp_path / "westlake.db", HANGZHOU, ("talent",))
    made.know("P-wren", **WREN, degree="doctor")
    yield made
    made.close()


def draft(counter, firm="heron", **answers):
    """An application of heron's that names Wren."""
    call = counter.call("talent", f"TL-{counter.clock()}")
    speaker = counter.applicant(firm)
    case = open_application(counter.desk, speaker, call, firm)
    asked = fields_of(counter.desk.offered("talent"))
    save_answers(counter.desk, case, speaker, Held("applicant", "*", firm), {
        name: text for name, text in (SAID | answers).items() if name in asked})
    return find_case(counter.desk, case.id), speaker


def known(counter, case, **more):
    return {name: (one.value, one.assurance, one.source)
            for name, one in deciding.known_of(counter.desk, case, counter.desk.today(), **more).items() if name in WREN}


def test_a_strangers_facts_are_not_lent_to_whoever_types_their_number(counter):
    case, speaker = draft(counter)
    assert known(counter, case) == {name: (SAID[name], "declared", "unbound") for name in WREN}
    case = counter.take(case, "submit", speaker)
    stored = deciding.last_decision(counter.desk, case)
    assert (stored.eligible, stored.claim) == (False, 0)
    assert stored.origins["founder"] == {"assurance": "declared", "source": "unbound"}


@pytest.mark.parametrize("assurance, used", [("declared", False), ("verified", True), ("audited", True)])
def test_the_register_ties_a_person_to_their_employer_once_somebody_has_looked(counter, assurance, used):
    counter.know("P-wren", assurance, employer="heron")
    case, _ = draft(counter)
    assert {one[2] for one in known(counter, case).values()} == ({"registry"} if used else {"unbound"})
    assert deciding.known_of(counter.desk, case, counter.desk.today())["founder"].value == (1 if used else "false")


def test_another_firms_employee_is_nobody_here(counter):
    counter.know("P-wren", employer="egret")
    case, _ = draft(counter)
    assert {one[2] for one in known(counter, case).values()} == {"unbound"}
    own, _ = draft(counter, "P-wren")  # whoever calls their firm by a person's number is not that person
    assert {one[2] for one in known(counter, own).values()} == {"unbound"}


def test_who_applies_in_her_own_name_is_whom_the_office_says_she_is(counter):
    offered, day = counter.desk.offered("talent"), counter.desk.today()
    assert facts_of(counter.desk, offered, "person-7", "P-wren", day, applicant=7)[1].code == "W1120"
    counter.know("P-wren", employer="person-7")
    assert set(facts_of(counter.desk, offered, "person-7", "P-wren", day, applicant=7)[0]) == {*WREN, "degree"}
    counter.know("person-7", founder="1")
    assert set(facts_of(counter.desk, offered, "person-7", "person-7", day, applicant=7)[0]) == {"founder"}


def test_it_says_the_same_of_somebody_whom_the_register_has_never_heard_of(counter):
    offered, day = counter.desk.offered("talent"), counter.desk.today()
    for person in ("P-wren", "P-nobody"):
        facts, problem = facts_of(counter.desk, offered, "heron", person, day, applicant=None)
        assert (facts, problem.code, problem.values) == ({}, "W1120", {"person": person, "firm": "heron"})
        assert all(problem.sentence(lang) and problem.way_out(lang) for lang in ("en", "ko", "zh"))
    assert facts_of(counter.desk, offered, "heron", "", day, applicant=None) == ({}, None)


def test_a_firm_named_as_the_person_brings_none_of_its_own_facts(counter):
    """A firm's number typed where a person is asked: what is known of that firm does not stand in for one's own."""
    counter.know("crane", employer="heron", degree="doctor", size="micro")
    facts, _ = facts_of(counter.desk, counter.desk.offered("talent"), "heron", "crane", counter.desk.today(),
                        applicant=None)
    assert set(facts) == {"degree"}


def test_money_waits_for_a_tie_and_says_why(counter):
    case, speaker = draft(counter, founder="true", largest_holder="true")
    case = counter.take(case, "submit", speaker)
    case = counter.take(case, "admit", "officer")
    approver = counter.staff["approver"]

    def problem():
        roles = roles_of(counter.connection, approver.id, counter.clock())
        found = steps.possible(counter.desk, find_case(counter.desk, case.id), approver, roles)
        return next(one.problem for one in found if one.step.name == "award")

    assert problem().code == "W1120"
    counter.know("P-wren", employer="heron")
    assert problem() is None


def test_a_look_tells_nothing_of_what_others_were_given_for_a_stranger_and_a_decision_counts_it(counter):
    Register(counter.connection).enter("P-wren", "employer", "egret", day_number(2020, 1, 1), day_number(2026, 1, 5),
                                       "verified", "registry", day_number(2020, 1, 1))
    given, egret = draft(counter, "egret")
    given = counter.take(counter.take(given, "submit", egret), "admit", "officer")
    counter.take(given, "award", "approver")
    case, _ = draft(counter)
    assert deciding.known_of(counter.desk, case, counter.desk.today())["best_before"].value == 5_000_000
    assert deciding.known_of(counter.desk, case, counter.desk.today(), said=SAID)["best_before"].value == 0


@pytest.mark.parametrize("typed", ["P-wren", " P-wren ", "P-wren\t", "P-wren\u3000"])
def test_a_blank_about_a_number_makes_no_second_person_of_it(counter, typed):
    """Whoever was awarded once is the same person when their number is typed with blanks about it."""
    counter.know("P-wren", employer="heron")
    first, speaker = draft(counter, founder="true", largest_holder="true")
    first = counter.take(counter.take(first, "submit", speaker), "admit", "officer")
    counter.take(first, "award", "approver")
    call = counter.call("talent", f"TL-{counter.clock()}")
    second = open_application(counter.desk, speaker, call, "heron")
    said = {**SAID, "founder": "true", "largest_holder": "true", "person": typed}
    save_answers(counter.desk, second, speaker, Held("applicant", "*", "heron"), {
        name: said[name] for name in fields_of(counter.desk.offered("talent")) if name in said})
    assert answers(counter.desk, second)["person"] == "P-wren"
    seen = deciding.known_of(counter.desk, second, counter.desk.today())["best_before"].value
    assert seen == find_case(counter.desk, first.id).amount > 0
    second = counter.take(second, "submit", speaker)
    decided = deciding.last_decision(counter.desk, second)
    assert (decided.claim, decided.entitlement) == (5_000_000, 0)


def test_a_number_that_was_kept_with_blanks_still_counts(counter):
    """An answer of before blanks were taken off: what it was awarded is that person's."""
    counter.know("P-wren", employer="heron")
    first, speaker = draft(counter, founder="true", largest_holder="true")
    counter.connection.execute("UPDATE desk_answer SET value = ? WHERE case_id = ? AND field = 'person'",
                               ("\u3000P-wren\t", first.id))
    first = counter.take(counter.take(first, "submit", speaker), "admit", "officer")
    counter.take(first, "award", "approver")
    seen = {typed: deciding.known_of(counter.desk, draft(counter, firm, person=typed)[0], counter.desk.today())[
        "best_before"].value for firm, typed in (("egret", "P-wren"), ("crane", "P-wren "), ("grebe", "P-finch"))}
    assert seen == {"P-wren": 5_000_000, "P-wren ": 5_000_000, "P-finch": 0}

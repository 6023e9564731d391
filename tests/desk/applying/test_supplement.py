"""A supplement has a day that binds both sides, and is no second application: what the amount rests on stays."""

import pytest
from tests.desk.test_steps import refused

from westlake.desk import people
from westlake.desk.applying.drafting import save_answers, stands
from westlake.desk.applying.handing_in import hand_in
from westlake.desk.cases import answers, find_case, following, steps_of
from westlake.desk.files import files_of
from westlake.desk.outbox import letters
from westlake.desk.paying import bank_accounts, payments
from westlake.desk.people import Held
from westlake.errors import WestlakeError
from westlake.rooms import verify_all

PDF = b"%PDF-1.4 site plan"


def asked(counter, days=7):
    """Heron's pier, of which the office asks for a site plan."""
    case, applicant = counter.submitted(counter.call())
    return counter.take(case, "ask_supplement", "officer", note="the plan", day=counter.desk.today() + days), applicant


def write(counter, case, applicant, **given):
    save_answers(counter.desk, find_case(counter.desk, case.id), applicant, Held("applicant", "*", "heron"), given)


def attach(counter, tmp_path, case, applicant):
    roles = people.roles_of(counter.connection, applicant.id, counter.clock())
    hand_in(counter.desk, tmp_path, find_case(counter.desk, case.id), applicant, roles, "attachment", "plan.pdf", PDF)


def test_texts_and_files_are_supplied_and_the_amount_stays(counter, tmp_path):
    case, applicant = asked(counter)
    write(counter, case, applicant, title="A pier of oak", work="Piles in spring; the plan is attached.", cost="20000.00")
    attach(counter, tmp_path, case, applicant)
    for field, text in (("cost", "90000.00"), ("district", "south"), ("cost", ""), ("asked_amount", "90000.00")):
        with pytest.raises(WestlakeError, match="W1188"):
            write(counter, case, applicant, **{field: text})
    assert {name: answers(counter.desk, case).get(name, "") for name in stands(counter.desk, case)} == {
        "asked_amount": "", "cost": "20000.00", "district": "north"}
    case = counter.take(case, "supply", applicant)
    assert (case.state, case.due, case.title, case.asked) == ("submitted", None, "A pier of oak", 2_000_000)
    assert len(files_of(counter.desk, case)) == 1


def test_on_its_last_day_it_is_taken_and_on_the_next_no_more(counter, tmp_path):
    """The office's clock counts: Shanghai's midnight is four in the afternoon of London's winter."""
    case, applicant = asked(counter)
    while counter.desk.today() < case.due:
        counter.clock.wait(days=1)
    write(counter, case, applicant, title="On the last day")
    assert refused(counter, case, "close_supplement", "officer", note="no answer") == "W961"
    counter.clock.wait(days=1)
    assert refused(counter, case, "supply", applicant) == "W1187"
    for late in (lambda: write(counter, case, applicant, title="Too late"),
                 lambda: attach(counter, tmp_path, case, applicant)):
        with pytest.raises(WestlakeError, match="W1187"):
            late()
    assert answers(counter.desk, case)["title"] == "On the last day"


def test_nobody_is_asked_by_a_day_that_has_passed(counter):
    """Yesterday would let the office close what it asked for in the same minute; today is open until midnight."""
    case, applicant = counter.submitted(counter.call())
    today = counter.desk.today()
    assert refused(counter, case, "ask_supplement", "officer", note="the plan", day=today - 1) == "W969"
    assert find_case(counter.desk, case.id) == case
    case = counter.take(case, "ask_supplement", "officer", note="the plan", day=today)
    assert refused(counter, case, "close_supplement", "officer", note="no answer") == "W961"
    assert counter.take(case, "supply", applicant).state == "submitted"


def test_a_part_is_not_extended_to_a_day_that_has_passed(counter):
    case, applicant = counter.submitted(counter.call())
    counter.agreed(counter.take(case, "admit", "officer"), applicant)
    part = following(counter.desk, case, "milestone")[0]
    counter.take(part, "ask_extension", applicant, note="ice", day=part.due + 30)
    extension = following(counter.desk, part, "extension")[0]
    today = counter.desk.today()
    assert refused(counter, extension, "grant", "officer", note="so", day=today - 1) == "W969"
    assert (find_case(counter.desk, extension.id).state, find_case(counter.desk, part.id).due) == ("asked", part.due)
    counter.take(extension, "grant", "officer", note="so", day=part.due + 20)
    assert find_case(counter.desk, part.id).due == part.due + 20


def test_the_office_sets_a_new_day_or_goes_on_without(counter):
    case, applicant = asked(counter)
    counter.clock.wait(days=30)
    case = counter.take(case, "ask_supplement", "officer", note="the plan, for the last time", day=counter.desk.today() + 5)
    assert (case.state, case.due) == ("supplement", counter.desk.today() + 5)
    write(counter, case, applicant, title="Found it")
    counter.clock.wait(days=6)
    assert refused(counter, case, "close_supplement", applicant, note="over") == "W999"
    case = counter.take(case, "close_supplement", "officer", note="We go on by what we have.")
    assert (case.state, case.due) == ("submitted", None)
    assert letters(counter.desk, case=case.id)[0].kind == "supplement_closed"
    assert counter.take(case, "admit", "officer").state == "eligible"
    assert verify_all(counter.connection).all_problems == []


def test_an_order_that_the_office_voids_goes_back_without_the_bank(counter, tmp_path):
    case, applicant = counter.submitted(counter.call())
    counter.agreed(counter.take(case, "admit", "officer"), applicant)
    first = following(counter.desk, case, "milestone")[0]
    roles = people.roles_of(counter.connection, applicant.id, counter.clock())
    hand_in(counter.desk, tmp_path, first, applicant, roles, "evidence", "piles.pdf", PDF)
    made = bank_accounts.propose_account(counter.desk, applicant, "heron", "Heron", "620000000001", "Lake Bank",
                                         "102331000001", "CN")
    bank_accounts.check_account(counter.desk, made.id, counter.staff["officer"], "called back", 0)
    for step, who in (("hand_in", applicant), ("check", "officer"), ("approve", "approver"), ("order", "approver")):
        counter.take(first, step, who, note="so")
    payments.void_payment(counter.desk, payments.waiting(counter.desk)[0].id, counter.staff["approver"], "wrong account")
    assert find_case(counter.desk, first.id).state == "approved"
    assert steps_of(counter.desk, first)[-1].name == "void"
    assert [one.kind for one in letters(counter.desk, case=first.id)] == []

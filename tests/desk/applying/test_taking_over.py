"""An application outlives its writer: another speaker of the firm, whom the office has confirmed, takes it over."""

import pytest
from tests.desk.applying.test_speaking import confirm, drafted, end, problem_at_award, registered
from tests.desk.applying.test_speaking import counter as counter

from westlake.desk import acting, people, seeing, steps
from westlake.desk.applying import taking_over
from westlake.desk.cases import find_case, open_following
from westlake.desk.outbox import letters, write_letter
from westlake.desk.people import roles_of
from westlake.errors import WestlakeError


def roles(counter, person):
    return roles_of(counter.connection, person.id, counter.clock())


def over(counter, case, person):
    taking_over.take_over(counter.desk, find_case(counter.desk, case.id), person, roles(counter, person))


def sees(counter, case, person):
    return seeing.may_see(counter.desk, find_case(counter.desk, case.id), person, roles(counter, person))


@pytest.fixture
def heron(counter):
    """Iris applied and was confirmed; Hugo of the same firm was confirmed too; Ines only says that she is of it."""
    iris = registered(counter, "Iris Heron")
    case = counter.take(drafted(counter, iris), "submit", iris)
    hugo, ines = registered(counter, "Hugo Heron"), registered(counter, "Ines Nobody")
    confirm(counter, iris)
    confirm(counter, hugo)
    case = counter.take(counter.take(case, "look_again", "officer"), "admit", "officer")
    return iris, hugo, ines, case


def test_money_waits_while_nobody_confirmed_acts_and_goes_once_somebody_does(counter, heron):
    iris, hugo, _, case = heron
    end(counter, iris)
    assert problem_at_award(counter, case).code == "W1143"
    assert acting.silenced_among(counter.desk, [case]) == {case.id}
    over(counter, case, hugo)
    assert problem_at_award(counter, case) is None
    assert acting.silenced_among(counter.desk, [case]) == set()
    case = counter.take(case, "award", "approver")
    end(counter, hugo)
    assert acting.silence_on(counter.desk, case).code == "W1143"


def test_who_took_it_over_signs_and_whoever_applied_does_not_any_more(counter, heron):
    iris, hugo, _, case = heron
    case = counter.take(case, "award", "approver")
    with pytest.raises(WestlakeError, match="W999"):
        counter.take(case, "agree", hugo)
    over(counter, case, hugo)
    with pytest.raises(WestlakeError, match="W999"):
        counter.take(case, "agree", iris)
    assert not steps.possible(counter.desk, case, iris, roles(counter, iris))
    (act,) = counter.desk.record.acts(act=acting.TAKEN_OVER)
    assert (act.actor, act.subject) == (hugo.actor, case.subject)
    assert act.details == {"number": case.number, "firm": "heron", "before": iris.id}
    counter.take(case, "agree", hugo)
    row = counter.connection.execute("SELECT person, role FROM desk_step WHERE case_id = ? AND step = 'agree'", (case.id,)).fetchone()
    assert tuple(row) == (hugo.id, "applicant")
    over(counter, case, iris)  # she was on leave, and is back
    assert acting.acting_for(counter.desk, case) == iris.id


def test_letters_and_what_follows_go_to_who_acts_and_an_objection_stays_its_writers(counter, heron):
    _, hugo, ines, case = heron
    over(counter, case, hugo)
    write_letter(counter.desk, case, "awarded", {}, released=True)
    assert letters(counter.desk, case=case.id)[0].person == hugo.id
    later = open_following(counter.desk, counter.staff["officer"], case, "recovery", amount=100)
    assert acting.acting_among(counter.desk, [case, later]) == {case.id: hugo.id, later.id: hugo.id}
    theirs = open_following(counter.desk, counter.staff["officer"], case, "recovery", amount=100, applicant=ines)
    assert acting.acting_for(counter.desk, theirs) == ines.id


def test_whom_the_office_ended_acts_no_more_and_it_falls_back_to_who_did_before(counter, heron):
    """Jo took it over from Hugo, who had it from Iris: each is ended in turn, and gets no letter and takes no step any more."""
    iris, hugo, _, case = heron
    jo = registered(counter, "Jo Heron")
    confirm(counter, jo)
    case = counter.take(case, "award", "approver")
    over(counter, case, hugo)
    over(counter, case, jo)
    later = open_following(counter.desk, counter.staff["officer"], case, "recovery", amount=100)
    for acts, gone in ((jo, None), (hugo, jo), (iris, hugo)):
        if gone is not None:
            end(counter, gone)
            assert not sees(counter, case, gone)
            with pytest.raises(WestlakeError, match="W999"):
                counter.take(case, "agree", gone)
        assert acting.acting_among(counter.desk, [case, later]) == {case.id: acts.id, later.id: acts.id}
        write_letter(counter.desk, case, "awarded", {}, released=True)
        assert letters(counter.desk, case=case.id)[0].person == acts.id
        assert [person for person in (iris, hugo, jo) if acting.before(counter.desk, person)] == [acts]
        assert acting.before(counter.desk, acts) == {case.id: {iris.id, hugo.id, jo.id}}
    confirm(counter, hugo)  # he is back, and it is his again
    counter.take(case, "agree", hugo)


def test_whoever_is_only_let_to_write_along_any_more_does_not_act(counter, heron):
    iris, hugo, _, case = heron
    over(counter, case, hugo)
    end(counter, hugo)
    people.grant_role(counter.connection, hugo.id, "guarantor", by=counter.staff["officer"], at=counter.clock(), firm="heron")
    assert acting.acting_for(counter.desk, case) == iris.id


def test_nobody_else_sees_it_or_takes_it_over(counter, heron):
    """Who only names the firm, another firm's speaker, its guarantor, whom a speaker lets write along, and whoever was ended."""
    iris, hugo, ines, case = heron
    counter.know("egret", name="Egret Works")
    rival, backer, helper = registered(counter, "Rita Egret", "egret"), registered(counter, "Gail Bank", ""), registered(
        counter, "Hal Helper", "")
    confirm(counter, rival, "egret")
    people.grant_role(counter.connection, backer.id, "guarantor", by=counter.staff["officer"], at=counter.clock(), firm="heron")
    people.grant_role(counter.connection, helper.id, "co_applicant", by=hugo, at=counter.clock(), firm="heron")
    assert sees(counter, case, hugo)
    assert [sees(counter, case, one) for one in (ines, rival)] == [False, False]
    end(counter, hugo)
    assert not sees(counter, case, hugo)
    for one in (ines, rival, backer, helper, hugo, iris):
        with pytest.raises(WestlakeError, match="W1133"):
            over(counter, case, one)


def test_a_draft_is_its_writers_and_a_persons_own_application_theirs(counter, heron):
    iris, hugo, *_ = heron
    draft = drafted(counter, iris)
    own = drafted(counter, hugo, f"person-{hugo.id}")
    for one, person in ((draft, hugo), (own, iris)):
        assert not sees(counter, one, person)
        with pytest.raises(WestlakeError, match="W1133"):
            over(counter, one, person)
    own = counter.take(own, "submit", hugo)
    people.grant_role(counter.connection, iris.id, "applicant", by=counter.staff["officer"], at=counter.clock(), firm=own.firm)
    assert not sees(counter, own, iris)

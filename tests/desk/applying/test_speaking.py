"""Whoever names a firm is lent nothing that the register knows, until an officer has confirmed that they speak for it."""

from pathlib import Path

import pytest
from tests.desk.counter import Counter

import westlake.programmes
from westlake.desk import acting, people, steps
from westlake.desk.applying import confirming, deciding, speaking
from westlake.desk.applying.drafting import fields_of, save_answers
from westlake.desk.cases import find_case, open_application
from westlake.desk.panel import candidates
from westlake.desk.panel.interests import declare
from westlake.desk.people import Held, roles_of
from westlake.errors import WestlakeError
from westlake.register import Register

HANGZHOU = Path(westlake.programmes.__file__).parent / "hangzhou"
SAID = {"title": "A smithy", "person": "P-wren", "benefit": "startup", "origin": "outsider", "degree": "none",
        "founder": "true", "largest_holder": "true", "fraud": "false", "spend": "50000.00", "loan": "0.00",
        "interest_paid": "0.00", "office_asked_m2": "0"}
WREN = {"origin": "overseas_chinese", "founder": "1", "largest_holder": "1"}
EVIDENCE = "letter of authority, file 12"


@pytest.fixture
def counter(database):
    made = Counter(database, HANGZHOU, ("talent",))
    made.know("heron", name="Heron Works", resident="1")
    made.know("P-wren", **WREN, degree="doctor", employer="heron")
    yield made
    made.close()


def registered(counter, name="Iris Impostor", firm="heron"):
    """Somebody who registers by themselves and names a firm."""
    made = people.add_person(counter.connection, name, f"{name.split()[0].lower()}@mail.example", at=counter.clock())
    people.grant_role(counter.connection, made.id, "applicant", at=counter.clock())
    return people.change_person(counter.connection, made, made, firm=firm, organisation=f"{firm} by {name}")


def drafted(counter, speaker, firm="heron", **answers):
    case = open_application(counter.desk, speaker, counter.call("talent", f"TL-{counter.clock()}"), firm)
    asked = fields_of(counter.desk.offered("talent"))
    save_answers(counter.desk, case, speaker, Held("applicant", "*"), {
        name: text for name, text in (SAID | answers).items() if name in asked})
    return find_case(counter.desk, case.id)


def known(counter, case):
    return {name: (one.value, one.assurance, one.source)
            for name, one in deciding.known_of(counter.desk, case, counter.desk.today()).items() if name in WREN}


def confirm(counter, person, firm="heron", officer="officer", reason=EVIDENCE):
    by = counter.staff[officer] if isinstance(officer, str) else officer
    confirming.confirm_speaker(counter.desk, confirming.find_speaker(counter.desk, firm, person.id), by, reason)


def end(counter, person, firm="heron", reason="left the firm"):
    confirming.end_speaker(counter.desk, confirming.find_speaker(counter.desk, firm, person.id),
                           counter.staff["officer"], reason)


def problem_at_award(counter, case):
    approver = counter.staff["approver"]
    found = steps.possible(counter.desk, find_case(counter.desk, case.id), approver,
                           roles_of(counter.connection, approver.id, counter.clock()))
    return next(one.problem for one in found if one.step.name == "award")


DECLARED = {name: (SAID[name], "declared", "unconfirmed") for name in WREN}
LENT = {"origin": ("overseas_chinese", "verified", "registry"), "founder": (1, "verified", "registry"),
        "largest_holder": (1, "verified", "registry")}


def test_until_the_office_confirms_it_the_answers_alone_count_and_then_the_register(counter):
    iris = registered(counter)
    case = counter.take(drafted(counter, iris), "submit", iris)
    stored = deciding.last_decision(counter.desk, case)
    assert stored.origins["founder"] == {"assurance": "declared", "source": "unconfirmed"}
    assert (stored.given["origin"], stored.given["founder"]) == ("outsider", "true")
    assert known(counter, case) == DECLARED
    confirm(counter, iris)
    assert known(counter, case) == LENT
    assert deciding.decide_case(counter.desk, case, counter.desk.today()).given["origin"] == "overseas_chinese"
    end(counter, iris)
    assert known(counter, case) == DECLARED
    assert deciding.decide_case(counter.desk, case, counter.desk.today()).given["origin"] == "outsider"
    confirm(counter, iris)
    assert known(counter, case) == LENT


def test_money_waits_for_the_word_of_the_office(counter):
    iris = registered(counter)
    case = counter.take(drafted(counter, iris), "submit", iris)
    confirm(counter, iris)
    case = counter.take(counter.take(case, "look_again", "officer"), "admit", "officer")
    assert problem_at_award(counter, case) is None
    end(counter, iris)
    problem = problem_at_award(counter, case)
    assert (problem.code, problem.values) == ("W1143", {"firm": "heron"})
    with pytest.raises(WestlakeError, match="W1143"):
        counter.take(case, "award", "approver")
    confirm(counter, iris)
    assert counter.take(case, "award", "approver").state == "awarded"


def test_whom_the_office_entered_with_the_firm_or_gave_a_role_for_it_is_confirmed_until_it_ends_that(counter):
    entered = counter.person("Hana Heron", firm="heron")
    by_role = people.add_person(counter.connection, "Rolf Role", "rolf@mail.example", at=counter.clock())
    people.grant_role(counter.connection, by_role.id, "operator", by=counter.staff["admin"], at=counter.clock(), firm="heron")
    for one in (entered, by_role):
        assert speaking.speaks_for(counter.desk, one, "heron")
        assert not speaking.speaks_for(counter.desk, one, "teal")
        end(counter, one)
        assert not speaking.speaks_for(counter.desk, one, "heron")
    acts = [(act.act, act.details["firm"], act.details["reason"]) for act in counter.desk.record.acts(
        act=("desk.speaker_confirmed", "desk.speaker_ended"))]
    assert acts == [("desk.speaker_ended", "heron", "left the firm")] * 2


def test_who_is_invited_stands_and_falls_with_whoever_invited_them(counter):
    iris = registered(counter)
    hugo = people.add_person(counter.connection, "Hugo", "hugo@mail.example", firm="heron", at=counter.clock())
    people.grant_role(counter.connection, hugo.id, "co_applicant", by=iris, at=counter.clock(), firm="heron")
    assert not speaking.speaks_for(counter.desk, hugo, "heron")
    confirm(counter, iris)
    assert speaking.speaks_for(counter.desk, hugo, "heron")
    assert known(counter, drafted(counter, hugo)) == LENT
    end(counter, iris)
    assert not speaking.speaks_for(counter.desk, hugo, "heron")
    by_admin = people.add_person(counter.connection, "Ada", "ada@mail.example", at=counter.clock())
    people.grant_role(counter.connection, by_admin.id, "co_applicant", by=counter.staff["admin"], at=counter.clock(), firm="heron")
    assert speaking.speaks_for(counter.desk, by_admin, "heron")


def invited(counter, person, by):
    return people.grant_role(counter.connection, person.id, "co_applicant", by=by, at=counter.clock(), firm="heron")


def test_whom_a_speaker_invited_the_office_confirms_by_its_own_word_so_that_they_fall_with_nobody(counter):
    iris, hugo = registered(counter), registered(counter, "Hugo")
    confirm(counter, iris)
    invited(counter, hugo, iris)

    def hugo_stands():
        (one,) = [one for one in confirming.speakers_of(counter.desk, "heron") if one.person.id == hugo.id]
        return one.state, one.by_office

    assert hugo_stands() == ("confirmed", False)
    confirm(counter, hugo)
    assert hugo_stands() == ("confirmed", True)
    assert refused(counter, hugo, "officer") == "W1145"
    end(counter, iris)
    assert speaking.speaks_for(counter.desk, hugo, "heron")
    end(counter, hugo)
    assert hugo_stands() == ("ended", False)


def test_whom_the_office_ended_no_colleague_lets_in_again(counter):
    """Hugo's invitation does not give back what the office took; its own word does."""
    iris, hugo = registered(counter), registered(counter, "Hugo")
    for one in (iris, hugo):
        confirm(counter, one)
    end(counter, iris, reason="forged letter of authority")
    invited(counter, iris, hugo)
    assert not speaking.speaks_for(counter.desk, iris, "heron")
    assert known(counter, drafted(counter, iris)) == DECLARED
    assert {one.person.name: one.state for one in confirming.speakers_of(counter.desk, "heron")} == {
        "Hugo": "confirmed", "Iris Impostor": "ended"}
    confirm(counter, iris)
    assert speaking.speaks_for(counter.desk, iris, "heron")


def test_an_invitation_that_the_office_ended_is_not_given_again_but_one_that_the_firm_ended_is(counter):
    hugo, iris, otto = (registered(counter, name) for name in ("Hugo", "Iris", "Otto"))
    confirm(counter, hugo)
    grants = {one.id: invited(counter, one, hugo) for one in (iris, otto)}
    end(counter, iris)
    people.end_role(counter.connection, grants[otto.id], hugo, counter.clock())
    assert [speaking.speaks_for(counter.desk, one, "heron") for one in (iris, otto)] == [False, False]
    for one in (iris, otto):
        invited(counter, one, hugo)
    assert [speaking.speaks_for(counter.desk, one, "heron") for one in (iris, otto)] == [False, True]


def test_whom_the_office_entered_and_ended_is_not_let_in_by_an_invitation(counter):
    hana, hugo = counter.person("Hana Heron", firm="heron"), registered(counter, "Hugo")
    confirm(counter, hugo)
    end(counter, hana)
    invited(counter, hana, hugo)
    assert not speaking.speaks_for(counter.desk, hana, "heron")


def test_a_firm_of_which_only_its_applicant_has_spoken_needs_no_word_until_the_register_hears_of_it(counter):
    neva = registered(counter, "Neva New", "newt")
    Register(counter.connection).enter("newt", "name", "Newt", 20_000, 40_000, "declared", "applicant", 20_000)
    assert speaking.speaks_for(counter.desk, neva, "newt")
    assert {one[2] for one in known(counter, drafted(counter, neva, "newt")).values()} == {"unbound"}
    Register(counter.connection).enter("newt", "name", "Newt", 20_001, 40_000, "verified", "applicant", 20_000)
    assert not speaking.speaks_for(counter.desk, neva, "newt")  # what the office has looked at is no longer only theirs
    counter.know("newt", resident="1")
    assert not speaking.speaks_for(counter.desk, neva, "newt")
    assert {one[2] for one in known(counter, drafted(counter, neva, "newt")).values()} == {"unconfirmed"}


def test_a_firm_that_the_register_knows_only_as_an_employer_is_known(counter):
    """Who names it is not lent its people, and learns of nobody whether they work there: all questions of it agree."""
    counter.know("P-finch", **WREN, employer="grebe")
    gil = registered(counter, "Gil", "grebe")
    cases = [drafted(counter, gil, "grebe", person=typed) for typed in ("P-finch", "P-wren", "P-nobody")]
    assert [known(counter, case) for case in cases] == [DECLARED] * 3
    assert {acting.silence_on(counter.desk, case).code for case in cases} == {"W1143"}
    assert acting.silenced_among(counter.desk, cases) == {case.id for case in cases}
    assert not speaking.speaks_for(counter.desk, gil, "grebe")
    assert [one.person.id for one in confirming.waiting_speakers(counter.desk)] == [gil.id]
    confirm(counter, gil, "grebe")
    assert known(counter, cases[0]) == LENT
    assert {one[2] for one in known(counter, cases[1]).values()} == {"unbound"}
    assert acting.silence_on(counter.desk, cases[0]) is None


def test_that_somebody_only_says_they_work_there_makes_no_firm_known(counter):
    counter.know("P-finch", "declared", **WREN, employer="grebe")
    gil = registered(counter, "Gil", "grebe")
    case = drafted(counter, gil, "grebe", person="P-finch")
    assert {one[2] for one in known(counter, case).values()} == {"unbound"}
    assert (acting.silence_on(counter.desk, case), speaking.speaks_for(counter.desk, gil, "grebe"),
            confirming.waiting_speakers(counter.desk)) == (None, True, [])


def test_everybody_speaks_for_their_own_number_and_for_nobody_elses(counter):
    iris, other = registered(counter, firm=""), registered(counter, "Otto", "")
    own = f"person-{iris.id}"
    counter.know(own, founder="1")
    assert [speaking.speaks_for(counter.desk, one, own) for one in (iris, other)] == [True, False]
    assert speaking.silence(counter.desk, iris.id, own) is None
    assert speaking.silence(counter.desk, other.id, own).code == "W1143"


def refused(counter, person, officer, reason=EVIDENCE):
    with pytest.raises(WestlakeError) as error:
        confirm(counter, person, officer=officer, reason=reason)
    assert all(error.value.problems[0].sentence(lang) for lang in ("en", "ko", "zh"))
    return error.value.problems[0].code


def test_who_may_not_say_it(counter):
    iris = registered(counter)
    both = registered(counter, "Bo Both")
    people.grant_role(counter.connection, both.id, "officer", at=counter.clock())
    near = counter.person("Nea Near", "officer")
    declare(counter.desk, near, near.id, None, "heron", "my sister works there")
    same_mail = people.add_person(counter.connection, "Max Mail", "max@iris.example", at=counter.clock())
    people.grant_role(counter.connection, same_mail.id, "officer", at=counter.clock())
    people.change_person(counter.connection, iris, iris, email="iris@iris.example")
    assert {name: refused(counter, person, officer) for name, person, officer in (
        ("auditor", iris, "auditor"), ("approver", iris, "approver"), ("oneself", both, both), ("own firm", iris, both),
        ("declared", iris, near), ("colleague", iris, same_mail))} == {
        "auditor": "W1147", "approver": "W1147", "oneself": "W904", "own firm": "W1144", "declared": "W1144",
        "colleague": "W1144"}
    assert refused(counter, iris, "officer", reason=" ") == "W1146"
    confirm(counter, iris)
    assert refused(counter, iris, "officer") == "W1145"
    end(counter, iris)
    with pytest.raises(WestlakeError, match="W1145"):
        end(counter, iris)


def test_a_choice_by_quota_counts_what_they_answered_and_not_what_the_register_knows(counter):
    """A place kept for northern firms is not won by naming one."""
    counter.know("heron", district="north")
    counter.know("teal", district="north")
    iris, tea, own = registered(counter), counter.person("Tea Teal", "applicant", "teal"), registered(counter, "Otto", "")
    call = counter.call("talent", "TL-Q")
    for one in (iris, tea):
        open_application(counter.desk, one, call, one.firm)
    mine = open_application(counter.desk, own, call, f"person-{own.id}")
    counter.know(mine.firm, district="south")
    cases = [find_case(counter.desk, number) for number in (1, 2, 3)]

    def districts():
        return [one["district"] for one in candidates.fields_of(counter.desk, call, cases, ["district"]).values()]

    assert districts() == ["", "north", "south"]
    confirm(counter, iris)
    assert districts() == ["north", "north", "south"]


def test_those_who_wait_are_listed(counter):
    iris, hana = registered(counter), counter.person("Hana Heron", "applicant", "heron")
    registered(counter, "Neva New", "newt")  # of which the register knows nothing

    def states():
        return {one.person.name: one.state for one in confirming.speakers_of(counter.desk, "heron")}

    assert states() == {"Hana Heron": "confirmed", "Iris Impostor": "waiting"}
    assert [(one.person.id, one.firm) for one in confirming.waiting_speakers(counter.desk)] == [(iris.id, "heron")]
    confirm(counter, iris)
    end(counter, hana)
    assert states() == {"Hana Heron": "ended", "Iris Impostor": "confirmed"}
    assert confirming.waiting_speakers(counter.desk) == []

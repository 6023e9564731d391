"""The one way a case moves: who may, what must hold, what was seen meanwhile; and all of it commits, or none."""

import pytest
from tests.desk.counter import Counter

from westlake.database import Refused
from westlake.desk import people, steps
from westlake.desk.applying.deciding import last_decision
from westlake.desk.cases import find_case, following, steps_of
from westlake.desk.outbox import letters
from westlake.errors import WestlakeError
from westlake.record import Record
from westlake.rooms import verify_all


def codes(caught):
    return [problem.code for problem in caught.value.problems]


def refused(counter, case, step, who, **said):
    before = find_case(counter.desk, case.id)
    with pytest.raises(WestlakeError) as caught:
        counter.take(case, step, who, **said)
    assert find_case(counter.desk, case.id) == before
    return codes(caught)[0]


def test_an_application_from_draft_to_eligible(counter):
    """Submitted under a receipt, decided by the rules, admitted by an officer; each step an act, the reader written to."""
    case, _applicant = counter.submitted(counter.call())
    assert (case.state, case.number, case.asked, case.title) == ("submitted", "PIER-26-0001", 2_000_000, "A pier for heron")
    assert case.submitted_at is not None
    found = last_decision(counter.desk, case)
    assert (found.eligible, found.claim, found.reason) == (True, 1_000_000, "")
    assert found.origins["resident"] == {"assurance": "verified", "source": "registry"}
    assert found.origins["cost"] == {"assurance": "declared", "source": "applicant"}
    assert found.origins["built"]["assurance"] == "taken"
    case = counter.take(case, "admit", "officer")
    assert [(one.name, one.came_from, one.went_to, one.role) for one in steps_of(counter.desk, case)] == [
        ("submit", "draft", "submitted", "applicant"), ("admit", "submitted", "eligible", "officer")]
    assert [act.act for act in Record(counter.connection).acts(case.subject)] == [
        "desk.case_opened", "desk.submit", "desk.admit"]
    assert [(one.kind, one.state) for one in letters(counter.desk, case=case.id)] == [
        ("admitted", "draft"), ("receipt", "released")]
    assert verify_all(counter.connection).all_problems == []


def test_who_is_not_named_by_the_row_may_not(counter):
    case, applicant = counter.submitted(counter.call())
    other = counter.applicant("egret")
    for who in ("chair", "approver", "payer", "auditor", "admin", applicant, other):
        assert refused(counter, case, "admit", who) == "W999"
    assert refused(counter, case, "withdraw", other) == "W999"
    assert refused(counter, case, "confirm", "officer") == "W999"
    assert refused(counter, case, "edit", applicant) == "W999"


def test_a_role_for_another_programme_is_no_role_here(counter):
    case, _ = counter.submitted(counter.call())
    stranger = counter.person("Stranger", "officer", programme="render_voucher")
    assert refused(counter, case, "admit", stranger) == "W999"
    assert list(steps.possible(counter.desk, case, stranger, people.roles_of(counter.connection, stranger.id,
                                                                           counter.clock()))) == []


def test_whoever_saw_an_older_state_is_told(counter):
    case, _applicant = counter.submitted(counter.call())
    officer = counter.staff["officer"]
    counter.take(case, "look_again", officer)
    with pytest.raises(WestlakeError) as caught:
        steps.take(counter.desk, case, "admit", officer, people.roles_of(counter.connection, officer.id, counter.clock()))
    assert codes(caught) == ["W998"]


def test_what_the_row_asks_must_be_said(counter):
    case, _ = counter.submitted(counter.call())
    assert refused(counter, case, "ask_supplement", "officer") == "W969"
    assert refused(counter, case, "ask_supplement", "officer", note="the plan") == "W969"
    day = counter.desk.today() + 7
    case = counter.take(case, "ask_supplement", "officer", note="the plan", day=day)
    assert (case.state, case.due) == ("supplement", day)


def test_the_rules_refuse_and_the_officer_cannot_admit(counter):
    call = counter.call()
    case, _ = counter.submitted(call, "egret", cost="900.00")
    assert refused(counter, case, "admit", "officer") == "W925"
    assert last_decision(counter.desk, case).reason == "is_worth_it"
    case = counter.take(case, "refuse", "officer")
    assert case.state == "refused"
    good, _ = counter.submitted(call)
    assert refused(counter, good, "refuse", "officer") == "W926"


def test_a_failing_effect_leaves_nothing(counter, monkeypatch):
    """The decision, the letter and the step stand together or not at all."""
    call = counter.call()
    applicant = counter.applicant("heron")
    case = counter.draft(call, applicant)
    def fall(*given):
        raise WestlakeError.one("W920", what="the sky")
    monkeypatch.setitem(steps.EFFECTS, "send", fall)
    assert refused(counter, case, "submit", applicant) == "W920"
    tables = ("desk_submission", "desk_decision", "desk_step", "desk_message")
    assert [counter.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables] == [0, 0, 0, 0]


def test_a_substitute_counts_as_the_one_they_stand_in_for(counter):
    """The officer suspends; a substitute of that officer may not be the one who resumes."""
    case, applicant = counter.submitted(counter.call())
    officer, ada, ben = counter.staff["officer"], counter.person("Ada"), counter.person("Ben", "officer")
    people.delegate(counter.connection, officer, ada.id, 0, people.FOREVER, counter.clock(), "leave")
    case = counter.take(case, "admit", "officer")
    agreed = counter.agreed(case, applicant)
    suspended = counter.take(agreed, "suspend", "officer", note="a flood")
    assert refused(counter, suspended, "resume", "officer", note="dry") == "W929"
    assert refused(counter, suspended, "resume", ada, note="dry") == "W929"
    assert counter.take(suspended, "resume", ben, note="dry").state == "agreed"


def test_the_database_itself_refuses_a_hidden_transition(counter):
    _case, _ = counter.submitted(counter.call())
    for statement in ("UPDATE desk_case SET state = 'awarded' WHERE id = 1",
                      "UPDATE desk_case SET state = 'awarded', seq = seq + 1 WHERE id = 1",
                      "UPDATE desk_case SET amount = 5 WHERE id = 1",
                      "UPDATE desk_case SET firm = 'egret', seq = seq + 1 WHERE id = 1",
                      "DELETE FROM desk_case", "UPDATE desk_step SET person = 2", "DELETE FROM desk_step",
                      "INSERT INTO desk_step VALUES (1, 2, 'award', 'draft', 'awarded', 1, 'officer', 1, 1, '{}')",
                      "INSERT INTO desk_step VALUES (1, 3, 'award', 'submitted', 'awarded', 1, 'officer', 1, 1, '{}')"):
        with pytest.raises(Refused):
            counter.connection.execute(statement)
    assert verify_all(counter.connection).all_problems == []


@pytest.mark.parametrize(("statement", "expected"), [
    ("UPDATE desk_case SET state = 'awarded'", "W975"), ("UPDATE desk_case SET asked = 1", "W975"),
    ("UPDATE desk_step SET went_to = 'awarded'", "W976"), ("UPDATE desk_step SET data = '{}'", "W976"),
    ("DELETE FROM desk_step", "W976"), ("UPDATE desk_submission SET answers = '{}'", "W977"),
    ("UPDATE desk_decision SET claim = claim + 1", "W977"), ("UPDATE desk_decision SET given = '{}'", "W977")])
def test_what_is_changed_behind_the_desk_is_found(tmp_path, statement, expected):
    """Whoever owns the file can drop its guards; the record still tells what was."""
    counter = Counter(tmp_path / "westlake.db")
    counter.submitted(counter.call())
    from westlake.desk.tables import SCHEMA
    counter.connection.begin()
    with SCHEMA.unguarded(counter.connection):
        counter.connection.execute(statement)
    counter.connection.commit()
    assert expected in [problem.code for problem in verify_all(counter.connection).all_problems]
    counter.close()


def test_a_decision_is_appealed_once(counter):
    """An appeal that was taken back may be made again; one that was answered may not, until there is a new decision."""
    case, applicant = counter.submitted(counter.call(), cost="999.00")
    counter.take(case, "refuse", "officer")

    def appeal(answer, who, **said):
        counter.take(case, "appeal", applicant, note="Look again.")
        counter.take(following(counter.desk, case, "appeal")[-1], answer, who, **said)

    appeal("withdraw", applicant)
    appeal("dismiss", "chair", note="The rule is plain.")
    with pytest.raises(WestlakeError, match=f"W1183 the appeal {case.number}/2 against this decision was answered on 2026-01-01"):
        counter.take(case, "appeal", applicant, note="And again.")
    assert [one.problem.code for one in steps.possible(counter.desk, find_case(counter.desk, case.id), applicant,
                                                       people.roles_of(counter.connection, applicant.id, counter.clock()))
            if one.step.name == "appeal"] == ["W1183"]
    counter.clock.wait(days=40)
    assert refused(counter, case, "appeal", applicant, note="Late, too.") == "W1183"


def test_a_new_decision_can_be_appealed_anew(counter):
    case, applicant = counter.submitted(counter.call(), cost="999.00")
    counter.take(case, "refuse", "officer")
    counter.take(case, "appeal", applicant, note="It cost more.")
    counter.take(following(counter.desk, case, "appeal")[-1], "uphold", "chair", note="So it may have.")
    counter.take(case, "refuse", "officer")
    assert counter.take(case, "appeal", applicant, note="It did.").state == "refused"

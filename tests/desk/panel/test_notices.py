"""Making known at Lakeside: who is to be supported hangs out for some days, and anyone may object while it does."""

import pytest
from tests.desk.review_counter import ReviewCounter, code

from westlake.desk import outbox, seeing
from westlake.desk.cases import following
from westlake.desk.panel import assigning, choosing, interests, notices, reviewing
from westlake.desk.panel.outcome import outcome_of
from westlake.desk.people import find_person
from westlake.errors import WestlakeError


@pytest.fixture
def counter(review_counter):
    return review_counter


@pytest.fixture
def chosen(counter):
    """Two piers chosen, one not, and the run that says so."""
    call = counter.call(budget=2_500_000, objection_days=3)
    reviewers = [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")]
    cases = counter.paneled(call, reviewers, heron=9, swan=8, otter=7)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7, {"lottery": "no"}, "No lots.")
    return counter, call, cases, run


def test_a_notice_names_the_chosen_and_runs_its_days(chosen):
    counter, call, cases, run = chosen
    today = counter.desk.today()
    notice = notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert (notice.cases, notice.first_day, notice.last_day) == ((cases["heron"].id, cases["swan"].id), today, today + 2)
    stored = counter.connection.execute("SELECT cases FROM desk_notice").fetchone()[0]
    assert stored == f",{cases['heron'].id},{cases['swan'].id},"
    assert notices.notices(counter.desk, call) == notices.notices(counter.desk) == [notice]
    assert notice.runs_on(today + 2) and not notice.runs_on(today + 3)


def test_nothing_is_chosen_for_keeps_while_the_call_takes_applications_or_corrections(counter):
    call = counter.call(days=30)
    case, _ = counter.eligible(call)
    for name in ("Rita", "Rolf"):
        person = counter.reviewer(call, name)
        counter.assign(case, person)
        counter.review(case, person, 9)
    counter.take(case, "to_panel", "officer")
    chair = counter.staff["chair"]
    counter.clock.at = call.corrects_until - 10
    with pytest.raises(WestlakeError, match="until 2026-02-01 09:00"):
        choosing.select(counter.desk, call, chair, 7)
    assert choosing.preview(counter.desk, call, 7)["awards"] != []
    counter.clock.at = call.corrects_until
    assert choosing.select(counter.desk, call, chair, 7).result["awards"] != []


def test_what_cannot_be_made_known(chosen):
    counter, call, cases, run = chosen
    officer = counter.staff["officer"]
    assert code(notices.publish, counter.desk, call, officer, run, 0) == ["W1050"]
    assert code(notices.publish, counter.desk, call, officer, run, 3, [cases["otter"].id]) == ["W1051"]
    assert code(notices.publish, counter.desk, call, officer, run, 3, []) == ["W1051"]
    other = counter.call("dock_challenge", "DOCK-26")
    assert code(notices.publish, counter.desk, other, officer, run, 3) == ["W1180"]
    counter.closed(other)
    assert code(notices.publish, counter.desk, other, officer, run, 3) == ["W1051"]
    choosing.select(counter.desk, call, counter.staff["chair"], 8, {"lottery": "no"}, "No lots.")
    assert code(notices.publish, counter.desk, call, officer, run, 3) == ["W1051"]
    assert notices.notices(counter.desk) == []


def test_the_chairs_own_choice_is_made_known_too(chosen):
    counter, call, cases, run = chosen
    chair = counter.staff["chair"]
    for firm, amount in (("swan", 0), ("otter", 1_000_000)):
        choosing.override(counter.desk, run, cases[firm], amount > 0, amount, "The south.", chair, counter.roles(chair))
    notice = notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert set(notice.cases) == {cases["heron"].id, cases["otter"].id}


def test_anybody_objects_with_a_reason_while_it_hangs(chosen):
    counter, call, cases, run = chosen
    notice = notices.publish(counter.desk, call, counter.staff["officer"], run)
    citizen = counter.somebody("Cid", "applicant")
    assert code(notices.object_to, counter.desk, notice, cases["heron"], citizen, " ") == ["W1035"]
    assert code(notices.object_to, counter.desk, notice, cases["otter"], citizen, "No.") == ["W1053"]
    case = notices.object_to(counter.desk, notice, cases["heron"], citizen, "That pier stands already.")
    assert (case.kind, case.parent, case.state) == ("objection", cases["heron"].id, "filed")
    [one] = notices.objections(counter.desk, notice)
    assert (one.case, one.against, one.person, one.reason) == (case, cases["heron"].id, citizen.id,
                                                              "That pier stands already.")
    assert following(counter.desk, cases["heron"], "objection") == [case]
    counter.clock.wait(days=3)
    assert code(notices.object_to, counter.desk, notice, cases["heron"], citizen, "Too late.") == ["W1052"]


def test_an_objection_holds_up_the_award_and_hides_who_objects_from_the_applicant(chosen):
    counter, call, cases, run = chosen
    taken = counter.take(cases["heron"], "select", "chair")
    assert code(counter.take, taken, "award", "approver") == ["W962"]
    notice = notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert code(counter.take, taken, "award", "approver") == ["W963"]
    citizen = counter.somebody("Cid Zeal", "applicant")
    objection = notices.object_to(counter.desk, notice, taken, citizen, "That pier stands already.")
    counter.clock.wait(days=3)
    assert code(counter.take, taken, "award", "approver") == ["W964"]
    speaker = find_person(counter.connection, taken.applicant)
    assert seeing.view_of(counter.desk, objection, speaker, counter.roles(speaker)) == seeing.UNSEEN
    assert (objection.applicant, objection.firm) == (citizen.id, taken.firm)


def test_the_answer_to_an_objection_goes_to_whoever_objects_and_to_nobody_else(chosen):
    counter, call, cases, run = chosen
    taken = counter.take(cases["heron"], "select", "chair")
    notice = notices.publish(counter.desk, call, counter.staff["officer"], run)
    citizen = counter.somebody("Cid Zeal", "applicant")
    objection = notices.object_to(counter.desk, notice, taken, citizen, "That pier stands already.")
    told = [letter.id for letter in outbox.letters(counter.desk, person=taken.applicant)]
    answered = counter.take(objection, "dismiss", "officer", note="It sank in May.")
    assert [letter.kind for letter in outbox.letters(counter.desk, person=citizen.id)] == ["dismissed"]
    assert [letter.id for letter in outbox.letters(counter.desk, person=taken.applicant)] == told
    view = seeing.view_of(counter.desk, answered, citizen, counter.roles(citizen))
    assert seeing.shown_answers(counter.desk, answered, view) == {"reason": "That pier stands already."}
    [step] = seeing.shown_steps(counter.desk, answered, view)
    assert (step.name, step.person, step.data) == ("dismiss", None, {"said": {"note": "It sank in May."}})
    assert not seeing.may_see(counter.desk, taken, citizen, counter.roles(citizen))


def test_the_whole_way_from_invitation_to_notice_on_either_engine(tmp_path, database):
    counter = ReviewCounter(tmp_path, database)
    call = counter.call(budget=1_500_000)
    people = [counter.reviewer(call, "Rita", "piers"), counter.reviewer(call, "Rolf", "piers")]
    cases = {firm: counter.eligible(call, firm)[0] for firm in ("heron", "swan")}
    officer, chair = counter.staff["officer"], counter.staff["chair"]
    interests.declare(counter.desk, chair, chair.id, None, "egret", "We swim.")
    assert assigning.apply_assignment(counter.desk, assigning.assign(counter.desk, call, officer, 5), officer) == (4, 0)
    for mark, case in zip((9, 7), cases.values(), strict=True):
        for person in people:
            roles = counter.roles(person)
            assert case.id in [task.case.id for task in reviewing.assignments_of(counter.desk, person, roles, call)]
            reviewing.save_review_draft(counter.desk, case, person, roles, "merit", "1")
            counter.review(case, person, mark, mark, mark)
        counter.take(case, "to_panel", "officer")
    choosing.rank(counter.desk, call, chair, 5)
    counter.closed(call)
    run = choosing.select(counter.desk, call, chair, 5, {"lottery": "no"}, "No lots.")
    choosing.override(counter.desk, run, cases["swan"], False, 0, "Too deep.", chair, counter.roles(chair))
    assert [(one.case.firm, one.chosen) for one in choosing.standing(counter.desk, call)] == [
        ("heron", True), ("swan", False)]
    notice = notices.publish(counter.desk, call, officer, run)
    assert notices.objections(counter.desk, notice) == []
    assert notice.runs_on(counter.desk.today())
    speaker = find_person(counter.connection, cases["swan"].applicant)
    told = outcome_of(counter.desk, counter.again(cases["swan"]), speaker, counter.roles(speaker))
    assert (told.place.rank, told.of, told.place.bound.kind, told.comments) == (2, 2, "budget", ("The piles hold.",) * 2)
    counter.take(cases["heron"], "select", "chair")
    for find in (seeing.seen_cases_sql, seeing.named_cases_sql):
        condition, values = find(counter.desk, chair, counter.roles(chair))
        assert counter.connection.execute(f"SELECT count(*) FROM desk_case c WHERE {condition}", values).fetchone()[0] == 2
    assert [state for _, _, state, _ in reviewing.assignments(counter.desk, call)] == ["submitted"] * 4
    counter.close()


def test_an_upheld_objection_stops_the_award_until_the_case_is_chosen_and_made_known_anew(chosen):
    """Heron's pier lies on a spawning ground, says its neighbour, and the officer agrees. Swan's award goes on."""
    counter, call, cases, run = chosen
    heron, swan = (counter.take(cases[firm], "select", "chair") for firm in ("heron", "swan"))
    notice = notices.publish(counter.desk, call, counter.staff["chair"], run)
    neighbour = counter.somebody("Nina Next")
    objection = notices.object_to(counter.desk, notice, heron, neighbour, "It lies on a spawning ground.")
    counter.take(objection, "uphold", "officer", note="So it does.")
    counter.clock.wait(days=5)
    assert counter.take(swan, "award", "approver").state == "awarded"
    assert code(counter.take, heron, "award", "approver") == ["W1189"]
    notices.publish(counter.desk, call, counter.staff["chair"], run, cases=[heron.id])
    counter.clock.wait(days=5)
    assert code(counter.take, heron, "award", "approver") == ["W1189"]  # publishing the same again decides nothing
    counter.take(heron, "annul", "chair", note="To be weighed anew.")
    counter.take(heron, "select", "chair")
    assert code(counter.take, heron, "award", "approver") == ["W1189"]  # nobody outside knows of the new choice yet
    notices.publish(counter.desk, call, counter.staff["chair"], run, cases=[heron.id])
    assert code(counter.take, heron, "award", "approver") == ["W963"]
    counter.clock.wait(days=5)
    assert counter.take(heron, "award", "approver").state == "awarded"

"""Reviewing at Lakeside: who is asked, what they may write and when, and what counts."""

import pytest
from tests.desk.review_counter import code

from westlake.desk import seeing
from westlake.desk.panel import choosing, reviewing
from westlake.desk.people import Held


@pytest.fixture
def counter(review_counter):
    return review_counter


@pytest.fixture
def table(counter):
    """A call, a case that waits for two reviews, and two reviewers who have it."""
    call = counter.call()
    case, _ = counter.eligible(call)
    rita, rolf = counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")
    counter.assign(case, rita, rolf)
    return counter, call, case, rita, rolf


def test_only_reviewers_are_asked_and_only_who_is_asked_answers(counter):
    call, officer = counter.call(), counter.staff["officer"]
    rita = counter.somebody("Rita", "reviewer", programme="dock_challenge")
    assert code(reviewing.invite, counter.desk, call, officer, [rita.id]) == ["W1031"]
    assert code(reviewing.answer_invitation, counter.desk, call, rita, True) == ["W1033"]
    rolf = counter.somebody("Rolf", "reviewer")
    assert code(reviewing.invite, counter.desk, call, officer, [rolf.id], -1) == ["W1032"]
    reviewing.invite(counter.desk, call, officer, [rolf.id], topics="oak, steel")
    assert [(one.reviewer, one.state, one.load, one.topics) for one in reviewing.invitations(counter.desk, call)] == [
        (rolf.id, "invited", 12, "oak, steel")]


def test_a_reviewer_takes_on_less_but_never_more_than_asked(counter):
    call, officer = counter.call(), counter.staff["officer"]
    rita = counter.reviewer(call, "Rita", load=5, accepts=False)
    assert reviewing.answer_invitation(counter.desk, call, rita, True, load=9).load == 5
    assert reviewing.answer_invitation(counter.desk, call, rita, True, load=2, topics="silt").topics == "silt"
    reviewing.invite(counter.desk, call, officer, [rita.id], 7, "silt")
    [now] = reviewing.invitations(counter.desk, call)
    assert (now.state, now.load, now.seq) == ("accepted", 7, 4)


def test_points_are_weighted_once(table):
    counter, _, case, rita, _ = table
    # 40% of 7/10, 25% of 6/10, 35% of 9/10, of 100 points in thousandths
    assert counter.review(case, rita, 7, 6, 9) == 28_000 + 15_000 + 31_500


@pytest.mark.parametrize(("change", "problem"), [
    ({"merit": 11}, "W936"), ({"merit": -1}, "W936"), ({"confidence": 0}, "W1037"), ({"confidence": 6}, "W1037"),
    ({"comment": " "}, "W1037"), ({"comment": "x" * 8001}, "W1037")])
def test_a_review_that_cannot_be_is_refused(table, change, problem):
    counter, _, case, rita, _ = table
    assert code(counter.review, case, rita, **{"merit": 5, **change}) == [problem]
    assert reviewing.state_of(counter.desk, case, rita.id) == "assigned"


def test_what_is_written_is_kept_field_by_field_until_it_is_handed_in(table):
    counter, _, case, rita, _ = table
    roles = counter.roles(rita)
    reviewing.save_review_draft(counter.desk, case, rita, roles, "merit", "8")
    reviewing.save_review_draft(counter.desk, case, rita, roles, "merit", "9")
    reviewing.save_review_draft(counter.desk, case, rita, roles, "comment", "half a th")
    assert reviewing.state_of(counter.desk, case, rita.id) == "started"
    assert reviewing.review_draft(counter.desk, case, rita) == {"merit": "9", "comment": "half a th"}
    assert code(reviewing.save_review_draft, counter.desk, case, rita, roles, "bribe", "1") == ["W1037"]
    counter.review(case, rita, 3, 4, 5, 2, "Done.")
    assert reviewing.review_draft(counter.desk, case, rita) == {
        "merit": "3", "team": "4", "use": "5", "confidence": "2", "comment": "Done."}


def test_a_later_review_takes_the_place_of_the_earlier_one_and_both_are_kept(table):
    counter, _, case, rita, _ = table
    counter.review(case, rita, 3)
    counter.review(case, rita, 8, comment="I looked again.")
    [now] = reviewing.reviews_of(counter.desk, case, rita, counter.roles(rita))
    assert (now.seq, now.criteria["merit"], now.comment) == (2, 8, "I looked again.")
    assert counter.connection.execute("SELECT count(*) FROM desk_review").fetchone()[0] == 2
    assert reviewing.counted_reviews(counter.desk, case) == 1


def test_nobody_reviews_what_is_not_theirs(table):
    counter, call, case, rita, _ = table
    stranger = counter.reviewer(call, "Stranger")
    assert code(counter.review, case, stranger, 5) == ["W1034"]
    reviewing.withdraw_invitation(counter.desk, call, counter.staff["officer"], rita.id, "on leave")
    assert code(counter.review, case, rita, 5) == ["W1034"]
    assert reviewing.state_of(counter.desk, case, rita.id) == "withdrawn"


def test_the_panel_waits_for_enough_reviews_and_an_abstention_is_none(table):
    counter, _, case, rita, rolf = table
    counter.review(case, rita, 7)
    reviewing.abstain(counter.desk, case, rolf, counter.roles(rolf), "I know nothing of silt.")
    assert code(counter.take, case, "to_panel", "officer") == ["W1039"]
    counter.review(case, rolf, 6)
    assert counter.take(case, "to_panel", "officer").state == "panel"


def test_who_steps_back_no_longer_counts_nor_sees(table):
    counter, _, case, rita, rolf = table
    counter.review(case, rita, 7)
    counter.review(case, rolf, 7)
    assert code(reviewing.recuse, counter.desk, case, rita, " ") == ["W1035"]
    reviewing.recuse(counter.desk, case, rita, "He is my cousin.")
    assert reviewing.counted_reviews(counter.desk, case) == 1
    assert not seeing.may_see(counter.desk, case, rita, counter.roles(rita))
    assert reviewing.reviews_of(counter.desk, case, rita, counter.roles(rita)) == []
    officer = counter.staff["officer"]
    assert [one.name for one in reviewing.reviews_of(counter.desk, case, officer, counter.roles(officer))] == ["Rolf"]
    assert reviewing.assignments_of(counter.desk, rita, counter.roles(rita)) == []


def test_reviews_not_in_are_no_longer_asked_for_once_the_panel_sits(table):
    counter, call, case, rita, rolf = table
    late = counter.reviewer(call, "Late")
    counter.assign(case, late)
    counter.review(case, rita, 7)
    counter.review(case, rolf, 7)
    counter.take(case, "to_panel", "officer")
    assert reviewing.states_of(counter.desk, case) == {rita.id: "submitted", rolf.id: "submitted", late.id: "withdrawn"}


def test_due_days_and_the_table_of_who_has_what(counter):
    call = counter.call(review_days=3)
    first, _ = counter.eligible(call, "heron")
    second, _ = counter.eligible(call, "otter")
    rita, rolf = counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf", accepts=False)
    counter.assign(first, rita)
    counter.clock.wait(days=1)
    counter.assign(second, rita)
    day = counter.desk.today()
    counter.review(first, rita, 5)
    counter.clock.wait(days=4)
    tasks = reviewing.assignments_of(counter.desk, rita, counter.roles(rita))
    assert [(task.case.id, task.state, task.due, task.late) for task in tasks] == [
        (first.id, "submitted", day + 2, False), (second.id, "assigned", day + 3, True)]
    assert [(one.reviewer, one.state) for one in reviewing.invitations(counter.desk, call)] == [
        (rita.id, "accepted"), (rolf.id, "invited")]


def test_who_declines_gives_back_what_is_not_handed_in(counter):
    call = counter.call()
    first, _ = counter.eligible(call, "heron")
    second, _ = counter.eligible(call, "otter")
    rita = counter.reviewer(call, "Rita")
    counter.assign(first, rita)
    counter.assign(second, rita)
    counter.review(first, rita, 5)
    reviewing.answer_invitation(counter.desk, call, rita, False, "A new child.")
    assert [reviewing.state_of(counter.desk, case, rita.id) for case in (first, second)] == ["submitted", "withdrawn"]
    assert reviewing.assignments_of(counter.desk, rita, counter.roles(rita)) == []


def test_a_review_stands_once_the_choice_is_made(table):
    counter, call, case, rita, rolf = table
    counter.review(case, rita, 7)
    counter.review(case, rolf, 8)
    counter.take(case, "to_panel", "officer")
    counter.closed(call)
    choosing.select(counter.desk, call, counter.staff["chair"], 1)
    assert code(counter.review, case, rita, 1) == ["W1036"]


def test_an_officer_takes_a_case_back(table):
    counter, _, case, rita, _ = table
    officer = counter.staff["officer"]
    reviewing.withdraw_assignment(counter.desk, case, officer, rita.id, "twice by mistake")
    assert code(reviewing.withdraw_assignment, counter.desk, case, officer, rita.id, "again") == ["W1034"]
    assert not seeing.may_see(counter.desk, case, rita, [Held("reviewer", "*")])

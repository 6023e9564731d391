"""Who reads what at Lakeside: computed, looked at, applied; conflicts never, and what was begun stays."""

import pytest

from westlake.desk.panel import assigning, interests, reviewing
from westlake.errors import WestlakeError


@pytest.fixture
def counter(review_counter):
    return review_counter


def code(action, *given):
    with pytest.raises(WestlakeError) as refused:
        action(*given)
    [problem] = refused.value.problems
    return problem.code, problem.sentence()


@pytest.mark.parametrize(("topics", "text", "fit"), [
    ("oak piers", "An Oak pier", 1000 * 3 // 4),  # oak, pie, ier | ers
    ("机器人", "工业机器人应用", 1000), ("机器学习", "工业机器人应用", 1000 // 3), ("로봇", "서비스 로봇 제어", 1000),
    ("silt; 机器人", "工业机器人应用", 1000), ("", "oak", 0), ("oak", "", 0), (" , ", "oak", 0), ("ＯＡＫ", "oak", 1000)])
def test_how_well_a_reviewer_fits_can_be_counted_by_hand(topics, text, fit):
    assert assigning.best_share(assigning.topics_in(topics), assigning.groups_in(text)) == fit


def panel(counter, **terms):
    """Three cases of different woods, three reviewers who know one wood each."""
    call = counter.call(**{"reviews_per_case": 1, **terms})
    cases = {firm: counter.eligible(call, firm, title=title, summary=title)[0] for firm, title in (
        ("heron", "A pier of oak"), ("otter", "A pier of willow"), ("swan", "A pier of cedar"))}
    people = {name: counter.reviewer(call, name, topics, load=2) for name, topics in (
        ("Rita", "cedar"), ("Rolf", "oak"), ("Rosa", "willow"))}
    return call, cases, people


def who_has(counter, cases):
    return {firm: {reviewer for reviewer, state in reviewing.states_of(counter.desk, case).items()
                   if state in reviewing.LIVE} for firm, case in cases.items()}


def test_each_case_goes_to_whom_it_suits_and_only_when_it_is_applied(counter):
    call, cases, people = panel(counter)
    officer = counter.staff["officer"]
    run = assigning.assign(counter.desk, call, officer, 7)
    assert run.result == assigning.preview(counter.desk, call, 7)
    assert (run.result["total"], run.result["least"], run.result["optimal"]) == (3000, 1000, True)
    assert who_has(counter, cases) == {"heron": set(), "otter": set(), "swan": set()}
    assert assigning.apply_assignment(counter.desk, run, officer) == (3, 0)
    assert who_has(counter, cases) == {"heron": {people["Rolf"].id}, "otter": {people["Rosa"].id},
                                       "swan": {people["Rita"].id}}
    assert code(assigning.apply_assignment, counter.desk, run, officer)[0] == "W1055"


def test_a_conflict_is_never_bought(counter):
    call, cases, people = panel(counter)
    rolf = people["Rolf"]
    interests.declare(counter.desk, rolf, rolf.id, cases["heron"], "", "my brother")
    pairs = assigning.assign(counter.desk, call, counter.staff["officer"], 7).result["pairs"]
    assert [cases["heron"].id, rolf.id] not in [pair[:2] for pair in pairs]
    assert len(pairs) == 3


def test_what_was_begun_stays_and_what_was_not_may_move(counter):
    call, cases, people = panel(counter)
    officer = counter.staff["officer"]
    rita, rolf = people["Rita"], people["Rolf"]
    counter.assign(cases["heron"], rita)  # begun
    counter.assign(cases["otter"], rolf)  # not begun
    reviewing.start_review(counter.desk, cases["heron"], rita, counter.roles(rita))
    run = assigning.assign(counter.desk, call, officer, 7)
    assert [cases["heron"].id, rita.id, 0, True] in run.result["pairs"]
    assert assigning.apply_assignment(counter.desk, run, officer) == (2, 1)
    assert who_has(counter, cases) == {"heron": {rita.id}, "otter": {people["Rosa"].id}, "swan": {rita.id}}


def test_who_abstained_is_not_asked_again(counter):
    call, cases, people = panel(counter)
    rolf = people["Rolf"]
    counter.assign(cases["heron"], rolf)
    reviewing.abstain(counter.desk, cases["heron"], rolf, counter.roles(rolf), "too like mine")
    pairs = assigning.assign(counter.desk, call, counter.staff["officer"], 7).result["pairs"]
    assert [cases["heron"].id, rolf.id] not in [pair[:2] for pair in pairs]


def test_what_changed_since_must_be_computed_again(counter):
    call, cases, people = panel(counter)
    officer = counter.staff["officer"]
    run = assigning.assign(counter.desk, call, officer, 7)
    interests.declare(counter.desk, officer, people["Rosa"].id, None, "otter", "seen at lunch")
    assert code(assigning.apply_assignment, counter.desk, run, officer)[0] == "W1055"
    assert who_has(counter, cases) == {"heron": set(), "otter": set(), "swan": set()}


def test_cases_that_nobody_can_read_are_named(counter):
    call, cases, people = panel(counter)
    for person in people.values():
        interests.declare(counter.desk, person, person.id, cases["swan"], "", "we all know them")
    found, sentence = code(assigning.assign, counter.desk, call, counter.staff["officer"], 7)
    assert found == "W932"
    assert cases["swan"].number in sentence
    assert cases["heron"].number not in sentence


def test_a_reviewer_short_of_places_is_named(counter):
    call, _, _ = panel(counter, reviews_per_case=3)
    found, sentence = code(assigning.assign, counter.desk, call, counter.staff["officer"], 7)
    assert found == "W932"
    assert "Rita" in sentence
    assert "#" not in sentence


def test_a_floor_is_kept_or_refused(counter):
    call, _, _ = panel(counter)
    officer = counter.staff["officer"]
    assert assigning.assign(counter.desk, call, officer, 7, floor=900).result["least"] == 1000
    assert code(assigning.assign, counter.desk, call, officer, 7, 1001)[0] == "W933"


def test_nothing_to_assign(counter):
    call = counter.call()
    assert code(assigning.assign, counter.desk, call, counter.staff["officer"], 7)[0] == "W1044"
    counter.eligible(call)
    counter.reviewer(call, "Rita", accepts=False)
    assert code(assigning.assign, counter.desk, call, counter.staff["officer"], 7)[0] == "W1044"


def test_by_hand_only_to_whom_it_may_go(counter):
    call, cases, people = panel(counter)
    officer, rita = counter.staff["officer"], people["Rita"]
    interests.declare(counter.desk, rita, rita.id, None, "heron", "cousins")
    stranger = counter.reviewer(call, "Stranger", accepts=False)
    for case, reviewer in ((cases["heron"], rita), (cases["swan"], stranger)):
        assert code(assigning.assign_one, counter.desk, case, officer, reviewer.id)[0] == "W1056"
    assigning.assign_one(counter.desk, cases["swan"], officer, rita.id)
    assert code(assigning.assign_one, counter.desk, cases["swan"], officer, rita.id)[0] == "W1056"

"""What an applicant learns of a choice: nothing before it is told, then all of their own case, and never who reviewed it."""

import dataclasses

import pytest
from tests.desk.review_counter import ReviewCounter

from westlake.desk import seeing
from westlake.desk.outbox import letters, move_letter
from westlake.desk.panel import choosing, notices, reviewing, standing
from westlake.desk.panel.outcome import Outcome, outcome_of
from westlake.desk.people import person_by_email


@pytest.fixture
def counter(tmp_path):
    made = ReviewCounter(tmp_path)
    yield made
    made.close()


def panel(counter, budget=2_000_000, **terms):
    """Money for two piers of four: heron 90, swan 80, lynx 70, crane 50 points, below the threshold."""
    call = counter.call(budget=budget, **terms)
    readers = [counter.reviewer(call, "Rita Fox", organisation="Reed College"), counter.reviewer(call, "Rolf Oak")]
    return call, counter.paneled(call, readers, heron=9, swan=8, lynx=7, crane=5)


def speaker(counter, firm):
    return person_by_email(counter.connection, f"{firm}.speaker@{firm}.example")


def told(counter, case, firm="", person=None):
    person = person or speaker(counter, firm)
    return outcome_of(counter.desk, counter.again(case), person, counter.roles(person))


def figures(one):
    return one.place.rank, one.of, one.score, one.cut_off, one.passed_over, one.place.bound and one.place.bound.kind


def test_nothing_is_told_before_the_choice_is_made_known_and_then_to_all_who_took_part(counter):
    call, cases = panel(counter)
    assert {told(counter, case, firm) for firm, case in cases.items()} == {None}
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    counter.take(cases["heron"], "select", "chair")
    counter.take(cases["lynx"], "reject", "chair")
    assert {told(counter, case, firm) for firm, case in cases.items()} == {None}  # the letter is still a draft
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert {firm: figures(told(counter, case, firm)) for firm, case in cases.items()} == {
        "heron": (1, 4, 90_000, 80_000, False, None), "swan": (2, 4, 80_000, 80_000, False, None),
        "lynx": (3, 4, 70_000, 80_000, False, "budget"), "crane": (4, 4, 50_000, 80_000, False, "below_threshold")}


def test_a_letter_that_was_let_go_tells_only_the_one_to_whom_it_is(counter):
    call, cases = panel(counter)
    choosing.select(counter.desk, call, counter.staff["chair"], 7)
    for firm in ("lynx", "crane"):
        counter.take(cases[firm], "reject", "chair")
    letter = next(one for one in letters(counter.desk, case=cases["lynx"].id) if one.kind == "not_selected")
    move_letter(counter.desk, letter.id, counter.staff["officer"], "draft", "released")
    assert figures(told(counter, cases["lynx"], "lynx"))[:3] == (3, 4, 70_000)
    assert {firm: told(counter, cases[firm], firm) for firm in ("heron", "swan", "crane")} == {
        "heron": None, "swan": None, "crane": None}


def test_a_later_choice_that_nobody_was_told_of_is_not_told(counter):
    call, cases = panel(counter)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert told(counter, cases["lynx"], "lynx").place.run == run.id
    again = choosing.select(counter.desk, call, counter.staff["chair"], 8)
    assert told(counter, cases["lynx"], "lynx") is None
    notices.publish(counter.desk, call, counter.staff["officer"], again)
    assert told(counter, cases["lynx"], "lynx").place.run == again.id


def test_who_is_chosen_and_not_yet_named_learns_nothing(counter):
    call, cases = panel(counter)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    notices.publish(counter.desk, call, counter.staff["officer"], run, cases=[cases["heron"].id])
    assert told(counter, cases["swan"], "swan") is None
    assert told(counter, cases["lynx"], "lynx") is not None


def otherwise(counter, run, case, chosen, amount, reason):
    """What the chair decides a second later."""
    counter.clock.at += 1_000_000
    chair = counter.staff["chair"]
    standing.override(counter.desk, run, case, chosen, amount, reason, chair, counter.roles(chair))
    counter.clock.at += 1_000_000


def test_what_the_chair_decides_after_the_notice_is_told_by_the_next_one_only(counter):
    call, cases = panel(counter)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    notices.publish(counter.desk, call, counter.staff["officer"], run, cases=[cases["heron"].id])
    as_told = {firm: told(counter, case, firm) for firm, case in cases.items()}
    assert (as_told["swan"], as_told["heron"].place.chosen, as_told["lynx"].place.chosen) == (None, True, False)
    otherwise(counter, run, cases["swan"], False, 0, "The quay is full.")
    otherwise(counter, run, cases["heron"], False, 0, "It has a pier.")
    otherwise(counter, run, cases["lynx"], True, 900_000, "It has none.")
    assert {firm: told(counter, case, firm) for firm, case in cases.items()} == as_told
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    later = {firm: told(counter, case, firm) for firm, case in cases.items()}
    assert {firm: (one.place.chosen, one.place.amount, one.otherwise) for firm, one in later.items()} == {
        "heron": (False, 0, "It has a pier."), "swan": (False, 0, "The quay is full."),
        "lynx": (True, 900_000, "It has none."), "crane": (False, 0, "")}


def test_of_two_later_decisions_the_one_that_stood_when_it_was_told_is_shown(counter):
    call, cases = panel(counter)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    otherwise(counter, run, cases["swan"], False, 0, "The quay is full.")
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    otherwise(counter, run, cases["swan"], True, 500_000, "There is room after all.")
    found = told(counter, cases["swan"], "swan")
    assert (found.place.chosen, found.place.amount, found.otherwise) == (False, 0, "The quay is full.")


def test_a_letter_that_was_written_before_the_chair_decided_otherwise_does_not_tell_of_it(counter):
    call, cases = panel(counter, budget=2_100_000)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    counter.take(cases["lynx"], "reject", "chair")
    letter = next(one for one in letters(counter.desk, case=cases["lynx"].id) if one.kind == "not_selected")
    otherwise(counter, run, cases["lynx"], True, 100_000, "It has none.")
    move_letter(counter.desk, letter.id, counter.staff["officer"], "draft", "released")
    found = told(counter, cases["lynx"], "lynx")
    assert (found.place.chosen, found.otherwise) == (False, "")


def test_a_chairs_reason_tells_of_no_other_applicant_and_names_nobody_who_chose(counter):
    call, cases = panel(counter)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    heron, chair = speaker(counter, "heron"), counter.staff["chair"]
    otherwise(counter, run, cases["swan"], False, 0, f"{cases['heron'].number}, HERON, by {heron.name}, is stronger than"
              f" {cases['swan'].number} of Swan; Rita Fox of Reed College agrees. {chair.name}")
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    gone = seeing.STRUCK
    assert told(counter, cases["swan"], "swan").otherwise == (
        f"{gone}, {gone}, by {gone}, is stronger than {cases['swan'].number} of Swan; {gone} of {gone} agrees. {gone}")


def test_who_was_asked_and_never_handed_in_is_not_named_either(counter):
    call = counter.call(budget=1_000_000)
    readers = [counter.reviewer(call, name) for name in ("Rita Fox", "Rolf Oak", "Rex Quill")]
    case, _ = counter.eligible(call, "heron")
    counter.assign(case, *readers)
    for one in readers[:2]:
        counter.review(case, one, 8, comment="Rex Quill and I disagree.")
    reviewing.withdraw_assignment(counter.desk, case, counter.staff["officer"], readers[2].id, "Too late.")
    case = counter.take(case, "to_panel", "officer")
    counter.closed(call)
    notices.publish(counter.desk, call, counter.staff["officer"],
                    choosing.select(counter.desk, call, counter.staff["chair"], 7))
    assert told(counter, case, "heron").comments == (f"{seeing.STRUCK} and I disagree.",) * 2


def test_a_phase_that_hides_scores_keeps_them_back_until_its_end(counter):
    until = counter.clock() + 90 * 86_400_000_000
    call, cases = panel(counter, phases=[{"first": 0, "last": until, "hides": ["scores"]}])
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    assert told(counter, cases["lynx"], "lynx") is None
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert told(counter, cases["lynx"], "lynx") == Outcome(until)
    counter.clock.at = until
    assert told(counter, cases["lynx"], "lynx").score == 70_000


def test_no_other_applicant_and_nobody_beside_the_firm_is_told(counter):
    call, cases = panel(counter)
    notices.publish(counter.desk, call, counter.staff["officer"],
                    choosing.select(counter.desk, call, counter.staff["chair"], 7))
    colleague = counter.person("Cora", "co_applicant", "lynx")
    assert told(counter, cases["lynx"], person=colleague) == told(counter, cases["lynx"], "lynx")
    others = [speaker(counter, "heron"), counter.person("Opal", "operator", "lynx"), counter.person("Otis", "operator")]
    assert [told(counter, cases["lynx"], person=one) for one in others] == [None] * 3
    assert seeing.view_of(counter.desk, cases["lynx"], others[0], counter.roles(others[0])) == seeing.UNSEEN


def test_a_lower_one_that_was_taken_is_owned_up_to_with_what_stood_in_the_way(counter):
    """The second asks for more than is left; the third fits."""
    call = counter.call(budget=1_700_000)
    readers = [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")]
    cases = {}
    for firm, points, cost in (("heron", 9, "20000.00"), ("swan", 8, "20000.00"), ("lynx", 7, "12000.00")):
        case, _ = counter.eligible(call, firm, cost=cost)
        counter.assign(case, *readers)
        for one in readers:
            counter.review(case, one, points, points, points)
        cases[firm] = counter.take(case, "to_panel", "officer")
    counter.closed(call)
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    notices.publish(counter.desk, call, counter.staff["officer"], run)
    assert figures(told(counter, cases["swan"], "swan")) == (2, 3, 80_000, 70_000, True, "budget")


def test_comments_tell_neither_who_wrote_them_nor_in_which_order(counter):
    call = counter.call(budget=2_000_000)
    readers = [counter.reviewer(call, name) for name in ("Rita Fox", "Rolf Oak", "Runa Elm", "Rhys Ash")]
    said = ["Sound.", "I, rita fox, doubt the deck.", "Too dear.", "Good team."]
    orders = set()
    for firm in ("heron", "swan", "lynx", "otter", "crane", "teal"):
        case, _ = counter.eligible(call, firm)
        counter.assign(case, *readers)
        for one, text in zip(readers, said, strict=True):
            counter.review(case, one, 8, comment=text)
        counter.take(case, "to_panel", "officer")
    counter.closed(call)
    notices.publish(counter.desk, call, counter.staff["officer"],
                    choosing.select(counter.desk, call, counter.staff["chair"], 7))
    for case in [one.case for one in choosing.standing(counter.desk, call)]:
        found = told(counter, case, case.firm)
        assert sorted(found.comments) == sorted(["Sound.", "I, █████, doubt the deck.", "Too dear.", "Good team."])
        orders.add(found.comments)
        whole = str(dataclasses.asdict(found)).lower()
        assert not [one.name for one in readers if one.name.lower() in whole or one.email in whole]
    assert len(orders) > 1  # no reviewer has a place of their own


def test_a_review_that_was_withdrawn_is_not_told(counter):
    call, cases = panel(counter, budget=2_000_000)
    case = cases["lynx"]
    rita = next(one for one in reviewing.states_of(counter.desk, case))
    reviewing.withdraw_assignment(counter.desk, case, counter.staff["officer"], rita, "She knows the builder.")
    notices.publish(counter.desk, call, counter.staff["officer"],
                    choosing.select(counter.desk, call, counter.staff["chair"], 7))
    assert told(counter, case, "lynx").comments == ("The piles hold.",)


def test_what_is_decided_without_reviews_has_nothing_of_this(counter):
    call, cases = panel(counter)
    notices.publish(counter.desk, call, counter.staff["officer"],
                    choosing.select(counter.desk, call, counter.staff["chair"], 7))
    assert told(counter, cases["lynx"], "lynx") is not None
    offered = counter.offer("pier_challenge")
    counter.loaded["pier_challenge"] = dataclasses.replace(
        offered, workflow=dataclasses.replace(offered.workflow, criteria=()))
    assert told(counter, cases["lynx"], "lynx") is None

"""Why a case was passed over, and what choosing it would have cost."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.desk.panel.test_selection import CANDIDATES, POND, TERMS, choices, sound

from westlake.desk.panel.explanation import Replacement, bound_sentence, explain_skipped, resolve_with
from westlake.desk.panel.selection import Award, Passed, choose_cases
from westlake.desk.panel.terms import Bound, Candidate, Quota, Terms
from westlake.errors import WestlakeError


def told(terms, **more):
    selection = choose_cases(POND, terms, gap=0, seed="lakeside", **more)
    return {one.case: one.bound.kind for one in explain_skipped(POND, terms, selection)}


@pytest.mark.parametrize(("terms", "why"), [
    ({}, {"lotus": "budget"}),
    ({"one_per": ("organisation",)}, {"lotus": "budget", "reed": "one_per"}),
    ({"exclusions": (("reed", "heron"),)}, {"lotus": "budget", "reed": "excluded"}),
    ({"prerequisites": (("heron", "pier"),)}, {"heron": "prerequisite"}),
    ({"quotas": (Quota("district", "N", most_count=1),)}, {"lotus": "quota_count"}),
    ({"quotas": (Quota("district", "N", most_amount=55),)}, {"heron": "quota_amount"}),
])
def test_the_first_term_in_the_way_on_a_list(terms, why):
    assert told(Terms("ranked_list", 100, **terms)) == why


def test_whoever_ranks_below_all_chosen_is_told_on_request():
    terms = Terms("ranked_list", 100, edge="stop", threshold=65)
    selection = choose_cases(POND, terms)
    assert explain_skipped(POND, terms, selection) == ()
    assert [(one.case, one.bound) for one in explain_skipped(POND, terms, selection, everybody=True)] == [
        ("lotus", Bound("budget", {"left": 40, "amount": 50})), ("reed", Bound("list_closed", {"other": "lotus"})),
        ("mill", Bound("below_threshold", {"points": 60, "threshold": 65}))]


def test_who_was_not_drawn_hears_the_turn():
    terms = Terms("lottery", 60)
    selection = choose_cases(POND, terms, seed="lakeside")
    late = explain_skipped(POND, terms, selection, everybody=True)
    assert {one.case for one in late} == {"heron", "lotus", "reed", "mill"} - selection.cases
    assert [one.bound for one in late] == [Bound("not_drawn", {"turn": one.rank}) for one in late]


def test_what_the_best_choice_gave_up_and_for_what():
    terms = Terms("optimal", 100)  # lotus 80 + reed 70 + mill 60 = 210 for 100
    selection = choose_cases(POND, terms, gap=0)
    assert explain_skipped(POND, terms, selection) == (Passed("heron", 1, Bound("trade_off", {"left": 0, "amount": 60})),)
    assert resolve_with("heron", POND, terms, selection, gap=0) == Replacement(
        "heron", True, None, (Award("heron", 60, 1),), (Award("lotus", 50, 2), Award("mill", 20, 4)), 50)


def test_a_case_that_nothing_could_free():
    terms = Terms("optimal", 55, threshold=65, quotas=(Quota("district", "S", least_count=1),))
    selection = choose_cases(POND, terms, gap=0)
    assert resolve_with("mill", POND, terms, selection).bound == Bound("below_threshold", {"points": 60, "threshold": 65})
    assert resolve_with("heron", POND, terms, selection).bound == Bound("budget", {"left": 55, "amount": 60})
    assert resolve_with("lotus", POND, terms, selection).bound == Bound("no_choice_quota", {"quota": "district = S"})


@pytest.mark.parametrize("mode", ["ranked_list", "optimal"])
def test_a_place_that_a_minimum_reserved_is_told_as_what_it_is(mode):
    ponds = [Candidate("heron", 90_000, 60, {"district": "N"}), Candidate("swan", 80_000, 60, {"district": "S"})]
    terms = Terms(mode, 100, quotas=(Quota("district", "S", least_count=1), Quota("district", "N")))
    selection = choose_cases(ponds, terms, gap=0)
    assert selection.cases == {"swan"}
    assert explain_skipped(ponds, terms, selection) == (Passed("heron", 1, Bound("quota_least", {
        "quota": "district = S", "other": "swan", "left": 40, "amount": 60})),)
    assert resolve_with("heron", ponds, terms, selection, gap=0).bound == Bound("no_choice_quota", {
        "quota": "district = S"})


@pytest.mark.parametrize("mode", ["ranked_list", "optimal"])
def test_what_no_reserved_place_would_have_paid_is_short_of_money(mode):
    ponds = [Candidate("heron", 90_000, 99, {"district": "N"}), Candidate("swan", 80_000, 10, {"district": "S"}),
             Candidate("egret", 70_000, 90, {"district": "N"})]
    terms = Terms(mode, 95, quotas=(Quota("district", "S", least_amount=1),))
    found = explain_skipped(ponds, terms, choose_cases(ponds, terms, gap=0), everybody=True)
    # heron costs more than the whole budget; egret alone stands below the reserved place and is short by itself
    assert {one.case: one.bound.kind for one in found} == {
        "heron": "budget" if mode == "ranked_list" else "trade_off", "egret": "budget" if mode == "ranked_list"
        else "trade_off"}


@settings(max_examples=60)
@given(CANDIDATES, TERMS)
def test_the_cost_is_that_of_the_best_choice_with_it(candidates, terms):
    terms = replace(terms, quotas=tuple(quota for quota in terms.quotas if sound(quota)))
    try:
        selection = choose_cases(candidates, terms, gap=0)
    except WestlakeError:
        return
    possible = choices(candidates, terms)
    for one in explain_skipped(candidates, terms, selection, everybody=True):
        with_it = [value for value, some in possible if one.case in {each.case for each in some}]
        found = resolve_with(one.case, candidates, terms, selection, gap=0)
        assert found.possible == bool(with_it)
        assert not with_it or found.cost == selection.objective - max(with_it)


def test_sentences_carry_money_and_points():
    assert bound_sentence(Bound("budget", {"left": 123_456, "amount": 200_000})) == (
        "the budget had ¥1,234.56 left, the case needs ¥2,000.00")
    assert bound_sentence(Bound("below_threshold", {"points": 59_500, "threshold": 60_000}), "ko") == (
        "59.5점으로 기준 60점에 미달")
    assert bound_sentence(Bound("one_per", {"field": "organisation", "value": "A", "other": "heron"}), "zh") == (
        "每个 organisation 限一项：A 已以 heron 入选")

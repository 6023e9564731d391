"""Who is chosen under a budget and its terms, against trying every choice and against the knapsack's table."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake.desk.panel.lottery import same_draw
from westlake.desk.panel.selection import Award, Passed, choose_cases
from westlake.desk.panel.terms import Bound, Candidate, Quota, Terms
from westlake.errors import WestlakeError

NAMES = ("egret", "heron", "lotus", "mill", "pier", "reed", "shore")
CANDIDATES = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.sampled_from("NS"), st.sampled_from("ABC")),
                      max_size=7).map(lambda rows: [
                          Candidate(name, points, amount, {"district": district, "organisation": house})
                          for name, (points, amount, district, house) in zip(NAMES, rows, strict=False)])
QUOTAS = st.lists(st.builds(
    Quota, st.just("district"), st.sampled_from("NS"), least_count=st.integers(0, 2),
    most_count=st.sampled_from([None, 2, 3]), least_share_ppm=st.sampled_from([0, 250_000]),
    most_share_ppm=st.sampled_from([None, 500_000]), least_amount=st.sampled_from([0, 3]),
    most_amount=st.sampled_from([None, 8])), max_size=2).map(tuple)
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES[:3]), st.sampled_from(NAMES[3:])), max_size=2).map(tuple)
TERMS = st.builds(Terms, st.just("optimal"), st.integers(0, 30), threshold=st.integers(0, 3),
                  objective=st.sampled_from(["points", "points_x_cost", "count"]), quotas=QUOTAS,
                  one_per=st.sampled_from([(), ("organisation",)]), exclusions=PAIRS, prerequisites=PAIRS)


def keeps(chosen, terms):
    """Whether a choice keeps every term, each written out as its words say."""
    names = {one.case for one in chosen}
    for quota in terms.quotas:
        held = [one.amount for one in chosen if one.fields[quota.field] == quota.value]
        share = sum(held) * 1_000_000
        if not (quota.least_count <= len(held) and quota.least_amount <= sum(held)
                and terms.budget * quota.least_share_ppm <= share):
            return False
        if ((quota.most_count is not None and len(held) > quota.most_count)
                or (quota.most_amount is not None and sum(held) > quota.most_amount)
                or (quota.most_share_ppm is not None and share > terms.budget * quota.most_share_ppm)):
            return False
    houses = [one.fields["organisation"] for one in chosen]
    return (sum(one.amount for one in chosen) <= terms.budget
            and all(one.points >= terms.threshold for one in chosen)
            and not (terms.one_per and len(set(houses)) < len(houses))
            and not any(one in names and other in names for one, other in terms.exclusions)
            and not any(case in names and needed not in names for case, needed in terms.prerequisites))


def choices(candidates, terms):
    """Every choice that keeps the terms, with what it is worth."""
    value = {"points": lambda one: one.points, "points_x_cost": lambda one: one.points * one.amount,
             "count": lambda one: 1}[terms.objective]
    return [(sum(map(value, some)), some) for size in range(len(candidates) + 1)
            for some in combinations(candidates, size) if keeps(some, terms)]


@settings(max_examples=150)
@given(CANDIDATES, TERMS)
def test_the_best_choice_there_is_or_none(candidates, terms):
    terms = replace(terms, quotas=tuple(quota for quota in terms.quotas if sound(quota)))
    possible = choices(candidates, terms)
    if not possible:
        with pytest.raises(WestlakeError) as refusal:
            choose_cases(candidates, terms, gap=0)
        code = refusal.value.problems[0].code
        asking = [quota for quota in terms.quotas if quota.least_count or quota.least_amount or quota.least_share_ppm]
        alone = [quota for quota in asking if not choices(candidates, replace(terms, quotas=tuple(
            quota if one is quota else replace(one, least_count=0, least_amount=0, least_share_ppm=0)
            for one in terms.quotas)))]
        assert code == ("W942" if alone else "W943")
        return
    found = choose_cases(candidates, terms, gap=0, seed="lakeside")
    best = max(value for value, _ in possible)
    assert (found.objective, found.most, found.proved) == (best, best, True)
    assert keeps([one for one in candidates if one.case in found.cases], terms)
    assert found.spent == sum(award.amount for award in found.awards)
    assert found == choose_cases(candidates[::-1], terms, gap=0, seed="lakeside")


def sound(quota):
    return all(most is None or least <= most for least, most in (
        (quota.least_count, quota.most_count), (quota.least_share_ppm, quota.most_share_ppm),
        (quota.least_amount, quota.most_amount)))


@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 30)), min_size=1, max_size=40), st.integers(0, 300))
def test_a_plain_budget_is_the_knapsack(rows, budget):
    best = [0] * (budget + 1)
    for points, amount in rows:
        for left in range(budget, amount - 1, -1):
            best[left] = max(best[left], best[left - amount] + points)
    candidates = [Candidate(f"c{n:02}", points, amount * 10_000_019) for n, (points, amount) in enumerate(rows)]
    found = choose_cases(candidates, Terms("optimal", budget * 10_000_019 + 17), gap=0)
    assert (found.objective, found.proved) == (best[budget], True)


@settings(max_examples=150)
@given(CANDIDATES, TERMS, st.sampled_from(["ranked_list", "lottery"]), st.sampled_from(["stop", "skip"]))
def test_a_list_keeps_the_terms_and_says_why_each_other_was_passed_over(candidates, terms, mode, edge):
    quotas = tuple(quota for quota in terms.quotas if sound(quota))
    terms = replace(terms, mode=mode, edge=edge, quotas=quotas, objective="points")
    try:
        found = choose_cases(candidates, terms, seed="lakeside")
    except WestlakeError as refusal:
        assert refusal.problems[0].code == "W939"
        return
    chosen = [one for one in candidates if one.case in found.cases]
    assert keeps(chosen, terms)
    assert sorted([award.case for award in found.awards] + [one.case for one in found.passed]) == sorted(found.ranks)
    if edge == "skip":
        floorless = replace(terms, quotas=tuple(replace(one, least_count=0, least_amount=0, least_share_ppm=0) for one in quotas))
        assert not [one.case for one in candidates if one not in chosen and keeps([*chosen, one], floorless)]
    assert found == choose_cases(candidates[::-1], terms, seed="lakeside")
    assert found.drawing is None if mode == "ranked_list" else same_draw(found.drawing)


def pond(*rows):
    return [Candidate(name, points, amount, {"district": district, "organisation": house})
            for name, points, amount, district, house in rows]


POND = pond(("heron", 90, 60, "N", "A"), ("lotus", 80, 50, "N", "B"), ("reed", 70, 30, "S", "A"), ("mill", 60, 20, "S", "C"))


@pytest.mark.parametrize(("terms", "awards"), [
    ({}, (("heron", 60), ("reed", 30))),
    ({"edge": "stop"}, (("heron", 60),)),
    ({"partial_last": True}, (("heron", 60), ("lotus", 40))),
    ({"one_per": ("organisation",)}, (("heron", 60), ("mill", 20))),
    ({"quotas": (Quota("district", "S", least_count=2),)}, (("lotus", 50), ("reed", 30), ("mill", 20))),
    ({"quotas": (Quota("district", "N", most_amount=55),)}, (("lotus", 50), ("reed", 30), ("mill", 20))),
    ({"exclusions": (("reed", "heron"),)}, (("heron", 60), ("mill", 20))),
    ({"prerequisites": (("heron", "mill"),)}, (("lotus", 50), ("reed", 30), ("mill", 20))),
    ({"prerequisites": (("lotus", "reed"),), "threshold": 70, "edge": "skip"}, (("heron", 60), ("reed", 30))),
])
def test_down_a_list_of_four_with_a_hundred(terms, awards):
    found = choose_cases(POND, Terms("ranked_list", 100, **terms))
    assert tuple((award.case, award.amount) for award in found.awards) == awards


def test_a_case_that_waited_is_looked_at_when_the_other_is_chosen():
    found = choose_cases(POND, Terms("ranked_list", 130, prerequisites=(("heron", "lotus"),)))
    assert found.awards == (Award("heron", 60, 1), Award("lotus", 50, 2), Award("mill", 20, 4))
    assert found.passed == (Passed("reed", 3, Bound("budget", {"left": 20, "amount": 30})),)


def test_ties_go_by_lot_and_another_seed_may_turn_them():
    twins = [Candidate(name, 70, 10) for name in NAMES]
    first = {seed: choose_cases(twins, Terms("ranked_list", 10), seed=seed).awards[0].case for seed in map(str, range(30))}
    assert len(set(first.values())) > 3


def test_the_band_draws_for_its_own_places_and_nobody_else_moves():
    order = [Candidate(name, 90 - number, 10) for number, name in enumerate(NAMES)]
    seen = {choose_cases(order, Terms("lottery", 40), seed=str(seed), band=("lotus", "mill", "pier")).cases
            for seed in range(20)}
    assert seen == {frozenset({"egret", "heron", *two}) for two in combinations(("lotus", "mill", "pier"), 2)}
    with pytest.raises(WestlakeError, match="W940"):
        choose_cases(order, Terms("lottery", 40))


def test_what_cannot_be_is_named():
    alone = Terms("optimal", 100, quotas=(Quota("district", "N", least_count=3), Quota("district", "S", least_count=1)))
    with pytest.raises(WestlakeError, match=r"W942 1 quotas cannot be met even alone: district = N$"):
        choose_cases(POND, alone)
    together = Terms("optimal", 70, quotas=(Quota("district", "N", least_amount=60), Quota("district", "S", least_count=1)))
    with pytest.raises(WestlakeError, match=r"W943 .* give way: district = [NS]$"):
        choose_cases(POND, together)
    with pytest.raises(WestlakeError, match="W939 paying down the list leaves 1 quotas short: district = N"):
        choose_cases(POND, replace(alone, mode="ranked_list"))


@pytest.mark.parametrize("terms", [{"mode": "best"}, {"objective": "fame"}, {"edge": "part"}, {"budget": -1},
                                   {"partial_last": True}, {"exclusions": (("reed", "reed"),)},
                                   {"quotas": (Quota("district", "N", least_count=3, most_count=2),)}])
def test_unsound_terms(terms):
    with pytest.raises(WestlakeError, match=f"W938 the terms of the choice are unsound: {next(iter(terms))}"):
        choose_cases(POND, replace(Terms("optimal", 100), **terms))

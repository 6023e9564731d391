"""A floor under every case, against trying everything."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake.desk.panel.assignment import assign_reviewers
from westlake.desk.panel.fairness import assign_with_floor, find_best_floor
from westlake.errors import WestlakeError

CASES, REVIEWERS = [f"c{n}" for n in range(4)], [f"r{n}" for n in range(4)]
TERMS = {"reviews_per_case": 2, "load": 2}
TABLES = st.lists(st.integers(0, 30), min_size=16, max_size=16).map(lambda flat: np.array(flat).reshape(4, 4))


def outcomes(affinity):
    """(least, total) of every assignment."""
    for choice in product(list(combinations(range(4), 2)), repeat=4):
        if all(sum(j in pair for pair in choice) <= 2 for j in range(4)):
            sums = [affinity[i, list(pair)].sum() for i, pair in enumerate(choice)]
            yield min(sums), sum(sums)


@settings(max_examples=40)
@given(TABLES, st.integers(0, 40))
def test_the_most_above_the_floor_or_proof_that_there_is_none(affinity, floor):
    best = max((total for least, total in outcomes(affinity) if least >= floor), default=None)
    if best is None:
        with pytest.raises(WestlakeError) as refusal:
            assign_with_floor(CASES, REVIEWERS, affinity, floor=floor, gap=0, **TERMS)
        assert refusal.value.problems[0].code in {"W933", "W934"}
    else:
        found = assign_with_floor(CASES, REVIEWERS, affinity, floor=floor, gap=0, **TERMS)
        assert (found.total, found.optimal, found.least >= floor) == (best, True, True)


@settings(max_examples=20)
@given(TABLES)
def test_the_best_floor_is_found(affinity):
    seen = []
    found = find_best_floor(CASES, REVIEWERS, affinity, gap=0, step=1, progress=lambda *at: seen.append(at), **TERMS)
    assert found.least == max(least for least, _ in outcomes(affinity))
    assert seen[-1] == (found.least, found.least)


def test_a_stranger_to_everybody_is_named():
    affinity = np.full((4, 4), 20)
    affinity[2] = 3
    with pytest.raises(WestlakeError, match="W933 no assignment gives every case an affinity of 7; 1 cases fall short: c2"):
        assign_with_floor(CASES, REVIEWERS, affinity, floor=7, **TERMS)


def test_two_who_need_the_same_reviewer_fall_short_together():
    affinity = np.array([[9, 0, 0], [9, 0, 0], [5, 5, 5]])
    with pytest.raises(WestlakeError, match=r"W933 no assignment .* of 5; "):
        assign_with_floor(CASES[:3], REVIEWERS[:3], affinity, floor=5, reviews_per_case=1, load=1)


def test_a_floor_on_a_panel_of_sixty_costs_little_and_started_reviews_stay():
    dice = np.random.default_rng(5)
    affinity = (1000 * dice.random((60, 20)) ** 4).astype(int)
    cases, reviewers = [f"c{n:02}" for n in range(60)], [f"r{n:02}" for n in range(20)]
    terms = {"reviews_per_case": 3, "load": 9, "seed": 1}
    free = assign_reviewers(cases, reviewers, affinity, **terms)
    floor = free.least + 50
    floored = assign_with_floor(cases, reviewers, affinity, floor=floor, **terms)
    assert floored.least >= floor and free.total > floored.total >= free.total * 0.999
    assert floored.bound - floored.total <= floored.total * 0.0001
    started = [(free.pairs[0].reviewer, free.pairs[0].case)]
    again = assign_with_floor(cases, reviewers, affinity, floor=floor, fixed=started, **terms)
    assert [(pair.reviewer, pair.case) for pair in again.pairs if pair.fixed] == started
    assert again.least >= floor

"""Who reads what, against the Hungarian method and against trying everything."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from westlake.desk.panel.assignment import Pair, assign_reviewers, find_shortage, lay_out
from westlake.errors import WestlakeError


def names(letter, number):
    return [f"{letter}{n}" for n in range(number)]


def hungarian(affinity, barred, reviews, load):
    """Every review and every place of its own row or column; a doubled pair is told apart by trying all doubles away."""
    best = None
    cases, reviewers = affinity.shape
    choices = [[set(some) for some in combinations([j for j in range(reviewers) if not barred[i, j]], reviews)]
               for i in range(cases)]
    for choice in product(*choices):
        if all(sum(j in some for some in choice) <= load for j in range(reviewers)):
            total = sum(affinity[i, j] for i, some in enumerate(choice) for j in some)
            best = total if best is None else max(best, total)
    return best


@st.composite
def panels(draw):
    cases, reviewers = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    flat = draw(st.lists(st.integers(0, 5), min_size=cases * reviewers, max_size=cases * reviewers))
    barred = draw(st.lists(st.booleans(), min_size=cases * reviewers, max_size=cases * reviewers))
    return (np.array(flat).reshape(cases, reviewers), np.array(barred).reshape(cases, reviewers) & (draw(st.booleans())),
            draw(st.integers(0, 2)), draw(st.integers(0, 3)))


@given(panels(), st.integers(0, 3))
def test_the_best_there_is_or_a_shortage_with_names(panel, seed):
    affinity, barred, reviews, load = panel
    cases, reviewers = names("c", affinity.shape[0]), names("r", affinity.shape[1])
    conflicts = [(reviewers[j], cases[i]) for i, j in np.argwhere(barred)]
    best = hungarian(affinity, barred, reviews, load)
    terms = {"reviews_per_case": reviews, "load": load, "conflicts": conflicts, "seed": seed}
    if best is None:
        with pytest.raises(WestlakeError) as refusal:
            assign_reviewers(cases, reviewers, affinity, **terms)
        assert [problem.code for problem in refusal.value.problems] == ["W932"]
        short = find_shortage(lay_out(cases, reviewers, affinity, reviews, load, conflicts, (), seed))
        rows = [int(case[1:]) for case in short.cases]
        able = [j for j in range(len(reviewers)) if load and not barred[rows][:, j].all()]
        assert short.reviewers == tuple(reviewers[j] for j in able)
        assert short.needed == reviews * len(rows)
        assert short.possible == sum(min(load, int((~barred[rows][:, j]).sum())) for j in able) < short.needed
    else:
        found = assign_reviewers(cases, reviewers, affinity, **terms)
        assert (found.total, found.bound, found.optimal) == (best, best, True)
        assert not {(pair.reviewer, pair.case) for pair in found.pairs} & set(conflicts)


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_proved_over_pairs_that_the_first_flow_never_saw(seed):
    dice = np.random.default_rng(seed)
    affinity = dice.integers(0, 1001, (60, 70))
    affinity[:, :30] = np.minimum(affinity[:, :30] + 700, 1000)  # everybody's favourites, soon full
    found = assign_reviewers(names("c", 60), names("r", 70), affinity, reviews_per_case=1, load=1)
    rows, columns = linear_sum_assignment(affinity, maximize=True)
    assert (found.total, found.optimal) == (affinity[rows, columns].sum(), True)


def test_the_order_of_the_lists_changes_nothing():
    dice = np.random.default_rng(7)
    affinity = dice.integers(0, 3, (30, 12))
    cases, reviewers = names("c", 30), names("r", 12)
    rows, columns = dice.permutation(30), dice.permutation(12)
    terms = {"reviews_per_case": 2, "load": 6, "conflicts": [("r3", "c3")], "seed": 5}
    found = assign_reviewers(cases, reviewers, affinity, **terms)
    assert found == assign_reviewers([cases[i] for i in rows], [reviewers[j] for j in columns],
                                     affinity[rows][:, columns], **terms)
    other = assign_reviewers(cases, reviewers, affinity, **terms | {"seed": 6})
    assert (found.total == other.total, found.pairs == other.pairs) == (True, False)


def test_a_started_review_stays_though_others_would_be_better():
    affinity = np.array([[900, 100], [900, 800]])
    found = assign_reviewers(["lotus", "reed"], ["egret", "heron"], affinity, reviews_per_case=1, load=1,
                             fixed=[("heron", "lotus")])
    assert found.pairs == (Pair("lotus", "heron", 100, True), Pair("reed", "egret", 900, False))
    assert (found.total, found.least) == (1000, 100)


def test_a_started_review_in_conflict_is_refused_by_name():
    with pytest.raises(WestlakeError, match=r"W931 1 reviews .*: heron – lotus"):
        assign_reviewers(["lotus"], ["heron"], np.array([[1]]), reviews_per_case=1, load=1,
                         fixed=[("heron", "lotus")], conflicts=[("heron", "lotus")])


def test_a_shortage_says_who_is_left():
    with pytest.raises(WestlakeError) as refusal:
        assign_reviewers(["lotus", "mill", "reed"], ["egret", "heron"], np.ones((3, 2), int), reviews_per_case=1, load=[1, 5],
                         conflicts=[("heron", "lotus"), ("heron", "reed")])
    assert refusal.value.problems[0].sentence() == (
        "2 cases need 2 more reviews, but only 1 reviewers may read them, with 1 places left. "
        "Cases: lotus, reed. Reviewers: egret")


@pytest.mark.parametrize("affinity", [np.ones((2, 1), int), np.array([[1.5]]), np.array([[1001]]), np.array([[-1]])])
def test_a_table_that_does_not_fit(affinity):
    with pytest.raises(WestlakeError, match="W930"):
        assign_reviewers(["lotus"], ["heron"], affinity, reviews_per_case=1, load=1)

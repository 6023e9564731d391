"""What the reviews say: exact means, the mixed model against a dense one, and a panel with severe reviewers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from westlake.desk.panel.mixed_model import Variances, estimate_variances, predict
from westlake.desk.panel.scores import (
    CaseScore,
    Review,
    places_within,
    rank_cases,
    review_total,
    uncertain_band,
)
from westlake.desk.workflow import Criterion
from westlake.errors import WestlakeError

CRITERIA = tuple(Criterion(name, most, weight, {}) for name, most, weight in (
    ("merit", 5, 500_000), ("team", 7, 300_000), ("market", 3, 200_000)))


def lakeside(cases, reviewers, each, severity, seed=3):
    """Reviews of cases of known worth: every case by `each` reviewers, who mark up or down by habit."""
    dice = np.random.default_rng(seed)
    worth, habit = dice.normal(0, 8, cases), dice.normal(0, severity, reviewers)
    rows = [(case, int(judge)) for case in range(cases) for judge in dice.choice(reviewers, each, replace=False)]
    marks = [60 + worth[case] + habit[judge] + dice.normal(0, 5) for case, judge in rows]
    return worth, habit, [Review(f"c{case:03}", f"r{judge:02}", round(mark * 1000))
                          for (case, judge), mark in zip(rows, marks, strict=True)]


def test_a_total_by_hand():
    assert review_total({"merit": 5, "team": 7, "market": 3}, CRITERIA) == 100_000
    assert review_total({"merit": 3, "team": 4, "market": 1}, CRITERIA) == 53_810  # 30 + 17.142857 + 6.666667


@given(st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 3)))
def test_a_total_is_the_nearest_thousandth(points):
    exact = sum(Fraction(100_000 * one.weight * mark, 10**6 * one.most)
                for one, mark in zip(CRITERIA, points, strict=True))
    total = review_total(dict(zip(("merit", "team", "market"), points, strict=True)), CRITERIA)
    assert -Fraction(1, 2) < total - exact <= Fraction(1, 2)


@pytest.mark.parametrize("points", [{"merit": 6, "team": 0, "market": 0}, {"team": 0, "market": 0}])
def test_a_mark_out_of_range_or_missing(points):
    with pytest.raises(WestlakeError, match='W936 the mark for "merit"'):
        review_total(points, CRITERIA)


def test_weights_that_are_not_whole():
    with pytest.raises(WestlakeError, match=r"W935 .* weights make 500000 parts"):
        review_total({"merit": 1}, CRITERIA[:1])


def test_plain_means_by_hand():
    reviews = [Review("lotus", "heron", 80_001), Review("lotus", "egret", 80_002), Review("reed", "heron", 90_000),
               Review("mill", "egret", 80_002)]
    found = rank_cases(reviews, cases=["lotus", "pier"], model="mean")
    assert found.cases == (CaseScore("reed", 1, 90_000, 90_000, 1, 1, 1, True),
                           CaseScore("lotus", 2, 80_002, 80_002, 2, 2, 2, False),
                           CaseScore("mill", 1, 80_002, 80_002, 2, 2, 2, True))
    assert (found.model, found.unreviewed) == ("mean", ("pier",))
    assert rank_cases(reviews[2:]).model == "mean"  # one review a case: merit and severity cannot be told apart


def test_twice_on_one_case():
    with pytest.raises(WestlakeError, match="W937 1 reviewers stand twice on one case: heron – lotus"):
        rank_cases([Review("lotus", "heron", 1), Review("lotus", "heron", 2)])


def dense(reviews, variances):
    """The same model by its joint covariance: conditional means of a normal, the mean by generalised least squares."""
    cases, judges = (sorted({getattr(one, name) for one in reviews}) for name in ("case", "reviewer"))
    of_case = np.array([[one.case == case for case in cases] for one in reviews], float)
    of_judge = np.array([[one.reviewer == judge for judge in judges] for one in reviews], float)
    totals = np.array([one.total for one in reviews], float)
    whole = (variances.case * of_case @ of_case.T + variances.reviewer * of_judge @ of_judge.T
             + variances.error * np.eye(len(reviews)))
    inverse = np.linalg.inv(whole)
    ones = np.ones(len(reviews))
    mean = ones @ inverse @ totals / (ones @ inverse @ ones)
    deviance = (np.linalg.slogdet(whole)[1] + np.log(ones @ inverse @ ones)
                + (totals - mean) @ inverse @ (totals - mean))
    return mean, variances.case * of_case.T @ inverse @ (totals - mean), deviance


def numbers(reviews):
    return (np.array([int(one.case[1:]) for one in reviews]), np.array([int(one.reviewer[1:]) for one in reviews]),
            np.array([float(one.total) for one in reviews]))


def test_the_prediction_is_that_of_the_dense_model():
    _, _, reviews = lakeside(25, 8, 3, 6)
    variances = Variances(5e7, 3e7, 2e7)
    of_case, of_judge, totals = numbers(reviews)
    mean, case, _ = dense(reviews, variances)
    found = predict(of_case, of_judge, totals[:, None], variances)
    np.testing.assert_allclose(found.mean, [mean], rtol=1e-10)
    np.testing.assert_allclose(found.case[:, 0], case, rtol=1e-8)


@pytest.mark.parametrize("severity", [0, 6])
def test_no_other_variances_are_likelier(severity):
    _, _, reviews = lakeside(25, 8, 3, severity)
    variances = estimate_variances(*numbers(reviews))
    best = dense(reviews, variances)[2]
    for part in Variances._fields:
        along = minimize_scalar(lambda log, part=part: dense(reviews, variances._replace(**{part: np.exp(log)}))[2],
                                bounds=(5, 25), method="bounded")
        assert best <= along.fun + 1e-3


def test_severe_reviewers_are_allowed_for_and_the_doubt_is_honest():
    worth, habit, reviews = lakeside(300, 40, 3, 8)
    found = rank_cases(reviews, seed=1)
    score, mean = ({case.case: getattr(case, name) for case in found.cases} for name in ("score", "mean"))
    names = sorted(score)
    by_score, by_mean = (np.corrcoef([by[name] for name in names], worth)[0, 1] for by in (score, mean))
    assert by_score > by_mean + 0.05
    assert np.corrcoef([found.severity[name] for name in sorted(found.severity)], habit)[0, 1] > 0.95
    true_rank = {f"c{case:03}": rank for rank, case in enumerate(np.argsort(-worth), 1)}
    inside = sum(case.best_rank <= true_rank[case.case] <= case.worst_rank for case in found.cases)
    assert 0.85 < inside / 300 < 0.95  # declared: 0.9
    assert found == rank_cases(reviews[::-1], seed=1)


def test_the_band_about_the_last_place():
    _, _, reviews = lakeside(60, 10, 3, 3)
    found = rank_cases(reviews, seed=1)
    band = uncertain_band(found, 20)
    assert {found.cases[19].case, found.cases[20].case} <= set(band)
    assert band == tuple(one.case for one in found.cases if one.best_rank <= 20 and one.worst_rank >= 21)
    assert 2 < len(band) < 40
    assert uncertain_band(found, 60) == ()


def test_places_within_a_budget():
    found = rank_cases([Review("lotus", "heron", 3), Review("reed", "heron", 2), Review("mill", "heron", 1)], model="mean")
    amounts = {"lotus": 50, "reed": 60, "mill": 10}
    assert [places_within(found, amounts, budget) for budget in (49, 50, 109, 110, 200)] == [0, 1, 1, 2, 3]

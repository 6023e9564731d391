"""What a call's design can show, against simulated calls and published figures."""

import numpy as np
import pytest
from scipy import stats

from westlake.errors import WestlakeError
from westlake.evaluation.power import detectable_at_cutoff, detectable_by_lottery, detectable_with_scores


def found_share(effect, outcomes, award, columns, runs, degrees, dice):
    """How often least squares on award and columns finds an effect at 5 %, over `runs` invented calls."""
    design = np.column_stack([np.ones(len(award)), award, *columns])
    inverse = np.linalg.inv(design.T @ design)
    totals = outcomes(dice, runs) + effect * award[:, None]
    beta = inverse @ design.T @ totals
    spread = np.sqrt(((totals - design @ beta) ** 2).sum(axis=0) / (len(award) - design.shape[1]) * inverse[1, 1])
    return float((np.abs(beta[1] / spread) > stats.t.isf(0.025, degrees)).mean())


def test_the_textbook_lottery():
    found = detectable_by_lottery(200, 200, sd=50.0)
    assert round(found.effect_sd, 4) == 0.2808  # 2.8083 x sqrt(2/200), t with 398 degrees
    assert found.effect == pytest.approx(50 * found.effect_sd)
    assert (found.degrees, found.design_effect) == (398, 1.0)
    assert round(detectable_by_lottery(20_000, 20_000).effect_sd * 100, 3) == 2.802  # Bloom 1995: 2.80 standard errors


def test_an_effect_from_a_tenth_to_nineteen_in_a_hundred_needs_two_hundred_and_thirty_nine_an_arm():
    pooled = (0.145 * 0.855) ** 0.5  # shares under no effect, as the two-proportion rule takes them
    assert detectable_by_lottery(239, 239, sd=pooled).effect == pytest.approx(0.09, abs=0.0008)


@pytest.mark.parametrize(("funded", "unfunded", "r_squared"), [(40, 40, 0.0), (20, 100, 0.0), (30, 60, 0.4)])
def test_a_lottery_finds_its_smallest_effect_in_four_of_five_calls(funded, unfunded, r_squared):
    dice = np.random.default_rng(8)
    cases = funded + unfunded
    award = np.repeat([1.0, 0.0], [funded, unfunded])
    found = detectable_by_lottery(funded, unfunded, r_squared=r_squared, covariates=int(r_squared > 0))
    shares = []
    for _ in range(20):
        before = dice.standard_normal(cases)
        columns = [before] if r_squared else []

        def outcomes(dice, runs, before=before):
            return r_squared**0.5 * before[:, None] + (1 - r_squared) ** 0.5 * dice.standard_normal((cases, runs))

        shares.append(found_share(found.effect_sd, outcomes, award, columns, 500, found.degrees, dice))
    assert np.mean(shares) == pytest.approx(0.8, abs=0.015)


def test_whole_parks_drawn_together_count_for_less():
    dice = np.random.default_rng(9)
    found = detectable_by_lottery(200, 200, cluster_size=10, cluster_correlation=0.2)
    assert (found.design_effect, found.degrees) == (pytest.approx(2.8), 38)
    park, each = 0.2**0.5, 0.8**0.5
    means = park * dice.standard_normal((40, 20_000)) + each * dice.standard_normal((40, 20_000)) / 10**0.5
    means[:20] += found.effect_sd
    p = stats.ttest_ind(means[:20], means[20:]).pvalue
    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.015)


def test_design_effects_of_a_cut_off_in_the_middle():
    assert detectable_at_cutoff(500, 500).design_effect == pytest.approx(1 / (1 - 2 / np.pi))  # Goldberger 1972: 2.75
    assert detectable_at_cutoff(500, 500, scores="even").design_effect == pytest.approx(4)
    assert round(detectable_at_cutoff(100, 900).design_effect, 3) == 1.520


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
@pytest.mark.parametrize(("kind", "draw"), [("normal", "standard_normal"), ("even", "random")])
def test_a_design_effect_is_one_over_what_the_score_leaves_of_the_award(share, kind, draw):
    scores = np.sort(getattr(np.random.default_rng(3), draw)(400_000))[::-1]
    funded = int(400_000 * share)
    award = np.arange(400_000) < funded
    left = 1 - np.corrcoef(scores, award)[0, 1] ** 2
    assert detectable_at_cutoff(funded, 400_000 - funded, scores=kind).design_effect == pytest.approx(1 / left, rel=0.01)


def test_a_cut_off_finds_its_smallest_effect_in_four_of_five_calls():
    dice = np.random.default_rng(4)
    shares, effects = [], []
    for _ in range(20):
        scores = dice.standard_normal(300)
        award = (scores >= 0.5).astype(float)
        found = detectable_with_scores(scores, 0.5, kernel="even")
        away = scores - 0.5
        shares.append(found_share(found.effect_sd, lambda dice, runs: dice.standard_normal((300, runs)), award,
                                  [away, away * award], 500, found.degrees, dice))
        effects.append(found.design_effect)
    assert np.mean(shares) == pytest.approx(0.8, abs=0.015)
    one_slope = detectable_at_cutoff(93, 207).design_effect  # a line of its own on each side costs more
    assert one_slope + 0.2 < np.mean(effects) < one_slope + 0.6


def test_a_kernel_s_spread_is_that_of_weighted_lines():
    dice = np.random.default_rng(6)
    scores = dice.uniform(-2, 2, 400)
    found = detectable_with_scores(scores, 0.0, bandwidth=1.0)
    near = scores[np.abs(scores) < 1]
    root = np.sqrt(1 - np.abs(near))
    draws = dice.standard_normal((len(near), 20_000))
    jumps = []
    for side in (near >= 0, near < 0):
        line = np.polynomial.polynomial.polyfit(near[side], draws[side], 1, w=root[side])
        jumps.append(line[0])
    spread = np.std(jumps[0] - jumps[1])
    multiplier = stats.t.isf(0.025, found.degrees) + stats.t.ppf(0.8, found.degrees)
    assert found.effect_sd == pytest.approx(multiplier * spread, rel=0.02)
    assert (found.funded, found.unfunded) == ((near >= 0).sum(), (near < 0).sum())


def test_thirty_projects_show_next_to_nothing():
    found = detectable_at_cutoff(15, 15)
    assert found.effect_sd > 1.7
    assert found.sentence() == (
        "With 30 cases about the cut-off, the smallest effect that would be seen in 80% of such calls is 1.76 standard "
        "deviations (error rate 5%).")


@pytest.mark.parametrize(("call", "code"), [
    (lambda: detectable_by_lottery(0, 9), "W970"), (lambda: detectable_by_lottery(1, 1), "W970"),
    (lambda: detectable_at_cutoff(0, 9), "W970"), (lambda: detectable_by_lottery(9, 9, power=1.0), "W971"),
    (lambda: detectable_by_lottery(9, 9, r_squared=1.0), "W971"),
    (lambda: detectable_with_scores([1, 2, 3], 2.5), "W972"),
    (lambda: detectable_with_scores([1, 2, 3, 4], 2.5, kernel="round"), "W973"),
    (lambda: detectable_at_cutoff(9, 9, scores="odd"), "W973")])
def test_designs_that_cannot_be(call, code):
    with pytest.raises(WestlakeError, match=code):
        call()

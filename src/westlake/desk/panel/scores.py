"""What the reviews say of each case: the plain mean, an estimate that allows for severe reviewers, and its doubt.

The estimate is the best linear unbiased prediction of the mixed model  total = mean + case + reviewer + error
(Henderson 1975, Biometrics 31:423), with variances by restricted maximum likelihood (Patterson and Thompson 1971,
Biometrika 58:545). The plain mean always stands beside it. Rank intervals come from draws of the cases' joint
distribution given the reviews, by conditional simulation (Journel and Huijbregts 1978): a panel is invented under the
model, estimated like the real one, and its errors are added to the real estimates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from westlake.chance import stream
from westlake.desk.panel.assignment import listed
from westlake.desk.panel.mixed_model import Variances, estimate_variances, predict
from westlake.desk.workflow import Criterion
from westlake.errors import Place, WestlakeError

PPM = 1_000_000
POINTS = 100_000  # thousandths: full marks on every criterion are 100 points


@dataclass(frozen=True)
class Review:
    """One reviewer's total for one case, in thousandths of a point. Who abstains or is recused has none."""

    case: str
    reviewer: str
    total: int


@dataclass(frozen=True)
class CaseScore:
    """What the reviews of one case come to. Thousandths of a point; ranks from 1, equal scores share one."""

    case: str
    reviews: int
    mean: int  # plain mean, rounded half up
    score: int  # what ranks: the estimate, or the mean where there is no estimate
    rank: int
    best_rank: int  # the interval that holds its rank with the declared probability
    worst_rank: int
    few: bool  # fewer reviews than the call asks for


@dataclass(frozen=True)
class Ranking:
    """All scored cases, best first, equal ones by id."""

    cases: tuple[CaseScore, ...]
    model: str  # "shrinkage" or "mean"
    severity: Mapping[str, int] = field(default_factory=dict)  # how far each reviewer marks above (+) or below
    variances: Variances | None = None
    unreviewed: tuple[str, ...] = ()


def review_total(points: Mapping[str, int], criteria: Sequence[Criterion]) -> int:
    """One review's total in thousandths (0..100,000), rounded once, half up.

    100,000 x sum of weight x points / most. W935 (weights or criteria unsound), W936 (a mark missing or out of range).
    """
    if (sum(one.weight for one in criteria) != PPM or len({one.name for one in criteria}) < len(criteria)
            or any(one.most < 1 or one.weight < 0 for one in criteria)):
        raise WestlakeError.one("W935", Place(field="criteria"), weights=sum(one.weight for one in criteria))
    for one in criteria:
        if not 0 <= points.get(one.name, -1) <= one.most:
            raise WestlakeError.one("W936", Place(field=one.name), criterion=one.name, most=one.most,
                                    given=points.get(one.name, "–"))
    share = sum((Fraction(one.weight * points[one.name], PPM * one.most) for one in criteria), Fraction(0))
    return _half_up(share * POINTS)


def rank_cases(reviews: Iterable[Review], *, cases: Iterable[str] = (), model: str = "shrinkage",
               least_reviews: int = 2, seed: int = 0, draws: int = 1000, coverage_ppm: int = 900_000) -> Ranking:
    """Scores, ranks and rank intervals of all reviewed cases.

    cases: names that must be accounted for (those without a review are listed apart); model: "shrinkage" or "mean"
    ("shrinkage" gives way to "mean", and says so, where no case has two reviews or all totals are equal); seed, draws:
    of the interval; coverage_ppm: the interval's probability. Under "mean" the intervals are the ranks themselves.
    W937 if a reviewer stands twice on one case.
    """
    known = sorted(reviews, key=lambda review: (review.case, review.reviewer))
    _refuse_twice(known)
    names = sorted({review.case for review in known})
    unreviewed = tuple(sorted(set(cases) - set(names)))
    number = {case: row for row, case in enumerate(names)}
    judges = sorted({review.reviewer for review in known})
    column = {judge: place for place, judge in enumerate(judges)}
    of_case = np.array([number[review.case] for review in known], dtype=np.int64)
    of_judge = np.array([column[review.reviewer] for review in known], dtype=np.int64)
    totals = np.array([review.total for review in known], dtype=np.int64)
    counts = np.bincount(of_case, minlength=len(names))
    means = [_half_up(Fraction(int(total), int(count))) for total, count in
             zip(np.bincount(of_case, totals, len(names)), counts, strict=True)]
    can_tell = model == "shrinkage" and len(known) > len(names) + 1 and len(set(totals.tolist())) > 1
    if not can_tell:
        ranks = _ranks(np.array(means, dtype=float))
        return Ranking(_scored(names, counts, means, means, ranks, ranks, least_reviews), "mean", unreviewed=unreviewed)
    variances = estimate_variances(of_case, of_judge, totals.astype(float))
    found = predict(of_case, of_judge, totals.astype(float)[:, None], variances)
    exact = (found.mean + found.case)[:, 0]
    scores = [round(value) for value in exact.tolist()]
    best, worst = _rank_interval(exact, of_case, of_judge, variances, draws, coverage_ppm, seed)
    severity = {judge: round(value) for judge, value in zip(judges, found.judge[:, 0].tolist(), strict=True)}
    return Ranking(_scored(names, counts, means, scores, best, worst, least_reviews), "shrinkage", severity, variances,
                   unreviewed)


def uncertain_band(ranking: Ranking, places: int) -> tuple[str, ...]:
    """The cases, best first, of which the reviews cannot say on which side of the last place they stand.

    A case is in it when its rank interval holds both a rank within the places and one beyond.
    """
    return tuple(case.case for case in ranking.cases if case.best_rank <= places < case.worst_rank)


def places_within(ranking: Ranking, amounts: Mapping[str, int], budget: int) -> int:
    """How many cases from the top the budget (minor units) pays in full before the first that no longer fits."""
    for place, case in enumerate(ranking.cases):
        budget -= amounts[case.case]
        if budget < 0:
            return place
    return len(ranking.cases)


def _rank_interval(estimate: np.ndarray, of_case: np.ndarray, of_judge: np.ndarray, variances: Variances, draws: int,
                   coverage_ppm: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest rank of each case in the middle `coverage_ppm` of the draws, whole draws counted outward."""
    dice = stream(seed, "desk", "ranks")
    case = dice.standard_normal((len(estimate), draws)) * variances.case ** 0.5
    judge = dice.standard_normal((of_judge.max() + 1, draws)) * variances.reviewer ** 0.5
    error = dice.standard_normal((len(of_case), draws)) * variances.error ** 0.5
    invented = predict(of_case, of_judge, case[of_case] + judge[of_judge] + error, variances)
    drawn = estimate[:, None] + case - invented.case - invented.mean
    order = np.argsort(-drawn, axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(estimate) + 1)[:, None], axis=0)
    ranks.sort(axis=1)
    outside = draws * (PPM - coverage_ppm) // (2 * PPM)
    own = _ranks(np.array([round(value) for value in estimate.tolist()], dtype=float))
    return np.minimum(ranks[:, outside], own), np.maximum(ranks[:, draws - 1 - outside], own)


def _scored(names: Sequence[str], counts: np.ndarray, means: Sequence[int], scores: Sequence[int], best: np.ndarray,
            worst: np.ndarray, least_reviews: int) -> tuple[CaseScore, ...]:
    ranks = _ranks(np.array(scores, dtype=float))
    rows = [CaseScore(case, int(count), mean, score, int(rank), int(low), int(high), int(count) < least_reviews)
            for case, count, mean, score, rank, low, high in
            zip(names, counts, means, scores, ranks, best, worst, strict=True)]
    return tuple(sorted(rows, key=lambda row: (row.rank, row.case)))


def _ranks(scores: np.ndarray) -> np.ndarray:
    """One more than how many are higher."""
    return len(scores) + 1 - np.searchsorted(np.sort(scores), scores, side="right")


def _refuse_twice(reviews: Sequence[Review]) -> None:
    twice = [pair for pair, times in Counter((one.case, one.reviewer) for one in reviews).items() if times > 1]
    if twice:
        raise WestlakeError.one("W937", Place(field="reviews"), number=len(twice),
                                pairs=listed([f"{reviewer} – {case}" for case, reviewer in sorted(twice)]))


def _half_up(value: Fraction) -> int:
    """To the nearest whole, ties upward; never negative here."""
    return (value.numerator * 2 + value.denominator) // (value.denominator * 2)

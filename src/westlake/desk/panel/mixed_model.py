"""Telling a case's merit from its reviewers' severity: the model behind the adjusted scores.

total[i] = mean + case[c(i)] + reviewer[r(i)] + error[i], each part normal and independent. With H = I + g Zc Zc' +
h Zr Zr' (g, h: variances of cases and reviewers over that of the error), cases are swept out by hand, since Zc Zc' is
one block a case, and what is left is one dense system the size of the reviewers (memory: reviewers squared).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RATIO_RANGE = (1e-6, 1e6)  # of a variance to the error's; at an end it is as good as zero or infinite


class Variances(NamedTuple):
    """How much of the spread comes from where; squared units of the totals."""

    case: float
    reviewer: float
    error: float


class Prediction(NamedTuple):
    """Best linear unbiased prediction; one column a panel."""

    mean: np.ndarray  # (panels,)
    case: np.ndarray  # (cases, panels)
    judge: np.ndarray  # (reviewers, panels)


def estimate_variances(of_case: np.ndarray, of_judge: np.ndarray, totals: np.ndarray) -> Variances:
    """Variances by restricted maximum likelihood. of_case, of_judge: numbers from 0; totals: float, any unit."""
    from scipy.optimize import minimize  # noqa: PLC0415  heavy; only a panel needs it

    centred = (totals - totals.mean()) / totals.std()
    who = _Who(of_case, of_judge)

    def deviance(logs: np.ndarray) -> float:
        """-2 x the restricted log-likelihood, the error's variance profiled out, up to a constant."""
        return _Sweep(who, *np.exp(logs)).deviance(centred)

    best = minimize(deviance, np.log([0.5, 0.2]), method="Nelder-Mead", bounds=[tuple(np.log(RATIO_RANGE))] * 2,
                    options={"xatol": 1e-4, "fatol": 1e-6})
    g, h = np.exp(best.x)
    error = _Sweep(who, g, h).error_variance(centred) * float(totals.var())
    return Variances(float(g * error), float(h * error), float(error))


def predict(of_case: np.ndarray, of_judge: np.ndarray, totals: np.ndarray, variances: Variances) -> Prediction:
    """Predictions for panels of totals, shape (reviews, panels), under known variances."""
    g, h = variances.case / variances.error, variances.reviewer / variances.error
    sweep = _Sweep(_Who(of_case, of_judge), g, h)
    mean = sweep.generalised_mean(totals)
    weighed = sweep.solve(totals - mean)
    return Prediction(mean, g * (sweep.who.by_case @ weighed), h * (sweep.who.by_judge @ weighed))


class _Who:
    """Who read what, as tables of ones."""

    def __init__(self, of_case: np.ndarray, of_judge: np.ndarray) -> None:
        from scipy.sparse import csr_array  # noqa: PLC0415  heavy; only a panel needs it

        reviews, ones = np.arange(len(of_case)), np.ones(len(of_case))
        self.by_case = csr_array((ones, (of_case, reviews)))
        self.by_judge = csr_array((ones, (of_judge, reviews)))
        self.of_case = of_case
        self.counts = np.bincount(of_case)
        self.loads = np.bincount(of_judge)
        self.met = (self.by_judge @ self.by_case.T).tocsr()  # reviewers x cases


class _Sweep:
    """H for one pair of ratios, ready to be solved against."""

    def __init__(self, who: _Who, g: float, h: float) -> None:
        from scipy.linalg import cho_factor  # noqa: PLC0415  heavy; only a panel needs it

        self.who, self.h = who, h
        self.shrink = g / (1 + g * who.counts)  # (I + g 11')^-1 = I - shrink 11'
        left = ((who.met * (-h * self.shrink)) @ who.met.T).toarray()
        left[np.diag_indices_from(left)] += 1 + h * who.loads
        self.factor = cho_factor(left, lower=True, overwrite_a=True, check_finite=False)
        self.log_size = float(np.log1p(g * who.counts).sum() + 2 * np.log(np.diag(self.factor[0])).sum())

    def solve(self, totals: np.ndarray) -> np.ndarray:
        """H^-1 times the columns (Woodbury)."""
        from scipy.linalg import cho_solve  # noqa: PLC0415  heavy; only a panel needs it

        once = self._without_cases(totals)
        solved: np.ndarray = once - self.h * self._without_cases(
            self.who.by_judge.T @ cho_solve(self.factor, self.who.by_judge @ once, check_finite=False))
        return solved

    def generalised_mean(self, totals: np.ndarray) -> np.ndarray:
        """The mean that weighs each total by what it adds."""
        weight = self.solve(np.ones(len(totals)))
        mean: np.ndarray = weight @ totals / weight.sum()
        return mean

    def error_variance(self, totals: np.ndarray) -> float:
        """The error's variance that makes the totals likeliest, given the ratios."""
        rest = totals - self.generalised_mean(totals)
        return float(rest @ self.solve(rest)) / (len(totals) - 1)

    def deviance(self, totals: np.ndarray) -> float:
        """-2 x the restricted log-likelihood, up to a constant."""
        information = float(self.solve(np.ones(len(totals))).sum())
        return float((len(totals) - 1) * np.log(self.error_variance(totals)) + self.log_size + np.log(information))

    def _without_cases(self, totals: np.ndarray) -> np.ndarray:
        sums = self.who.by_case @ totals
        rest: np.ndarray = totals - (sums.T * self.shrink).T[self.who.of_case]
        return rest

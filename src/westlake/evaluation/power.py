"""Before a call opens: the smallest effect that its design could show, so that nobody promises a proof it cannot give.

The minimum detectable effect is  multiplier x standard error, with multiplier = t(1 - alpha/2) + t(power) at the
design's degrees of freedom (Bloom 1995, Evaluation Review 19:547; Bloom 2005, Learning More from Social Experiments).
In standard deviations of the outcome; in its units too where the deviation is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from westlake.errors import Place, WestlakeError
from westlake.words import say


@dataclass(frozen=True)
class Detectable:
    """What a design can show."""

    design: str  # "lottery" or "cutoff"
    effect_sd: float  # minimum detectable effect, standard deviations of the outcome
    effect: float | None  # the same in the outcome's units, if its standard deviation was given
    funded: int  # cases that count, on each side
    unfunded: int
    degrees: int  # of freedom
    design_effect: float  # variance against a simple lottery of the same sizes, clusters and cut-off together
    power: float
    alpha: float

    def sentence(self, lang: str = "en") -> str:
        """What to print above the call."""
        return say(f"evaluation.power.{self.design}", lang, effect=f"{self.effect_sd:.2f}",
                   cases=self.funded + self.unfunded, power=f"{self.power:.0%}", alpha=f"{self.alpha:.0%}")


def detectable_by_lottery(funded: int, unfunded: int, *, alpha: float = 0.05, power: float = 0.8,
                          r_squared: float = 0.0, covariates: int = 0, cluster_size: float = 1.0,
                          cluster_correlation: float = 0.0, sd: float | None = None) -> Detectable:
    """What a draw between these two groups can show: a difference of means, two-sided.

    Variance in squared deviations: (1 - r_squared)(1/funded + 1/unfunded) x (1 + (m - 1) rho), the last for draws of
    whole clusters of m cases with intraclass correlation rho (Kish 1965, Survey Sampling). r_squared: of the outcome
    on `covariates` baseline numbers. Degrees of freedom: clusters - 2 - covariates. W970 too few, W971 out of range.
    """
    _check(alpha=(alpha, 0, 1), power=(power, alpha if 0 < alpha < 1 else 0, 1), r_squared=(r_squared, -1e-9, 1),
           cluster_correlation=(cluster_correlation, -1e-9, 1 + 1e-9), cluster_size=(cluster_size, 1 - 1e-9, np.inf))
    spread = 1 + (cluster_size - 1) * cluster_correlation
    return _found("lottery", funded, unfunded, int((funded + unfunded) / cluster_size) - 2 - covariates, spread,
                  (1 - r_squared) * spread, alpha, power, sd)


def detectable_at_cutoff(funded: int, unfunded: int, *, scores: str = "normal", alpha: float = 0.05,
                         power: float = 0.8, r_squared: float = 0.0, sd: float | None = None) -> Detectable:
    """What a cut-off can show before any score is known: outcome on award and a straight line in the score.

    Design effect 1 / (1 - rho^2), rho the correlation of award and score (Goldberger 1972, Discussion Paper 123-72,
    University of Wisconsin; Schochet 2009, J. Educational and Behavioral Statistics 34:238). With the share p funded,
    computed here: normal scores rho^2 = phi(z)^2 / (p (1 - p)), 2.75 at one half; even (uniform) scores
    rho^2 = 3 p (1 - p), 4 at one half. r_squared: of the outcome on score and award beyond the award. W970, W971.
    """
    from scipy.stats import norm  # noqa: PLC0415  heavy; only a design's check needs it

    _check(alpha=(alpha, 0, 1), power=(power, alpha if 0 < alpha < 1 else 0, 1), r_squared=(r_squared, -1e-9, 1))
    if min(funded, unfunded) < 1:
        raise WestlakeError.one("W970", Place(field="funded"), funded=funded, unfunded=unfunded)
    share = funded / (funded + unfunded)
    if scores == "normal":
        squared = float(norm.pdf(norm.isf(share))) ** 2 / (share * (1 - share))
    elif scores == "even":
        squared = 3 * share * (1 - share)
    else:
        raise WestlakeError.one("W973", Place(field="scores"), name=scores, known="normal, even")
    effect = 1 / (1 - squared)
    return _found("cutoff", funded, unfunded, funded + unfunded - 3, effect, (1 - r_squared) * effect, alpha, power, sd)


def detectable_with_scores(scores: Sequence[float], cutoff: float, *, bandwidth: float | None = None,
                           kernel: str = "triangular", alpha: float = 0.05, power: float = 0.8,
                           r_squared: float = 0.0, sd: float | None = None) -> Detectable:
    """What a cut-off can show with these very scores: local lines of their own slope on each side, as it is estimated.

    Scores at or above the cut-off are funded; only those nearer than `bandwidth` (None: all) count, weighed by the
    kernel ("triangular", "even"). The variance of the jump is read off the weighted design matrix,
    (X'WX)^-1 X'W^2X (X'WX)^-1 with errors alike, so it holds for any spread of scores. Bias is not looked at.
    W970, W971, W972 (a side of the cut-off with fewer than two different scores), W973.
    """
    _check(alpha=(alpha, 0, 1), power=(power, alpha if 0 < alpha < 1 else 0, 1), r_squared=(r_squared, -1e-9, 1),
           bandwidth=(1.0 if bandwidth is None else bandwidth, 0, np.inf))
    if kernel not in {"triangular", "even"}:
        raise WestlakeError.one("W973", Place(field="kernel"), name=kernel, known="triangular, even")
    away = np.asarray(scores, dtype=float) - cutoff
    reach = 2 * float(np.abs(away).max(initial=1.0)) if bandwidth is None else bandwidth
    away = away[np.abs(away) < reach] / reach
    over = away >= 0
    if min(len(set(away[over].tolist())), len(set(away[~over].tolist()))) < 2:
        raise WestlakeError.one("W972", Place(field="scores"), funded=int(over.sum()), unfunded=int((~over).sum()))
    weight = 1 - np.abs(away) if kernel == "triangular" and bandwidth is not None else np.ones(len(away))
    design = np.column_stack([np.ones(len(away)), over, away, away * over])
    inverse = np.linalg.inv(design.T @ (weight[:, None] * design))
    variance = float((inverse @ (design.T @ (weight[:, None] ** 2 * design)) @ inverse)[1, 1])
    funded, unfunded = int(over.sum()), int((~over).sum())
    effect = variance / (1 / funded + 1 / unfunded)
    return _found("cutoff", funded, unfunded, len(away) - 4, effect, (1 - r_squared) * effect, alpha, power, sd)


def _found(design: str, funded: int, unfunded: int, degrees: int, design_effect: float, variance: float, alpha: float,
           power: float, sd: float | None) -> Detectable:
    from scipy.stats import t  # noqa: PLC0415  heavy; only a design's check needs it

    if min(funded, unfunded) < 1 or degrees < 1:
        raise WestlakeError.one("W970", Place(field="funded"), funded=funded, unfunded=unfunded)
    multiplier = float(t.isf(alpha / 2, degrees) + t.ppf(power, degrees))
    effect = multiplier * float(np.sqrt(variance * (1 / funded + 1 / unfunded)))
    return Detectable(design, effect, None if sd is None else effect * sd, funded, unfunded, degrees, design_effect,
                      power, alpha)


def _check(**numbers: tuple[float, float, float]) -> None:
    for name, (value, low, high) in numbers.items():
        if not low < value < high:
            raise WestlakeError.one("W971", Place(field=name), name=name, value=value)

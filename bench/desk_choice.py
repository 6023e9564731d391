"""What it costs a desk to choose: reviewers for 2,000 cases, a floor under each, scores, and awards under quotas.

CPU seconds (time.process_time) of each step after its imports, on one invented call: 500 reviewers, 3 reviews a case,
at most 15 a reviewer, 2 % of pairs in conflict; then a budget of 12 % of what is asked, six districts with 8 to 30 % of
it, ten sectors with 5 awards at least, one award an organisation. `python -m bench.desk_choice [CASES]`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from westlake.desk.panel.assignment import assign_reviewers
from westlake.desk.panel.conflicts import Party, find_conflicts
from westlake.desk.panel.explanation import explain_skipped, resolve_with
from westlake.desk.panel.fairness import assign_with_floor
from westlake.desk.panel.scores import Review, rank_cases
from westlake.desk.panel.selection import choose_cases
from westlake.desk.panel.terms import Candidate, Quota, Terms
from westlake.errors import WestlakeError

CASES, REVIEWERS, TOPICS = 2_000, 500, 30
Found = TypeVar("Found")


def main(cases: int = CASES) -> None:
    """Print the tables."""
    from ortools.graph.python import min_cost_flow  # noqa: F401  imports are not what is measured
    from scipy import linalg, optimize, sparse  # noqa: F401

    reviewers = max(cases // 4, 10)
    dice = np.random.default_rng(7)
    print(f"{cases:,} cases, {reviewers} reviewers{'':<22} CPU s   to reach")
    _derive(dice, cases, reviewers)
    _assign(dice, cases, reviewers)
    _score(dice, cases, reviewers)
    _select(np.random.default_rng(11), cases)


def _timed(name: str, limit: str, run: Callable[[], Found], told: Callable[[Found], str]) -> Found:
    begun = time.process_time()
    found = run()
    spent = time.process_time() - begun
    print(f"  {name:<44}{spent:7.2f}   {limit:<9}{told(found)}", flush=True)
    return found


def _derive(dice: np.random.Generator, cases: int, reviewers: int) -> None:
    def party(name: str) -> Party:
        house = int(dice.integers(0, 800))
        return Party(name, f"House {house}", (f"a@h{house}.org", "b@gmail.com"), f"F{dice.integers(0, 4000)}")

    judges = [party(f"r{number:03}") for number in range(reviewers)]
    asking = [party(f"c{number:04}") for number in range(cases)]
    _timed("conflicts of interest, derived", "", lambda: find_conflicts(judges, asking, today=20_000),
           lambda found: f"{len(found):,} pairs")


def _assign(dice: np.random.Generator, cases: int, reviewers: int) -> None:
    fields, skills = (dice.dirichlet(np.full(TOPICS, 0.15), number) for number in (cases, reviewers))
    near = fields @ skills.T / np.sqrt((fields**2).sum(axis=1)[:, None] * (skills**2).sum(axis=1))
    affinity = np.clip(near * 800 + dice.random(near.shape) * 200, 0, 1000).astype(np.int64)
    names, judges = [f"c{number:04}" for number in range(cases)], [f"r{number:03}" for number in range(reviewers)]
    barred = [(judges[column], names[row]) for row, column in np.argwhere(dice.random(near.shape) < 0.02)]
    for load in (15, 12):
        terms = {"reviews_per_case": 3, "load": load, "conflicts": barred, "seed": 1}
        best = _timed(f"assignment, at most {load} a reviewer", "2", lambda terms=terms: assign_reviewers(
            names, judges, affinity, **terms), lambda found: f"total {found.total:,} least {found.least:,}, "
                                                             f"{'optimal' if found.optimal else 'open'}")
        for floor in range(best.least + 20, best.least + 160, 40):
            _timed(f"  with a floor of {floor:,}", "30", lambda terms=terms, floor=floor: _floored(
                names, judges, affinity, floor, terms), str)


def _floored(names: list[str], judges: list[str], affinity: np.ndarray, floor: int, terms: dict) -> str:
    try:
        found = assign_with_floor(names, judges, affinity, floor=floor, **terms)
    except WestlakeError as error:
        return f"{error.problems[0].code}: {error.problems[0].values.get('number', 'some')} cases fall short"
    return f"total {found.total:,} (bound {found.bound:,}) least {found.least:,}"


def _score(dice: np.random.Generator, cases: int, reviewers: int) -> None:
    worth, habit = dice.normal(0, 10, cases), dice.normal(0, 8, reviewers)
    reviews = [Review(f"c{case:04}", f"r{judge:03}", int(1000 * np.clip(60 + worth[case] + habit[judge]
                                                                        + dice.normal(0, 8), 0, 100)))
               for case in range(cases) for judge in dice.choice(reviewers, 3, replace=False).tolist()]
    places = cases * 12 // 100
    top = {f"c{case:04}" for case in np.argsort(-worth)[:places]}

    def share(name: str, found) -> float:
        best = sorted(found.cases, key=lambda case: -getattr(case, name))[:places]
        return len(top & {case.case for case in best}) / places

    _timed("shrinkage, ranks and their intervals", "", lambda: rank_cases(reviews, seed=1),
           lambda found: f"of the true top {places}: {share('score', found):.3f}, "
                         f"by plain mean {share('mean', found):.3f}")


def _select(dice: np.random.Generator, cases: int) -> None:
    district = dice.choice(6, cases, p=[0.3, 0.22, 0.18, 0.14, 0.1, 0.06])
    points = np.clip(dice.normal(66, 12, cases), 0, 100)
    amounts = np.exp(dice.normal(13.5, 0.7, cases)).astype(int) // 10_000 + 1
    asking = [Candidate(f"c{number:04}", int(points[number] * 1000), int(amounts[number]) * 1_000_000, {
        "district": f"d{district[number]}", "sector": f"s{dice.integers(0, 10)}",
        "organisation": f"o{dice.integers(0, cases * 7 // 10)}"}) for number in range(cases)]
    quotas = (*(Quota("district", f"d{number}", least_share_ppm=80_000, most_share_ppm=300_000) for number in range(6)),
              *(Quota("sector", f"s{number}", least_count=5) for number in range(10)))
    budget = sum(one.amount for one in asking) * 12 // 100
    pairs = [tuple(f"c{case:04}" for case in pair) for pair in dice.permutation(cases)[:160].reshape(80, 2).tolist()]
    listed = Terms("ranked_list", budget, "points", 60_000, quotas, ("organisation",),
                   tuple(pairs[:60]), tuple(pairs[60:]))
    _timed("ranked list with its quotas", "", lambda: choose_cases(asking, listed, seed="lake"), _chosen)
    for objective in ("points", "points_x_cost", "count"):
        terms = Terms("optimal", budget, objective, *(listed.threshold, quotas, listed.one_per, listed.exclusions,
                                                      listed.prerequisites))
        near = _timed(f"best {objective}, gap 0.1 %", "2", lambda terms=terms: choose_cases(
            asking, terms, seed="lake"), _chosen)
        if objective == "points":
            _timed(f"best {objective}, proved", "20", lambda terms=terms: choose_cases(
                asking, terms, seed="lake", gap=0), _chosen)
            skipped = _timed("every skipped case explained", "", lambda terms=terms, near=near: explain_skipped(
                asking, terms, near), lambda found: f"{len(found)} cases")
            _timed("the first of them forced in", "", lambda terms=terms, near=near, skipped=skipped: resolve_with(
                skipped[0].case, asking, terms, near), lambda found: f"costs {found.cost:,}")


def _chosen(found) -> str:
    sure = "" if found.most is None else " proved" if found.proved else f" (bound {found.most:,})"
    return f"{len(found.awards)} awards, {found.objective:,}{sure}"


if __name__ == "__main__":
    import sys

    main(*(int(word) for word in sys.argv[1:2]))

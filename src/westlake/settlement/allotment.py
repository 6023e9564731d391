"""What the budget leaves of each entitlement: pro rata, first come, by score, or by lottery.

Every way is exact to the minor unit: nobody gets more than the entitlement, and together never more
than the budget. What decided (rank, draw, score) is kept with each result, the unfunded included, so
that an evaluation can compare them later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from westlake.digest import canonical
from westlake.money import allocate

EDGES = ("part", "stop", "skip")


@dataclass(frozen=True)
class Bid:
    """One case's entitlement (minor units, positive) before the budget is looked at."""

    case: str
    entitlement: int
    received: int = 0  # day number or any rising number: earlier is first in the queue
    score: int | None = None  # whole points; higher is better


@dataclass(frozen=True)
class Allotment:
    """What the budget left of a bid, and what decided it."""

    case: str
    entitlement: int
    allotted: int
    rank: int  # 1 is first; under pro rata all are 1
    draw: str = ""  # lottery only: the hash drawn, smallest first
    score: int | None = None


def allot(way: str, bids: Iterable[Bid], budget: int, *, seed: str = "", edge: str = "part") -> list[Allotment]:
    """Allot a budget (minor units) over bids; results in the order of the case names.

    way: pro_rata, queue, score or lottery. edge says what happens to the first bid that no longer
    fits: it gets what is left (part), it and all after it get nothing (stop), or it is passed over and
    a later, smaller one may still fit (skip). The seed of a lottery is published before the draw.
    """
    assert budget >= 0 and edge in EDGES, "a budget is never negative, an edge is declared"
    ordered = sorted(bids, key=lambda bid: bid.case)
    assert len({bid.case for bid in ordered}) == len(ordered), "one bid a case"
    assert all(bid.entitlement > 0 for bid in ordered), "only what is owed is allotted"
    if way == "pro_rata":
        results = _pro_rata(ordered, budget)
    else:
        key = _ORDERS[way]
        results = _in_turn(sorted(ordered, key=lambda bid: key(bid, seed)), budget, edge, way, seed)
    assert sum(result.allotted for result in results) <= budget
    return sorted(results, key=lambda result: result.case)


def draw(seed: str, case: str) -> str:
    """A case's lot: SHA-256 of seed and case. Anyone with the seed can draw it again."""
    return hashlib.sha256(canonical([seed, case])).hexdigest()


def _pro_rata(bids: Sequence[Bid], budget: int) -> list[Allotment]:
    """Exact fractions, floored; left-over units by largest remainder, ties by case name."""
    wanted = [bid.entitlement for bid in bids]
    parts = wanted if sum(wanted) <= budget else allocate(budget, wanted)
    return [Allotment(bid.case, bid.entitlement, part, 1, score=bid.score)
            for bid, part in zip(bids, parts, strict=True)]


def _in_turn(bids: Sequence[Bid], left: int, edge: str, way: str, seed: str) -> list[Allotment]:
    results = []
    for rank, bid in enumerate(bids, 1):
        fits = bid.entitlement <= left
        given = bid.entitlement if fits else left if edge == "part" else 0
        left = 0 if edge == "stop" and not fits else left - given
        results.append(Allotment(bid.case, bid.entitlement, given, rank,
                                 draw(seed, bid.case) if way == "lottery" else "", bid.score))
    return results


_ORDERS: dict[str, Callable[[Bid, str], tuple[int | str, ...]]] = {
    "queue": lambda bid, seed: (bid.received, bid.case),
    "score": lambda bid, seed: (-(bid.score or 0), bid.case),
    "lottery": lambda bid, seed: (draw(seed, bid.case), bid.case),
}
WAYS = ("pro_rata", *_ORDERS)

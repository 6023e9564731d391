"""Shares what is left of a budget over the firms of a round, and a firm's share over its lines."""

from __future__ import annotations

from collections.abc import Sequence

from westlake.money import allocate
from westlake.settlement.allotment import Allotment, Bid, allot
from westlake.settlement.decide import DecidedLine
from westlake.settlement.history import History
from westlake.settlement.order import Order, check_order
from westlake.settlement.terms import Terms


def changed(decided: Sequence[DecidedLine], history: History) -> list[DecidedLine]:
    """Lines that are new or whose claim or entitlement moved; the rest is settled already."""
    return [line for line in decided
            if line.change or line.entitlement or line.line.key not in history.lines]


def share_budget(decided: Sequence[DecidedLine], terms: Terms, available: int, order: Order,
                 seed: str) -> dict[str, Allotment]:
    """Each firm's allotment of what is available (minor units); a firm that owes gets a negative one, whatever it is.

    W417 or W418 where the way ranks firms and their order or the seed is not known.
    """
    entitled: dict[str, int] = {}
    for line in decided:
        entitled[line.line.firm] = entitled.get(line.line.firm, 0) + line.entitlement
    check_order(terms.way, [firm for firm, amount in entitled.items() if amount > 0], order, seed)
    bids = [Bid(firm, amount, order.received.get(firm, 0), order.scores.get(firm))
            for firm, amount in entitled.items() if amount > 0]
    allotments = {result.case: result for result in allot(terms.way, bids, available, seed=seed, edge=terms.edge)}
    for firm, amount in entitled.items():
        if amount <= 0:
            allotments[firm] = Allotment(firm, amount, amount, 0)
    return allotments


def share_lines(lines: Sequence[DecidedLine], allotted: int) -> list[int]:
    """A firm's allotment over its lines: what a line gives back it gives back whole, the rest is shared."""
    back = sum(min(line.entitlement, 0) for line in lines)
    if allotted < 0 or not any(line.entitlement > 0 for line in lines):
        return [line.entitlement for line in lines]
    shares = allocate(allotted - back, [max(line.entitlement, 0) for line in lines])
    return [share + min(line.entitlement, 0) for share, line in zip(shares, lines, strict=True)]

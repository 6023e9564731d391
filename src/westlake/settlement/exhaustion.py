"""When a year's claims would have used its budget up, served in the programme's way, and what share each keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from westlake.settlement.order import Order
from westlake.settlement.rerun import Given


@dataclass(frozen=True)
class Exhaustion:
    """Minor units. day: number of the day on which the budget is used up, None when it never is.

    firm: under a way that ranks, who came when it ran out. entitled: all claims at full rate; share_ppm: what
    is given of them, in parts per million, rounded down.
    """

    budget: int
    entitled: int
    given: int
    day: int | None
    firm: str = ""

    @property
    def share_ppm(self) -> int:
        return self.given * 1_000_000 // self.entitled if self.entitled > 0 else 0

    def as_dict(self) -> dict[str, object]:
        """JSON's view; the day as a number."""
        return {**vars(self), "share_ppm": self.share_ppm}


def exhaustion(lines: Iterable[Given], way: str, budget: int, order: Order) -> Exhaustion:
    """Walk through the claims at full rate until they reach the budget.

    pro_rata serves all alike, so the claims come by their own days, a day at a time. The other ways serve
    firm after firm: round by round, by place, a firm's lines in their order; the day is then that of the
    firm's receipt where it is known, else that of the claim at which the budget ran out.
    """
    every = list(lines)
    entitled, given = sum(one.decided.entitlement for one in every), sum(one.allotted for one in every)
    if way == "pro_rata":
        return Exhaustion(budget, entitled, given, _day_reached(every, budget))
    running = 0
    for one in sorted(every, key=lambda one: (one.round, one.place, one.decided.line.firm, one.decided.line.order)):
        running += one.decided.entitlement
        if running >= budget:
            firm = one.decided.line.firm
            known = order.received.get(firm) if way == "queue" else None
            return Exhaustion(budget, entitled, given, one.decided.line.day if known is None else known, firm)
    return Exhaustion(budget, entitled, given, None)


def _day_reached(lines: list[Given], budget: int) -> int | None:
    by_day: dict[int, int] = {}
    for one in lines:
        by_day[one.decided.line.day] = by_day.get(one.decided.line.day, 0) + one.decided.entitlement
    running = 0
    for day, amount in sorted(by_day.items()):
        running += amount
        if running >= budget:
            return day
    return None

"""When a year's claims would have used its budget up, served in the programme's way, and what share each keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from westlake.settlement.order import Order
from westlake.settlement.rerun import Given


@dataclass(frozen=True)
class Exhaustion:
    """Minor units. budget: all that was appropriated, anew too; day: number of the day on which what a round
    had is first used up, None when it never is; `given` is less than `entitled` only where there is such a day.

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


def exhaustion(lines: Iterable[Given], way: str, available: Mapping[int, int], budget: int, order: Order) -> Exhaustion:
    """Walk through the rounds to the first whose claims, at full rate, reach what it had (round → minor units).

    Within it pro_rata serves all alike, so the claims come by their own days, a day at a time. The other ways
    serve firm after firm, by place, a firm's lines in their order; the day is then that of the firm's receipt
    where it is known, else that of the claim at which the money ran out. A firm that owes money back claims none.
    """
    every = list(lines)
    entitled, given = sum(one.decided.entitlement for one in every), sum(one.allotted for one in every)
    for number, has in sorted(available.items()):
        claims = _claims([one for one in every if one.round == number])
        if claims and sum(one.decided.entitlement for one in claims) >= has:
            day, firm = _day_reached(claims, has), ""
            if way != "pro_rata":
                day, firm = _turn_reached(claims, has)
                day = order.received.get(firm, day) if way == "queue" else day
            return Exhaustion(budget, entitled, given, day, firm)
    return Exhaustion(budget, entitled, given, None)


def _claims(lines: list[Given]) -> list[Given]:
    """The lines of firms that are to be given money."""
    firms: dict[str, int] = {}
    for one in lines:
        firms[one.decided.line.firm] = firms.get(one.decided.line.firm, 0) + one.decided.entitlement
    return [one for one in lines if firms[one.decided.line.firm] > 0]


def _turn_reached(lines: list[Given], has: int) -> tuple[int, str]:
    running = 0
    for one in sorted(lines, key=lambda one: (one.place, one.decided.line.firm, one.decided.line.order)):
        running += one.decided.entitlement
        if running >= has:
            break
    return one.decided.line.day, one.decided.line.firm


def _day_reached(lines: list[Given], has: int) -> int:
    by_day: dict[int, int] = {}
    for one in lines:
        by_day[one.decided.line.day] = by_day.get(one.decided.line.day, 0) + one.decided.entitlement
    days = sorted(by_day)
    return next(day for day, running in zip(days, accumulate(by_day[day] for day in days), strict=True)
                if running >= has)

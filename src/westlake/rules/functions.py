"""The named functions a rule may call: what each takes and gives, and how large its answer may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from westlake import dates, money
from westlake.rules.kinds import Kind

Range = tuple[int, int]


@dataclass(frozen=True)
class Function:
    """A function of money.py or dates.py as rules see it.

    takes: the kind and the admitted range of each argument. gives: its kind. reach: from the
    arguments' ranges to the answer's range (never narrower than the truth). scale: of a share, what its
    product is divided by.
    """

    body: Callable[..., int]
    takes: tuple[tuple[Kind, Range], ...]
    gives: Kind
    reach: Callable[..., Range]
    scale: int = 0


_AMOUNT: tuple[Kind, Range] = (Kind.MONEY, (-money.MONEY_MAX, money.MONEY_MAX))
_FINE: tuple[Kind, Range] = (Kind.FINE, (-money.FINE_MAX, money.FINE_MAX))
_RATE: tuple[Kind, Range] = (Kind.RATE, (0, money.RATE_MAX))
_PART: tuple[Kind, Range] = (Kind.COUNT, (0, money.PARTS_MAX))
_PARTS: tuple[Kind, Range] = (Kind.COUNT, (1, money.PARTS_MAX))
_DAY: tuple[Kind, Range] = (Kind.DAY, (dates.DAY_MIN, dates.DAY_MAX))
_ANY_COUNT: tuple[Kind, Range] = (Kind.COUNT, (-120_000, 120_000))


def _share_reach(scale: int) -> Callable[[Range, Range], Range]:
    def reach(amount: Range, rate: Range) -> Range:
        corners = [a * r for a in amount for r in rate]
        return min(0, min(corners) // scale), max(0, -(-max(corners) // scale))
    return reach


def _part_reach(amount: Range, part: Range, whole: Range) -> Range:
    corners = [a * p for a in amount for p in part]
    return min(0, min(corners) // whole[0]), max(0, -(-max(corners) // whole[0]))


def _months_reach(first: Range, last: Range) -> Range:
    return _periods_reach(last[0] - first[1], last[1] - first[0], 28, 31)


def _years_reach(first: Range, last: Range) -> Range:
    return _periods_reach(last[0] - first[1], last[1] - first[0], 365, 366)


def _periods_reach(least: int, most: int, short: int, long: int) -> Range:
    """How many periods of `short` to `long` days may lie in `least` to `most` days, either of them negative."""
    return least // (long if least >= 0 else short) - 1, most // (short if most >= 0 else long) + 1


def _add_months_reach(day: Range, months: Range) -> Range:
    return day[0] + min(months[0] * 31, months[0] * 28) - 3, day[1] + max(months[1] * 31, months[1] * 28) + 3


def _day_number_reach(year: Range, month: Range, day: Range) -> Range:
    return dates.day_number(year[0], month[0], day[0]), dates.day_number(year[1], month[1], day[1])


def _year_reach(day: Range) -> Range:
    return dates.year_of(day[0]), dates.year_of(day[1])


def _share(body: Callable[..., int]) -> Function:
    return Function(body, (_AMOUNT, _RATE), Kind.MONEY, _share_reach(money.PPM), money.PPM)


FUNCTIONS: dict[str, Function | None] = {
    "min": None, "max": None, "abs": None,  # built in: any kind, see ranges.py
    "share_down": _share(money.share_down),
    "share_up": _share(money.share_up),
    "share_half_up": _share(money.share_half_up),
    "share_half_even": _share(money.share_half_even),
    "fine_share_half_up": Function(money.fine_share_half_up, (_FINE, _RATE), Kind.MONEY,
                                   _share_reach(money.PPM * money.FINE), money.PPM * money.FINE),
    "part_down": Function(money.part_down, (_AMOUNT, _PART, _PARTS), Kind.MONEY, _part_reach),
    "part_half_up": Function(money.part_half_up, (_AMOUNT, _PART, _PARTS), Kind.MONEY, _part_reach),
    "year_of": Function(dates.year_of, (_DAY,), Kind.COUNT, _year_reach),
    "month_of": Function(dates.month_of, (_DAY,), Kind.COUNT, lambda day: (1, 12)),
    "day_of_month": Function(dates.day_of_month, (_DAY,), Kind.COUNT, lambda day: (1, 31)),
    "day_number": Function(dates.day_number, ((Kind.COUNT, (1, 9999)), (Kind.COUNT, (1, 12)), (Kind.COUNT, (1, 31))),
                           Kind.DAY, _day_number_reach),
    "add_months": Function(dates.add_months, (_DAY, _ANY_COUNT), Kind.DAY, _add_months_reach),
    "months_between": Function(dates.months_between, (_DAY, _DAY), Kind.COUNT, _months_reach),
    "years_between": Function(dates.years_between, (_DAY, _DAY), Kind.COUNT, _years_reach),
}

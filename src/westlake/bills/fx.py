"""Rates of exchange, dated and exact: the last one published on or before a day, never a guess."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from westlake.bills.amounts import UNIT, units_of
from westlake.dates import iso
from westlake.errors import Place, WestlakeError

RATE_DIGITS = 8  # a rate is DECIMAL(12,8)
RATE_UNIT: int = 10**RATE_DIGITS


@dataclass(frozen=True)
class FxRate:
    """One published rate: local money for one unit of a currency; rate: decimal text, at most 8 decimals."""

    currency: str
    day: int
    rate: str
    source: str = ""


class FxTable:
    """Published rates by currency and day; W351 for one that isn't exact or stands twice with two values."""

    def __init__(self, rates: Iterable[FxRate] = ()) -> None:
        found: dict[str, dict[int, tuple[int, str]]] = {}
        for rate in rates:
            days = found.setdefault(rate.currency, {})
            worth = _worth(rate)
            if days.setdefault(rate.day, (worth, rate.source))[0] != worth:
                raise WestlakeError.one("W351", Place(field=rate.currency), rate=rate.rate, currency=rate.currency,
                                        day=iso(rate.day))
        self._days: Mapping[str, list[int]] = {currency: sorted(days) for currency, days in found.items()}
        self._worth = found

    def on(self, currency: str, day: int) -> tuple[int, int, str] | None:
        """(rate in 1e-8, day published, source) of the last rate on or before a day; None before the first."""
        days = self._days.get(currency, [])
        place = bisect.bisect_right(days, day)
        if not place:
            return None
        published = days[place - 1]
        return (*self._worth[currency][published][:1], published, self._worth[currency][published][1])


def _worth(rate: FxRate) -> int:
    """1e-8 units of a rate, from 0.00000001 to 9999.99999999."""
    try:
        worth, rest = divmod(units_of(rate.rate), UNIT // RATE_UNIT)
    except ValueError:
        worth, rest = 0, 1
    if rest or not 0 < worth < 10_000 * RATE_UNIT:
        raise WestlakeError.one("W351", Place(field=rate.currency), rate=rate.rate, currency=rate.currency,
                                day=iso(rate.day))
    return worth

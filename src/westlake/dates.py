"""Days are whole numbers (day 0 is 1970-01-01); periods and anniversaries are counted, never guessed.

The arithmetic is Gregorian and integer only, so the kernel compiler takes these very lines
(algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DAY_MIN = -719_162  # 0001-01-01
DAY_MAX = 2_932_896  # 9999-12-31
MICROS_PER_DAY = 86_400_000_000


def year_of(day: int) -> int:
    """The calendar year of a day number."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return year + era * 400 + (1 if of_year >= 306 else 0)


def month_of(day: int) -> int:
    """The calendar month, 1 to 12, of a day number."""
    shifted = day + 719_468
    of_era = shifted - shifted // 146_097 * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return month + 3 if month < 10 else month - 9


def day_of_month(day: int) -> int:
    """The day within its month, 1 to 31, of a day number."""
    shifted = day + 719_468
    of_era = shifted - shifted // 146_097 * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return of_year - (153 * ((5 * of_year + 2) // 153) + 2) // 5 + 1


def day_number(year: int, month: int, day: int) -> int:
    """The day number of a calendar date (day past the month's end runs into the next month)."""
    shifted_year = year - (1 if month <= 2 else 0)
    era = shifted_year // 400
    of_era = shifted_year - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


def add_months(day: int, months: int) -> int:
    """The same day of the month `months` later (earlier if negative), clipped to the month's end."""
    whole = year_of(day) * 12 + month_of(day) - 1 + months
    year, month = whole // 12, whole % 12 + 1
    return day_number(year, month, min(day_of_month(day), days_in_month(year, month)))


def months_between(first: int, last: int) -> int:
    """Whole months from `first` to `last`: the largest m with add_months(first, m) <= last.

    Symmetric in sign: months_between(a, b) == -months_between(b, a).
    """
    if last < first:
        return -months_between_forward(last, first)
    return months_between_forward(first, last)


def months_between_forward(first: int, last: int) -> int:
    """Whole months between two days, `first <= last`.

    The last month counts once its day is reached, or once it ends: 31 January to 28 February is a month.
    """
    year, month, reached = year_of(last), month_of(last), day_of_month(last)
    months = (year - year_of(first)) * 12 + month - month_of(first)
    short = reached < day_of_month(first) and reached < days_in_month(year, month)
    return months - (1 if short else 0)


def years_between(first: int, last: int) -> int:
    """Whole years from `first` to `last` (toward zero)."""
    months = months_between(first, last)
    return months // 12 if months >= 0 else -(-months // 12)


def parse_day(text: str) -> int:
    """The day number of "2025-06-01"; `ValueError` for anything that is not a full ISO date."""
    return dt.date.fromisoformat(text.strip()).toordinal() - 719_163


def iso(day: int) -> str:
    """"2025-06-01" of a day number."""
    return dt.date.fromordinal(day + 719_163).isoformat()


def local_day(instant_us: int, zone: str) -> int:
    """The day number in a time zone of an instant in microseconds since 1970-01-01T00:00Z."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=instant_us)
    return moment.astimezone(ZoneInfo(zone)).date().toordinal() - 719_163


def now_us() -> int:
    """This instant, in microseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1000


def micros_of(moment: dt.datetime) -> int:
    """A moment that knows its zone as microseconds UTC, exact."""
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def instant_iso(instant_us: int) -> str:
    """"2025-06-01T08:30:00.000000Z" of an instant in microseconds since 1970-01-01T00:00Z."""
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=instant_us)
    return moment.isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True)
class Period:
    """A span of whole days, both ends included."""

    first: int
    last: int

    @classmethod
    def year(cls, year: int) -> Period:
        return cls(day_number(year, 1, 1), day_number(year, 12, 31))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls(day_number(year, month, 1), day_number(year, month, days_in_month(year, month)))

    def __contains__(self, day: int) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{iso(self.first)}…{iso(self.last)}"

"""Lakeside's cloud voucher decided another way: exact fractions, calendar dates and plain loops, no line of Westlake's."""

import datetime as dt
from fractions import Fraction

CHANGE = dt.date(2025, 7, 1)
RATES = {
    "old": {"domestic": Fraction(25, 100), "other": Fraction(15, 100), "excluded": Fraction(0)},
    "new": {"domestic": Fraction(30, 100), "other": Fraction(20, 100), "excluded": Fraction(0)},
}
SMALL = Fraction(1, 2)
SMALL_MAX, CAP = 50_000_000, 20_000_000  # fen
AGE_MAX = 7
EPOCH = dt.date(1970, 1, 1)


def calendar(day):
    """The date of a day number."""
    return EPOCH + dt.timedelta(days=day)


def half_away(number):
    """A fraction to the nearest whole number, halves away from zero."""
    size = abs(number)
    whole = size.numerator // size.denominator
    whole += size - whole >= Fraction(1, 2)
    return whole if number >= 0 else -whole


def age(founded, day):
    """Whole years from birthday to birthday; 29 February has its birthday on the month's last day."""
    years = day.year - founded.year
    last = (dt.date(day.year + (founded.month == 12), founded.month % 12 + 1, 1) - dt.timedelta(days=1)).day
    birthday = dt.date(day.year, founded.month, min(founded.day, last))
    return years - (day < birthday)


def rate(row, day):
    """The share repaid."""
    era = "new" if day >= CHANGE else "old"
    base = RATES[era][row["compute_class"]]
    if era == "new" and row["contracts_year"] <= SMALL_MAX and row["compute_class"] != "excluded":
        return max(base, SMALL)
    return base


def decide(rows, days):
    """What each row may claim, in order; what a firm has claimed for a year before counts against its cap."""
    found, used = [], {}
    for row, day_number in zip(rows, days, strict=True):
        day, founded = calendar(day_number), calendar(row["founded_on"])
        young = founded <= day and age(founded, day) <= AGE_MAX
        eligible = young and row["compute_class"] != "excluded" and row["in_lakeside"]
        share = half_away(Fraction(row["base"], 10_000) * rate(row, day))
        key = (row["firm"], calendar(row["used_until"]).year)
        before = used.get(key, 0) + row["claimed_elsewhere"]
        claim = min(share, max(0, CAP - before)) if eligible else 0
        used[key] = used.get(key, 0) + claim
        found.append(
            {
                "is_young": young,
                "eligible": eligible,
                "rate": int(rate(row, day) * 10**6),
                "share": share,
                "claimed_before": before,
                "claim": claim,
            }
        )
    return found

"""Day arithmetic against the standard library's calendar and against counting by hand."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake import dates

DAYS = st.integers(dates.DAY_MIN, dates.DAY_MAX)
EPOCH = dt.date(1970, 1, 1)


@given(st.dates())
def test_parts_of_a_day_are_the_calendar_s(date):
    day = (date - EPOCH).days
    assert (dates.year_of(day), dates.month_of(day), dates.day_of_month(day)) == (date.year, date.month, date.day)
    assert dates.day_number(date.year, date.month, date.day) == day
    assert dates.iso(day) == date.isoformat()
    assert dates.parse_day(date.isoformat()) == day


@given(st.integers(-600_000, 2_900_000), st.integers(0, 600))
def test_months_between_counts_whole_months(first, months):
    last = dates.add_months(first, months)
    assert dates.months_between(first, last) == months
    assert dates.months_between(last, first) == -months


@given(st.integers(0, 40_000), st.integers(0, 40_000))
def test_months_between_is_the_largest_that_fits(first, last):
    first, last = sorted((first, last))
    counted = 0
    while dates.add_months(first, counted + 1) <= last:
        counted += 1
    assert dates.months_between(first, last) == counted
    assert dates.years_between(first, last) == counted // 12


def test_month_ends_are_clipped():
    day = dates.parse_day
    assert dates.add_months(day("2024-01-31"), 1) == day("2024-02-29")
    assert dates.months_between(day("2024-01-31"), day("2024-02-29")) == 1
    assert dates.years_between(day("2020-02-29"), day("2021-02-27")) == 0
    assert dates.years_between(day("2020-02-29"), day("2021-02-28")) == 1
    assert dates.years_between(day("2021-03-01"), day("2020-02-29")) == -1


def test_new_year_in_the_city_is_earlier_than_in_greenwich():
    eve = int(dt.datetime(2025, 12, 31, 16, 0, tzinfo=dt.UTC).timestamp() * 1_000_000)
    assert dates.iso(dates.local_day(eve, "Asia/Shanghai")) == "2026-01-01"
    assert dates.iso(dates.local_day(eve - 1, "Asia/Shanghai")) == "2025-12-31"
    assert dates.iso(dates.local_day(-1, "UTC")) == "1969-12-31"


def test_period_holds_both_its_ends():
    march = dates.Period.month(2024, 2)
    assert (dates.iso(march.first), dates.iso(march.last)) == ("2024-02-01", "2024-02-29")
    assert march.last in march
    assert march.last + 1 not in march


@pytest.mark.parametrize("text", ["2025-2-1", "2025-02-30", "1/2/25", ""])
def test_only_full_iso_dates_are_read(text):
    with pytest.raises(ValueError, match=r"Invalid|day"):
        dates.parse_day(text)


@given(st.integers(0, 253_402_300_799_999_999))
def test_an_instant_is_written_in_greenwich(instant_us):
    text = dates.instant_iso(instant_us)
    read = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    assert (read - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) == instant_us
    assert len(text) == len("2025-06-01T08:30:00.000000Z")


def test_now_is_between_two_looks_at_the_clock():
    before = dt.datetime.now(dt.UTC)
    now = dt.datetime.fromisoformat(dates.instant_iso(dates.now_us()).replace("Z", "+00:00"))
    assert before.replace(microsecond=0) <= now <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)

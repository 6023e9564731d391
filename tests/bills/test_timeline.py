"""Days of the city: every instant falls in the span of its local day, in any zone, across changes of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.bills.timeline import month_first, spans, starts
from westlake.dates import Period, local_day, parse_day

ZONES = ["Asia/Shanghai", "Asia/Seoul", "UTC", "Europe/Dublin", "America/St_Johns", "Asia/Kathmandu",
         "Australia/Lord_Howe"]
FIRST, LAST = parse_day("2025-02-10"), parse_day("2025-11-20")


@given(st.sampled_from(ZONES), st.datetimes(dt.datetime(2025, 2, 12), dt.datetime(2025, 11, 18)),
       st.sets(st.integers(FIRST, LAST), max_size=3), st.sets(st.integers(FIRST, LAST), max_size=3))
def test_an_instant_falls_in_the_span_of_its_local_day(zone, moment, segments, changes):
    listed = spans(FIRST, LAST, Period(parse_day("2025-04-15"), parse_day("2025-10-03")), segments, changes)
    step, begins = starts(listed, zone)
    second = int(moment.replace(tzinfo=dt.UTC).timestamp())
    day = local_day(second * 10**6, zone)
    place = max(number for number, begin in enumerate(begins) if begin <= second // step)
    span = listed[place]
    assert span.first <= day <= span.last
    assert span.month == month_first(day)
    assert span.counts == (parse_day("2025-04-15") <= day <= parse_day("2025-10-03"))
    edges = {span.month, *segments, parse_day("2025-04-15"), parse_day("2025-10-04")}
    assert span.piece == max(edge for edge in edges if edge <= day and edge >= span.month)


@given(st.sets(st.integers(FIRST, LAST), max_size=6))
def test_spans_cover_all_days_once(changes):
    listed = spans(FIRST, LAST, Period.year(2025), [], changes)
    days = [day for span in listed for day in range(span.first, span.last + 1)]
    assert days == list(range(parse_day("2025-02-01"), parse_day("2025-12-01")))


@pytest.mark.parametrize(("zone", "step"), [("Asia/Shanghai", 3600), ("Asia/Kathmandu", 900), ("Asia/Kolkata", 1800)])
def test_the_step_is_as_long_as_the_zone_allows(zone, step):
    assert starts(spans(FIRST, LAST, Period.year(2025), [], []), zone)[0] == step
    assert ZoneInfo(zone)

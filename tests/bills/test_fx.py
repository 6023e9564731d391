"""Rates: exact, dated, the last one published on or before a day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.bills import FxRate, FxTable, read_rates
from westlake.errors import WestlakeError


@given(st.dictionaries(st.integers(0, 40), st.integers(1, 10**12 - 1), max_size=8), st.integers(-3, 45))
def test_the_last_rate_on_or_before_a_day(published, day):
    table = FxTable(FxRate("USD", on, f"{rate // 10**8}.{rate % 10**8:08d}", f"s{on}")
                    for on, rate in published.items())
    before = [on for on in published if on <= day]
    assert table.on("USD", day) == ((published[max(before)], max(before), f"s{max(before)}") if before else None)
    assert table.on("EUR", day) is None


@pytest.mark.parametrize("rate", ["0", "-7.1", "7.123456789", "10000", "7,1", "seven", ""])
def test_a_rate_that_is_not_exact_or_not_one_is_refused(rate):
    with pytest.raises(WestlakeError, match="W351"):
        FxTable([FxRate("USD", 0, rate)])


def test_two_rates_for_one_day_must_be_the_same():
    assert FxTable([FxRate("USD", 0, "7.1"), FxRate("USD", 0, "7.10")]).on("USD", 0) == (710_000_000, 0, "")
    with pytest.raises(WestlakeError, match=r"W351 rate 7\.2 for USD on 1970-01-01"):
        FxTable([FxRate("USD", 0, "7.1"), FxRate("USD", 0, "7.2")])


def test_the_office_keeps_its_rates_in_a_csv(tmp_path):
    path = tmp_path / "rates.csv"
    assert read_rates(path).on("USD", 99) is None
    path.write_text("\ufeffcurrency,day,rate,source\nUSD,1970-01-02,7.1494,bank\n", "utf-8")
    assert read_rates(path).on("USD", 99) == (714_940_000, 1, "bank")
    path.write_text("currency,day,rate\nUSD,soon,7.1\nUSD,1970-01-02,7.1\n,,\n", "utf-8")
    with pytest.raises(WestlakeError) as raised:
        read_rates(path)
    assert [(one.code, one.place.row) for one in raised.value.problems] == [("W354", 2), ("W354", 4)]

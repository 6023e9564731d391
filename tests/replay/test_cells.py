"""What offices write into cells, and what of it must never be guessed."""

import datetime as dt

import pytest

from westlake.dates import iso
from westlake.replay import Column
from westlake.replay.amounts import UNITS, currencies_of
from westlake.replay.cells import reader
from westlake.replay.unfit import Unfit
from westlake.rules import Input, Kind

MONEY = Input("base", Kind.MONEY, -10**12, 10**12)
FINE = Input("fine", Kind.FINE, -10**15, 10**15)
RATE = Input("rate", Kind.RATE, 0, 1_000_000)
DAY = Input("day", Kind.DAY, 0, 60_000)
COUNT = Input("staff", Kind.COUNT, 0, 10_000)
BOOL = Input("resident", Kind.BOOL, 0, 1)
SIZE = Input("size", Kind.CHOICE, 0, 1, ("small", "large"), choice_words={
    "small": {"en": "small", "ko": "소기업", "zh": "小型"}, "large": {"en": "large", "ko": "대기업", "zh": "大型"}})

TWINS = Input("size", Kind.CHOICE, 0, 1, ("micro", "small"), choice_words={
    "micro": {"en": "小型", "ko": "소기업", "zh": "微型"}, "small": {"en": "small", "ko": "소기업", "zh": "小型"}})
ID = Input("firm", Kind.ID, 0, 2**62)


def read(item, cell, currency="CNY", **column):
    return reader(item, Column("x", **column), currency)(cell)


@pytest.mark.parametrize(("cell", "fen"), [
    (1300.26, 130_026), ("1,300.26", 130_026), ("１，３００．２６", 130_026), ("￥1,300.26", 130_026), ("¥ 1300.26元", 130_026),
    ("RMB 1,300.26", 130_026), ("1300元整", 130_000), ("13万元", 13_000_000), ("12.5万", 12_500_000), ("1.5亿元", 15_000_000_000),
    ("(500.00)", -50_000), ("¥(1,500)", -150_000), ("(500元)", -50_000), ("△500", -50_000), ("△ 1万", -1_000_000), ("−500", -50_000), ("1,2345,6789.01", 12_345_678_901), (".5", 50), (0.0, 0),
    ("0.30", 30), (0.1 + 0.2, 30)])
def test_amounts(cell, fen):
    assert read(MONEY, cell) == fen


@pytest.mark.parametrize(("cell", "unit", "won"), [
    (1300.0, "만원", 13_000_000), ("1,300", "천원", 1_300_000), ("₩1,300원", "", 1_300), ("3억원", "만원", 300_000_000),
    (0.5, "만원", 5_000)])
def test_amounts_in_won(cell, unit, won):
    assert read(MONEY, cell, "KRW", unit=unit) == won


@pytest.mark.parametrize("cell", ["1,30", "1.300,26", "12,34,567", "about 5", "1,3000", "-", "1 300 x", "#REF!", "5%", "1e3", True,
                                  "(-500)", "△-500", "-△500", "(500", "500)", "500△", "(△500)", "△△500", "△", "()", "5 00", "1 300.26"])
def test_what_is_no_amount(cell):
    with pytest.raises(Unfit) as caught:
        read(MONEY, cell)
    assert caught.value.code == "W135"


def test_what_is_finer_than_a_fen_is_rounded_only_as_told():
    with pytest.raises(Unfit) as caught:
        read(MONEY, 333.335)
    assert caught.value.code == "W136"
    assert read(MONEY, 333.335, rounding="half_up") == 33_334
    assert read(MONEY, -333.335, rounding="half_up") == -33_334
    assert read(MONEY, 333.339, rounding="down") == 33_333
    assert read(FINE, 3250.667) == 3_250_667_000


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_can_stand_in_the_cell_or_over_the_column(unit):
    currency = next(iter(currencies_of(unit)), "USD")
    if currency == "KRW":
        assert read(MONEY, f"3{unit}", "KRW") == read(MONEY, "3", "KRW", unit=unit) == 3 * 10**UNITS[unit]
        return
    assert read(MONEY, f"3{unit}", currency) == read(MONEY, "3", currency, unit=unit) == 300 * 10**(UNITS[unit] + 2) // 100


@pytest.mark.parametrize(("cell", "day"), [
    (dt.datetime(2025, 6, 1, 9, 30), "2025-06-01"), (dt.date(2025, 6, 1), "2025-06-01"), (45_809.0, "2025-06-01"),
    ("45809", "2025-06-01"), ("2025/6/1", "2025-06-01"), ("2025.6.1", "2025-06-01"), ("2025. 6. 1.", "2025-06-01"),
    ("2025年6月1日", "2025-06-01"), ("2025년 6월 1일", "2025-06-01"), ("20250601", "2025-06-01"),
    ("2025-06-01 09:30", "2025-06-01"), ("２０２５－０６－０１", "2025-06-01")])
def test_days(cell, day):
    assert iso(read(DAY, cell)) == day


@pytest.mark.parametrize("cell", ["1/6/2025", "06-01-25", "2025", 2025.0, "2025-13-01", "2025年6月", "2025-1-2 foo", "25/05/05", "soon", 3.0])
def test_what_is_no_day(cell):
    with pytest.raises(Unfit):
        read(DAY, cell)


def test_months_and_years_only_where_the_column_says_so():
    assert iso(read(DAY, "2025年2月", unit="month")) == "2025-02-28"
    assert iso(read(DAY, 2025.0, unit="year")) == "2025-12-31"


@pytest.mark.parametrize(("cell", "truth"), [
    ("是", 1), ("否", 0), ("예", 1), ("아니요", 0), ("Yes", 1), ("N", 0), (True, 1), (False, 0), (1.0, 1), ("不通过", 0), ("√", 1)])
def test_yes_and_no(cell, truth):
    assert read(BOOL, cell) == truth


def test_yes_and_no_in_the_column_s_own_words():
    assert [read(BOOL, cell, yes=("否",), no=("退回",)) for cell in ("否", "退回", "是")] == [1, 0, 1]
    with pytest.raises(Unfit):
        read(BOOL, "退回")


@pytest.mark.parametrize("cell", ["small", "Small", "소기업", "小型", "小型企业", "small firm"])
def test_a_choice_by_any_of_its_names(cell):
    assert read(SIZE, cell) == 0


def test_a_choice_by_the_column_s_own_words():
    assert read(SIZE, "巨型", words={"巨型": "large"}) == 1
    with pytest.raises(Unfit) as caught:
        read(SIZE, "smal")
    assert caught.value.values["suggestion"] == "small"


@pytest.mark.parametrize(("item", "cell", "column", "number"), [
    (RATE, "30%", {}, 300_000), (RATE, 0.3, {}, 300_000), (RATE, 30.0, {"unit": "percent"}, 300_000),
    (RATE, "３０％", {}, 300_000), (COUNT, "35명", {}, 35), (COUNT, "1,200人", {}, 1_200), (COUNT, 12.0, {}, 12)])
def test_rates_and_counts(item, cell, column, number):
    assert read(item, cell, **column) == number


def test_blanks_bounds_and_constants():
    with pytest.raises(Unfit) as caught:
        read(MONEY, "  ")
    assert caught.value.code == "W134"
    assert read(MONEY, "", empty="0") == 0
    assert reader(MONEY, Column(constant="12.00"), "CNY")("") == 1_200
    with pytest.raises(Unfit) as caught:
        read(COUNT, 10_001.0)
    assert caught.value.code == "W031"
    with pytest.raises(Unfit):
        read(RATE, 30.0)


@pytest.mark.parametrize(("item", "cell", "column", "first", "second"), [
    (MONEY, "1.300", {}, "1.30", "1,300"), (MONEY, "-12.000元", {}, "-12.00", "-12,000"), (MONEY, "(5.000)", {}, "-5.00", "-5,000"),
    (DAY, 2025.1, {"unit": "month"}, "2025-01", "2025-10"), (DAY, "2025.1", {"unit": "month"}, "2025-01", "2025-10"),
    (RATE, 0.3, {"unit": "percent"}, "0.3%", "30%"), (RATE, 1.0, {"unit": "percent"}, "1%", "100%"),
    (TWINS, "小型", {}, "micro", "small"), (TWINS, "小型企业", {}, "micro", "small"),
    (SIZE, "大 户", {"words": {"大 户": "large", "大  户": "small"}}, "large", "small")])
def test_what_can_mean_two_things_is_neither(item, cell, column, first, second):
    with pytest.raises(Unfit) as caught:
        read(item, cell, **column)
    assert (caught.value.code, caught.value.values["first"], caught.value.values["second"]) == ("W138", first, second)


@pytest.mark.parametrize(("item", "cell", "column", "number"), [
    (MONEY, "1.300", {"unit": "万元"}, 1_300_000), (MONEY, "1.300", {"rounding": "down"}, 130), (MONEY, "0.300", {}, 30),
    (MONEY, "1300.000", {}, 130_000), (MONEY, "1,300.000", {}, 130_000), (FINE, "1.300", {}, 1_300_000),
    (RATE, 0.0, {"unit": "percent"}, 0), (RATE, "0.3%", {"unit": "percent"}, 3_000), (RATE, 30.0, {"unit": "percent"}, 300_000),
    (TWINS, "微型", {}, 0), (TWINS, "小型", {"words": {"小型": "small"}}, 1)])
def test_what_is_told_apart_is_read(item, cell, column, number):
    assert read(item, cell, **column) == number


def test_months_written_with_a_dot_where_no_other_can_be_meant():
    assert [iso(read(DAY, cell, unit="month")) for cell in (2025.2, "2025.01", "2025.10", 2025.12, "2025-1")] == [
        "2025-02-28", "2025-01-31", "2025-10-31", "2025-12-31", "2025-01-31"]


@pytest.mark.parametrize(("item", "cell", "column"), [
    (COUNT, "1,23", {}), (COUNT, "12,34,5", {}), (COUNT, ",5", {}), (ID, "#N/A", {}), (ID, "#DIV/0!", {}), (MONEY, "#DIV/0!", {"empty": "0"}),
    (BOOL, "好", {"yes": ("好",), "no": ("好",)})])
def test_what_is_nothing_at_all(item, cell, column):
    with pytest.raises(Unfit) as caught:
        read(item, cell, **column)
    assert caught.value.code == "W135"


@pytest.mark.parametrize(("cell", "currency", "found"), [
    ("1,234,000원", "CNY", "KRW"), ("￦1,234", "CNY", "KRW"), ("₩500", "CNY", "KRW"), ("500 KRW", "CNY", "KRW"),
    ("3천만원", "CNY", "KRW"), ("500천원", "CNY", "KRW"), ("2억원", "CNY", "KRW"), ("$500", "CNY", "USD"), ("500元", "KRW", "CNY"),
    ("¥500", "KRW", "CNY"), ("5万元", "KRW", "CNY"), ("RMB 5", "USD", "CNY")])
def test_a_won_is_no_yuan(cell, currency, found):
    with pytest.raises(Unfit) as caught:
        read(MONEY, cell, currency)
    assert (caught.value.code, caught.value.values) == ("W139", {"text": cell.replace("￦", "₩"), "found": found, "ours": currency})


def test_another_currency_is_taken_as_numbers_only_where_it_is_said():
    assert reader(MONEY, Column("x"), "CNY", "KRW")("1,234,000원") == 123_400_000
    with pytest.raises(Unfit):
        reader(MONEY, Column("x"), "CNY", "KRW")("$5")


@pytest.mark.parametrize(("cell", "won"), [
    ("3천만원", 30_000_000), ("1억 2,000만원", 120_000_000), ("1억2천만", 120_000_000), ("2천5백만원", 25_000_000),
    ("1억 5000원", 100_005_000), ("₩3만", 30_000), ("3천원", 3_000), ("5억", 500_000_000)])
def test_amounts_as_they_are_said(cell, won):
    assert read(MONEY, cell, "KRW") == won


@pytest.mark.parametrize("cell", ["1억 20000만원", "만원", "천만", "1만 2억", "2천3천만"])
def test_what_nobody_says(cell):
    with pytest.raises(Unfit):
        read(MONEY, cell, "KRW")


@pytest.mark.parametrize(("cell", "day"), [
    ("25/05/05", "2025-05-05"), ("25. 5. 5.", "2025-05-05"), ("2024-05-05", "2024-05-05")])
def test_years_of_two_digits_where_the_column_says_so(cell, day):
    assert iso(read(DAY, cell, century=2000)) == day


@pytest.mark.parametrize("cell", ["2025-01-02 오후 3:05", "2025. 1. 2. (목)", "2025-01-02T09:30:00Z", "2025-01-02 09:30:00.000"])
def test_the_time_of_a_day_is_passed_over(cell):
    assert iso(read(DAY, cell)) == "2025-01-02"

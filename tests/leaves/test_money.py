"""Shares against exact fractions; splitting against a brute-force search."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake import money

AMOUNTS = st.integers(-money.MONEY_MAX, money.MONEY_MAX)
RATES = st.integers(0, money.RATE_MAX)
SHARES = {
    money.share_down: ROUND_DOWN,
    money.share_up: ROUND_UP,
    money.share_half_up: ROUND_HALF_UP,
    money.share_half_even: ROUND_HALF_EVEN,
}


def decimal_share(amount, rate, rounding, scale=6):
    with localcontext() as context:
        context.prec = 60
        return int((Decimal(amount) * rate).scaleb(-scale).quantize(Decimal(1), rounding))


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.__name__)
@given(amount=AMOUNTS, rate=RATES)
def test_share_is_the_decimal_one(share, amount, rate):
    assert share(amount, rate) == decimal_share(amount, rate, SHARES[share])


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.__name__)
@given(amount=st.integers(-2000, 2000), rate=st.sampled_from([0, 1, 250_000, 500_000, 750_000, 1_000_000]))
def test_share_on_the_ties(share, amount, rate):
    assert share(amount, rate) == decimal_share(amount, rate, SHARES[share])


def test_a_fen_and_a_half_goes_where_the_name_says():
    """Half of 1, 3, 5 and 7 fen; then the least share there is, a hair under a half, and a hair over."""
    halves = {share.__name__: [share(amount, 500_000) for amount in (1, 3, 5, 7)] for share in SHARES}
    assert halves == {"share_down": [0, 1, 2, 3], "share_up": [1, 2, 3, 4], "share_half_up": [1, 2, 3, 4], "share_half_even": [0, 2, 2, 4]}
    near = {share.__name__: [share(1, rate) for rate in (1, 499_999, 500_001)] for share in SHARES}
    assert near == {"share_down": [0, 0, 0], "share_up": [1, 1, 1], "share_half_up": [0, 0, 1], "share_half_even": [0, 0, 1]}


@given(fine=st.integers(-money.FINE_MAX, money.FINE_MAX), rate=RATES)
def test_fine_share_rounds_once(fine, rate):
    assert money.fine_share_half_up(fine, rate) == decimal_share(fine, rate, ROUND_HALF_UP, scale=10)


def test_fine_share_differs_from_rounding_twice():
    fine = 14_999  # 0.014999 yuan: 1.4999 fen; half of it is 0.74995 fen, rounds to 1
    assert money.fine_share_half_up(fine, 500_000) == 1
    assert money.share_half_up(1, 500_000) == 1
    assert [money.fine_share_half_up(fine, money.PPM) for fine in (4_999, 5_000, -5_000)] == [0, 1, -1]
    assert money.fine_share_half_up(9_999, 500_000) == 0  # 0.49995 fen; rounded first it would be 1 x 50 % -> 1


@pytest.mark.parametrize("share", [*SHARES, money.fine_share_half_up], ids=lambda share: share.__name__)
def test_share_takes_its_largest_numbers_and_refuses_the_next(share):
    largest, whole = (money.FINE_MAX, 10**10) if share is money.fine_share_half_up else (money.MONEY_MAX, 10**6)
    assert share(largest, money.RATE_MAX) == largest * money.RATE_MAX // whole == -share(-largest, money.RATE_MAX)
    assert share(largest, 0) == 0
    for amount, rate in [(largest + 1, 1), (-largest - 1, 0), (1, money.RATE_MAX + 1), (1, -1)]:
        with pytest.raises(OverflowError) as refused:
            share(amount, rate)
        assert str(refused.value) == "amount or rate out of range"


PARTS = {money.part_down: ROUND_DOWN, money.part_half_up: ROUND_HALF_UP}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@given(data=st.data())
def test_months_of_a_year_are_the_exact_fraction_rounded(part, data):
    amount = data.draw(st.one_of(AMOUNTS, st.integers(-50, 50)))
    whole = data.draw(st.one_of(st.sampled_from([1, 2, 4, 12, 365]), st.integers(1, money.PARTS_MAX)))
    months = data.draw(st.one_of(st.integers(0, whole), st.integers(0, money.PARTS_MAX)))
    exact = abs(Fraction(amount) * months / whole)
    size = int(exact) if part is money.part_down else int(exact + Fraction(1, 2))
    assert part(amount, months, whole) == (size if amount > 0 else -size)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_part_takes_its_largest_numbers_and_refuses_the_next(part):
    most = money.PARTS_MAX
    assert part(money.MONEY_MAX, most, 1) == money.MONEY_MAX * most == -part(-money.MONEY_MAX, most, 1)
    assert (part(money.MONEY_MAX, most, most), part(7, 0, most), part(0, 1, 1)) == (money.MONEY_MAX, 0, 0)
    for amount, months, whole in [(money.MONEY_MAX + 1, 0, 1), (-money.MONEY_MAX - 1, 1, 1), (1, -1, 12),
                                  (1, most + 1, 12), (1, 1, 0), (1, 1, -1), (1, 1, most + 1)]:
        with pytest.raises(OverflowError) as refused:
            part(amount, months, whole)
        assert str(refused.value) == "amount or part out of range"


@given(total=st.integers(-(10**12), 10**12), weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_allocate_adds_up_and_stays_within_one_unit(total, weights):
    if not sum(weights):
        weights[0] = 1
    parts = money.allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


def test_allocate_is_largest_remainder_not_first_come():
    assert money.allocate(15, [20, 2, 3]) == [12, 1, 2]
    assert money.allocate(2, [1, 1, 1]) == [1, 1, 0]
    assert money.allocate(-2, [1, 1, 1]) == [-1, -1, 0]


def test_allocate_to_nobody():
    assert (money.allocate(0, [0, 0]), money.allocate(0, []), money.allocate(5, [0, 1])) == ([0, 0], [], [0, 5])
    for weights, said in (([0], "nothing to allocate to: all weights are zero"), ([-1, 2], "weights must not be negative")):
        with pytest.raises(ValueError) as refused:
            money.allocate(1, weights)
        assert str(refused.value) == said


@given(AMOUNTS, st.sampled_from(sorted(money.MINOR_DIGITS)))
def test_money_reads_back_what_it_prints(amount, currency):
    assert money.parse_money(money.format_money(amount, currency), currency) == amount


@given(st.integers(-money.RATE_MAX, money.RATE_MAX))
def test_rate_reads_back_what_it_prints(rate):
    assert money.parse_rate(money.format_rate(rate)) == rate


def test_an_amount_as_people_write_it():
    written = {"1,300.26": 130_026, " 1_300.26 ": 130_026, "+5": 500, "-0.5": -50, "1.2000": 120, "100": 10_000, "0": 0}
    assert {text: money.parse_money(text) for text in written} == written
    assert (money.parse_money("1300", "KRW"), money.parse_money("5.0", "JPY")) == (1300, 5)


def test_an_amount_as_people_read_it():
    assert [money.format_money(amount) for amount in (130_026, -5, 0, 1)] == ["1,300.26", "-0.05", "0.00", "0.01"]
    assert [money.format_money(-130_026, currency, sign=True) for currency in ("CNY", "KRW", "USD", "EUR", "HKD")] == [
        "-¥1,300.26", "-₩130,026", "-$1,300.26", "-€1,300.26", "-HKD 1,300.26"]


MONEY_REFUSED = {text: f"{text!r} is not an amount of money" for text in ("", "1e3", "¥5", "--1", "NaN", "1.2.3", "5.")} | {
    "1.001": "'1.001' is finer than the smallest unit of CNY"}


@pytest.mark.parametrize("text", MONEY_REFUSED)
def test_money_refuses(text):
    with pytest.raises(ValueError) as refused:
        money.parse_money(text)
    assert str(refused.value) == MONEY_REFUSED[text]


def test_a_rate_as_people_write_and_read_it():
    written = {"30%": 300_000, " 12.5 % ": 125_000, "+0.0001%": 1, "30.00000%": 300_000, "0.000001": 1, "-12.50%": -125_000, "150%": 1_500_000,
               "0.5": 500_000, "1": 1_000_000, "-0.25": -250_000, "100%": 1_000_000, "0": 0}
    assert {text: money.parse_rate(text) for text in written} == written
    assert [money.format_rate(rate) for rate in (300_000, 125_000, 1, 0, -125_000, 1_000_000, 10_100)] == [
        "30%", "12.5%", "0.0001%", "0%", "-12.5%", "100%", "1.01%"]


RATE_REFUSED = {"50": "'50' is not a rate; write 50%", " 1.5 ": "' 1.5 ' is not a rate; write 1.5%",
                "1.000001": "'1.000001' is not a rate; write 1.000001%", "half": "'half' is not a rate", "5X%": "'5X%' is not a rate",
                "0.00001%": "'0.00001%' is finer than one part per million",
                "0.0000001": "'0.0000001' is finer than one part per million"}


@pytest.mark.parametrize("text", RATE_REFUSED)
def test_a_rate_is_refused(text):
    """A plain number beyond 1 above all: whoever writes 50 means 50 %."""
    with pytest.raises(ValueError) as refused:
        money.parse_rate(text)
    assert str(refused.value) == RATE_REFUSED[text]

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


@given(fine=st.integers(-money.FINE_MAX, money.FINE_MAX), rate=RATES)
def test_fine_share_rounds_once(fine, rate):
    assert money.fine_share_half_up(fine, rate) == decimal_share(fine, rate, ROUND_HALF_UP, scale=10)


def test_fine_share_differs_from_rounding_twice():
    fine = 14_999  # 0.014999 yuan: 1.4999 fen; half of it is 0.74995 fen, rounds to 1
    assert money.fine_share_half_up(fine, 500_000) == 1
    assert money.share_half_up(1, 500_000) == 1
    assert money.fine_share_half_up(9_999, 500_000) == 0  # 0.49995 fen; rounded first it would be 1 x 50 % -> 1


@pytest.mark.parametrize("share", [*SHARES, money.fine_share_half_up], ids=lambda share: share.__name__)
def test_share_refuses_what_could_overflow(share):
    for amount, rate in [(money.FINE_MAX + 1, 1), (1, money.RATE_MAX + 1), (1, -1)]:
        with pytest.raises(OverflowError):
            share(amount, rate)


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
    assert money.allocate(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="nothing to allocate"):
        money.allocate(1, [0])
    with pytest.raises(ValueError, match="negative"):
        money.allocate(1, [-1, 2])


@given(AMOUNTS, st.sampled_from(sorted(money.MINOR_DIGITS)))
def test_money_reads_back_what_it_prints(amount, currency):
    assert money.parse_money(money.format_money(amount, currency), currency) == amount


@given(st.integers(-money.RATE_MAX, money.RATE_MAX))
def test_rate_reads_back_what_it_prints(rate):
    assert money.parse_rate(money.format_rate(rate)) == rate


@pytest.mark.parametrize("text", ["", "1.001", "1e3", "¥5", "--1", "NaN", "1.2.3"])
def test_money_refuses(text):
    with pytest.raises(ValueError, match=r"money|finer"):
        money.parse_money(text)


def test_a_rate_without_its_sign_is_refused():
    assert [money.parse_rate(text) for text in ("0.5", "1", "150%", "-0.25")] == [500_000, 1_000_000, 1_500_000, -250_000]
    with pytest.raises(ValueError, match="write 50%"):
        money.parse_rate("50")


def test_rate_refuses_a_millionth_of_a_per_cent():
    with pytest.raises(ValueError, match="finer"):
        money.parse_rate("0.00001%")

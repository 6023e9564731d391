"""How a text of a bill is read: exactly or not at all. The oracle is Python's Decimal and datetime."""

import datetime as dt
import hashlib
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from westlake.bills.amounts import UNIT, half_up, rounded, text_of, units, units_of
from westlake.bills.engine import engine

SQL = engine(Path("/nowhere"))  # nothing here spills


def read(text):
    """(amount, fault) of a text as the intake reads it."""
    [(amount, fault)] = SQL.execute(
        "WITH a AS (SELECT $1 AS t), b AS (SELECT t, number_parts(t) AS p FROM a),"
        " c AS (SELECT plain_amount(t, p) AS q FROM b)"
        " SELECT exact_amount(q), CASE WHEN exact_amount(q) IS NULL THEN amount_fault(q) END FROM c", [text]).fetchall()
    return amount, fault


def told(text):
    """What the text means, by Decimal: an exact amount, or the fault."""
    with localcontext() as exact:
        exact.prec = 1200
        value = Decimal(text)
        fine = value * 10**18
        if abs(value) >= 10**12:
            return None, "W313"
        return (value, None) if fine == fine.to_integral_value() else (None, "W312")


numbers = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole}{fraction}{exponent}", st.sampled_from(["", "-"]),
    st.from_regex(r"[0-9]{1,14}", fullmatch=True),
    st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,22}", fullmatch=True)),
    st.one_of(st.just(""), st.from_regex(r"[eE][+-]?[0-9]{1,2}", fullmatch=True)))


@given(numbers)
@example("35.2E-7")
@example("9.99999999999999999999999999e5")
@example("1e-18")
@example("1e-19")
@example("0E-999")
@example("000000000000000000001.5")
@example("999999999999.999999999999999999")
@example("-0.00")
@example("12345678901234E-12")
def test_an_amount_is_read_exactly_or_refused_with_the_reason(text):
    amount, fault = read(text)
    assert (amount, fault) == told(text)


@pytest.mark.parametrize("text", [
    "+5", "1,000", "$5", "¥5", "5 CNY", "", " 5", "5 ", ".5", "5.", "1_000", "NaN", "inf", "0x10", "1e", "--5", "５",
    "1.2.3"])
def test_what_is_no_number_by_the_rules_of_focus_is_none(text):
    assert read(text) == (None, "W311")


@pytest.mark.parametrize(("text", "meant"), [
    ("2025-07-01T00:00:00Z", "2025-07-01 00:00:00"), ("2025-07-01 00:00:00", "2025-07-01 00:00:00"),
    ("2025-07-01T00:00:00.250Z", "2025-07-01 00:00:00.250"), ("2025-07-01T08:00:00+08:00", "2025-07-01 00:00:00"),
    ("2025-07-01 00:00:00-0530", "2025-07-01 05:30:00"), ("2025-07-01 00:00:00 UTC", "2025-07-01 00:00:00"),
    ("2025-07-01", "2025-07-01 00:00:00"), ("2025-07", "2025-07-01 00:00:00"), ("7/1/25", "2025-07-01 00:00:00"),
    ("12/31/2025 23:15", "2025-12-31 23:15:00"), ("2024-02-29", "2024-02-29 00:00:00")])
def test_an_instant_is_read_in_utc(text, meant):
    assert SQL.execute("SELECT instant($1)", [text]).fetchall() == [(dt.datetime.fromisoformat(meant),)]


@pytest.mark.parametrize("text", [
    "2025-02-29", "31/12/2025", "13/1/25", "1999-12-31", "20250701", "soon", "5-1-25", "0005-01-25"])
def test_what_is_no_date_of_this_century_is_none(text):
    assert SQL.execute("SELECT instant($1)", [text]).fetchall() == [(None,)]


@given(st.integers(-10**24, 10**24), st.integers(1, 10**12))
@example(-5, 10)
@example(5, 10)
@example(-15, 10)
def test_halves_go_away_from_zero_in_sql_and_in_python(dividend, divisor):
    quotient = Fraction(abs(dividend), divisor)
    whole, rest = divmod(quotient.numerator, quotient.denominator)
    expected = whole + (2 * rest >= quotient.denominator)
    expected = -expected if dividend < 0 else expected
    assert half_up(dividend, divisor) == expected
    assert SQL.execute(f"SELECT half_up({dividend}::HUGEINT, {divisor}::HUGEINT)").fetchall() == [(expected,)]


@given(st.integers(-10**30, 10**30))
def test_units_survive_text_and_engine(amount):
    assert units_of(text_of(amount)) == amount
    assert units(Decimal(text_of(amount))) == amount
    if abs(amount) < 10**12 * UNIT:
        assert SQL.execute(f"SELECT counted({text_of(amount)}::DECIMAL(38,18))").fetchall() == [(amount,)]


def test_rounding_to_cents():
    texts = ("0.125", "-0.125", "0.124999999999999999", "-7")
    assert [rounded(units_of(text), 2) for text in texts] == [13, -13, 12, -700]


@pytest.mark.parametrize("text", ["1,000", "1e3", "", "0.0000000000000000001", "x"])
def test_declared_amounts_are_plain_decimals(text):
    with pytest.raises(ValueError, match="exact amount"):
        units_of(text)


@given(st.text())
def test_a_mark_is_half_of_an_md5_and_so_the_same_for_ever(text):
    """These 64 bits stand in stored bills: no new version of the engine may change them."""
    expected = int.from_bytes(hashlib.md5(text.encode()).digest()[8:], "little")
    assert SQL.execute("SELECT mark($1)", [text]).fetchall() == [(expected,)]

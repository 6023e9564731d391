"""Every kind of number is read from a text exactly, written back the same, and refused when it is none."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.rules.kinds import WIDEST, Kind, read, write

CHOICES = ("red", "blue")


@given(data=st.data(), kind=st.sampled_from(list(Kind)), currency=st.sampled_from(["CNY", "KRW"]))
def test_what_is_written_is_read_as_the_same_number(data, kind, currency):
    low, high = (0, 1) if kind is Kind.CHOICE else WIDEST[kind]
    number = data.draw(st.integers(low, high))
    assert read(kind, write(kind, number, currency, CHOICES).replace(",", ""), currency, CHOICES) == number


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (Kind.MONEY, "1,300.26", 130_026),
        (Kind.MONEY, "-0.01", -1),
        (Kind.FINE, "0.000001", 1),
        (Kind.FINE, "-1.5", -15_000 * 100),
        (Kind.FINE, "-0.009999", -9_999),
        (Kind.RATE, "30%", 300_000),
        (Kind.RATE, "0.3", 300_000),
        (Kind.DAY, "1970-01-02", 1),
        (Kind.COUNT, "12_000", 12_000),
        (Kind.COUNT, "-3", -3),
        (Kind.BOOL, "true", 1),
        (Kind.BOOL, "false", 0),
        (Kind.CHOICE, "blue", 1),
        (Kind.ID, "42", 42),
        (Kind.ID, "-7", -7),
    ],
)
def test_texts_are_read_exactly(kind, text, number):
    assert read(kind, text, "CNY", CHOICES) == number


def test_a_text_key_is_the_same_number_on_every_machine():
    digest = hashlib.sha256(b"Heron Robotics").hexdigest()
    assert read(Kind.ID, "Heron Robotics") == int(digest[:16], 16) // 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.MONEY, "1300.261"),
        (Kind.MONEY, "1e3"),
        (Kind.MONEY, ""),
        (Kind.MONEY, "abc"),
        (Kind.FINE, "0.0000001"),
        (Kind.FINE, "0.00x"),
        (Kind.FINE, "1.00.5"),
        (Kind.RATE, "0.00001%"),
        (Kind.RATE, "x%"),
        (Kind.DAY, "2025-02-30"),
        (Kind.DAY, "1.2.2025"),
        (Kind.COUNT, "1.0"),
        (Kind.COUNT, "one"),
        (Kind.BOOL, "yes"),
        (Kind.BOOL, "1"),
        (Kind.BOOL, "True"),
        (Kind.CHOICE, "green"),
        (Kind.ID, ""),
    ],
)
def test_a_text_that_is_no_such_number_is_refused(kind, text):
    with pytest.raises(ValueError, match=r"."):
        read(kind, text, "CNY", CHOICES)


@pytest.mark.parametrize(
    ("kind", "number", "text"),
    [
        (Kind.COUNT, 2025, "2025"),
        (Kind.COUNT, 12_000, "12,000"),
        (Kind.FINE, -9_999, "-0.009999"),
        (Kind.FINE, 15_000 * 100, "1.50"),
        (Kind.MONEY, 130_026, "1,300.26"),
        (Kind.BOOL, 1, "true"),
        (Kind.CHOICE, 1, "blue"),
        (Kind.DAY, 0, "1970-01-01"),
    ],
)
def test_numbers_are_written_as_people_write_them(kind, number, text):
    assert write(kind, number, "CNY", CHOICES) == text


@pytest.mark.parametrize(("text", "number", "back"), [
    ("67.887", 67_887, "67.887"), ("60", 60_000, "60"), ("60.5", 60_500, "60.5"), ("-0.25", -250, "-0.25"), ("0", 0, "0"),
    ("1,000", 1_000_000, "1,000"), ("100.000", 100_000, "100")])
def test_points_are_counted_in_thousandths_and_told_as_points(text, number, back):
    assert read(Kind.COUNT, text, decimals=3) == number
    assert write(Kind.COUNT, number, decimals=3) == back
    assert read(Kind.COUNT, back, decimals=3) == number


@pytest.mark.parametrize("text", ["67.8871", "67.", "6 7", "67.-1", ".", "1e3"])
def test_what_is_finer_than_a_thousandth_of_a_point_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read(Kind.COUNT, text, decimals=3)

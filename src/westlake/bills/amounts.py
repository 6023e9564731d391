"""Amounts of a bill as whole numbers of 1e-18 currency units: exact, and small enough for SQL's 38 digits."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact

from westlake.money import FINE, MINOR_DIGITS

SCALE = 18
_EXACT = Context(prec=60, traps=[Inexact])
UNIT: int = 10**SCALE  # one whole yuan, dollar or euro


def units_of(text: str) -> int:
    """1e-18 units of a decimal text such as "10543.20"; `ValueError` if it is no number or finer than that."""
    plain = text.strip().replace("_", "")
    whole, _, fraction = plain.lstrip("-").partition(".")
    fraction = fraction.rstrip("0")
    if not whole.isascii() or not (whole + fraction).isdigit() or len(fraction) > SCALE:
        raise ValueError(f"{text!r} is not an exact amount")
    return (-1 if plain.startswith("-") else 1) * int(whole + fraction.ljust(SCALE, "0"))


def units(amount: Decimal | None) -> int:
    """1e-18 units of what the engine hands over as DECIMAL(38,18)."""
    if amount is None:
        return 0
    size = amount.scaleb(SCALE, _EXACT)
    assert size == int(size), amount
    return int(size)


def text_of(amount: int, digits: int = SCALE) -> str:
    """The decimal text of an amount counted in 10^-digits units."""
    whole, fraction = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{fraction:0{digits}d}" if digits else str(amount)


def half_up(dividend: int, divisor: int) -> int:
    """The quotient to the nearest whole number, ties away from zero; the divisor is positive."""
    size = (2 * abs(dividend) + divisor) // (2 * divisor)
    return -size if dividend < 0 else size


def rounded(amount: int, digits: int) -> int:
    """1e-18 units rounded to `digits` decimals, counted in 10^-digits units, ties away from zero."""
    return half_up(amount, 10 ** (SCALE - digits))


def fine_digits(currency: str) -> int:
    """How many decimals FineMoney has in a currency: 6 for yuan, 4 for won."""
    return MINOR_DIGITS[currency] + len(str(FINE)) - 1

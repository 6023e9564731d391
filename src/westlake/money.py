"""Money is whole minor units (fen, won, cents); every share is exact and every rounding has a name.

The share functions are written in the subset that the kernel compiler takes too, so a traced
decision and a million-row run round with the very same lines. All are signed and symmetric:
`share(-x, r) == -share(x, r)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PPM = 1_000_000  # a Rate of 1 (100 %) in parts per million
FINE = 10_000  # FineMoney units in one minor unit: 1e-6 yuan when the minor unit is the fen
MONEY_MAX = 10**15  # minor units; sums of thousands of such amounts stay far from 2**63
FINE_MAX = 9 * 10**18  # FineMoney units
RATE_MAX = 100 * PPM  # ten thousand per cent: keeps every product below 2**63
PARTS_MAX = 9_000  # parts of a whole (days, months, people): MONEY_MAX x 9,000 stays below 2**63

# ISO 4217: how many decimals the minor unit has
MINOR_DIGITS = {"CNY": 2, "KRW": 0, "USD": 2, "EUR": 2, "JPY": 0, "GBP": 2, "HKD": 2, "SGD": 2}
SIGNS = {"CNY": "¥", "KRW": "₩", "USD": "$", "EUR": "€"}

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?")


def share_down(amount: int, rate: int) -> int:
    """The share `amount x rate / 1e6`, rounded toward zero. Minor units in and out; rate in ppm."""
    size = abs(amount)
    if size > MONEY_MAX or rate < 0 or rate > RATE_MAX:
        raise OverflowError("amount or rate out of range")
    part = size // PPM * rate + size % PPM * rate // PPM
    return part if amount >= 0 else -part


def share_up(amount: int, rate: int) -> int:
    """The share `amount x rate / 1e6`, rounded away from zero. Minor units; rate in ppm."""
    size = abs(amount)
    if size > MONEY_MAX or rate < 0 or rate > RATE_MAX:
        raise OverflowError("amount or rate out of range")
    part = size // PPM * rate + (size % PPM * rate + PPM - 1) // PPM
    return part if amount >= 0 else -part


def share_half_up(amount: int, rate: int) -> int:
    """The share `amount x rate / 1e6`, to the nearest unit, ties away from zero. Rate in ppm."""
    size = abs(amount)
    if size > MONEY_MAX or rate < 0 or rate > RATE_MAX:
        raise OverflowError("amount or rate out of range")
    part = size // PPM * rate + (size % PPM * rate + PPM // 2) // PPM
    return part if amount >= 0 else -part


def share_half_even(amount: int, rate: int) -> int:
    """The share `amount x rate / 1e6`, to the nearest unit, ties to the even one. Rate in ppm."""
    size = abs(amount)
    if size > MONEY_MAX or rate < 0 or rate > RATE_MAX:
        raise OverflowError("amount or rate out of range")
    rest = size % PPM * rate
    part = size // PPM * rate + rest // PPM
    over = rest % PPM * 2
    if over > PPM or (over == PPM and part % 2 == 1):
        part += 1
    return part if amount >= 0 else -part


def fine_share_half_up(fine: int, rate: int) -> int:
    """The share of a FineMoney amount as Money: one rounding for rate and scale together.

    fine: 1/10,000 of a minor unit; rate: ppm; result: minor units, ties away from zero.
    """
    size = abs(fine)
    if size > FINE_MAX or rate < 0 or rate > RATE_MAX:
        raise OverflowError("amount or rate out of range")
    unit = PPM * FINE
    part = size // unit * rate + (size % unit * rate + unit // 2) // unit
    return part if fine >= 0 else -part


def part_down(amount: int, part: int, whole: int) -> int:
    """`amount x part / whole`, rounded toward zero: 7 of 12 months, 45 of 365 days. Minor units in and out."""
    size = abs(amount)
    if size > MONEY_MAX or part < 0 or part > PARTS_MAX or whole < 1 or whole > PARTS_MAX:
        raise OverflowError("amount or part out of range")
    found = size // whole * part + size % whole * part // whole
    return found if amount >= 0 else -found


def part_half_up(amount: int, part: int, whole: int) -> int:
    """`amount x part / whole`, to the nearest unit, ties away from zero. Minor units in and out."""
    size = abs(amount)
    if size > MONEY_MAX or part < 0 or part > PARTS_MAX or whole < 1 or whole > PARTS_MAX:
        raise OverflowError("amount or part out of range")
    found = size // whole * part + (size % whole * part * 2 + whole) // (whole * 2)
    return found if amount >= 0 else -found


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` minor units in proportion to `weights` by largest remainder (Hamilton).

    Exact: the parts add up to `total`; each is within one unit of its exact share. Left-over units
    go to the largest remainders, ties to the earlier place. Weights are non-negative and not all
    zero unless `total` is zero; `ValueError` otherwise. A negative total is split symmetrically.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to allocate to: all weights are zero")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts


def parse_money(text: str, currency: str = "CNY") -> int:
    """Minor units from plain text such as "1300.26"; `ValueError` if finer than the minor unit."""
    digits = MINOR_DIGITS[currency]
    plain = text.strip().replace(",", "").replace("_", "")
    if not _AMOUNT.fullmatch(plain):
        raise ValueError(f"{text!r} is not an amount of money")
    whole, _, fraction = plain.partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > digits:
        raise ValueError(f"{text!r} is finer than the smallest unit of {currency}")
    sign = -1 if whole.startswith("-") else 1
    return sign * int((whole.lstrip("+-") or "0") + fraction.ljust(digits, "0"))


def format_money(amount: int, currency: str = "CNY", sign: bool = False) -> str:
    """Minor units as people read them: 1,300.26 (or ¥1,300.26 with `sign`)."""
    digits = MINOR_DIGITS[currency]
    whole, fraction = divmod(abs(amount), 10**digits)
    text = f"{whole:,}" + (f".{fraction:0{digits}d}" if digits else "")
    return ("-" if amount < 0 else "") + (SIGNS.get(currency, currency + " ") if sign else "") + text


def parse_rate(text: str) -> int:
    """Parts per million from "30%", "0.3" or "12.5 %"; `ValueError` if finer than 1 ppm.

    A plain number beyond 1 is refused: whoever writes 50 means 50 %.
    """
    plain = text.strip()
    percent = plain.endswith("%")
    plain = plain.rstrip("%").strip()
    if not _AMOUNT.fullmatch(plain):
        raise ValueError(f"{text!r} is not a rate")
    whole, _, fraction = plain.partition(".")
    fraction = fraction.rstrip("0")
    scale = 4 if percent else 6
    if len(fraction) > scale:
        raise ValueError(f"{text!r} is finer than one part per million")
    parts = int(whole.lstrip("+-") + fraction.ljust(scale, "0"))
    if not percent and parts > PPM:
        raise ValueError(f"{text!r} is not a rate; write {text.strip()}%")
    return -parts if whole.startswith("-") else parts


def format_rate(rate: int) -> str:
    """Parts per million as a percentage: 300000 is "30%"."""
    whole, fraction = divmod(abs(rate), 10_000)
    text = f"{whole}" + (f".{fraction:04d}".rstrip("0") if fraction else "")
    return ("-" if rate < 0 else "") + text + "%"

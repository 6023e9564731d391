"""The eight kinds of number a rule knows, how each is read, shown and bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import Enum

from westlake.dates import day_number, iso, parse_day
from westlake.money import FINE, MINOR_DIGITS, MONEY_MAX, RATE_MAX, format_money, format_rate, parse_money, parse_rate

INT_MAX = 2**63 - 1
FINE_LIMIT = 10**18  # FineMoney units: one trillion yuan; nine such amounts still fit an int64
COUNT_MAX = 10**9


class Kind(Enum):
    """What a number counts. The value is the word form.yaml uses."""

    MONEY = "money"
    FINE = "fine_money"
    RATE = "rate"
    DAY = "day"
    COUNT = "count"
    BOOL = "bool"
    CHOICE = "choice"
    ID = "id"


ANNOTATIONS = {"Money": Kind.MONEY, "FineMoney": Kind.FINE, "Rate": Kind.RATE, "Day": Kind.DAY,
               "Count": Kind.COUNT, "Bool": Kind.BOOL, "Choice": Kind.CHOICE, "Id": Kind.ID}
WRITTEN = {kind: word for word, kind in ANNOTATIONS.items()}

# the units a value may have, and the kind each is
UNITS = {"money": Kind.MONEY, "fine_money": Kind.FINE, "rate": Kind.RATE, "count": Kind.COUNT,
         "days": Kind.COUNT, "months": Kind.COUNT, "years": Kind.COUNT, "day": Kind.DAY, "bool": Kind.BOOL}

# the widest range a number of each kind may have, both ends included
WIDEST = {
    Kind.MONEY: (-MONEY_MAX, MONEY_MAX),
    Kind.FINE: (-FINE_LIMIT, FINE_LIMIT),
    Kind.RATE: (0, RATE_MAX),
    Kind.DAY: (day_number(1900, 1, 1), day_number(2199, 12, 31)),
    Kind.COUNT: (-COUNT_MAX, COUNT_MAX),
    Kind.BOOL: (0, 1),
    Kind.CHOICE: (0, 126),
    Kind.ID: (-INT_MAX, INT_MAX),
}

# how far a sum over a group may go before the run stops: the kernel's running sums are watched
SUM_LIMIT = {Kind.MONEY: MONEY_MAX, Kind.FINE: FINE_LIMIT, Kind.RATE: MONEY_MAX, Kind.COUNT: MONEY_MAX}


def read(kind: Kind, text: str, currency: str = "CNY", choices: Sequence[str] = (), decimals: int = 0) -> int:
    """The number a text stands for; `ValueError` when it is no number of that kind. decimals: of a count, which then
    stands for itself times 10 ** decimals, as points do."""
    text = text.strip()
    match kind:
        case Kind.MONEY:
            return parse_money(text, currency)
        case Kind.FINE:
            return _read_fine(text, currency)
        case Kind.RATE:
            return parse_rate(text)
        case Kind.DAY:
            return parse_day(text)
        case Kind.COUNT:
            return _read_count(text.replace("_", "").replace(",", ""), decimals)
        case Kind.BOOL:
            return text == "true" if text in ("true", "false") else _refuse(text)
        case Kind.CHOICE:
            return list(choices).index(text)
        case Kind.ID:
            return int(text) if text.lstrip("-").isdecimal() else _key(text)


def write(kind: Kind, number: int, currency: str = "CNY", choices: Sequence[str] = (), decimals: int = 0) -> str:
    """The text of a number, the same in every language: what `read` takes back."""
    match kind:
        case Kind.MONEY:
            return format_money(number, currency)
        case Kind.FINE:
            return _write_fine(number, currency)
        case Kind.RATE:
            return format_rate(number)
        case Kind.DAY:
            return iso(number)
        case Kind.COUNT:
            if decimals:
                return write_points(number, decimals)
            return f"{number:,}" if abs(number) >= 10_000 else str(number)  # four digits are often a year
        case Kind.BOOL:
            return "true" if number else "false"
        case Kind.CHOICE:
            return choices[number] if number < len(choices) else str(number)
        case Kind.ID:
            return str(number)


def write_points(number: int, decimals: int = 3) -> str:
    """A number of points from its thousandths, without needless zeros: 67.887, 60."""
    whole, rest = divmod(abs(number), 10**decimals)
    text = f"{whole:,}.{rest:0{decimals}d}".rstrip("0").rstrip(".")
    return ("-" if number < 0 else "") + text


def _read_count(text: str, decimals: int) -> int:
    scale: int = 10**decimals
    if not decimals or "." not in text:
        return int(text) * scale
    whole, _, rest = text.partition(".")
    if not rest.isdecimal() or len(rest) > decimals:
        _refuse(text)
    return (-1 if whole.startswith("-") else 1) * (abs(int(whole)) * scale + int(rest.ljust(decimals, "0")))


def _read_fine(text: str, currency: str) -> int:
    """FineMoney from "1300.265812": the minor unit's decimals and four more."""
    whole, _, fraction = text.partition(".")
    digits = MINOR_DIGITS[currency]
    minor = parse_money(f"{whole}.{fraction[:digits]}" if fraction and digits else whole, currency)
    rest = fraction[digits:].rstrip("0")
    if len(rest) > 4 or (rest and not rest.isdecimal()):
        raise ValueError(f"{text!r} is finer than 1/10,000 of the smallest unit of {currency}")
    tail = int(rest.ljust(4, "0")) if rest else 0
    return minor * FINE + (-tail if text.startswith("-") else tail)


def _write_fine(number: int, currency: str) -> str:
    minor, tail = divmod(abs(number), FINE)
    text = format_money(minor, currency)
    if tail:
        text += ("" if MINOR_DIGITS[currency] else ".") + f"{tail:04d}".rstrip("0")
    return ("-" if number < 0 else "") + text


def _key(text: str) -> int:
    """A text key as an int64 that is the same on every machine."""
    if not text:
        _refuse(text)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def _refuse(text: str) -> int:
    raise ValueError(f"{text!r} cannot be read")

"""Reads an amount as offices write it: with its currency, in 万元, in brackets, as 3천만원; never of another currency.

A won is no yuan: a cell or a unit that names another currency than the programme's is refused, unless the
mapping file says that the sheet's amounts are taken as numbers of the programme's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from westlake.replay.unfit import Unfit

# how many powers of ten a unit has more than the currency's own main unit
UNITS = {"yuan": 0, "元": 0, "圆": 0, "원": 0, "won": 0, "fen": -2, "分": -2, "thousand": 3, "千元": 3, "천원": 3,
         "만원": 4, "万元": 4, "萬元": 4, "万": 4, "만": 4, "백만원": 6, "百万元": 6, "million": 6, "천만원": 7,
         "억원": 8, "亿元": 8, "亿": 8, "억": 8, "billion": 9}
_LONGEST = sorted(UNITS, key=len, reverse=True)
_NAMES = {"CNY": ("cny", "rmb", "yuan", "fen", "¥", "元", "圆", "分", "人民币"), "KRW": ("krw", "won", "₩", "원"),
          "USD": ("usd", "$", "美元", "달러"), "EUR": ("eur", "€", "欧元", "유로"), "JPY": ("jpy", "円", "엔"),
          "GBP": ("gbp", "£"), "HKD": ("hkd", "hk$"), "SGD": ("sgd", "s$")}
_CURRENCIES = {name: currency for currency, names in _NAMES.items() for name in names}
_NAMED = re.compile("|".join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True))), re.IGNORECASE)
_MARKS = re.compile("|".join(re.escape(name) for name in sorted(_CURRENCIES, key=len, reverse=True)
                             if name not in UNITS), re.IGNORECASE)
WHOLE = r"\d+|\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4}){2,}"  # grouped by thousands, or by 万 where no other can be meant
_AMOUNT = re.compile(rf"([+-]?)({WHOLE})?(?:\.(\d+))?")
_MARKED = re.compile(r"[△▲](.*)|\((.*)\)")
_TENS = {"천": 3, "千": 3, "백": 2, "百": 2, "십": 1, "十": 1}
_PART = rf"((?:\d[천千])?(?:\d[백百])?(?:\d[십十])?(?:{WHOLE})?)"
_SPOKEN = re.compile(rf"(?:{_PART}[억亿])?(?:{_PART}[만万萬])?{_PART}[원元]?")


def currencies_of(text: str) -> set[str]:
    """The currencies that a text names: 만원 the won, ¥ the yuan, 만 none."""
    return {_CURRENCIES[found.casefold()] for found in _NAMED.findall(text)}


def amount(text: str, unit: str, digits: int, rounding: str = "", ours: Sequence[str] = ()) -> int:
    """An amount in 10^-digits of the main unit: `1,300.26`, `￥1,300.26`, `(500)`, `△500`, `13万元`, `1억 2,000만원`.

    A unit written in the cell itself goes before the column's. W136 for what is finer than that, W138 for
    `1.300`, unless the column says how it is to be rounded. ours: the currencies that may be named, the
    programme's first, any if empty; W139 for another one.
    """
    found, written, negative = _AMOUNT.fullmatch(text), "", False
    if found is None:
        other = sorted(currencies_of(text) - set(ours)) if ours else []
        if other and re.search(r"\d", text):
            raise Unfit("W139", text=text, found=other[0], ours=ours[0])
        spoken = _spoken(text)
        if spoken is not None:
            return spoken * int(10**digits)
        found, written, negative = _marked(text)
    if not (found[2] or found[3]):
        raise ValueError(text)
    fraction, power = found[3] or "", digits + UNITS.get(written or unit, 0)
    number, scale = int((found[2] or "0").replace(",", "") + fraction), int(10 ** abs(len(fraction) - power))
    if len(fraction) <= power:
        number *= scale
    else:
        number, rest = divmod(number, scale)
        if rest and not rounding:
            raise Unfit("W136", text=text)
        if len(fraction) == 3 and not rounding and re.fullmatch(r"[1-9]\d{0,2}", found[2] or ""):
            sign = "-" if negative or found[1] == "-" else ""
            first = f"{found[2]}.{fraction[:power]}".rstrip(".")
            raise Unfit("W138", text=text, first=sign + first, second=f"{sign}{found[2]},{fraction}")
        number += rounding == "half_up" and 2 * rest >= scale
    return -number if negative != (found[1] == "-") else number


def _marked(text: str) -> tuple[re.Match[str], str, bool]:
    """The figure of an amount that bears marks or a unit, that unit, and whether the marks make it negative."""
    if re.search(r"\d \d", text):
        raise ValueError(text)
    bare = _MARKS.sub("", text).replace(" ", "").removesuffix("整").removesuffix("정")
    marked = _MARKED.fullmatch(bare)
    bare = (marked[1] or marked[2] or "") if marked else bare
    written = next((name for name in _LONGEST if bare.casefold().endswith(name)), "")
    found = _AMOUNT.fullmatch(bare[:len(bare) - len(written)])
    if found is None or (marked and found[1]):  # (-500) may be meant either way
        raise ValueError(text)
    return found, written, marked is not None


def _spoken(text: str) -> int | None:
    """Main units of what is written as it is said, in more than one part: `3천만원`, `1억 2,000만원`, `2천5백만`."""
    if re.search(r"\d \d", text):
        return None
    bare = _MARKS.sub("", text).replace(" ", "")
    found = _SPOKEN.fullmatch(bare)
    parts = [(part, power) for part, power in zip(found.groups(), (8, 4, 0), strict=True) if part] if found else []
    if not parts or (len(parts) == 1 and (not re.search("[천千백百십十]", parts[0][0]) or parts[0][1] == 0)):
        return None
    numbers = [(_counted(part), power) for part, power in parts]
    if any(number >= 10_000 for number, _ in numbers[1:]):
        return None
    return sum(number * int(10**power) for number, power in numbers)


def _counted(part: str) -> int:
    """`2천5백` is 2,500, `2,000` is 2,000."""
    number = 0
    for digit, ten in re.findall(r"(\d)([천千백百십十])", part):
        number += int(digit) * int(10**_TENS[ten])
    rest = re.sub(r"\d[천千백百십十]", "", part).replace(",", "")
    return number + int(rest or 0)

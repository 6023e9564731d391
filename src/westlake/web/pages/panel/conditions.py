"""The conditions of a choice as an officer sets them before it is computed: quotas, pairs that exclude one another,
and cases that may only come together with another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from westlake.desk.calls import Call
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.panel.candidates import fields_of
from westlake.desk.panel.quota_fields import NAMES, field_words, fields_of_quotas, value_words
from westlake.errors import Place, WestlakeError
from westlake.reports.open_data import exact
from westlake.words import say

UNITS = ("count", "share", "amount")
BLANK = 2  # empty rows after those that are filled
ROWS_MAX = 40
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class QuotaRow:
    """One line of the table: at least and at most, as written, in one unit."""

    field: str = ""
    value: str = ""
    least: str = ""
    most: str = ""
    unit: str = UNITS[0]

    @property
    def empty(self) -> bool:
        return not (self.field or self.value or self.least or self.most)


@dataclass(frozen=True)
class Conditions:
    """What was asked for. exclusions: never both; prerequisites: the first only together with the second."""

    quotas: tuple[QuotaRow, ...] = ()
    exclusions: Pairs = ()
    prerequisites: Pairs = ()

    @property
    def any(self) -> bool:
        return bool(self.quotas or self.exclusions or self.prerequisites)

    @property
    def quota_rows(self) -> list[QuotaRow]:
        """With room for more."""
        return [*self.quotas, *([QuotaRow()] * BLANK)]

    @property
    def exclusion_rows(self) -> list[tuple[str, str]]:
        return [*self.exclusions, ("", "")]

    @property
    def prerequisite_rows(self) -> list[tuple[str, str]]:
        return [*self.prerequisites, ("", "")]


def declared(choice: Mapping[str, Any], currency: str) -> Conditions:
    """What the call itself says, from a choice as read_choice returns it; a quota in two units makes two lines."""
    rows = [_row(quota, unit, currency) for quota in choice["quotas"] for unit in UNITS]
    return Conditions(tuple(row for row in rows if row.least or row.most),
                      *(tuple((one, other) for one, other in choice[name]) for name in ("exclusions", "prerequisites")))


def _row(quota: Mapping[str, Any], unit: str, currency: str) -> QuotaRow:
    key = "share_ppm" if unit == "share" else unit

    def told(value: int | None) -> str:
        if not value and value != 0:
            return ""
        plain = exact(value, currency) if unit == "amount" else Decimal(value) / (10_000 if unit == "share" else 1)
        return f"{plain:f}"

    return QuotaRow(quota["field"], quota["value"], told(quota.get(f"least_{key}") or None),
                    told(quota.get(f"most_{key}")), unit)


def asked(given: QueryDict | None, said: Conditions) -> Conditions:
    """What somebody filled in; what the call says where the table was not there. Empty lines are left out."""
    if given is None or "conditions" not in given:
        return said

    def column(name: str) -> list[str]:
        return [text.strip()[:100] for text in given.getlist(name)[:ROWS_MAX]]

    rows = [QuotaRow(*row) for row in zip(*(column(f"quota_{name}") for name in (
        "field", "value", "least", "most", "unit")), strict=False)]
    pairs = [tuple(pair for pair in zip(column(f"{name}_one"), column(f"{name}_other"), strict=False) if any(pair))
             for name in ("exclusion", "prerequisite")]
    return Conditions(tuple(row for row in rows if not row.empty), pairs[0], pairs[1])


def over(desk: Desk, call: Call, wanted: Conditions, said: Conditions, waiting: Sequence[Case],
         shown: set[str], lang: str) -> dict[str, Any]:
    """What differs from what the call says, as read_choice takes it.

    W1150 for a line that is filled in half or asks by a field that is not on offer, W1151 for a value that no waiting
    case has, W1152 for a case that does not wait here (or that the person does not see), W1045 for a limit that is no
    number.
    """
    found: dict[str, Any] = {}
    if wanted.quotas != said.quotas:
        offered = {name for name, _ in fields_on_offer(desk, call, said, lang)}
        for row in wanted.quotas:  # before any value is looked for: the answer would tell who applied
            if row.field and row.field not in offered and row not in said.quotas:
                raise WestlakeError.one("W1150", Place(field="quotas"), text=f"{row.field} {row.value}".strip())
        known = _held(desk, call, waiting, {row.field for row in wanted.quotas if row.field})
        for row in wanted.quotas:
            if row.field and row.value and row not in said.quotas and row.value not in known[row.field]:
                raise WestlakeError.one("W1151", Place(field="quotas"), value=row.value,
                                        field=field_words(desk, call, row.field, lang))
        found["quotas"] = [_quota(row) for row in wanted.quotas]
    for name in ("exclusions", "prerequisites"):
        pairs: Pairs = getattr(wanted, name)
        if pairs == getattr(said, name):
            continue
        for pair in pairs:
            if not all(pair) or pair[0] == pair[1]:
                raise WestlakeError.one("W1150", Place(field=name), text=" – ".join(pair))
            for number in pair:
                if number not in shown and pair not in getattr(said, name):
                    raise WestlakeError.one("W1152", Place(field=name), number=number)
        found[name] = [list(pair) for pair in pairs]
    return found


def _quota(row: QuotaRow) -> dict[str, str]:
    if not (row.field and row.value) or not (row.least or row.most) or row.unit not in UNITS:
        raise WestlakeError.one("W1150", Place(field="quotas"), text=f"{row.field} {row.value}".strip() or "–")
    sides = (("least", row.least), ("most", row.most))
    return {"field": row.field, "value": row.value, **{f"{side}_{row.unit}": text for side, text in sides if text}}


def _held(desk: Desk, call: Call, waiting: Sequence[Case], names: set[str]) -> dict[str, set[str]]:
    """Field → the values that the waiting cases have."""
    found = fields_of(desk, call, waiting, names) if names else {}
    return {name: {one[name] for one in found.values() if one[name]} for name in names}


def fields_on_offer(desk: Desk, call: Call, said: Conditions, lang: str) -> list[tuple[str, str]]:
    """The fields by which a quota may ask, in words: the programme's choices, where a firm sits, and what the call has.

    Who applied is not among them: a quota on a name would tell it.
    """
    names = dict.fromkeys([*fields_of_quotas(desk, call.programme),
                           *(row.field for row in said.quotas if row.field not in NAMES)])
    return [(name, field_words(desk, call, name, lang)) for name in names]


def values_on_offer(desk: Desk, call: Call, waiting: Sequence[Case], names: Sequence[str],
                    lang: str) -> list[tuple[str, str]]:
    """Each value that a waiting case has, beside what it says and of what it is one: to be picked while one types."""
    held = _held(desk, call, waiting, set(names))
    return [(value, f"{field_words(desk, call, name, lang)}: {value_words(desk, call, name, value, lang)}")
            for name in names for value in sorted(held[name])]


def units_on_offer(currency: str, lang: str) -> list[tuple[str, str]]:
    """Cases, a share of the budget, or money."""
    return [(unit, say(f"web.reviews.unit.{unit}", lang, currency=currency)) for unit in UNITS]

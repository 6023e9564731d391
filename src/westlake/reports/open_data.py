"""The public's tables: calls, awards, payments and recoveries as CSV and JSON, firms by name and people never.

What is not a field of a row here cannot be published by accident. Support to people is told as a sum of
a programme, and not at all where fewer than FEW people would stand behind it. Amounts are exact decimals.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from typing import Any

from westlake.dates import iso
from westlake.money import MINOR_DIGITS
from westlake.spreadsheet import unarmed

FEW = 5  # people whose sum would tell what one of them received


@dataclass(frozen=True)
class OpenCall:
    """A call. opens, closes: day numbers; budget: minor units."""

    id: str
    programme: str
    title: str
    opens: int
    closes: int
    budget: int
    currency: str


@dataclass(frozen=True)
class OpenAward:
    """An award to a firm. day: day number; amount: minor units."""

    id: str
    call: str
    programme: str
    firm: str
    firm_name: str
    day: int
    amount: int
    currency: str


@dataclass(frozen=True)
class OpenPayment:
    """A payment that the bank confirmed. award: its award's id."""

    id: str
    award: str
    firm: str
    firm_name: str
    day: int
    amount: int
    currency: str


@dataclass(frozen=True)
class OpenRecovery:
    """Money demanded back from a firm, and what of it came."""

    id: str
    award: str
    firm: str
    firm_name: str
    day: int
    demanded: int
    received: int
    currency: str


@dataclass(frozen=True)
class PersonalAward:
    """An award to a person, as much of it as is needed to count: it is never written out by itself."""

    programme: str
    year: int
    person: str
    amount: int
    currency: str


Row = OpenCall | OpenAward | OpenPayment | OpenRecovery
_DAYS, _AMOUNTS = {"day", "opens", "closes"}, {"amount", "budget", "demanded", "received"}


@dataclass(frozen=True)
class OpenData:
    """All that is published at once."""

    calls: Sequence[OpenCall] = ()
    awards: Sequence[OpenAward] = ()
    payments: Sequence[OpenPayment] = ()
    recoveries: Sequence[OpenRecovery] = ()
    people: Sequence[PersonalAward] = ()


TABLES: Mapping[str, type[Row]] = {"calls": OpenCall, "awards": OpenAward, "payments": OpenPayment,
                                   "recoveries": OpenRecovery}


def write_open_data(data: OpenData, publisher: str, published: int) -> dict[str, bytes]:
    """File name → bytes: calls.csv, awards.csv, payments.csv, recoveries.csv, people.csv and open-data.json.

    published: day number. Rows stand in the order of their ids, so the same data has the same bytes.
    """
    tables = {name: [_shown(row) for row in sorted(getattr(data, name), key=lambda row: (row.id, astuple(row)))]
              for name in TABLES}
    headings = {name: [field.name for field in fields(kind)] for name, kind in TABLES.items()}
    tables["people"], headings["people"] = _people(data.people), ["programme", "year", "currency", "people", "amount"]
    files = {f"{name}.csv": csv_bytes(headings[name], ([row[key] for key in headings[name]] for row in rows))
             for name, rows in tables.items()}
    whole = {"publisher": publisher, "published": iso(published), **tables}
    return files | {"open-data.json": (json_text(whole) + "\n").encode()}


def exact(amount: int, currency: str) -> Decimal:
    """Minor units as an exact decimal number of the main unit: 130026 fen are 1300.26."""
    return Decimal(amount).scaleb(-MINOR_DIGITS[currency])


def csv_bytes(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A table as UTF-8 with its mark; no text in it is taken for a formula, numbers stay numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([unarmed(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def json_text(value: object, depth: int = 0) -> str:
    """JSON with exact decimals: a number is written as it is, never through a float. `TypeError` for a float."""
    pad, end = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    match value:
        case float():
            raise TypeError("a float has no place in a published file")
        case Decimal():
            return f"{value:f}"
        case Mapping():
            parts = [f"{json.dumps(str(key), ensure_ascii=False)}: {json_text(item, depth + 1)}"
                     for key, item in value.items()]
            return "{" + pad + f",{pad}".join(parts) + end + "}" if parts else "{}"
        case list() | tuple():
            parts = [json_text(item, depth + 1) for item in value]
            return "[" + pad + f",{pad}".join(parts) + end + "]" if parts else "[]"
    return json.dumps(value, ensure_ascii=False)


def _shown(row: Row) -> dict[str, Any]:
    """A row with its days and amounts as a reader has them."""
    return {name: iso(value) if name in _DAYS else exact(value, row.currency) if name in _AMOUNTS else value
            for name, value in ((field.name, getattr(row, field.name)) for field in fields(row))}


def _people(awards: Iterable[PersonalAward]) -> list[dict[str, Any]]:
    behind: dict[tuple[str, int, str], dict[str, int]] = {}
    for award in awards:
        of = behind.setdefault((award.programme, award.year, award.currency), {})
        of[award.person] = of.get(award.person, 0) + award.amount
    return [{"programme": programme, "year": year, "currency": currency, "people": len(of),
             "amount": exact(sum(of.values()), currency)}
            for (programme, year, currency), of in sorted(behind.items()) if len(of) >= FEW]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case list() | tuple() | Mapping():
            return unarmed(json.dumps(value, ensure_ascii=False, default=str))
    return unarmed(str(value))

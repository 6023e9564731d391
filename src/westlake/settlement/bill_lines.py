"""From cloud bills to claim lines: what the bills room counts becomes what the rules are asked about."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from westlake import bills
from westlake.bills import BaseLine, BaseLines, FxTable, SpendPolicy, Suspension
from westlake.bills.audit import AuditRow, audit
from westlake.dates import Period, iso, year_of
from westlake.errors import WestlakeError
from westlake.money import MINOR_DIGITS
from westlake.register import Register
from westlake.rules import Programme
from westlake.settlement.claims import Line

SCALE = 18  # decimals of base18


@dataclass(frozen=True)
class BillClaims:
    """A year's claim lines, the documents that wait for an officer, and what to report of the bills."""

    lines: list[Line]
    suspended: frozenset[str]
    evidence: Mapping[str, object]


def bill_claims(connection: sqlite3.Connection, charges: Path, programme: Programme, policy: SpendPolicy,
                fx: FxTable, year: int, zone: str, as_of: int | None = None) -> BillClaims:
    """The claim lines of a year from all bills taken in.

    A month is split where a value, a rule, or a fact of the register that the programme asks for changes.
    """
    with count_year(connection, charges, programme, policy, fx, year, zone, as_of) as found:
        lines = [claim_line(base) for base in found]
        waiting = frozenset(_suspended_name(one) for one in found.suspensions())
        return BillClaims(lines, waiting, _evidence(found, programme.currency))


def rows_behind(connection: sqlite3.Connection, charges: Path, programme: Programme, policy: SpendPolicy,
                fx: FxTable, year: int, zone: str, as_of: int, line: str, amount: int) -> list[AuditRow]:
    """The bills' rows behind a settled line, as known on a day; their shares add up to `amount` minor units.

    W413 when the line is no longer what the bills and the register give.
    """
    with count_year(connection, charges, programme, policy, fx, year, zone, as_of) as found:
        base = next((base for base in found if claim_line(base).key == line), None)
        if base is None:
            raise WestlakeError.one("W413", line=line)
        return audit(found, base, amount)


def count_year(connection: sqlite3.Connection, charges: Path, programme: Programme, policy: SpendPolicy, fx: FxTable,
               year: int, zone: str, as_of: int | None = None) -> BaseLines:
    """What the bills count for a year, by the register as it is; to be closed after use."""
    register = Register(connection)
    period = Period.year(year)
    facts = [name for name, wanted in programme.inputs.items() if wanted.origin == "register"]
    changes = register.change_days(facts, period.first, period.last)
    days = {*(day for day in programme.changes if day in period), *changes}
    return bills.base_lines(connection, charges, policy, register.accounts(), register.related(), fx, period, zone,
                            programme.currency, as_of, segment_days=sorted(days))


def claim_line(base: BaseLine) -> Line:
    """One line of the base as a line of a claim.

    Its key has no day unless the month was split, so that a split found later moves only what lies
    after it.
    """
    day = max(base.month, base.segment_day)
    part = "" if day == base.month else f"|{iso(day)}"
    key = "|".join((base.firm, base.issuer, base.invoice, base.spend_class, iso(base.month), base.currency)) + part
    order = (iso(base.month), base.invoice, base.spend_class, base.currency, base.issuer, day)
    return Line(key, base.firm, day, order, document(base.issuer, base.invoice),
                {"firm": base.firm, "base": base.local6, "spend_class": base.spend_class, "year": year_of(day)},
                {"number": base.number, "issuer": base.issuer, "invoice": base.invoice, "month": iso(base.month),
                 "spend_class": base.spend_class, "currency": base.currency, "rows": base.rows,
                 "base18": str(base.base18), "local6": base.local6, "fx_rate": base.fx_rate, "fx_day": iso(base.fx_day),
                 "fx_source": base.fx_source, "rows_digest": f"{base.digest:x}"})


def document(issuer: str, invoice: str) -> str:
    """The name under which an invoice is suspended and found again."""
    return f"{issuer}|{invoice}"


def _suspended_name(one: Suspension) -> str:
    """An invoice's name, or for spend that waits for a rate: firm, currency, month (see `claims.names_of`)."""
    if one.invoice:
        return document(one.issuer, one.invoice)
    values = one.problem.values
    return f"{values['firm']}|{values['currency']}|{str(values['day'])[:7]}"


def _evidence(found: BaseLines, currency: str) -> dict[str, object]:
    ties = Counter({True: "matched", False: "broken", None: "undeclared"}[tie.tied] for tie in found.ties())
    flags = Counter(flag.ruling for flag in found.flags())
    return {
        "rulings": [{"ruling": name, "rows": summed.rows,
                     "amount": _rounded(summed.amounts.get(currency, 0), currency)}
                    for name, summed in sorted(found.rulings().items(), key=lambda item: -item[1].rows)],
        "ties": {name: ties[name] for name in ("matched", "broken", "undeclared")},
        "flags": [{"flag": name, "count": count} for name, count in sorted(flags.items())],
        "suspended": [{"ruling": one.ruling, "code": one.problem.code, "firms": list(one.firms), "issuer": one.issuer,
                       "invoice": one.invoice, "file": one.problem.place.file,
                       "values": {name: str(value) for name, value in one.problem.values.items()}}
                      for one in found.suspensions()]}


def _rounded(units: int, currency: str) -> int:
    """Minor units of an exact amount, for showing only."""
    step: int = 10 ** (SCALE - MINOR_DIGITS[currency])
    return (abs(units) + step // 2) // step * (1 if units >= 0 else -1)

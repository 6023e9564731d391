"""From cloud bills to claim lines: what the bills room counts becomes what the rules are asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from westlake import bills
from westlake.bills import BaseLine, BaseLines, FxTable, SpendPolicy
from westlake.bills.amounts import fine_digits, half_up, rounded
from westlake.bills.audit import AuditRow, audit
from westlake.database import Connection
from westlake.dates import Period, iso, year_of
from westlake.errors import WestlakeError
from westlake.money import MINOR_DIGITS, allocate
from westlake.register import Register
from westlake.rules import Programme
from westlake.settlement.claims import Line

SCALE = 18  # decimals of base18
BASE_DIGITS, FX_DIGITS = 10, 8  # decimals of base10 and of a rate


@dataclass(frozen=True)
class BillClaims:
    """A year's claim lines, the documents that wait for an officer, and what to report of the bills."""

    lines: list[Line]
    suspended: frozenset[str]
    evidence: Mapping[str, object]


def bill_claims(connection: Connection, charges: Path, programme: Programme, policy: SpendPolicy,
                fx: FxTable, year: int, zone: str, as_of: int | None = None) -> BillClaims:
    """The claim lines of a year from all bills taken in.

    A month is split where a value, a rule, or a fact of the register that the programme asks for changes.
    """
    with count_year(connection, charges, programme, policy, fx, year, zone, as_of) as found:
        lines = [claim_line(base) for base, _ in whole_lines(found, _own_days(connection, programme, year))]
        return BillClaims(lines, suspended_names(found), _evidence(found, programme.currency))


def rows_behind(connection: Connection, charges: Path, programme: Programme, policy: SpendPolicy,
                fx: FxTable, year: int, zone: str, as_of: int, line: str, amount: int) -> list[AuditRow]:
    """The bills' rows behind a settled line, as known on a day; their shares add up to `amount` minor units.

    W413 when the line is no longer what the bills and the register give.
    """
    with count_year(connection, charges, programme, policy, fx, year, zone, as_of) as found:
        pieces = next((pieces for base, pieces in whole_lines(found, _own_days(connection, programme, year))
                       if claim_line(base).key == line), None)
        if pieces is None:
            raise WestlakeError.one("W413", line=line)
        parts = allocate(amount, [abs(piece.local6) for piece in pieces])
        return [row for piece, part in zip(pieces, parts, strict=True) for row in audit(found, piece, part)]


def whole_lines(found: BaseLines, own_days: Mapping[str, set[int]]) -> Iterator[tuple[BaseLine, list[BaseLine]]]:
    """Lines with their pieces: a month is split where the rules or the firm's own facts change, not another's.

    own_days: firm → days; under "" those of the rules and values. Pieces put together are rounded once, as
    if the month had never been cut.
    """
    together: dict[tuple[str, str, str, str, int, int, str], list[BaseLine]] = {}
    for base in found:
        days = own_days.get("", set()) | own_days.get(base.firm, set())
        begun = max([day for day in days if base.month < day <= base.segment_day], default=base.month)
        key = (base.firm, base.issuer, base.invoice, base.spend_class, base.month, begun, base.currency)
        together.setdefault(key, []).append(base)
    for (*_, begun, _), pieces in together.items():
        yield _joined(pieces, begun, fine_digits(found.local_currency)), pieces


def _joined(pieces: list[BaseLine], begun: int, digits: int) -> BaseLine:
    first = pieces[0]
    if len(pieces) == 1:
        return first._replace(segment_day=begun)
    base18 = sum(piece.base18 for piece in pieces)
    plain = all(piece.base10 == rounded(piece.base18, BASE_DIGITS) for piece in pieces)  # no VAT inside the price
    base10 = rounded(base18, BASE_DIGITS) if plain else sum(piece.base10 for piece in pieces)
    local6 = half_up(base10 * first.fx_rate, 10 ** (BASE_DIGITS + FX_DIGITS - digits))
    return first._replace(segment_day=begun, rows=sum(piece.rows for piece in pieces), base18=base18, base10=base10,
                          local6=local6, digest=sum(piece.digest for piece in pieces))


def _own_days(connection: Connection, programme: Programme, year: int) -> dict[str, set[int]]:
    """Firm → days on which its facts change; under "" the days on which the rules or values do."""
    period = Period.year(year)
    facts = [name for name, wanted in programme.inputs.items() if wanted.origin == "register"]
    return Register(connection).change_days(facts, period.first, period.last) | {
        "": {day for day in programme.changes if day in period}}


def count_year(connection: Connection, charges: Path, programme: Programme, policy: SpendPolicy, fx: FxTable,
               year: int, zone: str, as_of: int | None = None) -> BaseLines:
    """What the bills count for a year, by the register as it is; to be closed after use."""
    register = Register(connection)
    days = set().union(*_own_days(connection, programme, year).values())
    return bills.base_lines(connection, charges, policy, register.accounts(), register.related(), fx, Period.year(year),
                            zone, programme.currency, as_of, segment_days=sorted(days),
                            groups=register.groups(Period.year(year).last))


def claim_line(base: BaseLine) -> Line:
    """One line of the base as a line of a claim.

    Its key has no day unless the month was split, so that a split found later moves only what lies
    after it.
    """
    day = max(base.month, base.segment_day)
    part = "" if day == base.month else f"|{iso(day)}"
    key = "|".join((base.firm, base.issuer, base.invoice, base.spend_class, iso(base.month), base.currency)) + part
    order = (iso(base.month), base.invoice, base.spend_class, base.currency, base.issuer, day)
    return Line(key, base.firm, day, order, document(base.firm, base.issuer, base.invoice),
                {"firm": base.firm, "base": base.local6, "spend_class": base.spend_class, "year": year_of(day)},
                {"number": base.number, "issuer": base.issuer, "invoice": base.invoice, "month": iso(base.month),
                 "spend_class": base.spend_class, "currency": base.currency, "rows": base.rows,
                 "base18": str(base.base18), "local6": base.local6, "fx_rate": base.fx_rate, "fx_day": iso(base.fx_day),
                 "fx_source": base.fx_source, "rows_digest": f"{base.digest:x}"})


def document(firm: str, issuer: str, invoice: str) -> str:
    """The name under which a firm's invoice is suspended and found again: one firm may be cleared and its rival not."""
    return f"{firm}|{issuer}|{invoice}"


def suspended_names(found: BaseLines) -> frozenset[str]:
    """What waits, by the names that `claims.names_of` gives a line: invoices, and spend without a rate."""
    return frozenset(name for one in found.suspensions()
                     for name in _names(one.firms, one.issuer, one.invoice, one.problem.values))


def suspended_in(evidence: Mapping[str, Any]) -> frozenset[str]:
    """The same of a round that is settled, from the evidence that it keeps."""
    return frozenset(name for one in evidence.get("suspended") or []
                     for name in _names(one["firms"], one["issuer"], one["invoice"], one["values"]))


def _names(firms: Iterable[str], issuer: str, invoice: str, values: Mapping[str, object]) -> list[str]:
    if invoice:
        return [document(firm, issuer, invoice) for firm in firms]
    return [f"{values['firm']}|{values['currency']}|{str(values['day'])[:7]}"]


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

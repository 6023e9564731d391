"""Reads what the bank says it did, as ISO 20022 statement or as table, and matches it with what awaits payment.

"Paid" is said only of a payment that the bank booked with our reference, currency and amount.
Source: ISO 20022 camt.053.001.08 and camt.053.001.02, BankToCustomerStatement.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from westlake.dates import parse_day
from westlake.desk.paying.bank_headings import known_place, plain_heading, spellings
from westlake.desk.paying.plain_xml import Node, read_xml
from westlake.errors import Findings, Place, Problem, WestlakeError, nearest
from westlake.money import MONEY_MAX, parse_money
from westlake.spreadsheet import Unreadable, in_error, read_sheets, said

SIZE_MAX = 20_000_000  # bytes
NAMESPACES = ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02")
ROLES = ("reference", "amount", "credit_amount", "currency", "day", "bank_reference", "credit_debit", "status",
         "reason")
NEEDED = ("reference", "amount", "day")
STATUSES = ("booked", "pending", "returned", "rejected")
_ISO_STATUS = {"BOOK": "booked", "PDNG": "pending", "INFO": "pending", "FUTR": "pending"}
_DIRECTIONS = {"DBIT": "debit", "CRDT": "credit"}
_NO_REFERENCE = {"NOTPROVIDED", "NONREF"}  # what banks write where nothing was given
_HEADER_WITHIN = 30  # rows among which the headings are sought
_AMOUNT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")  # 1300,26 would be read a hundred times too large
_DAY = re.compile(r"(\d{4})[-./年년]\s*(\d{1,2})[-./月월]\s*(\d{1,2})[日일.]?(?:[T ].*)?"
                  r"|(\d{4})(\d\d)(\d\d)(?:[T ].*|\d{6})?")
_SIGNS = re.compile(r"[¥￥₩$€£元원\s]|CNY|KRW|RMB")


@dataclass(frozen=True)
class Booked:
    """One thing the bank did. amount: minor units ≥ 0; day: day number; credit_debit: "debit" (out) or "credit" (in);
    status: booked, pending, returned or rejected; reason: the bank's code or words; row: its number in the file."""

    reference: str
    amount: int
    currency: str
    day: int
    bank_reference: str = ""
    credit_debit: str = "debit"
    status: str = "booked"
    reason: str = ""
    row: int = 0


class Awaited(Protocol):
    """What awaits the bank's word: a `Payment` of an order, or anything with these."""

    @property
    def id(self) -> str: ...
    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True)
class Matching:
    """matched: paid as ordered; differing: our reference, another amount or currency; twice: booked again;
    returned: money came back; rejected: never left; pending: not final; unknown: no reference of ours;
    missing: awaited and not in the statement. Pairs are (what the bank did, the awaited id)."""

    matched: list[tuple[Booked, str]] = field(default_factory=list)
    differing: list[tuple[Booked, str]] = field(default_factory=list)
    twice: list[tuple[Booked, str]] = field(default_factory=list)
    returned: list[tuple[Booked, str]] = field(default_factory=list)
    rejected: list[tuple[Booked, str]] = field(default_factory=list)
    pending: list[tuple[Booked, str]] = field(default_factory=list)
    unknown: list[Booked] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def read_statement(path: Path, columns: Mapping[str, str] | None = None, currency: str = "") -> list[Booked]:
    """What the bank did, in the file's order; XML is told by its first sign, anything else is read as a table.

    columns: role → heading, where headings are not to be guessed; currency: of a table that names none.
    W951 unreadable, W952 too large, too deep or with definitions of its own, W953 every entry that is wrong,
    W954 a column that is lacking.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise WestlakeError.one("W951", Place(path.name))
    if path.stat().st_size > SIZE_MAX:
        raise WestlakeError.one("W952", Place(path.name), what=f"> {SIZE_MAX // 1_000_000} MB")
    with path.open("rb") as file:
        opening = file.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if opening.startswith(b"<"):
        return read_camt(path.read_bytes(), path.name)
    return _read_table(path, columns or {}, currency)


@dataclass(frozen=True)
class Sheet:
    """A table as a person maps it. headings: in their order; rows: the first below them; guess: role → heading."""

    headings: list[str]
    rows: list[list[str]]
    guess: dict[str, str]


def look_at_sheet(path: Path, most: int = 5) -> Sheet | None:
    """The first sheet with anything in it; None for what is no table. Its headings are the row in which most roles are
    told by their names, or else the first with most cells filled."""
    try:
        for _, rows in read_sheets(path):
            cells = [[said(cell) for cell in row] for row in rows]
            if any(map(any, cells)):
                return _sheet(cells, most)
    except Unreadable:
        return None
    return None


def _sheet(cells: Sequence[Sequence[str]], most: int) -> Sheet:
    def told(line: Sequence[str]) -> dict[str, str]:
        return {role: line[place] for role in ROLES if (place := known_place(role, line)) >= 0}

    at = max(range(len(cells[:_HEADER_WITHIN])),
             key=lambda row: (len(told(cells[row])), sum(map(bool, cells[row])), -row))
    first = [row for row in cells[at + 1:] if any(row)][:most]
    rows = [[text for text, heading in zip(row, cells[at], strict=False) if heading] for row in first]
    return Sheet([cell for cell in cells[at] if cell], rows, told(cells[at]))


def read_camt(raw: bytes, file: str = "") -> list[Booked]:
    """The entries of a camt.053 statement, one for each transaction within an entry. Errors as `read_statement`."""
    if len(raw) > SIZE_MAX:
        raise WestlakeError.one("W952", Place(file), what=f"> {SIZE_MAX // 1_000_000} MB")
    root = read_xml(raw, file)
    if root.name != "Document" or root.namespace not in NAMESPACES or not root.all("BkToCstmrStmt"):
        raise WestlakeError.one("W951", Place(file))
    findings = Findings()
    found: list[Booked] = []
    entries = (entry for part in root.all("BkToCstmrStmt") for statement in part.all("Stmt")
               for entry in statement.all("Ntry"))
    for row, entry in enumerate(entries, 1):
        found += _entry(entry, row, Place(file, row=row), findings)
    findings.stop()
    return found


def match(booked: Iterable[Booked], awaiting: Iterable[Awaited], paid: Collection[str] = ()) -> Matching:
    """Put each booking beside the payment whose id it carries. paid: ids whose payment the bank confirmed before.

    The first booking of an id decides it; a second one is told as `twice`, whatever its amount.
    """
    wanted = {one.id: one for one in awaiting}
    result, decided, answered = Matching(), set(paid), set(paid)
    for one in booked:
        name = one.reference
        if name not in wanted and name not in decided:
            result.unknown.append(one)
            continue
        answered.add(name)
        if one.status in ("pending", "rejected"):
            (result.pending if one.status == "pending" else result.rejected).append((one, name))
        elif one.status == "returned" or one.credit_debit == "credit":  # banks also return by a plain credit
            result.returned.append((one, name))
        elif name in decided:
            result.twice.append((one, name))
        else:
            decided.add(name)
            agrees = (one.amount, one.currency) == (wanted[name].amount, wanted[name].currency)
            (result.matched if agrees else result.differing).append((one, name))
    result.missing.extend(name for name in wanted if name not in answered)
    return result


def _entry(entry: Node, row: int, place: Place, findings: Findings) -> Iterator[Booked]:
    state = entry.text("Sts", "Cd") or entry.text("Sts")  # a code of its own since version 04
    wrong = len(findings)
    direction = _DIRECTIONS.get(entry.text("CdtDbtInd"), "")
    status = _ISO_STATUS.get(state, "")
    amount, currency = _amount(entry.first("Amt"), place, findings)
    day = _iso_day(entry, place, findings)
    for name, value, known in (("CdtDbtInd", direction, _DIRECTIONS), ("Sts", status, _ISO_STATUS)):
        if not value:
            findings.add("W953", replace(place, field=name), value=entry.text(name) or state, wanted=", ".join(known))
    if len(findings) > wrong:
        return
    if entry.text("RvslInd") in ("true", "1"):
        status = "returned" if status == "booked" else status
    base = Booked("", amount, currency, day, entry.text("AcctSvcrRef"), direction, status, row=row)
    details = [one for part in entry.all("NtryDtls") for one in part.all("TxDtls")]
    for one in details:
        yield from _detail(base, one, len(details), place, findings)
    if not details:
        yield base


def _detail(base: Booked, one: Node, among: int, place: Place, findings: Findings) -> Iterator[Booked]:
    """A transaction within an entry; its own amount where several share the entry, else the entry's."""
    own = one.first("Amt") or one.first("AmtDtls", "TxAmt", "Amt")
    before = len(findings)
    if own is not None and (among > 1 or own.attributes.get("Ccy") == base.currency):
        amount, currency = _amount(own, place, findings)
        base = replace(base, amount=amount, currency=currency)
    elif among > 1:
        findings.add("W953", replace(place, field="TxDtls/Amt"), value="–", wanted="<Amt>")
    if len(findings) > before:
        return
    returned = one.first("RtrInf")
    reference = one.text("Refs", "EndToEndId")
    yield replace(
        base, reference="" if reference in _NO_REFERENCE else reference,
        bank_reference=one.text("Refs", "AcctSvcrRef") or base.bank_reference,
        credit_debit=_DIRECTIONS.get(one.text("CdtDbtInd"), base.credit_debit),
        status="returned" if returned is not None and base.status == "booked" else base.status,
        reason="" if returned is None else returned.text("Rsn", "Cd") or returned.text("Rsn", "Prtry")
        or returned.text("AddtlInf"))


def _amount(node: Node | None, place: Place, findings: Findings) -> tuple[int, str]:
    text, currency = (node.content, node.attributes.get("Ccy", "")) if node is not None else ("", "")
    plain = text if re.fullmatch(r"\d+(\.\d+)?", text) else f"<{text}>"  # the standard knows no sign and no comma
    return _money(plain, currency, replace(place, field="Amt"), findings), currency


def _money(text: str, currency: str, place: Place, findings: Findings) -> int:
    """Minor units; what is finer than the currency's unit, or beyond any payment, is told."""
    try:
        amount = parse_money(text if _AMOUNT.fullmatch(text) else "", currency)
    except (ValueError, KeyError):
        amount = MONEY_MAX + 1
    if abs(amount) > MONEY_MAX:
        findings.add("W953", place, value=f"{text} {currency}".strip() or "–", wanted=f"1300.26 {currency or 'CNY'}")
        return 0
    return amount


def _iso_day(entry: Node, place: Place, findings: Findings) -> int:
    """The day of booking, in the bank's own zone; of value where none is given."""
    text = next((found for name in ("BookgDt", "ValDt") for kind in ("Dt", "DtTm")
                 if (found := entry.text(name, kind))), "")
    try:
        return parse_day(text[:10])
    except ValueError:
        findings.add("W953", replace(place, field="BookgDt"), value=text or "–", wanted="2026-11-23")
        return 0


def _read_table(path: Path, columns: Mapping[str, str], currency: str) -> list[Booked]:
    findings = Findings()
    found: list[Booked] = []
    try:
        for sheet, rows in read_sheets(path):
            cells = [[said(cell) for cell in row] for row in rows]
            if any(map(any, cells)):
                name = f"{path.name} [{sheet}]" if sheet else path.name
                found += _Table(name, columns, currency, findings).read(cells)
    except Unreadable as error:
        raise WestlakeError.one("W951", Place(path.name)) from error
    findings.stop()
    return found


class _Table:
    """Reads one sheet: finds the headings, then row by row."""

    def __init__(self, name: str, columns: Mapping[str, str], currency: str, findings: Findings) -> None:
        self.name, self.columns, self.currency, self.findings = name, columns, currency, findings
        self.at: dict[str, int] = {}
        self.row: Sequence[str] = ()
        self.signed = False  # whether amounts below zero are money that went out

    def read(self, cells: Sequence[Sequence[str]]) -> Iterator[Booked]:
        header = self._header(cells)
        amounts = [row[self.at["amount"]].lstrip("'").strip() for row in cells[header:] if len(row) > self.at["amount"]]
        self.signed = "credit_amount" not in self.at and any(map(_is_below, amounts))
        for number, row in enumerate(cells[header:], header + 1):
            if any(row):
                self.row = row
                before = len(self.findings)
                one = self._booked(Place(self.name, row=number))
                if len(self.findings) == before:
                    yield one

    def _header(self, cells: Sequence[Sequence[str]]) -> int:
        """The number of the row of headings, counted from 1; W954 names what is lacking."""
        best: dict[str, int] = {}
        number, headings = 1, list(cells[0])
        for row, line in enumerate(cells[:_HEADER_WITHIN], 1):
            found = {role: place for role in ROLES if (place := self._column(role, line)) >= 0}
            if len(found) > len(best):
                best, number, headings = found, row, list(line)
        needed = [role for role in NEEDED if role not in best]
        needed += ["currency"] if "currency" not in best and not self.currency else []
        needed += [role for role in self.columns if role not in best and role not in needed]
        if needed:
            raise WestlakeError([_lacking(self.name, number, role, self.columns, headings) for role in needed])
        self.at = best
        return number

    def _column(self, role: str, line: Sequence[str]) -> int:
        if role not in self.columns:
            return known_place(role, line)
        plain, name = [plain_heading(cell) for cell in line], plain_heading(self.columns[role])
        return plain.index(name) if name in plain else -1

    def _cell(self, role: str) -> str:
        place = self.at.get(role, -1)
        text = self.row[place].strip() if 0 <= place < len(self.row) else ""
        return text[1:] if text[:1] == "'" else text  # led by an apostrophe when it was written

    def _booked(self, place: Place) -> Booked:
        currency = self._cell("currency").upper() or self.currency
        currency = {"RMB": "CNY", "人民币": "CNY", "원": "KRW"}.get(currency, currency)
        role = self._side(place)
        plain = _SIGNS.sub("", self._cell(role))
        amount = _money(plain, currency, replace(place, field=role), self.findings) if role else 0
        status = self._spelt("status", STATUSES, "booked", place)
        direction = self._spelt("credit_debit", ("debit", "credit"),
                                "credit" if role == "credit_amount" else self._by_sign(amount), place)
        for role in ("reference", "bank_reference", "reason"):
            if in_error(self._cell(role)):
                self.findings.add("W953", replace(place, field=role), value=self._cell(role), wanted="…")
        return Booked(self._cell("reference"), abs(amount), currency, self._day(place), self._cell("bank_reference"),
                      direction, status, self._cell("reason"), place.row)

    def _side(self, place: Place) -> str:
        """Which column holds a row's amount, where money that came in stands in one of its own.

        Nothing, and W953, where both do, or one is below zero: a correction of the bank's is a person's to read.
        """
        if "credit_amount" not in self.at:
            return "amount"
        both = {role: self._cell(role) for role in ("amount", "credit_amount")}
        filled = [role for role, text in both.items() if _SIGNS.sub("", text).strip("0.,-−")]
        below = [role for role in filled if _is_below(_SIGNS.sub("", both[role]))]
        for role in below:
            self.findings.add("W953", replace(place, field=role), value=both[role], wanted="1300.26")
        if len(filled) > 1 and not below:
            self.findings.add("W953", replace(place, field="credit_amount"), value=" | ".join(both.values()),
                              wanted="1300.26 | –")
        return "" if below or len(filled) > 1 else filled[0] if filled else "amount"

    def _by_sign(self, amount: int) -> str:
        """Where no column says which way money went: out, but for what is above zero in a table with others below."""
        return "credit" if self.signed and amount > 0 else "debit"

    def _day(self, place: Place) -> int:
        text = self._cell("day")
        parts = _DAY.fullmatch(text)
        try:
            year, month, day = [int(part) for part in parts.groups() if part] if parts else (0, 0, 0)
            return parse_day(dt.date(year, month, day).isoformat())
        except ValueError:
            self.findings.add("W953", replace(place, field="day"), value=text or "–", wanted="2026-11-23")
            return 0

    def _spelt(self, role: str, known: Sequence[str], otherwise: str, place: Place) -> str:
        """What a word of the bank means; one that is not known is never guessed."""
        text = self._cell(role)
        if not text:
            return otherwise
        for meaning in known:
            if plain_heading(text) in map(plain_heading, spellings(f"spelt.{meaning}")):
                return meaning
        self.findings.add("W953", replace(place, field=role), value=text,
                          wanted=", ".join(spellings(f"spelt.{meaning}")[0] for meaning in known))
        return otherwise


def _is_below(text: str) -> bool:
    """Whether an amount is written as below zero, with a sign or in brackets."""
    return text[:1] in ("-", "−", "(")


def _lacking(name: str, row: int, role: str, columns: Mapping[str, str], headings: Sequence[str]) -> Problem:
    wanted = columns.get(role) or spellings(f"heading.{role}")[0]
    known = [heading for heading in headings if heading]
    return Problem("W954", Place(name, row=row, field=role), {"name": wanted, "known": ", ".join(known) or "–"},
                   nearest(wanted, known))

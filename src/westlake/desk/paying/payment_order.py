"""Writes the payment order that an officer hands to the bank: ISO 20022 XML, and the same as a table.

The same order always has the same bytes, so that its SHA-256 can be approved by one person and compared
by the bank. Amounts and control sums are whole minor units until they are written. Nothing is shortened:
a text that the format cannot carry is refused.
Source: ISO 20022 pain.001.001.09, CustomerCreditTransferInitiationV09; ISO 13616 (IBAN); ISO 9362 (BIC).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from westlake.dates import instant_iso, iso
from westlake.errors import Findings, Place, WestlakeError
from westlake.money import MINOR_DIGITS, MONEY_MAX
from westlake.spreadsheet import unarmed
from westlake.words import say

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ORDER_ID_MAX = 29  # leaves room for the number of each block within Max35Text
NAME_MAX, REMITTANCE_MAX = 140, 140  # Max140Text
COLUMNS = ("reference", "day", "currency", "amount", "debtor_account", "name", "account", "bank_scheme",
           "bank", "remittance")
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:+-]|/(?!/)){0,33}[A-Za-z0-9]|[A-Za-z0-9]")  # Max35Text, no // within
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 -]{0,32}[A-Za-z0-9])?")
_SCHEME = re.compile(r"[A-Z0-9]{2,35}")
_MEMBERS = {"CNAPS": (re.compile(r"\d{12}"), "102100099996"), "KFTC": (re.compile(r"\d{3}|\d{7}"), "004")}
_CODED = {"CNAPS", "JPZGN", "HKNCC", "USABA", "GBDSC", "SGIBG"}  # ISO's own list of clearing systems; others are Prtry
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, invisible and direction marks, halves of letters, line ends


@dataclass(frozen=True)
class Account:
    """Whose account it is, and where.

    number: an IBAN where `iban`, else what the bank calls it (≤ 34); bank_scheme: "BIC", or the clearing
    system whose member the bank is ("CNAPS", "KFTC", …); bank: its BIC or member number there.
    """

    holder: str
    number: str
    bank: str
    bank_scheme: str = "BIC"
    iban: bool = False


@dataclass(frozen=True)
class Payment:
    """One payment. id: what the bank gives back as EndToEndId; amount: minor units > 0; day: of execution."""

    id: str
    amount: int
    currency: str
    day: int
    debtor: Account
    creditor: Account
    remittance: str = ""


@dataclass(frozen=True)
class PaymentOrder:
    """What is handed to the bank at once. id: the message's own; created: instant in microseconds UTC."""

    id: str
    created: int
    initiator: str
    payments: tuple[Payment, ...]


@dataclass(frozen=True)
class OrderFile:
    """The order as bytes. count: payments; sums: currency → minor units; control_sum: as the XML states it
    (amounts of all currencies added, as ISO 20022 defines it); sha256, csv_sha256: hex of the bytes."""

    name: str
    xml: bytes
    csv: bytes
    sha256: str
    csv_sha256: str
    count: int
    sums: dict[str, int]
    control_sum: str


def write_order(order: PaymentOrder, lang: str = "en") -> OrderFile:
    """The order as XML and as CSV (headings in `lang`). All that is wrong is told at once: W945 nothing to pay,
    W946 an id twice, W947 an amount that cannot be paid, W948 two currencies for one account and day,
    W949 a text the format cannot carry, W950 an account, bank, id or currency of no known form."""
    _check(order)
    xml, table = _xml(order), _csv(order, lang)
    sums: dict[str, int] = {}
    for payment in order.payments:
        sums[payment.currency] = sums.get(payment.currency, 0) + payment.amount
    return OrderFile(f"{order.id.replace('/', '-').replace(':', '-')}.xml", xml, table,
                     hashlib.sha256(xml).hexdigest(), hashlib.sha256(table).hexdigest(), len(order.payments),
                     dict(sorted(sums.items())), _control_sum(order.payments))


def plain_amount(amount: int, currency: str) -> str:
    """Minor units as a plain decimal number with a point and no grouping: "1300.26", "-5", "0.07"."""
    digits = MINOR_DIGITS[currency]
    whole, part = divmod(abs(amount), 10**digits)
    return ("-" if amount < 0 else "") + str(whole) + (f".{part:0{digits}d}" if digits else "")


def blocks(order: PaymentOrder) -> list[list[Payment]]:
    """The payments of each debtor account and day, in a fixed order: one payment information each."""
    def key(payment: Payment) -> tuple[object, ...]:
        debtor = payment.debtor
        return payment.day, debtor.number, debtor.bank, debtor.bank_scheme, debtor.holder, debtor.iban

    ranked = sorted(order.payments, key=lambda payment: (*map(str, key(payment)), payment.id))
    return [list(group) for _, group in groupby(ranked, key)]


def _check(order: PaymentOrder) -> None:
    if not order.payments:
        raise WestlakeError.one("W945", name=order.id)
    findings = Findings()
    _form(findings, Place(field="id"), "id", order.id,
          lambda text: _ID.fullmatch(text) and len(text) <= ORDER_ID_MAX, f"PAY-2026-11-001 (≤ {ORDER_ID_MAX})")
    _text(findings, Place(field="initiator"), "initiator", order.initiator, NAME_MAX)
    seen: set[str] = set()
    for row, payment in enumerate(order.payments, 1):
        if payment.id.casefold() in seen:  # banks do not tell a from A
            findings.add("W946", Place(row=row, field="id"), name=payment.id)
        seen.add(payment.id.casefold())
        _check_payment(findings, row, payment)
    for block in blocks(order):
        currency = block[0].currency
        for payment in block:
            if payment.currency != currency:
                findings.add("W948", Place(row=order.payments.index(payment) + 1, field="currency"), name=payment.id,
                             found=payment.currency, other=currency, account=payment.debtor.number)
    findings.stop()


def _check_payment(findings: Findings, row: int, payment: Payment) -> None:
    def at(field: str) -> Place:
        return Place(row=row, field=field)

    _form(findings, at("id"), "id", payment.id, _ID.fullmatch, "PAY-2026-0001")
    _form(findings, at("currency"), "currency", payment.currency, MINOR_DIGITS.__contains__, ", ".join(MINOR_DIGITS))
    if not 0 < payment.amount <= MONEY_MAX:
        findings.add("W947", at("amount"), name=payment.id, amount=payment.amount)
    if payment.remittance:
        _text(findings, at("remittance"), "remittance", payment.remittance, REMITTANCE_MAX)
    for side, account in (("debtor", payment.debtor), ("creditor", payment.creditor)):
        _text(findings, at(f"{side}.holder"), f"{side}.holder", account.holder, NAME_MAX)
        if account.iban:
            _form(findings, at(f"{side}.number"), f"{side}.number", account.number, is_iban, "DE89370400440532013000")
        else:
            _form(findings, at(f"{side}.number"), f"{side}.number", account.number, _ACCOUNT.fullmatch,
                  "6222-0212-0204")
        _form(findings, at(f"{side}.bank_scheme"), f"{side}.bank_scheme", account.bank_scheme, _SCHEME.fullmatch,
              "BIC, CNAPS, KFTC")
        wanted, example = (_BIC, "ICBKCNBJ") if account.bank_scheme == "BIC" else _MEMBERS.get(
            account.bank_scheme, (_ACCOUNT, "004"))
        _form(findings, at(f"{side}.bank"), f"{side}.bank", account.bank, wanted.fullmatch, example)


def is_iban(text: str) -> bool:
    """Does it have the form and the check digits of an IBAN? ISO 13616, modulo 97 of ISO 7064."""
    return bool(_IBAN.fullmatch(text)) and int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def _form(findings: Findings, place: Place, name: str, value: str, holds: Callable[[str], object], wanted: str) -> None:
    if not holds(value):
        findings.add("W950", place, name=name, value=value, wanted=wanted)


def _text(findings: Findings, place: Place, name: str, text: str, limit: int) -> None:
    unseen = next((sign for sign in text if unicodedata.category(sign) in _UNSEEN or sign in "\ufffe\uffff"), "")
    if not text.strip() or text != text.strip() or len(text) > limit or unseen:
        findings.add("W949", place, name=name, length=len(text), limit=limit,
                     sign=f"U+{ord(unseen):04X}" if unseen else "–")


def _control_sum(payments: Sequence[Payment]) -> str:
    """The amounts added as numbers, whatever their currency: the standard's own check against loss on the way."""
    digits = max(MINOR_DIGITS[payment.currency] for payment in payments)
    total = sum(payment.amount * 10 ** (digits - MINOR_DIGITS[payment.currency]) for payment in payments)
    whole, part = divmod(total, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def _xml(order: PaymentOrder) -> bytes:
    root = Element("Document", xmlns=NAMESPACE)
    whole = SubElement(root, "CstmrCdtTrfInitn")
    head = SubElement(whole, "GrpHdr")
    _put(head, "MsgId", order.id)
    _put(head, "CreDtTm", instant_iso(order.created)[:19] + "Z")
    _put(head, "NbOfTxs", str(len(order.payments)))
    _put(head, "CtrlSum", _control_sum(order.payments))
    _put(SubElement(head, "InitgPty"), "Nm", order.initiator)
    for number, block in enumerate(blocks(order), 1):
        _block(whole, f"{order.id}-{number:05d}", block)
    indent(root)
    out = io.BytesIO()
    ElementTree(root).write(out, encoding="UTF-8", xml_declaration=True)
    return out.getvalue() + b"\n"


def _block(whole: Element, name: str, payments: Sequence[Payment]) -> None:
    first = payments[0]
    block = SubElement(whole, "PmtInf")
    _put(block, "PmtInfId", name)
    _put(block, "PmtMtd", "TRF")
    _put(block, "NbOfTxs", str(len(payments)))
    _put(block, "CtrlSum", _control_sum(payments))
    _put(SubElement(block, "ReqdExctnDt"), "Dt", iso(first.day))
    _put(SubElement(block, "Dbtr"), "Nm", first.debtor.holder)
    _account(SubElement(block, "DbtrAcct"), first.debtor, first.currency)
    _bank(SubElement(block, "DbtrAgt"), first.debtor)
    for payment in payments:
        one = SubElement(block, "CdtTrfTxInf")
        _put(SubElement(one, "PmtId"), "EndToEndId", payment.id)
        amount = _put(SubElement(one, "Amt"), "InstdAmt", plain_amount(payment.amount, payment.currency))
        amount.set("Ccy", payment.currency)
        _bank(SubElement(one, "CdtrAgt"), payment.creditor)
        _put(SubElement(one, "Cdtr"), "Nm", payment.creditor.holder)
        _account(SubElement(one, "CdtrAcct"), payment.creditor)
        if payment.remittance:
            _put(SubElement(one, "RmtInf"), "Ustrd", payment.remittance)


def _account(under: Element, account: Account, currency: str = "") -> None:
    number = SubElement(under, "Id")
    if account.iban:
        _put(number, "IBAN", account.number)
    else:
        _put(SubElement(number, "Othr"), "Id", account.number)
    if currency:
        _put(under, "Ccy", currency)


def _bank(under: Element, account: Account) -> None:
    bank = SubElement(under, "FinInstnId")
    if account.bank_scheme == "BIC":
        _put(bank, "BICFI", account.bank)
        return
    member = SubElement(bank, "ClrSysMmbId")
    _put(SubElement(member, "ClrSysId"), "Cd" if account.bank_scheme in _CODED else "Prtry", account.bank_scheme)
    _put(member, "MmbId", account.bank)


def _put(under: Element, name: str, text: str) -> Element:
    element = SubElement(under, name)
    element.text = text
    return element


def _csv(order: PaymentOrder, lang: str) -> bytes:
    """UTF-8 with its mark, which old spreadsheets need for Hangul and Han."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([say(f"desk_files.heading.{name}", lang).split("|")[0] for name in COLUMNS])
    rows.writerows([unarmed(cell) for cell in row] for row in _rows(order))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _rows(order: PaymentOrder) -> Iterator[tuple[str, ...]]:
    for block in blocks(order):
        for payment in block:
            to = payment.creditor
            yield (payment.id, iso(payment.day), payment.currency, plain_amount(payment.amount, payment.currency),
                   payment.debtor.number, to.holder, to.number, to.bank_scheme, to.bank, payment.remittance)

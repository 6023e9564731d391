"""What the bank says it did, taken in line by line: each line once, each payment paid or returned by it once.

A line that is not plainly ours, in full and for the first time, is kept for a person to look at; nothing is
guessed. What the bank did stands whatever the table of steps thinks of it.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from westlake.database import rows_among, transaction
from westlake.desk.cases import find_case
from westlake.desk.desk import Desk
from westlake.desk.looking import Question
from westlake.desk.paying import budgets
from westlake.desk.paying.bank_statement import Booked, match, read_statement
from westlake.desk.paying.batches import batch_files, batches
from westlake.desk.paying.budgets import code_of
from westlake.desk.paying.payments import (
    Ordered,
    find_payment,
    move_case,
    not_now,
    outcomes,
    payments,
    payments_among,
    write_outcome,
)
from westlake.desk.people import EVERY, Person, roles_of
from westlake.errors import Place, WestlakeError
from westlake.failpoints import failpoint
from westlake.ledger import Books, Transfer

TAKEN_IN = "desk.statement_taken_in"  # the act by which a statement's lines are ours
ASIDE = "desk.bank_line_set_aside"  # the act that says that a line is none of ours
OPEN = ("differing", "twice", "unknown")  # what a person has to look at
_SELECT = ("SELECT id, bank_reference, reference, amount, currency, day, outcome, reason, statement, person, at"
           " FROM desk_bank_line")
WAITING: Question = (  # the lines that wait for a person
    f"{_SELECT} WHERE outcome IN ('differing', 'twice', 'unknown') AND NOT EXISTS (SELECT 1 FROM"
    " desk_payment_outcome o WHERE o.bank_line = desk_bank_line.id) AND NOT EXISTS (SELECT 1 FROM act a WHERE"
    " a.subject = 'bank_line:' || desk_bank_line.id AND a.act = ?) ORDER BY id", (ASIDE,))
_ALL = 10**9
_REFERENCE = re.compile(r"WLP\d{8,15}")  # see Ordered.reference
_AMONG_WORDS = re.compile(rf"(?<![\w-]){_REFERENCE.pattern}(?![\w-])")


@dataclass(frozen=True)
class BankLine:
    """A line as it was taken in. bank_reference: by which it is known again; amount: minor units; outcome: paid,
    returned, or one of OPEN; statement: SHA-256 of the file that it came with."""

    id: int
    bank_reference: str
    reference: str
    amount: int
    currency: str
    day: int
    outcome: str
    reason: str
    statement: str
    person: int
    at: int

    @property
    def came_in(self) -> bool:
        """Whether money came in, or never left, by it; else it went out. Its own key tells: see _keys."""
        parts = re.sub(r" #\d+$", "", self.bank_reference).rsplit(" ", 5)
        return "credit" in parts[1:2] or bool({"returned", "rejected"} & set(parts[2:3]))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What it can have been to a payment: money that came in pays nothing, money that went out returns nothing."""
        return ("returned",) if self.came_in else ("paid",)


@dataclass
class Imported:
    """What came of a statement. Numbers of payments, and of lines that a person has to look at; known: lines that were
    taken in before; pending: not final yet; missing: payments that were sent and are not in it."""

    paid: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    unmatched: list[int] = field(default_factory=list)
    known: int = 0
    pending: int = 0
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Awaited:
    id: str
    amount: int
    currency: str


def import_statement(desk: Desk, person: Person, content: bytes, name: str, columns: Mapping[str, str] | None = None,
                     currency: str = "", named: int = 0) -> Imported:
    """Take in a statement of the bank, whole or not at all; the same one again changes nothing.

    Whole: half a statement booked is one that no treasurer can tick off. So whoever takes it in pays for every
    programme whose payments are new in it.

    columns, currency: of a table, as `read_statement` takes them; named: the act by which its columns were named,
    written down with it, so that whoever reads its lines can tell how they were read.

    W1020 for who is no payer, W1123 for who is none
    of every programme named, W951 to W954 for what cannot be read.
    """
    if not _paid_by(desk, person):
        raise WestlakeError.one("W1020")
    with tempfile.TemporaryDirectory() as folder:  # the reader tells tables apart by their files
        path = Path(folder) / (Path(name).name or "statement")
        path.write_bytes(content)
        booked = read_statement(path, columns, currency)
    statement, result = hashlib.sha256(content).hexdigest(), Imported()
    if any(statement in {hashlib.sha256(file).hexdigest() for file in batch_files(desk, one.id)}
           for one in batches(desk, limit=_ALL)):
        raise WestlakeError.one("W1108", Place(Path(name).name))  # what we asked for is no word of the bank's
    with transaction(desk.connection):
        final = [one for one in booked if one.status != "pending"]
        keys = _keys(final)
        known = {key for key, in rows_among(desk.connection, "SELECT bank_reference FROM desk_bank_line"
                                            " WHERE bank_reference IN ({keys})", keys)}
        fresh = [(key, with_reference(one)) for key, one in zip(keys, final, strict=True) if key not in known]
        _check_programmes(desk, person, [one.reference for _, one in fresh])
        result.known, result.pending = len(final) - len(fresh), len(booked) - len(final)
        _take_in(desk, person, fresh, statement, result)
        if fresh:
            desk.record.add(person.actor, TAKEN_IN, f"statement:{statement[:16]}", {
                "sha256": statement, "paid": len(result.paid), "returned": len(result.returned),
                "unmatched": len(result.unmatched), "lines": len(fresh),
                **({"columns_named": named} if named else {})})
    return result


def _paid_by(desk: Desk, person: Person) -> frozenset[str]:
    """The programmes that somebody pays for; EVERY for all."""
    held = roles_of(desk.connection, person.id, desk.now())
    return frozenset(one.programme for one in held if one.role == "payer")


def with_reference(one: Booked) -> Booked:
    """The same with our reference alone, where exactly one stands as a word of its own in a longer text ("지급
    WLP00000029") of money that went out or never left; what came in by itself may be anything, and is left to a person.
    """
    found = set(_AMONG_WORDS.findall(one.reference))
    plain_credit = one.credit_debit == "credit" and one.status == "booked"
    return one if plain_credit or len(found) != 1 else replace(one, reference=found.pop())


def named_by(desk: Desk, lines: Iterable[Booked | BankLine]) -> list[Ordered]:
    """The payments that lines name by our reference."""
    return _named(desk, [with_reference(one).reference if isinstance(one, Booked) else one.reference for one in lines])


def _named(desk: Desk, references: Sequence[str]) -> list[Ordered]:
    """The payments that references of the bank's are of."""
    return payments_among(desk, {int(one[3:]) for one in references if _REFERENCE.fullmatch(one)})


def _check_programmes(desk: Desk, person: Person, references: Sequence[str]) -> None:
    paid_by = _paid_by(desk, person)
    others = {one.programme for one in _named(desk, references)} - paid_by
    if others and EVERY not in paid_by:
        raise WestlakeError.one("W1123", programmes=", ".join(sorted(others)))


def _keys(booked: Sequence[Booked]) -> list[str]:
    """By what each line is known again: all that the bank says of it, for a bank may book many under one reference."""
    seen: Counter[str] = Counter()
    keys = []
    for one in booked:
        key = " ".join((one.bank_reference or "-", one.reference or "-", one.credit_debit, one.status, str(one.amount),
                        one.currency, str(one.day)))
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key} #{seen[key]}")
    return keys


def _take_in(desk: Desk, person: Person, fresh: Sequence[tuple[str, Booked]], statement: str, result: Imported) -> None:
    ours = {one.reference: one for one in _named(desk, [one.reference for _, one in fresh])
            if one.state in ("paid", "returned")}
    paid_by = _paid_by(desk, person)  # whoever pays for one programme misses nothing of another's
    ours |= {one.reference: one for one in payments(desk, state="sent", limit=_ALL)
             if EVERY in paid_by or one.programme in paid_by}
    awaited = [_Awaited(name, one.amount, one.currency) for name, one in ours.items() if one.state == "sent"]
    found = match([one for _, one in fresh], awaited, [name for name, one in ours.items() if one.state != "sent"])
    said = {id(one): (word, name) for word, pairs in (
        ("paid", found.matched), ("returned", found.returned), ("returned", found.rejected),
        ("differing", found.differing), ("twice", found.twice)) for one, name in pairs}
    for key, one in sorted(fresh, key=lambda pair: said.get(id(pair[1]), ("unknown", ""))[0] == "returned"):
        word, name = said.get(id(one), ("unknown", ""))  # money goes before it comes back, however the file is sorted
        payment = find_payment(desk, ours[name].id) if name else None
        if payment and word == "returned" and (payment.amount, payment.currency) != (one.amount, one.currency):
            word = "differing"
        elif payment and word == "returned" and payment.state not in ("sent", "paid"):
            word = "twice"
        line = _write_line(desk, person, key, one, word, statement)
        if word in OPEN or payment is None:
            result.unmatched.append(line)
        else:
            settle(desk, person, payment, word, one.day, one.reason, line)
            (result.paid if word == "paid" else result.returned).append(payment.id)
        failpoint("desk.statement_line")
    result.missing = found.missing


def _write_line(desk: Desk, person: Person, key: str, one: Booked, word: str, statement: str) -> int:
    row = desk.connection.execute(
        "INSERT INTO desk_bank_line (bank_reference, reference, amount, currency, day, outcome, reason, statement,"
        " person, at) VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id",
        (key, one.reference, one.amount, one.currency, one.day, word, one.reason, statement, person.id,
         desk.now())).fetchone()
    return int(row[0])


def settle(desk: Desk, person: Person, found: Ordered, word: str, day: int, reason: str, line: int) -> None:
    """Book what the bank did with a payment (paid or returned), and let its case take the step for it."""
    case, on = find_case(desk, found.case), _posting_day(desk, day)
    payable, bank = code_of(desk, case, "payable"), code_of(desk, case, "bank")
    held, there = Transfer(payable, bank, found.amount, "release"), Transfer(payable, bank, found.amount)
    paid = next((one.journal for one in outcomes(desk, found.id) if one.outcome == "paid"), None)
    if word == "paid":
        journal = budgets.post(desk, case, f"paid:desk:{found.id}", "payment", [held, there], on, found.journal)
    else:  # what never left is only no longer held
        back = [Transfer(bank, payable, found.amount)] if paid is not None else [held]
        journal = budgets.post(desk, case, f"retn:desk:{found.id}", "payment", back, on, paid or found.journal)
    write_outcome(desk, found, word, journal, day, reason, person, line)
    move_case(desk, case, ("confirm",) if word == "paid" else ("returned",), person,
              {"payment": found.id, "note": reason})


def _posting_day(desk: Desk, day: int) -> int:
    """The bank's day; today where its period is closed already, or it has not come."""
    today = desk.today()
    closed = max((one.period.last for one in Books(desk.connection).closings()), default=-1)
    return today if day <= closed or day > today else day


def lines(desk: Desk, *, outcome: str = "", after: int = 0, limit: int = 100) -> list[BankLine]:
    """Lines of an outcome, or all, newest first. after: the number of the last one on the page before."""
    rows = desk.connection.execute(f"{_SELECT} WHERE ? IN ('', outcome) AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?",
                                   (outcome, after, after, limit))
    return [BankLine(*row) for row in rows]


def find_line(desk: Desk, number: int) -> BankLine:
    """A line by number; W920 if there is none."""
    row = desk.connection.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"bank line {number}")
    return BankLine(*row)


def columns_named_for(desk: Desk, statement: str) -> int | None:
    """The act by which the columns of a statement (SHA-256 of its file) were named; None where nobody had to."""
    for act in desk.record.acts(f"statement:{statement[:16]}", act=TAKEN_IN):
        if act.details.get("sha256") == statement and "columns_named" in act.details:
            return int(str(act.details["columns_named"]))
    return None


def lines_of(desk: Desk, statement: str) -> list[BankLine]:
    """The lines that came with a statement (SHA-256 of its file), in its order."""
    return [BankLine(*row) for row in desk.connection.execute(f"{_SELECT} WHERE statement = ? ORDER BY id",
                                                              (statement,))]


def open_lines(desk: Desk) -> list[BankLine]:
    """The lines that still wait for a person, the oldest first."""
    return [BankLine(*row) for row in desk.connection.execute(*WAITING)]


def resolve_line(desk: Desk, number: int, person: Person, reason: str, payment: int | None = None,
                 outcome: str = "paid") -> None:
    """A person says which payment an open line paid or returned, or (payment None) that it is none of ours.

    W1020 for who is no payer, or none of the payment's programme, W1012 without a reason, W1017 when the
    line waits for nobody, or its amount is not the payment's; W1170 where the money went the other way; W1015 when
    that cannot have become of the payment.
    """
    pays = _paid_by(desk, person)
    if not pays:
        raise WestlakeError.one("W1020")
    if not reason.strip():
        raise WestlakeError.one("W1012", Place(field="reason"))
    with transaction(desk.connection):
        line = find_line(desk, number)
        if number not in {one.id for one in open_lines(desk)}:
            raise WestlakeError.one("W1017", number=number, what=line.outcome)
        if payment is None:
            if EVERY not in pays and any(one.programme not in pays for one in _named(desk, [line.reference])):
                raise WestlakeError.one("W1020")
            desk.record.add(person.actor, ASIDE, f"bank_line:{number}", {"reason": reason})
            return
        found = find_payment(desk, payment)
        if not pays & {EVERY, found.programme}:
            raise WestlakeError.one("W1020")
        if outcome not in line.outcomes:
            raise WestlakeError.one("W1170", Place(field="what"), number=number, payment=found.reference)
        if (found.amount, found.currency) != (line.amount, line.currency):
            raise WestlakeError.one("W1017", Place(field="payment"), number=number, what=found.reference)
        if found.state not in (("sent",) if outcome == "paid" else ("sent", "paid")):
            raise not_now(found, person)
        settle(desk, person, found, outcome, line.day, reason, number)

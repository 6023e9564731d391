"""Payment batches: made by a payer, let go by a third person under a fresh second factor, handed to the bank as a file.

The file is fixed when the batch is made: its bytes, their SHA-256 and the sum stand in the batch and, sealed, in
the record. Releasing moves no money; only the bank's word does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from westlake.database import Refused, rows_among, transaction
from westlake.desk.acting import silenced_among
from westlake.desk.cases import roots_among
from westlake.desk.desk import Desk
from westlake.desk.paying.bank_accounts import accounts_among, find_account, vouched_among
from westlake.desk.paying.payment_order import Account, OrderFile, Payment, PaymentOrder, write_order
from westlake.desk.paying.payments import ROUND, Ordered, find_payment, not_now, payments, take_back
from westlake.desk.people import EVERY, Person, person_number, roles_of
from westlake.errors import Place, Problem, WestlakeError
from westlake.failpoints import failpoint

PAYER = "payer"
MADE = "desk.batch_made"  # the act that seals a batch's files
BATCH_MAX = 100_000  # payments
NAMED = 5  # payments that a refusal names
_SELECT = ("SELECT b.id, b.day, b.currency, b.total, b.payments, b.digest, b.person, b.at, r.person, r.factor_at, r.at,"
           " EXISTS (SELECT 1 FROM desk_batch_line l JOIN desk_payment_outcome o ON o.payment = l.payment"
           " AND o.outcome = 'void' WHERE l.batch = b.id) FROM desk_batch b LEFT JOIN desk_batch_release r"
           " ON r.batch = b.id")

_HANDS = (f"SELECT DISTINCT person, CASE WHEN data LIKE '%standing_in_for%' THEN data ELSE '' END FROM desk_step WHERE"
          f" case_id IN ({{keys}}) AND person IS NOT NULL AND role <> '{PAYER}' AND (role <> 'system' OR data LIKE"
          " '%because_of%')")  # what the bank's word moved is nobody's hand in it
_SETTLED_BY = ("SELECT DISTINCT s.actor FROM desk_fact f JOIN settlement_step s ON CAST(s.round AS TEXT) = f.value"
               f" WHERE f.case_id IN ({{keys}}) AND f.name = '{ROUND}'")


@dataclass(frozen=True)
class Batch:
    """A batch as it stands. total: minor units; digest: SHA-256 of its file; person: who made it; the rest once it is
    released; given_up: its payments were voided instead."""

    id: int
    day: int
    currency: str
    total: int
    payments: int
    digest: str
    person: int
    at: int
    released_by: int | None
    factor_at: int | None
    released_at: int | None
    given_up: bool

    @property
    def state(self) -> str:
        """made, released or given_up."""
        return "released" if self.released_by is not None else "given_up" if self.given_up else "made"


def make_batch(desk: Desk, person: Person, day: int, chosen: Sequence[int], debtor: Account) -> Batch:
    """Put payments that wait in one batch, to be executed by the bank on a day, from the debtor's account.

    Raises W1020 for who is no payer of all their programmes, W1016 unless they are of one currency and each is
    named once, W1015 for one that does not wait, W1165 for one that would not be ordered any more, and whatever
    `write_order` refuses.
    """
    with transaction(desk.connection):
        ordered = [find_payment(desk, number) for number in chosen]
        _check_payer(desk, person, ordered)
        currencies = sorted({one.currency for one in ordered})
        if len(currencies) != 1 or len(set(chosen)) != len(chosen) or len(chosen) > BATCH_MAX:
            raise WestlakeError.one("W1016", number=len(chosen), currencies=", ".join(currencies) or "–")
        for one in ordered:
            if one.state != "waiting":
                raise not_now(one, person)
        if loose := doubtful(desk, ordered):
            raise WestlakeError([_rests_on_nobody(loose)])
        number = 1 + desk.connection.execute("SELECT count(*) FROM desk_batch").fetchone()[0]
        file = write_order(_order(desk, f"PAY-{number:06d}", day, ordered, debtor), person.language)
        row = desk.connection.execute(
            "INSERT INTO desk_batch (day, currency, total, payments, digest, document, person, at)"
            " VALUES (?,?,?,?,?,?,?,?) RETURNING id",
            (day, currencies[0], file.sums[currencies[0]], file.count, file.sha256, _document(file), person.id,
             desk.now())).fetchone()
        try:
            desk.connection.executemany("INSERT INTO desk_batch_line (payment, batch) VALUES (?,?)",
                                        [(one.id, row[0]) for one in ordered])
        except Refused as error:  # another batch was quicker
            raise not_now(ordered[0], person) from error
        desk.record.add(person.actor, MADE, f"batch:{row[0]}", {
            "day": day, "total": file.sums[currencies[0]], "currency": currencies[0], "payments": list(chosen),
            "sha256": file.sha256, "csv_sha256": file.csv_sha256})
        failpoint("desk.batch_made")
    return find_batch(desk, row[0])


def _order(desk: Desk, name: str, day: int, ordered: Sequence[Ordered], debtor: Account) -> PaymentOrder:
    return PaymentOrder(name, desk.now(), debtor.holder, tuple(
        Payment(one.reference, one.amount, one.currency, day, debtor, find_account(desk, one.bank).as_ordered(),
                one.number) for one in ordered))


def _document(file: OrderFile) -> str:
    return json.dumps({"name": file.name, "xml": file.xml.decode(), "csv": file.csv.decode()}, ensure_ascii=False,
                      sort_keys=True)


def release_batch(desk: Desk, number: int, person: Person, factor_at: int) -> Batch:
    """Let a batch go to the bank; a batch that has gone is answered as it is.

    factor_at: when the person last gave a second factor, microseconds UTC. Raises what `why_not_release` says, W1018
    once it was given up, W1021 when its file is not the one that was made, W968 without a fresh second factor.
    """
    with transaction(desk.connection):
        batch, ordered = find_batch(desk, number), payments(desk, batch=number, limit=BATCH_MAX)
        problem = why_not_release(desk, batch, ordered, person)
        if problem is not None:
            raise WestlakeError([problem])
        if batch.released_by is not None:
            return batch
        if batch.given_up:
            raise WestlakeError.one("W1018", number=number)
        batch_files(desk, number)
        programmes = {one.programme for one in ordered}
        minutes = min(desk.offered(name).workflow.terms["factor_minutes"] for name in programmes)
        if not desk.now() - minutes * 60_000_000 <= factor_at <= desk.now():
            raise WestlakeError.one("W968")
        try:
            desk.connection.execute("INSERT INTO desk_batch_release VALUES (?,?,?,?)",
                                    (number, person.id, factor_at, desk.now()))
        except Refused as error:  # the schema says no, whoever asks
            raise WestlakeError.one("W1019", number=number) from error
        desk.record.add(person.actor, "desk.batch_released", f"batch:{number}", {
            "total": batch.total, "currency": batch.currency, "sha256": batch.digest, "factor_at": factor_at})
        failpoint("desk.batch_released")
    return find_batch(desk, number)


def why_not_release(desk: Desk, batch: Batch, ordered: Sequence[Ordered], person: Person) -> Problem | None:
    """What keeps a person from releasing a batch of these payments; nothing when they may.

    W1020 for who is no payer of all of them, W1019 for who had a hand in one of their cases (or stands in for who had),
    W1165 for a batch still in the house with one that would not be ordered any more.
    """
    try:
        selves = _check_payer(desk, person, ordered)
    except WestlakeError as error:
        return error.problems[0]
    if selves & hands_in(desk, ordered):
        return Problem("W1019", values={"number": batch.id})
    loose = doubtful(desk, ordered) if batch.state == "made" else []
    return _rests_on_nobody(loose) if loose else None


def hands_in(desk: Desk, ordered: Sequence[Ordered]) -> set[int]:
    """Everybody who decided, checked, approved or ordered something on the cases of some payments or on their
    applications, in person or through a substitute, and whoever settled or approved the rounds that they pay."""
    cases = {one.case for one in ordered}
    keys = sorted(cases | {case.id for case in roots_among(desk, cases).values()})
    found = {by for one in ordered for by in (one.checked_by, one.approved_by)}
    for person, data in rows_among(desk.connection, _HANDS, keys):
        found |= {person, json.loads(data).get("standing_in_for") or person} if data else {person}
    return found | {person_number(row[0]) for row in rows_among(desk.connection, _SETTLED_BY, keys)}


def doubtful(desk: Desk, ordered: Sequence[Ordered]) -> list[Ordered]:
    """Payments that may not be ordered any more: the office no longer knows that the applicant, or whoever entered the
    account, speaks for the firm."""
    roots = roots_among(desk, {one.case for one in ordered})
    silent = silenced_among(desk, list(roots.values()))
    vouched = vouched_among(desk, list(accounts_among(desk, {one.bank for one in ordered}).values()))
    return [one for one in ordered if one.bank not in vouched or roots[one.case].id in silent]


def _rests_on_nobody(loose: Sequence[Ordered]) -> Problem:
    named = ", ".join(f"{one.reference} ({one.number}, {one.firm})" for one in loose[:NAMED])
    return Problem("W1165", values={"count": len(loose), "payments": named + (" …" if len(loose) > NAMED else "")})


def give_up_batch(desk: Desk, number: int, person: Person, reason: str) -> Batch:
    """Void all payments of a batch that has not gone to the bank, so that they can be ordered anew.

    W1020 for who is no payer, W1015 once it is released; given up again, nothing changes.
    """
    with transaction(desk.connection):
        batch, ordered = find_batch(desk, number), payments(desk, batch=number, limit=BATCH_MAX)
        _check_payer(desk, person, ordered)
        if batch.given_up:
            return batch
        for one in ordered:
            if one.state != "batched":
                raise not_now(one, person)
            take_back(desk, one, person, reason)
        desk.record.add(person.actor, "desk.batch_given_up", f"batch:{number}", {"reason": reason})
    return find_batch(desk, number)


def batch_files(desk: Desk, number: int) -> tuple[bytes, bytes]:
    """The batch's files as they were made, XML and CSV; W1021 when either is not what the batch and the record say."""
    row = desk.connection.execute("SELECT digest, document FROM desk_batch WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"batch {number}")
    made = next(desk.record.acts(f"batch:{number}", act=MADE), None)
    document = json.loads(row[1])
    xml, table = document["xml"].encode(), document["csv"].encode()
    found = hashlib.sha256(xml).hexdigest(), hashlib.sha256(table).hexdigest()
    if made is None or found != (row[0], made.details["csv_sha256"]) or made.details["sha256"] != row[0]:
        raise WestlakeError.one("W1021", Place(row=number), number=number)
    return xml, table


def find_batch(desk: Desk, number: int) -> Batch:
    """A batch by number; W920 if there is none."""
    row = desk.connection.execute(f"{_SELECT} WHERE b.id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"batch {number}")
    return _batch(row)


def batches(desk: Desk, *, after: int = 0, limit: int = 100) -> list[Batch]:
    """All batches, newest first. after: the number of the last one on the page before."""
    rows = desk.connection.execute(f"{_SELECT} WHERE ? = 0 OR b.id < ? ORDER BY b.id DESC LIMIT ?",
                                   (after, after, limit))
    return [_batch(row) for row in rows]


def _batch(row: Sequence[Any]) -> Batch:
    return Batch(*(*row[:11], bool(row[11])))


def _check_payer(desk: Desk, person: Person, ordered: Sequence[Ordered]) -> set[int]:
    """W1020 unless the person is payer of all programmes; as whom they are: themselves and, for programmes of which
    they are no payer in their own right, those they stand in for."""
    held = [one for one in roles_of(desk.connection, person.id, desk.now()) if one.role == PAYER]
    if not held or any(not {EVERY, one.programme} & {role.programme for role in held} for one in ordered):
        raise WestlakeError.one("W1020")
    selves = {person.id}
    for programme in {one.programme for one in ordered}:
        fit = [one.standing_in_for for one in held if one.programme in (EVERY, programme)]
        selves |= set(fit) if 0 not in fit else set()  # 0: in their own right
    return selves

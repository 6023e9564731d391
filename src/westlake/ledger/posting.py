"""Writes journals into the books: each sealed to the one before it, each guarded by the database itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from westlake.database import transaction
from westlake.dates import DAY_MAX, DAY_MIN
from westlake.digest import GENESIS, Head, link
from westlake.errors import WestlakeError
from westlake.failpoints import failpoint
from westlake.ledger import refusals
from westlake.ledger.journal import (
    Journal,
    Posted,
    account_bytes,
    fingerprint_of,
    mirror,
    read_entry,
    request_bytes,
    sealed_bytes,
)
from westlake.money import MONEY_MAX


class Accounts(NamedTuple):
    """The accounts that journals name: their row ids, and their bytes in the chain."""

    ids: Mapping[str, int]
    sealed: Mapping[str, bytes]


def post_all(connection: sqlite3.Connection, journals: Iterable[Journal], recorded_at: int) -> list[Posted]:
    """Post journals in order, all or nothing; a key that the books know already is answered, not posted again.

    Bulk is one by one: there is no second path. recorded_at is raised to that of the last journal
    where the machine's clock ran back, so the two orders of the books never disagree.
    """
    with transaction(connection):
        journals = list(journals)
        head, last_recorded = last_link(connection)
        accounts = find_accounts(connection, {code for journal in journals for leg in journal.transfers
                                              for code in (leg.debit, leg.credit)})
        known = _known_keys(connection, [journal.idem for journal in journals])
        recorded_at = max(recorded_at, last_recorded)
        answers: list[Posted] = []
        for journal in journals:
            request = _request(connection, journal, accounts)
            fingerprint = fingerprint_of(request)
            if journal.idem in known:
                number, hash_, first_fingerprint = known[journal.idem]
                if fingerprint != first_fingerprint:
                    raise refusals.other_request(connection, journal, number)
                answers.append(Posted(number, hash_, True))
                continue
            head = _append(connection, journal, head, recorded_at, request, fingerprint, accounts)
            known[journal.idem] = head.number, head.hash, fingerprint
            answers.append(Posted(head.number, head.hash, False))
        failpoint("ledger.written")
    return answers


def last_link(connection: sqlite3.Connection) -> tuple[Head, int]:
    """The head of the chain, and when it was recorded."""
    row = connection.execute("SELECT id, hash, recorded_at FROM journal ORDER BY id DESC LIMIT 1").fetchone()
    return (Head(row[0], row[1]), row[2]) if row else (Head(0, GENESIS), 0)


def find_accounts(connection: sqlite3.Connection, codes: Iterable[str] | None = None) -> Accounts:
    """The accounts of these codes, as far as they are open; all accounts without codes."""
    wanted = "" if codes is None else " WHERE code IN (SELECT value FROM json_each(?))"
    values = () if codes is None else (json.dumps(list(codes)),)
    rows = connection.execute(f"SELECT id, code, currency, rule FROM account{wanted}", values).fetchall()
    return Accounts({code: number for number, code, _, _ in rows},
                    {code: account_bytes(code, currency, rule) for _, code, currency, rule in rows})


def _request(connection: sqlite3.Connection, journal: Journal, accounts: Accounts) -> bytes:
    """The canonical request, once nothing in it is beyond what the database could judge."""
    for leg in journal.transfers:
        for code in (leg.debit, leg.credit):
            if code not in accounts.ids:
                raise refusals.unknown_account(connection, code, journal.idem)
        if type(leg.amount) is not int or not 1 <= leg.amount <= MONEY_MAX:
            raise WestlakeError.one("W508", refusals.place(journal.idem), amount=leg.amount)
    if type(journal.day) is not int or not DAY_MIN <= journal.day <= DAY_MAX:
        raise WestlakeError.one("W506", refusals.place(journal.idem), day=journal.day)
    refusals.check_text("idem", journal.idem)
    refusals.check_text("kind", journal.kind)
    if type(journal.memo) is not str:
        raise TypeError("a memo is a text")
    return request_bytes(journal, accounts.sealed)


def _append(connection: sqlite3.Connection, journal: Journal, head: Head, recorded_at: int, request: bytes,
            fingerprint: str, accounts: Accounts) -> Head:
    """Transfers first, then the journal's row, which seals them."""
    _check_references(connection, journal)
    number = head.number + 1
    hash_ = link(head.hash, sealed_bytes(number, journal.idem, recorded_at, request))
    leg = None
    try:
        for seq, leg in enumerate(journal.transfers, 1):
            connection.execute("INSERT INTO transfer VALUES (?,?,?,?,?,?)",
                               (number, seq, accounts.ids[leg.debit], accounts.ids[leg.credit], leg.amount, leg.phase))
        leg = None
        connection.execute("INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                           (number, journal.idem, journal.day, recorded_at, journal.kind, journal.memo,
                            journal.reverses, journal.relates_to, fingerprint, head.hash, hash_))
    except sqlite3.IntegrityError as error:
        raise refusals.coded(connection, str(error), journal, leg) from error
    return Head(number, hash_)


def _check_references(connection: sqlite3.Connection, journal: Journal) -> None:
    for number in (journal.reverses, journal.relates_to):
        if number is not None and not connection.execute(
                "SELECT 1 FROM journal WHERE id = ?", (number,)).fetchone():
            raise WestlakeError.one("W511", refusals.place(journal.idem), journal=number)
    if journal.reverses is None:
        return
    by = connection.execute("SELECT id FROM journal WHERE reverses = ?", (journal.reverses,)).fetchone()
    if by:
        raise WestlakeError.one("W509", refusals.place(journal.idem), journal=journal.reverses, by=by[0])
    undone = read_entry(connection, journal.reverses)
    if undone is None or mirror(undone.journal) != tuple(journal.transfers):
        raise WestlakeError.one("W510", refusals.place(journal.idem), journal=journal.reverses)


def _known_keys(connection: sqlite3.Connection, keys: list[str]) -> dict[str, tuple[int, str, str]]:
    rows = connection.execute("SELECT idem, id, hash, fingerprint FROM journal"
                              " WHERE idem IN (SELECT value FROM json_each(?))", (json.dumps(keys),))
    return {idem: (number, hash_, fingerprint) for idem, number, hash_, fingerprint in rows}

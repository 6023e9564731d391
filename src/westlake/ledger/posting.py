"""Writes journals into the books: each sealed to the one before it, each guarded by the database itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from westlake.database import Connection, rows_among, storable, transaction
from westlake.dates import DAY_MAX, DAY_MIN
from westlake.digest import GENESIS, Head, link
from westlake.errors import WestlakeError
from westlake.failpoints import failpoint
from westlake.ledger import refusals
from westlake.ledger.entering import Sealed, enter
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


def post_all(connection: Connection, journals: Iterable[Journal], recorded_at: int) -> list[Posted]:
    """Post journals in order, all or nothing; a key that the books know already is answered, not posted again.

    Bulk is one by one: the database judges each transfer in its turn. recorded_at is raised to that of
    the last journal where the machine's clock ran back, so the two orders of the books never disagree.
    """
    with transaction(connection):
        journals = list(journals)
        head, last_recorded = last_link(connection)
        accounts = find_accounts(connection, {code for journal in journals for leg in journal.transfers
                                              for code in (leg.debit, leg.credit)})
        known = _known_keys(connection, [journal.idem for journal in journals if type(journal.idem) is str])
        recorded_at = max(recorded_at, last_recorded)
        answers: list[Posted] = []
        waiting: list[Sealed] = []
        for journal in journals:
            request = _request(connection, journal, accounts)
            fingerprint = fingerprint_of(request)
            if journal.idem in known:
                number, hash_, first_fingerprint = known[journal.idem]
                if fingerprint != first_fingerprint:
                    enter(connection, waiting, accounts.ids)
                    raise refusals.other_request(connection, journal, number)
                answers.append(Posted(number, hash_, True))
                continue
            if journal.reverses or journal.relates_to:
                enter(connection, waiting, accounts.ids)  # it may speak of one that is still waiting
                waiting = []
                _check_references(connection, journal)
            number = head.number + 1
            hash_ = link(head.hash, sealed_bytes(number, journal.idem, recorded_at, request))
            waiting.append(Sealed(journal, number, recorded_at, fingerprint, head.hash, hash_))
            head = Head(number, hash_)
            known[journal.idem] = number, hash_, fingerprint
            answers.append(Posted(number, hash_, False))
        enter(connection, waiting, accounts.ids)
        failpoint("ledger.written")
    return answers


def last_link(connection: Connection) -> tuple[Head, int]:
    """The head of the chain, and when it was recorded."""
    row = connection.execute("SELECT id, hash, recorded_at FROM journal ORDER BY id DESC LIMIT 1").fetchone()
    return (Head(row[0], row[1]), row[2]) if row else (Head(0, GENESIS), 0)


def find_accounts(connection: Connection, codes: Iterable[str] | None = None) -> Accounts:
    """The accounts of these codes, as far as they are open; all accounts without codes."""
    asked = "SELECT id, code, currency, rule FROM account"
    rows = (connection.execute(asked) if codes is None else
            rows_among(connection, f"{asked} WHERE code IN ({{keys}})", codes))
    ids: dict[str, int] = {}
    sealed: dict[str, bytes] = {}
    for number, code, currency, rule in rows:
        ids[code], sealed[code] = number, account_bytes(code, currency, rule)
    return Accounts(ids, sealed)


def _request(connection: Connection, journal: Journal, accounts: Accounts) -> bytes:
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
    if not storable(journal.memo, 10**6):
        raise WestlakeError.one("W518", refusals.place(journal.idem), field="memo", value=repr(journal.memo)[:60],
                                most=refusals.TEXT_MAX)
    return request_bytes(journal, accounts.sealed)


def _check_references(connection: Connection, journal: Journal) -> None:
    for number in (journal.reverses, journal.relates_to):
        if number is not None and not (0 < number < 2**63 and connection.execute(
                "SELECT 1 FROM journal WHERE id = ?", (number,)).fetchone()):
            raise WestlakeError.one("W511", refusals.place(journal.idem), journal=number)
    if journal.reverses is None:
        return
    by = connection.execute("SELECT id FROM journal WHERE reverses = ?", (journal.reverses,)).fetchone()
    if by:
        raise WestlakeError.one("W509", refusals.place(journal.idem), journal=journal.reverses, by=by[0])
    undone = read_entry(connection, journal.reverses)
    if undone is None or mirror(undone.journal) != tuple(journal.transfers):
        raise WestlakeError.one("W510", refusals.place(journal.idem), journal=journal.reverses)


def _known_keys(connection: Connection, keys: list[str]) -> dict[str, tuple[int, str, str]]:
    rows = rows_among(connection, "SELECT idem, id, hash, fingerprint FROM journal WHERE idem IN ({keys})", keys)
    return {idem: (number, hash_, fingerprint) for idem, number, hash_, fingerprint in rows}

"""A journal: what is asked of the books in one breath, and the bytes by which it is sealed.

The canonical form of what is asked (its SHA-256 is the journal's fingerprint):

    [day, kind, memo, reverses, relates_to, [[debit, credit, amount, phase], …]]

where debit and credit are [code, currency, rule], so that an account cannot change its nature
behind a sealed journal. What the chain seals is [number, idem, recorded_at] before it. Both are
written here as westlake.digest.canonical writes them, only faster; a test holds them equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from westlake.database import Connection
from westlake.digest import canonical

Phase = Literal["post", "hold", "release"]
PHASES: dict[str, bytes] = {phase: canonical(phase) for phase in ("post", "hold", "release")}


@dataclass(frozen=True, slots=True)
class Transfer:
    """One amount from one account to another. amount: minor units, 1 to 10^15."""

    debit: str
    credit: str
    amount: int
    phase: Phase = "post"


@dataclass(frozen=True, slots=True)
class Journal:
    """Transfers that stand or fall together.

    idem: the asker's own key, used once for ever; day: day number on which it counts; reverses: the
    journal that this one undoes whole; relates_to: the journal that it follows up (a recovery, the
    release of a hold). No personal data in any text: books are never erased.
    """

    idem: str
    day: int
    kind: str
    memo: str
    transfers: Sequence[Transfer]
    reverses: int | None = None
    relates_to: int | None = None


class Posted(NamedTuple):
    """A journal's number and hash in the books; `again`: it was there already under this key."""

    id: int
    hash: str
    again: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal as the books hold it. recorded_at: microseconds since 1970 UTC."""

    id: int
    journal: Journal
    recorded_at: int
    fingerprint: str
    previous: str
    hash: str


def account_bytes(code: str, currency: str, rule: str) -> bytes:
    """An account as the chain names it."""
    return canonical([code, currency, rule])


def request_bytes(journal: Journal, accounts: Mapping[str, bytes]) -> bytes:
    """The canonical form of what is asked; `accounts` gives the account_bytes of each code."""
    legs = [b"l4:%b%bi%d;%b" % (accounts[leg.debit], accounts[leg.credit], leg.amount,
                                PHASES.get(leg.phase) or canonical(leg.phase)) for leg in journal.transfers]
    return b"l6:i%d;%b%b%b%bl%d:%b" % (
        journal.day, canonical(journal.kind), canonical(journal.memo), canonical(journal.reverses),
        canonical(journal.relates_to), len(legs), b"".join(legs))


def sealed_bytes(number: int, idem: str, recorded_at: int, request: bytes) -> bytes:
    """What the chain's hash of a journal is taken of, after the hash before it."""
    raw = idem.encode()
    return b"l3:i%d;s%d:%bi%d;%b" % (number, len(raw), raw, recorded_at, request)


def fingerprint_of(request: bytes) -> str:
    """SHA-256, in hex, of what is asked: the same key may come again only with the same fingerprint."""
    return hashlib.sha256(request).hexdigest()


def mirror(journal: Journal) -> tuple[Transfer, ...]:
    """The transfers that undo a journal: last first; posts turned round, holds released, releases held."""
    back: list[Transfer] = []
    for leg in reversed(journal.transfers):
        if leg.phase == "post":
            back.append(Transfer(leg.credit, leg.debit, leg.amount))
        else:
            back.append(Transfer(leg.debit, leg.credit, leg.amount, "release" if leg.phase == "hold" else "hold"))
    return tuple(back)


def read_entries(connection: Connection, condition: str = "1 = 1", values: tuple[object, ...] = (),
                 order: Literal["id", "day"] = "id") -> Iterator[Entry]:
    """The journals that meet an SQL condition, as they were written, or by day and then as written."""
    return _entries(connection.stream(
        f"{_ENTRIES} WHERE {condition} ORDER BY journal.{order}, journal.id, seq", values))


def read_entry(connection: Connection, number: int) -> Entry | None:
    """One journal by its number."""
    return next(_entries(connection.execute(f"{_ENTRIES} WHERE journal.id = ? ORDER BY seq", (number,))), None)


_ENTRIES = ("SELECT journal.id, idem, day, recorded_at, kind, memo, reverses, relates_to, fingerprint, previous, hash,"
            " debit.code, credit.code, amount, phase FROM journal"
            " LEFT JOIN transfer ON transfer.journal = journal.id"
            " LEFT JOIN account AS debit ON debit.id = transfer.debit"
            " LEFT JOIN account AS credit ON credit.id = transfer.credit")


def _entries(rows: Iterable[Any]) -> Iterator[Entry]:
    for number, group in groupby(rows, key=itemgetter(0)):
        lines = list(group)
        _, idem, day, recorded_at, kind, memo, reverses, relates_to, fingerprint, previous, hash_, *_ = lines[0]
        legs = tuple(Transfer(line[11], line[12], line[13], line[14]) for line in lines if line[13] is not None)
        yield Entry(number, Journal(idem, day, kind, memo, legs, reverses, relates_to),
                    recorded_at, fingerprint, previous, hash_)

"""Enters sealed journals into the tables, and finds the one that was refused, and by which rule."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from westlake.database import Connection, Refused, transaction
from westlake.errors import WestlakeError
from westlake.ledger import refusals
from westlake.ledger.journal import Journal, Transfer

_LEG = "INSERT INTO transfer VALUES (?,?,?,?,?,?)"
_SEAL = "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?)"


class Sealed(NamedTuple):
    """A journal with its place in the chain. recorded_at: microseconds UTC."""

    journal: Journal
    number: int
    recorded_at: int
    fingerprint: str
    previous: str
    hash: str


def enter(connection: Connection, waiting: Sequence[Sealed], ids: Mapping[str, int]) -> None:
    """Enter journals in their order, all or none; ids: the row of each account's code.

    Transfers first, then the journal's row, which seals them. Raises what the books refuse, as
    `refusals.coded` words it.
    """
    if not waiting:
        return
    try:
        with transaction(connection):
            if connection.engine == "postgresql":
                _enter_at_once(connection, waiting, ids)
            else:
                _enter_in_turn(connection, waiting, ids)
    except Refused:
        raise _refusal(connection, waiting, ids) from None


def _enter_in_turn(connection: Connection, waiting: Sequence[Sealed], ids: Mapping[str, int]) -> None:
    for sealed in waiting:
        for leg in _legs(sealed, ids):
            connection.execute(_LEG, leg)
        connection.execute(_SEAL, _seal(sealed))


def _enter_at_once(connection: Connection, waiting: Sequence[Sealed], ids: Mapping[str, int]) -> None:
    """One message for all: a server's answer to each would take longer than the work."""
    rows = [[_legs(sealed, ids), _seal(sealed)] for sealed in waiting]
    connection.execute("SELECT enter_journals(CAST(? AS jsonb))", (json.dumps(rows, ensure_ascii=False),))


def _refusal(connection: Connection, waiting: Sequence[Sealed], ids: Mapping[str, int]) -> WestlakeError:
    """Enter them once more, step by step, up to the step that is refused: there the books can say why."""
    for sealed in waiting:
        steps: list[tuple[Transfer | None, str, tuple[object, ...]]] = [
            (leg, _LEG, row) for leg, row in zip(sealed.journal.transfers, _legs(sealed, ids), strict=True)]
        for leg, statement, row in [*steps, (None, _SEAL, _seal(sealed))]:
            try:
                with transaction(connection):
                    connection.execute(statement, row)
            except Refused as error:
                return refusals.coded(connection, str(error), sealed.journal, leg)
    raise AssertionError("refused together, but not step by step")


def _legs(sealed: Sealed, ids: Mapping[str, int]) -> list[tuple[object, ...]]:
    return [(sealed.number, seq, ids[leg.debit], ids[leg.credit], leg.amount, leg.phase)
            for seq, leg in enumerate(sealed.journal.transfers, 1)]


def _seal(sealed: Sealed) -> tuple[object, ...]:
    journal = sealed.journal
    return (sealed.number, journal.idem, journal.day, sealed.recorded_at, journal.kind, journal.memo,
            journal.reverses, journal.relates_to, sealed.fingerprint, sealed.previous, sealed.hash)

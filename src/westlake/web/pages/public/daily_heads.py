"""The last link of a chain at the end of each day: found by its numbers, never by going through it whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from westlake.database import Connection

CHAINS = {"ledger": ("journal", "recorded_at"), "record": ("act", "at")}  # table, and when a link was added to it


@dataclass(frozen=True)
class Link:
    """A link of a chain. at: when it was added, microseconds UTC."""

    number: int
    at: int
    hash: str


def first_link(connection: Connection, chain: str) -> Link | None:
    """The first link of all; none while the chain is empty."""
    return _one(connection, chain, "ORDER BY id LIMIT 1")


def links_before(connection: Connection, chain: str, instants: Sequence[int]) -> list[Link | None]:
    """For each of some instants, ascending, the last link added before it.

    Only the links between the first and the last of these instants are gone through, once.
    """
    table, moment = CHAINS[chain]
    before, last = (_last_before(connection, chain, instant) for instant in (instants[0], instants[-1]))
    span = " ".join(f"WHEN {moment} < {instant:d} THEN {place}" for place, instant in enumerate(instants))
    rows = connection.execute(
        f"SELECT CASE {span} ELSE {len(instants)} END, max(id) FROM {table} WHERE id > ? AND id <= ? GROUP BY 1",
        (before.number if before else 0, last.number if last else 0)).fetchall()
    added = {int(place): int(number) for place, number in rows}
    found: list[Link | None] = []
    for place in range(len(instants)):
        if place in added:
            before = _one(connection, chain, "WHERE id = ?", added[place])
        found.append(before)
    return found


def _last_before(connection: Connection, chain: str, instant: int) -> Link | None:
    """By halving: links are added in the order of time."""
    newest = _one(connection, chain, "ORDER BY id DESC LIMIT 1")
    low, high, found = 1, newest.number if newest else 0, None
    while low <= high:
        middle = (low + high) // 2
        one = _one(connection, chain, "WHERE id <= ? ORDER BY id DESC LIMIT 1", middle)
        if one is None or one.at < instant:
            low, found = middle + 1, one or found
        else:
            high = one.number - 1
    return found


def _one(connection: Connection, chain: str, rest: str, *given: int) -> Link | None:
    table, moment = CHAINS[chain]
    row = connection.execute(f"SELECT id, {moment}, hash FROM {table} {rest}", given).fetchone()
    return Link(*row) if row else None

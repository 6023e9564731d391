"""The last link of a chain at the end of each day: found by its numbers, never by going through it whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from westlake.database import Connection
from westlake.desk.looking import Question

CHAINS = {"ledger": ("journal", "recorded_at"), "record": ("act", "at")}  # table, and when a link was added to it


@dataclass(frozen=True)
class Link:
    """A link of a chain. at: when it was added, microseconds UTC."""

    number: int
    at: int
    hash: str


def first_asked(chain: str) -> Question:
    """How a chain is asked for its first link."""
    table, moment = CHAINS[chain]
    return f"SELECT id, {moment}, hash FROM {table} ORDER BY id LIMIT 1", ()


def first_link(connection: Connection, chain: str) -> Link | None:
    """The first link of all; none while the chain is empty."""
    return next(_links(connection, chain, "ORDER BY id LIMIT 1"), None)


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
    marks = ",".join("?" * len(added)) or "NULL"
    links = {one.number: one for one in _links(connection, chain, f"WHERE id IN ({marks})", *added.values())}
    found: list[Link | None] = []
    for place in range(len(instants)):
        before = links[added[place]] if place in added else before
        found.append(before)
    return found


def _last_before(connection: Connection, chain: str, instant: int) -> Link | None:
    """By halving, which the database does in one question: links are added in the order of time."""
    table, moment = CHAINS[chain]
    middle = "(low + high + 1) / 2"
    early = f"coalesce((SELECT {moment} FROM {table} WHERE id <= {middle} ORDER BY id DESC LIMIT 1), 0) < ?"
    halving = (
        f"WITH RECURSIVE half(low, high) AS (SELECT CAST(0 AS BIGINT), (SELECT coalesce(max(id), 0) FROM {table})"
        f" UNION ALL SELECT CASE WHEN {early} THEN {middle} ELSE low END,"
        f" CASE WHEN {early} THEN high ELSE {middle} - 1 END FROM half WHERE low < high) SELECT max(low) FROM half")
    return next(_links(connection, chain, f"WHERE id <= ({halving}) ORDER BY id DESC LIMIT 1", instant, instant), None)


def _links(connection: Connection, chain: str, rest: str, *given: int) -> Iterator[Link]:
    table, moment = CHAINS[chain]
    return (Link(*row) for row in connection.execute(f"SELECT id, {moment}, hash FROM {table} {rest}", given))

"""Periods open, close for good in their order, and the head of the chain is made known outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from westlake.database import Connection, Refused, transaction
from westlake.dates import Period, iso
from westlake.digest import fingerprint
from westlake.errors import WestlakeError
from westlake.ledger.balances import Balance, all_balances
from westlake.ledger.posting import find_accounts, last_link
from westlake.ledger.refusals import check_text

NAMED = 6  # of many open periods so many are named


class Closing(NamedTuple):
    """A closed period: when, the head of the chain then, and SHA-256 of every balance at its end."""

    period: Period
    recorded_at: int
    journal: int
    hash: str
    balances: str


class Anchor(NamedTuple):
    """The head of the chain as it was made known on a day, in a place outside the books."""

    id: int
    day: int
    recorded_at: int
    journal: int
    hash: str
    place: str


def open_period(connection: Connection, first: int, last: int) -> Period:
    """Open the days first to last, both included; opening the very same days again changes nothing.

    Raises W513 when they run over another period, or lie before a closed one.
    """
    with transaction(connection):
        if _period_id(connection, first, last):
            return Period(first, last)
        try:
            connection.execute("INSERT INTO period (first_day, last_day) VALUES (?, ?)", (first, last))
        except Refused as error:
            raise WestlakeError.one("W513", first=iso(first), last=iso(last)) from error
    return Period(first, last)


def close_period(connection: Connection, first: int, last: int, recorded_at: int) -> Closing:
    """Close a period for good, with every account's balance at its end and the head of the chain.

    Closing it again returns the first closing. Raises W514 when no such period is open, W520 when
    an earlier one still is.
    """
    with transaction(connection):
        period = _period_id(connection, first, last)
        if not period:
            raise WestlakeError.one("W514", first=iso(first), last=iso(last), known=_known(connection))
        closed = {closing.period: closing for closing in closings(connection)}
        if Period(first, last) in closed:
            return closed[Period(first, last)]
        head, last_recorded = last_link(connection)
        later = connection.execute("SELECT min(id) FROM journal WHERE day > ?", (last,)).fetchone()[0]
        balances = all_balances(connection, last)
        ids = find_accounts(connection).ids
        connection.executemany("INSERT INTO closing_balance VALUES (?,?,?,?,?,?)", [
            (period, ids[code], kept.debits, kept.credits, kept.held_debits, kept.held_credits)
            for code, kept in balances.items()])
        closing = Closing(Period(first, last), max(recorded_at, last_recorded), head.number, head.hash,
                          balances_digest(balances))
        try:
            connection.execute("INSERT INTO closing VALUES (?,?,?,?,?,?)", (
                period, closing.recorded_at, head.number, head.hash, later or head.number + 1, closing.balances))
        except Refused as error:
            raise WestlakeError.one("W520", first=iso(first), last=iso(last)) from error
    return closing


def all_periods(connection: Connection) -> list[Period]:
    """The periods, open and closed, earliest first."""
    return [Period(*row) for row in connection.execute("SELECT first_day, last_day FROM period ORDER BY first_day")]


def closings(connection: Connection) -> list[Closing]:
    """The closed periods, earliest first."""
    rows = connection.execute("SELECT first_day, last_day, recorded_at, journal, hash, balances FROM closing"
                              " JOIN period ON id = period ORDER BY first_day")
    return [Closing(Period(first, last), *rest) for first, last, *rest in rows]


def balances_digest(balances: Mapping[str, Balance]) -> str:
    """SHA-256, in hex, of all balances, each with its account's code, currency and rule."""
    return fingerprint([[code, kept.currency, kept.rule, kept.debits, kept.credits, kept.held_debits, kept.held_credits]
                        for code, kept in sorted(balances.items())])


def anchor(connection: Connection, day: int, place: str, recorded_at: int) -> Anchor:
    """Note that the head of the chain was made known on a day in a place.

    W521 while the books are empty, W518 for a place that is not one printable line.
    """
    check_text("place", place)
    with transaction(connection):
        head, last_recorded = last_link(connection)
        if head.number == 0:
            raise WestlakeError.one("W521")
        row = (day, max(recorded_at, last_recorded), head.number, head.hash, place)
        number = connection.execute("INSERT INTO anchor (day, recorded_at, journal, hash, place)"
                                    " VALUES (?,?,?,?,?) RETURNING id", row).fetchone()[0]
    return Anchor(number, *row)


def anchors(connection: Connection) -> list[Anchor]:
    """What was made known, in the order it was."""
    return [Anchor(*row) for row in connection.execute("SELECT * FROM anchor ORDER BY id")]


def _known(connection: Connection) -> str:
    """The next periods that may be closed, or "–"."""
    closed = {closing.period for closing in closings(connection)}
    return ", ".join([str(one) for one in all_periods(connection) if one not in closed][:NAMED]) or "–"


def _period_id(connection: Connection, first: int, last: int) -> int:
    """The row of the period with these very days, or 0."""
    row = connection.execute("SELECT id FROM period WHERE first_day = ? AND last_day = ?",
                             (first, last)).fetchone()
    return row[0] if row else 0

"""What the record's chain knows of the books' periods: each one opened, closed or made known stands as its act says.

The books keep periods, closings and anchors beside their chain, so that a closing taken out behind them leaves
the chain whole. The acts are in a chain of their own and hold the head and the balances as they then were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from westlake.database import Connection, reading
from westlake.dates import iso
from westlake.errors import Place, Problem
from westlake.ledger import Books
from westlake.record import Record
from westlake.settlement.fiscal_year import ENDED

Kept = dict[str, dict[str, object]]


def check_closings(connection: Connection) -> Iterator[Problem]:
    """Each act that opened or closed a period, ended a fiscal year or noted an anchor finds the row that it wrote."""
    with reading(connection):
        record = Record(connection)
        for name, keep in _KEPT.items():
            rows = keep(connection)
            for act in record.acts(act=name):
                row = rows.get(act.subject)
                wrong = ["row"] if row is None else [
                    field for field, value in row.items() if field in act.details and act.details[field] != value]
                if wrong:
                    yield Problem("W443", Place("ledger", row=act.id, field=wrong[0]),
                                  {"act": act.id, "name": name, "subject": act.subject, "field": wrong[0]})


def _opened(connection: Connection) -> Kept:
    rows = connection.execute("SELECT first_day, last_day FROM period").fetchall()
    return {f"period:{iso(first)}…{iso(last)}": {} for first, last in rows}


def _closed(connection: Connection) -> Kept:
    return {f"period:{one.period}": {"journal": one.journal, "hash": one.hash, "balances": one.balances}
            for one in Books(connection).closings()}


def _ended(connection: Connection) -> Kept:
    return {f"fiscal-year:{iso(one.period.first)}..{iso(one.period.last)}": {"last": iso(one.period.last)}
            for one in Books(connection).closings()}


def _anchored(connection: Connection) -> Kept:
    return {f"anchor:{one.id}": {"journal": one.journal, "hash": one.hash, "place": one.place}
            for one in Books(connection).anchors()}


_KEPT: dict[str, Callable[[Connection], Kept]] = {
    "ledger.opened": _opened, "ledger.closed": _closed, ENDED: _ended, "ledger.anchored": _anchored}

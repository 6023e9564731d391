"""A fact that somebody enters by hand, beside the tables: the act that says so holds the whole row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from westlake.database import Connection, transaction
from westlake.errors import Place, Problem
from westlake.record import Record
from westlake.register.register import Register

ENTERED = "register.entered"
_ROW = ("subject", "name", "value", "first", "last", "assurance", "source", "learnt")


def enter_by_hand(connection: Connection, record: Record, actor: str, subject: str, name: str, value: str, first: int,
                  last: int, assurance: str, source: str, learnt: int) -> None:
    """Enter one fact, days as day numbers, and say so in the record. W211 for texts not to be kept."""
    row = (subject, name, value, first, last, assurance, source, learnt)
    with transaction(connection):
        Register(connection).enter(*row)
        record.add(actor, ENTERED, f"register:{name}", dict(zip(_ROW, row, strict=True)), day=learnt)


def check_entered(connection: Connection) -> Iterator[Problem]:
    """Each row that came with no table is one that an act entered, and none of those is gone."""
    said = Counter(tuple(act.details[name] for name in _ROW) for act in Record(connection).acts(act=ENTERED))
    there = Counter(tuple(row) for row in connection.execute(
        f"SELECT {', '.join(_ROW)} FROM register_fact WHERE file = ''"))
    if there != said:
        yield Problem("W214", Place("register_fact"), {"rows": sum(((there - said) | (said - there)).values())})

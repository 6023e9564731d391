"""What the record's chain knows of a round: a seal of its cases and lines, and one of what became of them.

The tables of settlement carry no chain of their own. Each act on a round holds the SHA-256 of the rows as
they then stood, so that a row changed, taken out or put in behind the rooms shows. Acts of release 0.1.0
have no seals: of their rounds only that they were decided is checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from westlake.database import Connection, reading
from westlake.errors import Place, Problem, WestlakeError
from westlake.record import Record
from westlake.record.seals import seal_rows
from westlake.settlement.versions import restored

DECIDED, APPROVED, WITHDRAWN = "settlement.decided", "settlement.approved", "settlement.withdrawn"
_ROUND = (
    "SELECT id, programme, year, number, day, regime, digest, data_digest, way, seed, currency, budget, available,"
    " evidence FROM settlement_round WHERE id = ?",
    "SELECT firm, entitlement, allotted, rank, draw, score, outcome FROM settlement_case WHERE round = ? ORDER BY firm",
    "SELECT firm, line, place, day, inputs, reason, claim, change, entitlement, allotted, evidence FROM settlement_line"
    " WHERE round = ? ORDER BY line")
_OUTCOME = (
    "SELECT step, actor, person, day, reason FROM settlement_step WHERE round = ? ORDER BY step",
    "SELECT firm, journal, amount, day FROM settlement_payment WHERE round = ? ORDER BY firm",
    "SELECT firm, journal, reason, day FROM settlement_return WHERE round = ? ORDER BY firm")


def seal_round(connection: Connection, number: int) -> str:
    """SHA-256 of a round's row, its cases and its lines: they never change once decided."""
    return seal_rows(connection, _ROUND, (number,))


def seal_outcome(connection: Connection, number: int) -> str:
    """SHA-256 of a round's steps, payments and returns so far."""
    return seal_rows(connection, _OUTCOME, (number,))


def check_seals(connection: Connection) -> Iterator[Problem]:
    """Each round is the one that was decided, and what became of it is what the last act on it left."""
    with reading(connection):
        numbers = [number for number, in connection.execute("SELECT id FROM settlement_round ORDER BY id").fetchall()]
        decided: dict[int, str] = {}
        outcomes: dict[int, str] = {}
        for act in Record(connection).acts():
            if act.act not in (DECIDED, APPROVED, WITHDRAWN):
                continue
            if act.act == DECIDED:
                decided[int(act.subject.removeprefix("round:"))] = str(act.details.get("sealed", ""))
            sealed = act.details.get("outcomes", {})
            assert isinstance(sealed, dict)
            outcomes |= {int(number): seal for number, seal in sealed.items()}
        for number in sorted(set(numbers) ^ set(decided)):
            yield _problem(number, "settlement_round")
        for number in numbers:
            if decided.get(number) and decided[number] != seal_round(connection, number):
                yield _problem(number, "settlement_case, settlement_line")
            if number in outcomes and outcomes[number] != seal_outcome(connection, number):
                yield _problem(number, "settlement_payment, settlement_return, settlement_step")
        yield from _versions(connection)


def _versions(connection: Connection) -> Iterator[Problem]:
    """Each version that decided anything still has its own hash."""
    for digest, name in connection.execute("SELECT digest, name FROM programme_version ORDER BY digest").fetchall():
        try:
            with restored(connection, digest):
                pass
        except WestlakeError:
            yield Problem("W442", Place("settlement"), {"name": name, "digest": digest[:12]})


def _problem(number: int, tables: str) -> Problem:
    return Problem("W441", Place("settlement"), {"number": number, "tables": tables})

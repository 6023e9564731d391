"""A settled year as its rounds kept it: every line with its inputs, in its order, and which cases went back when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from westlake.database import Connection
from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.record import Record
from westlake.settlement.bill_lines import suspended_in
from westlake.settlement.claims import Line
from westlake.settlement.fiscal_year import APPROPRIATED, ENDED
from westlake.settlement.order import Order
from westlake.settlement.rounds import Round, rounds_of

Case = tuple[int, str]  # round and firm


@dataclass(frozen=True)
class StoredLine:
    """A line as a round kept it. Amounts in minor units."""

    line: Line
    inputs: Mapping[str, int]
    claim: int
    change: int
    entitlement: int
    allotted: int


@dataclass(frozen=True)
class StoredRound:
    """A round as the books have it: its lines, who came in which order, which lines it did not have.

    lapse: the act with which the budget had last lapsed when the round was decided, 0 while it had not; anew: what
    had been appropriated anew since then, minor units.
    """

    round: Round
    restated: bool
    lines: Mapping[str, StoredLine]
    order: Order
    suspended: frozenset[str]
    lacking: frozenset[str]
    lapse: int = 0
    anew: int = 0


@dataclass(frozen=True)
class Year:
    """All rounds of a programme's year that were not withdrawn; returned: case → the round before which it went back.

    A case that went back and was never decided again has no such round (0): it counts until the end of the year's
    rounds, and then no more.
    """

    programme: str
    year: int
    rounds: Sequence[StoredRound]
    returned: Mapping[Case, int]


def read_year(connection: Connection, programme: str, year: int, order: Order | None = None) -> Year:
    """A year as its rounds kept it; W421 when none stands, W422 when every case went back.

    order: received days and points handed in again, for firms that had no place then.
    """
    rounds = [settled for settled in rounds_of(connection, programme, year) if settled.state != "withdrawn"]
    if not rounds:
        raise WestlakeError.one("W421", programme=programme, year=year)
    opened = rounds_of(connection, programme, year)[0].day
    stored = [_read_round(connection, settled, opened, order) for settled in rounds]
    if not any(one.lines for one in stored):
        raise WestlakeError.one("W422", programme=programme, year=year)
    firms = {one.round.id: {line.line.firm for line in one.lines.values()} for one in stored}
    returned = {
        (number, firm): next((later for later in sorted(firms) if later > number and firm in firms[later]), 0)
        for number in firms for (firm,) in connection.execute(
            "SELECT firm FROM settlement_return WHERE round = ?", (number,))}
    if all((number, firm) in returned for number, there in firms.items() for firm in there):
        raise WestlakeError.one("W422", programme=programme, year=year)
    return Year(programme, year, stored, returned)


def _read_round(connection: Connection, settled: Round, opened: int, order: Order | None) -> StoredRound:
    rows = connection.execute(
        "SELECT l.line, l.firm, l.day, l.inputs, l.claim, l.change, l.entitlement, l.allotted, l.evidence"
        " FROM settlement_line l WHERE l.round = ? ORDER BY l.firm, l.place", (settled.id,))
    lines = {}
    for key, firm, day, inputs, claim, change, entitlement, allotted, written in rows:
        evidence = json.loads(written)
        line = Line(key, firm, day, tuple(evidence["order"]), evidence["document"], {}, evidence)
        lines[key] = StoredLine(line, json.loads(inputs), claim, change, entitlement, allotted)
    if order is None:
        places = connection.execute("SELECT firm, rank, score FROM settlement_case WHERE round = ? AND rank > 0",
                                    (settled.id,)).fetchall()
        order = Order({firm: rank for firm, rank, _ in places},
                      {firm: score for firm, _, score in places if score is not None})
    (decided,) = Record(connection).acts(f"round:{settled.id}", act="settlement.decided")
    lacking: list[Mapping[str, str]] = list(settled.evidence.get("lacking") or [])  # type: ignore[call-overload]
    return StoredRound(settled, bool(decided.details.get("restate")), lines, order, suspended_in(settled.evidence),
                       frozenset(one["line"] for one in lacking), *_lapse(connection, settled, opened, decided.id))


def _lapse(connection: Connection, settled: Round, opened: int, before: int) -> tuple[int, int]:
    """The act before another with which a budget opened on a day last lapsed, and what was appropriated anew since."""
    record = Record(connection)
    lapse = max((act.id for act in record.acts(act=ENDED)
                 if act.id < before and parse_day(str(act.details["last"])) >= opened), default=0)
    anew = sum(int(str(act.details["amount"])) for act in record.acts(
        f"budget:{settled.programme}:{settled.year}", act=APPROPRIATED, after=lapse) if act.id < before)
    return lapse, anew

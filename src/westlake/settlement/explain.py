"""Why a settled line got what it got: its firm's lines of that round, decided again with their reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from westlake.database import Connection
from westlake.errors import WestlakeError
from westlake.rules import Decision, Programme


@dataclass(frozen=True)
class SettledLine:
    """A line as a round settled it. Amounts in minor units; evidence leads back to the bill."""

    round: int
    line: str
    claim: int
    entitlement: int
    allotted: int
    evidence: Mapping[str, object]


def settled_lines(connection: Connection, programme: str, year: int, firm: str) -> list[SettledLine]:
    """A firm's lines of a year, over all rounds that stand, in the order in which caps ran; W411 if it has none."""
    rows = connection.execute(
        "SELECT l.round, l.line, l.claim, l.entitlement, l.allotted, l.evidence FROM settlement_line l"
        " JOIN settlement_standing c ON c.round = l.round AND c.firm = l.firm"
        " JOIN settlement_round r ON r.id = l.round WHERE r.programme = ? AND r.year = ? AND l.firm = ?"
        " ORDER BY l.round, l.place", (programme, year, firm)).fetchall()
    if not rows:
        raise WestlakeError.one("W411", firm=firm, year=year)
    return [SettledLine(number, line, claim, entitlement, allotted, json.loads(evidence))
            for number, line, claim, entitlement, allotted, evidence in rows]


def explain_line(connection: Connection, programme: Programme, settled: SettledLine) -> Decision:
    """The decision on one line, traced, by the version that made it (see `versions.restored`).

    The earlier lines of the firm are decided with it, so that caps over time run as they did.
    """
    rows = connection.execute(
        "SELECT o.day, o.inputs FROM settlement_line l JOIN settlement_line o"
        " ON o.round = l.round AND o.firm = l.firm AND o.place <= l.place"
        " WHERE l.round = ? AND l.line = ? ORDER BY o.place", (settled.round, settled.line)).fetchall()
    return programme.decide_rows([json.loads(row[1]) for row in rows], [row[0] for row in rows])[-1]

"""What earlier rounds of a programme's year have settled, line by line and group by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from westlake.database import Connection

_STANDING = """
    SELECT l.line, l.firm, l.change, l.entitlement, l.allotted, l.inputs, l.day, l.evidence FROM settlement_line l
    JOIN settlement_standing c ON c.round = l.round AND c.firm = l.firm JOIN settlement_round r ON r.id = l.round
    WHERE r.programme = ? AND r.year = ? ORDER BY l.round, l.place"""


@dataclass
class LineHistory:
    """One line as last settled. Amounts in minor units."""

    firm: str
    claim: int
    entitlement: int
    allotted: int
    inputs: str
    day: int
    evidence: str


@dataclass
class History:
    """Lines by their key; claims and allotments of each firm in the year."""

    lines: dict[str, LineHistory] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)
    allotted: dict[str, int] = field(default_factory=dict)

    def input_of(self, role: str, line: str, firm: str) -> int:
        """What an `input from: ledger` holds for a line: see `Terms.history`."""
        known: Mapping[str, int] = {
            "line_claim": self.lines[line].claim if line in self.lines else 0,
            "group_claims": self.claims.get(firm, 0), "group_allotted": self.allotted.get(firm, 0)}
        return known[role]


def read_history(connection: Connection, programme: str, year: int) -> History:
    """All that stands settled for a programme's year: a line's changes add up to its claim when last settled."""
    history = History()
    for row in connection.execute(_STANDING, (programme, year)):
        line, firm, change, entitlement, allotted, inputs, day, evidence = row
        before = history.lines.get(line)
        sums = (before.claim, before.entitlement, before.allotted) if before else (0, 0, 0)
        history.lines[line] = LineHistory(firm, change + sums[0], entitlement + sums[1], allotted + sums[2], inputs,
                                          day, evidence)
        history.claims[firm] = history.claims.get(firm, 0) + change
        history.allotted[firm] = history.allotted.get(firm, 0) + allotted
    return history

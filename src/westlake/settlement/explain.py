"""Why a settled line got what it got: its firm's lines of that round, decided again with their reasons."""

from __future__ import annotations

import json
import sqlite3

from westlake.errors import WestlakeError
from westlake.rules import Decision, Programme


def explain_line(connection: sqlite3.Connection, programme: Programme, round_id: int, line: str) -> Decision:
    """The decision on one line, traced; W411 if there is no such line, W412 if the rules have changed since.

    The earlier lines of the firm are decided with it, so that caps over time run as they did.
    """
    digest = connection.execute("SELECT digest FROM settlement_round WHERE id = ?", (round_id,)).fetchone()
    rows = connection.execute(
        "SELECT o.line, o.day, o.inputs, o.entitlement FROM settlement_line l JOIN settlement_line o"
        " ON o.round = l.round AND o.firm = l.firm AND o.place <= l.place"
        " WHERE l.round = ? AND l.line = ? ORDER BY o.place", (round_id, line)).fetchall()
    if not rows:
        raise WestlakeError.one("W411", line=line)
    if digest[0] != programme.digest:
        raise WestlakeError.one("W412", number=round_id, digest=digest[0][:12])
    decisions = programme.decide_rows([json.loads(row[2]) for row in rows], [row[1] for row in rows])
    return decisions[-1]

"""A settled year in figures: what went where, why claims were refused, how far caps and budget were used."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace

from westlake.ledger import Books
from westlake.settlement.rounds import Round, rounds_of
from westlake.settlement.terms import Terms

STANDING = ("NOT EXISTS (SELECT 1 FROM settlement_return t WHERE t.round = c.round AND t.firm = c.firm)"
            " AND NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = c.round AND s.step = 'withdrawn')")


@dataclass(frozen=True)
class CaseRow:
    """One firm's year over all standing rounds. Minor units."""

    firm: str
    claim: int
    entitlement: int
    allotted: int
    paid: int
    outcome: str
    reason: str
    lines: int


@dataclass(frozen=True)
class Summary:
    """All that a report of a programme's year shows. Money in minor units of `currency`.

    by_outcome: outcome → (firms, entitlement, allotted); by_reason: failed test → (firms, lines);
    by_month: charge month as "2025-03" → (claim, allotted); evidence: what the last round's room said.
    """

    programme: str
    year: int
    currency: str
    budget: int
    spent: int
    held: int
    recovered: int
    owed_back: int
    paid: int
    rounds: list[Round]
    cases: list[CaseRow]
    by_outcome: Mapping[str, tuple[int, int, int]]
    by_reason: Mapping[str, tuple[int, int]]
    by_month: Mapping[str, tuple[int, int]]
    evidence: Mapping[str, object]


def summarise(connection: sqlite3.Connection, terms: Terms, programme: str, year: int) -> Summary | None:
    """The figures of a year, or None when it was never settled."""
    rounds = [settled for settled in rounds_of(connection, programme, year) if settled.state != "withdrawn"]
    if not rounds:
        return None
    books = Books(connection)
    budget = books.balance(terms.code("budget", programme, year))
    cases = _cases(connection, programme, year)
    recovered = _sum(connection, programme, year, "amount < 0")
    return Summary(
        programme, year, rounds[-1].currency, max(settled.budget for settled in rounds), budget.debits,
        budget.held_debits, -recovered, _owed(connection, books, terms, programme, year),
        _sum(connection, programme, year, "amount > 0"), rounds, cases, _by_outcome(cases),
        _by_reason(connection, programme, year), _by_month(connection, programme, year), rounds[-1].evidence)


def _cases(connection: sqlite3.Connection, programme: str, year: int) -> list[CaseRow]:
    rows = connection.execute(
        "SELECT l.firm, sum(l.settled), sum(l.entitlement), sum(l.allotted),"
        " (SELECT coalesce(sum(p.amount), 0) FROM settlement_payment p JOIN settlement_round q ON q.id = p.round"
        "   WHERE q.programme = r.programme AND q.year = r.year AND p.firm = l.firm),"
        " (SELECT d.outcome FROM settlement_case d JOIN settlement_round q ON q.id = d.round"
        "   WHERE q.programme = r.programme AND q.year = r.year AND d.firm = l.firm ORDER BY d.round DESC LIMIT 1),"
        " max(l.reason), count(DISTINCT l.line)"
        " FROM settlement_line l JOIN settlement_case c ON c.round = l.round AND c.firm = l.firm"
        f" JOIN settlement_round r ON r.id = l.round WHERE r.programme = ? AND r.year = ? AND {STANDING}"
        " GROUP BY l.firm ORDER BY sum(l.allotted) DESC, l.firm", (programme, year))
    return [_standing(CaseRow(*row)) for row in rows]


def _standing(case: CaseRow) -> CaseRow:
    """How the case stands over all rounds: a last round that changed nothing does not hide the year."""
    if case.outcome == "recovery" or case.entitlement <= 0:
        return case
    if case.allotted < case.entitlement:
        return replace(case, outcome="cut" if case.allotted else "unfunded")
    return replace(case, outcome="allotted")


def _by_outcome(cases: list[CaseRow]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for case in cases:
        firms, entitlement, allotted = found.get(case.outcome, (0, 0, 0))
        found[case.outcome] = (firms + 1, entitlement + case.entitlement, allotted + case.allotted)
    return found


def _by_reason(connection: sqlite3.Connection, programme: str, year: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(
        "SELECT l.reason, count(DISTINCT l.firm), count(DISTINCT l.line) FROM settlement_line l"
        " JOIN settlement_case c ON c.round = l.round AND c.firm = l.firm JOIN settlement_round r ON r.id = l.round"
        f" WHERE r.programme = ? AND r.year = ? AND l.reason <> '' AND {STANDING} GROUP BY l.reason ORDER BY 2 DESC, 1",
        (programme, year))
    return {reason: (firms, lines) for reason, firms, lines in rows}


def _by_month(connection: sqlite3.Connection, programme: str, year: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(
        "SELECT l.evidence, l.settled, l.allotted FROM settlement_line l"
        " JOIN settlement_case c ON c.round = l.round AND c.firm = l.firm JOIN settlement_round r ON r.id = l.round"
        f" WHERE r.programme = ? AND r.year = ? AND {STANDING}", (programme, year))
    found: dict[str, tuple[int, int]] = {}
    for evidence, claim, allotted in rows:
        month = str(json.loads(evidence).get("month", ""))[:7]
        before = found.get(month, (0, 0))
        found[month] = (before[0] + claim, before[1] + allotted)
    return dict(sorted(found.items()))


def _sum(connection: sqlite3.Connection, programme: str, year: int, which: str) -> int:
    total: int = connection.execute(
        "SELECT coalesce(sum(p.amount), 0) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        f" WHERE r.programme = ? AND r.year = ? AND {which}", (programme, year)).fetchone()[0]
    return total


def _owed(connection: sqlite3.Connection, books: Books, terms: Terms, programme: str, year: int) -> int:
    """What firms still owe back for the year."""
    firms = connection.execute(
        "SELECT DISTINCT p.firm FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? AND p.amount < 0", (programme, year)).fetchall()
    balances = [books.balance(terms.code("receivable", programme, year, firm)) for firm, in firms]
    return sum(balance.debits - balance.credits for balance in balances)

"""A settled year in figures: what went where, why claims were refused, how far caps and budget were used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from westlake.database import Connection
from westlake.ledger import Books
from westlake.settlement.programme_years import programme_year
from westlake.settlement.rounds import Round, rounds_of
from westlake.settlement.terms import Terms

STANDING = ("NOT EXISTS (SELECT 1 FROM settlement_return t WHERE t.round = c.round AND t.firm = c.firm)"
            " AND NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = c.round AND s.step = 'withdrawn')")
LINES = ("FROM settlement_line l JOIN settlement_case c ON c.round = l.round AND c.firm = l.firm"
         f" JOIN settlement_round r ON r.id = l.round WHERE r.programme = ? AND r.year = ? AND {STANDING}")
# the newest standing row of each line: what was refused once and paid later is not refused
LATEST = ("FROM (SELECT l.firm, l.line, l.reason, row_number() OVER"
          f" (PARTITION BY l.firm, l.line ORDER BY r.number DESC) AS age {LINES}) AS newest"
          " WHERE age = 1 AND reason <> ''")


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

    spent: what was awarded less what came back to the budget; lapsed: what went back with its fiscal year.
    lines of by_reason: by their newest standing row. by_outcome: outcome → (firms, entitlement, allotted);
    by_reason: failed test → (firms, lines); by_month: charge month as "2025-03" → (claim, allotted);
    evidence: what the last round's room said.
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
    lapsed: int = 0


def summarise(connection: Connection, terms: Terms, programme: str, year: int) -> Summary | None:
    """The figures of a year, or None when it was never settled."""
    every = rounds_of(connection, programme, year)
    rounds = [settled for settled in every if settled.state != "withdrawn"]
    if not rounds:
        return None
    books = Books(connection)
    figures = programme_year(connection, terms, programme, year, rounds[-1].currency)
    owed = _owed(connection, books, terms, programme, year)
    cases = _cases(connection, programme, year, owed)
    return Summary(
        programme, year, figures.currency, figures.appropriated + figures.raised, figures.awarded - figures.returned,
        figures.held, -_sum(connection, programme, year, "amount < 0"), sum(owed.values()),
        _sum(connection, programme, year, "amount > 0"), rounds, cases, _by_outcome(cases),
        _by_reason(connection, programme, year), _by_month(connection, programme, year), rounds[-1].evidence,
        figures.lapsed)


def _cases(connection: Connection, programme: str, year: int, owed: Mapping[str, int]) -> list[CaseRow]:
    here = (programme, year)
    paid = dict(connection.execute(
        "SELECT p.firm, sum(p.amount) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? GROUP BY p.firm", here))
    outcomes = dict(connection.execute(
        "SELECT c.firm, c.outcome FROM settlement_case c JOIN settlement_round r ON r.id = c.round"
        f" WHERE r.programme = ? AND r.year = ? AND {STANDING} ORDER BY r.number", here))
    reasons = dict(connection.execute(f"SELECT firm, max(reason) {LATEST} GROUP BY firm", here))
    rows = connection.execute(
        f"SELECT l.firm, sum(l.change), sum(l.entitlement), sum(l.allotted), count(DISTINCT l.line) {LINES}"
        " GROUP BY l.firm ORDER BY sum(l.allotted) DESC, l.firm", here)
    return [CaseRow(firm, claim, entitlement, allotted, paid.get(firm, 0),
                    _outcome(outcomes[firm], entitlement, allotted, owed.get(firm, 0)), reasons.get(firm, ""), lines)
            for firm, claim, entitlement, allotted, lines in rows]


def _outcome(last: str, entitlement: int, allotted: int, owed: int) -> str:
    """How a case stands over all standing rounds: a last round that changed nothing does not hide the year.

    To be paid back is only what the firm still owes, or what its last standing round asks back.
    """
    if owed > 0 or last == "recovery":
        return "recovery"
    if entitlement <= 0:
        return last
    if allotted < entitlement:
        return "cut" if allotted else "unfunded"
    return "allotted"


def _by_outcome(cases: list[CaseRow]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for case in cases:
        firms, entitlement, allotted = found.get(case.outcome, (0, 0, 0))
        found[case.outcome] = (firms + 1, entitlement + case.entitlement, allotted + case.allotted)
    return found


def _by_reason(connection: Connection, programme: str, year: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(
        f"SELECT reason, count(DISTINCT firm), count(*) {LATEST} GROUP BY reason ORDER BY 2 DESC, 1", (programme, year))
    return {reason: (firms, lines) for reason, firms, lines in rows}


def _by_month(connection: Connection, programme: str, year: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(f"SELECT l.evidence, l.change, l.allotted {LINES}", (programme, year))
    found: dict[str, tuple[int, int]] = {}
    for evidence, claim, allotted in rows:
        month = str(json.loads(evidence).get("month", ""))[:7]
        before = found.get(month, (0, 0))
        found[month] = (before[0] + claim, before[1] + allotted)
    return dict(sorted(found.items()))


def _sum(connection: Connection, programme: str, year: int, which: str) -> int:
    total: int = connection.execute(
        "SELECT coalesce(sum(p.amount), 0) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        f" WHERE r.programme = ? AND r.year = ? AND {which}", (programme, year)).fetchone()[0]
    return total


def _owed(connection: Connection, books: Books, terms: Terms, programme: str, year: int) -> dict[str, int]:
    """What each firm that was asked for money still owes for the year."""
    firms = connection.execute(
        "SELECT DISTINCT p.firm FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? AND p.amount < 0", (programme, year)).fetchall()
    balances = {firm: books.balance(terms.code("receivable", programme, year, firm)) for firm, in firms}
    return {firm: balance.debits - balance.credits for firm, balance in balances.items()}

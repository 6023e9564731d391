"""Money coming back: a receivable that names what it relates to, offset first, then owed."""

from __future__ import annotations

import sqlite3

from westlake.failpoints import failpoint
from westlake.ledger import Books, Journal, Transfer
from westlake.settlement.rounds import Round
from westlake.settlement.terms import Terms


def recover(connection: sqlite3.Connection, terms: Terms, settled: Round, firm: str, amount: int, day: int) -> int:
    """Book what a firm owes back (minor units, positive); the journal's number. `offset` follows.

    Never a reversal: what was paid stays in the books as it was. The claim waits in `recovered`, not in
    the budget, until it is met: money that has not come back is not spent again.
    """
    books = Books(connection)
    assert amount <= _paid(connection, settled, firm), "nobody gives back more than was paid"
    receivable = terms.code("receivable", settled.programme, settled.year, firm)
    recovered = terms.code("recovered", settled.programme, settled.year)
    payable = terms.code("payable", settled.programme, settled.year, firm)
    for role, code in (("receivable", receivable), ("recovered", recovered), ("payable", payable)):
        books.open_account(code, settled.currency, terms.accounts[role].rule)
    posted = books.post(Journal(f"recover:{settled.id}:{firm}", day, "recovery",
                                f"{settled.programme} {settled.year} round {settled.id}",
                                [Transfer(receivable, recovered, amount)],
                                relates_to=_last_award(connection, settled, firm)))
    failpoint("recover.booked")
    return posted.id


def offset(connection: sqlite3.Connection, terms: Terms, settled: Round, firm: str, day: int) -> None:
    """Set what a firm is owed against what it owes, oldest year first; what is met returns to that year's budget."""
    books = Books(connection)
    payable = terms.code("payable", settled.programme, settled.year, firm)
    for year, booked in _recoveries(connection, settled, firm):
        receivable = terms.code("receivable", settled.programme, year, firm)
        owed = _debit_balance(books, receivable)
        amount = min(owed, books.balance(payable).available)
        if amount <= 0:
            continue
        recovered, budget = (terms.code(role, settled.programme, year) for role in ("recovered", "budget"))
        books.post(Journal(f"offset:{settled.id}:{firm}:{year}", day, "offset", f"{settled.programme} {year}",
                           [Transfer(payable, receivable, amount), Transfer(recovered, budget, amount)],
                           relates_to=booked))
        failpoint("recover.offset")


def _paid(connection: sqlite3.Connection, settled: Round, firm: str) -> int:
    """What a firm was paid for the year, less what it was asked back already."""
    amount: int = connection.execute(
        "SELECT coalesce(sum(p.amount), 0) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? AND p.firm = ?",
        (settled.programme, settled.year, firm)).fetchone()[0]
    return amount


def _debit_balance(books: Books, code: str) -> int:
    balance = books.balance(code)
    return balance.debits - balance.credits


def _recoveries(connection: sqlite3.Connection, settled: Round, firm: str) -> list[tuple[int, int]]:
    """Years in which a firm was asked for money back, with the last such journal, oldest first."""
    return connection.execute(
        "SELECT r.year, max(p.journal) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND p.firm = ? AND p.amount < 0 GROUP BY r.year ORDER BY r.year",
        (settled.programme, firm)).fetchall()


def _last_award(connection: sqlite3.Connection, settled: Round, firm: str) -> int | None:
    """The journal of the last payment to a firm for the year: what a recovery relates to."""
    journal: int | None = connection.execute(
        "SELECT max(p.journal) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? AND p.firm = ? AND p.amount > 0",
        (settled.programme, settled.year, firm)).fetchone()[0]
    return journal

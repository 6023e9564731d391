"""Money coming back: a receivable that names what it relates to, offset first, then owed."""

from __future__ import annotations

from westlake.database import Connection, transaction
from westlake.errors import WestlakeError
from westlake.failpoints import failpoint
from westlake.ledger import Books, Journal, Transfer
from westlake.money import format_money
from westlake.record import Record
from westlake.settlement.fiscal_year import open_year
from westlake.settlement.rounds import Round
from westlake.settlement.terms import Terms


def recover(connection: Connection, terms: Terms, settled: Round, firm: str, amount: int, day: int) -> int:
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


def offset(connection: Connection, terms: Terms, settled: Round, firm: str, day: int) -> None:
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


def repay(connection: Connection, terms: Terms, settled: Round, firm: str, amount: int, reference: str,
          actor: str, day: int) -> int:
    """Book what a firm paid back to the bank (minor units); what it still owes for the year.

    reference: the bank's own, used once: the same one again changes nothing. The money returns to the
    year's budget. W420 for more than is owed.
    """
    with transaction(connection):
        books = Books(connection)
        receivable, recovered, budget, bank = (terms.code(role, settled.programme, settled.year, firm)
                                               for role in ("receivable", "recovered", "budget", "bank"))
        key = f"repaid:{settled.programme}:{settled.year}:{firm}:{reference}"
        left = _debit_balance(books, receivable) if receivable in books.balances() else 0
        if amount > left and not any(entry.journal.idem == key for entry in books.journals()):
            raise WestlakeError.one("W420", firm=firm, owed=format_money(left, settled.currency, sign=True))
        open_year(books, day)
        books.open_account(bank, settled.currency, terms.accounts["bank"].rule)
        posted = books.post(Journal(key, day, "repayment", f"{settled.programme} {settled.year}",
                                    [Transfer(bank, receivable, amount), Transfer(recovered, budget, amount)]))
        if not posted.again:
            Record(connection).add(actor, "recovery.repaid", f"firm:{firm}", {
                "year": settled.year, "amount": amount, "reference": reference})
        return _debit_balance(books, receivable)


def _paid(connection: Connection, settled: Round, firm: str) -> int:
    """What a firm was paid for the year, less what it was asked back already."""
    amount: int = connection.execute(
        "SELECT coalesce(sum(p.amount), 0) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? AND p.firm = ?",
        (settled.programme, settled.year, firm)).fetchone()[0]
    return amount


def _debit_balance(books: Books, code: str) -> int:
    balance = books.balance(code)
    return balance.debits - balance.credits


def _recoveries(connection: Connection, settled: Round, firm: str) -> list[tuple[int, int]]:
    """Years in which a firm was asked for money back, with the last such journal, oldest first."""
    return connection.execute(
        "SELECT r.year, max(p.journal) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND p.firm = ? AND p.amount < 0 GROUP BY r.year ORDER BY r.year",
        (settled.programme, firm)).fetchall()


def _last_award(connection: Connection, settled: Round, firm: str) -> int | None:
    """The journal of the last payment to a firm for the year: what a recovery relates to."""
    journal: int | None = connection.execute(
        "SELECT max(p.journal) FROM settlement_payment p JOIN settlement_round r ON r.id = p.round"
        " WHERE r.programme = ? AND r.year = ? AND p.firm = ? AND p.amount > 0",
        (settled.programme, settled.year, firm)).fetchone()[0]
    return journal

"""A programme's budget for a year: opened once from its values, and what of it is still free."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.dates import day_number, iso
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.rules import Programme
from westlake.settlement.fiscal_year import lapsed_on, last_end, open_year
from westlake.settlement.terms import Terms
from westlake.settlement.versions import archive


@dataclass(frozen=True)
class Budget:
    """Minor units: what was appropriated, and what of it may be promised now."""

    total: int
    available: int


def open_budget(books: Books, programme: Programme, terms: Terms, year: int, day: int, before: int,
                wanted: bool = True) -> Budget:
    """Appropriate the year's budget from the treasury, once; more if its value has since been raised.

    before: what earlier rounds appropriated from the value. A value that was lowered takes nothing back: that
    is a decision of its own, made by a journal. wanted: does anybody get money now? W435 if so and the
    appropriation has lapsed with its fiscal year: from then on only what is held may be paid.
    """
    open_year(books, day)
    treasury = terms.code("treasury", programme.name, year)
    budget = terms.code("budget", programme.name, year)
    books.open_account(treasury, programme.currency, terms.accounts["treasury"].rule)
    books.open_account(budget, programme.currency, terms.accounts["budget"].rule)
    _note(books, programme, year)
    lapsed = lapsed_on(books.connection, budget)
    if lapsed is not None:
        if wanted:
            raise WestlakeError.one("W435", programme=programme.name, year=year, last=iso(lapsed))
        return Budget(before, 0)
    value = programme.value_on(terms.budget_value, day_number(year, 12, 31)).number
    if value > before:
        books.post(Journal(f"budget:{programme.name}:{year}:{before}", day, "appropriation",
                           f"{programme.name} {year}", [Transfer(treasury, budget, value - before)]))
    return Budget(max(value, before), promisable(books, budget))


def _note(books: Books, programme: Programme, year: int) -> None:
    """Write down, once, that this budget is there, and which version opened it."""
    key = programme.name, year, programme.currency
    if not books.connection.execute("SELECT 1 FROM settlement_budget WHERE programme = ? AND year = ? AND currency = ?",
                                    key).fetchone():
        archive(books.connection, programme)
        books.connection.execute("INSERT INTO settlement_budget VALUES (?, ?, ?, ?)", (*key, programme.digest))


def promisable(books: Books, budget: str) -> int:
    """What of a budget may be promised now, in minor units: all that is free, until a fiscal year has ended over it.

    From then on only what has been appropriated since, less what has been promised of it: what was held when
    the year ended and comes free later, or comes back from a firm, lies in the account until the next close.
    """
    free, ended = books.balance(budget).available, last_end(books.connection)
    if ended is None:
        return free
    head = books.connection.execute("SELECT max(journal) FROM closing JOIN period ON id = period WHERE last_day = ?",
                                    (ended,)).fetchone()[0] or 0
    moves = books.connection.execute(_MOVES, (head, head, ended, head, head, ended, budget)).fetchone()
    left, advanced, since, promised, earlier = moves
    # A year closed late: what was appropriated for the new year before the close did not lapse with the old.
    return free if not earlier else max(min(free, min(left, advanced) + since - promised), 0)


# A budget's money by the close with which it lapsed (a journal's number): what it left free; of that, what had been
# appropriated for the new year; appropriated since, a lapse undone too; promised since and not taken back; and how
# many appropriations lie in the years that have ended.
_MOVES = """
SELECT coalesce(sum(amount * sign) FILTER (WHERE id <= ?), 0),
       coalesce(sum(amount * sign) FILTER (WHERE kind = 'appropriation' AND id <= ? AND day > ?), 0),
       coalesce(sum(amount * sign) FILTER (WHERE kind IN ('appropriation', 'lapse', 'virement') AND id > ?), 0),
       coalesce(sum(amount) FILTER (WHERE phase = 'hold' AND id > ? AND NOT taken_back), 0),
       count(*) FILTER (WHERE kind = 'appropriation' AND day <= ?)
FROM (SELECT journal.id, journal.day, coalesce(undone.kind, journal.kind) AS kind, amount, phase,
             CASE WHEN phase = 'hold' OR (phase = 'post' AND debit = account.id) THEN -1 ELSE 1 END AS sign,
             EXISTS (SELECT 1 FROM journal AS back WHERE back.idem = 'back:' || substr(journal.idem, 6)) AS taken_back
      FROM account JOIN transfer ON account.id IN (debit, credit) JOIN journal ON journal.id = transfer.journal
      LEFT JOIN journal AS undone ON undone.id = journal.reverses WHERE account.code = ?) AS move
"""

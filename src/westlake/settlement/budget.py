"""A programme's budget for a year: opened once from its values, and what of it is still free."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.dates import day_number, iso
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.rules import Programme
from westlake.settlement.fiscal_year import lapsed_on, open_year
from westlake.settlement.terms import Terms


@dataclass(frozen=True)
class Budget:
    """Minor units: what was appropriated, and what is neither spent nor held."""

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
    lapsed = lapsed_on(books.connection, budget)
    if lapsed is not None:
        if wanted:
            raise WestlakeError.one("W435", programme=programme.name, year=year, last=iso(lapsed))
        return Budget(before, 0)
    value = programme.value_on(terms.budget_value, day_number(year, 12, 31)).number
    if value > before:
        books.post(Journal(f"budget:{programme.name}:{year}:{before}", day, "appropriation",
                           f"{programme.name} {year}", [Transfer(treasury, budget, value - before)]))
    return Budget(max(value, before), books.balance(budget).available)

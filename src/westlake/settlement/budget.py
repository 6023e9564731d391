"""A programme's budget for a year: opened once from its values, and what of it is still free."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.dates import Period, day_number, year_of
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.rules import Programme
from westlake.settlement.terms import Terms


@dataclass(frozen=True)
class Budget:
    """Minor units: what was appropriated, and what is neither spent nor held."""

    total: int
    available: int


def open_budget(books: Books, programme: Programme, terms: Terms, year: int, day: int, before: int) -> Budget:
    """Appropriate the year's budget from the treasury, once; more if its value has since been raised.

    before: what earlier rounds appropriated. A value that was lowered takes nothing back: that is a
    decision of its own, made by a journal.
    """
    open_year(books, day)
    treasury = terms.code("treasury", programme.name, year)
    budget = terms.code("budget", programme.name, year)
    books.open_account(treasury, programme.currency, terms.accounts["treasury"].rule)
    books.open_account(budget, programme.currency, terms.accounts["budget"].rule)
    wanted = programme.value_on(terms.budget_value, day_number(year, 12, 31)).number
    if wanted > before:
        books.post(Journal(f"budget:{programme.name}:{year}:{before}", day, "appropriation",
                           f"{programme.name} {year}", [Transfer(treasury, budget, wanted - before)]))
    return Budget(max(wanted, before), books.balance(budget).available)


def open_year(books: Books, day: int) -> None:
    """Open the calendar year of a day, unless the books have a period of their own for it."""
    try:
        books.open_period(*vars(Period.year(year_of(day))).values())
    except WestlakeError as error:
        if error.problems[0].code != "W513":  # the year is cut into other periods: theirs to open
            raise

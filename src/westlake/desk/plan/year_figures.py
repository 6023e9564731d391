"""A year's budgets at a glance: appropriated, held, posted, paid, come back, free; every figure read from the books.

Every budget that the office offers is here, whether its money is promised case by case or settled in rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from westlake.database import Connection
from westlake.dates import day_number
from westlake.ledger import Books
from westlake.rules import Programme
from westlake.settlement.fiscal_year import lapsed_among
from westlake.settlement.terms import FILE, Terms, read_terms


class Held(NamedTuple):
    """A programme with what its books hold."""

    programme: Programme
    terms: Terms


@dataclass(frozen=True)
class YearFigures:
    """One programme's budget of one year, minor units of `currency`. value: what the programme's values say of it;
    moved: in from other budgets, less out; posted: awarded and earned, less what came back; recovered: came back, of it
    repaid to the bank; others: anything else.

    appropriated + moved + others − lapsed = held + posted + free.
    """

    programme: str
    year: int
    currency: str
    account: str
    value: int
    appropriated: int = 0
    moved: int = 0
    others: int = 0
    lapsed: int = 0
    held: int = 0
    posted: int = 0
    free: int = 0
    paid: int = 0
    asked_back: int = 0
    recovered: int = 0
    repaid: int = 0
    owed: int = 0
    ended: int | None = None


def holding(programmes: Iterable[Programme]) -> list[Held]:
    """The programmes that have accounts at all, by name."""
    return [Held(one, read_terms(one)) for one in sorted(programmes, key=lambda one: one.name)
            if (one.folder / FILE).is_file()]


def years(connection: Connection, today_year: int) -> list[int]:
    """The years for which there are cases, calls or rounds, and this one; the latest first."""
    rows = connection.execute("SELECT year FROM desk_case UNION SELECT year FROM desk_call"
                              " UNION SELECT year FROM settlement_round").fetchall()
    return sorted({row[0] for row in rows} | {today_year}, reverse=True)


def year_figures(connection: Connection, held: Iterable[Held], year: int) -> list[YearFigures]:
    """The figures of a year's budgets."""
    balances, paid = Books(connection).balances(), _paid(connection, year)
    own = [(one.programme, one.terms, one.terms.code("budget", one.programme.name, year),
            one.terms.code("recovered", one.programme.name, year)) for one in held]
    moved = _moved(connection, [code for _, _, *codes in own for code in codes if code in balances])
    ended = lapsed_among(connection, [budget for _, _, budget, _ in own if budget in balances])
    found = []
    for programme, terms, budget, recovered in own:
        value = programme.value_on(terms.budget_value, day_number(year, 12, 31)).number
        if budget not in balances:
            found.append(YearFigures(programme.name, year, programme.currency, budget, value))
            continue
        net, kept = dict(moved.get(budget, {})), balances[budget]
        repaid = net.pop("repayment", 0)
        back = net.pop("offset", 0) + repaid
        waits = balances.get(recovered)
        found.append(YearFigures(
            programme.name, year, kept.currency, budget, value, net.pop("appropriation", 0), net.pop("virement", 0),
            lapsed=-net.pop("lapse", 0), held=kept.held_debits, posted=-net.pop("award", 0) - back,
            free=kept.available, paid=paid.get((programme.name, kept.currency), 0),
            asked_back=moved.get(recovered, {}).get("recovery", 0), recovered=back, repaid=repaid,
            owed=waits.net if waits else 0, ended=ended.get(budget), others=sum(net.values())))
    return found


def _moved(connection: Connection, codes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Account → kind of journal → credits less debits posted on it; a reversal is of the kind that it undoes."""
    moved: dict[str, dict[str, int]] = {}
    marks = ",".join("?" * len(codes)) or "NULL"
    sides = " UNION ALL ".join(
        f"SELECT account.code, coalesce(undone.kind, journal.kind), {sign}sum(amount) FROM account"
        f" JOIN transfer ON transfer.{side} = account.id JOIN journal ON journal.id = transfer.journal"
        " LEFT JOIN journal AS undone ON undone.id = journal.reverses"
        f" WHERE account.code IN ({marks}) AND phase = 'post' GROUP BY account.code,"
        " coalesce(undone.kind, journal.kind)" for side, sign in (("credit", ""), ("debit", "-")))
    for code, kind, amount in connection.execute(sides, (*codes, *codes)):
        of = moved.setdefault(code, {})
        of[kind] = of.get(kind, 0) + int(amount)
    return moved


def _paid(connection: Connection, year: int) -> dict[tuple[str, str], int]:
    """What the bank confirmed and has not returned, by programme and currency."""
    rows = connection.execute(
        "SELECT c.programme, p.currency, sum(p.amount) FROM desk_payment p JOIN desk_case c ON c.id = p.case_id"
        " WHERE c.year = ? AND EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id"
        " AND o.outcome = 'paid') AND NOT EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id"
        " AND o.outcome = 'returned') GROUP BY c.programme, p.currency", (year,)).fetchall()
    return {(programme, currency): int(amount) for programme, currency, amount in rows}

"""Each programme and year in figures: appropriated, held, awarded, come back, lapsed, free; all from the books.

Every figure is a sum of transfers of one kind on the accounts of that programme and year, a reversal counted
with what it undoes; what is of no known kind stands by itself, so that the figures always add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from westlake.database import Connection
from westlake.dates import DAY_MAX, DAY_MIN
from westlake.ledger import Books
from westlake.settlement.terms import Terms, read_terms
from westlake.settlement.versions import restored

# How the figures of a budget add up: what went in, less what went out, is what is held and what is free.
IN = ("free_in", "carried_in", "appropriated", "raised", "returned", "others")
OUT = ("awarded", "lapsed", "held", "available")
FIGURES = (*IN, *OUT, "asked_back", "owed")
DUE = ("due_in", "awarded", "others", "set_off", "paid_out", "due")  # the figures of what firms are due


class Source(NamedTuple):
    """One appropriation: the account it came from, its day, minor units."""

    account: str
    day: int
    amount: int


@dataclass(frozen=True)
class ProgrammeYear:
    """One budget over some days. Minor units of `currency`. treasury: the account that it is appropriated from.

    free_in, carried_in: free and held as the days begin; appropriated: the first appropriation; raised: all
    later ones; awarded: owed to firms by approval; returned: came back, by offset or repayment; lapsed: gone
    back at the end of a fiscal year; held, available: as the days end; asked_back: recoveries booked; owed: of
    all that was asked back, what has not come. others: any other movement of the budget, in less out.
    sources: all appropriations, first to last; firms: account to be paid from → firm.
    """

    programme: str
    year: int
    currency: str
    budget: str
    treasury: str
    free_in: int = 0
    carried_in: int = 0
    appropriated: int = 0
    raised: int = 0
    returned: int = 0
    others: int = 0
    awarded: int = 0
    lapsed: int = 0
    held: int = 0
    available: int = 0
    asked_back: int = 0
    owed: int = 0
    sources: tuple[Source, ...] = field(default=(), repr=False)
    firms: Mapping[str, str] = field(default_factory=dict, repr=False)

    def as_dict(self) -> dict[str, object]:
        """For JSON, all but the lists."""
        return {name: getattr(self, name) for name in ("programme", "year", "currency", "budget", *FIGURES)}


class Payables(NamedTuple):
    """What a programme's firms were awarded over some days, and what came of it; minor units.

    Firms are paid for all years together, so this is not cut by year. due_in, due: owed to firms as the days
    begin and end. due_in + awarded + others = set_off + paid_out + due.
    """

    programme: str
    currency: str
    due_in: int
    awarded: int
    others: int
    set_off: int
    paid_out: int
    due: int


def programme_years(connection: Connection, first: int = DAY_MIN, last: int = DAY_MAX) -> list[ProgrammeYear]:
    """Every budget that a round or the desk has opened, over the days first to last, both included; by default all."""
    moved = _moved(connection, first, last)
    return [_figures(connection, terms, programme, year, currency, first, last, moved)
            for programme, year, currency, terms in _settled(connection)]


def programme_year(connection: Connection, terms: Terms, programme: str, year: int, currency: str) -> ProgrammeYear:
    """One budget over all days."""
    moved = _moved(connection, DAY_MIN, DAY_MAX)
    return _figures(connection, terms, programme, year, currency, DAY_MIN, DAY_MAX, moved)


def payables(connection: Connection, first: int = DAY_MIN, last: int = DAY_MAX) -> list[Payables]:
    """What each programme's firms were awarded, and what of it was set off, paid out or is still due."""
    books, moved, found = Books(connection), _moved(connection, first, last), []
    before, after = books.balances(first - 1), books.balances(last)
    accounts: dict[tuple[str, str], set[str]] = {}
    for programme, year, currency, terms in _settled(connection):
        codes = set(_firms(connection, terms, programme, year)) & set(after)
        accounts.setdefault((programme, currency), set()).update(codes)
    for (programme, currency), codes in accounts.items():
        net: dict[str, int] = {}
        for (code, kind), amount in moved.items():
            if code in codes:
                net[kind] = net.get(kind, 0) - amount
        awarded, set_off, paid_out = (net.pop(kind, 0) for kind in ("award", "offset", "payment"))
        found.append(Payables(programme, currency, sum(before[code].net for code in codes), awarded,
                              sum(net.values()), -set_off, -paid_out, sum(after[code].net for code in codes)))
    return found


def _figures(connection: Connection, terms: Terms, programme: str, year: int, currency: str, first: int, last: int,
             moved: Mapping[tuple[str, str], int]) -> ProgrammeYear:
    books = Books(connection)
    budget, treasury, recovered = (terms.code(role, programme, year) for role in ("budget", "treasury", "recovered"))
    before, after = books.balance(budget, first - 1), books.balance(budget, last)
    sources = _sources(connection, budget)
    net = {kind: -amount for (code, kind), amount in moved.items() if code == budget}
    appropriated = sum(one.amount for one in sources[:1] if first <= one.day <= last)
    known = {"awarded": -net.pop("award", 0), "lapsed": -net.pop("lapse", 0),
             "returned": net.pop("offset", 0) + net.pop("repayment", 0)}
    asked_before = connection.execute("SELECT 1 FROM account WHERE code = ?", (recovered,)).fetchone()
    return ProgrammeYear(
        programme, year, currency, budget, treasury, before.available, before.held_debits, appropriated,
        net.pop("appropriation", 0) - appropriated, others=sum(net.values()), held=after.held_debits,
        available=after.available, asked_back=-moved.get((recovered, "recovery"), 0),
        owed=books.balance(recovered, last).net if asked_before else 0, sources=sources,
        firms=_firms(connection, terms, programme, year), **known)


def _settled(connection: Connection) -> Iterator[tuple[str, int, str, Terms]]:
    """Programme, year, currency and the terms of the version that last settled that year, or else opened its budget."""
    rows = connection.execute(
        "SELECT b.programme, b.year, b.currency, coalesce((SELECT r.digest FROM settlement_round r WHERE r.id ="
        "  (SELECT max(id) FROM settlement_round s WHERE s.programme = b.programme AND s.year = b.year"
        "   AND s.currency = b.currency)), b.digest)"
        " FROM settlement_budget b ORDER BY b.programme, b.year").fetchall()
    terms: dict[str, Terms] = {}
    for programme, year, currency, digest in rows:
        if digest not in terms:
            with restored(connection, digest) as version:
                terms[digest] = read_terms(version)
        yield programme, year, currency, terms[digest]


def _moved(connection: Connection, first: int, last: int) -> dict[tuple[str, str], int]:
    """Account and kind → debits less credits posted on these days; a reversal is of the kind that it undoes."""
    moved: dict[tuple[str, str], int] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        for code, kind, amount in connection.execute(
                "SELECT account.code, coalesce(undone.kind, journal.kind), sum(amount) FROM transfer"
                " JOIN journal ON journal.id = transfer.journal"
                " LEFT JOIN journal AS undone ON undone.id = journal.reverses"
                f" JOIN account ON account.id = transfer.{side} WHERE phase = 'post' AND journal.day BETWEEN ? AND ?"
                " GROUP BY account.code, coalesce(undone.kind, journal.kind)", (first, last)).fetchall():
            moved[code, kind] = moved.get((code, kind), 0) + sign * int(amount)
    return moved


def _sources(connection: Connection, budget: str) -> tuple[Source, ...]:
    """A budget's appropriations, as they were made."""
    return tuple(Source(*row) for row in connection.execute(
        "SELECT source.code, day, amount FROM transfer JOIN journal ON journal.id = transfer.journal"
        " JOIN account AS source ON source.id = debit JOIN account AS budget ON budget.id = credit"
        " WHERE budget.code = ? AND kind = 'appropriation' ORDER BY journal.id, seq", (budget,)).fetchall())


def _firms(connection: Connection, terms: Terms, programme: str, year: int) -> dict[str, str]:
    """Every account from which a firm is to be paid, with the firm that its code names."""
    before, after = terms.code("payable", programme, year, "\0").split("\0", 1)
    rows = connection.execute("SELECT code FROM account ORDER BY code").fetchall()
    return {code: code[len(before):len(code) - len(after)] for code, in rows
            if code.startswith(before) and code.endswith(after) and len(code) > len(before) + len(after)}

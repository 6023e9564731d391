"""Each programme and year in figures: appropriated, held, awarded, come back, lapsed, free; all from the books.

Every figure is a sum of transfers of one kind on the accounts of that programme and year, a reversal counted
with what it undoes; what is of no known kind stands by itself, so that the figures always add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from westlake.database import Connection, rows_among
from westlake.dates import DAY_MAX, DAY_MIN
from westlake.ledger import Books
from westlake.ledger.balances import Balance
from westlake.ledger.refusals import unknown_account
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
    settled = list(_settled(connection))
    return _figures(connection, settled, first, last) if settled else []


def programme_year(connection: Connection, terms: Terms, programme: str, year: int, currency: str) -> ProgrammeYear:
    """One budget over all days."""
    return _figures(connection, [(programme, year, currency, terms)], DAY_MIN, DAY_MAX)[0]


def payables(connection: Connection, first: int = DAY_MIN, last: int = DAY_MAX) -> list[Payables]:
    """What each programme's firms were awarded, and what of it was set off, paid out or is still due."""
    books, moved, found = Books(connection), _moved(connection, first, last), []
    before, after = books.balances(first - 1), books.balances(last)
    accounts: dict[tuple[str, str], set[str]] = {}
    for programme, year, currency, terms in _settled(connection):
        codes = set(_firms(after, terms, programme, year))
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


def _figures(connection: Connection, settled: Sequence[tuple[str, int, str, Terms]], first: int,
             last: int) -> list[ProgrammeYear]:
    """What several budgets did, in as many questions as for one. W501 for one whose account is not open."""
    books, moved = Books(connection), _moved(connection, first, last)
    before = books.balances(first - 1) if first > DAY_MIN else {}
    after = books.balances(None if last >= DAY_MAX else last)
    budgets = [terms.code("budget", programme, year) for programme, year, _, terms in settled]
    sources, found = _sources(connection, budgets), []
    for (programme, year, currency, terms), budget in zip(settled, budgets, strict=True):
        if budget not in after:
            raise unknown_account(connection, budget)
        treasury, recovered = (terms.code(role, programme, year) for role in ("treasury", "recovered"))
        then, now, made = before.get(budget, Balance()), after[budget], sources.get(budget, ())
        net = {kind: -amount for (code, kind), amount in moved.items() if code == budget}
        appropriated = sum(one.amount for one in made[:1] if first <= one.day <= last)
        known = {"awarded": -net.pop("award", 0), "lapsed": -net.pop("lapse", 0),
                 "returned": net.pop("offset", 0) + net.pop("repayment", 0)}
        found.append(ProgrammeYear(
            programme, year, currency, budget, treasury, then.available, then.held_debits, appropriated,
            net.pop("appropriation", 0) - appropriated, others=sum(net.values()), held=now.held_debits,
            available=now.available, asked_back=-moved.get((recovered, "recovery"), 0),
            owed=after[recovered].net if recovered in after else 0, sources=made,
            firms=_firms(after, terms, programme, year), **known))
    return found


def _settled(connection: Connection) -> Iterator[tuple[str, int, str, Terms]]:
    """Programme, year, currency and the terms of the version that last settled that year, or else opened its budget."""
    rows = connection.execute(
        "SELECT b.programme, b.year, b.currency, coalesce((SELECT r.digest FROM settlement_round r WHERE r.id ="
        "  (SELECT max(id) FROM settlement_round s WHERE s.programme = b.programme AND s.year = b.year"
        "   AND s.currency = b.currency)), b.digest)"
        " FROM settlement_budget b ORDER BY b.programme, b.year").fetchall()
    for programme, year, currency, digest in rows:
        if digest not in _TERMS:
            with restored(connection, digest) as version:
                _TERMS[digest] = read_terms(version)
        yield programme, year, currency, _TERMS[digest]


_TERMS: dict[str, Terms] = {}  # by the version's digest: what is kept under one never changes


def _moved(connection: Connection, first: int, last: int) -> dict[tuple[str, str], int]:
    """Account and kind → debits less credits posted on these days; a reversal is of the kind that it undoes."""
    moved: dict[tuple[str, str], int] = {}
    sides = " UNION ALL ".join(
        f"SELECT account.code, coalesce(undone.kind, journal.kind), {sign}sum(amount) FROM transfer"
        " JOIN journal ON journal.id = transfer.journal LEFT JOIN journal AS undone ON undone.id = journal.reverses"
        f" JOIN account ON account.id = transfer.{side} WHERE phase = 'post' AND journal.day BETWEEN ? AND ?"
        " GROUP BY account.code, coalesce(undone.kind, journal.kind)"
        for side, sign in (("debit", ""), ("credit", "-")))
    for code, kind, amount in connection.execute(sides, (first, last, first, last)):
        moved[code, kind] = moved.get((code, kind), 0) + int(amount)
    return moved


def _sources(connection: Connection, budgets: Sequence[str]) -> dict[str, tuple[Source, ...]]:
    """Each budget's appropriations, as they were made."""
    found: dict[str, tuple[Source, ...]] = {}
    for budget, *source in rows_among(
            connection, "SELECT budget.code, source.code, day, amount FROM transfer JOIN journal ON"
            " journal.id = transfer.journal JOIN account AS source ON source.id = debit JOIN account AS budget ON"
            " budget.id = credit WHERE budget.code IN ({keys}) AND kind = 'appropriation' ORDER BY journal.id, seq",
            budgets):
        found[budget] = (*found.get(budget, ()), Source(*source))
    return found


def _firms(accounts: Iterable[str], terms: Terms, programme: str, year: int) -> dict[str, str]:
    """Every account from which a firm is to be paid, with the firm that its code names."""
    before, after = terms.code("payable", programme, year, "\0").split("\0", 1)
    return {code: code[len(before):len(code) - len(after)] for code in accounts
            if code.startswith(before) and code.endswith(after) and len(code) > len(before) + len(after)}

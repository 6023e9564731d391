"""What an account holds: now, on a day, or as it was known at an earlier instant; and line by line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from westlake.database import Connection
from westlake.dates import DAY_MAX, DAY_MIN
from westlake.ledger.journal import Transfer
from westlake.ledger.refusals import unknown_account

# A line touches an account from one side; each phase moves one of the four sums of that side.
_SIDES = {"debit": ("debits", "held_debits"), "credit": ("credits", "held_credits")}
_FOREVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Balance:
    """The four sums of an account, minor units. Holds are promised, not yet moved."""

    debits: int = 0
    credits: int = 0
    held_debits: int = 0
    held_credits: int = 0
    rule: str = field(default="free", kw_only=True)
    currency: str = field(default="", kw_only=True)

    @property
    def net(self) -> int:
        """Credits less debits; of a debit account, debits less credits: what is in it."""
        return self.debits - self.credits if self.rule == "debit" else self.credits - self.debits

    @property
    def available(self) -> int:
        """What is in it less what is held against it; a free account may go below zero."""
        return self.net - (self.held_credits if self.rule == "debit" else self.held_debits)

    def after(self, side: str, amount: int, phase: str) -> Balance:
        """The balance once a transfer has touched one side ("debit" or "credit")."""
        posted, held = _SIDES[side]
        name = posted if phase == "post" else held
        moved = getattr(self, name) + (-amount if phase == "release" else amount)
        return replace(self, **{name: moved})


class Line(NamedTuple):
    """One transfer as an account sees it, with the balance after it. recorded_at: microseconds UTC."""

    journal: int
    idem: str
    day: int
    recorded_at: int
    kind: str
    memo: str
    side: str
    transfer: Transfer
    balance: Balance

    @property
    def other(self) -> str:
        """The account on the other side."""
        return self.transfer.credit if self.side == "debit" else self.transfer.debit


@dataclass(frozen=True, slots=True)
class Statement:
    """An account's days from first to last: what it held before, each line, what it held after."""

    code: str
    first: int
    last: int
    opening: Balance
    lines: tuple[Line, ...]
    closing: Balance


class Account(NamedTuple):
    """An account's row."""

    id: int
    code: str
    currency: str
    rule: str


def account(connection: Connection, code: str) -> Account:
    """The account of a code; W501 if it is not open."""
    row = connection.execute("SELECT id, code, currency, rule FROM account WHERE code = ?", (code,)).fetchone()
    if row is None:
        raise unknown_account(connection, code)
    return Account(*row)


def balance_now(connection: Connection, code: str) -> Balance:
    """The balance with all that is in the books, whatever its day."""
    found = account(connection, code)
    row = connection.execute("SELECT debits, credits, held_debits, held_credits FROM balance"
                             " WHERE account = ?", (found.id,)).fetchone()
    return Balance(*row, currency=found.currency, rule=found.rule)


def balance_on(connection: Connection, code: str, on: int, recorded_before: int | None = None) -> Balance:
    """The balance at the end of a day: the last period closed by then, and the transfers since.

    recorded_before: leave out what was written at or after this instant (microseconds UTC); a
    closing written later is then left out too.
    """
    found = account(connection, code)
    return _sums(connection, [found], on, recorded_before, "= ?", (found.id,))[code]


def all_balances(connection: Connection, on: int | None = None,
                 recorded_before: int | None = None) -> dict[str, Balance]:
    """Every account's balance by code, in the order of codes: now, or at the end of a day."""
    rows = connection.execute(
        "SELECT id, code, currency, account.rule, debits, credits, held_debits, held_credits"
        " FROM account JOIN balance ON account = id ORDER BY code").fetchall()
    if on is None and recorded_before is None:
        return {row[1]: Balance(*row[4:], currency=row[2], rule=row[3]) for row in rows}
    accounts = [Account(*row[:4]) for row in rows]
    return _sums(connection, accounts, DAY_MAX if on is None else on, recorded_before)


def _sums(connection: Connection, accounts: list[Account], on: int, recorded_before: int | None,
          only: str = "> 0", values: tuple[int, ...] = ()) -> dict[str, Balance]:
    """The balances of accounts on a day; `only` is an SQL condition on the account's row id."""
    horizon = _FOREVER if recorded_before is None else recorded_before
    closed = connection.execute(
        "SELECT period, last_day, later FROM closing JOIN period ON id = period"
        " WHERE last_day <= ? AND recorded_at < ? ORDER BY last_day DESC LIMIT 1", (on, horizon)).fetchone()
    period, after_day, since = closed or (0, DAY_MIN - 1, 0)
    balances = {found.id: Balance(currency=found.currency, rule=found.rule) for found in accounts}
    for number, *sums in connection.execute(
            "SELECT account, debits, credits, held_debits, held_credits FROM closing_balance"
            f" WHERE period = ? AND account {only}", (period, *values)):
        balances[number] = Balance(*sums, currency=balances[number].currency, rule=balances[number].rule)
    for side in _SIDES:
        for number, phase, amount in connection.execute(
                f"SELECT {side}, phase, sum(amount) FROM transfer JOIN journal ON id = journal"
                f" WHERE {side} {only} AND journal >= ? AND day > ? AND day <= ? AND recorded_at < ?"
                f" GROUP BY {side}, phase", (*values, since, after_day, on, horizon)):
            balances[number] = balances[number].after(side, amount, phase)
    return {found.code: balances[found.id] for found in accounts}


def statement(connection: Connection, code: str, first: int, last: int,
              recorded_before: int | None = None) -> Statement:
    """The lines of an account from day to day, both included, by day and then as written; ValueError if backwards."""
    if first > last:
        raise ValueError("a statement's first day comes after its last")
    found = account(connection, code)
    opening = running = balance_on(connection, code, first - 1, recorded_before)
    lines = []
    for number, idem, day, recorded_at, kind, memo, debit, credit, amount, phase in connection.execute(
            "SELECT journal.id, idem, day, recorded_at, kind, memo, debit.code, credit.code, amount, phase"
            " FROM transfer JOIN journal ON journal.id = transfer.journal"
            " JOIN account AS debit ON debit.id = transfer.debit"
            " JOIN account AS credit ON credit.id = transfer.credit"
            " WHERE (transfer.debit = :account OR transfer.credit = :account) AND day BETWEEN :first AND :last"
            " AND recorded_at < :horizon ORDER BY day, journal.id, seq",
            {"account": found.id, "first": first, "last": last,
             "horizon": _FOREVER if recorded_before is None else recorded_before}):
        side = "debit" if debit == code else "credit"
        running = running.after(side, amount, phase)
        lines.append(Line(number, idem, day, recorded_at, kind, memo, side,
                          Transfer(debit, credit, amount, phase), running))
    return Statement(code, first, last, opening, tuple(lines), running)

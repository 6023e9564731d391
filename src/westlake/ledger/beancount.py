"""Writes the books as a Beancount file, so that an auditor can check them with a program that is not ours.

Each journal is one balanced transaction: its kind as payee, its memo as narration, its key as link;
transfers of one journal are folded by account and side. A hold moves no money, so it stands between
memo accounts under Equity:Held, and a journal of nothing else carries the flag "!". Every account, and
every account that ever held, has a balance assertion: without them a whole transaction could be
dropped or doubled unseen. Three traps of such assertions are minded:

- Beancount lets a balance be out by twice the last digit: each is written with the tolerance `~ 0`.
- A balance is that of the morning: the state after the last day is asserted on the day after it.
- A parent account is asserted together with all accounts below it.

Account names: `budget:cloud_voucher` under rule credit is `Liabilities:Budget:Cloud--voucher`; debit
accounts are Assets, free ones Equity:Free. Every code has its own name, and account_code reads it back.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping

from westlake.dates import DAY_MAX, DAY_MIN, instant_iso, iso
from westlake.ledger.balances import Balance, all_balances
from westlake.ledger.journal import Entry, read_entries
from westlake.money import format_money

ROOTS = {"debit": "Assets", "credit": "Liabilities", "free": "Equity:Free"}
HELD = "Equity:Held"


def beancount_lines(connection: sqlite3.Connection, first: int = DAY_MIN, last: int = DAY_MAX,
                    title: str = "") -> Iterator[str]:
    """The lines of a Beancount file for the days first to last, both included; all of them by default.

    What the accounts held before the first day is brought forward in one opening transaction, so a
    large set of books can be checked period by period.
    """
    days = connection.execute("SELECT min(day), max(day) FROM journal WHERE day BETWEEN ? AND ?",
                              (first, last)).fetchone()
    first = first if first > DAY_MIN else (days[0] or 0)
    last = last if last < DAY_MAX else (days[1] or 0)
    before, after = all_balances(connection, first - 1), all_balances(connection, last)
    held = _codes_that_held(connection, last)
    yield f'option "title" {_text(title)}'
    for currency in sorted({kept.currency for kept in after.values()}):
        yield f'option "operating_currency" "{currency}"'
    for code, kept in after.items():
        yield f"{iso(first)} open {account_name(code, kept.rule)} {kept.currency}"
        yield f"  code: {_text(code)}"
        if code in held:
            yield f"{iso(first)} open {held_name(code)} {kept.currency}"
    yield from _opening(before, first)
    for entry in read_entries(connection, "day BETWEEN ? AND ?", (first, last), order="day"):
        yield from _transaction(connection, entry, after)
    yield from _assertions(after, held, last + 1)


def account_name(code: str, rule: str) -> str:
    """The Beancount account of an account."""
    return ":".join([ROOTS[rule], *(_component(part) for part in code.split(":"))])


def held_name(code: str) -> str:
    """The Beancount account that shows what is held on an account: debits less credits."""
    return ":".join([HELD, *(_component(part) for part in code.split(":"))])


def account_code(name: str) -> str:
    """The code of the account that a Beancount account stands for."""
    root = next(root for root in (*ROOTS.values(), HELD) if name.startswith(f"{root}:"))
    return ":".join(_plain(part) for part in name.removeprefix(f"{root}:").split(":"))


def link_name(idem: str) -> str:
    """A journal's key as a Beancount link: a colon is written as a slash, what a link cannot hold as its number."""
    return "^" + re.sub(r"[^A-Za-z0-9_-]", lambda found: "/" if found[0] == ":" else f".{ord(found[0]):x}.", idem)


def _opening(before: Mapping[str, Balance], first: int) -> Iterator[str]:
    """One transaction that brings every account forward; none where all begins with nothing."""
    legs = [leg for code, kept in before.items() for leg in (
        (account_name(code, kept.rule), kept.debits - kept.credits, kept.currency),
        (held_name(code), kept.held_debits - kept.held_credits, kept.currency))]
    if any(amount for _, amount, _ in legs):
        yield ""
        yield f'{iso(first)} * "opening balances"'
        yield from (f"  {name}  {_amount(amount, currency)}" for name, amount, currency in legs if amount)


def _transaction(connection: sqlite3.Connection, entry: Entry, accounts: Mapping[str, Balance]) -> Iterator[str]:
    """A journal: its transfers folded by account and side, debits positive."""
    journal = entry.journal
    legs: dict[tuple[str, str, str], int] = defaultdict(int)
    for leg in journal.transfers:
        for sign, side, code in ((1, "debit", leg.debit), (-1, "credit", leg.credit)):
            name = account_name(code, accounts[code].rule) if leg.phase == "post" else held_name(code)
            amount = -sign * leg.amount if leg.phase == "release" else sign * leg.amount
            legs[name, side, accounts[code].currency] += amount
    related = {"reverses": journal.reverses, "relates_to": journal.relates_to}
    keys = [journal.idem, *(connection.execute("SELECT idem FROM journal WHERE id = ?", (number,)).fetchone()[0]
                            for number in dict.fromkeys(related.values()) if number)]
    moves_money = any(leg.phase == "post" for leg in journal.transfers)
    yield ""
    yield " ".join([iso(journal.day), "*" if moves_money else "!", _text(journal.kind), _text(journal.memo),
                    *map(link_name, keys)])
    yield f"  journal: {entry.id}"
    yield from (f"  {name}: {number}" for name, number in related.items() if number)
    yield f'  recorded: "{instant_iso(entry.recorded_at)}"'
    yield f'  hash: "{entry.hash}"'
    yield from (f"  {name}  {_amount(amount, currency)}" for (name, _, currency), amount in legs.items() if amount)


def _assertions(after: Mapping[str, Balance], held: set[str], day: int) -> Iterator[str]:
    """The balance of each account with all below it, asserted on the morning of a day."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    own = {}
    for code, kept in after.items():
        own[account_name(code, kept.rule)] = kept.debits - kept.credits, kept.currency
        if code in held:
            own[held_name(code)] = kept.held_debits - kept.held_credits, kept.currency
    for name, (amount, currency) in own.items():
        parts = name.split(":")
        for length in range(1, len(parts) + 1):
            sums[":".join(parts[:length]), currency] += amount
    yield ""
    for name, (_, currency) in own.items():
        number, unit = _amount(sums[name, currency], currency).split(" ")
        yield f"{iso(day)} balance {name}  {number} ~ 0 {unit}"


def _codes_that_held(connection: sqlite3.Connection, last: int) -> set[str]:
    rows = connection.execute(
        "SELECT DISTINCT code FROM transfer JOIN journal ON journal.id = transfer.journal"
        " JOIN account ON account.id IN (debit, credit) WHERE phase = 'hold' AND day <= ?", (last,))
    return {code for code, in rows}


def _component(text: str) -> str:
    """A part of a code as a part of a name: its first letter raised, what a name cannot hold as its number.

    `-` opens and closes a number in hexadecimal, `--` is the underscore; one more `-` at the end says that
    the first letter was a capital already. A part that cannot begin a name, or begins with z, stands after Z.
    """
    first = text[:1]
    rest = "".join(char if char.isascii() and char.isalnum() else _number(char) for char in text[1:])
    if "a" <= first < "z":
        return first.upper() + rest
    if "A" <= first < "Z":
        return f"{first}{rest}-"
    return (first if "0" <= first <= "9" else "Z" + _number(first)) + rest


def _number(char: str) -> str:
    return "--" if char == "_" else f"-{ord(char):x}-" if char else ""


def _plain(component: str) -> str:
    first, *rest = component.split("-")  # plain, number, plain, number, … plain
    if len(rest) % 2 == 0:
        first = "" if first == "Z" else first[:1].lower() + first[1:]
    return first + "".join(part if place % 2 else chr(int(part, 16)) if part else "_"
                           for place, part in enumerate(rest[:len(rest) // 2 * 2]))


def _amount(amount: int, currency: str) -> str:
    return f"{format_money(amount, currency).replace(',', '')} {currency}"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

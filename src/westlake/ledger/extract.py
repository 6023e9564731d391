"""An extract of the books for the bookkeeping programs of others: what was before, each journal, what was after.

The Beancount file and the hledger file are two ways of writing down this one extract. Each journal is one
balanced transaction, its transfers folded by account, side and phase, debits positive. A hold moves no money, so
it stands between accounts of its own; a journal of nothing else is marked as pending. All four sums of
every account are asserted at the end: without that a whole transaction could be dropped or doubled unseen.
(One that holds and releases the same leaves no sum: only the count of journals and the chain tell of it.)
What the accounts held before the first day is brought forward, so that large books can be checked period by
period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from westlake.database import Connection
from westlake.dates import DAY_MAX, DAY_MIN, Period
from westlake.ledger.account_names import Leaf, leaf_name, link_name
from westlake.ledger.balances import Balance, all_balances
from westlake.ledger.journal import Entry, read_entries
from westlake.money import format_money


class Leg(NamedTuple):
    """What one sum of an account has or changes by: minor units, credits negative."""

    name: str
    amount: int
    currency: str

    @property
    def number(self) -> str:
        """The amount as a decimal number, without its currency."""
        return format_money(self.amount, self.currency).replace(",", "")


class Transaction(NamedTuple):
    """A journal as another program sees it. links: its key, then the keys of what it reverses or relates to."""

    entry: Entry
    links: tuple[str, ...]
    related: Mapping[str, int]
    moves_money: bool
    legs: Sequence[Leg]


@dataclass(frozen=True)
class Extract:
    """The days first to last of the books, both included. before and after: balances by code as they begin and end.

    held: the accounts, with their side, that have ever held by the last day.
    """

    connection: Connection
    first: int
    last: int
    before: Mapping[str, Balance]
    after: Mapping[str, Balance]
    held: frozenset[tuple[str, str]]

    @property
    def period(self) -> Period:
        return Period(self.first, self.last)

    @property
    def currencies(self) -> list[str]:
        return sorted({kept.currency for kept in self.after.values()})

    def opening(self) -> list[Leg]:
        """What is brought forward; empty where all begins with nothing."""
        return [leg for leg in self._legs(self.before) if leg.amount]

    def closing(self) -> list[Leg]:
        """Every sum of every account as the last day ends."""
        return list(self._legs(self.after))

    def transactions(self) -> Iterator[Transaction]:
        """The journals of these days, by day and then as they were written."""
        for entry in read_entries(self.connection, "day BETWEEN ? AND ?", (self.first, self.last), order="day"):
            journal = entry.journal
            related = {name: number for name in ("reverses", "relates_to") if (number := getattr(journal, name))}
            keys = [journal.idem, *(self._key(number) for number in dict.fromkeys(related.values()))]
            yield Transaction(entry, tuple(map(link_name, keys)), related,
                              any(leg.phase == "post" for leg in journal.transfers), self._folded(entry))

    def leaves(self, code: str) -> list[Leaf]:
        """The sums of an account that an export shows: what is posted, and what is held where anything ever was."""
        return [Leaf(code, held, side) for held in (False, True) for side in ("debit", "credit")
                if not held or (code, side) in self.held]

    def name(self, leaf: Leaf) -> str:
        return leaf_name(leaf, self.after[leaf.code].rule)

    def _legs(self, balances: Mapping[str, Balance]) -> Iterator[Leg]:
        for code, kept in balances.items():
            yield from (Leg(self.name(leaf), leaf.amount(kept), kept.currency) for leaf in self.leaves(code))

    def _folded(self, entry: Entry) -> list[Leg]:
        sums: dict[tuple[Leaf, str], int] = defaultdict(int)
        for leg in entry.journal.transfers:
            amount = -leg.amount if leg.phase == "release" else leg.amount
            sums[Leaf(leg.debit, leg.phase != "post", "debit"), leg.phase] += amount
            sums[Leaf(leg.credit, leg.phase != "post", "credit"), leg.phase] -= amount
        return [Leg(self.name(leaf), amount, self.after[leaf.code].currency) for (leaf, _), amount in sums.items()]

    def _key(self, number: int) -> str:
        key: str = self.connection.execute("SELECT idem FROM journal WHERE id = ?", (number,)).fetchone()[0]
        return key


def read_extract(connection: Connection, first: int = DAY_MIN, last: int = DAY_MAX) -> Extract:
    """The extract of the days first to last; from the first journal to the last one where no day is given."""
    days = connection.execute("SELECT min(day), max(day) FROM journal WHERE day BETWEEN ? AND ?",
                              (first, last)).fetchone()
    first = first if first > DAY_MIN else (days[0] or 0)
    last = last if last < DAY_MAX else (days[1] or 0)
    held = {found for side in ("debit", "credit") for found in connection.execute(
        f"SELECT DISTINCT code, '{side}' FROM transfer JOIN journal ON journal.id = transfer.journal"
        f" JOIN account ON account.id = {side} WHERE phase = 'hold' AND day <= ?", (last,)).fetchall()}
    return Extract(connection, first, last, all_balances(connection, first - 1), all_balances(connection, last),
                   frozenset(held))

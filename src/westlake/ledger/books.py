"""The books of one agency: accounts, journals, balances and periods, on a connection that is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from westlake.database import Connection, Schema, transaction
from westlake.dates import DAY_MAX, DAY_MIN, Period, now_us
from westlake.digest import Head
from westlake.errors import Place, Problem, WestlakeError, nearest
from westlake.ledger import balances, checks, periods, posting, refusals
from westlake.ledger.balances import Balance, Statement
from westlake.ledger.journal import Entry, Journal, Posted, mirror, read_entries, read_entry
from westlake.money import MINOR_DIGITS

RULES = ("free", "credit", "debit")
APPEND_ONLY = {"account": ("id", "code"), "journal": ("id", "idem", "reverses"),
               "transfer": ("journal, seq",), "period": ("id",), "closing": ("period",),
               "closing_balance": ("period, account",), "anchor": ("id",)}
SCHEMA = Schema(Path(__file__).parent / "schema", APPEND_ONLY)


class Books:
    """Every fen, twice. Amounts are minor units, days day numbers, instants microseconds UTC.

    What is written stands: a mistake is undone by `reverse`, and shows. Every writing method joins
    the transaction that the caller has open, as a step of its own, or makes one. The books are
    tamper-evident: `verify` finds what was changed behind them, and a head made known outside tells
    even when the whole file was written anew. They cannot be, and do not claim to be, tamper-proof.
    """

    def __init__(self, connection: Connection, now: Callable[[], int] = now_us) -> None:
        """`now` is the recording clock; another one may be given to replay the past."""
        self.connection = connection
        self._now = now

    @classmethod
    def create(cls, connection: Connection, now: Callable[[], int] = now_us) -> Books:
        """Make the tables and their guards where they are not there yet."""
        SCHEMA.create(connection)
        return cls(connection, now)

    def open_account(self, code: str, currency: str, rule: str) -> None:
        """Open an account; opening it again the same way changes nothing.

        rule: "credit" (never more debits and held debits than credits: a budget), "debit" (its
        mirror), "free". Raises W512 when it is open in another currency or under another rule,
        W517 for an unknown currency or rule, W518 for a code that is not one printable line.
        """
        refusals.check_text("code", code)
        for name, known in ((rule, RULES), (currency, tuple(MINOR_DIGITS))):
            if name not in known:
                raise WestlakeError.one("W517", Place(field=code), nearest(name, known), name=name,
                                        choices=", ".join(known))
        with transaction(self.connection):
            row = self.connection.execute("SELECT currency, rule FROM account WHERE code = ?",
                                          (code,)).fetchone()
            if row is None:
                self.connection.execute("INSERT INTO account (code, currency, rule) VALUES (?,?,?)",
                                        (code, currency, rule))
            elif row != (currency, rule):
                raise WestlakeError.one("W512", Place(field=code), account=code, stored=" ".join(row),
                                        given=f"{currency} {rule}")

    def open_period(self, first: int, last: int) -> Period:
        """Open the days first to last; see periods.open_period."""
        return periods.open_period(self.connection, first, last)

    def post(self, journal: Journal) -> Posted:
        """Post one journal; the same key with the same request is answered with the first, `again` true.

        Refused, with nothing written and the key not spent: W501 unknown account, W502 the key
        stands for another request, W503 overdraft, W504 release beyond hold, W505 two currencies,
        W506 and W507 no open period, W508 amount, W509 and W510 reversal, W511 unknown journal,
        W515 no transfers, W516 one account on both sides, W517 phase, W518 text.
        """
        return self.post_many([journal])[0]

    def post_many(self, journals: Iterable[Journal]) -> list[Posted]:
        """Post journals in order, all or nothing, as if one by one."""
        return posting.post_all(self.connection, journals, self._now())

    def reverse(self, number: int, idem: str, day: int, memo: str) -> Posted:
        """Undo a journal whole, on a day whose period is open; once only. W511 if there is no such journal."""
        undone = self.journal(number)
        return self.post(Journal(idem, day, "reversal", memo, mirror(undone.journal), reverses=number))

    def balance(self, code: str, on: int | None = None, recorded_before: int | None = None) -> Balance:
        """What an account holds: now, or at the end of a day, or as known before an instant."""
        if on is None and recorded_before is None:
            return balances.balance_now(self.connection, code)
        return balances.balance_on(self.connection, code, DAY_MAX if on is None else on, recorded_before)

    def balances(self, on: int | None = None, recorded_before: int | None = None) -> dict[str, Balance]:
        """Every account's balance by code."""
        return balances.all_balances(self.connection, on, recorded_before)

    def statement(self, code: str, first: int, last: int, recorded_before: int | None = None) -> Statement:
        """An account's lines from day to day, both included."""
        return balances.statement(self.connection, code, first, last, recorded_before)

    def journal(self, number: int) -> Entry:
        """One journal as it stands; W511 if there is none."""
        found = read_entry(self.connection, number)
        if found is None:
            raise WestlakeError.one("W511", journal=number)
        return found

    def journals(self, first: int = DAY_MIN, last: int = DAY_MAX) -> Iterator[Entry]:
        """The journals of these days, as written."""
        return read_entries(self.connection, "day BETWEEN ? AND ?", (first, last))

    def head(self) -> Head:
        """The number and hash of the last journal."""
        return posting.last_link(self.connection)[0]

    def close_period(self, first: int, last: int) -> periods.Closing:
        """Close a period for good; see periods.close_period."""
        return periods.close_period(self.connection, first, last, self._now())

    def all_periods(self) -> list[Period]:
        """All periods, open and closed, earliest first."""
        return periods.all_periods(self.connection)

    def closings(self) -> list[periods.Closing]:
        """The closed periods, earliest first."""
        return periods.closings(self.connection)

    def anchor(self, day: int, place: str) -> periods.Anchor:
        """Note where the head of the chain was made known outside the books."""
        return periods.anchor(self.connection, day, place, self._now())

    def anchors(self) -> list[periods.Anchor]:
        """All that was made known."""
        return periods.anchors(self.connection)

    def verify(self, published: Iterable[str] = ()) -> list[Problem]:
        """Check everything anew; empty when all is well. `published`: heads that were kept outside."""
        return checks.verify(self.connection, SCHEMA, published)

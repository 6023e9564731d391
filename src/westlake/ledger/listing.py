"""The journals as a table for a spreadsheet: one row a transfer."""

from __future__ import annotations

from collections.abc import Iterator

from westlake.database import Connection
from westlake.dates import DAY_MAX, DAY_MIN, instant_iso, iso
from westlake.ledger.journal import read_entries
from westlake.money import format_money
from westlake.spreadsheet import unarmed

COLUMNS = ("journal", "day", "recorded_at", "key", "kind", "memo", "reverses", "relates_to", "transfer", "debit",
           "credit", "currency", "amount", "phase", "hash")


def listing_rows(connection: Connection, first: int = DAY_MIN,
                 last: int = DAY_MAX) -> Iterator[tuple[str, ...]]:
    """The headings, then the transfers of the days first to last, by day and then as written.

    Amounts are decimal numbers of the currency beside them. A text that a spreadsheet would take for a
    formula is led by an apostrophe.
    """
    yield COLUMNS
    currencies = dict(connection.execute("SELECT code, currency FROM account").fetchall())
    for entry in read_entries(connection, "day BETWEEN ? AND ?", (first, last), order="day"):
        journal = entry.journal
        whole = (str(entry.id), iso(journal.day), instant_iso(entry.recorded_at), unarmed(journal.idem),
                 unarmed(journal.kind), unarmed(journal.memo), str(journal.reverses or ""),
                 str(journal.relates_to or ""))
        for seq, leg in enumerate(journal.transfers, 1):
            currency = currencies[leg.debit]
            yield (*whole, str(seq), unarmed(leg.debit), unarmed(leg.credit), currency,
                   format_money(leg.amount, currency).replace(",", ""), leg.phase, entry.hash)

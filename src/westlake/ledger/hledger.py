"""Writes the books as an hledger journal, so that an auditor can check them with a second program that is not ours.

A journal's key is the transaction's code, its kind the payee, its memo the note; what only holds is marked
"!". All sums are asserted in a last transaction of the last day: hledger asserts in place, to the last digit,
and for the account alone. An hledger description knows no quotes, so a mark in a text that would end it is
written in its full-width form (；｜) and a line break as ⏎; the Beancount and CSV files keep texts as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from westlake.dates import instant_iso, iso
from westlake.ledger.extract import Extract, Leg, Transaction
from westlake.money import MINOR_DIGITS

_WIDE = str.maketrans({";": "；", "|": "｜", ",": "，", "\n": "⏎", "\r": "⏎"})


def hledger_lines(extract: Extract, title: str = "") -> Iterator[str]:
    """The lines of an hledger journal, for `hledger check -s ordereddates`."""
    yield f"; {_text(title)}"
    yield "decimal-mark ."
    for currency in extract.currencies:
        yield f"commodity 1.{'0' * MINOR_DIGITS[currency]} {currency}"
    for code in extract.after:
        for leaf in extract.leaves(code):
            yield f"account {extract.name(leaf)}  ; code:{_text(code)}"
    if opening := extract.opening():
        yield from ("", f"{iso(extract.first)} * opening balances", *map(_leg, opening))
    for transaction in extract.transactions():
        yield from _transaction(transaction)
    if closing := extract.closing():
        yield from ("", f"{iso(extract.last)} * closing balances, asserted")
        yield from (f"  {leg.name}  0 {leg.currency} = {leg.number} {leg.currency}" for leg in closing)


def _transaction(transaction: Transaction) -> Iterator[str]:
    entry, journal = transaction.entry, transaction.entry.journal
    tags = {"journal": entry.id, **transaction.related, "recorded": instant_iso(entry.recorded_at), "hash": entry.hash}
    yield ""
    yield (f"{iso(journal.day)} {'*' if transaction.moves_money else '!'} ({transaction.links[0]})"
           f" {_text(journal.kind)} | {_text(journal.memo)}")
    yield "  ; " + ", ".join(f"{name}:{value}" for name, value in tags.items())
    yield from map(_leg, transaction.legs)


def _leg(leg: Leg) -> str:
    return f"  {leg.name}  {leg.number} {leg.currency}"


def _text(text: str) -> str:
    """A text that ends no description and no tag: marks in full width, other control characters as blanks."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", text.translate(_WIDE)).strip()

"""Writes the books as a Beancount file, so that an auditor can check them with a program that is not ours.

A journal's kind is the payee, its memo the narration, its key the link; what only holds carries the flag
"!". Two traps of Beancount's balance assertions are minded:

- Beancount lets a balance be out by twice the last digit: each is written with the tolerance `~ 0`.
- A balance is that of the morning: the state after the last day is asserted on the day after it.

(A third, that a parent account is asserted together with all below it, never springs: only sums are asserted,
and a sum has nothing below it.)
"""

from __future__ import annotations

from collections.abc import Iterator

from westlake.dates import instant_iso, iso
from westlake.ledger.extract import Extract, Leg, Transaction


def beancount_lines(extract: Extract, title: str = "") -> Iterator[str]:
    """The lines of a Beancount file."""
    yield f'option "title" {_text(title)}'
    for currency in extract.currencies:
        yield f'option "operating_currency" "{currency}"'
    for code, kept in extract.after.items():
        for leaf in extract.leaves(code):
            yield f"{iso(extract.first)} open {extract.name(leaf)} {kept.currency}"
            yield f"  code: {_text(code)}"
    if opening := extract.opening():
        yield from ("", f'{iso(extract.first)} * "opening balances"', *map(_leg, opening))
    for transaction in extract.transactions():
        yield from _transaction(transaction)
    yield ""
    for leg in extract.closing():
        yield f"{iso(extract.last + 1)} balance {leg.name}  {leg.number} ~ 0 {leg.currency}"


def _transaction(transaction: Transaction) -> Iterator[str]:
    entry, journal = transaction.entry, transaction.entry.journal
    yield ""
    yield " ".join([iso(journal.day), "*" if transaction.moves_money else "!", _text(journal.kind),
                    _text(journal.memo), *(f"^{link}" for link in transaction.links)])
    yield f"  journal: {entry.id}"
    yield from (f"  {name}: {number}" for name, number in transaction.related.items())
    yield f'  recorded: "{instant_iso(entry.recorded_at)}"'
    yield f'  hash: "{entry.hash}"'
    yield from map(_leg, transaction.legs)


def _leg(leg: Leg) -> str:
    return f"  {leg.name}  {leg.number} {leg.currency}"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

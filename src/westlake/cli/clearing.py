"""Invoices that wait for an officer: the list of them, and the officer's word that one may count."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from westlake import bills
from westlake.bills import BaseLines, Clearance
from westlake.cli.speech import words_console
from westlake.database import transaction
from westlake.errors import WestlakeError, nearest
from westlake.record import Record
from westlake.words import say


def list_waiting(waiting: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Every invoice or month that waits, whose it is and why."""
    console = words_console()
    for one in waiting:
        ruling = say(f"bills.rulings.{one['ruling']}", lang)
        console.print(f"{one['invoice'] or '–'}  {', '.join(one['firms']) or '–'}  {ruling}", markup=False)
    if not waiting:
        console.print(say("cli.settle.nothing_waits", lang))


def clear_invoice(connection: sqlite3.Connection, found: BaseLines, invoice: str, delivery: int, actor: str,
                  reason: str, day: int) -> list[str]:
    """Let a held invoice count, in the version of one delivery; the rulings that were lifted.

    W414 when no invoice of that name waits; W415 when several deliveries hold it and none was named.
    """
    holding = [flag for flag in found.flags() if flag.holds]
    flags = [flag for flag in holding if flag.invoice == invoice]
    if not flags:
        known_names = [flag.invoice for flag in holding]
        raise WestlakeError.one("W414", suggestion=nearest(invoice, known_names), invoice=invoice)
    known = sorted({number for flag in flags for number in flag.deliveries})
    if delivery not in known and len(known) > 1:
        raise WestlakeError.one("W415", invoice=invoice, deliveries=", ".join(map(str, known)))
    with transaction(connection):
        for flag in flags:
            bills.clear(connection, Clearance(flag.ruling, flag.issuer, flag.account, flag.invoice,
                                              delivery or known[0], day, actor, reason))
        Record(connection).add(actor, "bills.cleared", f"invoice:{invoice}", {
            "rulings": [flag.ruling for flag in flags], "delivery": delivery or known[0], "reason": reason})
    return [flag.ruling for flag in flags]

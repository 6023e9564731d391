"""Invoices that wait for an officer: the list of them, and the officer's word that one may count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from westlake import bills
from westlake.bills import BaseLines, Clearance, Flag, Suspension
from westlake.bills.tables import clearances
from westlake.cli.speech import words_console
from westlake.database import Connection, transaction
from westlake.errors import Place, Problem, WestlakeError, nearest
from westlake.record import Record
from westlake.words import say


def list_waiting(waiting: Sequence[Mapping[str, Any]], flagged: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Every invoice or month that waits, whose it is and why; what holds nothing and is to be looked at; what to do."""
    console = words_console()
    for one in waiting:
        ruling = say(f"bills.rulings.{one['ruling']}", lang)
        console.print(f"{one['invoice'] or '–'}  {one['account'] or '–'}  {', '.join(one['firms']) or '–'}  {ruling}",
                      markup=False)
        console.print(f"    {waiting_problem(one).line(lang)}", markup=False)
    if not waiting:
        console.print(say("cli.settle.nothing_waits", lang))
    if flagged:
        console.print(say("cli.settle.flagged", lang, number=len(flagged)))
    for one in flagged:
        ruling = say(f"bills.rulings.{one['ruling']}", lang)
        console.print(f"{one['invoice'] or '–'}  {one['account'] or '–'}  {ruling}", markup=False)
        console.print(f"    {waiting_problem(one).line(lang)}", markup=False)
    ways = {one["ruling"]: waiting_problem(one).way_out(lang) for one in (*waiting, *flagged)}
    if ways:
        console.print(say("cli.settle.what_to_do", lang))
    for name, way_out in ways.items():
        console.print(f"  {say(f'bills.rulings.{name}', lang)}: {way_out}", markup=False)


def waiting_dict(one: Suspension) -> dict[str, Any]:
    """What waits, as a round keeps it, with its account."""
    return {"ruling": one.ruling, "code": one.problem.code, "firms": list(one.firms), "issuer": one.issuer,
            "account": one.account, "invoice": one.invoice, "file": one.problem.place.file,
            "values": {name: str(value) for name, value in one.problem.values.items()}, "holds": True}


def flag_dict(one: Flag) -> dict[str, Any]:
    """What is flagged and holds nothing back, in the same shape."""
    return {"ruling": one.ruling, "code": one.problem.code, "firms": [], "issuer": one.issuer, "account": one.account,
            "invoice": one.invoice, "file": one.problem.place.file,
            "values": {name: str(value) for name, value in one.problem.values.items()}, "holds": False}


def waiting_problem(one: Mapping[str, Any]) -> Problem:
    """The problem of something that waits, so that it speaks the reader's language."""
    return Problem(one["code"], Place(one["file"], field=one["invoice"]), one["values"])


def clear_invoice(connection: Connection, found: BaseLines, invoice: str, account: str, delivery: int,
                  actor: str, reason: str, day: int) -> list[str]:
    """Let a held invoice count for one account, in the version of one delivery; the rulings that were lifted.

    Only one account is ever cleared: the same bill under another stays held, or it would be paid twice.
    account: its number, or issuer/number; needed when several hold the invoice and the delivery does not tell.
    W414 when no invoice of that name waits; W815 when its account is not told; W415 when several deliveries
    hold it and none was named.
    """
    holding = [flag for flag in found.flags() if flag.holds]
    flags = [flag for flag in holding if flag.invoice == invoice]
    if not flags:
        known_names = [flag.invoice for flag in holding]
        raise WestlakeError.one("W414", suggestion=nearest(invoice, known_names), invoice=invoice)
    cleared = {(one.issuer, one.account) for one in clearances(connection)
               if (one.code, one.invoice) == ("DUPLICATE_INVOICE", invoice)}
    flags = _of_one_account(flags, cleared, invoice, account, delivery)
    known = sorted({number for flag in flags for number in flag.deliveries})
    if delivery not in known and (delivery or len(known) > 1):
        raise WestlakeError.one("W415", invoice=invoice, deliveries=", ".join(map(str, known)))
    with transaction(connection):
        for flag in flags:
            bills.clear(connection, Clearance(flag.ruling, flag.issuer, flag.account, flag.invoice,
                                              delivery or known[0], day, actor, reason))
        Record(connection).add(actor, "bills.cleared", f"invoice:{invoice}", {
            "rulings": [flag.ruling for flag in flags], "issuer": flags[0].issuer, "account": flags[0].account,
            "delivery": delivery or known[0], "reason": reason})
    return [flag.ruling for flag in flags]


def _of_one_account(flags: Sequence[Flag], cleared: set[tuple[str, str]], invoice: str, account: str,
                    delivery: int) -> list[Flag]:
    """The flags of the account that is meant: as named, or else the only one that the delivery can mean.

    cleared: accounts under which the invoice may count already; a second one is only cleared by its name.
    """
    holders = sorted({(flag.issuer, flag.account) for flag in flags} | cleared)
    if account:
        meant = [(issuer, number) for issuer, number in holders if account in (number, f"{issuer}/{number}")]
    else:
        told = {(flag.issuer, flag.account) for flag in flags if delivery in flag.deliveries}
        meant = sorted(told) if len(holders) > 1 and delivery else holders
    if len(meant) != 1 or not any((flag.issuer, flag.account) == meant[0] for flag in flags):
        named = ", ".join(f"{issuer}/{number}" for issuer, number in holders)
        raise WestlakeError.one("W815", invoice=invoice, accounts=named)
    return [flag for flag in flags if (flag.issuer, flag.account) == meant[0]]

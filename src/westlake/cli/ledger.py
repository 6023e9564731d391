"""`westlake ledger`: verify the books, read balances and statements, close a year, make the head known."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from westlake.cli import fiscal_year
from westlake.cli.books import (
    LANG,
    Actor,
    Day,
    Json,
    Lang,
    Span,
    help_of,
    needed,
    open_books,
    read_day,
    read_period,
    show,
    table_of,
)
from westlake.cli.speech import print_json, show_problems, stage, words_console
from westlake.database import transaction
from westlake.dates import iso
from westlake.digest import Head
from westlake.errors import WestlakeError
from westlake.ledger import Balance
from westlake.money import format_money
from westlake.record import Record
from westlake.rooms import verify_all
from westlake.words import say

SUMS = ("debits", "credits", "held_debits", "held_credits")
app = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
for _name in fiscal_year.COMMANDS:
    app.command(_name, help=help_of(f"{_name}.help"))(fiscal_year.COMMANDS[_name])


@app.command("verify", help=help_of("verify.help"))
def verify(
    head: Annotated[list[str] | None, typer.Option("--head", help=help_of("verify.head"))] = None,
    as_json: Json = False, lang: Lang = LANG,
) -> None:
    """Check books and record anew; exit 1 when something is wrong."""
    for hash_ in head or ():
        if not re.fullmatch("[0-9a-f]{64}", hash_):
            raise WestlakeError.one("W823", value=hash_)
    connection, console = open_books().connection, words_console()
    with stage(console, say("ledger.verify.checking", lang)):
        found = verify_all(connection, head or ())
    if as_json:
        heads = {"books": found.books, "record": found.record}
        print_json({name: {**({"head": None if problems else heads[name]._asdict()} if name in heads else {}),
                           "problems": [problem.as_dict(lang) for problem in problems]}
                    for name, problems in found.problems.items()})
    for name, problems in found.problems.items():
        show_problems(problems, lang)
        if not problems and not as_json:
            number, hash_ = getattr(found, name, Head(0, ""))
            console.print(say(f"ledger.verify.{name}", lang, number=f"{number:,}", hash=hash_))
    if found.all_problems:
        raise typer.Exit(1)


@app.command("balances", help=help_of("balances.help"))
def balances(on: Day = "", as_json: Json = False, lang: Lang = LANG) -> None:
    """Every account's balance, now or at the end of a day."""
    found = open_books().balances(read_day(on) if on else None)
    if as_json:
        print_json([{"account": code, **sums_of(kept)} for code, kept in found.items()])
        return
    table = table_of(lang, ("account", "currency"), (*SUMS, "available"))
    for code, kept in found.items():
        table.add_row(code, kept.currency, *_amounts(kept))
    show(table)


@app.command("statement", help=help_of("statement.help"))
def statement(
    account: Annotated[str, typer.Argument(help=help_of("statement.account"))],
    period: Span = "", as_json: Json = False, lang: Lang = LANG,
) -> None:
    """An account line by line."""
    span = read_period(period or str(dt.date.today().year))
    found = open_books().statement(account, span.first, span.last)
    if as_json:
        print_json({"account": account, "first": iso(span.first), "last": iso(span.last),
                    "opening": sums_of(found.opening), "closing": sums_of(found.closing),
                    "lines": [{"journal": line.journal, "key": line.idem, "day": iso(line.day), "kind": line.kind,
                               "memo": line.memo, "other": line.other, "side": line.side, "phase": line.transfer.phase,
                               "amount": line.transfer.amount, "available": line.balance.available}
                              for line in found.lines]})
        return
    table = table_of(lang, ("day", "journal", "kind", "other", "phase"), ("debit", "credit", "available"))
    table.add_row(iso(span.first), "", say("ledger.column.opening", lang), "", "", "", "", _money(found.opening))
    for line in found.lines:
        amount = format_money(line.transfer.amount, line.balance.currency)
        table.add_row(iso(line.day), str(line.journal), line.kind, line.other,
                      say(f"ledger.phase.{line.transfer.phase}", lang),
                      *((amount, "") if line.side == "debit" else ("", amount)), _money(line.balance))
    table.add_row(iso(span.last), "", say("ledger.column.closing", lang), "", "", "", "", _money(found.closing))
    show(table)


@app.command("anchor", help=help_of("anchor.help"))
def anchor(
    place: Annotated[str, typer.Argument(help=help_of("anchor.place"))] = "",
    on: Day = "", actor: Actor = "", as_json: Json = False, lang: Lang = LANG,
) -> None:
    """Show the head of the chain; with a place, note that it was made known there."""
    books = open_books()
    if place:
        actor, day = needed(actor, "--as"), read_day(on)
        with transaction(books.connection):
            noted = books.anchor(day, place)
            Record(books.connection).add(actor, "ledger.anchored", f"anchor:{noted.id}",
                                         {"journal": noted.journal, "hash": noted.hash, "place": place}, day=day)
    head = books.head()
    if as_json:
        print_json({"journal": head.number, "hash": head.hash,
                    "anchors": [{**kept._asdict(), "day": iso(kept.day)} for kept in books.anchors()]})
        return
    console = words_console()
    console.print(say("ledger.anchor.head", lang, number=f"{head.number:,}", hash=head.hash))
    for kept in books.anchors():
        console.print(say("ledger.anchor.kept", lang, day=iso(kept.day), journal=kept.journal, place=kept.place))


def sums_of(kept: Balance) -> dict[str, Any]:
    return {"currency": kept.currency, "rule": kept.rule, **{name: getattr(kept, name) for name in SUMS},
            "available": kept.available}


def _amounts(kept: Balance) -> Iterable[str]:
    return [format_money(amount, kept.currency) for amount in (*(getattr(kept, name) for name in SUMS), kept.available)]


def _money(kept: Balance) -> str:
    return format_money(kept.available, kept.currency)

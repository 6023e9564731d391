"""`westlake ledger`: verify the books, read balances and statements, close a period, make the head known."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.measure import Measurement
from rich.table import Table

from westlake.cli.place import here
from westlake.cli.speech import print_json, show_problems, spoken_language, stage, words_console
from westlake.database import connect, transaction
from westlake.dates import Period, iso, parse_day
from westlake.errors import Place, Problem, WestlakeError
from westlake.ledger import Balance, Books
from westlake.money import format_money
from westlake.record import Record
from westlake.words import say

LANG = spoken_language()
SUMS = ("debits", "credits", "held_debits", "held_credits")
app = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})


def _help(name: str) -> str:
    return say(f"ledger.{name}", LANG)


Lang = Annotated[str, typer.Option("--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG))]
Json = Annotated[bool, typer.Option("--json", help=say("cli.json", LANG))]
Span = Annotated[str, typer.Option("--period", help=_help("period"))]
Day = Annotated[str, typer.Option("--on", help=_help("on"))]
Actor = Annotated[str, typer.Option("--as", help=_help("as"))]


def open_books() -> Books:
    """The workspace's books as they are; W822 when there are none yet.

    Nothing is made here, not even a missing guard: what verification is to find must not be mended first.
    """
    workspace = here()
    if not workspace.database.exists():
        raise WestlakeError.one("W822", Place(workspace.database.name))
    return Books(connect(workspace.database))


def read_period(text: str) -> Period:
    """A year (2025), a month (2025-03), or two days (2025-01-01..2025-06-30); W821 for anything else."""
    try:
        if re.fullmatch(r"[1-9]\d{3}", text):
            return Period.year(int(text))
        if found := re.fullmatch(r"(\d{4})-(\d\d)", text):
            parse_day(f"{text}-01")  # no thirteenth month
            return Period.month(int(found[1]), int(found[2]))
        first_text, _, last_text = text.partition("..")
        period = Period(parse_day(first_text), parse_day(last_text))
        if period.first > period.last:
            raise ValueError(text)
    except ValueError as error:
        raise WestlakeError.one("W821", value=text) from error
    return period


def read_day(text: str) -> int:
    """A day, or today when nothing is given; W805 for anything else."""
    try:
        return parse_day(text or dt.date.today().isoformat())
    except ValueError as error:
        raise WestlakeError.one("W805", value=text) from error


@app.command("verify", help=_help("verify.help"))
def verify(
    head: Annotated[list[str] | None, typer.Option("--head", help=_help("verify.head"))] = None,
    as_json: Json = False, lang: Lang = LANG,
) -> None:
    """Check books and record anew; exit 1 when something is wrong."""
    books = open_books()
    record = Record(books.connection)
    console = words_console()
    with stage(console, say("ledger.verify.checking", lang)):
        acts = {act.hash for act in record.acts()} if head else set()
        chains: list[tuple[str, Books | Record, list[Problem]]] = [
            ("books", books, books.verify([hash_ for hash_ in head or () if hash_ not in acts])),
            ("record", record, record.verify())]
    if as_json:
        print_json({name: {"head": None if problems else chain.head()._asdict(),
                           "problems": [problem.as_dict(lang) for problem in problems]}
                    for name, chain, problems in chains})
    for name, chain, problems in chains:
        show_problems(problems, lang)
        if not problems and not as_json:
            number, hash_ = chain.head()
            console.print(say(f"ledger.verify.{name}", lang, number=f"{number:,}", hash=hash_))
    if any(problems for _, _, problems in chains):
        raise typer.Exit(1)


@app.command("balances", help=_help("balances.help"))
def balances(on: Day = "", as_json: Json = False, lang: Lang = LANG) -> None:
    """Every account's balance, now or at the end of a day."""
    found = open_books().balances(read_day(on) if on else None)
    if as_json:
        print_json([{"account": code, **_sums(kept)} for code, kept in found.items()])
        return
    table = _table(lang, ("account", "currency"), (*SUMS, "available"))
    for code, kept in found.items():
        table.add_row(code, kept.currency, *_amounts(kept))
    _show(table)


@app.command("statement", help=_help("statement.help"))
def statement(
    account: Annotated[str, typer.Argument(help=_help("statement.account"))],
    period: Span = "", as_json: Json = False, lang: Lang = LANG,
) -> None:
    """An account line by line."""
    span = read_period(period or str(dt.date.today().year))
    found = open_books().statement(account, span.first, span.last)
    if as_json:
        print_json({"account": account, "first": iso(span.first), "last": iso(span.last),
                    "opening": _sums(found.opening), "closing": _sums(found.closing),
                    "lines": [{"journal": line.journal, "key": line.idem, "day": iso(line.day), "kind": line.kind,
                               "memo": line.memo, "other": line.other, "side": line.side, "phase": line.transfer.phase,
                               "amount": line.transfer.amount, "available": line.balance.available}
                              for line in found.lines]})
        return
    table = _table(lang, ("day", "journal", "kind", "other", "phase"), ("debit", "credit", "available"))
    table.add_row(iso(span.first), "", say("ledger.column.opening", lang), "", "", "", "", _money(found.opening))
    for line in found.lines:
        amount = format_money(line.transfer.amount, line.balance.currency)
        table.add_row(iso(line.day), str(line.journal), line.kind, line.other,
                      say(f"ledger.phase.{line.transfer.phase}", lang),
                      *((amount, "") if line.side == "debit" else ("", amount)), _money(line.balance))
    table.add_row(iso(span.last), "", say("ledger.column.closing", lang), "", "", "", "", _money(found.closing))
    _show(table)


@app.command("close", help=_help("close.help"))
def close(
    period: Annotated[str, typer.Argument(help=_help("period"))],
    actor: Actor = "", yes: Annotated[bool, typer.Option("--yes", help=_help("close.yes"))] = False,
    as_json: Json = False, lang: Lang = LANG,
) -> None:
    """Close a period for good."""
    books, span = open_books(), read_period(period)
    actor = _needed(actor, "--as")
    if not yes:
        if not sys.stdin.isatty():
            raise WestlakeError.one("W803", option="--yes")
        typer.confirm(say("ledger.close.sure", lang, first=iso(span.first), last=iso(span.last)), abort=True, err=True)
    with transaction(books.connection):
        known = {closing.period for closing in books.closings()}
        closing = books.close_period(span.first, span.last)
        if span not in known:
            Record(books.connection).add(actor, "ledger.closed", f"period:{span}", {
                "journal": closing.journal, "hash": closing.hash, "balances": closing.balances})
    if as_json:
        print_json({"first": iso(span.first), "last": iso(span.last), "journal": closing.journal,
                    "hash": closing.hash, "balances": closing.balances})
    else:
        words_console().print(say("ledger.close.done", lang, first=iso(span.first), last=iso(span.last),
                                  journal=closing.journal, hash=closing.hash, balances=closing.balances))


@app.command("anchor", help=_help("anchor.help"))
def anchor(
    place: Annotated[str, typer.Argument(help=_help("anchor.place"))] = "",
    on: Day = "", actor: Actor = "", as_json: Json = False, lang: Lang = LANG,
) -> None:
    """Show the head of the chain; with a place, note that it was made known there."""
    books = open_books()
    if place:
        actor, day = _needed(actor, "--as"), read_day(on)
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


def _needed(text: str, option: str) -> str:
    if not text.strip():
        raise WestlakeError.one("W803", option=option)
    return text.strip()


def _sums(kept: Balance) -> dict[str, Any]:
    return {"currency": kept.currency, "rule": kept.rule, **{name: getattr(kept, name) for name in SUMS},
            "available": kept.available}


def _amounts(kept: Balance) -> Iterable[str]:
    return [format_money(amount, kept.currency) for amount in (*(getattr(kept, name) for name in SUMS), kept.available)]


def _money(kept: Balance) -> str:
    return format_money(kept.available, kept.currency)


def _table(lang: str, words: Iterable[str], numbers: Iterable[str]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in words:
        table.add_column(say(f"ledger.column.{name}", lang), overflow="fold")
    for name in numbers:
        table.add_column(say(f"ledger.column.{name}", lang), justify="right", no_wrap=True)
    return table


def _show(table: Table) -> None:
    """All of it: no figure is ever cut to the width of a window."""
    console = words_console()
    whole = Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    console.width = max(console.width, whole)
    console.print(table)

"""What every command on the books asks for and shows: a period, a day, a name; tables in which no figure is cut."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.measure import Measurement
from rich.table import Table

from westlake.cli.place import here, open_database
from westlake.cli.speech import spoken_language, words_console
from westlake.database import is_there, place_of
from westlake.dates import Period, parse_day
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books
from westlake.words import say

LANG = spoken_language()


def help_of(name: str) -> str:
    """The help of a `ledger` command or option."""
    return say(f"ledger.{name}", LANG)


Lang = Annotated[str, typer.Option("--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG))]
Json = Annotated[bool, typer.Option("--json", help=say("cli.json", LANG))]
Span = Annotated[str, typer.Option("--period", help=help_of("period"))]
Day = Annotated[str, typer.Option("--on", help=help_of("on"))]
Actor = Annotated[str, typer.Option("--as", help=help_of("as"))]


def open_books() -> Books:
    """The workspace's books as they are; W822 when there are none yet.

    Tables of an earlier release are brought forward; a guard that is gone is not mended, verification is to find it.
    """
    workspace = here()
    if not is_there(workspace.database):
        raise WestlakeError.one("W822", Place(place_of(workspace.database)))
    return Books(open_database(workspace))


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


def needed(text: str, option: str) -> str:
    """What an option says; W803 when it says nothing."""
    if not text.strip():
        raise WestlakeError.one("W803", option=option)
    return text.strip()


def confirm(question: str, yes: bool) -> None:
    """Go on only on a yes; W803 where nobody is there to be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise WestlakeError.one("W803", option="--yes")
    typer.confirm(question, abort=True, err=True)


def table_of(lang: str, words: Iterable[str], numbers: Iterable[str]) -> Table:
    """A table with columns of words, then columns of figures."""
    table = Table(box=SIMPLE_HEAD)
    for name in words:
        table.add_column(say(f"ledger.column.{name}", lang), overflow="fold")
    for name in numbers:
        table.add_column(say(f"ledger.column.{name}", lang), justify="right", no_wrap=True)
    return table


def show(table: Table) -> None:
    """All of it: no figure is ever cut to the width of a window."""
    console = words_console()
    whole = Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    console.width = max(console.width, whole)
    console.print(table)

"""The commands of a fiscal year: open it, close it with what lapses, appropriate anew, tell its figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from westlake.cli.books import (
    LANG,
    Actor,
    Day,
    Json,
    Lang,
    confirm,
    help_of,
    needed,
    open_books,
    read_day,
    read_period,
    show,
    table_of,
)
from westlake.cli.place import here, open_database, today
from westlake.cli.speech import print_json, words_console
from westlake.database import Connection, rehearsal, transaction
from westlake.dates import DAY_MAX, DAY_MIN, Period, iso, year_of
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books
from westlake.money import format_money, parse_money
from westlake.record import Record
from westlake.words import say

Year = Annotated[str, typer.Argument(help=help_of("close.period"))]
Yes = Annotated[bool, typer.Option("--yes", help=help_of("close.yes"))]
Dry = Annotated[bool, typer.Option("--dry-run", help=help_of("close.dry_run"))]
Early = Annotated[str, typer.Option("--before-its-end", help=help_of("close.before_its_end"))]
YearEnd = Annotated[bool, typer.Option("--year-end", help=help_of("close.ends_year"))]


def open_period(period: Annotated[str, typer.Argument(help=help_of("period"))], actor: Actor = "",
                as_json: Json = False, lang: Lang = LANG) -> None:
    """Open a period; a whole year opened so sets the day on which all later fiscal years begin."""
    actor, span = needed(actor, "--as"), read_period(period)
    connection = open_database(here())
    with transaction(connection):
        Books(connection).open_period(span.first, span.last)
        Record(connection).add(actor, "ledger.opened", f"period:{span}")
    if as_json:
        print_json({"first": iso(span.first), "last": iso(span.last)})
    else:
        words_console().print(say("ledger.open.done", lang, first=iso(span.first), last=iso(span.last)))


def close(period: Year, actor: Actor = "", yes: Yes = False, dry_run: Dry = False, year_end: YearEnd = False,
          before_its_end: Early = "", as_json: Json = False, lang: Lang = LANG) -> None:
    """Close a period for good; at the end of a year, what is not held lapses and what is held is carried over."""
    from westlake.settlement import fiscal_year  # noqa: PLC0415

    books = Books(_office())
    span = _span(books.connection, period)

    closed = fiscal_year.is_closed(books.connection, span)
    if not closed:
        fiscal_year.check_over(span, today(), before_its_end)
    with rehearsal(books.connection):  # what the books would refuse is said before anything is shown or asked
        books.close_period(span.first, span.last)
    ends_year = year_end or fiscal_year.is_whole_year(span)
    ends = fiscal_year.year_end(books.connection, span) if ends_year and not closed else []
    first, last = iso(span.first), iso(span.last)
    if ends and not as_json:
        _show_ends(ends, last, lang)
    if dry_run:
        if as_json:
            print_json({"first": first, "last": last, "dry_run": True, "year_end": [end.as_dict() for end in ends]})
        words_console().print(say("cli.settle.rehearsed", lang))
        return
    actor = needed(actor, "--as")
    confirm(say("ledger.close.sure", lang, first=first, last=last), yes)
    closing, ends = fiscal_year.close_period(books.connection, span, actor, ends_year=ends_year,
                                             said={"before_its_end": before_its_end})
    if as_json:
        print_json({"first": first, "last": last, "journal": closing.journal, "hash": closing.hash,
                    "balances": closing.balances, "year_end": [end.as_dict() for end in ends]})
    else:
        words_console().print(say("ledger.close.done", lang, first=first, last=last, journal=closing.journal,
                                  hash=closing.hash, balances=closing.balances))


def appropriate(
    programme: Annotated[str, typer.Argument(help=say("cli.settle.programme", LANG))],
    year: Annotated[int, typer.Option("--year", help=say("cli.settle.year", LANG))],
    amount: Annotated[str, typer.Option("--amount", help=help_of("appropriate.amount"))],
    reason: Annotated[str, typer.Option("--reason", help=help_of("appropriate.reason"))] = "",
    actor: Actor = "", on: Day = "", yes: Yes = False, as_json: Json = False, lang: Lang = LANG,
) -> None:
    """Appropriate money anew to a budget that has lapsed."""
    from westlake.settlement import fiscal_year, programme_years  # noqa: PLC0415 - with it come numpy and duckdb

    actor, reason, connection, day = needed(actor, "--as"), needed(reason, "--reason"), _office(), read_day(on)
    found = next((one for one in programme_years.programme_years(connection)
                  if (one.programme, one.year) == (programme, year)), None)
    if found is None:
        raise WestlakeError.one("W806", programme=programme, year=year)
    try:
        number = parse_money(amount, found.currency)
    except ValueError as error:
        raise WestlakeError.one("W816", Place(field="--amount"), value=amount) from error
    told = {"programme": programme, "year": year, "amount": f"{format_money(number, found.currency)} {found.currency}"}
    confirm(say("ledger.appropriate.sure", lang, **told), yes)
    fiscal_year.appropriate_anew(connection, found, number, day, actor, reason)
    if as_json:
        print_json({"programme": programme, "year": year, "currency": found.currency, "amount": number})
    else:
        words_console().print(say("ledger.appropriate.done", lang, **told))


def programmes(year: Annotated[str, typer.Option("--year", help=help_of("programmes.year"))] = "",
               as_json: Json = False, lang: Lang = LANG) -> None:
    """Every programme's budgets in figures, over all days or a fiscal year."""
    from westlake.settlement import programme_years  # noqa: PLC0415 - with it come numpy and duckdb

    connection = _office()
    span = _span(connection, year) if year else Period(DAY_MIN, DAY_MAX)
    found = programme_years.programme_years(connection, span.first, span.last)
    due = programme_years.payables(connection, span.first, span.last)
    if as_json:
        days = {"first": iso(span.first), "last": iso(span.last)} if year else {}
        print_json({**days, "programmes": [one.as_dict() for one in found], "payables": [one._asdict() for one in due]})
        return
    sides = programme_years.IN, (*programme_years.OUT, "asked_back", "owed")
    for one in found:
        told = {"programme": one.programme, "year": one.year}
        _show_sides(say("ledger.programmes.budget", lang, **told, currency=one.currency), sides, one, lang)
        if not any(getattr(one, name) for name in programme_years.FIGURES):
            lies = sorted({str(_begins(connection, source.day)) for source in one.sources})
            words_console().print(say("ledger.programmes.elsewhere", lang, asked=year, years=", ".join(lies) or "–",
                                      **told))
    for owed in due:
        _show_sides(say("ledger.programmes.firms", lang, programme=owed.programme, currency=owed.currency),
                    (programme_years.DUE[:3], programme_years.DUE[3:]), owed, lang)


def periods(as_json: Json = False, lang: Lang = LANG) -> None:
    """Every period of the books, open or closed."""
    books = open_books()
    closed = {one.period for one in books.closings()}
    found = [(iso(one.first), iso(one.last), "closed" if one in closed else "open") for one in books.all_periods()]
    if as_json:
        print_json([{"first": first, "last": last, "state": state} for first, last, state in found])
        return
    table = table_of(lang, ("first", "last", "state"), ())
    for first, last, state in found:
        table.add_row(first, last, say(f"ledger.state.{state}", lang))
    show(table)


COMMANDS: dict[str, Callable[..., None]] = {"open": open_period, "close": close, "periods": periods,
                                            "appropriate": appropriate, "programmes": programmes}


def _span(connection: Connection, text: str) -> Period:
    """A period; a year by itself is the fiscal year that begins in it."""
    from westlake.settlement.fiscal_year import fiscal_year  # noqa: PLC0415 - with it come numpy and duckdb

    if re.fullmatch(r"[1-9]\d{3}", text):
        return fiscal_year(connection, int(text))
    return read_period(text)


def _office() -> Connection:
    """The workspace's database with settlement's tables in place; W822 when there are no books yet."""
    open_books().connection.close()
    return open_database(here())


def _show_ends(ends: Sequence[Any], last: str, lang: str) -> None:
    """What lapses and what is carried over, budget by budget, then each case that is."""
    words_console().print(say("ledger.close.year_end", lang, last=last))
    _show_figures(lang, ("programme", "year", "currency"), ("lapsed", "carried_over"), ends)
    table = table_of(lang, ("programme", "year", "case", "account"), ("held",))
    for end in ends:
        for case in end.carried:
            table.add_row(end.programme, str(end.year), case.firm, case.account,
                          format_money(case.amount, end.currency))
    if table.row_count:
        show(table)


def _begins(connection: Connection, day: int) -> int:
    """The calendar year in which the fiscal year of a day begins."""
    from westlake.settlement.fiscal_year import fiscal_year  # noqa: PLC0415 - with it come numpy and duckdb

    year = year_of(day)
    return year if day in fiscal_year(connection, year) else year - 1


def _show_sides(title: str, sides: tuple[Sequence[str], Sequence[str]], row: Any, lang: str) -> None:
    """What went in beside what came of it, narrow enough for any window."""
    table = Table(box=None, show_header=False)
    for _ in sides:
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
    for pair in zip(*sides, strict=True):
        table.add_row(*(cell for name in pair for cell in (
            say(f"ledger.column.{name}", lang), format_money(getattr(row, name), row.currency))))
    words_console().print(title)
    show(table)


def _show_figures(lang: str, words: Sequence[str], figures: Sequence[str], rows: Sequence[Any]) -> None:
    table = table_of(lang, words, figures)
    for row in rows:
        table.add_row(*(str(getattr(row, name)) for name in words),
                      *(format_money(getattr(row, name), row.currency) for name in figures))
    show(table)

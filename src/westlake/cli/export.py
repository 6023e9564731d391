"""`westlake export`: hand the books over in an open format that programs other than ours can read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, TextIO

import typer

from westlake.cli.books import LANG, Json, Lang, Span, open_books, read_period
from westlake.cli.place import here, open_database
from westlake.cli.speech import print_json, stage, words_console
from westlake.database import reading
from westlake.dates import DAY_MAX, DAY_MIN, Period, now_us
from westlake.digest import file_sha256
from westlake.disk import write_whole
from westlake.ledger.beancount import beancount_lines
from westlake.ledger.extract import Extract, read_extract
from westlake.ledger.hledger import hledger_lines
from westlake.ledger.listing import listing_rows
from westlake.words import say

app = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
File = Annotated[Path, typer.Argument(help=say("ledger.export.file", LANG))]


@app.command("beancount", help=say("ledger.export.beancount", LANG))
def to_beancount(file: File, period: Span = "", as_json: Json = False, lang: Lang = LANG) -> None:
    """A Beancount file: one transaction a journal, an assertion for every sum of every account."""
    _write_extract(file, beancount_lines, period, as_json, lang)


@app.command("hledger", help=say("ledger.export.hledger", LANG))
def to_hledger(file: File, period: Span = "", as_json: Json = False, lang: Lang = LANG) -> None:
    """An hledger journal: the same transactions and assertions for another program."""
    _write_extract(file, hledger_lines, period, as_json, lang)


@app.command("csv", help=say("ledger.export.csv", LANG))
def to_csv(file: File, period: Span = "", as_json: Json = False, lang: Lang = LANG) -> None:
    """A CSV file: one row a transfer."""
    span, books = _span(period), open_books()

    def write(out: TextIO) -> None:
        csv.writer(out).writerows(listing_rows(books.connection, span.first, span.last))
    # With its mark in front, spreadsheets read Korean and Chinese right.
    _write(file, write, "utf-8-sig", as_json, lang)


@app.command("xlsx", help=say("ledger.export.xlsx", LANG))
def to_xlsx(
    file: File, account: Annotated[str, typer.Option("--account", help=say("ledger.export.account", LANG))] = "",
    period: Span = "", as_json: Json = False, lang: Lang = LANG,
) -> None:
    """An Excel workbook: cover, balances, every transfer (or one account's statement), programmes."""
    from westlake.reports.books import Origin, write_books  # noqa: PLC0415 - with it come numpy and the charts

    open_books().connection.close()
    settings, connection = here().settings, open_database(here())  # settlement's tables too

    def write(path: Path) -> None:
        with reading(connection):
            span = _span(period) if period else read_extract(connection).period
            write_books(path, connection, Origin(f"{settings.agency}, {settings.city}", span, now_us(), lang), account)
    _keep(file, write, as_json, lang)


def _write_extract(file: Path, lines: Callable[[Extract, str], Iterable[str]], period: str, as_json: bool,
                   lang: str) -> None:
    settings, span, books = here().settings, _span(period), open_books()

    def write(out: TextIO) -> None:
        with reading(books.connection):
            extract = read_extract(books.connection, span.first, span.last)
            out.writelines(f"{line}\n" for line in lines(extract, f"{settings.agency}, {settings.city}"))
    _write(file, write, "utf-8", as_json, lang)


def _span(text: str) -> Period:
    return read_period(text) if text else Period(DAY_MIN, DAY_MAX)


def _write(file: Path, write: Callable[[TextIO], None], encoding: str, as_json: bool, lang: str) -> None:
    def write_text(path: Path) -> None:
        with path.open("w", encoding=encoding, newline="") as out:
            write(out)
    _keep(file, write_text, as_json, lang)


def _keep(file: Path, write: Callable[[Path], None], as_json: bool, lang: str) -> None:
    """Write beside the file and rename, so that no half of an export is ever taken for the whole."""
    console = words_console()
    with stage(console, say("ledger.export.writing", lang, file=file.name)):
        write_whole(file, write)
    if as_json:
        print_json({"file": str(file), "sha256": file_sha256(file)})
    else:
        console.print(say("ledger.export.written", lang, file=file, sha256=file_sha256(file)))

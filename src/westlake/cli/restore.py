"""`westlake restore`: a backup brought back into a new folder, onto either engine, and verified."""

from __future__ import annotations

from pathlib import Path

import typer

from westlake.backup import restore_backup
from westlake.cli.speech import print_json, spoken_language, stage, words_console
from westlake.dates import instant_iso
from westlake.errors import Place, WestlakeError
from westlake.words import say
from westlake.workspace import Settings

LANG = spoken_language()


def restore(
    file: Path = typer.Argument(..., help=say("backup.from", LANG)),
    folder: Path = typer.Argument(..., help=say("backup.into", LANG)),
    database: str = typer.Option(Settings.database, envvar="WESTLAKE_DATABASE", help=say("cli.new.database", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Restore whole, or leave nothing behind."""
    if not file.is_file():
        raise WestlakeError.one("W710", Place(str(file)), what=say("backup.no_file", lang))
    console = words_console()
    with stage(console, say("backup.restoring", lang, file=file.name)):
        contents = restore_backup(file, folder, database)
    if as_json:
        print_json({"folder": str(folder), "at": instant_iso(contents.at), "release": contents.release,
                    "books": contents.books._asdict(), "record": contents.record._asdict(),
                    "rows": sum(contents.rows.values())})
        return
    console.print(say("backup.restored", lang, folder=folder, at=instant_iso(contents.at),
                      rows=f"{sum(contents.rows.values()):,}"))
    console.print(say("backup.heads", lang, journals=f"{contents.books.number:,}", books=contents.books.hash,
                      acts=f"{contents.record.number:,}", record=contents.record.hash))
    console.print(say("backup.since", lang))

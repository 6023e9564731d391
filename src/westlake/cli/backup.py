"""`westlake backup`: everything that the workspace keeps, in one file, while others go on working."""

from __future__ import annotations

from pathlib import Path

import typer

from westlake.backup import write_backup
from westlake.cli.books import open_books
from westlake.cli.place import here
from westlake.cli.speech import print_json, show_problems, spoken_language, stage, words_console
from westlake.dates import instant_iso, now_us
from westlake.digest import file_sha256
from westlake.errors import Place, WestlakeError
from westlake.rooms import verify_all
from westlake.words import say

LANG = spoken_language()


def backup(
    file: Path = typer.Argument(None, help=say("backup.file", LANG)),
    files: bool = typer.Option(True, "--files/--no-files", help=say("backup.files", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Write the backup, then verify what it was made from; exit 1 when something is wrong with that."""
    workspace, books, console = here(), open_books(), words_console()
    connection, now = books.connection, instant_iso(now_us()).replace("-", "").replace(":", "")[:15]
    path = file or workspace.folder / "backups" / f"{workspace.folder.resolve().name}-{now}.zip"
    if path.exists():
        raise WestlakeError.one("W801", Place(str(path)), folder=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with stage(console, say("backup.writing", lang, file=path.name)):
        contents = write_backup(connection, workspace, path, with_files=files)
    with stage(console, say("ledger.verify.checking", lang)):
        problems = verify_all(connection).all_problems
    if problems:  # evidence, not something to go back to: nobody shall take it for a good one
        path = path.replace(path.with_name(f"{path.stem}-UNVERIFIED{path.suffix}"))
    told = {"file": str(path), "sha256": file_sha256(path), "bytes": path.stat().st_size,
            "at": instant_iso(contents.at), "release": contents.release, "rows": sum(contents.rows.values()),
            "left_out": [{"file": name, "why": why} for name, why in contents.left_out.items()],
            "books": contents.books._asdict(), "record": contents.record._asdict(),
            "problems": [problem.as_dict(lang) for problem in problems]}
    if as_json:
        print_json(told)
    else:
        console.print(say("backup.written", lang, file=path, sha256=told["sha256"], rows=f"{told['rows']:,}",
                          megabytes=f"{path.stat().st_size / 1e6:,.1f}"))
        console.print(say("backup.heads", lang, journals=f"{contents.books.number:,}", books=contents.books.hash,
                          acts=f"{contents.record.number:,}", record=contents.record.hash))
        for why in dict.fromkeys(contents.left_out.values()):
            names = ", ".join(name for name, reason in contents.left_out.items() if reason == why)
            console.print(say(f"backup.left_out.{why}", lang, names=names), markup=False)
        console.print(say("backup.personal", lang))
        if problems:
            console.print(say("backup.unverified", lang, file=path.name))
    show_problems(problems, lang)
    if problems:
        raise typer.Exit(1)

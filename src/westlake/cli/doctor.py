"""`westlake doctor`: a look at this machine, this workspace and its books."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import typer

from westlake import __version__
from westlake.cli.place import here, open_database
from westlake.cli.speech import print_json, spoken_language, words_console
from westlake.database import Connection, is_there, place_of
from westlake.errors import Place, Problem, WestlakeError
from westlake.words import say
from westlake.workspace import Settings, Workspace, env

LANG = spoken_language()
DISK_MIN = 2 * 10**9  # bytes: a year of a large city's bills as Parquet


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `well` is None for a plain piece of information."""

    what: str
    found: str
    well: bool | None = None
    remedy: str = ""


def doctor(
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Say what is well and what is amiss; exit 1 if something is."""
    findings = [*_machine(lang), *_workspace(lang)]
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        console = words_console()
        for finding in findings:
            mark = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: " "}[finding.well]
            console.print(f"{mark} {finding.what}: {finding.found}")
            if finding.remedy:
                console.print(f"    {finding.remedy}")
    if any(finding.well is False for finding in findings):
        raise typer.Exit(1)


def _machine(lang: str) -> Iterator[Finding]:
    yield Finding("Westlake", __version__)
    yield Finding("Python", platform.python_version(), True)
    yield Finding("SQLite", sqlite3.sqlite_version, sqlite3.sqlite_version_info >= (3, 37))
    for name in ("duckdb", "numba", "numpy", "vl-convert-python"):
        yield Finding(name, version(name))
    yield _typesetter(lang)
    free = shutil.disk_usage(Path.cwd()).free
    yield Finding(say("cli.doctor.disk", lang), f"{free / 1e9:.0f} GB", free > DISK_MIN,
                  "" if free > DISK_MIN else say("cli.doctor.disk_way", lang))


def _typesetter(lang: str) -> Finding:
    """What sets letters as PDF; without it they go out as mails alone, which is no fault."""
    if find_spec("typst") is None:
        return _finding("typesetter", Problem("W955"), lang, None)
    return Finding(say("cli.doctor.typesetter", lang), f"typst {version('typst')}", True)


def _workspace(lang: str) -> Iterator[Finding]:
    try:
        workspace = here()
    except WestlakeError as error:
        outside = error.problems[0].code == "W702"  # no workspace is no fault; a broken one is
        yield from (_finding("workspace", problem, lang, None if outside else False) for problem in error.problems)
        return
    yield Finding(say("cli.doctor.workspace", lang), workspace.folder.name, True)
    for setting in fields(Settings):
        origin = env(setting.name) if env(setting.name) in os.environ else "westlake.toml"
        value = getattr(workspace.settings, setting.name)
        yield Finding(f"  {setting.name}", f"{place_of(value) if setting.name == 'database' else value}  ({origin})")
    yield from _books(workspace, lang)


def _books(workspace: Workspace, lang: str) -> Iterator[Finding]:
    # the books bring numpy and duckdb along: not for `--help`
    from westlake.rooms import verify_all  # noqa: PLC0415

    if not is_there(workspace.database):  # to connect would make an empty one
        yield _finding("books", Problem("W822", Place(place_of(workspace.database))), lang)
        return
    try:
        connection = open_database(workspace)  # makes tables where there are none, and mends nothing
        if connection.engine == "postgresql":
            yield from _server(connection, lang)
    except WestlakeError as error:
        yield _finding("books", error.problems[0], lang)
        return
    yield from _formats(connection, lang)
    found = verify_all(connection)
    for what, problems in found.problems.items():
        if problems:
            yield _finding(what, problems[0], lang)
        elif what != "rooms":
            words = say("cli.doctor.verified", lang, number=getattr(found, what).number)
            yield Finding(say(f"cli.doctor.{what}", lang), words, True)


def _formats(connection: Connection, lang: str) -> Iterator[Finding]:
    """The formats of bills taken in that were never tried on a real file: no fault, and to be known."""
    from westlake.bills.mapping import mappings  # noqa: PLC0415 - as above
    from westlake.bills.tables import deliveries  # noqa: PLC0415

    for form in sorted({one.format for one in deliveries(connection) if one.state == "taken"}):
        if form in mappings() and not mappings()[form].tested:
            yield _finding("untested", Problem("W356", values={"format": form}), lang, None)


def _server(connection: Connection, lang: str) -> Iterator[Finding]:
    """The server's version, and whether the role at work could switch the guards off."""
    server, role, owner = connection.execute(
        "SELECT current_setting('server_version'), current_user, pg_has_role(current_user, relowner, 'usage')"
        " FROM pg_class WHERE oid = 'westlake.journal'::regclass").fetchone()
    yield Finding("PostgreSQL", server, True)
    yield Finding(say("cli.doctor.role", lang), role, not owner, say("cli.doctor.role_way", lang) if owner else "")


def _finding(what: str, problem: Problem, lang: str, well: bool | None = False) -> Finding:
    return Finding(say(f"cli.doctor.{what}", lang), problem.line(lang), well, problem.way_out(lang))

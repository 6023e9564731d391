"""`westlake new`: a workspace with programmes that you can edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from westlake.cli.place import PACKAGED, open_database
from westlake.cli.speech import spoken_language, words_console
from westlake.errors import Place, WestlakeError
from westlake.words import say
from westlake.workspace import SETTINGS_FILE, Settings, Workspace, address_to_write

LANG = spoken_language()


def new(
    folder: Path = typer.Argument(..., help=say("cli.new.folder", LANG)),
    city: str = typer.Option(Settings.city, help=say("cli.new.city", LANG)),
    agency: str = typer.Option(Settings.agency, help=say("cli.new.agency", LANG)),
    database: str = typer.Option(Settings.database, envvar="WESTLAKE_DATABASE", help=say("cli.new.database", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Make the folder, its settings, its books, and copies of the programmes."""
    workspace = make_workspace(folder, Settings(city=city, agency=agency, lang=lang, database=database))
    console = words_console()
    console.print(say("cli.new.made", lang, folder=str(workspace.folder)))
    for step in ("register", "bills", "settle"):
        console.print(f"  {say(f'cli.new.next_{step}', lang)}")


def make_workspace(folder: Path, settings: Settings) -> Workspace:
    """A workspace from nothing; W801 when the folder is in use, W709 as `address_to_write`."""
    check_free(folder)
    written = vars(settings) | {"database": address_to_write(settings.database)}
    workspace = Workspace(folder, settings)
    for path in (workspace.bills, workspace.register, workspace.reports, workspace.charges):
        path.mkdir(parents=True, exist_ok=True)
    for jurisdiction in sorted(path for path in PACKAGED.iterdir() if (path / "sources.yaml").is_file()):
        shutil.copytree(jurisdiction, workspace.programmes / jurisdiction.name,
                        ignore=shutil.ignore_patterns("__pycache__", ".*"))
    text = "".join(f'{name} = "{value}"\n' for name, value in written.items())
    open_database(workspace).close()
    (folder / SETTINGS_FILE).write_text(f"# {say('cli.new.settings', settings.lang)}\n{text}", "utf-8")
    return workspace


def check_free(folder: Path) -> None:
    """W801 when the folder is in use."""
    if folder.exists() and any(folder.iterdir()):
        raise WestlakeError.one("W801", Place(str(folder)), folder=str(folder))

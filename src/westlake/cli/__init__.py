"""The command line: one file a command, each saying what it did and how to go on.

Exit codes: 0 done; 1 the check answered "no"; 2 usage or configuration; 130 interrupted.
A command is imported only when it is asked for, so help stays light.
"""

from __future__ import annotations

import importlib
import sqlite3
import sys

import typer

from westlake import __version__
from westlake.cli.speech import check_language, show_problems, spoken_language
from westlake.errors import Place, Problem, WestlakeError
from westlake.words import say

COMMANDS = ("new", "check", "explain", "replay", "settle", "ledger", "report", "export", "backup", "restore",
            "doctor", "demo", "serve")
FAULTS_OF_USE = ("W7", "W8", "W038", "W039", "W407", "W411", "W421", "W422", "W428",  # what was asked for is not there
                 "W991", "W992", "W994")  # or cannot be served


def main() -> None:
    """Run one command; problems are printed as people read them and become the exit code."""
    lang = spoken_language()
    try:
        check_language()
        _app(lang, sys.argv[1:])()
    except WestlakeError as error:
        show_problems(error.problems, lang)
        sys.exit(2 if error.problems[0].code.startswith(FAULTS_OF_USE) else 1)
    except OSError as error:
        show_problems([Problem("W812", Place(str(error.filename or "")), {"what": error.strerror or str(error)})], lang)
        sys.exit(2)
    except sqlite3.DatabaseError as error:
        from westlake.database import why_stopped  # noqa: PLC0415 - help needs no database

        show_problems([why_stopped(error)], lang)
        sys.exit(2)
    except RuntimeError as error:
        if "interrupted" not in str(error).lower():  # what the bills' engine says to Ctrl-C
            raise
        sys.exit(130)


def _app(lang: str, words: list[str]) -> typer.Typer:
    app = typer.Typer(help=say("cli.help", lang), invoke_without_command=True, pretty_exceptions_enable=False,
                      context_settings={"help_option_names": ["-h", "--help"]})
    asked = next((word for word in words if word in COMMANDS), "")
    for name in COMMANDS:
        _add(app, name, say(f"cli.{name}.help", lang), whole=name == asked)
    app.callback()(_whole_program)
    return app


def _add(app: typer.Typer, name: str, help_text: str, whole: bool) -> None:
    if not whole:
        app.command(name, help=help_text)(_listed_only)
        return
    # Only the command asked for is imported: numba, duckdb and numpy cost seconds.
    module = importlib.import_module(f"westlake.cli.{name}")
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name, help=help_text)
    else:
        app.command(name, help=help_text)(getattr(module, name))


def _listed_only() -> None:
    """Stands for a command in the list of help."""


def _whole_program(
    ctx: typer.Context,
    lang: str = typer.Option("en", "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", spoken_language())),
    version: bool = typer.Option(False, "--version", help=say("cli.version", spoken_language())),
) -> None:
    if version:
        print(__version__)
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())
        raise typer.Exit


_whole_program.__doc__ = ""

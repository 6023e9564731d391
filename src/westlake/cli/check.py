"""`westlake check`: everything wrong with a programme, every example decided, and what its values rest on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from westlake.bills import read_spend
from westlake.cli.place import find_programme, programmes, regime_here
from westlake.cli.speech import print_json, show_problems, spoken_language, words_console
from westlake.errors import WestlakeError
from westlake.rules import load_programme
from westlake.rules.checks import CheckReport
from westlake.rules.checks import check as check_programme
from westlake.settlement import read_terms
from westlake.words import say

LANG = spoken_language()


def check(
    names: list[str] = typer.Argument(None, metavar="PROGRAMME…", help=say("cli.check.names", LANG)),
    regime: str = typer.Option("", envvar="WESTLAKE_REGIME", help=say("cli.settle.regime", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Check the named programmes, or all of them; exit 1 when anything is wrong."""
    reports = [_checked(find_programme(name), regime or regime_here()) for name in names or programmes()]
    if as_json:
        print_json([report.as_dict(lang) for report in reports])
    console = words_console(quiet=as_json)
    for report in reports:
        if not as_json:
            show_problems(report.problems, lang)
        mark = "[green]✓[/green]" if report.well else "[red]✗[/red]"
        console.print(f"{mark} " + "\n  ".join(report.lines(lang)))
    if not all(report.well for report in reports):
        raise typer.Exit(1)


def _checked(folder: Path, regime: str) -> CheckReport:
    """The rules' own check, and what settlement and bills read of the same folder."""
    report = check_programme(folder, regime)
    if not report.digest:
        return report
    problems = list(report.problems)
    try:
        read_terms(load_programme(folder, regime=regime))
    except WestlakeError as error:
        problems += error.problems
    if (folder / "spend.yaml").is_file():
        try:
            read_spend(folder / "spend.yaml")
        except WestlakeError as error:
            problems += error.problems
    return replace(report, problems=tuple(problems))

"""`westlake report`: the report of a settled year, one self-contained HTML file."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import typer

from westlake import __version__, settlement
from westlake.cli.place import find_programme, here, open_database
from westlake.cli.speech import print_json, spoken_language, words_console
from westlake.dates import day_number
from westlake.disk import write_whole
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.register import Register
from westlake.reports import Stamp, write_year
from westlake.rules import Programme, load_programme
from westlake.settlement.summary import Summary, summarise
from westlake.words import say
from westlake.workspace import Workspace

LANG = spoken_language()


def report(
    programme: str = typer.Argument(..., help=say("cli.settle.programme", LANG)),
    year: int = typer.Option(..., help=say("cli.settle.year", LANG)),
    out: Path = typer.Option(Path(), help=say("cli.report.out", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Write the report of a settled year."""
    workspace, folder = here(), find_programme(programme)
    if as_json:
        summary = _summary(workspace, load_programme(folder), year)
        print_json({**vars(summary), "rounds": [vars(settled) for settled in summary.rounds],
                    "cases": [vars(case) for case in summary.cases]})
        return
    path = write_report(workspace, folder, year, out, lang)
    words_console().print(say("cli.report.written", lang, file=str(path)))


def write_report(workspace: Workspace, folder: Path, year: int, out: Path, lang: str) -> Path:
    """Write the report of a programme's year; where it was written. W806 when there is nothing to report."""
    loaded = load_programme(folder)
    summary = _summary(workspace, loaded, year)
    if summary.rounds[-1].regime != loaded.regime:
        loaded = load_programme(folder, regime=summary.rounds[-1].regime)
    terms, connection = settlement.read_terms(loaded), open_database(workspace)
    command = f"westlake report {loaded.name} --year {year} --lang {lang}"
    names = {firm: facts["name"].value for firm, facts in Register(connection).on(day_number(year, 12, 31)).items()
             if "name" in facts}
    stamp = Stamp(
        agency=f"{workspace.settings.city} · {workspace.settings.agency}", title=loaded.words.title[lang],
        summary=loaded.words.summary[lang], labels={name: _refusal(loaded, name, lang) for name in loaded.tests()},
        names=names, cap=_cap(loaded, terms, year), doubtful=_doubtful(loaded, year),
        made=made_rows(summary.rounds[-1], Books(connection).head().hash, command, lang))
    path = out if out.name else workspace.reports / f"{loaded.name}-{year}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    page = write_year(summary, stamp, lang)
    write_whole(path, lambda draft: draft.write_text(page, "utf-8"))
    return path


def _summary(workspace: Workspace, programme: Programme, year: int) -> Summary:
    connection = open_database(workspace)
    summary = summarise(connection, settlement.read_terms(programme), programme.name, year)
    if summary is None:
        raise WestlakeError.one("W806", programme=programme.name, year=year)
    return summary


def _cap(programme: Programme, terms: settlement.Terms, year: int) -> int | None:
    """The firm's yearly cap, where the programme names one for the report."""
    return programme.value_on(terms.cap, day_number(year, 12, 31)).number if terms.cap else None


def _refusal(programme: Programme, test: str, lang: str) -> str:
    """What a failed test says; its name where the sentence speaks of one case's own figures."""
    words = programme.words.rules[test]
    says = words.no[lang] if words.no else ""
    return says if says and "{" not in says else words.label[lang]


def _doubtful(programme: Programme, year: int) -> str:
    """The share of values in force that rest on inference, general knowledge or a mirror; empty if none."""
    entries = [value.on(day_number(year, 12, 31)) for value in programme.values.values()]
    standing = [entry for entry in entries if entry]
    doubtful = sum(entry.citation.doubtful for entry in standing)
    return f"{doubtful * 100 // len(standing)}%" if doubtful else ""


def made_rows(last: settlement.Round, head: str, command: str, lang: str) -> list[tuple[str, str]]:
    """How a page of a year was made, from its last round: name → text."""
    versions = f"westlake {__version__}, Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in ("duckdb", "numba", "numpy"))
    rows = [("command", command), ("programme", last.digest), ("data", last.data_digest),
            ("seed", last.seed or "–"), ("head", head), ("versions", versions)]
    return [(say(f"reports.made.{name}", lang), text) for name, text in rows]

"""`westlake replay`: an old call's decisions, in the office's own spreadsheet, held against the written rule."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from westlake.cli.columns import ask_columns
from westlake.cli.place import find_programme, here, open_database, regime_here
from westlake.cli.speech import print_json, spoken_language, stage, words_console
from westlake.dates import iso, parse_day
from westlake.disk import write_whole
from westlake.errors import WestlakeError
from westlake.record import Record
from westlake.replay import (
    ROUNDINGS,
    UNITS,
    ColumnMap,
    Guess,
    Measure,
    Replay,
    Table,
    Telling,
    guess,
    measure_of,
    names_of,
    read_map,
    read_table,
    rule_named,
    write_map,
)
from westlake.replay import replay as hold_against
from westlake.replay.listing import as_dict
from westlake.reports.disagreements import ENDINGS, write_disagreements
from westlake.reports.replay import write_replay
from westlake.rules import Programme, load_programme
from westlake.rules.remedies import GOAL
from westlake.settlement import read_terms
from westlake.words import say

LANG = spoken_language()


def replay(
    file: Path = typer.Argument(..., help=say("cli.replay.file", LANG)),
    programme: str = typer.Option(..., help=say("cli.replay.programme", LANG)),
    regime: str = typer.Option("", envvar="WESTLAKE_REGIME", help=say("cli.settle.regime", LANG)),
    columns: Path = typer.Option(None, help=say("cli.replay.columns", LANG)),
    sheet: str = typer.Option("", help=say("cli.replay.sheet", LANG)),
    year: int = typer.Option(0, help=say("cli.replay.year", LANG)),
    day: str = typer.Option("", help=say("cli.replay.day", LANG)),
    report: Path = typer.Option(None, help=say("cli.replay.report", LANG)),
    export: Path = typer.Option(None, help=say("cli.replay.export", LANG)),
    save_columns: Path = typer.Option(None, help=say("cli.replay.save_columns", LANG)),
    keep: bool = typer.Option(False, "--keep", help=say("cli.replay.keep", LANG)),
    actor: str = typer.Option("", "--as", help=say("cli.settle.as", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Hold old decisions against the rule."""
    _check(export, keep, actor)
    for given in (file, columns):
        if given and not given.is_file():
            raise WestlakeError.one("W832", name=str(given))
    loaded = load_programme(find_programme(programme), regime=regime or regime_here())
    one_day = _one_day(year, day)
    console = words_console()
    with stage(console, say("cli.replay.reading", lang, file=file.name)):
        table, proposed, needed = _read(file, loaded, columns, sheet)
    chosen = proposed.columns.on(one_day) if one_day else proposed.columns
    proposed = Guess(chosen, proposed.sure | ({"day"} if one_day else frozenset()))
    if (columns and chosen.lacking(needed)) or (not columns and proposed.doubtful(needed)):
        chosen = _settle_columns(table, proposed, loaded, needed, save_columns, as_json, lang)
    if save_columns:
        save_columns.write_text(write_map(chosen, {}, loaded.currency), "utf-8")
    measure = measure_of(loaded, chosen, _rules(loaded))
    with stage(console, say("cli.replay.deciding", lang)):
        found = hold_against(file, table, chosen, measure)
    telling = Telling(found, lang)
    _hand_over(telling, report, export, _command(file, loaded, columns))
    if as_json:
        print_json(as_dict(telling))
    else:
        print("\n".join(telling.lines()))
    if keep:
        console.print(_keep(found, actor.strip(), lang))
    elif not (report or export or save_columns):
        console.print(say("cli.replay.nothing_kept", lang))


def _hand_over(telling: Telling, report: Path | None, export: Path | None, command: str) -> None:
    """The page and the table that were asked for."""
    if report:
        page = write_replay(telling, command)
        write_whole(report, lambda draft: draft.write_text(page, "utf-8"))
    if export:
        write_disagreements(export, telling)
    for written in filter(None, (report, export)):
        words_console().print(say("cli.report.written", telling.lang, file=str(written)))


def _check(export: Path | None, keep: bool, actor: str) -> None:
    """What can be told to be wrong before anything is read: W831, W803, W702."""
    if export and export.suffix.lower() not in ENDINGS:
        raise WestlakeError.one("W831", name=export.name)
    if keep and not actor.strip():
        raise WestlakeError.one("W803", option="--as")
    if keep:
        here()


def _one_day(year: int, day: str) -> str:
    """The day asked for as an ISO text; of a year its last; empty where the sheet has its own."""
    if year and day:
        raise WestlakeError.one("W811", options="--year, --day")
    if year and not 1900 <= year <= 2199:
        raise WestlakeError.one("W805", value=str(year))
    if not day:
        return f"{year}-12-31" if year else ""
    try:
        return iso(parse_day(day))
    except ValueError as error:
        raise WestlakeError.one("W805", value=day) from error


def _rules(programme: Programme) -> tuple[str, str]:
    """The rules of amount and verdict that accounts.yaml names; the test called eligible where there is none."""
    if (Path(programme.folder) / "accounts.yaml").is_file():
        decides = read_terms(programme).decides
        return decides["entitlement"], decides["eligible"]
    return "", GOAL if GOAL in programme.graph.rules else ""


def _read(file: Path, programme: Programme, columns: Path | None, sheet: str) -> tuple[Table, Guess, tuple[str, ...]]:
    """The table, its columns as given or guessed, and the inputs that are needed."""
    rules = _rules(programme)
    if columns:
        given = read_map(columns, programme, UNITS, ROUNDINGS)
        table = read_table(file, sheet or given.sheet, given.header_row, given.headings())
        measure = measure_of(programme, given, rules)
        return table, Guess(given, frozenset(given.columns())), measure.needed
    table = read_table(file, sheet, 0, names_of(programme, Measure(programme, *rules).needed))
    rules = rule_named(table, programme, rules[0]), rules[1]
    needed = Measure(programme, *rules).needed
    found = guess(table, programme, needed, {"amount": rules[0], "verdict": rules[1]})
    return table, found, needed


def _settle_columns(table: Table, proposed: Guess, programme: Programme, needed: tuple[str, ...],
                    save_columns: Path | None, as_json: bool, lang: str) -> ColumnMap:
    """Ask on a terminal; elsewhere hand out the mapping file to look through: W830, or W833 where all is guessed."""
    if sys.stdin.isatty() and not as_json:
        console = words_console()
        chosen = ask_columns(table, proposed, programme, needed, lang, console, save=save_columns is None)
        if not chosen.lacking(needed):
            return chosen
        proposed = Guess(chosen, frozenset(name for name, column in chosen.columns().items() if column.known))
    draft = proposed.draft(table, programme, needed, lang)
    if save_columns:
        save_columns.write_text(draft, "utf-8")
    elif as_json:
        print_json({"columns_to_fill_in": draft})
    else:
        print(draft, end="")
    missing = proposed.open(needed)
    if missing:
        raise WestlakeError.one("W830", names=", ".join(missing))
    raise WestlakeError.one("W833", names=", ".join(proposed.doubtful(needed)))


def _command(file: Path, programme: Programme, columns: Path | None) -> str:
    """How the same page is made again."""
    mapped = f" --columns {columns.name}" if columns else ""
    return f"westlake replay {file.name} --programme {programme.name} --regime {programme.regime}{mapped}"


def _keep(found: Replay, actor: str, lang: str) -> str:
    """Write what was found to the record: counts and fingerprints, no row and no name."""
    comparison = found.comparison
    connection = open_database(here())
    act = Record(connection).add(actor, "replay.done", f"replay:{found.sha256[:16]}", {
        "sha256": found.sha256, "programme": found.programme.name, "regime": found.programme.regime,
        "decided": comparison.decided, "agreeing": comparison.agreeing, "undecided": len(comparison.unread),
        "over": comparison.over, "under": comparison.under, "currency": found.programme.currency,
    }, version=found.programme.digest)
    return say("cli.replay.kept", lang, number=act.id)

"""`westlake settle --reform`: last year's real claims under other values; nothing is kept, no money moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from westlake import settlement
from westlake.cli.books import show
from westlake.cli.place import find_programme, here, open_database
from westlake.cli.report import made_rows
from westlake.cli.speech import print_json, stage, words_console
from westlake.dates import day_number, iso
from westlake.disk import write_whole
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books
from westlake.money import format_money
from westlake.register import Register
from westlake.reports.reform import Origin, above_whole, group_words, runs_out, write_reform
from westlake.reports.reform_table import COUNTS, ENDINGS, write_table
from westlake.rules import load_programme
from westlake.settlement.proposal import read_reform
from westlake.settlement.reform import GroupChange, LineChange, Reform, try_reform
from westlake.words import say


def try_values(programme: str, year: int, text: str, order: Path | None, report: Path | None, export: Path | None,
               as_json: bool, lang: str) -> None:
    """Settle a settled year in memory under a reform; tell it, and write the page and the table that are asked for."""
    if export and export.suffix.lower() not in ENDINGS:
        raise WestlakeError.one("W840", Place(field="--export"), name=export.name, known=", ".join(ENDINGS))
    workspace, console = here(), words_console()
    loaded = load_programme(find_programme(programme), regime=workspace.settings.regime)
    connection = open_database(workspace)
    name, lay = read_reform(loaded, text)
    with stage(console, say("cli.reform.trying", lang, name=name)):
        reform = try_reform(connection, loaded, year, name, lay, settlement.read_order(order) if order else None)
    names = {firm: facts["name"].value for firm, facts in Register(connection).on(day_number(year, 12, 31)).items()
             if "name" in facts}
    if report:
        command = f"westlake settle {loaded.name} --year {year} --reform {text} --report {report} --lang {lang}"
        made = made_rows(reform.rounds[-1], Books(connection).head().hash, command, lang)
        made.insert(2, (say("reports.reform.made", lang), reform.reformed.digest))
        agency = f"{workspace.settings.city} · {workspace.settings.agency}"
        page = write_reform(reform, Origin(agency, names, made), lang)
        write_whole(report, lambda draft: draft.write_text(page, "utf-8"))
        console.print(say("cli.report.written", lang, file=str(report)))
    if export:
        write_table(export, reform, names, lang)
        console.print(say("cli.report.written", lang, file=str(export)))
    if as_json:
        print_json(reform_dict(reform, lang))
    else:
        _tell(reform, console, lang)


def reform_dict(reform: Reform, lang: str) -> dict[str, object]:
    """JSON's view, whole: values, money, headcount, groups, exhaustion, every firm, the largest with both decisions."""
    before, after = reform.exhausted
    return {
        "programme": reform.law.name, "year": reform.year, "reform": reform.name, "currency": reform.law.currency,
        "way": reform.way, "rounds": [one.id for one in reform.rounds],
        "values": [{"name": one.name, "from": iso(one.day), "before": _written(reform, one.name, one.before),
                    "after": _written(reform, one.name, one.after)} for one in reform.values],
        "above_whole": reform.above_whole,
        "within_month": [iso(day) for day in reform.within_month],
        "total": _group_dict(reform.total),
        "groups": {cut: [{cut: row.value or None, **_group_dict(row)} for row in rows]
                   for cut, rows in reform.groups.items()},
        "moved": dict(reform.moved),
        "exhausted": {name: {**one.as_dict(), "day": None if one.day is None else iso(one.day)}
                      for name, one in (("before", before), ("after", after))},
        "firms": [{"firm": one.firm, **{cut: value or None for cut, value in one.facts.items()},
                   "entitled_before": one.entitled_before, "entitled_after": one.entitled_after,
                   "before": one.before, "after": one.after, "change": one.change} for one in reform.firms],
        "largest": [_largest_dict(one, lang) for one in reform.largest]}


def _largest_dict(one: LineChange, lang: str) -> dict[str, object]:
    difference = one.difference
    return {"firm": one.firm.firm, "before": one.firm.before, "after": one.firm.after, "change": one.firm.change,
            "round": one.round, "line": one.line, "line_before": one.before, "line_after": one.after,
            "difference": difference.as_dict(lang),
            "decisions": {"before": difference.before.as_dict(lang), "after": difference.after.as_dict(lang)}}


def _group_dict(row: GroupChange) -> dict[str, int]:
    return {**row.counts, "entitled_before": row.entitled_before, "entitled_after": row.entitled_after,
            "before": row.before, "after": row.after, "change": row.change}


def _written(reform: Reform, name: str, numbers: Sequence[int]) -> object:
    texts = [reform.law.write(name, number) for number in numbers]
    choices = reform.law.values[name].choices
    return dict(zip(choices, texts, strict=False)) if choices else next(iter(texts), None)


def _tell(reform: Reform, console: Console, lang: str) -> None:
    """The answer for a terminal: money and firms in all, by size, sector and district, and when the budget ends."""
    console.print(say("reports.reform.fixed", lang))
    console.print(say("reports.reform.title", lang, name=reform.name, year=reform.year))
    if reform.above_whole:
        console.print(above_whole(reform, lang))
    currency = reform.law.currency
    _list(reform, lang, ("before", "after", "change"), lambda row: [
        format_money(amount, currency, sign=True) for amount in (row.before, row.after, row.change)])
    _list(reform, lang, COUNTS, lambda row: [f"{row.counts[name]:,}" for name in COUNTS])
    for message, one in zip(("was", "would_be"), reform.exhausted, strict=True):
        console.print(say(f"reports.reform.{message}", lang, words=runs_out(reform, one, lang)))
    console.print(say("cli.reform.largest", lang))
    for change in reform.largest:
        before, after = (format_money(amount, currency, sign=True)
                         for amount in (change.firm.before, change.firm.after))
        console.print(f"  {change.firm.firm}  {before} → {after}", markup=False)


def _list(reform: Reform, lang: str, headings: Sequence[str],
          cells: Callable[[GroupChange], list[str]]) -> None:
    """All firms, then each cut's groups, one a row."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("", overflow="fold")
    for heading in headings:
        table.add_column(say(f"reports.reform.{heading}", lang), justify="right", no_wrap=True)
    table.add_row(say("reports.reform.everybody", lang), *cells(reform.total))
    for cut, rows in reform.groups.items():
        table.add_section()
        for row in rows:
            name = group_words(reform, cut, row.value, lang)
            table.add_row(f"{say(f'reports.reform.cut.{cut}', lang)}: {name}", *cells(row))
    show(table)

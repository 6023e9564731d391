"""Explains what was settled: a firm's lines of a year, one line by its clauses, and the bill's rows behind it."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from westlake import settlement
from westlake.bills import read_spend
from westlake.cli.inbox import rates
from westlake.cli.place import here, open_database
from westlake.cli.speech import print_json, words_console
from westlake.database import Connection
from westlake.disk import write_whole
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.reports import write_decision
from westlake.rules import Decision
from westlake.rules.difference import Difference
from westlake.rules.remedies import Remedies, find_remedies
from westlake.settlement import SettledLine
from westlake.settlement.bill_lines import rows_behind
from westlake.words import say
from westlake.workspace import Workspace


def explain_settled(programme: str, firm: str, year: int, number: int, rows: bool, html: Path | None, as_json: bool,
                    lang: str) -> None:
    """List a firm's settled lines; with a number, tell that line's decision by the version that made it.

    html: write the decision as a page too.
    """
    if not year:
        raise WestlakeError.one("W803", option="--year")
    if html and not number:
        raise WestlakeError.one("W803", option="--line")
    workspace = here()
    connection = open_database(workspace)
    lines = settlement.settled_lines(connection, programme, year, firm)
    if not number and as_json:
        print_json([vars(line) for line in lines])
    elif not number:
        _list(connection, lines, lang)
    elif number > len(lines):
        raise WestlakeError.one("W808", number=number, last=len(lines))
    else:
        _tell(workspace, connection, lines[number - 1], rows, html, as_json, lang)


def write_page(path: Path, decision: Decision, remedies: Remedies, difference: Difference | None, lang: str) -> None:
    """A decision as a page of its own, and a word of where it lies."""
    page = write_decision(decision, remedies, difference, lang)
    write_whole(path, lambda draft: draft.write_text(page, "utf-8"))
    words_console().print(say("cli.report.written", lang, file=str(path)))


def _list(connection: Connection, lines: list[SettledLine], lang: str) -> None:
    currency = settlement.read_round(connection, lines[0].round).currency
    table = Table()
    for heading in ("line", "round", "month", "invoice"):
        table.add_column(say(f"cli.explain.column.{heading}", lang))
    for heading in ("claim", "entitled", "allotted"):
        table.add_column(say(f"reports.year.{heading}", lang), justify="right")
    for number, line in enumerate(lines, 1):
        amounts = (line.claim, line.entitlement, line.allotted)
        table.add_row(str(number), str(line.round), str(line.evidence.get("month", ""))[:7],
                      str(line.evidence.get("invoice", "")), *(format_money(amount, currency) for amount in amounts))
    console = words_console()
    console.print(table)
    console.print(say("cli.explain.one_line", lang))


def _tell(workspace: Workspace, connection: Connection, line: SettledLine, rows: bool, html: Path | None,
          as_json: bool, lang: str) -> None:
    settled = settlement.read_round(connection, line.round)
    with settlement.restored(connection, settled.digest) as programme:
        decision = settlement.explain_line(connection, programme, line)
        if html:
            write_page(html, decision, find_remedies(decision), None, lang)
        if as_json:
            print_json({**decision.as_dict(lang), "line": vars(line)})
            return
        print(decision.text(lang))
        behind = rows_behind(connection, workspace.charges, programme, read_spend(programme.folder / "spend.yaml"),
                             rates(workspace), settled.year, workspace.settings.zone, settled.day, line.line,
                             line.allotted) if rows else []
    money = format_money(line.allotted, settled.currency, sign=True)
    print(say("cli.explain.allotted", lang, amount=money, way=say(f"settlement.way.{settled.way}", lang)))
    for row in behind:
        print(f"  {format_money(row.share, settled.currency, sign=True):>14}  {row.file} {row.row}  {row.category}"
              f"  {row.service}  {row.description}")

"""Tells what came of a step: what was taken in, how a round's cases ended, what an approval posts, all rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from westlake.cli.clearing import waiting_problem
from westlake.cli.inbox import Inbox
from westlake.database import Connection
from westlake.dates import iso
from westlake.money import format_money
from westlake.settlement import Approval, Round
from westlake.words import say

SHOWN = 3  # how many of many are named
SHOWN_FILES = 10


def tell_inbox(inbox: Inbox, console: Console, lang: str) -> None:
    """What was refused, set apart or passed over while taking in."""
    for delivery in inbox.refused:
        for problem in delivery.problems[:1]:
            console.print(problem.line(lang), markup=False)
    for delivery in inbox.taken:
        if delivery.quarantined:
            console.print(say("cli.settle.quarantined", lang, rows=f"{delivery.quarantined:,}", file=delivery.name),
                          markup=False)
            for problem in delivery.problems[:1]:
                console.print(f"  {problem.line(lang)}", markup=False)
        for problem in delivery.remarks:
            console.print(problem.line(lang), markup=False)
    if inbox.skipped:
        files = _first(inbox.skipped, SHOWN_FILES)
        console.print(say("cli.settle.skipped", lang, number=len(inbox.skipped), files=files), markup=False)


def tell_round(settled: Round, cases: Mapping[str, Mapping[str, int]], console: Console, lang: str) -> None:
    """How a round's cases ended, what waits, and who goes on."""
    table = Table(title=say("cli.settle.title", lang, number=settled.id, year=settled.year), title_justify="left")
    table.add_column(say("reports.year.outcome", lang))
    for heading in ("firms", "entitled", "allotted"):
        table.add_column(say(f"reports.year.{heading}", lang), justify="right")
    for name, row in cases.items():
        table.add_row(say(f"settlement.outcome.{name}", lang), f"{row['firms']:,}",
                      *(format_money(row[amount], settled.currency, sign=True) for amount in ("entitled", "allotted")))
    console.print(table)
    waiting: list[Any] = list(settled.evidence.get("suspended") or [])  # type: ignore[call-overload]
    lacking: list[Any] = list(settled.evidence.get("lacking") or [])  # type: ignore[call-overload]
    tell_waiting(waiting, console, lang)
    for count, message in ((len(waiting), "suspended"), (len(lacking), "lacking")):
        if count:
            console.print(say(f"cli.settle.{message}", lang, number=count))
    if waiting:
        console.print(say("cli.settle.see_waiting", lang, programme=settled.programme, year=settled.year))
    console.print(say("cli.settle.next", lang, programme=settled.programme, number=settled.id))


def tell_waiting(waiting: Sequence[Mapping[str, Any]], console: Console, lang: str) -> None:
    """The first of what waits, each with its reason."""
    for one in waiting[:SHOWN]:
        console.print(f"  {waiting_problem(one).line(lang)}", markup=False)


def question(settled: Round, would: Approval, lang: str) -> str:
    """What an approval would post, how many firms stay held and how many are asked to pay back."""
    return say("cli.settle.sure", lang, amount=format_money(sum(would.paid.values()), settled.currency, sign=True),
               firms=len(would.paid), held=len(would.waiting), back=len(would.recovered))


def tell_approval(settled: Round, done: Approval, console: Console, lang: str) -> None:
    """What an approval posted, asked back, left held (and for want of which facts) and sent back."""
    console.print(say("cli.settle.approved", lang, number=settled.id, firms=len(done.paid),
                      amount=format_money(sum(done.paid.values()), settled.currency, sign=True)))
    unverified = [f"{firm} ({', '.join(facts)})" for firm, facts in sorted(done.waiting.items())]
    for message, firms in (("recovering", sorted(done.recovered)), ("waiting", unverified),
                           ("returned", sorted(done.returned))):
        if firms:
            console.print(say(f"cli.settle.{message}", lang, number=len(firms), firms=_first(firms, SHOWN)))
    if unverified:
        console.print(say("cli.settle.verify_how", lang))


def list_rounds(connection: Connection, rounds: Sequence[Round], console: Console, lang: str) -> None:
    """All rounds as a table: who decided, who approved, and how much."""
    table = Table()
    for heading in ("round", "year", "day", "decided_by", "approved_by", "state"):
        table.add_column(say(f"cli.settle.column.{heading}", lang), no_wrap=heading in ("round", "year", "day"))
    table.add_column(say("cli.settle.column.allotted", lang), justify="right", no_wrap=True)
    for one in rounds:
        allotted = sum(row["allotted"] for row in outcomes(connection, one).values())
        table.add_row(str(one.id), str(one.year), iso(one.day), one.decided_by, one.approved_by or "–",
                      say(f"settlement.state.{one.state}", lang), format_money(allotted, one.currency, sign=True))
    console.print(table)


def outcomes(connection: Connection, settled: Round) -> dict[str, dict[str, int]]:
    """Outcome → how many firms, and what they were entitled to and allotted, in minor units."""
    rows = connection.execute("SELECT outcome, count(*), sum(entitlement), sum(allotted) FROM settlement_case"
                              " WHERE round = ? GROUP BY outcome ORDER BY outcome", (settled.id,))
    return {name: {"firms": firms, "entitled": entitled, "allotted": allotted}
            for name, firms, entitled, allotted in rows}


def round_dict(settled: Round) -> dict[str, object]:
    """A round for JSON, its day written out."""
    return {**vars(settled), "day": iso(settled.day)}


def _first(names: Sequence[str], shown: int) -> str:
    return ", ".join(names[:shown]) + (" …" if len(names) > shown else "")

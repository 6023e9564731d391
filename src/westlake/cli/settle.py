"""`westlake settle`: decide a year's claims, allot the budget and hold; by a second person, approve and post."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from westlake import settlement
from westlake.bills import SpendPolicy, read_spend
from westlake.cli.clearing import clear_invoice, list_waiting
from westlake.cli.inbox import Inbox, rates, read_inbox, read_register
from westlake.cli.place import find_programme, here, open_database
from westlake.cli.speech import print_json, spoken_language, stage, words_console
from westlake.database import transaction
from westlake.dates import iso, parse_day, year_of
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.rules import Programme, load_programme
from westlake.settlement import Round, Terms
from westlake.settlement.bill_lines import bill_claims, count_year
from westlake.words import say
from westlake.workspace import Workspace

LANG = spoken_language()


class _Rehearsed(Exception):
    """Ends a dry run: everything is rolled back."""


def settle(
    programme: str = typer.Argument(..., help=say("cli.settle.programme", LANG)),
    year: int = typer.Option(0, help=say("cli.settle.year", LANG)),
    actor: str = typer.Option("", "--as", help=say("cli.settle.as", LANG)),
    approve: int = typer.Option(0, help=say("cli.settle.approve", LANG)),
    withdraw: int = typer.Option(0, help=say("cli.settle.withdraw", LANG)),
    clear: str = typer.Option("", help=say("cli.settle.clear", LANG)),
    delivery: int = typer.Option(0, help=say("cli.settle.delivery", LANG)),
    waiting: bool = typer.Option(False, "--waiting", help=say("cli.settle.waiting_list", LANG)),
    reason: str = typer.Option("", help=say("cli.settle.reason", LANG)),
    day: str = typer.Option("", help=say("cli.settle.day", LANG)),
    order: Path = typer.Option(None, help=say("cli.settle.order", LANG)),
    seed: str = typer.Option("", help=say("cli.settle.seed", LANG)),
    regime: str = typer.Option("", envvar="WESTLAKE_REGIME", help=say("cli.settle.regime", LANG)),
    dry_run: bool = typer.Option(False, "--dry-run", help=say("cli.settle.dry_run", LANG)),
    yes: bool = typer.Option(False, "--yes", help=say("cli.settle.yes", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Settle a year; or approve, withdraw or list its rounds."""
    desk = Desk(programme, regime, day, lang)
    if approve:
        desk.approve(approve, _needed(actor, "--as"), yes, as_json)
    elif withdraw:
        desk.withdraw(withdraw, _needed(actor, "--as"), _needed(reason, "--reason"), as_json)
    elif clear:
        desk.clear(clear, delivery, _needed_year(year), _needed(actor, "--as"), _needed(reason, "--reason"))
    elif waiting:
        desk.show_waiting(_needed_year(year), as_json)
    elif year:
        desk.order = settlement.read_order(order) if order else settlement.Order()
        desk.settle(year, _needed(actor, "--as"), seed, dry_run, as_json)
    else:
        desk.show_rounds(as_json)


def _needed(text: str, option: str) -> str:
    if not text.strip():
        raise WestlakeError.one("W803", option=option)
    return text.strip()


def _needed_year(year: int) -> int:
    if not year:
        raise WestlakeError.one("W803", option="--year")
    return year


class Desk:
    """One programme on an officer's desk."""

    def __init__(self, name: str, regime: str, day: str, lang: str, workspace: Workspace | None = None) -> None:
        self.workspace: Workspace = workspace or here()
        regime = regime or self.workspace.settings.regime
        self.programme: Programme = load_programme(find_programme(name, workspace), regime=regime)
        self.terms: Terms = settlement.read_terms(self.programme)
        self.connection: sqlite3.Connection = open_database(self.workspace)
        self.day = _day(day)
        self.lang = lang
        self.order = settlement.Order()
        self.console = words_console()

    def settle(self, year: int, actor: str, seed: str, dry_run: bool, as_json: bool) -> Round | None:
        """Take in what is new, settle, say what came of it."""
        if year > year_of(self.day):
            raise WestlakeError.one("W804", year=year, day=iso(self.day))
        try:
            with transaction(self.connection) if dry_run else nullcontext():
                with stage(self.console, say("cli.settle.taking_in", self.lang)):
                    inbox = read_inbox(self.connection, self.workspace, self.day, actor)
                settled = self._settle(year, actor, seed)
                self._tell(settled, inbox, dry_run, as_json)
                if dry_run:
                    raise _Rehearsed
        except _Rehearsed:
            self.console.print(say("cli.settle.rehearsed", self.lang))
            return None
        return settled

    def _settle(self, year: int, actor: str, seed: str) -> Round | None:
        if self.terms.source != "bills":
            raise WestlakeError.one("W410", name=self.programme.name, source=self.terms.source)
        with stage(self.console, say("cli.settle.counting", self.lang)):
            claims = bill_claims(self.connection, self.workspace.charges, self.programme, self._policy(),
                                 rates(self.workspace), year, self.workspace.settings.zone)
        with stage(self.console, say("cli.settle.deciding", self.lang)):
            return settlement.settle(self.connection, self.programme, self.terms, settlement.Request(
                year, self.day, actor, claims.lines, claims.suspended, claims.evidence, seed,
                self.order))

    def _tell(self, settled: Round | None, inbox: Inbox, dry_run: bool, as_json: bool) -> None:
        for delivery in inbox.refused:
            for problem in delivery.problems[:1]:
                self.console.print(problem.line(self.lang), markup=False)
        if settled is None:
            self.console.print(say("cli.settle.unchanged", self.lang))
            if as_json:
                print_json(None)
            return
        cases = _outcomes(self.connection, settled)
        if as_json:
            print_json({**_round_dict(settled), "dry_run": dry_run, "outcomes": cases})
            return
        self._tell_cases(settled, cases)

    def _tell_cases(self, settled: Round, cases: dict[str, dict[str, int]]) -> None:
        title = say("cli.settle.title", self.lang, number=settled.id, year=settled.year)
        table = Table(title=title, title_justify="left")
        table.add_column(say("reports.year.outcome", self.lang))
        for heading in ("firms", "entitled", "allotted"):
            table.add_column(say(f"reports.year.{heading}", self.lang), justify="right")
        for name, row in cases.items():
            table.add_row(say(f"settlement.outcome.{name}", self.lang), f"{row['firms']:,}",
                          self._money(row["entitled"]), self._money(row["allotted"]))
        self.console.print(table)
        waiting: list[Any] = list(settled.evidence.get("suspended") or [])  # type: ignore[call-overload]
        lacking: list[Any] = list(settled.evidence.get("lacking") or [])  # type: ignore[call-overload]
        for one in waiting[:3]:
            self.console.print(f"  {one['says']}")
        for count, message in ((len(waiting), "suspended"), (len(lacking), "lacking")):
            if count:
                self.console.print(say(f"cli.settle.{message}", self.lang, number=count))
        self.console.print(say("cli.settle.next", self.lang, programme=self.programme.name, number=settled.id))

    def approve(self, number: int, actor: str, yes: bool, as_json: bool) -> None:
        """Ask, then post a round."""
        settled = self._round(number)
        amount, firms = self.connection.execute(
            "SELECT coalesce(sum(allotted), 0), count(*) FROM settlement_case WHERE round = ? AND allotted > 0",
            (number,)).fetchone()
        if not yes:
            if not sys.stdin.isatty():
                raise WestlakeError.one("W803", option="--yes")
            question = say("cli.settle.sure", self.lang, amount=self._money(amount), firms=firms)
            typer.confirm(question, abort=True, err=True)
        with stage(self.console, say("cli.settle.posting", self.lang)):
            read_register(self.connection, self.workspace, self.day, actor)  # what was verified since
            done = settlement.approve(self.connection, self.programme, self.terms, settled.id, actor, self.day)
        if as_json:
            print_json(vars(done))
            return
        self.console.print(say("cli.settle.approved", self.lang, number=number, firms=len(done.paid),
                               amount=self._money(sum(done.paid.values()))))
        for message, cases in (("recovering", done.recovered), ("waiting", done.waiting), ("returned", done.returned)):
            if cases:
                self.console.print(say(f"cli.settle.{message}", self.lang, number=len(cases),
                                       firms=", ".join(sorted(cases)[:3])))

    def withdraw(self, number: int, actor: str, reason: str, as_json: bool) -> None:
        """Release a round."""
        cases = settlement.withdraw(self.connection, self.terms, self._round(number).id, actor, self.day, reason)
        if as_json:
            print_json({"round": number, "released": cases})
        self.console.print(say("cli.settle.withdrawn", self.lang, number=number, firms=cases))

    def clear(self, invoice: str, delivery: int, year: int, actor: str, reason: str) -> None:
        """An officer's word that a held invoice may count; the next round settles it."""
        with count_year(self.connection, self.workspace.charges, self.programme, self._policy(), rates(self.workspace),
                        year, self.workspace.settings.zone) as found:
            rulings = clear_invoice(self.connection, found, invoice, delivery, actor, reason, self.day)
        lifted = ", ".join(say(f"bills.rulings.{ruling}", self.lang) for ruling in rulings)
        self.console.print(say("cli.settle.cleared", self.lang, invoice=invoice, rulings=lifted))

    def show_waiting(self, year: int, as_json: bool) -> None:
        """The invoices that wait for an officer, as of the year's last round."""
        rounds = settlement.rounds_of(self.connection, self.programme.name, year)
        waiting: list[Any] = list(rounds[-1].evidence.get("suspended") or []) if rounds else []  # type: ignore[call-overload]
        if as_json:
            print_json(waiting)
        else:
            list_waiting(waiting, self.lang)

    def _policy(self) -> SpendPolicy:
        return read_spend(self.programme.folder / "spend.yaml")

    def show_rounds(self, as_json: bool) -> None:
        """List the programme's rounds."""
        rounds = [settlement.read_round(self.connection, row[0]) for row in self.connection.execute(
            "SELECT id FROM settlement_round WHERE programme = ? ORDER BY id", (self.programme.name,))]
        if as_json:
            print_json([_round_dict(settled) for settled in rounds])
        elif not rounds:
            self.console.print(say("cli.settle.none", self.lang, programme=self.programme.name))
        for settled in [] if as_json else rounds:
            self.console.print(f"{settled.id}  {settled.year}  {iso(settled.day)}  {settled.decided_by}  "
                               f"{say(f'settlement.state.{settled.state}', self.lang)}")

    def _round(self, number: int) -> Round:
        settled = settlement.read_round(self.connection, number)
        if settled.programme != self.programme.name:
            raise WestlakeError.one("W407", number=number)
        return settled

    def _money(self, amount: int) -> str:
        return format_money(amount, self.programme.currency, sign=True)


def _day(text: str) -> int:
    try:
        return parse_day(text) if text else parse_day(dt.date.today().isoformat())
    except ValueError as error:
        raise WestlakeError.one("W805", Place(field="--day"), value=text) from error


def _outcomes(connection: sqlite3.Connection, settled: Round) -> dict[str, dict[str, int]]:
    rows = connection.execute("SELECT outcome, count(*), sum(entitlement), sum(allotted) FROM settlement_case"
                              " WHERE round = ? GROUP BY outcome ORDER BY outcome", (settled.id,))
    return {name: {"firms": firms, "entitled": entitled, "allotted": allotted}
            for name, firms, entitled, allotted in rows}


def _round_dict(settled: Round) -> dict[str, object]:
    return {**vars(settled), "day": iso(settled.day)}

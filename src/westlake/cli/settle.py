"""`westlake settle`: decide a year's claims, allot the budget and hold; by a second person, approve and post."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from westlake import settlement
from westlake.bills import BaseLines, SpendPolicy, deliveries, read_spend
from westlake.cli.books import confirm
from westlake.cli.clearing import clear_invoice, flag_dict, list_waiting, waiting_dict
from westlake.cli.inbox import rates, read_inbox, read_register
from westlake.cli.outcome import (
    list_rounds,
    outcomes,
    question,
    round_dict,
    tell_approval,
    tell_inbox,
    tell_round,
    tell_waiting,
)
from westlake.cli.place import find_programme, here, open_database, today
from westlake.cli.reform import try_values
from westlake.cli.speech import print_json, spoken_language, stage, words_console
from westlake.database import Connection, rehearsal
from westlake.dates import iso, parse_day, year_of
from westlake.errors import Place, WestlakeError
from westlake.money import format_money, parse_money
from westlake.register import Register
from westlake.rules import Programme, load_programme
from westlake.settlement import Approval, Round, Terms
from westlake.settlement.bill_lines import BillClaims, bill_claims, count_year, suspended_names
from westlake.settlement.claims import names_of
from westlake.words import say
from westlake.workspace import Workspace

LANG = spoken_language()


def settle(
    programme: str = typer.Argument(..., help=say("cli.settle.programme", LANG)),
    year: int = typer.Option(0, help=say("cli.settle.year", LANG)),
    actor: str = typer.Option("", "--as", help=say("cli.settle.as", LANG)),
    approve: int = typer.Option(0, help=say("cli.settle.approve", LANG)),
    withdraw: int = typer.Option(0, help=say("cli.settle.withdraw", LANG)),
    clear: str = typer.Option("", help=say("cli.settle.clear", LANG)),
    account: str = typer.Option("", help=say("cli.settle.account", LANG)),
    delivery: int = typer.Option(0, help=say("cli.settle.delivery", LANG)),
    waiting: bool = typer.Option(False, "--waiting", help=say("cli.settle.waiting_list", LANG)),
    repaid: str = typer.Option("", help=say("cli.settle.repaid", LANG)),
    amount: str = typer.Option("", help=say("cli.settle.amount", LANG)),
    reason: str = typer.Option("", help=say("cli.settle.reason", LANG)),
    day: str = typer.Option("", help=say("cli.settle.day", LANG)),
    order: Path = typer.Option(None, help=say("cli.settle.order", LANG)),
    seed: str = typer.Option("", help=say("cli.settle.seed", LANG)),
    restate: str = typer.Option("", help=say("cli.settle.restate", LANG)),
    regime: str = typer.Option("", envvar="WESTLAKE_REGIME", help=say("cli.settle.regime", LANG)),
    reform: str = typer.Option("", help=say("cli.settle.reform", LANG)),
    report: Path = typer.Option(None, help=say("cli.settle.report", LANG)),
    export: Path = typer.Option(None, help=say("cli.settle.export", LANG)),
    dry_run: bool = typer.Option(False, "--dry-run", help=say("cli.settle.dry_run", LANG)),
    yes: bool = typer.Option(False, "--yes", help=say("cli.settle.yes", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Settle a year; or approve, withdraw or list its rounds."""
    _one_step({"--approve": approve, "--withdraw": withdraw, "--clear": clear, "--waiting": waiting,
               "--repaid": repaid, "--reform": reform})
    if reform:
        try_values(programme, _needed_year(year), reform, order, report, export, as_json, lang)
        return
    desk = Desk(programme, regime, day, lang)
    desk.prepare(dry_run, order, restate, yes or waiting)
    if approve:
        desk.approve(approve, _needed(actor, "--as"), yes, as_json)
    elif withdraw:
        desk.withdraw(withdraw, _needed(actor, "--as"), _needed(reason, "--reason"), as_json)
    elif clear:
        desk.clear(clear, account, delivery, _needed_year(year), _needed(actor, "--as"), _needed(reason, "--reason"))
    elif repaid:
        desk.repaid(repaid, _needed(amount, "--amount"), _needed_year(year), _needed(actor, "--as"),
                    _needed(reason, "--reason"))
    elif waiting:
        desk.show_waiting(_needed_year(year), as_json)
    elif year:
        desk.settle(year, _needed(actor, "--as"), seed, as_json)
    else:
        desk.show_rounds(as_json)


def _one_step(asked: Mapping[str, object]) -> None:
    """W811 when more than one step is asked for."""
    options = [option for option, value in asked.items() if value]
    if len(options) > 1:
        raise WestlakeError.one("W811", options=", ".join(options))


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
        self.connection: Connection = open_database(self.workspace)
        self.day = _day(day, self.workspace)
        self.lang = lang
        self.order = settlement.Order()
        self.restate = ""
        self.dry_run = False
        self.console = words_console()

    def prepare(self, dry_run: bool, order: Path | None, restate: str, yes: bool = True) -> None:
        """What holds for the next step: whether it is kept, in which order firms come, why a year is restated."""
        self._check_day(yes or dry_run)
        self.dry_run, self.restate = dry_run, restate.strip()
        self.order = settlement.read_order(order) if order else settlement.Order()

    def _check_day(self, yes: bool) -> None:
        """Say that the day is yet to come, and go on only on a yes."""
        now = today(self.workspace)
        if self.day > now:
            self.console.print(say("cli.settle.yet_to_come", self.lang, day=iso(self.day), today=iso(now)))
            confirm(say("cli.settle.yet_to_come_sure", self.lang, day=iso(self.day)), yes)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One step; of a dry run nothing is kept."""
        if not self.dry_run:
            yield
            return
        with rehearsal(self.connection):
            yield
        self.console.print(say("cli.settle.rehearsed", self.lang))

    def settle(self, year: int, actor: str, seed: str, as_json: bool) -> Round | None:
        """Take in what is new, settle, say what came of it."""
        if year > year_of(self.day):
            raise WestlakeError.one("W804", year=year, day=iso(self.day))
        with self._step():
            with stage(self.console, say("cli.settle.taking_in", self.lang)):
                inbox = read_inbox(self.connection, self.workspace, self.day, actor)
            tell_inbox(inbox, self.console, self.lang)
            claims = self._claims(year)
            settled = self._settle(year, actor, seed, claims)
            self._tell(settled, year, claims, as_json)
        return None if self.dry_run else settled

    def _claims(self, year: int) -> BillClaims:
        if self.terms.source != "bills":
            raise WestlakeError.one("W410", name=self.programme.name, source=self.terms.source)
        with stage(self.console, say("cli.settle.counting", self.lang)):
            return bill_claims(self.connection, self.workspace.charges, self.programme, self._policy(),
                               rates(self.workspace), year, self.workspace.settings.zone)

    def _settle(self, year: int, actor: str, seed: str, claims: BillClaims) -> Round | None:
        with stage(self.console, say("cli.settle.deciding", self.lang)):
            return settlement.settle(self.connection, self.programme, self.terms, settlement.Request(
                year, self.day, actor, claims.lines, claims.suspended, claims.evidence, seed,
                self.order, self.restate))

    def _tell(self, settled: Round | None, year: int, claims: BillClaims, as_json: bool) -> None:
        if settled is None:
            rounds = settlement.rounds_of(self.connection, self.programme.name, year)
            stands = any(one.state != "withdrawn" for one in rounds)
            self.console.print(say("cli.settle.unchanged", self.lang) if stands else self._why_nothing(year, claims))
            if as_json:
                print_json(None)
            return
        cases = outcomes(self.connection, settled)
        if as_json:
            print_json({**round_dict(settled), "dry_run": self.dry_run, "outcomes": cases})
            return
        tell_round(settled, cases, self.console, self.lang)

    def _why_nothing(self, year: int, claims: BillClaims) -> str:
        """Why not even a first round came about: nothing there, or all of it waits."""
        waiting: list[Any] = list(claims.evidence["suspended"])  # type: ignore[call-overload]
        lacking = sum(not names_of(line) & claims.suspended for line in claims.lines)  # or they had been decided
        if waiting or lacking:
            tell_waiting(waiting, self.console, self.lang)
            more = f"\n{self._see_waiting(year)}" if waiting else ""
            return say("cli.settle.nothing_settled", self.lang, year=year, waiting=len(waiting), lacking=lacking) + more
        taken = sum(one.state == "taken" for one in deliveries(self.connection))
        return say("cli.settle.nothing_found", self.lang, year=year, firms=len(Register(self.connection).on(self.day)),
                   bills=taken)

    def _see_waiting(self, year: int) -> str:
        return say("cli.settle.see_waiting", self.lang, programme=self.programme.name, year=year)

    def approve(self, number: int, actor: str, yes: bool, as_json: bool) -> None:
        """Ask, then post a round."""
        settled = self._round(number)
        if not yes and not self.dry_run:
            self._ask(settled, actor)
        with self._step():
            with stage(self.console, say("cli.settle.posting", self.lang)):
                done = self._approve(settled, actor)
            if as_json:
                print_json(vars(done) | ({"dry_run": True} if self.dry_run else {}))
            else:
                tell_approval(settled, done, self.console, self.lang)

    def _approve(self, settled: Round, actor: str) -> Approval:
        read_register(self.connection, self.workspace, self.day, actor)  # what was verified since
        with self._count(settled.year) as found:
            suspended = suspended_names(found)  # and what was put in doubt since
        return settlement.approve(self.connection, self.programme, self.terms, settled.id, actor, self.day, suspended)

    def _ask(self, settled: Round, actor: str) -> None:
        """Say what this very approval would post, and go on only on a yes."""
        if not sys.stdin.isatty():
            raise WestlakeError.one("W803", option="--yes")
        with rehearsal(self.connection):
            would = self._approve(settled, actor)
        typer.confirm(question(settled, would, self.lang), abort=True, err=True)

    def withdraw(self, number: int, actor: str, reason: str, as_json: bool) -> None:
        """Release a round."""
        settled = self._round(number)
        with self._step():
            cases = settlement.withdraw(self.connection, self.terms, settled.id, actor, self.day, reason)
            if as_json:
                print_json({"round": number, "released": cases} | ({"dry_run": True} if self.dry_run else {}))
            self.console.print(say("cli.settle.withdrawn", self.lang, number=number, firms=cases))

    def clear(self, invoice: str, account: str, delivery: int, year: int, actor: str, reason: str) -> None:
        """An officer's word that a held invoice may count; the next round settles it."""
        with self._step(), self._count(year) as found:
            rulings = clear_invoice(self.connection, found, invoice, account, delivery, actor, reason, self.day)
            lifted = ", ".join(say(f"bills.rulings.{ruling}", self.lang) for ruling in rulings)
            self.console.print(say("cli.settle.cleared", self.lang, invoice=invoice, rulings=lifted))

    def repaid(self, firm: str, amount: str, year: int, actor: str, reference: str) -> None:
        """Book what a firm paid back; the reason is the bank's reference."""
        rounds = settlement.rounds_of(self.connection, self.programme.name, year)
        if not rounds:
            raise WestlakeError.one("W806", programme=self.programme.name, year=year)
        try:
            number = parse_money(amount, self.programme.currency)
        except ValueError as error:
            raise WestlakeError.one("W816", Place(field="--amount"), value=amount) from error
        with self._step():
            left = settlement.repay(self.connection, self.terms, rounds[-1], firm, number, reference, actor, self.day)
            self.console.print(say("cli.settle.repaid_done", self.lang, firm=firm,
                                   left=format_money(left, self.programme.currency, sign=True)))

    def show_waiting(self, year: int, as_json: bool) -> None:
        """What waits now, with whatever lies in the folders; nothing is kept of this look."""
        with rehearsal(self.connection):
            read_inbox(self.connection, self.workspace, self.day, "–")
            with self._count(year) as found:
                waiting = [waiting_dict(one) for one in found.suspensions()]
                flagged = [flag_dict(one) for one in found.flags() if not one.holds]
        if as_json:
            print_json(waiting + flagged)
        else:
            list_waiting(waiting, flagged, self.lang)

    def _count(self, year: int) -> BaseLines:
        return count_year(self.connection, self.workspace.charges, self.programme, self._policy(),
                          rates(self.workspace), year, self.workspace.settings.zone)

    def _policy(self) -> SpendPolicy:
        return read_spend(self.programme.folder / "spend.yaml")

    def show_rounds(self, as_json: bool) -> None:
        """List the programme's rounds."""
        rounds = [settlement.read_round(self.connection, row[0]) for row in self.connection.execute(
            "SELECT id FROM settlement_round WHERE programme = ? ORDER BY id", (self.programme.name,))]
        if as_json:
            print_json([round_dict(settled) for settled in rounds])
        elif not rounds:
            self.console.print(say("cli.settle.none", self.lang, programme=self.programme.name))
        else:
            list_rounds(self.connection, rounds, self.console, self.lang)

    def _round(self, number: int) -> Round:
        settled = settlement.read_round(self.connection, number)
        if settled.programme != self.programme.name:
            raise WestlakeError.one("W407", number=number)
        return settled


def _day(text: str, workspace: Workspace) -> int:
    try:
        return parse_day(text) if text else today(workspace)
    except ValueError as error:
        raise WestlakeError.one("W805", Place(field="--day"), value=text) from error

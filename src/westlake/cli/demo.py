"""`westlake demo`: a workspace from nothing, with a year of bills settled by two people, verified and reported."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import typer
from rich.console import Console

from westlake import settlement
from westlake.bills.generator import FirmProfile, Generated, generate, generate_firms, write_labels
from westlake.chance import stream
from westlake.cli.inbox import read_register
from westlake.cli.new import check_free, make_workspace
from westlake.cli.place import open_database
from westlake.cli.report import write_report
from westlake.cli.settle import Desk
from westlake.cli.speech import spoken_language, stage, words_console
from westlake.cli.stages import APPLICANTS, DEBTOR, REVIEWERS, STAGES, Play
from westlake.dates import day_number, iso
from westlake.errors import WestlakeError, nearest
from westlake.ledger import Books
from westlake.money import format_money
from westlake.rooms import verify_all
from westlake.settlement import Round
from westlake.words import say
from westlake.workspace import SETTINGS_FILE, Settings, Workspace, env

LANG = spoken_language()
PROGRAMME, OFFICER, FINANCE = "cloud_voucher", "Kim Seo-yeon", "Li Wei"
SECTORS = ("AI", "chips", "games", "health", "robotics", "trade")
DISTRICTS = ("Binjiang", "Gongshu", "Shangcheng", "Xihu", "Xiaoshan", "Yuhang")
KNOWN_PLACE = 0.97  # firms whose sector, and whose district, the register knows
VERIFIED_SHARE, KNOWN_SHARE = 0.96, 0.995  # firms whose key facts are verified; firms whose size is known at all


def demo(
    folder: Path = typer.Argument(Path("westlake-demo"), help=say("cli.new.folder", LANG)),
    firms: int = typer.Option(2000, min=1, max=100_000, help=say("cli.demo.firms", LANG)),
    year: int = typer.Option(2025, min=2024, max=2026, help=say("cli.settle.year", LANG)),
    seed: int = typer.Option(7, help=say("cli.demo.seed", LANG)),
    at_stage: str = typer.Option("review", "--stage", metavar="|".join(STAGES), help=say("cli.demo.stage", LANG)),
    serve: bool = typer.Option(True, help=say("cli.demo.serve", LANG)),
    host: str = typer.Option("127.0.0.1", envvar="WESTLAKE_HOST", help=say("cli.serve.host", LANG)),
    port: int = typer.Option(8000, min=0, max=65_535, envvar="WESTLAKE_PORT", help=say("cli.serve.port", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Make the workspace, settle the year, play a call up to a stage, write the report, serve the console."""
    if at_stage not in STAGES:
        raise WestlakeError.one("W834", suggestion=nearest(at_stage, STAGES), name=at_stage, known=", ".join(STAGES))
    check_free(folder)
    made_here = not folder.exists()
    try:
        run_demo(folder, firms, year, seed, lang, at_stage)
    except BaseException:  # Ctrl-C too: half a city would only stand in the way of the next try
        _remove(folder, made_here)
        raise
    if serve:
        # Django and all its libraries cost a second: only who serves pays for them
        from westlake.web import hosting  # noqa: PLC0415
        hosting.serve(folder.resolve(), host, port, 8, lambda url: words_console().print(
            say("cli.serve.ready", lang, url=url)))


def run_demo(folder: Path, firms: int, year: int, seed: int, lang: str, at_stage: str = "review") -> None:
    """Everything from an empty folder to the report and the people who can log in."""
    console = words_console()
    where = os.environ.get(env("database"), Settings.database)
    workspace = make_workspace(folder, Settings(agency=say("cli.demo.agency", lang), lang=lang, database=where))
    with stage(console, say("cli.demo.writing", lang, firms=firms)):
        profiles = generate_firms(firms, seed)
        months = [day_number(year, month, 1) for month in range(1, 13)]
        made = generate(workspace.bills, profiles, months, seed)
        write_labels(workspace.folder / "labels.csv", made.labels)  # what was planted: nothing that settles reads it
        write_register(workspace, profiles, made, seed, lang)
    desk = Desk(PROGRAMME, "", iso(day_number(year + 1, 2, 10)), lang, workspace)
    with stage(console, say("cli.demo.playing", lang, firms=min(firms, APPLICANTS), reviewers=REVIEWERS)):
        played = Play(workspace, desk.connection, at_stage, seed)
        read_register(desk.connection, workspace, desk.day, OFFICER, played.clock)
        played.play()
    settled = desk.settle(year, OFFICER, "", False)
    assert settled is not None, "a new workspace has something to settle"
    desk.day = day_number(year + 1, 2, 12)
    desk.approve(settled.id, FINANCE, True, False)
    _verify(workspace, console, lang)
    path = write_report(workspace, desk.programme.folder, year, Path(), lang)
    _tell(desk, settled, path, console)
    with stage(console, say("cli.demo.log_ins", lang)):
        _make_logins(workspace, played)
    _tell_logins(played, console, lang)


def _make_logins(workspace: Workspace, played: Play) -> None:
    """One log-in for everybody; who releases money has a second factor."""
    with (workspace.folder / SETTINGS_FILE).open("a", encoding="utf-8") as file:
        file.write('\n[web]\ndemo = "yes"\n' + "".join(["\n[bank]\n", *(
            f'{name} = "{value}"\n' for name, value in (("holder", DEBTOR.holder), ("account", DEBTOR.number),
                                                       ("bank", DEBTOR.bank), ("name", "Qiantang Bank"),
                                                       ("country", "CN")))]))
    # see `demo`
    from westlake.web import hosting  # noqa: PLC0415
    hosting.make_ready(workspace.folder.resolve())
    from westlake.web.demo import make_logins  # noqa: PLC0415 - its models need Django made ready first
    make_logins([*played.staff.values(), *played.reviewers, *played.applicants.values()],
                [played.staff[role].id for role in ("payer", "approver", "admin")])


def _tell_logins(played: Play, console: Console, lang: str) -> None:
    """Who can log in, and with what."""
    from westlake.web.demo import PASSWORD  # noqa: PLC0415 - see `demo`
    console.print("\n" + say("cli.demo.people", lang, password=PASSWORD))
    shown = [(say(f"cli.demo.role.{role}", lang), person) for role, person in played.staff.items()]
    shown += [(say("cli.demo.role.reviewer", lang), played.reviewers[0]),
              (say("cli.demo.role.applicant", lang), next(iter(played.applicants.values())))]
    for role, person in shown:
        console.print(f"  {role:<16} {person.email:<28} {person.name}", markup=False)


def _remove(folder: Path, made_here: bool) -> None:
    """Take away what the demo made: the folder, or what is in it when it was there before."""
    for path in [folder] if made_here else list(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def write_register(workspace: Workspace, firms: Sequence[FirmProfile], made: Generated, seed: int, lang: str) -> None:
    """The register's tables as an office would keep them, and the table of exchange rates."""
    rows = []
    for firm in firms:
        luck = stream(seed, "register", firm.id).random(4)  # the first two as they always were
        rows.append([firm.id, firm.name[lang], firm.size if luck[0] < KNOWN_SHARE else "", firm.group,
                     _one_of(SECTORS, luck[2]), _one_of(DISTRICTS, luck[3]), "yes" if firm.resident else "no",
                     "yes" if firm.saas else "no", f"{firm.contracts_year_yuan}.00",
                     firm.employees, f"CN{int(firm.id[1:]):016d}", "2024-01-01",
                     "verified" if luck[1] < VERIFIED_SHARE else "declared", "register office"])
    _write(workspace.register / "firms.csv", rows, "id name size group sector district resident"
           " saas contracts_year staff bank_account from assurance source")
    _write(workspace.register / "accounts.csv", [
        [span.issuer, span.account, span.firm, iso(span.first), "verified"] for span in made.accounts],
        "issuer account firm from assurance")
    _write(workspace.register / "related.csv", [
        [one.firm, one.party, iso(one.first), "audited"] for one in made.related], "firm party from assurance")
    _write(workspace.rates, [[one.currency, iso(one.day), one.rate, one.source] for one in made.rates],
           "currency day rate source")


def _one_of(names: Sequence[str], luck: float) -> str:
    """One of the names, all alike; nothing for the last share, which the register does not know."""
    return names[int(luck / KNOWN_PLACE * len(names))] if luck < KNOWN_PLACE else ""


def _write(path: Path, rows: Iterable[Sequence[object]], header: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)


def _verify(workspace: Workspace, console: Console, lang: str) -> None:
    with stage(console, say("cli.demo.verifying", lang)):
        connection = open_database(workspace)
        problems = verify_all(connection).all_problems
    assert not problems, problems[0].line(lang)


def _tell(desk: Desk, settled: Round, report: Path, console: Console) -> None:
    """One paid and one refused claim in words, and three things to do next."""
    for outcome in ("allotted", "cut", "refused"):
        row = desk.connection.execute(
            "SELECT firm FROM settlement_case WHERE round = ? AND outcome = ? ORDER BY allotted DESC, firm LIMIT 1",
            (settled.id, outcome)).fetchone()
        if row:
            line = settlement.settled_lines(desk.connection, desk.programme.name, settled.year, row[0])[0]
            decision = settlement.explain_line(desk.connection, desk.programme, line)
            console.print(f"\n[bold]{row[0]}[/bold]  {decision.sentence(desk.lang)}")
    books = Books(desk.connection)
    budget = books.balance(desk.terms.code("budget", desk.programme.name, settled.year))
    console.print("\n" + say("cli.demo.done", desk.lang, journals=books.head().number,
                             left=format_money(budget.available, settled.currency, sign=True)))
    folder = str(desk.workspace.folder)
    westlake = "westlake" if shutil.which("westlake") else str(Path(sys.argv[0]).resolve())
    for number, words in enumerate((
            say("cli.demo.look_report", desk.lang, file=str(report)),
            say("cli.demo.look_explain", desk.lang, folder=folder, year=settled.year, westlake=westlake),
            say("cli.demo.look_change", desk.lang, folder=folder, westlake=westlake)), 1):
        console.print(f"  {number}. {words}")

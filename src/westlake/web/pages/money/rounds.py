"""Settled rounds: what each decided and holds; approved by another person after a look at what would be posted."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.bills import read_spend
from westlake.bills.rates import read_rates
from westlake.database import Connection, rehearsal
from westlake.dates import iso
from westlake.desk.paying import payments as desk_payments
from westlake.desk.people import person_number
from westlake.desk.workflow import has_workflow
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.rules import Programme
from westlake.settlement import Approval, Round, approve, read_round, read_terms, withdraw
from westlake.settlement.bill_lines import count_year, suspended_names
from westlake.settlement.rounds import person as as_person
from westlake.web.guards import Roles, holds, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section
from westlake.web.paging import page_of

_COLOURS = {"decided": "waiting", "approved": "approved", "withdrawn": "withdrawn"}
_APPROVES = Roles("approver", fresh=True)


def rounds(request: HttpRequest) -> HttpResponse:
    """Every round, the latest first."""
    connection, tell = request.office.connection, room.words(request)
    numbers = [row[0] for row in connection.execute("SELECT id, programme FROM settlement_round ORDER BY id DESC")
               if room.sees(request, row[1])]
    shown, named = page_of(request, len(numbers)), room.titles(request)
    found = [read_round(connection, number) for number in numbers[shown.offset:shown.offset + shown.size]]
    columns = [Column(tell("round.title")), Column(tell("programme")), Column(tell("year")), Column(tell("day")),
               Column(tell("stands")), Column(tell("round.allotted"), num=True), Column(tell("round.decided_by")),
               Column(tell("approved_by"))]
    rows = [[Cell(tell("round.number", number=one.id), reverse("money.round", args=[one.id])),
             named.get(one.programme, one.programme), str(one.year), iso(one.day),
             Cell(tell(f"round.{one.state}"), tag=_COLOURS[one.state]),
             format_money(_allotted(connection, one), one.currency, sign=True), _actor(request, one.decided_by),
             _actor(request, one.approved_by) or "–"] for one in found]
    return room.page(request, tell("tab.rounds"), shown=shown, under=tell("round.says"), sections=[
        Section("", table(tell("tab.rounds"), columns, rows), empty=tell("round.none"))])


def _allotted(connection: Connection, one: Round) -> int:
    row = connection.execute("SELECT coalesce(sum(allotted), 0) FROM settlement_case WHERE round = ?", (one.id,))
    return int(row.fetchone()[0])


def _actor(request: HttpRequest, actor: str) -> str:
    """Who took a step: the desk's person by name, or the name given on the command line."""
    number = person_number(actor)
    return room.names(request.office.desk, [number]).get(number, actor) if number else actor


def seen_round(request: HttpRequest, round: int) -> Round:
    """A round of a programme that this person may see; 404 for any other."""
    with or_404():
        found = read_round(request.office.connection, round)
    if not room.sees(request, found.programme):
        raise Http404
    return found


def show(request: HttpRequest, settled: Round) -> HttpResponse:
    """One round: its cases, what of them was posted, and what may be done."""
    connection, tell = request.office.connection, room.words(request)
    count = connection.execute("SELECT count(*) FROM settlement_case WHERE round = ?", (settled.id,)).fetchone()[0]
    shown = page_of(request, count)
    rows = connection.execute(
        "SELECT c.firm, c.outcome, c.entitlement, c.allotted, p.amount, p.journal, t.reason FROM settlement_case c"
        " LEFT JOIN settlement_payment p ON p.round = c.round AND p.firm = c.firm"
        " LEFT JOIN settlement_return t ON t.round = c.round AND t.firm = c.firm WHERE c.round = ?"
        " ORDER BY c.allotted DESC, c.firm LIMIT ? OFFSET ?", (settled.id, shown.size, shown.offset)).fetchall()
    named = room.firm_names(request.office.desk, [row[0] for row in rows])
    cells = [[named[firm], Cell(tell(f"round.outcome.{outcome}"), tag=outcome, hint=reason or ""),
              format_money(entitlement, settled.currency, sign=True),
              format_money(allotted, settled.currency, sign=True),
              Cell(format_money(amount, settled.currency, sign=True), reverse("money.journal", args=[journal]))
              if journal else "–"] for firm, outcome, entitlement, allotted, amount, journal, reason in rows]
    columns = [Column(tell("firm")), Column(tell("outcome")), Column(tell("round.entitlement"), num=True),
               Column(tell("round.allotted"), num=True), Column(tell("posted"), num=True)]
    facts = [(tell("round.firms"), f"{count:,}"),
             (tell("round.allotted"), format_money(_allotted(connection, settled), settled.currency, sign=True)),
             (tell("round.decided_by"), _actor(request, settled.decided_by)),
             (tell("approved_by"), _actor(request, settled.approved_by) or "–")]
    mine, approves = _own(request, settled), holds(request, "approver", programme=settled.programme)
    problem = WestlakeError.one("W408", number=settled.id, actor=_actor(request, settled.decided_by)).problems[0]
    lang = request.lang
    return room.page(
        request, f"{room.titles(request).get(settled.programme, settled.programme)} {settled.year}",
        "money/round.html", round=settled, facts=facts, shown=shown, crumbs=_crumbs(request), approves=approves,
        mine=mine, state=_COLOURS[settled.state], state_label=tell(f"round.{settled.state}"),
        under=tell("round.number", number=settled.id),
        why=f"{problem.sentence(lang)}. {problem.way_out(lang)} (W408)" if mine else "",
        pays=_pays(request, settled),
        sections=[Section(tell("round.cases"), table(tell("round.cases"), columns, cells))])


def _own(request: HttpRequest, settled: Round) -> bool:
    """Whether the person who looks decided it: at the console, or under their name on the command line."""
    person = request.person
    return as_person(settled.decided_by) in {as_person(text) for text in (person.actor, person.name, person.email)}


def _pays(request: HttpRequest, settled: Round) -> bool:
    programme = request.office.programmes.get(settled.programme)
    return programme is not None and has_workflow(programme.folder)


def _approve(request: HttpRequest, settled: Round) -> Approval:
    """Post the round, by another person than who decided it; W408 for the same, however they are named."""
    person, programme = request.person, _programme(request, settled)
    if _own(request, settled):
        raise WestlakeError.one("W408", number=settled.id, actor=person.name)
    return approve(request.office.connection, programme, read_terms(programme), settled.id, person.actor,
                   request.office.today, _suspended(request, programme, settled))


def _programme(request: HttpRequest, settled: Round) -> Programme:
    found: Programme | None = request.office.programmes.get(settled.programme)
    if found is None or not holds(request, "approver", programme=settled.programme):
        raise Http404
    return found


def _suspended(request: HttpRequest, programme: Programme, settled: Round) -> frozenset[str]:
    """The documents of the year that wait for an officer now: a case that stands on one waits with it."""
    workspace, spend = request.office.workspace, programme.folder / "spend.yaml"
    if not workspace.charges.is_dir() or not spend.is_file():
        return frozenset()
    with count_year(request.office.connection, workspace.charges, programme, read_spend(spend),
                    read_rates(workspace.rates), settled.year, workspace.settings.zone) as found:
        return suspended_names(found)


def preview(request: HttpRequest, settled: Round) -> HttpResponse:
    """What this very approval would post; all of it is undone again."""
    tell = room.words(request)
    with rehearsal(request.office.connection):
        would = _approve(request, settled)
    named = room.firm_names(request.office.desk, [*would.paid, *would.recovered, *would.waiting, *would.returned])
    rows = [[named[firm], Cell(tell("round.would.paid"), tag="approved"),
             format_money(amount, settled.currency, sign=True), ""] for firm, amount in would.paid.items()]
    rows += [[named[firm], Cell(tell("round.would.recovered"), tag="recovery"),
              format_money(amount, settled.currency, sign=True), ""] for firm, amount in would.recovered.items()]
    rows += [[named[firm], Cell(tell("round.would.waiting"), tag="waiting"), "–", ", ".join(facts)]
             for firm, facts in would.waiting.items()]
    rows += [[named[firm], Cell(tell("round.would.returned"), tag="withdrawn"), "–", fact]
             for firm, fact in would.returned.items()]
    columns = [Column(tell("firm")), Column(tell("outcome")), Column(tell("amount"), num=True), Column(tell("reason"))]
    facts = [(tell("round.would.paid"), format_money(sum(would.paid.values()), settled.currency, sign=True)),
             (tell("round.would.recovered"), format_money(sum(would.recovered.values()), settled.currency, sign=True)),
             (tell("round.would.waiting"), len(would.waiting)), (tell("round.would.returned"), len(would.returned))]
    return room.page(
        request, tell("round.preview"), "money/round_preview.html", round=settled, facts=facts,
        crumbs=[*_crumbs(request),
                (tell("round.number", number=settled.id), reverse("money.round", args=[settled.id]))],
        under=tell("round.rehearsed"), sections=[Section("", table(tell("round.preview"), columns, rows),
                                                         empty=tell("round.nothing"))])


def post(request: HttpRequest, settled: Round) -> HttpResponse:
    """Approve: what is held becomes what firms are owed; and a case to be paid is opened for each."""
    tell = room.words(request)
    if request.POST.get("state") == "decided" and settled.state == "approved":
        return redirect("money.round", settled.id)  # a second click finds it approved
    done = _approve(request, settled)
    total = format_money(sum(done.paid.values()), settled.currency, sign=True)
    messages.success(request, tell("round.posted", firms=len(done.paid), amount=total, waiting=len(done.waiting)))
    return open_payments(request, settled)


def open_payments(request: HttpRequest, settled: Round) -> HttpResponse:
    """Open a case to be paid for each firm that the round gave money; those that are there stay as they are."""
    if _pays(request, settled):
        opened, without = desk_payments.open_round_payments(request.office.desk, request.person, settled.id)
        messages.info(request, room.words(request)("round.opened", count=len(opened), without=len(without)))
    return redirect("money.round", settled.id)


def take_back(request: HttpRequest, settled: Round) -> HttpResponse:
    """Send a round back: all that it still holds comes free and is decided anew."""
    programme, reason = _programme(request, settled), request.POST.get("reason", "").strip()
    if settled.state == "withdrawn":  # a second click finds it sent back
        return redirect("money.round", settled.id)
    if not reason:
        raise WestlakeError.one("W1012")
    cases = withdraw(request.office.connection, read_terms(programme), settled.id, request.person.actor,
                     request.office.today, reason)
    messages.success(request, room.words(request)("round.sent_back", count=cases))
    return redirect("money.round", settled.id)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(room.words(request)("tab.rounds"), reverse("money.rounds"))]


ROUTES = (
    route("money/rounds/", rounds, WHO, name="money.rounds"),
    route("money/rounds/<int:round>/", show, WHO, name="money.round", object=seen_round),
    route("money/rounds/<int:round>/preview/", preview, Roles("approver"), name="money.round.preview",
          methods=("POST",), object=seen_round),
    route("money/rounds/<int:round>/approve/", post, _APPROVES, name="money.round.approve", methods=("POST",),
          object=seen_round),
    route("money/rounds/<int:round>/payments/", open_payments, Roles("approver", "officer"),
          name="money.round.payments", methods=("POST",), object=seen_round),
    route("money/rounds/<int:round>/withdraw/", take_back, Roles("approver"), name="money.round.withdraw",
          methods=("POST",), object=seen_round),
)

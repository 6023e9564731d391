"""Budgets: what a year's appropriation became, what its end would carry over and let lapse, and moves between two."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.dates import iso
from westlake.desk.paying import virement
from westlake.desk.paying.virement import APPROVERS, PROPOSERS, Virement
from westlake.desk.plan.year_figures import year_figures
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.settlement.fiscal_year import fiscal_year, last_end, year_end
from westlake.web.forms import Form
from westlake.web.guards import Roles, holds, or_404, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section

FIGURES = ("appropriated", "moved", "lapsed", "held", "posted", "free", "paid", "asked_back", "recovered", "owed")
_COLOURS = {"proposed": "waiting", "approved": "approved", "refused": "refused"}


class Move(Form):
    """How much goes from which budget to which."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput())
    source = forms.ChoiceField(label="web.money.move.source")
    target = forms.ChoiceField(label="web.money.move.target")
    amount = forms.CharField(label="web.money.amount", max_length=24, widget=forms.TextInput(
        attrs={"inputmode": "decimal"}))
    reason = forms.CharField(label="web.money.reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


def budgets(request: HttpRequest) -> HttpResponse:
    """The budgets of a year, figure by figure; the end of its fiscal year beforehand; moves between budgets."""
    office, tell = request.office, room.words(request)
    year, known = room.chosen_year(request)
    found, named = year_figures(office.connection, room.own_budgets(request), year), room.titles(request)
    columns = [Column(tell("programme")), *(Column(tell(name), num=True) for name in FIGURES)]
    rows = [[Cell(named.get(one.programme, one.programme), hint=tell("lapsed_on", day=iso(one.ended))
                  if one.ended is not None else ""),
             *(format_money(getattr(one, name), one.currency) for name in FIGURES)] for one in found]
    return room.page(
        request, tell("budgets_title", year=year),
        filters=[{"name": "year", "label": tell("year"), "value": str(year),
                  "choices": [(str(one), str(one)) for one in known]}],
        sections=[Section(tell("figures"), table(tell("figures"), columns, rows), tell("adds_up"),
                          tell("no_budget")), year_end_section(request, year),
                  Section(tell("move.all"), moves_table(request), tell("move.says"), tell("move.none"))],
        action=(tell("move.propose"), reverse("money.move")) if holds(request, *PROPOSERS) else None)


def year_end_section(request: HttpRequest, year: int) -> Section:
    """What the end of the fiscal year would carry over and let lapse; nothing is written."""
    connection, tell = request.office.connection, room.words(request)
    span, ended, named = fiscal_year(connection, year), last_end(connection), room.titles(request)
    title = tell("year_end.title", first=iso(span.first), last=iso(span.last))
    columns = [Column(tell("programme")), Column(tell("year")), Column(tell("year_end.carried"), num=True),
               Column(tell("year_end.cases"), num=True), Column(tell("year_end.lapses"), num=True)]
    if ended is not None and span.last <= ended:
        return Section(title, None, tell("year_end.done"))
    rows = [[named.get(one.programme, one.programme), str(one.year),
             format_money(one.carried_over, one.currency, sign=True), f"{len(one.carried):,}",
             format_money(one.lapsed, one.currency, sign=True)]
            for one in year_end(connection, span) if room.sees(request, one.programme)]
    links = [(tell("year_end.go", year=year), reverse("money.year_end", args=[year]))] if room.programmes_of(
        request) is None else []
    return Section(title, table(title, columns, rows), tell("year_end.says", year=year), tell("year_end.none"), links)


def moves_table(request: HttpRequest) -> Table:
    """Every move that touches a programme which this person may see."""
    desk, tell, named = request.office.desk, room.words(request), room.titles(request)
    found = [one for one in virement.virements(desk) if room.move_seen(request, one)]
    who = room.names(desk, [one.proposed_by for one in found] + [one.ended_by for one in found])
    columns = [Column(tell("move.title")), Column(tell("move.source")), Column(tell("move.target")),
               Column(tell("amount"), num=True), Column(tell("stands")), Column(tell("proposed_by")),
               Column(tell("approved_by"))]
    return table(tell("move.all"), columns, [
        [Cell(tell("move.number", number=one.id), reverse("money.move.show", args=[one.id])), _label(named, one.source),
         _label(named, one.target), format_money(one.amount, one.currency, sign=True),
         Cell(tell(f"move.{one.state}"), tag=_COLOURS[one.state]), who[one.proposed_by], who[one.ended_by] or "–"]
        for one in found])


def _label(named: dict[str, str], budget: virement.Budget) -> str:
    return f"{named.get(budget[0], budget[0])} {budget[1]}"


def move(request: HttpRequest) -> HttpResponse:
    """Propose to move money; another person approves it."""
    desk, tell = request.office.desk, room.words(request)
    form = Move(request.POST or None, lang=request.lang, initial={"key": secrets.token_hex(8)})
    choices = [("", "–"), *_choices(request)]
    for name in ("source", "target"):
        form.fields[name].choices = choices
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            source, target = (_read(said[name]) for name in ("source", "target"))
            currency = desk.offered(source[0]).programme.currency
            try:
                amount = room.amount_of(said["amount"], currency)
            except ValueError as error:
                raise WestlakeError.one("W1106", Place(field="amount"), text=said["amount"]) from error
            made = virement.propose(desk, request.person, request.roles, source, target, amount, said["reason"],
                                    said["key"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, tell("move.made", number=made.id))
            return redirect("money.move.show", made.id)
    return room.page(request, tell("move.propose"), "money/form.html", 422 if form.errors else 200, form=form,
                     button=tell("move.propose"), back=reverse("money.budgets"), under=tell("move.says"),
                     crumbs=_crumbs(request))


def _choices(request: HttpRequest) -> list[tuple[str, str]]:
    """The budgets that may be chosen, each with what of it is free."""
    office, tell, named = request.office, room.words(request), room.titles(request)
    found = []
    for year in room.chosen_year(request)[1]:
        for one in office.offered:
            name = one.programme.name
            if not holds(request, *PROPOSERS, programme=name):
                continue
            try:
                free = format_money(virement.free_of(office.desk, (name, year)), one.programme.currency, sign=True)
            except WestlakeError:
                continue  # lapsed: nothing moves there any more
            found.append((f"{name}:{year}", f"{_label(named, (name, year))} ({tell('free')} {free})"))
    return found


def _read(text: str) -> virement.Budget:
    name, _, year = text.rpartition(":")
    return name, int(year)


def seen_move(request: HttpRequest, move: int) -> Virement:
    """A move that touches a programme which this person may see; 404 for any other."""
    with or_404():
        found = virement.find_virement(request.office.desk, move)
    if not room.move_seen(request, found):
        raise Http404
    return found


def show(request: HttpRequest, found: Virement) -> HttpResponse:
    """One move: who proposed it and why, what it would leave free; approve it or turn it down."""
    desk, tell, named = request.office.desk, room.words(request), room.titles(request)
    who = room.names(desk, [found.proposed_by, found.ended_by])
    pairs: list[Any] = [
        (tell("move.source"), _label(named, found.source), ""), (tell("move.target"), _label(named, found.target), ""),
        (tell("amount"), format_money(found.amount, found.currency, sign=True), ""),
        (tell("reason"), found.reason, ""), (tell("proposed_by"), who[found.proposed_by], "")]
    if found.state == "proposed":
        pairs += [(tell("move.free_now", budget=_label(named, one)), _free(request, one), "")
                  for one in (found.source, found.target)]
    else:
        pairs.append((tell("approved_by") if found.state == "approved" else tell("move.refused_by"),
                      who[found.ended_by], ""))
    if found.why:
        pairs.append((tell("move.why"), found.why, ""))
    if found.journal:
        pairs.append((tell("journal"), tell("journal_number", number=found.journal),
                      reverse("money.journal", args=[found.journal])))
    mine = found.proposed_by == request.person.id
    both = all(holds(request, *APPROVERS, programme=name) for name in found.programmes)
    problem = WestlakeError.one("W1101", number=found.id).problems[0]
    lang = request.lang
    return room.page(
        request, tell("move.number", number=found.id), "money/move.html", pairs=pairs, crumbs=_crumbs(request),
        move=found, state=_COLOURS[found.state], state_label=tell(f"move.{found.state}"),
        can_approve=found.state == "proposed" and both and not mine,
        can_refuse=found.state == "proposed" and all(holds(request, *PROPOSERS, programme=name)
                                                     for name in found.programmes),
        why=f"{problem.sentence(lang)}. {problem.way_out(lang)} (W1101)"
        if mine and found.state == "proposed" and both else "")


def _free(request: HttpRequest, budget: virement.Budget) -> str:
    desk = request.office.desk
    try:
        return format_money(virement.free_of(desk, budget), desk.offered(budget[0]).programme.currency, sign=True)
    except WestlakeError as error:
        return error.problems[0].sentence(request.lang)


def approve(request: HttpRequest, found: Virement) -> HttpResponse:
    """Move the money, once."""
    done = virement.approve(request.office.desk, found.id, request.person, request.roles)
    amount = format_money(done.amount, done.currency, sign=True)
    messages.success(request, room.words(request)("move.done", amount=amount))
    return redirect("money.move.show", done.id)


def refuse(request: HttpRequest, found: Virement) -> HttpResponse:
    """Turn it down, or take it back."""
    virement.refuse(request.office.desk, found.id, request.person, request.roles, request.POST.get("reason", ""))
    messages.success(request, room.words(request)("move.turned_down"))
    return redirect("money.move.show", found.id)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(room.words(request)("tab.budgets"), reverse("money.budgets"))]


ROUTES = (
    route("money/budgets/", budgets, WHO, name="money.budgets"),
    route("money/budgets/move/", move, Roles(*PROPOSERS), name="money.move", methods=("GET", "POST")),
    route("money/budgets/moves/<int:move>/", show, WHO, name="money.move.show", object=seen_move),
    route("money/budgets/moves/<int:move>/approve/", approve, Roles(*APPROVERS, fresh=True), name="money.move.approve",
          methods=("POST",), object=seen_move),
    route("money/budgets/moves/<int:move>/refuse/", refuse, Roles(*PROPOSERS), name="money.move.refuse",
          methods=("POST",), object=seen_move),
)

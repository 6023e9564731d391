"""A choice as it was made: who is in and who is not, why, the lots, the check, and what a chair decides otherwise."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.looking import looking
from westlake.desk.panel.choosing import Run, Standing, drawing_of
from westlake.desk.panel.lottery import hashed_text, same_draw
from westlake.desk.panel.standing import override as decide_otherwise
from westlake.desk.panel.standing import places
from westlake.desk.people import people_of
from westlake.errors import Place, WestlakeError
from westlake.money import format_money, parse_money
from westlake.web import forms
from westlake.web.guards import Roles, holds, route
from westlake.web.pages.panel.choosing import (
    LIST_MAX,
    result_facts,
    seen_place,
    seen_selection,
    terms_named,
    terms_told,
)
from westlake.web.pages.panel.reviews import OFFICE, about
from westlake.web.pages.panel.shown_places import lines_of, shown_places
from westlake.web.visit import Visit
from westlake.words import say

CHAIRS = Roles("chair")
BULK = {"selected": "select", "reserve": "reserve", "rest": "reject"}  # the steps that follow from a choice
BULK_MAX = 100


class Otherwise(forms.Form):
    """A chair's own decision on one case."""

    chosen = fields.ChoiceField(label="web.reviews.decision", widget=fields.RadioSelect, choices=[
        ("1", "web.reviews.decide_in"), ("0", "web.reviews.decide_out")])
    amount = fields.CharField(label="web.reviews.amount", help_text="web.reviews.amount_hint", max_length=30,
                              required=False)
    reason = fields.CharField(label="web.reviews.override_reason", max_length=4000,
                              widget=fields.Textarea(attrs={"rows": 4}))


def show(request: Visit, found: tuple[Call, Run]) -> HttpResponse:
    """The choice: figures, terms, chosen, passed over with the first thing that bound them, reserve, the lots."""
    call, run = found
    desk, lang = looking(request.office.desk), request.lang
    kept, views = shown_places(request, desk, places(desk, run))
    lowest = max((one.rank for one in kept if one.computed), default=0)
    groups = {
        "selected": [one for one in kept if one.chosen],
        "skipped": [one for one in kept if not one.chosen and not one.computed and 0 < one.rank < lowest],
        "reserve": sorted((one for one in kept if not one.chosen and one.reserve), key=lambda one: one.reserve),
        "rest": [one for one in kept if not one.chosen]}
    some = {one.case.id: one for group in groups.values() for one in group[:LIST_MAX]}
    lines = {one.case.id: one for one in lines_of(request, desk, call, kept, views, some=list(some.values()))}
    computed = [(one.case.number, one.amount, one.rank) for one in kept if one.chosen]
    objective = run.terms["choice"]["objective"]
    person = people_of(desk.connection, {run.person})[run.person]
    drawing, shown = drawing_of(run), {one.case.number for one in kept}
    return render(request, "reviews/run.html", about(request, call) | {
        "run": run, "by": person.name, "facts": result_facts(run.result, computed, call, objective, lang),
        "terms": [*_otherwise(run, lang), *terms_told(desk, call, run.terms["choice"], shown, lang,
                                                             run.terms["budget"])],
        "groups": {name: [lines[one.case.id] for one in group[:LIST_MAX]] for name, group in groups.items()},
        "counts": {name: len(group) for name, group in groups.items()},
        "bulk": {name: _bulk(groups[name], step) for name, step in BULK.items()},
        "lots": [(lot, hashed_text(drawing.seed, lot.case)) for lot in drawing.lots if lot.case in shown]
        if drawing else [], "redrawn": drawing is not None and same_draw(drawing), "latest": _latest(desk, call, run),
        "publishes": holds(request, "officer", "chair", programme=call.programme)})


def _otherwise(run: Run, lang: str) -> list[tuple[str, str]]:
    """Why this choice was made by other terms than the call announced, if it was."""
    kept = run.terms.get("otherwise")
    return [(say("desk_choice.otherwise.label", lang), say(
        "desk_choice.otherwise.told", lang, reason=kept["reason"],
        terms=terms_named(kept["terms"], lang)))] if kept else []


def _bulk(found: list[Standing], step: str) -> str:
    """The address at which the step that follows is taken for all of them."""
    if step == "reject":
        found = [one for one in found if not one.reserve]
    return urlencode([*(("case", one.case.id) for one in found[:BULK_MAX]), ("step", step)]) if found else ""


def _latest(desk: Desk, call: Call, run: Run) -> bool:
    row = desk.connection.execute("SELECT max(id) FROM desk_run WHERE call = ? AND kind = 'selection'",
                                  (call.id,)).fetchone()
    return bool(row[0] == run.id)


def override(request: Visit, found: tuple[Call, Run, Standing]) -> HttpResponse:
    """A chair decides otherwise for one case; what was computed stays beside it."""
    call, run, one = found
    desk, lang = request.office.desk, request.lang
    if not holds(request, "chair", programme=call.programme):
        raise Http404
    asked = run.terms["amounts"].get(one.case.number, 0)
    amount = format_money(one.amount or asked, call.currency).replace(",", "")
    form = Otherwise(request.POST or None, lang=lang, initial={"chosen": "0" if one.chosen else "1", "amount": amount})
    if request.method == "POST" and form.is_valid():
        try:
            chosen = form.cleaned_data["chosen"] == "1"
            decide_otherwise(desk, run, one.case, chosen, _amount(form, call) if chosen else 0,
                             form.cleaned_data["reason"], request.person, request.roles)
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.reviews.overridden", lang, number=one.case.number))
            return redirect("reviews.run", run.id)
    kept, views = shown_places(request, desk, [one])
    return render(request, "reviews/override.html", about(request, call) | {
        "run": run, "one": lines_of(request, desk, call, kept, views)[0], "form": form},
        status=422 if form.errors else 200)


def _amount(form: Otherwise, call: Call) -> int:
    text = form.cleaned_data["amount"].strip()
    try:
        return parse_money(text, call.currency)
    except ValueError as error:
        raise WestlakeError.one("W1071", Place(field="amount"), text=text[:60]) from error


ROUTES = (
    route("reviews/runs/<int:run>/", show, OFFICE, name="reviews.run", object=seen_selection),
    route("reviews/runs/<int:run>/cases/<int:case>/override/", override, CHAIRS, name="reviews.override",
          methods=("GET", "POST"), object=seen_place),
)

"""The list that counts, as a page and as files; a result made known to all; and the objections that come in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from westlake.desk.calls import Call
from westlake.desk.cases import COLUMNS, Case, answers, following
from westlake.desk.desk import Desk
from westlake.desk.looking import looking
from westlake.desk.panel import notices as desk_notices
from westlake.desk.panel.choosing import Run, Standing
from westlake.desk.panel.notices import OBJECTION, REASON, Notice
from westlake.desk.panel.standing import panel, panel_csv, places, standing
from westlake.desk.people import people_of
from westlake.desk.seeing import views_of
from westlake.desk.steps import possible
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.web import forms
from westlake.web.guards import holds, route
from westlake.web.pages.cases.case_steps import factor_at
from westlake.web.pages.panel.choosing import seen_selection
from westlake.web.pages.panel.reviews import ACTS, OFFICE, about, may_score, seen_call
from westlake.web.pages.panel.shown_places import lines_of, shown_places
from westlake.web.paging import page_of
from westlake.web.visit import Visit
from westlake.words import say

SHOWS = ("all", "chosen", "unfunded", "reserve", "overridden")


class Days(forms.Form):
    """For how long one may object."""

    days = fields.IntegerField(label="web.reviews.days", help_text="web.reviews.days_hint", min_value=1, max_value=365)


@dataclass(frozen=True)
class Objection:
    """An objection as somebody of the office is shown it; steps: what they may do about it."""

    case: Case
    against: str
    reason: str
    state: str
    steps: list[tuple[str, str]]


def standings(request: Visit, call: Call) -> HttpResponse:
    """Every case by its last selection with what the chair decided otherwise; the unfunded apart if asked for."""
    desk, found, lang = looking(request.office.desk), about(request, call), request.lang
    if not may_score(request, call):
        return render(request, "reviews/standing.html", found | {"hidden": True})
    kept, views = shown_places(request, desk, standing(desk, call))
    wanted = request.GET.get("show", "all")
    tests: dict[str, Callable[[Standing], bool]] = {
        "all": lambda one: True, "chosen": lambda one: one.chosen, "unfunded": lambda one: not one.chosen,
        "reserve": lambda one: bool(one.reserve) and not one.chosen,
        "overridden": lambda one: one.override is not None}
    counts = {name: sum(tests[name](one) for one in kept) for name in SHOWS}
    rows = [one for one in kept if tests.get(wanted, tests["all"])(one)]
    page = page_of(request, len(rows), 100)
    spent = sum(one.amount for one in kept if one.chosen)
    facts = [(say("web.reviews.show.chosen", lang), f"{counts['chosen']:,}"),
             (say("web.reviews.show.unfunded", lang), f"{counts['unfunded']:,}"),
             (say("web.reviews.spent", lang), format_money(spent, call.currency, sign=True)),
             (say("web.reviews.term.budget", lang), format_money(call.number("budget"), call.currency, sign=True))]
    return render(request, "reviews/standing.html", found | {
        "facts": facts if kept else [], "page": page, "any": bool(kept),
        "chips": [(say(f"web.reviews.show.{name}", lang), counts[name], f"?show={name}", name == wanted)
                  for name in SHOWS],
        "lines": lines_of(request, desk, call, rows[page.offset:page.offset + page.size], views)})


def shown_panel(request: Visit, call: Call) -> list[dict[str, Any]]:
    """The panel's rows of the cases that this person sees, with nothing in them that is kept from them."""
    desk = looking(request.office.desk)
    kept, views = shown_places(request, desk, standing(desk, call))
    shown = {one.case.number: one for one in kept}
    cut: dict[int, int] = {}
    for one in kept:
        if one.computed:
            cut[one.run] = min(one.estimate, cut.get(one.run, one.estimate))
    return [_row(row, shown[row["case"]], cut, views[shown[row["case"]].case.id].money_shown)
            for row in panel(desk, call) if row["case"] in shown]


def _row(row: dict[str, Any], one: Standing, cut: dict[int, int], money: bool) -> dict[str, Any]:
    return {**row, "firm": one.case.firm, "rank": one.rank, "rank_low": one.rank_low, "rank_high": one.rank_high,
            "cut_off": cut.get(one.run), "amount": row["amount"] if money else None}


def export(request: Visit, call: Call, form: str) -> HttpResponse:
    """The panel as a file: `csv` or `json`. 404 while a phase hides scores."""
    if not may_score(request, call):
        raise Http404
    rows = shown_panel(request, call)
    text = panel_csv(rows) if form == "csv" else json.dumps(rows, ensure_ascii=False, indent=1)
    kind = "text/csv" if form == "csv" else "application/json"
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers={
        "Content-Disposition": content_disposition_header(True, f"{call.code}-panel.{form}")})


def publish(request: Visit, found: tuple[Call, Run]) -> HttpResponse:
    """Make known who is chosen, for so many days; what it means is said first."""
    call, run = found
    desk, lang = request.office.desk, request.lang
    if not holds(request, "officer", "chair", programme=call.programme):
        raise Http404
    form = Days(request.POST or None, lang=lang, initial={"days": max(1, call.number("objection_days"))})
    if request.method == "POST" and form.is_valid():
        try:
            desk_notices.publish(desk, call, request.person, run, form.cleaned_data["days"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.reviews.published", lang))
            return redirect("reviews.notices", call.id)
    kept, views = shown_places(request, desk, [one for one in places(desk, run) if one.chosen])
    return render(request, "reviews/publish.html", about(request, call) | {
        "run": run, "form": form, "lines": lines_of(request, desk, call, kept, views),
        "again": any(one.run == run.id for one in desk_notices.notices(desk, call))},
        status=422 if form.errors else 200)


def notices(request: Visit, call: Call) -> HttpResponse:
    """What was made known of a call, until when one may object, and who did."""
    desk = looking(request.office.desk)
    today = desk.today()
    found = [(one, one.runs_on(today), max(one.last_day - today + 1, 0), len(_seen(request, desk, one)),
              _objections(request, desk, one)) for one in desk_notices.notices(desk, call)]
    people = people_of(desk.connection, {one.person for one, *_ in found})
    return render(request, "reviews/notices.html", about(request, call) | {
        "notices": [(*one, people[one[0].person].name) for one in found]})


def _seen(request: Visit, desk: Desk, notice: Notice) -> dict[int, Case]:
    """The cases of a notice that this person sees."""
    marks = ",".join("?" * len(notice.cases))
    found = [Case(*row) for row in desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE id IN ({marks}) ORDER BY number", notice.cases)]
    views = views_of(desk, found, request.person, request.roles)
    return {one.id: one for one in found if views[one.id].seen}


def _objections(request: Visit, desk: Desk, notice: Notice) -> list[Objection]:
    """The objections to cases that this person sees; who objects is told on the objection's own page."""
    shown = _seen(request, desk, notice)
    found = [one for case in shown.values() for one in following(desk, case, OBJECTION) if one.opened_at >= notice.at]
    views = views_of(desk, found, request.person, request.roles)
    told = []
    for one in found:
        if views[one.id].seen:
            workflow = desk.offered(one.programme).workflow
            steps = [(way.step.name, workflow.word("step", way.step.name, request.lang)) for way in
                     possible(desk, one, request.person, request.roles, factor_at(request)) if way.problem is None]
            told.append(Objection(one, shown[one.parent or 0].number, answers(desk, one).get(REASON, ""),
                                  workflow.word("state", one.state, request.lang), steps))
    return told


ROUTES = (
    route("reviews/calls/<int:call>/standing/", standings, OFFICE, name="reviews.standing", object=seen_call),
    route("reviews/calls/<int:call>/panel.csv", lambda request, call: export(request, call, "csv"), OFFICE,
          name="reviews.panel_csv", object=seen_call),
    route("reviews/calls/<int:call>/panel.json", lambda request, call: export(request, call, "json"), OFFICE,
          name="reviews.panel_json", object=seen_call),
    route("reviews/runs/<int:run>/publish/", publish, ACTS, name="reviews.publish", methods=("GET", "POST"),
          object=seen_selection),
    route("reviews/calls/<int:call>/notices/", notices, OFFICE, name="reviews.notices", object=seen_call),
)

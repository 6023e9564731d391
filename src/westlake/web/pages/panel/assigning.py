"""Filling a panel: people are invited, cases are assigned by computation that is looked at first, or by hand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from westlake.database import transaction
from westlake.desk.calls import Call
from westlake.desk.cases import Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.looking import looking
from westlake.desk.outbox import write_to_person
from westlake.desk.panel import assigning as desk_assigning
from westlake.desk.panel import reviewing
from westlake.desk.panel.interests import conflicts_of
from westlake.desk.panel.reviewing import LIVE, Invitation
from westlake.desk.panel.runs import result_digest, runs
from westlake.desk.people import holders, people_of
from westlake.errors import Place, Problem, WestlakeError
from westlake.web import forms, work
from westlake.web.guards import route
from westlake.web.listing import Cell, Column, table
from westlake.web.models import Job
from westlake.web.pages.panel.choosing import Seed
from westlake.web.pages.panel.reviews import ACTS, Panel, about, distinct_names, invited_reviewer, led_call, panel_of
from westlake.web.paging import page_of
from westlake.web.visit import Visit, reason_of
from westlake.words import say

ASKED_MOST = 500  # people asked at once


class Terms(Seed):
    """What an assignment is computed with beside reviewers and cases."""

    floor = fields.IntegerField(label="web.reviews.floor", help_text="web.reviews.floor_hint", min_value=0,
                                required=False)


class Asking(forms.Form):
    """What people are asked to take on."""

    load = fields.IntegerField(label="web.reviews.load", min_value=1, max_value=1000)
    topics = fields.CharField(label="web.reviews.their_topics", help_text="web.reviews.topics_ask", max_length=2000,
                              required=False)


def invite(request: Visit, call: Call) -> HttpResponse:
    """Everybody who may review and was not asked yet; those ticked are asked, and each gets a letter."""
    desk, lang = request.office.desk, request.lang
    state = {one.reviewer: one.state for one in reviewing.invitations(desk, call)}
    people = [one for one in holders(desk.connection, "reviewer", request.office.now(), call.programme)
              if state.get(one.id) not in ("invited", "accepted")]
    wanted = request.GET.get("q", "").strip().casefold()[:100]
    listed = [one for one in people if wanted in f"{one.name} {one.organisation} {one.email}".casefold()]
    form = Asking(request.POST or None, lang=lang, initial={"load": call.number("reviewer_load")})
    if request.method == "POST" and form.is_valid():
        ticked = {int(text) for text in request.POST.getlist("who") if text.isdecimal() and len(text) < 12}
        asked = [one for one in people if one.id in ticked][:ASKED_MOST]
        try:
            if not asked:
                raise WestlakeError.one("W1113", code=call.code)
            with transaction(desk.connection):
                reviewing.invite(desk, call, request.person, [one.id for one in asked], form.cleaned_data["load"],
                                 form.cleaned_data["topics"])
                for one in asked:
                    write_to_person(desk, one, "invitation", {
                        "title": call.text("title", one.language), "code": call.code,
                        "load": form.cleaned_data["load"], "days": call.number("review_days")})
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.reviews.invited", lang, count=len(asked)))
            return redirect("reviews.call", call.id)
    page = page_of(request, len(listed), 100)
    return render(request, "reviews/invite.html", about(request, call) | {
        "form": form, "page": page, "wanted": wanted, "ticked": request.POST.getlist("who"),
        "people": [(one, state.get(one.id, "")) for one in listed[page.offset:page.offset + page.size]]},
        status=422 if form.errors else 200)


def withdraw(request: Visit, found: tuple[Call, Invitation]) -> HttpResponse:
    """Ask somebody no longer; what they have not handed in is taken back."""
    call, one = found
    desk, lang = request.office.desk, request.lang
    if request.method == "POST":
        reviewing.withdraw_invitation(desk, call, request.person, one.reviewer, reason_of(request))
        messages.success(request, say("web.reviews.invitation_withdrawn", lang))
        return redirect("reviews.call", call.id)
    person = people_of(desk.connection, {one.reviewer})[one.reviewer]
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.reviews.withdraw_heading", lang, name=person.name), "danger": True,
        "says": say("web.reviews.withdraw_says", lang), "button": say("web.reviews.withdraw", lang),
        "back": f"/reviews/calls/{call.id}/", "reason": say("web.reviews.reason", lang)})


def assignment(request: Visit, call: Call) -> HttpResponse:
    """Compute who reads what and look at it; the same page applies what was looked at."""
    desk, lang = request.office.desk, request.lang
    panel = panel_of(request, desk, call)
    given = request.POST if request.method == "POST" else request.GET if "seed" in request.GET else None
    form = Terms(given, lang=lang, initial={"seed": call.id})
    found: dict[str, object] = {}
    if given is not None and form.is_valid():
        try:
            if request.method == "POST":
                return _apply(request, call, form)
            found = _looked_at(request, looking(desk), panel, form.cleaned_data["seed"], form.cleaned_data["floor"])
        except WestlakeError as error:
            form.take(_masked(desk, error, panel))
    return render(request, "reviews/assignment.html", about(request, call) | found | {
        "form": form, "last": next(iter(runs(desk, call, "assignment")), None), "whole": panel.whole,
        **_floor_job(desk, panel, lang)}, status=422 if form.errors else 200)


def _apply(request: Visit, call: Call, form: Terms) -> HttpResponse:
    desk = request.office.desk
    with transaction(desk.connection):
        run = desk_assigning.assign(desk, call, request.person, form.cleaned_data["seed"], form.cleaned_data["floor"])
        if result_digest(run.result) != request.POST.get("seen"):
            raise WestlakeError.one("W1110", code=call.code)
        new, back = desk_assigning.apply_assignment(desk, run, request.person)
    messages.success(request, say("web.reviews.applied", request.lang, new=new, back=back))
    return redirect("reviews.progress", call.id)


def _looked_at(request: Visit, desk: Desk, panel: Panel, seed: int, floor: int | None) -> dict[str, object]:
    """An assignment before it is kept: figures, each reviewer's share, and each case with who would read it."""
    lang, call = request.lang, panel.call
    result = desk_assigning.preview(desk, call, seed, floor)
    by_reviewer: dict[int, list[int]] = defaultdict(list)
    by_case: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    for case, reviewer, affinity, fixed in result["pairs"]:
        if panel.named(case):
            by_reviewer[reviewer].append(affinity)
            by_case[case].append((reviewer, affinity, fixed))
    invited = {one.reviewer: one for one in reviewing.invitations(desk, call) if one.state == "accepted"}
    people = people_of(desk.connection, set(invited) | set(by_reviewer))
    names = distinct_names(people)
    sums = {case: sum(affinity for _, affinity, _ in pairs) for case, pairs in by_case.items()}
    facts: list[tuple[str, object]] = [
        (say("web.reviews.total_affinity", lang), f"{sum(sums.values()):,}"),
        (say("web.reviews.least_affinity", lang), f"{min(sums.values(), default=0):,}"),
        (say("web.reviews.pairs", lang), f"{sum(map(len, by_case.values())):,}"),
        (say("web.reviews.optimal", lang), say("web.reviews.proved", lang) if result["optimal"] else say(
            "web.reviews.bound", lang, most=f"{result['bound']:,}"))]
    loads = [[Cell(people[who].name, hint=people[who].organisation), len(by_reviewer[who]),
              invited[who].load if who in invited else "–",
              f"{sum(by_reviewer[who]) // len(by_reviewer[who]):,}" if by_reviewer[who] else "–"]
             for who in sorted(people, key=lambda who: (-len(by_reviewer[who]), people[who].name))]
    page = page_of(request, len(by_case))
    order = sorted(by_case, key=lambda case: (sums[case], panel.cases[case].number))
    return {
        "looked": result, "seen_digest": result_digest(result), "facts": facts, "page": page,
        "loads": table(say("web.reviews.loads", lang), [
            Column(say("web.reviews.conflict.reviewer", lang)), *(Column(say(f"web.reviews.{name}", lang), num=True)
                                                                  for name in ("cases", "load", "mean_affinity"))],
                       loads),
        "rows": [(panel.cases[case], sums[case], [(names[who], affinity, fixed) for who, affinity, fixed in
                                                  sorted(by_case[case], key=lambda pair: -pair[1])])
                 for case in order[page.offset:page.offset + page.size]]}


def _masked(desk: Desk, error: WestlakeError, panel: Panel) -> WestlakeError:
    """The same problem without the numbers of cases that its reader may not know, nor the reviewers left for them."""
    if panel.whole:
        return error
    kept = {one.number for one in panel.cases.values()}
    numbers = {row[0] for row in desk.connection.execute("SELECT number FROM desk_case WHERE call = ?",
                                                         (panel.call.id,))} - kept

    def told(values: Mapping[str, object]) -> dict[str, object]:
        texts = " ".join(str(value) for value in values.values())
        if not any(re.search(rf"{re.escape(number)}(?!\d)", texts) for number in numbers):
            return dict(values)
        return {name: "···" if name in ("cases", "reviewers", "pairs") else value for name, value in values.items()}

    return WestlakeError([replace(one, values=told(one.values)) for one in error.problems])


def find_floor(request: Visit, call: Call) -> HttpResponse:
    """Ask for the best floor; it is looked for beside, and the page tells how far it is."""
    work.ask(request.office, "find_best_floor", {"call": call.id}, request.person)
    messages.success(request, say("web.reviews.floor_asked", request.lang))
    return redirect("reviews.assignment", call.id)


def _floor_job(desk: Desk, panel: Panel, lang: str) -> dict[str, object]:
    job = Job.objects.filter(name="find_best_floor", given={"call": panel.call.id}).order_by("-pk").first()
    if job is None:
        return {"job": None}
    problem = _masked(desk, WestlakeError([Problem(job.problem["code"], values=job.problem["values"])]),
                      panel).problems[0].sentence(lang) if job.problem else ""
    return {"job": job, "job_problem": problem, "going": job.state in work.GOING}


def by_hand(request: Visit, found: tuple[Call, Case]) -> HttpResponse:
    """One case: who reads it; assign one more by hand, or take it back with a reason."""
    call, case = found
    desk, lang = request.office.desk, request.lang
    if request.method == "POST":
        text, reason = request.POST.get("reviewer", ""), reason_of(request)
        reviewer = int(text) if text.isdecimal() and len(text) < 12 else 0
        if request.POST.get("back"):
            reviewing.withdraw_assignment(desk, case, request.person, reviewer, reason)
            messages.success(request, say("web.reviews.taken_back", lang))
        else:
            if not reviewer:
                raise WestlakeError.one("W1113", Place(field="reviewer"), code=call.code)
            desk_assigning.assign_one(desk, case, request.person, reviewer, reason)
            messages.success(request, say("web.reviews.assigned_one", lang))
        return redirect("reviews.by_hand", call.id, case.id)
    states = reviewing.states_of(desk, case)
    barred = {who for who, one in conflicts_of(desk, call) if one == case.id}
    able = {one.reviewer for one in reviewing.invitations(desk, call) if one.state == "accepted"} - barred
    people = people_of(desk.connection, set(states) | able)
    return render(request, "reviews/by_hand.html", about(request, call) | {
        "case": case, "held": [(people[who], state, state in (*LIVE, "abstained")) for who, state in states.items()],
        "able": sorted((people[who] for who in able if states.get(who, "withdrawn") in ("withdrawn", "abstained")),
                       key=lambda one: (one.name, one.id))})


def led_case(request: Visit, call: int, case: int) -> tuple[Call, Case]:
    """A case of a call that this person leads, if they may know who reviews it."""
    found, desk = led_call(request, call), looking(request.office.desk)
    panel = panel_of(request, desk, found)
    if not panel.named(case):
        raise Http404
    return found, replace(find_case(desk, case), title=panel.cases[case].title)


_BOTH = ("GET", "POST")
ROUTES = (
    route("reviews/calls/<int:call>/invite/", invite, ACTS, name="reviews.invite", methods=_BOTH, object=led_call),
    route("reviews/calls/<int:call>/reviewers/<int:reviewer>/withdraw/", withdraw, ACTS, name="reviews.withdraw",
          methods=_BOTH, object=invited_reviewer),
    route("reviews/calls/<int:call>/assignment/", assignment, ACTS, name="reviews.assignment", methods=_BOTH,
          object=led_call),
    route("reviews/calls/<int:call>/assignment/floor/", find_floor, ACTS, name="reviews.floor", methods=("POST",),
          object=led_call),
    route("reviews/calls/<int:call>/cases/<int:case>/", by_hand, ACTS, name="reviews.by_hand", methods=_BOTH,
          object=led_case),
)

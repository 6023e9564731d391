"""The office's own effort on one page: how long, how often, sent back, asked twice; counted, never reported."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from westlake.dates import MICROS_PER_DAY, day_number, year_of
from westlake.desk.looking import looking
from westlake.desk.plan.attained import share_of
from westlake.desk.plan.effort import Effort, measure_effort, spread
from westlake.desk.workflow import Workflow
from westlake.money import format_rate
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.plan import plan_figures
from westlake.web.visit import Visit
from westlake.words import fill, say

WHO = Roles("officer", "approver", "payer", "auditor", "economist", "admin", "chair")
OPENS = ("officer", "approver", "payer", "auditor", "chair")  # who may open a case from here
SHOWN = 10  # cases that have waited longest


def show(request: Visit) -> HttpResponse:
    """A programme's effort in a year, or over all of them."""
    lang, office = request.lang, request.office
    offered = {one.programme.name: one for one in office.offered
               if holds(request, *WHO.names, programme=one.programme.name)}
    wanted = request.GET.get("programme", "")
    name = wanted if wanted in offered else next(iter(offered), "")
    now = year_of(office.today)
    year = request.GET.get("year", str(now))
    years = [("all", say("web.effort.all_years", lang)), *((str(one), str(one)) for one in range(now, now - 6, -1))]
    year = year if year in dict(years) else str(now)
    filters = [{"name": "programme", "label": say("web.effort.programme", lang), "value": name,
                "choices": [(key, fill(one.programme.words.title, lang)) for key, one in offered.items()]},
               {"name": "year", "label": say("web.effort.year", lang), "value": year, "choices": years}]
    context: dict[str, Any] = {"filters": filters, "effort": None}
    if name:
        span = (day_number(2000, 1, 1), office.today) if year == "all" else (
            day_number(int(year), 1, 1), day_number(int(year), 12, 31))
        found = measure_effort(looking(office.desk), name, *span)
        workflow = offered[name].workflow
        context |= {"effort": found, "facts": _facts(found, lang), "stages": _stages(found, workflow, lang),
                    "months": _months(found, lang), "spec": plan_figures.months(found.months, lang),
                    "twice": _twice(found, lang), "waiting": _waiting(request, found, workflow)}
    return render(request, "effort/show.html", context)


def days(us: int) -> str:
    """A span as days with one decimal."""
    return f"{us / MICROS_PER_DAY:,.1f}"


def _per_cent(part: int, whole: int) -> str:
    """A share with one decimal."""
    return format_rate((share_of(part, whole) + 500) // 1000 * 1000)


def _facts(found: Effort, lang: str) -> list[tuple[str, str]]:
    """The effort in six figures."""
    def tell(name: str, **values: object) -> str:
        return say(f"web.effort.{name}", lang, **values)

    median, p90 = spread(one.wait_us for one in found.decided)
    touches = spread(one.touches for one in found.decided)
    promised = found.promised
    in_time = _per_cent(sum(one.in_time for one in promised), len(promised)) if promised else tell("none_announced")
    return [(tell("handed_in"), f"{found.handed_in:,}"), (tell("decided"), f"{len(found.decided):,}"),
            (tell("to_decision"), tell("median_p90", median=days(median), p90=days(p90)) if found.decided else "–"),
            (tell("touches"), tell("median_p90", median=touches[0], p90=touches[1]) if found.decided else "–"),
            (tell("in_time"), in_time), (tell("sent_back"), f"{found.sent_back:,}")]


def _stages(found: Effort, workflow: Workflow, lang: str) -> Table:
    def tell(name: str) -> str:
        return say(f"web.effort.{name}", lang)

    columns = [Column(tell("kind")), Column(tell("stage")), Column(tell("whose")), Column(tell("stays"), num=True),
               Column(tell("median"), num=True), Column(tell("p90"), num=True)]
    return table(tell("stages"), columns, [
        [workflow.word("kind", one.kind, lang), workflow.word("state", one.state, lang),
         tell("ours") if one.ours else tell("theirs"), f"{one.stays:,}", days(one.median_us), days(one.p90_us)]
        for one in found.stages])


def _months(found: Effort, lang: str) -> Table:
    def tell(name: str) -> str:
        return say(f"web.effort.{name}", lang)

    columns = [Column(tell("month")), *(Column(tell(name), num=True)
                                        for name in ("decided", "median", "p90", "in_time"))]
    return table(tell("by_month"), columns, [
        [f"{one.year}-{one.month:02}", f"{one.decided:,}", days(one.median_us), days(one.p90_us),
         f"{one.in_time:,} / {one.announced:,}" if one.announced else "–"] for one in found.months])


def _twice(found: Effort, lang: str) -> Table:
    """What was asked for though the office had it: of how many, how many."""
    def tell(name: str) -> str:
        return say(f"web.effort.{name}", lang)

    twice = found.asked_twice
    rows = ((tell("known"), twice.known, twice.answers), (tell("same_answers"), twice.same_answers, twice.answers),
            (tell("same_files"), twice.same_files, twice.files))
    columns = [Column(tell("what")), Column(tell("count"), num=True), Column(tell("of"), num=True),
               Column(tell("share"), num=True)]
    return table(tell("twice"), columns, [
        [label, f"{count:,}", f"{whole:,}", _per_cent(count, whole) if whole else "–"]
        for label, count, whole in rows])


def _waiting(request: Visit, found: Effort, workflow: Workflow) -> Table:
    """The cases that have waited longest for the office."""
    lang, now = request.lang, request.office.now()
    opens = holds(request, *OPENS, programme=found.programme)
    columns = [Column(say(f"web.effort.{name}", lang)) for name in ("number", "kind", "stage")]
    columns.append(Column(say("web.effort.days", lang), num=True))
    return table(say("web.effort.waiting", lang), columns, [
        [Cell(one.number, reverse("cases.show", args=[one.case]) if opens else ""),
         workflow.word("kind", one.kind, lang), workflow.word("state", one.state, lang), days(now - one.since)]
        for one in found.waiting[:SHOWN]])


ROUTES = (
    route("blueprint/effort/", show, WHO, name="blueprint.effort"),
)

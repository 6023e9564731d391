"""Jobs as officers see them: what was asked for and by whom, how far it is, what came of it; run again if need be."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from westlake.dates import micros_of
from westlake.desk.calls import find_call
from westlake.desk.people import people_of
from westlake.errors import Problem, WestlakeError
from westlake.web import work
from westlake.web.guards import Roles, route
from westlake.web.models import Job
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.words import say

WHO = Roles("officer", "chair", "approver", "admin", "auditor")
RUNS = Roles("officer", "chair", "approver", "admin")
TAGS = {"waiting": "waiting", "running": "review", "done": "done", "failed": "failed", "stuck": "broken"}

RESULTS = ("floor", "total", "run", "found", "arrived", "sent")


def jobs(request: HttpRequest) -> HttpResponse:
    """All jobs, the newest first; those that need somebody stand out."""
    found = Job.objects.order_by("-asked_at", "-pk")
    page = page_of(request, found.count(), 20)
    shown = list(found[page.offset:page.offset + page.size])
    names = people_of(request.office.connection, {one.asked_by for one in shown if one.asked_by})
    return render(request, "jobs/all.html", {
        "page": page, "jobs": [_told(request, one, names[one.asked_by].name if one.asked_by in names else "")
                               for one in shown],
        "stuck": sum(work.is_stuck(request.office, one) for one in Job.objects.filter(state__in=work.GOING))})


def again(request: HttpRequest, job: Job) -> HttpResponse:
    """Run a job again that failed, ended, or was cut off."""
    work.ask_again(request.office, job)
    messages.success(request, say("web.jobs.asked_again", request.lang))
    return redirect("jobs")


def seen_job(request: HttpRequest, job: int) -> Job:
    """A job by number, or 404."""
    found = Job.objects.filter(pk=job).first()
    if found is None:
        raise Http404
    return found


def _told(request: HttpRequest, job: Job, who: str) -> dict[str, object]:
    lang = request.lang
    state = "stuck" if work.is_stuck(request.office, job) else job.state
    problem = Problem(job.problem["code"], values=job.problem["values"]) if job.problem else None
    return {
        "id": job.pk, "bar": f"job-{job.pk}", "name": say(f"web.jobs.name.{job.name}", lang),
        "who": who or say("web.jobs.system", lang),
        "given": _given(request, job),
        "state": say(f"web.jobs.state.{state}", lang), "tag": TAGS[state], "asked": _at(job.asked_at),
        "took": _took(job, lang), "done": job.done, "most": job.most,
        "share": say("web.jobs.share", lang, share=f"{100 * job.done // job.most}") if job.most else "",
        "running": state == "running", "code": problem.code if problem else "",
        "says": problem.sentence(lang) if problem else "", "way_out": problem.way_out(lang) if problem else "",
        "result": " · ".join(f"{say(f'web.jobs.result.{name}', lang)} {value:,}" for name, value in
                             (job.result or {}).items() if name in RESULTS and isinstance(value, int)),
        "again": state in ("failed", "stuck", "done")}


def _given(request: HttpRequest, job: Job) -> str:
    """What the work is about: the call by its code, a programme and its year."""
    if "call" not in job.given:
        return " · ".join(str(job.given[name]) for name in ("programme", "year") if name in job.given)
    try:
        return find_call(request.office.desk, job.given["call"]).code
    except WestlakeError:
        return f"№ {job.given['call']}"


def _took(job: Job, lang: str) -> str:
    if job.started_at is None:
        return ""
    seconds = max(int(((job.ended_at or job.seen_at) - job.started_at).total_seconds()), 0)
    return say("web.jobs.seconds", lang, seconds=f"{seconds:,}")


def _at(at: dt.datetime) -> str:
    return instant(micros_of(at))


ROUTES = (
    route("jobs/", jobs, WHO, name="jobs"),
    route("jobs/<int:job>/again/", again, RUNS, name="jobs.again", methods=("POST",), object=seen_job),
)

"""A speaker of the firm takes over an application from whoever acted for it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from westlake.desk.applying.taking_over import may_take_over, take_over
from westlake.desk.cases import Case
from westlake.web.guards import route
from westlake.web.pages.applicant.applications import WHO, acts_for, outside, seen_application
from westlake.web.visit import Visit
from westlake.words import say


def seen_to_take_over(request: Visit, case: int) -> Case:
    """An application that this person may take over, or 404."""
    found = seen_application(request, case)
    if not may_take_over(request.office.desk, found, request.person, outside(request)):
        raise Http404
    return found


def show(request: Visit, case: Case) -> HttpResponse:
    """Ask, then do it."""
    lang = request.lang
    if request.method == "POST":
        take_over(request.office.desk, case, request.person, outside(request))
        messages.success(request, say("web.apply.over.done", lang))
        return redirect("applications.show", case.id)
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.apply.over.title", lang), "says": say("web.apply.over.says", lang),
        "facts": [(say("web.apply.application", lang), case.number),
                  (say("web.apply.over.acts", lang), acts_for(request, case))],
        "button": say("web.apply.over.title", lang), "back": f"/applications/{case.id}/"})


ROUTES = (
    route("applications/<int:case>/take-over/", show, WHO, name="applications.take_over", methods=("GET", "POST"),
          object=seen_to_take_over),
)

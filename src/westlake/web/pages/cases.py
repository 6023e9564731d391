"""Applications and all that follows, as officers see them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def cases(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.cases"})


ROUTES = (
    route("cases/", cases, Roles("officer", "approver", "payer", "auditor", "chair"), name="cases"),
)

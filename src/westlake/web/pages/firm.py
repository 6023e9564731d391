"""The firm that a person speaks for: its facts, accounts and members."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def firm(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.firm"})


ROUTES = (
    route("firm/", firm, Roles("applicant", "co_applicant", "operator"), name="firm"),
)

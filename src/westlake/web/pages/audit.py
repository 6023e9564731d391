"""What auditors look at: acts, checks, heads of the chains."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def audit(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.audit"})


ROUTES = (
    route("audit/", audit, Roles("auditor", "admin"), name="audit"),
)

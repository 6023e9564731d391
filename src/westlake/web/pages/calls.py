"""Calls for applications: announced, opened, closed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def calls(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.calls"})


ROUTES = (
    route("calls/", calls, Roles("officer", "chair", "approver", "admin", "auditor"), name="calls"),
)

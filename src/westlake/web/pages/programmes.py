"""The programmes: rules, values, examples, and what a change would do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def programmes(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.programmes"})


_WHO = Roles("officer", "approver", "payer", "auditor", "economist", "admin", "chair")
ROUTES = (
    route("programmes/", programmes, _WHO, name="programmes"),
)

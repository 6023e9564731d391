"""What the city set out to do, part by part, with what is known of each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def blueprint(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.blueprint"})


_WHO = Roles("officer", "approver", "payer", "auditor", "economist", "admin", "fund_manager", "chair")
ROUTES = (
    route("blueprint/", blueprint, _WHO, name="blueprint"),
)

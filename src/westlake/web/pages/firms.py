"""Firms: who they are, what is known and how, what they received."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def firms(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.firms"})


ROUTES = (
    route("firms/", firms, Roles("officer", "approver", "auditor", "economist", "admin"), name="firms"),
)

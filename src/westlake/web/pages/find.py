"""Calls that are open, and a first answer on who may apply."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Anyone, route


def find(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.find"})


ROUTES = (
    route("find/", find, Anyone(), name="find"),
)

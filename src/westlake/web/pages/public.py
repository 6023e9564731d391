"""What anybody may see: calls, awards, figures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Anyone, route


def public(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.public"})


ROUTES = (
    route("public/", public, Anyone(), name="public"),
)

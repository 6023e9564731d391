"""Who reviews what, scores, panels and choices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def reviews(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.reviews"})


ROUTES = (
    route("reviews/", reviews, Roles("reviewer", "chair", "officer", "auditor"), name="reviews"),
)

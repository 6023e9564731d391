"""The first page: what waits for this person; for those outside, what the office is there for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from westlake.web.guards import Anyone, route


def home(request: HttpRequest) -> HttpResponse:
    """Signed out: the public page. Signed in: a line for each room, with what waits there."""
    if not request.user.is_authenticated:
        return render(request, "home/outside.html")
    if request.person is None:  # type: ignore[attr-defined]
        return redirect("welcome")
    # the frame knows all routes, and this page is one of them
    from westlake.web.frame import frame  # noqa: PLC0415

    rooms = [place for place in frame(request)["rooms"] if not place.current]
    return render(request, "home/inside.html", {"doors": rooms, "facts": facts(request)})


def facts(request: HttpRequest) -> list[tuple[str, object]]:
    """Figures on top of the first page: label and value; each room adds its own."""
    return []


ROUTES = (route("", home, Anyone(), name="home"),)

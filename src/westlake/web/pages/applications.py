"""An applicant's own applications and claims."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def applications(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.applications"})


_WHO = Roles("applicant", "co_applicant", "operator", "fund_manager", "guarantor")
ROUTES = (
    route("applications/", applications, _WHO, name="applications"),
)

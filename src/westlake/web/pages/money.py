"""Budgets, payments, recoveries and the books."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.web.guards import Roles, route


def money(request: HttpRequest) -> HttpResponse:
    """The room, until its pages stand."""
    return render(request, "room.html", {"room": "web.nav.money"})


ROUTES = (
    route("money/", money, Roles("approver", "payer", "officer", "auditor", "economist", "fund_manager"), name="money"),
)

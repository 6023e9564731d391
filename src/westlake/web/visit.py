"""A request as the applicant's and the public's pages are given it: with its office, person, roles and language."""

from __future__ import annotations

from django.http import HttpRequest

from westlake.desk.people import Held, Person
from westlake.web.office import Office

REASON_MAX = 2_000  # characters


class Visit(HttpRequest):
    """What middleware.AtTheOffice adds to a request. person: set wherever a guard lets only people in whom it knows."""

    office: Office
    person: Person
    impersonator: Person | None
    roles: frozenset[Held]
    lang: str
    htmx: bool


def reason_of(request: HttpRequest) -> str:
    """Why somebody does it, as they typed it; what is beyond REASON_MAX is left off."""
    return request.POST.get("reason", "").strip()[:REASON_MAX]

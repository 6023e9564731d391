"""One's own deadlines as a calendar to subscribe to: its link, a new one in its place, and the calendar itself."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from westlake.desk.people import Person, find_person
from westlake.reports.calendar import write_calendar
from westlake.web.guards import Anyone, SignedIn, route
from westlake.web.models import Login
from westlake.web.personal_calendar import deadlines_of, login_of, token_of
from westlake.web.visit import Visit
from westlake.words import say


def show(request: Visit) -> HttpResponse:
    """The link, and what it tells to whoever has it."""
    there = reverse("home.calendar_feed", args=[token_of(_own(request))])
    return render(request, "calendar/show.html", {"link": request.build_absolute_uri(there)})


def renew(request: Visit) -> HttpResponse:
    """Another link; whoever subscribed to the one before gets nothing more."""
    Login.objects.filter(pk=_own(request).pk).update(calendar_turn=F("calendar_turn") + 1)
    messages.success(request, say("web.calendar.renewed", request.lang))
    return redirect("home.calendar")


def _own(request: Visit) -> Login:
    """The log-in of who is here; nobody who looks at the console as somebody else gets that person's key."""
    login = None if request.impersonator else Login.objects.filter(person=request.person.id).first()
    if login is None:
        raise Http404
    return login


def feed(request: HttpRequest, person: Person) -> HttpResponse:
    """The calendar, for a program that subscribes."""
    office = request.office
    content = write_calendar(deadlines_of(office.desk, person, request.build_absolute_uri),
                             say("web.calendar.name", person.language, agency=office.settings.agency),
                             request.get_host(), office.now(), person.language)
    return HttpResponse(content, "text/calendar; charset=utf-8", headers={
        "Content-Disposition": 'attachment; filename="westlake.ics"', "Cache-Control": "private, no-store"})


def whose(request: HttpRequest, token: str) -> Person:
    """Whose calendar a key opens, or 404."""
    login = login_of(token)
    person = find_person(request.office.connection, login.person) if login and login.person is not None else None
    if person is None:
        raise Http404
    return person


ROUTES = (
    route("calendar/", show, SignedIn(), name="home.calendar"),
    route("calendar/renew/", renew, SignedIn(), name="home.calendar_renew", methods=("POST",)),
    route("calendar/<str:token>.ics", feed, Anyone(), name="home.calendar_feed", object=whose),
)

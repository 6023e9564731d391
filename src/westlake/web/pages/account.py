"""A person's own account: the first words after log-in, name and language, the second factor."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django import forms as fields
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from westlake.dates import micros_of
from westlake.desk import people
from westlake.desk.people import Person
from westlake.errors import Place, WestlakeError
from westlake.web import forms, notice, persons
from westlake.web.guards import Roles, SignedIn, route
from westlake.web.office import Office
from westlake.words import say

CALENDAR = fields.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SPOKEN = [("ko", "한국어"), ("zh", "中文"), ("en", "English")]


class About(forms.Form):
    """Who somebody is."""

    name = fields.CharField(label="web.account.name", max_length=100,
                            widget=fields.TextInput(attrs={"autocomplete": "name"}))
    organisation = fields.CharField(label="web.account.organisation", max_length=200, required=False,
                                    widget=fields.TextInput(attrs={"autocomplete": "organization"}))
    language = fields.ChoiceField(label="web.account.language", choices=SPOKEN)


class Welcome(About):
    """The same of somebody from outside, who agrees to the notice on personal data."""

    agreed = fields.BooleanField(label="web.privacy.agree")


def welcome(request: HttpRequest) -> HttpResponse:
    """Asks a new log-in for name and language, and enters the person at the desk."""
    if request.person is not None:
        return onward(request)
    outside = persons.comes_from_outside(request.user)
    form = (Welcome if outside else About)(request.POST or None, lang=request.lang, initial={"language": request.lang})
    if request.method == "POST" and form.is_valid():
        try:
            said = {**form.cleaned_data, "agreed": notice.version() if outside else ""}
            persons.link(request.user, **said)
        except WestlakeError as error:
            form.take(error)
        else:
            persons.began(request)
            return onward(request)
    return render(request, "account/welcome.html", {
        "form": form, "next": request.GET.get("next", ""), "parts": notice.parts(request.lang)},
        status=422 if form.errors else 200)


def profile(request: HttpRequest) -> HttpResponse:
    """Name, organisation and language, and the ways to log-in settings."""
    person = request.person
    form = About(request.POST or None, lang=request.lang, initial=vars(person))
    if request.method == "POST" and form.is_valid():
        try:
            people.change_person(request.office.connection, person, person, **form.cleaned_data)
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.account.saved", form.cleaned_data["language"]))
            response = redirect("profile")
            response.delete_cookie(persons.LANG_COOKIE)  # the language just chosen is not outvoted by an older choice
            return response
    at_office = any(held.role not in people.OUTSIDE for held in request.roles)
    return render(request, "account/profile.html", {"form": form, "at_office": at_office},
                  status=422 if form.errors else 200)


class Absence(forms.Form):
    """Who stands in, and from which day to which."""

    email = fields.EmailField(label="web.account.substitute")
    first = fields.DateField(label="web.account.first", widget=CALENDAR)
    last = fields.DateField(label="web.account.last", widget=CALENDAR)
    reason = fields.CharField(label="web.people.reason", max_length=500)


def stand_in(request: HttpRequest) -> HttpResponse:
    """Let somebody stand in for one's roles of the office for some days; they count as oneself meanwhile."""
    office, person = request.office, request.person
    form = Absence(request.POST or None, lang=request.lang)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            _delegate(office, person, **said)
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.account.stands_in", request.lang, email=said["email"]))
            return redirect("stand_in")
    given = [one for one in people.grants(office.connection, standing_in_for=person.id)
             if not one.ended_at]
    names = people.people_of(office.connection, {one.person for one in given})
    return render(request, "account/stand_in.html", {
        "form": form, "given": [(names[one.person], one) for one in given]}, status=422 if form.errors else 200)


def _delegate(office: Office, person: Person, email: str, first: dt.date, last: dt.date, reason: str) -> None:
    """W906 when the substitute is not known, or the days do not follow."""
    other = people.person_by_email(office.connection, email)
    if other is None:
        raise WestlakeError.one("W906", Place(field="email"))
    zone = ZoneInfo(office.settings.zone)
    begins, ends = (micros_of(dt.datetime.combine(day, dt.time(), zone))
                    for day in (first, last + dt.timedelta(days=1)))
    people.delegate(office.connection, person, other.id, max(begins, office.now()), ends, office.now(), reason)


def second_factor(request: HttpRequest) -> HttpResponse:
    """Says why a second factor is needed here, and where to set one up."""
    return render(request, "account/second_factor.html", status=403)


def onward(request: HttpRequest) -> HttpResponse:
    """To where somebody was going, as long as that is a page of this console; home otherwise."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "/")


ROUTES = (
    route("welcome/", welcome, SignedIn(person=False), name="welcome", methods=("GET", "POST")),
    route("profile/", profile, SignedIn(), name="profile", methods=("GET", "POST")),
    route("profile/stand-in/", stand_in, Roles(*(role for role in people.ROLES if role not in people.OUTSIDE)),
          name="stand_in", methods=("GET", "POST")),
    route("second-factor/", second_factor, SignedIn(), name="second_factor"),
)

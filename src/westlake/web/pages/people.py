"""People and their roles, as an admin keeps them; an admin may look at the console as somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django import forms as fields
from django.contrib import messages
from django.db.transaction import atomic
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from westlake.desk import people
from westlake.desk.applying import correcting
from westlake.desk.people import Person
from westlake.errors import Place, WestlakeError
from westlake.web import forms, persons
from westlake.web.guards import Roles, SignedIn, route
from westlake.web.listing import Cell, Column, table
from westlake.web.models import ApiToken, Login, Webhook
from westlake.web.pages.account import SPOKEN
from westlake.web.paging import page_of
from westlake.words import fill, say

LISTED = "SELECT id, name, email, organisation, language, firm FROM desk_person"


class NewPerson(forms.Form):
    """A person whom the office enters; they log in by the same address."""

    name = fields.CharField(label="web.account.name", max_length=100)
    email = fields.EmailField(label="web.people.email", help_text="web.people.email_hint")
    organisation = fields.CharField(label="web.account.organisation", max_length=200, required=False)
    language = fields.ChoiceField(label="web.account.language", choices=SPOKEN)
    firm = fields.CharField(label="web.people.firm", max_length=60, required=False, help_text="web.people.firm_hint")


class Corrected(forms.Form):
    """What a person's entry is to say, and why."""

    name = fields.CharField(label="web.account.name", max_length=100)
    email = fields.EmailField(label="web.people.email", help_text="web.people.correct_email_hint")
    organisation = fields.CharField(label="web.account.organisation", max_length=200, required=False)
    language = fields.ChoiceField(label="web.account.language", choices=SPOKEN)
    firm = fields.CharField(label="web.people.firm", max_length=60, required=False, help_text="web.people.firm_hint")
    reason = fields.CharField(label="web.people.reason", max_length=correcting.REASON_MOST, widget=fields.Textarea(
        attrs={"rows": 3}))


class NewRole(forms.Form):
    """A role for a person."""

    role = fields.ChoiceField(label="web.people.role",
                              choices=[(role, f"web.role.{role}") for role in people.ROLES])
    programme = fields.ChoiceField(label="web.people.programme", required=False, choices=[("", "web.people.every")])
    firm = fields.CharField(label="web.people.firm", max_length=60, required=False,
                            help_text="web.people.role_firm_hint")
    reason = fields.CharField(label="web.people.reason", max_length=500)
    sure = fields.BooleanField(label="web.people.sure", required=False)  # asked only where two duties would join


def show_all(request: HttpRequest) -> HttpResponse:
    """Everybody, by name, found by name or address."""
    connection, lang = request.office.connection, request.lang
    wanted = request.GET.get("q", "").strip()
    like = f"%{wanted.lower()}%"
    where = " WHERE lower(name) LIKE ? OR lower(email) LIKE ?"
    count = connection.execute(f"SELECT count(*) FROM desk_person{where}", (like, like)).fetchone()[0]
    page = page_of(request, count)
    found = [Person(*row) for row in connection.execute(
        f"{LISTED}{where} ORDER BY name, id LIMIT ? OFFSET ?", (like, like, page.size, page.offset))]
    roles = people.roles_among(connection, [one.id for one in found], request.office.now())
    columns = [Column(say(f"web.people.{name}", lang)) for name in ("name", "email", "organisation", "roles")]
    rows = [[Cell(one.name, f"/people/{one.id}/"), one.email, one.organisation,
             ", ".join(sorted({say(f"web.role.{held.role}", lang) for held in roles[one.id]}))] for one in found]
    return render(request, "people/all.html", {"table": table(say("web.nav.people", lang), columns, rows),
                                               "page": page, "wanted": wanted})


def enter(request: HttpRequest) -> HttpResponse:
    """Enter a person."""
    form = NewPerson(request.POST or None, lang=request.lang, initial={"language": request.lang})
    if request.method == "POST" and form.is_valid():
        try:
            person = people.add_person(request.office.connection, **form.cleaned_data,
                                       at=request.office.now())
        except WestlakeError as error:
            form.take(error)
        else:
            return redirect("people.show", person.id)
    return render(request, "people/enter.html", {"form": form}, status=422 if form.errors else 200)


def show(request: HttpRequest, person: Person) -> HttpResponse:
    """One person with every role, and a form to give another."""
    form = NewRole(request.POST or None, lang=request.lang)
    form.fields["programme"].choices += [(name, fill(one.words.title, request.lang))
                                         for name, one in request.office.programmes.items()]
    if request.method == "POST" and form.is_valid():
        try:
            _give(request, person, form.cleaned_data)
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.people.given", request.lang, name=person.name))
            return redirect("people.show", person.id)
    if not {"sure"} & {*form.errors, *form.data}:
        del form.fields["sure"]
    own = people.grants(request.office.connection, person=person.id)
    return render(request, "people/show.html", {
        "shown": person, "form": form, "grants": own, "forever": people.FOREVER},
        status=422 if form.errors else 200)


def correct(request: HttpRequest, person: Person) -> HttpResponse:
    """Put right what a person's entry says; the record keeps why."""
    form = Corrected(request.POST or None, lang=request.lang, initial=vars(person))
    if request.method == "POST" and form.is_valid():
        try:
            with atomic():  # the desk commits last: what it refuses is no log-in's address either
                _let_log_in(request, person, form.cleaned_data["email"].strip().lower())
                correcting.correct_person(request.office.desk, person, request.person, **form.cleaned_data)
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.people.corrected", request.lang, name=form.cleaned_data["name"]))
            return redirect("people.show", person.id)
    return render(request, "people/correct.html", {"shown": person, "form": form}, status=422 if form.errors else 200)


def _let_log_in(request: HttpRequest, person: Person, email: str) -> None:
    """Give a person's log-in another address, which is still to be confirmed, and to who comes from outside no key that
    the old one had; W1131 when another log-in has it."""
    login = Login.objects.filter(person=person.id).first()
    if login is None or login.email == email:
        return
    if Login.objects.filter(email=email).exists():
        raise WestlakeError.one("W1131", Place(field="email"), email=email)
    login.email = email
    login.save(update_fields=["email"])
    EmailAddress.objects.filter(user=login).delete()
    EmailAddress.objects.create(user=login, email=email, primary=True, verified=False)
    if correcting.comes_from_outside(request.office.desk, person):
        _take_keys(login, request.office.utc_now)


def _take_keys(login: Login, now: dt.datetime) -> None:
    """Whoever reads the new address may be another: the password, second factors, passkeys, outside log-ins, tokens,
    webhooks and the calendar's link of the old one end. A new password is set by the address."""
    login.set_unusable_password()
    login.calendar_turn += 1
    login.save(update_fields=["password", "calendar_turn"])
    Authenticator.objects.filter(user=login).delete()
    SocialAccount.objects.filter(user=login).delete()
    ApiToken.objects.filter(login=login, ended_at=None).update(ended_at=now)
    Webhook.objects.filter(login=login).update(active=False)


def _give(request: HttpRequest, person: Person, given: Mapping[str, Any]) -> None:
    """Give a role; W1186 where two duties would come into one hand and nobody has said that they are sure."""
    connection, at = request.office.connection, request.office.now()
    wanted = people.Held(given["role"], given["programme"] or people.EVERY, given["firm"].strip())
    joined = people.joined_with(people.roles_of(connection, person.id, at), wanted)
    if joined and not given["sure"]:
        raise WestlakeError.one("W1186", Place(field="sure"), person=person.name, roles=", ".join(
            say(f"web.role.{role}", request.lang) for role in (*joined, wanted.role)))
    people.grant_role(connection, person.id, wanted.role, wanted.programme, by=request.person, at=at, firm=wanted.firm,
                      reason=given["reason"])


def end(request: HttpRequest, grant: people.Grant) -> HttpResponse:
    """Ask, then end a role."""
    if request.method == "POST":
        people.end_role(request.office.connection, grant.id, request.person, request.office.now(),
                        request.POST.get("reason", "")[:500])
        return redirect("people.show", grant.person)
    lang = request.lang
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.people.end", lang), "says": say("web.people.end_says", lang),
        "facts": [(say("web.people.role", lang), say(f"web.role.{grant.held.role}", lang)),
                  (say("web.people.programme", lang), grant.held.programme)],
        "button": say("web.people.end", lang), "back": f"/people/{grant.person}/", "danger": True})


def stand_as(request: HttpRequest, person: Person) -> HttpResponse:
    """Look at the console as somebody else: recorded, shown on every page, and nothing can be changed."""
    if person.id == request.person.id:
        raise Http404
    request.office.record.add(request.person.actor, "web.stood_as", person.actor)
    request.session[persons.AS] = person.id
    return redirect("home")


def stop(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    shown = request.session.pop(persons.AS, None)
    if shown and request.impersonator:
        request.office.record.add(request.impersonator.actor, "web.stood_as_ended", f"person:{shown}")
    return redirect("people")


def seen_person(request: HttpRequest, person: int) -> Person:
    """A person by number, or 404."""
    found = people.find_person(request.office.connection, person)
    if found is None:
        raise Http404
    return found


def seen_other(request: HttpRequest, person: int) -> Person:
    """A person by number who is somebody else, or 404."""
    if person == request.person.id:
        raise Http404
    return seen_person(request, person)


def seen_grant(request: HttpRequest, grant: int) -> people.Grant:
    """A role as it was given and still holds, or 404."""
    for one in people.grants(request.office.connection, id=grant):
        if one.ended_at is None:
            return one
    raise Http404


_ADMIN = Roles("admin")
ROUTES = (
    route("people/", show_all, _ADMIN, name="people"),
    route("people/new/", enter, _ADMIN, name="people.enter", methods=("GET", "POST")),
    route("people/<int:person>/", show, _ADMIN, name="people.show", methods=("GET", "POST"), object=seen_person),
    route("people/<int:person>/correct/", correct, Roles("admin", fresh=True), name="people.correct",
          methods=("GET", "POST"), object=seen_other),
    route("people/roles/<int:grant>/end/", end, _ADMIN, name="people.end", methods=("GET", "POST"),
          object=seen_grant),
    route("people/<int:person>/look/", stand_as, _ADMIN, name="people.stand_as", methods=("POST",),
          object=seen_person),
    route("people/stop/", stop, SignedIn(stopping=True), name="people.stop", methods=("POST",)),
)

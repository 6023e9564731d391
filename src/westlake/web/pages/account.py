"""A person's own account: the first words after log-in, name and language, the second factor."""

from __future__ import annotations

from django import forms as fields
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from westlake.desk import people
from westlake.errors import WestlakeError
from westlake.web import forms, persons
from westlake.web.guards import SignedIn, route
from westlake.words import say

SPOKEN = [("ko", "한국어"), ("zh", "中文"), ("en", "English")]


class About(forms.Form):
    """Who somebody is."""

    name = fields.CharField(label="web.account.name", max_length=100,
                            widget=fields.TextInput(attrs={"autocomplete": "name"}))
    organisation = fields.CharField(label="web.account.organisation", max_length=200, required=False,
                                    widget=fields.TextInput(attrs={"autocomplete": "organization"}))
    language = fields.ChoiceField(label="web.account.language", choices=SPOKEN)


def welcome(request: HttpRequest) -> HttpResponse:
    """Asks a new log-in for name and language, and enters the person at the desk."""
    if request.person is not None:
        return _onward(request)
    form = About(request.POST or None, lang=request.lang, initial={"language": request.lang})
    if request.method == "POST" and form.is_valid():
        try:
            persons.link(request.user, **form.cleaned_data)
        except WestlakeError as error:
            form.take(error)
        else:
            persons.began(request)
            return _onward(request)
    return render(request, "account/welcome.html", {"form": form, "next": request.GET.get("next", "")},
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
    return render(request, "account/profile.html", {"form": form}, status=422 if form.errors else 200)


def second_factor(request: HttpRequest) -> HttpResponse:
    """Says why a second factor is needed here, and where to set one up."""
    return render(request, "account/second_factor.html", status=403)


def _onward(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "/")


ROUTES = (
    route("welcome/", welcome, SignedIn(person=False), name="welcome", methods=("GET", "POST")),
    route("profile/", profile, SignedIn(), name="profile", methods=("GET", "POST")),
    route("second-factor/", second_factor, SignedIn(), name="second_factor"),
)

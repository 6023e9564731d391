"""The notice on personal data, open to all; whoever comes from outside agrees to it here when its text has changed."""

from __future__ import annotations

from django import forms as fields
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.desk.consents import agree, last_consent
from westlake.desk.people import OUTSIDE
from westlake.web import forms, notice, persons
from westlake.web.guards import Anyone, SignedIn, holds, route
from westlake.web.pages.account import onward
from westlake.words import say


class Agree(forms.Form):
    """That one has read it, and agrees."""

    agreed = fields.BooleanField(label="web.privacy.agree")


def show(request: HttpRequest) -> HttpResponse:
    """The notice; for people from outside when they agreed to it, or the question whether they do."""
    return _page(request, Agree(lang=request.lang))


def take(request: HttpRequest) -> HttpResponse:
    """Write down that somebody agrees to the notice as it stands."""
    if request.person is None or not notice.owes(request.person, request.roles):
        return onward(request)
    form = Agree(request.POST, lang=request.lang)
    if not form.is_valid():
        return _page(request, form)
    agree(request.office.record, request.person, notice.version(), request.lang)
    request.session.pop(persons.OWES, None)
    messages.success(request, say("web.privacy.thanks", request.lang))
    return onward(request)


def _page(request: HttpRequest, form: Agree) -> HttpResponse:
    outside = request.person is not None and not request.impersonator and holds(request, *OUTSIDE)
    last = last_consent(request.office.connection, request.person) if outside else None
    version = notice.version()
    return render(request, "privacy/show.html", {
        "parts": notice.parts(request.lang), "version": version[:12], "next": request.GET.get("next", ""),
        "agreed_at": last.at if last is not None and last.notice == version else None,
        "form": form if outside else None}, status=422 if form.errors else 200)


ROUTES = (
    route("privacy/", show, Anyone(), name="privacy"),
    route("privacy/agree/", take, SignedIn(person=False), name="privacy.agree", methods=("POST",)),
)

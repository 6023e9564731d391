"""Who says that they speak for a firm: an officer confirms it on evidence, or ends it for a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from westlake.desk.applying.confirming import (
    CONFIRMED,
    Speaker,
    confirm_speaker,
    end_speaker,
    find_speaker,
    waiting_speakers,
    why_not_confirm,
    why_not_say,
)
from westlake.desk.applying.speaking import known_among
from westlake.desk.looking import looking
from westlake.errors import Problem, WestlakeError
from westlake.web.guards import Roles, or_404, route
from westlake.web.jobs import tell_confirmed
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.firms import seen_firm
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.words import say


def waiting(request: HttpRequest) -> HttpResponse:
    """Everybody who waits to be confirmed, page by page."""
    lang, found = request.lang, waiting_speakers(looking(request.office.desk))
    page = page_of(request, len(found))
    columns = [Column(say(one, lang)) for one in (
        "web.firms.firm", "web.account.name", "web.account.organisation", "web.firms.speakers.domain",
        "web.firms.speakers.since")]
    rows = [[Cell(one.firm, reverse("firms.show", args=[one.firm])), one.person.name, one.person.organisation or "–",
             domain_of(one), instant(one.since)] for one in found[page.offset:page.offset + page.size]]
    return render(request, "firms/speakers.html", {
        "table": table(say("web.firms.speakers.waiting", lang), columns, rows), "page": page})


def confirm(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """Who it is and on what evidence; then the register counts in their applications."""
    if speaker.by_office:
        raise Http404
    if request.method == "POST":
        confirm_speaker(request.office.desk, speaker, request.person, request.POST.get("reason", ""))
        person = speaker.person
        tell_confirmed.enqueue(person.email, person.language, speaker.firm, request.build_absolute_uri("/firm/"))
        messages.success(request, say("web.firms.speakers.confirmed", request.lang, name=person.name))
        return redirect("firms.show", speaker.firm)
    return _asked(request, speaker, "confirm", why_not_confirm(request.office.desk, speaker, request.person))


def end(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """Why they no longer speak for the firm; from then on their answers count as declared."""
    if speaker.state != CONFIRMED:
        raise Http404
    if request.method == "POST":
        end_speaker(request.office.desk, speaker, request.person, request.POST.get("reason", ""))
        messages.success(request, say("web.firms.speakers.ended", request.lang, name=speaker.person.name))
        return redirect("firms.show", speaker.firm)
    return _asked(request, speaker, "end", why_not_say(request.office.desk, speaker, request.person))


def _asked(request: HttpRequest, speaker: Speaker, what: str, problem: Problem | None) -> HttpResponse:
    lang, person = request.lang, speaker.person
    if problem is not None:
        raise WestlakeError([problem])
    known = "known" if known_among(request.office.desk, [speaker.firm]) else "unknown"
    return render(request, "parts/confirm_page.html", {
        "heading": say(f"web.firms.speakers.{what}", lang), "says": say(f"web.firms.speakers.{what}_says", lang),
        "facts": [(say("web.firms.firm", lang), speaker.firm), (say("web.account.name", lang), person.name),
                  (say("web.account.organisation", lang), person.organisation or "–"),
                  (say("web.firms.speakers.domain", lang), domain_of(speaker)),
                  (say("web.firms.speakers.since", lang), instant(speaker.since)),
                  (say("web.firms.speakers.register", lang), say(f"web.firms.speakers.number_{known}", lang))],
        "reason": say(f"web.firms.speakers.{what}_reason", lang), "button": say(f"web.firms.speakers.{what}", lang),
        "back": f"/firms/{urlencode({'': speaker.firm})[1:]}/", "danger": what == "end"})


def domain_of(speaker: Speaker) -> str:
    """Where their mail goes: who writes from the firm's own domain is likelier its own."""
    return speaker.person.email.rpartition("@")[2]


def seen_speaker(request: HttpRequest, firm: str, person: int) -> Speaker:
    """Somebody who names a firm that may be seen, or 404."""
    with or_404():
        return find_speaker(request.office.desk, seen_firm(request, firm), person)


_OFFICER = Roles("officer")
ROUTES = (
    route("speakers/", waiting, _OFFICER, name="firms.waiting"),  # not below firms/: a firm may be numbered so
    route("firms/<str:firm>/speakers/<int:person>/confirm/", confirm, _OFFICER, name="firms.confirm",
          methods=("GET", "POST"), object=seen_speaker),
    route("firms/<str:firm>/speakers/<int:person>/end/", end, _OFFICER, name="firms.end", methods=("GET", "POST"),
          object=seen_speaker),
)

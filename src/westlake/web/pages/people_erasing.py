"""An administrator forgets somebody who asked for it, once nothing of theirs is open; decisions and payments stay."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from westlake.desk.erasing import erase_person, why_not_erase
from westlake.desk.people import Person
from westlake.errors import WestlakeError
from westlake.web.guards import Roles, route
from westlake.web.models import Login
from westlake.web.pages.people import seen_person
from westlake.words import say


def erase(request: HttpRequest, person: Person) -> HttpResponse:
    """GET: what would go and what stays, or what is still open. POST: erase it, log-in and all."""
    lang, desk = request.lang, request.office.desk
    problem = why_not_erase(desk, person, request.person)
    if request.method == "POST":
        if problem is not None:
            raise WestlakeError([problem])
        reason = request.POST.get("reason", "")
        if reason.strip():
            # With their keys, tokens and addresses; first, for what is cut off between the two can be done again.
            Login.objects.filter(person=person.id).delete()
        erase_person(desk, person, request.person, reason)
        messages.success(request, say("web.people.erase_done", lang))
        return redirect("people")
    back = reverse("people.show", args=[person.id])
    if problem is not None:
        return render(request, "people/not_erased.html", {
            "heading": say("web.people.erase", lang), "back": back, "why": problem.sentence(lang),
            "way_out": problem.way_out(lang), "code": problem.code})
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.people.erase", lang), "says": say("web.people.erase_says", lang),
        "facts": [(say("web.people.name", lang), person.name), (say("web.people.email", lang), person.email),
                  (say("web.people.erase_stays", lang), say("web.people.erase_papers", lang))],
        "reason": say("web.people.reason", lang), "button": say("web.people.erase", lang), "back": back,
        "danger": True})


ROUTES = (
    route("people/<int:person>/erase/", erase, Roles("admin", fresh=True), name="people.erase",
          methods=("GET", "POST"), object=seen_person),
)

"""Letters of the office to a person, as they were sent."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from westlake.desk.acting import before
from westlake.desk.outbox import Letter, letters, letters_among
from westlake.reports.letter import able
from westlake.web.guards import route
from westlake.web.letter_paper import LET_GO, pdf_answer
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.applicant.applications import WHO
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.web.visit import Visit
from westlake.words import say

LETTERS_MAX = 10_000


def inbox(request: Visit) -> HttpResponse:
    """All letters to me that were let go, and those about what I have taken over, newest first."""
    lang = request.lang
    found = own_letters(request)
    page = page_of(request, len(found))
    rows = [[Cell(one.subject, f"/applications/letters/{one.id}/"), Cell(instant(one.at))]
            for one in found[page.offset:page.offset + page.size]]
    heads = [Column(say(f"web.apply.{name}", lang)) for name in ("letter", "came")]
    return render(request, "applications/letters.html", {
        "table": table(say("web.apply.letters", lang), heads, rows), "page": page,
        "empty": say("web.apply.no_letters", lang)})


def letter(request: Visit, found: Letter) -> HttpResponse:
    """One letter, and a way to answer it."""
    return render(request, "applications/letter.html", {"letter": found, "able": able()})


def letter_pdf(request: Visit, found: Letter) -> HttpResponse:
    """The same on the office's paper. W955 to W957 where this machine cannot set it."""
    return pdf_answer(request.office, found)


def seen_letter(request: Visit, letter: int) -> Letter:
    """A letter that is mine to read, or 404."""
    for one in own_letters(request):
        if one.id == letter:
            return one
    raise Http404


def own_letters(request: Visit) -> list[Letter]:
    """The letters to me, and to those who acted before me for what I have taken over and all that follows from it."""
    desk = request.office.desk
    found = letters(desk, person=request.person.id, limit=LETTERS_MAX)
    others = before(desk, request.person)
    found += [one for root, one in letters_among(desk, others)
              if one.person in others[root] - {request.person.id}]
    return sorted((one for one in found if one.state in LET_GO), key=lambda one: -one.id)


ROUTES = (
    route("applications/letters/", inbox, WHO, name="applications.letters"),
    route("applications/letters/<int:letter>/", letter, WHO, name="applications.letter", object=seen_letter),
    route("applications/letters/<int:letter>/letter.pdf", letter_pdf, WHO, name="applications.letter_pdf",
          object=seen_letter),
)

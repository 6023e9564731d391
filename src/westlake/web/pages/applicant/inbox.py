"""Letters of the office to a person, as they were sent."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from westlake.desk.outbox import Letter, letters
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
    """All letters to me that were let go, newest first."""
    lang = request.lang
    found = _mine(request)
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
    """A letter to me, or 404."""
    for one in _mine(request):
        if one.id == letter:
            return one
    raise Http404


def _mine(request: Visit) -> list[Letter]:
    found = letters(request.office.desk, person=request.person.id, limit=LETTERS_MAX)
    return [one for one in found if one.state in LET_GO]


ROUTES = (
    route("applications/letters/", inbox, WHO, name="applications.letters"),
    route("applications/letters/<int:letter>/", letter, WHO, name="applications.letter", object=seen_letter),
    route("applications/letters/<int:letter>/letter.pdf", letter_pdf, WHO, name="applications.letter_pdf",
          object=seen_letter),
)

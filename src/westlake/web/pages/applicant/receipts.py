"""Receipts: what was submitted at which second, under which digest; on the page and as an official letter."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from westlake.desk.cases import Case, call_of
from westlake.reports.letter import able
from westlake.web import letter_paper
from westlake.web.guards import route
from westlake.web.pages.applicant.applications import WHO, crumbs, seen_application
from westlake.web.visit import Visit


def receipt(request: Visit, case: Case) -> HttpResponse:
    """Every submission of a case with its instant and digest, the latest first."""
    found = _handed_in(request, case)
    call = call_of(request.office.desk, case)
    return render(request, "applications/receipt.html", {
        "case": case, "crumbs": crumbs(request, case), "found": found, "last": found[0], "able": able(),
        "corrects": call.corrects_until if call else None,
        "call_title": call.text("title", request.lang) if call else ""})


def receipt_pdf(request: Visit, case: Case) -> HttpResponse:
    """The last submission's receipt as a letter. W955 to W957 where this machine cannot set it."""
    found = _handed_in(request, case)
    answer = HttpResponse(letter_paper.receipt_pdf(request.office, case, request.person, request.lang, found),
                          "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{case.id}-{found[0].number}.pdf"'
    return answer


def _handed_in(request: Visit, case: Case) -> list[letter_paper.Handed]:
    """What was submitted, the latest first; 404 where nothing was."""
    found = letter_paper.handed_in(request.office.desk, case)
    if not found:
        raise Http404
    return found


ROUTES = (
    route("applications/<int:case>/receipt/", receipt, WHO, name="applications.receipt", object=seen_application),
    route("applications/<int:case>/receipt.pdf", receipt_pdf, WHO, name="applications.receipt_pdf",
          object=seen_application),
)

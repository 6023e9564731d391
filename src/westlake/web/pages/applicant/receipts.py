"""Receipts: what was submitted at which second, under which digest; on the page and as an official letter."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render

from westlake.desk.cases import Case, call_of, steps_of
from westlake.reports.letter import Agency, Letter, write_letter
from westlake.web.guards import route
from westlake.web.pages.applicant.applications import WHO, crumbs, seen_application
from westlake.web.pages.applicant.open_calls import programme_title
from westlake.web.pages.cases.case_parts import spend_label
from westlake.web.visit import Visit
from westlake.words import say


def receipt(request: Visit, case: Case) -> HttpResponse:
    """Every submission of a case with its instant and digest, the latest first."""
    found = submissions(request, case)
    if not found:
        raise Http404
    call = call_of(request.office.desk, case)
    return render(request, "applications/receipt.html", {
        "case": case, "crumbs": crumbs(request, case), "found": found, "last": found[0],
        "corrects": call.corrects_until if call else None,
        "call_title": call.text("title", request.lang) if call else ""})


def receipt_pdf(request: Visit, case: Case) -> HttpResponse:
    """The last submission's receipt as a letter; of a corrected one, with the digest whose place it takes.

    W955 to W957 where this machine cannot set it.
    """
    found = submissions(request, case)
    if not found:
        raise Http404
    lang, office, last, offered = request.lang, request.office, found[0], request.office.desk.offered(case.programme)
    earlier = found[1] if len(found) > 1 else None
    heads = [step.act for step in steps_of(office.desk, case) if step.at == last["at"]] or [0]
    row = office.connection.execute("SELECT hash FROM act WHERE id = ?", (heads[0],)).fetchone()
    content = write_letter(Letter(
        "receipt", lang, Agency(office.settings.agency), f"{case.number}-{last['number']}", case.number,
        programme_title(request, case.programme), request.person.organisation or request.person.name,
        office.desk.day_of(last["at"]), row[0] if row else office.record.head().hash,
        submitted=office.desk.day_of(last["at"]), version=int(last["number"]),
        before=office.desk.day_of(earlier["at"]) if earlier else None,
        amount=case.asked or None, currency=case.currency, asked_label=spend_label(offered, lang),
        facts=((say("web.apply.submitted_at", lang), str(last["stamp"])),
               (say("web.apply.digest", lang), str(last["digest"])),
               *([(say("web.apply.digest_of", lang, number=earlier["number"]), str(earlier["digest"]))]
                 if earlier else []))), offered.programme.folder)
    answer = HttpResponse(content, "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{case.id}-{last["number"]}.pdf"'
    return answer


def submissions(request: Visit, case: Case) -> list[dict[str, Any]]:
    """number, at, stamp (to the second, in the office's zone), digest, and how many answers and files; latest first."""
    rows = request.office.connection.execute(
        "SELECT number, at, digest FROM desk_submission WHERE case_id = ? ORDER BY number DESC", (case.id,))
    zone = request.office.settings.zone
    return [{"number": row[0], "at": row[1], "digest": row[2], "stamp": stamp(row[1], zone)} for row in rows]


def stamp(at: int, zone: str) -> str:
    """An instant to the second in a time zone, with the zone's own distance from UTC: 2026-05-29 04:26:40 +08:00."""
    local = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:]} ({zone})"


ROUTES = (
    route("applications/<int:case>/receipt/", receipt, WHO, name="applications.receipt", object=seen_application),
    route("applications/<int:case>/receipt.pdf", receipt_pdf, WHO, name="applications.receipt_pdf",
          object=seen_application),
)

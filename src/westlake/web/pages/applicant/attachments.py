"""Files that an applicant hands in: taken by what they are, listed, given back to their owner, taken out again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from westlake.desk.applying.handing_in import EVIDENCE, hand_in, take_back
from westlake.desk.cases import Case, find_case
from westlake.desk.files import BYTES_MAX, FILES_MAX, Upload, files_of, read_file
from westlake.errors import Place, WestlakeError
from westlake.web.guards import route
from westlake.web.pages.applicant import application_form, application_story
from westlake.web.pages.applicant.applications import WHO, outside, seen_case
from westlake.web.visit import Visit
from westlake.words import say

ATTACHMENT = "attachment"  # the heading of what goes with an application


def upload(request: Visit, case: Case) -> HttpResponse:
    """Take files in: with an application while it may be written in, as evidence where a step waits for it."""
    evidence = request.POST.get("field") == EVIDENCE
    try:
        _take_in(request, case, EVIDENCE if evidence else ATTACHMENT)
    except WestlakeError as error:  # back on the page that it came from, beside the file
        case = find_case(request.office.desk, case.id)
        if evidence:
            return application_story.page(request, case, list(error.problems))
        written = application_form.written_of(request, case)
        return application_form.page(request, case, written, [], 422, list(error.problems))
    return redirect("applications.show" if evidence else "applications.write", case.id)


def _take_in(request: Visit, case: Case, field: str) -> None:
    desk, given = request.office.desk, request.FILES.getlist("file")
    if not given:
        raise WestlakeError.one("W1063", Place(field="file"))
    if len(files_of(desk, case)) + len(given) > FILES_MAX:
        raise WestlakeError.one("W1064", Place(field="file"), most=FILES_MAX)
    for one in given:
        if (one.size or 0) > BYTES_MAX:
            raise WestlakeError.one("W980", Place(field="file"), most=f"{BYTES_MAX // 1_000_000}")
        kept = hand_in(desk, request.office.files, case, request.person, outside(request), field, one.name or "",
                       one.read())
        messages.success(request, say("web.apply.file_kept", request.lang, name=kept.name))


def give(request: Visit, found: tuple[Case, Upload]) -> HttpResponse:
    """The file as it was handed in; a browser saves it and never opens it as a page of ours."""
    _, file = found
    answer = HttpResponse(read_file(request.office.files, file), "application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, file.name)
    return answer


def drop(request: Visit, found: tuple[Case, Upload]) -> HttpResponse:
    """Take a file out of what will be submitted."""
    case, file = found
    take_back(request.office.desk, case, request.person, outside(request), file.id)
    messages.success(request, say("web.apply.file_gone", request.lang, name=file.name))
    return redirect("applications.show" if file.field == EVIDENCE else "applications.write", case.id)


def seen_file(request: Visit, case: int, file: int) -> tuple[Case, Upload]:
    """A file that a case of one's own holds now, or 404."""
    found = seen_case(request, case)
    for one in files_of(request.office.desk, found):
        if one.id == file:
            return found, one
    raise Http404


ROUTES = (
    route("applications/<int:case>/files/", upload, WHO, name="applications.upload", methods=("POST",),
          object=seen_case),
    route("applications/<int:case>/files/<int:file>/", give, WHO, name="applications.file", object=seen_file),
    route("applications/<int:case>/files/<int:file>/back/", drop, WHO, name="applications.drop", methods=("POST",),
          object=seen_file),
)

"""What people read when something cannot be done: the code, a sentence, the way out, and what they had typed."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from westlake.database import Damaged, why_stopped
from westlake.errors import Problem, WestlakeError
from westlake.words import catalogue, say

LOG = logging.getLogger("westlake.web")
LABELS = ("desk.answer", "web.case.ask", "web.apply", "web.firm", "web.account", "web.people", "web.reviews",
          "web.calls", "web.money.ask", "web.money.make", "web.money")  # where a field's words are, in this order
UNSAID = ("csrf", "password", "secret", "code", "token", "credential")  # never shown again


def page(request: HttpRequest, status: int, problems: list[Problem], retry: bool = False) -> HttpResponse:
    """A page, or for htmx a fragment that leaves the form where it is."""
    if request.path.startswith("/api/"):
        from westlake.web.api import problems as interface  # noqa: PLC0415 - it is made of what stands above this file

        return interface.answer(request, status, problems)
    lang = getattr(request, "lang", "en")
    told = [{"code": one.code, "says": one.sentence(lang), "way_out": one.way_out(lang), "place": _where(request, one)}
            for one in problems]
    if getattr(request, "htmx", False):
        response = render(request, "parts/problem.html", {"problems": told}, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#problem", "innerHTML"
        return response
    context = {"problems": told, "status": status, "typed": _typed(request), "retry": retry, "back": _back(request),
               "heading": say(f"web.trouble.{status}", lang)}
    return render(request, "trouble.html", context, status=status)


def _where(request: HttpRequest, one: Problem) -> str:
    """The place of a problem in the reader's words: a file's line or a table's row as it is, a field by its label."""
    return str(one.place) if one.place.file or one.place.row else _called(request, one.place.field)


def _called(request: HttpRequest, name: str) -> str:
    """What people call a field of a form, or an input of a programme; nothing for one that has no words."""
    lang, known = getattr(request, "lang", "en"), catalogue()
    key = next((f"{room}.{name}" for room in LABELS if f"{room}.{name}" in known), "")
    if key or not name:
        return say(key, lang) if key else ""
    office = getattr(request, "office", None)
    programmes = office.programmes.values() if office is not None else ()
    return next((one.in_words(name, lang) for one in programmes if name in one.inputs), "")


def refused(request: HttpRequest, error: WestlakeError) -> HttpResponse:
    """What a room refused: 422, or 403 where it is about who asks."""
    status = 403 if error.problems[0].code == "W993" else 422
    return page(request, status, list(error.problems))


def stopped(request: HttpRequest, error: Damaged) -> HttpResponse:
    """The database could not go on: nothing was changed, and the same step may be taken again."""
    LOG.error("%s %s: %s", request.method, request.path, error)
    return page(request, 503, [why_stopped(error)], retry=True)


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """404, also for what is there but not for this person."""
    return page(request, 404, [Problem("W986", values={"address": request.path[:200]})])


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: a room for other roles."""
    return page(request, 403, [Problem("W985")])


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from this console, or waited too long."""
    LOG.warning("%s: %s", request.path, reason)
    return page(request, 403, [Problem("W990")], retry=True)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, and 413 where a form was too large, had too many fields or too many files."""
    # Django's settings, which name the most that may be sent, are not read when this module is
    from django.conf import settings  # noqa: PLC0415

    if isinstance(exception, RequestDataTooBig):
        return too_large(request, Problem("W1160", values={
            "megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20}))
    if isinstance(exception, TooManyFilesSent | TooManyFieldsSent):
        files = isinstance(exception, TooManyFilesSent)
        return too_large(request, Problem("W1161" if files else "W1162", values={
            "most": settings.DATA_UPLOAD_MAX_NUMBER_FILES if files else settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}))
    return page(request, 400, [Problem("W990")])


def too_large(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    """413: more than the office takes at once; nothing of it is read any further."""
    request._post, request._files = MultiValueDict(), MultiValueDict()
    return page(request, 413, [problem or too_much()])


def too_much() -> Problem:
    """W988: a whole request beyond what the office takes at once."""
    # Django's settings, which name the most that may be sent, are not read when this module is
    from django.conf import settings  # noqa: PLC0415

    return Problem("W988", values={"megabytes": settings.UPLOAD_MAX // 2**20})


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too many tries."""
    return page(request, 429, [Problem("W989")])


def locked_out(request: HttpRequest, *more: Any, **named: Any) -> HttpResponse:
    """429 after too many wrong passwords."""
    return too_many(request)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our own fault. If even this page fails, a plain sentence stands in."""
    try:
        return page(request, 500, [Problem("W987")], retry=True)
    except Exception:  # whatever broke the page may break this one too
        LOG.exception("the page for 500 failed")
        return HttpResponse(Problem("W987").line(), "text/plain; charset=utf-8", status=500)


def _back(request: HttpRequest) -> str:
    """The page of this console from which a form was sent; nothing where none is told."""
    came = urlsplit(request.headers.get("Referer", ""))
    return came._replace(scheme="", netloc="").geturl() if request.method == "POST" and (
        came.netloc == request.get_host() and came.path.startswith("/") and not came.path.startswith("//")) else ""


def _typed(request: HttpRequest) -> list[tuple[str, str, str]]:
    """What a form carried, without what is secret: field, its label or nothing for one that nobody typed, text."""
    if request.method != "POST":
        return []
    try:
        lists = request.POST.lists()
    except Exception:  # a body that could not be read has nothing to give back
        return []
    return [(name, _called(request, name), value) for name, values in lists for value in values
            if value and not any(word in name.lower() for word in UNSAID)]

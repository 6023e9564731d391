"""What the interface answers when something cannot be done: RFC 9457, with our code, the sentence and the way out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from westlake.database import Damaged, why_stopped
from westlake.errors import Place, Problem, WestlakeError
from westlake.words import say

LOG = logging.getLogger("westlake.web")
Failure = TypeVar("Failure", bound=Exception)
KIND = "application/problem+json"
# What a code says about the request, where that is not "understood, and refused" (422).
STATUS = {"W914": 404, "W920": 404, "W986": 404, "W985": 403, "W993": 403, "W968": 403, "W1082": 403, "W984": 409,
          "W998": 409, "W999": 409, "W919": 409, "W1081": 401, "W1083": 400, "W1085": 409, "W1088": 405}
STATUSES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 500, 503})


def answer(request: HttpRequest, status: int, problems: Sequence[Problem]) -> HttpResponse:
    """One or more problems; the first gives the code."""
    lang = getattr(request, "lang", "en")
    parts = [part(one, lang) for one in problems]
    first = parts[0]
    body = {"type": f"urn:westlake:problem:{first['code']}", "title": say(f"web.trouble.{status}", lang),
            "status": status, "detail": first["says"], "instance": request.path[:500], **first, "problems": parts}
    response = JsonResponse(body, status=status, content_type=KIND, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="westlake"'
    return response


def part(problem: Problem, lang: str) -> dict[str, object]:
    """One problem as the interface tells it."""
    return {"code": problem.code, "says": problem.sentence(lang), "way_out": problem.way_out(lang),
            "place": vars(problem.place)}


def refused(request: HttpRequest, error: WestlakeError) -> HttpResponse:
    """What a room refused."""
    response = answer(request, STATUS.get(error.problems[0].code, 422), error.problems)
    if error.problems[0].code == "W1085":
        response["Retry-After"] = "2"
    return response


def listen(api: NinjaAPI) -> None:
    """Answer every failure of an operation in this form."""
    _on(api, WestlakeError, refused)
    _on(api, ValidationError, _not_as_declared)
    _on(api, Http404, lambda request, error: not_there(request))
    _on(api, HttpError, unreadable)
    _on(api, RequestDataTooBig, too_large)
    _on(api, Damaged, stopped)
    _on(api, Exception, _broken)


def _on(api: NinjaAPI, kind: type[Failure], tell: Callable[[HttpRequest, Failure], HttpResponse]) -> None:
    def handle(request: HttpRequest, error: Failure | type[Failure]) -> HttpResponse:
        assert isinstance(error, kind), "the library hands over what was raised, never its class"
        return tell(request, error)

    api.add_exception_handler(kind, handle)


def not_there(request: HttpRequest) -> HttpResponse:
    """404, also for what is there but not for this person."""
    return answer(request, 404, [Problem("W986", values={"address": request.path[:200]})])


def _not_as_declared(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each part of the request that is not as the interface's description has it."""
    found = []
    for one in error.errors:
        source, *names = (str(name) for name in one["loc"])  # query, path, form; a body's own name says nothing
        where = ".".join(names[1:] if source == "body" and len(names) > 1 else names) or source
        found.append(Problem("W1080", Place(field=where), {"what": where}))
    return answer(request, 422, found)


def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    """400: a body that is not what its type says."""
    return answer(request, 400, [Problem("W1080", Place(field="body"), {"what": "body"})])


def too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    """413: more than the office takes at once."""
    # Django's settings, which name the most that may be sent, are not read when this module is
    from django.conf import settings  # noqa: PLC0415

    return answer(request, 413, [Problem("W1160", values={"megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20})])


def stopped(request: HttpRequest, error: Damaged) -> HttpResponse:
    """The database could not go on: nothing was changed, and the same may be sent again."""
    LOG.error("%s %s: %s", request.method, request.path, error)
    return answer(request, 503, [why_stopped(error)])


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    LOG.exception("%s %s", request.method, request.path, exc_info=error)
    return answer(request, 500, [Problem("W987")])

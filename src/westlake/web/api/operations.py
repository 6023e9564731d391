"""How an operation of the interface is declared, and what every request to one passes: token, scope, key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from ninja import Router

from westlake.database import Damaged
from westlake.errors import Problem, WestlakeError
from westlake.web import idempotency
from westlake.web.api import problems, tokens
from westlake.web.api.schema import ProblemOut
from westlake.web.guards import Guard

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE")
SECURITY = "token"
Operation = Callable[..., Any]
_KEY = {"in": "header", "name": idempotency.HEADER, "required": True,
        "schema": {"type": "string", "pattern": idempotency.PATTERN},
        "description": "Chosen by you, once for each thing to be done: a request sent again under it counts once."}


def operation(router: Router, method: str, path: str, guard: Guard, response: Any, *, status: int = 200,
              looks: bool = False) -> Callable[[Operation], Operation]:
    """Declare an operation with its guard. looks: it only looks, though by its method it might change something."""
    writes = method != "GET" and not looks
    extra: dict[str, Any] = {"security": [{SECURITY: list(getattr(guard, "scopes", ()))}] if guard.signed_in else []}
    if writes:
        extra["parameters"] = [_KEY]
    answers = {status: response, frozenset(problems.STATUSES - {405}): ProblemOut}

    def declare(view: Operation) -> Operation:
        view.guard, view.writes = guard, writes  # type: ignore[attr-defined]
        router.api_operation([method], path, response=answers, openapi_extra=extra,
                             summary=(view.__doc__ or "").split(".")[0].strip(),
                             operation_id=view.__name__)(view)
        return view

    return declare


def answering(operations: dict[str, Operation], behind: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of one address: `operations` by method, and the library's own view `behind` the checks."""
    def answer(request: HttpRequest, **found: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        view = operations.get(method)
        try:
            if view is None:
                refused = problems.answer(request, 405, [Problem("W1088", values={"method": method[:20]})])
                refused["Allow"] = ", ".join(sorted(operations))
                return refused
            tokens.attach(request)
            tokens.admit(request, view.guard)  # type: ignore[attr-defined]
            if view.writes:  # type: ignore[attr-defined]
                return idempotency.once(request, lambda: behind(request, **found))
            request.office.read_only(True)
            request.method = "GET" if method == "GET" else request.method
            return _kept(request, behind(request, **found))
        except WestlakeError as error:
            return problems.refused(request, error)
        except Damaged as error:
            return problems.stopped(request, error)
        except RequestDataTooBig as error:
            return problems.too_large(request, error)
        except (MultiPartParserError, SuspiciousOperation) as error:
            return problems.unreadable(request, error)

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie counts here, only a token that one sends
    return answer


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer that its asker may keep and ask about again: unchanged, it is not sent twice."""
    if request.method != "GET" or response.status_code != 200:
        return response
    response["Cache-Control"] = "private, no-cache" if request.token else "public, max-age=60"
    patch_vary_headers(response, ("Authorization",))
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response)

"""The programming interface of the console, version 1: what people do on pages, machines do here, by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from westlake.web.api import calls, cases, firms, money, problems, public
from westlake.web.api.operations import METHODS, SECURITY, answering
from westlake.web.api.problems import KIND
from westlake.web.guards import Anyone, Route, route

ROOT = "api/v1/"


class Readable(JSONRenderer):
    """JSON in which Korean and Chinese stand as they are."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


API = NinjaAPI(
    renderer=Readable(),
    title="Westlake", version="1.0.0", urls_namespace="westlake-v1", docs_url=None, openapi_url=None,
    description="Calls, cases and money of an innovation office. Amounts are whole minor units; `next` of a list is"
                " sent as `after` for more; every request that changes something carries an Idempotency-Key.")
for _router in (calls.router, cases.router, firms.router, money.router, public.router):
    API.add_router("", _router)
problems.listen(API)
_described: list[dict[str, Any]] = []


def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    if not _described:
        made: dict[str, Any] = dict(API.get_openapi_schema(path_prefix=ROOT))
        made["components"]["securitySchemes"] = {SECURITY: {"type": "http", "scheme": "bearer"}}
        for one in (one for path in made["paths"].values() for one in path.values()):
            one["responses"] = {str(status): _told(int(status), told) for status, told in one["responses"].items()}
        _described.append(made)
    return _described[0]


def _told(status: int, told: dict[str, Any]) -> dict[str, Any]:
    """An answer under its own media type: problems have theirs."""
    if status < 400:
        return told
    return {**told, "content": {KIND: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}}


def show_description(request: HttpRequest) -> JsonResponse:
    """The document itself."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


def _mounted() -> tuple[Route, ...]:
    """Each address as the console declares its own: nothing of the library answers before our checks."""
    found = []
    for bound in API._get_bound_routers():
        for path, behind in bound.path_operations.items():
            operations = {method: one.view_func for one in behind.operations for method in one.methods}
            name = next(iter(operations.values())).__name__
            pattern = ROOT + path.lstrip("/").replace("{", "<").replace("}", ">")
            found.append(route(pattern, answering(operations, behind.get_view()), Anyone(), name=f"api.{name}",
                               methods=METHODS))
    return tuple(found)


ROUTES = (*_mounted(), route(ROOT + "openapi.json", show_description, Anyone(), name="api.description"))

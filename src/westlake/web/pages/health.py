"""Whether the console answers and reaches its databases: asked by machines."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from westlake import __version__
from westlake.web.guards import Anyone, route


def health(request: HttpRequest) -> HttpResponse:
    """200 with the version when both databases answer."""
    request.office.connection.execute("SELECT 1").fetchone()
    connection.ensure_connection()
    return JsonResponse({"ok": True, "version": __version__})


ROUTES = (route("healthz", health, Anyone(), name="health"),)

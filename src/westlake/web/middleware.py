"""What every request passes: the office is opened for it, and its address must have a guard."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from westlake.database import Damaged
from westlake.errors import WestlakeError
from westlake.web import guards, office, persons, trouble
from westlake.web.pages.applicant import kept_answers
from westlake.words import LANGUAGES

Answer = Callable[[HttpRequest], HttpResponse]


class AtTheOffice:
    """Gives a request its office, person and language; while a page is only looked at, the database only reads."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        here = office.here()
        here.read_only(request.method in guards.SAFE)
        try:
            persons.attach(request)
            if _length(request) > settings.UPLOAD_MAX:
                return self._kept(request, trouble.too_large(request))
            return self._kept(request, self.answer(request))
        finally:
            here.settle_down()
            here.read_only(False)
            translation.deactivate()

    def _kept(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The language chosen by hand stays; a page with somebody's data stays in nobody's cache."""
        asked = request.GET.get("lang", "")
        if asked in LANGUAGES:
            response.set_cookie(persons.LANG_COOKIE, asked, max_age=365 * 86_400, samesite="Lax", httponly=True,
                                secure=settings.SESSION_COOKIE_SECURE)
        kept_answers.settle(request, response)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a page did not catch becomes a page of its own, with what was typed."""
        if isinstance(error, WestlakeError):
            return trouble.refused(request, error)
        if isinstance(error, Damaged) and not _wrote_while_looking(error):
            return trouble.stopped(request, error)
        return None


class Guarded:
    """No address without a guard: those of other libraries are declared in routes.INCLUDED."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, values: Any) -> HttpResponse | None:
        from westlake.web.routes import guard_of  # noqa: PLC0415 - the routes know all pages, which need the guards

        match = request.resolver_match
        guard = guard_of(match)
        if guard is None:
            raise ImproperlyConfigured(f"no guard for {match}")
        return guards.refusal(request, guard) if not hasattr(view, "route") else None


def _wrote_while_looking(error: Damaged) -> bool:
    """A page that writes when it is only looked at is our fault, and is to fail as loudly as any."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY
            or getattr(error.__cause__, "sqlstate", "") == "25006")


def _length(request: HttpRequest) -> int:
    told = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(told) if told.isdecimal() else 0

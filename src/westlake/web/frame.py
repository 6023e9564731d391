"""What stands around every page: the agency, the rooms that the person may enter, the languages."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from westlake.web import trouble
from westlake.web.guards import Guard, holds
from westlake.web.routes import TABLE
from westlake.words import say

LANGS = (("ko", "한국어", "ko"), ("zh", "中文", "zh-Hans"), ("en", "English", "en"))
# The rooms in their order; who sees one is what its route says.
ROOMS = ("home", "find", "applications", "firm", "blueprint", "programmes", "calls", "cases", "reviews", "money",
         "firms", "public", "audit", "people")
FOR_OUTSIDE = ("find", "applications", "firm")  # office people reach these by address only


class Place(NamedTuple):
    """One line of the list of rooms."""

    label: str
    address: str
    current: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context that base pages need."""
    lang = getattr(request, "lang", "en")
    return {
        "lang": lang, "lang_tag": next(tag for code, _, tag in LANGS if code == lang),
        "langs": [_language(request, code, name, tag) for code, name, tag in LANGS],
        "rooms": _rooms(request, lang), "person": getattr(request, "person", None),
        "impersonator": getattr(request, "impersonator", None), "agency": _agency(request),
        "upload_max": _upload_max(), "upload_too_large": _upload_too_large(lang),
        "demo": _demo(), "sees_jobs": bool(getattr(request, "person", None)) and _guard("jobs").admits(request),
    }


def _language(request: HttpRequest, code: str, name: str, tag: str) -> dict[str, str | bool]:
    asked = request.GET.copy()
    asked["lang"] = code
    return {"name": name, "tag": tag, "address": f"?{asked.urlencode()}", "current": code == request.lang}


def _rooms(request: HttpRequest, lang: str) -> list[Place]:
    routes = {one.name: one for one in TABLE}
    match = getattr(request, "resolver_match", None)
    current = (match.url_name or "").split(".")[0] if match else ""
    outside = holds(request, "applicant", "co_applicant", "operator", "fund_manager", "guarantor")
    found = []
    for name in ROOMS:
        guard = routes[name].guard
        if guard.signed_in and (not request.person or not guard.admits(request)):
            continue
        if name in FOR_OUTSIDE and request.person and not outside:
            continue
        found.append(Place(say(f"web.nav.{name}", lang), reverse(name), name == current))
    return found


def _guard(name: str) -> Guard:
    return next(one.guard for one in TABLE if one.name == name)


def _agency(request: HttpRequest) -> str:
    return request.office.settings.agency if hasattr(request, "office") else "Westlake"


def _demo() -> bool:
    # Django's settings are read once all is set up
    from django.conf import settings  # noqa: PLC0415

    return bool(settings.SERVING.demo)


def _upload_max() -> int:
    """Bytes of files that a browser may try to send: a form's other fields need some room beside them."""
    # Django's settings are read once all is set up
    from django.conf import settings  # noqa: PLC0415

    return int(settings.UPLOAD_MAX) - 2**16


def _upload_too_large(lang: str) -> str:
    problem = trouble.too_much()
    return f"{problem.sentence(lang)} ({problem.code}). {problem.way_out(lang)}"

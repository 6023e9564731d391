"""Answers that somebody gave before there was a case: kept in their own browser, and nowhere here, until they apply.

A stranger who asks leaves no row behind, however often they ask. The browser's copy is signed, so that what comes back
is what the forms took in; it ends with the browser's session, and after a day at the latest. Once its owner has logged
in it is theirs: it ends when they log out, and counts for nobody else at the same browser.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from westlake.desk.calls import Call
from westlake.errors import WestlakeError
from westlake.web.visit import Visit

COOKIE = "westlake_check"
ENDS = "answers_end"  # set on a request in which somebody logged out
CALLS = 4  # that answers are kept for at a time; the oldest give way
_SALT = "westlake.check"
_LASTS_S = 86_400
_MOST = 3_800  # bytes that every browser keeps in a cookie, its name and terms counted


def answers_of(request: Visit, call: Call) -> dict[str, str]:
    """What this visitor has answered about a call so far."""
    return _kept(request).get(str(call.id), {})


def keep(request: Visit, response: HttpResponse, call: Call, written: dict[str, str]) -> None:
    """Send a visitor's answers back with a response; none of them forgets the call. W1125 for more than a browser
    keeps."""
    found = {number: answers for number, answers in _kept(request).items() if number != str(call.id)}
    found |= {str(call.id): written} if written else {}
    found = dict([*found.items()][-CALLS:])
    while found and len(_signed(found, _who(request))) > _MOST:
        if len(found) == 1:
            raise WestlakeError.one("W1125")
        found.pop(next(iter(found)))
    if not found:
        _drop(response)
    else:
        _send(request, response, found)


def settle(request: HttpRequest, response: HttpResponse) -> None:
    """Make a stranger's answers those of whoever has logged in since; drop them at log-out, and another person's."""
    if getattr(request, ENDS, False):
        _drop(response)
    elif COOKIE in request.COOKIES and COOKIE not in response.cookies:
        owner, own = _told(request).get("who", 0), _who(request)
        if owner and owner != own:
            _drop(response)
        elif own and not owner and (found := _kept(request)):
            _send(request, response, found)


def _drop(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/find/", samesite="Lax")


def _send(request: HttpRequest, response: HttpResponse, found: dict[str, dict[str, str]]) -> None:
    response.set_cookie(COOKIE, _signed(found, _who(request)), path="/find/", secure=settings.SESSION_COOKIE_SECURE,
                        httponly=True, samesite="Lax")


def _who(request: HttpRequest) -> int:
    """The number of the log-in; 0 for a stranger."""
    return int(request.user.pk) if request.user.is_authenticated else 0


def _signed(found: dict[str, dict[str, str]], who: int) -> str:
    return signing.dumps({"who": who, "calls": found}, salt=_SALT, compress=True)


def _kept(request: HttpRequest) -> dict[str, dict[str, str]]:
    told = _told(request)
    return dict(told.get("calls", {})) if told.get("who", 0) in (0, _who(request)) else {}


def _told(request: HttpRequest) -> dict[str, Any]:
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LASTS_S))
    except signing.BadSignature:
        return {}

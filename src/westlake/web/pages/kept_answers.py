"""Answers that somebody gave before there was a case: kept in their own browser, and nowhere here, until they apply.

A stranger who asks leaves no row behind, however often they ask. The browser's copy is signed, so that what comes back
is what the forms took in; it ends with the browser's session, and after a day at the latest.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpResponse

from westlake.desk.calls import Call
from westlake.errors import WestlakeError
from westlake.web.visit import Visit

COOKIE = "westlake_check"
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
    while found and len(_signed(found)) > _MOST:
        if len(found) == 1:
            raise WestlakeError.one("W1125")
        found.pop(next(iter(found)))
    if not found:
        response.delete_cookie(COOKIE, path="/find/", samesite="Lax")
        return
    response.set_cookie(COOKIE, _signed(found), path="/find/", secure=settings.SESSION_COOKIE_SECURE, httponly=True,
                        samesite="Lax")


def _signed(found: dict[str, dict[str, str]]) -> str:
    return signing.dumps(found, salt=_SALT, compress=True)


def _kept(request: Visit) -> dict[str, dict[str, str]]:
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LASTS_S))
    except signing.BadSignature:
        return {}

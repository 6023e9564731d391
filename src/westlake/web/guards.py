"""Who may come in: every address of the console says so where it is declared, and nothing is open by default."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.http import urlencode

from westlake.desk.people import EVERY
from westlake.errors import WestlakeError
from westlake.web import persons

SAFE = ("GET", "HEAD", "OPTIONS")
FRESH_S = 300  # a second factor given within this many seconds is recent
View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What all guards know. fresh: a recent second factor is needed, from those who have set one up if `unset_passes`.

    person: whether one must be known at the desk, not only logged in; stopping: may be used while an
    admin looks at the console as somebody else.
    """

    fresh: bool = False
    unset_passes: bool = False
    person: bool = True
    stopping: bool = False
    signed_in: bool = True

    def admits(self, request: HttpRequest) -> bool:
        """Whether the person of this request may come in."""
        return True


@dataclass(frozen=True, kw_only=True)
class Anyone(Guard):
    """Open to all, signed in or not."""

    person: bool = False
    signed_in: bool = False


@dataclass(frozen=True, kw_only=True)
class SignedIn(Guard):
    """Open to everybody who has logged in."""


@dataclass(frozen=True, init=False)
class Roles(Guard):
    """Open to those who hold one of these roles for at least one programme."""

    names: tuple[str, ...]

    def __init__(self, *names: str, fresh: bool = False) -> None:
        object.__setattr__(self, "names", names)
        for field, value in {"fresh": fresh, "unset_passes": False, "person": True, "stopping": False,
                             "signed_in": True}.items():
            object.__setattr__(self, field, value)

    def admits(self, request: HttpRequest) -> bool:
        return holds(request, *self.names)


def holds(request: HttpRequest, *roles: str, programme: str = "") -> bool:
    """Whether the person of this request holds one of these roles; for one programme, when it is named."""
    return any(held.role in roles and (not programme or held.programme in (programme, EVERY))
               for held in request.roles)


@contextmanager
def or_404() -> Iterator[None]:
    """What is looked for within it and is not there, for the desk or at all, answers 404."""
    try:
        yield
    except WestlakeError as error:
        raise Http404 from error


@dataclass(frozen=True)
class Route:
    """One address: what it shows, to whom, by which methods, and who checks the object it speaks of.

    object: given the request and the address's values, returns the thing, or raises Http404 — also when it
    is there but not for this person. The view is then called as view(request, thing).
    """

    pattern: str
    view: View
    guard: Guard
    name: str
    methods: tuple[str, ...]
    object: Callable[..., Any] | None

    @property
    def address(self) -> URLPattern:
        """As Django takes it: the view behind its guard."""
        return path(self.pattern, _guarded(self), name=self.name)


def route(pattern: str, view: View, guard: Guard, *, name: str, methods: Sequence[str] = ("GET",),
          object: Callable[..., Any] | None = None) -> Route:
    """Declare an address; methods: GET only, unless others are named."""
    return Route(pattern, view, guard, name, tuple(methods), object)


def _guarded(one: Route) -> View:
    allowed = {*one.methods, *(("HEAD", "OPTIONS") if "GET" in one.methods else ())}

    @functools.wraps(one.view)
    def behind_guard(request: HttpRequest, **found: Any) -> HttpResponse:
        if not hasattr(request, "roles"):  # one that waited for a second factor comes back without them
            persons.attach(request)
        refused = refusal(request, one.guard, hide=one.object is not None)
        if refused is not None:
            return refused
        if request.method not in allowed:
            return HttpResponseNotAllowed(sorted(allowed))
        if one.object is not None:
            return one.view(request, one.object(request, **found))
        return one.view(request, **found)

    declared: Any = behind_guard
    declared.guard, declared.route = one.guard, one
    return declared


def refusal(request: HttpRequest, guard: Guard, *, hide: bool = False) -> HttpResponse | None:
    """What a guard answers to those it does not let in; None for those it does.

    Signed out: the way to the log-in; who has yet to agree to the notice on personal data: the way to that. Without the
    role: 403 for a room, 404 (hide) where an object is spoken of, for its very existence is not for everybody. W993 for
    changing anything in somebody else's name.
    """
    if not guard.signed_in:
        return None
    if not request.user.is_authenticated:
        return _to(request, reverse("account_login"))
    if guard.person and request.person is None:
        return _to(request, reverse("welcome"))
    if guard.person and request.session.get(persons.OWES):
        return _to(request, reverse("privacy"))
    if not guard.admits(request):
        if hide:
            raise Http404
        raise PermissionDenied
    if request.impersonator and request.method not in SAFE and not guard.stopping:
        raise WestlakeError.one("W993", name=request.person.name)
    return _second_factor(request, guard) if guard.fresh else None


def _second_factor(request: HttpRequest, guard: Guard) -> HttpResponse | None:
    # allauth's own models: loaded by now, but not when settings are read
    from allauth.account.internal.flows.reauthentication import suspend_request  # noqa: PLC0415
    from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415

    if not is_mfa_enabled(request.user):
        return None if guard.unset_passes else redirect("second_factor")
    if time.time() - last_second_factor(request) < FRESH_S:
        return None
    return suspend_request(request, reverse("mfa_reauthenticate"))


def last_second_factor(request: HttpRequest) -> float:
    """When this session last saw a second factor, in seconds; 0 for never."""
    from allauth.account.authentication import get_authentication_records  # noqa: PLC0415 - as above

    return max((one["at"] for one in get_authentication_records(request, request.user) if one["method"] == "mfa"),
               default=0)


def _to(request: HttpRequest, address: str) -> HttpResponse:
    back = request.get_full_path() if request.method in SAFE and not request.htmx else "/"
    target = f"{address}?{urlencode({'next': back})}" if back != "/" else address
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)

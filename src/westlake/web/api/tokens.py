"""Keys for machines: made once by their owner, kept as a digest only, and never more than what their owner may do."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.http import HttpRequest

from westlake.desk import people
from westlake.errors import WestlakeError
from westlake.web.guards import Guard, holds
from westlake.web.models import ApiToken, Login
from westlake.words import LANGUAGES

SCOPES = ("calls:read", "cases:read", "cases:write", "money:read", "money:write", "public")
START = "wl_"
SEEN_S = 60  # how often it is noted that a key was used


@dataclass(frozen=True, init=False)
class Bearer(Guard):
    """Open to a token with one of the scopes, of somebody who holds one of the roles; any role, if none is named."""

    scopes: tuple[str, ...]
    names: tuple[str, ...]

    def __init__(self, scope: str, *names: str) -> None:
        for field, value in {"scopes": tuple(scope.split()), "names": names, "fresh": False, "unset_passes": False,
                             "person": True, "stopping": False, "signed_in": True}.items():
            object.__setattr__(self, field, value)

    def admits(self, request: HttpRequest) -> bool:
        return not self.names or holds(request, *self.names)


def make(login: Login, name: str, scopes: list[str], days: int, now: dt.datetime) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody sees again."""
    text = START + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(login=login, name=name, start=text[:9], digest=digest(text), made_at=now,
                                   scopes=" ".join(scopes), ends_at=now + dt.timedelta(days=days))
    return made, text


def digest(text: str) -> str:
    """What is kept of a token. It has 256 bits of chance, so a plain digest cannot be guessed back."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def attach(request: HttpRequest) -> None:
    """Let the request be its token's owner's, whoever else is logged in there. W1081 for a token that does not hold."""
    request.token = None
    request.person, request.roles, request.impersonator = None, frozenset(), None
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return
    office = request.office
    now = office.utc_now
    found = ApiToken.objects.select_related("login").filter(digest=digest(text.strip())).first()
    if kind.lower() != "bearer" or found is None or found.ended_at or (found.ends_at and found.ends_at <= now) \
            or not found.login.is_active or not found.login.person:
        raise WestlakeError.one("W1081")
    person = people.find_person(office.connection, found.login.person)
    if person is None:
        raise WestlakeError.one("W1081")
    if found.used_at is None or (now - found.used_at).total_seconds() > SEEN_S:
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    request.user, request.token, request.person = found.login, found, person
    request.roles = people.roles_of(office.connection, person.id, office.now())
    if not request.headers.get("Accept-Language") and request.GET.get("lang") not in LANGUAGES:
        request.lang = person.language


def scopes_of(request: HttpRequest) -> set[str]:
    """What the request's token may be used for."""
    token = request.token
    return set(token.scopes.split()) if token is not None else set()


def admit(request: HttpRequest, guard: Guard) -> None:
    """W1081 without a token, W1082 without the scope, W985 without the role: both the scope and the role are needed."""
    if not guard.signed_in:
        return
    if request.token is None:
        raise WestlakeError.one("W1081")
    if isinstance(guard, Bearer) and not set(guard.scopes) & scopes_of(request):
        raise WestlakeError.one("W1082", scope=" / ".join(guard.scopes))
    if not guard.admits(request):
        raise WestlakeError.one("W985")

"""A request that is sent twice counts once: the key its sender chose finds the answer that was given before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from westlake.errors import Place, WestlakeError
from westlake.web.models import IdempotencyKey
from westlake.web.office import Office

HEADER = "Idempotency-Key"
PATTERN = "^[A-Za-z0-9_.:-]{8,100}$"
KEPT_H = 24
DROPPED = frozenset({401, 403, 409, 413, 423, 425, 429, 502, 503, 504})  # what may turn out otherwise next time


def once(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it, or give the answer of the first time.

    W1083 without a key, W1084 when another request came under it, W1085 (409, Retry-After) while the first
    is at work. Where that was cut off, or failed by our own fault, its key stays taken: nobody knows how far it
    came, so it is not done again by itself.
    """
    key, print_ = request.headers.get(HEADER, ""), fingerprint(request)
    if not re.fullmatch(PATTERN, key):
        raise WestlakeError.one("W1083", Place(field=HEADER), header=HEADER)
    token, now = request.token, request.office.utc_now
    _expired(now).filter(login=token.login).delete()
    kept, first = IdempotencyKey.objects.get_or_create(
        login=token.login, key=f"{token.pk}:{key}", defaults={"request": print_})
    if not first:
        return _again(kept, print_)
    IdempotencyKey.objects.filter(pk=kept.pk).update(made_at=now)
    response = act()
    if response.status_code in DROPPED:
        kept.delete()
    elif response.status_code != 500:
        IdempotencyKey.objects.filter(pk=kept.pk).update(status=response.status_code, body=response.content.decode())
    return response


def clear_expired(office: Office) -> int:
    """Drop every answer that is kept no longer, whoever it was for; how many. The rounds ask for it."""
    return int(_expired(office.utc_now).delete()[0])


def _expired(now: dt.datetime) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(made_at__lt=now - dt.timedelta(hours=KEPT_H))


def fingerprint(request: HttpRequest) -> str:
    """What was asked for, the same however a form with files was packed."""
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        fields: list[object] = [[name, *values] for name, values in sorted(request.POST.lists())]
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                fields.append([name, file.name or "", hashlib.sha256(file.read()).hexdigest()])
                file.seek(0)
        body = json.dumps(fields).encode()
    else:
        body = request.body
    asked = [str(request.method), request.get_full_path(), kind, hashlib.sha256(body).hexdigest()]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _again(kept: IdempotencyKey, print_: str) -> HttpResponse:
    if kept.request != print_:
        raise WestlakeError.one("W1084", Place(field=HEADER))
    if not kept.status:
        raise WestlakeError.one("W1085", Place(field=HEADER))
    kind = "application/problem+json" if kept.status >= 400 else "application/json; charset=utf-8"
    response = HttpResponse(kept.body, content_type=kind, status=kept.status)
    response["Idempotency-Replayed"] = "true"
    return response

"""The demo's log-ins: one password for all invented people, and second factors whose codes the terminal shows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse

from westlake.database import transaction as at_once
from westlake.desk.consents import agree
from westlake.desk.people import Person, roles_of

PASSWORD = "lakeside-demo"
_PAGES = ("mfa_authenticate", "mfa_reauthenticate")


def make_logins(persons: Iterable[Person], with_factor: Iterable[int]) -> None:
    """A log-in for each person, their address verified; those numbered in with_factor get a second factor too.

    Those from outside have agreed to the notice on personal data.
    """
    # Django's models may be imported once it has been set up for the workspace
    from allauth.account.models import EmailAddress  # noqa: PLC0415
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from westlake.web import notice, office  # noqa: PLC0415
    from westlake.web.models import Login  # noqa: PLC0415

    secret, factors, here = make_password(PASSWORD), set(with_factor), office.here()  # hashed once: it is no secret
    with transaction.atomic(), at_once(here.connection):
        for person in persons:
            login = Login(email=person.email, person=person.id, language=person.language, password=secret)
            login.save()
            EmailAddress.objects.create(user=login, email=person.email, verified=True, primary=True)
            if person.id in factors:
                TOTP.activate(login, generate_totp_secret())
            if notice.owes(person, roles_of(here.connection, person.id, here.now())):
                agree(here.record, person, notice.version(), person.language)


class PrintsCodes:
    """Shows in the terminal the code that a page of the demo is about to ask for."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        match = request.resolver_match
        if request.method == "GET" and match is not None and match.url_name in _PAGES:
            self._print(request)
        return response

    def _print(self, request: HttpRequest) -> None:
        # see make_logins
        from allauth.account.internal.stagekit import get_pending_stage  # noqa: PLC0415
        from allauth.mfa.models import Authenticator  # noqa: PLC0415
        from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value  # noqa: PLC0415
        from allauth.mfa.utils import decrypt  # noqa: PLC0415

        stage = get_pending_stage(request)
        login = request.user if request.user.is_authenticated else stage and stage.login.user
        found = Authenticator.objects.filter(user=login, type=Authenticator.Type.TOTP).first() if login else None
        if found is not None:
            code = format_hotp_value(hotp_value(decrypt(found.data["secret"]), int(time.time()) // 30))
            print(f"{login}: {code}", file=sys.stderr, flush=True)

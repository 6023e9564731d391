"""Sends what log-in sends (codes, notices): by the office's mail server, or printed here when it has none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import console, smtp
from django.core.mail.backends.base import BaseEmailBackend


class Mailer(BaseEmailBackend):
    """smtp://user@machine:587 (STARTTLS) or smtps://…:465 from westlake.toml; else the console's own terminal."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return _way(self.fail_silently).send_messages(email_messages) or 0


def _way(fail_silently: bool) -> BaseEmailBackend:
    told = urlsplit(settings.SERVING.mail)
    if not told.hostname:
        return console.EmailBackend(stream=sys.stderr, fail_silently=fail_silently)
    secure = told.scheme == "smtps"
    return smtp.EmailBackend(
        host=told.hostname, port=told.port or (465 if secure else 587), username=unquote(told.username or ""),
        password=settings.SERVING.mail_password, use_ssl=secure, use_tls=not secure, timeout=20,
        fail_silently=fail_silently)

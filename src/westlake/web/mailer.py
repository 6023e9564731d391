"""Sends what log-in and letters send: by the office's mail server, or into the workspace's mails/ when it has none."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

from westlake.disk import open_private
from westlake.words import say

FOLDER = "mails"
KEPT_DAYS = 30
CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.MULTILINE)  # as an address is confirmed
_INSTANT = "%Y%m%dT%H%M%S.%f"


class Mailer(BaseEmailBackend):
    """smtp://user@machine:587 (STARTTLS) or smtps://…:465 from westlake.toml; else a file each, told in one line."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return _way(self.fail_silently).send_messages(email_messages) or 0


class Kept(BaseEmailBackend):
    """Puts each mail into the workspace as mails/<instant>.eml and says so; a demo tells its code too."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.WORKSPACE.folder / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        for one in email_messages:
            path = _keep(folder, one.message().as_bytes())
            lang, subject = settings.WORKSPACE.settings.lang, " ".join(one.subject.split())
            print(say("cli.serve.mail_kept", lang, to=", ".join(one.to), subject=subject, file=f"{FOLDER}/{path.name}"),
                  file=sys.stderr, flush=True)
            found = CODE.search(one.body) if settings.SERVING.demo else None
            if found:
                print(say("cli.serve.mail_code", lang, code=found[0]), file=sys.stderr, flush=True)
        return len(email_messages)


def clear_old() -> int:
    """Drop the kept mails that are older than KEPT_DAYS, by the instant in their names; how many."""
    oldest = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=KEPT_DAYS):{_INSTANT}}"
    old = [one for one in (settings.WORKSPACE.folder / FOLDER).glob("*.eml") if one.stem < oldest]
    for one in old:
        one.unlink(missing_ok=True)  # another worker clears as well
    return len(old)


def _keep(folder: Path, content: bytes) -> Path:
    """A file of its own, to be read by its owner only: log-in codes are in it."""
    while True:
        path = folder / f"{dt.datetime.now(dt.UTC):{_INSTANT}}.eml"
        try:
            with open_private(path) as file:
                file.write(content)
        except FileExistsError:  # two in one microsecond: the next one is near
            continue
        return path


def _way(fail_silently: bool) -> BaseEmailBackend:
    told = urlsplit(settings.SERVING.mail)
    if not told.hostname:
        return Kept(fail_silently=fail_silently)
    secure = told.scheme == "smtps"
    return smtp.EmailBackend(
        host=told.hostname, port=told.port or (465 if secure else 587), username=unquote(told.username or ""),
        password=settings.SERVING.mail_password, use_ssl=secure, use_tls=not secure, timeout=20,
        fail_silently=fail_silently)

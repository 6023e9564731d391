"""How an office serves its console: the table [web] of westlake.toml, each line overridden by WESTLAKE_WEB_<NAME>."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from westlake.errors import Findings, Place, nearest
from westlake.workspace import SETTINGS_FILE

SECRETS = {"oidc_secret", "mail_password"}  # never in a file that people share: from the environment only


@dataclass(frozen=True)
class Serving:
    """What an agency says once about its console.

    url: where people find it, with https:// when it is served so; proxy: a trusted server stands in front;
    mail: smtp://user@machine:587 or empty to keep mails in the folder; oidc_server: the city's single sign-on;
    privacy_contact: whom people turn to about their data; keep_years: how long a case is kept after its end, as the
    law asks of this office.
    """

    url: str = "http://localhost:8000"
    hosts: str = ""
    proxy: str = ""
    demo: str = ""
    mail: str = ""
    mail_from: str = "westlake@localhost"
    mail_password: str = ""
    oidc_name: str = ""
    oidc_server: str = ""
    oidc_client: str = ""
    oidc_secret: str = ""
    privacy_contact: str = ""
    upload_mb: int = 20
    keep_years: int = 10

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def allowed(self) -> list[str]:
        """The names under which the console answers."""
        own = urlsplit(self.url).hostname or "localhost"
        return list(dict.fromkeys([own, *self.hosts.split(), "localhost", "127.0.0.1", "[::1]"]))


def read_serving(folder: Path) -> Serving:
    """The serving of a workspace's folder; W992 for each line that is not known or cannot be."""
    findings = Findings()
    path = folder / SETTINGS_FILE
    written = tomllib.loads(path.read_text("utf-8")).get("web", {}) if path.is_file() else {}
    known = [one.name for one in fields(Serving)]
    for name in written:
        if name not in known or name in SECRETS:
            findings.add("W992", Place(path.name, field=f"web.{name}"), nearest(name, known), name=name,
                         value=written[name])
    values = {name: str(written[name]) for name in known if name in written and name not in SECRETS}
    values |= {name: os.environ[env(name)] for name in known if env(name) in os.environ}
    url = urlsplit(values.get("url", Serving.url))
    if url.scheme not in ("http", "https") or not url.hostname:
        findings.add("W992", Place(path.name, field="web.url"), name="url", value=values["url"])
    whole = {}
    for name, default, most in (("upload_mb", Serving.upload_mb, 2000), ("keep_years", Serving.keep_years, 100)):
        text = values.pop(name, str(default))
        if text.isdecimal() and 1 <= int(text) <= most:
            whole[name] = int(text)
        else:
            findings.add("W992", Place(path.name, field=f"web.{name}"), name=name, value=text)
    mail = urlsplit(values.get("mail", ""))
    if values.get("mail") and (mail.scheme not in ("smtp", "smtps") or not mail.hostname):
        findings.add("W992", Place(path.name, field="web.mail"), name="mail", value=values["mail"])
    findings.stop()
    return Serving(**values, upload_mb=whole["upload_mb"], keep_years=whole["keep_years"])


def env(name: str) -> str:
    """The environment variable that overrides a line."""
    return f"WESTLAKE_WEB_{name.upper()}"

"""An office of its own for each test of the console, people who log in to it, and pages that must be whole HTML.

`office`: a fresh workspace with one Lakeside programme. `client_as("officer")`: a browser of somebody with
that role; `.person` is the desk's person. Every HTML answer is read by a strict parser.
"""

import os
import shutil
import time
from pathlib import Path

import django
import html5lib
import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.web.settings"
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]  # read once; a command that a test starts has settings of its own

from allauth.account.models import EmailAddress  # noqa: E402 - after the settings
from django.test import Client  # noqa: E402 - after the settings

from westlake.desk import people  # noqa: E402
from westlake.web import office as offices  # noqa: E402
from westlake.web.models import Login  # noqa: E402
from westlake.workspace import Workspace  # noqa: E402

LAKESIDE = Path(__file__).parents[1] / "lakeside" / "programmes"
NOW = 1_780_000_000_000_000  # 2026-05-28T20:26:40Z


class Clock:
    """A clock that tests move by hand; each look at it is a microsecond later than the last."""

    def __init__(self, monkeypatch):
        self.at, self._monkeypatch = NOW, monkeypatch

    def __call__(self):
        self.at += 1
        return self.at

    def stand(self, at):
        """Put this clock to a moment, and the machine's own, which a second factor is given by, stands there too."""
        self.at = at
        self._monkeypatch.setattr(time, "time", lambda: at / 1_000_000)

    def wait(self, seconds=0, days=0):
        self.at += int((seconds + days * 86_400) * 1_000_000)


class Browser(Client):
    """A browser that takes no page that a strict parser refuses."""

    person = None

    def request(self, **request):
        response = super().request(**request)
        if "html" in response.headers.get("Content-Type", "") and not response.streaming and response.content:
            if response.content.lstrip()[:9].upper() == b"<!DOCTYPE":
                html5lib.HTMLParser(strict=True).parse(response.content)
            else:
                html5lib.HTMLParser(strict=True).parseFragment(response.content)
        return response


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def office(tmp_path, clock, db):
    """A fresh office in Lakeside, served by the console while the test runs."""
    shelf = tmp_path / "programmes" / "lakeside"
    shelf.mkdir(parents=True)
    for name in ("sources.yaml", "regimes"):
        source = LAKESIDE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, shelf / name)
    shutil.copytree(LAKESIDE / "cloud_voucher", shelf / "cloud_voucher", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\nagency = "Lakeside Office"\n', "utf-8")
    there = offices.Office(Workspace.find(tmp_path), clock)
    offices.move_to(there)
    yield there
    there.close()


@pytest.fixture
def person_with(office):
    """Enter somebody with roles, and a log-in."""
    def make(*roles, name="", programme="*", firm="", language="en", email=""):
        number = office.connection.execute("SELECT count(*) FROM desk_person").fetchone()[0] + 1
        person = people.add_person(office.connection, name or f"Ada {roles[0] if roles else 'Nobody'} {number}",
                                   email or f"ada{number}@lakeside.example", "Lakeside Office", language, firm,
                                   at=office.now())
        for role in roles:
            people.grant_role(office.connection, person.id, role, programme, at=office.now(), firm=firm)
        login = Login.objects.create_user(person.email, "correct horse battery", person=person.id, language=language)
        EmailAddress.objects.create(user=login, email=login.email, verified=True, primary=True)
        return person
    return make


@pytest.fixture
def client_as(person_with):
    """A browser of somebody who holds a role, logged in."""
    def make(*roles, **more):
        browser = Browser()
        browser.person = person_with(*roles, **more)
        browser.force_login(Login.objects.get(person=browser.person.id),
                            "allauth.account.auth_backends.AuthenticationBackend")
        return browser
    return make


@pytest.fixture
def visitor(office):
    """A browser of somebody who has not logged in."""
    return Browser()


@pytest.fixture
def second_factor():
    """Let a browser's session have seen a second factor just now, of a person who has set one up."""
    from allauth.mfa.models import Authenticator

    def give(browser, ago=0):
        login = Login.objects.get(person=browser.person.id)
        Authenticator.objects.get_or_create(user=login, type="totp", defaults={"data": {"secret": "JBSWY3DPEHPK3PXP"}})
        session = browser.session
        session["account_authentication_methods_user"] = str(login.pk)
        session["account_authentication_methods"] = [
            {"method": "mfa", "type": "totp", "at": time.time() - ago, "reauthenticated": True}]
        session.save()
    return give


@pytest.fixture
def officer(person_with):
    return person_with("officer", name="Oda Reed")


@pytest.fixture
def call(office, officer):
    """Piers, open to applications by machines."""
    from tests.web.machine import open_piers  # it asks this file for the hour
    return open_piers(office, officer)


@pytest.fixture
def heron(office, person_with, call):
    """The machine of a firm that the register knows."""
    from tests.web.machine import Machine, know, speaker, token_of  # as above
    know(office, "heron")
    return Machine(token_of(speaker(office, person_with, "heron")))

"""Takes pictures of the console's pages, wide and narrow, and counts what axe finds wrong with them.

`python -m tests.web.pictures OUT /cases/ /money/ --role officer --lang ko` writes OUT/<page>-<lang>-<width>.png.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                 if Path(path).exists()), "")
MISSING = "Chromium is not here: apt install chromium"
WIDTHS = (1280, 390)
LAKESIDE = Path(__file__).parents[1] / "lakeside" / "programmes"


def workspace(folder: Path) -> Path:
    """A workspace with Lakeside's programmes."""
    shutil.copytree(LAKESIDE, folder / "programmes" / "lakeside", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "westlake.toml").write_text('city = "Lakeside"\nagency = "Lakeside Office"\n', "utf-8")
    return folder


@contextmanager
def served(folder: Path):
    """The console of a workspace while it answers; its address."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's driver runs a loop in this very thread
    from westlake.web import hosting

    hosting.make_ready(folder)
    with hosting.running(folder, "127.0.0.1", 0, 4, jobs=False) as console:
        console.answer_beside()
        yield f"http://localhost:{console.port}"


def session_of(*roles: str, name: str = "Kim Seo-yeon", lang: str = "en") -> dict[str, str]:
    """A session's cookie for a new person with roles and a second factor given just now."""
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from westlake.desk import people
    from westlake.web import office, persons
    from westlake.web.models import Login

    here = office.here()
    email = f"{'-'.join(roles)}-{lang}@lakeside.example"
    person = people.person_by_email(here.connection, email)
    if person is None:
        person = people.add_person(here.connection, name, email, "Lakeside Office", lang, at=here.now())
        for role in roles:
            people.grant_role(here.connection, person.id, role, at=here.now())
        login = Login.objects.create_user(email, "correct horse battery", person=person.id, language=lang)
        EmailAddress.objects.create(user=login, email=email, verified=True, primary=True)
    login = Login.objects.get(person=person.id)
    session = SessionStore()
    session.update({SESSION_KEY: str(login.pk), HASH_SESSION_KEY: login.get_session_auth_hash(),
                    BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
                    persons.SINCE: here.now(), "account_authentication_methods_user": str(login.pk),
                    "account_authentication_methods": [
                        {"method": name, "at": time.time(), "reauthenticated": True} for name in ("password", "mfa")]})
    Authenticator.objects.get_or_create(user=login, type="totp", defaults={"data": {"secret": "JBSWY3DPEHPK3PXP"}})
    session.create()
    return {"name": "westlake_session", "value": session.session_key}


@contextmanager
def chromium():
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def wrong(page) -> list[str]:
    """What axe finds wrong with a page: rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


def visit(browser, base: str, address: str, lang: str, width: int, cookie=None):
    """A page as somebody sees it; with what it wrote to the browser's own log."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=lang)
    context.add_cookies([{"name": "westlake_lang", "value": lang, "url": base}, *([{**cookie, "url": base}] if cookie else [])])
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(base + address)
    page.wait_for_load_state("networkidle")
    return page


def main() -> int:
    told = argparse.ArgumentParser()
    told.add_argument("out", type=Path)
    told.add_argument("addresses", nargs="+")
    told.add_argument("--role", default="")
    told.add_argument("--lang", default="ko,en")
    told.add_argument("--workspace", type=Path)
    asked = told.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    bad = 0
    with tempfile.TemporaryDirectory() as folder, served(asked.workspace or workspace(Path(folder))) as base:
        cookies = {lang: session_of(*asked.role.split(","), lang=lang) if asked.role else None for lang in asked.lang.split(",")}
        with chromium() as browser:
            for address in asked.addresses:
                for lang, cookie in cookies.items():
                    for width in WIDTHS:
                        page = visit(browser, base, address, lang, width, cookie)
                        name = address.strip("/").replace("/", "-").replace("?", "-") or "home"
                        page.screenshot(path=asked.out / f"{name}-{asked.role or 'visitor'}-{lang}-{width}.png", full_page=True)
                        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                        found = [*wrong(page), *([f"runs {over} px over the side"] if over > 0 else []), *page.said]
                        bad += len(found)
                        print(f"{name} {lang} {width}: {found or 'well'}")
                        page.context.close()
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())

"""The served office as the stories use it: who works there, a browser for each of them, and what a page must be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.web.pictures import CHROMIUM

MISSING = "Chromium or its fonts are not here: apt install chromium fonts-noto-cjk"
ROOT = Path(__file__).parents[2]
PATIENCE_MS = 30_000  # a machine may be slow; a story that goes well never waits so long


def can_run():
    """Whether this machine has the browser, and letters for Korean and Chinese."""
    try:
        fonts = subprocess.run(["fc-list", ":lang=ko", "family"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return False
    return bool(CHROMIUM and fonts.strip())


class House:
    """A console that answers in a process of its own. people: e-mail addresses by role; base: where it answers."""

    def __init__(self, process, letters):
        self.process, self.letters = process, letters
        told = json.loads(self._read())
        self.base, self.people = told["base"], told["people"]

    def ask(self, do, **given):
        """Let the console's process do something; its answer."""
        self.process.stdin.write(json.dumps({"do": do, **given}) + "\n")
        self.process.stdin.flush()
        told = json.loads(self._read())
        assert "answer" in told, told
        return told["answer"]

    def _read(self):
        line = self.process.stdout.readline()
        assert line, self.printed()[-3000:]
        return line

    def printed(self):
        """What the console printed in its terminal: letters with codes, and anything that went wrong."""
        return self.letters.read_text("utf-8")

    def email(self, who):
        """An address: of a role, of a firm's speaker, or as it stands."""
        return self.people.get(who) or self.people["applicants"].get(who) or who

    def rows(self, query, *values):
        return [tuple(row) for row in self.ask("looked_up", query=query, values=values)]


@contextmanager
def open_house(folder, *more):
    """Play the season, serve it, and end it."""
    letters = Path(folder) / "terminal.txt"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "WESTLAKE"))}
    with letters.open("w", encoding="utf-8") as terminal:
        process = subprocess.Popen([sys.executable, "-m", "tests.journeys.console", str(Path(folder) / "office"), *more], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=terminal, cwd=ROOT, env=environment)
        try:
            yield House(process, letters)
        finally:
            with suppress(BrokenPipeError):  # it ended before
                process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class People:
    """Browsers for whoever comes: `as_("officer")` is a page of somebody who has logged in."""

    def __init__(self, house, browser):
        self.house, self.browser, self.pages = house, browser, []

    def as_(self, who="", lang="en", width=1280, scripts=True, factor_ago=None, password_ago=0):
        """A page of somebody's own browser; who: a role, a firm or an address, "" for somebody signed out."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, locale=lang, java_script_enabled=scripts,
                                           base_url=self.house.base, timezone_id="Asia/Shanghai", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        cookies = [{"name": "westlake_lang", "value": lang, "url": self.house.base}]
        if who:
            key = self.house.ask("session", email=self.house.email(who), factor_ago=factor_ago, password_ago=password_ago)
            cookies.append({"name": "westlake_session", "value": key, "url": self.house.base})
        context.add_cookies(cookies)
        page = context.new_page()
        page.said, page.far, page.meant = [], [], [422]
        page.on("console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((self.house.base, "data:", "blob:", "about:"))
                else page.far.append(request.url))
        self.pages.append(page)
        return page

    def leave(self):
        for page in self.pages:
            page.context.close()
        self.pages.clear()

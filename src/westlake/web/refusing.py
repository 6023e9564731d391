"""What the server itself refuses before any page is asked: told in the reader's language, with a code and a way out."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from django.http import HttpRequest
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from westlake.web import office, trouble
from westlake.web.api import problems
from westlake.web.persons import LANG_COOKIE
from westlake.words import LANGUAGES, say

PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {agency}</title><link rel="stylesheet" href="/static/westlake.css"></head>
<body><main id="main"><h1>{title}</h1><section class="card">{told}
<div class="row"><a class="button quiet" href="/">{home}</a></div></section></main></body></html>
"""


class Refusal(ErrorTask):
    """A request that the server does not take: one that is too large gets a page, or the interface's problem where that
    was asked; any other the server's own line."""

    def execute(self) -> None:
        """Answer, and hang up."""
        if self.request.error.code != 413:
            super().execute()
            return
        path = str(getattr(self.request, "path", ""))
        of_api = path.startswith("/api/")
        body = problem_of(path, self.request.headers) if of_api else too_large(self.request.headers).encode()
        self.status = "413 Request Entity Too Large"
        kind = problems.KIND if of_api else "text/html; charset=utf-8"
        self.response_headers += [("Content-Type", kind), ("Cache-Control", "no-store")]
        if "HX_REQUEST" in self.request.headers and not of_api:
            self.response_headers += [("HX-Retarget", "#problem"), ("HX-Reswap", "innerHTML")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    """A browser's connection."""

    error_task_class = Refusal


def problem_of(path: str, headers: Mapping[str, str]) -> bytes:
    """What the interface answers in its own form."""
    asked = HttpRequest()
    asked.path = path
    asked.lang = _language(headers)  # as our middleware would have it
    return problems.answer(asked, 413, [trouble.too_much()]).content


def too_large(headers: Mapping[str, str]) -> str:
    """The page, or for htmx its fragment. headers: as waitress names them, HX_REQUEST for HX-Request."""
    lang, problem = _language(headers), trouble.too_much()
    told = (f"<p><strong>{html.escape(problem.sentence(lang))}</strong> <code>{problem.code}</code></p>"
            f"<p>{html.escape(problem.way_out(lang))}</p>")
    if "HX_REQUEST" in headers:
        return f'<div class="summary">{told}</div>'
    return PAGE.format(lang=lang, title=html.escape(say("web.trouble.413", lang)), told=told,
                       home=html.escape(say("web.trouble.home", lang)), agency=html.escape(_agency()))


def _agency() -> str:
    return office.here().settings.agency


def _language(headers: Mapping[str, str]) -> str:
    """What was chosen by hand, else the browser's, else the workspace's: nobody has looked yet who asks."""
    chosen = re.search(rf"(?:^|;)\s*{LANG_COOKIE}=(\w+)", headers.get("COOKIE", ""))
    asked = [chosen[1] if chosen else "", *(part.split(";")[0].strip()[:2].lower()
                                            for part in headers.get("ACCEPT_LANGUAGE", "").split(","))]
    return next((lang for lang in asked if lang in LANGUAGES), office.here().settings.lang)

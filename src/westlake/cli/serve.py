"""`westlake serve`: the console in a browser, with the process that does its jobs beside it."""

from __future__ import annotations

import typer

from westlake.cli.place import here
from westlake.cli.speech import spoken_language, words_console
from westlake.web import hosting
from westlake.words import say

LANG = spoken_language()


def serve(
    host: str = typer.Option("127.0.0.1", envvar="WESTLAKE_HOST", help=say("cli.serve.host", LANG)),
    port: int = typer.Option(8000, min=0, max=65_535, envvar="WESTLAKE_PORT", help=say("cli.serve.port", LANG)),
    workers: int = typer.Option(8, min=1, max=64, help=say("cli.serve.workers", LANG)),
    check: bool = typer.Option(False, "--check", help=say("cli.serve.check", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Serve the workspace around the working folder until Ctrl-C."""
    folder, console = here().folder, words_console()

    def ready(url: str) -> None:
        console.print(say("cli.serve.ready", lang, url=url))
        if hosting.mail_is_printed():
            console.print(say("cli.serve.mail_here", lang), markup=False)

    if check:
        hosting.check(folder, host, port)
        console.print(say("cli.serve.answered", lang))
        return
    hosting.serve(folder, host, port, workers, ready)

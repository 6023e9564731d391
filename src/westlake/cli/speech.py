"""How commands speak: people's words on stderr or the terminal, one JSON value on stdout."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from rich.console import Console

from westlake.errors import Problem, WestlakeError
from westlake.words import LANGUAGES


def spoken_language() -> str:
    """The language asked for by --lang or WESTLAKE_LANG, or English."""
    return next((lang for lang in _asked_languages() if lang in LANGUAGES), "en")


def check_language() -> None:
    """W813 for a language that nobody here speaks."""
    for lang in _asked_languages():
        if lang and lang not in LANGUAGES:
            raise WestlakeError.one("W813", name=lang, known=", ".join(LANGUAGES))


def _asked_languages() -> list[str]:
    words = sys.argv[1:]
    asked = [after for word, after in pairwise(words) if word == "--lang"]
    asked += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    return [*asked, os.environ.get("WESTLAKE_LANG", "")]


def show_problems(problems: Iterable[Problem], lang: str) -> None:
    """Each problem on stderr: its place and sentence, its source line, its way out."""
    for problem in problems:
        print(problem.line(lang), file=sys.stderr)
        if problem.source_line:
            print(f"    {problem.source_line}", file=sys.stderr)
            print("    " + " " * max(problem.place.column - 1, 0) + "^", file=sys.stderr)
        print(f"  {problem.way_out(lang)}", file=sys.stderr)


def print_json(value: object) -> None:
    """One JSON value on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def words_console(quiet: bool = False) -> Console:
    """Where people's words go when stdout may carry data."""
    return Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)


@contextmanager
def stage(console: Console, words: str) -> Iterator[None]:
    """Say what is going on, and how long it took: a spinner on a terminal, plain lines elsewhere."""
    begun = time.monotonic()
    if console.is_terminal:
        with console.status(words):
            yield
    else:
        yield
    console.print(f"{words}  [dim]{time.monotonic() - begun:.1f} s[/dim]")

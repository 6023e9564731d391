"""Writes the generated pages anew: the executed article; commands, settings, programmes and errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import yaml

from westlake.cli import COMMANDS
from westlake.cli.place import programmes
from westlake.rules import load_programme
from westlake.rules.functions import FUNCTIONS
from westlake.words import catalogue, say
from westlake.workspace import Settings, env

ROOT = Path(__file__).parent.parent
BUILT_IN = {"min": "The smallest of its arguments, all of one kind.",
            "max": "The largest of its arguments, all of one kind.", "abs": "The amount without its sign."}
STATES = {"runs": "runs", "not_yet": "not yet", "not_software": "not a thing software does"}


def pages() -> dict[Path, str]:
    """Every generated page and its text."""
    return {ROOT / "docs" / "article.md": article(), ROOT / "docs" / "reference.md": reference()}


def facts() -> dict[str, dict[str, object]]:
    """The facts of tests/article/facts.yaml."""
    found: dict[str, dict[str, object]] = yaml.safe_load((ROOT / "tests" / "article" / "facts.yaml").read_text("utf-8"))
    return found


def article() -> str:
    """Each fact, what Westlake does about it, the tests that show it, and its state."""
    told = facts()
    counts = {name: sum(fact["state"] == state for fact in told.values()) for state, name in STATES.items()}
    lines = ["# The article, executed", "",
             "What a Korean press article of February 2025 says Hangzhou did, fact by fact, and what Westlake",
             "does about each. Paid under the regime `article`, which holds the article's own figures; decided and",
             "explained under `official`, which holds the rules as found. Written by `make docs` from",
             "`tests/article/facts.yaml`.", "",
             "**" + " · ".join(f"{count} {name}" for name, count in counts.items()) + "**", "",
             "| fact | it says | what Westlake does | state | tests |", "|---|---|---|---|---|"]
    for name, fact in told.items():
        tests = fact.get("tests") or []
        assert isinstance(tests, list)
        does = f"{fact['does']} _{fact['note']}_" if fact.get("note") else str(fact["does"])
        lines.append(f"| {name} | {fact['says']} | {does} | {STATES[str(fact['state'])]} | "
                     + ", ".join(f"`{test}`" for test in tests) + " |")
    return "\n".join(lines) + "\n"


def reference() -> str:
    """Commands, settings, programmes, functions of the rule language and error codes."""
    return "\n".join(["# Reference", "", "Written by `make docs` from the code.", "", *_commands(), *_settings(),
                      *_programmes(), *_functions(), *_errors()]) + "\n"


def _commands() -> Iterator[str]:
    yield from ("## Commands", "", "| command | what it does |", "|---|---|")
    for name in COMMANDS:
        yield f"| `westlake {name}` | {say(f'cli.{name}.help')} |"
    yield from ("", "Exit codes: 0 done; 1 the check answered \"no\"; 2 usage or configuration; 130 interrupted.", "")


def _settings() -> Iterator[str]:
    yield from ("## Settings (`westlake.toml`)", "", "| setting | default | overridden by |", "|---|---|---|")
    for name, value in vars(Settings()).items():
        yield f"| `{name}` | `{value}` | `{env(name)}` |"
    yield ""


def _programmes() -> Iterator[str]:
    yield from ("## Programmes", "")
    for name, folder in programmes(Path(__file__).parent.parent / "src" / "westlake" / "programmes").items():
        words = load_programme(folder).words
        yield f"- **{name}**: {words.title['en']}. {words.summary['en']}"
    yield ""


def _functions() -> Iterator[str]:
    yield from ("## Functions of the rule language", "", "| function | what it gives |", "|---|---|")
    for name, function in FUNCTIONS.items():
        named = ", ".join(inspect.signature(function.body).parameters) if function else "…"
        told = (inspect.getdoc(function.body) or "").splitlines()[0] if function else BUILT_IN[name]
        yield f"| `{name}({named})` | {told} |"
    yield ""


def _errors() -> Iterator[str]:
    yield from ("## Error codes", "", "`westlake explain CODE` says the same, in three languages.", "",
                "| code | it says | way out |", "|---|---|---|")
    codes = sorted(message.split(".")[1] for message in catalogue() if message.startswith("errors.W")
                   and message.endswith(".says"))
    for code in codes:
        texts = [catalogue()[f"errors.{code}.{part}"]["en"].replace("|", "\\|").replace("\n", " ")
                 for part in ("says", "way_out")]
        yield f"| {code} | {texts[0]} | {texts[1]} |"


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")

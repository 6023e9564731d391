"""`westlake explain`: one decision clause by clause, a settled line back to the bill's rows, or an error code."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import typer

from westlake.cli.place import find_programme
from westlake.cli.settled import explain_settled, write_page
from westlake.cli.speech import print_json, spoken_language
from westlake.errors import Place, WestlakeError, nearest
from westlake.rules import Decision, Programme, load_programme, read_case
from westlake.rules.difference import Difference, compare
from westlake.rules.examples import Example
from westlake.rules.remedies import Remedies, find_remedies
from westlake.words import catalogue, say

LANG = spoken_language()
CODE = re.compile(r"[Ww]\d{3,4}")


def explain(
    subject: str = typer.Argument(..., help=say("cli.explain.subject", LANG)),
    facts: list[str] = typer.Argument(None, metavar="NAME=VALUE…", help=say("cli.explain.facts", LANG)),
    given: Path = typer.Option(None, help=say("cli.explain.given", LANG)),
    example: int = typer.Option(0, help=say("cli.explain.example", LANG)),
    day: str = typer.Option("", help=say("cli.explain.day", LANG)),
    regime: str = typer.Option("official", envvar="WESTLAKE_REGIME", help=say("cli.settle.regime", LANG)),
    reform: Path = typer.Option(None, help=say("cli.explain.reform", LANG)),
    firm: str = typer.Option("", help=say("cli.explain.firm", LANG)),
    year: int = typer.Option(0, help=say("cli.settle.year", LANG)),
    line: int = typer.Option(0, help=say("cli.explain.line", LANG)),
    rows: bool = typer.Option(False, "--rows", help=say("cli.explain.rows", LANG)),
    html: Path = typer.Option(None, help=say("cli.explain.html", LANG)),
    as_json: bool = typer.Option(False, "--json", help=say("cli.json", LANG)),
    lang: str = typer.Option(LANG, "--lang", envvar="WESTLAKE_LANG", help=say("cli.lang", LANG)),
) -> None:
    """Explain a case, a settled line or a code."""
    if CODE.fullmatch(subject):
        explain_code(subject.upper(), as_json, lang)
        return
    if firm:
        explain_settled(find_programme(subject).name, firm, year, line, rows, html, as_json, lang)
        return
    folder = find_programme(subject)
    if not (facts or given or example):
        raise WestlakeError.one("W814")
    programme = load_programme(folder, regime=regime)
    case: dict[str, object] = {}
    when: str | int = day or dt.date.today().isoformat()
    if example:
        chosen = _example(programme.examples, example)
        case |= dict(chosen.rows[-1].given)
        when = day or chosen.rows[-1].day
        programme = load_programme(folder, regime=chosen.regime)
    case |= _read(given, programme) if given else {}
    case |= _pairs(facts or [])
    decision = programme.decide(case, when)
    after = load_programme(folder, regime=programme.regime, reform=reform).decide(case, when) if reform else None
    tell(decision, compare(decision, after) if after else None, html, as_json, lang)


def tell(decision: Decision, difference: Difference | None, html: Path | None, as_json: bool, lang: str) -> None:
    """A decision as text, JSON or a page, with what would make it eligible and what a reform changes."""
    remedies: Remedies = find_remedies(decision)
    if html:
        write_page(html, decision, remedies, difference, lang)
    if as_json:
        print_json({**decision.as_dict(lang), "remedies": remedies.as_dict(lang),
                    "difference": difference.as_dict(lang) if difference else None})
        return
    print(decision.text(lang))
    if remedies.failing:
        print(f"\n{say('cli.explain.eligible_if', lang)}")
        print("\n".join(f"  {sentence}" for sentence in remedies.lines(lang)))
    if difference:
        print(f"\n{say('cli.explain.with_reform', lang)}")
        print("\n".join(f"  {sentence}" for sentence in difference.lines(lang)))


def explain_code(code: str, as_json: bool, lang: str) -> None:
    """What an error code means and the way out."""
    known = sorted({message.split(".")[1] for message in catalogue() if message.startswith("errors.W")})
    if code not in known:
        raise WestlakeError.one("W807", suggestion=nearest(code, known), name=code)
    says, way_out = (catalogue()[f"errors.{code}.{part}"][lang] for part in ("says", "way_out"))
    if as_json:
        print_json({"code": code, "says": says, "way_out": way_out})
    else:
        print(f"{code}  {says}\n  {way_out}")


def _example(examples: tuple[Example, ...], number: int) -> Example:
    if not 1 <= number <= len(examples):
        raise WestlakeError.one("W808", number=number, last=len(examples))
    return examples[number - 1]


def _read(path: Path, programme: Programme) -> dict[str, object]:
    """The facts of a YAML file, every one once and kept as the text it is."""
    try:
        return dict(read_case(path, programme.inputs))
    except (OSError, UnicodeDecodeError) as error:
        raise WestlakeError.one("W809", Place(path.name)) from error


def _pairs(facts: list[str]) -> dict[str, object]:
    for fact in facts:
        if "=" not in fact:
            raise WestlakeError.one("W810", name=fact)
    return {name.strip(): value.strip() for name, _, value in (fact.partition("=") for fact in facts)}

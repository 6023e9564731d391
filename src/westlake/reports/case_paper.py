"""A case on paper for the auditor: what was stated, decided, done and paid, set as PDF beside the sealed file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from westlake.dates import day_of_month, month_of, year_of
from westlake.reports.letter import REGIONS, typeset
from westlake.words import say

ROWS_MAX = 400  # of each part; the sealed file has all
_NARROW, _WIDE = 6, 40  # characters between which a column's share of the page lies


@dataclass(frozen=True)
class Part:
    """A table of the case under its heading. columns: labels; figures: which of them are set to the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[bool] = ()


@dataclass(frozen=True)
class Paper:
    """A case in the reader's language. day: day number on which it is made; made: that instant in words; head: hash of
    the record's last act; facts: (label, text); reasons: (what was decided, its trace, line by line)."""

    lang: str
    agency: str
    number: str
    title: str
    day: int
    made: str
    head: str
    facts: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str]]
    parts: Sequence[Part]


def write_paper(paper: Paper) -> bytes:
    """The case as PDF (PDF/A-2a, PDF/UA-1); the same case on the same day has the same bytes.

    W955 without the typesetter, W956 where no font can print a sign, W957 for what cannot be set.
    """
    return typeset("case", _content(paper), paper.lang, paper.day)[0]


def _content(paper: Paper) -> dict[str, object]:
    lang = paper.lang
    return {
        "lang": lang, "region": REGIONS[lang], "agency": paper.agency, "number": paper.number,
        "title": _say("title", lang, case=paper.number), "about": paper.title, "lead": _say("paper_lead", lang),
        "date": [year_of(paper.day), month_of(paper.day), day_of_month(paper.day)],
        "facts": [list(pair) for pair in paper.facts], "facts_title": _say("facts", lang),
        "reasons_title": _say("decisions", lang), "reasons": [list(pair) for pair in paper.reasons],
        "nothing": _say("nothing", lang), "made": f"{_say('made', lang)} {paper.made}",
        "head": f"{_say('head', lang)} {paper.head[:32]}", "page": say("letters.page", lang),
        "parts": [_part(one, lang) for one in paper.parts]}


def _part(part: Part, lang: str) -> dict[str, object]:
    more = len(part.rows) - ROWS_MAX
    rows = [list(row) for row in part.rows[:ROWS_MAX]]
    widths = [min(max([len(label), *(len(row[at]) for row in rows), _NARROW]), _WIDE)
              for at, label in enumerate(part.columns)]
    figures = [*part.figures, *([False] * (len(part.columns) - len(part.figures)))]
    return {"title": part.title, "columns": list(part.columns), "rows": rows, "widths": widths, "figures": figures,
            "more": _say("paper_more", lang, number=f"{more:,}") if more > 0 else ""}


def _say(message: str, lang: str, **values: object) -> str:
    return say(f"desk_files.case_file.{message}", lang, **values)

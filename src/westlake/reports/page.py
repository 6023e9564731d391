"""The page of a report: shell, facts, cards, tables. Everything inside one file, nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from westlake.reports.charts import Spec, picture
from westlake.words import catalogue, say

_STYLE = Path(__file__).with_name("style.css")
Cell = str | tuple[str, str]  # a text, or a text with its kind: num, long, good, warn, bad
_SET = ("num", "long")  # kinds that say how a text is set; all others are tags


def page(title: str, place: str, body: Iterable[str], footer: Sequence[tuple[str, str]], lang: str) -> str:
    """A whole HTML document. place: whose report it is; footer: how it was made, name → text."""
    made = "".join(f"<dt>{escape(name)}</dt><dd><code>{escape(text)}</code></dd>" for name, text in footer)
    return (f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
            f"<style>\n{_STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n"
            f'<a class="skip" href="#main">{escape(say("reports.skip", lang))}</a>\n'
            f"<header><strong>Westlake</strong><span>{escape(place)}</span></header>\n"
            f'<main id="main">\n{"".join(body)}</main>\n<footer><dl>{made}</dl></footer>\n</body>\n</html>\n')


def lead(title: str, words: str, tags: Iterable[tuple[str, str]] = ()) -> str:
    """The heading of a report with a sentence under it; tags: (text, kind)."""
    marks = " ".join(f'<span class="tag {kind}">{escape(text)}</span>' for text, kind in tags)
    return f'<div class="lead"><h1>{escape(title)}</h1><p>{escape(words)}</p><div>{marks}</div></div>\n'


def facts(rows: Iterable[tuple[str, str, str]]) -> str:
    """A row of numbers: (what, number, small print)."""
    cells = "".join(f"<div><dt>{escape(what)}</dt><dd>{escape(number)}<small>{escape(small)}</small></dd></div>"
                    for what, number, small in rows)
    return f'<dl class="facts">{cells}</dl>\n'


def card(title: str, *parts: str, hint: str = "") -> str:
    """A titled box."""
    under = f'<p class="hint">{escape(hint)}</p>' if hint else ""
    return f'<section class="card"><h2>{escape(title)}</h2>{under}{"".join(parts)}</section>\n'


def pair(*cards: str) -> str:
    """Cards side by side where there is room."""
    return f'<div class="pair">{"".join(cards)}</div>\n'


def stack(*cards: str) -> str:
    """Cards one under another in one half of a pair."""
    return f'<div class="stack">{"".join(cards)}</div>\n'


def figure(spec: Spec, description: str, data: str, lang: str) -> str:
    """A chart with its table folded under it."""
    return (f"<figure>{picture(spec, description)}</figure>"
            f"<details><summary>{escape(say('reports.as_table', lang))}</summary>{data}</details>")


def table(header: Sequence[Cell], rows: Iterable[Sequence[Cell]], caption: str = "") -> str:
    """A table; a cell of kind `num` is set right, a `long` one keeps its width, other kinds become tags."""
    head = "".join(f'<th scope="col"{_align(cell)}>{escape(_text(cell))}</th>' if _text(cell) else "<td></td>"
                   for cell in header)
    body = "".join("<tr>" + "".join(f"<td{_align(cell)}>{_mark(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    label = caption or ", ".join(_text(cell) for cell in header if _text(cell))  # it is scrolled by keys, too
    return (f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>{above}'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def note(words: str) -> str:
    """A remark that must not be missed."""
    return f'<p class="note">{escape(words)}</p>\n'


def num(text: str) -> Cell:
    """A cell set right."""
    return text, "num"


def regime_words(name: str, lang: str) -> str:
    """What people call a regime; its own name where nobody gave it one."""
    known = f"reports.regime.{name}"
    return say(known, lang) if known in catalogue() else name


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def _align(cell: Cell) -> str:
    return f' class="{cell[1]}"' if isinstance(cell, tuple) and cell[1] in _SET else ""


def _mark(cell: Cell) -> str:
    if isinstance(cell, tuple) and cell[1] not in _SET:
        return f'<span class="tag {cell[1]}">{escape(cell[0])}</span>'
    return escape(_text(cell))

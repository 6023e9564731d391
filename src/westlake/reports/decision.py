"""One decision as a page: what was decided, each clause with its values and sources, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from westlake.dates import iso
from westlake.reports.page import card, facts, lead, page, regime_words
from westlake.rules import Decision, Step
from westlake.rules.difference import Difference
from westlake.rules.remedies import Remedies
from westlake.words import say


def write_decision(decision: Decision, remedies: Remedies, difference: Difference | None, lang: str) -> str:
    """The decision as one self-contained HTML text."""
    programme = decision.programme
    title = programme.words.title[lang]
    body = [
        lead(title, programme.words.summary[lang],
             [(iso(decision.day), ""), (regime_words(decision.regime, lang), "")]),
        facts([(programme.in_words(name, lang), decision.shown(name, lang), "") for name in decision.results]),
        card(say("reports.decision.why", lang), trace(decision.steps, lang))]
    if remedies.failing:
        body.append(card(say("reports.decision.remedies", lang), _list(remedies.lines(lang))))
    if difference:
        body.append(card(say("reports.decision.difference", lang), _list(difference.lines(lang))))
    made = [(say("reports.made.programme", lang), decision.digest)]
    return page(f"{title} {iso(decision.day)}", title, body, made, lang)


def trace(steps: Sequence[Step], lang: str) -> str:
    """Each step with what it was given and what it rests on."""
    items = []
    for step in steps:
        label = step.label.get(lang) or step.label["en"]
        said = step.sentence(lang)
        given = " · ".join(f"{argument.label.get(lang) or argument.label['en']}: {argument.shown(lang)}"
                           for argument in step.arguments)
        cited = [part.citation for part in (step, *step.arguments)]
        rests = dict.fromkeys(citation.sentence(lang) for citation in cited if citation)
        items.append(
            f'<li><span class="says"><span>{escape(label)}</span>'
            f'<span class="num">{escape(step.shown(lang))}</span></span>'
            + (f"<span>{escape(said)}</span>" if said else "") + f'<span class="hint">{escape(given)}</span>'
            + "".join(f"<code>{escape(text)}</code>" for text in rests) + "</li>")
    return f'<ol class="trace">{"".join(items)}</ol>'


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"

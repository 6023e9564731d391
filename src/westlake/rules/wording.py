"""words.yaml: what a programme and its rules are called, and what each test says when it passes or fails."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from string import Formatter

from westlake.rules.kinds import Kind
from westlake.rules.tree import Node, Sheet
from westlake.words import Text

NO_TEXT: Text = {"en": ""}


@dataclass(frozen=True)
class RuleWords:
    """A rule's label, its sentences for yes and no (tests only), its choices' names."""

    label: Text
    yes: Text | None = None
    no: Text | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Wording:
    """The programme's own texts."""

    title: Text = field(default_factory=lambda: NO_TEXT)
    summary: Text = field(default_factory=lambda: NO_TEXT)
    rules: Mapping[str, RuleWords] = field(default_factory=dict)


@dataclass(frozen=True)
class Worded:
    """What the words of one rule must cover: its kind, the names its sentences may hold, its choices."""

    kind: Kind
    places: Collection[str]
    choices: tuple[str, ...] = ()


def read_wording(sheet: Sheet, rules: Mapping[str, Worded], broken: Collection[str] = ()) -> Wording:
    """The texts of a words.yaml; faults are noted in the sheet's findings. broken: names that may have words."""
    top = sheet.mapping(sheet.root, ("title", "summary", "rules"), ("title", "summary", "rules"))
    texts = {name: sheet.words(top[name][1]) for name in ("title", "summary") if name in top}
    found: dict[str, RuleWords] = {}
    if "rules" in top:
        entries = sheet.mapping(top["rules"][1], [*rules, *broken], list(rules), code="W122")
        found = {name: _rule(sheet, node, rules[name]) for name, (_, node) in entries.items() if name in rules}
    return Wording(texts.get("title", NO_TEXT), texts.get("summary", NO_TEXT), found)


def _rule(sheet: Sheet, node: Node, rule: Worded) -> RuleWords:
    known = ["label"] + (["yes", "no"] if rule.kind is Kind.BOOL else []) + (["choices"] if rule.choices else [])
    entries = sheet.mapping(node, known, known)
    texts = {key: sheet.words(entries[key][1]) for key in ("label", "yes", "no") if key in entries}
    for key in ("yes", "no"):
        if key in texts:
            _check_places(sheet, entries[key][1], texts[key], rule.places)
    choices: dict[str, Text] = {}
    if "choices" in entries:
        named = sheet.mapping(entries["choices"][1], rule.choices, rule.choices)
        choices = {choice: sheet.words(value) for choice, (_, value) in named.items()}
    return RuleWords(texts.get("label", NO_TEXT), texts.get("yes"), texts.get("no"), choices)


def _check_places(sheet: Sheet, node: Node, text: Text, places: Collection[str]) -> None:
    """Every {name} in a sentence must be something the rule is given."""
    for lang, sentence in text.items():
        try:
            names = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
        except ValueError:
            sheet.fault("W123", node, language=lang, name=sentence, known=", ".join(places))
            continue
        for name in sorted(names - set(places)):
            sheet.fault("W123", node, language=lang, name=name, known=", ".join(places))

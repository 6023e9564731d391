"""YAML read so that every text keeps its place: no key twice, nothing guessed, no `on` turned into True."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import yaml

from westlake.errors import Findings, Place, nearest
from westlake.words import LANGUAGES, Text

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # base: every scalar stays the text it is
Node = yaml.Node


class Sheet:
    """One YAML file: its root node, and the reading of it with all problems collected."""

    def __init__(self, path: Path, shown: str, findings: Findings) -> None:
        self.shown, self.findings = shown, findings
        self.text, self.lines = "", []
        self.root: Node | None = None
        try:
            self.text = path.read_text("utf-8")
            self.lines = self.text.splitlines()
            self.root = yaml.compose(self.text, Loader=_Loader)
        except UnicodeDecodeError as error:
            self._add("W101", Place(shown), what=f"UTF-8: {error.reason}")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)
            self._add("W101", place, what=str(getattr(error, "problem", error)))

    def place(self, node: Node | None) -> Place:
        """Where a node begins; the file itself for none."""
        if node is None:
            return Place(self.shown, 1, 1)
        return Place(self.shown, node.start_mark.line + 1, node.start_mark.column + 1)

    def fault(self, code: str, node: Node | None, suggestion: str = "", **values: object) -> None:
        """Notes a problem at a node, with its source line."""
        self._add(code, self.place(node), suggestion, **values)

    def _add(self, code: str, place: Place, suggestion: str = "", **values: object) -> None:
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        self.findings.add(code, place, suggestion, line, **values)

    def broken_since(self, count: int) -> bool:
        """Has anything but a translation been found at fault since there were `count` problems?"""
        return any(problem.code not in ("W113", "W114") for problem in self.findings[count:])

    def mapping(self, node: Node | None, known: Collection[str] | None = None,
                needed: Collection[str] = (), code: str = "W103") -> dict[str, tuple[Node, Node]]:
        """The entries of a mapping, name → (key node, value node); repeated, unknown, missing keys noted."""
        if not isinstance(node, yaml.MappingNode):
            self.fault("W105", node, wanted="{key: …}")
            return {}
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            name = self.scalar(key)
            if name is None:
                continue
            if name in found:
                self.fault("W102", key, name=name, line=self.place(found[name][0]).line)
            elif known is not None and name not in known:
                self.fault(code, key, nearest(name, known), name=name, known=", ".join(known))
            else:
                found[name] = (key, value)
        for name in needed:
            if name not in found:
                self.fault("W104", node, name=name)
        return found

    def sequence(self, node: Node | None) -> list[Node]:
        """The items of a list; W105 for anything else."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.fault("W105", node, wanted="[…]")
        return []

    def scalar(self, node: Node | None) -> str | None:
        """The text of a plain value; W105 and None for anything else."""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.fault("W105", node, wanted="text")
        return None

    def one_of(self, node: Node, allowed: Collection[str], code: str, what: str) -> str | None:
        """A text that must be one of a few; otherwise the code with did-you-mean."""
        text = self.scalar(node)
        if text is None or text in allowed:
            return text
        self.fault(code, node, nearest(text, allowed), name=text, what=what, known=", ".join(allowed))
        return None

    def words(self, node: Node | None) -> Text:
        """A text in three languages: none missing, none merely copied from the English."""
        entries = self.mapping(node, LANGUAGES)
        texts: dict[str, str] = {}
        for lang, (_, value) in entries.items():
            text = self.scalar(value)
            if text is not None and text.strip():
                texts[lang] = text.strip()
        if not isinstance(node, yaml.MappingNode):
            return {"en": ""}
        for lang in LANGUAGES:
            if lang not in texts:
                self.fault("W113", node, language=lang)
            elif lang != "en" and copied(texts[lang], texts.get("en", "")):
                self.fault("W114", entries[lang][1], language=lang, text=texts[lang])
        return texts if "en" in texts else {**texts, "en": ""}


def copied(text: str, english: str) -> bool:
    """Is a translation only the English again? A lone name such as "SaaS" may be the same everywhere."""
    if text != english or not any(char.isalpha() for char in text):
        return False
    return " " in text or text.islower()

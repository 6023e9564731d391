"""sources.yaml: the texts a city's programmes rest on, and how sure each is."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.rules.tree import Sheet
from westlake.words import Text, say

KINDS = ("text", "mirror", "paraphrase", "article", "computed", "inference", "general")
CLASSES = {"A": "article", "P": "public", "C": "computed", "I": "inference", "K": "general"}


@dataclass(frozen=True)
class Source:
    """One source: an official text, a mirror of one, a paraphrase, …"""

    id: str
    title: Text
    kind: str
    publisher: str = ""
    date: str = ""


@dataclass(frozen=True)
class Citation:
    """What a rule or a value rests on: the source, the clause (or "unknown"), and its class A P C I K."""

    source: Source
    clause: str
    cls: str = ""

    @property
    def doubtful(self) -> bool:
        """Does it rest on an inference, on general knowledge or on a mirror only?"""
        return self.cls in ("I", "K") or self.source.kind in ("mirror", "inference", "general")

    def sentence(self, lang: str = "en") -> str:
        """`AI highland measures (P-ai25), article number unknown; mirror of an official text`. What is cited whole is
        named once."""
        clause = say("rules.clause.unknown", lang) if self.clause == "unknown" else self.clause
        title = self.source.title.get(lang) or self.source.title["en"]
        honesty = say(f"rules.source_kind.{self.source.kind}", lang)
        rests = f"; {say(f'rules.class.{self.cls}', lang)}" if self.cls in ("I", "K") else ""
        named = title if clause == self.source.id and clause in title else f"{title} ({self.source.id})"
        return f"{named}{'' if clause == self.source.id else f', {clause}'}; {honesty}{rests}"

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON's view: ids, titles and how sure."""
        return {"source": self.source.id, "title": self.source.title.get(lang) or self.source.title["en"],
                "publisher": self.source.publisher, "date": self.source.date, "kind": self.source.kind,
                "clause": self.clause, "class": self.cls, "says": self.sentence(lang)}


def read_sources(sheet: Sheet) -> dict[str, Source]:
    """The sources of a sources.yaml by id; faults are noted in the sheet's findings."""
    found: dict[str, Source] = {}
    for name, (_, node) in sheet.mapping(sheet.root).items():
        entries = sheet.mapping(node, ("title", "publisher", "date", "kind"), ("title", "kind"))
        if "title" not in entries or "kind" not in entries:
            continue
        kind = sheet.one_of(entries["kind"][1], KINDS, "W117", "kind") or "text"
        plain = {key: sheet.scalar(entries[key][1]) or "" for key in ("publisher", "date") if key in entries}
        found[name] = Source(name, sheet.words(entries["title"][1]), kind, **plain)
    return found

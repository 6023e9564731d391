"""Who is who among sellers: one house has many names, and a reseller bills for another house.

A sale is a marketplace sale when the seller is neither the house that issued the invoice nor one whose
services that house resells. Comparing the two names as texts would call every AWS row a marketplace sale.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from westlake.errors import Findings
from westlake.rules.tree import Node, Sheet

SHIPPED = Path(__file__).with_name("entities.yaml")
KEYS = ("names", "resells")


def folded(name: str) -> str:
    """A name without the accidents of writing: width, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True)
class Entities:
    """Houses by folded name, and for each house those whose services it may resell."""

    names: Mapping[str, str]
    resells: Mapping[str, frozenset[str]]

    def of(self, name: str | None) -> str:
        """The house a name belongs to; an unknown name is a house of its own; '' for no name."""
        if not name:
            return ""
        plain = folded(name)
        return self.names.get(plain, plain)

    def is_marketplace(self, seller: str | None, issuer: str | None) -> bool:
        """Is this sold by a third party? Rows without a seller are the issuer's own."""
        sold, issued = self.of(seller), self.of(issuer)
        return bool(sold) and sold != issued and sold not in self.resells.get(issued, frozenset())

    def with_more(self, more: Entities) -> Entities:
        """These houses and more; a later word on a name holds."""
        houses = {*self.resells, *more.resells}
        return Entities({**self.names, **more.names},
                        {house: self.resells.get(house, frozenset()) | more.resells.get(house, frozenset())
                         for house in houses})


@functools.cache
def shipped() -> Entities:
    """The houses that come with Westlake (`entities.yaml`)."""
    findings = Findings()
    sheet = Sheet(SHIPPED, SHIPPED.name, findings)
    found = read_entities(sheet, sheet.root)
    findings.stop()
    return found


def read_entities(sheet: Sheet, node: Node | None) -> Entities:
    """Houses of a YAML mapping `house: {names: […], resells: […]}`."""
    names: dict[str, str] = {}
    resells: dict[str, frozenset[str]] = {}
    for house, (_, value) in sheet.mapping(node).items():
        inner = sheet.mapping(value, KEYS, code="W340")
        names[folded(house)] = house
        for item in sheet.sequence(inner["names"][1]) if "names" in inner else ():
            names[folded(sheet.scalar(item) or "")] = house
        listed = sheet.sequence(inner["resells"][1]) if "resells" in inner else []
        resells[house] = frozenset(sheet.scalar(item) or "" for item in listed)
    return Entities(names, resells)

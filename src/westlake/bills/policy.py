"""What spend a programme counts: its spend.yaml, read with a place for every mistake.

    basis: billed               # billed: what is owed in cash; effective: what was used, spread over commitments
    classes:                    # the first that fits gives the row its spend class; none fits: SERVICE
      - {class: domestic, provider: [alibaba-cloud], category: [Compute, AI and Machine Learning]}
      - {class: other, category: [Compute], service: ["*GPU*"], subcategory: [Virtual Machines], region: ["cn-*"]}
    support: ["*Support*"]      # services that are support, never counted
    adjustments: ["*rounding*"] # descriptions of adjustments that count; other charges so made do not
    regions: ["cn-*"]           # where usage must run; left out: anywhere
    regionless: yes             # does usage without a region count?
    fx: charge_month_end        # or charge_month_start: the day whose rate is used
    vat: excluded               # or included: does VAT inside the price count?
    credits_without_usage: other  # the class that bears a credit which no usage of its invoice can carry
    entities: {heron-cloud: {names: [Heron Cloud], resells: [aws]}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from westlake.bills.entities import Entities, read_entities, shipped
from westlake.digest import fingerprint
from westlake.errors import Findings
from westlake.rules.tree import Node, Sheet

KEYS = ("basis", "classes", "support", "adjustments", "regions", "regionless", "fx", "vat", "credits_without_usage",
        "entities")
TESTS = ("provider", "category", "subcategory", "service", "region")
CHOICES = {"basis": ("billed", "effective"), "fx": ("charge_month_end", "charge_month_start"),
           "vat": ("excluded", "included"), "regionless": ("yes", "no")}


def fits(text: str | None, patterns: tuple[str, ...]) -> bool:
    """Does a text match one of these patterns (`*` stands for anything), whatever its case?"""
    return text is not None and any(fnmatchcase(text.casefold(), pattern.casefold()) for pattern in patterns)


@dataclass(frozen=True)
class SpendClass:
    """A class of spend and what a row must be to belong to it; an empty test asks nothing."""

    name: str
    tests: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SpendPolicy:
    """Which rows of a bill a programme counts, and as what; see this module's opening."""

    classes: tuple[SpendClass, ...]
    basis: str = "billed"
    support: tuple[str, ...] = ()
    adjustments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    regionless: bool = True
    fx: str = "charge_month_end"
    vat_included: bool = False
    credits_without_usage: str = ""
    entities: Entities = field(default_factory=shipped)

    def digest(self) -> str:
        """The fingerprint of the policy: the version that every ruling is made under."""
        return fingerprint([
            [[one.name, {test: list(asked) for test, asked in one.tests.items()}] for one in self.classes], self.basis,
            self.support, self.adjustments, self.regions, self.regionless, self.fx, self.vat_included,
            self.credits_without_usage, dict(self.entities.names),
            {house: sorted(sold) for house, sold in self.entities.resells.items()}])


def read_spend(path: Path) -> SpendPolicy:
    """The spend policy of a programme; raises all that is wrong in it together (W340, W341)."""
    findings = Findings()
    sheet = Sheet(path, path.name, findings)
    findings.stop()
    top = {name: node for name, (_, node) in sheet.mapping(sheet.root, KEYS, ("classes",), "W340").items()}
    chosen = {name: sheet.one_of(top[name], allowed, "W341", name) if name in top else allowed[0]
              for name, allowed in CHOICES.items()}
    classes = tuple(_class(sheet, item) for item in (sheet.sequence(top["classes"]) if "classes" in top else []))
    bearing = sheet.one_of(top["credits_without_usage"], [one.name for one in classes], "W341",
                           "credits_without_usage") if "credits_without_usage" in top else None
    houses = shipped().with_more(read_entities(sheet, top["entities"])) if "entities" in top else shipped()
    policy = SpendPolicy(
        classes=classes, basis=chosen["basis"] or "", support=_texts(sheet, top.get("support")),
        adjustments=_texts(sheet, top.get("adjustments")), regions=_texts(sheet, top.get("regions")),
        regionless=chosen["regionless"] == "yes", fx=chosen["fx"] or "", vat_included=chosen["vat"] == "included",
        credits_without_usage=bearing or (classes[0].name if classes else ""), entities=houses)
    findings.stop()
    return policy


def _texts(sheet: Sheet, node: Node | None) -> tuple[str, ...]:
    return tuple(sheet.scalar(item) or "" for item in sheet.sequence(node)) if node is not None else ()


def _class(sheet: Sheet, node: Node) -> SpendClass:
    inner = {name: value for name, (_, value) in sheet.mapping(node, ("class", *TESTS), ("class",), "W340").items()}
    return SpendClass((sheet.scalar(inner["class"]) or "") if "class" in inner else "",
                      {test: _texts(sheet, inner[test]) for test in TESTS if test in inner})

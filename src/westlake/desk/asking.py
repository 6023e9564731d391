"""What an applicant is asked beside the plain questions of the form: texts for the reviewers, questions of one route.

A text is read by people and by no rule: it is no input. A question that belongs to some routes only, such as the loan
of an interest subsidy, is asked of nobody else, and the rules are given what the programme says it then is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from westlake.errors import Place, Problem
from westlake.rules import Kind, Programme
from westlake.rules.tree import Node, Sheet
from westlake.words import Text

SECTION_MOST = 20_000  # characters that a programme may grant to one section
OWN = ("title", "asked_amount")  # answers that every application has already
_SECTION = ("most", "words", "hint")
_ROUTE = ("input", "is", "otherwise")


@dataclass(frozen=True)
class Section:
    """A part of the proposal that is written in sentences. most: characters; hint: what to write, if it is said."""

    name: str
    most: int
    words: Text
    hint: Text = field(default_factory=dict)

    def problem(self, text: str) -> Problem | None:
        """W1140 for a text that is too long; one that is not there yet is no fault of its own."""
        over = len(text.strip()) - self.most
        if over <= 0:
            return None
        return Problem("W1140", Place(field=self.name), {
            "name": self.words, "given": f"{self.most + over:,}", "most": f"{self.most:,}", "over": f"{over:,}"})


@dataclass(frozen=True)
class Route:
    """A question is asked where the answer `input` is one of `choices`; elsewhere it is taken to be `otherwise`."""

    input: str
    choices: tuple[str, ...]
    otherwise: str

    def takes(self, chosen: str) -> bool:
        """Whether the question belongs to a route; while none is chosen it waits."""
        return chosen.strip() in self.choices


def is_asked(routes: Mapping[str, Route], name: str, written: Mapping[str, str]) -> bool:
    """Whether an input is asked of somebody who has written this so far."""
    route = routes.get(name)
    return route is None or route.takes(written.get(route.input, ""))


def read_sections(sheet: Sheet, node: Node, programme: Programme) -> tuple[Section, ...]:
    """`summary: {most: "1200", words: {…}, hint: {…}}`; W1141 for a name that is an answer already."""
    found = []
    for name, (key, entry) in sheet.mapping(node).items():
        parts = sheet.mapping(entry, _SECTION, ("most", "words"))
        if name in programme.inputs or name in OWN:
            sheet.fault("W1141", key, name=name)
        if not parts.keys() >= {"most", "words"}:
            continue
        most = sheet.scalar(parts["most"][1]) or ""
        if not most.isdecimal() or not 1 <= int(most) <= SECTION_MOST:
            sheet.fault("W105", parts["most"][1], wanted=f"1 … {SECTION_MOST}")
            continue
        found.append(Section(name, int(most), sheet.words(parts["words"][1]),
                             sheet.words(parts["hint"][1]) if "hint" in parts else {}))
    return tuple(found)


def read_routes(sheet: Sheet, node: Node, programme: Programme) -> dict[str, Route]:
    """`loan: {input: benefit, is: [interest], otherwise: "0.00"}`; the input is a choice that the form asks."""
    found, inputs = {}, programme.inputs
    choosing = [name for name, item in inputs.items() if item.kind is Kind.CHOICE and item.origin == "form"]
    for name, (key, entry) in sheet.mapping(node).items():
        parts = sheet.mapping(entry, _ROUTE, _ROUTE)
        if name not in inputs or name in choosing:
            sheet.fault("W908", key, name=name, what="asked_when", known=", ".join(
                one for one in inputs if one not in choosing))
            continue
        if not parts.keys() >= set(_ROUTE):
            continue
        chosen = sheet.one_of(parts["input"][1], tuple(choosing), "W908", "input") or ""
        known = inputs[chosen].choices if chosen else ()
        choices = tuple(one for item in sheet.sequence(parts["is"][1])
                        if (one := sheet.one_of(item, known, "W908", "is")) is not None)
        otherwise = sheet.scalar(parts["otherwise"][1]) or ""
        try:
            inputs[name].read(otherwise, programme.currency)
        except (ValueError, IndexError):
            sheet.fault("W105", parts["otherwise"][1], wanted=inputs[name].kind.value)
        found[name] = Route(chosen, choices, otherwise)
    return found

"""One decision and its reasons: every clause used, every value it rested on, and how sure each text is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from westlake.dates import iso
from westlake.rules.kinds import Kind, write
from westlake.rules.plan import Plan
from westlake.rules.sources import Citation
from westlake.words import Text, say

if TYPE_CHECKING:  # a programme makes decisions; at run time a decision only keeps hold of its programme
    from westlake.rules.programme import Programme


@dataclass(frozen=True)
class Argument:
    """One thing that a rule was given. `origin`: input, day, value, rule or group."""

    name: str
    label: Text
    origin: str
    kind: Kind
    number: int
    text: str
    citation: Citation | None = None
    in_force: int | None = None


@dataclass(frozen=True)
class Step:
    """One rule or group as it was decided. A group has no citation: it only adds up."""

    name: str
    label: Text
    origin: str
    kind: Kind
    number: int
    text: str
    doc: str
    citation: Citation | None
    arguments: tuple[Argument, ...]
    says: Text | None = None


class Decision:
    """What a programme's rules say of one case on one day.

    values: rule or group → number (truth for a test). inputs: input → number. steps, sentence, text and
    as_dict are worked out when asked for.
    """

    __slots__ = ("__dict__", "day", "given", "numbers", "plan", "programme")

    def __init__(self, programme: Programme, plan: Plan, day: int, given: tuple[int, ...],
                 numbers: tuple[int, ...]) -> None:
        self.programme, self.plan, self.day, self.given, self.numbers = programme, plan, day, given, numbers

    @property
    def digest(self) -> str:
        """The fingerprint of the programme that decided."""
        return self.programme.digest

    @property
    def regime(self) -> str:
        """The regime it was decided under."""
        return self.programme.regime

    @cached_property
    def values(self) -> dict[str, int]:
        """The answer of every rule and group, by name, in the order decided."""
        return dict(zip(self.plan.names, self.numbers, strict=True))

    @cached_property
    def inputs(self) -> dict[str, int]:
        """The number of every input that was used."""
        return {item.name: number for item, number in zip(self.plan.inputs, self.given, strict=True)}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every rule and group in the order decided, with what it was given and what it rests on."""
        return tuple(self._step(name) for name in self.plan.names)

    def step(self, name: str) -> Step:
        """The step of one rule or group."""
        return self.steps[self.plan.names.index(name)]

    @property
    def results(self) -> tuple[str, ...]:
        """The rules that no other rule takes: what the programme is for."""
        graph = self.programme.graph
        taken = {need for name in self.plan.names for need in graph.needs(name)}
        return tuple(name for name in self.plan.rules() if name not in taken)

    def _step(self, name: str) -> Step:
        number, graph = self.values[name], self.programme.graph
        node = graph.nodes[name]
        text = self.programme.write(name, number)
        label = self.programme.label(name)
        if name in graph.groups:
            arguments = tuple(self._argument(need) for need in graph.needs(name))
            return Step(name, label, "group", node.kind, number, text, "", None, arguments)
        variant = self.plan.variant(name)
        citation = Citation(self.programme.sources[variant.source], variant.clause)
        arguments = tuple(self._argument(argument.name) for argument in variant.arguments)
        words = self.programme.words.rules.get(name)
        says = (words.yes if number else words.no) if words and node.kind is Kind.BOOL else None
        return Step(name, label, "rule", node.kind, number, text, variant.doc, citation, arguments, says)

    def _argument(self, name: str) -> Argument:
        programme = self.programme
        graph, kind, label = programme.graph, programme.graph.nodes[name].kind, programme.label(name)
        if name in self.plan.values:
            entry = self.plan.values[name]
            at = self._picked(name) if entry.choices else 0
            number = entry.numbers[at or 0]
            text = programme.write(name, number) if at is not None else ", ".join(
                f"{choice} {programme.write(name, n)}" for choice, n in entry.by_choice.items())
            return Argument(name, label, "value", kind, number, text, entry.citation, entry.in_force)
        if name == "day":
            return Argument(name, label, "day", kind, self.day, iso(self.day))
        origin = "group" if name in graph.groups else "rule" if name in graph.rules else "input"
        number = self.inputs[name] if origin == "input" else self.values[name]
        return Argument(name, label, origin, kind, number, programme.write(name, number))

    def _picked(self, name: str) -> int | None:
        """Which column of a table the case falls in; None when the case does not say."""
        by = self.programme.values[name].by
        return self.inputs.get(by, self.values.get(by))

    def sentence(self, lang: str = "en") -> str:
        """The decision in a few sentences: the results, then what each test found."""
        title = self.programme.words.title.get(lang) or self.programme.words.title["en"]
        results = say("rules.list_comma", lang).join(
            say("rules.result", lang, label=self._label(self.step(name), lang), value=self.shown(name, lang))
            for name in self.results)
        reasons = [step.says for step in self.steps if step.says]
        said = [self.fill(says, step, lang) for says, step in
                zip(reasons, [step for step in self.steps if step.says], strict=True)]
        return say("rules.sentence", lang, title=title, day=iso(self.day), results=results) + "".join(
            say("rules.then", lang, sentence=sentence) for sentence in said)

    def _label(self, step: Step, lang: str) -> str:
        return step.label.get(lang) or step.label["en"]

    def fill(self, text: Text, step: Step, lang: str) -> str:
        """A test's own sentence with what it was given put in."""
        places: dict[str, str] = {argument.name: self.shown(argument.name, lang) for argument in step.arguments}
        places[step.name] = self.shown(step.name, lang)
        return (text.get(lang) or text["en"]).format_map(places)

    def shown(self, name: str, lang: str = "en") -> str:
        """A number of this decision as a person reads it."""
        if name in self.values:
            number = self.values[name]
        elif name in self.inputs:
            number = self.inputs[name]
        else:
            number = self._argument(name).number
        return self.programme.show(name, number, lang)

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON's view, whole: results, inputs, steps with their citations, and the sentence."""
        return {
            "programme": self.programme.name, "regime": self.regime, "digest": self.digest, "day": iso(self.day),
            "currency": self.programme.currency, "sentence": self.sentence(lang), "results": list(self.results),
            "inputs": {name: _plain(self.programme, name, number, lang) for name, number in self.inputs.items()},
            "values": {name: _plain(self.programme, name, number, lang) for name, number in self.values.items()},
            "steps": [self._step_dict(step, lang) for step in self.steps],
        }

    def _step_dict(self, step: Step, lang: str) -> dict[str, object]:
        return {
            "name": step.name, "label": self._label(step, lang), "origin": step.origin, "kind": step.kind.value,
            "number": int(step.number), "text": step.text,
            "says": self.fill(step.says, step, lang) if step.says else None,
            "citation": step.citation.as_dict(lang) if step.citation else None,
            "arguments": [_argument_dict(self, argument, lang) for argument in step.arguments],
        }


def _plain(programme: Programme, name: str, number: int, lang: str) -> Mapping[str, object]:
    return {"number": int(number), "text": programme.write(name, number), "shown": programme.show(name, number, lang)}


def _argument_dict(decision: Decision, argument: Argument, lang: str) -> dict[str, object]:
    return {
        "name": argument.name, "label": argument.label.get(lang) or argument.label["en"],
        "origin": argument.origin, "kind": argument.kind.value, "number": int(argument.number), "text": argument.text,
        "in_force": iso(argument.in_force) if argument.in_force is not None else None,
        "citation": argument.citation.as_dict(lang) if argument.citation else None,
    }

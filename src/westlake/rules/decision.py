"""One decision and its reasons: every clause used, every value it rested on, and how sure each text is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from westlake.dates import iso
from westlake.rules.plan import Plan
from westlake.rules.trace import Argument, Step
from westlake.words import Text, say

if TYPE_CHECKING:  # a programme makes decisions; at run time a decision only keeps hold of its programme
    from westlake.rules.programme import Programme


class Decision:
    """What a programme's rules say of one case on one day.

    values: rule or group → number (truth for a test). inputs: input → number. These, the steps and every
    text are worked out when asked for.
    """

    __slots__ = ("__dict__", "day", "given", "keys", "numbers", "plan", "programme")

    def __init__(self, programme: Programme, plan: Plan, day: int, given: tuple[int, ...],
                 numbers: tuple[int, ...], keys: Mapping[str, str]) -> None:
        self.programme, self.plan, self.day, self.given, self.numbers = programme, plan, day, given, numbers
        self.keys = keys  # the texts that opaque keys were given as, by input

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
        return self.programme.trace(self.plan).tell(self.day, self.given, self.numbers, self.keys)

    def step(self, name: str) -> Step:
        """The step of one rule or group."""
        return self.steps[self.plan.names.index(name)]

    @property
    def results(self) -> tuple[str, ...]:
        """The rules that no other rule takes: what the programme is for."""
        graph = self.programme.graph
        taken = {argument.name for step in self.steps for argument in step.arguments}
        return tuple(name for name in self.plan.names if name in graph.rules and name not in taken)

    # words ---------------------------------------------------------------------------------------

    def shown(self, name: str, lang: str = "en") -> str:
        """An answer or an input of this decision as a person reads it."""
        if name in self.keys:
            return self.keys[name]
        number = self.values[name] if name in self.values else self.inputs[name]
        return self.programme.show(name, number, lang)

    def sentence(self, lang: str = "en") -> str:
        """The decision in a few sentences: the results, then what each test found."""
        title = _in(self.programme.words.title, lang)
        return say("rules.sentence", lang, title=title, day=iso(self.day), results=self.told(lang)) + "".join(
            say("rules.then", lang, sentence=step.sentence(lang)) for step in self.steps if step.says)

    def told(self, lang: str = "en") -> str:
        """The results alone: `Claim ¥1,300.26`."""
        return say("rules.list_comma", lang).join(
            say("rules.result", lang, label=self.programme.in_words(name, lang), value=self.shown(name, lang))
            for name in self.results)

    def text(self, lang: str = "en") -> str:
        """The whole decision as plain lines: each step, what it was given, what it rests on."""
        lines = [self.sentence(lang), ""]
        for step in self.steps:
            rests = f"  [{step.citation.sentence(lang)}]" if step.citation else ""
            lines.append(f"{_in(step.label, lang)}: {step.shown(lang)}{rests}")
            for argument in step.arguments:
                rests = f"  [{_since(argument, lang)}{argument.citation.sentence(lang)}]" if (
                    argument.origin == "value" and argument.citation) else ""
                lines.append(f"    {_in(argument.label, lang)}: {argument.shown(lang)}{rests}")
        return "\n".join(lines)

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON's view, whole: results, inputs, steps with their citations, and the sentence."""
        programme = self.programme
        return {
            "programme": programme.name, "title": _in(programme.words.title, lang), "regime": self.regime,
            "digest": self.digest, "day": iso(self.day), "currency": programme.currency,
            "sentence": self.sentence(lang), "results": list(self.results),
            "inputs": {name: self._plain(name, number, lang) for name, number in self.inputs.items()},
            "values": {name: self._plain(name, number, lang) for name, number in self.values.items()},
            "steps": [_step_dict(step, lang) for step in self.steps],
        }

    def _plain(self, name: str, number: int, lang: str) -> dict[str, object]:
        return {"label": self.programme.in_words(name, lang), "number": int(number),
                "text": self.keys.get(name) or self.programme.write(name, number), "shown": self.shown(name, lang)}


def _in(text: Text, lang: str) -> str:
    return text.get(lang) or text["en"]


def _since(argument: Argument, lang: str) -> str:
    assert argument.in_force is not None
    return say("rules.since", lang, day=iso(argument.in_force))


def _argument_dict(argument: Argument, lang: str) -> dict[str, object]:
    return {
        "name": argument.name, "label": _in(argument.label, lang), "origin": argument.origin,
        "kind": argument.kind.value, "number": int(argument.number), "text": argument.text,
        "shown": argument.shown(lang), "in_force": iso(argument.in_force) if argument.in_force is not None else None,
        "citation": argument.citation.as_dict(lang) if argument.citation else None,
    }


def _step_dict(step: Step, lang: str) -> dict[str, object]:
    return {**_argument_dict(step, lang), "doc": step.doc, "says": step.sentence(lang) or None,
            "arguments": [_argument_dict(argument, lang) for argument in step.arguments]}

"""The reasons of a decision: each rule with what it was given, and the text that each of these rests on.

What does not differ from case to case is worked out once for a plan, so that one explained decision
costs microseconds and a batch of letters seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from westlake.rules.kinds import Kind
from westlake.rules.plan import Plan
from westlake.rules.sources import Citation
from westlake.words import Text

if TYPE_CHECKING:  # a programme makes traces; at run time a trace only keeps hold of its programme
    from westlake.rules.programme import Programme


@dataclass(frozen=True)
class Part:
    """What is known of a name before any case: its label, origin, kind, citation and day of force."""

    programme: Programme
    name: str
    label: Text
    origin: str  # input | day | value | rule | group
    kind: Kind
    citation: Citation | None = None
    in_force: int | None = None
    doc: str = ""
    yes: Text | None = None
    no: Text | None = None


class Argument:
    """One thing that a rule was given: its part, and its number in this case."""

    __slots__ = ("number", "part")

    def __init__(self, part: Part, number: int) -> None:
        self.part, self.number = part, number

    @property
    def name(self) -> str:
        return self.part.name

    @property
    def label(self) -> Text:
        return self.part.label

    @property
    def origin(self) -> str:
        """input, day, value, rule or group."""
        return self.part.origin

    @property
    def kind(self) -> Kind:
        return self.part.kind

    @property
    def citation(self) -> Citation | None:
        """What a rule or a value rests on; None for inputs, the day and groups."""
        return self.part.citation

    @property
    def in_force(self) -> int | None:
        """The day from which a value has this number."""
        return self.part.in_force

    @property
    def text(self) -> str:
        """The number as plain text, the same in every language."""
        return self.part.programme.write(self.part.name, self.number)

    def shown(self, lang: str = "en") -> str:
        """The number as a person reads it."""
        return self.part.programme.show(self.part.name, self.number, lang)


class Key(Argument):
    """An opaque key that was given as a text: shown as it was given."""

    __slots__ = ("given",)

    def __init__(self, part: Part, number: int, given: str) -> None:
        self.part, self.number, self.given = part, number, given

    @property
    def text(self) -> str:
        return self.given

    def shown(self, lang: str = "en") -> str:
        return self.given


class Step(Argument):
    """One rule or group as it was decided, and what it was given. A group has no citation: it adds up."""

    __slots__ = ("arguments",)

    def __init__(self, part: Part, number: int, arguments: tuple[Argument, ...]) -> None:
        self.part, self.number, self.arguments = part, number, arguments

    @property
    def doc(self) -> str:
        """What rules.py says of the rule."""
        return self.part.doc

    @property
    def says(self) -> Text | None:
        """A test's own sentence for its answer, places unfilled."""
        return self.part.yes if self.number else self.part.no

    def sentence(self, lang: str = "en") -> str:
        """A test's own sentence with its numbers put in; empty for what is no test."""
        says = self.says
        if says is None:
            return ""
        places = {argument.name: argument.shown(lang) for argument in self.arguments}
        places[self.name] = self.shown(lang)
        return (says.get(lang) or says["en"]).format_map(places)


# where a number is found: in (answers, inputs, day, constants) laid end to end; a table also names its column
Spot = tuple[Part, int, int | None]


class Trace:
    """A plan's steps without their numbers."""

    def __init__(self, programme: Programme, plan: Plan) -> None:
        self.programme, self.plan = programme, plan
        order = [*plan.names, *(item.name for item in plan.inputs), "day"]
        self.at = {name: index for index, name in enumerate(order)}
        self.constants: list[int] = []
        self.tables: dict[str, tuple[int, ...]] = {}
        self.parts = {name: self._part(name) for name in (*order, *plan.values)}
        self.steps = [(self.parts[name], self.at[name], tuple(self._spot(need) for need in self._needs(name)))
                      for name in plan.names]

    def tell(self, day: int, given: tuple[int, ...], numbers: tuple[int, ...],
             keys: Mapping[str, str]) -> tuple[Step, ...]:
        """The steps of one case; `keys` are the texts that opaque keys were given as, by input."""
        pool = (*numbers, *given, day, *self.constants)
        found = []
        for part, at, spots in self.steps:
            arguments = [Argument(about, pool[where] if column is None else self.tables[about.name][pool[column]])
                         for about, where, column in spots]
            if keys:
                arguments = [Key(argument.part, argument.number, keys[argument.name]) if argument.name in keys
                             else argument for argument in arguments]
            found.append(Step(part, pool[at], tuple(arguments)))
        return tuple(found)

    def _needs(self, name: str) -> tuple[str, ...]:
        if name in self.plan.variants:
            return tuple(argument.name for argument in self.plan.variant(name).arguments)
        return self.programme.graph.needs(name)

    def _spot(self, name: str) -> Spot:
        """A value's constant is laid behind the rest; a table's column is its choice, where the case says it."""
        if name not in self.plan.values:
            return self.parts[name], self.at[name], None
        entry = self.plan.values[name]
        column = self.at.get(self.programme.values[name].by)
        if entry.choices and column is not None:
            self.tables[name] = entry.numbers
            return self.parts[name], 0, column
        self.constants.append(entry.numbers[0])
        return self.parts[name], len(self.at) + len(self.constants) - 1, None

    def _part(self, name: str) -> Part:
        programme, plan = self.programme, self.plan
        label, kind = programme.label(name), programme.graph.nodes[name].kind
        if name in plan.variants:
            variant = plan.variant(name)
            words = programme.words.rules[name]
            rests = Citation(programme.sources[variant.source], variant.clause)
            return Part(programme, name, label, "rule", kind, rests, doc=variant.doc, yes=words.yes, no=words.no)
        if name in plan.values:
            entry = plan.values[name]
            return Part(programme, name, label, "value", kind, entry.citation, entry.in_force)
        origin = "day" if name == "day" else "group" if name in programme.graph.groups else "input"
        return Part(programme, name, label, origin, kind)

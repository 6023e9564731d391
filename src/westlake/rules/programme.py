"""A programme as it stands under a regime: it decides one case with its reasons, or a million rows at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from westlake.errors import Place, WestlakeError, nearest
from westlake.money import SIGNS
from westlake.rules import graph as graphs
from westlake.rules.decision import Decision
from westlake.rules.examples import Example
from westlake.rules.form import DAY, Form, Input
from westlake.rules.grammar import Written
from westlake.rules.graph import Graph
from westlake.rules.kinds import Kind, write
from westlake.rules.plan import Law, Plan, make_plan
from westlake.rules.rows import Case, decide_rows, read_day, take
from westlake.rules.sources import Source
from westlake.rules.trace import Trace
from westlake.rules.values import Dated, Value
from westlake.rules.wording import Wording
from westlake.words import Text, say

if TYPE_CHECKING:  # numpy is loaded only by those who run columns
    import numpy as np


@dataclass
class Programme:
    """One programme's rules, values, inputs and words; made by `load_programme`."""

    name: str
    folder: Path
    regime: str
    digest: str
    form: Form
    values: Mapping[str, Value]
    words: Wording
    sources: Mapping[str, Source]
    examples: tuple[Example, ...]
    written: Written
    graph: Graph
    law: Law
    prepared: dict[tuple[str, ...], Any] = field(default_factory=dict)  # kernels by outputs; see columns.py
    _plans: dict[int, Plan] = field(default_factory=dict)
    _traces: dict[int, Trace] = field(default_factory=dict)  # by the plan's identity: plans live as long

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Every declared input by name."""
        return self.form.inputs

    @property
    def currency(self) -> str:
        """The currency of the programme's money."""
        return self.form.currency

    @cached_property
    def changes(self) -> tuple[int, ...]:
        """The days on which a value or a rule becomes another, in order."""
        days = graphs.changes(self.graph)
        for value in self.values.values():
            days |= value.changes()
        return tuple(sorted(days))

    def value_on(self, name: str, day: int | str) -> Dated:
        """The entry of a value in force on a day; W107 or W108 when there is none, W012 for no such value."""
        if name not in self.values:
            raise WestlakeError.one("W012", suggestion=nearest(name, self.values), name=name, rule="value_on")
        number = read_day(day)
        entry = self.values[name].on(number)
        if entry is None:
            raise WestlakeError([self.values[name].lapse(number)])
        return entry

    def plan(self, day: int) -> Plan:
        """What is in force on a day; the same plan for all days between two changes."""
        segment = bisect_right(self.changes, day)
        plan = self._plans.get(segment)
        if plan is None:
            plan = self._plans[segment] = make_plan(self.law, day)
        return plan

    def trace(self, plan: Plan) -> Trace:
        """The steps of a plan, made once."""
        trace = self._traces.get(id(plan))
        if trace is None:
            trace = self._traces[id(plan)] = Trace(self, plan)
        return trace

    # deciding ------------------------------------------------------------------------------------

    def decide(self, case: Case, day: int | str, groups: Mapping[str, int] | None = None) -> Decision:
        """Decides one case: input → number or text. See `rows.take` for W030 to W033.

        A `so_far` starts from its opening (or 0), a `total` is the case's own; `groups` gives the number
        of a group node where it is known from elsewhere.
        """
        number = day if type(day) is int and DAY.low <= day <= DAY.high else read_day(day)
        plan = self.plan(number)
        given = take(plan, case, self.inputs, self.currency)
        if groups:
            answers = decide_rows([plan], [number], [given], groups, lambda row: Place())[0]
        else:
            answers = plan.alone(number, *given)
        return Decision(self, plan, number, given, answers, plan.keys_of(case))

    def decide_rows(self, cases: Sequence[Case], days: int | str | Sequence[int | str]) -> list[Decision]:
        """Decides rows in the order given, groups running on from row to row; problems name the row."""
        each = [read_day(days)] * len(cases) if isinstance(days, (int, str)) else [read_day(day) for day in days]
        plans = [self.plan(day) for day in each]
        givens = [take(plan, case, self.inputs, self.currency, row)
                  for row, (plan, case) in enumerate(zip(plans, cases, strict=True), 1)]
        answers = decide_rows(plans, each, givens)
        return [Decision(self, plan, day, given, numbers, plan.keys_of(case))
                for case, plan, day, given, numbers in zip(cases, plans, each, givens, answers, strict=True)]

    def run(self, columns: Mapping[str, np.ndarray], days: int | str | np.ndarray, outputs: Sequence[str],
            into: Mapping[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
        """Decides whole columns in the compiled kernel; see `batch.run`."""
        # numba costs half a second to import: only those who run columns pay for it
        from westlake.rules import batch  # noqa: PLC0415
        return batch.run(self, columns, days, outputs, into)

    def explain_row(self, columns: Mapping[str, np.ndarray], days: int | str | np.ndarray, row: int) -> Decision:
        """One row (counted from 0) of a run, decided again with its reasons, earlier rows counted."""
        from westlake.rules import batch  # noqa: PLC0415
        return batch.explain_row(self, columns, days, row)

    # words ---------------------------------------------------------------------------------------

    def label(self, name: str) -> Text:
        """What a person calls an input, a value, a rule or a group."""
        if name in self.inputs:
            return self.inputs[name].words
        if name in self.values:
            return self.values[name].words
        if name in self.words.rules:
            return self.words.rules[name].label
        return {lang: say("rules.day", lang) for lang in ("en", "ko", "zh")} if name == DAY.name else {"en": name}

    def in_words(self, name: str, lang: str = "en") -> str:
        """The label in a language."""
        label = self.label(name)
        return label.get(lang) or label["en"]

    def write(self, name: str, number: int) -> str:
        """A number as its plain text: what an input of that kind would be given."""
        node = self.graph.nodes[name]
        return write(node.kind, number, self.currency, node.choices, self._decimals(name))

    def show(self, name: str, number: int, lang: str = "en") -> str:
        """A number as a person reads it: with its currency, its unit, its choice's name."""
        node = self.graph.nodes[name]
        match node.kind:
            case Kind.BOOL:
                return say("rules.yes" if number else "rules.no", lang)
            case Kind.MONEY | Kind.FINE:
                text = write(node.kind, abs(number), self.currency)
                return ("-" if number < 0 else "") + SIGNS.get(self.currency, self.currency + " ") + text
            case Kind.CHOICE:
                return self.choice_in_words(name, node.choices[number], lang)
            case Kind.COUNT if name in self.values:
                unit = "unit_one" if number == 1 else "unit"
                return say(f"rules.{unit}.{self.values[name].unit}", lang, number=write(node.kind, number))
        return write(node.kind, number, self.currency, (), self._decimals(name))

    def _decimals(self, name: str) -> int:
        return self.inputs[name].decimals if name in self.inputs else 0

    def choice_in_words(self, name: str, choice: str, lang: str = "en") -> str:
        """What a person calls one of the choices of an input or a rule."""
        named = self.inputs[name].choice_words if name in self.inputs else self.words.rules[name].choices
        words = named.get(choice)
        return (words.get(lang) or words["en"]) if words else choice

    def tests(self) -> Iterable[str]:
        """The rules that answer yes or no."""
        return (name for name in self.graph.order if name in self.graph.rules
                and self.graph.nodes[name].kind is Kind.BOOL)

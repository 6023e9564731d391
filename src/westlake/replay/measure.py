"""What an old decision is held against: the rule of the amount and the rule of yes or no, and all they need."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from westlake.errors import WestlakeError
from westlake.rules import Kind, Programme, Value
from westlake.rules.columns import prepare
from westlake.rules.plan import Plan, make_plan, with_value
from westlake.rules.sources import Citation

Numbers = tuple[int, ...]


@dataclass
class Measure:
    """A programme's rule of the amount and its rule of yes or no; either may be an empty text, not both."""

    programme: Programme
    amount: str
    verdict: str
    _plans: dict[int, Plan] = field(default_factory=dict)
    _changed: dict[tuple[int, str, Numbers], Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.outputs:
            raise WestlakeError.one("W133")

    @property
    def outputs(self) -> list[str]:
        """The rules that are asked."""
        return [name for name in (self.amount, self.verdict) if name]

    @property
    def needed(self) -> tuple[str, ...]:
        """Every input that the rules may ask for, on any day, in the form's order."""
        asked = set(prepare(self.programme, self.outputs)[0].inputs)
        return tuple(name for name in self.programme.inputs if name in asked)

    def plan(self, day: int) -> Plan:
        """What of the rules is in force on a day; W034, W107 or W108 when something is not."""
        segment = bisect_right(self.programme.changes, day)
        if segment not in self._plans:
            self._plans[segment] = make_plan(self.programme.law, day, self.outputs)
        return self._plans[segment]

    def plans(self) -> list[Plan]:
        """All that were asked for so far."""
        return list(self._plans.values())

    def changed(self, plan: Plan, value: str, numbers: Numbers) -> Plan:
        """A plan with other numbers for one value; made once."""
        key = (id(plan), value, numbers)
        if key not in self._changed:
            self._changed[key] = with_value(plan, value, numbers)
        return self._changed[key]

    def tests(self, plan: Plan) -> list[str]:
        """The tests behind yes or no in the order written, those behind a test before it; the verdict last."""
        found: dict[str, None] = {}

        def walk(name: str) -> None:
            for argument in plan.variant(name).arguments:
                if argument.name in plan.variants and argument.kind is Kind.BOOL and not argument.table:
                    walk(argument.name)
            found[name] = None
        walk(self.verdict)
        return list(found)

    def rests(self, plan: Plan, rule: str) -> Citation:
        """What a rule in force rests on."""
        variant = plan.variant(rule)
        return Citation(self.programme.sources[variant.source], variant.clause)


def other_numbers(value: Value, plan: Plan) -> list[tuple[int, Numbers]]:
    """What a value was on other days: day of force → numbers, where they differ from the plan's."""
    now = plan.values[value.name]
    return [(entry.in_force, entry.numbers) for entry in value.dated if entry.numbers != now.numbers]

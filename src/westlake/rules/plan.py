"""What is in force on a day: the variants, the values, the inputs they need, and the row they make in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from westlake.dates import iso
from westlake.errors import Findings
from westlake.rules.form import DAY, Input
from westlake.rules.grammar import Group, Variant
from westlake.rules.graph import Graph, first_day
from westlake.rules.kinds import Kind
from westlake.rules.values import Dated, Value

Row = Callable[..., tuple[int, ...]]
_NO_KEYS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Law:
    """The parts of a programme that decide: inputs, values, the graph and each variant's function."""

    inputs: Mapping[str, Input]
    values: Mapping[str, Value]
    graph: Graph
    functions: Mapping[tuple[str, int], Callable[..., int]]


@dataclass
class Plan:
    """How rows are decided on a day: all in force that is wanted, in order, with the Python that runs it.

    names: rules and groups in the order decided. stages[s](day, *inputs, *groups up to s) gives the
    answers of all names up to stage s; alone(day, *inputs) those of a row without others. keys(day,
    *inputs) gives the key of each group. asked: name, type and range of each input; opaque: those that
    are keys.
    """

    law: Law
    variants: dict[str, int] = field(default_factory=dict)  # rule → which of its variants
    values: dict[str, Dated] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    inputs: tuple[Input, ...] = ()
    groups: tuple[Group, ...] = ()
    stages: list[Row] = field(default_factory=list)
    stage_names: list[list[str]] = field(default_factory=list)
    keys: Callable[..., tuple[tuple[int, ...], ...]] | None = None
    alone: Row = tuple
    asked: tuple[tuple[str, type, int, int], ...] = ()
    opaque: tuple[str, ...] = ()

    def variant(self, name: str) -> Variant:
        """The variant of a rule that is in force."""
        return self.law.graph.rules[name][self.variants[name]]

    def keys_of(self, case: Mapping[str, object]) -> Mapping[str, str]:
        """The texts that a case gives for opaque keys, by input."""
        if not self.opaque:
            return _NO_KEYS
        return {name: text for name in self.opaque if isinstance(text := case.get(name), str)}

    def rules(self) -> list[str]:
        """The rules in the order decided, groups left out."""
        return [name for name in self.names if name in self.variants]


def in_force(graph: Graph, name: str, day: int) -> int | None:
    """Which variant of a rule holds on a day."""
    for at, variant in enumerate(graph.rules[name]):
        if variant.start <= day <= variant.end:
            return at
    return None


def make_plan(law: Law, day: int, wanted: Iterable[str] | None = None) -> Plan:
    """The plan for a day: of the wanted rules, or of all that are in force.

    Raises W034 for a rule, W107 or W108 for a value that is needed and not in force.
    """
    plan = choose(law, day, wanted)
    graph = law.graph
    plan.groups = tuple(graph.groups[name] for name in plan.names if name in graph.groups)
    last = max((graph.stage[name] for name in plan.names), default=0)
    plan.stage_names = [[name for name in plan.names if graph.stage[name] <= stage] for stage in range(last + 1)]
    plan.asked = tuple((item.name, bool if item.kind is Kind.BOOL else int, item.low, item.high)
                       for item in plan.inputs)
    plan.opaque = tuple(item.name for item in plan.inputs if item.kind is Kind.ID)
    _write_python(plan)
    return plan


def with_value(plan: Plan, name: str, numbers: tuple[int, ...]) -> Plan:
    """The same plan with other numbers for one value: what a decision would be if that value were another."""
    changed = replace(plan, values={**plan.values, name: replace(plan.values[name], numbers=numbers)})
    _write_python(changed)
    return changed


def choose(law: Law, day: int, wanted: Iterable[str] | None = None) -> Plan:
    """The variants, values and inputs of a day, without the Python."""
    graph, findings, plan = law.graph, Findings(), Plan(law)
    asked: set[str] = set()
    inputs: set[str] = set()
    waiting = _start(graph, day, wanted)
    while waiting:
        name = waiting.pop()
        if name in asked:
            continue
        asked.add(name)
        if name in graph.rules:
            at = in_force(graph, name, day)
            if at is None:
                first = graph.rules[name]
                findings.add("W034", first[0].place, name=name, day=iso(day), first=first_day(first))
                continue
            plan.variants[name] = at
            waiting += [argument.name for argument in graph.rules[name][at].arguments]
        elif name in graph.groups:
            waiting += [*graph.needs(name), graph.groups[name].of]
        elif name in law.values:
            value = law.values[name]
            entry = value.on(day)
            if entry is None:
                findings.append(value.lapse(day))
            else:
                plan.values[name] = entry
        elif name != DAY.name:
            inputs.add(name)
    findings.stop()
    plan.names = [name for name in graph.order if name in asked]
    plan.values = {name: plan.values[name] for name in law.values if name in plan.values}
    plan.inputs = tuple(item for name, item in law.inputs.items() if name in inputs)
    return plan


def _start(graph: Graph, day: int, wanted: Iterable[str] | None) -> list[str]:
    """What is asked for: the wanted rules (or all in force), and each group that the row adds to."""
    names = list(wanted) if wanted is not None else [
        name for name in graph.rules if in_force(graph, name, day) is not None]
    reached = graph.upstream(names) if wanted is not None else set(graph.groups)
    return names + [name for name, group in graph.groups.items()
                    if name in reached and in_force(graph, group.of, day) is not None]


def _write_python(plan: Plan) -> None:
    """Writes one straight function for each stage and compiles it: no look-up is left for run time."""
    law = plan.law
    space: dict[str, object] = {"__builtins__": {}}
    for name, entry in plan.values.items():
        truth = law.values[name].kind is Kind.BOOL
        numbers = tuple(bool(number) for number in entry.numbers) if truth else entry.numbers
        space[name] = numbers if entry.choices else numbers[0]
    space |= {f"_{name}": law.functions[name, at] for name, at in plan.variants.items()}
    given = ["day", *(item.name for item in plan.inputs)]
    text = [*_alone(plan, given)]
    for stage, names in enumerate(plan.stage_names):
        groups = [name for name in names if name in law.graph.groups]
        text.append(f"def stage_{stage}({', '.join(given + groups)}):")
        text += [_call(plan, name) for name in names if name in plan.variants]
        text.append(f"    return ({_listed(names)})")
    if plan.groups:
        keys = law.graph.upstream(key for group in plan.groups for key in group.by)
        text.append(f"def keys({', '.join(given)}):")
        text += [_call(plan, name) for name in plan.names if name in keys and name in plan.variants]
        text.append(f"    return ({_listed('(' + _listed(group.by) + ')' for group in plan.groups)})")
    exec("\n".join(text), space)  # our own text: nothing in it but the names the grammar has passed
    plan.stages = [space[f"stage_{stage}"] for stage in range(len(plan.stage_names))]  # type: ignore[misc]
    plan.keys = space.get("keys")  # type: ignore[assignment]
    plan.alone = space["alone"]  # type: ignore[assignment]


def _alone(plan: Plan, given: list[str]) -> list[str]:
    """A row without others: nothing was used before but its openings, and its totals are its own."""
    graph = plan.law.graph
    text = [f"def alone({', '.join(given)}):"]
    for name in sorted(plan.names, key=lambda name: graph.stage[name]):  # sorted keeps the order within a stage
        group = graph.groups.get(name)
        if group is None:
            text.append(_call(plan, name))
        elif group.how == "total":
            text.append(f"    {name} = {group.of} + 0")  # a truth is counted
        else:
            text.append(f"    {name} = {group.opening or 0}")
            text += [f"    if {name} < 0: {name} = 0"] if group.how == "most_so_far" else []
    return [*text, f"    return ({_listed(plan.names)})"]


def _call(plan: Plan, name: str) -> str:
    return f"    {name} = _{name}({_arguments(plan, name)})"


def _listed(names: Iterable[str]) -> str:
    """The inside of a tuple, of one name too."""
    return "".join(f"{name}, " for name in names)


def _arguments(plan: Plan, name: str) -> str:
    return ", ".join(argument.name for argument in plan.variant(name).arguments)

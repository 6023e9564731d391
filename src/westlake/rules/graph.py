"""Which rule needs what: names resolved, cycles named, an order found, and every rule proved in that order."""

from __future__ import annotations

import functools
import graphlib
import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from westlake.dates import iso
from westlake.errors import nearest
from westlake.rules.form import DAY, Form
from westlake.rules.functions import FUNCTIONS
from westlake.rules.grammar import DAY_FIRST, DAY_LAST, Argument, Group, SourceText, Variant, Written
from westlake.rules.kinds import SUM_LIMIT, WRITTEN, Kind
from westlake.rules.ranges import Fact, Proof, Spot
from westlake.rules.values import Value


@dataclass(frozen=True)
class Node:
    """Anything a rule may be given: an input, the day, a value, a rule, a group."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    table: bool = False


@dataclass
class Graph:
    """The rules and groups of a programme in an order in which each comes after what it needs.

    stage: 0 for what one pass over the rows can know, 1 for what needs a `total` first, and so on.
    places: where each choice written in a rule stands in its list, by the text's spot in rules.py.
    broken: names declared somewhere but at fault there: nothing more is said of them.
    short: the share calls whose product is small enough for one multiplication, by their spots.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    rules: dict[str, tuple[Variant, ...]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    stage: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    places: dict[Spot, int] = field(default_factory=dict)
    short: set[Spot] = field(default_factory=set)

    def needs(self, name: str) -> tuple[str, ...]:
        """What a rule (in any of its variants) or a group takes, without repeats, in the order written."""
        if name in self.groups:
            group = self.groups[name]
            return (*group.by, *((group.opening,) if group.opening else ()))
        return tuple(dict.fromkeys(argument.name for variant in self.rules.get(name, ())
                                   for argument in variant.arguments))

    def upstream(self, names: Iterable[str]) -> set[str]:
        """The names and everything they rest on, through groups too."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.needs(name)
                if name in self.groups:
                    waiting.append(self.groups[name].of)
        return found


def declared(written: Written, form: Form) -> dict[str, tuple[str, ...]]:
    """The choices that values may differ by: of inputs and of rules that answer with a choice."""
    found = {name: item.choices for name, item in form.inputs.items() if item.kind is Kind.CHOICE}
    return found | {variant.name: variant.choices for variant in written.variants if variant.choices}


def build(written: Written, form: Form, values: Mapping[str, Value], broken: Collection[str] = ()) -> Graph:
    """The graph of a programme; every fault is noted in the findings of `written.source`."""
    graph = Graph(broken=written.broken | form.broken | frozenset(broken))
    source = written.source
    for item in (DAY, *form.inputs.values()):
        graph.nodes[item.name] = Node(item.name, item.kind, item.choices)
        graph.facts[item.name] = Fact(item.kind, item.low, item.high, item.choices)
    _add_values(graph, form, values, source)
    _add_rules(graph, written, source)
    _add_groups(graph, written, source)
    faulty = set(graph.broken)  # what is at fault is not proved, nor what rests on it; all else is
    for name in (*graph.rules, *graph.groups):
        before = len(source.findings)
        for variant in graph.rules.get(name, ()):
            _check_arguments(graph, variant, source)
        if name in graph.groups:
            _check_group(graph, graph.groups[name], source)
        if len(source.findings) > before:
            faulty.add(name)
    for name in faulty:
        graph.facts.pop(name, None)
    if _sort(graph, source):
        _prove(graph, source, faulty)
    return graph


def _add_values(graph: Graph, form: Form, values: Mapping[str, Value], source: SourceText) -> None:
    for value in values.values():
        if value.name in form.inputs:
            source.findings.add("W015", value.place, name=value.name)
            continue
        graph.nodes[value.name] = Node(value.name, value.kind, value.choices, bool(value.by))
        graph.facts[value.name] = Fact(value.kind, *value.range(), value.choices, bool(value.by))


def _add_rules(graph: Graph, written: Written, source: SourceText) -> None:
    by_name: dict[str, list[Variant]] = {}
    for variant in written.variants:
        taken = variant.name in graph.nodes and variant.name not in by_name
        if taken or variant.name in FUNCTIONS or variant.name.startswith("_"):
            source.fault("W015", variant.place, name=variant.name)
            continue
        by_name.setdefault(variant.name, []).append(variant)
        graph.nodes.setdefault(variant.name, Node(variant.name, variant.kind, variant.choices))
    for name, variants in by_name.items():
        variants.sort(key=lambda variant: variant.start)
        for before, after in itertools.pairwise(variants):
            _check_neighbours(before, after, source)
        graph.rules[name] = tuple(variants)


def _check_neighbours(before: Variant, after: Variant, source: SourceText) -> None:
    """Two variants of one rule: no day twice, no day left out, the same kind of answer."""
    dates: dict[str, Any] = {"name": after.name, "line": before.place.line}
    if before.end >= after.start:
        both = max(after.start, before.start)
        source.fault("W013", after.place, day=iso(both) if both > DAY_FIRST else "…", **dates)
    elif before.end + 1 < after.start:
        source.fault("W024", after.place, first=iso(before.end + 1), last=iso(after.start - 1), **dates)
    if (before.kind, before.choices) != (after.kind, after.choices):
        source.fault("W028", after.place, **dates)


def _add_groups(graph: Graph, written: Written, source: SourceText) -> None:
    for group in written.groups:
        if group.name in graph.nodes or group.name in FUNCTIONS or group.name.startswith("_"):
            source.fault("W015", group.place, name=group.name)
            continue
        if group.of in graph.broken:  # its kind is not known
            graph.broken |= {group.name}
        of = graph.nodes.get(group.of)
        kind = of.kind if of else Kind.COUNT
        graph.groups[group.name] = group
        graph.nodes[group.name] = Node(group.name, Kind.COUNT if kind is Kind.BOOL else kind)


def _check_arguments(graph: Graph, variant: Variant, source: SourceText) -> None:
    for argument in variant.arguments:
        node = graph.nodes.get(argument.name)
        if argument.name in graph.broken:
            continue
        if node is None:
            source.fault("W012", argument.place, nearest(argument.name, graph.nodes), name=argument.name,
                         rule=variant.name)
        elif (node.kind, node.table) != (argument.kind, argument.table):
            source.fault("W023", argument.place, name=argument.name, found=_annotation(argument),
                         wanted=_annotation(Argument(node.name, node.kind, node.table, argument.place)))
    if variant.kind is Kind.CHOICE and not variant.choices:
        source.fault("W011", variant.place, name="choices", rule=variant.name)


def _annotation(argument: Argument) -> str:
    word = WRITTEN[argument.kind]
    return f"Table[{word}]" if argument.table else word


def _check_group(graph: Graph, group: Group, source: SourceText) -> None:
    names = (group.of, *group.by, *([group.opening] if group.opening else []))
    if graph.broken.intersection(names):
        return
    for name in names:
        if name not in graph.nodes:
            source.fault("W012", group.place, nearest(name, graph.nodes), name=name, rule=group.name)
            return
    of = graph.nodes[group.of]
    summable = of.kind in (*SUM_LIMIT, Kind.BOOL) and group.of in graph.rules
    if not summable:
        source.fault("W026", group.place, name=group.of, group=group.name)
    for key in group.by:
        if graph.nodes[key].table or any(name in graph.groups for name in graph.upstream([key])):
            source.fault("W025", group.place, name=key, group=group.name)
    if group.opening:
        opening = graph.nodes[group.opening]
        if group.opening in graph.rules or opening.table or opening.kind is not graph.nodes[group.name].kind:
            source.fault("W029", group.place, name=group.opening, group=group.name)


def _sort(graph: Graph, source: SourceText) -> bool:
    """Finds the order and the stages; a cycle is named and noted. Earlier rows are no cycle."""
    def edges(name: str) -> tuple[str, ...]:
        group = graph.groups.get(name)
        return graph.needs(name) + ((group.of,) if group and group.how == "total" else ())

    inner = [*graph.rules, *graph.groups]
    try:
        graphlib.TopologicalSorter({name: edges(name) for name in inner}).prepare()
    except graphlib.CycleError as error:
        _name_cycle(graph, list(reversed(error.args[1])), source)
        return False
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name not in seen and (name in graph.rules or name in graph.groups):
            seen.add(name)
            for need in graph.needs(name):
                visit(need)
            graph.order.append(name)

    for name in inner:
        visit(name)
    return _stages(graph, source)


def _name_cycle(graph: Graph, cycle: list[str], source: SourceText) -> None:
    first = cycle[0]
    place = graph.rules[first][0].place if first in graph.rules else graph.groups[first].place
    source.fault("W022", place, name=first, cycle=" → ".join(cycle))


def _stages(graph: Graph, source: SourceText) -> bool:
    """The pass over the rows in which each is known: one more than what a `total` sums up."""
    totals = [group for group in graph.groups.values() if group.how == "total"]
    graph.stage = dict.fromkeys(graph.order, 0)
    for _ in range(len(graph.order) * (len(totals) + 1) + 1):
        before = dict(graph.stage)
        for name in graph.order:
            group = graph.groups.get(name)
            needs = [graph.stage.get(need, 0) for need in graph.needs(name)]
            if group:
                needs.append(graph.stage.get(group.of, 0) + (group.how == "total"))
            graph.stage[name] = max(needs, default=0)
        if max(graph.stage.values(), default=0) > len(totals):
            _name_cycle(graph, [group.name for group in totals] + [totals[0].name], source)
            return False
        if graph.stage == before:
            return True
    return True


def _prove(graph: Graph, source: SourceText, faulty: Collection[str]) -> None:
    """Kinds and ranges of every rule, in order, so that each starts from what its arguments may be."""
    for name in graph.order:
        if name in faulty:
            continue
        if name in graph.groups:
            limit = SUM_LIMIT[graph.nodes[name].kind]
            group = graph.groups[name]
            opening = graph.facts.get(group.opening) or Fact(None, 0, 0)  # one that is at fault is told elsewhere
            low = 0 if group.how == "most_so_far" else -limit
            graph.facts[name] = Fact(graph.nodes[name].kind, low + min(0, opening.low), limit + max(0, opening.high))
            continue
        answers = [_prove_variant(graph, variant, source) for variant in graph.rules[name]]
        if all(answers):
            known = functools.reduce(Fact.joined, (answer for answer in answers if answer))
            graph.facts[name] = replace(known, choices=graph.nodes[name].choices)
    for group in graph.groups.values():
        if group.of in graph.facts and group.name in graph.facts:
            _check_addend(graph, group, source)


def _prove_variant(graph: Graph, variant: Variant, source: SourceText) -> Fact | None:
    """What a variant answers; None when it, or something it rests on, is at fault."""
    if any(argument.name not in graph.facts for argument in variant.arguments):
        return None
    proof = Proof(source, variant, graph.facts)
    fact = proof.run()
    graph.places |= proof.places
    graph.short |= proof.short
    return fact


def _check_addend(graph: Graph, group: Group, source: SourceText) -> None:
    """One row's share of a sum must itself stay within what sums may reach."""
    fact, limit = graph.facts[group.of], SUM_LIMIT[graph.nodes[group.name].kind]
    if fact.low < -limit or fact.high > limit:
        source.fault("W018", group.place, text=group.of, size=f"{max(fact.high, -fact.low):,}")


def first_day(variants: tuple[Variant, ...]) -> str:
    """The first day on which a rule is in force, or "…" when it always was."""
    return iso(variants[0].start) if variants[0].start > DAY_FIRST else "…"


def changes(graph: Graph) -> set[int]:
    """The days on which a rule becomes another."""
    days = {variant.start for variants in graph.rules.values() for variant in variants}
    days |= {variant.end + 1 for variants in graph.rules.values() for variant in variants}
    return {day for day in days if DAY_FIRST < day <= DAY_LAST}

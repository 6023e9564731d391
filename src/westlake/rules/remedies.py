"""What would make this case eligible: the smallest change of each failing test's inputs, verified by deciding again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from westlake.errors import WestlakeError, nearest
from westlake.rules.decision import Decision
from westlake.rules.form import Input
from westlake.rules.kinds import Kind
from westlake.words import say

GOAL = "eligible"  # the test that a programme's other tests lead to, where it has one of that name
COMBINED = 200  # combinations of changes that are tried at most
SHOWN = 3  # single changes that are offered for one test


@dataclass(frozen=True)
class Change:
    """One input, as it is and as it would have to be."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Remedy:
    """Changes that together pass the goal, and the decision they lead to."""

    changes: tuple[Change, ...]
    decision: Decision

    def sentence(self, lang: str = "en") -> str:
        """`Founded on 2019-03-01 instead of 2015-03-01 → Claim ¥1,300.26`"""
        programme = self.decision.programme
        changes = say("rules.list_comma", lang).join(
            say("rules.remedy.change", lang, label=programme.in_words(change.name, lang),
                before=programme.show(change.name, change.before, lang),
                after=programme.show(change.name, change.after, lang)) for change in self.changes)
        return say("rules.remedy.one", lang, changes=changes, results=self.decision.told(lang))


@dataclass(frozen=True)
class Remedies:
    """The goal that failed, the tests behind it, ways to pass it (least first), and tests that no input mends.

    Numbers of groups (what was claimed before) are kept as they are.
    """

    decision: Decision
    goal: str
    failing: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    stuck: tuple[str, ...]

    def lines(self, lang: str = "en") -> list[str]:
        """One line a remedy; said plainly when there is none."""
        programme = self.decision.programme
        if not self.failing:
            return [say("rules.remedy.none_needed", lang)]
        lines = [remedy.sentence(lang) for remedy in self.remedies]
        if not lines:
            lines = [say("rules.remedy.none_found", lang)]
        return lines + [say("rules.remedy.stuck", lang, label=programme.in_words(name, lang)) for name in self.stuck]

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON's view."""
        write = self.decision.programme.write
        return {
            "goal": self.goal, "failing": list(self.failing), "stuck": list(self.stuck),
            "remedies": [{
                "changes": [{"name": change.name, "before": write(change.name, change.before),
                             "after": write(change.name, change.after)} for change in remedy.changes],
                "values": {name: int(number) for name, number in remedy.decision.values.items()},
                "says": remedy.sentence(lang),
            } for remedy in self.remedies],
        }


def find_remedies(decision: Decision, goal: str | None = None) -> Remedies:
    """What would make a failing test pass: `goal`, or "eligible", or the last failing test there is.

    Every choice and flag is tried, and for numbers and days the nearest one that passes is found; each
    remedy has been decided. W037 for a goal that is no test.
    """
    tests = [name for name in decision.plan.rules() if decision.programme.graph.nodes[name].kind is Kind.BOOL]
    if goal is not None and goal not in tests:
        raise WestlakeError.one("W037", suggestion=nearest(goal, tests), name=goal, known=", ".join(tests))
    failing = [name for name in tests if not decision.values[name]]
    aim = goal or (GOAL if GOAL in tests else (failing[-1] if failing else ""))
    if not aim or decision.values[aim]:
        return Remedies(decision, aim, (), (), ())
    return _Search(decision, aim).run()


class _Search:
    """Looks for the smallest changes of one decision's inputs that pass a goal."""

    def __init__(self, decision: Decision, goal: str) -> None:
        self.decision, self.goal, self.programme = decision, goal, decision.programme
        self.groups = {group.name: decision.values[group.name] for group in decision.plan.groups}
        self.inputs = {item.name: item for item in decision.plan.inputs}
        self.leaves: tuple[str, ...] = ()

    def run(self) -> Remedies:
        whole = [Remedy((change,), self._decide((change,))) for change in self._single(self.goal)]
        leaves = self.leaves = self._leaves(self.goal)
        options = {leaf: self._single(leaf) for leaf in leaves}
        stuck = tuple(leaf for leaf in leaves if not options[leaf])
        found = whole[:SHOWN] if whole else list(self._combined([options[leaf] for leaf in leaves if options[leaf]]))
        return Remedies(self.decision, self.goal, leaves, tuple(found), stuck if not found else ())

    def _leaves(self, name: str) -> tuple[str, ...]:
        """The failing tests that a failing test rests on; itself when it rests on none."""
        failing = [argument.name for argument in self.decision.plan.variant(name).arguments
                   if argument.name in self.decision.plan.variants and argument.kind is Kind.BOOL
                   and not argument.table and not self.decision.values[argument.name]]
        leaves = [leaf for below in failing for leaf in self._leaves(below)]
        return tuple(dict.fromkeys([*leaves, *([] if self._stands(name, self.decision) else [name])]))

    def _stands(self, name: str, decision: Decision) -> bool:
        """Would the test pass in a decision if all tests that it is given passed?"""
        plan, known = decision.plan, self._known(decision)
        given = [True if argument.kind is Kind.BOOL and argument.name in plan.variants else known[argument.name]
                 for argument in plan.variant(name).arguments]
        return bool(self.programme.law.functions[name, plan.variants[name]](*given))

    def _known(self, decision: Decision) -> dict[str, int | tuple[int, ...]]:
        """Every number that a decision knows, tables whole."""
        values = {name: entry.numbers if entry.choices else entry.numbers[0]
                  for name, entry in decision.plan.values.items()}
        return {**values, **decision.inputs, **decision.values, "day": decision.day}

    def _decide(self, changes: tuple[Change, ...]) -> Decision:
        case = {**self.decision.inputs, **self.decision.keys, **{change.name: change.after for change in changes}}
        return self.programme.decide(case, self.decision.day, groups=self.groups)

    def _passes(self, test: str, change: Change) -> bool:
        """Does a change pass the test? The goal itself must pass whole; a test behind it, by itself."""
        decision = self._decide((change,))
        return bool(decision.values[test]) or (test in self.leaves and self._stands(test, decision))

    def _combined(self, options: list[list[Change]]) -> Iterator[Remedy]:
        """One change for each failing test, the smallest first; only what passes the goal."""
        shown = 0
        for chosen in itertools.islice(itertools.product(*options), COMBINED):
            changes = {change.name: change for change in chosen}
            if any(changes[change.name] != change for change in chosen):
                continue  # two different numbers for one input
            decision = self._decide(tuple(changes.values()))
            if decision.values[self.goal]:
                yield Remedy(tuple(changes.values()), decision)
                shown += 1
            if shown == SHOWN:
                return

    def _single(self, test: str) -> list[Change]:
        """For each input that a test rests on, the nearest number that passes it; flags and choices first."""
        upstream = self.programme.graph.upstream([test])
        found: list[tuple[float, Change]] = []
        for name, item in self.inputs.items():
            if name not in upstream or item.kind is Kind.ID:
                continue
            before = self.decision.inputs[name]
            if item.kind in (Kind.BOOL, Kind.CHOICE):
                others = [n for n in range(item.low, item.high + 1) if n != before]
                found += [(0.0, change) for n in others if self._passes(test, change := Change(name, before, n))]
            else:
                found += [(abs(n - before) / (abs(before) + 1), Change(name, before, n))
                          for n in self._nearest(test, item, before)]
        return [change for _, change in sorted(found, key=lambda pair: pair[0])]

    def _nearest(self, test: str, item: Input, before: int) -> list[int]:
        """The nearest passing number on either side, found among likely ones and then by halving."""
        likely = self._likely(item, before)
        found = []
        for side in (sorted(n for n in likely if n > before), sorted((n for n in likely if n < before), reverse=True)):
            failing = before
            for number in side:
                if self._passes(test, Change(item.name, before, number)):
                    found.append(self._halve(test, item.name, before, failing, number))
                    break
                failing = number
        return found

    def _likely(self, item: Input, before: int) -> set[int]:
        """Numbers at which something may change: every known number of the kind and its neighbours, the
        bounds, and steps that double."""
        kinds = self.programme.graph.nodes
        alike = [number for name, number in self._known(self.decision).items() if kinds[name].kind is item.kind]
        known = {n for number in alike for n in (number if isinstance(number, tuple) else (number,))}
        near = {number + step for number in known for step in (-1, 0, 1)} | {item.low, item.high}
        steps = {before + sign * (1 << power) for power in range(63) for sign in (-1, 1)}
        return {number for number in near | steps if item.low <= number <= item.high and number != before}

    def _halve(self, test: str, name: str, before: int, failing: int, passing: int) -> int:
        """The passing number next to a failing one, between the two."""
        while abs(passing - failing) > 1:
            middle = (passing + failing) // 2
            if self._passes(test, Change(name, before, middle)):
                passing = middle
            else:
                failing = middle
        return passing

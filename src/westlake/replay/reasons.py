"""Why the rule says something else than the old decision: the clause that binds, and what alone would explain it.

What binds is found by trying: a value whose smallest change changes the amount is one that the amount
rests on, and the first rule that it changes is the clause. What would explain an old amount is tried too,
and is a hypothesis: that one input, or one value of another day, would give the very same fen, decided anew
with it; or the same but for rounding, and then it says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from westlake.money import RATE_MAX
from westlake.replay.measure import Measure, Numbers, other_numbers
from westlake.rules import Input, Kind
from westlake.rules.plan import Plan

POINT = 10_000  # one per cent, by which a rate is tried
OFFERED = 3  # hypotheses of one disagreement
WIDE = 64  # doublings within which equal amounts are looked for


@dataclass(frozen=True)
class Row:
    """One case as the rules see it. given: in the plan's order of inputs; groups: in its order of groups."""

    plan: Plan
    day: int
    given: Numbers
    groups: Numbers

    def answers(self, plan: Plan | None = None, given: Numbers | None = None) -> Numbers:
        """The answers of all rules and groups, under another plan or with other inputs where they are given."""
        return (plan or self.plan).stages[-1](self.day, *(given or self.given), *self.groups)


@dataclass(frozen=True)
class Binding:
    """The value that an amount rests on, and the first rule that it moves. caps: it bounds the amount, fen by fen."""

    rule: str
    value: str
    caps: bool


@dataclass(frozen=True)
class Hypothesis:
    """What alone would give the old decision: an input with another number, or a value as of another day.

    tier: 1 for a choice or a yes, 2 for a threshold or another day's value, 3 for an amount that fits.
    rounded: deciding anew with it gives the old amount only but for rounding.
    """

    name: str
    before: int
    after: int
    since: int | None = None
    tier: int = 1
    rounded: bool = False


class Reasons:
    """Looks into single rows of one replay."""

    def __init__(self, measure: Measure) -> None:
        self.measure, self.programme = measure, measure.programme

    def amount(self, row: Row, answers: Numbers) -> int:
        """The amount among the answers; yes or no where no amount is asked for."""
        return int(answers[row.plan.names.index(self.measure.amount or self.measure.verdict)])

    def refusing(self, row: Row, answers: Numbers) -> str:
        """The first test that failed."""
        found = dict(zip(row.plan.names, answers, strict=True))
        return next((name for name in self.measure.tests(row.plan) if not found[name]), self.measure.verdict)

    def read_by(self, row: Row, rule: str) -> list[str]:
        """What a rule read: inputs, groups and rules; the tests among them by what they read themselves."""
        found: dict[str, None] = {}
        for argument in row.plan.variant(rule).arguments:
            if argument.name in row.plan.values:
                continue
            if argument.name in row.plan.variants and argument.kind is Kind.BOOL:
                found |= dict.fromkeys(self.read_by(row, argument.name))
            else:
                found[argument.name] = None
        return list(found)

    def value_read_by(self, row: Row, rule: str) -> str:
        """The first value that a rule was given, if any."""
        return next((argument.name for argument in row.plan.variant(rule).arguments
                     if argument.name in row.plan.values), "")

    def binding(self, row: Row, answers: Numbers) -> Binding | None:
        """The cap that bounds an amount; else the rate it rests on; else any other value that moves it."""
        found: list[tuple[int, Binding]] = []
        at = row.plan.names.index(self.measure.amount)
        for name in row.plan.values:
            kind = self.programme.values[name].kind
            for numbers in _nearby(kind, row.plan.values[name].numbers):
                moved = self._moved(row, name, numbers)
                if moved is None or moved[at] == answers[at]:
                    continue
                rule = next(rule for rule, old, new in zip(row.plan.names, answers, moved, strict=True)
                            if old != new and rule in row.plan.variants)
                caps = kind is Kind.MONEY and abs(moved[at] - answers[at]) == 1
                found.append((0 if caps else 1 if kind is Kind.RATE else 2, Binding(rule, name, caps)))
                break
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def _moved(self, row: Row, value: str, numbers: Numbers) -> Numbers | None:
        """The answers with another value; None where the rules do not admit it."""
        try:
            return row.answers(self.measure.changed(row.plan, value, numbers))
        except (ArithmeticError, ValueError):
            return None

    # hypotheses ----------------------------------------------------------------------------------

    def explain(self, row: Row, answers: Numbers, old: int,
                alike: Callable[[int, int], bool]) -> tuple[Hypothesis, ...]:
        """What alone would give the old amount: a choice, a threshold, another day's value; else an amount that fits.

        old: minor units, or 1 and 0 where only yes or no is known; alike: are an old amount and a rule's the
        same but for rounding?
        """
        def gives(given: Numbers, plan: Plan | None = None) -> int | None:
            try:
                return self.amount(row, row.answers(plan, given))
            except (ArithmeticError, ValueError):
                return None

        def fits(given: Numbers, plan: Plan | None = None) -> bool:
            return gives(given, plan) == old

        def nearly(given: Numbers, plan: Plan | None = None) -> bool:
            found = gives(given, plan)
            return found is not None and old != 0 and bool(self.measure.amount) and alike(old, found)

        for near in (fits, nearly):
            tried = itertools.chain(self._choices(row, near), self._thresholds(row, near))
            found = tuple(itertools.islice(tried, OFFERED)) or tuple(
                itertools.islice(self._amounts(row, answers, old, near), OFFERED) if near is fits else ())
            if found:
                return found if near is fits else tuple(replace(one, rounded=True) for one in found)
        return ()

    def _choices(self, row: Row, fits: Callable[..., bool]) -> Iterator[Hypothesis]:
        for at, item in enumerate(row.plan.inputs):
            if item.kind in (Kind.BOOL, Kind.CHOICE):
                for number in range(item.low, item.high + 1):
                    if number != row.given[at] and fits(_with(row.given, at, item, number)):
                        yield Hypothesis(item.name, int(row.given[at]), number)

    def _thresholds(self, row: Row, fits: Callable[..., bool]) -> Iterator[Hypothesis]:
        """Values of other days, then inputs that stand just at a value of their kind."""
        for name, entry in row.plan.values.items():
            for since, numbers in other_numbers(self.programme.values[name], row.plan):
                if len(numbers) == len(entry.numbers) and fits(
                        row.given, self.measure.changed(row.plan, name, numbers)):
                    yield Hypothesis(name, entry.numbers[0], numbers[0], since, tier=2)
        for at, item in enumerate(row.plan.inputs):
            if item.origin == "ledger" or item.kind not in (Kind.MONEY, Kind.COUNT, Kind.DAY):
                continue
            edges = {number + more for name, entry in row.plan.values.items() for number in entry.numbers
                     if self.programme.values[name].kind is item.kind for more in (-1, 0, 1)}
            for number in sorted(edges, key=lambda edge: abs(edge - row.given[at])):
                if item.low <= number <= item.high and number != row.given[at] and fits(
                        _with(row.given, at, item, number)):
                    yield Hypothesis(item.name, row.given[at], number, tier=2)
                    break

    def _amounts(self, row: Row, answers: Numbers, old: int, fits: Callable[..., bool]) -> Iterator[Hypothesis]:
        """Amounts to which the old one stands as the rule's stands to the amount given: the roundest that fits."""
        new = self.amount(row, answers)
        if old == 0 or new == 0 or not self.measure.amount:
            return
        for at, item in enumerate(row.plan.inputs):
            before = row.given[at]
            if item.origin == "ledger" or item.kind not in (Kind.MONEY, Kind.FINE) or not before:
                continue
            start = before * old // new
            if not item.low <= start <= item.high or not fits(_with(row.given, at, item, start)):
                start += 1
            if item.low <= start <= item.high and fits(_with(row.given, at, item, start)):
                low, high = (_edge(start, sign, item, lambda number, at=at, item=item: fits(  # type: ignore[misc]
                    _with(row.given, at, item, number))) for sign in (-1, 1))
                round_one = _roundest(low, high)
                after = round_one if fits(_with(row.given, at, item, round_one)) else start
                yield Hypothesis(item.name, before, after, tier=3)


def _with(given: Numbers, at: int, item: Input, number: int) -> Numbers:
    return (*given[:at], bool(number) if item.kind is Kind.BOOL else number, *given[at + 1:])


def _nearby(kind: Kind, numbers: Numbers) -> list[Numbers]:
    """The smallest changes of a value worth trying."""
    if kind is Kind.BOOL:
        return [tuple(1 - number for number in numbers)]
    step = POINT if kind is Kind.RATE else 1
    if kind is Kind.RATE:
        return [tuple(min(number + step, RATE_MAX) for number in numbers),
                tuple(max(number - step, 0) for number in numbers)]
    return [tuple(number + step for number in numbers), tuple(number - step for number in numbers)]


def _edge(start: int, sign: int, item: Input, fits: Callable[[int], bool]) -> int:
    """The last number on one side of a fitting one that still fits, by doubling and then halving."""
    inside, step = start, 1
    for _ in range(WIDE):
        further = inside + sign * step
        if not item.low <= further <= item.high or not fits(further):
            break
        inside, step = further, step * 2
    while step > 1:
        step //= 2
        further = inside + sign * step
        if item.low <= further <= item.high and fits(further):
            inside = further
    return inside


def _roundest(low: int, high: int) -> int:
    """The number between two that ends in most zeros."""
    for power in range(18, -1, -1):
        unit = int(10**power)
        number = -(-low // unit) * unit
        if number <= high and number:
            return number
    return low

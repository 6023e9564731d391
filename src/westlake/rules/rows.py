"""Decides rows one after another in Python, carrying what earlier rows of a group have used."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from westlake.dates import iso
from westlake.errors import Findings, Place, WestlakeError, nearest
from westlake.rules.form import DAY, Input
from westlake.rules.grammar import Group
from westlake.rules.kinds import SUM_LIMIT, Kind
from westlake.rules.plan import Plan

Case = Mapping[str, object]
Given = tuple[int, ...]
Numbers = tuple[int, ...]


def take(plan: Plan, case: Case, known: Mapping[str, Input], currency: str, row: int = 0) -> Given:
    """The numbers of a case's inputs in the plan's order.

    A number stands for itself (minor units, ppm, day number, place in the choices); a text is read by
    the input's type. Raises W030 for a missing input (naming the rule), W031 for one out of its range,
    W032 for a text that cannot be read, W033 for one that form.yaml does not know.
    """
    given = []
    for name, wanted, low, high in plan.asked:
        number = case.get(name)
        if type(number) is not wanted or not low <= number <= high:  # type: ignore[operator]
            return _take_slowly(plan, case, known, currency, row)
        given.append(number)
    if len(case) != len(given):  # more than is needed: fine, if the form knows it
        return _take_slowly(plan, case, known, currency, row)
    return tuple(given)  # type: ignore[arg-type]


def _take_slowly(plan: Plan, case: Case, known: Mapping[str, Input], currency: str, row: int) -> Given:
    """The same with texts, truths and dates read, and every fault collected."""
    findings = Findings()
    given: list[int] = []
    for name in case:
        if name not in known:
            findings.add("W033", Place(row=row, field=name), nearest(name, known), name=name)
    for item in plan.inputs:
        place = Place(row=row, field=item.name)
        if item.name not in case:
            findings.add("W030", place, name=item.name, rule=_first_user(plan, item.name))
            continue
        found = case[item.name]
        try:
            number = _number(item, found, currency)
        except (ValueError, TypeError):
            hint = nearest(str(found), item.choices)
            findings.add("W032", place, hint, name=item.name, text=str(found), kind=item.kind.value)
            continue
        if item.low <= number <= item.high:
            given.append(bool(number) if item.kind is Kind.BOOL else number)
        else:
            findings.add("W031", place, **out_of_range(item, number, currency))
    findings.stop()
    return tuple(given)


def out_of_range(item: Input, number: int, currency: str) -> dict[str, Any]:
    """What W031 says of a number outside the declared range."""
    def shown(n: int) -> str:
        try:
            return item.write(n, currency)
        except (ValueError, OverflowError):
            return str(n)
    return {"name": item.name, "text": shown(number), "least": shown(item.low), "most": shown(item.high)}


def _number(item: Input, found: object, currency: str) -> int:
    match found:
        case str():
            return item.read(found, currency)
        case dt.date() if item.kind is Kind.DAY and not isinstance(found, dt.datetime):
            return found.toordinal() - 719_163
        case bool() if item.kind is not Kind.BOOL:
            raise TypeError
        case float():
            raise TypeError
    return int(operator.index(found))  # type: ignore[arg-type]


def _first_user(plan: Plan, name: str) -> str:
    """The first rule or group that needs an input."""
    for user in plan.names:
        if name in plan.law.graph.needs(user):
            return user
    return ""


def decide_rows(plans: Sequence[Plan], days: Sequence[int], givens: Sequence[Given],
                groups: Mapping[str, int] | None = None, place: Callable[[int], Place] | None = None) -> list[Numbers]:
    """The answers of each row, in the order given; earlier rows of a group count for later ones.

    groups: numbers of group nodes known from elsewhere, used instead of running sums.
    Raises W035 when a group's sum leaves the range that sums may have.
    """
    state = _State(groups or {}, place or (lambda row: Place(row=row + 1)))
    found: list[Numbers] = []
    last = max((len(plan.stages) for plan in plans), default=1) - 1
    for stage in range(last + 1):
        state.running.clear()
        found = [_row(plan, min(stage, len(plan.stages) - 1), stage, day, given, state, at)
                 for at, (plan, day, given) in enumerate(zip(plans, days, givens, strict=True))]
    return found


class _State:
    """Running sums of `so_far`, and finished sums of `total`, by group and key."""

    def __init__(self, fixed: Mapping[str, int], place: Callable[[int], Place]) -> None:
        self.fixed, self.place = fixed, place
        self.running: dict[tuple[str, tuple[int, ...]], int] = {}
        self.totals: dict[tuple[str, tuple[int, ...]], int] = {}


def _row(plan: Plan, stage: int, passing: int, day: int, given: Given, state: _State, at: int) -> Numbers:
    if not plan.groups:
        return plan.stages[stage](day, *given)
    assert plan.keys is not None
    keys = plan.keys(day, *given)
    stages = plan.law.graph.stage
    openings = dict(zip((item.name for item in plan.inputs), given, strict=True))
    known = []
    for group, key in zip(plan.groups, keys, strict=True):
        if stages[group.name] <= stage:
            known.append(_group_number(group, key, state, openings.get(group.opening, 0)))
    numbers = plan.stages[stage](day, *given, *known)
    answers = dict(zip(plan.stage_names[stage], numbers, strict=True))
    for group, key in zip(plan.groups, keys, strict=True):
        if group.of in answers and (group.how != "total" or stages[group.name] == passing + 1):
            _add(plan, group, key, int(answers[group.of]), state, at)
    return numbers


def _group_number(group: Group, key: tuple[int, ...], state: _State, opening: int) -> int:
    if group.name in state.fixed:
        return state.fixed[group.name]
    if group.how == "total":
        return state.totals[group.name, key]
    before = state.running.get((group.name, key), 0)
    return before + opening if group.how == "so_far" else max(before, opening)


def _add(plan: Plan, group: Group, key: tuple[int, ...], number: int, state: _State, at: int) -> None:
    sums = state.totals if group.how == "total" else state.running
    slot = (group.name, key)
    before = sums.get(slot, 0)
    after = max(before, number) if group.how == "most_so_far" else before + number
    limit = SUM_LIMIT[plan.law.graph.nodes[group.name].kind]
    if not -limit <= after <= limit:
        raise WestlakeError.one("W035", state.place(at), name=group.name, limit=f"{limit:,}")
    sums[slot] = after


def read_day(day: object) -> int:
    """A day number from a day number, a date or an ISO text; W031 beyond 1900 to 2199, W032 for no day."""
    try:
        number = _number(DAY, day, "CNY")
    except (ValueError, TypeError) as error:
        raise WestlakeError.one("W032", Place(field="day"), name="day", text=str(day), kind=Kind.DAY.value) from error
    if not DAY.low <= number <= DAY.high:
        raise WestlakeError.one("W031", Place(field="day"), **out_of_range(DAY, number, "CNY"))
    return number


def shown_day(day: int) -> str:
    """The ISO date, or the bare number when it is no date."""
    try:
        return iso(day)
    except (ValueError, OverflowError):
        return str(day)

"""Holds old decisions against the written rule, all of them at machine speed, and looks into those that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from westlake.replay.cases import Cases, Unread
from westlake.replay.measure import Measure
from westlake.replay.reasons import Binding, Hypothesis, Reasons, Row
from westlake.rules import Citation, Decision, Input, Kind
from westlake.rules.plan import Plan

KINDS = ("refused", "entitled", "cap", "rate", "other", "rounding", "verdict")
FEW = 5  # minor units that count as rounding
NO_MORE = 20  # what rounding changes is at most this part of an amount
COARSEST = 10_000  # minor units: amounts written to 0.01 of ten thousand yuan; see `is_rounding`
FINE_SCALE = 10_000  # fine money has four digits more
LOOKED_INTO = 2_000  # disagreements of which hypotheses are sought; all are counted and have their clause


@dataclass(frozen=True)
class Disagreement:
    """One old decision that the rule does not give. Amounts in minor units; None where only yes or no is known.

    rule: the clause that binds; value: the value it rests on, if any; read: what the clause read.
    """

    row: int
    name: str
    day: int
    old: int | None
    new: int | None
    old_verdict: bool | None
    new_verdict: bool | None
    kind: str
    rule: str
    value: str
    read: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    decision: Decision

    @property
    def difference(self) -> int:
        """What was paid beyond the rule; below 0 what was paid short of it."""
        return 0 if self.old is None or self.new is None else self.old - self.new

    @property
    def since(self) -> int | None:
        """The day from which the value has the number that it had for this case."""
        return self.decision.plan.values[self.value].in_force if self.value else None


@dataclass
class Group:
    """Disagreements that one sentence tells: of one kind, by one clause and one value."""

    kind: str
    rule: str
    value: str
    cases: list[Disagreement] = field(default_factory=list)
    over: int = 0
    under: int = 0

    def explained(self) -> list[tuple[Hypothesis, int]]:
        """What would explain most of them, each with the number of cases; amounts that fit are counted together."""
        counted: Counter[tuple[object, ...]] = Counter()
        first: dict[tuple[object, ...], Hypothesis] = {}
        for case in self.cases:
            for hypothesis in case.hypotheses:
                key = (hypothesis.name, None if hypothesis.tier == 3 else hypothesis.after, hypothesis.since,
                       hypothesis.rounded)
                counted[key] += 1
                first.setdefault(key, hypothesis)
        return [(first[key], count) for key, count in counted.most_common(2)]

    def share(self) -> tuple[str, Fraction] | None:
        """An amount of the form of which the old one is the same share in every case, two at least; that share."""
        if len(self.cases) < 2 or any(not case.old for case in self.cases):
            return None
        for item in self.cases[0].decision.plan.inputs:
            if item.origin == "ledger" or item.kind not in (Kind.MONEY, Kind.FINE):
                continue
            found = {_share(case, item) for case in self.cases}
            if len(found) == 1 and (share := found.pop()):
                return item.name, share
        return None


@dataclass
class Comparison:
    """What came of a replay. over and under: minor units paid beyond and short of the rule, by all decided rows.

    shadowed: decided rows that share a firm or person with a row that could not be read, so that what
    was used of a cap before them may not be whole; plans: what was in force for them; stated: the row
    of the sheet's own total and its amount, if it has one.
    """

    measure: Measure
    decided: int
    agreeing: int
    old_total: int
    new_total: int
    over: int
    under: int
    groups: list[Group]
    unread: list[Unread]
    shadowed: int
    plans: list[Plan]
    stated: tuple[int, int] | None = None

    @property
    def undecided_old(self) -> int:
        """Old money in the rows that could not be decided."""
        return sum(row.amount or 0 for row in self.unread)

    @property
    def undecided_unknown(self) -> int:
        """Rows that could not be decided of which the old amount cannot be read either."""
        return sum(row.amount is None for row in self.unread)

    @property
    def disagreements(self) -> list[Disagreement]:
        """All of them, in the order of the sheet."""
        return sorted((case for group in self.groups for case in group.cases), key=lambda case: case.row)

    def values_used(self) -> dict[str, Citation]:
        """Every value that was in force for a row, with what it rests on; the doubtful one where there are two."""
        found: dict[str, Citation] = {}
        for plan in self.plans:
            for name, entry in plan.values.items():
                if name not in found or entry.citation.doubtful:
                    found[name] = entry.citation
        return found


def compare(measure: Measure, cases: Cases, unread: Sequence[Unread], shadowed: int = 0) -> Comparison:
    """Decide every case and hold the old decisions against it. Rows of one firm and year are decided together,
    in the order of `cases`, so that caps over time are used up as in a settlement."""
    programme = measure.programme
    plans = {day: measure.plan(day) for day in set(cases.days.tolist())}
    groups = list(dict.fromkeys(group.name for plan in plans.values() for group in plan.groups))
    results = programme.run(cases.columns, cases.days, [*measure.outputs, *groups])
    new = results[measure.amount].tolist() if measure.amount and cases.amounts is not None else None
    verdicts = results[measure.verdict].tolist() if measure.verdict else None
    old = cases.amounts
    differing = [at for at in range(len(cases.rows))
                 if (old is not None and new is not None and old[at] != new[at])
                 or (cases.verdicts is not None and verdicts is not None and cases.verdicts[at] != verdicts[at])]
    case_at = _Case(measure, cases, {name: results[name] for name in groups}, new, verdicts)
    found: dict[tuple[object, ...], Group] = {}
    for number, at in enumerate(differing):
        case = case_at.disagreement(at, plans[int(cases.days[at])], number < LOOKED_INTO)
        key = (case.kind, case.rule, case.value, case.since)
        group = found.setdefault(key, Group(case.kind, case.rule, case.value))
        group.cases.append(case)
        group.over += max(case.difference, 0)
        group.under += max(-case.difference, 0)
    ordered = sorted(found.values(), key=lambda group: (-(group.over + group.under), KINDS.index(group.kind),
                                                        -len(group.cases), group.rule))
    return Comparison(measure, len(cases.rows), len(cases.rows) - len(differing), sum(old or []), sum(new or []),
                      sum(group.over for group in ordered), sum(group.under for group in ordered), ordered,
                      list(unread), shadowed, list({id(plan): plan for plan in plans.values()}.values()), cases.stated)


def is_rounding(old: int, new: int) -> bool:
    """Is an old amount the rule's but for a few fen, or the rule's rounded off to ten or a hundred main units?

    Beyond one fen it is none where it is more than a twentieth of the amount: 1.00 for 0.60 is another amount.
    """
    if abs(old - new) <= 1:
        return True
    if abs(old - new) * NO_MORE > max(abs(old), abs(new)):
        return False
    if abs(old - new) <= FEW:
        return True
    step = 10
    while step <= COARSEST and old % step == 0 and old:
        if old in (new // step * step, (new + step // 2) // step * step):
            return True
        step *= 10
    return False


def _share(case: Disagreement, item: Input) -> Fraction | None:
    """The share in thousandths that an old amount is of an input, to the fen; None where it is none."""
    decision = case.decision
    names = [asked.name for asked in decision.plan.inputs]
    number = int(decision.given[names.index(item.name)]) if item.name in names else 0
    base = Fraction(number, FINE_SCALE if item.kind is Kind.FINE else 1)
    if not base or case.old is None:
        return None
    share = Fraction(round(case.old / base * 1000), 1000)
    return share if share and abs(base * share - case.old) <= 1 else None


class _Case:
    """Tells single cases of a comparison."""

    def __init__(self, measure: Measure, cases: Cases, groups: dict[str, object], new: list[int] | None,
                 verdicts: list[bool] | None) -> None:
        self.measure, self.cases, self.groups, self.new, self.verdicts = measure, cases, groups, new, verdicts
        self.reasons = Reasons(measure)

    def disagreement(self, at: int, plan: Plan, look: bool) -> Disagreement:
        """What differs at one place, why, and (if asked to look) what alone would explain it."""
        cases = self.cases
        numbers = ((item, int(cases.columns[item.name][at])) for item in plan.inputs)
        given = tuple(bool(number) if item.kind is Kind.BOOL else number for item, number in numbers)
        known = tuple(int(self.groups[name][at]) for name in plan.names if name in self.groups)  # type: ignore[index]
        row = Row(plan, int(cases.days[at]), given, known)
        answers = row.answers()
        old = cases.amounts[at] if cases.amounts is not None else None
        new = self.new[at] if self.new is not None else None
        old_verdict = bool(cases.verdicts[at]) if cases.verdicts is not None else None
        new_verdict = bool(self.verdicts[at]) if self.verdicts is not None else None
        kind, rule, value = self._kind(row, answers, old, new, old_verdict, new_verdict)
        hypotheses: tuple[Hypothesis, ...] = ()
        if look and kind not in ("rounding", "verdict"):
            aim = old if old is not None else int(bool(old_verdict))
            hypotheses = self.reasons.explain(row, answers, aim, is_rounding)
        keys = {name: texts[at] for name, texts in cases.keys.items() if name in plan.opaque}
        decision = Decision(self.measure.programme, plan, row.day, given, answers, keys)
        return Disagreement(cases.rows[at], cases.names[at], row.day, old, new, old_verdict, new_verdict, kind, rule,
                            value, tuple(self.reasons.read_by(row, rule)), hypotheses, decision)

    def _kind(self, row: Row, answers: tuple[int, ...], old: int | None, new: int | None, old_verdict: bool | None,
              new_verdict: bool | None) -> tuple[str, str, str]:
        """The kind of a disagreement, the clause that binds, and the value that it rests on."""
        measure, reasons = self.measure, self.reasons
        if old == new and old is not None:
            rule = measure.verdict if new_verdict else reasons.refusing(row, answers)
            return "verdict", rule, reasons.value_read_by(row, rule)
        if new_verdict is False and (old or old_verdict):
            rule = reasons.refusing(row, answers)
            return "refused", rule, reasons.value_read_by(row, rule)
        if (old == 0 and new) or (old is None and new_verdict):
            return "entitled", measure.verdict or measure.amount, ""
        assert old is not None and new is not None
        found: Binding | None = reasons.binding(row, answers)
        if is_rounding(old, new):
            return "rounding", found.rule if found else measure.amount, ""
        if found is None:
            return "other", measure.amount, ""
        if found.caps and old > new:
            return "cap", found.rule, found.value
        if found.caps:
            return "other", measure.amount, ""
        return "rate", found.rule, found.value


def shadowed(cases: Cases, unread: Sequence[Unread]) -> Iterator[int]:
    """Places of cases whose name is that of a row that could not be read."""
    names = {row.name for row in unread if row.name}
    return (at for at, name in enumerate(cases.names) if name in names)

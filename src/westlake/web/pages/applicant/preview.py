"""What the rules say of answers before anybody decides: the real rules, nothing stored, assumptions shown as such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from westlake.desk.applying import deciding
from westlake.desk.applying.deciding import NOBODY, TAKEN, Known, asked_inputs, first_failed
from westlake.desk.applying.drafting import check_answers
from westlake.desk.cases import Case
from westlake.desk.desk import Desk, Offered
from westlake.errors import Problem, WestlakeError
from westlake.money import format_money
from westlake.rules import Dated, Decision, Kind
from westlake.rules.remedies import find_remedies
from westlake.rules.trace import Argument, Step
from westlake.words import fill, say


@dataclass(frozen=True)
class Given:
    """Something that a clause was given. assumed: nobody knows it yet; grade: how it is known, if it is an input."""

    label: str
    shown: str
    assumed: bool = False
    grade: str = ""


@dataclass(frozen=True)
class Line:
    """One clause of the trace. kind: yes, no or amount; rests: the texts that it and its values rest on."""

    kind: str
    label: str
    says: str
    value: str
    given: tuple[Given, ...]
    rests: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What the rules would say. missing: questions without an answer, in words; assumed: (what, as what)."""

    eligible: bool | None = None
    amount: int = 0
    lines: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()
    assumed: tuple[Given, ...] = ()
    remedies: tuple[str, ...] = ()
    failed: str = ""
    problems: tuple[Problem, ...] = field(default=())

    @property
    def decided(self) -> bool:
        """Whether enough is known for an answer."""
        return self.eligible is not None


def look(desk: Desk, offered: Offered, written: Mapping[str, str], lang: str, case: Case | None = None) -> Preview:
    """The real rules over what is written; nothing is stored. An answer that cannot be read counts as missing.

    case: a draft for which what the register and the office know and its earlier cases count too. Without one
    nobody is asked about: whoever writes a firm's or a person's number here is not told what is known of them.
    """
    problems = check_answers(offered, written)
    wrong = {one.place.field for one in problems}
    readable = {name: text for name, text in written.items() if name not in wrong}
    day, asked = desk.today(), asked_inputs(offered)
    if case is not None:
        known = deciding.known_of(desk, case, day, said=readable)
    else:
        said = {item.name: Known(item.name, readable[item.name].strip(), "declared", "applicant")
                for item in asked if readable.get(item.name, "").strip()}
        known = deciding.gather(desk, offered, "", {}, day, said, None, {}, beforehand=True)
    missing = tuple(offered.programme.in_words(item.name, lang) for item in asked_inputs(offered, written)
                    if item.name not in known)
    assumed = tuple(Given(offered.programme.in_words(name, lang), _shown(offered, name, one.value, lang), True)
                    for name, one in known.items() if one.assurance == TAKEN)
    if missing:
        return Preview(missing=missing, assumed=assumed, problems=tuple(problems))
    try:
        decision = deciding.decide(desk, offered, known, day)
    except WestlakeError as error:
        return Preview(assumed=assumed, problems=error.problems)
    return told(offered, decision, known, lang)


def told(offered: Offered, decision: Decision, known: Mapping[str, Known], lang: str) -> Preview:
    """A decision in the words that pages show."""
    roles = offered.terms.decides
    eligible = bool(decision.values[roles["eligible"]])
    used = {argument.name for step in _relevant(offered, decision) for argument in step.arguments}
    assumed = tuple(Given(offered.programme.in_words(name, lang), _or_nobody(one, decision.shown(name, lang), lang),
                          True) for name, one in known.items() if one.assurance == TAKEN and name in used)
    remedies: tuple[str, ...] = ()
    if not eligible:
        remedies = tuple(_remedies(offered, decision, lang))
    return Preview(
        eligible, max(decision.values[roles[offered.workflow.award]], 0) if eligible else 0,
        tuple(_line(step, known, lang) for step in _relevant(offered, decision)), (), assumed, remedies,
        "" if eligible else offered.programme.in_words(first_failed(offered, decision), lang))


def _remedies(offered: Offered, decision: Decision, lang: str) -> Iterator[str]:
    """What would have to be otherwise, least first, with the amount that it would lead to."""
    roles, programme = offered.terms.decides, offered.programme
    found = find_remedies(decision, roles["eligible"])
    for one in found.remedies:
        changes = say("rules.list_comma", lang).join(
            say("rules.remedy.change", lang, label=programme.in_words(change.name, lang),
                before=programme.show(change.name, change.before, lang),
                after=programme.show(change.name, change.after, lang)) for change in one.changes)
        amount = max(one.decision.values[roles[offered.workflow.award]], 0)
        yield say("web.look.remedy", lang, changes=changes, amount=format_money(amount, programme.currency, sign=True))
    if not found.remedies:
        yield say("rules.remedy.none_found", lang)
    yield from (say("rules.remedy.stuck", lang, label=programme.in_words(name, lang)) for name in found.stuck)


def _relevant(offered: Offered, decision: Decision) -> list[Step]:
    """The clauses that lead to eligibility and to the amount promised; what only later steps need is left out."""
    roles = offered.terms.decides
    steps = {step.name: step for step in decision.steps}
    wanted, found = [roles["eligible"], roles[offered.workflow.award]], set()
    while wanted:
        name = wanted.pop()
        if name in steps and name not in found:
            found.add(name)
            wanted += [argument.name for argument in steps[name].arguments]
    return [step for step in decision.steps if step.name in found]


def _line(step: Step, known: Mapping[str, Known], lang: str) -> Line:
    kind = ("yes" if step.number else "no") if step.kind is Kind.BOOL else "amount"
    cited = [step.citation, *(one.citation for one in step.arguments if one.origin == "value")]
    rests = tuple(dict.fromkeys(one.sentence(lang) for one in cited if one))
    return Line(kind, _in(step, lang), step.sentence(lang), step.shown(lang),
                tuple(_given(one, known, lang) for one in step.arguments), rests)


def _given(argument: Argument, known: Mapping[str, Known], lang: str) -> Given:
    one = known.get(argument.name) if argument.origin == "input" else None
    grade = one.assurance if one else ""
    return Given(_in(argument, lang), _or_nobody(one, argument.shown(lang), lang), grade == TAKEN, grade)


def _or_nobody(one: Known | None, shown: str, lang: str) -> str:
    nobody = one is not None and one.assurance == TAKEN and shown == NOBODY
    return say("web.look.nobody", lang) if nobody else shown


def _in(part: Argument, lang: str) -> str:
    return fill(part.label, lang)


def _shown(offered: Offered, name: str, value: int | str, lang: str) -> str:
    item = offered.programme.inputs[name]
    if isinstance(value, str):
        if item.kind is Kind.ID:
            return say("web.look.nobody", lang) if value == NOBODY else value
        value = item.read(value, offered.programme.currency)
    return offered.programme.show(name, value, lang)


def grades(origins: Mapping[str, Mapping[str, str]]) -> dict[str, Known]:
    """How each input of a kept decision was known."""
    return {name: Known(name, 0, one["assurance"], one["source"]) for name, one in origins.items()}


def conditions(offered: Offered, day: int, lang: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """What the rules ask of applicants today, clause by clause: the test's name, its thresholds in words, what it rests
    on. What only the office or the ranking decides later is no condition to apply."""
    programme = offered.programme
    plan = programme.plan(day)
    found = []
    for name in _tests(offered, plan.names):
        if name not in plan.variants or _decided_later(
                offered, [argument.name for argument in plan.variant(name).arguments]):
            continue
        parts = [programme.trace(plan).parts[argument.name] for argument in plan.variant(name).arguments]
        limits = [f"{programme.in_words(part.name, lang)}: {_limit(offered, part.name, plan.values[part.name], lang)}"
                  for part in parts if part.name in plan.values]
        own = programme.trace(plan).parts[name]
        rests = dict.fromkeys(part.citation.sentence(lang) for part in (own, *parts) if part.citation)
        found.append((programme.in_words(name, lang), " · ".join(limits), tuple(rests)))
    return found


def _decided_later(offered: Offered, given: Iterable[str]) -> bool:
    inputs = [name for name in given if name in offered.programme.inputs]
    return bool(inputs) and all(name in offered.workflow.facts for name in inputs)


def _tests(offered: Offered, names: Iterable[str]) -> list[str]:
    """The tests behind eligibility, without the one that only joins them."""
    graph, goal = offered.programme.graph, offered.terms.decides["eligible"]
    wanted, reached = [goal], set()
    while wanted:
        name = wanted.pop()
        if name in graph.rules and name not in reached:
            reached.add(name)
            wanted += list(graph.needs(name))
    tests = [name for name in names if name in reached and graph.nodes[name].kind is Kind.BOOL]
    return [name for name in tests if name != goal] or tests


def _limit(offered: Offered, name: str, entry: Dated, lang: str) -> str:
    programme = offered.programme
    if not entry.choices:
        return programme.show(name, entry.number, lang)
    by = programme.values[name].by
    if programme.values[name].kind is Kind.BOOL and any(entry.by_choice.values()):  # those who may, not yes and no
        return say("rules.list_comma", lang).join(programme.choice_in_words(by, one, lang) for one, number in
                                                  entry.by_choice.items() if number)
    return ", ".join(f"{programme.choice_in_words(by, one, lang) if by in programme.inputs else one} "
                     f"{programme.show(name, number, lang)}" for one, number in entry.by_choice.items())

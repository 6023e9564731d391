"""Claim lines ready to be decided: what the bill says, who the firm was on that day, what was settled before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from westlake.errors import WestlakeError
from westlake.register import Fact, Register
from westlake.rules import Programme
from westlake.rules.form import Input
from westlake.rules.kinds import Kind
from westlake.settlement.history import History
from westlake.settlement.terms import Terms


@dataclass(frozen=True)
class Line:
    """One line of a claim, as its room hands it over.

    key names the line for ever; day is the day whose rules and facts decide it; order places it
    within the firm's year; document is the paper it stands on, which may be suspended as a whole; given
    holds the inputs that the room knows; evidence leads back to it.
    """

    key: str
    firm: str
    day: int
    order: tuple[int | str, ...]
    document: str
    given: Mapping[str, int | str]
    evidence: Mapping[str, int | str]


@dataclass
class Claims:
    """Lines in the order in which caps over time run, each with every input as the rules take it."""

    lines: list[Line] = field(default_factory=list)
    inputs: list[dict[str, int]] = field(default_factory=list)
    lacking: list[tuple[Line, str]] = field(default_factory=list)  # set aside: not known, or out of its bounds


def gather(programme: Programme, terms: Terms, lines: Sequence[Line], register: Register, history: History,
           suspended: frozenset[str] = frozenset(), anew: bool = False) -> Claims:
    """All lines with all their inputs, firm by firm and in order.

    anew: as if nothing had been settled yet, for a year that is restated whole.

    suspended: documents that wait for an officer; what was settled of them stays as it is. A line
    settled before that is no longer there comes back with an amount of nothing: its claim is undone.
    """
    claims = Claims()
    assert len({line.key for line in lines}) == len(lines), "a line has one key of its own"
    present = {line.key: line for line in lines if not names_of(line) & suspended}
    settled = [_gone(key, history) for key, known in history.lines.items() if key not in present and known.claim]
    gone = {line.key: line for line in settled if not names_of(line) & suspended}
    facts = {day: register.on(day) for day in {line.day for line in present.values()}}
    ordered = sorted([*present.values(), *gone.values()], key=lambda line: (line.firm, line.order, line.key))
    for line in ordered:
        inputs = ledger_inputs(terms, line, History() if anew else history)
        if line.key in gone:
            known = json.loads(history.lines[line.key].inputs)
            added = {name: max(wanted.low, 0) for name, wanted in programme.inputs.items()}
            inputs = {**added, **known, **inputs, terms.decides["base"]: 0}
        else:
            lacking = _add_facts(inputs, programme, terms, line, facts[line.day].get(line.firm, {}))
            if lacking:
                claims.lacking.append((line, lacking))
                continue
        claims.lines.append(line)
        claims.inputs.append(inputs)
    return claims


def names_of(line: Line) -> set[str]:
    """The names under which a line may be suspended: its document, or a firm's spend that waits for a rate."""
    month, currency = str(line.evidence.get("month", ""))[:7], line.evidence.get("currency", "")
    return {line.document, f"{line.firm}|{currency}|{month}"}


def fact_number(fact: Fact, wanted: Input, currency: str) -> int:
    """A register fact as a rule takes it; W406 when it does not fit the input's type or range."""
    try:
        number = (wanted.choices.index(fact.value) if wanted.kind is Kind.CHOICE
                  else wanted.read(fact.value, currency) if wanted.kind is Kind.ID else fact.number())
        if not wanted.low <= number <= wanted.high:
            raise ValueError(fact.value)
    except (ValueError, TypeError) as error:
        raise WestlakeError.one("W406", wanted.place, firm=fact.subject, name=wanted.name, value=fact.value) from error
    return number


def ledger_inputs(terms: Terms, line: Line, history: History) -> dict[str, int]:
    """What the rules are told of earlier rounds: input → number; see `Terms.history`."""
    return {name: history.input_of(role, line.key, line.firm) for name, role in terms.history.items()}


def _gone(key: str, history: History) -> Line:
    known = history.lines[key]
    evidence = json.loads(known.evidence)
    return Line(key, known.firm, known.day, tuple(evidence["order"]), evidence["document"], {}, {**evidence, "gone": 1})


def _add_facts(inputs: dict[str, int], programme: Programme, terms: Terms, line: Line,
               facts: Mapping[str, Fact]) -> str:
    """Put in what the register and the line know; the name of the first fact lacking, or an empty text."""
    for name, wanted in programme.inputs.items():
        if wanted.origin == "register":
            if name not in facts:
                return name
            inputs[name] = fact_number(facts[name], wanted, programme.currency)
        elif name not in inputs:
            if name not in line.given:
                raise WestlakeError.one("W405", wanted.place, name=name, origin=wanted.origin, source=terms.source)
            given = line.given[name]
            inputs[name] = given if isinstance(given, int) else wanted.read(given, programme.currency)
            if not wanted.low <= inputs[name] <= wanted.high:
                return name
    return ""

"""What the rules say of every line: eligible or not and why, its claim, and what it is entitled to now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from westlake.rules import Programme
from westlake.rules.kinds import Kind
from westlake.settlement.claims import Claims, Line
from westlake.settlement.terms import Terms


@dataclass(frozen=True)
class DecidedLine:
    """A line with what the rules gave. Amounts in minor units; reason: the first test it failed, if any."""

    line: Line
    inputs: dict[str, int]
    reason: str
    claim: int
    change: int
    entitlement: int


def decide(programme: Programme, terms: Terms, claims: Claims) -> list[DecidedLine]:
    """Run the kernel over all lines in order; the same lines, traced one by one, explain any of them."""
    if not claims.lines:
        return []
    tests = tests_of(programme, terms)
    columns = {name: np.array([inputs[name] for inputs in claims.inputs], dtype=np.int64) for name in programme.inputs}
    days = np.array([line.day for line in claims.lines], dtype=np.int64)
    roles = (terms.decides["eligible"], terms.decides["claim"], terms.decides["entitlement"])
    results = programme.run(columns, days, [*roles, *tests])
    eligible, claim, entitlement = (results[name].tolist() for name in roles)
    passed = [results[name].tolist() for name in tests]
    settled = next((name for name, role in terms.history.items() if role == "line_claim"), None)
    decided = []
    for row, (line, inputs) in enumerate(zip(claims.lines, claims.inputs, strict=True)):
        reason = "" if eligible[row] else next(
            (name for name, column in zip(tests, passed, strict=True) if not column[row]), roles[0])
        decided.append(DecidedLine(line, inputs, reason, claim[row], claim[row] - (inputs[settled] if settled else 0),
                                   entitlement[row]))
    return decided


def tests_of(programme: Programme, terms: Terms) -> list[str]:
    """The tests that eligibility joins: its Bool arguments, in the order written."""
    graph = programme.graph
    return [name for name in graph.needs(terms.decides["eligible"])
            if name in graph.rules and graph.nodes[name].kind is Kind.BOOL]

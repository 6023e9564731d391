"""What the rules say of every line: eligible or not and why, its claim, and what it is entitled to now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from westlake.rules import Programme
from westlake.rules.kinds import Kind
from westlake.settlement.claims import Claims, Line
from westlake.settlement.history import History, LineHistory
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
    from_ledger: frozenset[str] = frozenset()


def decide(programme: Programme, terms: Terms, claims: Claims, history: History,
           anew: bool = False) -> list[DecidedLine]:
    """Run the kernel over all lines in order; the same lines, traced one by one, explain any of them.

    A programme whose rules are told a line's settled claim says itself what the line adds. For any other,
    or when the year is restated (anew), what the line was given before is deducted here: no line is ever
    paid twice.
    """
    if not claims.lines:
        return []
    tests = tests_of(programme, terms)
    columns = {name: np.array([inputs[name] for inputs in claims.inputs], dtype=np.int64) for name in programme.inputs}
    days = np.array([line.day for line in claims.lines], dtype=np.int64)
    roles = (terms.decides["eligible"], terms.decides["claim"], terms.decides["entitlement"])
    results = programme.run(columns, days, [*roles, *tests])
    eligible, claim, entitlement = (results[name].tolist() for name in roles)
    passed = [results[name].tolist() for name in tests]
    nets_itself = "line_claim" in terms.history.values() and not anew
    told = frozenset(terms.history)
    decided = []
    for row, (line, inputs) in enumerate(zip(claims.lines, claims.inputs, strict=True)):
        reason = "" if eligible[row] else next(
            (name for name, column in zip(tests, passed, strict=True) if not column[row]), roles[0])
        before = history.lines.get(line.key)
        adds = entitlement[row] if nets_itself or before is None else _beyond(entitlement[row], before)
        change = claim[row] - (before.claim if before else 0)
        decided.append(DecidedLine(line, inputs, reason, claim[row], change, adds, told))
    return decided


def _beyond(entitlement: int, before: LineHistory) -> int:
    """What an entitlement adds to the line's last one; if it has shrunk, what was given beyond it comes back."""
    if entitlement >= before.entitlement:
        return entitlement - before.entitlement
    return -max(before.allotted - max(entitlement, 0), 0)


def tests_of(programme: Programme, terms: Terms) -> list[str]:
    """The tests that eligibility joins: its Bool arguments, in the order written."""
    graph = programme.graph
    return [name for name in graph.needs(terms.decides["eligible"])
            if name in graph.rules and graph.nodes[name].kind is Kind.BOOL]

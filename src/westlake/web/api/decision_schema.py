"""What the interface tells of a decision: each rule with what it was given and the clause on which it rests."""

from __future__ import annotations

from ninja import Schema

from westlake.web.api.schema import Words


class TracePart(Schema):
    """One thing that a rule was given."""

    name: str
    label: Words
    origin: str
    value: str
    shown: str


class TraceStep(Schema):
    """One rule as it was decided. rests_on: the clause, as precisely as it is known."""

    name: str
    label: Words
    value: str
    shown: str
    says: str
    rests_on: str
    given: list[TracePart]


class DecisionOut(Schema):
    """What the rules say. claim, entitlement: minor units; reason: the first test that failed, if any."""

    programme: str
    version: str
    regime: str
    day: str
    currency: str
    eligible: bool
    claim: int
    entitlement: int
    reason: str
    reason_says: str
    steps: list[TraceStep]

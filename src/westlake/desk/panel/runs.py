"""Computed choices as they were made: an assignment, a ranking, a selection, each with its seed, terms and result.

Whoever has the terms and the seed can compute the same result again; the digest says whether it is the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.people import Person
from westlake.digest import fingerprint
from westlake.errors import WestlakeError

_RUN = "SELECT id, call, kind, seed, terms, result, digest, person, at FROM desk_run"


@dataclass(frozen=True)
class Run:
    """A computed choice. kind: assignment, ranking or selection; terms: all that went in; result: what came out."""

    id: int
    call: int
    kind: str
    seed: int
    terms: Mapping[str, Any]
    result: Mapping[str, Any]
    digest: str
    person: int
    at: int


def store_run(desk: Desk, call: Call, kind: str, seed: int, terms: Mapping[str, Any], result: Mapping[str, Any],
              person: Person) -> Run:
    """Keep a computed choice."""
    texts = written(terms), written(result)
    digest = digest_of(call.code, kind, seed, terms, result)
    row = desk.connection.execute(
        "INSERT INTO desk_run (call, kind, seed, terms, result, digest, person, at) VALUES (?,?,?,?,?,?,?,?)"
        " RETURNING id", (call.id, kind, seed, *texts, digest, person.id, desk.now())).fetchone()
    desk.record.add(person.actor, f"desk.{kind}_computed", f"call:{call.id}",
                    {"run": row[0], "seed": seed, "digest": digest}, call.digest)
    return find_run(desk, row[0])


def find_run(desk: Desk, number: int) -> Run:
    """A run by number; W920 if there is none."""
    row = desk.connection.execute(f"{_RUN} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"run {number}")
    return _run(row)


def runs(desk: Desk, call: Call, kind: str = "") -> list[Run]:
    """A call's runs, newest first; of one kind if it is named."""
    return [_run(row) for row in desk.connection.execute(f"{_RUN} WHERE call = ? AND ? IN ('', kind) ORDER BY id DESC",
                                                         (call.id, kind))]


def written(value: Mapping[str, Any]) -> str:
    """Terms or a result as they are kept."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def result_digest(result: Mapping[str, Any]) -> str:
    """SHA-256 over a result as it is kept: by it one tells that what is applied is what was looked at."""
    return fingerprint([written(result)])


def digest_of(code: str, kind: str, seed: int, terms: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """SHA-256 over the call's code, the kind, the seed, and terms and result as they are kept."""
    return fingerprint([code, kind, seed, written(terms), written(result)])


def _run(row: Any) -> Run:
    return Run(row[0], row[1], row[2], row[3], json.loads(row[4]), json.loads(row[5]), row[6], row[7], row[8])

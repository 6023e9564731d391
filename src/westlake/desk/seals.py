"""The cases told over again from their acts: where each stands and what was decided must come out the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from westlake.database import Connection, reading
from westlake.digest import fingerprint
from westlake.errors import Place, Problem
from westlake.record import Record
from westlake.record.seals import seal_rows

OPENED = "desk.case_opened"
_DECISION = ("SELECT case_id, day, digest, given, origins, eligible, claim, entitlement, reason FROM desk_decision"
             " WHERE id = ?",)
_STANDS = ("state", "seq", "amount", "due", "asked", "title", "submitted_at", "number")


def seal_decision(connection: Connection, number: int) -> str:
    """SHA-256 of a decision as it was kept; the act of the step that brought it holds this."""
    return seal_rows(connection, _DECISION, (number,))


def submission_digest(number: str, seq: int, answers: str, files: str) -> str:
    """The digest on a receipt: of the case's number, the submission's, its answers and its files (both JSON texts)."""
    return fingerprint([number, seq, answers, files])


def check_cases(connection: Connection) -> Iterator[Problem]:
    """Each case stands where its acts left it (W975); each step is what its act tells (W976); what was submitted and
    decided is what was sealed (W977)."""
    with reading(connection):
        found = {row[0]: dict(zip(_STANDS, row[1:], strict=True)) for row in connection.stream(
            f"SELECT id, {', '.join(_STANDS)} FROM desk_case ORDER BY id")}
        steps = {(row[0], row[1]): row[2:] for row in connection.stream(
            "SELECT case_id, seq, step, came_from, went_to, person, role, at, act, data FROM desk_step"
            " ORDER BY case_id, seq")}
        told: dict[int, dict[str, object]] = {}
        for act in Record(connection).acts():
            if not act.subject.startswith("case:"):
                continue
            case, details = int(act.subject.removeprefix("case:")), act.details
            if act.act == OPENED:
                told[case] = {"seq": 0, "amount": details["amount"], "due": details["due"], "number": details["number"]}
            elif "seq" in details and "from" in details:
                yield from _step(case, steps.pop((case, int(str(details["seq"]))), None), act.id, act.act, details)
                changes = details.get("changes", {})
                assert isinstance(changes, dict)
                told.setdefault(case, {}).update({"seq": details["seq"], "state": details["to"], **changes})
                yield from _sealed(connection, case, details)
        for (case, seq), _ in sorted(steps.items()):
            number = found.get(case, {}).get("number", case)
            yield Problem("W976", Place(f"case:{case}"), {"number": number, "seq": seq})
        for case in sorted(found.keys() | told.keys()):
            stands, said = found.get(case, {}), told.get(case, {})
            late = [name for name, value in said.items() if stands.get(name) != value]
            if late or not said:
                yield Problem("W975", Place(f"case:{case}"), {"number": stands.get("number", case),
                                                              "fields": ", ".join(late) or "–"})


def _step(case: int, row: Sequence[Any] | None, act: int, name: str, details: object) -> Iterator[Problem]:
    assert isinstance(details, dict)
    if row is not None:
        step, came_from, went_to, _, role, _, told_by, data = row
        rest = {key: value for key, value in details.items() if key not in ("number", "seq", "from", "to", "role")}
        if (f"desk.{step}", came_from, went_to, role, told_by, json.loads(data)) == (
                name, details["from"], details["to"], details["role"], act, rest):
            return
    yield Problem("W976", Place(f"case:{case}"), {"number": details["number"], "seq": details["seq"]})


def _sealed(connection: Connection, case: int, details: object) -> Iterator[Problem]:
    assert isinstance(details, dict)
    if "submission" in details:
        row = connection.execute("SELECT answers, files, digest FROM desk_submission WHERE case_id = ? AND number = ?",
                                 (case, details["submission"])).fetchone()
        if row is None or not (submission_digest(details["number"], details["submission"], row[0], row[1])
                               == row[2] == details["digest"]):
            yield Problem("W977", Place("desk_submission"), {"number": details["number"]})
    if "decision" in details and seal_decision(connection, int(details["decision"])) != details.get("sealed"):
        yield Problem("W977", Place("desk_decision"), {"number": details["number"]})

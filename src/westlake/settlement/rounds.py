"""Rounds: each settles a programme's year once more; who decided it, who approved it, what it keeps."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from westlake.database import Connection, Refused, Schema
from westlake.errors import WestlakeError

SCHEMA = Schema(Path(__file__).parent / "schema", {
    "programme_version": ("digest",), "settlement_budget": ("programme, year, currency",),
    "settlement_round": ("id",), "settlement_step": ("round, step",),
    "settlement_case": ("round, firm",), "settlement_payment": ("round, firm",), "settlement_return": ("round, firm",),
    "settlement_line": ("round, line",)})


@dataclass(frozen=True)
class Round:
    """One settlement of a programme's year. Money in minor units of `currency`; day: day number."""

    id: int
    programme: str
    year: int
    number: int
    day: int
    regime: str
    digest: str
    data_digest: str
    way: str
    seed: str
    currency: str
    budget: int
    available: int
    evidence: dict[str, object]
    decided_by: str
    approved_by: str
    state: str  # decided, approved or withdrawn


_COLUMNS = ("id, programme, year, number, day, regime, digest, data_digest, way, seed, currency, budget,"
            " available, evidence")


def create(connection: Connection) -> None:
    """Make the settlement's tables where they are not there yet."""
    SCHEMA.create(connection)


def read_round(connection: Connection, number: int) -> Round:
    """A round by its id; W407 if there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM settlement_round WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W407", number=number)
    steps = dict(connection.execute("SELECT step, actor FROM settlement_step WHERE round = ?", (number,)))
    state = next(step for step in ("withdrawn", "approved", "decided") if step in steps)
    facts = dict(zip(_COLUMNS.split(", "), row, strict=True)) | {"evidence": json.loads(row[-1])}
    return Round(**facts, decided_by=steps["decided"], approved_by=steps.get("approved", ""), state=state)


def rounds_of(connection: Connection, programme: str, year: int) -> list[Round]:
    """All rounds of a programme's year, first to last."""
    return [read_round(connection, row[0]) for row in connection.execute(
        "SELECT id FROM settlement_round WHERE programme = ? AND year = ? ORDER BY number", (programme, year))]


def person(actor: str) -> str:
    """A name by which one person stays one person, however it is typed: width, case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", actor).casefold().split())


def take_step(connection: Connection, number: int, step: str, actor: str, day: int, reason: str = "") -> None:
    """Record a step of a round; W408 when one person would take two, W409 out of order."""
    try:
        connection.execute("INSERT INTO settlement_step VALUES (?, ?, ?, ?, ?, ?)",
                           (number, step, actor, person(actor), day, reason))
    except Refused as error:
        if "two persons" in str(error):
            raise WestlakeError.one("W408", number=number, actor=actor) from error
        raise WestlakeError.one("W409", number=number, step=step) from error

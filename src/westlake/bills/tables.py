"""What the bills room keeps in the database: deliveries, and what officers cleared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from westlake.database import Connection, Schema, transaction
from westlake.errors import Place, Problem

SCHEMA = Schema(Path(__file__).parent / "schema")
REMARKS = ("W356", "W357", "W358")  # problems of a delivery that hold nothing back
_DELIVERY = ("id, file_sha, manifest_sha, uploader, name, bytes, received_day, format, style, state, reading, rows,"
             " quarantined, vat_inside_ppm, problems, lacking")


@dataclass(frozen=True)
class Delivery:
    """A file as it was received. state: taken or refused; problems: what was wrong.

    reading: the name of the folder that holds its charges. lacking: canonical columns that the file
    does not have. again: it had been received before, and nothing was done.
    """

    id: int
    file_sha: str
    manifest_sha: str
    uploader: str
    name: str
    bytes: int
    received_day: int
    format: str
    style: str
    state: str
    reading: str
    rows: int
    quarantined: int
    vat_inside_ppm: int
    problems: tuple[Problem, ...]
    lacking: tuple[str, ...]
    again: bool = False

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """What is to be known of a file although it was taken in: W356, W357, W358."""
        return tuple(problem for problem in self.problems if problem.code in REMARKS)


@dataclass(frozen=True)
class Clearance:
    """An officer's word that a held invoice may count, in the version of one delivery."""

    code: str
    issuer: str
    account: str
    invoice: str
    delivery: int
    day: int
    officer: str
    reason: str


def create(connection: Connection) -> None:
    """Make the room's tables if they are not there yet."""
    SCHEMA.create(connection)


def received(connection: Connection, file_sha: str, manifest_sha: str, uploader: str) -> Delivery | None:
    """The delivery of this very file under this very manifest, if it stands; taken rather than refused."""
    rows = connection.execute(
        f"SELECT {_DELIVERY} FROM bills_delivery WHERE (file_sha, manifest_sha, uploader) = (?, ?, ?)"
        " ORDER BY state DESC",
        (file_sha, manifest_sha, uploader)).fetchall()
    return _delivery(rows[0], again=True) if rows else None


def record(connection: Connection, delivery: Delivery, problems: Sequence[Problem]) -> Delivery:
    """Write a delivery down: the one moment from which it counts; or the one that another run wrote meanwhile."""
    told = json.dumps([[problem.code, vars(problem.place), problem.values] for problem in problems],
                      ensure_ascii=False)
    with transaction(connection):
        row = connection.execute(
            f"INSERT INTO bills_delivery({_DELIVERY.removeprefix('id, ')}) VALUES ({', '.join('?' * 15)})"
            f" ON CONFLICT DO NOTHING RETURNING {_DELIVERY}",
            (delivery.file_sha, delivery.manifest_sha, delivery.uploader, delivery.name, delivery.bytes,
             delivery.received_day, delivery.format, delivery.style, delivery.state, delivery.reading, delivery.rows,
             delivery.quarantined, delivery.vat_inside_ppm, told, " ".join(delivery.lacking))).fetchone()
    if row is None:
        standing = received(connection, delivery.file_sha, delivery.manifest_sha, delivery.uploader)
        assert standing is not None
        return standing
    return _delivery(row)


def deliveries(connection: Connection, as_of: int | None = None) -> list[Delivery]:
    """All deliveries received up to a day, in the order of receipt."""
    return [_delivery(row) for row in connection.execute(
        f"SELECT {_DELIVERY} FROM bills_delivery WHERE received_day <= ? ORDER BY id", (_until(as_of),))]


def clear(connection: Connection, clearance: Clearance) -> None:
    """Write down an officer's word on a held invoice; a later word on the same invoice holds."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO bills_clearance(code, issuer, account, invoice, delivery, day, officer, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tuple(vars(clearance).values()))


def clearances(connection: Connection, as_of: int | None = None) -> list[Clearance]:
    """What officers cleared up to a day, oldest first."""
    return [Clearance(*row) for row in connection.execute(
        "SELECT code, issuer, account, invoice, delivery, day, officer, reason FROM bills_clearance"
        " WHERE day <= ? ORDER BY id", (_until(as_of),))]


def _until(as_of: int | None) -> int:
    return 2**62 if as_of is None else as_of


def _delivery(row: tuple[Any, ...], again: bool = False) -> Delivery:
    *plain, problems, lacking = row
    told = (Problem(code, Place(**place), values) for code, place, values in json.loads(problems))
    return Delivery(*plain, tuple(told), tuple(lacking.split()), again)  # type: ignore[call-arg]

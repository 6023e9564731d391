"""The drill's year with a witness: whatever it was answered is written down, and looked for after a fault.

`python -m tests.faults.year FOLDER [DATABASE]` plays the year and writes the answers to FOLDER/acknowledged.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
from tests.settlement.conftest import open_office
from tests.settlement.drill import play

from westlake.ledger import Books
from westlake.record import Record

KEPT = {"steps": "SELECT round, step, actor FROM settlement_step ORDER BY round, step",
        "payments": "SELECT round, firm, amount FROM settlement_payment ORDER BY round, firm",
        "deliveries": "SELECT file_sha, reading, rows FROM bills_delivery ORDER BY id"}


def answers(office) -> dict[str, object]:
    """What the office could now show to anybody who asks whether a step was taken."""
    return {"books": Books(office.connection).head(), "record": Record(office.connection).head(),
            **{name: [list(row) for row in office.connection.execute(asked)] for name, asked in KEPT.items()}}


def play_witnessed(folder: Path, where=None) -> None:
    """Play, each answer a line of FOLDER/acknowledged."""
    with (folder / "acknowledged").open("a", buffering=1) as file:
        play(folder, where, lambda office: file.write(json.dumps(answers(office)) + "\n"))


def last_answers(folder: Path) -> dict[str, object]:
    """The last answer that a run has written down whole."""
    path = folder / "acknowledged"
    lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
    return json.loads(lines[-1]) if lines else {}


def broken_promises(folder: Path, acknowledged, where=None) -> list[str]:
    """What was answered and is not there, and what does not verify; nothing when all is well.

    Every delivery whose row stands, answered or not, must have its charges, whole.
    """
    office = open_office(where or folder / "books.db")
    books, record = Books(office.connection), Record(office.connection)
    found = [f"verify {problem.code}" for problem in (*books.verify(), *record.verify())]
    for name, table, room in (("books", "journal", books), ("record", "act", record)):
        number, hash_ = acknowledged.get(name, (0, ""))
        if number and office.connection.execute(f"SELECT hash FROM {table} WHERE id = ?", (number,)).fetchone() != (hash_,):
            found.append(f"{name} {number} of {room.head().number}")
    standing = answers(office)
    for name in KEPT:
        found += [f"{name} {row}" for row in acknowledged.get(name, ()) if row not in standing[name]]
    found += [f"charges {reading}" for _, reading, rows in standing["deliveries"]
              if not _whole(folder / "charges" / reading, rows)]
    office.connection.close()
    return found


def _whole(reading: Path, rows: int) -> bool:
    """Can the tables of a reading be read to their end, and are its charges as many as were counted?"""
    try:
        for path in ("charges", "bills", "kinds", "told-*"):
            held = duckdb.execute(f"SELECT * FROM read_parquet('{reading}/{path}.parquet')").fetchall()
            if path == "charges" and len(held) != rows:
                return False
    except duckdb.Error:
        return False
    return True


if __name__ == "__main__":
    play_witnessed(Path(sys.argv[1]), *sys.argv[2:])

"""What the record's chain knows of the register: a seal of the rows that each table brought in.

The register's own tables carry no chain. The act that a table was taken in holds the SHA-256 of its rows, so
that a row changed, taken out or put in behind the rooms shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from westlake.database import Connection, reading
from westlake.errors import Place, Problem
from westlake.record import Record
from westlake.record.seals import seal_rows
from westlake.register.entered import check_entered

TAKEN = "register.taken"
_TABLES = {"register_fact": "subject, name, value", "register_account": "issuer, account, firm",
           "register_related": "firm, party"}
_ROWS = [f"SELECT {columns}, first, last, assurance, source FROM {table} WHERE file = ? AND learnt = ? ORDER BY id"
         for table, columns in _TABLES.items()]


def seal_table(connection: Connection, sha: str, learnt: int) -> str:
    """SHA-256 of all rows that came of one file on one day, in their order."""
    return seal_rows(connection, _ROWS, (sha, learnt))


def check_seals(connection: Connection) -> Iterator[Problem]:
    """The rows of each table are those that it brought in, and no row came in past the tables.

    A register without such acts (of release 0.1.0, or kept by a program of one's own) is not judged.
    """
    with reading(connection):
        taken = {(str(act.details["sha256"]), int(str(act.details["learnt"]))): act
                 for act in Record(connection).acts(act=TAKEN)}
        for (sha, learnt), act in taken.items():
            if seal_table(connection, sha, learnt) != act.details["sealed"]:
                yield Problem("W213", Place(act.subject.removeprefix("table:")), {"act": act.id})
        if not taken:
            return
        yield from check_entered(connection)
        for table in _TABLES:
            for sha, learnt, rows in connection.execute(
                    f"SELECT file, learnt, count(*) FROM {table} GROUP BY file, learnt ORDER BY 1, 2").fetchall():
                known = not sha or connection.execute("SELECT 1 FROM register_file WHERE sha256 = ?", (sha,)).fetchone()
                if (sha, learnt) not in taken and not known:
                    yield Problem("W214", Place(table), {"rows": rows})

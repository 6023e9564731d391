"""The record: each act is written once, sealed to the one before it, and stays; only personal data can go.

What the chain seals of an act, in canonical form, is its row as it stands:

    [number, at, day, actor, act, subject, version, details, personal]

with details and personal as JSON texts (keys in order, no spaces); personal gives for each name the
fingerprint of [salt, value], value as JSON text too. Erasing takes away salt and value; the digest
stays, so the chain holds, and an act of its own says what was erased, by whom and why.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from westlake.database import Connection, Schema, storable, transaction
from westlake.dates import MICROS_PER_DAY, now_us
from westlake.digest import GENESIS, Head, canonical, fingerprint, link
from westlake.errors import Place, Problem, WestlakeError
from westlake.record import checks

ERASED = "record.erased"
LONGEST = 10**7  # characters of all details of an act
SCHEMA = Schema(Path(__file__).parent / "schema", {"act": ("id",)})


@dataclass(frozen=True)
class Act:
    """One act. at: microseconds UTC when it was written; day: the day number for which it counts.

    version: what it was done on, such as the digest of a programme. personal: each personal value, or
    None where it has been erased.
    """

    id: int
    at: int
    day: int
    actor: str
    act: str
    subject: str
    version: str
    details: Mapping[str, object]
    personal: Mapping[str, object] = field(default_factory=dict)
    hash: str = ""


class Record:
    """Who did what. Writing joins the transaction that the caller has open: an act and what it did stand together."""

    def __init__(self, connection: Connection, now: Callable[[], int] = now_us) -> None:
        """`now` is the recording clock, in microseconds UTC."""
        self.connection = connection
        self._now = now

    @classmethod
    def create(cls, connection: Connection, now: Callable[[], int] = now_us) -> Record:
        """Make the tables and their guards where they are not there yet."""
        SCHEMA.create(connection)
        return cls(connection, now)

    def add(self, actor: str, act: str, subject: str, details: Mapping[str, object] | None = None, version: str = "",
            *, day: int | None = None, personal: Mapping[str, object] | None = None) -> Act:
        """Write an act and return it.

        subject: an opaque name (case:17, round:3), never a person's own; details: texts, whole
        numbers, yes/no, nothing, and lists and mappings of these; personal: the same, but erasable;
        day: the UTC day of writing unless given. Raises W601 for anything else in details or personal,
        W603 for an actor, act or subject that is empty or that no database can hold.
        """
        for name, text in (("actor", actor), ("act", act), ("subject", subject), ("version", version)):
            if not storable(text) or not (text or name == "version"):
                raise WestlakeError.one("W603", Place(field=name), name=name)
        values = {name: plain_json(value, f"personal.{name}") for name, value in (personal or {}).items()}
        salts = {name: secrets.token_hex(16) for name in values}
        texts = (plain_json(dict(details or {}), "details"),
                 plain_json({name: fingerprint([salts[name], value]) for name, value in values.items()}, "personal"))
        with transaction(self.connection):
            head, last_at = self._last()
            number, at = head.number + 1, max(self._now(), last_at)
            row = (number, at, at // MICROS_PER_DAY if day is None else day, actor, act, subject, version, *texts)
            hash_ = link(head.hash, canonical(row))
            if values:
                self.connection.executemany("INSERT INTO act_personal VALUES (?,?,?,?)", [
                    (number, name, salts[name], value) for name, value in values.items()])
            self.connection.execute("INSERT INTO act VALUES (?,?,?,?,?,?,?,?,?,?,?)", (*row, head.hash, hash_))
        return Act(*row[:7], json.loads(texts[0]), {name: json.loads(value) for name, value in values.items()}, hash_)

    def acts(self, subject: str | None = None, *, actor: str | None = None, act: str | tuple[str, ...] | None = None,
             after: int = 0) -> Iterator[Act]:
        """The acts on a subject, by an actor, of a kind or kinds (all of these that are given), after a number; as
        written."""
        asked = {"subject": subject, "actor": actor, "act": act}
        chosen = {name: (wanted,) if isinstance(wanted, str) else wanted for name, wanted in asked.items()
                  if wanted is not None}
        condition = "".join(f" AND {name} IN ({','.join('?' * len(values))})" for name, values in chosen.items())
        rows = self.connection.stream(
            "SELECT id, at, day, actor, act, subject, version, details, personal, hash FROM act"
            f" WHERE id > ?{condition} ORDER BY id", (after, *(one for values in chosen.values() for one in values)))
        for number, at, day, actor, act_, subject_, version, details, digests, hash_ in rows:
            sealed = json.loads(digests)
            kept = dict(self.connection.execute("SELECT name, value FROM act_personal WHERE act = ?",
                                                (number,))) if sealed else {}
            personal = {name: json.loads(kept[name]) if name in kept else None for name in sealed}
            yield Act(number, at, day, actor, act_, subject_, version, json.loads(details), personal, hash_)

    def erase(self, actor: str, subject: str, reason: str, *, of: str = "") -> Act:
        """Erase all personal values of the acts on a subject, for good; the act that says so is returned.

        of: an actor; what that one's own acts on other subjects say of anybody goes too.

        In a file the bytes are overwritten at once, and in its log too unless a transaction is open
        around this or somebody is reading just then; the log is overwritten in the course of work. A
        server overwrites them when it next vacuums the table. Copies made before, backups and a
        server's archived log among them, are not reached. W602 when there is nothing to erase.
        """
        with transaction(self.connection):
            found = self.connection.execute(
                "SELECT act.id, name FROM act_personal JOIN act ON act.id = act_personal.act WHERE subject = ?"
                " OR actor = ? ORDER BY act.id, name", (subject, of)).fetchall()
            if not found:
                raise WestlakeError.one("W602", Place(field=subject), subject=subject)
            self.connection.executemany("DELETE FROM act_personal WHERE act = ? AND name = ?", found)
            erased = self.add(actor, ERASED, subject, {"reason": reason, "values": [list(one) for one in found]})
        if not self.connection.in_transaction:
            self.connection.sweep()
        return erased

    def head(self) -> Head:
        """The number and hash of the last act."""
        return self._last()[0]

    def verify(self, published: Iterable[str] = ()) -> list[Problem]:
        """Check everything anew; empty when all is well. `published`: heads that were kept outside."""
        return checks.verify(self.connection, SCHEMA, published)

    def _last(self) -> tuple[Head, int]:
        row = self.connection.execute("SELECT id, hash, at FROM act ORDER BY id DESC LIMIT 1").fetchone()
        return (Head(row[0], row[1]), row[2]) if row else (Head(0, GENESIS), 0)


def plain_json(value: object, path: str) -> str:
    """The JSON text of texts, whole numbers, yes/no, nothing, lists and mappings; W601 names what else is there.

    Only what JSON gives back as it was: an officer in ten years reads what was written today.
    """
    _check_plain(value, path)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if not storable(text, LONGEST):
        raise WestlakeError.one("W601", Place(field=path), path=path, kind=type(value).__name__)
    return text


def _check_plain(value: object, path: str) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if type(name) is not str:
                raise WestlakeError.one("W601", Place(field=path), path=path, kind=type(name).__name__)
            _check_plain(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value, 1):
            _check_plain(inner, f"{path}[{place}]")
    elif value is not None and type(value) not in (bool, int, str):
        raise WestlakeError.one("W601", Place(field=path), path=path, kind=type(value).__name__)

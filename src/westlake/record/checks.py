"""What must hold of the record, checked anew from its rows; each check names the first act that breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from westlake.database import Connection, Schema, first_problems, reading
from westlake.digest import Link, canonical, fingerprint, first_break
from westlake.errors import Place, Problem


def verify(connection: Connection, schema: Schema, published: Iterable[str] = ()) -> list[Problem]:
    """The first problem that each check finds, in the order of the checks."""
    with reading(connection):
        return first_problems([check_guards(connection, schema), *(check(connection) for check in CHECKS),
                               check_published(connection, published)], damaged="W612")


def check_guards(connection: Connection, schema: Schema) -> Iterator[Problem]:
    """1. Tables and triggers are the ones this version writes: no guard is missing, changed or added."""
    for name in schema.altered(connection):
        yield _problem("W611", name=name)


def check_file(connection: Connection) -> Iterator[Problem]:
    """2. The file is whole: pages, indexes, unique keys, column rules and references, as SQLite sees them."""
    for what in connection.damage(("act", "act_personal")):
        yield _problem("W612", what=what)


def check_chain(connection: Connection) -> Iterator[Problem]:
    """3. Each act follows the one before it, and its bytes are the bytes that were sealed."""
    broken = first_break(_links(connection))
    if broken:
        yield _problem("W613", broken[0], broken[1])


def check_time(connection: Connection) -> Iterator[Problem]:
    """4. Time never ran back from one act to the next."""
    for number, in connection.execute("SELECT id FROM (SELECT id, at < lag(at, 1, at) OVER (ORDER BY id) AS back"
                                      " FROM act) AS pair WHERE back ORDER BY id"):
        yield _problem("W614", number, "at")


def check_personal(connection: Connection) -> Iterator[Problem]:
    """5. Each personal value is the one that was sealed; each that is gone was erased by an act that says so."""
    erased = {(number, name) for details, in connection.execute("SELECT details FROM act WHERE act = 'record.erased'")
              for number, name in _parsed(details).get("values", ())}
    for number, sealed in connection.execute(
            "SELECT id, personal FROM act WHERE personal <> '{}' OR id IN (SELECT act FROM act_personal) ORDER BY id"):
        digests = _parsed(sealed)
        kept = {name: fingerprint([salt, value]) for name, salt, value in connection.execute(
            "SELECT name, salt, value FROM act_personal WHERE act = ?", (number,))}
        for name in sorted(digests.keys() | kept.keys()):
            if name in kept and kept[name] != digests.get(name):
                yield _problem("W616", number, name)
            elif name not in kept and (number, name) not in erased:
                yield _problem("W615", number, name)


def check_published(connection: Connection, published: Iterable[str]) -> Iterator[Problem]:
    """6. Each head that was kept outside is in the chain: the record was not written anew since."""
    for hash_ in published:
        if not connection.execute("SELECT 1 FROM act WHERE hash = ?", (hash_,)).fetchone():
            yield _problem("W617", hash=hash_)


CHECKS = (check_file, check_chain, check_time, check_personal)


def _links(connection: Connection) -> Iterator[Link]:
    rows = connection.stream("SELECT id, at, day, actor, act, subject, version, details, personal, previous, hash"
                              " FROM act ORDER BY id")
    for *row, previous, hash_ in rows:
        yield Link(row[0], previous, hash_, canonical(row))


def _parsed(text: str) -> dict[str, Any]:
    """A mapping from its JSON text; an empty one for a text that is none any more, which check 3 names."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _problem(code: str, row: int = 0, field: str = "", **values: object) -> Problem:
    return Problem(code, Place("record", row=row, field=field), {"act": row, "field": field, **values})

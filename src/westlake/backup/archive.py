"""Writes a backup: every row of the database as it stood at one instant, and the files of the workspace.

A backup is one ZIP file. `tables/NAME.jsonl` holds a table, one JSON array a row under a first line of
column names; `files/` holds settings, programmes, register, bills and taken-in charges; `backup.json`
says when and by which release it was made, the heads of books and record, and the SHA-256 of every
other member. Nothing in it depends on the engine that the rows came from.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import westlake
from westlake.backup.files import Found, files_of
from westlake.database import Connection, reading
from westlake.dates import now_us
from westlake.digest import Head
from westlake.disk import open_private, place
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books
from westlake.record import Record
from westlake.rooms import SCHEMAS
from westlake.workspace import Workspace

CONTENTS = "backup.json"
_BLOCK = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, ValueError, TypeError,
           OSError)  # what reading a ZIP file with a wrong byte may raise


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself. at: microseconds UTC; books and record: their heads; rows: by table.

    members: the SHA-256 of each other member of the file. left_out: each file or folder of the workspace
    that is not in it, with the reason as `files.Found`, or "gone" (it went while the backup was made).
    """

    release: str
    at: int
    engine: str
    books: Head
    record: Head
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def write_backup(connection: Connection, workspace: Workspace, path: Path, *, with_files: bool = True,
                 told: Callable[[str], None] = lambda name: None) -> Contents:
    """Write a backup while others go on working; its rows are those of one instant.

    The file appears whole or not at all, and is its owner's alone to read. `told` hears the name of each member as it is begun.
    """
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with open_private(draft) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            with reading(connection):
                contents = Contents(westlake.__version__, now_us(), connection.engine, Books(connection).head(),
                                    Record(connection).head())
                for table, order in _tables():
                    told(table)
                    contents.rows[table] = _add(archive, contents, f"tables/{table}.jsonl",
                                                _lines(connection, table, order)) - 1
            for found in files_of(workspace, (path, draft)) if with_files else ():
                _add_file(archive, contents, found, told)
            archive.writestr(CONTENTS, json.dumps(asdict(contents), ensure_ascii=False, indent=1))
        place(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return contents


def read_contents(path: Path) -> Contents:
    """What a backup says of itself, once every member has been read and found to be what was written.

    W710 for a file that is none, or is damaged; W711 for one of a later release.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            told: dict[str, Any] = json.loads(archive.read(CONTENTS))
            if _release(told["release"]) > _release(westlake.__version__):
                raise WestlakeError.one("W711", Place(path.name), found=told["release"], own=westlake.__version__)
            told |= {"books": Head(*told["books"]), "record": Head(*told["record"])}
            contents = Contents(**told)
            damaged = [name for name, sha in contents.members.items() if _sha(archive, name) != sha]
    except _DAMAGE as error:
        raise WestlakeError.one("W710", Place(path.name), what=str(error)) from error
    if damaged:
        raise WestlakeError.one("W710", Place(path.name), what=damaged[0])
    return contents


def _tables() -> Iterator[tuple[str, str]]:
    """Each table with the columns by which its rows stand in their order of writing."""
    for schema in SCHEMAS:
        for table in schema.tables:
            yield table, schema.key(table)


def _lines(connection: Connection, table: str, order: str) -> Iterator[bytes]:
    columns = connection.columns(table)
    yield _line(columns)
    for row in connection.stream(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}"):
        yield _line(row)


def _line(row: Iterable[object]) -> bytes:
    return json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _add_file(archive: zipfile.ZipFile, contents: Contents, found: Found, told: Callable[[str], None]) -> None:
    if found.left_out:
        contents.left_out[_printable(found.name)] = found.left_out
        return
    told(found.name)
    try:
        with found.path.open("rb") as source:
            _add(archive, contents, f"files/{found.name}", iter(partial(source.read, _BLOCK), b""))
    except FileNotFoundError:  # since it was listed
        contents.left_out[found.name] = "gone"


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _add(archive: zipfile.ZipFile, contents: Contents, name: str, parts: Iterable[bytes]) -> int:
    """Write a member and note its SHA-256; how many parts it had."""
    digest, count = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as out:
        for part in parts:
            out.write(part)
            digest.update(part)
            count += 1
    contents.members[name] = digest.hexdigest()
    return count


def _sha(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while block := member.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3])

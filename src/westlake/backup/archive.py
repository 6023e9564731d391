"""Writes a backup: every row of the database as it stood at one instant, and the files of the workspace.

A backup is one ZIP file. `tables/NAME.jsonl` holds a table, one JSON array a row under a first line of
column names; `files/` holds settings, programmes, register, bills and taken-in charges; `backup.json`
says when and by which release it was made, the heads of books and record, and SHA-256 and size of every
other member. Nothing in it depends on the engine that the rows came from.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import westlake
from westlake.backup.files import Found, can_be_named, files_of
from westlake.database import Connection, reading
from westlake.dates import instant_iso, now_us
from westlake.digest import Head
from westlake.disk import open_private, place
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books
from westlake.record import Record
from westlake.rooms import SCHEMAS
from westlake.workspace import Workspace

CONTENTS = "backup.json"
_BLOCK = 1 << 20
_SQLITE = b"SQLite format 3\0"
_MOST = 32 << 20  # bytes of backup.json: a quarter of a million files
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, ValueError, TypeError,
           AttributeError, ArithmeticError, OSError)  # what reading a ZIP file with a wrong byte may raise


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself. at: microseconds UTC; books and record: their heads; rows: by table.

    members: the SHA-256 of each other member of the file; sizes: its bytes. left_out: each file or folder
    of the workspace that is not in it, with the reason as `files.Found`, or "gone" (while it was made).
    """

    release: str
    at: int
    engine: str
    books: Head
    record: Head
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def write_backup(connection: Connection, workspace: Workspace, path: Path, *, with_files: bool = True,
                 told: Callable[[str], None] = lambda name: None) -> Contents:
    """Write a backup while others go on working; its rows are those of one instant.

    The file appears whole or not at all, and is its owner's alone to read. `told` hears the name of each
    member as it is begun.
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
            contents = _contents(archive, path.name)
            odd = _odd_one(archive, contents)
            damaged = [odd] if odd else [name for name, sha in contents.members.items() if _sha(archive, name) != sha]
    except _DAMAGE as error:
        raise WestlakeError.one("W710", Place(path.name), what=printable(str(error))) from error
    if damaged:
        raise WestlakeError.one("W710", Place(path.name), what=printable(damaged[0]))
    return contents


def _contents(archive: zipfile.ZipFile, file: str) -> Contents:
    for member in archive.infolist():
        # the other ways of packing unpack all at once, whatever comes out
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(member.filename)
    with archive.open(CONTENTS) as listed:
        text = listed.read(_MOST + 1)
    if len(text) > _MOST:
        raise ValueError(f"{CONTENTS} > {_MOST:,}")
    told: dict[str, Any] = json.loads(text)
    if _release(told["release"]) > _release(westlake.__version__):
        raise WestlakeError.one("W711", Place(file), found=told["release"], own=westlake.__version__)
    told |= {"books": Head(*told["books"]), "record": Head(*told["record"])}
    contents = Contents(**told)
    instant_iso(contents.at)
    if {type(number) for number in (*contents.rows.values(), *contents.sizes.values())} - {int}:
        raise TypeError("rows, sizes")
    return contents


def _odd_one(archive: zipfile.ZipFile, contents: Contents) -> str | None:
    """A member that is not what the list says, by name, size or number; before anything of it is unpacked."""
    found = Counter(member.filename for member in archive.infolist())
    listed = Counter([*contents.members, CONTENTS])
    for name in (*(found - listed), *(listed - found)):
        return name
    for name in contents.members:
        if archive.getinfo(name).file_size != contents.sizes.get(name):
            return name
        if name.startswith("files/") and not can_be_named(name.removeprefix("files/")):
            return name
    return None


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
        contents.left_out[printable(found.name)] = found.left_out
        return
    told(found.name)
    try:
        with found.path.open("rb") as source:
            if source.read(len(_SQLITE)) == _SQLITE:  # log-ins: in use while it is read, so taken as of one instant
                _add(archive, contents, f"files/{found.name}", [_as_it_stands(found.path)])
                return
            source.seek(0)
            _add(archive, contents, f"files/{found.name}", iter(partial(source.read, _BLOCK), b""))
    except FileNotFoundError:  # since it was listed
        contents.left_out[found.name] = "gone"


def _as_it_stands(path: Path) -> bytes:
    """A database's file with all that its log holds too, marked as one that needs no log to be read."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        content = bytearray(database.serialize())
    content[18:20] = b"\1\1"  # sqlite.org/fileformat.html, 1.3.3: 2 would say that it has one
    return bytes(content)


def printable(name: str) -> str:
    """A name that any screen takes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _add(archive: zipfile.ZipFile, contents: Contents, name: str, parts: Iterable[bytes]) -> int:
    """Write a member and note its SHA-256 and size; how many parts it had."""
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as out:
        for part in parts:
            out.write(part)
            digest.update(part)
            size += len(part)
            count += 1
    contents.members[name], contents.sizes[name] = digest.hexdigest(), size
    return count


def _sha(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while block := member.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3])

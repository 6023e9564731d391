"""Brings a backup back: into a new folder, and a new file or an empty server; whole, verified, or not at all."""

from __future__ import annotations

import errno
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from westlake.backup.archive import Contents, printable, read_contents
from westlake.database import Connection, Damaged, connect, is_address, place_of, transaction
from westlake.disk import open_private, place
from westlake.errors import Place, WestlakeError
from westlake.rooms import SCHEMAS, create_all, verify_all
from westlake.workspace import SETTINGS_FILE, Settings, Workspace, address_to_write

_LONGEST = 64 << 20  # bytes of a row
_CELLS = {int, str, type(None)}
_OF_A_NAME = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}
NOTE = "restoring"  # a table that a server has between its rows and the folder that goes with them


def restore_backup(path: Path, folder: Path, database: str, *,
                   told: Callable[[str], None] = lambda name: None) -> Contents:
    """Restore a backup into a folder that is not there yet, its rows into `database`.

    database: a file's name in that folder, or the address of a server whose tables are empty. Books and
    record are verified and their heads compared with those that the backup was made at; else nothing is
    left. Folder and file are their owner's alone to read. W709 as `address_to_write`; W710 and W711 as
    `read_contents`; W712 when folder or database is in use; W713 when what was restored is not what was
    backed up.
    """
    written = address_to_write(database)
    contents = read_contents(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WestlakeError.one("W712", Place(str(folder)), where=folder.name)
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.mkdir(mode=0o700)
        with zipfile.ZipFile(path) as archive:
            _lay_out(archive, contents, draft, written, told)
            where = database if is_address(database) else _new_file(draft / database)
            _fill(archive, contents, where, told)
        if folder.exists():
            folder.rmdir()
        place(draft, folder)
        if is_address(database):
            _strike_out(database)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return contents


def _lay_out(archive: zipfile.ZipFile, contents: Contents, folder: Path, database: str,
             told: Callable[[str], None]) -> None:
    """The files of the backup, the workspace's own folders, and settings that name the database."""
    try:
        _unpack(archive, contents, folder, told)
        for own in Workspace(folder, Settings()).folders:
            own.mkdir(exist_ok=True)
        _point(folder / SETTINGS_FILE, database)
    except UnicodeDecodeError as error:
        raise WestlakeError.one("W710", Place(str(archive.filename)), what=SETTINGS_FILE) from error
    except OSError as error:
        if error.errno not in _OF_A_NAME:
            raise
        what = printable(Path(error.filename or "").name)
        raise WestlakeError.one("W710", Place(str(archive.filename)), what=what) from error


def _unpack(archive: zipfile.ZipFile, contents: Contents, folder: Path, told: Callable[[str], None]) -> None:
    for member in contents.members:
        name = member.removeprefix("files/")
        if name == member:
            continue
        told(name)
        target = (folder / name).resolve()
        if not target.is_relative_to(folder.resolve()):  # a name that climbs out of the folder
            raise WestlakeError.one("W710", Place(str(archive.filename)), what=printable(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as out:
            shutil.copyfileobj(source, out, 1 << 20)


def _new_file(database: Path) -> Path:
    """The file of the database, empty; W712 where the backup's own files bring one, or what SQLite would add to it."""
    for path in (database, *(Path(f"{database}{end}") for end in ("-wal", "-shm", "-journal"))):
        if path.exists():
            raise WestlakeError.one("W712", Place(path.name), where=path.name)
    open_private(database).close()  # what SQLite lays beside it takes its rights
    return database


def _point(settings: Path, database: str) -> None:
    """The settings name the database that the books are in now; every other line stays as it was."""
    lines = settings.read_text("utf-8").splitlines() if settings.exists() else []
    kept = [line for line in lines if not line.replace(" ", "").startswith("database=")]
    settings.write_text("\n".join([*kept, f"database = {json.dumps(database, ensure_ascii=False)}", ""]), "utf-8")


def _fill(archive: zipfile.ZipFile, contents: Contents, where: Path | str, told: Callable[[str], None]) -> None:
    connection = connect(where)
    try:
        create_all(connection)
        with transaction(connection):
            if not _filled_before(connection, contents):
                _check_empty(connection)
                _fill_tables(connection, archive, contents, told)
            _compare(connection, contents)
    except sqlite3.OperationalError:  # a full disk, a server that went away: nothing is wrong with the backup
        raise
    # a row that its table does not take; a role that does not own the tables
    except (Damaged, ValueError, OverflowError) as error:
        raise WestlakeError.one("W713", Place(place_of(where)), what=str(error)) from error
    finally:
        connection.close()


def _check_empty(connection: Connection) -> None:
    for schema in SCHEMAS:
        for table in schema.tables:
            if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
                raise WestlakeError.one("W712", Place(table), where=table)


def _fill_tables(connection: Connection, archive: zipfile.ZipFile, contents: Contents,
                 told: Callable[[str], None]) -> None:
    for schema in SCHEMAS:
        with schema.unguarded(connection):
            for table in schema.tables:
                told(table)
                member = f"tables/{table}.jsonl"
                if member in contents.members:
                    _fill_table(connection, table, _rows(archive, member))
    if connection.engine == "postgresql":  # it plans by what it has seen of its tables, and looks only after a while
        connection.run_script(f"ANALYZE {', '.join(table for schema in SCHEMAS for table in schema.tables)}")
        connection.run_script(f"CREATE TABLE {NOTE} (books TEXT NOT NULL, record TEXT NOT NULL)")
        connection.execute(f"INSERT INTO {NOTE} VALUES (?, ?)", (contents.books.hash, contents.record.hash))


def _filled_before(connection: Connection, contents: Contents) -> bool:
    """Did an earlier run bring this very backup to the server, and stop before its folder was there?"""
    return bool(connection.columns(NOTE)) and connection.execute(
        f"SELECT books, record FROM {NOTE}").fetchone() == (contents.books.hash, contents.record.hash)


def _strike_out(database: str) -> None:
    """Folder and rows both stand: the note that one of them was missing goes."""
    connection = connect(database)
    with transaction(connection):
        connection.run_script(f"DROP TABLE IF EXISTS {NOTE}")
    connection.close()


def _fill_table(connection: Connection, table: str, rows: Iterator[list[Any]]) -> None:
    columns = next(rows, [])
    known = connection.columns(table)
    for column in columns or [""]:
        if column not in known or columns.count(column) > 1:
            raise WestlakeError.one("W710", Place(table), what=printable(f"{table}.{column}"))
    connection.fill(table, columns, rows)


def _rows(archive: zipfile.ZipFile, member: str) -> Iterator[list[Any]]:
    """The column names, then the rows: lists of numbers, texts and nothing, as long as the first; else W710."""
    width = None
    with archive.open(member) as source, io.BufferedReader(source, 1 << 20) as lines:  # type: ignore[type-var]
        while line := lines.readline(_LONGEST):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if type(row) is not list or len(row) != (width or len(row)) or {type(cell) for cell in row} - _CELLS:
                raise WestlakeError.one("W710", Place(member), what=printable(line[:60].decode("utf-8", "replace")))
            width = len(row)
            yield row


def _compare(connection: Connection, contents: Contents) -> None:
    """What was restored is what was backed up: every check is silent, both heads are the same."""
    found = verify_all(connection)
    for name, head in (("books", contents.books), ("record", contents.record), ("rooms", None)):
        problems = found.problems[name]
        if problems or (head and getattr(found, name) != head):
            other = f"{getattr(found, name).hash[:16]} ≠ {head.hash[:16]}" if head else ""
            what = problems[0].line() if problems else other
            raise WestlakeError.one("W713", Place(name), what=what)

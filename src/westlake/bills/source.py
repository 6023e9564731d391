"""A file of a bill as it came: what it is, whether it is whole, and its rows as plain text."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from westlake.bills.engine import machine_fault, quoted
from westlake.errors import Place, Problem, WestlakeError

UNPACKED_RATIO_MAX = 200  # real bills pack 10 to 50 times; what packs tighter is not a bill
UNPACKED_FREE_BYTES = 64 << 20  # the ratio is not asked of small files
UNPACKED_BYTES_MAX = 64 << 30
PARQUET_ROWS_PER_BYTE_MAX = 100
HEADING_BYTES_MAX = 1 << 20
FIELD_CHARS_MAX = 1 << 20
BLOCK = 1 << 20
NO_WORDS = "['', 'NULL', 'null', 'Null']"


@dataclass(frozen=True)
class Source:
    """A file that can be read: `kind` csv or parquet, its headings, and where its plain bytes lie."""

    path: Path
    name: str
    kind: str
    headings: tuple[str, ...]
    delimiter: str = ","

    def columns(self) -> dict[str, str]:
        """Heading → the column of the view `raw` that holds it."""
        return {heading: f"c{place}" for place, heading in enumerate(self.headings, 1)}


def open_source(path: Path, work: Path, encoding: str = "") -> Source:
    """What a file is, judged by its bytes; a packed file is unpacked into `work`, within bounds.

    encoding: of a CSV that is not UTF-8; its text is written anew, as UTF-8.

    Raises W301 (empty), W302 (not a bill we can read), W303 (cut), W304 (unpacks without end),
    W309 (a heading twice).
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if not magic:
        raise refusal("W301", path.name)
    plain = unpack(path, work) if magic[:2] == b"\x1f\x8b" else path
    if magic == b"PAR1":
        return _parquet(path)
    if magic[:2] == b"PK":
        raise refusal("W302", path.name, what="zip")
    return _csv(recoded(plain, path, work, encoding) if encoding not in ("", "utf-8") else plain, path)


def refusal(code: str, name: str, **values: str | int) -> WestlakeError:
    """The error that refuses a whole file."""
    return WestlakeError([Problem(code, Place(name), values)])


def unpack(path: Path, work: Path) -> Path:
    """The bytes of a gzip file in `work`; W303 if it ends early, W304 if it grows past all bounds."""
    bound = max(UNPACKED_FREE_BYTES, min(path.stat().st_size * UNPACKED_RATIO_MAX, UNPACKED_BYTES_MAX))
    plain, written, whole = work / "unpacked.csv", 0, False
    try:
        with path.open("rb") as packed, plain.open("wb") as out:
            unpacker = zlib.decompressobj(wbits=31)
            while block := packed.read(BLOCK):
                while block:
                    text = unpacker.decompress(block, BLOCK)
                    written += len(text)
                    if written > bound:
                        raise refusal("W304", path.name, bytes=bound)
                    out.write(text)
                    whole, block = unpacker.eof, unpacker.unconsumed_tail
                    if whole:
                        block = unpacker.unused_data.lstrip(b"\0")  # members may follow; padding may too
                        unpacker, whole = (zlib.decompressobj(wbits=31), False) if block else (unpacker, True)
    except zlib.error as error:
        raise refusal("W302", path.name, what=str(error)) from error
    if not whole:
        raise refusal("W303", path.name, what="gzip")
    if not written:
        raise refusal("W301", path.name)
    return plain


def recoded(plain: Path, path: Path, work: Path, encoding: str) -> Path:
    """The text of a file as UTF-8, in `work`; W302 when it is not in the encoding declared."""
    anew = work / "recoded.csv"
    try:
        with plain.open(encoding=encoding, newline="") as text, anew.open("w", encoding="utf-8", newline="") as out:
            shutil.copyfileobj(text, out, BLOCK)
    except UnicodeError as error:
        raise refusal("W302", path.name, what=f"{encoding}: {error}"[:120]) from error
    return anew


def _parquet(path: Path) -> Source:
    if path.stat().st_size < 12 or _tail(path, 4) != b"PAR1":
        raise refusal("W303", path.name, what="Parquet")
    with duckdb.connect(":memory:") as reader:
        try:
            names = [row[0] for row in reader.execute(
                f"DESCRIBE SELECT * FROM read_parquet({quoted(path)})").fetchall()]
            rows = reader.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({quoted(path)})").fetchall()[0][0]
        except duckdb.Error as error:
            if machine_fault(error) or isinstance(error, duckdb.InterruptException):
                raise
            raise refusal("W302", path.name, what=str(error).splitlines()[0]) from error
    if rows > PARQUET_ROWS_PER_BYTE_MAX * path.stat().st_size:
        raise refusal("W304", path.name, bytes=path.stat().st_size * PARQUET_ROWS_PER_BYTE_MAX)
    return Source(path, path.name, "parquet", _once(names, path))


def _tail(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(-count, io.SEEK_END)
        return file.read()


def _csv(plain: Path, path: Path) -> Source:
    with plain.open("rb") as file:
        head = file.read(HEADING_BYTES_MAX)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise refusal("W302", path.name, what="UTF-16")
    line = re.split(rb"[\r\n]", head, maxsplit=1)[0].decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise refusal("W302", path.name, what=str(error)) from error
    return Source(plain, path.name, "csv", _once([name.strip() for name in names], path), delimiter)


def _once(names: list[str], path: Path) -> tuple[str, ...]:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise refusal("W309", path.name, heading=twice[0])
    return tuple(names)


def show(sql: duckdb.DuckDBPyConnection, source: Source, mended: bool = False) -> None:
    """The view `raw`: c1 … cn as text or NULL, and for a mended file the fault of each bad row."""
    names = [f"c{place}" for place in range(1, len(source.headings) + 1)]
    if source.kind == "parquet":
        texts = ", ".join(f"word(CAST(\"{heading.replace(chr(34), chr(34) * 2)}\" AS VARCHAR)) AS {name}"
                          for heading, name in zip(source.headings, names, strict=True))
        rows = f"SELECT {texts} FROM read_parquet({quoted(source.path)})"
    else:
        listed = names + (["fault", "fault_text"] if mended else [])
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in listed)
        rows = (f"SELECT * FROM read_csv({quoted(source.path)}, auto_detect = false, header = true, strict_mode = true,"
                f" delim = {quoted(source.delimiter)}, quote = '\"', escape = '\"', nullstr = {NO_WORDS},"
                f" max_line_size = {FIELD_CHARS_MAX * 8}, columns = {{{columns}}})")
    faults = "" if mended else ", CAST(NULL AS VARCHAR) AS fault, CAST(NULL AS VARCHAR) AS fault_text"
    sql.execute(f"CREATE OR REPLACE TEMP VIEW raw AS SELECT *{faults} FROM ({rows})")


def mend(source: Source, work: Path) -> Source:
    """A CSV that the fast reader refused, row by row: good rows as they are, bad rows empty with their fault.

    Bounded memory. Raises W303 when the last row is cut short.
    """
    mended, width = work / "mended.csv", len(source.headings)
    limit = csv.field_size_limit(FIELD_CHARS_MAX)
    try:
        with (source.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text,
              mended.open("w", encoding="utf-8", newline="") as out):
            rows = csv.reader((line.replace("\0", "\udcff") for line in text), delimiter=source.delimiter)
            writer = csv.writer(out, delimiter=source.delimiter, lineterminator="\n")
            next(_rows(rows), None)
            writer.writerow([*source.headings, "fault", "fault_text"])
            row: list[str] = []
            for row in _rows(rows):
                if row:
                    writer.writerow(_checked(row, width))
            if row and len(row) < width and _tail(source.path, 1) not in b"\r\n":
                raise refusal("W303", source.name, what="CSV")
    finally:
        csv.field_size_limit(limit)
    return Source(mended, source.name, source.kind, source.headings, source.delimiter)


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows of a reader; one that it can't hold comes out as a row of one field."""
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield [str(error)]


def _checked(row: list[str], width: int) -> list[str]:
    empty = [""] * width
    if len(row) != width:
        return [*empty, "W310", f"{len(row)} ≠ {width}"]
    with contextlib.suppress(UnicodeEncodeError):
        "".join(row).encode()
        return [*row, "", ""]
    shown = next(field for field in row if not field.isprintable())
    return [*empty, "W318", shown.encode("utf-8", "replace").decode()[:80]]

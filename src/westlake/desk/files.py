"""Files handed in with a case: checked by what they are, kept once under their hash, never under a name they bring."""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from westlake.database import transaction
from westlake.desk.cases import Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.people import Person
from westlake.disk import write_whole
from westlake.errors import Place, Problem, WestlakeError
from westlake.failpoints import failpoint

FILES = ("SELECT id, case_id, field, sha256, name, bytes, type, person, at FROM desk_file f WHERE case_id = ?"
         " AND NOT EXISTS (SELECT 1 FROM desk_file_gone g WHERE g.file = f.id) ORDER BY id")
BYTES_MAX = 20_000_000
FILES_MAX = 20  # that a case holds at a time
NAME_MAX = 120
_STARTS = {"pdf": (b"%PDF-",), "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
           "zip": (b"PK\x03\x04",), "xlsx": (b"PK\x03\x04",), "docx": (b"PK\x03\x04",), "hwpx": (b"PK\x03\x04",),
           "hwp": (b"\xd0\xcf\x11\xe0",)}
_TEXTS = ("csv", "txt", "json", "md")
_INSIDE = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml", "hwpx": "Contents/content.hpf"}
TYPES = (*_STARTS, *_TEXTS)
WhyNot = Callable[[Case], Problem | None]


@dataclass(frozen=True)
class Upload:
    """A file as it was handed in. name: as the person called it, made harmless; type: one of TYPES."""

    id: int
    case: int
    field: str
    sha256: str
    name: str
    bytes: int
    type: str
    person: int
    at: int


def hand_in(desk: Desk, folder: Path, case: Case, person: Person, field: str, name: str, content: bytes,
            why_not: WhyNot | None = None) -> Upload:
    """Keep a file: on the disk first, then its row. The same content twice lies there once.

    why_not: what keeps this person from it, asked before anything is written and again of the case as it stands when
    the row is; None for who needs no leave (desk/handing_in.py asks for everybody from outside).
    W980 for one that is empty or too large, W981 for a type that is not taken, W982 for content that is not
    what its name says, W1064 when the case holds as many as it may.
    """
    plain, kind = harmless(name), _type(name)
    _ask(case, why_not)
    _check(kind, content)
    digest = hashlib.sha256(content).hexdigest()
    place = stored_at(folder, digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, lambda draft: draft.write_bytes(content))
    failpoint("desk.upload_written")
    with transaction(desk.connection):
        _ask(find_case(desk, case.id), why_not)
        if len(files_of(desk, case)) >= FILES_MAX:
            raise WestlakeError.one("W1064", Place(field="file"), most=FILES_MAX)
        row = desk.connection.execute(
            "INSERT INTO desk_file (case_id, field, sha256, name, bytes, type, person, at) VALUES (?,?,?,?,?,?,?,?)"
            " RETURNING id, at", (case.id, field, digest, plain, len(content), kind, person.id, desk.now())).fetchone()
        desk.record.add(person.actor, "desk.file_handed_in", case.subject, {
            "file": row[0], "field": field, "sha256": digest, "bytes": len(content)})
    return Upload(row[0], case.id, field, digest, plain, len(content), kind, person.id, row[1])


def take_back(desk: Desk, case: Case, person: Person, number: int, why_not: WhyNot | None = None) -> None:
    """Take a file out of what will be submitted; what was submitted with it still names it. W920 if it is not there."""
    with transaction(desk.connection):
        _ask(find_case(desk, case.id), why_not)
        if number not in {file.id for file in files_of(desk, case)}:
            raise WestlakeError.one("W920", what=f"file {number}")
        desk.connection.execute("INSERT INTO desk_file_gone VALUES (?,?,?)", (number, person.id, desk.now()))
        desk.record.add(person.actor, "desk.file_taken_back", case.subject, {"file": number})


def _ask(case: Case, why_not: WhyNot | None) -> None:
    problem = why_not(case) if why_not is not None else None
    if problem is not None:
        raise WestlakeError([problem])


def files_of(desk: Desk, case: Case) -> list[Upload]:
    """The files that a case holds now, first to last."""
    return [Upload(*row) for row in desk.connection.execute(FILES, (case.id,))]


def listed(desk: Desk, case: Case) -> list[dict[str, object]]:
    """The files of a case as a submission names them."""
    return [{"field": file.field, "name": file.name, "sha256": file.sha256, "bytes": file.bytes}
            for file in files_of(desk, case)]


def stored_at(folder: Path, digest: str) -> Path:
    """Where a file with this hash lies."""
    return folder / digest[:2] / digest


def read_file(folder: Path, upload: Upload) -> bytes:
    """A file's content; W983 when it is gone or no longer what was handed in."""
    try:
        content = stored_at(folder, upload.sha256).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise WestlakeError.one("W983", Place(upload.name), file=upload.name)
    return content


def harmless(name: str) -> str:
    """A file's name without folders, control characters or marks that turn the reading direction."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(char for char in unicodedata.normalize("NFC", last)
                    if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*').strip(" .")
    stem, dot, end = plain.rpartition(".")
    return f"{stem[:NAME_MAX - len(end) - 1]}{dot}{end}" if dot else plain[:NAME_MAX]


def _type(name: str) -> str:
    kind = harmless(name).rpartition(".")[2].lower()
    if kind not in TYPES:
        raise WestlakeError.one("W981", Place(field=harmless(name)), type=kind or "–", known=", ".join(TYPES))
    return kind


def _check(kind: str, content: bytes) -> None:
    if not 0 < len(content) <= BYTES_MAX:
        raise WestlakeError.one("W980", most=f"{BYTES_MAX // 1_000_000}")
    if kind in _TEXTS:
        fits = b"\0" not in content and _is_text(content)
    else:
        fits = content.startswith(_STARTS[kind]) and (kind not in _INSIDE or _holds(content, _INSIDE[kind]))
    if not fits:
        raise WestlakeError.one("W982", type=kind)


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8", "gb18030", "cp949"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _holds(content: bytes, member: str) -> bool:
    """Whether a zip has a member, and no more inside than a document may unfold to."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(one.file_size for one in archive.infolist())
            return member in archive.namelist() and size <= 10 * BYTES_MAX
    except zipfile.BadZipFile:
        return False

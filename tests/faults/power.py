"""What a disk may hold after the power went: rebuilt from the notes of a run that was watched (diskwatch.c).

What was synced is there. Of what was not, anything may be: all, nothing, some of the writes, a part of a
write, later ones without earlier ones; a name made, changed or taken away may or may not have been, unless
its folder was synced since. That is harsher than most disks and file systems are.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

MARKS = "/acknowledged"  # a file that the watched run writes a line to whenever it has been answered
FORGOTTEN = ("-shm",)  # shared memory: never read again after a crash
SECTORS = (512, 4096)
HERE = Path(__file__).parent


def compiler() -> str | None:
    """The C compiler, without which nothing can be watched."""
    return shutil.which("cc") if sys.platform.startswith("linux") else None


def watch_run(work: Path, folder: Path, *words: str) -> bytes:
    """Run `python WORDS` with every request it makes of the disk in `folder` noted; the notes."""
    shim, notes = work / "diskwatch.so", work / "notes"
    if not shim.exists():
        subprocess.run([compiler() or "cc", "-shared", "-fPIC", "-O1", "-w", "-o", shim, HERE / "diskwatch.c", "-ldl",
                        "-lpthread"], check=True)
    notes.unlink(missing_ok=True)
    subprocess.run([sys.executable, *words], check=True, env={
        **os.environ, "LD_PRELOAD": str(shim), "WESTLAKE_WATCHED": str(folder), "WESTLAKE_WATCH_LOG": str(notes)})
    return notes.read_bytes()


@dataclass(frozen=True)
class Note:
    """One request: its letter (see diskwatch.c), its words, its bytes."""

    kind: str
    words: list[str]
    data: bytes = b""


def read_notes(log: bytes) -> list[Note]:
    """The notes of a run, in their order."""
    found, at = [], 0
    while at < len(log):
        end = log.index(b"\n", at)
        kind, _, rest = log[at:end].decode().partition(" ")
        words = rest.split("\t") if kind == "R" else rest.split(" ", 1) if kind == "C" else (
            rest.split() if kind in "WTS" else [rest])
        at = end + 1
        data = b""
        if kind == "W":
            data = log[at:at + int(words[2])]
            at += len(data)
        found.append(Note(kind, words, data))
    return found


@dataclass(eq=False)
class _File:
    """A file's requests: (offset, bytes) or (length, None), and how many of them were synced."""

    asked: list[tuple[int, bytes | None]] = field(default_factory=list)
    safe: int = 0


@dataclass(eq=False)
class _Folder:
    names: dict[str, _File | _Folder] = field(default_factory=dict)


@dataclass
class _Change:
    """Names given and taken at one time: (folder, name, what it names from now on)."""

    entries: list[tuple[_Folder, str, _File | _Folder | None]]
    safe: bool = False


class Disk:
    """A disk that takes requests, and can tell what may be left of them."""

    def __init__(self) -> None:
        self.top = _Folder()
        self.files: dict[str, _File] = {}  # by inode, the one that has the number now
        self.changes: list[_Change] = []
        self.acknowledged: dict[str, object] = {}
        self._marks: _File | None = None

    def take(self, note: Note) -> None:
        """One more request."""
        getattr(self, f"_{note.kind}")(note)

    def _C(self, note: Note) -> None:
        inode, path = note.words
        made = self.files[inode] = _File()
        if path == MARKS:
            self._marks = made
        self._change((path, made))

    def _W(self, note: Note) -> None:
        file = self.files[note.words[0]]
        if file is self._marks:
            self.acknowledged = json.loads(note.data.splitlines()[-1])
        file.asked.append((int(note.words[1]), note.data))

    def _T(self, note: Note) -> None:
        self.files[note.words[0]].asked.append((int(note.words[1]), None))

    def _S(self, note: Note) -> None:
        file = self.files[note.words[0]]
        file.safe = len(file.asked)

    def _D(self, note: Note) -> None:
        self._change((note.words[0], _Folder()))

    def _R(self, note: Note) -> None:
        before, after = note.words
        folder, name = self._place(before)
        self._change((after, folder.names[name]), (before, None))

    def _U(self, note: Note) -> None:
        self._change((note.words[0], None))

    _X = _U

    def _F(self, note: Note) -> None:
        folder: _File | _Folder = self.top
        for part in note.words[0].split("/")[1:]:
            assert isinstance(folder, _Folder)
            folder = folder.names[part]
        for change in self.changes:
            change.safe = change.safe or any(where is folder for where, _, _ in change.entries)

    def _place(self, path: str) -> tuple[_Folder, str]:
        *rooms, name = path.split("/")[1:]
        folder = self.top
        for room in rooms:
            inner = folder.names[room]
            assert isinstance(inner, _Folder)
            folder = inner
        return folder, name

    def _change(self, *entries: tuple[str, _File | _Folder | None]) -> None:
        placed = [(*self._place(path), what) for path, what in entries]
        for folder, name, what in placed:
            if what is None:
                folder.names.pop(name, None)
            else:
                folder.names[name] = what
        self.changes.append(_Change(placed))

    def leave(self, target: Path, chance: Random) -> None:
        """Write into a new folder what may be there after the power went at this moment."""
        mood = chance.choice(("nothing", "some", "torn", "torn", "some", "all"))
        left: dict[_Folder, dict[str, _File | _Folder]] = {}
        last = chance.randint(0, len(self.changes))
        in_order = chance.random() < 0.5  # a journal keeps the order of names; not every disk has one
        for number, change in enumerate(self.changes):
            lucky = mood == "all" or (mood != "nothing" and (number < last if in_order else chance.random() < 0.5))
            if change.safe or lucky:
                for folder, name, what in change.entries:
                    names = left.setdefault(folder, {})
                    if what is None:
                        names.pop(name, None)
                    else:
                        names[name] = what
        _write_folder(self.top, left, target, mood, chance)


def _write_folder(folder: _Folder, left: dict[_Folder, dict[str, _File | _Folder]], target: Path, mood: str,
                  chance: Random) -> None:
    target.mkdir()
    for name, what in left.get(folder, {}).items():
        if name.endswith(FORGOTTEN) or f"/{name}" == MARKS:
            continue
        if isinstance(what, _Folder):
            _write_folder(what, left, target / name, mood, chance)
        else:
            (target / name).write_bytes(_bytes_left(what, mood, chance))


def _bytes_left(file: _File, mood: str, chance: Random) -> bytes:
    held = bytearray()
    for number, (at, data) in enumerate(file.asked):
        pieces = [(at, data)] if number < file.safe or mood == "all" else _survivors(at, data, mood, chance)
        for place, piece in pieces:
            if piece is None:
                held = held[:place].ljust(place, b"\0")
            else:
                if len(held) < place:
                    held = held.ljust(place, b"\0")
                held[place:place + len(piece)] = piece
    return bytes(held)


def _survivors(at: int, data: bytes | None, mood: str, chance: Random) -> Iterator[tuple[int, bytes | None]]:
    """What is left of a request that was not synced."""
    if mood == "nothing" or chance.random() < 0.4:
        return
    if data is None or mood == "some":
        yield at, data
        return
    sector = chance.choice(SECTORS)
    for start in range(0, len(data), sector):
        if chance.random() < 0.5:
            yield at + start, data[start:start + sector]


def moments(notes: list[Note], count: int, chance: Random) -> list[int]:
    """Random moments of a run; half of them lie just after an answer, where a promise can be broken."""
    inode = next(note.words[0] for note in notes if note.kind == "C" and note.words[1] == MARKS)
    answers = [at + 1 for at, note in enumerate(notes) if note.kind == "W" and note.words[0] == inode]
    return sorted(min(chance.choice(answers) + chance.choice((0, 0, 1, 5)), len(notes)) if chance.random() < 0.5
                  else chance.randrange(len(notes)) for _ in range(count))

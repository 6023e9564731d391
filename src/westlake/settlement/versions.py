"""Every version of a programme that decided anything, kept whole under its hash, so that decisions outlive files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from westlake.database import Connection, transaction
from westlake.errors import WestlakeError
from westlake.rules import Programme, load_programme


def archive(connection: Connection, programme: Programme) -> None:
    """Keep this version: its folder, and the sources and regimes beside it."""
    if connection.execute("SELECT 1 FROM programme_version WHERE digest = ?", (programme.digest,)).fetchone():
        return
    folder = Path(programme.folder)
    beside = [folder.parent / "sources.yaml", *sorted((folder.parent / "regimes").glob("*.yaml"))]
    inside = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _hidden(path.relative_to(folder))]
    files = {path.relative_to(folder.parent).as_posix(): path.read_text("utf-8") for path in (*beside, *inside)}
    with transaction(connection):
        if not connection.execute("SELECT 1 FROM programme_version WHERE digest = ?", (programme.digest,)).fetchone():
            connection.execute("INSERT INTO programme_version VALUES (?, ?, ?, ?)", (
                programme.digest, programme.name, programme.regime, json.dumps(files, ensure_ascii=False)))


@contextmanager
def restored(connection: Connection, digest: str, beside: Iterable[str] = ()) -> Iterator[Programme]:
    """The programme as it was when it decided; W412 when the version kept no longer has its own hash.

    beside: names of the jurisdiction's other programmes, which a reform laid over it may speak of. Those that
    its own regimes speak of are known.
    """
    name, regime, files = connection.execute(
        "SELECT name, regime, files FROM programme_version WHERE digest = ?", (digest,)).fetchone()
    with TemporaryDirectory(prefix="westlake-version-") as work:
        for path, text in json.loads(files).items():
            place = Path(work) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        for other in {*beside, *_spoken_of(json.loads(files))}:
            (Path(work) / other).mkdir(exist_ok=True)
            (Path(work) / other / "rules.py").touch()  # the name is all that a regime's other sections need
        programme = load_programme(Path(work) / name, regime=regime)
        if programme.digest != digest:
            raise WestlakeError.one("W412", digest=digest[:12], found=programme.digest[:12])
        yield programme


def _spoken_of(files: Mapping[str, str]) -> set[str]:
    """The programmes that the regimes kept beside this one have values for."""
    return {name for path, text in files.items() if path.startswith("regimes/")
            for name in re.findall(r"^(\w+):", text, re.MULTILINE)}


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.parts)

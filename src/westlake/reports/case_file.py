"""The auditor's file of one case: everything that was given, decided, done and paid, sealed by a manifest.

The same case has the same bytes: members stand in a fixed order with a fixed time and uncompressed, for
compression differs from machine to machine.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from westlake.dates import instant_iso
from westlake.digest import file_sha256
from westlake.errors import Place, WestlakeError
from westlake.reports.open_data import csv_bytes, json_text
from westlake.reports.page import Cell, card, lead, num, page, table
from westlake.words import say

PARTS = ("facts", "decisions", "reviews", "steps")
SHOWN = 50  # rows of each part on the page; the tables hold all
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell


@dataclass(frozen=True)
class Upload:
    """A file handed in. sha256: what the case says it is; content: where it lies, or its bytes."""

    name: str
    sha256: str
    content: Path | bytes
    media_type: str = ""


@dataclass(frozen=True)
class CaseFile:
    """One case. facts: name → value; decisions, reviews, steps, acts, journals: rows, name → value, of
    None, bool, int, str and lists and mappings of these; made: instant in microseconds UTC; head: hash of
    the record's last act."""

    id: str
    made: int
    head: str
    facts: Mapping[str, Any]
    decisions: Sequence[Mapping[str, Any]] = ()
    reviews: Sequence[Mapping[str, Any]] = ()
    steps: Sequence[Mapping[str, Any]] = ()
    acts: Sequence[Mapping[str, Any]] = ()
    journals: Sequence[Mapping[str, Any]] = ()
    uploads: Sequence[Upload] = ()


def write_case_file(case: CaseFile, out: BinaryIO, lang: str) -> dict[str, Any]:
    """Writes the zip to `out` and returns its manifest: {case, made, head, members: [{name, sha256, bytes, …}]}.

    Members: case.json, acts.csv, journals.csv, summary.html, uploads/<sha256>, manifest.json (last). W959 for an
    upload that is not, or no longer, what the case says.
    """
    sizes = {upload.sha256: _checked(upload) for upload in case.uploads}
    whole = {"case": case.id, "made": instant_iso(case.made), "head": case.head,
             **{name: getattr(case, name) for name in (*PARTS, "acts", "journals")}}
    texts = {"case.json": (json_text(whole) + "\n").encode(), "acts.csv": _csv(case.acts),
             "journals.csv": _csv(case.journals), "summary.html": _summary(case, sizes, lang).encode()}
    members = [{"name": name, "sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
               for name, raw in texts.items()]
    uploads = {upload.sha256: upload for upload in reversed(case.uploads)}
    for sha in sorted(uploads):
        named = sorted({upload.name for upload in case.uploads if upload.sha256 == sha})
        members.append({"name": f"uploads/{sha}", "sha256": sha, "bytes": sizes[sha], "original_names": named,
                        "media_type": uploads[sha].media_type})
    manifest = {"case": case.id, "made": instant_iso(case.made), "head": case.head, "members": members}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as book:
        for name, raw in texts.items():
            _put(book, name, raw)
        for sha in sorted(uploads):
            _put(book, f"uploads/{sha}", uploads[sha].content)
        _put(book, "manifest.json", (json_text(manifest) + "\n").encode())
    return manifest


def _checked(upload: Upload) -> int:
    """The size of an upload that is what the case says it is."""
    if isinstance(upload.content, bytes):
        found, size = hashlib.sha256(upload.content).hexdigest(), len(upload.content)
    elif upload.content.is_file():
        found, size = file_sha256(upload.content), upload.content.stat().st_size
    else:
        found, size = "–", 0
    if found != upload.sha256:
        raise WestlakeError.one("W959", Place(upload.name), name=upload.name, found=found[:12],
                                wanted=upload.sha256[:12])
    return size


def _put(book: zipfile.ZipFile, name: str, content: Path | bytes) -> None:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.create_system, entry.external_attr = 3, 0o644 << 16  # not what the machine happens to be
    if isinstance(content, bytes):
        book.writestr(entry, content)
        return
    entry.file_size = content.stat().st_size  # tells the archive early whether it is of the large kind
    with content.open("rb") as source, book.open(entry, "w") as target:
        while block := source.read(1 << 20):
            target.write(block)


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    names = _names(rows)
    return csv_bytes(names, ([row.get(name) for name in names] for row in rows))


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every column, in the order in which the rows first have it."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _summary(case: CaseFile, sizes: Mapping[str, int], lang: str) -> str:
    title = _say("title", lang, case=case.id)
    header: list[Cell] = [_say("name", lang), _say("value", lang)]
    cards = [card(_say("facts", lang), table(header, [[name, (_shown(value), "long")] for name, value in
                                                      case.facts.items()]))]
    cards += [_rows(name, getattr(case, name), lang) for name in (*PARTS[1:], "acts", "journals")]
    files = table([_say("name", lang), "SHA-256", num(_say("bytes", lang))],
                  [[upload.name, (upload.sha256, "long"), num(f"{sizes[upload.sha256]:,}")] for upload in case.uploads])
    cards.append(card(_say("uploads", lang), files if case.uploads else _nothing(lang)))
    made = [(_say("made", lang), instant_iso(case.made)), (_say("head", lang), case.head)]
    return page(title, case.id, [lead(title, _say("lead", lang)), *cards], made, lang)


def _rows(name: str, rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    if not rows:
        return card(_say(name, lang), _nothing(lang))
    names = _names(rows)
    body = table(list(names), [[_shown(row.get(column)) for column in names] for row in rows[:SHOWN]])
    hint = _say("more", lang, number=f"{len(rows) - SHOWN:,}") if len(rows) > SHOWN else ""
    return card(_say(name, lang), body, hint=hint)


def _nothing(lang: str) -> str:
    return f"<p>{_say('nothing', lang)}</p>"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _say(message: str, lang: str, **values: object) -> str:
    return say(f"desk_files.case_file.{message}", lang, **values)

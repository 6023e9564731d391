"""The files of a workspace that go into a backup, and each one that does not, with the reason.

Everything goes in but the database, whose rows do (one beside it, such as the log-ins', goes in as it stands
at one instant); reports and earlier backups; mails, in which codes to log in stand; and what a run of the
bills is still writing. A link to a file is followed when it stays within the workspace; a link in
the place of one of the workspace's own folders is followed wherever it leads: that is how bills get onto
a bigger disk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from westlake.workspace import Workspace

MADE_AGAIN = ("reports", "backups")
MAILS = "mails"  # what a console without a mail server sends lies there
_DRAFT = re.compile(r"charges/\.intake-[a-z0-9_]{8}")  # as tempfile names what the intake of bills is writing


@dataclass(frozen=True)
class Found:
    """A file or folder of the workspace; name: from its top, with `/`.

    left_out: why it does not go in, or "": "database", "made", "mails", "unfinished", "link" (it leads out of the
    workspace, or nowhere), "kind" (neither file nor folder), "name" (no other machine could hold it).
    """

    name: str
    path: Path
    left_out: str = ""


def files_of(workspace: Workspace, being_written: Collection[Path] = ()) -> Iterator[Found]:
    """Every file in the order of the names; a folder only where it is left out whole, its name ending in `/`.

    being_written: the backup itself and its draft, which may lie in the workspace.
    """
    where = workspace.database
    own = {Path(f"{where.resolve()}{end}") for end in ("", "-wal", "-shm")} if isinstance(where, Path) else set()
    inside = [workspace.folder.resolve(), *(folder.resolve() for folder in workspace.folders if folder.is_dir())]
    return _within(workspace, workspace.folder, inside, own, {path.resolve() for path in being_written})


def _within(workspace: Workspace, folder: Path, inside: list[Path], own: set[Path], written: set[Path],
            ) -> Iterator[Found]:
    for path in sorted(folder.iterdir()):
        target = path.resolve()
        if target in written:
            continue
        name = path.relative_to(workspace.folder).as_posix()
        is_folder = path.is_dir()
        why = "database" if target in own else _why_not(name, path, is_folder, path in workspace.folders, inside)
        if is_folder and not why:
            yield from _within(workspace, path, inside, own, written)
        else:
            yield Found(f"{name}/" if is_folder else name, path, why)


def _why_not(name: str, path: Path, is_folder: bool, is_workspace_s: bool, inside: list[Path]) -> str:
    if name.endswith(("-wal", "-shm")) and path.with_name(path.name[:-4]).is_file():
        return "database"  # what a database beside it has not yet taken in is read through that one
    if is_folder and name in MADE_AGAIN:
        return "made"
    if is_folder and name == MAILS:
        return "mails"
    if is_folder and _DRAFT.fullmatch(name):
        return "unfinished"
    if path.is_symlink() and not is_workspace_s and (
            is_folder or not any(path.resolve().is_relative_to(folder) for folder in inside) or not path.exists()):
        return "link"
    if not is_folder and path.exists() and not path.is_file():
        return "kind"
    return "" if can_be_named(name) else "name"


def can_be_named(name: str) -> bool:
    """Whether a name is text, and stays within its folder on every machine: `C:x` leads to another disk on some."""
    return not PureWindowsPath(name).anchor and os.fsencode(name).decode("utf-8", "replace") == name

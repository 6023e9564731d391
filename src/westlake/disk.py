"""Puts files on the disk for good: what has been named outlives a power cut, whole.

A file system may keep a new name and lose the bytes behind it, or the other way round, until both were
synced. So: bytes first, then the name, then the folder that holds the name; and only then the row in the
database, or the answer to a person, that counts on them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def settle_down(path: Path) -> None:
    """A file's bytes, or a folder's names and all that lies in it, are on the disk when this returns."""
    if path.is_dir():
        for inner in path.iterdir():
            settle_down(inner)
    sync(path)


def place(draft: Path, final: Path) -> None:
    """Give a finished file or folder its name, for good. An old file of that name is gone then, a folder is not."""
    settle_down(draft)
    draft.replace(final)
    sync(final.parent)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, then name it: nobody ever finds half of it, and a failure leaves the old one."""
    draft = path.with_name(f"{path.name}.part")
    try:
        write(draft)
        place(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def open_private(path: Path) -> BinaryIO:
    """A new file for writing and reading that, where rights are those of POSIX, is its owner's alone from the start.

    FileExistsError when there is one: its rights would be those that somebody else gave it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "w+b")


def sync(path: Path) -> None:
    """A file's bytes, or a folder's own names, are on the disk when this returns."""
    if os.name != "posix" and path.is_dir():  # elsewhere a folder cannot be opened, and names are kept in order
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

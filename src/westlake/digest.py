"""The same thing always has the same bytes: canonical form, fingerprints and hash chains.

Canonical form: every value carries its type letter, texts their length in bytes, numbers stand in
decimal. Nothing depends on locale, on the order of keys or on how a float prints (floats are refused).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

GENESIS = "0" * 64  # what the first link of a chain follows


def canonical(value: object) -> bytes:
    """Canonical bytes of None, bool, int, str, bytes, and lists, tuples and mappings of these."""
    match value:
        case None:
            return b"n;"
        case bool():
            return b"t;" if value else b"f;"
        case int():
            return b"i%d;" % value
        case str():
            raw = value.encode()
            return b"s%d:%b" % (len(raw), raw)
        case bytes():
            return b"b%d:%b" % (len(value), value)
        case list() | tuple():
            return b"l%d:" % len(value) + b"".join(canonical(item) for item in value)
        case Mapping():
            items = sorted((str(key), item) for key, item in value.items())
            return b"m%d:" % len(items) + b"".join(canonical(k) + canonical(v) for k, v in items)
    raise TypeError(f"no canonical form for {type(value).__name__}")


def fingerprint(value: object) -> str:
    """SHA-256, in hex, of the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def link(previous: str, payload: bytes) -> str:
    """The next hash of a chain: SHA-256 of the previous hash's bytes and the payload, in hex."""
    return hashlib.sha256(bytes.fromhex(previous) + payload).hexdigest()


class Link(NamedTuple):
    """One link of a chain as it was stored: its number from 1 on, the hash before it, its own, its bytes."""

    number: int
    previous: str
    hash: str
    payload: bytes


class Head(NamedTuple):
    """The last link of a chain: its number (0 when the chain is empty) and hash."""

    number: int
    hash: str


def first_break(links: Iterable[Link]) -> tuple[int, str] | None:
    """The number and field of the first link that does not follow from the one before it, or None.

    Fields: "number" (a link is missing or out of order), "previous" (it follows another hash),
    "hash" (its bytes are not the bytes that were sealed).
    """
    before = GENESIS
    for number, stored in enumerate(links, 1):
        if stored.number != number:
            return number, "number"
        if stored.previous != before:
            return number, "previous"
        if stored.hash != link(before, stored.payload):
            return number, "hash"
        before = stored.hash
    return None


def file_sha256(path: Path) -> str:
    """SHA-256, in hex, of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

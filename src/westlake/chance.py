"""Chance comes from named streams: the same seed and name give the same numbers, on any machine, in any order."""

from __future__ import annotations

import hashlib

import numpy as np

from westlake.digest import canonical


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A generator of its own for (seed, names): Philox 4x64 keyed by SHA-256 of the name.

    Any slice of a simulated world can be made alone, because no stream depends on another.
    """
    key = hashlib.sha256(canonical([seed, *names])).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "big")))

"""Runs a programme over columns of rows at machine speed: the only file that asks the kernel compiler."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numba
import numpy as np

from westlake.rules.columns import (
    Array,
    Days,
    answers,
    day_column,
    gather,
    hash_tables,
    prepare,
    raise_faults,
    raise_sum,
    segment_of,
)

if TYPE_CHECKING:
    from westlake.rules.decision import Decision
    from westlake.rules.programme import Programme

Loops = Mapping[str, Callable[..., tuple[int, int, int]]]


def run(programme: Programme, columns: Mapping[str, Array], days: Days, outputs: Sequence[str],
        into: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Decides rows in the order given: input → whole numbers, one a row; one day or a day a row.

    Returns output → int64 (Bool: bool, Choice: int8), written to the arrays of `into` where given.
    Nothing is returned unless every row can be decided: WestlakeError names the first 20 rows that
    cannot, with W031 (input out of range), W034, W107, W108 (nothing in force), W035 (sum of a group).
    """
    kernel, segments = prepare(programme, outputs)
    when = day_column(days)
    arrays, rows = gather(programme, kernel, columns, when)
    made = answers(programme, kernel, rows, into)
    room = hash_tables(kernel, rows)
    loops = compiled(kernel.text)
    if isinstance(when, int):
        at = segment_of(segments, when)
        bad, row, which = loops["on_day"](rows, when, segments.numbers[at], segments.variants[at],
                                          *arrays, *made, *room)
    else:
        bad, row, which = loops["by_day"](rows, when, segments.starts, segments.live, segments.numbers,
                                          segments.variants, *arrays, *made, *room)
    if bad:
        raise_faults(programme, kernel, segments, arrays, when)
    if which >= 0:
        raise_sum(programme, int(row), int(which))
    return dict(zip(kernel.outputs, made, strict=True))


def explain_row(programme: Programme, columns: Mapping[str, Array], days: Days, row: int) -> Decision:
    """One row of a run (counted from 0), decided again in Python with its reasons.

    What earlier rows of its groups used is taken from the kernel's own run.
    """
    when = day_column(days)
    day = when if isinstance(when, int) else int(when[row])
    plan = programme.plan(day)
    names = [group.name for group in plan.groups]
    groups = {name: int(column[row]) for name, column in run(programme, columns, days, names).items()} if names else {}
    case = {item.name: int(columns[item.name][row]) for item in plan.inputs if item.name in columns}
    return programme.decide(case, day, groups=groups)


@functools.cache
def compiled(text: str) -> Loops:
    """The compiled loops of a kernel's text, from the disk cache when it has been compiled before.

    The compiler caches functions of real files only, so the text is written to a file that is named
    by the hash of it and of the compiler's version.
    """
    name = hashlib.sha256(f"{numba.__version__} {np.__version__} {sys.version} {text}".encode()).hexdigest()[:24]
    path = _cache() / f"kernel_{name}.py"
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(draft, path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module).update(njit=numba.njit(error_model="numpy"), _int64=np.int64, _range=range,
                        compiled=numba.njit(error_model="numpy", cache=True))
    sys.modules[path.stem] = module  # the compiler's disk cache looks a kernel's module up by name
    spec.loader.exec_module(module)
    return {loop: getattr(module, loop) for loop in ("on_day", "by_day")}


def _cache() -> Path:
    """Where kernels are kept: WESTLAKE_CACHE, or the user's cache folder, or a temporary one."""
    for place in (os.environ.get("WESTLAKE_CACHE"), os.environ.get("XDG_CACHE_HOME"), Path.home() / ".cache",
                  tempfile.gettempdir()):
        if place:
            folder = Path(place) / "westlake" / "kernels"
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError:
                continue
            if os.access(folder, os.W_OK):
                return folder
    return Path(tempfile.mkdtemp())

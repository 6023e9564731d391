"""Runs a kernel's text as plain Python: the reference that the compiled run is held to."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    from westlake.rules.programme import Programme


def run_plain(programme: Programme, columns: Mapping[str, Array], days: Days,
              outputs: Sequence[str]) -> dict[str, Array]:
    """The same as `batch.run` without the compiler: whole Python numbers, which never overflow."""
    kernel, segments = prepare(programme, outputs)
    when = day_column(days)
    arrays, rows = gather(programme, kernel, columns, when)
    made = [list[int](array) for array in answers(programme, kernel, rows, None)]
    lists = [array.tolist() for array in arrays]
    room = [array.tolist() for array in hash_tables(kernel, rows)]
    loops = _interpreted(kernel.text)
    if isinstance(when, int):
        at = segment_of(segments, when)
        bad, row, which = loops["on_day"](rows, when, segments.numbers[at].tolist(), segments.variants[at].tolist(),
                                          *lists, *made, *room)
    else:
        bad, row, which = loops["by_day"](rows, when.tolist(), segments.starts.tolist(), segments.live.tolist(),
                                          segments.numbers.tolist(), segments.variants.tolist(), *lists, *made, *room)
    if bad:
        raise_faults(programme, kernel, segments, arrays, when)
    if which >= 0:
        raise_sum(programme, row, which)
    return {name: np.array(found, dtype=array.dtype) for name, found, array in
            zip(kernel.outputs, made, answers(programme, kernel, 0, None), strict=True)}


@functools.cache
def _interpreted(text: str) -> Mapping[str, Callable[..., tuple[int, int, int]]]:
    def as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    space: dict[str, Any] = {"njit": as_it_is, "compiled": as_it_is, "_int64": int, "_range": range}
    exec(compile(text, "<kernel>", "exec"), space)  # our own text, made of what the grammar has passed
    return {loop: space[loop] for loop in ("on_day", "by_day")}

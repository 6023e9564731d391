"""Makes columns ready for a run: what is in force in each segment of days, and which rows are at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from westlake.errors import Findings, Place, Problem, WestlakeError, nearest
from westlake.rules.form import DAY, Input
from westlake.rules.kernel import Kernel, write_kernel
from westlake.rules.kinds import SUM_LIMIT, Kind
from westlake.rules.plan import choose
from westlake.rules.rows import out_of_range, read_day, shown_day

if TYPE_CHECKING:
    from westlake.rules.programme import Programme

SHOWN = 20  # rows at fault that are named; the rest are alike
_DTYPES: dict[Kind, type[np.generic]] = {Kind.BOOL: np.bool_, Kind.CHOICE: np.int8}
Array = np.ndarray[Any, Any]
Days = int | str | Array


@dataclass
class Segments:
    """The numbers and variants in force between two changes of law; `problems` where nothing can be decided.

    starts[i] <= day < starts[i + 1] is segment i; the first and the last are before and after all days.
    """

    starts: Array
    live: Array
    numbers: Array
    variants: Array
    problems: list[tuple[Problem, ...]] = field(default_factory=list)


def prepare(programme: Programme, outputs: Sequence[str]) -> tuple[Kernel, Segments]:
    """The kernel of the outputs and its segments; made once for a programme and its outputs."""
    key = tuple(outputs)
    made: tuple[Kernel, Segments] | None = programme.prepared.get(key)
    if made is None:
        known = list(programme.graph.order)
        unknown = next((name for name in outputs if name not in known), None)
        if unknown is not None or not outputs:
            raise WestlakeError.one("W037", suggestion=nearest(unknown or "", known), name=unknown or "",
                                    known=", ".join(known))
        kernel = write_kernel(programme.law, outputs)
        made = programme.prepared[key] = kernel, _segments(programme, kernel)
    return made


def _segments(programme: Programme, kernel: Kernel) -> Segments:
    first, last = DAY.low, DAY.high
    inner = [day for day in programme.changes if first < day <= last]
    starts = np.array([-(2**62), first, *inner, last + 1, 2**62], dtype=np.int64)
    count, width = len(starts) - 1, sum(length for _, length in kernel.slots.values())
    segments = Segments(starts, np.zeros(count, np.bool_), np.zeros((count, max(1, width)), np.int64),
                        np.full((count, len(kernel.rules)), -1, np.int64))
    for at in range(count):
        day = int(starts[at])
        if not first <= day <= last:
            segments.problems.append((Problem("W031", Place(field="day"), out_of_range(DAY, day, "CNY")),))
            continue
        try:
            plan = choose(programme.law, day, kernel.outputs)
        except WestlakeError as error:
            segments.problems.append(error.problems)
            continue
        segments.problems.append(())
        segments.live[at] = True
        for name, entry in plan.values.items():
            slot, length = kernel.slots[name]
            segments.numbers[at, slot:slot + length] = entry.numbers
        for place, name in enumerate(kernel.rules):
            segments.variants[at, place] = plan.variants.get(name, -1)
    return segments


def gather(programme: Programme, kernel: Kernel, columns: Mapping[str, Array], days: Days) -> tuple[list[Array], int]:
    """The input columns in the kernel's order, and the number of rows; W030, W033 and W036 for what is wrong."""
    findings = Findings()
    rows = len(days) if isinstance(days, np.ndarray) else None
    arrays: list[Array] = []
    for name in columns:
        if name not in programme.inputs:
            findings.add("W033", Place(field=name), nearest(name, programme.inputs), name=name)
    for name in kernel.inputs:
        if name not in columns:
            user = next((user for user in kernel.names if name in programme.graph.needs(user)), "")
            findings.add("W030", Place(field=name), name=name, rule=user)
            continue
        array = np.asarray(columns[name])
        fault = _fault(array, rows)
        if fault:
            findings.add("W036", Place(field=name), name=name, what=fault)
            continue
        rows = len(array)
        arrays.append(np.ascontiguousarray(array.astype(np.int64) if array.dtype == np.uint64 else array))
    findings.stop()
    if rows is None:
        raise WestlakeError.one("W036", name="-", what="0")
    return arrays, rows


def _fault(array: Array, rows: int | None) -> str:
    """What makes a column unfit, in figures and dtype names that need no translation."""
    if array.ndim != 1:
        return f"{array.ndim}-D"
    if array.dtype.kind not in "iub":
        return str(array.dtype)
    if rows is not None and len(array) != rows:
        return f"{len(array)} ≠ {rows}"
    return "uint64 > 2^63" if array.dtype == np.uint64 and len(array) and array.max() > 2**63 - 1 else ""


def answers(programme: Programme, kernel: Kernel, rows: int, into: Mapping[str, Array] | None) -> list[Array]:
    """The arrays that the answers are written to: given ones, or new ones."""
    made: list[Array] = []
    for name in kernel.outputs:
        dtype = np.dtype(_DTYPES.get(programme.graph.nodes[name].kind, np.int64))
        given = into.get(name) if into else None
        if given is None:
            given = np.empty(rows, dtype)
        elif given.shape != (rows,) or given.dtype != dtype or not given.flags.c_contiguous:
            what = f"{given.dtype}{given.shape} ≠ {dtype}({rows},)"
            raise WestlakeError.one("W036", Place(field=name), name=name, what=what)
        made.append(given)
    return made


def hash_tables(kernel: Kernel, rows: int) -> list[Array]:
    """Room for the kernel's groups: each table, and what is kept for its keys. Pages are taken when touched."""
    room: list[Array] = []
    for table in kernel.tables:
        size = 1 << max(4, (2 * rows).bit_length())
        room += [np.zeros(size, np.int32), np.empty(max(1, rows) * table.width, np.int64)]
    return room


def day_column(days: Days) -> Array | int:
    """One day as a number, or a column of them, whole numbers only."""
    if not isinstance(days, np.ndarray):
        return read_day(days)
    fault = _fault(days, None)
    if fault:
        raise WestlakeError.one("W036", Place(field="day"), name="day", what=fault)
    return np.ascontiguousarray(days)


def raise_faults(programme: Programme, kernel: Kernel, segments: Segments, arrays: Sequence[Array],
                 days: Array | int) -> None:
    """Says which rows cannot be decided and why: the first 20, in order."""
    found: list[tuple[int, int, Problem]] = []
    if isinstance(days, np.ndarray):
        at = np.searchsorted(segments.starts, days, side="right") - 1
        for row in np.flatnonzero(~segments.live[at])[:SHOWN]:
            for problem in segments.problems[int(at[row])]:
                found.append((int(row), -1, _on_day(problem, int(days[row]), int(row) + 1)))
    for order, (name, array) in enumerate(zip(kernel.inputs, arrays, strict=True)):
        item: Input = programme.inputs[name]
        for row in np.flatnonzero((array < item.low) | (array > item.high))[:SHOWN]:
            values = out_of_range(item, int(array[row]), programme.currency)
            found.append((int(row), order, Problem("W031", Place(row=int(row) + 1, field=name), values)))
    found.sort(key=lambda fault: fault[:2])
    shown = set(sorted({row for row, _, _ in found})[:SHOWN])
    raise WestlakeError(problem for row, _, problem in found if row in shown)


def raise_sum(programme: Programme, row: int, which: int) -> None:
    """Says which group's sum left its range, and at which row."""
    name = list(programme.graph.groups)[which]
    limit = SUM_LIMIT[programme.graph.nodes[name].kind]
    raise WestlakeError.one("W035", Place(row=row + 1), name=name, limit=f"{limit:,}")


def segment_of(segments: Segments, day: int) -> int:
    """The segment of one day; raises what W034, W107, W108 or W031 say when nothing is in force."""
    at = int(np.searchsorted(segments.starts, day, side="right")) - 1
    if not segments.live[at]:
        raise WestlakeError(_on_day(problem, day, 0) for problem in segments.problems[at])
    return at


def _on_day(problem: Problem, day: int, row: int) -> Problem:
    """A segment's problem, said of one day of it and of one row."""
    values = {**problem.values, "day": shown_day(day)} if "day" in problem.values else problem.values
    values = {**values, "text": shown_day(day)} if problem.code == "W031" else values
    place = Place(problem.place.file, problem.place.line, problem.place.column, row, problem.place.field)
    return Problem(problem.code, place, values)

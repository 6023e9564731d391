"""Writes a programme as one loop over rows, in the subset that Python and the kernel compiler both run.

The text holds the very lines of rules.py, of money.py and of dates.py. What depends on the day or on a
reform is an argument (values, variants), so one text serves every day and every reform. A row with an
input outside its declared range is counted and passed over: what was proved holds for every row decided.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from westlake.rules.borrowed import borrow
from westlake.rules.eager import eager
from westlake.rules.kinds import SUM_LIMIT, Kind
from westlake.rules.language import WHOLE
from westlake.rules.lower import lower
from westlake.rules.plan import Law

VERSION = 1  # part of every text: a new way of writing kernels makes new files


@dataclass(frozen=True)
class Table:
    """Groups that share their keys share one hash table. `groups`: their names, in order."""

    by: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many numbers are kept for a key: the key and a sum for each group."""
        return len(self.by) + len(self.groups)


@dataclass(frozen=True)
class Kernel:
    """The text of a kernel, and the order of what it is given.

    names: rules and groups in order. inputs: its columns. slots: value → first place and length in the
    numbers of a segment. rules: those whose variant it is told, in order. tables: its groups by key.
    """

    text: str
    outputs: tuple[str, ...]
    names: tuple[str, ...]
    inputs: tuple[str, ...]
    slots: dict[str, tuple[int, int]]
    rules: tuple[str, ...]
    tables: tuple[Table, ...]


def write_kernel(law: Law, outputs: Sequence[str]) -> Kernel:
    """The kernel that answers the outputs: `on_day` for one day, `by_day` for a column of days."""
    graph = law.graph
    needed = graph.upstream(outputs)
    names = tuple(name for name in graph.order if name in needed)
    values = [name for name in law.values if name in needed]
    slots: dict[str, tuple[int, int]] = {}
    for name in values:
        width = max(1, len(law.values[name].choices))
        slots[name] = (sum(length for _, length in slots.values()), width)
    inputs = tuple(name for name in law.inputs if name in needed)
    by_keys: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        if name in graph.groups:
            by_keys.setdefault(graph.groups[name].by, []).append(name)
    tables = tuple(Table(by, tuple(groups)) for by, groups in by_keys.items())
    rules = tuple(name for name in names if name in graph.rules)
    kernel = Kernel("", tuple(outputs), names, inputs, slots, rules, tables)
    return replace(kernel, text=_Writer(law, kernel).text())


class _Writer:
    """Puts the text together, line by line. Its own names begin with "_", which no rule's may."""

    def __init__(self, law: Law, kernel: Kernel) -> None:
        self.law, self.graph, self.kernel = law, law.graph, kernel
        self.table_of = {name: at for at, table in enumerate(kernel.tables) for name in table.groups}
        self.last = max((self.graph.stage[name] for name in kernel.names), default=0)
        self.always = _always(law, kernel.outputs)

    def text(self) -> str:
        parts = [f'"""A kernel written by Westlake (form {VERSION}); it may be deleted at will."""', *self._functions()]
        parts += [_finder(*shape) for shape in sorted({(len(table.by), table.width) for table in self.kernel.tables})]
        parts += [_SEEK, self._loop("on_day"), self._loop("by_day")]
        return "\n\n\n".join(parts) + "\n"

    def _functions(self) -> list[str]:
        """The named functions that the rules call, then the rules."""
        bodies = [eager(lower(variant, self.graph.places, f"_{name}_{at}", self.graph.short))
                  for name in self.kernel.rules for at, variant in enumerate(self.graph.rules[name])]
        called = {node.func.id for body in bodies for node in ast.walk(body)
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        return [f"WHOLE = {WHOLE}", *borrow(called), *("@njit\n" + ast.unparse(body) for body in bodies)]

    # the loop ------------------------------------------------------------------------------------

    def _loop(self, name: str) -> str:
        by_day, kernel = name == "by_day", self.kernel
        given = ["_rows", *(["_days", "_starts", "_live", "_numbers", "_variants"] if by_day
                            else ["day", "_now", "_which"])]
        given += [f"_c_{item}" for item in kernel.inputs] + [f"_o_{output}" for output in kernel.outputs]
        for at in range(len(kernel.tables)):
            given += [f"_table_{at}", f"_kept_{at}"]
        lines = ["@compiled", f"def {name}({', '.join(given)}):", "    _bad = 0"]
        lines += [] if by_day else _indent(1, self._values())
        lines += [f"    _count_{at} = 0" for at in range(len(kernel.tables))]
        for stage in range(self.last + 1):
            lines += self._pass(stage, by_day)
        return "\n".join([*lines, "    return _bad, -1, -1"])

    def _pass(self, stage: int, by_day: bool) -> list[str]:
        """One pass over the rows: everything known at the stage, then what later rows or passes need."""
        names = [name for name in self.kernel.names if self.graph.stage[name] <= stage]
        count = ["    _bad += 1"] if stage == 0 else []  # a bad row is counted once
        row: list[str] = []
        if by_day:
            row += ["day = _int64(_days[_row])", "if day < _starts[_segment] or day >= _starts[_segment + 1]:",
                    "    _segment = _seek(_starts, day)", "if not _live[_segment]:", *count, "    continue",
                    "_now = _numbers[_segment]", "_which = _variants[_segment]", *self._values()]
        row += self._inputs(count)
        found: set[int] = set()
        for name in names:
            row += self._group(name, found) if name in self.graph.groups else self._rule(name)
        row += self._sums(stage, names, found)
        if stage == self.last:
            row += [f"_o_{output}[_row] = {output}" for output in self.kernel.outputs]
        return [*self._start(stage, by_day), "    for _row in _range(_rows):", *_indent(2, row)]

    def _start(self, stage: int, by_day: bool) -> list[str]:
        """Before a pass: a bad row of the first pass has ended the run; running sums begin again."""
        lines = ["if _bad:", "    return _bad, -1, -1"] if stage else []
        lines += ["_segment = 0"] if by_day else []
        lines += [f"_at_{at} = -1" for at in range(len(self.kernel.tables))]
        for name, at in self.table_of.items():
            if stage and self.graph.groups[name].how != "total":
                lines += [f"for _g in _range(_count_{at}):", f"    _kept_{at}[_g * {self.kernel.tables[at].width}"
                          f" + {self._place_of(name)}] = 0"]
        return _indent(1, lines)

    def _values(self) -> list[str]:
        """The values in force, and which variant of each rule is."""
        lines = []
        for name, (first, width) in self.kernel.slots.items():
            value = self.law.values[name]
            if value.by:
                lines.append(f"{name} = _now[{first}:{first + width}]")
            else:
                lines.append(f"{name} = _now[{first}]" + (" != 0" if value.kind is Kind.BOOL else ""))
        return lines + [f"_v_{name} = _which[{at}]" for at, name in enumerate(self.kernel.rules)]

    def _inputs(self, count: list[str]) -> list[str]:
        """Each input of the row, checked against its declared range."""
        lines: list[str] = []
        outside: list[str] = []
        for name in self.kernel.inputs:
            item = self.law.inputs[name]
            lines.append(f"{name} = _int64(_c_{name}[_row])")
            outside.append(f"({name} < {item.low}) | ({name} > {item.high})")  # one branch for all of them
        lines += [f"if {' | '.join(outside)}:", *count, "    continue"] if outside else []
        return lines + [f"{name} = {name} != 0" for name in self.kernel.inputs
                        if self.law.inputs[name].kind is Kind.BOOL]

    def _rule(self, name: str) -> list[str]:
        variants = self.graph.rules[name]
        calls = [f"{name} = _{name}_{at}({', '.join(argument.name for argument in variant.arguments)})"
                 for at, variant in enumerate(variants)]
        if len(calls) == 1 and name in self.always:
            return calls
        lines: list[str] = []
        for at, call in enumerate(calls):
            lines += [f"{'el' if at else ''}if _v_{name} == {at}:", "    " + call]
        return [*lines, "else:", f"    {name} = " + ("False" if variants[0].kind is Kind.BOOL else "_int64(0)")]

    def _group(self, name: str, found: set[int]) -> list[str]:
        """The number of a group for the row."""
        group, at = self.graph.groups[name], self.table_of[name]
        number = f"_kept_{at}[_at_{at} + {self._place_of(name)}]"
        if group.opening:
            number = f"{number} + {group.opening}" if group.how == "so_far" else f"max({number}, {group.opening})"
        return [*self._place(at, found), f"{name} = {number}"]

    def _place(self, at: int, found: set[int]) -> list[str]:
        """The row's place in a table, looked up once a row and only when the key changes."""
        if at in found:
            return []
        found.add(at)
        table = self.kernel.tables[at]
        keys = [f"_int64({key})" for key in table.by]
        same = " and ".join(f"_kept_{at}[_at_{at} + {i}] == {key}" for i, key in enumerate(keys))
        return [f"if _at_{at} < 0 or not ({same}):",
                f"    _at_{at} = _find_{len(keys)}_{table.width}(_table_{at}, _kept_{at}, _count_{at}, "
                + f"{', '.join(keys)})",
                f"    if _at_{at} == _count_{at} * {table.width}:", f"        _count_{at} += 1"]

    def _place_of(self, name: str) -> int:
        """Where a group's sum stands in what is kept for a key: after the key itself."""
        table = self.kernel.tables[self.table_of[name]]
        return len(table.by) + table.groups.index(name)

    def _sums(self, stage: int, names: list[str], found: set[int]) -> list[str]:
        """What the row adds to its groups, watched so that no sum leaves its range."""
        lines: list[str] = []
        for which, (name, group) in enumerate(self.graph.groups.items()):
            due = self.graph.stage.get(name) == stage + 1 if group.how == "total" else name in names
            if name not in self.table_of or not due:
                continue
            at, limit, of = self.table_of[name], SUM_LIMIT[self.graph.nodes[name].kind], f"_int64({group.of})"
            place = f"_kept_{at}[_at_{at} + {self._place_of(name)}]"
            after = f"max({place}, {of})" if group.how == "most_so_far" else f"{place} + {of}"
            lines += [*self._place(at, found), f"if _v_{group.of} >= 0:", f"    _after = {after}",
                      f"    if _after > {limit} or _after < {-limit}:", f"        return _bad, _row, {which}",
                      f"    {place} = _after"]
        return lines


def _indent(depth: int, lines: Iterable[str]) -> list[str]:
    return ["    " * depth + line for line in lines]


def _always(law: Law, outputs: Iterable[str]) -> set[str]:
    """The rules that the outputs rest on whatever the day, so that they are in force wherever a row is."""
    graph, found, waiting = law.graph, set[str](), list(outputs)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in graph.groups:
            waiting += [*graph.needs(name), graph.groups[name].of]
        elif name in graph.rules:
            each = [{argument.name for argument in variant.arguments} for variant in graph.rules[name]]
            waiting += set.intersection(*each)
    return found


_SEEK = """@njit
def _seek(starts, day):
    low, high = 0, len(starts) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= day:
            low = middle
        else:
            high = middle
    return low"""


def _finder(arity: int, width: int) -> str:
    """The text of the look-up of a key of `arity` numbers: where what is kept for it begins.

    Open addressing. Keys that are neighbours stay neighbours in the table, eight places for each first key
    that has others behind it, so that rows in the order of their keys touch memory in order; a taken place
    is left by a jump that all bits of the key decide.
    """
    keys = [f"key_{i}" for i in range(arity)]
    spread = [8 if arity > 1 else 1, *range(1, 2 * arity, 2)]
    home = " + ".join(f"{key} * {factor}" for key, factor in zip(keys, spread, strict=False))
    mixed = " ^ ".join(f"{key} * {_MIX - 2 * i}" for i, key in enumerate(keys))
    same = " and ".join(f"kept[place + {i}] == {key}" for i, key in enumerate(keys))
    lines = ["@njit", f"def _find_{arity}_{width}(table, kept, count, {', '.join(keys)}):",
             "    mask = len(table) - 1", f"    at = ({home}) & mask", "    jump = -1", "    while True:",
             f"        place = (table[at] - 1) * {width}", "        if place < 0:", "            table[at] = count + 1",
             f"            place = count * {width}",
             *(f"            kept[place + {i}] = {key}" for i, key in enumerate(keys)),
             *(f"            kept[place + {i}] = 0" for i in range(arity, width)),
             "            return place", f"        if {same}:", "            return place",
             "        if jump < 0:", f"            jump = ({mixed}) & {2**63 - 1}", "            jump ^= jump >> 29",
             "        at = (at + 1 + jump) & mask", "        jump >>= 5"]
    return "\n".join(lines)


_MIX = 7046029254386353131  # odd, its bits well spread (the golden ratio's)

"""The mistakes: mutmut's own mutants of a room's functions, and the places where a test could meet them."""

from __future__ import annotations

import ast
import difflib
import io
import random
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

import libcst as cst
from mutmut.configuration import Config
from mutmut.mutation import file_mutation, pragma_handling

SOURCES = {"money": ("money.py",), "rules": ("rules",), "settlement": ("settlement",), "ledger": ("ledger",),
           "database": ("database",)}


@dataclass(frozen=True)
class Mutant:
    """One change in one function. path: below src/westlake; number: mutmut's, counted through the file."""

    path: str
    number: int
    function: str
    tree: cst.Module = field(repr=False, compare=False)
    mutation: Any = field(repr=False, compare=False)

    def text(self) -> str:
        """The whole file with the change."""
        changed = file_mutation.deep_replace(self.tree, self.mutation.original_node, self.mutation.mutated_node)
        assert isinstance(changed, cst.Module)
        return changed.code


def of_room(room: str, package: Path) -> list[Mutant]:
    """Every mutant of a room, in the order of its files. mutmut leaves decorated functions (properties, context
    managers, cached functions), annotations, three-quoted strings and whatever stands outside a function alone.
    """
    paths = [path for name in SOURCES[room] for path in
             ([package / name] if name.endswith(".py") else sorted((package / name).glob("*.py")))]
    return [mutant for path in paths for mutant in _of_file(path, package)]


def sample(mutants: list[Mutant], count: int, seed: str) -> list[Mutant]:
    """`count` of them drawn without return; the same for the same seed."""
    drawn = random.Random(seed).sample(range(len(mutants)), min(count, len(mutants)))
    return [mutants[number] for number in sorted(drawn)]


def _of_file(path: Path, package: Path) -> Iterator[Mutant]:
    pragma_handling.config = lambda: _PLAIN  # mutmut would read the settings of the working folder
    with redirect_stdout(io.StringIO()):
        tree, mutations, *_ = file_mutation.create_mutations(str(path), path.read_text("utf-8"))
    for number, mutation in enumerate(mutations):
        function = mutation.contained_by_top_level_function
        if isinstance(function, cst.FunctionDef):
            yield Mutant(str(path.relative_to(package)), number, function.name.value, tree, mutation)


class _Plain:
    def __getattr__(self, name: str) -> Any:
        return []


_PLAIN: Any = _Plain()
assert hasattr(Config, "__annotations__"), "mutmut 3.8"


def difference(before: str, after: str) -> tuple[list[str], list[str], tuple[int, int]]:
    """Lines taken away, lines put in, and the first and last line (from 1) of what changed in `before`."""
    old, new = before.splitlines(), after.splitlines()
    gone: list[str] = []
    come: list[str] = []
    places: list[int] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            gone += [line.strip() for line in old[a:b]]
            come += [line.strip() for line in new[c:d]]
            places += [a + 1, max(a + 1, b)]
    return gone, come, (min(places), max(places))


def reach(text: str, lines: tuple[int, int]) -> tuple[range, range]:
    """The lines of the innermost statement around a change, and those of its function."""
    statement = function = range(lines[0], lines[1] + 1)
    for node in ast.walk(ast.parse(text)):  # breadth first: what is deeper comes later
        if not isinstance(node, ast.stmt) or not (node.lineno <= lines[0] and lines[1] <= (node.end_lineno or 0)):
            continue
        if isinstance(node, ast.FunctionDef) and _outermost(node, function, lines):
            function = range(node.lineno, (node.end_lineno or 0) + 1)
        body = getattr(node, "body", None)
        last = (body[0].lineno - 1 if body and lines[0] < body[0].lineno else node.end_lineno) or 0
        statement = range(node.lineno, max(last, node.lineno) + 1)
    return statement, function


def _outermost(node: ast.FunctionDef, found: range, lines: tuple[int, int]) -> bool:
    return found == range(lines[0], lines[1] + 1)


def code_of(text: str, path: Path, name: str, line: int) -> CodeType | None:
    """The compiled body of the top-level function or method `name` that begins nearest to `line`."""
    found: list[CodeType] = []

    def look(code: CodeType, depth: int) -> None:
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                if inner.co_name == name:
                    found.append(inner)
                if depth < 1:
                    look(inner, depth + 1)
    look(compile(text, str(path), "exec", dont_inherit=True), 0)
    return min(found, key=lambda code: abs(code.co_firstlineno - line), default=None)

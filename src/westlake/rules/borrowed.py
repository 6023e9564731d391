"""The lines of money.py and dates.py that a kernel borrows, written so that the compiler can be quick.

The rounding is not written a second time: the functions' own source is taken, and only changed where the
proof in `ranges` allows it without changing a single answer:
- range checks that can never strike are left out;
- what is never negative is said to be so (`& 2**63 - 1`), so that a division needs no sign;
- where a whole product fits an int64, `s // p * r + (s % p * r + c) // p` is put back as `(s * r + c) // p`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection

from westlake import dates, money
from westlake.rules.functions import FUNCTIONS

SHORT = "_short_"  # before the name of a share function whose product fits whole
_POSITIVE = 2**63 - 1
_UNSIGNED = ("year_of", "month_of", "day_of_month")  # from a day of our era on, all their numbers are 0 or more


def borrow(called: Collection[str]) -> list[str]:
    """The source of the named functions and of all they call, constants first."""
    constants: dict[str, int] = {}
    functions: dict[str, str] = {}
    for name in sorted(called):
        if FUNCTIONS[name.removeprefix(SHORT)]:
            _add(name, constants, functions)
    return ["\n".join(f"{name} = {number}" for name, number in constants.items())] * bool(constants) + [
        *functions.values()]


def _add(name: str, constants: dict[str, int], functions: dict[str, str]) -> None:
    if name in functions:
        return
    plain = name.removeprefix(SHORT)
    home = money if hasattr(money, plain) else dates
    tree = ast.parse(inspect.getsource(getattr(home, plain))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    for node in ast.walk(tree):
        other = getattr(home, node.id, None) if isinstance(node, ast.Name) else None
        if inspect.isfunction(other):
            _add(other.__name__, constants, functions)
        elif isinstance(other, int):
            constants[node.id] = other  # type: ignore[attr-defined]
    functions[name] = "@njit\n" + ast.unparse(_rewritten(tree, name, home is money))


def _rewritten(tree: ast.FunctionDef, name: str, share: bool) -> ast.FunctionDef:
    """A function without words, annotations and checks, quickened as the module says."""
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    tree.body = [node for node in body if not _is_check(node)]
    tree.name, tree.returns = name, None
    for argument in tree.args.args:
        argument.annotation = None
    if name.startswith(SHORT):
        tree = _Joined().visit(tree)
    if share or name in _UNSIGNED:
        tree = _Unsigned().visit(tree)
    return ast.fix_missing_locations(tree)


def _is_check(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and all(isinstance(inner, ast.Raise) for inner in node.body)


class _Joined(ast.NodeTransformer):
    """`s // p * r + (s % p * r + c) // p` becomes `(s * r + c) // p`: equal, for whole numbers."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        match node:
            case ast.BinOp(left=ast.BinOp(left=ast.BinOp(left=s, op=ast.FloorDiv(), right=p), op=ast.Mult(), right=r),
                           op=ast.Add(), right=ast.BinOp(left=rest, op=ast.FloorDiv(), right=q)):
                small = ast.unparse(ast.BinOp(ast.BinOp(s, ast.Mod(), p), ast.Mult(), r))
                whole = ast.unparse(ast.BinOp(s, ast.Mult(), r))
                text = ast.unparse(rest)
                if text.startswith(small) and ast.dump(p) == ast.dump(q):
                    return ast.parse(f"({whole}{text.removeprefix(small)}) // {ast.unparse(p)}", mode="eval").body
        return self.generic_visit(node)  # type: ignore[return-value]


class _Unsigned(ast.NodeTransformer):
    """Says of sizes and of what is divided that they are never negative."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return _positive(node) if isinstance(node.func, ast.Name) and node.func.id == "abs" else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, (ast.FloorDiv, ast.Mod)) and not isinstance(node.left, ast.Constant):
            node.left = _positive(node.left)
        return node


def _positive(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.BitAnd(), ast.Constant(_POSITIVE))

"""Works out a rule's cheap branches side by side and then picks one: a wrong guess of the processor costs more.

A branch that hangs on the row's own numbers is guessed wrong for many rows, and each wrong guess costs a
dozen operations. So in a kernel `if spend < least: return 0` becomes a choice between two numbers that are
both at hand, and `and`, `or` look at all their parts. Only where every part is cheap and can do no harm
when it was not asked for: no division but by a plain number, no calendar.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from westlake.rules.borrowed import SHORT
from westlake.rules.functions import FUNCTIONS

_BUILT_IN = {name for name, function in FUNCTIONS.items() if function is None}
_SHARES = {name for name, function in FUNCTIONS.items() if function and function.scale}
Flat = tuple[list[ast.stmt], ast.expr]


def eager(function: ast.FunctionDef) -> ast.FunctionDef:
    """The same function with its cheap branches worked out side by side; changed in place."""
    _Both().visit(function)
    if _cheap(function):
        flat = _flatten(function.body, set(), [0])
        if flat:
            statements, answer = flat
            function.body = [*statements, ast.Return(answer)]
    return ast.fix_missing_locations(function)


def _cheap(node: ast.AST, shares: bool = True) -> bool:
    """Nothing that it would be dear or harmful to work out in vain."""
    for inner in ast.walk(node):
        match inner:
            case ast.BinOp(op=ast.FloorDiv() | ast.Mod(), right=right) if not isinstance(right, ast.Constant):
                return False
            case ast.Call(func=ast.Name(id=name)) if name not in _BUILT_IN and not (
                    shares and name.removeprefix(SHORT) in _SHARES):
                return False
    return True


class _Both(ast.NodeTransformer):
    """`a and b` becomes `a & b`, `a or b` becomes `a | b`, of truths."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if not all(_cheap(value, shares=False) for value in node.values[1:]):
            return node
        whole = node.values[0]
        for value in node.values[1:]:
            whole = ast.BinOp(whole, ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr(), value)
        return whole


def _flatten(statements: Sequence[ast.stmt], taken: set[str], count: list[int]) -> Flat | None:
    """Assignments, then one answer; None where a branch does not end in an answer of its own."""
    found: list[ast.stmt] = []
    for at, statement in enumerate(statements):
        match statement:
            case ast.Return(value=ast.expr() as value):
                return found, value
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
                found.append(statement)
                taken.add(name)
            case ast.If(test=test, body=body, orelse=orelse):
                before = set(taken)
                yes = _flatten(body, set(), count)
                no = _flatten([*orelse, *statements[at + 1:]], set(before), count)
                if yes is None or no is None or before & _assigned(yes[0]):
                    return None
                count[0] += 1
                names = [f"_{what}{count[0]}" for what in ("if", "yes", "no")]
                pick = ast.IfExp(*(ast.Name(name, ast.Load()) for name in names))
                return [*found, _let(names[0], test), *yes[0], _let(names[1], yes[1]), *no[0],
                        _let(names[2], no[1])], pick
    return None


def _assigned(statements: Sequence[ast.stmt]) -> set[str]:
    return {node.id for statement in statements for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _let(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)

"""Turns a proved rule into what Python and the kernel compiler run: choices become numbers, words fall away."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Callable, Collection, Mapping

from westlake.rules.borrowed import SHORT
from westlake.rules.functions import FUNCTIONS
from westlake.rules.grammar import Variant
from westlake.rules.language import WHOLE
from westlake.rules.ranges import Spot, spot

NAMESPACE: dict[str, object] = {name: function.body for name, function in FUNCTIONS.items() if function}
NAMESPACE |= {"min": min, "max": max, "abs": abs, "WHOLE": WHOLE}


def lower(variant: Variant, places: Mapping[Spot, int], name: str, short: Collection[Spot] = ()) -> ast.FunctionDef:
    """The rule as a bare function of numbers named `name`; line numbers still those of rules.py.

    short: the calls whose product is known to be small, which go to `borrowed.SHORT` + the function.
    """
    numbered = copy.deepcopy(variant.body)
    _Numbered(places, short).visit(numbered)
    body = numbered.body[1:] if ast.get_docstring(variant.body) is not None else numbered.body
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg(argument.name) for argument in variant.arguments],
                              kwonlyargs=[], kw_defaults=[], defaults=[])
    numbered.name, numbered.args, numbered.body = name, arguments, body
    numbered.decorator_list, numbered.returns = [], None
    return ast.fix_missing_locations(numbered)


def make(function: ast.FunctionDef, file: str) -> Callable[..., int]:
    """The Python function; it sees the named functions of rules and nothing else."""
    module = ast.Module(body=[function], type_ignores=[])
    code = compile(module, file, "exec")
    space: dict[str, object] = {"__builtins__": {}, **NAMESPACE}
    exec(code, space)  # a tree that the grammar and the proof have passed, without builtins
    made = space[function.name]
    assert isinstance(made, types.FunctionType)
    return made


class _Numbered(ast.NodeTransformer):
    """Texts become their places; `x in (a, b)` becomes comparisons, which every compiler takes."""

    def __init__(self, places: Mapping[Spot, int], short: Collection[Spot]) -> None:
        self.places, self.short = places, short

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str) and spot(node) in self.places:
            return ast.copy_location(ast.Constant(self.places[spot(node)]), node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if spot(node) in self.short and isinstance(node.func, ast.Name):
            node.func.id = SHORT + node.func.id
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Tuple(elts=options)]):
                each: list[ast.expr] = [ast.Compare(left, [ast.Eq()], [option]) for option in options]
                either = ast.BoolOp(ast.Or(), each) if len(each) > 1 else each[0]
                whole = either if isinstance(op, ast.In) else ast.UnaryOp(ast.Not(), either)
                return ast.copy_location(whole, node)
        return node

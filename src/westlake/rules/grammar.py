"""Reads rules.py as text: only the closed rule language passes, and nothing of the file is ever run whole."""

from __future__ import annotations

import ast
import copy
import warnings
from dataclasses import dataclass
from pathlib import Path

from westlake.dates import parse_day
from westlake.errors import Findings, Place, nearest
from westlake.rules.functions import FUNCTIONS
from westlake.rules.kinds import ANNOTATIONS, Kind

DAY_FIRST, DAY_LAST = -(10**9), 10**9  # before and after every day: an open end
_RULE_KEYS = ("source", "clause", "start", "end", "name", "choices")
_GROUP_KEYS = ("by", "opening")
HOWS = ("so_far", "most_so_far", "total")
NAMES = {*ANNOTATIONS, "Table", "WHOLE", "rule", *HOWS, *(name for name, function in FUNCTIONS.items() if function)}
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.USub, ast.Not, ast.And, ast.Or, ast.Lt, ast.LtE,
             ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Load, ast.Store)


@dataclass(frozen=True)
class Argument:
    """One argument of a rule: another rule, an input, a value or the day."""

    name: str
    kind: Kind
    table: bool
    place: Place


@dataclass(frozen=True)
class Variant:
    """One dated form of a rule, in force from `start` to `end`, both included."""

    name: str
    arguments: tuple[Argument, ...]
    kind: Kind
    choices: tuple[str, ...]
    source: str
    clause: str
    start: int
    end: int
    doc: str
    body: ast.FunctionDef
    place: Place


@dataclass(frozen=True)
class Group:
    """A number that one row cannot know: `so_far`, `most_so_far` or `total` of a rule, by group."""

    name: str
    how: str
    of: str
    by: tuple[str, ...]
    opening: str
    place: Place


@dataclass(frozen=True)
class Written:
    """All of a rules.py: its opening sentence, the rules' variants and the groups, as written."""

    summary: str
    variants: tuple[Variant, ...]
    groups: tuple[Group, ...]
    source: SourceText
    broken: frozenset[str] = frozenset()  # names whose rule or group is at fault: known, but not followed further


class SourceText:
    """A rules.py's lines, and the noting of faults at its nodes."""

    def __init__(self, path: Path, shown: str, findings: Findings) -> None:
        self.path, self.shown, self.findings = path, shown, findings
        self.text = path.read_text("utf-8")
        self.lines = self.text.splitlines()

    def afresh(self, findings: Findings) -> SourceText:
        """The same text, its faults noted elsewhere."""
        twin = copy.copy(self)
        twin.findings = findings
        return twin

    def place(self, node: ast.AST) -> Place:
        """file:line:column of a node, both counted from 1, columns in characters."""
        line = getattr(node, "lineno", 1)
        offset = getattr(node, "col_offset", 0)
        raw = self.lines[line - 1].encode() if line <= len(self.lines) else b""
        return Place(self.shown, line, len(raw[:offset].decode(errors="ignore")) + 1)

    def fault(self, code: str, node: ast.AST | Place, suggestion: str = "", **values: object) -> None:
        """Notes a problem at a node, with its source line."""
        place = node if isinstance(node, Place) else self.place(node)
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        self.findings.add(code, place, suggestion, line, **values)


def read_rules(path: Path, shown: str, findings: Findings) -> Written:
    """The rules and groups of a rules.py; every breach of the language is noted in `findings`."""
    source = SourceText(path, shown, findings)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # what Python only warns of is no rule of ours either
            module = ast.parse(source.text)
    except SyntaxError as error:
        source.fault("W002", Place(shown, error.lineno or 1, error.offset or 1), what=error.msg)
        return Written("", (), (), source)
    variants: list[Variant] = []
    groups: list[Group] = []
    broken: set[str] = set()
    for statement in module.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.ImportFrom():
                _check_import(source, statement)
            case ast.FunctionDef():
                variant = _variant(source, statement)
                if variant:
                    variants.append(variant)
                else:
                    broken |= _names(statement)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=how)) as call) if how in HOWS:
                group = _group(source, name, call)
                if group:
                    groups.append(group)
                else:
                    broken.add(name)
            case _:
                source.fault("W003", statement, what=_spelling(statement))
    return Written(ast.get_docstring(module) or "", tuple(variants), tuple(groups), source, frozenset(broken))


def _names(node: ast.FunctionDef) -> set[str]:
    """What a rule may have been meant to be called."""
    texts = {inner.value for inner in ast.walk(ast.Module(body=[ast.Expr(item) for item in node.decorator_list],
             type_ignores=[])) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)}
    return {node.name} | {text for text in texts if text.isidentifier()}


def _check_import(source: SourceText, node: ast.ImportFrom) -> None:
    if node.module == "__future__":
        return
    if node.module != "westlake.rules" or node.level:
        source.fault("W003", node, what=f"from {node.module} import")
        return
    for alias in node.names:
        if alias.name not in NAMES or alias.asname:
            source.fault("W006", alias, nearest(alias.name, NAMES), name=alias.asname or alias.name)


def _variant(source: SourceText, node: ast.FunctionDef) -> Variant | None:
    keys = _decorator(source, node)
    if keys is None:
        return None
    before = len(source.findings)
    name = str(keys.get("name") or node.name)
    kind, _ = _annotation(source, node.returns, node)
    choices = keys.get("choices", ())
    assert isinstance(choices, tuple)
    days = {}
    for key, default in (("start", DAY_FIRST), ("end", DAY_LAST)):
        try:
            days[key] = parse_day(str(keys[key])) if keys.get(key) else default
        except ValueError:
            source.fault("W106", node.decorator_list[0], text=keys[key], kind="day")
            days[key] = default
    if days["start"] > days["end"]:
        source.fault("W112", node.decorator_list[0], name=name)
    if node.args.vararg or node.args.kwarg or node.args.kwonlyargs or node.args.posonlyargs or node.args.defaults:
        source.fault("W003", node, what="*, /, =")
    arguments = tuple(_argument(source, arg) for arg in node.args.args)
    for statement in _body(node):
        _check_shape(source, statement)
    if kind is None or len(source.findings) > before:
        return None
    return Variant(name, arguments, kind, choices, str(keys["source"]), str(keys["clause"]), days["start"],
                   days["end"], ast.get_docstring(node) or "", node, source.place(node))


def _body(node: ast.FunctionDef) -> list[ast.stmt]:
    """A function's statements without its docstring."""
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def _decorator(source: SourceText, node: ast.FunctionDef) -> dict[str, object] | None:
    """The keywords of @rule(…), or None when the function is no rule."""
    match node.decorator_list:
        case [ast.Call(func=ast.Name(id="rule"), args=[], keywords=keywords) as call]:
            keys = _keywords(source, call, keywords, _RULE_KEYS)
            for needed in ("source", "clause"):
                if needed not in keys:
                    source.fault("W011", call, name=needed, rule=node.name)
                    keys[needed] = ""
            return keys
    source.fault("W011", node, name="@rule", rule=node.name)
    return None


def _keywords(source: SourceText, call: ast.Call, keywords: list[ast.keyword],
              known: tuple[str, ...]) -> dict[str, object]:
    """Keyword arguments that are plain texts or tuples of texts."""
    found: dict[str, object] = {}
    for keyword in keywords:
        if keyword.arg not in known:
            source.fault("W103", keyword, nearest(keyword.arg or "", known), name=keyword.arg, known=", ".join(known))
            continue
        match keyword.value:
            case ast.Constant(value=str(text)) if keyword.arg not in ("choices", "by"):
                found[keyword.arg] = text
            case ast.Tuple(elts=items) if keyword.arg in ("choices", "by") and all(
                    isinstance(item, ast.Constant) and isinstance(item.value, str) for item in items):
                found[keyword.arg] = tuple(item.value for item in items if isinstance(item, ast.Constant))
            case _:
                source.fault("W105", keyword.value, wanted='("…", )' if keyword.arg in ("choices", "by") else '"…"')
    return found


def _group(source: SourceText, name: str, call: ast.Call) -> Group | None:
    assert isinstance(call.func, ast.Name)
    how = call.func.id
    known = _GROUP_KEYS if how != "total" else ("by",)
    keys = _keywords(source, call, call.keywords, known)
    match call.args:
        case [ast.Constant(value=str(of))] if keys.get("by"):
            by = keys["by"]
            assert isinstance(by, tuple)
            return Group(name, how, of, by, str(keys.get("opening", "")), source.place(call))
    source.fault("W105", call, wanted=f'{how}("rule", by=("key", ))')
    return None


def _argument(source: SourceText, arg: ast.arg) -> Argument:
    kind, table = _annotation(source, arg.annotation, arg)
    return Argument(arg.arg, kind or Kind.COUNT, table, source.place(arg))


def _annotation(source: SourceText, node: ast.expr | None, at: ast.AST) -> tuple[Kind | None, bool]:
    """The kind that an annotation names, and whether it is a Table of it."""
    match node:
        case ast.Name(id=name) if name in ANNOTATIONS:
            return ANNOTATIONS[name], False
        case ast.Subscript(value=ast.Name(id="Table"), slice=ast.Name(id=name)) if (
                name in ANNOTATIONS and isinstance(at, ast.arg)):
            return ANNOTATIONS[name], True
    shown = ast.unparse(node) if node else ""
    what = getattr(at, "arg", getattr(at, "name", ""))
    source.fault("W008", node or at, nearest(shown, ANNOTATIONS), name=what, text=shown or "-")
    return None, False


def _check_shape(source: SourceText, node: ast.AST) -> None:
    """Notes every node under (and with) this one that is not in the language."""
    match node:
        case ast.Constant(value=float() | complex()):
            source.fault("W004", node, text=ast.unparse(node))
        case ast.Constant(value=value) if not isinstance(value, (bool, int, str)):
            source.fault("W003", node, what=ast.unparse(node))
        case ast.BinOp(op=ast.Div()):
            source.fault("W005", node)
            _check_shape(source, node.left)
            _check_shape(source, node.right)
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.AugAssign(op=op) if not isinstance(op, OPERATORS):
            source.fault("W005" if isinstance(op, ast.Div) else "W003", node, what=_spelling(op))
        case ast.Compare(ops=ops) if not all(isinstance(op, OPERATORS) for op in ops):
            source.fault("W003", node, what="is")
        case ast.Call():
            _check_call(source, node)
        case ast.Name(id=name) if name.startswith("_"):
            source.fault("W003", node, what=name)
        case ast.If() | ast.Return() | ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
            _check_children(source, node)
        case ast.Assign(targets=[ast.Name()]) | ast.AugAssign(target=ast.Name()) | ast.Subscript() | ast.Tuple():
            _check_children(source, node)
        case ast.Constant() | ast.Name():
            pass
        case _ if not isinstance(node, (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)):
            source.fault("W003", node, what=_spelling(node))


def _check_children(source: SourceText, node: ast.AST) -> None:
    for child in ast.iter_child_nodes(node):
        _check_shape(source, child)


def _check_call(source: SourceText, node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in FUNCTIONS:
        source.fault("W006", node, nearest(name, FUNCTIONS), name=name)
    if node.keywords:
        source.fault("W003", node.keywords[0], what=f"{node.keywords[0].arg}=")
    for argument in node.args:
        _check_shape(source, argument)


def _spelling(node: ast.AST) -> str:
    """How a node is written, short, for a message in any language."""
    if isinstance(node, (ast.operator, ast.unaryop, ast.cmpop)):
        return {"Pow": "**", "MatMult": "@", "LShift": "<<", "RShift": ">>", "BitOr": "|", "BitAnd": "&",
                "BitXor": "^", "Invert": "~", "Is": "is", "IsNot": "is not"}.get(type(node).__name__, "+")
    first = ast.unparse(node).splitlines()[0]
    return first if len(first) <= 60 else first[:57] + "…"

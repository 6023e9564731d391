"""Proves of each rule, before it ever runs, that kinds fit, that choices exist and that nothing can overflow.

Every expression is given a kind and the range of numbers it may be, worked out from the declared
ranges of the inputs and from all dated numbers of the values. Where money and days mix, where a text is
no choice, where an answer could leave 64 bits, a divisor be zero or a share be asked of too large an
amount, the fault is noted with its place. So a programme that loads cannot overflow for any admitted
input, in any of its three runs, and the kernel needs no guard but the check of its inputs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from westlake.dates import DAY_MAX, DAY_MIN
from westlake.errors import nearest
from westlake.money import PPM
from westlake.rules.functions import FUNCTIONS
from westlake.rules.grammar import SourceText, Variant
from westlake.rules.kinds import INT_MAX, WRITTEN, Kind
from westlake.rules.language import WHOLE


@dataclass(frozen=True)
class Fact:
    """What is known of a number: its kind (None: a bare number), its range, its choices, whether a table."""

    kind: Kind | None
    low: int
    high: int
    choices: tuple[str, ...] = ()
    table: bool = False

    @property
    def range(self) -> tuple[int, int]:
        return self.low, self.high

    def joined(self, other: Fact) -> Fact:
        """Either of two."""
        return replace(self if self.kind else other, low=min(self.low, other.low), high=max(self.high, other.high))


Known = dict[str, Fact]
Spot = tuple[int, int]  # where a node stands in rules.py: line and column, as `ast` counts them
LIKELY_RATE = 10 * PPM  # the form of a kernel does not depend on which rate below this a value has
_TRUTH = Fact(Kind.BOOL, 0, 1)
_NUMBERS = (Kind.MONEY, Kind.FINE, Kind.RATE, Kind.COUNT)
_ADD = {(Kind.DAY, Kind.COUNT): Kind.DAY, (Kind.COUNT, Kind.DAY): Kind.DAY}
_SUBTRACT = {(Kind.DAY, Kind.DAY): Kind.COUNT, (Kind.DAY, Kind.COUNT): Kind.DAY}
_FLIP = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}


class Fault(Exception):
    """An expression is at fault and has been noted: nothing more can be said of what holds it."""


class Proof:
    """Goes through one variant of a rule; `places` maps each text of a choice to its place in the list,
    `short` holds the share calls whose product fits an int64 whole."""

    def __init__(self, source: SourceText, variant: Variant, facts: Mapping[str, Fact]) -> None:
        self.source, self.variant = source, variant
        self.arguments = {argument.name for argument in variant.arguments}
        self.known: Known = {name: facts[name] for name in self.arguments} | {"WHOLE": Fact(Kind.RATE, WHOLE, WHOLE)}
        self.places: dict[Spot, int] = {}
        self.short: set[Spot] = set()
        self.answers: list[Fact] = []

    def run(self) -> Fact | None:
        """The fact of the rule's answer, or None when a fault was noted."""
        before = len(self.source.findings)
        body = self.variant.body.body
        statements = body[1:] if ast.get_docstring(self.variant.body) is not None else body
        after = self._block(statements, dict(self.known))
        if after is not None and len(self.source.findings) == before:
            self.source.fault("W017", self.variant.body, name=self.variant.name)
        if len(self.source.findings) > before or not self.answers:
            return None
        answer = self.answers[0]
        for other in self.answers[1:]:
            answer = answer.joined(other)
        return replace(answer, kind=self.variant.kind)

    # statements ----------------------------------------------------------------------------------

    def _block(self, statements: Iterable[ast.stmt], known: Known) -> Known | None:
        """What is known after the statements; None when all ways through them have returned."""
        state: Known | None = known
        for statement in statements:
            if state is None:
                self.source.fault("W027", statement, name=self.variant.name)
                return None
            try:
                state = self._statement(statement, state)
            except Fault:
                continue
        return state

    def _statement(self, node: ast.stmt, known: Known) -> Known | None:
        match node:
            case ast.Return(value=value):
                if value is None:
                    raise self._fault("W017", node, name=self.variant.name)
                self.answers.append(self._answer(value, known))
                return None
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._assign(node, name, self._fact(value, known), known)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                left = ast.copy_location(ast.Name(name, ast.Load()), target)
                return self._assign(node, name, self._fact(_binary(left, op, value, node), known), known)
            case ast.If(test=test, body=body, orelse=orelse):
                self._expect(test, known, Kind.BOOL)
                yes = self._block(body, refine(test, True, known))
                no = self._block(orelse, refine(test, False, known))
                return _join(yes, no)
        raise AssertionError(node)

    def _assign(self, node: ast.stmt, name: str, fact: Fact, known: Known) -> Known:
        if name in self.arguments or name in FUNCTIONS or name == "WHOLE":
            raise self._fault("W015", node, name=name)
        if name in known and known[name].kind not in (fact.kind, None):
            raise self._mismatch(node, known[name], fact)
        return {**known, name: fact}

    def _answer(self, node: ast.expr, known: Known) -> Fact:
        fact = self._fact(node, known, self.variant.choices)
        wanted = Fact(self.variant.kind, 0, 0, self.variant.choices)
        if not _fits(fact, wanted):
            raise self._mismatch(node, wanted, fact)
        return fact

    # expressions ---------------------------------------------------------------------------------

    def _fact(self, node: ast.expr, known: Known, choices: tuple[str, ...] = ()) -> Fact:
        """The fact of an expression; `choices` are those a text may name here."""
        match node:
            case ast.Constant(value=bool() as truth):
                return Fact(Kind.BOOL, int(truth), int(truth))
            case ast.Constant(value=int() as number):
                if number > INT_MAX:
                    raise self._fault("W018", node, text=ast.unparse(node), size=f"{number:,}")
                return Fact(None, number, number)
            case ast.Constant(value=str(text)):
                return self._choice(node, text, choices)
            case ast.Name(id=name):
                return self._name(node, name, known)
            case ast.Subscript(value=ast.Name(id=name) as table, slice=index):
                return self._look_up(node, self._name(table, name, known, table=True), index, known)
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(node, op, self._fact(left, known), self._fact(right, known))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._expect(operand, known, Kind.BOOL)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                fact = self._fact(operand, known)
                self._number(node, fact)
                return replace(fact, low=-fact.high, high=-fact.low)
            case ast.BoolOp(op=op, values=values):
                return self._logic(op, values, known)
            case ast.Compare():
                return self._compare(node, known)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._expect(test, known, Kind.BOOL)
                return self._same(node, [self._fact(body, refine(test, True, known), choices),
                                         self._fact(orelse, refine(test, False, known), choices)])
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(node, name, arguments, known)
        raise self._fault("W003", node, what=ast.unparse(node))

    def _name(self, node: ast.Name, name: str, known: Known, table: bool = False) -> Fact:
        if name not in known:
            raise self._fault("W016", node, nearest(name, known), name=name)
        if known[name].table is not table:
            raise self._fault("W021", node, name=name)
        return known[name]

    def _choice(self, node: ast.Constant, text: str, choices: tuple[str, ...]) -> Fact:
        if not choices:
            raise self._fault("W007", node, name=text)
        if text not in choices:
            raise self._fault("W010", node, nearest(text, choices), name=text, known=", ".join(choices))
        self.places[spot(node)] = choices.index(text)
        return Fact(Kind.CHOICE, choices.index(text), choices.index(text), choices)

    def _look_up(self, node: ast.Subscript, table: Fact, index: ast.expr, known: Known) -> Fact:
        key = self._fact(index, known, table.choices)
        if not _fits(key, Fact(Kind.CHOICE, 0, 0, table.choices)):
            raise self._mismatch(index, Fact(Kind.CHOICE, 0, 0, table.choices), key)
        return replace(table, table=False, choices=())

    def _arithmetic(self, node: ast.BinOp, op: ast.operator, left: Fact, right: Fact) -> Fact:
        for fact in (left, right):
            if fact.kind not in (*_NUMBERS, Kind.DAY, None):
                raise self._mismatch(node, left, right)
        kind = self._kind_of(node, op, left, right)
        match op:
            case ast.Add():
                low, high = left.low + right.low, left.high + right.high
            case ast.Sub():
                low, high = left.low - right.high, left.high - right.low
            case ast.Mult():
                corners = [a * b for a in left.range for b in right.range]
                low, high = min(corners), max(corners)
            case _:
                if right.low < 1:
                    raise self._fault("W019", node, text=ast.unparse(node.right))
                corners = [a // b for a in left.range for b in right.range]
                low, high = (min(corners), max(corners)) if isinstance(op, ast.FloorDiv) else (0, right.high - 1)
        if low < -INT_MAX or high > INT_MAX:
            raise self._fault("W018", node, text=ast.unparse(node), size=f"{max(high, -low):,}")
        return Fact(kind, low, high)

    def _kind_of(self, node: ast.BinOp, op: ast.operator, left: Fact, right: Fact) -> Kind | None:
        """The kind of a sum, difference, product or quotient. A bare number is a Count; 0 goes with any."""
        pair = (left.kind, right.kind)
        match op:
            case ast.Add() | ast.Sub():
                special = (_ADD if isinstance(op, ast.Add) else _SUBTRACT).get(
                    (left.kind or Kind.COUNT, right.kind or Kind.COUNT))
                if special:
                    return special
                if left.kind is not Kind.DAY and _fits(right, left):
                    return left.kind
                if right.kind is not Kind.DAY and _fits(left, right):
                    return right.kind
            case ast.Mult() if Kind.DAY not in pair:
                if right.kind in (Kind.COUNT, None):
                    return left.kind
                if left.kind in (Kind.COUNT, None):
                    return right.kind
            case ast.FloorDiv() | ast.Mod() if left.kind in (Kind.COUNT, None) and right.kind in (Kind.COUNT, None):
                return left.kind or right.kind
        raise self._mismatch(node, left, right)

    def _logic(self, op: ast.boolop, values: list[ast.expr], known: Known) -> Fact:
        for value in values:
            self._expect(value, known, Kind.BOOL)
            known = refine(value, isinstance(op, ast.And), known)
        return _TRUTH

    def _compare(self, node: ast.Compare, known: Known) -> Fact:
        items = [node.left, *node.comparators]
        for left, op, right in zip(items, node.ops, items[1:], strict=False):
            if isinstance(right, ast.Tuple):
                if not isinstance(op, (ast.In, ast.NotIn)) or len(node.ops) > 1 or not right.elts:
                    raise self._fault("W003", right, what=ast.unparse(right))
                options: list[ast.expr] = list(right.elts)
            elif isinstance(op, (ast.In, ast.NotIn)):
                raise self._fault("W105", right, wanted='("…", )')
            else:
                options = [right]
            for option in options:
                self._comparable(node, op, left, option, known)
        return _TRUTH

    def _comparable(self, node: ast.expr, op: ast.cmpop, left: ast.expr, right: ast.expr, known: Known) -> None:
        if isinstance(left, ast.Constant) and isinstance(left.value, str):
            left, right = right, left
        first = self._fact(left, known)
        second = self._fact(right, known, first.choices)
        if not (_fits(first, second) or _fits(second, first)):
            raise self._mismatch(node, first, second)
        ordered = first.kind in (*_NUMBERS, Kind.DAY, None)
        if not ordered and isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            raise self._mismatch(node, first, second)

    def _call(self, node: ast.Call, name: str, arguments: list[ast.expr], known: Known) -> Fact:
        function = FUNCTIONS[name]
        facts = [self._fact(argument, known) for argument in arguments]
        if function is None:
            return self._built_in(node, name, facts)
        if len(facts) != len(function.takes):
            raise self._fault("W014", node, name=name, wanted=len(function.takes), found=len(facts))
        for argument, fact, (kind, (low, high)) in zip(arguments, facts, function.takes, strict=True):
            if not _fits(fact, Fact(kind, 0, 0)):
                raise self._mismatch(argument, Fact(kind, 0, 0), fact)
            if fact.low < low or fact.high > high:
                raise self._fault("W020", argument, name=name, text=ast.unparse(argument),
                                  low=f"{fact.low:,}", high=f"{fact.high:,}", least=f"{low:,}", most=f"{high:,}")
        if function.scale and _product_fits(facts[0], facts[1], function.scale):
            self.short.add(spot(node))
        low, high = function.reach(*(fact.range for fact in facts))
        if function.gives is Kind.DAY and (low < DAY_MIN or high > DAY_MAX):
            raise self._fault("W018", node, text=ast.unparse(node), size=f"{max(high, -low):,}")
        return Fact(function.gives, low, high)

    def _built_in(self, node: ast.Call, name: str, facts: list[Fact]) -> Fact:
        wrong = len(facts) != 1 if name == "abs" else len(facts) < 2
        if wrong:
            raise self._fault("W014", node, name=name, wanted=1 if name == "abs" else "2+", found=len(facts))
        joined = self._same(node, facts)
        if name == "abs":
            self._number(node, joined)
            least = 0 if joined.low <= 0 <= joined.high else min(abs(joined.low), abs(joined.high))
            return replace(joined, low=least, high=max(abs(joined.low), abs(joined.high)))
        if joined.kind in (Kind.BOOL, Kind.CHOICE, Kind.ID):
            raise self._mismatch(node, facts[0], facts[1])
        pick = min if name == "min" else max
        return replace(joined, low=pick(fact.low for fact in facts), high=pick(fact.high for fact in facts))

    # shared --------------------------------------------------------------------------------------

    def _same(self, node: ast.expr, facts: list[Fact]) -> Fact:
        joined = facts[0]
        for fact in facts[1:]:
            if not (_fits(fact, joined) or _fits(joined, fact)):
                raise self._mismatch(node, joined, fact)
            joined = joined.joined(fact)
        return joined

    def _number(self, node: ast.expr, fact: Fact) -> None:
        if fact.kind not in (*_NUMBERS, None):
            raise self._mismatch(node, Fact(Kind.COUNT, 0, 0), fact)

    def _expect(self, node: ast.expr, known: Known, kind: Kind) -> Fact:
        fact = self._fact(node, known)
        if fact.kind is not kind:
            raise self._mismatch(node, Fact(kind, 0, 0), fact)
        return fact

    def _fault(self, code: str, node: ast.AST, suggestion: str = "", **values: object) -> Fault:
        self.source.fault(code, node, suggestion, **values)
        return Fault()

    def _mismatch(self, node: ast.AST, first: Fact, second: Fact) -> Fault:
        return self._fault("W009", node, text=ast.unparse(node), first=_named(first), second=_named(second))


def spot(node: ast.expr) -> Spot:
    """Where a node stands."""
    return node.lineno, node.col_offset


def _product_fits(amount: Fact, rate: Fact, scale: int) -> bool:
    """Does amount x rate fit an int64 for every rate up to 1,000 %, whatever a reform makes of it?"""
    return rate.high <= LIKELY_RATE and max(amount.high, -amount.low) * LIKELY_RATE + scale <= INT_MAX


def _fits(fact: Fact, wanted: Fact) -> bool:
    """May this stand where that is wanted? 0 is any number; other bare numbers are counts."""
    if fact.kind is None:
        zero = fact.low == fact.high == 0
        return wanted.kind in (None, Kind.COUNT) or (zero and wanted.kind in _NUMBERS)
    return fact.kind is wanted.kind and fact.choices == wanted.choices


def _named(fact: Fact) -> str:
    if fact.kind is None:
        return f"{fact.low}" if fact.low == fact.high else "Count"
    return WRITTEN[fact.kind] + (f" ({', '.join(fact.choices)})" if fact.choices else "")


def _binary(left: ast.expr, op: ast.operator, right: ast.expr, at: ast.stmt) -> ast.BinOp:
    return ast.copy_location(ast.BinOp(left, op, right), at)


def _join(one: Known | None, other: Known | None) -> Known | None:
    """What is known after either of two ways; a name that only one of them sets is not."""
    if one is None or other is None:
        return one if other is None else other
    return {name: one[name].joined(other[name]) for name in one if name in other}


def refine(test: ast.expr, truth: bool, known: Known) -> Known:
    """What is known once a condition holds (or does not): narrower ranges, never wider."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return refine(operand, not truth, known)
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) is truth:
            for value in values:
                known = refine(value, truth, known)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _FLIP:
            how = type(op) if truth else _FLIP[type(op)]
            known = _narrow(left, how, right, known)
            mirror = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}.get(how, how)
            known = _narrow(right, mirror, left, known)
    return known


def _narrow(subject: ast.expr, how: type[ast.cmpop], other: ast.expr, known: Known) -> Known:
    """Narrows a name's range by comparing it with a name or a whole number."""
    if not isinstance(subject, ast.Name) or subject.id not in known:
        return known
    fact = known[subject.id]
    match other:
        case ast.Constant(value=int(number)):
            low = high = number
        case ast.Name(id=name) if name in known:
            low, high = known[name].range
        case _:
            return known
    least, most = fact.range
    if how in (ast.Lt, ast.LtE, ast.Eq):
        most = min(most, high - (how is ast.Lt))
    if how in (ast.Gt, ast.GtE, ast.Eq):
        least = max(least, low + (how is ast.Gt))
    if how is ast.NotEq and low == high:
        least, most = least + (least == low), most - (most == low)
    return {**known, subject.id: replace(fact, low=least, high=most)} if least <= most else known

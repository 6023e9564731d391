"""Invents rules: random texts of the language that are right in kind, and what plain Python says of them."""

import ast
import datetime as dt
import re
from fractions import Fraction

from .oracle import calendar, half_away
from .toy import HEAD, R

INPUTS = {
    "a": 'money, min: "-9000.00", max: "9000.00"',
    "b": 'money, min: "0.00", max: "9000000.00"',
    "n": "count, min: -9, max: 40",
    "r": "rate, max: 150%",
    "k": "choice, choices: [red, blue, grey]",
    "f": "bool",
    "d": "day",
    "base": 'fine_money, min: "-9000.00", max: "900000.00"',
    "firm": "id",
}
VALUES = {
    "cap": ("money", [("2025-01-01", '"7.77"'), ("2025-07-01", '"8888.00"')]),
    "rates": (
        "rate by k",
        [
            ("2025-01-01", "{red: 33.3333%, blue: 50%, grey: 0%}"),
            ("2025-07-01", "{red: 66.6667%, blue: 0.0001%, grey: 100%}"),
        ],
    ),
}
KINDS = {
    "a": "Money",
    "b": "Money",
    "n": "Count",
    "r": "Rate",
    "k": "Choice",
    "f": "Bool",
    "d": "Day",
    "base": "FineMoney",
    "cap": "Money",
    "rates": "Table[Rate]",
    "day": "Day",
}
SHARES = ("share_down", "share_up", "share_half_up", "share_half_even")


PATTERNS = {
    "Money": [
        "({Money} + {Money})",
        "({Money} - {Money})",
        "({Count} * {Money})",
        "min({Money}, {Money})",
        "abs({Money})",
        "max({Money}, {Money}, 0)",
        "({Money} if {Bool} else {Money})",
        "-{Money}",
        "part_down({Money}, abs({Count}), 366)",
        "fine_share_half_up({FineMoney}, {Rate})",
        "part_half_up({Money}, 7, max({Count}, 1))",
        *(f"{share}({{Money}}, {{Rate}})" for share in SHARES),
    ],
    "Count": [
        "({Count} + {Count})",
        "({Day} - {Day})",
        "({Count} // max({Count}, 1))",
        "({Count} % max({Count}, 1))",
        "years_between({Day}, {Day})",
        "months_between({Day}, {Day})",
        "month_of({Day})",
        "day_of_month({Day})",
        "({Count} if {Bool} else {Count})",
    ],
    "Rate": ["max(0, {Rate} - {Rate})", "min({Rate}, WHOLE)", "rates[k]", 'rates["red"]', 'rates["grey"]'],
    "Bool": [
        "({Money} < {Money})",
        "({Count} <= {Count} <= {Count})",
        "not {Bool}",
        "({Bool} and {Bool})",
        "({Bool} or {Bool})",
        "({Day} >= {Day})",
        'k == "red"',
        'k != "blue"',
        'k in ("red", "grey")',
        'k not in ("red", )',
        "f == f",
        "({Money} != 0)",
    ],
    "Day": ["({Day} + {Count})", "add_months({Day}, {Count})"],
    "FineMoney": ["({FineMoney} + {FineMoney})", "max({FineMoney}, 0)", "-{FineMoney}"],
}
LITERALS = {"Count": ["0", "1", "2", "7", "12"], "Bool": ["True", "False"], "Rate": ["WHOLE"]}


def expression(chance, kind, known, depth):
    """A text of one kind, made of known names; the deeper, the more it holds."""
    names = [name for name, its in known.items() if its == kind]
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(names + LITERALS.get(kind, []))
    pattern = chance.choice(PATTERNS[kind])
    return re.sub(r"\{(\w+)\}", lambda place: expression(chance, place[1], known, depth - 1), pattern)


def programme(chance):
    """The text of a rules.py of one to four rules, some of them adding up over groups."""
    known, text = dict(KINDS), HEAD
    for at in range(chance.randint(1, 4)):
        kind = chance.choice(["Money", "Money", "Bool", "Count"])
        test, early, answer = (
            expression(chance, of, known, depth) for of, depth in (("Bool", 1), (kind, 1), (kind, 3))
        )
        inner = {
            name.id
            for part in (test, early, answer)
            for name in ast.walk(ast.parse(part))
            if isinstance(name, ast.Name) and name.id in known
        }
        arguments = ", ".join(f"{name}: {known[name]}" for name in sorted(inner))
        text += (
            R + f"def rule{at}({arguments}) -> {kind}:\n    if {test}:\n        return {early}\n    return {answer}\n"
        )
        known[f"rule{at}"] = kind
        if kind == "Money" and chance.random() < 0.6:
            how, by = chance.choice(["so_far", "most_so_far", "total"]), chance.choice(['"firm", ', '"firm", "k"'])
            text += f'sum{at} = {how}("rule{at}", by=({by}))\n'
            known[f"sum{at}"] = "Money"
    return text


def shares():
    """The named functions again, in fractions and calendar dates."""

    def down(number):
        return int(number)  # a fraction's int goes toward zero

    def up(number):
        return -((-number).__floor__()) if number >= 0 else number.__floor__()

    def half_even(number):
        return round(number)

    def share(how):
        return lambda amount, rate: how(Fraction(amount * rate, 10**6))

    def months(first, last):
        if last < first:
            return -months(last, first)
        one, two = calendar(first), calendar(last)
        count = (two.year - one.year) * 12 + two.month - one.month
        return count - (add_months(first, count) > last)

    def add_months(day, count):
        date = calendar(day)
        whole = date.year * 12 + date.month - 1 + count
        following = dt.date((whole + 1) // 12, (whole + 1) % 12 + 1, 1)
        last = (following - dt.timedelta(days=1)).day
        return (dt.date(whole // 12, whole % 12 + 1, min(date.day, last)) - calendar(0)).days

    return {
        "share_down": share(down),
        "share_up": share(up),
        "share_half_up": share(half_away),
        "share_half_even": share(half_even),
        "add_months": add_months,
        "months_between": months,
        "years_between": lambda first, last: int(Fraction(months(first, last), 12)),
        "fine_share_half_up": lambda fine, rate: half_away(Fraction(fine * rate, 10**10)),
        "part_down": lambda amount, part, whole: down(Fraction(amount * part, whole)),
        "part_half_up": lambda amount, part, whole: half_away(Fraction(amount * part, whole)),
        "month_of": lambda day: calendar(day).month,
        "day_of_month": lambda day: calendar(day).day,
        "year_of": lambda day: calendar(day).year,
    }


def decide(text, rows, days, values):
    """What the text means as the Python it is written in: rule by rule over all rows, sums by dictionaries.

    rows: choices by name. values: day → name → number, or a dictionary by choice.
    """
    tree = ast.parse(text)
    space = shares() | {"WHOLE": 10**6}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list, node.returns = [], None
            for argument in node.args.args:
                argument.annotation = None
            exec(compile(ast.Module(body=[node], type_ignores=[]), "<oracle>", "exec"), space)
    states = [{**row, **values(day), "day": day} for row, day in zip(rows, days, strict=True)]
    for node in tree.body:  # as invented, nothing is used before it is written, so a rule goes over all rows at once
        if isinstance(node, ast.FunctionDef):
            for state in states:
                state[node.name] = space[node.name](
                    **{argument.arg: state[argument.arg] for argument in node.args.args}
                )
        elif isinstance(node, ast.Assign):
            _add_up(node, states)
    return states


def _add_up(node, states):
    name, how = node.targets[0].id, node.value.func.id
    of, by = node.value.args[0].value, ast.literal_eval(node.value.keywords[0].value)
    seen = {}
    for state in states:
        key = tuple(state[each] for each in by)
        before = seen.setdefault(key, [])
        state[name] = sum(before) if how == "so_far" else max([0, *before])
        before.append(state[of])
    if how == "total":
        for state in states:
            state[name] = sum(seen[tuple(state[each] for each in by)])

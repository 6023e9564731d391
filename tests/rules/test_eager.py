"""Cheap branches are worked out side by side and give the same answers; dear or harmful ones stay branches."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.money import share_down
from westlake.rules.eager import eager


def both(text):
    """The function as written and as quickened."""
    made = []
    for change in (lambda tree: tree, eager):
        tree = ast.parse(text).body[0]
        space = {"share_down": share_down, "years_between": lambda first, last: last - first}
        exec(compile(ast.Module([change(tree)], []), "<rule>", "exec"), space)
        made.append((space["rule"], ast.unparse(tree)))
    return made


EQUAL = [
    "def rule(a, b):\n    if a < b:\n        return 0\n    return min(share_down(a, 300000), b)",
    "def rule(a, b):\n    if a < b:\n        return a\n    elif a == b:\n        return b * 2\n    else:\n        return -a",
    "def rule(a, b):\n    x = a\n    x += b\n    if x > 0 and (a > 1 or b > 1):\n        y = x * 2\n        return y\n    y = 7\n    return y",
    "def rule(a, b):\n    if a > 0:\n        if b > 0:\n            return 1\n        return 2\n    return 3",
    "def rule(a, b):\n    x = 5\n    if a > 0:\n        x = 1\n        return x\n    return x",
    "def rule(a, b):\n    if a > 0:\n        x = 1\n    else:\n        x = b\n    return x",
    "def rule(a, b):\n    return a // 7 if a > b else a % 3",
]


@pytest.mark.parametrize("text", EQUAL)
@given(a=st.integers(-99, 99), b=st.integers(-99, 99))
def test_the_answers_are_the_same(text, a, b):
    (written, _), (quick, _) = both(text)
    assert quick(a, b) == written(a, b)


@pytest.mark.parametrize("text", EQUAL[:4])
def test_a_cheap_branch_is_gone(text):
    assert not [node for node in ast.walk(ast.parse(both(text)[1][1])) if isinstance(node, (ast.If, ast.BoolOp))]


@pytest.mark.parametrize(
    "text",
    [
        "def rule(a, b):\n    if b == 0:\n        return 0\n    return a // b",
        "def rule(a, b):\n    return b != 0 and a % b == 1",
        "def rule(a, b):\n    if a > b:\n        return 0\n    return years_between(a, b)",
        "def rule(a, b):\n    return a > b or years_between(a, b) > 3",
        "def rule(a, b):\n    return a > b and share_down(a, 300000) > 3",
        EQUAL[4],
        EQUAL[5],
    ],
)
def test_a_dear_or_harmful_branch_stays(text):
    assert both(text)[1][1] == ast.unparse(ast.parse(text))

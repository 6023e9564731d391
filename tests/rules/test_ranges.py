"""Kinds that do not fit, choices that do not exist and numbers that could overflow are found before anything runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.errors import Place
from westlake.rules.functions import FUNCTIONS

from .toy import HEAD, R, codes, load, problems

FIRST = len(HEAD.splitlines()) + 1
INPUTS = {
    "spend": 'money, max: "1000000.00"',
    "other": 'money, max: "1000000.00"',
    "staff": "count, max: 5000",
    "kind": "choice, choices: [red, blue]",
    "size": "choice, choices: [small, large]",
    "since": "day",
    "ready": "bool",
    "firm": "id",
    "share": "rate, max: 50%",
    "base": 'fine_money, max: "1000000.00"',
}
VALUES = {
    "cap": ("money", [("2025-01-01", '"5000.00"')]),
    "table": ("rate by kind", [("2025-01-01", "{red: 10%, blue: 20%}")]),
}
ALL = (
    "spend: Money, other: Money, staff: Count, kind: Choice, size: Choice, since: Day, ready: Bool, firm: Id, "
    "share: Rate, base: FineMoney, cap: Money, table: Table[Rate], day: Day"
)


def body(*lines, returns="Money", extra=""):
    return (
        R.replace(")", extra + ")")
        + f"def answer({ALL}) -> {returns}:\n"
        + "".join(f"    {line}\n" for line in lines)
    )


def fault(tmp_path, text):
    (problem,) = problems(tmp_path, text, INPUTS, VALUES)
    return problem


@pytest.mark.parametrize(
    "line",
    [
        "return spend + staff",
        "return spend - share",
        "return spend * share",
        "return spend * other",
        "return spend // 2",
        "return spend % 2",
        "return since + since",
        "return spend + 5",
        "return staff - spend",
        "return 100",
        "return staff",
        "return ready",
        "return spend if staff else 0",
        "return spend + ready",
        "return -ready",
        "return max(spend, staff)",
        "return share_down(share, spend)",
        "return share_down(spend, staff)",
        "return share_down(base, share)",
        'return spend if kind < "red" else 0',
        "return spend if kind == size else 0",
        "return spend if kind == 1 else 0",
        "return spend if firm == 3 else 0",
        "return spend if firm < firm else 0",
        "return spend if since == 0 else 0",
        "return spend if ready == 1 else 0",
        "return spend if staff and ready else 0",
        "return spend if not staff else 0",
        "return spend if spend else 0",
        "return table[size]",
        "return table[staff]",
        "return min(kind, kind)",
        "return abs(since)",
        "return fine_share_half_up(spend, share)",
        "return spend if spend > 5 else 0",
        "return since - 1",
        "return base",
    ],
)
def test_kinds_that_do_not_go_together_are_refused(tmp_path, line):
    assert fault(tmp_path, body(line)).code == "W009"


@pytest.mark.parametrize(
    ("line", "returns"),
    [
        ("return since - since", "Count"),
        ("return since + 7", "Day"),
        ("return 7 + since", "Day"),
        ("return since - staff", "Day"),
        ("return spend * 2", "Money"),
        ("return 2 * spend", "Money"),
        ("return share * 2", "Rate"),
        ("return staff // 2", "Count"),
        ("return WHOLE - share", "Rate"),
        ("return 7", "Count"),
        ("return spend == 0", "Bool"),
        ("return 0", "Money"),
        ("return share_up(spend, table[kind])", "Money"),
        ("return fine_share_half_up(base, share)", "Money"),
        ("return firm == firm", "Bool"),
        ("return since >= day", "Bool"),
        ('return table["red"]', "Rate"),
        ("return True", "Bool"),
        ('return kind in ("red", "blue") and size not in ("small",)', "Bool"),
        ("return ready == (staff > 3)", "Bool"),
    ],
)
def test_kinds_that_go_together_pass(tmp_path, line, returns):
    assert load(tmp_path, body(line, returns=returns), INPUTS, VALUES).graph.nodes["answer"].kind.value


@pytest.mark.parametrize(
    ("line", "code", "suggestion"),
    [
        ('return spend if kind == "rod" else 0', "W010", "red"),
        ('return spend if "smal" != size else 0', "W010", "small"),
        ('return spend if kind in ("red", "bleu") else 0', "W010", "blue"),
        ('return share_down(spend, table["rd"])', "W010", "red"),
        ('return "red"', "W007", ""),
        ('x = "red"', "W007", ""),
        ('return spend if spend == "red" else 0', "W007", ""),
        ("return share_down(spend, table)", "W021", ""),
        ("return cap[kind]", "W021", ""),
        ("return spend if kind in () else 0", "W003", ""),
        ("return speend", "W016", "spend"),
    ],
)
def test_choices_and_tables_are_checked(tmp_path, line, code, suggestion):
    lines = [line] if line.startswith("return") else [line, "return spend"]
    found = fault(tmp_path, body(*lines))
    assert (found.code, found.suggestion) == (code, suggestion)


def test_a_place_is_that_of_the_very_expression(tmp_path):
    found = fault(tmp_path, body("if ready:", "    return cap", "return spend + staff"))
    assert found.place == Place("rules.py", FIRST + 4, 12)
    assert found.line() == f'rules.py:{FIRST + 4}:12 W009 in "spend + staff", Money and Count do not go together'


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("if ready:", "    return spend"), "W017"),
        (("x = spend",), "W017"),
        (("return",), "W017"),
        (("if ready:", "    return spend", "else:", "    return cap", "x = spend"), "W027"),
        (("return spend", "return cap"), "W027"),
        (("if ready:", "    x = spend", "return x"), "W016"),
        (("spend = cap", "return spend"), "W015"),
        (("share_down = cap", "return spend"), "W015"),
        (("x = spend", "x = staff", "return spend"), "W009"),
    ],
)
def test_every_way_through_a_rule_answers_once(tmp_path, lines, code):
    assert fault(tmp_path, body(*lines)).code == code


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("return spend * staff * staff * staff", "W018"),
        ("return 9223372036854775808", "W018"),
        ("return spend if spend < 9223372036854775808 else 0", "W018"),
        ("return share_down(spend * staff * 5000, share)", "W020"),
        ("return share_down(spend, share - table[kind])", "W020"),
        ("return spend * (staff // (staff - 1))", "W019"),
        ("return spend * (staff % staff)", "W019"),
        ("return part_down(spend, staff, staff)", "W020"),
        ("return spend if add_months(since, staff * 24) > day else 0", "W018"),
    ],
)
def test_what_could_overflow_is_refused(tmp_path, line, code):
    assert fault(tmp_path, body(line)).code == code


@pytest.mark.parametrize(
    "lines",
    [
        ("if staff < 1:", "    return 0", "return spend * (5000 // staff)"),
        ("if staff == 0 or not ready:", "    return 0", "return part_down(spend, 1, staff)"),
        ("if 0 >= staff:", "    return 0", "return part_half_up(spend, 1, staff)"),
        ("if ready and staff > 0:", "    return spend * (staff % staff)", "return 0"),
        (
            "return share_down(min(spend * staff * 500, cap), share)".replace("min(", "max(0, min(").replace(
                "cap)", "cap))"
            ),
        ),
        ("return share_down(spend, max(0, share - table[kind]))",),
        ("return spend if staff != 0 and 10 // staff > 2 else 0",),
    ],
)
def test_a_test_before_narrows_what_a_number_may_be(tmp_path, lines):
    load(tmp_path, body(*lines), INPUTS, VALUES)


def test_a_larger_declared_input_makes_the_same_rule_unsafe(tmp_path):
    text = R + "def answer(a: Money, b: Money, half: Rate) -> Money:\n    return share_down(a + b, half)\n"
    values = {"half": ("rate", [("2025-01-01", "50%")])}
    small, large = 'money, max: "4000000000000.00"', 'money, max: "9000000000000.00"'
    load(tmp_path, text, {"a": small, "b": small}, values)
    found = problems(tmp_path, text, {"a": large, "b": large}, values)
    assert [(problem.code, problem.values["text"]) for problem in found] == [("W020", "a + b")]


def test_a_rule_of_choices_answers_one_of_them(tmp_path):
    text = body('return "tall" if staff > 3 else "low"', returns="Choice", extra=', choices=("low", "tall")')
    two = R + 'def two(answer: Choice, spend: Money) -> Money:\n    return spend if answer == "tall" else 0\n'
    programme = load(tmp_path, text + two, INPUTS, VALUES)
    assert programme.graph.nodes["answer"].choices == ("low", "tall")
    wrong = body('return "tal"', returns="Choice", extra=', choices=("low", "tall")')
    assert fault(tmp_path, wrong).suggestion == "tall"
    assert codes(tmp_path, body("return kind", returns="Choice"), INPUTS, VALUES) == ["W011"]


AMOUNTS, RATES = st.integers(-(10**15), 10**15), st.integers(0, 10**8)


@st.composite
def ranged(draw, kind_range):
    low, high = kind_range
    bounds = sorted([draw(st.integers(low, high)), draw(st.integers(low, high))])
    return tuple(bounds), draw(st.integers(*bounds))


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if function])
@given(data=st.data())
def test_the_reach_of_a_function_is_never_narrower_than_the_truth(name, data):
    function = FUNCTIONS[name]
    drawn = [data.draw(ranged(limits)) for _, limits in function.takes]
    low, high = function.reach(*(bounds for bounds, _ in drawn))
    assert low <= function.body(*(number for _, number in drawn)) <= high

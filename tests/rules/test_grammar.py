"""Only the closed rule language passes, and each breach is named at its very place."""

import pytest

from westlake.errors import Place

from .toy import HEAD, R, codes, load, problems, write

FIRST = len(HEAD.splitlines()) + 1  # the line on which a test's own text begins
SPEND = {"spend": "money", "staff": "count", "kind": "choice, choices: [red, blue]", "ready": "bool"}


def rule_of(*lines, returns="Money", arguments="spend: Money, staff: Count, kind: Choice, ready: Bool"):
    return R + f"def answer({arguments}) -> {returns}:\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("return spend * 0.3", "W004", 20),
        ("return spend / 2", "W005", 12),
        ("return spend ** 2", "W003", 12),
        ("return spend | 2", "W003", 12),
        ("return spnd", "W016", 12),
        ("return shre_down(spend, staff)", "W006", 12),
        ("return print(spend)", "W006", 12),
        ("return spend.real", "W003", 12),
        ("return [spend][0]", "W003", 12),
        ("return (lambda: 0)()", "W006", 12),
        ("return max(spend, key=0)", "W003", 23),
        ("return None", "W003", 12),
        ("return f'{spend}'", "W003", 12),
        ("return __import__('os')", "W006", 12),
        ("return _hidden", "W003", 12),
        ("return spend if spend is 0 else 0", "W003", 21),
        ("return min(spend)", "W014", 12),
        ("return share_down(spend)", "W014", 12),
    ],
)
def test_an_expression_outside_the_language_is_refused(tmp_path, line, code, column):
    (problem,) = problems(tmp_path, rule_of(line), SPEND)
    assert problem.code == code
    assert problem.place == Place("rules.py", FIRST + 2, column)
    assert problem.source_line == "    " + line


@pytest.mark.parametrize(
    "line",
    [
        "for x in spend: pass",
        "while True: pass",
        "import os",
        "with spend: pass",
        "try: pass\n    finally: pass",
        "spend.x = 1",
        "a, b = 1, 2",
        "del spend",
        "assert spend",
        "global spend",
        "pass",
        "raise spend",
        "def inner(): return 0",
        "x: int = 1",
        "a = b = 1",
        "match spend:\n        case 1: pass",
        "spend",
        "yield spend",
    ],
)
def test_a_statement_outside_the_language_is_refused(tmp_path, line):
    found = problems(tmp_path, rule_of(line, "return spend"), SPEND)
    assert {problem.code for problem in found} == {"W003"}
    assert found[0].place.line == FIRST + 2


def test_a_sentence_above_a_rule_hides_no_statement_under_it(tmp_path):
    text = rule_of('"""What it pays."""', "import os", "x = spend * 0.5", "return x")
    found = [(problem.code, problem.place.line) for problem in problems(tmp_path, text, SPEND)]
    assert found == [("W003", FIRST + 3), ("W004", FIRST + 4)]


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import path",
        "x = 1",
        "print(1)",
        "class A: pass",
        "if True: pass",
        "so_far('a', by=('b',))",
        "from .rules import x",
        "def f(): return 1",
    ],
)
def test_a_module_holds_rules_and_groups_only(tmp_path, line):
    found = codes(tmp_path, HEAD + line + "\n")
    assert found in (["W003"], ["W011"])


def test_nothing_of_the_file_is_ever_run(tmp_path):
    mark = tmp_path / "ran"
    folder = write(tmp_path, f'open({str(mark)!r}, "w")\n' + rule_of("return spend"), SPEND)
    assert codes(tmp_path, (folder / "rules.py").read_text(), SPEND) == ["W003"]
    assert not mark.exists()


def test_a_floats_place_counts_characters_not_bytes(tmp_path):
    (problem,) = problems(
        tmp_path, rule_of('return 0 if kind == "红" else 0.5'), {**SPEND, "kind": "choice, choices: [红, blue]"}
    )
    assert (problem.code, problem.place.column) == ("W004", 34)


def test_syntax_that_is_no_python_is_named(tmp_path):
    (problem,) = problems(tmp_path, HEAD + "def x(:\n")
    assert (problem.code, problem.place.line) == ("W002", FIRST)


def test_all_faults_are_collected_in_the_order_of_places(tmp_path):
    text = rule_of("a = spend * 0.5", "b = spend / 3", "return sqrt(spend)")
    two = R + "def two(spnd: Money) -> Mony:\n    return spnd\n"
    assert codes(tmp_path, text + two, SPEND) == ["W004", "W005", "W006", "W008"]


@pytest.mark.parametrize(
    ("decorator", "code"),
    [
        ("", "W011"),
        ("@rule\n", "W011"),
        ('@rule(source="toy")\n', "W011"),
        ('@rule(clause="1")\n', "W011"),
        ('@rule(source="toy", clause="1", cite="x")\n', "W103"),
        ('@rule(source="toy", clause=1)\n', "W105"),
        ('@rule(source="toy", clause="1", start="2025-13-01")\n', "W106"),
        ('@rule(source="toy", clause="1", start="2025-02-01", end="2025-01-31")\n', "W112"),
        ('@rule(source="toyy", clause="1")\n', "W109"),
        ('@rule(source="toy", clause="1", choices="ab")\n', "W105"),
    ],
)
def test_a_rule_says_what_it_rests_on(tmp_path, decorator, code):
    assert code in codes(tmp_path, decorator + "def answer(spend: Money) -> Money:\n    return spend\n", SPEND)


def test_a_misspelt_source_gets_a_suggestion(tmp_path):
    text = '@rule(source="tooy", clause="1")\ndef answer(spend: Money) -> Money:\n    return spend\n'
    (problem,) = problems(tmp_path, text, SPEND)
    assert (problem.code, problem.suggestion) == ("W109", "toy")


@pytest.mark.parametrize("arguments", ["spend", "spend: int", "spend: Mony", "spend: Table", "spend: Table[int]"])
def test_every_argument_is_annotated(tmp_path, arguments):
    assert codes(tmp_path, rule_of("return 0", arguments=arguments), SPEND) == ["W008"]


@pytest.mark.parametrize("arguments", ["*spend: Money", "**spend: Money", "*, spend: Money", "spend: Money = 0"])
def test_arguments_are_plain(tmp_path, arguments):
    assert "W003" in codes(tmp_path, rule_of("return 0", arguments=arguments), SPEND)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('g = so_far("answer")', "W105"),
        ('g = so_far("answer", by=())', "W105"),
        ('g = so_far(answer, by=("staff",))', "W105"),
        ('g = total("answer", by=("staff",), opening="spend")', "W103"),
        ('g = so_far("answer", by="staff")', "W105"),
        ('g = so_far("answr", by=("staff",))', "W012"),
        ('g = so_far("answer", by=("staf",))', "W012"),
        ('g = so_far("spend", by=("staff",))', "W026"),
        ('g = so_far("answer", by=("staff",), opening="staff")', "W029"),
        ('staff = so_far("answer", by=("staff",))', "W015"),
    ],
)
def test_a_group_names_its_rule_and_its_keys(tmp_path, line, code):
    assert code in codes(tmp_path, rule_of("return spend") + line + "\n", SPEND)


def test_the_language_is_enough_for_a_whole_rule(tmp_path):
    programme = load(
        tmp_path,
        rule_of(
            "x = staff * 2 - 1",
            "x += 1",
            'if not ready and (1 <= x <= 10 or kind in ("red", "blue")):',
            "    y = spend",
            'elif kind != "red":',
            "    y = -spend",
            "else:",
            "    y = abs(spend) if x % 3 == 0 else max(0, spend, -spend)",
            "return min(y, spend * (x // 4))",
        ),
        SPEND | {"staff": "count, max: 1000"},
    )
    case = {"spend": -5, "staff": 9, "kind": "red", "ready": True}
    assert programme.decide(case, "2025-01-01").values == {"answer": -20}

"""Names are resolved, cycles named, variants follow one another day by day, and stages come from totals."""

import pytest

from westlake.errors import WestlakeError

from .toy import R, codes, load, problems

SPEND = {"spend": 'money, max: "1000.00"', "firm": "id", "year": "count, max: 3000"}


def rule_of(name, *arguments, dated="", function=None):
    """A rule that adds up its arguments."""
    given = ", ".join(f"{argument}: Money" for argument in arguments)
    extra = f", {dated}" if dated else ""
    return (
        R.replace(")", f"{extra})")
        + f"def {function or name}({given}) -> Money:\n    return {' + '.join(arguments)}\n"
    )


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        (rule_of("a", "b") + rule_of("b", "a"), "a → b → a"),
        (rule_of("a", "a"), "a → a"),
        (rule_of("a", "b") + rule_of("b", "c", "spend") + rule_of("c", "a"), "a → b → c → a"),
        (rule_of("a", "spend", "t") + 't = total("a", by=("firm",))\n', "a → t → a"),
    ],
)
def test_a_cycle_is_named(tmp_path, text, cycle):
    (problem,) = problems(tmp_path, text, SPEND)
    names = problem.values["cycle"].split(" → ")
    assert problem.code == "W022"
    assert names[0] == names[-1]
    turned = [" → ".join([*names[i:-1], *names[:i], names[i]]) for i in range(len(names) - 1)]
    assert cycle in turned


def test_a_cycle_through_two_totals_is_named(tmp_path):
    text = (
        rule_of("a", "s", "spend") + rule_of("b", "t", "spend") + 's = so_far("b", by=("firm",))\n'
        't = total("a", by=("firm",))\n'
    )
    assert codes(tmp_path, text, SPEND) == ["W022"]


def test_earlier_rows_are_no_cycle(tmp_path):
    text = rule_of("a", "spend", "s") + 's = so_far("a", by=("firm",))\n'
    assert load(tmp_path, text.replace("spend + s", "min(spend, s)"), SPEND).graph.order == ["s", "a"]


def test_each_comes_after_what_it_needs(tmp_path):
    text = (
        rule_of("c", "b", "a")
        + rule_of("b", "a")
        + rule_of("a", "spend")
        + rule_of("d", "c", "t", "b")
        + ('t = total("b", by=("firm",))\n')
    )
    graph = load(tmp_path, text, SPEND).graph
    assert graph.order == ["a", "b", "c", "t", "d"]
    assert graph.stage == {"a": 0, "b": 0, "c": 0, "t": 1, "d": 1}


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ('end="2025-06-30"', 'start="2025-06-30"', "W013"),
        ("", 'start="2025-07-01"', "W013"),
        ("", "", "W013"),
        ('end="2025-06-29"', 'start="2025-07-01"', "W024"),
        ('start="2025-07-01"', 'start="2025-07-01"', "W013"),
    ],
)
def test_variants_leave_no_day_out_and_take_none_twice(tmp_path, first, second, code):
    text = rule_of("a", "spend", dated=first) + rule_of("a", "spend", dated=second)
    assert codes(tmp_path, text, SPEND) == [code]


def test_the_day_held_twice_and_the_other_line_are_named(tmp_path):
    text = rule_of("a", "spend", dated='end="2025-07-31"') + rule_of("a", "spend", dated='start="2025-07-01"')
    (problem,) = problems(tmp_path, text, SPEND)
    assert problem.sentence() == 'two rules for "a" on 2025-07-01; the other is on line 5'
    assert (problem.place.line, problem.place.column) == (8, 1)


def test_variants_answer_with_one_kind(tmp_path):
    later = R.replace(")", ', start="2025-07-01")') + "def a(year: Count) -> Count:\n    return year\n"
    assert codes(tmp_path, rule_of("a", "spend", dated='end="2025-06-30"') + later, SPEND) == ["W028"]


def test_a_variant_may_have_a_function_name_of_its_own(tmp_path):
    text = rule_of("a", "spend", dated='end="2025-06-30"') + rule_of(
        "a", "spend", "spend", dated='start="2025-07-01", name="a"', function="a_doubled"
    ).replace("spend: Money, spend: Money", "spend: Money")
    programme = load(tmp_path, text, SPEND)
    assert [programme.decide({"spend": 3}, day).values for day in ("2025-06-30", "2025-07-01")] == [
        {"a": 3},
        {"a": 6},
    ]


@pytest.mark.parametrize(
    ("argument", "suggestion"), [("spnd", "spend"), ("yeer", "year"), ("bb", ""), ("dya", "day")]
)
def test_a_misspelt_argument_gets_a_suggestion(tmp_path, argument, suggestion):
    (problem,) = problems(tmp_path, rule_of("a", argument), SPEND)
    assert (problem.code, problem.suggestion) == ("W012", suggestion)


@pytest.mark.parametrize("name", ["spend", "cap", "day", "min", "share_down", "year_of"])
def test_a_name_is_taken_once(tmp_path, name):
    values = {"cap": ("money", [("2025-01-01", '"5.00"')])}
    assert "W015" in codes(tmp_path, rule_of(name, "firm").replace("firm: Money", "firm: Id"), SPEND, values)


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        ("Money", "year"),
        ("Count", "spend"),
        ("Table[Money]", "spend"),
        ("Money", "rates"),
        ("Rate", "rates"),
        ("Bool", "day"),
    ],
)
def test_an_argument_is_annotated_as_it_was_declared(tmp_path, annotation, name):
    text = R + f"def a({name}: {annotation}) -> Money:\n    return 0\n"
    values = {"rates": ("rate by kind", [("2025-01-01", "{red: 1%}")])}
    (problem,) = problems(tmp_path, text, SPEND | {"kind": "choice, choices: [red]"}, values)
    assert (problem.code, problem.values["found"]) == ("W023", annotation)


@pytest.mark.parametrize("key", ["s", "b", "t"])
def test_a_key_rests_on_inputs_and_values_only(tmp_path, key):
    text = (
        rule_of("a", "spend") + rule_of("b", "s") + 's = so_far("a", by=("firm",))\nt = total("a", by=("firm",))\n'
        f'g = so_far("a", by=("{key}",))\n'
    )
    assert codes(tmp_path, text, SPEND) == ["W025"]


@pytest.mark.parametrize("kind", ["Day", "Choice"])
def test_only_numbers_that_add_up_are_added_up(tmp_path, kind):
    text = R.replace(")", ', choices=("x", ))' if kind == "Choice" else ")") + (
        f"def a(since: Day) -> {kind}:\n    return {'since' if kind == 'Day' else chr(34) + 'x' + chr(34)}\n"
        'g = so_far("a", by=("firm",))\n'
    )
    assert codes(tmp_path, text, {"since": "day", "firm": "id"}) == ["W026"]


def test_a_rule_not_in_force_is_left_out_unless_it_is_needed(tmp_path):
    text = (
        rule_of("a", "spend")
        + rule_of("b", "spend", dated='start="2025-07-01"')
        + rule_of("c", "b", dated='start="2025-06-01"')
    )
    programme = load(tmp_path, text, SPEND)
    assert programme.decide({"spend": 3}, "2025-05-31").values == {"a": 3}
    assert programme.decide({"spend": 3}, "2025-07-01").values == {"a": 3, "b": 3, "c": 3}
    with pytest.raises(WestlakeError) as caught:
        programme.decide({"spend": 3}, "2025-06-01")
    (problem,) = caught.value.problems
    assert problem.sentence() == 'no rule "b" is in force on 2025-06-01; the first starts on 2025-07-01'

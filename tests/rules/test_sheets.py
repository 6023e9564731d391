"""The sheets of a programme are read as texts with places: every fault is named where it stands (at «)."""

import pytest

from westlake.errors import Place
from westlake.rules.checks import check

from .toy import LAKESIDE, SOURCES, THREE, R, codes, load, marked, problems

RULE = R + "def answer(spend: Money, cap: Money) -> Money:\n    return min(spend, cap)\n"
FORM = f'inputs:\n  spend: {{type: money, max: "100.00", from: form, words: {THREE}}}\n'
ENTRY = "    - {in_force: 2025-01-01, value: \"5.00\", source: toy, clause: '1', class: P}\n"
VALUES = f"cap:\n  unit: money\n  words: {THREE}\n  values:\n"
WORDS = f"title: {THREE}\nsummary: {THREE}\nrules:\n  answer: {{label: {THREE}}}\n"
EXAMPLE = f'- name: {THREE}\n  day: 2025-02-01\n  given: {{spend: "9.00"}}\n  expect: {{answer: "5.00"}}\n'
GOOD = {"form": FORM, "values": VALUES + ENTRY, "words": WORDS, "examples": EXAMPLE}


def assert_found(tmp_path, sheet, text, code, suggestion="", rules=RULE, **files):
    """The marked text, as that sheet, has this fault at its mark, with the sheet's line for the caret."""
    plain, line, column = marked(text)
    found = problems(tmp_path, rules, **GOOD | files | {sheet: plain})
    fault = next(problem for problem in found if problem.code == code)
    assert (fault.place, fault.suggestion) == (Place(f"{sheet}.yaml", line, column), suggestion)
    assert fault.source_line == ([*plain.splitlines(), ""])[line - 1]


def test_the_good_folder_is_good(tmp_path):
    assert load(tmp_path, RULE, **GOOD).decide({"spend": "9.00"}, "2025-02-01").values == {"answer": 500}


def kind(keys):
    return FORM + f"  kind: {keys.replace('}', f', from: form, words: {THREE}}}')}\n"


@pytest.mark.parametrize(
    ("form", "code", "suggestion"),
    [
        (FORM.replace("money", "«mony"), "W117", "money"),
        (FORM.replace("max", "«mx"), "W103", "max"),
        (FORM.replace("inputs", "«input"), "W103", "inputs"),
        (FORM.replace('"100.00"', '«"100.001"'), "W106", ""),
        (FORM.replace('"100.00"', '«"99999999999999.00"'), "W116", ""),
        (FORM.replace('max: "', 'min: "200.00", max: «"'), "W118", ""),
        (FORM.replace("from: form", "from: «frm"), "W117", "form"),
        (FORM.replace("{type", "«{type").replace(", from: form", ""), "W104", ""),
        (FORM.replace("ko: 그것", "ko: «The thing"), "W114", ""),
        (FORM.replace("{en", "«{en").replace(", zh: 那个", ""), "W113", ""),
        (FORM.replace("{en", "«{en").replace("zh: 那个", "zh: ''"), "W113", ""),
        (FORM.replace("money", "money, «type: money"), "W102", ""),
        (FORM + FORM.splitlines()[1].replace("spend", "«spend") + "\n", "W102", ""),
        (FORM + "currency: «CNX\n", "W117", "CNY"),
        (FORM + f"  «9lives: {{type: bool, from: form, words: {THREE}}}\n", "W120", ""),
        (FORM + f"  «day: {{type: day, from: form, words: {THREE}}}\n", "W120", ""),
        (FORM + f"  «_x: {{type: day, from: form, words: {THREE}}}\n", "W120", ""),
        (kind("{type: choice, choices: [a, «a], choice_words: x}"), "W102", ""),
        (kind("«{type: choice, choices: [a, b]}"), "W104", ""),
        (kind("«{type: choice}"), "W104", ""),
        (kind("{type: id, «max: 9}"), "W103", ""),
        ("inputs: «[1, 2]\n", "W105", ""),
        ("inputs: {spend: {type: money\n«", "W101", ""),
    ],
)
def test_a_fault_of_the_form_is_named_at_its_place(tmp_path, form, code, suggestion):
    assert_found(tmp_path, "form", form, code, suggestion)


def entry(old, new):
    return VALUES + ENTRY.replace(old, new)


@pytest.mark.parametrize(
    ("values", "code", "suggestion"),
    [
        (VALUES + ENTRY + ENTRY.replace("{", "«{"), "W111", ""),
        (entry("in_force", "«inforce"), "W103", "in_force"),
        (entry("toy", "«tooy"), "W109", "toy"),
        (entry("class: P", "class: «Q"), "W117", ""),
        (entry("{", "«{").replace(", class: P", ""), "W104", ""),
        (entry("2025-01-01", "«2025-02-30"), "W106", ""),
        (entry('"5.00"', "«5.001"), "W106", ""),
        (entry('"5.00"', "«{a: 1}"), "W105", ""),
        (entry("value", "until: «2024-12-31, value"), "W112", ""),
        (
            entry("value", "until: 2025-06-30, value") + ENTRY.replace("2025-01-01", "2025-06-30").replace("{", "«{"),
            "W112",
            "",
        ),
        (entry("{", "«{").replace('value: "', 'low: "6.00", value: "'), "W118", ""),
        (entry("{", "«{").replace('value: "', 'high: "4.00", value: "'), "W118", ""),
        ((VALUES + ENTRY).replace("unit: money", "unit: «mony"), "W117", "money"),
        ((VALUES + ENTRY).replace("unit: money", "unit: money\n  by: «spend"), "W115", ""),
        ("«" + (VALUES + ENTRY).replace("cap:", "spend:"), "W015", ""),
        (VALUES.replace("values:\n", "values: «[]\n"), "W104", ""),
        (VALUES + ENTRY.replace("value:", "«on: 1, value:"), "W103", ""),
    ],
)
def test_a_fault_of_a_value_is_named_at_its_place(tmp_path, values, code, suggestion):
    if code == "W015":  # found when names are brought together, where the sheet's lines are no longer at hand
        plain, line, column = marked(values)
        assert ("W015", Place("values.yaml", line, column)) in [
            (problem.code, problem.place) for problem in problems(tmp_path, RULE, **GOOD | {"values": plain})
        ]
    else:
        assert_found(tmp_path, "values", values, code, suggestion)


BY_KIND = R + "def answer(kind: Choice, cap: Table[Rate]) -> Rate:\n    return cap[kind]\n"
KINDS = (
    f"inputs:\n  kind: {{type: choice, choices: [red, blue], from: form, words: {THREE}, "
    f"choice_words: {{red: {THREE}, blue: {THREE}}}}}\n"
)


@pytest.mark.parametrize(
    ("value", "code", "suggestion"),
    [
        ("«{red: 1%}", "W104", ""),
        ("{red: 1%, «blu: 2%}", "W103", "blue"),
        ("{red: 1%, blue: 2%, «red: 3%}", "W102", ""),
        ("«3%", "W105", ""),
        ("{red: 1%, blue: «-2%}", "W116", ""),
        ("{red: 1%, blue: «0.00001%}", "W106", ""),
    ],
)
def test_a_value_by_choice_has_every_choice_once(tmp_path, value, code, suggestion):
    values = VALUES.replace("unit: money", "unit: rate\n  by: kind") + ENTRY.replace('"5.00"', value)
    assert_found(tmp_path, "values", values, code, suggestion, rules=BY_KIND, form=KINDS, examples="[]\n")


def test_nothing_is_guessed_of_a_plain_scalar(tmp_path):
    """`on` is no True, 0.3 no float, 010 no octal, 2025-01-01 no date, `no` no False."""
    text = (
        R
        + "def answer(on: Bool, spend: Money, cap: Rate) -> Money:\n    return share_down(spend, cap) if on else 0\n"
    )
    form = FORM + f"  on: {{type: bool, from: form, words: {THREE}}}\n"
    values = (VALUES + ENTRY).replace("unit: money", "unit: rate").replace('"5.00"', "0.3")
    files = {**GOOD, "form": form, "values": values}
    programme = load(tmp_path, text, **files | {"examples": "[]\n"})
    assert programme.decide({"on": "true", "spend": "010"}, "2025-02-01").values == {"answer": 300}
    for wrong in ("no", "yes", "on", "1", "True"):
        example = EXAMPLE.replace("given: {", f"given: {{on: {wrong}, ")
        assert codes(tmp_path, text, **files | {"examples": example}) == ["W106"]


@pytest.mark.parametrize(
    ("words", "code", "suggestion"),
    [
        (WORDS.replace("answer", "«anser"), "W122", "answer"),
        (WORDS.replace("label", "«labl"), "W103", "label"),
        (WORDS.replace("rules:\n  answer", "rules: «x\n  # answer"), "W105", ""),
        (WORDS.replace("summary", "«sumary"), "W103", "summary"),
        (WORDS.replace("}}", f"}}, «yes: {THREE}}}"), "W103", ""),
    ],
)
def test_a_fault_of_the_words_is_named_at_its_place(tmp_path, words, code, suggestion):
    assert_found(tmp_path, "words", words, code, suggestion)


def test_a_test_needs_both_its_sentences_and_their_places_must_exist(tmp_path):
    text = R + "def ready(spend: Money, cap: Money) -> Bool:\n    return spend < cap\n"
    head = f"title: {THREE}\nsummary: {THREE}\nrules:\n  ready: {{label: {THREE}"
    yes = ", yes: {en: '{spend} is below {capp}', ko: '{spend}', zh: '{spend}'}"
    no = ", no: {en: 'Not {ready}', ko: '{spend', zh: '{}不'}"
    files = {**GOOD, "examples": "[]\n"}
    assert codes(tmp_path, text, **files | {"words": head + "}\n"}) == ["W104", "W104"]
    assert codes(tmp_path, text, **files | {"words": head + yes + no + "}\n"}) == ["W123"] * 3


@pytest.mark.parametrize(
    ("examples", "code", "suggestion"),
    [
        (EXAMPLE.replace("spend", "«spnd"), "W033", "spend"),
        (EXAMPLE.replace("answer", "«anser"), "W125", "answer"),
        (EXAMPLE.replace("2025-02-01", "«soon"), "W106", ""),
        (EXAMPLE.replace('"9.00"', "«nine"), "W106", ""),
        (EXAMPLE.replace("  given", "  «gven"), "W103", "given"),
        (EXAMPLE.replace("name", "«name").replace("  day: 2025-02-01\n", ""), "W104", ""),
        ("«answer: 1\n", "W105", ""),
    ],
)
def test_a_fault_of_an_example_is_named_at_its_place(tmp_path, examples, code, suggestion):
    assert_found(tmp_path, "examples", examples, code, suggestion)


@pytest.mark.parametrize(
    ("sources", "code", "suggestion"),
    [
        (SOURCES.replace("kind: text", "kind: «txt"), "W117", "text"),
        ("«[]\n", "W105", ""),
        (SOURCES + "«" + SOURCES.splitlines()[0] + "\n", "W102", ""),
    ],
)
def test_a_fault_of_the_sources_is_named_at_its_place(tmp_path, sources, code, suggestion):
    assert_found(tmp_path, "sources", sources, code, suggestion)


def test_a_lone_name_may_be_the_same_in_all_languages(tmp_path):
    same = FORM.replace(THREE, "{en: SaaS, ko: SaaS, zh: SaaS}")
    assert load(tmp_path, RULE, **GOOD | {"form": same}).inputs["spend"].words["ko"] == "SaaS"
    assert codes(tmp_path, RULE, **GOOD | {"form": FORM.replace(THREE, "{en: spend, ko: spend, zh: 支出}")}) == [
        "W114"
    ]


def test_a_missing_translation_hides_no_other_fault(tmp_path):
    form = FORM.replace("ko: 그것", "ko: The thing")
    assert codes(tmp_path, RULE.replace("min(spend, cap)", "spend + 1"), **GOOD | {"form": form}) == ["W114", "W009"]


def test_a_line_reads_as_the_house_says(tmp_path):
    (problem,) = problems(tmp_path, RULE.replace("spend", "spnd"), **GOOD | {"examples": "[]\n"})
    assert problem.line() == 'rules.py:5:12 W012 unknown input "spnd"; did you mean "spend"?'
    assert problem.line("ko") == 'rules.py:5:12 W012 알 수 없는 입력 "spnd". 혹시 "spend"인가요?'
    assert problem.place == Place("rules.py", 5, 12)
    assert problem.source_line == "def answer(spnd: Money, cap: Money) -> Money:"


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in LAKESIDE.glob("*/rules.py")), ids=lambda path: path.name
)
def test_lakesides_own_programmes_are_well(folder):
    report = check(folder)
    assert (report.problems, report.examples_held) == ((), report.examples)

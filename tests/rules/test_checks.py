"""A check decides every example, tells what fails, and how much rests on unsure ground; a reform is told by what it changes."""

import json

import pytest

from westlake.rules import load_programme
from westlake.rules.checks import check
from westlake.rules.difference import compare

from .toy import LAKESIDE, THREE, R, write

RULE = R + "def answer(spend: Money, cap: Money) -> Money:\n    return min(spend, cap)\n"
SPEND = {"spend": 'money, max: "100.00"', "note": "count"}
VALUES = f"""cap:
  unit: money
  words: {THREE}
  values:
    - {{in_force: 2024-01-01, value: "4.00", source: guess, clause: unknown, class: I}}
    - {{in_force: 2025-01-01, value: "5.00", source: copy, clause: "1", class: P}}
spare: {{unit: rate, words: {THREE}, values: [{{in_force: 2025-01-01, value: 1%, source: toy, clause: "1", class: K}}]}}
"""


def example(given, expect, day="2025-02-01", more=""):
    return f"- name: {THREE}\n  day: {day}\n  given: {given}\n  expect: {expect}\n{more}"


def told(tmp_path, examples):
    report = check(write(tmp_path, RULE, SPEND, VALUES, examples=examples))
    return [
        (problem.code, problem.place.file, problem.place.line, problem.sentence()) for problem in report.problems
    ], report


def test_a_good_programme_is_well(tmp_path):
    problems, report = told(
        tmp_path, example('{spend: "9.00"}', '{answer: "5.00"}') + example("{spend: 3}", "{answer: 3}")
    )
    assert (problems, report.well, report.examples_held, report.examples) == ([], True, 2, 2)


def test_an_example_that_fails_is_named_where_it_expects(tmp_path):
    problems, report = told(
        tmp_path, example('{spend: "9.00"}', '{answer: "5.01"}') + example("{spend: 3}", "{answer: 3}")
    )
    assert problems == [("W124", "examples.yaml", 4, 'example "The thing": answer is 5.00, not 5.01')] * 2
    assert (report.well, report.examples_held) == (False, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (example("{note: 3}", "{answer: 3}"), "W030"),
        (example("{spend: 300}", "{answer: 3}"), "W031"),
        (example("{spend: 3}", "{answer: 3}", "2023-01-01"), "W107"),
        (example("{spend: 3}", "{answer: 3}", more="  regime: articl\n"), "W039"),
    ],
)
def test_an_example_that_cannot_be_decided_is_a_fault_of_the_example(tmp_path, text, code):
    problems, report = told(tmp_path, text)
    assert [(found, file, line) for found, file, line, _ in problems] == [(code, "examples.yaml", 1)]
    assert report.examples_held == 0


def test_a_folder_that_does_not_load_is_reported_and_not_raised(tmp_path):
    report = check(write(tmp_path, RULE.replace("cap)", "cup)"), SPEND, VALUES))
    assert [(problem.code, problem.suggestion) for problem in report.problems] == [("W016", "cap")]
    assert (report.well, report.examples) == (False, 0)


def test_the_ground_is_counted(tmp_path):
    _, report = told(tmp_path, "[]\n")
    ground = report.ground
    assert (ground.values, dict(ground.by_class), dict(ground.by_kind), ground.doubtful) == (
        3,
        {"I": 1, "P": 1, "K": 1},
        {"inference": 1, "mirror": 1, "text": 1},
        3,
    )
    assert (ground.rules, ground.clauses_unknown, report.unused) == (1, 0, ("note", "spare"))
    assert report.lines("en") == [
        "toy (official): 1 rules, 3 dated values",
        "0 of 0 examples hold",
        "100% of the values (3 of 3) rest on an inference (1), on general knowledge (1) or on a mirror (1)",
        "the article number is unknown for 0 of 1 rules",
        "no rule takes: note, spare",
    ]
    assert json.loads(json.dumps(report.as_dict()))["ground"]["doubtful"] == 3
    assert [len(report.lines(lang)) for lang in ("ko", "zh")] == [5, 5]


def test_a_reform_is_told_by_the_values_and_the_answers_that_change(tmp_path):
    path = tmp_path / "reform.yaml"
    path.write_text(
        "cloud_voucher:\n  firm_cap_year: [{in_force: 2025-01-01, value: '100.00'}]\n"
        "  rate_by_class: [{in_force: 2025-01-01, value: {domestic: 30%, other: 21%, excluded: 0%}}]\n",
        "utf-8",
    )
    before, after = (load_programme(LAKESIDE / "cloud_voucher", reform=reform) for reform in (None, path))
    case = before.examples[0].rows[0].given
    difference = compare(before.decide(case, "2025-08-01"), after.decide(case, "2025-08-01"))
    assert [(change.name, change.before, change.after) for change in difference.values] == [
        ("rate_by_class", (300_000, 200_000, 0), (300_000, 210_000, 0)),
        ("firm_cap_year", (20_000_000,), (10_000,)),
    ]
    assert [(change.name, change.before, change.after) for change in difference.answers] == [
        ("room", 20_000_000, 10_000),
        ("claim", 130_026, 10_000),
    ]
    assert difference.lines("en") == [
        "Share repaid by class: Domestic 30%, Other 20%, Not repaid 0% → Domestic 30%, Other 21%, Not repaid 0%",
        "Cap per firm and year: ¥200,000.00 → ¥100.00",
        "Room under the cap: ¥200,000.00 → ¥100.00",
        "Claim: ¥1,300.26 → ¥100.00",
    ]
    assert json.loads(json.dumps(difference.as_dict()))["values"][0]["after"] == {
        "domestic": "30%",
        "other": "21%",
        "excluded": "0%",
    }
    same = compare(before.decide(case, "2025-08-01"), before.decide(case, "2025-08-01"))
    assert same.lines("ko") == ["이 사례에는 개편으로 달라지는 것이 없습니다."]

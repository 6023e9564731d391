"""One case is decided from numbers or texts, every step tells what it rests on, and what is missing is never nought."""

import datetime as dt
import json

import pytest

from westlake.dates import day_number
from westlake.errors import WestlakeError
from westlake.rules import load_programme, read_case

from .toy import LAKESIDE, R, load

VOUCHER = load_programme(LAKESIDE / "cloud_voucher")
CASE = {
    "firm": "Reed Analytics",
    "base": "2600.52",
    "contracts_year": "400000.00",
    "compute_class": "domestic",
    "founded_on": "2021-03-01",
    "used_until": "2025-07-31",
    "in_lakeside": "true",
    "claimed_elsewhere": "0",
}
DAY = "2025-08-01"


def refused(case, day=DAY):
    with pytest.raises(WestlakeError) as caught:
        VOUCHER.decide(case, day)
    return caught.value.problems


def test_texts_numbers_and_dates_are_the_same_case():
    numbers = {
        "firm": VOUCHER.inputs["firm"].read("Reed Analytics", "CNY"),
        "base": 2_600_520_000,
        "contracts_year": 40_000_000,
        "compute_class": 0,
        "founded_on": day_number(2021, 3, 1),
        "used_until": dt.date(2025, 7, 31),
        "in_lakeside": 1,
        "claimed_elsewhere": 0,
    }
    one, two = VOUCHER.decide(CASE, DAY), VOUCHER.decide(numbers, day_number(2025, 8, 1))
    assert (
        one.values
        == two.values
        == {
            "year": 2025,
            "is_young": True,
            "is_small": True,
            "counts": True,
            "rate": 500_000,
            "share": 130_026,
            "eligible": True,
            "claimed_before": 0,
            "room": 20_000_000,
            "claim": 130_026,
        }
    )
    assert one.inputs == two.inputs
    assert one.values["eligible"] is True


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("base", "share"),
        ("contracts_year", "is_small"),
        ("compute_class", "counts"),
        ("founded_on", "is_young"),
        ("used_until", "year"),
        ("in_lakeside", "eligible"),
        ("claimed_elsewhere", "claimed_before"),
        ("firm", "claimed_before"),
    ],
)
def test_a_missing_input_is_an_error_that_names_the_rule(name, rule):
    (problem,) = refused({key: value for key, value in CASE.items() if key != name})
    assert (problem.code, problem.values, problem.place.field) == ("W030", {"name": name, "rule": rule}, name)


def test_everything_wrong_with_a_case_is_said_at_once():
    found = refused(
        CASE
        | {
            "base": "much",
            "compute_class": "domestc",
            "founded_on": "2021-02-30",
            "fim": "1",
            "contracts_year": "-1.00",
            "in_lakeside": "yes",
            "claimed_elsewhere": 1.5,
        }
    )
    assert [(problem.code, problem.place.field, problem.suggestion) for problem in found] == [
        ("W032", "base", ""),
        ("W032", "claimed_elsewhere", ""),
        ("W032", "compute_class", "domestic"),
        ("W031", "contracts_year", ""),
        ("W033", "fim", "firm"),
        ("W032", "founded_on", ""),
        ("W032", "in_lakeside", ""),
    ]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("base", True, "W032"),
        ("base", None, "W032"),
        ("base", 2**70, "W031"),
        ("compute_class", 3, "W031"),
        ("compute_class", -1, "W031"),
        ("in_lakeside", 2, "W031"),
        ("base", "0.0000001", "W032"),
        ("claimed_elsewhere", "10000000.01", "W031"),
        ("firm", "", "W032"),
        ("founded_on", dt.datetime(2021, 1, 1), "W032"),
        ("founded_on", "1899-12-31", "W031"),
    ],
)
def test_a_number_out_of_its_range_is_refused(name, value, code):
    assert [problem.code for problem in refused(CASE | {name: value})] == [code]


@pytest.mark.parametrize(
    ("day", "code"), [("2025-13-01", "W032"), ("1850-01-01", "W031"), (10**9, "W031"), (2.5, "W032"), (True, "W032")]
)
def test_the_day_is_a_day(day, code):
    assert [(problem.code, problem.place.field) for problem in refused(CASE, day)] == [(code, "day")]


def test_an_input_that_no_rule_takes_may_be_given_and_a_stranger_not(tmp_path):
    text = R + "def answer(spend: Money) -> Money:\n    return spend\n"
    programme = load(tmp_path, text, {"spend": "money", "note": "count"})
    assert programme.decide({"spend": 1, "note": 5}, DAY).values == {"answer": 1}
    with pytest.raises(WestlakeError):
        programme.decide({"spend": 1, "nte": 5}, DAY)


def test_every_step_tells_what_it_was_given_and_what_that_rests_on():
    decision = VOUCHER.decide(CASE, DAY)
    assert [step.name for step in decision.steps] == list(decision.values)
    step = decision.step("rate")
    assert (step.number, step.text, step.origin) == (500_000, "50%", "rule")
    assert step.citation.sentence() == "Lakeside cloud measures 2025 (L-cloud25), 3(2); official text"
    assert [(argument.name, argument.origin, argument.text) for argument in step.arguments] == [
        ("compute_class", "input", "domestic"),
        ("is_small", "rule", "true"),
        ("rate_by_class", "value", "30%"),
        ("small_rate", "value", "50%"),
    ]
    assert step.arguments[3].in_force == day_number(2025, 7, 1)
    assert decision.step("claimed_before").citation is None
    assert decision.step("is_young").sentence() == "Founded on 2021-03-01: young enough (at most 7 years)."


def test_a_citation_says_how_sure_it_is():
    decision = VOUCHER.decide(CASE, "2025-06-30")
    assert decision.step("rate").citation.sentence() == (
        "Lakeside cloud measures 2024 (L-cloud24), article number unknown; mirror of an official text"
    )
    age = decision.step("is_young").arguments[2].citation
    assert (
        age.sentence("en")
        == "The programme office's estimate (L-guess), article number unknown; inference; scenario value, not a rule text"
    )
    assert age.sentence("zh") == "项目办公室的估计 (L-guess), 条款号不详; 推断; 情景取值，并非规定原文"
    assert [argument.citation.doubtful for argument in decision.step("rate").arguments if argument.citation] == [True]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "Cloud voucher, 2025-08-01: Claim ¥1,300.26. Founded on 2021-03-01: young enough (at most 7 years). Yearly contracts of "
            "¥400,000.00 are within ¥500,000.00. Computing of class “Domestic” is repaid. All conditions are met.",
        ),
        (
            "ko",
            "클라우드 바우처, 2025-08-01: 청구 가능액 ¥1,300.26. 2021-03-01 설립으로 업력 기준(7년 이하)을 충족합니다. 연간 계약액 "
            "¥400,000.00은 ¥500,000.00 이내입니다. ‘국내’ 구분은 지원 대상입니다. 모든 조건을 충족합니다.",
        ),
        (
            "zh",
            "云服务券，2025-08-01：可申领金额 ¥1,300.26。成立于2021-03-01，符合年限要求（不超过7年）。年度合同额¥400,000.00不超过"
            "¥500,000.00。“国产”类算力予以支持。符合全部条件。",
        ),
    ],
)
def test_a_decision_is_told_in_three_languages(lang, said):
    decision = VOUCHER.decide(CASE, DAY)
    assert decision.sentence(lang) == said
    assert decision.text(lang).splitlines()[0] == said
    assert len(decision.text(lang).splitlines()) == 2 + sum(1 + len(step.arguments) for step in decision.steps)


def test_json_holds_everything():
    told = json.loads(json.dumps(VOUCHER.decide(CASE, DAY).as_dict("en")))
    assert (told["programme"], told["regime"], told["day"], told["results"]) == (
        "cloud_voucher",
        "official",
        DAY,
        ["claim"],
    )
    assert told["digest"] == VOUCHER.digest
    assert told["values"]["claim"] == {"label": "Claim", "number": 130_026, "text": "1,300.26", "shown": "¥1,300.26"}
    rate = next(step for step in told["steps"] if step["name"] == "rate")
    assert rate["citation"]["clause"] == "3(2)"
    assert [argument["in_force"] for argument in rate["arguments"]] == [None, None, "2025-07-01", "2025-07-01"]
    assert rate["doc"] == "The share repaid; small firms get the higher of theirs and their class's."


def test_the_variant_and_the_values_are_those_of_the_day():
    rates = {
        day: VOUCHER.decide(CASE, day).values["rate"]
        for day in ("2024-01-01", "2025-06-30", "2025-07-01", "2027-12-31")
    }
    assert rates == {"2024-01-01": 250_000, "2025-06-30": 250_000, "2025-07-01": 500_000, "2027-12-31": 500_000}


def test_a_table_is_shown_whole_when_the_case_does_not_say_its_choice(tmp_path):
    text = R + 'def answer(rates: Table[Rate]) -> Rate:\n    return rates["red"]\n'
    values = {"rates": ("rate by kind", [("2025-01-01", "{red: 10%, blue: 20%}")])}
    programme = load(tmp_path, text, {"kind": "choice, choices: [red, blue]"}, values)
    decision = programme.decide({}, DAY)
    assert decision.values == {"answer": 100_000}
    assert [(argument.number, argument.text) for argument in decision.steps[0].arguments] == [(100_000, "10%")]


def test_a_key_given_as_a_text_is_shown_as_it_was_given():
    decision = VOUCHER.decide(CASE, DAY)
    firm = decision.step("claimed_before").arguments[0]
    assert (firm.text, firm.shown("ko"), decision.shown("firm")) == ("Reed Analytics",) * 3
    assert decision.as_dict()["inputs"]["firm"]["text"] == "Reed Analytics"
    assert VOUCHER.decide(CASE | {"firm": 42}, DAY).step("claimed_before").arguments[0].text == "42"


def test_a_case_is_read_from_a_file_with_every_fact_once(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text("base: 010\nin_lakeside: true\n", "utf-8")
    assert read_case(path, VOUCHER.inputs) == {"base": "010", "in_lakeside": "true"}
    for text, faults in (
        ("base: 1\nbase: 2\n", [("W102", 2, 1)]),
        ("bas: 1\n", [("W033", 1, 1)]),
        ("base: [1]\n", [("W105", 1, 7)]),
        ("- base\n", [("W105", 1, 1)]),
        ("base: {\n", [("W101", 2, 1), ("W105", 1, 1)]),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(WestlakeError) as caught:
            read_case(path, VOUCHER.inputs)
        found = sorted((problem.code, problem.place.line, problem.place.column) for problem in caught.value.problems)
        assert found == faults


def test_a_choice_that_a_rule_answers_is_shown_by_its_name(tmp_path):
    text = (
        R.replace(")", ', choices=("low", "tall"))')
        + 'def size(staff: Count) -> Choice:\n    return "tall" if staff > 3 else "low"\n'
    )
    two = R + "def share(size: Choice, rates: Table[Rate]) -> Rate:\n    return rates[size]\n"
    values = {"rates": ("rate by size", [("2025-01-01", "{low: 10%, tall: 20%}")])}
    decision = load(tmp_path, text + two, {"staff": "count, max: 9"}, values).decide({"staff": "4"}, DAY)
    assert decision.values == {"size": 1, "share": 200_000}
    assert [step.text for step in decision.steps] == ["tall", "20%"]
    assert decision.step("size").shown("ko") == "그것"

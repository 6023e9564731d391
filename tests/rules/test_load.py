"""A programme's folder is read whole: every problem at once, regimes and reforms laid over, a fingerprint of it all."""

import shutil

import numpy as np
import pytest

from westlake.errors import WestlakeError
from westlake.rules import load_programme, propose, regimes

from .toy import LAKESIDE, R, codes, write

VOUCHER = LAKESIDE / "cloud_voucher"
SPEND = {"spend": 'money, max: "100.00"'}
RULE = R + "def answer(spend: Money, cap: Money) -> Money:\n    return min(spend, cap)\n"
CAP = {"cap": ("money", [("2025-01-01", '"5.00"')])}


def refused(folder, **given):
    with pytest.raises(WestlakeError) as caught:
        load_programme(folder, **given)
    return [(problem.code, problem.suggestion) for problem in caught.value.problems]


def test_all_problems_of_all_files_come_together_in_the_order_of_places(tmp_path):
    found = codes(
        tmp_path,
        RULE.replace("spend, cap)", "spnd, 0.5)"),
        {"spend": "mony"},
        {"cap": ("mony", [])},
        words="a: 1\n",
        examples="- x: 1\n",
        sources="toy: {kind: text}\n",
    )
    assert found == ["W103", "W104", "W104", "W117", "W004", "W104", "W117", "W103", "W104", "W104", "W104"]


@pytest.mark.parametrize("name", ["rules.py", "form.yaml", "values.yaml", "words.yaml", "examples.yaml"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = write(tmp_path, RULE, SPEND, CAP)
    (folder / name).unlink()
    assert refused(folder) == [("W001", "")]


def test_a_folder_that_is_not_there_is_named_with_the_nearest(tmp_path):
    write(tmp_path, RULE, SPEND, CAP)
    assert refused(tmp_path / "toi") == [("W038", "toy")]


def test_regimes_are_the_official_one_and_the_files():
    assert regimes(LAKESIDE) == ["official", "article"]
    assert refused(VOUCHER, regime="artcle") == [("W039", "article")]


def test_a_regime_replaces_a_whole_dated_list():
    official, article = load_programme(VOUCHER), load_programme(VOUCHER, regime="article")
    assert [p.value_on("firm_cap_year", "2025-01-01").number for p in (official, article)] == [20_000_000, 30_000_000]
    assert [len(p.values["firm_cap_year"].dated) for p in (official, article)] == [1, 1]
    assert [p.values["firm_cap_year"].dated[0].until is None for p in (official, article)] == [False, True]
    assert article.value_on("firm_cap_year", "2025-01-01").citation.clause == "unknown"
    assert (article.regime, article.digest != official.digest) == ("article", True)


def reform(tmp_path, text):
    path = tmp_path / "reform.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_reform_needs_only_days_and_numbers(tmp_path):
    path = reform(tmp_path, "cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 60%}]}\n")
    entry = load_programme(VOUCHER, reform=path).value_on("small_rate", "2025-01-01")
    assert (entry.number, entry.citation.cls, entry.citation.source.id, entry.citation.doubtful) == (
        600_000,
        "I",
        "reform",
        True,
    )


def test_before_a_reforms_first_day_the_default_stands(tmp_path):
    path = reform(tmp_path, "cloud_voucher: {small_rate: [{in_force: 2025-08-01, value: 60%}]}\n")
    official, later = load_programme(VOUCHER), load_programme(VOUCHER, reform=path)
    numbers = [later.value_on("small_rate", day).number for day in ("2025-07-31", "2025-08-01", "2030-01-01")]
    assert numbers == [official.value_on("small_rate", "2025-07-31").number, 600_000, 600_000]


def test_a_reform_lies_over_a_regime(tmp_path):
    path = reform(tmp_path, "cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 60%}]}\n")
    both = load_programme(VOUCHER, regime="article", reform=path)
    assert [both.value_on(name, "2025-01-01").number for name in ("small_rate", "firm_cap_year")] == [
        600_000,
        30_000_000,
    ]
    assert both.digest not in (
        load_programme(VOUCHER, regime="article").digest,
        load_programme(VOUCHER, reform=path).digest,
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cloud_voucher: {small_rte: []}\n", ("W121", "small_rate")),
        ("cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 600%}]}\n", None),
        ("cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 6}]}\n", ("W106", "")),
        ("cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 0.6}]}\n", ("W106", "")),
        ("cloud_voucher: {firm_cap_year: [{in_force: 2025-01-01, value: '-0.01'}]}\n", ("W126", "")),
        ("cloud_voucher: {small_rate: [{value: 60%}]}\n", ("W104", "")),
        ("cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: x}]}\n", ("W106", "")),
        ("cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 99999%}]}\n", ("W116", "")),
        ("[]\n", ("W105", "")),
        ("clod_voucher: {}\n", ("W103", "cloud_voucher")),
    ],
)
def test_a_reforms_faults_are_named(tmp_path, text, fault):
    path = reform(tmp_path, text)
    if fault is None:
        assert load_programme(VOUCHER, reform=path).value_on("small_rate", "2025-01-01").number == 6_000_000
    else:
        assert refused(VOUCHER, reform=path) == [fault]


def test_a_reform_that_makes_a_rule_unsafe_is_refused(tmp_path):
    text = (
        R
        + "def answer(spend: Money, times: Count, half: Rate) -> Money:\n    return share_down(spend * times, half)\n"
    )
    values = {"times": ("count", [("2025-01-01", "3")]), "half": ("rate", [("2025-01-01", "50%")])}
    folder = write(tmp_path, text, {"spend": 'money, max: "1000000000000.00"'}, values)
    assert load_programme(folder).decide({"spend": 100}, "2025-01-01").values == {"answer": 150}
    path = reform(tmp_path, "toy: {times: [{in_force: 2025-01-01, value: 30}]}\n")
    assert refused(folder, reform=path) == [("W020", "")]


def test_a_proposal_changes_numbers_on_every_day_and_shares_the_kernel():
    programme = load_programme(VOUCHER)
    case, day = programme.examples[0].rows[0].given, "2025-08-01"
    other = propose(programme, {"small_rate": 600_000, "rate_by_class": {"other": 210_000}})
    assert [p.decide(case, day).values["claim"] for p in (programme, other)] == [130_026, 156_031]
    assert other.value_on("rate_by_class", day).by_choice == {"domestic": 300_000, "other": 210_000, "excluded": 0}
    assert other.value_on("small_rate", day).citation.doubtful
    assert other.digest not in (programme.digest, propose(programme, {"small_rate": 600_001}).digest)
    columns = {name: np.array([int(number)]) for name, number in case.items()}
    assert [p.run(columns, day, ["claim"])["claim"].tolist() for p in (programme, other)] == [[130_026], [156_031]]
    assert len({p.prepared[("claim",)][0].text for p in (programme, other)}) == 1


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        ({"small_rat": 1}, ("W121", "small_rate")),
        ({"rate_by_class": {"othr": 1}}, ("W010", "other")),
        ({"small_rate": -1}, ("W116", "")),
        ({"small_rate": 10**9}, ("W116", "")),
    ],
)
def test_a_proposal_names_values_choices_and_numbers_that_exist(numbers, fault):
    with pytest.raises(WestlakeError) as caught:
        propose(load_programme(VOUCHER), numbers)
    assert [(problem.code, problem.suggestion) for problem in caught.value.problems] == [fault]


@pytest.mark.parametrize(
    ("code", "day", "says"),
    [
        ("W107", "2023-12-31", '"Share repaid by class" is not in force on 2023-12-31; its first value starts on 2024-01-01'),
        ("W108", "2028-01-01", '"Cap per firm and year" is no longer in force on 2028-01-01; its last day was 2027-12-31'),
    ],
)
def test_a_value_not_in_force_names_its_first_or_last_day(code, day, says):
    programme = load_programme(VOUCHER)
    with pytest.raises(WestlakeError) as caught:
        programme.decide(programme.examples[0].rows[0].given, day)
    assert says in [problem.sentence() for problem in caught.value.problems if problem.code == code]
    with pytest.raises(WestlakeError) as caught:
        programme.value_on("rate_by_class" if code == "W107" else "firm_cap_year", day)
    assert [problem.sentence() for problem in caught.value.problems] == [says]


def test_a_value_is_asked_for_by_its_name():
    with pytest.raises(WestlakeError) as caught:
        load_programme(VOUCHER).value_on("small_rat", "2025-08-01")
    assert [(problem.code, problem.suggestion) for problem in caught.value.problems] == [("W012", "small_rate")]
    entry = load_programme(VOUCHER).value_on("rate_by_class", "2025-08-01")
    assert entry.by_choice == {"domestic": 300_000, "other": 200_000, "excluded": 0}


def test_the_fingerprint_is_of_every_file_and_of_no_scratch(tmp_path):
    city = tmp_path / "city"
    shutil.copytree(LAKESIDE, city)
    digest = load_programme(city / "cloud_voucher").digest
    assert digest == load_programme(VOUCHER).digest
    (city / "cloud_voucher" / "__pycache__").mkdir()
    (city / "cloud_voucher" / "__pycache__" / "rules.pyc").write_bytes(b"x")
    (city / "cloud_voucher" / ".draft").write_text("x")
    assert load_programme(city / "cloud_voucher").digest == digest
    (city / "cloud_voucher" / "letter.txt").write_text("x")
    changed = load_programme(city / "cloud_voucher").digest
    (city / "sources.yaml").write_text((city / "sources.yaml").read_text("utf-8") + "# more\n", "utf-8")
    assert len({digest, changed, load_programme(city / "cloud_voucher").digest}) == 3


def test_a_value_named_as_an_input_is_told_and_the_values_after_it_are_still_known(tmp_path):
    values = {"spend": ("money", [("2025-01-01", '"5.00"')])} | CAP
    folder = write(tmp_path, RULE, SPEND, values)
    with pytest.raises(WestlakeError) as caught:
        load_programme(folder)
    assert [problem.line() for problem in caught.value.problems] == ['values.yaml:1:1 W015 the name "spend" is already taken']


def test_amounts_are_shown_with_their_sign(tmp_path):
    programme = load_programme(write(tmp_path, RULE, SPEND, CAP))
    assert [programme.show("answer", number) for number in (0, 5, -5, 1)] == ["¥0.00", "¥0.05", "-¥0.05", "¥0.01"]

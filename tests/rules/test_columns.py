"""Columns are checked before a run: whole numbers, one a row, of known inputs; nothing is answered by halves."""

import numpy as np
import pytest

from westlake.errors import WestlakeError
from westlake.rules import batch, load_programme
from westlake.rules.columns import SHOWN
from westlake.rules.plain import run_plain

from .toy import LAKESIDE, R, load, write

VOUCHER = load_programme(LAKESIDE / "compute_voucher")
DAY = "2025-06-01"


def columns(**changed):
    return {
        "spend_compute": np.array([268_998, 5, 0]),
        "spend_storage": np.array([56_068, 0, 0]),
        "size_class": np.array([0, 3, 1], np.int8),
    } | changed


def refused(given, days=DAY, outputs=("payout",), **more):
    with pytest.raises(WestlakeError) as caught:
        VOUCHER.run(given, days, outputs, **more)
    return [
        (problem.code, problem.place.row, problem.place.field, problem.suggestion)
        for problem in caught.value.problems
    ]


def test_answers_have_the_narrowest_fitting_type(tmp_path):
    text = (
        R
        + "def ready(n: Count) -> Bool:\n    return n > 1\n"
        + R.replace(")", ', choices=("low", "tall"))')
        + 'def size(ready: Bool) -> Choice:\n    return "tall" if ready else "low"\n'
        + R
        + "def double(n: Count) -> Count:\n    return n * 2\n"
    )
    found = load(tmp_path, text, {"n": "count, max: 9"}).run(
        {"n": np.array([1, 2])}, DAY, ["ready", "size", "double"]
    )
    assert {name: (column.dtype, column.tolist()) for name, column in found.items()} == {
        "ready": (np.bool_, [False, True]),
        "size": (np.int8, [0, 1]),
        "double": (np.int64, [2, 4]),
    }


def test_answers_may_be_written_into_given_arrays():
    into = {"payout": np.empty(3, np.int64)}
    assert VOUCHER.run(columns(), DAY, ["payout"], into)["payout"] is into["payout"]
    assert into["payout"].tolist() == [130_026, 0, 0]
    assert refused(columns(), into={"payout": np.empty(3, np.int32)}) == [("W036", 0, "payout", "")]
    assert refused(columns(), into={"payout": np.empty(4, np.int64)}) == [("W036", 0, "payout", "")]
    assert refused(columns(), into={"payout": np.empty(6, np.int64)[::2]}) == [("W036", 0, "payout", "")]


@pytest.mark.parametrize(
    "column",
    [
        np.array([1.0, 2, 3]),
        np.array([[1], [2], [3]]),
        np.array([1, 2]),
        np.array(["1", "2", "3"]),
        np.array([2**63, 1, 1], np.uint64),
    ],
)
def test_a_column_is_whole_numbers_one_a_row(column):
    assert refused(columns(spend_storage=column))[0][0] == "W036"


def test_a_missing_column_names_the_rule_and_a_stranger_is_refused():
    given = columns()
    given["spend_compte"] = given.pop("spend_compute")
    assert refused(given) == [("W033", 0, "spend_compte", "spend_compute"), ("W030", 0, "spend_compute", "")]
    assert VOUCHER.run({"size_class": np.array([1])}, DAY, ["rate"])["rate"].tolist() == [400_000]


def test_an_unknown_output_gets_a_suggestion():
    assert refused(columns(), outputs=("payot",)) == [("W037", 0, "", "payout")]
    assert refused(columns(), outputs=()) == [("W037", 0, "", "")]


def test_no_rows_are_no_rows():
    empty = {name: column[:0] for name, column in columns().items()}
    assert VOUCHER.run(empty, DAY, ["payout"])["payout"].tolist() == []
    assert run_plain(VOUCHER, empty, np.array([], np.int64), ["payout"])["payout"].tolist() == []


def test_rows_at_fault_are_named_the_first_twenty_of_them():
    many = {name: np.repeat(column, 100) for name, column in columns(spend_storage=np.array([0, -1, 0])).items()}
    found = refused(many)
    assert found == [("W031", row, "spend_storage", "") for row in range(101, 101 + SHOWN)]


def test_a_day_without_law_is_named_with_its_row():
    days = np.array([20_240, 19_700, -(10**6)])  # 2025-06-01, 2023-12-09, long before
    found = refused(columns(), days)
    assert sorted({(code, row) for code, row, _, _ in found}) == [("W031", 3), ("W107", 2)]
    with pytest.raises(WestlakeError) as caught:
        VOUCHER.run(columns(), "2023-12-09", ["rate"])
    assert [problem.sentence() for problem in caught.value.problems] == [
        '"Share repaid by size" is not in force on 2023-12-09; its first value starts on 2024-01-01'
    ]
    assert refused(columns(), days.astype(float)) == [("W036", 0, "day", "")]


def test_only_what_an_output_needs_must_be_in_force():
    assert VOUCHER.run(columns(), "2024-06-01", ["rate"])["rate"].tolist() == [350_000, 250_000, 350_000]
    assert [code for code, *_ in refused(columns(), "2024-06-01")] == ["W107", "W107"]


def test_a_thousand_reforms_are_one_kernel(tmp_path):
    texts = set()
    for rate in (10, 20, 30):
        path = tmp_path / f"{rate}.yaml"
        path.write_text(f"compute_voucher: {{annual_cap: [{{in_force: 2025-01-01, value: '{rate}.00'}}]}}\n")
        reformed = load_programme(LAKESIDE / "compute_voucher", reform=path)
        assert reformed.run(columns(), DAY, ["payout"])["payout"].tolist() == [rate * 100, 0, 0]
        texts.add(reformed.prepared["payout",][0].text)
    assert len(texts) == 1


def test_kernels_are_kept_where_they_may_be(tmp_path, monkeypatch):
    monkeypatch.setenv("WESTLAKE_CACHE", str(tmp_path))
    programme = load(
        tmp_path / "city",
        R + "def answer(spend: Money) -> Money:\n    return spend * 3\n",
        {"spend": 'money, max: "9.00"'},
    )
    assert programme.run({"spend": np.array([7])}, DAY, ["answer"])["answer"].tolist() == [21]
    kept = sorted(path.name for path in (tmp_path / "westlake" / "kernels").glob("kernel_*.py"))
    batch.compiled.cache_clear()
    assert programme.run({"spend": np.array([8])}, DAY, ["answer"])["answer"].tolist() == [24]
    assert len(kept) == 1
    assert sorted(path.name for path in (tmp_path / "westlake" / "kernels").glob("kernel_*.py")) == kept


def test_names_that_python_uses_are_as_good_as_any(tmp_path):
    text = R + "def range(int64: Money, len: Money, list: Money) -> Money:\n    return int64 - len + list\n"
    programme = load(tmp_path, text, dict.fromkeys(("int64", "len", "list"), 'money, max: "9.00"'))
    given = {name: np.array([number]) for name, number in (("int64", 7), ("len", 2), ("list", 1))}
    assert (
        programme.run(given, DAY, ["range"])["range"].tolist()
        == run_plain(programme, given, DAY, ["range"])["range"].tolist()
        == [6]
    )
    assert write(tmp_path, text).name == "toy"


UNFIT = {
    'spend_storage W036 the column "spend_storage" cannot be used: 2-D': {"spend_storage": np.zeros((3, 1), int)},
    'spend_storage W036 the column "spend_storage" cannot be used: float64': {"spend_storage": np.zeros(3)},
    'spend_storage W036 the column "spend_storage" cannot be used: 2 ≠ 3': {"spend_storage": np.zeros(2, int)},
    'spend_storage W036 the column "spend_storage" cannot be used: uint64 > 2^63': {
        "spend_storage": np.full(3, 2**63, np.uint64)},
    'spend_storag W033 the form has no input "spend_storag"; did you mean "spend_storage"?': {"spend_storag": np.zeros(3)},
}


@pytest.mark.parametrize("said", UNFIT)
def test_an_unfit_column_is_told_by_its_name_and_what_it_is(said):
    with pytest.raises(WestlakeError) as caught:
        VOUCHER.run(columns(**UNFIT[said]), DAY, ["payout"])
    assert [problem.line() for problem in caught.value.problems] == [said]


def test_what_is_lacking_or_unfit_beside_the_columns_is_told_too():
    def told(given, days=DAY, **more):
        with pytest.raises(WestlakeError) as caught:
            VOUCHER.run(given, days, ["payout"], **more)
        return [problem.line() for problem in caught.value.problems]

    lacking = columns()
    del lacking["spend_storage"]
    assert told(lacking) == [
        'spend_storage W030 the input "spend_storage" is missing; the rule "eligible_spend" needs it']
    assert told(columns(), into={"payout": np.empty(3, np.int32)}) == [
        'payout W036 the column "payout" cannot be used: int32(3,) ≠ int64(3,)']
    assert told(columns(), np.array([1.0, 2, 3])) == ['day W036 the column "day" cannot be used: float64']
    assert told(columns(), np.array([20_240, 20_240])) == [
        f'{name} W036 the column "{name}" cannot be used: 3 ≠ 2' for name in ("size_class", "spend_compute", "spend_storage")]


@pytest.mark.parametrize("most", ["9223372036.85", "9223372036.86", "10000000000000.00"])
def test_a_share_of_the_largest_amounts_is_exact_in_the_compiled_run(tmp_path, most):
    """Up to some amount a share is one product in the kernel; above it, where that would leave an int64, it is not."""
    text = R + "def answer(spend: Money, half: Rate) -> Money:\n    return share_half_up(spend, half)\n"
    programme = load(tmp_path, text, {"spend": f'money, max: "{most}"'}, {"half": ("rate", [("2025-01-01", "50%")])})
    top = programme.inputs["spend"].high
    spend = np.array([top, -top, top - 1, 1, 0])
    assert programme.run({"spend": spend}, DAY, ["answer"])["answer"].tolist() == [
        (abs(amount) + 1) // 2 * (1 if amount > 0 else -1) for amount in spend.tolist()]

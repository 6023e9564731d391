"""Traced, plain and compiled give the same fen, and so does an oracle written another way: on any rows, extremes too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake.dates import day_number
from westlake.errors import WestlakeError
from westlake.rules import load_programme
from westlake.rules.plain import run_plain

from . import oracle
from .toy import LAKESIDE

VOUCHER = load_programme(LAKESIDE / "cloud_voucher")
CLASSES = VOUCHER.inputs["compute_class"].choices
OUTPUTS = ("is_young", "eligible", "rate", "share", "claimed_before", "claim")
FIRST, LAST = day_number(2024, 1, 1), day_number(2027, 12, 31)


def edged(item):
    """A number an input may be: often one of its edges, or near nought."""
    near = [
        n
        for n in (item.low, item.low + 1, item.high - 1, item.high, 0, 1, -1, 4999, 5000, 15000)
        if item.low <= n <= item.high
    ]
    return st.sampled_from(near) | st.integers(item.low, item.high)


ROW = st.fixed_dictionaries(
    {name: edged(item) for name, item in VOUCHER.inputs.items()}
    | {
        "firm": st.integers(1, 4),
        "in_lakeside": st.booleans(),
        "used_until": st.integers(FIRST, FIRST + 800),
        "founded_on": st.integers(FIRST - 4000, LAST)
        | st.sampled_from([day_number(2020, 2, 29), day_number(2018, 7, 1)]),
        "contracts_year": st.sampled_from([0, oracle.SMALL_MAX - 1, oracle.SMALL_MAX, oracle.SMALL_MAX + 1, 10**12]),
    }
)
DAY = st.integers(FIRST, LAST) | st.sampled_from([day_number(2025, 6, 30), day_number(2025, 7, 1)])


def columns_of(rows):
    return {name: np.array([int(row[name]) for row in rows]) for name in rows[0]}


def random_rows(count, seed):
    """Rows from one stream of chance, edges sprinkled in."""
    chance = np.random.default_rng(seed)
    columns = {}
    for name, item in VOUCHER.inputs.items():
        column = chance.integers(item.low, item.high, count, endpoint=True)
        edge = chance.integers(0, 8, count)
        columns[name] = np.select([edge == 0, edge == 1], [item.low, item.high], column)
    small = chance.integers(0, 2, count) == 0
    columns["base"] = np.where(small, columns["base"] % 30_001 - 15_000, columns["base"])
    columns["firm"] = chance.integers(0, max(2, count // 40), count) * 2**40
    columns["founded_on"] = chance.integers(FIRST - 4000, LAST, count)
    columns["used_until"] = chance.integers(FIRST, LAST, count)
    columns["claimed_elsewhere"] %= oracle.CAP + 2
    return columns, chance.integers(FIRST, LAST, count, endpoint=True)


def told(columns, days):
    """What the oracle says of columns, as columns."""
    rows = [{name: int(column[i]) for name, column in columns.items()} for i in range(len(days))]
    rows = [row | {"compute_class": CLASSES[row["compute_class"]]} for row in rows]
    found = oracle.decide(rows, [int(day) for day in days])
    return {name: [int(row[name]) for row in found] for name in OUTPUTS}


@settings(max_examples=120)
@given(st.lists(st.tuples(ROW, DAY), min_size=1, max_size=30))
def test_four_ways_give_the_same_answers(drawn):
    rows, days = [row for row, _ in drawn], [day for _, day in drawn]
    wanted = told(columns_of(rows), days)
    traced = VOUCHER.decide_rows(rows, days)
    assert {name: [int(decision.values[name]) for decision in traced] for name in OUTPUTS} == wanted
    for run in (VOUCHER.run, lambda *given: run_plain(VOUCHER, *given)):
        found = run(columns_of(rows), np.array(days), OUTPUTS)
        assert {name: column.astype(int).tolist() for name, column in found.items()} == wanted


def test_a_hundred_thousand_rows_give_the_same_answers():
    columns, days = random_rows(100_000, seed=5)
    found = VOUCHER.run(columns, days, OUTPUTS)
    wanted = told(columns, days)
    for name in OUTPUTS:
        assert found[name].astype(int).tolist() == wanted[name]


def test_one_day_and_a_column_of_it_are_the_same():
    columns, _ = random_rows(2_000, seed=6)
    day = day_number(2025, 7, 1)
    on_day, by_day = VOUCHER.run(columns, day, OUTPUTS), VOUCHER.run(columns, np.full(2_000, day), OUTPUTS)
    for name in OUTPUTS:
        assert np.array_equal(on_day[name], by_day[name])


def test_a_row_of_a_run_is_explained_as_it_was_decided():
    columns, days = random_rows(5_000, seed=7)
    found = VOUCHER.run(columns, days, OUTPUTS)
    for row in (0, 17, 4_999):
        decision = VOUCHER.explain_row(columns, days, row)
        assert {name: int(decision.values[name]) for name in OUTPUTS} == {
            name: int(found[name][row]) for name in OUTPUTS
        }


OUTSIDE = st.sampled_from(
    ["base", "contracts_year", "compute_class", "founded_on", "in_lakeside", "claimed_elsewhere"]
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(ROW, st.integers(FIRST - 400, LAST + 400), st.none() | OUTSIDE, st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_the_same_rows_are_refused_in_all_runs(drawn):
    """Inputs outside their range and days without law: each run names the same rows with the same codes."""
    rows, days = [], [day for _, day, _, _ in drawn]
    for row, _, name, above in drawn:
        item = VOUCHER.inputs[name] if name else None
        rows.append(row | ({name: item.high + 1 if above else item.low - 1} if item else {}))
    wanted = {
        (row, problem.code)
        for row, (case, day) in enumerate(zip(rows, days, strict=True), 1)
        for problem in refused(lambda case=case, day=day: VOUCHER.decide(case, day))
    }
    alone = {row for row, code in wanted if code != "W031"}  # a row without law is not looked at further
    for run in (VOUCHER.run, lambda *given: run_plain(VOUCHER, *given)):
        found = {
            (problem.place.row, problem.code)
            for problem in refused(lambda run=run: run(columns_of(rows), np.array(days), ("claim",)))
        }
        assert {pair for pair in found if pair[0] not in alone} == {pair for pair in wanted if pair[0] not in alone}
        assert alone == {row for row, code in found if code != "W031"}


def refused(run):
    """The problems of a run, or none."""
    try:
        run()
    except WestlakeError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint8, np.uint64, np.bool_])
def test_narrow_columns_are_as_good(dtype):
    columns, days = random_rows(300, seed=8)
    wanted = VOUCHER.run(columns, days, OUTPUTS)
    narrow = columns | {"in_lakeside": columns["in_lakeside"].astype(dtype)}
    found = VOUCHER.run(narrow, days, OUTPUTS)
    for name in OUTPUTS:
        assert np.array_equal(found[name], wanted[name])

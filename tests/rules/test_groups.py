"""What earlier rows used, the best so far and whole totals: in order, groups interleaved, the same in all runs."""

import numpy as np
import pytest

from westlake.errors import WestlakeError
from westlake.money import MONEY_MAX
from westlake.rules.plain import run_plain

from .toy import R, load

DAY = "2025-01-01"
INPUTS = {
    "spend": 'money, min: "-9000.00", max: "9000.00"',
    "firm": "id",
    "kind": "choice, choices: [red, blue]",
    "opening": 'money, max: "100.00"',
    "ready": "bool",
}
CAPPED = (
    R + "def claim(spend: Money, used: Money, cap: Money) -> Money:\n    return min(spend, max(0, cap - used))\n"
    'used = so_far("claim", by=("firm", ), opening="opening")\n'
)
CAP = {"cap": ("money", [(DAY, '"100.00"')])}


def everywhere(programme, rows, names, days=DAY):
    """The answers of the three runs, which must be the same."""
    traced = programme.decide_rows(rows, days)
    wanted = {name: [int(decision.values[name]) for decision in traced] for name in names}
    columns = {name: np.array([int(row[name]) for row in rows]) for name in rows[0]}
    when = np.array(days) if isinstance(days, list) else days
    for found in (programme.run(columns, when, names), run_plain(programme, columns, when, names)):
        assert {name: column.astype(int).tolist() for name, column in found.items()} == wanted
    return wanted


def rows_of(*pairs, **more):
    return [{"firm": firm, "spend": spend} | more for firm, spend in pairs]


def test_a_cap_over_time_is_used_up_and_given_back_by_a_credit(tmp_path):
    programme = load(tmp_path, CAPPED, INPUTS, CAP)
    rows = rows_of((1, 6000), (2, 9000), (1, 6000), (1, 500), (1, -3000), (1, 9000), (2, 2000), opening=0)
    assert everywhere(programme, rows, ["used", "claim"]) == {
        "used": [0, 0, 6000, 10_000, 10_000, 7000, 9000],
        "claim": [6000, 9000, 4000, 0, -3000, 3000, 1000],
    }


def test_an_opening_is_what_was_used_before_the_first_row(tmp_path):
    programme = load(tmp_path, CAPPED, INPUTS, CAP)
    rows = rows_of((1, 6000), (1, 6000), opening=3000)
    assert everywhere(programme, rows, ["used", "claim"]) == {"used": [3000, 9000], "claim": [6000, 1000]}
    assert programme.decide(rows[0], DAY).values == {"used": 3000, "claim": 6000}
    assert programme.decide(rows[0], DAY, groups={"used": 9999}).values == {"used": 9999, "claim": 1}


def test_the_best_so_far_never_falls_below_nought(tmp_path):
    text = (
        R + "def award(spend: Money, best: Money) -> Money:\n    return max(0, spend - best)\n"
        'best = most_so_far("gross", by=("firm", ))\nheld = most_so_far("gross", by=("firm", ), opening="opening")\n'
        + R
        + "def gross(spend: Money, held: Money) -> Money:\n    return spend if held < spend else min(spend, 0)\n"
    )
    rows = rows_of((1, -5), (1, 30), (2, 7), (1, 20), (1, 50), opening=6)
    assert everywhere(load(tmp_path, text, INPUTS), rows, ["best", "held", "award"]) == {
        "best": [0, 0, 0, 30, 30],
        "held": [6, 6, 6, 30, 30],
        "award": [0, 30, 7, 0, 20],
    }


def test_a_total_counts_every_row_of_its_group(tmp_path):
    text = (
        R + "def part(spend: Money, all: Money, cap: Money) -> Money:\n    return spend if all <= cap else 0\n"
        'all = total("gross", by=("firm", "kind"))\nmany = total("big", by=("firm", ))\nearlier = so_far("big", by=("firm", ))\n'
        + R
        + "def gross(spend: Money) -> Money:\n    return abs(spend)\n"
        + R
        + "def big(part: Money) -> Bool:\n    return part > 0\n"
    )
    rows = [
        row | {"kind": kind}
        for row, kind in zip(
            rows_of((1, 6000), (1, -5000), (2, 10_000), (1, 40), (2, 1)), [0, 0, 1, 1, 0], strict=True
        )
    ]
    programme = load(tmp_path, text, INPUTS, CAP)
    assert everywhere(programme, rows, ["all", "part", "many", "earlier"]) == {
        "all": [11_000, 11_000, 10_000, 40, 1],
        "part": [0, 0, 10_000, 40, 1],
        "many": [1, 1, 2, 1, 2],
        "earlier": [0, 0, 0, 0, 1],
    }
    assert programme.graph.stage["many"] == 2
    assert programme.decide(rows[2], DAY).values["many"] == 1


def test_keys_may_be_rules_and_days_may_change_between_rows(tmp_path):
    text = (
        R
        + "def year(day: Day) -> Count:\n    return year_of(day)\n"
        + R
        + "def claim(spend: Money, used: Money, cap: Money) -> Money:\n    return min(spend, max(0, cap - used))\n"
        + 'used = so_far("claim", by=("firm", "year"))\n'
    )
    values = {"cap": ("money", [(DAY, '"100.00"'), ("2025-07-01", '"150.00"')])}
    days = [20_100, 20_300, 20_500, 20_100]  # 2025-01-12, 2025-07-31, 2026-02-16, and back
    rows = rows_of((1, 9000), (1, 9000), (1, 9000), (1, 9000))
    assert everywhere(load(tmp_path, text, INPUTS, values), rows, ["used", "claim"], days) == {
        "used": [0, 9000, 0, 15_000],
        "claim": [9000, 6000, 9000, 0],
    }


def test_rows_decided_before_a_group_existed_count_if_their_rule_did(tmp_path):
    later = R.replace(")", ', start="2025-07-01")')
    text = (
        R
        + "def claim(spend: Money) -> Money:\n    return spend\n"
        + 'used = so_far("claim", by=("firm", ))\n'
        + later
        + "def left(used: Money) -> Money:\n    return used\n"
    )
    programme = load(tmp_path, text, INPUTS)
    decisions = programme.decide_rows(rows_of((1, 5), (1, 7)), ["2025-06-30", "2025-07-01"])
    assert [decision.values for decision in decisions] == [
        {"claim": 5, "used": 0},
        {"claim": 7, "used": 5, "left": 5},
    ]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_that_leaves_its_range_stops_the_run_at_its_row(tmp_path, sign):
    text = (
        R + "def claim(spend: Money, used: Money) -> Money:\n    return spend if used < 0 else spend\n"
        'used = so_far("claim", by=("firm", ))\nall = total("claim", by=("firm", ))\n'
        + R
        + "def both(all: Money) -> Bool:\n    return all > 0\n"
    )
    programme = load(tmp_path, text, INPUTS | {"spend": 'money, max: "10000000000000.00"'})
    fine = rows_of((1, sign * MONEY_MAX), (2, sign * MONEY_MAX), (1, 0))
    assert everywhere(programme, fine, ["used"])["used"] == [0, 0, sign * MONEY_MAX]
    rows = [*fine, *rows_of((2, 0), (1, sign), (2, 1))]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for run in (
        lambda: programme.decide_rows(rows, DAY),
        lambda: programme.run(columns, DAY, ["used"]),
        lambda: run_plain(programme, columns, DAY, ["used"]),
    ):
        with pytest.raises(WestlakeError) as caught:
            run()
        assert [(problem.code, problem.place.row, problem.values["name"]) for problem in caught.value.problems] == [
            ("W035", 5, "used")
        ]


@pytest.mark.parametrize("ids", ["dense", "multiples", "hashes", "negative", "one"])
def test_many_groups_of_any_keys_are_kept_apart(tmp_path, ids):
    chance = np.random.default_rng(3)
    count, groups = 40_000, 9_000
    named = {
        "dense": np.arange(groups),
        "multiples": np.arange(groups) * 2**20,
        "one": np.zeros(groups, np.int64),
        "hashes": chance.integers(0, 2**63 - 1, groups),
        "negative": -np.arange(groups) * 3 - 2**62,
    }[ids]
    firm, spend = chance.choice(named, count), chance.integers(-500, 900, count)
    programme = load(tmp_path, CAPPED, INPUTS, CAP)
    found = programme.run({"firm": firm, "spend": spend, "opening": np.zeros(count, np.int64)}, DAY, ["used"])["used"]
    used, wanted = {}, []
    for key, amount in zip(firm.tolist(), spend.tolist(), strict=True):
        wanted.append(used.get(key, 0))
        used[key] = wanted[-1] + min(amount, max(0, 10_000 - wanted[-1]))
    assert found.tolist() == wanted


def test_a_row_with_groups_is_explained_with_what_the_run_had_used(tmp_path):
    programme = load(tmp_path, CAPPED, INPUTS, CAP)
    rows = rows_of((1, 6000), (2, 100), (1, 6000), opening=0)
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    decision = programme.explain_row(columns, DAY, 2)
    assert decision.values == {"used": 6000, "claim": 4000}
    assert [(argument.name, argument.number) for argument in decision.step("used").arguments] == [
        ("firm", 1),
        ("opening", 0),
    ]

"""What would make a case pass is the nearest change, verified by deciding again, and honest when there is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.dates import iso
from westlake.errors import WestlakeError
from westlake.rules import load_programme
from westlake.rules.remedies import find_remedies

from .toy import LAKESIDE, R, load

VOUCHER = load_programme(LAKESIDE / "cloud_voucher")
CASE = {
    "firm": 1,
    "base": "2600.52",
    "contracts_year": "400000.00",
    "compute_class": "domestic",
    "founded_on": "2021-03-01",
    "used_until": "2025-07-31",
    "in_lakeside": True,
    "claimed_elsewhere": "0",
}
DAY = "2025-08-01"


def remedies(goal=None, **changed):
    return find_remedies(VOUCHER.decide(CASE | changed, DAY), goal)


def changes(found):
    """Each remedy's changes as texts."""
    return [
        {change.name: VOUCHER.write(change.name, change.after) for change in remedy.changes}
        for remedy in found.remedies
    ]


def test_nothing_stands_in_the_way_of_a_case_that_passes():
    found = remedies()
    assert (found.failing, found.remedies, found.stuck) == ((), (), ())
    assert found.lines("en") == ["Nothing stands in the way."]


@pytest.mark.parametrize(
    ("changed", "failing", "wanted"),
    [
        ({"compute_class": "excluded"}, ("counts",), [{"compute_class": "domestic"}, {"compute_class": "other"}]),
        ({"in_lakeside": False}, ("eligible",), [{"in_lakeside": "true"}]),
        ({"founded_on": "2010-03-01"}, ("is_young",), [{"founded_on": "2017-08-02"}]),
        ({"founded_on": "2030-03-01"}, ("is_young",), [{"founded_on": "2025-08-01"}]),
        (
            {"founded_on": "2010-03-01", "in_lakeside": False},
            ("is_young", "eligible"),
            [{"founded_on": "2017-08-02", "in_lakeside": "true"}],
        ),
        (
            {"founded_on": "2010-03-01", "in_lakeside": False, "compute_class": "excluded"},
            ("is_young", "counts", "eligible"),
            [
                {"founded_on": "2017-08-02", "compute_class": one, "in_lakeside": "true"}
                for one in ("domestic", "other")
            ],
        ),
    ],
)
def test_each_failing_test_is_mended_by_its_smallest_change(changed, failing, wanted):
    found = remedies(**changed)
    assert (found.goal, found.failing, changes(found), found.stuck) == ("eligible", failing, wanted, ())
    for remedy in found.remedies:
        case = CASE | changed | {change.name: change.after for change in remedy.changes}
        again = VOUCHER.decide(case, DAY)
        assert again.values == remedy.decision.values
        assert again.values["eligible"]


def test_a_threshold_is_found_to_the_fen():
    found = remedies("is_small", contracts_year="987654.32")
    assert changes(found) == [{"contracts_year": "500,000.00"}]


def test_it_reads_as_a_sentence_and_as_json():
    found = remedies(founded_on="2010-03-01")
    assert found.lines("en") == ["It would pass with: Founded on 2017-08-02 instead of 2010-03-01 → Claim ¥1,300.26"]
    assert found.lines("zh") == ["满足以下条件即可通过：成立日期由2010-03-01改为2017-08-02 → 可申领金额 ¥1,300.26"]
    assert json.loads(json.dumps(found.as_dict()))["remedies"][0]["changes"] == [
        {"name": "founded_on", "before": "2010-03-01", "after": "2017-08-02"}
    ]


def test_what_no_input_mends_is_said(tmp_path):
    text = (
        R
        + "def open(day: Day, closes: Day) -> Bool:\n    return day <= closes\n"
        + R
        + "def eligible(open: Bool, ready: Bool) -> Bool:\n    return open and ready\n"
    )
    programme = load(tmp_path, text, {"ready": "bool"}, {"closes": ("day", [("2025-01-01", "2025-03-31")])})
    found = find_remedies(programme.decide({"ready": False}, "2025-04-01"))
    assert (found.failing, found.remedies, found.stuck) == (("open", "eligible"), (), ("open",))
    assert found.lines("en") == [
        "No change of the inputs was found that would make it pass.",
        "No single input mends: The thing",
    ]


def test_two_tests_of_one_input_are_passed_by_one_number(tmp_path):
    text = (
        R
        + "def enough(staff: Count) -> Bool:\n    return staff >= 10\n"
        + R
        + "def few(staff: Count) -> Bool:\n    return staff % 7 == 0\n"
        + R
        + "def eligible(enough: Bool, few: Bool) -> Bool:\n    return enough and few\n"
    )
    programme = load(tmp_path, text, {"staff": "count, max: 500"})
    found = find_remedies(programme.decide({"staff": 3}, DAY))
    for remedy in found.remedies:
        assert remedy.changes[0].after >= 10
        assert remedy.changes[0].after % 7 == 0


def test_a_goal_is_a_test():
    with pytest.raises(WestlakeError) as caught:
        remedies("is_smal")
    assert [(problem.code, problem.suggestion) for problem in caught.value.problems] == [("W037", "is_small")]


def test_sums_of_earlier_rows_are_kept(tmp_path):
    text = (
        R
        + "def claim(spend: Money) -> Money:\n    return spend\n"
        + 'used = so_far("claim", by=("firm", ))\n'
        + R
        + "def eligible(used: Money, spend: Money, cap: Money) -> Bool:\n    return used + spend <= cap\n"
    )
    programme = load(
        tmp_path,
        text,
        {"spend": 'money, max: "900.00"', "firm": "id"},
        {"cap": ("money", [("2025-01-01", '"100.00"')])},
    )
    last = programme.decide_rows([{"firm": 1, "spend": "70"}, {"firm": 1, "spend": "50"}], DAY)[1]
    assert [
        [(change.name, change.after) for change in remedy.changes] for remedy in find_remedies(last).remedies
    ] == [[("spend", 3000)]]


@given(st.integers(-20_000, 20_000), st.integers(0, 10**12), st.sampled_from(["domestic", "excluded"]), st.booleans())
def test_the_number_next_to_a_remedy_still_fails(founded, contracts, compute_class, resident):
    """The nearest passing number: one step back towards what was, and the test it mends fails again."""
    decision = VOUCHER.decide(
        CASE
        | {
            "founded_on": iso(founded),
            "contracts_year": contracts,
            "compute_class": compute_class,
            "in_lakeside": resident,
        },
        DAY,
    )
    for goal in ("is_young", "is_small"):
        found = find_remedies(decision, goal)
        assert bool(found.remedies) is not bool(decision.values[goal])
        for remedy in found.remedies:
            (change,) = remedy.changes
            assert remedy.decision.values[goal]
            step = 1 if change.after > change.before else -1
            nearer = VOUCHER.decide(decision.inputs | {change.name: change.after - step}, decision.day)
            assert not nearer.values[goal]

"""The day on which a budget of 100 would have been used up, worked by hand over the same four claims."""

import pytest

from westlake.settlement.claims import Line
from westlake.settlement.decide import DecidedLine
from westlake.settlement.exhaustion import Exhaustion, exhaustion
from westlake.settlement.order import Order
from westlake.settlement.rerun import Given


def claim(round_, place, firm, day, entitled, given, order=1):
    line = Line(f"{firm}|{day}", firm, day, (order,), "", {}, {})
    return Given(round_, DecidedLine(line, {}, "", entitled, entitled, entitled), given, place)


# Reed came first but claims late days; Heron's two lines lie on days 12 and 10; Lotus comes in the second round.
CLAIMS = [claim(2, 1, "lotus", 5, 30, 25), claim(1, 2, "heron", 12, 40, 40, order=2),
          claim(1, 2, "heron", 10, 20, 15, order=1), claim(1, 1, "reed", 20, 50, 20)]
GIVEN = (140, 100)  # all that is claimed, all that is given


@pytest.mark.parametrize(("way", "budget", "received", "day", "firm"), [
    ("pro_rata", 100, {}, 20, ""),     # by days: 20 on the 10th, 40 on the 12th, 50 on the 20th; lotus later
    ("pro_rata", 110, {}, 20, ""), ("pro_rata", 111, {}, 5, ""), ("pro_rata", 140, {}, 5, ""), ("pro_rata", 141, {}, None, ""),
    ("queue", 100, {}, 12, "heron"),   # firm by firm: Reed 50, Heron 20 and 40, Lotus 30
    ("queue", 100, {"heron": 3, "reed": 1}, 3, "heron"), ("queue", 100, {"reed": 1}, 12, "heron"),
    ("score", 100, {"heron": 3}, 12, "heron"), ("queue", 50, {"heron": 0, "reed": 0}, 0, "reed"),
    ("queue", 70, {}, 10, "heron"), ("lottery", 71, {}, 12, "heron"), ("queue", 140, {}, 5, "lotus"),
    ("queue", 141, {}, None, "")])
def test_when_the_budget_ends_and_with_whom(way, budget, received, day, firm):
    found = exhaustion(iter(CLAIMS), way, {1: budget, 2: max(budget - 110, 0)}, budget, Order(received=received))
    assert found == Exhaustion(budget, *GIVEN, day, firm)


def test_claims_of_one_day_are_taken_together():
    both = [claim(1, 1, "reed", 7, 60, 60), claim(1, 2, "heron", 7, 60, 40), claim(1, 3, "lotus", 3, 10, 0)]
    assert exhaustion(both, "pro_rata", {1: 100}, 100, Order()).day == 7
    assert exhaustion(both, "pro_rata", {1: 131}, 131, Order()).day is None


def test_each_round_has_what_it_has():
    """After a lapse the second round has 20 of a budget of 500: lotus's 30 on day 5 use it up."""
    assert exhaustion(CLAIMS, "pro_rata", {1: 400, 2: 20}, 500, Order()).day == 5
    assert exhaustion(CLAIMS, "queue", {1: 400, 2: 20}, 500, Order()).firm == "lotus"
    assert exhaustion(CLAIMS, "queue", {1: 400, 2: 0}, 500, Order()).firm == "lotus"
    assert exhaustion(CLAIMS, "queue", {1: 400, 2: 31, 3: 0}, 500, Order()).day is None  # nobody asked in the third


def test_a_firm_that_owes_money_back_leaves_none_for_the_others():
    lines = [claim(1, 0, "heron", 1, -50, -50), claim(1, 1, "reed", 2, 60, 40), claim(1, 1, "reed", 3, -20, -20)]
    assert exhaustion(lines, "pro_rata", {1: 40}, 100, Order()).day == 2
    assert exhaustion(lines, "pro_rata", {1: 41}, 100, Order()).day is None  # 60 less reed's own credit of 20


def test_the_share_that_each_keeps_is_rounded_down():
    assert (Exhaustion(0, 3, 2, None).share_ppm, Exhaustion(0, 1, 1, 1).share_ppm) == (666_666, 1_000_000)
    assert (Exhaustion(0, 0, 0, None).share_ppm, Exhaustion(0, -5, 0, None).share_ppm) == (0, 0)
    assert Exhaustion(9, 3, 2, 7, "reed").as_dict() == {
        "budget": 9, "entitled": 3, "given": 2, "day": 7, "firm": "reed", "share_ppm": 666_666}

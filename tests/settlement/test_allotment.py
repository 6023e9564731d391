"""Four ways to share a budget, each against fractions, brute force or a hand-worked table."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.settlement.allotment import EDGES, WAYS, Bid, allot, draw

BIDS = st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 5), st.integers(0, 5)), max_size=8).map(
    lambda rows: [Bid(f"firm{n}", *row) for n, row in enumerate(rows)])


def given_to(results):
    return {result.case: result.allotted for result in results}


@given(BIDS, st.integers(0, 10**13), st.sampled_from(WAYS), st.sampled_from(EDGES))
def test_nobody_above_the_entitlement_and_nothing_above_the_budget(bids, budget, way, edge):
    results = allot(way, bids, budget, seed="lakeside", edge=edge)
    wanted = sum(bid.entitlement for bid in bids)
    assert all(0 <= result.allotted <= result.entitlement for result in results)
    if edge == "part" or way == "pro_rata":
        assert sum(result.allotted for result in results) == min(budget, wanted)
    assert [result.case for result in results] == sorted(bid.case for bid in bids)


@given(BIDS, st.integers(0, 10**13))
def test_pro_rata_is_within_a_fen_of_the_exact_share(bids, budget):
    wanted = sum(bid.entitlement for bid in bids)
    for result in allot("pro_rata", bids, budget):
        exact = result.entitlement * min(Fraction(1), Fraction(budget, wanted))
        assert abs(result.allotted - exact) < 1


def test_pro_rata_with_fewer_fen_than_claims():
    bids = [Bid(name, 1) for name in ("heron", "lotus", "reed")]
    assert given_to(allot("pro_rata", bids, 2)) == {"heron": 1, "lotus": 1, "reed": 0}


def test_pro_rata_does_not_depend_on_the_order_of_bids():
    bids = [Bid("reed", 50), Bid("heron", 50), Bid("lotus", 50)]
    assert allot("pro_rata", bids, 100) == allot("pro_rata", bids[::-1], 100)
    assert given_to(allot("pro_rata", bids, 100)) == {"heron": 34, "lotus": 33, "reed": 33}


@pytest.mark.parametrize(("edge", "expected"), [
    ("part", {"heron": 60, "lotus": 40, "reed": 0}),
    ("stop", {"heron": 60, "lotus": 0, "reed": 0}),
    ("skip", {"heron": 60, "lotus": 0, "reed": 40}),
])
def test_a_queue_at_its_edge(edge, expected):
    bids = [Bid("reed", 40, received=3), Bid("lotus", 50, received=2), Bid("heron", 60, received=1)]
    assert given_to(allot("queue", bids, 100, edge=edge)) == expected


def test_by_score_with_a_tie_by_name():
    bids = [Bid("reed", 40, score=90), Bid("heron", 40, score=95), Bid("lotus", 40, score=90)]
    results = allot("score", bids, 80, edge="stop")
    assert [(result.case, result.rank, result.allotted) for result in results] == [
        ("heron", 1, 40), ("lotus", 2, 40), ("reed", 3, 0)]


def test_a_lottery_can_be_drawn_again_by_anyone():
    bids = [Bid(f"firm{n}", 10) for n in range(20)]
    results = allot("lottery", bids, 50, seed="noon bulletin 2026-02-01", edge="stop")
    winners = {result.case for result in results if result.allotted}
    by_hand = sorted((bid.case for bid in bids), key=lambda case: draw("noon bulletin 2026-02-01", case))[:5]
    assert winners == set(by_hand)
    assert {result.case: result.draw for result in results} == {bid.case: draw("noon bulletin 2026-02-01", bid.case) for bid in bids}
    assert {result.draw for result in allot("queue", bids, 50, seed="noon bulletin 2026-02-01")} == {""}
    assert winners != {result.case for result in allot("lottery", bids, 50, seed="another", edge="stop")
                       if result.allotted}


def test_a_lottery_is_fair_enough():
    """Each of four firms wins about half of 400 draws of two (within five standard deviations: 200 ± 50)."""
    bids = [Bid(name, 10) for name in ("heron", "lotus", "osier", "reed")]
    wins = dict.fromkeys(("heron", "lotus", "osier", "reed"), 0)
    for seed in range(400):
        for result in allot("lottery", bids, 20, seed=str(seed), edge="stop"):
            wins[result.case] += result.allotted > 0
    assert all(150 < count < 250 for count in wins.values())

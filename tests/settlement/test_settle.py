"""The way of money, told as a year in a small agency: decided, allotted, held, approved, mended."""

import sqlite3
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake import settlement
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.record import Record

from .conftest import line, open_office


def refused(call):
    with pytest.raises(WestlakeError) as caught:
        call()
    return caught.value.problems[0].code


def test_a_line_is_decided_held_and_posted_by_two_persons(office):
    settled = office.settle(line("reed", 1000))
    assert office.allotted(settled) == {"reed": 300_00}
    assert (office.balance("budget").held_debits, office.balance("budget").debits) == (300_00, 0)
    for same_person in ("kim", " Kim ", "ＫＩＭ"):
        assert refused(lambda name=same_person: office.approve(settled, actor=name)) == "W408"
    assert office.approve(settled).paid == {"reed": 300_00}
    assert (office.balance("budget").held_debits, office.balance("budget").debits) == (0, 300_00)
    assert office.balance("payable", "reed").available == 300_00
    assert [act.act for act in Record(office.connection).acts()] == ["settlement.decided", "settlement.approved"]


def test_the_database_itself_refuses_one_person_as_two(office):
    settled = office.settle(line("reed", 1000))
    with pytest.raises(sqlite3.IntegrityError, match="two persons"):
        office.connection.execute("INSERT INTO settlement_step VALUES (?, 'approved', 'Kim', 'kim', 0, '')", (settled.id,))


def test_the_same_year_again_is_nothing_new(office):
    lines = [line("reed", 1000), line("heron", 500)]
    office.pay(*lines)
    before = Books(office.connection).head()
    assert office.settle(*lines) is None
    assert Books(office.connection).head() == before


def test_no_new_round_while_one_waits(office):
    settled = office.settle(line("reed", 1000))
    assert refused(lambda: office.settle(line("reed", 1000), line("heron", 1))) == "W404"
    office.approve(settled)
    assert office.pay(line("reed", 1000), line("heron", 10)) == {"heron": 3_00}


def test_a_round_can_be_withdrawn_and_decided_again(office):
    settled = office.settle(line("reed", 1000))
    assert settlement.withdraw(office.connection, office.terms, settled.id, "kim", settled.day, "wrong file") == 1
    assert office.balance("budget").available == 2000_00
    assert refused(lambda: office.approve(settled)) == "W409"
    assert office.pay(line("reed", 500)) == {"reed": 150_00}


def test_a_cap_runs_over_lines_and_rounds(office):
    assert office.pay(line("reed", 2000), line("reed", 1000, "i2")) == {"reed": 900_00}
    late = [line("reed", 2000), line("reed", 1000, "i2"), line("reed", 1000, "i3")]
    assert office.pay(*late) == {"reed": 100_00}


def test_edge_2_a_credit_after_the_cap_was_reached(office):
    lines = [line("reed", 4000), line("reed", -1000, "i2"), line("reed", 100, "i3")]
    # claims 1200, -300, 30: under the cap of 1000 the year is worth 930, not 1000 - 300 + 30
    assert office.pay(*lines) == {"reed": 930_00}


def test_edge_2_the_credit_may_come_in_a_later_round(office):
    assert office.pay(line("reed", 4000)) == {"reed": 1000_00}
    assert office.pay(line("reed", 4000), line("reed", -1000, "i2")) == {"reed": -100_00}


def test_edge_3_a_credit_before_any_usage(office):
    lines = [line("reed", -100, "i1"), line("reed", 1000, "i2")]
    assert office.pay(*lines) == {"reed": 270_00}
    assert office.pay(*lines, line("heron", -50)) == {}


def test_edge_4_a_correction_for_a_year_already_paid_is_recovered(office):
    assert office.pay(line("reed", 1000)) == {"reed": 300_00}
    assert office.pay(line("reed", 1000), line("reed", -200, "i9"), day="2027-03-01") == {"reed": -60_00}
    # the payable of 300 had not left: 60 of it were set off, and are free in the budget again
    assert office.balance("payable", "reed").available == 240_00
    assert office.balance("receivable", "reed").debits == office.balance("receivable", "reed").credits == 60_00
    assert office.balance("budget").available == 1760_00
    kinds = [entry.journal.kind for entry in Books(office.connection).journals()]
    assert kinds == ["appropriation", "hold", "award", "recovery", "offset"]
    recovery = next(entry for entry in Books(office.connection).journals() if entry.journal.kind == "recovery")
    assert Books(office.connection).journal(recovery.journal.relates_to).journal.kind == "award"


def test_what_cannot_be_set_off_is_owed_and_met_by_the_next_award(office):
    from westlake.ledger import Journal, Transfer

    office.pay(line("reed", 1000))
    books = Books(office.connection)
    books.open_account("bank", "CNY", "free")
    books.post(Journal("bank:1", office.settle(line("reed", 1000), line("heron", 1)).day, "payment", "batch 1",
                       [Transfer("payable:render_voucher:reed", "bank", 300_00)]))
    office.approve(settlement.rounds_of(office.connection, "render_voucher", 2025)[-1])
    assert office.pay(line("heron", 1), line("reed", 400)) == {"reed": -180_00}
    owed = office.balance("receivable", "reed")
    assert owed.debits - owed.credits == 180_00
    assert office.pay(line("heron", 1), line("reed", 400), line("reed", 700, "i2")) == {"reed": 210_00}
    assert office.balance("payable", "reed").available == 30_00
    owed = office.balance("receivable", "reed")
    assert owed.debits - owed.credits == 0


def test_a_line_that_is_gone_is_recovered(office):
    office.pay(line("reed", 1000), line("heron", 100))
    assert office.pay(line("heron", 100)) == {"reed": -300_00}


def test_a_suspended_line_keeps_what_was_paid(office):
    paid = line("reed", 1000)
    office.pay(paid)
    assert office.settle(paid, suspended=["i1"]) is None
    assert office.settle(suspended=["i1"]) is None


def test_edge_13_size_and_rate_are_those_of_the_day_of_use(office):
    office.know("reed", first="2025-04-01", contracts_year="20000")
    assert office.pay(line("reed", 100, "i1", "2025-03-01"), line("reed", 100, "i2", "2025-04-01"),
                      line("heron", 100, "i3", "2025-07-01"), line("heron", 100, "i3", "2025-07-16")) == {
        "heron": 70_00, "reed": 80_00}


def test_edge_17_a_budget_of_fewer_fen_than_it_owes_is_shared_to_the_fen(office):
    for firm in ("osier", "mill"):
        office.know(firm)
    settled = office.settle(*(line(firm, 3000) for firm in ("heron", "lotus", "mill")))
    assert office.allotted(settled) == {"heron": 666_67, "lotus": 666_67, "mill": 666_66}
    assert office.balance("budget").available == 0
    office.approve(settled)
    later = office.settle(*(line(firm, 3000) for firm in ("heron", "lotus", "mill", "osier")))
    assert office.allotted(later) == {"osier": 0}


def test_a_cut_is_final_and_the_cap_is_consumed_by_what_was_allotted(office):
    year = [line(firm, 4000) for firm in ("heron", "lotus", "reed")]
    office.pay(*year)
    assert office.settle(*year) is None
    gone = [line(firm, 4000) for firm in ("heron", "lotus")]
    assert office.pay(*gone) == {"reed": -666_66}
    # reed's money is free again; heron had 666.67 of its cap of 1000 and now claims 1200 more
    assert office.pay(*gone, line("heron", 4000, "i2")) == {"heron": 333_33}


def test_edge_21_equal_days_are_taken_in_a_fixed_order(office):
    lines = [line("reed", 2000, "b"), line("reed", 2000, "a"), line("reed", 2000, "c")]
    settled = office.settle(*lines)
    rows = office.connection.execute(
        "SELECT line, allotted FROM settlement_line WHERE round = ? ORDER BY place", (settled.id,)).fetchall()
    assert rows == [("reed|a|2025-03-01|domestic", 600_00), ("reed|b|2025-03-01|domestic", 400_00),
                    ("reed|c|2025-03-01|domestic", 0)]
    office.approve(settled)
    assert office.settle(*lines[::-1]) is None


def test_edge_15_and_16_half_a_fen_below_nothing_and_an_invoice_of_nothing(office):
    half = line("reed", 0, "i2", spend_class="other")
    half.given["base"] = -25_000  # -2.5 fen: 20 % is exactly half a fen below nothing, and rounds away from it
    assert office.pay(line("reed", 1000), half, line("reed", 0, "i3")) == {"reed": 299_99}


def test_facts_only_declared_wait_and_are_paid_once_verified(office):
    office.know("mill", assurance="declared")
    settled = office.settle(line("mill", 1000), line("reed", 1000))
    approval = office.approve(settled)
    assert (approval.paid, sorted(approval.waiting)) == ({"reed": 300_00}, ["mill"])
    assert office.balance("budget").held_debits == 300_00
    office.know("mill", learnt="2026-02-10")
    assert office.approve(settled, day="2026-02-11").paid == {"mill": 300_00}
    assert office.approve(settled, day="2026-02-12").paid == {}


def test_a_fact_that_changed_while_waiting_sends_the_case_back(office):
    office.know("mill", assurance="declared")
    settled = office.settle(line("mill", 1000))
    office.know("mill", contracts_year="20000", learnt="2026-02-10")
    assert office.approve(settled).returned == {"mill": "contracts_year"}
    assert office.balance("budget").available == 2000_00
    again = office.settle(line("mill", 1000))
    assert office.allotted(again) == {"mill": 500_00}


def test_a_fact_that_is_not_known_sets_the_line_aside(office):
    settled = office.settle(line("stranger", 1000), line("reed", 100))
    assert office.allotted(settled) == {"reed": 30_00}
    assert [row["fact"] for row in settled.evidence["lacking"]] == ["resident"]


def test_refusals_say_the_first_test_failed(office):
    office.know("osier", resident="0", saas="1", size="small", contracts_year="1", bank_account="x")
    settled = office.settle(line("osier", 1000))
    row = office.connection.execute("SELECT outcome, reason FROM settlement_case JOIN settlement_line USING (round, firm)"
                                    " WHERE round = ?", (settled.id,)).fetchone()
    assert row == ("refused", "is_resident")


def test_history_cannot_be_edited(office):
    office.pay(line("reed", 1000))
    for table in ("settlement_round", "settlement_line", "settlement_case", "settlement_payment", "programme_version"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            office.connection.execute(f"DELETE FROM {table}")


YUAN = st.integers(-3000, 6000)
STEPS = st.lists(st.lists(st.tuples(st.sampled_from(["heron", "lotus", "reed"]), YUAN), min_size=1, max_size=3),
                 min_size=1, max_size=4)


@settings(max_examples=40)
@given(STEPS)
def test_whatever_comes_in_later_no_firm_has_more_than_its_year_is_worth(steps):
    """Lines arrive over several rounds. After each: cap and claims bound every firm, the budget bounds all."""
    office = open_office(":memory:")
    for firm in ("heron", "lotus", "reed"):
        office.know(firm)
    lines = []
    for number, arrived in enumerate(steps):
        lines += [line(firm, yuan, f"i{number}.{place}") for place, (firm, yuan) in enumerate(arrived)]
        office.pay(*lines)
        kept = dict(office.connection.execute("SELECT firm, sum(allotted) FROM settlement_line GROUP BY firm"))
        for firm, amount in kept.items():
            worth = sum(one.given["base"] for one in lines if one.firm == firm) * 3 // 10 // 10_000
            assert 0 <= amount <= min(1000_00, max(worth, 0))
        assert sum(kept.values()) <= 2000_00
    assert office.sound()


@settings(max_examples=40)
@given(st.lists(YUAN, min_size=1, max_size=5))
def test_one_round_is_the_clamp_of_the_running_sum(amounts):
    """Alone under the budget: each line gives clamp(sum with it) - clamp(sum before it), clamp(x) = min(cap, max(0, x))."""
    office = open_office(":memory:")
    office.know("reed")
    settled = office.settle(*(line("reed", yuan, f"i{place}") for place, yuan in enumerate(amounts)))
    found = [row[0] for row in office.connection.execute(
        "SELECT entitlement FROM settlement_line WHERE round = ? ORDER BY place", (settled.id,))]
    sums = [sum(amounts[:place]) * 30 for place in range(len(amounts) + 1)]
    clamped = [min(1000_00, max(0, total)) for total in sums]
    assert found == [after - before for before, after in pairwise(clamped)]

"""What happens after: rounds withdrawn, cases that wait, papers gone, rules changed. Money follows what stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.register import take_in
from westlake.settlement import Order, repay, rounds_of

from .conftest import line, open_office
from .test_order import by, refused


def test_a_withdrawn_round_counts_for_nobody_not_even_the_unfunded(office):
    office.know("mill")
    wrong, right = ("heron", "lotus", "mill", "reed"), ("mill", "reed", "heron", "lotus")
    lines = [line(firm, 4000) for firm in wrong]
    queue = by(office, "queue")
    first = queue.settle(*lines, order=Order(received={firm: place for place, firm in enumerate(wrong)}))
    assert office.allotted(first) == {"heron": 1000_00, "lotus": 1000_00, "mill": 0, "reed": 0}
    office.withdraw(first)
    again = queue.settle(*lines, order=Order(received={firm: place for place, firm in enumerate(right)}))
    assert office.allotted(again) == {"heron": 0, "lotus": 0, "mill": 1000_00, "reed": 1000_00}


def test_nobody_is_asked_back_what_was_never_paid(office):
    office.know("mill", assurance="declared")
    first = office.settle(line("mill", 1000))
    assert list(office.approve(first).waiting) == ["mill"]
    second = office.settle(line("mill", 500))
    assert office.allotted(second) == {"mill": 150_00}
    assert office.balance("budget").held_debits == 150_00
    assert list(office.approve(second).waiting) == ["mill"]
    office.know("mill", learnt="2026-02-20")
    assert office.approve(second, day="2026-02-21").paid == {"mill": 150_00}
    assert office.approve(first, day="2026-02-21").paid == {}
    assert office.settle(line("mill", 500)) is None


def test_changed_rules_never_move_paid_money_unasked(office):
    office.pay(line("reed", 1000))
    lower = office.under(firm_cap_year=200_00)
    assert lower.settle(line("reed", 1000)) is None  # the cap of the time stands, unless the year is restated
    cheaper = office.under(rate_by_class={"domestic": 200_000, "other": 200_000})
    with pytest.raises(WestlakeError, match="W419"):
        cheaper.settle(line("reed", 1000))
    assert cheaper.pay(line("reed", 1000), restate="decree 7") == {"reed": -100_00}
    assert cheaper.settle(line("reed", 1000)) is None


def test_a_restatement_decides_the_whole_year_anew(office):
    office.pay(line("reed", 2000), line("reed", 2000, "i2"))
    higher = office.under(firm_cap_year=1500_00)
    assert higher.pay(line("reed", 2000), line("reed", 2000, "i2"), restate="decree 8") == {"reed": 200_00}
    lower = office.under(firm_cap_year=500_00)
    assert lower.pay(line("reed", 2000), line("reed", 2000, "i2"), restate="decree 9") == {"reed": -700_00}


def test_new_lines_settle_under_new_rules_without_a_restatement(office):
    office.pay(line("reed", 1000))
    cheaper = office.under(small_contracts_max=1_00)
    assert cheaper.pay(line("reed", 1000), line("heron", 1000)) == {"heron": 300_00}


def test_a_line_that_is_gone_does_not_hold_up_the_case(office):
    office.pay(line("reed", 1000))
    office.know("reed", contracts_year="20000", learnt="2026-02-10")
    assert office.pay(line("reed", 1000, "i2")) == {"reed": 200_00}
    assert office.settle(line("reed", 1000, "i2")) is None


def test_a_waiting_case_waits_for_its_paper_too(office):
    office.know("mill", assurance="declared")
    settled = office.settle(line("mill", 1000))
    office.approve(settled)
    office.know("mill", learnt="2026-02-20")
    assert office.approve(settled, suspended=["i1"]).waiting == {"mill": ["i1"]}
    assert office.approve(settled).paid == {"mill": 300_00}


def test_spend_that_waits_for_a_rate_keeps_what_was_paid(office):
    dollars = line("reed", 1000)
    dollars.evidence["currency"] = "USD"
    office.pay(dollars)
    assert office.settle(suspended=["reed|USD|2025-03"]) is None


def test_a_declaration_takes_no_money_back_before_it_is_verified(office):
    office.pay(line("reed", 1000))
    office.know("reed", assurance="declared", learnt="2026-02-10", resident="0")
    settled = office.settle(line("reed", 1000))
    assert list(office.approve(settled).waiting) == ["reed"]
    office.know("reed", learnt="2026-02-12", resident="0")
    assert office.approve(settled, day="2026-02-12").recovered == {"reed": 300_00}


def test_a_line_beyond_its_bounds_is_set_aside_and_the_rest_settles(office):
    settled = office.settle(line("reed", 10**11), line("heron", 100))
    assert office.allotted(settled) == {"heron": 30_00}
    assert [row["fact"] for row in settled.evidence["lacking"]] == ["base"]


def test_a_register_put_back_is_news(office, tmp_path):
    def hand_in(contracts):
        path = tmp_path / "firms.csv"
        path.write_text(f"id,contracts_year,from,assurance\nreed,{contracts},2025-01-01,verified\n")
        return take_in(office.connection, path, learnt=parse_day("2026-01-01"), actor="kim").again
    assert [hand_in(text) for text in ("100.00", "100.00", "900.00", "100.00")] == [False, True, False, False]
    assert office.pay(line("reed", 100)) == {"reed": 50_00}


def test_refusals_name_their_way_out(office):
    office.pay(line("reed", 1000))
    assert "--restate" in refused_way(lambda: office.under(rate_by_class={"domestic": 1, "other": 1}).settle(line("reed", 1000)))


def test_money_paid_back_meets_what_is_owed_once(office):
    office.pay(line("reed", 1000))
    books = Books(office.connection)
    books.open_account("bank", "CNY", "free")
    books.post(Journal("bank:1", parse_day("2026-02-03"), "payment", "batch 1",
                       [Transfer("payable:render_voucher:reed", "bank", 300_00)]))
    assert office.pay(line("reed", 400)) == {"reed": -180_00}
    settled = rounds_of(office.connection, "render_voucher", 2025)[-1]

    def repaid(amount, reference):
        return repay(office.connection, office.terms, settled, "reed", amount, reference, "lee", parse_day("2026-03-01"))
    assert [repaid(100_00, "B-1"), repaid(100_00, "B-1"), repaid(80_00, "B-2"), repaid(80_00, "B-2")] == [80_00, 80_00, 0, 0]
    assert "W420" in refused(lambda: repaid(1, "B-3"))[0]
    assert office.balance("recovered").available == 0
    assert office.balance("budget").available == 2000_00 - 120_00


def refused_way(call):
    assert refused(call)
    with pytest.raises(WestlakeError) as caught:
        call()
    return caught.value.problems[0].way_out("en")


FIRMS = st.sampled_from(["heron", "lotus", "mill"])
STEPS = st.lists(st.one_of(
    st.tuples(st.just("bring"), FIRMS, st.integers(-2000, 5000)), st.tuples(st.just("lose"), st.integers(0, 9)),
    st.tuples(st.just("suspend"), st.integers(0, 9)), st.tuples(st.just("clear")), st.tuples(st.just("settle")),
    st.tuples(st.just("withdraw")), st.tuples(st.just("verify"))), min_size=3, max_size=12)


@settings(max_examples=60)
@given(STEPS)
def test_whatever_happens_money_follows_what_stands(steps):
    """Bills come and go, papers are suspended, rounds withdrawn, facts verified late. At every round: the budget
    bounds all, nobody owes more than was paid; and once all is verified, a firm has what its bills are worth
    under cap, never more, and settling again is nothing."""
    office = open_office(":memory:")
    for firm in ("heron", "lotus"):
        office.know(firm)
    office.know("mill", assurance="declared")
    lines, suspended = [], set()
    for number, (step, *rest) in enumerate(steps):
        if step == "bring":
            lines.append(line(rest[0], rest[1], f"i{number}"))
        elif step == "lose" and lines:
            lines.pop(rest[0] % len(lines))
        elif step == "suspend" and lines:
            suspended.add(lines[rest[0] % len(lines)].document)
        elif step == "clear":
            suspended.clear()
        elif step == "verify":
            office.know("mill", learnt="2026-03-01")
        elif step in ("settle", "withdraw"):
            settled = office.settle(*lines, suspended=suspended)
            if settled and step == "withdraw":
                office.withdraw(settled)
            elif settled:
                office.approve(settled, suspended=suspended)
        bounded(office)
    office.know("mill", learnt="2026-03-02")
    for settled in rounds_of(office.connection, "render_voucher", 2025):
        if settled.state == "approved":
            office.approve(settled)
    while settled := office.settle(*lines):
        office.approve(settled)
        bounded(office)
    for firm in ("heron", "lotus", "mill"):
        worth = sum(one.given["base"] for one in lines if one.firm == firm) * 3 // 10 // 10_000
        assert 0 <= paid(office, firm) <= min(1000_00, max(worth, 0))
    assert office.sound()


def bounded(office):
    """What must hold after any step."""
    budget = Books(office.connection).balances().get("budget:render_voucher:2025")
    assert budget is None or budget.debits + budget.held_debits <= budget.credits
    for firm in ("heron", "lotus", "mill"):
        assert paid(office, firm) >= 0


def paid(office, firm):
    return office.connection.execute("SELECT coalesce(sum(amount), 0) FROM settlement_payment WHERE firm = ?",
                                     (firm,)).fetchone()[0]

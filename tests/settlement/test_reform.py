"""Other values over a settled year: told by hand, by an oracle in fractions, and by laws that no reform may break."""

from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.record import Record
from westlake.rules import propose
from westlake.settlement import Order
from westlake.settlement.fiscal_year import appropriate_anew, open_year
from westlake.settlement.kept import read_year
from westlake.settlement.programme_years import programme_years
from westlake.settlement.reform import CUTS, compare_runs, try_reform
from westlake.settlement.rerun import rerun
from westlake.settlement.versions import restored

from .conftest import line, open_office
from .test_fiscal_year import close
from .test_order import by
from .test_settle import refused

FIRMS = ("heron", "lotus", "reed")


def under(office, order=None, **numbers):
    return try_reform(office.connection, office.programme, 2025, "wish.yaml", lambda law: propose(law, numbers), order)


def identity(office):
    year = read_year(office.connection, office.programme.name, 2025)
    with restored(office.connection, office.programme.digest) as law:
        return compare_runs(office.connection, year, "same", {law.digest: law}, {law.digest: law}, [], Order())


def money(reform):
    return {one.firm: (one.before, one.after) for one in reform.firms}


def test_a_city_worked_by_hand(office):
    # 30 % of 4,000 is 1,200, capped at 1,000; 30 % of 2,000 is 600; 30 % of 4,000 is 1,000 again: 2,600 for 2,000
    office.pay(line("heron", 4000), line("lotus", 2000), line("reed", 4000))
    # with a cap of 500 each asks for 500, and 1,500 fit the budget
    assert money(under(office, firm_cap_year=500_00)) == {
        "heron": (769_23, 500_00), "lotus": (461_54, 500_00), "reed": (769_23, 500_00)}
    # with half the rate: 600, 300, 600
    halved = under(office, rate_by_class={"domestic": 150_000})
    assert [(one.before, one.after) for one in halved.firms] == [(769_23, 600_00), (461_54, 300_00), (769_23, 600_00)]
    assert (halved.total.before, halved.total.after, halved.total.change) == (2000_00, 1500_00, -500_00)
    assert (halved.total.entitled_before, halved.total.entitled_after) == (2600_00, 1500_00)
    assert halved.total.counts == {"firms": 3, "better": 0, "worse": 3, "unchanged": 0, "newly": 0, "no_longer": 0}
    # with half the budget: 1,000 over 1,000, 600, 1,000
    assert money(under(office, budget_year=1000_00)) == {
        "heron": (769_23, 384_62), "lotus": (461_54, 230_77), "reed": (769_23, 384_61)}


def test_who_is_newly_entitled_and_who_no_longer(office):
    office.know("mill", size="medium", resident="1", saas="0", contracts_year="480000", bank_account="LK-9")
    office.pay(line("mill", 1000), line("reed", 1000))
    opened = under(office, saas_only=0)
    assert opened.total.counts == {"firms": 2, "better": 1, "worse": 0, "unchanged": 1, "newly": 1, "no_longer": 0}
    closed = under(office, rate_by_class={"domestic": 0, "other": 0}, small_user_rate=0)
    assert closed.total.counts == {"firms": 2, "better": 0, "worse": 1, "unchanged": 1, "newly": 0, "no_longer": 1}


# the oracle: the render voucher once more, in fractions, knowing nothing of the way of money ---------------


def oracle(claims, rate, later_rate, cap, budget):
    """claims: firm → (day, yuan) in order; what each firm is given in fen, pro rata by largest remainder."""
    entitled = {}
    for firm, lines in claims.items():
        so_far = 0
        for day, yuan in lines:
            worth = Fraction(yuan * 100) * (later_rate if day >= "2025-07-16" else rate)
            so_far = min(so_far + floor(worth + Fraction(1, 2)), cap)
        entitled[firm] = so_far
    asked = sum(entitled.values())
    if asked <= budget:
        return entitled
    exact = {firm: Fraction(budget * amount, asked) for firm, amount in entitled.items()}
    given = {firm: floor(part) for firm, part in exact.items()}
    last = sorted(exact, key=lambda firm: (given[firm] - exact[firm], firm))
    for firm in last[:budget - sum(given.values())]:
        given[firm] += 1
    return given


DAYS = st.sampled_from(["2025-02-01", "2025-05-01", "2025-08-01", "2025-11-01"])
CLAIMS = st.dictionaries(st.sampled_from(FIRMS), st.lists(st.tuples(DAYS, st.integers(1, 5000)), min_size=1, max_size=5)
                         .map(sorted), min_size=1)
PERCENT = st.integers(1, 99)


@settings(max_examples=30)
@given(claims=CLAIMS, percent=PERCENT, cap=st.integers(1, 300_000), budget=st.integers(1, 500_000))
def test_any_reform_gives_what_the_oracle_gives(tmp_path_factory, claims, percent, cap, budget):
    office = open_office(tmp_path_factory.mktemp("oracle") / "books.db")
    for firm in FIRMS:
        office.know(firm)
    office.settle(*(line(firm, yuan, f"i{number}", day) for firm, lines in claims.items()
                    for number, (day, yuan) in enumerate(lines)))
    wish = under(office, rate_by_class={"domestic": percent * 10_000}, firm_cap_year=cap, budget_year=budget)
    rate = Fraction(percent, 100)
    assert {one.firm: one.after for one in wish.firms} == oracle(claims, rate, rate, cap, budget)
    assert {one.firm: one.before for one in wish.firms} == oracle(
        claims, Fraction(30, 100), Fraction(40, 100), 1000_00, 2000_00)
    laws_hold(wish)


def laws_hold(reform):
    """Money and heads add up under every cut, and no budget is passed."""
    total = reform.total
    assert sum(one.change for one in reform.firms) == total.change == total.after - total.before
    assert total.counts["better"] + total.counts["worse"] + total.counts["unchanged"] == total.counts["firms"]
    for cut in CUTS:
        rows = reform.groups[cut]
        for amount in ("before", "after", "change", "entitled_before", "entitled_after"):
            assert sum(getattr(row, amount) for row in rows) == getattr(total, amount)
        assert {name: sum(row.counts[name] for row in rows) for name in total.counts} == total.counts
    for one in reform.exhausted:
        assert one.given <= one.budget
        assert one.day is not None or one.given >= one.entitled


# rounds, credits, recoveries, what went back ----------------------------------------------------------------


def busy_year(office):
    """Four rounds: a cut, a credit asked back, a withdrawn one, a case that waits and goes back."""
    office.know("mill", assurance="declared")
    lines = [line("heron", 3000), line("lotus", 3000), line("mill", 500), line("reed", 1000, day="2025-08-01")]
    office.pay(*lines)
    office.pay(*lines, line("heron", -1500, "i2"), day="2026-03-01")
    office.withdraw(office.settle(*lines, line("heron", -1500, "i2"), line("reed", 50, "i7"), day="2026-04-01"))
    lines[2] = line("mill", 200)
    office.know("mill", learnt="2026-04-02")
    office.pay(*lines, line("heron", -1500, "i2"), line("reed", 100, "i3"), day="2026-05-01")
    return office


def test_the_same_values_change_nothing_over_any_rounds(office):
    same = identity(busy_year(office))
    assert (same.total.change, same.total.counts["unchanged"]) == (0, len(same.firms))
    standing = dict(office.connection.execute(
        "SELECT l.firm, sum(l.allotted) FROM settlement_line l JOIN settlement_standing c"
        " ON c.round = l.round AND c.firm = l.firm GROUP BY l.firm"))
    assert {one.firm: one.before for one in same.firms} == standing
    laws_hold(same)


def test_a_credit_after_a_lower_cap_costs_less(office):
    busy_year(office)
    # as settled heron had 900 (less the cut), then gave 450 of it back; under a cap of 300 the credit takes nothing
    # of the 300: 900 - 450 is still over the cap
    wish = under(office, firm_cap_year=300_00)
    assert next(one for one in wish.firms if one.firm == "heron").after == 300_00
    laws_hold(wish)


def test_a_restated_year_is_restated_under_the_reform_too(office):
    lines = [line("reed", 2000), line("reed", 2000, "i2"), line("heron", 100)]
    office.pay(*lines)
    office.pay(lines[0], line("reed", 1000, "i2"), lines[2], day="2026-03-01", restate="a corrected bill")
    same = identity(office)
    assert money(same) == {"reed": (900_00, 900_00), "heron": (30_00, 30_00)}
    assert money(under(office, firm_cap_year=700_00)) == {"reed": (900_00, 700_00), "heron": (30_00, 30_00)}


def test_a_line_that_is_gone_stays_gone(office):
    office.pay(line("reed", 1000), line("heron", 1000))
    office.pay(line("heron", 1000), day="2026-03-01")
    assert money(under(office, rate_by_class={"domestic": 100_000})) == {"heron": (300_00, 100_00), "reed": (0, 0)}


STEP = st.tuples(st.sampled_from(FIRMS), st.integers(-800, 4000), st.sampled_from(["i1", "i2", "i3"]), DAYS)


@settings(max_examples=15)
@given(steps=st.lists(st.lists(STEP, min_size=1, max_size=4), min_size=1, max_size=4), cap=st.integers(1, 99_999))
def test_whatever_a_year_was_it_can_be_settled_again(tmp_path_factory, steps, cap):
    office = open_office(tmp_path_factory.mktemp("years") / "books.db")
    for firm in FIRMS:
        office.know(firm)
    papers = {}
    for month, round_ in enumerate(steps, 1):
        papers |= {(firm, invoice): line(firm, yuan, invoice, day) for firm, yuan, invoice, day in round_}
        office.pay(*papers.values(), day=f"2026-0{month}-01")
    same = identity(office)
    assert same.total.change == 0
    laws_hold(under(office, firm_cap_year=cap))


def late(office):
    """Reed is paid, the year ends, 500 are appropriated anew and heron, who wants 1,000, is cut to them."""
    papers = [line("reed", 3000), line("heron", 9000)]
    office.pay(papers[0])
    close(office, 2026)
    appropriate_anew(office.connection, programme_years(office.connection)[0], 500_00, parse_day("2027-01-10"), "kim", "late")
    office.pay(*papers, day="2027-01-11")
    return office, papers


def test_money_that_lapsed_is_not_spent_by_a_reform(office):
    late(office)
    assert money(identity(office)) == {"heron": (500_00, 500_00), "reed": (900_00, 900_00)}
    for percent, reed in ((15, 450_00), (5, 150_00), (1, 30_00)):  # as if lived under it: reed's rest lapses too
        wish = under(office, rate_by_class={"domestic": percent * 10_000})
        assert money(wish) == {"heron": (500_00, min(percent * 90_00, 500_00)), "reed": (900_00, reed)}
        laws_hold(wish)
    wish = under(office, budget_year=4000_00)
    assert money(wish)["heron"] == (500_00, 500_00)  # a larger budget lapses whole
    assert [(one.budget, one.day) for one in wish.exhausted] == [  # in both heron asks 1,000 of 500
        (2500_00, parse_day("2025-03-01")), (4500_00, parse_day("2025-03-01"))]


def test_rounds_after_a_lapse_share_what_was_appropriated_anew(office):
    _, papers = late(office)
    office.pay(papers[0], line("heron", 4000), line("heron", 8000, "i2"), day="2027-02-01")
    papers = [papers[0], line("heron", 4000), line("heron", 8000, "i2"), line("lotus", 3000)]
    office.pay(*papers, day="2027-02-02")
    assert money(under(office, firm_cap_year=200_00)) == {
        "heron": (500_00, 200_00), "lotus": (0, 200_00), "reed": (900_00, 200_00)}
    close(office, 2027)
    appropriate_anew(office.connection, programme_years(office.connection)[0], 50_00, parse_day("2028-01-10"), "kim", "more")
    office.pay(*papers, line("reed", 200, "i2"), day="2028-01-11")
    assert money(under(office, firm_cap_year=920_00)) == {
        "heron": (500_00, 500_00), "lotus": (0, 0), "reed": (950_00, 920_00)}


def test_a_year_whose_lapse_was_undone_is_not_guessed_at(office):
    office.pay(line("reed", 1000))
    close(office, 2026)
    books, day = Books(office.connection), parse_day("2027-01-05")
    open_year(books, day)
    books.reverse(books.head().number, "undo", day, "closed by mistake")
    office.pay(line("reed", 1000), line("heron", 100), day="2027-01-06")
    assert refused(lambda: under(office, firm_cap_year=1_00)) == "W429"


# ways, ends and groups ---------------------------------------------------------------------------------------


def test_a_queue_is_served_in_the_order_it_was(office, monkeypatch):
    queue = by(office, "queue")
    order = Order(received={"heron": parse_day("2025-11-03"), "lotus": parse_day("2025-11-01"), "reed": parse_day("2025-11-02")})
    queue.settle(line("heron", 4000), line("lotus", 4000), line("reed", 4000), order=order)
    year = read_year(office.connection, "render_voucher", 2025)
    again = read_year(office.connection, "render_voucher", 2025, order)
    for one in (year, again):  # the places that were kept, and the days handed in again, are one order
        monkeypatch.setattr("westlake.settlement.rerun.read_terms", lambda law: queue.terms)
        monkeypatch.setattr("westlake.settlement.reform.read_terms", lambda law: queue.terms)
        law = office.programme
        less = propose(law, {"budget_year": 1500_00})
        wish = compare_runs(office.connection, one, "less", {law.digest: law}, {law.digest: less}, [], order)
        assert money(wish) == {"heron": (0, 0), "lotus": (1000_00, 1000_00), "reed": (1000_00, 0)}  # who no longer fits stops it
        assert [(end.firm, end.day) for end in wish.exhausted] == [("reed", parse_day("2025-11-02"))] * 2


def test_a_firm_that_had_no_place_in_the_queue_needs_one(office, monkeypatch):
    office.know("mill", size="medium", resident="1", saas="0", contracts_year="480000", bank_account="LK-9")
    queue = by(office, "queue")
    monkeypatch.setattr("westlake.settlement.rerun.read_terms", lambda law: queue.terms)
    queue.settle(line("heron", 400), line("mill", 400), order=Order(received={"heron": 1}))
    assert refused(lambda: under(office, saas_only=0)) == "W417"
    wish = under(office, Order(received={"heron": 1, "mill": 2}), saas_only=0)
    assert money(wish) == {"heron": (120_00, 120_00), "mill": (0, 120_00)}


def test_when_the_budget_ends_and_what_each_keeps(office):
    office.pay(line("heron", 4000, day="2025-02-01"), line("lotus", 3000, day="2025-05-01"), line("reed", 1000, day="2025-06-01"))
    # full rate: 1,000 in February, 900 in May, 300 in June: 2,200 of 2,000
    was, would = under(office, budget_year=1900_00).exhausted
    assert (was.day, was.entitled, was.given, was.share_ppm) == (parse_day("2025-06-01"), 2200_00, 2000_00, 909_090)
    assert (would.day, would.share_ppm) == (parse_day("2025-05-01"), 863_636)
    assert under(office, budget_year=2200_01).exhausted[1].day is None


def test_money_stands_where_each_claim_arose_and_a_firm_where_it_was_last(office):
    office.know("reed", district="Shore", first="2025-01-01")
    office.know("reed", district="Hill", first="2025-05-01")
    office.pay(line("reed", 1000, "i1", "2025-03-01"), line("reed", 1000, "i2", "2025-06-01"), line("heron", 100))
    wish = under(office, rate_by_class={"domestic": 100_000})
    assert [(row.value, row.before, row.after, row.counts["firms"]) for row in wish.groups["district"]] == [
        ("Hill", 300_00, 100_00, 1), ("Shore", 300_00, 100_00, 0), ("", 30_00, 10_00, 1)]
    assert wish.moved == {"size": 0, "sector": 0, "district": 1}
    laws_hold(wish)


def test_both_decisions_of_the_largest_changes_are_told(office):
    office.pay(line("reed", 2000), line("reed", 2000, "i2"), line("heron", 100))
    largest = under(office, firm_cap_year=700_00).largest
    assert [(one.firm.firm, one.line.split("|")[1], one.before, one.after) for one in largest] == [
        ("reed", "i2", 400_00, 100_00)]
    assert largest[0].difference.lines() == ["Cap a firm and year: ¥1,000.00 → ¥700.00",
                                             "Entitlement: ¥400.00 → ¥100.00"]


# what is refused, and that nothing is written ----------------------------------------------------------------


def test_what_cannot_be_answered_is_said(office):
    assert refused(lambda: under(office, firm_cap_year=1)) == "W421"
    settled = office.settle(line("reed", 1000))
    assert refused(lambda: under(office, firm_cap_year=1000_00)) == "W424"
    office.withdraw(settled)
    assert refused(lambda: under(office, firm_cap_year=1)) == "W421"
    office.know("mill", assurance="declared")
    waiting = office.settle(line("mill", 1000))
    office.approve(waiting)
    assert money(under(office, firm_cap_year=100_00)) == {"mill": (300_00, 100_00)}  # held, and counted
    office.know("mill", resident="0", learnt="2026-02-20")
    office.approve(waiting, day="2026-02-21")  # what had only been declared turned out otherwise: it goes back
    assert refused(lambda: under(office, firm_cap_year=100_00)) == "W422"


def test_on_a_changed_footing_nothing_is_compared(office):
    office.pay(line("reed", 1000), line("heron", 10))
    year = read_year(office.connection, "render_voucher", 2025)
    stored = year.rounds[0]
    for name in ("claim", "change", "entitlement", "allotted"):
        key, one = next(iter(stored.lines.items()))
        wrong = {**stored.lines, key: replace(one, **{name: getattr(one, name) + 1})}
        with pytest.raises(WestlakeError, match="W425"):
            rerun(replace(year, rounds=[replace(stored, lines=wrong)]), {office.programme.digest: office.programme})
    key, one = next(iter(stored.lines.items()))
    lacking = {**stored.lines, key: replace(one, inputs={})}
    with pytest.raises(WestlakeError, match="W426"):
        rerun(replace(year, rounds=[replace(stored, lines=lacking)]), {office.programme.digest: office.programme})


def test_nothing_is_written(office):
    busy_year(office)
    tables = ("round", "step", "case", "line", "payment", "return")

    def everything():
        rows = [sorted(map(repr, office.connection.execute(f"SELECT * FROM settlement_{table}"))) for table in tables]
        return rows, Books(office.connection).head(), Record(office.connection).head(), Books(office.connection).balances()
    before = everything()
    assert under(office, firm_cap_year=1_00, budget_year=7_00).total.change < 0
    assert everything() == before

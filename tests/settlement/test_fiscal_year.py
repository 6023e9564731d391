"""How a fiscal year ends: what nobody was promised lapses, what was promised is carried over, and the figures add up."""

import random
import shutil
from dataclasses import replace
from itertools import pairwise

import pytest

from westlake import settlement
from westlake.database import transaction
from westlake.dates import Period, day_number, parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.record import Record
from westlake.rules import load_programme
from westlake.settlement.fiscal_year import (
    ENDED,
    appropriate_anew,
    end_year,
    fiscal_year,
    lapsed_on,
    open_year,
    year_end,
)
from westlake.settlement.programme_years import FIGURES, IN, OUT, payables, programme_years
from westlake.settlement.recovery import repay

from .conftest import VOUCHER, line, open_office

BUDGET = "budget:render_voucher:2025"


def refused(call):
    with pytest.raises(WestlakeError) as caught:
        call()
    return caught.value.problems[0].code


def close(office, year, actor="kim"):
    """End and close a fiscal year in one transaction, as the command does."""
    span, books = fiscal_year(office.connection, year), Books(office.connection)
    with transaction(office.connection):
        ends = end_year(office.connection, span, actor)
        books.close_period(span.first, span.last)
    return ends


def figures(office, *days):
    """The year's figures, those that are not nothing; they add up, and the budget has what they say."""
    (found,) = programme_years(office.connection, *days)
    assert sum(getattr(found, name) for name in IN) == sum(getattr(found, name) for name in OUT)
    for due in payables(office.connection, *days):
        assert due.due_in + due.awarded + due.others == due.set_off + due.paid_out + due.due
    if not days:
        balance = office.balance("budget")
        assert (found.available, found.held) == (balance.available, balance.held_debits)
        assert found.available >= 0 and found.held >= 0  # budget >= posted + held, whatever happens
    return {name: amount for name in FIGURES if (amount := getattr(found, name))}


def test_the_year_ends_with_a_case_still_held(office):
    """Reed is paid 300, heron's 150 stays held for want of a verified fact; 1,550 of 2,000 lapse."""
    office.know("heron", first="2025-02-01", assurance="declared", learnt="2025-02-01", contracts_year="480001")
    settled = office.settle(line("reed", 1000), line("heron", 500))
    assert set(office.approve(settled).waiting) == {"heron"}
    (end,) = year_end(office.connection, fiscal_year(office.connection, 2026))
    assert close(office, 2026) == [end]
    assert (end.programme, end.year, end.lapsed, end.carried_over) == ("render_voucher", 2025, 1550_00, 150_00)
    assert [case._asdict() for case in end.carried] == [
        {"firm": "heron", "account": "payable:render_voucher:heron", "amount": 150_00}]
    (act,) = Record(office.connection).acts(act=ENDED)
    assert (act.actor, act.subject, act.details) == ("kim", "fiscal-year:2026-01-01..2026-12-31", {
        "last": "2026-12-31", "programmes": [end.as_dict()]})
    lapse = list(Books(office.connection).journals())[-1].journal
    assert (lapse.kind, lapse.day, lapse.transfers) == (
        "lapse", parse_day("2026-12-31"), (Transfer(BUDGET, "treasury", 1550_00),))
    assert figures(office) == {"appropriated": 2000_00, "awarded": 300_00, "lapsed": 1550_00, "held": 150_00}
    # what was carried over is paid in the next year
    office.know("heron", first="2025-02-01", learnt="2027-02-01", contracts_year="480001")
    assert office.approve(settled, day="2027-02-01").paid == {"heron": 150_00}
    assert figures(office) == {"appropriated": 2000_00, "awarded": 450_00, "lapsed": 1550_00}
    year = Period.year(2027)
    assert figures(office, year.first, year.last) == {"carried_in": 150_00, "awarded": 150_00}


def test_what_is_released_after_its_year_is_not_free_again_and_lapses_next(office):
    settled = office.settle(line("reed", 1000))
    assert close(office, 2026)[0].lapsed == 1700_00
    assert settlement.withdraw(office.connection, office.terms, settled.id, "lee", parse_day("2027-03-01"), "late") == 1
    assert figures(office) == {"appropriated": 2000_00, "lapsed": 1700_00, "available": 300_00}
    assert refused(lambda: office.settle(line("reed", 1000), day="2027-03-02")) == "W435"
    (end,) = close(office, 2027)
    assert (end.lapsed, end.carried) == (300_00, ())
    assert figures(office) == {"appropriated": 2000_00, "lapsed": 2000_00}
    year = Period.year(2027)
    assert figures(office, year.first, year.last) == {"carried_in": 300_00, "lapsed": 300_00}


def test_money_that_comes_back_after_its_year_lapses_with_the_next(office):
    """A recovery needs no appropriation: it is decided though the budget has lapsed."""
    office.pay(line("reed", 1000))
    Books(office.connection).open_account("bank", "CNY", "free")
    Books(office.connection).post(Journal("bank:1", parse_day("2026-03-01"), "payment", "", [
        Transfer("payable:render_voucher:reed", "bank", 300_00)]))
    close(office, 2026)
    assert office.pay(line("reed", 1000), line("reed", -200, "i9"), day="2027-03-01") == {"reed": -60_00}
    assert figures(office)["owed"] == 60_00
    (settled, *_) = settlement.rounds_of(office.connection, "render_voucher", 2025)
    repay(office.connection, office.terms, settled, "reed", 60_00, "B-7", "kim", parse_day("2027-04-01"))
    assert close(office, 2027)[0].lapsed == 60_00
    assert figures(office) == {"appropriated": 2000_00, "returned": 60_00, "awarded": 300_00, "lapsed": 1760_00,
                               "asked_back": 60_00}
    (due,) = payables(office.connection)
    assert due[2:] == (0, 300_00, 0, 0, 300_00, 0)


def test_a_lapsed_budget_is_appropriated_anew_once_and_with_a_reason(office):
    office.pay(line("reed", 1000))
    (before,) = programme_years(office.connection)
    day = parse_day("2027-01-10")
    anew = (office.connection, before, 500_00, day, "kim", "late bills")
    assert refused(lambda: appropriate_anew(*anew)) == "W436"
    close(office, 2026)
    late = [line("reed", 1000), line("heron", 4000)]
    head = Books(office.connection).head()
    assert refused(lambda: office.settle(*late, day="2027-01-11")) == "W435"
    assert Books(office.connection).head() == head and len(list(settlement.rounds_of(
        office.connection, "render_voucher", 2025))) == 1
    appropriate_anew(*anew)
    assert refused(lambda: appropriate_anew(*anew)) == "W436"
    assert figures(office) == {"appropriated": 2000_00, "raised": 500_00, "awarded": 300_00, "lapsed": 1700_00,
                               "available": 500_00}
    assert office.pay(*late, day="2027-01-11") == {"heron": 500_00}
    assert [(act.actor, act.details) for act in Record(office.connection).acts(act="settlement.appropriated")] == [
        ("kim", {"amount": 500_00, "reason": "late bills"})]
    close(office, 2027)
    assert lapsed_on(office.connection, BUDGET) == parse_day("2027-12-31")


def test_a_firm_that_owes_more_than_it_gains_is_asked_back_after_the_lapse(office):
    """Reed's first bill falls by 900, its second rises by 100: 240 are owed back, and nobody wants money."""
    office.pay(line("reed", 1000), line("reed", 500, "i2"))
    close(office, 2026)
    assert office.pay(line("reed", 100), line("reed", 600, "i2"), day="2027-03-01") == {"reed": -240_00}


def test_money_is_appropriated_anew_for_the_running_year_alone(office):
    """A slip of the pen, 2035, would keep the budget running over every close until then."""
    office.pay(line("reed", 1000))
    close(office, 2026)
    (lapsed,) = programme_years(office.connection)
    for day in ("2026-12-31", "2028-01-01", "2035-01-01"):
        anew = (office.connection, lapsed, 1, parse_day(day), "kim", "slip")
        assert refused(lambda: appropriate_anew(*anew)) == "W437"  # noqa: B023 - called at once
    appropriate_anew(office.connection, lapsed, 1, parse_day("2027-12-31"), "kim", "in time")
    close(office, 2027)
    assert lapsed_on(office.connection, BUDGET) == parse_day("2027-12-31")


def test_a_fen_appropriated_anew_frees_a_fen(office):
    """Reed's 300 were held when the year ended and come free after it: heron cannot be paid out of them."""
    settled = office.settle(line("reed", 1000))
    close(office, 2026)
    day = parse_day("2027-03-02")
    settlement.withdraw(office.connection, office.terms, settled.id, "lee", day, "late")
    (lapsed,) = programme_years(office.connection)
    appropriate_anew(office.connection, lapsed, 1, day, "kim", "a fen")
    assert office.pay(line("heron", 900), day="2027-03-03") == {"heron": 1}
    assert close(office, 2027)[0].lapsed == 300_00
    assert figures(office) == {"appropriated": 2000_00, "raised": 1, "awarded": 1, "lapsed": 2000_00}


def test_what_comes_back_to_a_budget_appropriated_anew_is_not_spent_again(office):
    """Of 100 anew heron's 60 go back before they are paid and are free again; reed's 60, paid before the lapse, are not."""
    office.know("heron", first="2025-02-01", assurance="declared", learnt="2025-02-01", contracts_year="480001")
    office.pay(line("reed", 1000))
    close(office, 2026)
    (lapsed,) = programme_years(office.connection)
    appropriate_anew(office.connection, lapsed, 100_00, parse_day("2027-01-10"), "kim", "late bills")
    papers = [line("reed", 1000), line("reed", -200, "i9")]
    assert office.pay(*papers, line("heron", 200), day="2027-02-01") == {"reed": -60_00}
    assert figures(office)["available"] == 100_00  # 40 of the 100, and reed's 60
    papers += [line("heron", 200), line("heron", 200, "i2")]
    assert office.allotted(office.settle(*papers, day="2027-03-01")) == {"heron": 100_00}


def test_money_of_the_new_year_outlives_a_close_that_comes_late(office):
    """2026 is closed after 2027 has been given 500 of its own: what is left of these stays free, once."""
    office.pay(line("reed", 1000))
    books, day = Books(office.connection), parse_day("2027-01-05")
    open_year(books, day)
    books.post(Journal("more", day, "appropriation", "", [Transfer("treasury", BUDGET, 500_00)]))
    assert office.pay(line("reed", 1000), line("heron", 1000), day="2027-01-20") == {"heron": 300_00}
    assert close(office, 2026)[0].lapsed == 1700_00
    assert office.pay(line("reed", 1000), line("heron", 1000), line("lotus", 3000), day="2027-01-21") == {"lotus": 200_00}


def by_hand(office, yuan):
    """Money moved into the budget by a journal of its own."""
    books, day = Books(office.connection), parse_day("2026-03-01")
    books.open_account("gift", "CNY", "free")
    books.post(Journal("gift", day, "transfer", "", [Transfer("gift", BUDGET, yuan * 100)]))


def test_money_moved_in_by_hand_lapses_to_the_first_source(office):
    office.pay(line("reed", 1000))
    by_hand(office, 500)
    (end,) = close(office, 2026)
    assert end.lapses == (("treasury", 2200_00),)
    assert figures(office) == {"appropriated": 2000_00, "others": 500_00, "awarded": 300_00, "lapsed": 2200_00}


def test_a_held_case_beside_money_moved_in_by_hand_is_carried_over(office):
    office.settle(line("reed", 1000))
    by_hand(office, 500)
    kept = [Transfer(BUDGET, "gift", 100_00, "hold")]  # a hold that is no round's
    Books(office.connection).post(Journal("kept", parse_day("2026-03-02"), "hold", "", kept))
    (end,) = close(office, 2026)
    assert (end.lapses, end.carried_over) == ((("treasury", 2100_00),), 400_00)
    assert [(case.firm, case.account, case.amount) for case in end.carried] == [
        ("", "gift", 100_00), ("reed", "payable:render_voucher:reed", 300_00)]


def rewritten(office, folder, file, old, new):
    """The same office after somebody has written something else into a file of the programme."""
    shutil.copytree(VOUCHER.parent, folder)
    path = folder / "render_voucher" / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    programme = load_programme(folder / "render_voucher")
    return replace(office, programme=programme, terms=settlement.read_terms(programme))


def test_a_gift_to_a_budget_of_nothing_lapses_to_the_treasury(office, tmp_path):
    poor = rewritten(office, tmp_path / "programmes", "values.yaml", '"2000.00"', '"0.00"')
    poor.settle(line("reed", 1000))
    by_hand(poor, 500)
    assert close(poor, 2026)[0].lapses == (("treasury", 500_00),)
    assert figures(office) == {"others": 500_00, "lapsed": 500_00}


def test_each_year_is_ended_by_the_accounts_it_was_settled_with(office, tmp_path):
    """From 2026 the budget's account has another name; the year 2025 still ends with the one it has."""
    office.pay(line("reed", 1000))
    renamed = rewritten(office, tmp_path / "programmes", "accounts.yaml", "budget:{programme}", "purse:{programme}")
    settlement.settle(renamed.connection, renamed.programme, renamed.terms, settlement.Request(
        2026, parse_day("2026-06-01"), "kim", [line("reed", 1000, day="2026-03-01")], frozenset(), {}))
    assert [(end.budget, end.lapsed, end.carried_over) for end in close(office, 2026)] == [
        (BUDGET, 1700_00, 0), ("purse:render_voucher:2026", 1600_00, 400_00)]


def test_only_a_reversal_undoes_a_lapse(office):
    office.pay(line("reed", 1000))
    close(office, 2026)
    books = Books(office.connection)
    open_year(books, parse_day("2027-01-05"))
    books.reverse(books.head().number, "undo", parse_day("2027-01-05"), "closed by mistake")
    assert lapsed_on(office.connection, BUDGET) is None
    assert figures(office) == {"appropriated": 2000_00, "awarded": 300_00, "available": 1700_00}
    assert office.pay(line("reed", 1000), line("heron", 100), day="2027-01-06") == {"heron": 30_00}


def test_a_year_closed_late_takes_nothing_that_was_used_meanwhile(office):
    office.pay(line("reed", 1000))
    office.pay(line("reed", 1000), line("heron", 3000), day="2027-01-20")  # before anybody closed 2026
    (end,) = close(office, 2026)
    assert (end.lapsed, end.carried) == (800_00, ())
    assert figures(office) == {"appropriated": 2000_00, "awarded": 1200_00, "lapsed": 800_00}


def test_a_fiscal_year_begins_on_the_day_on_which_the_books_last_whole_year_does(office):
    connection, books = office.connection, Books(office.connection)
    assert fiscal_year(connection, 2026) == Period.year(2026)
    april = Period(day_number(2025, 4, 1), day_number(2026, 3, 31))
    books.open_period(april.first, april.last)
    assert fiscal_year(connection, 2026) == Period(day_number(2026, 4, 1), day_number(2027, 3, 31))
    settled = office.settle(line("reed", 1000), day="2026-02-01")
    assert close(office, 2025)[0].lapsed == 1700_00
    assert office.approve(settled, day="2026-04-01").paid == {"reed": 300_00}  # its year was opened on the way
    assert figures(office, *vars(fiscal_year(connection, 2026)).values()) == {"carried_in": 300_00, "awarded": 300_00}
    assert close(office, 2026) == []


def test_a_year_without_budgets_ends_too_and_once(office):
    open_year(Books(office.connection), parse_day("2026-05-01"))
    for _ in range(2):
        assert close(office, 2026) == []
        assert len(list(Record(office.connection).acts(act=ENDED))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_over_four_years_the_figures_add_up(database, seed):
    """Rounds, approvals, withdrawals, corrections, closings and new appropriations, in a random order."""
    dice, office = random.Random(seed), open_office(database)
    for firm in ("heron", "lotus", "reed"):
        office.know(firm)
    lines, day, year, lapsed = [], parse_day("2026-01-10"), 2026, 0
    may, awarded = None, 0  # since the last lapse: what was held at it and appropriated since; awarded before it
    for step in range(30):
        day = min(day + dice.randrange(20, 60), day_number(year, 12, 31))
        rounds = settlement.rounds_of(office.connection, "render_voucher", 2025)
        waiting = [one for one in rounds if one.state == "decided"]
        if day == day_number(year, 12, 31):
            open_year(Books(office.connection), day)  # a year in which nothing happened ends too
            lapsed += sum(end.lapsed for end in close(office, year))
            year, day = year + 1, day + 1
            found = programme_years(office.connection)
            if found:
                may, awarded = found[0].held, found[0].awarded
            if found and dice.random() < 0.7:
                appropriate_anew(office.connection, found[0], 400_00, day, "kim", "more")
                may += 400_00
        elif waiting and dice.random() < 0.7:
            settlement.approve(office.connection, office.programme, office.terms, waiting[0].id, "lee", day)
        elif waiting:
            settlement.withdraw(office.connection, office.terms, waiting[0].id, "lee", day, "drill")
        else:
            yuan = dice.choice([200, 700, 1500, -300])
            lines.append(line(dice.choice(["heron", "lotus", "reed"]), yuan, f"i{step}"))
            try:
                settlement.settle(office.connection, office.programme, office.terms, settlement.Request(
                    2025, day, "kim", lines, frozenset(), {}))
            except WestlakeError as error:
                assert [problem.code for problem in error.problems] == ["W435"]
                assert lapsed_on(office.connection, BUDGET) is not None
        if programme_years(office.connection):
            now = figures(office)
            assert may is None or now.get("awarded", 0) - awarded + now.get("held", 0) <= may
    assert year > 2027
    assert figures(office).get("lapsed", 0) == lapsed
    whole = programme_years(office.connection)[0]
    years = [programme_years(office.connection, *vars(Period.year(one)).values())[0] for one in range(2025, year + 1)]
    for name in ("appropriated", "raised", "returned", "awarded", "lapsed", "asked_back"):
        assert sum(getattr(one, name) for one in years) == getattr(whole, name), name
    for before, after in pairwise(years):
        assert (before.held, before.available) == (after.carried_in, after.free_in)
    assert office.sound()

"""The figures of a year: net of what came back, by what stands now, not by what once was."""

from westlake import settlement
from westlake.settlement.summary import summarise

from .conftest import FACTS, line


def told(office):
    return summarise(office.connection, office.terms, "render_voucher", 2025)


def case(office, firm):
    return next(row for row in told(office).cases if row.firm == firm)


def test_spent_is_net_of_what_returned_to_the_budget(office):
    assert office.pay(line("heron", 2000)) == {"heron": 60_000}
    assert told(office).spent == 60_000
    # the bill shrinks: 300.00 is asked back, and set at once against what the firm is still owed
    assert office.pay(line("heron", 1000), day="2026-03-01") == {"heron": -30_000}
    summary = told(office)
    assert office.balance("budget").available == 170_000
    assert (summary.spent, summary.budget, summary.recovered, summary.paid) == (30_000, 200_000, 30_000, 60_000)


def test_a_firm_refused_and_later_paid_is_not_counted_refused(office):
    office.know("osier", **FACTS | {"resident": "0"})
    office.pay(line("osier", 1000), line("reed", 100))
    assert told(office).by_reason == {"is_resident": (1, 1)}
    assert (case(office, "osier").outcome, case(office, "osier").reason) == ("refused", "is_resident")
    office.know("osier", learnt="2026-02-10", **FACTS)
    assert office.pay(line("osier", 1000), line("reed", 100), day="2026-03-01") == {"osier": 30_000}
    assert told(office).by_reason == {}
    assert (case(office, "osier").outcome, case(office, "osier").reason) == ("allotted", "")


def test_only_the_line_that_still_fails_is_counted(office):
    office.know("osier", **FACTS | {"resident": "0"})
    office.pay(line("osier", 1000, "a"), line("osier", 500, "b"), line("reed", 100))
    assert told(office).by_reason == {"is_resident": (1, 2)}
    summary = told(office)
    assert summary.by_outcome == {"refused": (1, 0, 0), "allotted": (1, 3_000, 3_000)}


def test_recovery_that_was_withdrawn_asks_nobody_for_money(office):
    office.pay(line("heron", 2000))
    settled = office.settle(line("heron", 1000), day="2026-03-01")
    assert case(office, "heron").outcome == "recovery"  # asked back in its last round
    settlement.withdraw(office.connection, office.terms, settled.id, "lee", settled.day, "wrong bill")
    summary = told(office)
    assert [(row.outcome, row.paid) for row in summary.cases] == [("allotted", 60_000)]
    assert (summary.spent, summary.owed_back, summary.recovered) == (60_000, 0, 0)


def test_a_firm_that_still_owes_is_told_so_until_it_has_paid(office):
    office.pay(line("heron", 2000), line("reed", 100))
    office.pay(line("heron", 1000), line("reed", 100), day="2026-03-01")
    summary = told(office)
    assert summary.owed_back == office.balance("receivable", "heron").debits - office.balance(
        "receivable", "heron").credits
    assert case(office, "heron").outcome == "recovery"


def test_a_year_with_only_withdrawn_rounds_has_no_figures(office):
    settled = office.settle(line("heron", 2000))
    settlement.withdraw(office.connection, office.terms, settled.id, "lee", settled.day, "too early")
    assert told(office) is None

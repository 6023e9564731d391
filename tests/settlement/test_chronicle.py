"""A year of the small agency, written out by hand: every approval, case, step, journal and act that it leaves.

Heron's 1,000.00 of spend is worth 300.00, Lotus's 400.00 less a credit of 100.00 is worth 90.00, Reed's 2,000.00
is worth 600.00. Heron's paper waits a day, Reed's facts are verified three days late, Mill's are not known. Then
Heron's bill turns out to be 600.00: 120.00 come back, first in a round that is withdrawn. Lotus's new bill is
cut to its yearly cap of 1,000.00, and goes back because Lotus has become small.
"""

import json

import pytest

from westlake import settlement
from westlake.dates import iso, parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.record import Record
from westlake.settlement.approve import Approval

from .conftest import line, open_office

BUDGET, LOTUS, HERON, REED = "budget:render_voucher:2025", *(f"payable:render_voucher:{firm}" for firm in ("lotus", "heron", "reed"))
OWED, BACK = "receivable:render_voucher:2025:heron", "recovered:render_voucher:2025"
LAW = ["bank_account", "contracts_year", "resident", "saas", "size"]


@pytest.fixture
def told(database):
    """The agency after that year, and what each approval answered."""
    office = open_office(database)
    for firm in ("heron", "lotus"):
        office.know(firm)
    office.know("reed", assurance="declared")
    year = [line("heron", 1000), line("lotus", -100, "i3"), line("lotus", 400, "i4"), line("reed", 2000, "i2"), line("mill", 5)]
    first = office.settle(*year)
    answers = [office.approve(first, suspended=["i1"]), office.approve(first, day="2026-02-03")]
    office.know("reed", learnt="2026-02-03")
    answers.append(office.approve(first, day="2026-02-04"))
    year[0] = line("heron", 600)
    assert office.withdraw(office.settle(*year, day="2026-03-01")) == 1
    third = office.settle(*year, line("lotus", 10_000, "i9"), day="2026-03-02", seed="gazette 7", restate="a bill corrected")
    office.know("lotus", learnt="2026-03-02", size="small")
    answers.append(office.approve(third, day="2026-03-03"))
    assert office.sound()
    return office, answers


def rows(office, sql):
    return [tuple(row) for row in office.connection.execute(sql).fetchall()]


def test_what_each_approval_answered(told):
    assert told[1] == [
        Approval({"lotus": 90_00}, {}, {"heron": ["i1"], "reed": LAW}), Approval({"heron": 300_00}, {}, {"reed": LAW}),
        Approval({"reed": 600_00}), Approval({}, {"heron": 120_00}, {}, {"lotus": "size"})]


def test_the_rounds(told):
    office, _ = told
    lacking = {"lacking": [{"firm": "mill", "line": "mill|i1|2025-03-01|domestic", "fact": "resident"}]}
    found = settlement.rounds_of(office.connection, "render_voucher", 2025)
    assert [(one.id, one.number, iso(one.day), one.seed, one.budget, one.available, one.evidence, one.state, one.approved_by)
            for one in found] == [
        (1, 1, "2026-02-01", "", 2000_00, 2000_00, lacking, "approved", "lee"),
        (2, 2, "2026-03-01", "", 2000_00, 1010_00, lacking, "withdrawn", ""),
        (3, 3, "2026-03-02", "gazette 7", 2000_00, 1010_00, lacking, "approved", "lee")]
    assert {(one.programme, one.year, one.regime, one.digest, one.way, one.currency, one.decided_by) for one in found} == {
        ("render_voucher", 2025, "official", office.programme.digest, "pro_rata", "CNY", "kim")}
    assert len({one.data_digest for one in found}) == 3
    assert rows(office, "SELECT round, step, actor, person, reason FROM settlement_step ORDER BY 1, 2") == [
        (1, "approved", "lee", "lee", ""), (1, "decided", "kim", "kim", ""), (2, "decided", "kim", "kim", ""),
        (2, "withdrawn", "lee", "lee", "drill"), (3, "approved", "lee", "lee", ""), (3, "decided", "kim", "kim", "")]


def test_the_cases_and_where_each_ended(told):
    office, _ = told
    assert rows(office, "SELECT * FROM settlement_case ORDER BY round, firm") == [
        (1, "heron", 300_00, 300_00, 1, "", None, "allotted"), (1, "lotus", 90_00, 90_00, 1, "", None, "allotted"),
        (1, "reed", 600_00, 600_00, 1, "", None, "allotted"), (2, "heron", -120_00, -120_00, 0, "", None, "recovery"),
        (3, "heron", -120_00, -120_00, 0, "", None, "recovery"), (3, "lotus", 910_00, 910_00, 1, "", None, "allotted")]
    assert rows(office, "SELECT round, firm, journal, amount FROM settlement_payment ORDER BY journal") == [
        (1, "lotus", 5, 90_00), (1, "heron", 6, 300_00), (1, "reed", 7, 600_00), (3, "heron", 9, -120_00)]
    assert rows(office, "SELECT round, firm, journal, reason FROM settlement_return ORDER BY 1") == [
        (2, "heron", None, "drill"), (3, "lotus", 11, "fact changed: size")]


def test_the_lines_with_what_decided_them(told):
    office, _ = told
    found = rows(office, "SELECT round, line, place, day, reason, claim, change, entitlement, allotted FROM settlement_line"
                         " ORDER BY round, firm, place")
    march = parse_day("2025-03-01")
    assert found == [(number, f"{firm}|{paper}|2025-03-01|domestic", place, march, "", *amounts)
                     for number, firm, paper, place, *amounts in (
        (1, "heron", "i1", 0, 300_00, 300_00, 300_00, 300_00), (1, "lotus", "i3", 0, -30_00, -30_00, 0, 0),
        (1, "lotus", "i4", 1, 120_00, 120_00, 90_00, 90_00), (1, "reed", "i2", 0, 600_00, 600_00, 600_00, 600_00),
        (2, "heron", "i1", 0, 180_00, -120_00, -120_00, -120_00), (3, "heron", "i1", 0, 180_00, -120_00, -120_00, -120_00),
        (3, "lotus", "i9", 0, 3000_00, 3000_00, 910_00, 910_00))]
    inputs, evidence = (json.loads(text) for text in rows(
        office, "SELECT inputs, evidence FROM settlement_line WHERE round = 2")[0])
    assert {name: inputs[name] for name in inputs if name != "firm"} == {
        "claim_settled": 300_00, "claims_before": 300_00, "allotted_before": 300_00, "base": 600_000_000, "spend_class": 0,
        "resident": 1, "saas": 1, "size": 2, "contracts_year": 480000}
    assert evidence == {"month": "2025-03-01", "invoice": "i1", "order": ["2025-03-01", "i1", "domestic"], "document": "i1"}


def test_the_journals(told):
    office, _ = told
    found = [(entry.journal.idem, iso(entry.journal.day), entry.journal.kind, entry.journal.memo, entry.journal.relates_to,
              [(leg.debit, leg.credit, leg.amount, leg.phase) for leg in entry.journal.transfers])
             for entry in Books(office.connection).journals()]

    def paid(firm, account, day, amount):
        return (f"pay:1:{firm}", day, "award", first, None, [(BUDGET, account, amount, "release"), (BUDGET, account, amount, "post")])

    first, third = "render_voucher 2025 round 1", "render_voucher 2025 round 3"
    assert found == [
        (f"{BUDGET}:0", "2026-02-01", "appropriation", "render_voucher 2025", None, [("treasury", BUDGET, 2000_00, "post")]),
        ("hold:1:heron", "2026-02-01", "hold", first, None, [(BUDGET, HERON, 300_00, "hold")]),
        ("hold:1:lotus", "2026-02-01", "hold", first, None, [(BUDGET, LOTUS, 90_00, "hold")]),
        ("hold:1:reed", "2026-02-01", "hold", first, None, [(BUDGET, REED, 600_00, "hold")]),
        paid("lotus", LOTUS, "2026-02-02", 90_00), paid("heron", HERON, "2026-02-03", 300_00),
        paid("reed", REED, "2026-02-04", 600_00),
        ("hold:3:lotus", "2026-03-02", "hold", third, None, [(BUDGET, LOTUS, 910_00, "hold")]),
        ("recover:3:heron", "2026-03-03", "recovery", third, 6, [(OWED, BACK, 120_00, "post")]),
        ("offset:3:heron:2025", "2026-03-03", "offset", "render_voucher 2025", 9,
         [(HERON, OWED, 120_00, "post"), (BACK, BUDGET, 120_00, "post")]),
        ("back:3:lotus", "2026-03-03", "release", "fact changed: size", None, [(BUDGET, LOTUS, 910_00, "release")])]


def test_the_acts(told):
    office, _ = told
    acts = list(Record(office.connection).acts())
    assert {act.version for act in acts} == {office.programme.digest}

    def decided(day, allotted, restate=""):
        return ("kim", "settlement.decided", {"programme": "render_voucher", "year": 2025, "regime": "official", "day": day,
                                              "allotted": allotted, "restate": restate})

    def approved(day, paid, waiting, recovered=0, returned=0):
        return ("lee", "settlement.approved", {"programme": "render_voucher", "day": day, "paid": paid, "waiting": waiting,
                                               "recovered": recovered, "returned": returned})

    def words(act):  # seals are held by tests/test_rooms.py
        return {name: value for name, value in act.details.items() if name not in ("sealed", "outcomes")}

    assert [(act.actor, act.act, words(act)) for act in acts] == [
        decided("2026-02-01", 990_00), approved("2026-02-02", 90_00, 2), approved("2026-02-03", 300_00, 1),
        approved("2026-02-04", 600_00, 0), decided("2026-03-01", -120_00),
        ("lee", "settlement.withdrawn", {"reason": "drill", "day": "2026-03-01"}),
        decided("2026-03-02", 790_00, "a bill corrected"), approved("2026-03-03", 0, 0, 120_00, 1)]
    assert [act.subject for act in acts] == [f"round:{number}" for number in (1, 1, 1, 1, 2, 2, 3, 3)]


def test_what_is_refused_afterwards_in_the_same_words_everywhere(told):
    office, _ = told
    connection, terms = office.connection, office.terms

    def said(call):
        with pytest.raises(WestlakeError) as caught:
            call()
        (problem,) = caught.value.problems
        return problem.code, dict(problem.values)

    assert said(lambda: settlement.read_round(connection, 9)) == ("W407", {"number": 9})
    waiting = office.settle(line("heron", 600), line("lotus", 400, "i4"), line("lotus", -100, "i3"), line("reed", 2000, "i2"),
                            line("reed", 10, "i5"), day="2026-03-04")
    assert said(lambda: office.settle(day="2026-03-04")) == ("W404", {"number": 4, "decided_by": "kim"})
    assert said(lambda: office.approve(waiting, actor=" KIM ")) == ("W408", {"number": 4, "actor": " KIM "})
    office.withdraw(waiting)
    assert said(lambda: office.approve(waiting)) == ("W409", {"number": 4, "step": "approved"})
    assert said(lambda: settlement.withdraw(connection, terms, 4, "lee", waiting.day, "")) == (
        "W409", {"number": 4, "step": "withdrawn"})

"""The city's plan and its administration: what the article tells of both is read, drawn and measured, notes and all."""

from tests.desk.counter import NEW_YEAR, Counter

from westlake.dates import DAY_MAX, MICROS_PER_DAY
from westlake.desk.applying.drafting import save_answers
from westlake.desk.cases import find_case, open_application
from westlake.desk.people import Held
from westlake.desk.plan.attained import TOLD, UNKNOWN, budget_years, plan_and_actual
from westlake.desk.plan.blueprint import read_blueprint
from westlake.desk.plan.effort import measure_effort

from .conftest import HANGZHOU

PLAN = read_blueprint(HANGZHOU)


def hangzhou(tmp_path):
    """A desk on the city's own programmes."""
    return Counter(tmp_path / "westlake.db", shelf=HANGZHOU, programmes=("challenge",))


def target(name):
    return next(one for one in PLAN.targets if one.name == name)


def test_f05_the_blueprint_of_2015(tmp_path):
    assert (PLAN.first, PLAN.last, PLAN.citation.source.id, PLAN.citation.cls) == (2015, 2036, "F05", "A")
    assert "N10" in PLAN.notes
    assert PLAN.note == "N10"
    desk = hangzhou(tmp_path)
    first_money = {}
    for row in budget_years(desk.desk, PLAN):
        assert row.planned is not None, (row.programme, row.year)  # every year of the plan has an amount in force
        first_money.setdefault(row.programme, (row.year, row.planned // 100))
    assert first_money == {"cloud_voucher": (2024, 250_000_000), "loss_share": (2016, 50_000_000),
                           "challenge": (2021, 300_000_000), "talent": (2018, 150_000_000), "fund": (2015, 1_000_000_000)}
    desk.close()


def test_f23_two_targets_that_do_not_agree(tmp_path):
    a_year, whole, inflow = target("population_year"), target("population_five_years"), target("graduate_inflow")
    assert (a_year.value, whole.value, a_year.citation.cls, whole.citation.cls) == (430_000, 1_730_000, "A", "A")
    found, = PLAN.disagreements
    assert (found.by_year, found.whole, found.by_year.total, found.note) == (a_year, whole, 5 * 430_000, "N1")
    assert (inflow.of, inflow.citation.cls) == ("", "I")  # gross inflow is another quantity than net change
    desk = hangzhou(tmp_path)
    rows = {(row.target.name, row.first): (row.basis, row.actual) for row in plan_and_actual(desk.desk, PLAN)}
    net = [rows["population_year", year] for year in range(2021, 2026)]
    assert net == [(TOLD, 239_000), (TOLD, 172_000), (TOLD, 146_000), (TOLD, 102_000), (UNKNOWN, None)]
    assert rows["population_five_years", 2021] == (TOLD, sum(actual for _, actual in net[:4]))  # one source, one sum
    assert rows["graduate_inflow", 2021] == (TOLD, 483_000)
    desk.close()


def test_f35_a_pledge_in_two_readings():
    damo, = PLAN.pledges
    article, press = damo.readings
    assert (damo.declared, damo.amount, damo.currency, damo.note) == (2017, 100_000_000_000_00, "CNY", "N8")
    assert (article.last, article.citation.source.id, press.citation.source.id) == (2036, "F35", "P-damo")
    for reading, years, millions in ((article, 19, 5_263), (press, 3, 33_333)):
        spread = reading.by_year(damo.amount)
        assert (len(spread), sum(spread.values())) == (years, damo.amount)
        assert max(spread.values()) - min(spread.values()) <= 1
        assert {amount // 100_000_000 for amount in spread.values()} == {millions}
    assert {article.years_class, press.years_class} == {"I"}  # the first year of either is read, not told


def test_f36_administration_is_measured_not_claimed(tmp_path):
    """Two projects on the city's own challenge list: refused after 9 days and waiting for 20, of which 4 not ours."""
    desk = hangzhou(tmp_path)
    call = desk.call("challenge", "LIST-26", days=60, decision_days=7)
    cases = []
    for firm, resident in (("stag", "0"), ("colt", "1")):
        applicant = desk.applicant(firm, resident=resident)
        case = open_application(desk.desk, applicant, call, firm)
        save_answers(desk.desk, case, applicant, Held("applicant", "*", firm), {
            "title": f"A robot for {firm}", "project_class": "competitive", "planned_spend": "1000000.00",
            "higher_funding": "0.00", "advance_declared": "false", **dict.fromkeys(
                ("summary", "work_plan", "team", "budget_notes"), "A robot that inspects, in three steps.")})
        cases.append((desk.take(find_case(desk.desk, case.id), "submit", applicant), applicant))
    (stag, _), (colt, speaker) = cases
    desk.clock.wait(days=9)
    desk.take(stag, "refuse", "officer")
    desk.take(colt, "ask_supplement", "officer", note="The audited accounts, please", day=NEW_YEAR + 30)
    desk.clock.wait(days=4)
    desk.take(colt, "supply", speaker)
    desk.clock.wait(days=7)
    effort = measure_effort(desk.desk, "challenge", NEW_YEAR, DAY_MAX)
    refused, = effort.decided
    assert (effort.handed_in, round(refused.ours_us / MICROS_PER_DAY), refused.in_time, refused.touches) == (2, 9, False, 1)
    assert (effort.sent_back, [one.case for one in effort.waiting]) == (1, [colt.id])
    assert [(one.state, one.ours, round(one.median_us / MICROS_PER_DAY)) for one in effort.stages] == [
        ("draft", False, 0), ("supplement", False, 4), ("submitted", True, 9)]
    desk.close()

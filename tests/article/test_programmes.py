"""Each fact of the article that a programme carries: paid under `article`, decided and explained under `official`."""

import pytest

from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.money import parse_money

from .bill import write_bill
from .conftest import programme

LOSS = {"basis": "firm_loss", "realised": True, "audited": True, "cost": "10000000.00", "staff": 60,
        "assets": "30000000.00"}
CHALLENGE = {"resident": True, "project_class": "designed", "score": "92", "cut_off": "80", "attained": True,
             "planned_spend": "120000000.00"}
DIRECT = {"kind": "alone", "resident": True, "staff": 200, "sales": "30000000.00", "high_tech": True, "stake": "10%",
          "asked": "20000000.00", "total": "20000000.00", "price": "100000000.00", "last_price": "100000000.00"}
ROUND_B = {"kind": "with_lead", "resident": True, "staff": 480, "sales": "90000000.00", "high_tech": True,
           "stake": "5%", "asked": "150000000.00", "total": "1000000000.00", "private": "850000000.00",
           "priced_by_lead": True}
SUB_FUND = {"kind": "sub_fund", "asked": "100000000.00", "total": "900000000.00", "private": "800000000.00",
            "local_plan": "150000000.00"}
PERSON = {"benefit": "startup", "origin": "local_graduate", "degree": "doctor", "founder": True,
          "largest_holder": True, "performing": True, "spend": "12000000.00"}


def yuan(text):
    return parse_money(text)


def test_f04_the_firm_leads(article, official):
    for city in (article, official):
        refused = city.play("fund", "colt", "2018-05-01", **{**DIRECT, "leads": True})
        assert (refused.paid, refused.failed()) == (0, ["is_not_leader"])


def test_f06_a_fund_of_its_own_for_firms_of_the_city(article):
    inside = article.play("fund", "colt", "2018-05-01", **DIRECT)
    outside = article.play("fund", "stranger", "2018-05-02", "other", **{**DIRECT, "resident": False})
    assert (inside.paid, outside.paid, outside.failed()) == (yuan("20000000.00"), 0, ["is_in_city"])
    books = Books(article.connection)
    assert books.balance("budget:fund:2018").credits == yuan("1000000000.00")
    assert books.balance("budget:fund:2018").debits == inside.paid


def test_f07_loss_sharing_in_four_readings(article, official):
    paid = article.play("loss_share", "colt", "2018-03-01", **LOSS)
    assert paid.paid == yuan("3000000.00")
    refused = official.play("loss_share", "colt", "2018-03-01", **LOSS)
    assert (refused.paid, refused.failed()) == (0, ["is_this_reading"])
    assert "does not cover a loss of this kind" in refused.decision.sentence("en")
    investor = {**LOSS, "basis": "investor_compensation", "staff": 20, "assets": "2000000.00"}
    assert official.play("loss_share", "lakefund", "2018-04-01", "investor", **investor).paid == yuan("3000000.00")
    for basis in ("loan_pool", "audit_tolerance"):
        assert official.play("loss_share", basis, "2018-05-01", basis, **{**LOSS, "basis": basis}).paid == 0


def test_f08_twenty_million_for_a_robot_dog(article, official):
    for city in (article, official):
        assert city.play("fund", "colt", "2018-05-01", **DIRECT).paid == yuan("20000000.00")
        kinds = [entry.journal.kind for entry in Books(city.connection).journals()]
        assert kinds == ["appropriation", "hold", "award"]


def test_f09_for_saas_firms(article, official):
    case = {"resident": True, "size": "medium", "contracts_year": "9000000.00", "base": "1000000.00",
            "spend_class": "other", "saas": False}
    refused = article.play("cloud_voucher", "heron", "2021-08-01", **case)
    assert (refused.paid, refused.failed()) == (0, ["is_addressed", "is_small_user"])
    assert article.play("cloud_voucher", "loom", "2021-08-02", "saas", **{**case, "saas": True}).paid == yuan("300000.00")
    assert official.play("cloud_voucher", "heron", "2025-08-01", **case).paid == yuan("200000.00")


def test_f10_thirty_per_cent_of_cloud_used(article, tmp_path):
    bill = write_bill(tmp_path / "loom.csv", [("A-100", "2025-03", "Usage", "100000.005"),
                                              ("A-100", "2025-03", "Usage", "23456.784"),
                                              ("A-100", "2025-04", "Usage", "1000.01"),
                                              ("A-100", "2025-04", "Credit", "-0.04"),
                                              ("A-100", "2025-04", "Tax", "60.00")])
    # 30 % of 123456.789 and of 999.97, each rounded once; the tax is no cloud resource used
    assert article.play_bill(bill, "loom", "A-100", tmp_path / "charges") == yuan("37037.04") + yuan("299.99")
    assert article.posted("cloud_voucher", "loom") == yuan("37337.03")


def test_f13_money_follows_attainment(article):
    assert article.play("challenge", "stag", "2021-10-01", **{
        **CHALLENGE, "milestone": "first", "attained": False, "audited_spend": "40000000.00"}).paid == 0
    spent_less = {**CHALLENGE, "milestone": "first", "audited_spend": "20000000.00"}
    assert article.play("challenge", "stag", "2021-11-01", "again", **spent_less).paid == yuan("20000000.00")


def test_f14_no_challenge_before_2021(article):
    with pytest.raises(WestlakeError) as caught:
        article.decide("challenge", "2020-12-31", **CHALLENGE)
    assert {problem.values["first"] for problem in caught.value.problems} == {"2021-01-01"}


def test_f15_selected_by_competition(article):
    refused = article.play("challenge", "reed", "2021-10-01", **{**CHALLENGE, "score": "79.95"})
    assert (refused.paid, refused.failed()) == (0, ["is_selected"])
    assert refused.decision.step("is_selected").sentence("en") == "A score of 79.95 is below the cut-off of 80."


def test_f16_one_hundred_and_twenty_million(article, official):
    paid = 0
    for month, milestone, spent in ((3, "first", 40), (6, "second", 90), (11, "third", 120)):
        paid += article.play("challenge", "stag", f"2022-{month:02}-01", milestone, **CHALLENGE, milestone=milestone,
                             audited_spend=f"{spent}000000.00", paid_before=paid).paid
    assert paid == yuan("120000000.00")
    capped = official.play("challenge", "stag", "2025-10-01", **CHALLENGE, milestone="first", audited_spend="40000000.00")
    assert (capped.decision.values["award"], capped.paid) == (yuan("10000000.00"), yuan("3000000.00"))
    cap = next(argument for argument in capped.decision.step("award").arguments if argument.name == "cap_by_class")
    assert cap.citation.source.id == "P-ai25"
    assert "mirror" in cap.citation.sentence("en")


def test_f24_open_to_all_four_origins(article):
    for origin in programme("talent", "article").inputs["origin"].choices:
        assert article.decide("talent", "2021-06-01", **{**PERSON, "origin": origin}).values["is_welcome"]


def test_f25_start_up_funds(article, official):
    assert article.play("talent", "lin", "2021-06-01", **PERSON).paid == yuan("10000000.00")
    assert official.play("talent", "lin", "2025-11-01", **PERSON).paid == yuan("10000000.00")


def test_f26_interest_subsidy(article, official):
    loan = {**PERSON, "benefit": "interest", "loan": "100000000.00", "interest_paid": "5000000.00"}
    assert article.play("talent", "lin", "2021-06-01", **loan).paid == yuan("5000000.00")
    capped = official.play("talent", "lin", "2025-11-01", **loan)
    assert capped.paid == yuan("200000.00")
    assert capped.decision.step("interest").citation.source.id == "P-fin25"


def test_f27_office_in_kind(article):
    decision = article.decide("talent", "2021-06-01", **{**PERSON, "benefit": "office", "office_asked_m2": 450})
    assert (decision.values["office"], decision.values["award"]) == (300, 0)


def test_f28_rights_in_kind(article):
    decision = article.decide("talent", "2021-06-01", **{**PERSON, "benefit": "living", "founder": False})
    assert (decision.values["living"], decision.values["award"]) == (1, 0)


def test_f29_public_beside_private(official):
    for name, change, test in (("most", {"largest_holder": True}, "is_not_leader"), ("big", {"stake": "31%"}, "is_stake_bounded"),
                               ("own", {"priced_by_lead": False}, "is_priced_by_market")):
        refused = official.play("fund", name, "2026-03-01", name, **{**ROUND_B, **change})
        assert (refused.paid, refused.failed()) == (0, [test])


def test_f30_one_to_eight(article, official):
    assert article.play("fund", "mother", "2020-03-01", **SUB_FUND).paid == yuan("100000000.00")
    short = {**SUB_FUND, "private": "700000000.00"}
    refused = article.play("fund", "short", "2020-03-02", "short", **short)
    assert (refused.paid, refused.failed()) == (0, ["is_leveraged"])
    assert official.play("fund", "short", "2020-03-02", **short).paid == yuan("100000000.00")


def test_f31_fifteen_per_cent_of_a_billion(article, official):
    assert article.play("fund", "colt", "2024-09-01", **ROUND_B).paid == yuan("150000000.00")
    capped = official.play("fund", "colt", "2026-03-01", **ROUND_B)
    assert capped.paid == yuan("60000000.00")
    assert capped.decision.day == parse_day("2026-03-01")

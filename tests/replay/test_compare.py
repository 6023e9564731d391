"""Old decisions held against the rule: what was planted is found, with its clause, its input and its money."""

import random
from fractions import Fraction

import pytest

from westlake.dates import iso, parse_day
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.replay import Column, ColumnMap, listing
from westlake.replay.compare import is_rounding

from .office import COLUMNS, HEADINGS, RENDER, replayed, row, told, workbook

# one call by hand: 30 % of domestic computing before 16 July and 40 % after it, 20 % of other, 50 % for small users
# (contracts up to 500.00), SaaS firms of the city only, 1,000.00 a firm and year
PLANTED = [
    row("Reed", 1000, 300),  # 2: agrees
    row("Heron", 1000, 200, 算力="其他算力"),  # 3: agrees
    row("Osier", 1000, 300, 在本市="否"),  # 4: paid though it is not of the city
    row("Alder", 1000, 300, SaaS="否"),  # 5: paid though it is no SaaS firm
    row("Lotus", 5000, 1500, 日期="2025-04-01"),  # 6: 1,000.00 is the cap
    row("Lotus", 100, 30, 日期="2025-05-01"),  # 7: nothing is left under the cap
    row("Mill", 1000, 300, 合同额="480.00"),  # 8: a small user gets half
    row("Ash", 1000, 0, "不通过"),  # 9: refused though entitled to 300.00
    row("Birch", 1000.01, 300.01),  # 10: 300.003 is 300.00
    row("Cedar", 1000, 300, 日期="2025-08-01"),  # 11: the rate of before 16 July
    row("Dove", 700, 630),  # 12: fits three times the spend
    row("Elm", 1000, 0, "不通过", 在本市="否"),  # 13: agrees
    row("Fern", 0, 0, "不通过"),  # 14: nothing to pay, but eligible
]


def test_what_was_planted_is_found_exactly(tmp_path):
    found = replayed(workbook(tmp_path / "old.xlsx", PLANTED)).comparison
    assert [(case.row, case.kind, case.rule, case.value, case.old, case.new) for case in found.disagreements] == [
        (4, "refused", "is_resident", "", 30_000, 0),
        (5, "refused", "is_addressed", "saas_only", 30_000, 0),
        (6, "cap", "entitlement", "firm_cap_year", 150_000, 100_000),
        (7, "cap", "entitlement", "firm_cap_year", 3_000, 0),
        (8, "rate", "rate", "small_user_rate", 30_000, 50_000),
        (9, "entitled", "eligible", "", 0, 30_000),
        (10, "rounding", "rate", "", 30_001, 30_000),
        (11, "rate", "rate", "rate_by_class", 30_000, 40_000),
        (12, "rate", "rate", "rate_by_class", 63_000, 21_000),
        (14, "verdict", "eligible", "", 0, 0)]
    assert (found.decided, found.agreeing, len(found.unread), found.shadowed) == (13, 3, 0, 0)
    assert (found.over, found.under) == (30_000 + 30_000 + 50_000 + 3_000 + 1 + 42_000, 20_000 + 30_000 + 10_000)
    assert found.old_total - found.new_total == found.over - found.under


def test_groups_are_few_and_each_has_its_sum(tmp_path):
    found = replayed(workbook(tmp_path / "old.xlsx", PLANTED)).comparison
    assert [(group.kind, group.value, len(group.cases), group.over, group.under) for group in found.groups] == [
        ("cap", "firm_cap_year", 2, 53_000, 0), ("rate", "rate_by_class", 1, 42_000, 0),
        ("refused", "saas_only", 1, 30_000, 0), ("refused", "", 1, 30_000, 0),
        ("entitled", "", 1, 0, 30_000), ("rate", "small_user_rate", 1, 0, 20_000),
        ("rate", "rate_by_class", 1, 0, 10_000), ("rounding", "", 1, 1, 0), ("verdict", "", 1, 0, 0)]


@pytest.mark.parametrize(("number", "explained"), [
    (4, "Registered in the city = yes"),
    (5, "SaaS firm = yes"),
    (8, "Size of the firm = large or Cloud contracts of the year = ¥500.01"),
    (9, "Registered in the city = no or SaaS firm = no"),
    (11, "Rate by kind of computing as in force from 2025-01-01"),
    (12, "Eligible cloud spend = ¥2,100.00"),
    (6, ""), (10, ""), (14, "")])
def test_one_input_that_alone_would_explain_it_is_a_hypothesis(tmp_path, number, explained):
    telling = told(workbook(tmp_path / "old.xlsx", PLANTED))
    case = next(case for case in telling.comparison.disagreements if case.row == number)
    assert telling.hypotheses(case) == explained


def test_what_the_clause_read_stands_with_its_numbers(tmp_path):
    telling = told(workbook(tmp_path / "old.xlsx", PLANTED))
    read = {case.row: telling.read(case) for case in telling.comparison.disagreements}
    assert read[4] == "Registered in the city no"
    assert read[7] == ("Change since last settled ¥30.00, Claims of the year so far ¥1,500.00, "
                       "Given in the year so far ¥1,000.00")
    assert read[8] == "Kind of computing domestic computing, Size of the firm small, Cloud contracts of the year ¥480.00"


def made_by_deciding(count, seed=3):
    """Random cases, decided one by one in Python; what the rules give is the old decision."""
    chance = random.Random(seed)
    cases, days = [], []
    for _ in range(count):
        cases.append({"firm": f"F{chance.randrange(40)}", "base": chance.randrange(0, 9_000_000_000, 7),
                      "spend_class": chance.randrange(2), "resident": chance.random() < .9, "saas": chance.random() < .9,
                      "size": chance.randrange(4), "contracts_year": chance.randrange(0, 200_000),
                      "claim_settled": 0, "claims_before": 0, "allotted_before": 0})
        days.append(parse_day("2025-01-01") + chance.randrange(365))
    order = sorted(range(count), key=lambda at: days[at])
    decisions = RENDER.decide_rows([cases[at] for at in order], [days[at] for at in order])
    answers = dict(zip(order, ((one.values["entitlement"], one.values["eligible"]) for one in decisions), strict=True))
    sizes, yes = ["微型", "소기업", "medium", "大型企业"], ["否", "是"]
    return [[case["firm"], sizes[case["size"]], yes[case["resident"]], ["domestic", "그 밖의 컴퓨팅"][case["spend_class"]],
             yes[case["saas"]], RENDER.write("base", case["base"]), format_money(case["contracts_year"]), iso(day),
             format_money(answers[at][0]), yes[answers[at][1]]]
            for at, (case, day) in enumerate(zip(cases, days, strict=True))]


def test_a_sheet_made_by_deciding_agrees_to_the_fen_and_every_change_is_found(tmp_path):
    rows = made_by_deciding(400)
    assert replayed(workbook(tmp_path / "same.xlsx", rows)).comparison.agreeing == 400
    changed = random.Random(5).sample(range(400), 60)
    for at in changed:
        amount = Fraction(rows[at][8].replace(",", "")) + Fraction(random.Random(at).randrange(1, 99_999), 100)
        rows[at][8] = f"{float(amount):.2f}"
    found = replayed(workbook(tmp_path / "other.xlsx", rows)).comparison
    assert [case.row for case in found.disagreements] == sorted(at + 2 for at in changed)
    assert found.under == 0


def test_rows_of_a_firm_use_up_its_cap_by_day_and_not_by_their_place(tmp_path):
    late_first = [row("Lotus", 3000, 100, 日期="2025-05-02"), row("Lotus", 3000, 900, 日期="2025-05-01"),
                  row("Lotus", 3000, 1000, 日期="2026-05-01")]
    assert replayed(workbook(tmp_path / "old.xlsx", late_first)).comparison.agreeing == 3


def test_what_cannot_be_read_is_set_apart_with_its_place_and_casts_its_shadow(tmp_path):
    rows = [row("Reed", "about 1000", 300), row("Reed", 1000, 300), row("Heron", "", 300),
            row("Osier", 1000, 300, 规模="超大"), row("Alder", 1000, 300, 日期="2024-03-01"), row("Mill", 1000, 300)]
    telling = told(workbook(tmp_path / "old.xlsx", rows))
    found = telling.comparison
    assert (found.decided, found.agreeing, found.shadowed) == (2, 2, 1)
    assert [problem.line() for row in found.unread for problem in row.problems][:3] == [
        'old.xlsx [2025] row 2 F 云支出 W135 "about 1000" cannot be read as fine_money',
        "old.xlsx [2025] row 4 F 云支出 W134 the cell is empty",
        'old.xlsx [2025] row 5 B 规模 W135 "超大" cannot be read as micro / small / medium / large']
    assert [(row.row, {problem.code for problem in row.problems}) for row in found.unread][3] == (6, {"W107"})


def test_nothing_that_can_be_decided_is_an_error_that_says_why(tmp_path):
    with pytest.raises(WestlakeError) as caught:
        replayed(workbook(tmp_path / "old.xlsx", [row("Reed", "x", 1), row("Heron", "y", 1)]))
    assert [problem.code for problem in caught.value.problems] == ["W137", "W135", "W135"]


def test_only_yes_and_no_are_compared_where_the_sheet_has_no_money(tmp_path):
    columns = ColumnMap(COLUMNS.inputs, Column(), COLUMNS.verdict, COLUMNS.day, COLUMNS.case)
    telling = told(workbook(tmp_path / "old.xlsx", PLANTED), columns=columns)
    assert [(case.row, case.kind, case.difference) for case in telling.comparison.disagreements] == [
        (4, "refused", 0), (5, "refused", 0), (9, "entitled", 0), (14, "entitled", 0)]
    assert telling.lines()[1] == "13 decisions: 9 agree to the fen, 4 differ; 0 more could not be decided."
    assert "Old decisions" not in "\n".join(telling.lines())


def test_another_rule_can_be_asked(tmp_path):
    columns = ColumnMap(COLUMNS.inputs, Column("补助", rule="claim"), Column(), COLUMNS.day, COLUMNS.case)
    found = replayed(workbook(tmp_path / "old.xlsx", [row("Lotus", 5000, 1500)]), columns=columns).comparison
    assert (found.measure.amount, found.agreeing) == ("claim", 1)


def test_plain_data_holds_every_disagreement(tmp_path):
    telling = told(workbook(tmp_path / "old.xlsx", PLANTED))
    plain = listing.as_dict(telling)
    assert [row["row"] for row in plain["disagreements"]] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 14]
    lotus = plain["disagreements"][2]
    assert {name: lotus[name] for name in ("case", "old", "rule", "difference", "value_source", "value_class", "value_clause")} == {
        "case": "Lotus", "old": 150_000, "rule": 100_000, "difference": 50_000, "value_source": "L-cloud25",
        "value_class": "P", "value_clause": "4"}
    assert plain["digest"] == RENDER.digest
    assert plain["regime"] == "official"
    assert plain["columns"]["base"] == "云支出"
    assert plain["given"] == dict.fromkeys(("claim_settled", "claims_before", "allotted_before"), "0.00")
    assert sum(group["cases"] for group in plain["groups"]) == 10


@pytest.mark.parametrize(("lang", "says"), [
    ("en", "1 approved though the rule refuses (The firm is not registered in the city): paid ¥300.00 too much."),
    ("ko", "규칙상 부적격인데 승인 1건 (시내에 등록된 기업이 아닙니다): ¥300.00 과다 지급."),
    ("zh", "按规则应拒绝却获批准 1 项（企业未在本市注册）：多付 ¥300.00。")])
def test_a_sentence_in_each_language(tmp_path, lang, says):
    telling = told(workbook(tmp_path / "old.xlsx", PLANTED), lang)
    assert [telling.sentence(group) for group in telling.comparison.groups if group.rule == "is_resident"] == [says]


def test_headings_of_the_office_are_those_of_this_test():
    assert COLUMNS.headings() == ["企业名称", "日期", "补助", "结果", "云支出", "算力", "在本市", "SaaS", "规模", "合同额"]
    assert set(COLUMNS.headings()) == set(HEADINGS)


@pytest.mark.parametrize(("old", "new", "same"), [
    (100, 60, False), (60, 100, False), (1, 0, True), (1, 5, False), (123_400, 123_456, True), (100_000, 140_000, False),
    (300_003, 300_000, True), (10_000, 14_000, False), (120_000, 123_456, True)])
def test_rounding_is_a_small_part(old, new, same):
    assert is_rounding(old, new) is same


def test_every_hypothesis_gives_the_old_amount_when_it_is_decided_again(tmp_path):
    """2.00 at 30 % is 0.60 and no 1.00: what is told is what deciding with it gives, to the fen."""
    chance = random.Random(11)
    rows = [row(f"Firm {at}", base, round(chance.choice([.1, .2, .5, .7]) * base, 2))
            for at, base in enumerate([1, 2, 3.5, 10, 33.33, 1000, 2500, 9999.99] * 3)]
    rows += [row("Reed", 3, 1), row("Heron", 7, 1)]
    told_of = 0
    for case in replayed(workbook(tmp_path / "old.xlsx", rows)).comparison.disagreements:
        for hypothesis in case.hypotheses:
            if hypothesis.since is not None or hypothesis.rounded:
                continue
            inputs = {item.name: number for item, number in
                      zip(case.decision.plan.inputs, case.decision.given, strict=True)} | {hypothesis.name: hypothesis.after}
            inputs |= {"firm": case.name, "claim_settled": 0, "claims_before": 0, "allotted_before": 0}
            again, = RENDER.decide_rows([inputs], [case.day])
            told_of += 1
            assert again.values["entitlement"] == case.old, hypothesis
    assert told_of > 15


def test_money_that_is_not_counted_and_the_sheet_s_own_total(tmp_path):
    rows = [row("Reed", 1000, 300), row("Osier", 1000, 250, 规模="超大"), row("Mill", 1000, "about 9")]
    total = ["合计", *[""] * 7, 600, ""]
    page_total = ["本页小计", *[""] * 7, 5, ""]
    telling = told(workbook(tmp_path / "old.xlsx", rows, below=[total, page_total]))
    assert telling.lines()[3:6] == [
        "Not counted: ¥250.00 of old money lies in the 2 rows that could not be decided.",
        "Of 1 of them not even the old amount can be read.",
        "The sheet's own total (row 5) is ¥600.00, but its rows add up to ¥550.00: ¥50.00 apart."]
    plain = listing.as_dict(telling)
    assert (plain["undecided_old_total"], plain["undecided_without_amount"], plain["sheet_total"]) == (
        25_000, 1, {"row": 5, "amount": 60_000, "rows_add_up_to": 55_000})
    same = told(workbook(tmp_path / "same.xlsx", rows[:2], below=[["Total", *[""] * 7, 550, ""]]))
    assert same.lines()[4] == "The sheet's own total (row 4), ¥550.00, is what its rows add up to."


def test_rows_that_cannot_be_decided_are_told_by_cause_with_the_line_that_mends_them(tmp_path):
    rows = [row("Reed", 1000, 300), *[row(f"F{at}", 1000, 300, 规模="중견기업") for at in range(12)],
            row("Heron", 1000, 300, 规模="소상공인"), row("Osier", 1000, 300, "보류")]
    lines = list(told(workbook(tmp_path / "old.xlsx", rows)).unread_lines())
    cannot = "cannot be read as micro / small / medium / large"
    assert lines[:3] == ["Could not be decided, and counted nowhere: 14",
                         f'  12 × B 规模 W135 "중견기업" {cannot} (row 3, 4, 5, 6, 7, 8, 9, 10 …)',
                         f'  1 × B 规模 W135 "소상공인" {cannot} (row 15)']
    assert [line.partition(": ")[2] for line in lines[-2:]] == [
        'verdict: {"yes": […], "no": […]}  # 보류',
        'size: {words: {"중견기업": …, "소상공인": …}}  # micro, small, medium, large']


def test_one_share_of_all_is_said(tmp_path):
    rows = [row(f"Firm {at}", base, base / 10) for at, base in enumerate((1000, 330, 87.5, 2000))]
    telling = told(workbook(tmp_path / "old.xlsx", rows))
    group, = telling.comparison.groups
    lines = list(telling.under(group))
    assert "The old amount is 10% of Eligible cloud spend in all 4." in lines
    assert not [line for line in lines if "another Eligible" in line]

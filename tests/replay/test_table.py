"""The table is found whatever an office put around it, and its columns by the names people give them."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from westlake.errors import WestlakeError
from westlake.replay import ROUNDINGS, UNITS, Column, ColumnMap, guess, names_of, read_map, read_table, write_map
from westlake.replay.listing import as_dict
from westlake.reports.replay import write_replay
from westlake.spreadsheet import said
from westlake.words import LANGUAGES

from .office import COLUMNS, HEADINGS, MEASURE, RENDER, replayed, row, told, workbook

DOCS = Path(__file__).parent.parent.parent / "docs"
NAMES = {"amount": "entitlement", "verdict": "eligible"}


def guessed(path):
    return guess(read_table(path, wanted=names_of(RENDER, MEASURE.needed)), RENDER, MEASURE.needed, NAMES)


def test_titles_remarks_blanks_and_totals_are_passed_over(tmp_path):
    rows = [row("Reed", 1000, 300), [], row("Heron", 1000, 300), HEADINGS, row("Total", 1000, 300),
            ["小计", "", "", "", "", 3000, "", "", 900]]
    path = workbook(tmp_path / "old.xlsx", rows, above=[["2025年度渲染券兑付情况"], ["单位：元"], []],
                    below=[["合计（元）", "", "", "", "", 3000, "", "", 900], [], ["制表人：王"]])
    found = replayed(path)
    assert found.table.header_row == 4
    assert found.table.passed == {8: "heading", 10: "total", 11: "total", 13: "remark"}
    assert (found.comparison.decided, found.comparison.agreeing, found.comparison.unread) == (3, 3, [])


@pytest.mark.parametrize("word", ["合计", "总 计", "합계", "총계", "Total", "Grand total:", "本页小计"])
def test_totals_in_three_languages(tmp_path, word):
    path = workbook(tmp_path / "old.xlsx", [row("Reed", 1000, 300)], below=[[word, "", "", "", "", 1000, "", "", 300]])
    assert replayed(path).table.passed == {3: "total"}


def test_a_merged_title_over_the_whole_table(tmp_path):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.merge_range(0, 0, 1, 9, "2025年度渲染券兑付情况")
        page.write_row(2, 0, HEADINGS)
        page.write_row(3, 0, row("Reed", 1000, 300))
    assert replayed(path).comparison.agreeing == 1


def test_headings_in_two_rows(tmp_path):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [*HEADINGS[:8], "决定", ""])
        page.write_row(1, 8, ["金额", "结果"])
        page.write_row(2, 0, row("Reed", 1000, 300))
    table = read_table(path)
    assert (table.headings[7:], table.header_row, table.rows[0][0]) == (["日期", "决定 金额", "决定 结果"], 2, 3)


def test_the_sheet_that_fits_is_read_or_the_one_named(tmp_path):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        cover = book.add_worksheet("说明")
        for number in range(9):
            cover.write_row(number, 0, ["填表", "说明", "第", f"{number}条"])
        page = book.add_worksheet("明细")
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, row("Reed", 1000, 300))
    assert read_table(path, wanted=COLUMNS.headings()).sheet == "明细"
    assert read_table(path, "说明").sheet == "说明"
    with pytest.raises(WestlakeError) as caught:
        read_table(path, "细明")
    assert caught.value.problems[0].code == "W131"


@pytest.mark.parametrize("sheet", ["", "2024"])
def test_a_sheet_that_is_not_read_is_told(tmp_path, sheet):
    """Two years in one file: one is held against the rule, and whoever reads the findings knows of the other."""
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "2024与2025年度")
        for year, number in (("2024", 2), ("2025", 1)):
            page = book.add_worksheet(year)
            for at, cells in enumerate([HEADINGS, *[row("Reed", 1000, 300)] * number]):
                page.write_row(at, 0, cells)
        book.add_worksheet("leer")
    found = told(path, columns=replace(COLUMNS, sheet=sheet))
    assert (found.replay.table.sheet, found.replay.table.unread) == ("2024", {"2025": 1})
    line = "Sheets that look like tables and were not read: 2025 (rows: 1). Name one with --sheet."
    assert (next(iter(found.remarks())), as_dict(found)["sheets_not_read"]) == (line, {"2025": 1})
    assert line in write_replay(found, "westlake replay old.xlsx")


def test_a_csv_of_a_korean_machine(tmp_path):
    path = tmp_path / "old.csv"
    text = "기업명;기업 규모;시내 등록 기업;컴퓨팅 종류;SaaS 기업;지원 대상 클라우드 사용액(만원);연간 클라우드 계약액;결정일;지원금액(원);결과\n" \
           "갈대분석;소기업;예;중국산 컴퓨팅;예;0.1;900.00;2025. 3. 1.;300.00;승인\n"
    path.write_bytes(text.encode("cp949"))
    found = guessed(path).columns
    assert found.inputs["base"] == Column("지원 대상 클라우드 사용액(만원)", unit="만원")
    assert (found.amount.heading, found.amount.unit, found.verdict.heading, found.day.heading) == (
        "지원금액(원)", "원", "결과", "결정일")
    with pytest.raises(WestlakeError) as caught:
        replayed(path, columns=found)
    assert [(problem.code, problem.place.field) for problem in caught.value.problems] == [
        ("W139", "F 지원 대상 클라우드 사용액(만원)"), ("W139", "I 지원금액(원)")]
    taken = told(path, "ko", columns=replace(found, taken="KRW"))
    line = "환산하지 않았습니다. 매핑 파일에 따라 시트의 1 KRW를 1 CNY로 보았습니다."
    assert (taken.comparison.agreeing, taken.lines()[3], as_dict(taken)["currency_taken"]) == (1, line, "KRW")
    assert line in write_replay(taken, "")


def test_a_heading_twice_is_told_apart_and_one_that_is_missing_is_named(tmp_path):
    path = workbook(tmp_path / "old.xlsx", [[*row("Reed", 1000, 300), 5]])
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [*HEADINGS, "补助"])
        page.write_row(1, 0, [*row("Reed", 1000, 300), 5])
    table = read_table(path)
    assert table.headings[-1] == "补助 [K]"
    with pytest.raises(WestlakeError) as caught:
        table.column("补肋")
    assert caught.value.problems[0].line().startswith('old.xlsx [Sheet1] row 1 W132 no column is headed "补肋"; there are: 企业')


@pytest.mark.parametrize("content", ["", "one\ntwo\n", "1,2\n3,4\n"])
def test_no_table_at_all(tmp_path, content):
    path = tmp_path / "old.csv"
    path.write_text(content)
    with pytest.raises(WestlakeError) as caught:
        read_table(path)
    assert caught.value.problems[0].code == ("W131" if content else "W130")


def test_a_stray_quote_loses_no_decision(tmp_path):
    """The tutorial's own sheet as CSV, one mark too many in it: refused with its row, not read with fewer rows."""
    sheet = read_table(DOCS / "old_decisions.xlsx")
    path = tmp_path / "old.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([sheet.headings, *([said(cell) for cell in cells] for _, cells in sheet.rows)])
    assert len(read_table(path).rows) == len(sheet.rows)
    lines = path.read_text("utf-8").splitlines()
    lines[8] = '"' + lines[8]
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(WestlakeError) as caught:
        read_table(path)
    assert [(problem.code, str(problem.place)) for problem in caught.value.problems] == [("W727", "old.csv row 9")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_s_own_names_are_sure_in_every_language(tmp_path, lang):
    headings = [RENDER.in_words(name, lang) for name in MEASURE.needed]
    path = tmp_path / "old.csv"
    path.write_text(",".join([*headings, "date", RENDER.in_words("entitlement", lang)]) + "\n" + ",".join("x" * 12) + "\n", "utf-8")
    found = guessed(path)
    assert [found.columns.inputs[name].heading for name in MEASURE.needed] == headings
    assert found.doubtful(MEASURE.needed) == []


def test_what_is_only_guessed_or_lacking_is_said_in_the_draft(tmp_path):
    found = guessed(workbook(tmp_path / "old.xlsx", [row("Reed", 1000, 300)]))
    assert {"resident", "spend_class", "claims_before"} <= set(found.doubtful(MEASURE.needed))
    table = read_table(tmp_path / "old.xlsx")
    draft = found.draft(table, RENDER, MEASURE.needed, "en")
    assert '  claims_before: {value: "0.00"}  # the same for all rows: Claims settled before' in draft
    assert '  resident: {column: "在本市"}  # guessed: Registered in the city' in draft
    (tmp_path / "map.yaml").write_text(draft, "utf-8")
    assert read_map(tmp_path / "map.yaml", RENDER, UNITS, ROUNDINGS) == found.columns


def test_a_mapping_file_comes_back_as_it_was_written(tmp_path):
    columns = ColumnMap(
        {"size": Column("规模", words={"巨": "large"}), "resident": Column('在 "本"\n市', yes=("在",), no=("不在",)),
         "base": Column("云支出", unit="万元", rounding="half_up", empty="0"), "claims_before": Column(constant="0.00")},
        Column("补助", rule="claim"), Column("结果", rule="eligible"), Column(constant="2025-03-01"), Column("名"), "2025", 3, "KRW")
    path = tmp_path / "map.yaml"
    path.write_text(write_map(columns, {}), "utf-8")
    assert read_map(path, RENDER, UNITS, ROUNDINGS) == columns


def test_every_fault_of_a_mapping_file_is_named(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text("amount: {column: a, rule: entitlment}\nday: {value: soon}\nheader_row: two\ninputs:\n"
                    "  basis: {column: a}\n  base: {column: b, unit: dollars, round: up}\n"
                    "  size: {column: c, words: {大: lage}}\n  resident: {columns: d}\n  allotted_before: {value: -1.00}\n")
    with pytest.raises(WestlakeError) as caught:
        read_map(path, RENDER, UNITS, ROUNDINGS)
    assert [(problem.place.line, problem.code, problem.suggestion) for problem in caught.value.problems] == [
        (1, "W037", "entitlement"), (2, "W106", ""), (3, "W106", ""), (5, "W033", "base"), (6, "W117", ""), (6, "W117", ""),
        (7, "W010", "large"), (8, "W103", "column"), (9, "W106", "")]


@pytest.mark.parametrize(("shape", "code"), [("0%", "W135"), ("0.0%", "W135"), ('0" %"', "W138"), ("General", "W138")])
def test_a_share_in_a_column_of_money_is_no_money(tmp_path, shape, code):
    """30% is kept as 0.3; told by its format, or else by standing alone among hundreds."""
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for number, cells in enumerate([HEADINGS, row("Reed", 1000, 300), row("Heron", 1000, 0.3)]):
            page.write_row(number, 0, cells)
        page.write_number(2, HEADINGS.index("补助"), 0.3, book.add_format({"num_format": shape}))
    unread, = replayed(path).comparison.unread
    problem, = unread.problems
    assert (problem.code, problem.values["text"], str(problem.place)) == (
        code, "30%" if code == "W135" else "0.3", "old.xlsx [Sheet1] row 3 I 补助")


def test_small_amounts_among_small_ones_are_money(tmp_path):
    found = replayed(workbook(tmp_path / "old.xlsx", [row("Reed", 1000, 300), row("Heron", 1, 0.3), row("Mill", 9, 2.7)]))
    assert found.comparison.agreeing == 3

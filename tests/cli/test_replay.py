"""`westlake replay` as an officer runs it: outside any workspace, nothing stored unless asked, in three languages."""

import json
import shutil
import sqlite3

import pytest
from tests.replay.office import MEASURE, RENDER, row, workbook

from westlake.cli.columns import ask_columns
from westlake.cli.speech import words_console
from westlake.replay import ROUNDINGS, UNITS, guess, read_map, read_table

from .conftest import westlake

PROGRAMME = ("--programme", str(RENDER.folder))
MAP = """case: {column: 企业名称}
day: {column: 日期}
amount: {column: 补助, unit: 元}
verdict: {column: 结果}
inputs:
  firm: {column: 企业名称}
  base: {column: 云支出}
  spend_class: {column: 算力}
  resident: {column: 在本市}
  saas: {column: SaaS}
  size: {column: 规模}
  contracts_year: {column: 合同额}
  claim_settled: {value: "0.00"}
  claims_before: {value: "0.00"}
  allotted_before: {value: "0.00"}
"""


@pytest.fixture
def folder(tmp_path):
    workbook(tmp_path / "old.xlsx", [row("Reed", 1000, 300), row("Osier", 1000, 300, 在本市="否")])
    (tmp_path / "map.yaml").write_text(MAP, "utf-8")
    return tmp_path


def held(folder, *words):
    return westlake(folder, "replay", "old.xlsx", *PROGRAMME, *words)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("lang", "says"), [
    ("en", "1 approved though the rule refuses"), ("ko", "규칙상 부적격인데 승인 1건"), ("zh", "按规则应拒绝却获批准 1 项")])
def test_nothing_is_stored(folder, lang, says):
    before = contents(folder)
    said = held(folder, "--columns", "map.yaml", "--lang", lang)
    assert (said.code, says in said.out) == (0, True), said.err
    assert contents(folder) == before


def test_json_is_one_value(folder):
    said = held(folder, "--columns", "map.yaml", "--json")
    found = json.loads(said.out)
    assert (found["decided"], found["agreeing"], found["over"], found["sheet"]) == (2, 1, 30_000, "2025")
    assert found["groups"][0]["hypotheses"][0] | {} == {
        "name": "resident", "cases": 1, "says": "Registered in the city = yes", "since": None, "after": "true",
        "but_for_rounding": False}


def test_page_export_and_columns_are_written_where_asked(folder):
    before = set(contents(folder))
    said = held(folder, "--columns", "map.yaml", "--report", "page.html", "--export", "d.xlsx", "--save-columns", "used.yaml")
    assert said.code == 0, said.err
    assert set(contents(folder)) - before == {"page.html", "d.xlsx", "used.yaml"}
    assert read_map(folder / "used.yaml", RENDER, UNITS, ROUNDINGS) == read_map(folder / "map.yaml", RENDER, UNITS, ROUNDINGS)


def test_without_a_terminal_the_mapping_file_is_handed_out(folder):
    said = held(folder)
    assert (said.code, "W83" in said.err) == (2, True)
    (folder / "filled.yaml").write_text(said.out, "utf-8")
    assert json.loads(held(folder, "--columns", "filled.yaml", "--json").out)["agreeing"] == 1
    assert "columns_to_fill_in" in json.loads(held(folder, "--json").out)
    assert held(folder, "--save-columns", "draft.yaml").code == 2
    assert (folder / "draft.yaml").read_text("utf-8") == said.out


def test_an_award_is_held_against_the_award_and_asks_for_no_more(tmp_path):
    (tmp_path / "old.csv").write_text("项目,Registered in the city,Class of project,Score of the proposal,Cut-off of the call,"
                                      "Planned spend,date,Award\nA,yes,designed,80,70,1000000,2025-08-01,200000\n", "utf-8")
    said = westlake(tmp_path, "replay", "old.csv", "--programme", "challenge", "--json")
    found = json.loads(said.out)
    assert (said.code, found["held_against"], found["decided"]) == (0, {"amount": "award", "verdict": "eligible"}, 1)
    assert "milestone" not in found["columns"]


def test_one_day_for_all_rows(folder):
    late = json.loads(held(folder, "--columns", "map.yaml", "--year", "2025", "--json").out)
    assert [case["rule"] for case in late["disagreements"]] == [40_000, 0]
    early = json.loads(held(folder, "--columns", "map.yaml", "--day", "2025-07-15", "--json").out)
    assert [case["rule"] for case in early["disagreements"]] == [0]


@pytest.mark.parametrize(("words", "code", "exits"), [
    (("--export", "d.pdf"), "W831", 2), (("--keep",), "W803", 2), (("--keep", "--as", "Kim"), "W702", 2),
    (("--year", "2025", "--day", "2025-01-01"), "W811", 2), (("--day", "soon"), "W805", 2),
    (("--sheet", "2024"), "W131", 1), (("--columns", "none.yaml"), "W832", 2)])
def test_what_is_wrong_is_said_and_nothing_is_written(folder, words, code, exits):
    before = contents(folder)
    said = held(folder, *(("--columns", "map.yaml") if "--columns" not in words else ()), *words)
    assert (said.code, code in said.err) == (exits, True), said.err
    assert contents(folder) == before


def test_keep_writes_one_act_and_no_name(folder, tmp_path_factory):
    office = tmp_path_factory.mktemp("office") / "lake"
    assert westlake(office.parent, "new", "lake").code == 0
    for name in ("old.xlsx", "map.yaml"):
        shutil.copy(folder / name, office)
    assert held(office, "--columns", "map.yaml", "--keep", "--as", "Kim Seo-yeon").code == 0
    acts = sqlite3.connect(office / "westlake.db").execute("SELECT actor, act, version, details FROM act").fetchall()
    (actor, _, version, details), = [one for one in acts if one[1] == "replay.done"]
    assert (actor, version) == ("Kim Seo-yeon", RENDER.digest)
    assert json.loads(details) | {"sha256": ""} == {
        "sha256": "", "programme": "render_voucher", "regime": "official", "decided": 2, "agreeing": 1, "undecided": 0,
        "over": 30_000, "under": 0, "currency": "CNY"}


def test_on_a_terminal_it_asks_and_every_question_can_be_skipped(folder):
    table = read_table(folder / "old.xlsx")
    proposed = guess(table, RENDER, MEASURE.needed, {"amount": "entitlement", "verdict": "eligible"})
    asked = []

    def answer(question, stands):
        asked.append((question, stands))
        told = {"Old yes or no": ["-"], "Registered in the city": ["nowhere", "C"], "SaaS firm": ["=true"],
                "Claims settled before": ["=1.00"]}
        given = told.get(question, [])
        count = sum(one == question for one, _ in asked)
        return given[count - 1] if count <= len(given) else "元" if "unit" in question else str(folder / "kept.yaml") \
            if "Save" in question else stands

    chosen = ask_columns(table, proposed, RENDER, MEASURE.needed, "en", words_console(quiet=True), answer)
    assert chosen.verdict.heading == ""
    assert chosen.inputs["resident"].heading == "在本市"
    assert (chosen.inputs["saas"].constant, chosen.inputs["claims_before"].constant) == ("true", "1.00")
    assert chosen.amount.unit == "元"
    assert [question for question, _ in asked].count("Registered in the city") == 2
    assert read_map(folder / "kept.yaml", RENDER, UNITS, ROUNDINGS) == chosen


def test_a_file_that_is_not_there_is_said_to_be_not_there(folder):
    said = westlake(folder, "replay", "nofile.xlsx", *PROGRAMME)
    assert (said.code, 'W832 there is no file "nofile.xlsx"' in said.err) == (2, True)


def test_one_value_for_all_rows_is_written_as_a_cell_would_have_it(folder):
    (folder / "map.yaml").write_text(MAP.replace("resident: {column: 在本市}", "resident: {value: 예}"), "utf-8")
    found = json.loads(held(folder, "--columns", "map.yaml", "--json").out)
    assert (found["agreeing"], found["given"]["resident"]) == (2, "예")


def test_where_all_is_guessed_nothing_is_said_to_be_open(tmp_path):
    (tmp_path / "old.csv").write_text(
        "업체명,기업 규모,시내 등록 기업,컴퓨팅 종류,SaaS 기업,사용금액,연간 클라우드 계약액,접수일,지원금,결과\n"
        "갈대분석,소기업,예,중국산 컴퓨팅,예,1000,900,2025-03-01,300,승인\n", "utf-8")
    said = westlake(tmp_path, "replay", "old.csv", *PROGRAMME, "--save-columns", "c.yaml")
    assert (said.code, "W833" in said.err, "W830" in said.err) == (2, True, False), said.err
    found = json.loads(westlake(tmp_path, "replay", "old.csv", *PROGRAMME, "--columns", "c.yaml", "--json").out)
    assert {name: found["columns"][name] for name in ("case", "firm", "day", "base")} == {
        "case": "업체명", "firm": "업체명", "day": "접수일", "base": "사용금액"}
    assert found["agreeing"] == 1

"""A reform tried as an officer would: on last year's city, from a file or a regime, with its page and its table."""

import csv
import gc
import hashlib
import json
import re
import shutil
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from .conftest import westlake

TRY = ("settle", "cloud_voucher", "--year", "2025", "--reform")
LOWER = 'cloud_voucher:\n  firm_cap_year:\n    - {in_force: 2024-01-01, value: "20000.00"}\n'


@pytest.fixture(scope="module")
def city(lake, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city") / "lake"
    gc.collect()  # a connection that a test forgot takes the log of the database with it when it goes
    shutil.copytree(lake, folder)
    (folder / "lower.yaml").write_text(LOWER)
    return folder


def bytes_of(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_it_answers_whole_and_leaves_every_byte_as_it_was(city):
    before = bytes_of(city)
    said = westlake(city, *TRY, "lower.yaml", "--json")
    assert said.code == 0, said.err
    assert bytes_of(city) == before
    answer = json.loads(said.out)
    total = answer["total"]
    assert total["change"] == total["after"] - total["before"] < 0
    assert sum(one["change"] for one in answer["firms"]) == total["change"]
    assert max(one["after"] for one in answer["firms"]) == 20_000_00
    summary = json.loads(westlake(city, "report", "cloud_voucher", "--year", "2025", "--json").out)
    assert {one["firm"]: one["before"] for one in answer["firms"]} == {
        one["firm"]: one["allotted"] for one in summary["cases"]}
    for cut in ("size", "sector", "district"):
        assert sum(row["change"] for row in answer["groups"][cut]) == total["change"]
        assert sum(row["firms"] for row in answer["groups"][cut]) == total["firms"] == len(answer["firms"])
    assert answer["values"] == [{"name": "firm_cap_year", "from": "2025-01-01", "before": "8,000,000.00", "after": "20,000.00"}]
    changes = [one["change"] for one in answer["largest"]]
    assert changes == sorted(changes)[:10]
    first = answer["largest"][0]
    assert first["decisions"]["before"]["digest"] != first["decisions"]["after"]["digest"]
    assert {"name": "firm_cap_year", "before": "8,000,000.00", "after": "20,000.00"}.items() <= first["difference"][
        "values"][0].items()


def test_a_regime_by_its_name_is_a_reform_too(city):
    answer = json.loads(westlake(city, *TRY, "article", "--json").out)
    assert {one["name"] for one in answer["values"]} == {
        "rate_by_class", "small_user_rate", "small_contracts_max", "saas_only", "firm_cap_year", "budget_year"}
    saas = {row["id"] for row in csv.DictReader((city / "register" / "firms.csv").open()) if row["saas"] == "yes"}
    assert {one["firm"] for one in answer["firms"] if one["entitled_after"] > 0} <= saas
    assert answer["total"]["no_longer"] == sum(
        one["entitled_after"] <= 0 < one["entitled_before"] for one in answer["firms"]) > 0


def test_the_tables_say_what_the_answer_says(city, tmp_path):
    first, second = (westlake(city, *TRY, "lower.yaml", "--json", "--export", str(tmp_path / name))
                     for name in ("firms.csv", "firms.xlsx"))
    assert first.out == second.out
    answer = json.loads(first.out)
    rows = list(csv.DictReader((tmp_path / "firms.csv").open(encoding="utf-8-sig")))
    assert {row["Firm"]: int(Decimal(row["Change"]) * 100) for row in rows} == {
        one["firm"]: one["change"] for one in answer["firms"]}
    book = CalamineWorkbook.from_path(tmp_path / "firms.xlsx")
    header, *sheet = book.get_sheet_by_name("Firms").to_python()
    assert [[str(cell) for cell in row[:5]] for row in sheet] == [list(row.values())[:5] for row in rows]
    assert [round(row[header.index("Change")] * 100) for row in sheet] == [one["change"] for one in answer["firms"]]
    assert round(book.get_sheet_by_name("Groups").to_python()[1][-1] * 100) == answer["total"]["change"]


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
def test_the_page_stands_alone_in_each_language(city, tmp_path, lang):
    page = tmp_path / "reform.html"
    assert westlake(city, *TRY, "article", "--report", str(page), "--lang", lang).code == 0
    text = page.read_text("utf-8")
    assert f'<html lang="{lang}">' in text
    assert "<script" not in text
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org)", text)
    assert text.count("<figure>") == 3  # size, sector, district
    for tag in ("section", "table", "details", "figure", "div", "ol", "ul", "p"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == text.count(f"</{tag}>"), tag
    body = re.sub(r"<[^>]+>", " ", text)
    assert bool(re.search("[가-힣]", body)) == (lang == "ko")
    fixed = {"en": "no firm is taken to spend more or less", "ko": "기업이 지출을 늘리거나 줄이지 않는다고 봅니다",
             "zh": "假定企业不因数值改变而增减支出"}
    assert fixed[lang] in body


@pytest.mark.parametrize(("written", "code", "hint"), [
    ("cloud_voucher:\n  frim_cap_year:\n    - {in_force: 2024-01-01, value: '1.00'}\n", "W121", 'did you mean "firm_cap_year"'),
    (LOWER.replace("20000.00", "1000000000000000000.00"), "W116", ""),
    ("cloud_voucher:\n  basis: effective\n", "W423", ""),
    (LOWER.replace("20000.00", "8000000.00"), "W424", ""),
    ("talent:\n  interest_points:\n    - {in_force: 2024-01-01, value: 50%}\n", "W427", "talent"),
    ("cloud_vouchr: {}\n", "W103", 'did you mean "cloud_voucher"'),
    (LOWER.replace("2024-01-01", "2024-01-01, until: 2025-02-01"), "W108", "wrong.yaml:2"),
    (LOWER.replace("20000.00", "-1.00"), "W126", "firm_cap_year"),
], ids=["name", "bounds", "spend", "nothing", "other", "programme", "gap", "negative"])
def test_a_reform_that_cannot_be_tried_is_refused(city, written, code, hint):
    (city / "wrong.yaml").write_text(written)
    said = westlake(city, *TRY, "wrong.yaml")
    (city / "wrong.yaml").unlink()
    assert (said.code, said.out) == (1, "")
    assert said.err.count(code) == 1 and hint in said.err, said.err


def test_a_reform_may_begin_in_mid_year_and_is_told_when_it_gives_more_than_all(city, tmp_path):
    (tmp_path / "july.yaml").write_text("cloud_voucher:\n  small_user_rate:\n    - {in_force: 2025-07-01, value: 160%}\n")
    asked = (*TRY, str(tmp_path / "july.yaml"))
    answer = json.loads(westlake(city, *asked, "--json").out)
    assert answer["values"] == [{"name": "small_user_rate", "from": "2025-07-01", "before": "50%", "after": "160%"}]
    assert answer["above_whole"] == ["small_user_rate"]
    said = westlake(city, *asked, "--report", str(tmp_path / "july.html"), COLUMNS="60")
    assert "Above 100 %: Rate for small users" in said.err
    assert "Above 100 %: Rate for small users" in (tmp_path / "july.html").read_text("utf-8")
    total = answer["total"]
    for name in ("before", "after", "change"):  # no figure is cut to the width of a window
        assert f"{total[name] / 100:,.2f}" in said.err
    assert "…" not in said.err


@pytest.mark.parametrize(("words", "code", "hint"), [
    (("settle", "cloud_voucher", "--year", "2024", "--reform", "article"), "W421", ""),
    (("settle", "cloud_voucher", "--reform", "article"), "W803", "--year"),
    ((*TRY, "artcle"), "W428", 'did you mean "article"'),
    ((*TRY, "lower.yml"), "W428", 'did you mean "lower.yaml"'),
    ((*TRY, "article", "--export", "firms.pdf"), "W840", ".csv, .xlsx"),
    ((*TRY, "article", "--approve", "1"), "W811", ""),
], ids=["year", "no year", "regime", "file", "ending", "two steps"])
def test_what_was_asked_for_is_not_there(city, words, code, hint):
    said = westlake(city, *words)
    assert said.code == 2
    assert code in said.err and hint in said.err, said.err

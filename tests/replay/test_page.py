"""The page of a replay stands alone in three languages; the export holds every disagreement and no formula."""

import csv
import re

import pytest
from tests.reports.test_year import Tags

from westlake.reports.disagreements import write_disagreements
from westlake.reports.replay import write_replay
from westlake.spreadsheet import read_sheets
from westlake.words import LANGUAGES

from .office import row, told, workbook
from .test_compare import PLANTED

ARMED = [row('=HYPERLINK("http://x")', 1000, 200), row("<b>Reed & Sons</b>", 1000, 200), row("Heron", "x", 1)]


@pytest.fixture
def sheet(tmp_path):
    return workbook(tmp_path / "old.xlsx", [*PLANTED, *ARMED], below=[["合计", "", "", "", "", 1]])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_stands_alone_and_is_well_formed(sheet, lang):
    text = write_replay(told(sheet, lang), "westlake replay old.xlsx")
    tags = Tags()
    tags.feed(text)
    assert (tags.wrong, tags.open) == ([], [])
    assert set(tags.points) == {"#main"}
    assert "script" not in tags.seen
    assert f'<html lang="{lang}">' in text
    assert (tags.seen.count("svg"), tags.seen.count("details")) == (1, 9)
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert ("가설" in words, "假设" in words, "hypothesis" in words) == (lang == "ko", lang == "zh", lang == "en")


def test_what_the_page_says(sheet):
    telling = told(sheet)
    text = write_replay(telling, "westlake replay old.xlsx --programme render_voucher")
    assert "15 decisions: 3 agree to the fen, 12 differ; 1 more could not be decided." in text
    assert "&lt;b&gt;Reed &amp; Sons&lt;/b&gt; (row 16, 2025-03-01)" in text
    assert "<tr><td>17</td><td>F 云支出</td><td>&quot;x&quot; cannot be read as fine_money</td></tr>" in text
    assert "Rows that are no decisions, passed over: 18 (total)." in text
    assert telling.programme.digest in text
    assert telling.replay.sha256 in text


def test_where_all_agree_it_says_so(tmp_path):
    telling = told(workbook(tmp_path / "old.xlsx", PLANTED[:2]))
    assert "Every decision agrees." in write_replay(telling, "")
    assert telling.lines()[1] == "2 decisions: 2 agree to the fen, 0 differ; 0 more could not be decided."


def test_the_export_holds_every_disagreement_and_no_formula(sheet, tmp_path):
    telling = told(sheet)
    write_disagreements(tmp_path / "d.csv", telling)
    write_disagreements(tmp_path / "d.xlsx", telling)
    with (tmp_path / "d.csv").open(encoding="utf-8-sig", newline="") as file:
        plain = list(csv.reader(file))
    (_, rows), = read_sheets(tmp_path / "d.xlsx")
    rich = list(rows)
    assert [line[0] for line in plain] == ["Row", *(str(case.row) for case in telling.comparison.disagreements)]
    assert [line[1] for line in rich[1:]] == [case.name for case in telling.comparison.disagreements]
    assert plain[-2][1] == '\'=HYPERLINK("http://x")'
    assert rich[-2][1] == '=HYPERLINK("http://x")', "a text, not a formula"
    assert [line[4:7] for line in plain[1:4]] == [
        ["300.00", "0.00", "300.00"], ["300.00", "0.00", "300.00"], ["1500.00", "1000.00", "500.00"]]
    assert [line[4:7] for line in rich[1:4]] == [[300, 0, 300], [300, 0, 300], [1500, 1000, 500]]
    assert b"<f>" not in (tmp_path / "d.xlsx").read_bytes()

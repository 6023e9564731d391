"""A report stands alone: nothing is fetched, every chart has its table, every language has its words."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from westlake.reports import Stamp, write_year
from westlake.reports.charts import bars, columns, picture
from westlake.settlement.rounds import Round
from westlake.settlement.summary import CaseRow, Summary

VOID = {"meta", "br", "path", "line", "rect", "link", "img", "input", "hr", "image"}
ROUND = Round(1, "render_voucher", 2025, 1, 20_500, "official", "ab" * 32, "cd" * 32, "pro_rata", "", "CNY",
              200_000, 200_000, {}, "Kim <b>", "Lee", "approved")
EVIDENCE = {"rulings": [{"ruling": "ELIGIBLE", "rows": 40, "amount": 1}, {"ruling": "TAX", "rows": 3, "amount": 1}],
            "ties": {"matched": 5, "broken": 1, "undeclared": 0}, "flags": [{"flag": "NOT_TIED", "count": 1}],
            "suspended": [], "lacking": [{"firm": "osier", "line": "x", "fact": "size"}]}
CASES = [CaseRow("reed", 30_000, 30_000, 20_000, 20_000, "cut", "", 2),
         CaseRow("heron", 0, 0, 0, 0, "refused", "is_resident", 1)]
SUMMARY = Summary("render_voucher", 2025, "CNY", 200_000, 20_000, 0, 0, 0, 20_000, [ROUND], CASES,
                  {"cut": (1, 30_000, 20_000), "refused": (1, 0, 0)}, {"is_resident": (1, 1)},
                  {"2025-03": (30_000, 20_000)}, EVIDENCE)
STAMP = Stamp("Lakeside <Office>", "Render voucher", "Part of the spend.", {"is_resident": "Not in Lakeside"},
              {"reed": "Reed & Sons"}, 100_000, "40%", [("Made by", "westlake report render_voucher --year 2025")])


class Tags(HTMLParser):
    """Notes tags that are not closed in order, and what each attribute points at."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.points, self.seen = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.points += [value for name, value in attrs if name in ("src", "href", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
def test_it_stands_alone_and_is_well_formed(lang):
    text = write_year(SUMMARY, STAMP, lang)
    tags = Tags()
    tags.feed(text)
    assert (tags.wrong, tags.open) == ([], [])
    assert set(tags.points) == {"#main"}
    assert "script" not in tags.seen
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org)", text)
    assert tags.seen.count("figure") == tags.seen.count("details") == tags.seen.count("svg")
    assert f'<html lang="{lang}">' in text
    names = re.findall(r'\bid="([^"]+)"', text)
    assert len(names) == len(set(names)), "two charts share a clip path"


def test_names_are_escaped():
    text = write_year(SUMMARY, STAMP, "en")
    assert "Reed &amp; Sons" in text
    assert "Lakeside &lt;Office&gt;" in text
    assert "Kim &lt;b&gt;" in text


def test_each_language_speaks_for_itself():
    bodies = {lang: re.sub(r"<[^>]+>", " ", write_year(SUMMARY, STAMP, lang)) for lang in ("en", "ko", "zh")}
    assert "Why lines were refused" in bodies["en"]
    assert "부적격 사유" in bodies["ko"]
    assert "不合格原因" in bodies["zh"]
    assert not re.search("[가-힣]", bodies["zh"] + bodies["en"])


def test_a_year_with_nothing_to_show_says_so():
    empty = Summary("render_voucher", 2025, "CNY", 0, 0, 0, 0, 0, 0, [ROUND], [], {}, {}, {}, {})
    text = write_year(empty, STAMP, "en")
    assert "No line was refused." in text
    assert "Nothing was flagged." in text


def test_a_chart_is_described_for_those_who_hear_it():
    spec = bars([("Reed & Sons", 3), ("苍鹭", 0)], "Firms")
    assert 'aria-label="Awards &lt;2025&gt;"' in picture(spec, "Awards <2025>")
    assert "苍鹭" in picture(columns([("01", "a", 1.0)], "CNY", {"a": "#0b50d0"}), "x") + picture(spec, "x")


def test_a_case_with_nothing_posted_is_held_and_firms_have_their_ids():
    held = replace(CASES[0], paid=0, outcome="allotted")
    text = write_year(replace(SUMMARY, cases=[held]), STAMP, "en")
    assert '<td>Reed &amp; Sons (reed)</td><td class="num">¥200.00</td><td><span class="tag warn">held</span>' in text
    assert "<td>Kim &lt;b&gt;</td><td>Lee</td>" in text


@pytest.mark.parametrize(("number", "rows", "more"), [(0, 0, ""), (25, 25, ""), (27, 25, "… and 2 more")])
def test_what_waits_for_an_officer_is_listed(number, rows, more):
    waits = [{"ruling": "NOT_TIED", "code": "W320", "firms": ["reed"], "issuer": "Lotus Cloud", "invoice": f"INV-{n}",
              "file": "a.csv", "values": {}} for n in range(number)]
    text = write_year(replace(SUMMARY, evidence={**EVIDENCE, "suspended": waits}), STAMP, "en")
    assert len(re.findall(r"<td>INV-\d+</td><td>Lotus Cloud</td>", text)) == rows
    assert re.findall(r"… and \d+ more", text) == ([more] if more else [])
    assert ("Waiting for an officer" in text) == (number > 0)

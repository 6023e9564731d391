"""An official letter says what was decided in the reader's language, word for word, and never with an empty box."""

import re
import zlib
from dataclasses import replace

import pytest

from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.reports import letter as letters
from westlake.reports.letter import KINDS, Agency, Letter, Reason, content, picture, write_letter

typst = pytest.importorskip("typst", reason="pip install 'westlake[letters]'")
if "Noto Serif CJK SC" not in typst.Fonts().families():
    pytest.skip("letters need a font: sudo apt install fonts-noto-cjk", allow_module_level=True)

DAY = parse_day("2026-11-23")
AGENCIES = {"en": "Lakeside Innovation Office", "ko": "호반시 혁신지원국", "zh": "湖滨市创新服务局"}
OWN = {"notice": {"title": "Suspended", "body": ("It is suspended.", "Rust."), "amount": None, "deadline": None}}
FIRMS = {"en": "Heron Robotics Ltd", "ko": "갈대소프트 주식회사", "zh": "苍鹭机器人有限公司"}


def letter(kind="decision", lang="en", **more):
    facts = {"granted": False, "amount": 130_026, "deadline": DAY + 30, "submitted": DAY - 40,
             "reasons": (Reason("Founded on 2015-03-01", False, "Measures, article 4 (2)"), Reason("38 people", True)),
             "remedies": ("Founded on 2018-11-23",), "items": ("A bill of October",)} | OWN.get(kind, {}) | more
    return Letter(kind, lang, Agency(AGENCIES[lang], ("1 Harbour Road",)), "LIO-412", "LS-2026-0031", "Cloud voucher 2026",
                  FIRMS[lang], DAY, "9f3a61c27be0d4f1" * 4, **facts)


def told(one, folder=None):
    with pytest.raises(WestlakeError) as refused:
        write_letter(one, folder)
    return [(problem.code, problem.place.file, problem.place.field) for problem in refused.value.problems]


def fonts(pdf):
    """The names of the fonts within a PDF, wherever they are kept."""
    streams = [zlib.decompressobj().decompress(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
               if part[:1] == b"\x78"]
    names = re.findall(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([A-Za-z0-9-]+)", b"\n".join([pdf, *streams]))
    return {name.decode().split("-")[0] for name in names}


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_in_every_language_is_set_the_same_each_time(kind, lang):
    one = letter(kind, lang)
    pdf = write_letter(one)
    assert pdf == write_letter(one)
    assert pdf.startswith(b"%PDF-1.7") and b"<pdfaid:part>2" in pdf and b"<pdfuaid:part>1" in pdf


@pytest.mark.parametrize(("lang", "font"), [("ko", "NotoSerifCJKkr"), ("zh", "NotoSerifCJKsc")])
def test_the_letters_own_script_is_in_the_file(lang, font):
    assert font in fonts(write_letter(letter("award", lang)))


def test_a_foreign_name_brings_its_font():
    body = {"LibertinusSerif", "DejaVuSansMono"}
    assert fonts(write_letter(letter())) == body
    assert fonts(write_letter(replace(letter(), recipient=FIRMS["zh"]))) == body | {"NotoSerifCJKsc"}
    assert fonts(write_letter(replace(letter(), recipient=FIRMS["ko"]))) == body | {"NotoSerifCJKkr"}


def test_what_a_refusal_says():
    said = content(letter())
    assert said["facts"] == [
        ("Case", "LS-2026-0031", False), ("Programme", "Cloud voucher 2026", False),
        ("Received on", "14 October 2026", False), ("Amount applied for", "¥1,300.26", True),
        ("Objection possible until", "23 December 2026", True)]
    assert said["reasons"] == [{"says": "Founded on 2015-03-01", "holds": False, "rests_on": "Measures, article 4 (2)"},
                               {"says": "38 people", "holds": True, "rests_on": ""}]
    assert said["check"]["head"] == "9f3a 61c2 7be0 d4f1"
    assert [len(said["opening"]), len(said["closing"])] == [1, 2]
    assert "23 December 2026" in said["closing"][1]
    assert len(content(letter(granted=True))["closing"]) == 1


def test_a_receipt_of_a_corrected_application_says_which_version_it_is():
    first, second = content(letter("receipt")), content(letter("receipt", version=2, before=DAY - 41))
    assert (first["title"], second["title"]) == ("Receipt of your application", "Receipt of your changed application")
    assert "anew, corrected or completed. It is version 2 and takes the place of version 1 of 13 October 2026" in second["opening"][0]
    assert "version" not in first["opening"][0]
    assert [row[0] for row in second["facts"]] == [row[0] for row in first["facts"]]


@pytest.mark.parametrize(("kind", "granted"), [("receipt", True), ("decision", False), ("supplement", True), ("decision", True)])
def test_what_was_stated_is_called_as_the_form_calls_it(kind, granted):
    labels = [row[0] for row in content(letter(kind, asked_label="Planned spend", granted=granted))["facts"]]
    assert ("Planned spend" in labels, "Amount granted" in labels) == ((True, False) if kind != "decision" or not granted else (False, True))
    assert "Amount applied for" not in labels


def test_days_and_money_in_the_manner_of_the_language():
    demands = [content(letter("recovery", lang, amount=5_000_000, currency="KRW")) for lang in ("en", "ko", "zh")]
    assert [one["date"] for one in demands] == ["23 November 2026", "2026년 11월 23일", "2026年11月23日"]
    assert [one["facts"][3][:2] for one in demands] == [
        ("Amount to pay back", "₩5,000,000"), ("환수 금액", "₩5,000,000"), ("应退回金额", "₩5,000,000")]
    assert [one["closing"][-1].endswith("끝.") for one in demands] == [False, True, False]


def test_what_a_person_wrote_is_never_a_program():
    evil = '#panic("x") $ x $ *bold* @ref <label> \\ " ] } #sys.inputs {programme}'
    one = letter(reasons=(Reason(evil, False, evil),), remedies=(evil,), items=(evil,), facts=((evil, evil),))
    assert write_letter(replace(one, recipient=evil, programme=evil, case=evil)).startswith(b"%PDF")


def test_a_long_letter_runs_over_numbered_pages():
    pages = picture(letter("supplement", "zh", items=tuple(f"第{n}项：补充说明 " + "云服务使用情况" * 12 for n in range(40))), ppi=30)
    assert len(pages) == 4
    assert {page[:8] for page in pages} == {b"\x89PNG\r\n\x1a\n"}


def test_a_programme_sets_its_own_letter(tmp_path):
    own = tmp_path / "letters"
    own.mkdir()
    (own / "award.typ").write_text('#import "sheet.typ": *\n#let d = letter()\n#show: sheet.with(d)\nOur own. #d.case\n')
    assert write_letter(letter("award"), tmp_path) != write_letter(letter("award"))
    assert write_letter(letter("payment"), tmp_path) == write_letter(letter("payment"))


@pytest.mark.parametrize("template", [
    "#nothing-of-this-name", '#read("/etc/hostname")', '#read("../../outside.txt")', '#import "@preview/any:0.1.0": *'])
def test_a_template_that_fails_or_reaches_out_is_named(template, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "letters" / "award.typ").write_text(template)
    assert told(letter("award"), tmp_path) == [("W957", "letters/award.typ", "")]


def test_what_a_letter_needs():
    assert told(letter("recovery", amount=None, deadline=None)) == [("W957", "", "amount")]
    assert told(letter("supplement", items=())) == [("W957", "", "items")]
    assert told(letter("greeting")) == [("W957", "", "kind")]


def test_no_empty_boxes(monkeypatch):
    assert told(replace(letter(lang="zh"), recipient="Heron \U000abcde")) == [("W956", "", "decision")]
    with pytest.raises(WestlakeError) as refused:
        write_letter(replace(letter(lang="ko"), case="\U000abcde"))
    assert "fonts-noto-cjk" in refused.value.problems[0].way_out("ko")

    class Bare:
        def families(self):
            return ["Libertinus Serif", "DejaVu Sans Mono"]

    monkeypatch.setattr(letters, "_fonts", Bare)
    assert told(letter(lang="ko")) == [("W956", "", "font")]
    assert told(replace(letter(lang="en"), recipient=FIRMS["zh"])) == [("W956", "", "font")]


def test_without_the_typesetter(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    assert told(letter()) == [("W955", "", "")]


@pytest.mark.parametrize("to_firm, told, never", [(True, "贵单位", "您"), (False, "您", "贵单位")])
def test_chinese_says_one_thing_to_a_firm_and_another_to_a_person(to_firm, told, never):
    said = content(letter("decision", "zh", to_firm=to_firm))
    words = "".join(said["opening"] + said["closing"])
    assert (told in words, never in words) == (True, False)


def test_words_that_were_let_go_take_the_place_of_the_catalogues():
    said = content(letter("award", "ko", body=("교부합니다.", "서명해 주십시오.")))
    assert (said["opening"], said["closing"]) == (["교부합니다.", "서명해 주십시오."], ["끝."])

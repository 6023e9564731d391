"""An auditor opens one file and finds the whole case, and can prove that nothing in it was changed."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest

from westlake.errors import WestlakeError
from westlake.reports.case_file import CaseFile, Upload, write_case_file

NOW = 1_795_406_400_000_000
BILL, PLAN = b"%PDF bill of October", "计划书".encode()
SHA = {raw: hashlib.sha256(raw).hexdigest() for raw in (BILL, PLAN)}
CASE = CaseFile(
    "LS-2026-0031", NOW, "9f3a" * 16, {"firm": "苍鹭机器人有限公司", "employees": 38, "note": "<script>alert(1)</script>"},
    decisions=[{"rule": "eligible", "answer": False, "reasons": ["age"]}],
    reviews=[{"reviewer": "R1", "score": 86}], steps=[{"step": "submit", "by": "heron"}],
    acts=[{"number": 1, "kind": "submitted", "actor": "=heron"}, {"number": 2, "kind": "decided", "body": {"a": [1, None]}}],
    journals=[{"id": 9, "debit": "award", "credit": "payable", "amount": -130_026, "currency": "CNY"}],
    uploads=[Upload("账单.pdf", SHA[BILL], BILL, "application/pdf"), Upload("plan.txt", SHA[PLAN], PLAN),
             Upload("a copy.pdf", SHA[BILL], BILL)])


def whole(case, lang):
    out = io.BytesIO()
    write_case_file(case, out, lang)
    return out.getvalue()


def opened(case=CASE, lang="en"):
    return zipfile.ZipFile(io.BytesIO(whole(case, lang)))


def rows(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_manifest_seals_every_member():
    book = opened()
    manifest = json.loads(book.read("manifest.json"))
    uploads = sorted(f"uploads/{sha}" for sha in SHA.values())
    assert book.namelist() == ["case.json", "acts.csv", "journals.csv", "summary.html", *uploads, "manifest.json"]
    assert [(one["name"], one["sha256"], one["bytes"]) for one in manifest["members"]] == [
        (name, hashlib.sha256(book.read(name)).hexdigest(), len(book.read(name))) for name in book.namelist()[:-1]]
    assert {one["name"]: one["original_names"] for one in manifest["members"] if "original_names" in one} == {
        f"uploads/{SHA[BILL]}": ["a copy.pdf", "账单.pdf"], f"uploads/{SHA[PLAN]}": ["plan.txt"]}
    assert (manifest["case"], manifest["made"], manifest["head"]) == ("LS-2026-0031", "2026-11-23T04:00:00.000000Z", "9f3a" * 16)


def test_what_the_case_holds():
    book = opened()
    assert json.loads(book.read("case.json")) == {
        "case": CASE.id, "made": "2026-11-23T04:00:00.000000Z", "head": CASE.head, "facts": CASE.facts,
        "decisions": CASE.decisions, "reviews": CASE.reviews, "steps": CASE.steps, "acts": CASE.acts, "journals": CASE.journals}
    assert rows(book.read("acts.csv")) == [["number", "kind", "actor", "body"], ["1", "submitted", "'=heron", ""],
                                           ["2", "decided", "", '{"a": [1, null]}']]
    assert rows(book.read("journals.csv")) == [["id", "debit", "credit", "amount", "currency"],
                                               ["9", "award", "payable", "-130026", "CNY"]]


@pytest.mark.parametrize(("lang", "title"), [("en", "Case file LS-2026-0031"), ("ko", "신청 건 기록 LS-2026-0031"),
                                             ("zh", "案卷 LS-2026-0031")])
def test_the_page_is_readable_and_harmless(lang, title):
    page = opened(lang=lang).read("summary.html").decode()
    assert f"<h1>{title}</h1>" in page
    assert [sign in page for sign in ("<script>", "苍鹭机器人有限公司", SHA[PLAN])] == [False, True, True]


def test_the_same_case_has_the_same_bytes_wherever_its_files_lie(tmp_path):
    (tmp_path / "bill").write_bytes(BILL)
    lying = replace(CASE, uploads=[replace(CASE.uploads[0], content=tmp_path / "bill"), *CASE.uploads[1:]])
    assert whole(lying, "zh") == whole(CASE, "zh")
    with (tmp_path / "case.zip").open("wb") as out:
        write_case_file(CASE, out, "zh")
    assert (tmp_path / "case.zip").read_bytes() == whole(CASE, "zh")


@pytest.mark.parametrize("content", [b"another", None])
def test_a_file_that_is_not_what_the_case_says_is_refused(content, tmp_path):
    changed = replace(CASE.uploads[0], content=tmp_path / "gone" if content is None else content)
    with pytest.raises(WestlakeError) as refused:
        whole(replace(CASE, uploads=[changed]), "en")
    assert [(problem.code, problem.place.file) for problem in refused.value.problems] == [("W959", "账单.pdf")]


def test_an_empty_case_and_a_long_one():
    bare = opened(CaseFile("LS-1", NOW, "", {}))
    assert (rows(bare.read("acts.csv")), bare.read("summary.html").decode().count("<p>Nothing.</p>")) == ([[]], 6)
    long = opened(replace(CASE, acts=[{"number": n} for n in range(60)]))
    assert (len(rows(long.read("acts.csv"))), "and 10 more" in long.read("summary.html").decode()) == (61, True)

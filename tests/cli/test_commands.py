"""Every command: what it does, what it refuses, its exit code, its one JSON value."""

import gc
import json
import shutil
import sqlite3

import pytest
from tests.bills.office import row, write_csv

from westlake.cli import demo

from .conftest import westlake


def copied(lake, tmp_path):
    gc.collect()  # a connection that a test forgot takes the log of the database with it when it goes
    return shutil.copytree(lake, tmp_path / "lake")


def as_json(said):
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_new_makes_a_workspace_and_never_overwrites_one(tmp_path):
    made = westlake(tmp_path, "new", "city", "--lang", "ko")
    assert (made.code, "작업 폴더" in made.err or "만들었습니다" in made.err) == (0, True)
    assert sorted(path.name for path in (tmp_path / "city").iterdir()) == [
        "bills", "charges", "programmes", "register", "reports", "westlake.db", "westlake.toml"]
    again = westlake(tmp_path, "new", "city")
    assert (again.code, "W801" in again.err) == (2, True)


def test_outside_a_workspace(tmp_path):
    said = westlake(tmp_path, "settle", "cloud_voucher", "--year", "2025", "--as", "kim")
    assert (said.code, said.out, "W702" in said.err) == (2, "", True)


@pytest.mark.slow
def test_the_demo_is_paid_verified_and_reported(lake):
    rounds = as_json(westlake(lake, "settle", "cloud_voucher", "--json"))
    assert [(one["number"], one["state"], one["decided_by"]) for one in rounds] == [(1, "approved", "Kim Seo-yeon")]
    assert westlake(lake, "ledger", "verify").code == 0
    report = as_json(westlake(lake, "report", "cloud_voucher", "--year", "2025", "--json"))
    assert report["spent"] == report["paid"]
    assert report["spent"] + report["held"] <= report["budget"]
    assert report["paid"] == sum(case["paid"] for case in report["cases"]) > 0
    assert "<svg" in (lake / "reports" / "cloud_voucher-2025.html").read_text()


@pytest.mark.slow
def test_settling_again_changes_nothing(lake, tmp_path):
    folder = copied(lake, tmp_path)
    said = westlake(folder, "settle", "cloud_voucher", "--year", "2025", "--as", "Kim", "--day", "2026-03-01", "--json")
    assert as_json(said) is None
    assert "Nothing has changed" in said.err


@pytest.mark.slow
def test_a_dry_run_keeps_nothing(lake, tmp_path):
    folder = copied(lake, tmp_path)
    (folder / "register" / "moved.csv").write_text("id,resident,from,assurance\nF00002,no,2024-01-01,verified\n")
    before = list(sqlite3.connect(folder / "westlake.db").iterdump())
    said = westlake(folder, "settle", "cloud_voucher", "--year", "2025", "--as", "Kim", "--day", "2026-03-01", "--dry-run")
    assert (said.code, "dry run" in said.err, "to be paid back" in said.err) == (0, True, True)
    assert list(sqlite3.connect(folder / "westlake.db").iterdump()) == before


@pytest.mark.slow
def test_a_day_yet_to_come_is_told_and_asked_about(lake):
    before = list(sqlite3.connect(lake / "westlake.db").iterdump())
    for step in (("--year", "2025"), ("--approve", "999")):
        far = ("settle", "cloud_voucher", *step, "--as", "Kim", "--day", "2127-01-01")
        said = westlake(lake, *far)
        assert (said.code, "2127-01-01 is yet to come" in said.err, "W803" in said.err) == (2, True, True), said.err
    said = westlake(lake, *far, "--yes")
    assert ("2127-01-01 is yet to come" in said.err, "W803" in said.err, "999" in said.err) == (True, False, True)
    assert list(sqlite3.connect(lake / "westlake.db").iterdump()) == before


@pytest.mark.slow
def test_approval_asks_a_second_person_and_is_never_silent(lake, tmp_path):
    folder = copied(lake, tmp_path)
    (folder / "register" / "moved.csv").write_text("id,resident,from,assurance\nF00002,no,2024-01-01,verified\n")
    settled = as_json(westlake(folder, "settle", "cloud_voucher", "--year", "2025", "--as", "Kim", "--day", "2026-03-01",
                               "--json"))
    number = str(settled["id"])
    nobody = westlake(folder, "settle", "cloud_voucher", "--approve", number, "--as", "Lee", "--day", "2026-03-02")
    assert (nobody.code, "W803" in nobody.err) == (2, True)
    same = westlake(folder, "settle", "cloud_voucher", "--approve", number, "--as", "Kim", "--day", "2026-03-02", "--yes")
    assert (same.code, "W408" in same.err) == (1, True)
    before = list(sqlite3.connect(folder / "westlake.db").iterdump())
    for step in (("--approve", number), ("--withdraw", number, "--reason", "wrong")):
        tried = westlake(folder, "settle", "cloud_voucher", *step, "--as", "Lee", "--day", "2026-03-02", "--dry-run")
        assert (tried.code, "dry run" in tried.err) == (0, True), tried.err
    assert list(sqlite3.connect(folder / "westlake.db").iterdump()) == before
    done = as_json(westlake(folder, "settle", "cloud_voucher", "--approve", number, "--as", "Lee", "--day", "2026-03-02",
                            "--yes", "--json"))
    assert list(done["recovered"]) == ["F00002"]
    assert westlake(folder, "ledger", "verify").code == 0


@pytest.mark.slow
def test_explain_goes_from_the_payment_to_the_rows_of_the_bill(lake):
    lines = as_json(westlake(lake, "explain", "cloud_voucher", "--firm", "F00001", "--year", "2025", "--json"))
    place = next(number for number, line in enumerate(lines, 1) if line["allotted"])
    said = westlake(lake, "explain", "cloud_voucher", "--firm", "F00001", "--year", "2025", "--line", str(place), "--rows")
    shares = [line.split()[0] for line in said.out.splitlines() if ".csv " in line]
    fen = sum(int(share.replace("¥", "").replace(",", "").replace(".", "")) for share in shares)
    assert fen == lines[place - 1]["allotted"]


@pytest.mark.slow
def test_a_settled_line_as_a_page(lake, tmp_path):
    said = westlake(lake, "explain", "cloud_voucher", "--firm", "F00001", "--year", "2025", "--line", "1", "--html",
                    str(tmp_path / "line.html"))
    assert (said.code, (tmp_path / "line.html").read_text().startswith("<!")) == (0, True), said.err


@pytest.mark.slow
def test_a_settled_line_is_told_by_the_version_that_decided_it(lake, tmp_path):
    folder = copied(lake, tmp_path)
    values = folder / "programmes" / "hangzhou" / "cloud_voucher" / "values.yaml"
    before = westlake(folder, "explain", "cloud_voucher", "--firm", "F00001", "--year", "2025", "--line", "1").out
    values.write_text(values.read_text().replace("value: 50%", "value: 10%"))
    after = westlake(folder, "explain", "cloud_voucher", "--firm", "F00001", "--year", "2025", "--line", "1").out
    assert after == before != ""


def test_explain_a_case_and_what_would_make_it_eligible(tmp_path):
    told = as_json(westlake(tmp_path, "explain", "cloud_voucher", "--example", "3", "--json"))
    assert told["values"]["eligible"]["number"] == 0
    assert [change["name"] for remedy in told["remedies"]["remedies"] for change in remedy["changes"]] == ["resident"]


def test_explain_with_a_reform(tmp_path):
    (tmp_path / "higher.yaml").write_text(
        "cloud_voucher:\n  small_user_rate:\n    - {in_force: 2025-06-13, value: 60%}\n")
    told = as_json(westlake(tmp_path, "explain", "cloud_voucher", "--example", "1", "--reform", "higher.yaml", "--json"))
    assert [value["name"] for value in told["difference"]["values"]] == ["small_user_rate"]
    page = westlake(tmp_path, "explain", "cloud_voucher", "--example", "1", "--reform", "higher.yaml", "--html", "a.html",
                    "--lang", "zh")
    assert (page.code, "改革带来的变化" in (tmp_path / "a.html").read_text()) == (0, True)


@pytest.mark.parametrize(("words", "code", "sign"), [
    (("explain", "W012"), 0, "unknown input"),
    (("explain", "W099"), 2, "W807"),
    (("explain", "cloud_vouchr", "base=1"), 2, "cloud_voucher"),
    (("explain", "cloud_voucher", "base"), 2, "W810"),
    (("explain", "cloud_voucher", "--example", "99"), 2, "W808"),
    (("explain", "cloud_voucher", "base=1.00"), 1, "firm"),
    (("explain", "cloud_voucher"), 2, "W814"),
    (("settle", "cloud_voucher", "--approve", "1", "--waiting", "--as", "Kim"), 2, "W811 one step at a time: --approve, --waiting"),
    (("check", "nothing"), 2, "W802"),
    (("chek",), 2, "check"),
    (("settle",), 2, "programme"),
])
def test_words_that_are_off(tmp_path, words, code, sign):
    said = westlake(tmp_path, *words)
    assert (said.code, sign in said.out + said.err) == (code, True), said.err


def test_check_finds_a_fault_with_its_place(tmp_path):
    westlake(tmp_path, "new", "city")
    values = tmp_path / "city" / "programmes" / "hangzhou" / "cloud_voucher" / "values.yaml"
    values.write_text(values.read_text().replace("source: P-ai25", "source: P-ai52", 1))
    said = westlake(tmp_path / "city", "check", "cloud_voucher", "--lang", "en")
    assert said.code == 1
    assert "W109" in said.err
    assert '"P-ai25"' in said.err
    assert "values.yaml:" in said.err


def test_doctor(tmp_path):
    westlake(tmp_path, "new", "city")
    found = as_json(westlake(tmp_path / "city", "doctor", "--json"))
    assert {one["what"] for one in found if one["well"] is False} == set()


@pytest.mark.parametrize(("file", "content", "code"), [
    ("westlake.db", None, "W822"), ("westlake.db", b"no database at all" * 100, "W701"), ("westlake.toml", b"city = ", "W703")])
def test_doctor_tells_what_is_broken_and_makes_nothing(tmp_path, file, content, code):
    westlake(tmp_path, "new", "city")
    path = tmp_path / "city" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    said = westlake(tmp_path / "city", "doctor", "--json")
    assert said.code == 1, said.err
    assert [one["found"].split()[1] for one in json.loads(said.out) if one["well"] is False] == [code]
    assert path.exists() == (content is not None)


def test_settling_an_empty_workspace_says_what_is_missing(tmp_path):
    westlake(tmp_path, "new", "city")
    said = westlake(tmp_path / "city", "settle", "cloud_voucher", "--year", "2025", "--as", "Kim", "--day", "2026-03-01")
    assert (said.code, "0 firms in register/, 0 files taken in from bills/" in said.err) == (0, True), said.err
    assert as_json(westlake(tmp_path / "city", "settle", "cloud_voucher", "--year", "2025", "--waiting", "--json")) == []


def test_what_waits_is_known_before_any_round(tmp_path):
    westlake(tmp_path, "new", "city")
    city = tmp_path / "city"
    (city / "register" / "firms.csv").write_text("id,name,resident,from,assurance\nreed,Reed,yes,2024-01-01,verified\n")
    (city / "register" / "accounts.csv").write_text(
        "issuer,account,firm,from,assurance\nAlibaba Cloud,A-1,reed,2024-01-01,verified\n")
    for folder, bills in (("one", ("50.00",)), ("two", ("50.00", "70.00"))):
        (city / "bills" / folder).mkdir()
        (city / "bills" / folder / "manifest.yaml").write_text("final: yes\npaid: yes\n")
        write_csv(city / "bills" / folder / f"{folder}.csv", [
            row(bill, InvoiceId=f"INV-{bill}", BillingAccountId="A-1", InvoiceIssuerName="Alibaba Cloud",
                ProviderName="Alibaba Cloud", PublisherName="Alibaba Cloud") for bill in bills])
    (city / "bills" / "two" / "manifest.yaml").write_text(
        "final: yes\npaid: yes\ninvoices:\n  - {id: INV-70.00, total: 71.00, currency: CNY}\n")
    before = list(sqlite3.connect(city / "westlake.db").iterdump())
    waiting = as_json(westlake(city, "settle", "cloud_voucher", "--year", "2025", "--waiting", "--json"))
    assert [(one["ruling"], one["invoice"], one["account"], one["firms"]) for one in waiting] == [
        ("NOT_TIED", "INV-70.00", "A-1", ["reed"])]
    assert list(sqlite3.connect(city / "westlake.db").iterdump()) == before
    said = westlake(city, "settle", "cloud_voucher", "--year", "2025", "--as", "Kim", "--day", "2026-03-01")
    assert "1 invoices or months wait for an officer or a rate, 1 lines lack a fact" in said.err
    assert "--year 2025 --waiting" in said.err


def test_a_demo_that_ends_early_leaves_nothing(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "generate", stop)
    (tmp_path / "there").mkdir()
    for name in ("fresh", "there"):
        with pytest.raises(KeyboardInterrupt):
            demo.demo(tmp_path / name, 5, 2025, 7, "review", False, "127.0.0.1", 0, "en")
        assert [path.name for path in tmp_path.rglob("*")] == ["there"]


@pytest.mark.parametrize("lang", ["ko", "zh"])
def test_help_speaks_the_language(tmp_path, lang):
    assert westlake(tmp_path, "--help", WESTLAKE_LANG=lang).out != westlake(tmp_path, "--help", WESTLAKE_LANG="en").out


@pytest.mark.slow
def test_another_regime_moves_paid_money_only_by_a_restatement(lake, tmp_path):
    folder = copied(lake, tmp_path)
    asked = ("settle", "cloud_voucher", "--year", "2025", "--as", "Kim", "--day", "2026-03-01", "--regime", "article")
    refused = westlake(folder, *asked)
    assert (refused.code, "W419" in refused.err, "--restate" in refused.err) == (1, True, True)
    restated = westlake(folder, *asked, "--restate", "the council said so", "--dry-run")
    assert (restated.code, "to be paid back" in restated.err) == (0, True)

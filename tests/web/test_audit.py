"""The auditor's room: files of cases, samples, departures, duties, acts, and everything checked anew."""

import csv
import html
import io
import json
import re
import zipfile
from types import SimpleNamespace

import pytest

from westlake.database import transaction
from westlake.desk import people
from westlake.desk.applying.deciding import note_fact
from westlake.desk.calls import calls, change_call
from westlake.desk.panel.interests import declare
from westlake.web.pages.audit import act_story
from westlake.web.verifying import VERIFIED
from westlake.words import say

from .desk_story import Story


@pytest.fixture
def lake(office, clock):
    story = Story(office, clock)
    story.cases = story.lake()[1]
    return story


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_room_at_a_glance(lake, client_as, office):
    text = plain(client_as("auditor").get("/audit/"))
    assert office.record.head().hash in text
    assert "Last verified not yet" in text
    for part in ("Case files", "Samples", "Departures", "Duties", "Acts", "Verify"):
        assert part in text


def test_an_administrator_sees_acts_and_checks_only(lake, client_as):
    admin = client_as("admin")
    text = plain(admin.get("/audit/"))
    assert "Case files" not in text
    assert admin.get("/audit/cases/").status_code == 403
    assert admin.get(f"/audit/cases/{lake.cases[0].id}/").status_code == 404
    assert admin.get("/audit/acts/").status_code == 200


@pytest.mark.parametrize("lang, nobody", [("en", "Every case can be worked by somebody"), ("ko", "처리할 수 있는 담당자가 있습니다"),
                                          ("zh", "每个办件均有可办理人员")])
def test_a_case_that_nobody_may_work_is_told_to_auditor_and_administrator(lake, client_as, lang, nobody):
    """With whom it is in conflict, and not why; the auditor of another programme is told nothing."""
    admin, auditor, other = client_as("admin"), client_as("auditor"), client_as("auditor", programme="cloud_voucher")
    assert "/audit/unopened/" in admin.get("/audit/").text
    assert nobody in admin.get(f"/audit/unopened/?lang={lang}").text
    for role in ("officer", "chair"):
        one = lake.staff[role]
        declare(lake.office.desk, one, one.id, lake.cases[1], "", "my sister's boat")
    for browser in (admin, auditor):
        text = plain(browser.get(f"/audit/unopened/?lang={lang}"))
        assert [part in text for part in ("PIER-26-0002", "Oda Reed", "Chen Mei", say("web.role.chair", lang), "boat",
                                          "PIER-26-0001", nobody)] == [True] * 4 + [False] * 3
    address = f"/audit/cases/{lake.cases[1].id}/"
    assert [address in one.get("/audit/unopened/").text for one in (admin, auditor)] == [False, True]
    assert "PIER-26-0002" not in other.get("/audit/unopened/").text
    assert client_as("officer").get("/audit/unopened/").status_code == 403


def test_a_case_with_all_its_papers(lake, client_as):
    page = client_as("auditor").get(f"/audit/cases/{lake.cases[1].id}/")
    text = plain(page)
    assert "PIER-26-0002" in text
    assert "Answered: Cost of the pier" in text
    assert "Lakeside cloud measures 2025" in text  # what the decision rests on
    assert "desk.admit" in text


def test_the_case_file_is_sealed_and_whole(lake, client_as, office):
    case = lake.cases[1]
    answer = client_as("auditor").get(f"/audit/cases/{case.id}/file.zip")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        assert book.namelist() == ["case.json", "acts.csv", "journals.csv", "summary.html", "manifest.json"]
        whole = json.loads(book.read("case.json"))
        assert json.loads(book.read("manifest.json"))["head"] == office.record.head().hash
    assert [step["step"] for step in whole["steps"]] == ["submit", "admit"]
    assert whole["facts"]["number"] == case.number
    assert whole["decisions"][0]["version"] == office.desk.offered("pier_challenge").programme.digest


def test_an_auditor_of_another_programme_finds_nothing(lake, client_as):
    other = client_as("auditor", programme="cloud_voucher")
    assert other.get(f"/audit/cases/{lake.cases[0].id}/").status_code == 404
    assert other.get(f"/audit/cases/{lake.cases[0].id}/file.zip").status_code == 404
    assert "No case is found" in plain(other.get("/audit/cases/"))
    assert "Nothing of this kind" in plain(other.get("/audit/acts/"))
    assert other.get("/audit/verify/").status_code == 403


def test_cases_are_found_by_number_or_firm_and_no_sign_is_a_pattern(lake, client_as):
    auditor = client_as("auditor")
    assert "PIER-26-0003" in plain(auditor.get("/audit/cases/?q=teal"))
    assert "PIER-26-0001" not in plain(auditor.get("/audit/cases/?q=teal"))
    assert "No case is found" in plain(auditor.get("/audit/cases/?q=%25"))


def test_a_sample_is_written_down_first_and_drawn_again(lake, client_as, office):
    auditor = client_as("auditor")
    asked = {"seed": "20260528", "size": "3", "programme": "", "by": "", "first": "2026-01-01", "last": "2026-12-31"}
    answer = auditor.post("/audit/samples/", asked)
    assert answer.status_code == 302
    act = next(office.record.acts(act="audit.sampled"))
    assert answer["Location"] == f"/audit/samples/{act.id}/"
    page = auditor.get(answer["Location"])
    assert "drawn again: the same" in plain(page)
    for number in act.details["chosen"]:
        assert number in page.text
    assert "stream(20260528, &#x27;audit.sample&#x27;" in page.text
    assert f"№ {act.id}" in plain(auditor.get("/audit/samples/"))
    assert auditor.get("/audit/samples/1/").status_code == 404  # an act, but no sample


def test_a_sample_from_days_that_have_changed_since_says_so(lake, client_as, office):
    auditor = client_as("auditor")
    answer = auditor.post("/audit/samples/", {"seed": "1", "size": "3", "first": "2026-01-01", "last": "2026-12-31"})
    call = office.desk.connection.execute("SELECT id FROM desk_call").fetchone()[0]
    office.connection.execute(
        "INSERT INTO desk_case (number, kind, call, programme, year, currency, firm, applicant, opened_at, title, asked, amount,"
        " state, seq, submitted_at, moved_at) VALUES ('LATE', 'application', ?, 'pier_challenge', 2026, 'CNY', 'rail', 1, 0, '',"
        " 0, 0, 'submitted', 0, ?, 0)", (call, office.now()))
    assert "not the same" in plain(auditor.get(answer["Location"]))


def test_more_than_there_are_cannot_be_drawn(lake, client_as):
    answer = client_as("auditor").post("/audit/samples/", {"seed": "1", "size": "99", "first": "2026-01-01",
                                                           "last": "2026-12-31"})
    assert answer.status_code == 422
    assert "W1095" in answer.text


@pytest.mark.parametrize("seed", ["", "-1", "1.5", "9" * 31, "one"])
def test_a_seed_is_a_whole_number(lake, client_as, seed):
    answer = client_as("auditor").post("/audit/samples/", {"seed": seed, "size": "1", "first": "2026-01-01",
                                                           "last": "2026-12-31"})
    assert answer.status_code == 422


def test_departures_and_their_file(lake, client_as):
    case, officer = lake.cases[0], lake.staff["officer"]
    note_fact(lake.desk, case, officer, "cost", "18000.00", "verified", "=1+1")
    auditor = client_as("auditor")
    text = plain(auditor.get("/audit/departures/"))
    assert "cost: 20000.00 cost: 18000.00" in text
    rows = rows_of(auditor.get("/audit/departures.csv"))
    assert rows[0][:3] == ["kind", "case", "programme"]
    assert rows[1][0:3] == ["over_word", case.number, "pier_challenge"]
    assert rows[1][5] == "'=1+1"  # no spreadsheet runs it
    assert "Nothing of this kind" in plain(auditor.get("/audit/departures/?kind=override"))


def test_duties_and_their_file(lake, client_as):
    officer = lake.staff["officer"]
    declare(lake.desk, officer, officer.id, None, "egret", "My brother works there")
    auditor = client_as("auditor")
    text = plain(auditor.get("/audit/duties/?kind=late_interest"))
    assert "Interest told late Oda Reed" in text
    assert rows_of(auditor.get("/audit/duties.csv"))[1][:2] == ["late_interest", "Oda Reed"]


def test_an_approval_within_the_same_second_is_told_with_its_seconds(lake, client_as):
    from westlake.desk.audit.duties import Finding
    from westlake.web.pages.audit.audit_reports import _lasted
    visit = SimpleNamespace(lang="en")
    assert [_lasted(visit, Finding(kind, 1, 0, seconds=seconds)) for kind, seconds in (
        ("within_a_minute", 0), ("within_a_minute", 41), ("late_interest", 7_200), ("substitute", 0))] == [
        "0 s", "41 s", "2 hours", ""]
    assert "Worth a look" in plain(client_as("auditor").get("/audit/"))


def test_acts_are_narrowed_paged_and_handed_out(lake, client_as, office):
    auditor = client_as("auditor")
    assert auditor.get("/audit/acts/").text.count("<li><header>") == 50  # a page
    text = plain(auditor.get("/audit/acts/?act=desk.refuse"))
    assert len(re.findall(r"desk\.refuse person:\d+ · case:", text)) == 1
    rows = rows_of(auditor.get("/audit/acts.csv?act=desk.refuse"))
    assert {row[4] for row in rows[1:]} == {"desk.refuse"}
    assert len(rows) - 1 == office.connection.execute("SELECT count(*) FROM act WHERE act = 'desk.refuse'").fetchone()[0]
    assert "Nothing of this kind" in plain(auditor.get("/audit/acts/?last=2001-01-01"))
    for broken in ("acts/?first=yesterday&actor=%00", "cases/?q=%00"):
        assert auditor.get(f"/audit/{broken}").status_code == 200


def test_personal_data_is_for_auditors_and_erased_data_for_nobody(lake, client_as, office):
    case = lake.cases[0]
    office.record.add("person:1", "desk.note", case.subject, {}, personal={"text": "call my mother"})
    auditor, admin = client_as("auditor"), client_as("admin")
    assert "call my mother" in plain(auditor.get("/audit/acts/?act=desk.note"))
    assert "call my mother" not in plain(admin.get("/audit/acts/?act=desk.note"))
    assert "call my mother" not in admin.get("/audit/acts.csv?act=desk.note").text
    office.record.erase("person:1", case.subject, "asked for")
    assert "text (erased)" in plain(auditor.get("/audit/acts/?act=desk.note"))
    assert "text (erased)" in plain(auditor.get(f"/audit/cases/{case.id}/"))


def test_everything_is_checked_against_heads_kept_outside(lake, client_as, office):
    auditor = client_as("auditor")
    head = office.record.head().hash
    assert auditor.post("/audit/verify/", {"published": head}).status_code == 302
    act = next(office.record.acts(act=VERIFIED))
    assert (act.details["found"], act.details["published"], act.details["record"]["hash"]) == (0, [head], head)
    text = plain(auditor.get("/audit/verify/"))
    assert "nothing wrong" in text
    assert "checked against: 1" in text
    auditor.post("/audit/verify/", {"published": "0" * 63 + "1"})  # one that this office never had
    text = plain(auditor.get("/audit/verify/"))
    assert "problems: 1" in text
    assert "Earlier checks" in text


def test_what_was_changed_behind_the_office_is_found(lake, client_as, office):
    office.connection.execute("DROP TRIGGER act_no_update")
    office.connection.execute("UPDATE act SET subject = 'case:999' WHERE id = 5")
    auditor = client_as("auditor")
    auditor.post("/audit/verify/", {"published": ""})
    text = plain(auditor.get("/audit/verify/"))
    assert "W613" in text
    assert "problems: " in text


def test_a_head_is_a_whole_hash(office, client_as):
    answer = client_as("auditor").post("/audit/verify/", {"published": "abc"})
    assert answer.status_code == 422
    assert "A head is 64 signs" in plain(answer)


@pytest.mark.parametrize("lang, word", [("ko", "직무 분리"), ("zh", "职责分离")])
def test_in_three_languages(lake, client_as, lang, word):
    auditor = client_as("auditor", language=lang)
    for part in ("", "cases/", f"cases/{lake.cases[0].id}/", "samples/", "departures/", "duties/", "acts/", "verify/"):
        assert word in plain(auditor.get(f"/audit/{part}"))


def test_an_act_is_told_by_name_with_what_changed_and_its_raw_form_behind_a_fold(lake, client_as):
    auditor, admin = client_as("auditor"), client_as("admin")
    change_call(lake.desk, calls(lake.desk)[0], lake.staff["officer"], "less money", terms={"budget": 1_200_000})
    page = auditor.get("/audit/acts/?act=desk.call_set")
    text = plain(page)
    assert re.search(r"Budget ¥[\d,.]+ → ¥12,000\.00", text) and "less money" in text and "Park Min-jun" not in text
    assert '"budget": 1200000' in html.unescape(page.text)
    assert '"budget"' not in html.unescape(admin.get("/audit/acts/?act=desk.call_set").text)
    told = plain(auditor.get(f"/audit/cases/{lake.cases[1].id}/"))
    assert re.search(r"Admit[^.]*State Submitted → Eligible", told)
    shown = re.sub(r"<pre.*?</pre>", "", auditor.get("/audit/acts/").text, flags=re.S)
    assert not re.search(r"\b1[78]\d{14}\b", shown)  # no microsecond


def test_what_stood_before_is_read_of_the_plans_up_to_the_page_only(lake):
    """A call's later acts, and all that is no plan, are not gone through again for each page of its history."""
    call = calls(lake.desk)[0]
    for budget in (1_100_000, 1_200_000, 1_300_000):
        call = change_call(lake.desk, call, lake.staff["officer"], "again", terms={"budget": budget})
        with transaction(lake.connection):
            lake.desk.record.add("system", "desk.notice_published", f"call:{call.id}", {"changes": {"terms.budget": 7}})
    rows = lake.connection.execute("SELECT id FROM act WHERE act = 'desk.call_set' AND subject = ? ORDER BY id",
                                   (f"call:{call.id}",)).fetchall()
    shown = SimpleNamespace(id=rows[-2][0], subject=f"call:{call.id}", act="desk.call_set")
    asked = []

    class Watched:
        def execute(self, sql, values=()):
            found = lake.connection.execute(sql, values).fetchall()
            asked.append(len(found))
            return found

    told = act_story._before(SimpleNamespace(connection=Watched()), [shown])
    assert told[shown.id]["terms.budget"] == 1_100_000
    assert asked == [len(rows) - 1]


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
def test_a_case_on_paper_in_three_languages(lake, client_as, lang):
    pytest.importorskip("typst", reason="pip install 'westlake[letters]'")
    auditor, there = client_as("auditor", language=lang), f"/audit/cases/{lake.cases[1].id}/file.pdf"
    answer = auditor.get(there)
    assert (answer.status_code, answer["Content-Type"], "ETag" in answer) == (200, "application/pdf", False)
    assert answer["Content-Disposition"] == 'attachment; filename="PIER-26-0002.pdf"'
    assert answer.content.startswith(b"%PDF") and len(answer.content) > 8_000
    assert client_as("auditor", programme="cloud_voucher").get(there).status_code == 404
    assert client_as("officer").get(there).status_code == 404


def test_nobody_is_said_to_have_found_what_came_with_the_applicant_s_own_step(lake, client_as):
    case, helper = lake.cases[1], lake.person("Hana Reed", "co_applicant", "heron")
    lake.connection.execute("INSERT INTO desk_step SELECT case_id, seq + 1, step, went_to, went_to, ?, 'co_applicant', 3,"
                            " act, data FROM desk_step WHERE case_id = ? AND seq = ?", (helper.id, case.id, case.seq))
    for person, source, at in ((case.applicant, "office", 1), (lake.staff["officer"].id, "site visit", 2),
                               (helper.id, "office", 3), (lake.staff["officer"].id, "office", 4)):
        lake.connection.execute("INSERT INTO desk_fact (case_id, name, value, assurance, source, person, at)"
                                " VALUES (?,'cost','27500.00','verified',?,?,?)", (case.id, source, person, at))
    text = plain(client_as("auditor").get(f"/audit/cases/{case.id}/"))
    name = people.find_person(lake.connection, case.applicant).name
    assert f"noted by the system when {name} (Applicant) took a step" in text
    assert "noted by the system when Hana Reed (Co-applicant) took a step" in text
    assert text.count(f"the office, noted by {lake.staff['officer'].name}") == 1
    assert f"site visit, noted by {lake.staff['officer'].name}" in text
    assert "Found by the office" not in text

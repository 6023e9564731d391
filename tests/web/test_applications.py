"""An applicant writes, submits to the second, follows what becomes of it; nobody else sees it, and nothing is lost."""

import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.applying import ANSWERS, announce, drafted, know

from westlake.dates import MICROS_PER_DAY, iso
from westlake.desk import people, steps
from westlake.desk.cases import answers, find_case, following
from westlake.desk.files import files_of
from westlake.desk.people import roles_of
from westlake.web import office as offices
from westlake.web.jobs import remind, send_letters
from westlake.workspace import Workspace

SECOND = 1_000_000
PDF = b"%PDF-1.7 a pier"


@pytest.fixture
def call(office, officer):
    return announce(office, officer)


@pytest.fixture
def heron(office, client_as):
    """Hana speaks for Heron Works, which the register knows."""
    know(office, "heron", name="Heron Works", resident="1")
    browser = client_as("applicant", firm="heron", name="Hana Heron", email="hana@heron.example")
    browser.person = people.change_person(office.connection, browser.person, browser.person, organisation="Heron Works")
    return browser


@pytest.fixture
def draft(office, heron, call):
    return drafted(office, heron.person, call)


def take(office, case, step, person, **said):
    roles = roles_of(office.connection, person.id, office.now())
    return steps.take(office.desk, find_case(office.desk, case.id), step, person, roles, said).case


def state(office, case):
    return find_case(office.desk, case.id).state


def test_from_the_draft_to_the_receipt(office, heron, call):
    heron.post(f"/find/{call.id}/apply/")
    page = heron.get("/applications/1/write/").text
    assert "Registered in the city" in page  # the register knows; it is shown and not asked
    assert 'name="resident"' not in page
    assert "0 of 5 answered" in page
    assert "1 answers are missing" not in heron.get("/applications/1/submit/").text
    for field, text in ANSWERS.items():
        kept = heron.post("/applications/1/answers/", {field: text}, headers={"X-Autosave": "1"}).json()
        assert set(kept["wrong"].values()) == {""}
    assert "5 of 5 answered" in kept["beside"]
    assert "5 of 5 answered" in heron.get("/applications/1/write/").text
    review = heron.get("/applications/1/submit/").text
    assert "¥20,000.00" in review
    assert "Eligible by the rules" in review
    assert heron.post("/applications/1/submit/", {"seq": "0"}).status_code == 422  # without saying that it is meant
    answer = heron.post("/applications/1/submit/", {"seq": "0", "meant": "on"})
    assert answer["Location"] == "/applications/1/receipt/"
    receipt = heron.get("/applications/1/receipt/").text
    at = office.connection.execute("SELECT at, digest FROM desk_submission").fetchone()
    assert at[1] in receipt
    assert "2026-05-29 04:26:40 +08:00 (Asia/Shanghai)" in receipt
    assert "as long as the office has not taken it up" in receipt
    case = heron.get("/applications/1/").text
    assert "What was submitted" in case
    assert "The cost of ¥20,000.00 reaches ¥1,000.00." in case
    assert heron.get("/applications/letters/").text.count("we have your application") == 1


@pytest.mark.parametrize("zone, closes, seconds", [
    ("Asia/Shanghai", "2026-06-30T16:00:00", {-1: "submitted", 0: "draft", 1: "draft"}),
    ("Europe/Berlin", "2026-10-25T00:30:00", {-1: "submitted", 0: "draft", 1: "draft"}),  # in the hour that comes twice
])
def test_the_last_second_counts(tmp_path, clock, db, person_with, office, client_as, zone, closes, seconds):
    (office.workspace.folder / "westlake.toml").write_text(
        f'city = "Lakeside"\nagency = "Lakeside Office"\nzone = "{zone}"\n', "utf-8")
    there = offices.Office(Workspace.find(office.workspace.folder), clock)
    offices.move_to(there)
    import datetime as dt
    closes_at = int(dt.datetime.fromisoformat(closes).replace(tzinfo=dt.UTC).timestamp()) * SECOND
    call = announce(there, person_with("officer"), closes_at=closes_at)
    know(there, "heron", name="Heron Works", resident="1")
    browser = client_as("applicant", firm="heron")
    found = {}
    for number, second in enumerate(seconds, 1):
        clock.at = call.opens_at
        case = drafted(there, browser.person, call)
        clock.at = closes_at + second * SECOND - 1_000  # a page looks at the clock some microseconds later
        if second == 0:
            clock.at = closes_at - 1
        page = browser.post(f"/applications/{number}/submit/", {"seq": "0", "meant": "on"})
        found[second] = state(there, case)
        assert page.status_code == (302 if found[second] == "submitted" else 422)
    assert found == seconds
    stamp = {"Asia/Shanghai": "2026-06-30 23:59:58 +08:00", "Europe/Berlin": "2026-10-25 02:29:58 +02:00"}[zone]
    assert stamp in browser.get("/applications/1/receipt/").text
    there.close()


@pytest.mark.parametrize("address", ["", "write/", "submit/", "receipt/", "receipt.pdf", "step/withdraw/", "files/1/"])
def test_a_foreign_case_is_not_there(client_as, draft, address):
    other = client_as("applicant", firm="otter")
    assert other.get(f"/applications/{draft.id}/{address}").status_code == 404


@pytest.mark.parametrize("address", ["answers/", "beside/", "submit/", "note/", "files/", "files/1/back/", "step/withdraw/"])
def test_a_foreign_case_takes_nothing(office, client_as, draft, address):
    other = client_as("applicant", firm="otter")
    before = list(office.connection.iterdump())
    assert other.post(f"/applications/{draft.id}/{address}", {"cost": "1", "text": "mine"}).status_code == 404
    assert list(office.connection.iterdump()) == before


def test_an_officer_does_not_write_for_an_applicant(client_as, draft):
    assert client_as("officer").post(f"/applications/{draft.id}/answers/", {"cost": "1"}).status_code == 404


def test_a_co_applicant_writes_along_and_does_not_submit(office, client_as, draft):
    helper = client_as("co_applicant", firm="heron")
    assert helper.post(f"/applications/{draft.id}/answers/", {"cost": "30000"}).status_code == 302
    assert answers(office.desk, draft)["cost"] == "30000"
    assert helper.get(f"/applications/{draft.id}/submit/").status_code == 404


def test_a_draft_survives_log_out_and_the_end_of_a_session(office, heron, draft):
    login = heron.person.email
    heron.logout()
    kept = heron.post(f"/applications/{draft.id}/answers/", {"cost": "25000"}, headers={"X-Autosave": "1"})
    assert kept.status_code == 401
    lost = heron.post(f"/applications/{draft.id}/answers/", {"title": "Typed too late"})
    assert lost["Location"] == f"/account/login/?next=%2Fapplications%2F{draft.id}%2Fwrite%2F"
    assert answers(office.desk, draft) == ANSWERS  # nobody writes without having logged in
    heron.post("/account/login/", {"login": login, "password": "correct horse battery"})
    heron.post("/privacy/agree/", {"agreed": "on"})
    page = heron.get(f"/applications/{draft.id}/write/").text
    assert "What you typed before you were logged out is here again" in page
    assert 'value="25000"' in page
    assert 'value="Typed too late"' in page
    heron.post(f"/applications/{draft.id}/answers/", {"title": "Typed too late"})
    assert answers(office.desk, draft) == {**ANSWERS, "title": "Typed too late", "cost": "25000"}


def test_a_long_text_survives_the_end_of_a_session_and_one_that_is_too_long_is_told(office, heron, draft):
    login, here = heron.person.email, f"/applications/{draft.id}/answers/"
    heron.logout()
    assert heron.post(here, {"work": "o" * 39_000}, headers={"X-Autosave": "1"}).status_code == 401
    long = heron.post(here, {"summary": "o" * 40_001, "title": "Still kept"}, headers={"X-Autosave": "1"})
    assert (long.status_code, "longer than 40,000 characters" in long.text, "W996" in long.text) == (409, True, True)
    page = heron.post(here, {"summary": "u" * 40_001})
    assert (page.status_code, "W996" in page.text, "u" * 40_001 in page.text) == (422, True, True)
    heron.post("/account/login/", {"login": login, "password": "correct horse battery"})
    heron.post(here, {"cost": "25000"})
    assert answers(office.desk, draft) == {**ANSWERS, "work": "o" * 39_000, "title": "Still kept", "cost": "25000"}


def test_what_is_kept_aside_and_cannot_be_kept_for_good_is_told_and_stays(office, heron, draft):
    login, here = heron.person.email, f"/applications/{draft.id}/answers/"
    heron.logout()
    heron.post(here, {"cost": "5" * 4_001})
    heron.post("/account/login/", {"login": login, "password": "correct horse battery"})
    page = heron.post(here, {"title": "New"})
    assert (page.status_code, "W996" in page.text, "5" * 4_001 in page.text) == (422, True, True)
    heron.post(here, {"cost": "5"})
    assert answers(office.desk, draft) == {**ANSWERS, "cost": "5"}


def test_what_somebody_else_typed_reaches_nobody(office, visitor, client_as, draft, person_with):
    visitor.post(f"/applications/{draft.id}/answers/", {"cost": "1"})
    otter = person_with("applicant", firm="otter")
    visitor.post("/account/login/", {"login": otter.email, "password": "correct horse battery"})
    visitor.post("/privacy/agree/", {"agreed": "on"})
    assert visitor.get(f"/applications/{draft.id}/write/").status_code == 404
    assert answers(office.desk, draft) == ANSWERS


def test_what_is_wrong_is_kept_and_told(office, heron, draft):
    kept = heron.post(f"/applications/{draft.id}/answers/", {"cost": "a lot"}, headers={"X-Autosave": "1"}).json()
    assert kept["wrong"] == {"district": "", "cost": "“a lot” is no amount; write it like 1,200,000.00.", "summary": "", "work": ""}
    assert "4 of 5 answered" in kept["beside"]  # at once, not when the page is loaded again
    assert answers(office.desk, draft)["cost"] == "a lot"
    assert "Go on writing" in heron.get("/applications/").text
    page = heron.post(f"/applications/{draft.id}/submit/", {"seq": "0", "meant": "on"})
    assert page.status_code == 422
    assert "Correct the answers that cannot be read" in page.text
    assert state(office, draft) == "draft"
    page = heron.get(f"/applications/{draft.id}/write/").text
    assert "“a lot” is no amount" in page
    assert 'value="a lot"' in page
    kept = heron.post(f"/applications/{draft.id}/answers/", {"cost": "500"}, headers={"X-Autosave": "1"}).json()
    assert "Not eligible as it stands" in kept["beside"]
    assert set(kept["wrong"].values()) == {""}


def test_a_proposal_is_written_in_sections_submitted_and_stamped(office, heron, call):
    """Texts are asked like answers, counted, told when too long, and stand in the submission's digest."""
    draft = drafted(office, heron.person, call, summary="", work="")
    here = f"/applications/{draft.id}/"
    page = heron.get(f"{here}write/").text
    assert "Summary of the pier" in page and "At most 800 characters." in page and "0 / 800" in page
    assert "2 answers are missing: Summary of the pier, Work plan" in heron.get(f"{here}submit/").text
    assert "선착장 계획 요약, 공사 계획" in heron.get(f"{here}submit/?lang=ko").text
    heron.get(f"{here}write/?lang=en")
    long = heron.post(f"{here}answers/", {"summary": "o" * 805}, headers={"X-Autosave": "1"}).json()["wrong"]["summary"]
    assert long == ('"Summary of the pier" has 805 characters, and at most 800 are taken. Shorten it by 5; what is longer can be'
                    ' handed in as a file.')
    assert heron.post(f"{here}submit/", {"seq": "0", "meant": "on"}).status_code == 422
    heron.post(f"{here}answers/", {"summary": "Oak,\r\nnot pine.", "work": "Piles, then deck."})
    assert heron.post(f"{here}submit/", {"seq": "0", "meant": "on"}).status_code == 302
    given, origins = office.connection.execute(
        "SELECT s.answers, d.origins FROM desk_submission s JOIN desk_decision d ON d.case_id = s.case_id").fetchone()
    assert json.loads(given)["summary"] == "Oak,\nnot pine."
    assert {"summary", "work"} & set(json.loads(origins)) == set()  # no rule has heard of them
    shown = heron.get(here).text
    assert "Summary of the pier" in shown and "Oak,<br>not pine." in shown


def test_what_is_too_long_to_keep_is_refused_aloud(office, heron, draft):
    said = heron.post(f"/applications/{draft.id}/answers/", {"summary": "o" * 50_000}, headers={"X-Autosave": "1"})
    assert said.status_code == 409
    assert "longer than 40,000 characters" in said.text and "(W996)" in said.text
    assert answers(office.desk, draft) == ANSWERS


def test_a_closed_draft_gives_back_what_was_typed(office, clock, heron, draft):
    take(office, draft, "submit", heron.person)
    clock.wait(40 * 86_400)
    page = heron.post(f"/applications/{draft.id}/answers/", {"title": "Too late"})
    assert page.status_code == 422
    assert 'value="Too late"' in page.text
    assert answers(office.desk, draft)["title"] == "A pier for herons"


def zipped(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in members.items():
            archive.writestr(name.replace("__", "/"), b"\0" * size)
    return content.getvalue()


HOSTILE = {
    "a programme called pdf": ("plan.pdf", b"MZ\x90\0 this programme cannot be run", "W982"),
    "a bomb": ("plan.xlsx", zipped(**{"xl__workbook.xml": 250_000_000}), "W982"),
    "a script in a picture": ("pier.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "W981"),
    "a page": ("pier.html", b"<script>alert(1)</script>", "W981"),
    "nothing": ("plan.pdf", b"", "W980"),
    "reversed": ("plan\u202efdp.exe", b"MZ\x90\0", "W981"),
    "a little too much": ("plan.pdf", PDF + b"\0" * 20_000_000, "W980"),
    "far too much": ("plan.pdf", PDF + b"\0" * 21_000_000, "W988"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused(office, heron, draft, what):
    name, content, code = HOSTILE[what]
    page = heron.post(f"/applications/{draft.id}/files/", {"file": SimpleUploadedFile(name, content)})
    assert page.status_code in (413, 422)
    assert code in page.text
    assert files_of(office.desk, draft) == []


@pytest.mark.parametrize("sent, kept", [("../../etc/passwd.txt", "passwd.txt"), ("plan\u202efdp.pdf", "planfdp.pdf"),
                                        ("..\\..\\plan.pdf", "plan.pdf")])
def test_a_file_is_kept_under_its_hash_whatever_it_is_called(office, heron, draft, sent, kept):
    said = heron.post(f"/applications/{draft.id}/files/", {"file": SimpleUploadedFile(sent, PDF)}, follow=True).text
    file, = files_of(office.desk, draft)
    assert file.name == kept
    assert f"{kept} is uploaded." in said  # nothing is handed in before it is submitted
    assert sorted(path.name for path in office.files.rglob("*") if path.is_file()) == [file.sha256]
    given = heron.get(f"/applications/{draft.id}/files/{file.id}/")
    assert given.content == PDF
    assert given["Content-Type"] == "application/octet-stream"
    assert given["Content-Disposition"].startswith("attachment")
    heron.post(f"/applications/{draft.id}/files/{file.id}/back/")
    assert heron.get(f"/applications/{draft.id}/files/{file.id}/").status_code == 404


def test_what_is_asked_of_the_applicant_stands_on_top_with_its_reason(office, heron, officer, draft):
    case = take(office, draft, "submit", heron.person)
    page = heron.get(f"/applications/{case.id}/").text
    assert f'href="/applications/{case.id}/submit/">Submit again</a>' in page
    take(office, case, "ask_supplement", officer, note="Where does the pier stand?", day=office.today + 5)
    page = heron.get("/applications/").text
    assert "Hand in the supplement" in page
    assert "Where does the pier stand?" in heron.get(f"/applications/{case.id}/").text
    assert "Oda Reed" not in heron.get(f"/applications/{case.id}/").text  # roles, never people of the office


def test_a_supplement_shows_what_stays_and_until_when(office, clock, heron, officer, draft):
    case = take(office, draft, "submit", heron.person)
    take(office, case, "ask_supplement", officer, note="The plan", day=office.today + 5)
    page = heron.get(f"/applications/{case.id}/write/").text
    assert "What stays as you submitted it" in page
    assert 'name="cost"' not in page and 'name="summary"' in page
    kept = heron.post(f"/applications/{case.id}/answers/", {"cost": "90000.00"})
    assert (kept.status_code, "W1188" in kept.text) == (422, True)
    assert answers(office.desk, case)["cost"] == ANSWERS["cost"]
    heron.post(f"/applications/{case.id}/answers/", {"title": "A pier of oak"})
    assert answers(office.desk, case)["title"] == "A pier of oak"
    clock.wait(6 * 86_400)
    assert "W1187" in heron.get(f"/applications/{case.id}/").text


def test_withdrawing_asks_first(office, heron, draft):
    page = heron.get(f"/applications/{draft.id}/step/withdraw/").text
    assert "cannot be taken up again" in page
    assert state(office, draft) == "draft"
    heron.post(f"/applications/{draft.id}/step/withdraw/", {"seq": str(draft.seq)})
    assert state(office, draft) == "withdrawn"


def test_a_step_from_an_old_page_is_not_taken(office, heron, draft):
    take(office, draft, "submit", heron.person)
    page = heron.post(f"/applications/{draft.id}/step/withdraw/", {"seq": "0"})
    assert page.status_code == 422
    assert "W998" in page.text
    assert state(office, draft) == "submitted"


def test_an_appeal_is_a_case_of_its_own(office, clock, heron, officer, call):
    case = take(office, drafted(office, heron.person, call, cost="999.00"), "submit", heron.person)
    take(office, case, "refuse", officer)
    page = heron.get(f"/applications/{case.id}/").text
    assert "Not eligible as it stands" in page
    assert "Cost of the pier ¥1,000.00 instead of ¥999.00" in page
    form = heron.get(f"/applications/{case.id}/step/appeal/").text
    assert 'name="note"' in form
    assert heron.post(f"/applications/{case.id}/step/appeal/", {"note": ""}).status_code == 422
    heron.post(f"/applications/{case.id}/step/appeal/", {"note": "The cost was a slip.", "seq": str(case.seq + 1)})
    appeal, = following(office.desk, find_case(office.desk, case.id), "appeal")
    assert "The cost was a slip." in heron.get(f"/applications/{appeal.id}/").text
    clock.wait(31 * 86_400)
    page = heron.get(f"/applications/{case.id}/").text
    assert "the 30 days for this are over" in page


def test_a_message_stands_in_the_record_and_can_be_erased(office, heron, draft):
    heron.post(f"/applications/{draft.id}/note/", {"text": "May the pier be red?"})
    assert "May the pier be red?" in heron.get(f"/applications/{draft.id}/").text
    act, = office.record.acts(draft.subject, act="desk.note")
    assert act.details == {"by": "applicant"}
    office.record.erase("person:1", draft.subject, "asked for")
    assert "(erased)" in heron.get(f"/applications/{draft.id}/").text


def test_letters_go_out_once(office, heron, draft, mailoutbox):
    take(office, draft, "submit", heron.person)
    assert send_letters.func() == 1
    assert send_letters.func() == 0
    letter, = mailoutbox
    assert letter.to == [heron.person.email]
    assert letter.subject == "[Lakeside Office] PIER-26-0001: we have your application"


def test_reminders_go_out_once_within_three_days(office, clock, heron, call, draft):
    assert remind.func() == 0
    clock.at = call.closes_at - 3 * MICROS_PER_DAY
    assert remind.func() == 1
    assert remind.func() == 0
    assert "the call closes soon" in heron.get("/applications/letters/").text


def test_what_is_due_is_reminded_of(office, clock, heron, officer, draft):
    case = take(office, draft, "submit", heron.person)
    due = office.today + 10
    take(office, case, "ask_supplement", officer, note="More", day=due)
    assert remind.func() == 0
    clock.wait(7 * 86_400)
    assert remind.func() == 1
    assert remind.func() == 0
    assert f"due on {iso(due)}" in heron.get("/applications/letters/").text


def test_letters_to_others_are_not_there(office, heron, client_as, draft):
    take(office, draft, "submit", heron.person)
    number = re.search(r"/applications/letters/(\d+)/", heron.get("/applications/letters/").text)[1]
    assert heron.get(f"/applications/letters/{number}/").status_code == 200
    assert client_as("applicant", firm="otter").get(f"/applications/letters/{number}/").status_code == 404


def test_an_empty_list_shows_the_way(client_as):
    page = client_as("applicant", language="zh").get("/applications/").text
    assert "您还没有办件" in page
    assert 'href="/find/"' in page

"""The work list and the case's page: found, filtered, exported, told whole, moved step by step, kept from others."""

import csv
import html
import io
import re

import pytest
from tests.web.desk_story import Story

from westlake.desk import people
from westlake.desk.applying.deciding import note_fact
from westlake.desk.cases import find_case
from westlake.web.jobs import send_letters
from westlake.web.models import Login

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


def numbers(page):
    """The numbers of the cases listed, in their order."""
    return re.findall(r"<small>(PIER-26-\d{4})", page.text)


def test_the_list_shows_what_waits_and_counts_it(lake, client_as):
    lake.lake(4)
    page = client_as("officer").get("/cases/")
    assert numbers(page) == ["PIER-26-0001", "PIER-26-0002", "PIER-26-0003", "PIER-26-0004"]
    assert re.findall(r"([\w ]+) <b>(\d)</b>", page.text) == [
        ("All", "4"), ("Waiting for me", "3"), ("Submitted", "2"), ("Eligible", "1"), ("Not eligible", "1")]


@pytest.mark.parametrize("query, found", [
    ("q=egret", [2]), ("q=pier for TEAL", [3]), ("state=eligible", [2]), ("state=waits", [1, 2, 3]),
    ("low=35000&high=42500", [3, 4]), ("district=North Shore", [2, 4]), ("days=3", [1, 2]), ("q=%25", []),
    ("sort=asked", [4, 3, 2, 1]), ("programme=cloud_voucher", []), ("call=999", [])])
def test_filters_and_order(lake, client_as, query, found):
    lake.lake(4)
    assert numbers(client_as("officer").get(f"/cases/?{query}")) == [f"PIER-26-{one:04d}" for one in found]


def test_the_export_holds_the_list_and_arms_no_cell(lake, client_as):
    call = lake.call()
    lake.submitted(call, "heron", title='=HYPERLINK("http://evil.example")')
    officer, stranger = client_as("officer"), client_as("officer", programme="other")
    rows = list(csv.DictReader(io.StringIO(officer.get("/cases/export.csv").content.decode("utf-8-sig"))))
    assert [(row["Number"], row["Title"], row["Amount stated"]) for row in rows] == [
        ("PIER-26-0001", "'=HYPERLINK(\"http://evil.example\")", "20000.00")]
    assert officer.get("/cases/export.xlsx").content[:2] == b"PK"
    assert stranger.get("/cases/export.csv").content.decode("utf-8-sig").count("\n") == 1


def test_a_search_is_kept_as_a_view_of_ones_own(lake, client_as):
    lake.lake(2)
    officer, other = client_as("officer"), client_as("officer")
    officer.post("/cases/views/", {"name": "Northern ones", "query": "district=North+Shore&state=eligible"})
    assert '<a href="?state=eligible&amp;district=North+Shore">Northern ones</a>' in officer.get("/cases/").text
    assert "Northern ones" not in other.get("/cases/").text
    assert other.post("/cases/views/1/forget/").status_code == 404
    officer.post("/cases/views/1/forget/")
    assert "Northern ones" not in officer.get("/cases/").text


def test_the_page_tells_the_whole_story(lake, client_as):
    _, (case, *_) = lake.lake(1)
    note_fact(lake.desk, case, lake.staff["officer"], "cost", "26000.00", "verified", "site visit")
    page = client_as("officer").get(f"/cases/{case.id}/").text
    assert "the applicant said: ¥20,000.00" in page
    assert "site visit" in page
    assert "Lakeside cloud measures 2025 (L-cloud25), 4" in page  # the clause that the amount rests on
    assert "PIER-26-0001: we have your application" in page
    assert re.findall(r"<strong>([^<]+)</strong> · ", page.split('class="timeline"')[1])[:2] == ["Noted a fact", "Submit"]


def test_what_cannot_be_done_says_why(lake, client_as):
    _, (case, *_) = lake.lake(1)
    page = client_as("officer").get(f"/cases/{case.id}/").text
    off = page.split('<li class="off">')[1].split("</li>")[0]
    assert "<strong>Refuse</strong>" in off
    assert "the rules find the case eligible" in off
    assert "W926" in off


def test_a_step_moves_the_case_once(lake, client_as):
    _, (case, *_) = lake.lake(1)
    officer = client_as("officer")
    step = {"step": "admit", "seq": case.seq}
    assert officer.post(f"/cases/{case.id}/steps/", step)["Location"] == f"/cases/{case.id}/"
    assert find_case(lake.desk, case.id).state == "eligible"
    again = officer.post(f"/cases/{case.id}/steps/", step)
    assert (again.status_code, "W998" in again.text) == (422, True)
    assert find_case(lake.desk, case.id).seq == case.seq + 1


def test_a_step_asks_for_what_its_row_says(lake, client_as):
    _, (case, *_) = lake.lake(1)
    officer = client_as("officer")
    wrong = officer.post(f"/cases/{case.id}/steps/", {"step": "ask_supplement", "seq": case.seq, "note": "The plan",
                                                      "day": "soon"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "W1071" in wrong.text) == (422, True)
    officer.post(f"/cases/{case.id}/steps/", {"step": "ask_supplement", "seq": case.seq, "note": "The plan",
                                              "day": "2026-07-01"})
    moved = find_case(lake.desk, case.id)
    assert (moved.state, moved.due) == ("supplement", 20_635)


def test_an_officer_of_another_programme_meets_nothing(lake, client_as):
    _, (case, *_) = lake.lake(1)
    stranger = client_as("officer", programme="cloud_voucher")
    assert numbers(stranger.get("/cases/")) == []
    assert stranger.get(f"/cases/{case.id}/").status_code == 404
    assert stranger.post(f"/cases/{case.id}/steps/", {"step": "admit", "seq": case.seq}).status_code == 404
    assert stranger.post(f"/cases/{case.id}/facts/", {"name": "cost"}).status_code == 404
    assert stranger.get(f"/cases/{case.id}/letters/1/").status_code == 404
    assert "PIER" not in stranger.get(f"/cases/bulk/?case={case.id}").text
    assert find_case(lake.desk, case.id).seq == case.seq


def test_a_blind_phase_hides_the_applicant_from_the_chair(lake, client_as):
    now = lake.desk.now()
    call = lake.call(phases=[{"first": now, "last": now + 10**13, "hides": ["applicant"]}])
    case, _ = lake.submitted(call, "heron")
    chair = client_as("chair")
    listed, shown = chair.get("/cases/").text, chair.get(f"/cases/{case.id}/").text
    for page in (listed.split("<main")[1], shown.split("<main")[1]):
        assert "Heron" not in page
        assert "/firms/heron/" not in page
    assert numbers(chair.get("/cases/?q=heron+speaker")) == []
    assert "Heron" in client_as("officer").get("/cases/").text


def test_the_place_of_a_title_in_a_blind_phase_tells_no_name(lake, client_as):
    now = lake.desk.now()
    call = lake.call(phases=[{"first": now, "last": now + 10**13, "hides": ["applicant"]}])
    for firm in ("teal", "egret", "heron"):
        lake.submitted(call, firm, title=f"{firm.title()} Robotics: a pier")
    chair, officer = client_as("chair"), client_as("officer")
    assert numbers(officer.get("/cases/?sort=title")) == ["PIER-26-0002", "PIER-26-0003", "PIER-26-0001"]
    assert numbers(chair.get("/cases/?sort=title")) == ["PIER-26-0001", "PIER-26-0002", "PIER-26-0003"]
    file = chair.get("/cases/export.csv?sort=title").content.decode("utf-8-sig")
    assert [row["Number"] for row in csv.DictReader(io.StringIO(file))] == [
        "PIER-26-0001", "PIER-26-0002", "PIER-26-0003"]


def test_one_step_for_many_is_shown_before_it_is_taken(lake, client_as):
    _, cases = lake.lake(4)
    officer = client_as("officer")
    chosen = "&".join(f"case={case.id}" for case in cases)
    page = officer.get(f"/cases/bulk/?{chosen}&step=admit").text
    assert "What would happen: 2 of 4 can be done" in page and "<button>Do it for 2 cases</button>" in page
    alone = officer.get(f"/cases/bulk/?case={cases[0].id}&step=admit").text
    assert "<button>Do it for one case</button>" in alone
    assert page.count("W999") == 2
    assert find_case(lake.desk, cases[0].id).state == "submitted"
    done = officer.post("/cases/bulk/", {"step": "admit", "case": [case.id for case in cases],
                                         **{f"seq_{case.id}": case.seq for case in cases}})
    assert "2 done, 2 not done" in done.text
    assert [find_case(lake.desk, case.id).state for case in cases] == ["eligible", "eligible", "eligible", "refused"]


def test_a_draft_letter_is_changed_and_let_go_once(lake, client_as):
    _, cases = lake.lake(2)
    officer, auditor = client_as("officer"), client_as("auditor")
    number = lake.connection.execute("SELECT id FROM desk_message WHERE state = 'draft'").fetchone()[0]
    place = f"/cases/{cases[1].id}/letters/{number}/"
    officer.post(place, {"subject": "Eligible", "body": "Dear Egret,\r\nyou are in."})
    assert auditor.post(place, {"subject": "x", "body": "y"}).status_code == 404
    officer.post(f"{place}release/")
    assert lake.connection.execute("SELECT subject, body, state FROM desk_message WHERE id = ?", (number,)).fetchone() == (
        "Eligible", "Dear Egret,\nyou are in.", "released")
    assert "W997" in officer.post(f"{place}drop/").text


def test_two_submissions_stand_side_by_side(lake, client_as):
    from westlake.desk.applying.drafting import save_answers
    from westlake.desk.people import Held
    call = lake.call()
    case, applicant = lake.submitted(call)
    save_answers(lake.desk, find_case(lake.desk, case.id), applicant, Held("applicant", "*", "heron"),
                 {"cost": "18000.00"})
    lake.take(case, "resubmit", applicant)
    page = client_as("officer").get(f"/cases/{case.id}/").text
    changed = re.findall(r'<tr class="changed">(.*?)</tr>', page.split("What was submitted", 1)[1], re.S)
    assert [re.findall(r">([^<>]+)</(?:td|b)>", row) for row in changed] == [
        ["Cost of the pier", "¥20,000.00", "¥18,000.00"]]


def test_a_page_asks_no_more_when_there_is_more_to_tell(lake, client_as):
    """The same questions for a case among one and among many, with two letters or twenty."""
    _, cases = lake.lake(1)
    officer = client_as("officer")

    def asked():
        answer = officer.get(f"/cases/{cases[0].id}/")
        lake.office.connection.execute("SELECT 1")  # it may write again
        return int(re.search(r'desc="(\d+)"', answer["Server-Timing"])[1])
    before = asked()
    for value in range(20_001, 20_011):
        note_fact(lake.desk, cases[0], lake.staff["officer"], "cost", f"{value}.00", "verified", "site visit")
        lake.take(cases[0], "look_again", "officer")
    assert asked() == before


FACT = {"name": "cost", "value": "1.00", "assurance": "verified", "source": "hearsay"}


@pytest.mark.parametrize("role", ["officer", "approver"])
def test_who_sees_a_case_in_another_role_writes_nothing_in_it(lake, office, person_with, client_as, role):
    case, _ = lake.submitted(lake.call(), "heron")
    browser = client_as("auditor")
    lake.clock.wait(seconds=1)
    people.grant_role(office.connection, browser.person.id, role, "cloud_voucher", at=office.now())
    browser.force_login(Login.objects.get(person=browser.person.id), BACKEND)
    assert browser.get(f"/cases/{case.id}/").status_code == 200
    assert browser.post(f"/cases/{case.id}/facts/", FACT).status_code == 404
    assert office.connection.execute("SELECT count(*) FROM desk_fact").fetchone()[0] == 0


def test_an_officer_writes_nothing_in_their_own_application(lake, office, client_as):
    call = lake.call()
    lake.know("heron", resident="1")
    browser = client_as("applicant", firm="heron")
    people.grant_role(office.connection, browser.person.id, "officer", at=office.now())
    browser.force_login(Login.objects.get(person=browser.person.id), BACKEND)
    case = lake.take(lake.draft(call, browser.person), "submit", browser.person)
    assert browser.get(f"/cases/{case.id}/").status_code == 200
    assert browser.post(f"/cases/{case.id}/facts/", FACT).status_code == 404
    assert office.connection.execute("SELECT count(*) FROM desk_fact").fetchone()[0] == 0


def test_the_letters_that_wait_are_read_in_one_list_and_go_after_a_second_look(lake, client_as):
    lake.lake(8)
    officer = client_as("officer")
    assert re.search(r'<a[^>]*href="/cases/letters/"', officer.get("/").text)
    drafts = lake.connection.execute("SELECT m.id, c.number FROM desk_message m JOIN desk_case c ON c.id = m.case_id"
                                     " WHERE m.state = 'draft' ORDER BY m.id").fetchall()
    page = officer.get("/cases/letters/").text
    assert all(f'value="{number}"' in page and case in page for number, case in drafts) and len(drafts) > 2
    assert officer.get("/cases/letters/?q=no-such-case").text.count('type="checkbox"') == 0
    (first, _), (second, _) = drafts[:2]
    sure = officer.get(f"/cases/letters/send/?letter={first}&letter={second}")
    assert "Letters that go out and cannot be called back: 2." in sure.text
    kept = re.findall(r'name="letter" value="([^"]+)"', sure.text)
    one = lake.connection.execute("SELECT case_id FROM desk_message WHERE id = ?", (second,)).fetchone()[0]
    officer.post(f"/cases/{one}/letters/{second}/", {"subject": "Changed", "body": "meanwhile"})
    done = officer.post("/cases/letters/send/", {"letter": kept}, follow=True).text
    assert "Letters that will go out: 1." in done and "1 were changed" in done
    states = dict(lake.connection.execute("SELECT id, state FROM desk_message WHERE id IN (?, ?)", (first, second)).fetchall())
    assert states == {first: "released", second: "draft"}
    everything = re.findall(r'name="letter" value="([^"]+)"', officer.get("/cases/letters/send/?all=1&q=&kind=").text)
    officer.post("/cases/letters/send/", {"letter": everything})
    assert lake.connection.execute("SELECT count(*) FROM desk_message WHERE state = 'draft'").fetchone()[0] == 0
    assert "No letter waits" in officer.get("/cases/letters/").text


def test_letters_go_out_by_those_who_write_in_the_case_only(lake, client_as):
    lake.lake(4)
    number, at = lake.connection.execute("SELECT id, moved_at FROM desk_message WHERE state = 'draft'").fetchone()
    elsewhere = client_as("officer", programme="cloud_voucher")
    assert f'value="{number}"' not in elsewhere.get("/cases/letters/").text
    assert "No letter is ticked" in elsewhere.get(
        f"/cases/letters/send/?letter={number}").text
    elsewhere.post("/cases/letters/send/", {"letter": f"{number}:{at}"})
    assert lake.connection.execute("SELECT state FROM desk_message WHERE id = ?", (number,)).fetchone()[0] == "draft"
    assert client_as("auditor").get("/cases/letters/").status_code == 403


def test_what_an_applicant_asks_is_read_counted_and_answered(lake, office, client_as, mailoutbox):
    case, heron = lake.submitted(lake.call(), "heron")
    applicant, officer = client_as("officer"), client_as("officer", name="Oda Sedge")
    applicant.force_login(Login.objects.create_user(heron.email, "x", person=heron.id), BACKEND)
    assert "asks us" not in officer.get("/cases/").text.lower()
    page = officer.get(f"/cases/{case.id}/").text
    assert ("Write to the applicant" in page, "Your answer" in page) == (True, False)  # nobody has asked anything
    officer.post(f"/cases/{case.id}/answer/", {"text": "Please call us."})
    send_letters.func()
    assert mailoutbox[-1].subject == f"[Lakeside Office] {case.number}: the office has written to you"
    lake.clock.wait(seconds=1)
    applicant.post(f"/applications/{case.id}/note/", {"text": "When is the pier paid?"})
    assert re.findall(r'href="/cases/\?state=asks"[^>]*><b>(\d)</b>', officer.get("/").text) == ["1"]
    assert 'href="?state=asks">Asks us <b>1</b>' in officer.get("/cases/").text
    assert numbers(officer.get("/cases/?state=asks")) == [case.number]
    page = officer.get(f"/cases/{case.id}/").text
    assert ("When is the pier paid?" in page, "Your answer" in page) == (True, True)
    assert officer.post(f"/cases/{case.id}/answer/", {"text": " "}).status_code == 422
    officer.post(f"/cases/{case.id}/answer/", {"text": "Once the agreement is signed."})
    assert numbers(officer.get("/cases/?state=asks")) == []
    assert "Cases with a message" not in officer.get("/").text
    page = applicant.get(f"/applications/{case.id}/").text
    assert page.index("When is the pier paid?") < page.index("Once the agreement is signed.")
    assert "Oda Sedge" not in page  # roles, never people of the office
    send_letters.func()
    letter = mailoutbox[-1]
    assert (letter.to, letter.subject) == ([heron.email], f"[Lakeside Office] {case.number}: the office has answered you")
    assert "agreement" not in letter.body  # what is erased from the record is erased everywhere
    applicant.post(f"/applications/{case.id}/note/", {"text": "And who signs?"})
    assert numbers(officer.get("/cases/?state=asks")) == [case.number]
    office.record.erase("person:1", case.subject, "asked for")
    assert officer.get(f"/cases/{case.id}/").text.count("(erased)") == 4


def test_what_a_colleague_of_the_applicant_writes_is_the_applicants_sides(lake, client_as):
    case, heron = lake.submitted(lake.call(), "heron")
    applicant, officer = client_as("officer"), client_as("officer", name="Oda Sedge")
    applicant.force_login(Login.objects.create_user(heron.email, "x", person=heron.id), BACKEND)
    helper, hana = client_as("officer"), lake.person("Hana Reed", "co_applicant", "heron")
    helper.force_login(Login.objects.create_user(hana.email, "x", person=hana.id), BACKEND)
    helper.post(f"/applications/{case.id}/note/", {"text": "May we come on Monday?"})
    applicant.post(f"/applications/{case.id}/note/", {"text": "Or on Tuesday?"})
    page = html.unescape(officer.get(f"/cases/{case.id}/").text)
    assert ("on the applicant's side, Hana Reed" in page, f"the applicant, {heron.name}" in page,
            "the office, Hana Reed" in page) == (True, True, False)
    for browser, first, second in ((applicant, "from somebody else on your side", "from you"),
                                   (helper, "from you", "from somebody else on your side")):
        page = browser.get(f"/applications/{case.id}/").text
        assert re.findall(r"· (from [^<]+)</p><p>(?:<p>)?([^<]+)</p>", page) == [
            (first, "May we come on Monday?"), (second, "Or on Tuesday?")]


def test_nobody_answers_in_a_case_in_which_they_do_not_write(lake, client_as):
    case, _ = lake.submitted(lake.call(), "heron")
    for browser in (client_as("auditor"), client_as("officer", programme="other")):
        assert browser.post(f"/cases/{case.id}/answer/", {"text": "Soon."}).status_code == 404
    assert list(lake.desk.record.acts(case.subject, act="desk.note")) == []

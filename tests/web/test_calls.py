"""Calls: written down, looked at beforehand, announced, changed with a reason that stays, kept to one's own programme."""

import pytest
from tests.web.desk_story import Story

from westlake.desk.calls import call_history, calls, find_call
from westlake.errors import WestlakeError
from westlake.web.pages.plan.call_form import read_quotas, write_quotas

WHOLE = {"programme": "pier_challenge", "code": "PIER-27", "year": "2027", "opens": "2027-03-01T09:00",
         "closes": "2027-03-31T18:00", "budget": "300000.00", "mode": "lottery", "objective": "points", "edge": "skip",
         "threshold": "6.5", "quotas": "district = south; least_count 2; most_share 40%", "applicants": "120",
         "places": "40", **{f"title_{lang}": f"Piers 2027 {lang}" for lang in ("en", "ko", "zh")},
         "phase_first_1": "2027-03-31T18:00", "phase_last_1": "2027-05-01T00:00", "phase_hides_1": ["applicant", "scores"],
         **{f"term_{name}": "5" for name in (
             "objection_days", "appeal_days", "correction_hours", "cool_off_days", "reviews_per_case", "reviewer_load",
             "review_days", "history_years", "reserve_places", "factor_minutes", "decision_days", "repay_days")}}


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


def test_a_call_is_written_down_in_the_offices_clock(lake, client_as):
    assert client_as("officer").post("/calls/new/", WHOLE)["Location"] == "/calls/1/"
    call = find_call(lake.desk, 1)
    assert (call.code, call.announced, call.number("budget"), call.number("appeal_days")) == (
        "PIER-27", False, 30_000_000, 5)
    assert call.opens_at == 1_803_862_800_000_000  # 2027-03-01 01:00 UTC is nine o'clock there
    assert call.terms["choice"] == {
        "mode": "lottery", "objective": "points", "edge": "skip", "threshold": "6.5",
        "quotas": [{"field": "district", "value": "south", "least_count": "2", "most_share": "40%"}]}
    assert call.hides("scores", call.closes_at) and not call.hides("reviewers", call.closes_at)


@pytest.mark.parametrize("wrong, field, code", [
    ({"closes": "2027-02-01T09:00"}, "closes", "W916"), ({"title_ko": " "}, "title_ko", ""),
    ({"budget": "a lot"}, "budget", "W1074"), ({"places": "120"}, "places", "W1074"),
    ({"quotas": "the south shall have some"}, "quotas", "W1074"), ({"opens": "soon"}, "opens", "W1073"),
    ({"phase_last_1": "2027-01-01T00:00"}, "phase_last_1", "W1074")])
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(lake, client_as, wrong, field, code):
    answer = client_as("officer").post("/calls/new/", {**WHOLE, **wrong})
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.text
    assert code in answer.text
    assert calls(lake.desk) == []


def test_nobody_has_to_foretell_how_many_apply(lake, client_as):
    officer = client_as("officer")
    assert officer.post("/calls/new/", {**WHOLE, "applicants": "", "places": ""})["Location"] == "/calls/1/"
    assert find_call(lake.desk, 1).terms["expected"] == {}
    assert "No numbers of applicants and places are expected" in officer.get("/calls/1/").text


def test_before_it_opens_the_office_sees_what_its_design_can_show(lake, client_as):
    officer = client_as("officer")
    officer.post("/calls/new/", WHOLE)
    page = officer.get("/calls/1/announce/").text
    assert "120" in page.split("What its design can show")[1]
    assert "0.55" in page  # t at 118 degrees: (1.980 + 0.845) x sqrt(1/40 + 1/80)
    officer.post("/calls/1/announce/")
    assert find_call(lake.desk, 1).announced


def test_a_change_after_that_needs_a_reason_that_stays(lake, client_as):
    officer = client_as("officer")
    officer.post("/calls/new/", WHOLE)
    officer.post("/calls/1/announce/")
    longer = {**WHOLE, "closes": "2027-04-15T18:00"}
    assert officer.post("/calls/1/change/", longer).status_code == 422
    assert officer.post("/calls/1/change/", {**longer, "reason": "The ice stays longer"}).status_code == 302
    assert [row[5] for row in call_history(lake.desk, 1)] == ["", "announced", "The ice stays longer"]
    assert "The ice stays longer" in officer.get("/calls/1/").text


def test_a_threshold_that_is_taken_out_of_the_form_holds_no_longer(lake, client_as):
    officer = client_as("officer")
    officer.post("/calls/new/", WHOLE)
    assert officer.post("/calls/1/change/", {**WHOLE, "threshold": ""}).status_code == 302
    assert "threshold" not in find_call(lake.desk, 1).terms["choice"]


def test_the_page_counts_where_applications_stand(lake, client_as):
    lake.lake(4)
    page = client_as("officer").get("/calls/1/").text
    facts = page.split('class="facts"')[1].split("</dl>")[0]
    assert [text.split("</dd>")[0] for text in facts.split("<dd>")[1:]] == ["4", "3", "¥0.00", "¥300,000.00"]
    assert page.count('<rect class="k') == 6  # three states: in the bar and in its legend


def test_its_deadline_goes_into_a_calendar(lake, client_as):
    lake.call()
    answer = client_as("officer").get("/calls/1/deadline.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"BEGIN:VEVENT\r\n" in answer.content


def test_others_meet_nothing(lake, client_as):
    lake.call()
    stranger, auditor = client_as("officer", programme="cloud_voucher"), client_as("auditor")
    assert stranger.get("/calls/1/").status_code == 404
    assert "PIER-26" not in stranger.get("/calls/").text
    assert auditor.get("/calls/1/").status_code == 200
    assert auditor.post("/calls/1/change/", WHOLE).status_code == 404
    assert stranger.post("/calls/1/announce/").status_code == 404


def test_quotas_are_read_as_they_are_written():
    text = "district = south; least_count 2; most_share 40%\nsector = ai; most_amount 50000.00"
    assert write_quotas(read_quotas(text)) == text


def test_a_share_without_its_sign_is_told_and_not_guessed():
    with pytest.raises(WestlakeError, match="W1182 a share is written with %: \"district = south; most_share 40\""):
        read_quotas("district = south; most_share 40")


@pytest.mark.parametrize("lang, said", [("en", "Letters, digits, hyphens"), ("ko", "영문, 숫자, 하이픈"), ("zh", "字母、数字、连字符")])
def test_a_code_that_is_none_is_told_in_the_readers_language(lake, client_as, lang, said):
    answer = client_as("officer").post(f"/calls/new/?lang={lang}", {**WHOLE, "code": "PIER 27!"})
    assert answer.status_code == 422
    assert [text[:len(said)] for text in answer.context["form"].errors["code"]] == [said]

"""Calls: written down, looked at beforehand, announced, changed with a reason that stays, kept to one's own programme."""

import pytest
from tests.web.conftest import Browser
from tests.web.desk_story import Story
from tests.web.money_office import Desk, browser_of

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
             "review_days", "history_years", "reserve_places", "factor_minutes", "decision_days", "repay_days",
             "agree_days", "part_days")}}


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


def test_what_waits_in_a_call_is_listed_whatever_its_kind(office, clock, tmp_path):
    """All its applications are agreed; their milestones wait for whoever checks them."""
    desk = Desk(office, clock, tmp_path)
    parts = [part for firm in ("heron", "lynx") for part in desk.agreed(firm)[1]]
    for part in parts[:2]:
        desk.take(part, "check", "officer")
    for who, count in (("officer", 0), ("approver", 2)):  # what is planned is the firm's to do
        page = browser_of(Browser(), desk.staff[who]).get(f"/calls/{desk.round.id}/")
        assert (page.context["waiting"], len(page.context["queue"])) == (count, count)
        assert ("Nothing of this call waits for you" in page.text, "state=waits" in page.text) == (not count, bool(count))
        assert {one.row.case.kind for one in page.context["queue"]} == ({"milestone"} if count else set())


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


POSTED = "Quota for south shore (Shore): at least 2 chosen, at most 40% of the budget."


def sentences(page):
    return [text.split("</li>")[0] for text in page.split('id="method"')[1].split("</ul>")[0].split("<li>")[1:]]


def test_a_call_tells_in_the_same_sentences_to_all_how_it_chooses(lake, client_as, visitor):
    officer = client_as("officer")
    assert "An application with fewer than 60 points is never chosen." in sentences(
        officer.get("/calls/new/?programme=pier_challenge").text)  # what its programme says
    looked = officer.post("/calls/new/", {**WHOLE, "look": "1"})
    assert looked.status_code == 200 and calls(lake.desk) == []
    told = sentences(looked.text)
    assert told == [
        "Each application gets 5 or more independent reviews by these criteria: Technical merit 40 %, Team 25 %,"
        " Use to the city 35 %. Full marks are 100 points.",
        "For a time, reviewers and the panel are not told who applies.",
        "The score is estimated from all reviews, allowing for reviewers who mark more severely than others.",
        "An application with fewer than 6.5 points is never chosen.",
        "Applications are ranked by score and chosen from the top while the budget lasts; about the cut-off, lots are drawn"
        " among those whom the reviews cannot tell apart.",
        "One that no longer fits the budget is passed over, and smaller ones below it may follow.",
        "The draw follows from a number that is kept with it, so that anybody can repeat it.", POSTED,
        "At most one award for each firm.", "Of those not chosen, up to 5 are kept on a reserve list.",
        "The office decides within 5 days of hand-in.",
        "Who is chosen is made known for 5 days, in which anybody may object with a reason.",
        "Once the result is known, each applicant is shown score, rank, the lowest score chosen, the reason, and the"
        " reviewers&#x27; comments without their names.",
        "An appeal may be filed within 5 days of the decision, once for each decision."]
    officer.post("/calls/new/", WHOLE)
    assert sentences(officer.get("/calls/1/").text) == told
    assert sentences(officer.get("/calls/1/change/").text) == told
    officer.post("/calls/1/announce/")
    assert sentences(visitor.get("/find/1/").text) == told


@pytest.mark.parametrize("lang, said", [("ko", "남쪽 호안(호안) 할당: 2건 이상 선정, 예산의 40% 이하."),
                                        ("zh", "南岸（湖岸）的配额：至少入选 2 件、不超过预算的 40%。")])
def test_it_does_so_in_the_readers_language(lake, client_as, lang, said):
    officer = client_as("officer")
    officer.post("/calls/new/", WHOLE)
    assert said in sentences(officer.get(f"/calls/1/?lang={lang}").text)


@pytest.mark.parametrize("changed, said, unsaid", [
    ({"mode": "optimal", "objective": "count"}, "the one with the most applications is chosen", "ranked by score"),
    ({"mode": "optimal", "objective": "points"}, "the one with the most points in total is chosen", "lots"),
    ({"edge": "stop"}, "With the first that no longer fits the budget the list ends.", "smaller ones below it"),
    ({"threshold": ""}, "fewer than 60 points", "fewer than 6.5"),  # what the programme says holds where the call is silent
    ({"term_decision_days": "0", "term_reserve_places": "0"}, "once for each decision", "within 5 days of hand-in")])
def test_each_way_of_choosing_has_its_words(lake, client_as, changed, said, unsaid):
    page = client_as("officer").post("/calls/new/", {**WHOLE, **changed, "look": "1"}).text
    told = " ".join(sentences(page))
    assert said in told
    assert unsaid not in told


def test_to_look_at_a_change_needs_no_reason_and_changes_nothing(lake, client_as):
    officer = client_as("officer")
    officer.post("/calls/new/", WHOLE)
    officer.post("/calls/1/announce/")
    looked = officer.post("/calls/1/change/", {**WHOLE, "mode": "optimal", "look": "1"})
    assert looked.status_code == 200
    assert "the one with the most points" in " ".join(sentences(looked.text))
    assert len(call_history(lake.desk, 1)) == 2


@pytest.mark.parametrize("line, code, said", [
    ("distrikt = south; least_count 2", "W1184", "district"), ("firm = heron; least_count 1", "W1184", "sector, size"),
    ("district = sooth; least_count 2", "W1185", "south"), ("size = smal; most_share 30%", "W1185", "small"),
    ("sector = rowing; least_count 1", "W1185", "angling")])
def test_a_quota_on_what_there_is_not_is_told_with_the_nearest(lake, client_as, line, code, said):
    lake.know("heron", sector="angling", district="North Shore")
    answer = client_as("officer").post("/calls/new/", {**WHOLE, "quotas": line})
    assert answer.status_code == 422
    assert code in answer.text and said in answer.text
    assert calls(lake.desk) == []


def test_a_quota_that_the_call_had_before_stays_when_something_else_is_changed(lake, client_as):
    officer = client_as("officer")
    officer.post("/calls/new/", {**WHOLE, "quotas": "sector = rowing; least_count 1"})  # no sector is known yet
    lake.know("heron", sector="angling")
    assert officer.post("/calls/1/change/", {**WHOLE, "budget": "400000.00", "quotas": "sector = rowing; least_count 1"}
                        ).status_code == 302
    assert officer.post("/calls/1/change/", {**WHOLE, "quotas": "sector = rowing; least_count 2"}).status_code == 422


def test_the_form_names_the_fields_and_values_that_a_quota_can_ask_by(lake, client_as):
    lake.know("heron", sector="angling", district="North Shore")
    page = client_as("officer").get("/calls/new/?programme=pier_challenge").text
    assert ("Fields and values: district (north, south, North Shore), sector (angling),"
            " size (micro, small, medium, large).") in page


def test_a_programme_that_there_is_not_is_told_at_its_field(lake, client_as):
    answer = client_as("officer").post("/calls/new/", {**WHOLE, "programme": "boat_voucher"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["programme"]

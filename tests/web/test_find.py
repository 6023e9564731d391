"""Anybody finds calls, asks the real rules about themselves, and takes the answers along into an application."""

import re
import shutil
from pathlib import Path

import pytest
from tests.web.applying import announce, know, shelve

import westlake.programmes
from westlake.dates import MICROS_PER_DAY
from westlake.desk.calls import change_call, plan_call
from westlake.desk.cases import answers
from westlake.web.pages.applicant.kept_answers import COOKIE
from westlake.web.pages.applicant.preview import look

SHELF = Path(westlake.programmes.__file__).parent / "hangzhou"


@pytest.fixture
def call(office, person_with):
    return announce(office, person_with("officer", name="Oda Reed"))


def rows(page):
    return re.findall(r'<a href="(/find/\d+/)">([^<]+)</a>', page.text)


def test_calls_are_found_by_their_words_in_any_language_and_plans_are_not_shown(visitor, office, person_with, call):
    officer = person_with("officer")
    later = announce(office, officer, "PIER-27", opens=5, closes=20, title={"en": "Jetties", "ko": "잔교", "zh": "栈桥"})
    announce(office, officer, "SECRET", announced=False)
    assert rows(visitor.get("/find/")) == [(f"/find/{call.id}/", "Piers of the north shore 2026"),
                                           (f"/find/{later.id}/", "Jetties")]
    assert rows(visitor.get("/find/?q=栈桥")) == [(f"/find/{later.id}/", "Jetties")]
    assert rows(visitor.get("/find/?state=closed")) == []
    assert visitor.get(f"/find/{later.id + 1}/").status_code == 404


@pytest.mark.parametrize("lang, left", [("en", "29 days left"), ("ko", "29일 남음"), ("zh", "还剩 29 天")])
def test_a_call_says_until_when_for_whom_and_what_is_asked(visitor, call, lang, left):
    page = visitor.get(f"/find/{call.id}/?lang={lang}").text
    assert left in page
    assert "¥1,000.00" in page  # the least cost, from the values of the programme
    assert {"en": "Cost of the pier", "ko": "선착장 비용", "zh": "码头造价"}[lang] in page


@pytest.mark.parametrize("left, words", [(2 * 86_400 + 5, "2 days left"), (2 * 86_400 - 5, "47 hours left"),
                                         (7_100, "118 minutes left"), (0, "Closed")])
def test_the_time_left_grows_finer(visitor, office, clock, person_with, left, words):
    call = announce(office, person_with("officer"))
    clock.at = call.closes_at - left * 1_000_000
    assert words in visitor.get(f"/find/{call.id}/").text


def test_the_deadline_goes_into_a_calendar(visitor, call):
    page = visitor.get(f"/find/{call.id}/deadline.ics")
    assert page["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"UID:call-1@testserver" in page.content
    assert b"DTSTART:20260627T202640Z" in page.content


def check(browser, call, **given):
    """Answer every part of the check; the answer page."""
    address = f"/find/{call.id}/check/"
    for _ in range(5):
        page = browser.post(address, given)
        address = page["Location"]
        if address.endswith("/answer/"):
            return browser.get(address).text
    raise AssertionError("the check has no end")


def test_the_real_rules_answer_before_anybody_registers(visitor, office, call):
    before = list(office.connection.iterdump())
    page = check(visitor, call, resident="true", district="north", cost="20,000")
    assert "Eligible by the rules" in page
    assert "¥10,000.00" in page  # half of the cost on the north shore
    assert "The cost of ¥20,000.00 reaches ¥1,000.00." in page
    assert "Lakeside" in page  # the source of a clause is cited
    assert list(office.connection.iterdump()) == before


def test_what_keeps_somebody_out_is_named_with_what_would_mend_it(visitor, call):
    page = check(visitor, call, resident="true", district="north", cost="999.99")
    assert "Not eligible as it stands" in page
    assert "This condition is not met: Large enough" in page
    assert "Cost of the pier ¥1,000.00 instead of ¥999.99: then ¥500.00" in page


def test_what_is_left_out_is_named_and_nothing_is_guessed(visitor, call):
    page = check(visitor, call, resident="true", district="north")
    assert "No answer yet" in page
    assert "<li>Cost of the pier</li>" in page


@pytest.mark.parametrize("lang, told", [("en", "“many” is no amount"), ("ko", "‘many’은(는) 금액이 아닙니다"), ("zh", "“many”不是金额")])
def test_a_wrong_answer_is_told_beside_its_question_and_stays_as_typed(visitor, call, lang, told):
    visitor.post(f"/find/{call.id}/check/?lang={lang}", {"resident": "true"})
    page = visitor.post(f"/find/{call.id}/check/?part=2&lang={lang}", {"district": "north", "cost": "many"})
    assert page.status_code == 422
    assert told in page.text
    assert 'value="many"' in page.text


def test_answers_go_along_through_log_in_into_the_draft(office, person_with, visitor, call):
    from westlake.web.models import Login

    check(visitor, call, resident="true", district="south", cost="30000")
    applicant = person_with("applicant", firm="heron", name="Hana Heron")
    know(office, "heron", name="Heron Works", resident="1")
    assert visitor.get(f"/find/{call.id}/apply/")["Location"] == f"/account/login/?next=%2Ffind%2F{call.id}%2Fapply%2F"
    visitor.post("/account/login/", {"login": applicant.email, "password": "correct horse battery"})
    visitor.post("/privacy/agree/", {"agreed": "on"})
    Login.objects.get(person=applicant.id)
    assert "3 answers of your check are carried over" in visitor.get(f"/find/{call.id}/apply/").text
    page = visitor.post(f"/find/{call.id}/apply/")
    assert page["Location"] == "/applications/1/write/"
    from westlake.desk.cases import find_case
    assert answers(office.desk, find_case(office.desk, 1)) == {"resident": "true", "district": "south", "cost": "30000"}
    assert visitor.cookies[COOKIE].value == ""  # what came along is forgotten


def test_a_check_tells_nobody_what_is_known_of_those_they_name(office, call):
    know(office, "heron", name="Heron Works", resident="1")
    offered = office.desk.offered("pier_challenge")
    said = {"firm": "heron", "district": "north", "cost": "20000"}
    assert look(office.desk, offered, said, "en") == look(office.desk, offered, {"district": "north", "cost": "20000"}, "en")
    assert not look(office.desk, offered, said, "en").decided  # whether it is resident is asked


def test_starting_over_forgets(visitor, call):
    check(visitor, call, resident="true", district="north", cost="20000")
    visitor.post(f"/find/{call.id}/check/again/")
    assert visitor.cookies[COOKIE].value == ""


def test_who_chooses_a_route_is_asked_only_what_belongs_to_it(visitor, office, person_with):
    """The shore is asked first; on the south shore nobody asks what the pier costs, nor ever what the office finds out,
    and the answer says both."""
    shelve(office)
    workflow = office.workspace.folder / "programmes" / "lakeside" / "pier_challenge" / "workflow.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace(
        "award: claim", 'award: claim\nasked_when:\n  cost: {input: district, is: [north], otherwise: "5000.00"}').replace(
        "facts:\n", 'facts:\n  resident: {from: office, before: "true"}\n'), "utf-8")
    call = announce(office, person_with("officer"))
    about = visitor.get(f"/find/{call.id}/").text
    assert "Large enough" in about and "In the city" not in about  # what the office finds out is no condition to apply
    first = visitor.get(f"/find/{call.id}/check/").text
    assert 'name="district"' in first and 'name="resident"' not in first
    south = visitor.post(f"/find/{call.id}/check/?part=1", {"district": "south"})
    assert south["Location"] == f"/find/{call.id}/check/answer/"
    answer = visitor.get(f"/find/{call.id}/check/answer/").text
    assert "Eligible by the rules" in answer and "Cost of the pier: ¥5,000.00 (not asked here)" in answer
    assert "or the office or the register establishes it later" in answer and "Registered in the city: yes" in answer
    visitor.post(f"/find/{call.id}/check/?part=1", {"district": "north"})
    assert 'name="cost"' in visitor.get(f"/find/{call.id}/check/?part=2").text
    wrong = visitor.post(f"/find/{call.id}/check/?part=2", {"cost": "a lot"})
    assert (wrong.status_code, "“a lot” is no amount" in wrong.text) == (422, True)
    assert "Still empty or not readable (1)" in visitor.get(f"/find/{call.id}/check/answer/").text


def test_who_has_no_number_yet_is_answered_as_somebody_of_whom_nothing_is_known(visitor, office, person_with):
    """The number of the talent register comes later: the check takes them for somebody without earlier awards, says
    so, and ticks off no step that they left empty."""
    shutil.copytree(SHELF, office.workspace.programmes / "hangzhou", ignore=shutil.ignore_patterns("__pycache__"))
    officer, now = person_with("officer"), office.now()
    call = plan_call(office.desk, officer, "talent", "TL-26", 2026, now - 1, now + MICROS_PER_DAY,
                     {"title": {"en": "Talents", "ko": "인재", "zh": "人才"}, "budget": 10_000_000})
    call = change_call(office.desk, call, officer, "announced", announced=True)
    about = visitor.get(f"/find/{call.id}/").text
    assert ": graduate of the city, from elsewhere in the country, overseas Chinese, foreigner<" in about
    assert ("fact F24" in about, "(F24)" in about) == (True, False)  # a text that is cited whole is named once
    page = check(visitor, call, benefit="startup", origin="foreigner", founder="true", largest_holder="true",
                 spend="500,000")
    assert "Eligible by the rules" in page and "¥500,000.00" in page
    assert "<li>Your number in the talent register: none given, so no earlier awards" in page
    steps = visitor.get(f"/find/{call.id}/check/?part=1").text
    assert re.findall(r"<li class=\"(\w+)\"[^>]*>([^<]+)", steps) == [
        ("now", "What you apply for"), ("done", "About you"), ("next", "About what you ask for"), ("next", "Your answer")]
    visitor.post(f"/find/{call.id}/check/?part=3", {"person": "P-1"})
    assert "none given" not in visitor.get(f"/find/{call.id}/check/answer/").text
    visitor.post(f"/find/{call.id}/check/?part=2", {"founder": ""})
    assert "<li>Founder of a firm in the city</li>" in visitor.get(f"/find/{call.id}/check/answer/").text
    assert '<li class="next">About you' in visitor.get(f"/find/{call.id}/check/?part=3").text


def test_an_answer_that_was_left_out_is_not_said_to_be_carried_over(office, client_as, call):
    applicant = client_as("applicant", firm="heron")
    know(office, "heron", name="Heron Works", resident="1")
    check(applicant, call, resident="true", district="south", cost="")
    assert "2 answers of your check are carried over" in applicant.get(f"/find/{call.id}/apply/").text

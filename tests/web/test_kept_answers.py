"""A stranger's answers stay in the stranger's browser: asking leaves no row here, however often and by however many."""

import pytest
from django.contrib.sessions.models import Session
from tests.web.applying import announce
from tests.web.conftest import Browser

from westlake.web.pages.applicant.kept_answers import COOKIE


@pytest.fixture
def calls(office, person_with):
    officer = person_with("officer")
    return [announce(office, officer, f"PIER-{number}") for number in range(6)]


def ask(visitor, call, **given):
    return visitor.post(f"/find/{call.id}/check/", {"resident": "true", **given})


def test_a_flood_of_strangers_leaves_nothing_here(calls):
    for _ in range(20):
        visitor = Browser()
        assert ask(visitor, calls[0]).status_code == 302
        visitor.post(f"/find/{calls[0].id}/check/?part=2", {"district": "north", "cost": "20000"})
        assert "Eligible by the rules" in visitor.get(f"/find/{calls[0].id}/check/answer/").text
    assert Session.objects.count() == 0


def test_the_browser_keeps_them_out_of_reach_of_scripts_and_only_for_these_pages(calls, visitor):
    ask(visitor, calls[0])
    kept = visitor.cookies[COOKIE]
    assert (kept["httponly"], kept["samesite"], kept["path"], kept["max-age"]) == (True, "Lax", "/find/", "")


def test_a_forged_or_cut_answer_counts_for_nothing(calls, visitor):
    ask(visitor, calls[0])
    visitor.cookies[COOKIE] = visitor.cookies[COOKIE].value[:-3] + "abc"
    page = visitor.get(f"/find/{calls[0].id}/check/answer/")
    assert page.status_code == 200
    assert "No answer yet" in page.text


def test_the_oldest_call_gives_way_and_the_newest_stays(calls, visitor):
    for call in calls:
        ask(visitor, call)
    kept = [call for call in calls if "checked" in visitor.get(f"/find/{call.id}/check/").text]
    assert kept == calls[-4:]


def test_what_a_browser_cannot_keep_is_told(calls, visitor, monkeypatch):
    monkeypatch.setattr("westlake.web.pages.applicant.kept_answers._MOST", 10)
    page = ask(visitor, calls[0])
    assert (page.status_code, "W1125" in page.text) == (422, True)


def test_the_next_person_at_the_same_browser_finds_nothing(calls, visitor, person_with):
    """What a stranger answered goes along into their log-in, and with it out again."""
    ada, bo = person_with("applicant", firm="heron"), person_with("applicant", firm="otter")
    here = f"/find/{calls[0].id}/check/"
    ask(visitor, calls[0])
    visitor.post("/account/login/", {"login": ada.email, "password": "correct horse battery"})
    assert "checked" in visitor.get(here).text
    alone = visitor.cookies[COOKIE].value
    visitor.post("/account/logout/")
    assert visitor.cookies[COOKIE].value == ""
    assert "checked" not in visitor.get(here).text
    for who in (None, bo):  # a session that ended by itself took no cookie along
        visitor.cookies[COOKIE] = alone
        if who:
            visitor.post("/account/login/", {"login": who.email, "password": "correct horse battery"})
        assert "checked" not in visitor.get(here).text, who
        assert visitor.cookies[COOKIE].value == "", who

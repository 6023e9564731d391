"""The notice on personal data: read by anybody, agreed to by people from outside, asked again when its text has changed."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from tests.web.test_people import GOOD, register

from westlake.desk import people
from westlake.web import notice
from westlake.web.models import Login
from westlake.words import say


@pytest.fixture(autouse=True)
def nobody_has_tried_yet():
    cache.clear()
    yield
    cache.clear()


def consents(office):
    return [(act.actor, act.subject, act.details) for act in office.record.acts(act="desk.notice_agreed")]


def log_in(browser, person, password=GOOD):
    browser.post("/account/logout/")
    return browser.post("/account/login/", {"login": person.email, "password": password})


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
def test_everybody_can_read_who_keeps_what_for_how_long_and_whom_to_ask(visitor, lang, monkeypatch):
    monkeypatch.setattr(settings, "SERVING", type(settings.SERVING)(privacy_contact="privacy@lakeside.example", keep_years=7))
    page = visitor.get(f"/privacy/?lang={lang}").text
    assert [say(f"web.privacy.{name}", lang) for name in notice.PARTS] == [
        head.split("</h2>")[0] for head in page.split("<h2>")[1:]]
    for told in ("Lakeside Office", "privacy@lakeside.example", "7"):
        assert told in page
    assert say("web.privacy.agree", lang) not in page  # a reader who has not logged in is asked for nothing
    for address in ("/", "/account/signup/"):
        assert '<a href="/privacy/">' in visitor.get(address).text


def test_whoever_registers_agrees_first_and_the_record_keeps_to_which_text(visitor, office):
    register(visitor)
    said = {"name": "Mei Lin", "organisation": "", "language": "ko"}
    page = visitor.post("/welcome/", said)
    assert page.status_code == 422 and say("web.privacy.refuse_says", "en") in page.text
    assert people.person_by_email(office.connection, "mei@reed.example") is None
    assert visitor.post("/welcome/", {**said, "agreed": "on"}).status_code == 302
    mei = people.person_by_email(office.connection, "mei@reed.example")
    assert consents(office) == [(mei.actor, mei.actor, {"notice": notice.version(), "language": "ko"})]
    assert log_in(visitor, mei, "osprey over the lake")["Location"] == "/"
    assert visitor.get("/applications/").status_code == 200
    assert say("web.privacy.agreed", "en") in visitor.get("/privacy/?lang=en").text


def test_the_offices_own_are_not_asked(visitor, office, person_with):
    officer = people.add_person(office.connection, "Oda", "mei@reed.example", at=office.now())
    people.grant_role(office.connection, officer.id, "officer", at=office.now())
    register(visitor)
    assert "agreed" not in visitor.get("/welcome/").text
    visitor.post("/welcome/", {"name": "Oda", "organisation": "", "language": "en"})
    assert visitor.get("/cases/").status_code == 200
    assert consents(office) == []


def test_a_new_text_is_asked_for_at_the_next_log_in_and_nothing_else_goes_on_before(visitor, office, person_with, monkeypatch):
    ada = person_with("applicant")
    log_in(visitor, ada)
    assert visitor.get("/applications/")["Location"] == "/privacy/?next=%2Fapplications%2F"  # entered before there was a notice
    assert visitor.get("/privacy/").status_code == visitor.get("/").status_code == 200
    assert visitor.post("/profile/", {"name": "Ada", "language": "en"})["Location"] == "/privacy/"
    assert visitor.post("/privacy/agree/", {"next": "/applications/"}).status_code == 422
    answer = visitor.post("/privacy/agree/", {"agreed": "on", "next": "/applications/"})
    assert answer["Location"] == "/applications/" and visitor.get("/applications/").status_code == 200
    first = notice.version()
    monkeypatch.setattr(notice, "PARTS", notice.PARTS[:-1])
    assert visitor.get("/applications/").status_code == 200  # who is here is not interrupted
    log_in(visitor, ada)
    assert visitor.get("/applications/").status_code == 302
    visitor.post("/privacy/agree/", {"agreed": "on"})
    log_in(visitor, ada)
    assert visitor.get("/applications/").status_code == 200
    assert [details["notice"] for *_, details in consents(office)] == [first, notice.version()] != [first, first]


def test_another_contact_is_no_new_text_but_another_agency_and_another_time_are(office, monkeypatch):
    first, serving = notice.version(), type(settings.SERVING)
    monkeypatch.setattr(settings, "SERVING", serving(privacy_contact="somebody.else@lakeside.example"))
    assert notice.version() == first
    monkeypatch.setattr(settings, "SERVING", serving(keep_years=30))
    assert notice.version() != first


def test_nobody_agrees_in_anothers_name(client_as, office):
    admin, ada = client_as("admin"), client_as("applicant").person
    admin.post(f"/people/{ada.id}/look/")
    assert say("web.privacy.agree", "en") not in admin.get("/privacy/").text
    assert admin.post("/privacy/agree/", {"agreed": "on"}).status_code == 403
    assert consents(office) == []


def test_somebody_entered_for_a_firm_agrees_when_they_first_come(visitor, office):
    heron = people.add_person(office.connection, "Hana Heron", "mei@reed.example", firm="heron", at=office.now())
    people.grant_role(office.connection, heron.id, "applicant", at=office.now(), firm="heron")
    register(visitor)
    assert visitor.post("/welcome/", {"name": "Hana", "language": "zh"}).status_code == 422
    assert visitor.post("/welcome/", {"name": "Hana", "language": "zh", "agreed": "on"}).status_code == 302
    assert [actor for actor, *_ in consents(office)] == [heron.actor]
    assert Login.objects.get().person == heron.id and EmailAddress.objects.count() == 1

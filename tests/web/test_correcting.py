"""What a person's entry says wrongly is put right: by an administrator with a reason, or by who mistyped a firm's number."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from tests.web.applying import ANSWERS, announce, know
from tests.web.machine import Machine, token_of
from tests.web.test_people import code_from

from westlake.desk import people
from westlake.desk.applying.speaking import speaks_for
from westlake.desk.people import Held
from westlake.web import personal_calendar
from westlake.web.models import ApiToken, Login, Webhook
from westlake.web.persons import verified

ENTRY = {"name": "Hana Heron", "email": "hana@heron.example", "organisation": "Lakeside Office", "language": "en", "firm": "heron",
         "reason": "register extract of 2 May"}


@pytest.fixture
def admin(client_as, second_factor):
    browser = client_as("admin", name="Min Admin")
    second_factor(browser)
    return browser


@pytest.fixture
def hana(office, client_as):
    know(office, "heron", name="Heron Works", resident="1")
    return client_as("applicant", firm="heron", name="Hana Heron", email="hana@heron.example")


def entry(office, browser):
    return people.find_person(office.connection, browser.person.id)


def changed(office, browser):
    return [(act.actor, act.details["fields"], act.personal) for act in office.record.acts(browser.person.actor)
            if act.act == "desk.person_changed"]


def test_a_name_is_put_right_with_a_reason_that_can_be_forgotten(office, admin, hana):
    address = f"/people/{hana.person.id}/correct/"
    assert address in admin.get(f"/people/{hana.person.id}/").text
    assert 'value="Hana Heron"' in admin.get(address).text
    refused = admin.post(address, {**ENTRY, "name": "Hanna Heron", "reason": " "})
    assert (refused.status_code, entry(office, hana).name) == (422, "Hana Heron")
    assert admin.post(address, {**ENTRY, "name": "Hanna Heron"})["Location"] == f"/people/{hana.person.id}/"
    assert entry(office, hana).name == "Hanna Heron"
    assert changed(office, hana) == [(admin.person.actor, ["name"], {
        "name": "Hana Heron → Hanna Heron", "reason": ENTRY["reason"]})]
    assert hana.get("/firm/").status_code == 200  # whoever she is called: she stays logged in
    office.record.erase(admin.person.actor, hana.person.actor, "asked for")
    assert changed(office, hana) == [(admin.person.actor, ["name"], {"name": None, "reason": None})]


def test_with_another_firm_an_applicant_logs_in_anew_and_speaks_for_neither_until_confirmed(office, admin, hana):
    know(office, "otter", name="Otter Ltd", resident="1")
    assert speaks_for(office.desk, entry(office, hana), "heron")
    admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "firm": "otter"})
    now = entry(office, hana)
    assert now.firm == "otter"
    assert people.roles_of(office.connection, now.id, office.now()) == {Held("applicant", "*")}
    assert [speaks_for(office.desk, now, firm) for firm in ("heron", "otter")] == [False, False]
    assert hana.get("/firm/")["Location"].startswith("/account/login/")


def test_whom_the_office_entered_with_the_firm_loses_that_word_with_it(office, admin, visitor):
    know(office, "heron", name="Heron Works")
    hugo = people.add_person(office.connection, "Hugo", "hugo@heron.example", "", "en", "heron", at=office.now())
    people.grant_role(office.connection, hugo.id, "applicant", at=office.now())
    assert speaks_for(office.desk, hugo, "heron")
    admin.post(f"/people/{hugo.id}/correct/", {**ENTRY, "name": "Hugo", "email": hugo.email, "firm": "otter"})
    assert not speaks_for(office.desk, people.find_person(office.connection, hugo.id), "heron")
    assert people.roles_of(office.connection, hugo.id, office.now()) == {Held("applicant", "*")}


def test_a_new_address_is_the_log_ins_too_and_still_to_be_confirmed(office, admin, hana, visitor, mailoutbox):
    admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "email": " Hana@Works.example "})
    assert entry(office, hana).email == "hana@works.example"
    login = Login.objects.get(person=hana.person.id)
    assert (login.email, list(EmailAddress.objects.filter(user=login).values_list("email", "verified"))) == (
        "hana@works.example", [("hana@works.example", False)])
    assert hana.get("/firm/").status_code == 302
    visitor.post("/account/login/", {"login": "hana@works.example", "password": "correct horse battery"})
    assert visitor.get("/firm/")["Location"].startswith("/account/login/")  # whoever knew the old password
    visitor.post("/account/password/reset/", {"email": "hana@works.example"})
    assert [mail.to for mail in mailoutbox] == [["hana@works.example"]]
    visitor.post("/account/password/reset/confirm/", {"code": code_from(mailoutbox[-1])})
    visitor.post("/account/password/reset/complete/", {"password1": "a new bridge over it", "password2": "a new bridge over it"})
    visitor.post("/account/login/", {"login": "hana@works.example", "password": "a new bridge over it"})
    assert visitor.get("/profile/")["Location"] == "/privacy/?next=%2Fprofile%2F"  # in, and asked to agree to the notice
    assert verified(Login.objects.get(person=hana.person.id))


def keys(login):
    """How many of each sort somebody has who holds the log-in."""
    login.refresh_from_db()
    return (login.has_usable_password(), login.calendar_turn, Authenticator.objects.filter(user=login).count(),
            SocialAccount.objects.filter(user=login).count(), ApiToken.objects.filter(login=login, ended_at=None).count(),
            Webhook.objects.filter(login=login, active=True).count())


def test_with_another_address_nothing_opens_that_the_old_holder_has(office, admin, hana, visitor, client_as, second_factor):
    """An applicant's password, factor, token, webhook and calendar end; the name alone, or an officer's address, ends none."""
    officer = client_as("officer", name="Oda Reed", email="oda@office.example")
    logins = [Login.objects.get(person=one.person.id) for one in (hana, officer)]
    for browser, login in zip((hana, officer), logins, strict=True):
        second_factor(browser)
        SocialAccount.objects.create(user=login, provider="lake", uid=f"{login.pk}")
        Webhook.objects.create(login=login, url="https://heron.example/told", secret="s", events="case")
    token, calendar = Machine(token_of(hana.person)), f"/calendar/{personal_calendar.token_of(logins[0])}.ics"
    token_of(officer.person)
    assert (token.get("/me").status_code, visitor.get(calendar).status_code) == (200, 200)
    admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "name": "Hanna Heron"})
    admin.post(f"/people/{officer.person.id}/correct/", {**ENTRY, "name": "Oda Reed", "email": "o@office.example", "firm": ""})
    assert [keys(one) for one in logins] == [(True, 0, 1, 1, 1, 1)] * 2
    admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "email": "hugo@heron.example"})
    assert [keys(one) for one in logins] == [(False, 1, 0, 0, 0, 0), (True, 0, 1, 1, 1, 1)]
    assert (token.get("/me").status_code, visitor.get(calendar).status_code) == (401, 404)
    assert hana.get("/profile/")["Location"].startswith("/account/login/")


def test_a_role_until_a_day_or_from_a_day_keeps_it(office, admin, clock, hana):
    now, day = office.now(), 86_400_000_000
    spans = {"operator": (now - day, now + 30 * day), "guarantor": (now + 10 * day, people.FOREVER)}
    for role, (first, last) in spans.items():
        people.grant_role(office.connection, hana.person.id, role, by=admin.person, at=now, first_at=first, last_at=last)
    admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "email": "hugo@heron.example"})
    again = [one for one in people.grants(office.connection, person=hana.person.id) if one.ended_at is None]
    assert {one.held.role: (one.first_at, one.last_at) for one in again} == {**spans, "applicant": (0, people.FOREVER)}


def test_an_address_that_is_somebodys_already_changes_nothing(office, admin, hana, person_with):
    other = person_with("reviewer")
    Login.objects.create_user("waits@heron.example", "correct horse battery")  # has confirmed, and is nobody yet
    for email, code in ((other.email, "W1131"), ("waits@heron.example", "W1131")):
        page = admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "email": email})
        assert (page.status_code, code in page.text) == (422, True)
    unlogged = people.add_person(office.connection, "Una", "una@heron.example", at=office.now())
    page = admin.post(f"/people/{hana.person.id}/correct/", {**ENTRY, "email": unlogged.email})
    assert (page.status_code, "W901" in page.text) == (422, True)
    assert (entry(office, hana).email, Login.objects.get(person=hana.person.id).email) == (hana.person.email,) * 2


def test_the_offices_own_keep_their_roles_and_nobody_corrects_themselves(office, admin, client_as, second_factor):
    officer = client_as("officer", name="Oda Reed", email="oda@office.example")
    second_factor(officer)
    address = f"/people/{officer.person.id}/correct/"
    assert admin.post(address, {**ENTRY, "name": "Oda Reed", "email": "oda.reed@office.example", "firm": ""}).status_code == 302
    assert people.roles_of(office.connection, officer.person.id, office.now()) == {Held("officer", "*")}
    assert officer.get("/cases/").status_code == 200
    assert officer.get(f"/people/{admin.person.id}/correct/").status_code == 404
    own = f"/people/{admin.person.id}/correct/"
    assert [admin.get(own).status_code, admin.post(own, {**ENTRY, "name": "Me"}).status_code] == [404, 404]
    assert own not in admin.get(f"/people/{admin.person.id}/").text


@pytest.mark.parametrize("lang, words", [("en", "Correct this entry"), ("ko", "정보 정정"), ("zh", "更正登记信息")])
def test_the_page_speaks_three_languages(admin, hana, lang, words):
    assert words in admin.get(f"/people/{hana.person.id}/correct/?lang={lang}").text


@pytest.fixture
def nele(client_as):
    """Somebody who mistyped her firm's number."""
    browser = client_as("applicant", name="Nele New", email="nele@new.example")
    assert browser.post("/firm/register/", {"number": "NEW-7", "name": "New Piers"}).status_code == 302
    return browser


def test_a_mistyped_number_is_changed_while_nothing_rests_on_it(office, nele):
    assert 'href="/firm/register/"' in nele.get("/firm/").text
    page = nele.get("/firm/register/").text
    assert 'value="NEW-7"' in page and 'value="New Piers"' in page
    assert nele.post("/firm/register/", {"number": "NEW-1", "name": "New Piers Ltd"})["Location"] == "/firm/"
    assert (entry(office, nele).firm, entry(office, nele).organisation) == ("NEW-1", "New Piers Ltd")
    assert "NEW-1" in nele.get("/firm/").text


def test_a_draft_for_the_number_is_withdrawn_first(office, nele, person_with):
    call = announce(office, person_with("officer"))
    address = nele.post(f"/find/{call.id}/apply/")["Location"]
    page = nele.get("/firm/").text
    assert "PIER-26-0001" in page and "Withdraw them" in page and 'href="/firm/register/"' not in page
    assert nele.post("/firm/register/", {"number": "NEW-1", "name": "New"})["Location"] == "/firm/"
    assert entry(office, nele).firm == "NEW-7"
    number = re.search(r"\d+", address)[0]
    assert nele.post(f"/applications/{number}/step/withdraw/", {"seq": "0"}).status_code == 302
    assert nele.post("/firm/register/", {"number": "NEW-1", "name": "New"}).status_code == 302
    assert entry(office, nele).firm == "NEW-1"


def rests_application(office, nele, person_with):
    call = announce(office, person_with("officer"))
    address = nele.post(f"/find/{call.id}/apply/")["Location"]
    nele.post(address.replace("write", "answers"), {**ANSWERS, "resident": "true"})
    assert nele.post(address.replace("write", "submit"), {"seq": "0", "meant": "on"}).status_code == 302


def rests_word(office, nele, person_with):
    people.grant_role(office.connection, nele.person.id, "applicant", by=person_with("officer"), at=office.now(), firm="NEW-7")


def rests_writer(office, nele, person_with):
    assert nele.post("/firm/invite/", {"name": "Hugo", "email": "hugo@new.example"}).status_code == 302


def rests_account(office, nele, person_with):
    assert nele.post("/firm/account/", {"holder": "New Piers", "account": "110-234-567890", "bank": "Lake Bank",
                                        "bank_code": "088", "country": "KR"}).status_code == 302


@pytest.mark.parametrize("rests", [rests_application, rests_word, rests_writer, rests_account])
def test_a_number_on_which_something_rests_stays(office, nele, person_with, client_as, rests):
    rests(office, nele, person_with)
    if rests is rests_word:  # her session ended with the change of her roles
        nele.force_login(Login.objects.get(person=nele.person.id), "allauth.account.auth_backends.AuthenticationBackend")
    assert 'href="/firm/register/"' not in nele.get("/firm/").text
    assert nele.post("/firm/register/", {"number": "NEW-1", "name": "New"})["Location"] == "/firm/"
    assert entry(office, nele).firm == "NEW-7"

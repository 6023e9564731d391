"""Log-in as people meet it: registering, a locked door, roles that change, an admin who looks as somebody else."""

import base64
import datetime as dt
import hmac
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache

from westlake.desk import people
from westlake.web.models import Login
from westlake.words import say

GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def nobody_has_tried_yet():
    cache.clear()
    yield
    cache.clear()


def code_from(letter):
    return re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})+)\s*$", letter.body, re.MULTILINE)[1]


def register(visitor, email="mei@reed.example", **more):
    visitor.post("/account/signup/", {"email": email, "password1": "osprey over the lake", "password2": "osprey over the lake"}, **more)
    return visitor.post("/account/confirm-email/", {"code": code_from(mail.outbox[-1])}, **more)


def test_an_applicant_registers_and_is_known_at_the_desk(visitor, office):
    assert register(visitor).status_code == 302
    assert visitor.get("/")["Location"] == "/welcome/"
    answer = visitor.post("/welcome/", {"name": "Mei Lin", "organisation": "Reed Robotics", "language": "zh", "agreed": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    person = people.person_by_email(office.connection, "mei@reed.example")
    assert (person.name, person.organisation, person.language) == ("Mei Lin", "Reed Robotics", "zh")
    assert [held.role for held in people.roles_of(office.connection, person.id, office.now())] == ["applicant"]
    assert "Mei Lin，您好" in visitor.get("/").text


def test_somebody_the_office_entered_is_recognised_by_address(visitor, office):
    entered = people.add_person(office.connection, "Old Name", "mei@reed.example", at=office.now())
    people.grant_role(office.connection, entered.id, "officer", at=office.now())
    register(visitor)
    visitor.post("/welcome/", {"name": "Mei Lin", "organisation": "", "language": "en"})
    assert Login.objects.get().person == entered.id
    assert "Hello, Old Name" in visitor.get("/").text
    assert visitor.get("/cases/").status_code == 200


def test_a_way_on_leads_only_to_this_console(visitor):
    register(visitor)
    answer = visitor.post("/welcome/?next=https://evil.example/", {"name": "Mei", "language": "en", "agreed": "on", "next": "//evil.example"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("lang, subject", [("en", "Your code to confirm this address"), ("ko", "이메일 확인 코드"), ("zh", "邮箱验证码")])
def test_the_code_comes_in_the_language_of_the_page(visitor, lang, subject):
    register(visitor, headers={"Accept-Language": lang})
    assert mail.outbox[0].subject == f"[Lakeside Office] {subject}"
    assert "Lakeside Office" in mail.outbox[0].body


@pytest.mark.parametrize("lang, told", [("en", "You have confirmed mei@reed.example."), ("zh", "邮箱 mei@reed.example 已确认。"),
                                        ("ko", "이메일 주소 mei@reed.example 확인을 마쳤습니다.")])
def test_that_the_address_is_confirmed_is_said_in_the_language_of_the_page(visitor, lang, told):
    register(visitor, headers={"Accept-Language": lang})
    assert told in visitor.get("/welcome/", headers={"Accept-Language": lang}).text


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
@pytest.mark.parametrize("address", ["login/", "signup/", "password/reset/"])
def test_pages_of_the_log_in_stand_in_our_frame(visitor, address, lang):
    page = visitor.get(f"/account/{address}?lang={lang}")
    assert page.status_code == 200
    assert "westlake.css" in page.text and say("web.frame.skip", lang) in page.text


@pytest.mark.parametrize("address", ["2fa/", "2fa/totp/activate/", "2fa/webauthn/", "password/change/", "email/", "3rdparty/",
                                     "reauthenticate/", "logout/"])
def test_pages_of_ones_own_log_in_stand_in_our_frame(client_as, address):
    browser = client_as("officer")
    page = browser.get(f"/account/{address}", follow=True)
    assert page.status_code == 200
    assert "westlake.css" in page.text


def test_five_wrong_passwords_lock_the_door(visitor, person_with):
    person = person_with("officer")
    for _ in range(4):
        assert visitor.post("/account/login/", {"login": person.email, "password": "wrong"}).status_code == 200
    locked = visitor.post("/account/login/", {"login": person.email, "password": "wrong"})
    assert locked.status_code == 429
    assert "W989" in locked.text and "wrong" not in locked.text
    assert visitor.post("/account/login/", {"login": person.email, "password": GOOD}).status_code == 429


def test_a_wrong_password_does_not_tell_who_is_known(visitor, person_with):
    person = person_with("officer")
    told = [re.sub(r'value="[^"]*"|csrf[^>]*|"X-CSRFToken": "\w+"', "", visitor.post(
        "/account/login/", {"login": email, "password": "wrong"}).text) for email in (person.email, "nobody@lakeside.example")]
    assert told[0] == told[1]


def test_a_change_of_roles_ends_the_sessions_that_began_before(client_as, office):
    browser, admin = client_as("officer"), client_as("admin").person
    assert browser.get("/cases/").status_code == 200
    people.grant_role(office.connection, browser.person.id, "payer", by=admin, at=office.now())
    answer = browser.get("/cases/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=%2Fcases%2F")
    assert "Your roles have changed" in browser.get("/account/login/").text


def test_an_admin_enters_a_person_gives_and_ends_a_role(client_as, office):
    admin = client_as("admin")
    answer = admin.post("/people/new/", {"name": "Li Wei", "email": "LI@lakeside.example", "organisation": "Finance",
                                         "language": "zh", "firm": ""})
    person = people.person_by_email(office.connection, "li@lakeside.example")
    assert answer["Location"] == f"/people/{person.id}/"
    admin.post(answer["Location"], {"role": "payer", "programme": "", "reason": "new in finance"})
    assert people.roles_of(office.connection, person.id, office.now()) == {people.Held("payer", "*")}
    assert "Payer" in admin.get("/people/?q=wei").text
    (grant,) = (one for one in people.grants(office.connection) if one.person == person.id)
    assert "End this role" in admin.get(f"/people/roles/{grant.id}/end/").text
    admin.post(f"/people/roles/{grant.id}/end/", {"reason": "moved"})
    assert people.roles_of(office.connection, person.id, office.now()) == frozenset()
    assert admin.get(f"/people/roles/{grant.id}/end/").status_code == 404


def test_two_duties_come_into_one_hand_only_when_that_was_said(client_as, office):
    """An approver who would also pay: the admin is told, and does it by a tick; for another programme nobody need ask."""
    admin = client_as("admin")
    li = people.add_person(office.connection, "Li Wei", "li@lakeside.example", at=office.now())
    address, given = f"/people/{li.id}/", {"role": "payer", "programme": "", "reason": "August"}
    assert "Give it all the same" not in admin.get(address).text
    people.grant_role(office.connection, li.id, "approver", "cloud_voucher", at=office.now())
    page = admin.post(address, given)
    assert page.status_code == 422
    assert "Li Wei would hold duties that should lie with different people: Approver (finance), Payer" in page.text
    assert "Give it all the same" in page.text
    assert admin.post(address, {**given, "sure": "on"}).status_code == 302
    assert admin.post(address, {**given, "role": "officer", "programme": "talent"}).status_code == 422  # a payer of all
    assert admin.post(address, {**given, "role": "economist"}).status_code == 302
    held = people.roles_of(office.connection, li.id, office.now())
    assert {(one.role, one.programme) for one in held} == {("approver", "cloud_voucher"), ("payer", "*"), ("economist", "*")}


def test_a_programme_that_there_is_not_is_no_choice(client_as, office):
    admin = client_as("admin")
    li = people.add_person(office.connection, "Li Wei", "li@lakeside.example", at=office.now())
    assert admin.post(f"/people/{li.id}/", {"role": "payer", "programme": "tallent", "reason": "a slip"}).status_code == 422
    assert people.roles_of(office.connection, li.id, office.now()) == frozenset()


def test_an_address_that_is_taken_is_told_at_its_field(client_as):
    admin = client_as("admin")
    page = admin.post("/people/new/", {"name": "Twin", "email": admin.person.email, "language": "en"})
    assert page.status_code == 422
    assert "W901" in page.text and 'href="#id_email"' in page.text and 'value="Twin"' in page.text


def test_nobody_gives_themselves_a_role(client_as, office):
    admin = client_as("admin")
    page = admin.post(f"/people/{admin.person.id}/", {"role": "payer", "programme": "", "reason": "why not"})
    assert page.status_code == 422
    assert people.roles_of(office.connection, admin.person.id, office.now()) == {people.Held("admin", "*")}


def test_an_admin_looks_as_somebody_else_and_changes_nothing(client_as, office):
    admin, officer = client_as("admin"), client_as("officer", name="Kim Seo-yeon")
    assert admin.get("/cases/").status_code == 403
    admin.post(f"/people/{officer.person.id}/look/")
    page = admin.get("/cases/")
    assert page.status_code == 200
    assert f"{admin.person.name}, you are looking at the console as Kim Seo-yeon" in page.text
    refused = admin.post("/profile/", {"name": "Somebody Else", "language": "en"})
    assert refused.status_code == 403 and "W993" in refused.text
    assert people.find_person(office.connection, officer.person.id).name == "Kim Seo-yeon"
    admin.post("/people/stop/")
    assert admin.get("/cases/").status_code == 403
    acts = [(act.actor, act.act, act.subject) for act in office.record.acts() if act.act.startswith("web.")]
    assert acts == [(admin.person.actor, "web.stood_as", officer.person.actor),
                    (admin.person.actor, "web.stood_as_ended", officer.person.actor)]


def test_whoever_is_no_admin_any_more_is_nobody_else_either(client_as, office):
    admin, officer, other = client_as("admin"), client_as("officer"), client_as("admin").person
    admin.post(f"/people/{officer.person.id}/look/")
    (grant,) = (one for one in people.grants(office.connection) if one.person == admin.person.id)
    people.end_role(office.connection, grant.id, other, office.now())
    assert admin.get("/cases/").status_code == 302


def test_a_person_changes_name_and_language(client_as, office):
    browser = client_as("applicant", language="en")
    browser.get("/?lang=en")
    browser.post("/profile/", {"name": "김서연", "organisation": "리드로보틱스", "language": "ko"})
    assert "김서연 님, 안녕하세요" in browser.get("/").text


def test_a_second_factor_is_set_up_asked_for_and_not_removed_without_itself(visitor, person_with, monkeypatch):
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)  # no half minute ends between a code and its use
    person = person_with("payer")
    visitor.post("/account/login/", {"login": person.email, "password": GOOD})
    assert visitor.get("/account/2fa/totp/activate/")["Location"].startswith("/account/reauthenticate/")
    visitor.post("/account/reauthenticate/", {"password": GOOD})
    secret = visitor.get("/account/2fa/totp/activate/").context["form"].secret
    assert visitor.post("/account/2fa/totp/activate/", {"code": totp(secret)}).status_code == 302
    visitor.post("/account/logout/")
    answer = visitor.post("/account/login/", {"login": person.email, "password": GOOD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert visitor.get("/profile/").status_code == 302
    assert visitor.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    cache.clear()  # a code serves once, also the one that set it up
    visitor.post("/account/2fa/authenticate/", {"code": totp(secret)})
    assert visitor.get("/profile/").status_code == 200
    session = visitor.session
    session["account_authentication_methods"] = [
        {**one, "at": one["at"] - 301} for one in session["account_authentication_methods"]]
    session.save()
    assert visitor.post("/account/2fa/totp/deactivate/")["Location"].startswith("/account/2fa/reauthenticate/")


def totp(secret):
    """The code of this half minute (RFC 6238), written out."""
    beat = (int(time.time()) // 30).to_bytes(8, "big")
    hashed = hmac.digest(base64.b32decode(secret), beat, "sha1")
    start = hashed[-1] & 15
    return f"{(int.from_bytes(hashed[start:start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def test_somebody_stands_in_for_some_days(office, client_as, person_with, clock):
    """The substitute's grants come from the officer, for the days named; a stranger or days that run back are refused."""
    browser, other = client_as("officer"), person_with("reviewer")
    first = dt.date.fromordinal(office.today + 719_163)
    form = {"email": other.email, "first": first.isoformat(), "last": first.isoformat(), "reason": "leave"}
    assert browser.post("/profile/stand-in/", {**form, "email": "nobody@lakeside.example"}).status_code == 422
    assert browser.post("/profile/stand-in/", form).status_code == 302
    assert other.name in browser.get("/profile/stand-in/").content.decode()
    held = people.roles_of(office.connection, other.id, clock())
    assert {(one.role, one.standing_in_for) for one in held} == {("reviewer", 0), ("officer", browser.person.id)}
    clock.wait(days=2)
    assert {one.role for one in people.roles_of(office.connection, other.id, clock())} == {"reviewer"}


@pytest.mark.parametrize("lang, says", [("en", "You get a code by mail"), ("ko", "보내 드리는 인증 코드로"), ("zh", "凭验证码设置新密码")])
def test_a_forgotten_password_is_asked_for_in_the_offices_own_words(visitor, lang, says):
    page = visitor.get(f"/account/password/reset/?lang={lang}").text
    assert says in page and "당신" not in page
    done = visitor.post("/account/password/reset/", {"email": "nobody@lakeside.example"})
    assert done["Location"] == "/account/password/reset/confirm/"


def test_a_second_factor_is_not_offered_to_be_replaced_by_a_password(client_as, second_factor):
    browser = client_as("payer")
    second_factor(browser, 3600)
    page = browser.get("/account/2fa/reauthenticate/").text
    assert "a password is not enough here" in page
    assert "/account/reauthenticate/" not in page


@pytest.mark.parametrize("lang, says", [("en", "too many tries in a short time"), ("ko", "짧은 시간에 너무 많이"), ("zh", "短时间内尝试次数过多")])
def test_sixty_wrong_codes_are_five_tries_from_wherever_they_come(visitor, person_with, lang, says):
    """Somebody has the approver's password and guesses the code, from another address each time; the approver is told."""
    approver = person_with("approver", language=lang)
    Authenticator.objects.create(user=Login.objects.get(), type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    wrong = next(f"{one:06}" for one in range(5) if f"{one:06}" != totp("JBSWY3DPEHPK3PXP"))
    visitor.post("/account/login/", {"login": approver.email, "password": GOOD})
    answers = [visitor.post("/account/2fa/authenticate/", {"code": wrong}, headers={"Accept-Language": lang}, REMOTE_ADDR=f"192.0.2.{n}")
               for n in range(60)]
    assert [one.status_code for one in answers] == [200] * 5 + [429] * 55
    assert "W989" in answers[-1].text and says in answers[-1].text and wrong not in answers[-1].text
    assert visitor.post("/account/2fa/authenticate/", {"code": totp("JBSWY3DPEHPK3PXP")}).status_code == 429  # nor the right one
    assert visitor.get("/profile/").status_code == 302
    (told,) = mail.outbox
    assert (told.to, told.subject) == ([approver.email], f"[Lakeside Office] {say('web.account.wrong_codes_subject', lang)}")
    assert "/account/password/change/" in told.body


def test_wrong_codes_within_a_session_count_with_those_at_log_in(client_as, second_factor):
    payer = client_as("payer")
    second_factor(payer, 3600)
    wrong = next(f"{one:06}" for one in range(5) if f"{one:06}" != totp("JBSWY3DPEHPK3PXP"))
    asked = [payer.post("/account/2fa/reauthenticate/", {"code": wrong}).status_code for _ in range(9)]
    assert asked == [200] * 5 + [429] * 4
    assert [one.to for one in mail.outbox] == [[payer.person.email]]


def tried(visitor, person, password, *addresses):
    """What a try at a person's password from each address is answered."""
    return [visitor.post("/account/login/", {"login": person.email, "password": password}, REMOTE_ADDR=one).status_code
            for one in addresses]


def test_a_stranger_with_wrong_passwords_from_many_addresses_keeps_nobody_out(visitor, person_with):
    """One a minute for most of an hour, never twice from one place, and the approver still comes in."""
    approver = person_with("approver")
    assert tried(visitor, approver, "wrong", *(f"192.0.2.{n}" for n in range(49))) == [200] * 49
    assert tried(visitor, approver, GOOD, "198.51.100.7") == [302]
    assert visitor.get("/profile/").status_code == 200


def test_passwords_of_one_account_are_not_guessed_without_end_from_wherever(visitor, person_with):
    """Fifty an hour; another account is none the worse for it, and the right password does not give the guesser more."""
    approver, other = person_with("approver"), person_with("officer")
    assert tried(visitor, approver, "wrong", *(f"192.0.2.{n}" for n in range(60))) == [200] * 50 + [429] * 10
    assert tried(visitor, approver, GOOD, "198.51.100.7") == [429]
    assert tried(visitor, other, GOOD, "198.51.100.7") == [302]


def test_an_account_whose_passwords_were_guessed_at_opens_with_a_new_password(visitor, person_with):
    approver = person_with("approver")
    tried(visitor, approver, "wrong", *(f"192.0.2.{n}" for n in range(50)))
    visitor.post("/account/password/reset/", {"email": approver.email})
    visitor.post("/account/password/reset/confirm/", {"code": code_from(mail.outbox[-1])})
    new = "heron over the lake"
    visitor.post("/account/password/reset/complete/", {"password1": new, "password2": new})
    visitor.post("/account/logout/")
    assert tried(visitor, approver, new, "198.51.100.7") == [302]

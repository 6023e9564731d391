"""A person's e-mail address changes: the desk follows in the same moment, and the old address is free for anybody."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError
from tests.web.test_people import GOOD, code_from, register

from westlake.desk import people
from westlake.web import persons
from westlake.web.models import Login

OLD, NEW = "ada@heron.example", "ada@osprey.example"


@pytest.fixture(autouse=True)
def nobody_has_tried_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ada(person_with):
    return person_with("applicant", name="Ada Heron", email=OLD)


def ask(browser, email):
    """Log in, give the password once more, and ask for another address; the answer to its code is still to come."""
    browser.post("/account/login/", {"login": OLD, "password": GOOD})
    browser.post("/account/reauthenticate/", {"password": GOOD})
    browser.post("/account/email/", {"email": email, "action_add": ""})
    return code_from(mail.outbox[-1])


def fail(*given, **named):
    raise IntegrityError("the file is full")


def test_the_desk_writes_to_the_new_address_from_the_moment_it_is_confirmed(visitor, office, ada):
    code = ask(visitor, "Ada@Osprey.example")
    assert people.find_person(office.connection, ada.id).email == OLD  # asked for, not yet shown to be hers
    assert visitor.post("/account/confirm-email/", {"code": code}).status_code == 302
    assert people.find_person(office.connection, ada.id).email == NEW
    assert (Login.objects.get().email, EmailAddress.objects.get().email) == (NEW, NEW)
    (act,) = (one for one in office.record.acts() if one.act == "desk.person_changed")
    assert (act.actor, act.subject, act.details) == (ada.actor, ada.actor, {"fields": ["email"]})
    visitor.post("/account/logout/")
    assert visitor.post("/account/login/", {"login": NEW, "password": GOOD}).status_code == 302
    assert "Hello, Ada Heron" in visitor.get("/").text


def test_whoever_registers_with_the_old_address_is_somebody_new(visitor, office, ada, client_as):
    visitor.post("/account/confirm-email/", {"code": ask(visitor, NEW)})
    visitor.post("/account/logout/")
    register(visitor, OLD)
    assert visitor.post("/welcome/", {"name": "Bo Heron", "organisation": "", "language": "en", "agreed": "on"}).status_code == 302
    newcomer = people.person_by_email(office.connection, OLD)
    assert (newcomer.name, newcomer.id != ada.id) == ("Bo Heron", True)
    assert sorted(Login.objects.values_list("email", "person")) == sorted([(OLD, newcomer.id), (NEW, ada.id)])


@pytest.mark.parametrize("lang, says", [("en", "belongs to somebody who already logs in"), ("ko", "이미 다른 이메일로 로그인하는"), ("zh", "已用其他邮箱登录")])
def test_nobody_comes_into_the_place_of_a_person_whose_log_in_has_another_address(visitor, office, ada, lang, says):
    """The desk still has the address that she left long ago: whoever owns it now is told so, and is not she."""
    Login.objects.update(email=NEW)
    EmailAddress.objects.update(email=NEW)
    register(visitor, OLD)
    page = visitor.post(f"/welcome/?lang={lang}", {"name": "Bo Heron", "organisation": "", "language": lang, "agreed": "on"})
    assert page.status_code == 422 and "W1132" in page.text and says in page.text
    assert list(Login.objects.filter(email=OLD).values_list("person", flat=True)) == [None]


def test_of_two_log_ins_that_come_at_once_only_one_becomes_the_person(office, monkeypatch, ada):
    """Both have looked, and nobody was there; the second to write is refused as if it had come later."""
    late = Login.objects.create_user("late@heron.example", GOOD)
    EmailAddress.objects.create(user=late, email=late.email, verified=True, primary=True)
    monkeypatch.setattr(persons.people, "person_by_email", lambda connection, email: ada)
    monkeypatch.setattr(persons.Login.objects, "filter", lambda **asked: Login.objects.none())
    with pytest.raises(persons.WestlakeError) as refused:
        persons.link(late, "Late", "", "en")
    assert refused.value.problems[0].code == "W1132"
    monkeypatch.undo()
    assert Login.objects.get(pk=late.pk).person is None and Login.objects.get(person=ada.id).email == OLD


def test_an_address_that_the_office_entered_for_somebody_else_is_refused_and_nothing_is_changed(visitor, office, ada):
    people.add_person(office.connection, "Osprey's own", NEW, at=office.now())
    code = ask(visitor, NEW)
    page = visitor.post("/account/confirm-email/", {"code": code})
    assert page.status_code == 422 and "W901" in page.text
    assert people.find_person(office.connection, ada.id).email == OLD
    assert (Login.objects.get().email, list(EmailAddress.objects.values_list("email", "verified"))) == (OLD, [(OLD, True)])


def test_an_address_that_somebody_else_has_just_confirmed_stays_theirs(visitor, office, ada, monkeypatch):
    code = ask(visitor, NEW)
    other = Login.objects.create_user(NEW, GOOD)
    EmailAddress.objects.create(user=other, email=NEW, verified=True, primary=True)
    monkeypatch.setattr(EmailAddress, "can_set_verified", lambda self: True)  # she looked before the other wrote
    assert visitor.post("/account/confirm-email/", {"code": code}).status_code < 500
    assert people.find_person(office.connection, ada.id).email == OLD
    assert Login.objects.get(person=ada.id).email == OLD


def test_a_log_in_that_cannot_be_written_leaves_a_desk_that_can_follow_again(visitor, office, ada, monkeypatch):
    """The log-ins' file fails after the desk has committed: she still logs in with the old one, and may change again."""
    code = ask(visitor, NEW)
    monkeypatch.setattr(persons.AccountAdapter, "send_notification_mail", fail)
    visitor.post("/account/confirm-email/", {"code": code})
    monkeypatch.undo()
    assert (Login.objects.get().email, people.find_person(office.connection, ada.id).email) == (OLD, NEW)
    cache.clear()
    visitor.post("/account/confirm-email/", {"code": ask(visitor, NEW)})
    assert (Login.objects.get().email, people.find_person(office.connection, ada.id).email) == (NEW, NEW)

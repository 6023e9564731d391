"""Somebody asks to be forgotten: who they were goes from every table that may lose it, what was decided stays."""

import pytest
from tests.web.applying import announce, drafted
from tests.web.money_office import Desk

from westlake.desk import people
from westlake.desk.acting import TAKEN_OVER
from westlake.desk.erasing import why_not_erase
from westlake.desk.messages import answer, ask, messages_of
from westlake.web.models import Login


@pytest.fixture
def admin(client_as, second_factor):
    browser = client_as("admin", name="Ada Admin", email="ada@office.example")
    second_factor(browser)
    return browser


def test_who_is_forgotten_leaves_a_number_and_the_chain_holds(office, client_as, admin):
    officer = client_as("officer")
    nora = client_as("applicant", name="Nora Lake", email="nora@nova.example")
    case = drafted(office, nora.person, announce(office, officer.person))
    address = f"/people/{nora.person.id}/erase/"
    assert case.number in admin.get(address).text and "<textarea" not in admin.get(address).text
    assert admin.post(address, {"reason": "asked for"}).status_code == 422  # a draft of hers is open
    ask(office.desk, case, nora.person, "My sister Nelly Lake may answer for me.")
    assert nora.post(f"/applications/{case.id}/step/withdraw/", {"seq": str(case.seq)}).status_code == 302
    assert why_not_erase(office.desk, nora.person, admin.person) is None
    assert "Nora Lake" in admin.get(address).text
    assert "W1146" in admin.post(address, {"reason": " "}).text
    assert admin.post(address, {"reason": "asked for by letter"})["Location"] == "/people/"
    found = people.find_person(office.connection, nora.person.id)
    assert (found.name, found.organisation, found.firm, people.roles_of(office.connection, found.id, office.now())) == (
        "–", "", "", frozenset())
    assert not Login.objects.filter(person=nora.person.id).exists()
    kept = "".join(office.connection.iterdump())
    assert [word for word in ("nora@nova.example", "Nora Lake", "Nelly Lake") if word in kept] == []
    assert office.record.verify() == []
    assert "W1191" in admin.get(address).text


def test_whoever_took_an_application_over_is_still_needed_and_who_left_is_not(office, client_as, admin):
    officer = client_as("officer")
    nora, hugo = (client_as("applicant", name=name, email=f"{name.split()[0].lower()}@nova.example") for name in ("Nora Lake", "Hugo Lake"))
    people.change_person(office.connection, nora.person, nora.person, firm="nova")
    case = drafted(office, people.find_person(office.connection, nora.person.id), announce(office, officer.person))
    people.grant_role(office.connection, hugo.person.id, "applicant", by=officer.person, at=office.now(), firm="nova")
    office.record.add(hugo.person.actor, TAKEN_OVER, case.subject)
    assert why_not_erase(office.desk, nora.person, admin.person) is None
    assert why_not_erase(office.desk, hugo.person, admin.person).values["open"] == case.number


def test_what_an_officer_wrote_for_the_office_stays_when_the_officer_is_forgotten(office, client_as, admin):
    officer = client_as("officer", name="Oda Reed", email="oda@office.example")
    nora = client_as("applicant", name="Nora Lake", email="nora@nova.example")
    case = drafted(office, nora.person, announce(office, officer.person))
    ask(office.desk, case, nora.person, "May I build in wood?")
    answer(office.desk, case, officer.person, "You may build in wood.")
    address = f"/people/{officer.person.id}/erase/"
    assert "roles in the office: 1" in admin.get(address).text
    for grant in people.grants(office.connection, person=officer.person.id):
        people.end_role(office.connection, grant.id, admin.person, office.now())
    assert admin.post(address, {"reason": "asked for by letter"})["Location"] == "/people/"
    assert [one.text for one in messages_of(office.desk, case)] == ["May I build in wood?", "You may build in wood."]
    assert "oda@office.example" not in "".join(office.connection.iterdump())


def test_a_part_that_ended_with_its_agreement_keeps_nobody(office, clock, tmp_path, admin):
    desk = Desk(office, clock, tmp_path)
    case, parts = desk.agreed()
    applicant = people.find_person(desk.connection, case.applicant)
    assert why_not_erase(office.desk, applicant, admin.person).values["open"].startswith(case.number)
    desk.take(case, "terminate", "approver")
    assert [desk.case(part).state for part in parts] == ["planned", "planned"]
    assert why_not_erase(office.desk, applicant, admin.person) is None

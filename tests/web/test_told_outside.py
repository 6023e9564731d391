"""A proposed debarment is told to the firm by no page, no answer of the interface and no event; an auditor sees no draft."""

import pytest
from tests.web.machine import Machine, know, open_piers, speaker, submit_pier, token_of

from westlake.desk.cases import find_case, open_application, open_following
from westlake.desk.people import roles_of
from westlake.web import webhooks
from westlake.web.models import Login


@pytest.fixture
def proposed(office, officer, person_with):
    """Heron's case, its speaker, the debarment that was proposed, and the acts that say so."""
    call = open_piers(office, officer)
    know(office, "heron")
    person = speaker(office, person_with, "heron")
    case = find_case(office.desk, submit_pier(Machine(token_of(person)), call))
    opened = open_following(office.desk, officer, case, "debarment", "Two piers sank.")
    act = office.record.add(officer.actor, "desk.propose_debarment", case.subject, {
        "number": case.number, "seq": 9, "from": "agreed", "to": "agreed", "opened": opened.id})
    return case, person, opened, act


def told(office, person, act):
    roles = roles_of(office.connection, person.id, office.now())
    return [event for event, _ in webhooks.events_of(office, act, person, roles)]


def test_a_proposed_debarment_is_told_nowhere(office, officer, proposed, visitor):
    case, person, opened, act = proposed
    machine = Machine(token_of(person))
    assert machine.get(f"/cases/{opened.id}").status_code == 404
    assert opened.id not in machine.get(f"/cases/{case.id}").json()["following"]
    assert [one["id"] for one in machine.get("/cases").json()["items"]] == [case.id]
    assert told(office, person, act) == []
    opening = next(one for one in office.record.acts(opened.subject) if one.act == "desk.case_opened")
    assert told(office, person, opening) == []
    visitor.force_login(Login.objects.get(person=person.id), "allauth.account.auth_backends.AuthenticationBackend")
    assert visitor.get(f"/applications/{opened.id}/").status_code == 404
    assert opened.number not in visitor.get(f"/applications/{case.id}/").text
    assert told(office, officer, act) == ["case.moved"]
    assert told(office, officer, opening) == ["case.opened"]


def test_no_room_of_an_auditors_opens_a_draft(office, officer, person_with, client_as):
    call = open_piers(office, officer)
    swan = speaker(office, person_with, "swan")
    draft = open_application(office.desk, swan, call, "swan")
    auditor = client_as("auditor")
    assert draft.number not in auditor.get("/audit/cases/").text
    assert draft.number not in auditor.get("/cases/").text
    for address in (f"/audit/cases/{draft.id}/", f"/cases/{draft.id}/"):
        assert auditor.get(address).status_code == 404

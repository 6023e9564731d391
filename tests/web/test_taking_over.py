"""Heron's applicant has left: a colleague whom the office has confirmed finds the application, takes it over and goes on."""

import pytest
from tests.web.conftest import Browser
from tests.web.desk_story import Story

from westlake.desk import people
from westlake.desk.applying import confirming
from westlake.desk.cases import find_case, following
from westlake.desk.outbox import letters
from westlake.web.models import Login


@pytest.fixture
def story(office, clock):
    return Story(office, clock)


@pytest.fixture
def browser_of():
    def make(person):
        browser = Browser()
        browser.person = person
        browser.force_login(Login.objects.create_user(person.email, "correct horse battery", person=person.id),
                            "allauth.account.auth_backends.AuthenticationBackend")
        return browser
    return make


@pytest.fixture
def heron(story, browser_of):
    """An agreed case of Heron's, its applicant, and a colleague."""
    case, applicant = story.submitted(story.call(), "heron")
    case = story.agreed(story.take(case, "admit", "officer"), applicant)
    return case, browser_of(applicant), browser_of(story.person("Hugo Heron", "applicant", "heron"))


def test_a_colleague_takes_over_and_hands_in_what_is_due(story, heron):
    case, first, hugo = heron
    address = f"/applications/{case.id}/"
    assert case.number in hugo.get("/applications/").text
    page = hugo.get(address).text
    assert f"Acts for the application: {first.person.name}" in page and "/step/" not in page
    assert f"{address}take-over/" in page and "Acts for the application" not in first.get(address).text
    assert "letters go to you" in hugo.get(f"{address}take-over/").text
    letter = next(one for one in letters(story.desk, case=case.id) if one.state == "released")
    read = f"/applications/letters/{letter.id}/"
    assert letter.person == first.person.id and hugo.get(read).status_code == 404
    assert hugo.post(f"{address}take-over/")["Location"] == address
    assert read in hugo.get(address).text and hugo.get(read).status_code == first.get(read).status_code == 200
    assert "/step/" in hugo.get(address).text and "/step/" not in first.get(address).text
    assert hugo.get(f"{address}take-over/").status_code == 404  # it is his already
    milestone = following(story.desk, case, "milestone")[0]
    assert [one.get(f"/applications/{milestone.id}/step/hand_in/").status_code for one in (hugo, first)] == [200, 404]
    assert f"Acts for the application: {hugo.person.name}" in first.get(address).text
    assert first.post(f"{address}take-over/").status_code == 302  # back from leave
    assert "/step/" in first.get(address).text and hugo.get(read).status_code == 404


def test_it_goes_on_when_the_office_has_ended_who_applied(story, heron):
    case, first, hugo = heron
    officer = story.staff["officer"]
    confirming.end_speaker(story.desk, confirming.find_speaker(story.desk, "heron", first.person.id), officer, "left the firm")
    hugo.post(f"/applications/{case.id}/take-over/")
    way = f"/applications/{case.id}/step/ask_amendment/"
    hugo.post(way, {"note": "A longer pier.", "amount": "100.00", "seq": case.seq})
    row = story.connection.execute("SELECT step, person, role FROM desk_step WHERE case_id = ? ORDER BY seq DESC LIMIT 1",
                                   (case.id,)).fetchone()
    assert tuple(row) == ("ask_amendment", hugo.person.id, "applicant")
    assert find_case(story.desk, case.id).applicant == first.person.id  # who applied stays in the papers


def test_letters_come_back_to_who_applied_when_the_office_has_ended_who_took_it_over(story, heron):
    case, first, hugo = heron
    hugo.post(f"/applications/{case.id}/take-over/")
    confirming.end_speaker(story.desk, confirming.find_speaker(story.desk, "heron", hugo.person.id), story.staff["officer"], "left")
    story.take(find_case(story.desk, case.id), "suspend", "officer", note="The pier was not begun.")
    letter = letters(story.desk, case=case.id)[0]
    assert (letter.kind, letter.person) == ("suspended", first.person.id)
    assert first.get(f"/applications/letters/{letter.id}/").status_code == 200
    assert "Acts for the application" not in first.get(f"/applications/{case.id}/").text


def test_for_all_others_it_is_not_there(story, heron, browser_of):
    """Another firm's speaker, somebody who only says that they are of Heron, and a colleague while it is a draft."""
    case, first, hugo = heron
    claims = story.person("Ines Nobody", "applicant")
    claims = people.change_person(story.connection, claims, claims, firm="heron")
    for browser in (browser_of(story.person("Rita Reed", "applicant", "reed")), browser_of(claims)):
        assert case.number not in browser.get("/applications/").text
        for address in ("", "take-over/", "receipt/", "step/ask_amendment/"):
            assert browser.get(f"/applications/{case.id}/{address}").status_code == 404
        assert browser.post(f"/applications/{case.id}/take-over/").status_code == 404
    draft = story.draft(story.call(code="PIER-27"), first.person)
    assert draft.number not in hugo.get("/applications/").text
    assert hugo.get(f"/applications/{draft.id}/").status_code == hugo.post(f"/applications/{draft.id}/take-over/").status_code == 404

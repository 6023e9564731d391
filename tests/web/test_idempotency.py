"""A request that is sent twice counts once; what else comes under its key is refused."""

import pytest
from tests.web.machine import PIER, Machine, know, speaker, submit_pier, token_of

from westlake.database import Damaged
from westlake.web import idempotency
from westlake.web.api import cases
from westlake.web.models import IdempotencyKey

KEY = "open-heron-1"


def opened(office):
    return office.connection.execute("SELECT count(*) FROM desk_case").fetchone()[0]


def test_the_same_request_again_gets_the_same_answer(office, heron, call):
    first, again = (heron.post(f"/calls/{call.id}/applications", {"firm": "heron"}, KEY) for _ in range(2))
    assert (first.status_code, again.status_code, opened(office)) == (201, 201, 1)
    assert first.json() == again.json()
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")


def test_a_refusal_is_kept_too(office, heron, call, clock):
    clock.wait(40 * 86_400)
    heron.token = token_of(office_speaker(office), days=300)
    first = heron.post(f"/calls/{call.id}/applications", {}, KEY)
    again = heron.post(f"/calls/{call.id}/applications", {}, KEY)
    assert (first.status_code, first.json()["code"], first.content) == (422, "W921", again.content)
    assert again["Content-Type"] == "application/problem+json"


def office_speaker(office):
    from westlake.desk.people import person_by_email

    return person_by_email(office.connection, "applicant@heron.example")


@pytest.mark.parametrize("path, body", [("/calls/1/applications", {"firm": "heron"}), ("/calls/2/applications", {})])
def test_another_request_under_the_key_is_refused(office, heron, call, path, body):
    heron.post("/calls/1/applications", {}, KEY)
    other = heron.post(path, body, KEY)
    assert (other.status_code, other.json()["code"], opened(office)) == (422, "W1084", 1)


def test_while_the_first_is_at_work_the_second_waits(office, heron, call):
    login = IdempotencyKey.objects.model.login.field.related_model.objects.get(person=office_speaker(office).id)
    seen = []

    def meanwhile(desk, person, found, firm):
        seen.append(heron.post(f"/calls/{call.id}/applications", {}, KEY))
        return original(desk, person, found, firm)

    original = cases.open_application
    cases.open_application = meanwhile
    try:
        first = heron.post(f"/calls/{call.id}/applications", {}, KEY)
    finally:
        cases.open_application = original
    assert (first.status_code, seen[0].status_code, seen[0].json()["code"]) == (201, 409, "W1085")
    assert (seen[0]["Retry-After"], opened(office), IdempotencyKey.objects.filter(login=login).count()) == ("2", 1, 1)


def test_what_may_turn_out_otherwise_is_not_kept(office, officer, heron, call, monkeypatch):
    """A database that was busy: nothing was done, so the same request under the same key is done."""
    with monkeypatch.context() as busy:
        busy.setattr(cases, "open_application", lambda *given: (_ for _ in ()).throw(Damaged("database is locked")))
        assert heron.post(f"/calls/{call.id}/applications", {}, KEY).status_code == 503
    assert heron.post(f"/calls/{call.id}/applications", {}, KEY).status_code == 201
    assert opened(office) == 1


def test_after_our_own_fault_it_is_not_done_again_by_itself(office, heron, call, monkeypatch):
    """Nobody knows how far it came: here the draft stands, and only the answer was lost."""
    with monkeypatch.context() as broken:
        broken.setattr(cases, "case_out", lambda *given: 1 / 0)
        assert heron.post(f"/calls/{call.id}/applications", {}, KEY).status_code == 500
    again = heron.post(f"/calls/{call.id}/applications", {}, KEY)
    assert (again.status_code, again.json()["code"], opened(office)) == (409, "W1085", 1)


@pytest.mark.parametrize("key", ["short", "x" * 101, "with space", ""])
def test_without_a_key_nothing_is_done(office, heron, call, key):
    answer = heron.ask("POST", f"/calls/{call.id}/applications", {}, key or None)
    assert (answer.status_code, answer.json()["code"], opened(office)) == (400, "W1083", 0)


def test_two_people_may_choose_the_same_key(office, person_with, heron, call):
    know(office, "ibis")
    ibis = Machine(token_of(speaker(office, person_with, "ibis")))
    one, other = (who.post(f"/calls/{call.id}/applications", {}, KEY).json()["id"] for who in (heron, ibis))
    assert one != other


def test_after_a_day_a_key_may_be_used_anew(office, heron, call, clock):
    heron.post(f"/calls/{call.id}/applications", {}, KEY)
    clock.wait(24 * 3600 + 1)
    assert heron.post(f"/calls/{call.id}/applications", {"firm": "heron"}, KEY).status_code == 201
    assert opened(office) == 2


def test_a_file_packed_anew_is_the_same_request(office, heron, call):
    """Each packing of a form has a seam of its own; what is in it counts."""
    case = heron.post(f"/calls/{call.id}/applications").json()["id"]
    from django.core.files.uploadedfile import SimpleUploadedFile

    def packed(content):
        return {"field": "evidence", "file": SimpleUploadedFile("plan.txt", content)}

    first = heron.upload(f"/cases/{case}/files", KEY, **packed(b"a pier"))
    again = heron.upload(f"/cases/{case}/files", KEY, **packed(b"a pier"))
    other = heron.upload(f"/cases/{case}/files", KEY, **packed(b"another pier"))
    assert [first.status_code, again.json() == first.json(), other.status_code] == [201, True, 422]
    assert office.connection.execute("SELECT count(*) FROM desk_file").fetchone() == (1,)


def test_a_case_is_moved_once(office, heron, call):
    case = submit_pier(heron, call)
    row = office.connection.execute("SELECT state, seq FROM desk_case WHERE id = ?", (case,)).fetchone()
    assert row == ("submitted", 1)
    again = heron.post(f"/cases/{case}/steps", {"step": "submit", "seq": 0})
    assert (again.status_code, again.json()["code"]) == (409, "W998")
    assert heron.patch(f"/cases/{case}/answers", {"answers": PIER}).status_code == 200  # the correction window is open


def test_what_is_retryable_is_never_kept():
    assert idempotency.DROPPED.isdisjoint({200, 201, 204, 404, 422})

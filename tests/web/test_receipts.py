"""The receipt as an official letter: for what was handed in, and for what takes its place."""

import pytest
from tests.web.applying import announce, drafted, know

from westlake.desk import steps
from westlake.desk.cases import find_case
from westlake.desk.people import roles_of
from westlake.web import letter_paper


@pytest.fixture
def heron(office, client_as):
    know(office, "heron", name="Heron Works", resident="1")
    return client_as("applicant", firm="heron", name="Hana Heron")


@pytest.fixture
def draft(office, heron, officer):
    return drafted(office, heron.person, announce(office, officer))


def take(office, case, step, person):
    return steps.take(office.desk, find_case(office.desk, case.id), step, person,
                      roles_of(office.connection, person.id, office.now())).case


def test_the_receipt_is_an_official_letter(office, heron, draft):
    pytest.importorskip("typst", reason="letters: pip install westlake[letters]")
    take(office, draft, "submit", heron.person)
    page = heron.get(f"/applications/{draft.id}/receipt.pdf")
    assert page["Content-Type"] == "application/pdf"
    assert page.content.startswith(b"%PDF-")


def test_the_receipt_of_a_correction_names_its_version_and_the_digest_before(office, clock, heron, draft, monkeypatch):
    sent = []
    monkeypatch.setattr(letter_paper.paper, "write_letter", lambda letter, folder: sent.append(letter) or b"%PDF-")
    case = take(office, draft, "submit", heron.person)
    heron.get(f"/applications/{case.id}/receipt.pdf")
    clock.wait(3_600)
    heron.post(f"/applications/{case.id}/answers/", {"cost": "30000.00"})
    take(office, find_case(office.desk, case.id), "resubmit", heron.person)
    heron.get(f"/applications/{case.id}/receipt.pdf")
    digests = [row[0] for row in office.connection.execute("SELECT digest FROM desk_submission ORDER BY number")]
    assert [(one.version, one.amount, one.asked_label, one.facts[1:]) for one in sent] == [
        (1, 2_000_000, "Cost of the pier", (("Digest", digests[0]),)),
        (2, 3_000_000, "Cost of the pier", (("Digest", digests[1]), ("Digest of version 1", digests[0])))]
    assert "2, in the place of version 1" in heron.get(f"/applications/{case.id}/receipt/").text

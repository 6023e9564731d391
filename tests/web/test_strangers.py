"""Whoever is not logged in may leave a little aside for later, and no flood of it."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from tests.web.applying import announce, drafted, know
from tests.web.conftest import Browser

from westlake.web.pages.applicant.application_form import STRANGERS_MOST


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def case(office, person_with):
    know(office, "heron", name="Heron Works", resident="1")
    return drafted(office, person_with("applicant", firm="heron"), announce(office, person_with("officer")))


def send(browser, case, address="10.0.0.7", **headers):
    return browser.post(f"/applications/{case.id}/answers/", {"cost": "30000.00"}, REMOTE_ADDR=address, headers=headers)


def test_one_address_begins_only_so_many_sessions(case):
    for _ in range(STRANGERS_MOST):
        assert send(Browser(), case).status_code == 302
    refused = send(Browser(), case)
    assert (refused.status_code, "W1126" in refused.text) == (422, True)
    assert "30000.00" in refused.text  # nothing typed is lost
    again = send(Browser(), case, **{"X-Autosave": "1"})
    assert (again.status_code, "W1126" in again.text) == (429, True)
    assert Session.objects.count() == STRANGERS_MOST
    assert send(Browser(), case, "10.0.0.8").status_code == 302


def test_one_browser_goes_on_saving_what_it_types(case):
    browser = Browser()
    for _ in range(STRANGERS_MOST + 5):
        assert send(browser, case, **{"X-Autosave": "1"}).status_code == 401
    assert Session.objects.count() == 1

"""The office's own effort on one page: counted from what the desk recorded, for those whose roles cover the programme."""

import re

import pytest

from .desk_story import Story


@pytest.fixture
def planned(office, clock):
    """A lake of piers."""
    story = Story(office, clock)
    story.lake()
    return story


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.mark.parametrize("role", ["officer", "auditor", "economist"])
def test_the_effort_page_counts_what_the_desk_recorded(planned, client_as, role):
    text = plain(client_as(role).get("/blueprint/effort/?year=2026"))
    assert "Applications handed in 8" in text
    assert "none announced" in text
    assert "Days in each stage" in text


def test_the_effort_of_a_programme_that_one_s_role_does_not_cover_is_not_shown(planned, client_as):
    assert "No programme is worked here" in plain(client_as("officer", programme="cloud_voucher").get("/blueprint/effort/"))


def test_another_year_counts_nothing_and_what_waits_stands_in_any(planned, client_as):
    text = plain(client_as("officer").get("/blueprint/effort/?year=2024"))
    assert "Applications handed in 0" in text
    assert "Nothing was decided in these days" in text
    assert "Open: 7; waiting for the office: 6." in text


@pytest.mark.parametrize("role, linked", [("officer", True), ("economist", False)])
def test_only_who_may_open_a_case_gets_a_link_to_it(planned, client_as, role, linked):
    page = client_as(role).get("/blueprint/effort/").text
    assert ('href="/cases/1/"' in page) is linked


@pytest.mark.parametrize("query", ["?year=1e9", "?year=%00&programme=nothing", "?programme=pier_challenge&year=all"])
def test_whatever_is_asked_the_page_stands(planned, client_as, query):
    assert client_as("officer").get(f"/blueprint/effort/{query}").status_code == 200

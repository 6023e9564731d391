"""The first page by role: what waits for this person and nobody else, what is due, what happened last."""

import re

import pytest
from tests.web.desk_story import Story


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


def waits(browser):
    """What the page says waits: (number, what)."""
    page = browser.get("/").text
    return re.findall(r"<b>(\d+)</b><span>([^<]+)</span>", page)


def test_an_officer_sees_what_waits_for_officers(lake, client_as):
    lake.lake(4)
    assert waits(client_as("officer")) == [
        ("1", "Application · Eligible"), ("2", "Application · Submitted"), ("2", "Letters to look at and let go")]


def test_others_do_not(lake, client_as):
    lake.lake(4)
    assert waits(client_as("officer", programme="cloud_voucher")) == []
    assert waits(client_as("auditor")) == []
    assert "Nothing waits for you" in client_as("auditor").get("/").text


def test_what_is_due_leads_to_its_case(lake, client_as):
    _, cases = lake.lake(5)
    page = client_as("officer").get("/").text
    assert f'<a href="/cases/{cases[4].id}/">PIER-26-0005 A pier for loon</a>' in page
    assert "Piers 2026: the call closes" in page


def test_an_admin_without_cases_has_rooms_and_no_figures(lake, client_as):
    lake.lake(1)
    page = client_as("admin").get("/").text
    assert "PIER-26" not in page
    assert "/people/" in page


def test_a_tile_says_what_is_to_be_done_where_one_step_leads_on(lake, client_as):
    lake.lake(4)
    page = client_as("officer").get("/").text
    tile = page.split("<span>Application · Submitted</span>")[1].split("</a>")[0]
    assert "to do: Admit" in tile

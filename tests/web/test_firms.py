"""A firm across programmes: what the register knows, its cases as far as one may see them, its accounts masked."""

import pytest
from tests.web.desk_story import Story
from tests.web.money_office import Desk

from westlake.desk.paying.bank_accounts import propose_account
from westlake.words import fill


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


def test_firms_are_found_by_name(lake, client_as):
    lake.lake(3)
    page = client_as("officer").get("/firms/?q=TEAL").text
    assert "Teal Robotics" in page
    assert "Heron Robotics" not in page


def test_a_firm_shows_its_facts_with_who_says_so(lake, client_as):
    lake.lake(1)
    lake.know("heron", "declared", size="small")
    page = client_as("officer").get("/firms/heron/").text
    assert "South Shore" in page
    assert '<span class="tag warn">declared</span>' in page
    assert "PIER-26-0001" in page


def test_an_account_is_masked(lake, client_as):
    lake.lake(1)
    propose_account(lake.desk, lake.staff["officer"], "heron", "Heron Robotics", "6222020200112230", "Lake Bank",
                    "102100099996", "CN")
    page = client_as("officer").get("/firms/heron/").text
    assert "•••• 2230" in page
    assert "6222020200112230" not in page
    assert "2230" not in client_as("chair").get("/firms/heron/").text


def test_an_account_that_the_register_knows_is_masked_as_well(lake, client_as):
    lake.lake(1)
    lake.know("heron", bank_account="6222-0202-0011-2230")
    page = client_as("officer").get("/firms/heron/").text
    assert (page.count("•••• 2230"), page.count("0011-2230")) == (2, 0)  # today's facts, and the history
    assert "0011-2230" not in client_as("officer").get("/cases/1/").text


def test_cases_of_other_programmes_are_not_shown(lake, client_as):
    lake.lake(1)
    stranger = client_as("officer", programme="cloud_voucher")
    assert "PIER-26" not in stranger.get("/firms/heron/").text
    assert stranger.get("/firms/nobody/").status_code == 404


def test_an_amount_that_the_register_knows_bears_the_offices_currency(lake, client_as):
    lake.lake(1)
    lake.know("heron", contracts_year="11741700")
    page = client_as("officer").get("/firms/heron/")
    assert ("Contracts of the year", "¥117,417.00") in [(name, value) for name, value, _ in page.context["known"]]


def test_what_a_firm_was_given_and_from_what_it_is_debarred_is_told_by_programme(office, clock, tmp_path, client_as):
    """An award of the desk counts beside what was settled; a debarment says of which programme it is."""
    desk = Desk(office, clock, tmp_path)
    case, _ = desk.agreed()
    officer = client_as("officer")
    for programme, last in (("pier_challenge", 30), ("*", -1)):
        desk.connection.execute("INSERT INTO desk_debarment (firm, programme, first_day, last_day, case_id, reason, person, at)"
                                " VALUES ('heron',?,?,?,?,'late',?,?)", (programme, office.today - 9, office.today + last, case.id,
                                                                        officer.person.id, office.now()))
    page = officer.get("/firms/heron/")
    title = fill(office.programmes["pier_challenge"].words.title, "en")
    assert [(one.programme, one.year, one.amount) for one in page.context["awards"]] == [(title, 2026, 1_000_000)]
    assert [(one[0], one[4]) for one in page.context["debarments"]] == [("All programmes", "done"), (title, "debarred")]
    assert f"· {title}</span><small>late</small>" in page.text

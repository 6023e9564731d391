"""Before signing, an applicant reads what they sign: parts, amounts, days and terms; and each day is reminded of."""

import re

import pytest
from tests.web.desk_story import Story

from westlake.dates import iso
from westlake.desk import people
from westlake.desk.calls import find_call
from westlake.desk.cases import find_case, following, steps_of
from westlake.desk.paying.agreement import agreement_of
from westlake.web.jobs import remind
from westlake.web.templatetags.westlake import day


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


@pytest.fixture
def heron(lake, client_as):
    lake.know("heron", resident="1", name="Heron Works")
    browser = client_as("applicant", firm="heron", name="Hana Heron", email="hana@heron.example")
    browser.person = people.change_person(lake.connection, browser.person, browser.person, organisation="Heron Works")
    return browser


@pytest.fixture
def awarded(lake, heron):
    """Heron's pier, awarded today."""
    case = lake.take(lake.draft(lake.call(), heron.person), "submit", heron.person)
    case = lake.take(case, "admit", "officer")
    lake.reviewed(find_call(lake.desk, case.call), [case])
    lake.selected(find_call(lake.desk, case.call), [case])
    return lake.take(case, "award", "approver")


def test_what_is_signed_is_read_first_and_kept(lake, heron, awarded):
    made = agreement_of(lake.desk, awarded)
    page = heron.get(f"/applications/{awarded.id}/step/agree/").text
    for part in made.parts:
        assert iso(part.due) in page
    assert "piles driven: up to" in page and "claimed back with reasons" in page
    given = dict(re.findall(r'name="(seq|agreement)" value="([^"]+)"', page))
    assert given["agreement"] == made.digest
    assert "W998" in heron.post(f"/applications/{awarded.id}/step/agree/", {"seq": given["seq"]}).text
    heron.post(f"/applications/{awarded.id}/step/agree/", given)
    assert steps_of(lake.desk, awarded)[-1].data["agreement"] == made.digest
    page = heron.get(f"/applications/{awarded.id}/").text
    assert "the agreement that you signed" in page
    assert day(made.parts[0].due) in page


def test_the_days_of_an_award_and_of_its_parts_are_reminded_of(office, clock, lake, heron, awarded):
    clock.wait((awarded.due - office.today - 2) * 86_400)
    assert day(awarded.due) in heron.get("/").text
    assert (remind.func(), remind.func()) == (1, 0)
    assert f"please sign the agreement by {iso(awarded.due)}" in heron.get("/applications/letters/").text
    office.connection.execute("SELECT 1")  # it may write again after a page
    lake.take(awarded, "agree", heron.person)
    pile = following(lake.desk, awarded)[0]
    clock.wait((pile.due - office.today - 2) * 86_400)
    assert (remind.func(), remind.func()) == (1, 0)
    assert day(pile.due) in heron.get("/").text
    assert day(pile.due) in heron.get("/applications/").text
    assert find_case(lake.desk, awarded.id).due is None


def test_the_parts_of_an_agreement_that_ended_are_due_no_more(office, clock, lake, heron, awarded, client_as):
    lake.take(awarded, "agree", heron.person)
    pile = following(lake.desk, awarded)[0]
    clock.wait((pile.due - office.today - 2) * 86_400)
    officer = client_as("officer")
    for browser in (heron, officer):
        assert f">{pile.number} " in browser.get("/").text  # its line of what is due
    office.connection.execute("SELECT 1")  # it may write again after a page
    lake.take(awarded, "propose_termination", "officer", note="Nothing was built.")
    lake.take(awarded, "terminate", "approver", note="Nothing was built.")
    assert remind.func() == 0
    for browser in (heron, officer):
        assert f">{pile.number} " not in browser.get("/").text

"""One's own deadlines as a calendar: a link that is a key, can be renewed, and tells numbers of cases and nothing more."""

import re

import pytest
from tests.web.applying import announce, drafted, know
from tests.web.review_office import Panel, hides

from westlake.dates import iso
from westlake.desk import people, steps
from westlake.desk.cases import find_case
from westlake.web.models import Login


@pytest.fixture
def heron(office, client_as):
    know(office, "heron", name="Heron Works", resident="1")
    browser = client_as("applicant", firm="heron", name="Hana Heron", email="hana@heron.example")
    browser.person = people.change_person(office.connection, browser.person, browser.person, organisation="Heron Works")
    return browser


@pytest.fixture
def draft(office, heron, officer):
    return drafted(office, heron.person, announce(office, officer))


def link(browser):
    """The link as its page shows it, without the machine's name."""
    return re.search(r'id="link" value="http://testserver(/calendar/[^"]+\.ics)"', browser.get("/calendar/").text)[1]


def told(content):
    """(what, day or instant) of each entry, lines joined as they were folded."""
    text = content.decode().replace("\r\n ", "")
    return sorted(re.findall(r"DTSTART(?:;VALUE=DATE)?:(\w+).*?SUMMARY:([^\r]*)", text, re.S), key=lambda one: one[1])


def take(office, case, step, person, **said):
    return steps.take(office.desk, find_case(office.desk, case.id), step, person,
                      people.roles_of(office.connection, person.id, office.now()), said).case


def test_home_leads_to_the_link_and_whoever_has_it_needs_no_log_in(office, heron, officer, visitor, draft):
    assert 'href="/calendar/"' in heron.get("/").text
    there = link(heron)
    answer = visitor.get(there)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    (when, what), = told(answer.content)
    assert (what, when[-1]) == (f"Call closes: {draft.number}", "Z")
    case = take(office, draft, "submit", heron.person)
    assert told(visitor.get(there).content) == []
    due = office.today + 7
    take(office, case, "ask_supplement", officer, note="More", day=due)
    content = visitor.get(there).content
    assert told(content) == [(iso(due).replace("-", ""), f"Documents due: {case.number}")]
    assert f"http://testserver/applications/{case.id}/" in content.decode().replace("\r\n ", "")
    assert "herons" not in content.decode()  # its title


def test_a_renewed_link_ends_the_one_before(heron, visitor, draft):
    before = link(heron)
    heron.post("/calendar/renew/")
    after = link(heron)
    assert [visitor.get(one).status_code for one in (before, after)] == [404, 200]


def test_a_link_cannot_be_made_up_and_ends_with_the_log_in(office, heron, visitor, draft):
    there = link(heron)
    assert visitor.get(there.replace("~", "~A")).status_code == 404
    assert visitor.get("/calendar/1.0.ics").status_code == 404
    Login.objects.filter(person=heron.person.id).update(is_active=False)
    assert visitor.get(there).status_code == 404


def test_each_sees_their_own(heron, client_as, visitor, draft):
    assert told(visitor.get(link(client_as("applicant", firm="otter"))).content) == []


def test_a_reviewer_has_the_days_of_open_reviews_and_no_name(office, clock, visitor):
    lake = Panel(office, clock, type(visitor))
    call = lake.call(review_days=10, **hides("applicant"))
    rita = lake.reviewer(call, "Rita")
    case, _ = lake.eligible(call, "heron", title="Oak on granite")
    lake.assign(case, rita)
    browser = lake.at(rita)
    assert 'href="/calendar/"' in browser.get("/").text
    content = visitor.get(link(browser)).content
    assert told(content) == [(iso(lake.desk.today() + 10).replace("-", ""), f"Review due: {case.number}")]
    assert "Oak" not in content.decode() and "heron" not in content.decode()
    lake.review(case, rita, 4)
    assert told(visitor.get(link(browser)).content) == []


def test_who_took_over_an_application_has_its_days(office, heron, officer, visitor, draft, client_as):
    due = office.today + 7
    case = take(office, draft, "submit", heron.person)
    take(office, case, "ask_supplement", officer, note="More", day=due)
    hugo = client_as("applicant", firm="heron", name="Hugo Heron")
    assert [len(told(visitor.get(link(one)).content)) for one in (heron, hugo)] == [1, 0]
    office.record.add(hugo.person.actor, "desk.taken_over", case.subject)
    assert [len(told(visitor.get(link(one)).content)) for one in (heron, hugo)] == [0, 1]

"""Who registers and names somebody else's firm gets nothing out of it; an officer confirms the firm's own people."""

import re

import pytest
from tests.web.applying import ANSWERS, announce, know
from tests.web.conftest import Browser
from tests.web.machine import Machine, token_of
from tests.web.money_office import Desk, browser_of

from westlake.desk import people
from westlake.desk.applying import confirming
from westlake.desk.applying.deciding import decide_case, gather, last_decision
from westlake.desk.applying.speaking import speaks_for
from westlake.desk.cases import find_case
from westlake.desk.panel.interests import declare
from westlake.desk.paying import payments
from westlake.web.pages.applicant.preview import look

EVIDENCE = {"reason": "letter of authority, file 12"}


@pytest.fixture
def officer(client_as):
    return client_as("officer", name="Oda Reed", email="oda@office.example")


@pytest.fixture
def call(office, officer):
    know(office, "heron", name="Heron Works", resident="1", contracts_year="12345600", bank_account="110234567890")
    return announce(office, officer.person)


@pytest.fixture
def iris(call, client_as):
    """Iris registered with an address of her own and named heron as hers."""
    browser = client_as("applicant", name="Iris Ives", email="iris@mail.example")
    assert browser.post("/firm/register/", {"number": "heron", "name": "Heron, says Iris"}).status_code == 302
    return browser


def applied(browser, call, **answers):
    """An application that was handed in."""
    address = browser.post(f"/find/{call.id}/apply/")["Location"]
    number = int(re.search(r"\d+", address)[0])
    browser.post(f"/applications/{number}/answers/", {**ANSWERS, "resident": "false", **answers})
    assert browser.post(f"/applications/{number}/submit/", {"seq": "0", "meant": "on"}).status_code == 302
    return number


def origin(office, number):
    stored = last_decision(office.desk, find_case(office.desk, number))
    return stored.given["resident"], stored.origins["resident"]["source"], stored.eligible


def test_the_officer_reads_before_confirming_whether_the_register_has_the_number(office, officer, iris, client_as):
    nele = client_as("applicant", name="Nele New", email="nele@new.example")
    nele.post("/firm/register/", {"number": "NEW-1", "name": "New Piers"})
    pages = [officer.get(f"/firms/{firm}/speakers/{one.person.id}/confirm/").text
             for firm, one in (("heron", iris), ("NEW-1", nele))]
    assert ["not known: compare it with the certificate" in page for page in pages] == [False, True]


def test_an_impostor_is_told_nothing_and_her_own_words_count(office, call, iris, officer):
    number = applied(iris, call)
    assert origin(office, number) == ("false", "unconfirmed", False)
    firm, case = iris.get("/firm/").text, iris.get(f"/applications/{number}/").text
    assert ("Waits for the office’s confirmation" in firm.replace("&#x27;", "’"), "letter of authority" in firm) == (True, True)
    assert ("W1143" in case, "Heron Works" in case) == (True, False)
    page = officer.get(f"/cases/{number}/").text
    assert "the office has not confirmed that they speak for the firm" in page
    machine = Machine(token_of(iris.person))
    assert machine.get("/firms/heron").status_code == 404
    asked = {"inputs": {"district": "north", "cost": "20000.00"}, "firm": "heron"}
    assert machine.post("/programmes/pier_challenge/check", asked).status_code == 404
    assert "verified" not in machine.get(f"/cases/{number}").text


def test_a_confirmed_colleague_who_took_it_over_writes_with_what_the_register_knows(call, iris, client_as):
    """The call is open still, and what was submitted may be submitted again."""
    number, hugo = applied(iris, call), client_as("applicant", firm="heron", email="hugo@heron.example")
    address = f"/applications/{number}/"
    hugo.post(f"{address}take-over/")
    page = hugo.get(f"{address}write/").text
    assert ("W1143" in page, "Registered in the city" in page, 'name="resident"' in page) == (False, True, False)
    told = Machine(token_of(hugo.person)).patch(f"/cases/{number}/answers", {"answers": {"title": "A pier of oak"}}).json()
    assert (told["answers"]["title"], told["problems"]) == ("A pier of oak", [])


@pytest.mark.parametrize("typed", ["HERON", "ｈｅｒｏｎ", " Heron "])
def test_a_number_in_other_letters_is_the_same_firm(office, call, client_as, typed):
    browser = client_as("applicant", name="Iris Ives", email="iris@mail.example")
    assert browser.post("/firm/register/", {"number": typed, "name": "Heron, says Iris"}).status_code == 302
    person = people.find_person(office.connection, browser.person.id)
    assert (person.firm, speaks_for(office.desk, person, person.firm)) == ("heron", False)


def test_a_draft_says_what_counts_and_asks_everything(call, iris):
    address = iris.post(f"/find/{call.id}/apply/")["Location"]
    page = iris.get(address).text
    assert ("W1143" in page, 'name="resident"' in page, "Heron Works" in page) == (True, True, False)
    number = int(re.search(r"\d+", address)[0])
    told = Machine(token_of(iris.person)).patch(f"/cases/{number}/answers", {"answers": {"cost": "20000.00"}}).json()
    assert [one["code"] for one in told["problems"]] == ["W1143"]


def test_the_check_before_registering_knows_no_firm(office, call, visitor):
    """Asked by somebody who is nobody: the register has heron as a resident, and naming it changes no verdict, whether
    the answer is another, the same or left out."""
    offered, told = office.desk.offered(call.programme), {}
    counted = gather(office.desk, offered, "heron", {}, office.today, {}, None, {})
    assert (counted["resident"].value, counted["resident"].source) == (1, "registry")
    for resident in ("false", "true", ""):
        for firm in ({}, {"firm": "heron"}):
            visitor.post(f"/find/{call.id}/check/again/")
            address = f"/find/{call.id}/check/?part=1"
            while "part=" in address:
                assert 'name="firm"' not in visitor.get(address).text
                address = visitor.post(address, {**ANSWERS, "resident": resident, **firm})["Location"]
            page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", visitor.get(address).text.partition("<main")[2])
            said = look(office.desk, offered, {"district": "north", "cost": "20000.00", "resident": resident, **firm}, "en")
            told[resident, bool(firm)] = page, said.eligible, said.amount
    assert [told[resident, True] for resident in ("false", "true", "")] == [
        told[resident, False] for resident in ("false", "true", "")]
    assert [told[resident, True][1] for resident in ("false", "true", "")] == [False, True, None]
    assert len({page for page, _, _ in told.values()}) == 3


def test_an_officer_confirms_on_evidence_and_the_next_decision_takes_the_register(office, call, iris, officer, mailoutbox):
    number = applied(iris, call)
    assert "Speakers of firms to confirm" in officer.get("/").text
    assert "Iris Ives" in officer.get("/firms/").text
    firm = officer.get("/firms/heron/").text
    address = re.search(r"/firms/heron/speakers/\d+/confirm/", firm)[0]
    asked = officer.get(address).text
    assert [part in asked for part in ("Iris Ives", "heron", "Heron, says Iris", "mail.example")] == [True] * 4
    assert "W1146" in officer.post(address, {"reason": " "}).text
    assert not speaks_for(office.desk, people.find_person(office.connection, iris.person.id), "heron")
    assert officer.post(address, EVIDENCE)["Location"] == "/firms/heron/"
    assert [mail.to for mail in mailoutbox] == [["iris@mail.example"]]
    officer.get("/firms/heron/")
    assert "Iris Ives" not in officer.get("/firms/").text
    assert "Speakers of firms to confirm" not in officer.get("/").text
    act = next(iter(office.record.acts(act="desk.speaker_confirmed")))
    assert (act.subject, act.details["firm"], act.details["reason"]) == (iris.person.actor, "heron", EVIDENCE["reason"])
    assert officer.get(address).status_code == 404
    case = find_case(office.desk, number)
    decide_case(office.desk, case, office.today)
    assert origin(office, number) == ("true", "registry", True)
    ended = address.replace("confirm", "end")
    assert "letter" not in officer.get(ended).text
    assert officer.post(ended, {"reason": "left the firm"})["Location"] == "/firms/heron/"
    decide_case(office.desk, case, office.today)
    assert origin(office, number) == ("false", "unconfirmed", False)


def test_a_speaker_who_says_to_be_of_the_office_can_be_ended_and_is_not_confirmed_there(office, call, iris, officer):
    address = f"/firms/heron/speakers/{iris.person.id}/"
    people.change_person(office.connection, iris.person, iris.person, organisation="LAKESIDE office")
    assert (officer.get(f"{address}confirm/").status_code, "W1144" in officer.post(f"{address}confirm/", EVIDENCE).text) == (
        422, True)
    people.change_person(office.connection, iris.person, iris.person, organisation="Heron Works")
    assert officer.post(f"{address}confirm/", EVIDENCE).status_code == 302
    people.change_person(office.connection, iris.person, iris.person, organisation="LAKESIDE office")
    assert officer.post(f"{address}end/", {"reason": "forged"})["Location"] == "/firms/heron/"
    assert not speaks_for(office.desk, people.find_person(office.connection, iris.person.id), "heron")


def test_who_may_not_confirm(office, call, iris, officer, client_as):
    address = f"/firms/heron/speakers/{iris.person.id}/confirm/"
    for role in ("auditor", "approver", "economist", "payer", "chair", "admin"):
        assert client_as(role).post(address, EVIDENCE).status_code == 404
    assert iris.post(address, EVIDENCE).status_code == 404
    declare(office.desk, officer.person, officer.person.id, None, "heron", "my sister works there")
    assert (officer.get(address).status_code, "W1144" in officer.post(address, EVIDENCE).text) == (422, True)
    assert "/confirm/" not in client_as("auditor").get("/firms/heron/").text
    found = confirming.find_speaker(office.desk, "heron", iris.person.id)
    assert found.state == "waiting"


def test_an_impostor_keeps_nobody_of_the_firm_from_entering_it_but_a_confirmed_speaker_does(office, call, iris, officer,
                                                                                          client_as):
    hana = client_as("applicant", name="Hana Heron", email="hana@heron.example")
    assert hana.post("/firm/register/", {"number": "heron", "name": "Heron Works"}).status_code == 302
    officer.post(f"/firms/heron/speakers/{hana.person.id}/confirm/", EVIDENCE)
    hugo = client_as("applicant", name="Hugo Heron", email="hugo@heron.example")
    assert "W1061" in hugo.post("/firm/register/", {"number": "heron", "name": "Heron Works"}).text
    again = browser_of(Browser(), hana.person)  # a role that changed ended her session
    assert again.post("/firm/invite/", {"name": "Hela Heron", "email": "hela@heron.example"})["Location"] == "/firm/"
    assert ("Hela Heron" in again.get("/firm/").text, "Hela Heron" in iris.get("/firm/").text) == (True, False)
    again.post(f"/find/{call.id}/apply/")
    draft = f"{call.code}-0001"
    assert (draft in again.get(f"/find/{call.id}/apply/").text, draft in iris.get(f"/find/{call.id}/apply/").text) == (True, False)
    dismissal = re.search(r"/firm/writers/\d+/end/", again.get("/firm/").text)[0]
    assert iris.post(dismissal).status_code == 404


def test_whom_the_office_ended_is_not_invited_again(office, call, iris, officer, client_as):
    hana = client_as("applicant", name="Hana Heron", email="hana@heron.example")
    people.change_person(office.connection, hana.person, hana.person, firm="heron", organisation="Heron Works")
    for one in (iris, hana):
        officer.post(f"/firms/heron/speakers/{one.person.id}/confirm/", EVIDENCE)
    officer.post(f"/firms/heron/speakers/{iris.person.id}/end/", {"reason": "forged letter of authority"})
    browser = browser_of(Browser(), hana.person)
    refused = browser.post("/firm/invite/", {"name": "Iris", "email": "iris@mail.example"})
    assert (refused.status_code, "W1158" in refused.text) == (422, True)
    assert not [one for one in people.grants(office.connection, person=iris.person.id) if one.held.role == "co_applicant"]
    officer.post(f"/firms/heron/speakers/{iris.person.id}/confirm/", EVIDENCE)
    assert speaks_for(office.desk, people.find_person(office.connection, iris.person.id), "heron")


def test_whom_a_speaker_invited_an_officer_may_still_confirm(office, call, iris, officer):
    officer.post(f"/firms/heron/speakers/{iris.person.id}/confirm/", EVIDENCE)
    browser_of(Browser(), iris.person).post("/firm/invite/", {"name": "Hela Heron", "email": "hela@heron.example"})
    hela = people.person_by_email(office.connection, "hela@heron.example")
    address = f"/firms/heron/speakers/{hela.id}"
    assert [f"{address}/{what}/" in officer.get("/firms/heron/").text for what in ("confirm", "end")] == [True, True]
    assert officer.get(f"{address}/confirm/").status_code == 200
    assert officer.post(f"{address}/confirm/", EVIDENCE)["Location"] == "/firms/heron/"
    assert [f"{address}/{what}/" in officer.get("/firms/heron/").text for what in ("confirm", "end")] == [False, True]
    assert officer.get(f"{address}/confirm/").status_code == 404
    officer.post(f"/firms/heron/speakers/{iris.person.id}/end/", {"reason": "left the firm"})
    assert speaks_for(office.desk, hela, "heron")


def test_what_waits_for_a_firm_that_nobody_speaks_for_is_shown_and_not_offered(office, clock, tmp_path):
    """The payer sees which payment may not go, cannot choose it, and reads on a batch that holds one what is to be done."""
    desk = Desk(office, clock, tmp_path)
    for firm in ("heron", "lotus"):
        desk.account(firm)
    first, second = desk.agreed("heron")[1]
    desk.ordered(first)
    desk.batched()
    desk.ordered(second)
    desk.ordered(desk.agreed("lotus")[1][0])
    assert [one.firm for one in payments.waiting(desk.desk)] == ["heron", "lotus"]
    for one in confirming.speakers_of(desk.desk, "heron"):
        confirming.end_speaker(desk.desk, one, desk.staff["officer"], "left")
    payer = browser_of(Browser(), desk.second_payer)
    page = payer.get("/money/batches/").text
    assert re.findall(r'name="payment" value="(\d+)"', page) == ["3"]
    assert page.count("Nobody speaks for this firm") == 1
    batch = payer.get("/money/batches/1/").text
    assert ("W1165" in batch, "/money/batches/1/release/" in batch, "/money/batches/1/give-up/" in batch) == (True, False, True)
    debtor = {"day": "2027-01-04", "holder": "Lakeside Treasury", "account": "1100-2200-3300", "bank": "102100099996", "country": "CN"}
    assert "W1165" in payer.post("/money/batches/make/", {"payment": ["2", "3"], **debtor}).text


def test_everybody_who_waits_is_found_page_by_page(office, call, officer, client_as):
    for number in range(51):
        made = people.add_person(office.connection, f"Name {number:02}", f"n{number:02}@mail.example", at=office.now())
        people.change_person(office.connection, made, made, firm="heron", organisation="Heron, they say")
    firms = officer.get("/firms/").text
    assert ("Name 19" in firms, "Name 20" in firms, "All 51 who wait" in firms) == (True, False, True)
    assert 'href="/speakers/"' in firms and 'href="/speakers/"' in officer.get("/").text
    pages = [officer.get(f"/speakers/?page={number}").text for number in (1, 2)]
    assert [sorted(re.findall(r"Name \d\d", page)) for page in pages] == [
        [f"Name {number:02}" for number in range(50)], ["Name 50"]]
    assert client_as("auditor").get("/speakers/").status_code == 403


def test_when_nobody_waits_the_page_says_so(officer):
    assert "Nobody waits to be confirmed." in officer.get("/speakers/").text

"""A firm is named once, its facts are shown to who may speak for it, its accounts are checked, its writers invited."""

import re

import pytest
from tests.web.applying import ANSWERS, announce, drafted, know, shelve

from westlake.database import transaction
from westlake.desk import people
from westlake.desk.cases import find_case
from westlake.desk.paying.bank_accounts import accounts_of, check_account
from westlake.desk.people import Held
from westlake.register import Register

ACCOUNT = {"holder": "Heron Works", "account": "110-234-567890", "bank": "Lake Bank", "bank_code": "088", "country": "KR"}


@pytest.fixture
def heron(office, client_as):
    know(office, "heron", name="Heron Works", resident="1", contracts_year="12345600")
    return client_as("applicant", firm="heron", name="Hana Heron", email="hana@heron.example")


def test_somebody_new_names_their_firm_and_goes_on(office, client_as, person_with):
    call = announce(office, person_with("officer"))
    browser = client_as("applicant", name="Nele New")
    assert browser.get(f"/find/{call.id}/apply/")["Location"] == f"/firm/register/?next=/find/{call.id}/apply/"
    answer = browser.post("/firm/register/", {"number": "91330100-NEW", "name": "New Piers", "next": f"/find/{call.id}/apply/"})
    assert answer["Location"] == f"/find/{call.id}/apply/"
    fact = Register(office.connection).of(["91330100-NEW"], office.today)["91330100-NEW"]["name"]
    assert (fact.value, fact.assurance, fact.source) == ("New Piers", "declared", "applicant")
    page = browser.get("/firm/").text
    assert "The office does not know this number yet: what you say counts as declared" in page  # said once, on the way
    assert "The office does not know this firm yet" in page and "certificate of registration" in page
    assert "New Piers" in page
    assert "from you" in page
    know(office, "91330100-NEW", resident="1")
    assert "The office does not know this firm yet" not in browser.get("/firm/").text


@pytest.mark.parametrize("next_, went", [("https://elsewhere.example/", "/firm/"), ("//elsewhere.example", "/firm/")])
def test_the_way_on_stays_in_the_console(office, client_as, next_, went):
    browser = client_as("applicant")
    assert browser.post("/firm/register/", {"number": "N-1", "name": "New", "next": next_})["Location"] == went


@pytest.mark.parametrize("number, code", [("heron", "W1061"), ("!", "W1067"), ("a" * 61, "Ensure this value")])
def test_a_firm_that_is_taken_or_cannot_be_is_refused(client_as, heron, number, code):
    page = client_as("applicant").post("/firm/register/", {"number": number, "name": "Somebody"})
    assert page.status_code == 422
    assert code in page.text
    assert ("write to the office: Lakeside Office" in page.text) == (code == "W1061")


def test_facts_say_how_they_are_known(heron):
    page = heron.get("/firm/").text
    assert re.findall(r'<span class="tag good">(\w+)</span> <small>([\w ]+)</small>', page) == [("Verified", "business register")] * 3
    assert "¥123,456.00" in page


def test_who_only_names_a_firm_is_not_shown_what_the_register_knows(office, client_as, person_with):
    know(office, "otter", name="Otter Ltd", resident="1", contracts_year="99900")
    call = announce(office, person_with("officer"))
    browser = client_as("applicant")
    browser.post("/firm/register/", {"number": "otter", "name": "We say so"})
    page = browser.get("/firm/").text
    assert "waits for the office&#x27;s confirmation that you speak for it" in page  # the message on naming it
    assert "has not confirmed yet that you speak for this firm" in page
    assert "Send the office (Lakeside Office) a letter of authority" in page
    assert "¥999.00" not in page
    assert "Otter Ltd" not in page
    assert browser.get("/firm/invite/").status_code == 422
    case = drafted(office, people.find_person(office.connection, browser.person.id), call)
    assert 'name="resident"' in browser.get(f"/applications/{case.id}/write/").text  # asked, not told


def test_an_account_waits_for_another_person_and_then_for_its_days(office, heron, person_with):
    assert heron.post("/firm/account/", {**ACCOUNT, "account": "?"}).status_code == 422
    assert heron.post("/firm/account/", ACCOUNT)["Location"] == "/firm/"
    page = heron.get("/firm/").text
    assert "•••• 7890" in page
    assert "110-234-567890" not in page
    assert "to be checked" in page
    one, = accounts_of(office.desk, "heron")
    check_account(office.desk, one.id, person_with("approver"), "called back")
    assert "may be paid to from 5 June 2026" in heron.get("/firm/").text


def test_a_co_applicant_is_invited_and_dismissed(office, heron, mailoutbox):
    heron.post("/firm/invite/", {"name": "Hugo Heron", "email": "hugo@heron.example"})
    other = people.person_by_email(office.connection, "hugo@heron.example")
    assert people.roles_of(office.connection, other.id, office.now()) == {Held("co_applicant", "*", "heron")}
    assert [mail.to for mail in mailoutbox] == [["hugo@heron.example"]]
    address = re.search(r"/firm/writers/\d+/end/", heron.get("/firm/").text)[0]
    assert "no longer sees" in heron.get(address).text
    heron.post(address)
    assert people.roles_of(office.connection, other.id, office.now()) == frozenset()


def test_nobody_of_the_office_is_made_a_co_applicant(heron, person_with):
    officer = person_with("officer")
    page = heron.post("/firm/invite/", {"name": "Oda", "email": officer.email})
    assert page.status_code == 422
    assert "W1065" in page.text


def test_another_firms_writers_are_not_there(heron, client_as):
    heron.post("/firm/invite/", {"name": "Hugo Heron", "email": "hugo@heron.example"})
    number = re.search(r"/firm/writers/(\d+)/end/", heron.get("/firm/").text)[1]
    assert client_as("applicant", firm="otter").get(f"/firm/writers/{number}/end/").status_code == 404


def personal_call(office, officer):
    """A call to which people apply without a firm."""
    shelve(office)
    workflow = office.workspace.folder / "programmes" / "lakeside" / "pier_challenge" / "workflow.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace("award: claim", "award: claim\napplicant: person"), "utf-8")
    return announce(office, officer)


def test_who_applied_in_their_own_name_keeps_the_way_to_their_own_account_once_they_enter_a_firm(
        office, client_as, person_with):
    """What was awarded to a person is paid to that person, whatever firm they speak for later."""
    call = personal_call(office, person_with("officer"))
    browser, other = client_as("applicant", name="Nele New", email="nele@new.example"), client_as("applicant", firm="otter")
    browser.post(f"/find/{call.id}/apply/")
    number = f"person-{browser.person.id}"
    assert browser.post("/firm/register/", {"number": "N-1", "name": "New Piers"}).status_code == 302
    page = browser.get("/firm/").text
    assert ("Accounts in your own name" in page, "/firm/account/?own=1" in page, "Co-applicants" in page) == (True,) * 3
    assert browser.get("/firm/account/?own=1").status_code == 200
    assert browser.post("/firm/account/?own=1", {**ACCOUNT, "holder": "Nele New", "account": "220-111-222333"}
                        )["Location"] == "/firm/"
    assert browser.post("/firm/account/", {**ACCOUNT, "holder": "New Piers"})["Location"] == "/firm/"
    assert {(one.firm, one.holder) for firm in (number, "N-1") for one in accounts_of(office.desk, firm)} == {
        (number, "Nele New"), ("N-1", "New Piers")}
    own, firms = browser.get("/firm/").text.split("Accounts in your own name")[::-1]
    assert ("•••• 2333" in own, "•••• 7890" in own, "•••• 7890" in firms, "•••• 2333" in firms) == (True, False, True, False)
    assert other.get("/firm/account/?own=1").status_code == 404  # never applied in their own name
    assert "Accounts in your own name" not in other.get("/firm/").text


def test_somebody_without_a_firm_applies_to_a_personal_call_in_their_own_name(office, client_as, person_with):
    """No number of a firm is asked; the office reads the name, and what may be public holds a number only."""
    officer = person_with("officer")
    call = personal_call(office, officer)
    browser = client_as("applicant", name="Nele New", email="nele@new.example")
    people.change_person(office.connection, browser.person, browser.person, organisation="")  # no colleague of the office
    page = browser.get(f"/find/{call.id}/apply/").text
    assert "in your own name, without a firm" in page
    assert browser.post(f"/find/{call.id}/apply/")["Location"] == "/applications/1/write/"
    browser.post("/applications/1/answers/", {**ANSWERS, "resident": "true"})
    read = browser.get("/applications/1/submit/").text  # nobody declares to speak for a firm that is not there
    assert ("I apply in my own name." in read, "I may speak for the firm" in read) == (True, False)
    assert "Until then nobody but you sees it." in browser.get("/applications/1/").text
    assert browser.post("/applications/1/submit/", {"seq": "0", "meant": "on"})["Location"] == "/applications/1/receipt/"
    number = f"person-{browser.person.id}"
    assert find_case(office.desk, 1).firm == number
    firm = browser.get("/firm/").text
    assert "You apply in your own name" in firm and "Co-applicants" not in firm
    assert browser.post("/firm/account/", ACCOUNT)["Location"] == "/firm/"
    assert [one.firm for one in accounts_of(office.desk, number)] == [number]
    shown = client_as("officer").get("/cases/1/").text
    assert "Nele New" in shown and number in shown
    made_known(office, officer, 1)
    for address in ("notices/1/", "awards/", "data/awards.csv", "data/open-data.json", "data/360giving.json"):
        public = client_as("applicant", firm="otter").get(f"/public/{address}").content.decode()
        assert ("PIER-26-0001" in public, number in public) == (True, True), address
        assert [text for text in ("Nele", "nele@new.example") if text in public] == [], address


def made_known(office, officer, number):
    """As if the office had awarded a case and published that."""
    case = find_case(office.desk, number)
    with transaction(office.connection):
        act = office.record.add("system", "desk.awarded", case.subject)
        office.connection.execute("INSERT INTO desk_step VALUES (?,?,?,?,?,?,?,?,?,?)", (
            case.id, case.seq + 1, "award", case.state, "awarded", None, "system", office.now(), act.id, "{}"))
        office.connection.execute("UPDATE desk_case SET state = 'awarded', seq = ?, amount = 1000000 WHERE id = ?",
                                  (case.seq + 1, case.id))
        office.connection.execute(
            "INSERT INTO desk_notice (call, run, first_day, last_day, cases, person, at) VALUES (?,NULL,?,?,?,?,?)",
            (case.call, office.today, office.today + 2, f",{case.id},", officer.id, office.now()))


def test_nobody_enters_a_firm_under_the_number_of_a_person(client_as):
    page = client_as("applicant").post("/firm/register/", {"number": "person-1", "name": "Not me"})
    assert page.status_code == 422
    assert "W1067" in page.text


@pytest.mark.parametrize("lang, words", [("ko", ["빈장구", "반도체", "등기·등록 기관"]), ("zh", ["滨江区", "芯片", "登记机关"]), ("en", ["Pier quarter"])])
def test_districts_sectors_and_sources_are_told_in_words(office, heron, lang, words):
    """What the city has words for is told in them; a name that only the register knows stays."""
    register = Register(office.connection)
    place = "Pier quarter" if lang == "en" else "Binjiang"
    for name, value in (("district", place), ("sector", "chips")):
        register.enter("heron", name, value, 20_000, 30_000, "verified", "register office", 20_000)
    page = heron.get(f"/firm/?lang={lang}").text
    assert [word for word in words if word not in page] == []

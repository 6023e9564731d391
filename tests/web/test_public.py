"""What everybody may see: awards to firms, sums of people, notices with their days, seals, and files for machines."""

import csv
import io
import json
import re

import pytest
from tests.web.applying import announce, drafted, know

from westlake.desk import people
from westlake.desk.acting import acting_for
from westlake.desk.cases import following
from westlake.desk.panel.notices import find_notice, objections
from westlake.ledger import Books
from westlake.web.models import Login
from westlake.web.pages.public import published


@pytest.fixture
def awarded(office, officer, client_as):
    """Three piers of three firms, put where an award leaves them; the third has withdrawn."""
    call = announce(office, officer)
    cases = []
    for firm, name, state, amount in (("heron", "Heron Works", "awarded", 1_000_000), ("otter", "=Otter Ltd", "agreed", 2_000_050),
                                      ("swan", "Swan", "withdrawn", 3_000_000)):
        know(office, firm, name=name, resident="1")
        browser = client_as("applicant", firm=firm, name=f"{firm} speaker", email=f"speaker@{firm}.example")
        cases.append(drafted(office, browser.person, call))
        went_through(office, cases[-1], state, amount)
    return cases


def went_through(office, case, state, amount):
    """As if the office had awarded it: only where a case stands matters to what is published."""
    from westlake.database import transaction
    from westlake.record import Record

    with transaction(office.connection):
        for seq, (came, went) in enumerate([("draft", "submitted"), ("submitted", "awarded"), ("awarded", state)], 1):
            if came == went:
                continue
            act = Record(office.connection, office.now).add("system", f"desk.{went}", case.subject)
            office.connection.execute("INSERT INTO desk_step VALUES (?,?,?,?,?,?,?,?,?,?)",
                                      (case.id, seq, went, came, went, None, "system", office.now(), act.id, "{}"))
            office.connection.execute(
                "UPDATE desk_case SET state = ?, seq = ?, amount = ?, submitted_at = ? WHERE id = ?",
                (went, seq, amount, office.now(), case.id))


def test_awards_to_firms_are_listed_and_found(visitor, awarded):
    page = visitor.get("/public/awards/").text
    assert re.findall(r'data-label="Amount" class="num">([^<]+)<', page) == ["¥20,000.50", "¥10,000.00"]
    assert re.findall(r'data-label="Firm">([^<]+)<', visitor.get("/public/awards/?q=heron").text) == ["Heron Works "]


@pytest.mark.parametrize("address", ["", "awards/", "payments/", "recoveries/", "notices/", "heads/", "data/", "data/awards.csv",
                                     "data/open-data.json"])
def test_nobody_is_named(visitor, office, awarded, address):
    page = visitor.get(f"/public/{address}").content.decode()
    persons = office.connection.execute("SELECT name, email FROM desk_person").fetchall()
    assert len(persons) == 4
    assert [text for row in persons for text in row if text in page] == []


def test_totals_count_what_was_handed_in(visitor, awarded):
    page = visitor.get("/public/").text
    assert re.findall(r'data-label="(\w+)" class="num">([^<]+)<', page) == [
        ("Applications", "3"), ("Awards", "2"), ("Awarded", "¥30,000.50"), ("Paid", "¥0.00")]


def test_of_support_to_people_each_figure_needs_five_behind_it(visitor, office, client_as, monkeypatch):
    """Six people applied, one was awarded: that six did is told, and neither that one was nor with how much."""
    monkeypatch.setattr(published, "personal", lambda desk, programme: True)
    officer = client_as("officer").person
    call = announce(office, officer)
    for number in range(6):
        browser = client_as("applicant", firm=f"firm{number}", name=f"Somebody {number}", email=f"{number}@mail.example")
        went_through(office, drafted(office, browser.person, call), "awarded" if number == 0 else "submitted", 1_000_000)
    page = visitor.get("/public/").text
    assert re.findall(r'data-label="([\w ]+)" class="num">([^<]+)<', page) == [
        ("Applications", "6"), ("Refused or not selected", "0"), ("Awards", "fewer than 5 people"), ("Awarded", "fewer than 5 people"),
        ("Paid", "¥0.00"), ("Claimed back", "¥0.00")]
    assert "10,000.00" not in page


def test_no_name_arms_a_cell_of_the_table(visitor, awarded):
    content = visitor.get("/public/data/awards.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["firm"], row["firm_name"], row["amount"]) for row in rows] == [
        ("heron", "Heron Works", "10000.00"), ("otter", "'=Otter Ltd", "20000.50")]


def test_the_same_as_json_and_in_the_standard_for_grants(visitor, awarded):
    data = json.loads(visitor.get("/public/data/open-data.json").content)
    assert [one["id"] for one in data["awards"]] == ["PIER-26-0001", "PIER-26-0002"]
    grants = json.loads(visitor.get("/public/data/360giving.json").content)["grants"]
    assert [(one["id"], one["amountAwarded"]) for one in grants] == [("PIER-26-0001", 10000.00), ("PIER-26-0002", 20000.50)]
    assert visitor.get("/public/data/westlake.db").status_code == 404


def publish(office, officer, call, cases, first=0, last=2):
    office.connection.execute(
        "INSERT INTO desk_notice (call, run, first_day, last_day, cases, person, at) VALUES (?,NULL,?,?,?,?,?)",
        (call, office.today + first, office.today + last, "," + ",".join(str(one.id) for one in cases) + ",", officer.id,
         office.now()))


def test_a_notice_stands_for_its_days_and_anybody_with_a_name_may_object(visitor, office, clock, officer, awarded, client_as):
    publish(office, officer, 1, awarded[:1])
    page = visitor.get("/public/notices/1/").text
    assert "days to object: 3" in page
    assert "Heron Works" in page
    assert visitor.get("/public/notices/1/object/")["Location"].startswith("/account/login/")
    rival = client_as("applicant", firm="rival", email="ria@rival.example")
    answer = rival.post("/public/notices/1/object/", {"case": "1", "reason": "That pier is mine."})
    assert answer["Location"] == "/public/notices/1/"
    objection, = following(office.desk, awarded[0], "objection")
    known, = objections(office.desk, find_notice(office.desk, 1))
    assert (known.case, known.person, known.reason) == (objection, rival.person.id, "That pier is mine.")
    clock.wait(3 * 86_400)
    assert "over" in visitor.get("/public/notices/1/").text
    late = rival.post("/public/notices/1/object/", {"case": "1", "reason": "Too late"})
    assert late.status_code == 422
    assert "W1052" in late.text


def test_whoever_acts_for_an_award_does_not_object_to_it_though_they_are_entered_with_another_firm(office, officer, awarded,
                                                                                              client_as):
    """Hugo is entered with Rail, and the office has let him apply for Heron too; what was Heron's he took over."""
    publish(office, officer, 1, awarded[:1])
    hugo = client_as("applicant", firm="rail", email="hugo@rail.example")
    refused = [hugo.post("/public/notices/1/object/", {"case": "1", "reason": " "}).text]
    people.grant_role(office.connection, hugo.person.id, "applicant", by=officer, at=office.now(), firm="heron")
    hugo.force_login(Login.objects.get(person=hugo.person.id), "allauth.account.auth_backends.AuthenticationBackend")
    hugo.post(f"/applications/{awarded[0].id}/take-over/")
    assert acting_for(office.desk, awarded[0]) == hugo.person.id
    refused.append(hugo.post("/public/notices/1/object/", {"case": "1", "reason": "Not me"}).text)
    assert ["W1069" in page for page in refused] == [False, True]
    assert following(office.desk, awarded[0], "objection") == []


def test_nobody_objects_to_their_own_award_and_only_who_objects_reads_an_objection(office, officer, awarded, client_as):
    from tests.web.conftest import Browser

    publish(office, officer, 1, awarded[:1])
    own = Browser()
    own.force_login(Login.objects.get(person=awarded[0].applicant), "allauth.account.auth_backends.AuthenticationBackend")
    assert "W1069" in own.post("/public/notices/1/object/", {"case": "1", "reason": "Not me"}).text
    rival = client_as("applicant", firm="rival", email="ria@rival.example")
    rival.post("/public/notices/1/object/", {"case": "1", "reason": "Mine"})
    objection, = following(office.desk, awarded[0], "objection")
    assert own.get(f"/applications/{objection.id}/").status_code == 404
    assert f'href="/applications/{objection.id}/"' in rival.get("/applications/").text
    page = rival.get(f"/applications/{objection.id}/").text
    assert objection.number in page
    assert f'href="/applications/{awarded[0].id}/"' not in page


def test_a_notice_of_tomorrow_is_not_there_today(visitor, office, officer, awarded):
    publish(office, officer, 1, awarded[:1], first=1)
    assert visitor.get("/public/notices/1/").status_code == 404


def test_each_day_has_its_seal(visitor, office, clock, officer):
    first = office.record.head().hash
    clock.wait(86_400)
    people.add_person(office.connection, "Later", "later@lakeside.example", at=office.now())
    office.record.add("system", "desk.note", "case:1")
    page = visitor.get("/public/heads/").text
    assert first in page or office.record.head().hash in page
    assert office.record.head().hash in page
    assert Books(office.connection).head().hash in page

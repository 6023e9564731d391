"""Programmes as officers read them, and new values: proposed by one, agreed by another, never on an older version."""

import re

import pytest
from tests.web.desk_story import Story

from westlake.rules import load_programme
from westlake.web.models import Job

PLACE = "/programmes/pier_challenge/values/award_max/"
WANTED = {"in_force": "2027-01-01", "number_0": "45000.00", "source": "L-cloud25", "clause": "9", "cls": "P",
          "reason": "Piles cost more than in 2025."}


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


def entries(lake):
    """What values.yaml of the workspace says of the largest award, read anew."""
    programme = load_programme(lake.office.workspace.programmes / "lakeside" / "pier_challenge")
    return [(one.number, one.citation.clause) for one in programme.values["award_max"].dated]


def test_every_value_stands_with_its_source(lake, client_as):
    page = client_as("economist").get("/programmes/pier_challenge/").text
    assert "Lakeside cloud measures 2025 (L-cloud25), 4" in page
    assert "¥40,000.00" in page
    assert "1 / 1" in page  # its one example holds
    assert "official rules · 1" in page and "budget_year" not in page.split('id="main"')[-1].replace(
        "/values/budget_year/", "")
    assert page.count("<g class=") == sum(len(kind.states) for kind in lake.desk.offered(
        "pier_challenge").workflow.kinds.values())


def test_a_broken_programme_says_what_is_wrong(lake, client_as):
    path = lake.office.workspace.programmes / "lakeside" / "pier_challenge" / "values.yaml"
    path.write_text(path.read_text("utf-8").replace("unit: money", "unit: shells", 1), "utf-8")
    page = client_as("officer").get("/programmes/").text
    assert "W117" in page
    assert client_as("officer").get("/programmes/pier_challenge/").status_code == 404


def test_a_value_is_proposed_by_one_and_agreed_by_another(lake, client_as):
    officer, approver = client_as("officer"), client_as("approver")
    look = officer.post(f"{PLACE}propose/", {**WANTED, "look": "1"}).text
    assert '<div class="add">+    - {in_force: 2027-01-01, value: &quot;45000.00&quot;' in look
    assert entries(lake) == [(4_000_000, "4")]
    assert officer.post(f"{PLACE}propose/", {**WANTED, "keep": "1"})["Location"] == "/programmes/proposals/1/"
    assert "Piles cost more" in approver.get("/programmes/proposals/1/").text
    approver.post("/programmes/proposals/1/decide/", {"how": "agree"})
    assert entries(lake) == [(4_000_000, "4"), (4_500_000, "9")]
    assert lake.connection.execute("SELECT count(*) FROM programme_version").fetchone() == (2,)
    acts = lake.connection.execute("SELECT act FROM act WHERE subject = 'proposal:1' ORDER BY id").fetchall()
    assert acts == [("desk.value_proposed",), ("desk.value_agreed",)]


def test_nobody_agrees_to_their_own(lake, client_as):
    both = client_as("officer", "approver")
    both.post(f"{PLACE}propose/", {**WANTED, "keep": "1"})
    assert "W1075" in both.post("/programmes/proposals/1/decide/", {"how": "agree"}).text
    assert entries(lake) == [(4_000_000, "4")]
    both.post("/programmes/proposals/1/decide/", {"how": "withdraw"})
    assert "Taken back" in both.get("/programmes/proposals/1/").text


def test_a_proposal_on_an_older_version_is_stale(lake, client_as):
    officer, approver = client_as("officer"), client_as("approver")
    officer.post(f"{PLACE}propose/", {**WANTED, "keep": "1"})
    officer.post(f"{PLACE}propose/", {**WANTED, "in_force": "2028-01-01", "keep": "1"})
    approver.post("/programmes/proposals/1/decide/", {"how": "agree"})
    assert "The programme has changed since" in approver.get("/programmes/proposals/2/").text
    assert "W1076" in approver.post("/programmes/proposals/2/decide/", {"how": "agree"}).text
    assert entries(lake) == [(4_000_000, "4"), (4_500_000, "9")]


@pytest.mark.parametrize("wrong, code", [
    ({"number_0": "dear"}, "W1"), ({"in_force": "2025-01-01"}, "W1077"), ({"number_0": "40000.001"}, "W1")])
def test_what_the_rules_would_not_read_is_not_proposed(lake, client_as, wrong, code):
    answer = client_as("officer").post(f"{PLACE}propose/", {**WANTED, **wrong, "keep": "1"})
    assert (answer.status_code, code in answer.text) == (422, True)
    assert lake.connection.execute("SELECT count(*) FROM desk_proposal").fetchone() == (0,)


def test_who_may_not_propose_or_decide(lake, client_as):
    officer = client_as("officer")
    officer.post(f"{PLACE}propose/", {**WANTED, "keep": "1"})
    assert client_as("officer", programme="cloud_voucher").post(f"{PLACE}propose/", WANTED).status_code == 404
    assert client_as("officer").post("/programmes/proposals/1/decide/", {"how": "agree"}).status_code == 404
    assert client_as("auditor").post("/programmes/proposals/1/decide/", {"how": "refuse"}).status_code == 404
    assert "W1078" in client_as("approver").post("/programmes/proposals/1/decide/", {"how": "refuse"}).text


def test_a_proposal_is_tried_on_the_last_settled_year(office, clock, client_as):
    """The city worked by hand in tests/settlement: with a cap of 500, each of three firms gets 500 of the budget."""
    from tests.settlement.conftest import FACTS, line
    from tests.settlement.conftest import Office as Books

    from westlake.settlement import read_terms
    Story(office, clock, ("pier_challenge", "render_voucher"))
    programme = office.programmes["render_voucher"]
    year = Books(office.connection, programme, read_terms(programme))
    for firm in ("heron", "lotus", "reed"):
        year.know(firm, **FACTS)
    year.pay(line("heron", 4000), line("lotus", 2000), line("reed", 4000))
    client_as("officer").post("/programmes/render_voucher/values/firm_cap_year/propose/", {
        **WANTED, "in_force": "2025-01-02", "number_0": "500.00", "keep": "1"})
    page = client_as("approver").get("/programmes/proposals/1/").text
    facts = page.split('class="facts"')[1].split("</dl>")[0]
    assert [text.split("</dd>")[0] for text in facts.split("<dd>")[1:]] == ["¥2,000.00", "¥1,500.00", "-¥500.00", "1", "2"]
    done = Job.objects.get()
    assert (done.name, done.state, done.result) == ("reform_effect", "done", {"proposal": 1, "year": 2025})


def test_a_rate_of_more_than_all_is_said_aloud_to_whoever_proposes_and_decides(lake, client_as):
    officer, approver = client_as("officer"), client_as("approver")
    place, wanted = "/programmes/pier_challenge/values/first_part/propose/", {**WANTED, "number_0": "250%"}
    said = "Above 100 %: Share of the first stage. Is that meant?"
    assert said in officer.post(place, {**wanted, "look": "1"}).text
    assert said not in officer.post(place, {**wanted, "number_0": "60%", "look": "1"}).text
    officer.post(place, {**wanted, "keep": "1"})
    assert said in approver.get("/programmes/proposals/1/").text
    approver.post("/programmes/proposals/1/decide/", {"how": "agree"})
    assert said in approver.get("/programmes/proposals/1/").text


def test_source_and_ground_are_chosen_by_whoever_proposes(lake, client_as):
    officer = client_as("officer")
    assert re.findall('<option value="([^"]*)" selected', officer.get(f"{PLACE}propose/").text) == ["", ""]
    for name in ("source", "cls"):
        answer = officer.post(f"{PLACE}propose/", {**WANTED, name: "", "keep": "1"})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [name])

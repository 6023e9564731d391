"""Who reviews what, told as an officer and a chair meet it: assignment looked at and applied, conflicts, no leaks."""

import pytest
from tests.web.conftest import Browser
from tests.web.review_office import Panel, hides

from westlake.desk.calls import change_call
from westlake.desk.panel import interests, reviewing

TABS = ("", "progress/", "conflicts/", "assignment/", "ranking/", "selection/", "standing/", "notices/", "panel.csv", "panel.json")


@pytest.fixture
def lake(office, clock):
    return Panel(office, clock, Browser)


@pytest.fixture
def call(lake):
    return lake.call()


def shown(browser, address):
    """A page's text and what a preview's form carries on."""
    page = browser.get(address)
    assert page.status_code == 200, address
    return page.text, page.context


def test_an_assignment_is_looked_at_and_then_applied(lake, call):
    rita, rolf = lake.reviewer(call, "Rita", topics="oak"), lake.reviewer(call, "Rolf", topics="granite")
    cases = [lake.eligible(call, firm)[0] for firm in ("heron", "otter")]
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/assignment/"
    text, context = shown(officer, f"{here}?seed=5")
    assert all(name in text for name in ("Rita", "Rolf", "PIER-26-0001", "proved"))
    assert lake.connection.execute("SELECT count(*) FROM desk_run").fetchone() == (0,)
    answer = officer.post(here, {"seed": 5, "floor": "", "seen": context["seen_digest"]})
    assert answer["Location"] == f"/reviews/calls/{call.id}/progress/"
    assert {who for case in cases for who in reviewing.states_of(lake.desk, case)} == {rita.id, rolf.id}
    assert "0 of 4" in officer.get(answer["Location"]).text


def test_what_changed_since_it_was_looked_at_is_not_applied(lake, call):
    rita, _ = lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")
    case, _ = lake.eligible(call, "heron")
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/assignment/"
    _, context = shown(officer, f"{here}?seed=5")
    lake.reviewer(call, "Rosa")
    interests.declare(lake.desk, rita, rita.id, case, "", "My pier too.")
    refused = officer.post(here, {"seed": 5, "floor": "", "seen": context["seen_digest"]})
    assert refused.status_code == 422 and "W1110" in refused.text
    assert lake.connection.execute("SELECT count(*) FROM desk_run").fetchone() == (0,)


def test_what_cannot_be_done_is_said_with_names_and_a_way_out(lake, call):
    lake.reviewer(call, "Rita")
    lake.eligible(call, "heron")
    page = lake.at("officer").get(f"/reviews/calls/{call.id}/assignment/?seed=1")
    assert page.status_code == 422
    assert "W932" in page.text and "PIER-26-0001" in page.text and "Rita" in page.text and "Invite reviewers" in page.text


def test_the_best_floor_is_looked_for_beside_and_offered(lake, call):
    lake.reviewer(call, "Rita", topics="oak"), lake.reviewer(call, "Rolf", topics="oak")
    lake.eligible(call, "heron", title="Oak on granite")
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/assignment/"
    officer.post(f"{here}floor/")
    assert "Found: 2000, with a total fit of 2000." in officer.get(here).text
    assert "W933" in officer.get(f"{here}?seed=1&floor=2500").text


def test_by_hand_only_those_who_may(lake, call):
    rita, rolf = lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")
    case, _ = lake.eligible(call, "heron")
    interests.declare(lake.desk, rolf, rolf.id, case, "", "My cousin.")
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/cases/{case.id}/"
    _, context = shown(officer, here)
    assert [one.name for one in context["able"]] == ["Rita"]
    officer.post(here, {"reviewer": rita.id})
    assert officer.post(here, {"reviewer": rolf.id}).status_code == 422
    assert reviewing.states_of(lake.desk, case) == {rita.id: "assigned"}
    assert officer.post(here, {"back": 1, "reviewer": rita.id, "reason": ""}).status_code == 422
    officer.post(here, {"back": 1, "reviewer": rita.id, "reason": "She is ill."})
    assert reviewing.states_of(lake.desk, case) == {rita.id: "withdrawn"}


def test_an_invitation_is_withdrawn_with_a_reason(lake, call):
    rita = lake.reviewer(call, "Rita")
    case, _ = lake.eligible(call, "heron")
    lake.assign(case, rita)
    here = f"/reviews/calls/{call.id}/reviewers/{rita.id}/withdraw/"
    assert "Rita" in lake.at("officer").get(here).text
    lake.at("officer").post(here, {"reason": "Too late."})
    assert reviewing.state_of(lake.desk, case, rita.id) == "withdrawn"
    assert lake.at("officer").get(f"/reviews/calls/{call.id}/reviewers/999/withdraw/").status_code == 404


def test_conflicts_are_named_with_their_kind(lake, call):
    lake.know("otter", name="Otter Works")
    lake.reviewer(call, "Rita", organisation="Otter Works"), lake.reviewer(call, "Rolf", email="rolf@heron.example")
    for firm in ("heron", "otter"):
        lake.eligible(call, firm)
    text, _ = shown(lake.at("officer"), f"/reviews/calls/{call.id}/conflicts/")
    assert "Same e-mail domain" in text and "both use e-mail of heron.example" in text and "Rolf" in text


def test_rooms_of_other_programmes_and_roles_are_closed(lake, call):
    rita = lake.reviewer(call, "Rita")
    case, _ = lake.eligible(call, "heron")
    stranger = lake.somebody("Dora", "officer", programme="dock_challenge")
    for browser in (lake.at(stranger), lake.at(rita)):
        assert {browser.get(f"/reviews/calls/{call.id}/{tab}").status_code for tab in (*TABS, "invite/", f"cases/{case.id}/")} == {404}
        assert "Piers 2026" not in lake.at(stranger).get("/reviews/").text
    auditor = lake.at("auditor")
    assert {auditor.get(f"/reviews/calls/{call.id}/{tab}").status_code for tab in TABS if tab != "assignment/"} == {200}
    for tab in ("invite/", "assignment/", f"cases/{case.id}/"):
        assert auditor.get(f"/reviews/calls/{call.id}/{tab}").status_code == 404
    assert auditor.post(f"/reviews/calls/{call.id}/ranking/", {"seed": 1}).status_code == 404


def test_a_blind_phase_has_no_side_door_for_a_chair(lake):
    call = lake.call(**hides("applicant", "reviewers", "scores", "other_reviews"))
    lake.reviewer(call, "Rita", email="rita@heron.example")
    rolf, rosa = lake.reviewer(call, "Rolf"), lake.reviewer(call, "Rosa")
    lake.know("heron", name="Bluebill Works")
    case, speaker = lake.eligible(call, "heron", title="Oak on granite")
    lake.assign(case, rolf, rosa)
    lake.review(case, rolf, 9, comment="Ninefold sound.")
    chair = lake.at("chair")
    for tab in TABS:
        page = chair.get(f"/reviews/calls/{call.id}/{tab}")
        assert page.status_code == (404 if tab in ("assignment/", "panel.csv", "panel.json") else 200), tab
        for secret in ("heron", "bluebill", speaker.email, "rita", "rolf", "rosa", "ninefold", "96.0"):
            assert secret not in page.text.lower(), (tab, secret)
    for tab in ("invite/", f"cases/{case.id}/", f"reviewers/{rolf.id}/withdraw/"):
        assert chair.get(f"/reviews/calls/{call.id}/{tab}").status_code == 404
    assert "Rolf" in lake.at("officer").get(f"/reviews/calls/{call.id}/progress/").text
    change_call(lake.desk, call, lake.staff["officer"], "open now", terms={"phases": []})
    assert "Rolf" in chair.get(f"/reviews/calls/{call.id}/progress/").text


def test_who_is_in_conflict_sees_neither_the_case_nor_who_reviews_it_nor_how_far_it_is(lake, call):
    tied = lake.somebody("Tia", "chair", email="tia@swan.example")
    rita, rolf = lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")
    heron, _ = lake.eligible(call, "heron")
    swan, _ = lake.eligible(call, "swan", title="Swans only")
    lake.assign(heron, rita)
    lake.assign(swan, rita, rolf)
    lake.review(swan, rolf, 9)
    own = lake.at(tied)
    for tab in TABS:
        page = own.get(f"/reviews/calls/{call.id}/{tab}").text
        assert "PIER-26-0002" not in page and "swan" not in page.lower(), tab
    assert "0 of 2" in own.get(f"/reviews/calls/{call.id}/progress/").text
    assert "1 of 4" in lake.at("chair").get(f"/reviews/calls/{call.id}/progress/").text
    rows = own.get(f"/reviews/calls/{call.id}/").context["rows"]
    assert {person.name: dict(counts)["In"] + dict(counts)["Not begun"] for _, person, counts in rows} == {"Rita": 1, "Rolf": 0}
    assert own.get(f"/reviews/calls/{call.id}/cases/{swan.id}/").status_code == 404
    page = own.get(f"/reviews/calls/{call.id}/assignment/?seed=1").text
    assert "PIER-26-0002" not in page


def test_even_what_cannot_be_done_does_not_name_a_case_in_conflict(lake, call):
    tied = lake.somebody("Tia", "officer")
    lake.reviewer(call, "Rita", email="rita@swan.example"), lake.reviewer(call, "Rolf")
    lake.eligible(call, "swan")
    interests.declare(lake.desk, tied, tied.id, None, "swan", "Her sister's firm.")
    page = lake.at(tied).get(f"/reviews/calls/{call.id}/assignment/?seed=1").text
    assert "W932" in page and "PIER-26-0001" not in page and "Rolf" not in page
    assert "PIER-26-0001" in lake.at("officer").get(f"/reviews/calls/{call.id}/assignment/?seed=1").text

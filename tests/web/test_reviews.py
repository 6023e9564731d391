"""The Reviews room of a reviewer, told as stories: asked, accepted, read, judged, stepped back."""

import re

import pytest
from tests.web.conftest import Browser
from tests.web.review_office import Panel, hides

from westlake.desk.files import hand_in
from westlake.desk.outbox import letters
from westlake.desk.panel import interests, reviewing
from westlake.web.templatetags.westlake import tongue

MARKS = {"merit": "9", "team": "7", "use": "8", "confidence": "4", "comment": "The piles hold."}


@pytest.fixture
def lake(office, clock):
    return Panel(office, clock, Browser)


@pytest.fixture
def desk(lake):
    """A call with two reviewers and one case that both read."""
    call = lake.call()
    rita, rolf = lake.reviewer(call, "Rita", topics="piers"), lake.reviewer(call, "Rolf")
    case, speaker = lake.eligible(call, "heron", title="Oak on granite")
    lake.assign(case, rita, rolf)
    return lake, call, case, rita, rolf, speaker


@pytest.mark.parametrize("role", ["reviewer", "officer", "chair", "auditor"])
def test_an_empty_room_is_whole(client_as, role):
    assert client_as(role).get("/reviews/").status_code == 200


def test_an_officer_invites_and_a_reviewer_accepts_with_less(lake):
    call = lake.call()
    rita, rolf = lake.somebody("Rita", "reviewer"), lake.somebody("Rolf", "reviewer")
    officer = lake.at("officer")
    page = officer.get(f"/reviews/calls/{call.id}/invite/").text
    assert "Rita" in page and "Rolf" in page
    assert "W1113" in officer.post(f"/reviews/calls/{call.id}/invite/", {"load": 9}).text
    answer = officer.post(f"/reviews/calls/{call.id}/invite/", {"load": 9, "topics": "", "who": [rita.id, rolf.id]})
    assert answer["Location"] == f"/reviews/calls/{call.id}/"
    (letter,) = letters(lake.desk, person=rita.id)
    assert (letter.subject, letter.state, letter.case) == ("Please review: Piers 2026", "released", None)
    assert "up to 9 applications" in letter.body
    own = lake.at(rita)
    assert f"/reviews/invitations/{call.id}/" in own.get("/reviews/").text
    own.post(f"/reviews/invitations/{call.id}/", {"load": 4, "topics": "piers, oak"})
    lake.at(rolf).post(f"/reviews/invitations/{call.id}/", {"decline": 1, "reason": "No time."})
    assert [(one.reviewer, one.state, one.load, one.topics) for one in reviewing.invitations(lake.desk, call)] == [
        (rita.id, "accepted", 4, "piers, oak"), (rolf.id, "declined", 9, "")]
    table = officer.get(f"/reviews/calls/{call.id}/").text
    assert "No time." in table and "piers, oak" in table


def test_an_invitation_is_answered_only_by_who_has_it(desk):
    lake, call, *_ = desk
    stranger = lake.somebody("Stan", "reviewer")
    assert lake.at(stranger).get(f"/reviews/invitations/{call.id}/").status_code == 404
    assert lake.at(stranger).post(f"/reviews/invitations/{call.id}/", {"load": 3}).status_code == 404


def test_a_review_is_drafted_looked_at_and_handed_in(desk):
    lake, _, case, rita, _, _ = desk
    own, here = lake.at(rita), f"/reviews/cases/{case.id}/"
    assert "Oak on granite" in own.get("/reviews/").text
    assert own.post(f"{here}draft/", {"merit": "9", "comment": "Half a thought"}).status_code == 204
    assert reviewing.review_draft(lake.desk, case, rita) == {"merit": "9", "comment": "Half a thought"}
    page = own.get(here).text
    assert "Half a thought" in page and "Begun" in own.get("/reviews/").text
    assert re.search(r'name="merit" value="9"[^>]* checked', page)
    lacking = own.post(here, {"merit": "9", "comment": "Half a thought"})
    assert lacking.status_code == 422 and 'href="#id_team' in lacking.text
    assert own.post(here, MARKS)["Location"] == f"{here}submit/"
    last = own.get(f"{here}submit/").text
    assert "81.5 / 100" in last and reviewing.state_of(lake.desk, case, rita.id) == "started"
    own.post(f"{here}submit/")
    (mine,) = reviewing.reviews_of(lake.desk, case, rita, lake.roles(rita))
    assert (dict(mine.criteria), mine.total, mine.confidence, mine.comment) == (
        {"merit": 9, "team": 7, "use": 8}, 81_500, 4, "The piles hold.")
    assert "1 of 1" in own.get("/reviews/").text


def test_the_proposal_is_read_beside_the_form_and_a_blind_phase_strikes_the_firms_name(lake):
    """What a reviewer judges is the text; while the applicant is hidden, the name is struck out of it."""
    call = lake.call(**hides("applicant"))
    rita = lake.reviewer(call, "Rita")
    case, _ = lake.eligible(call, "heron", title="A pier of HERON", summary="Heron builds in oak.\n\nBy hand.",
                            work="Piles by heron's own crane.")
    lake.assign(case, rita)
    page = lake.at(rita).get(f"/reviews/cases/{case.id}/").text
    assert "Summary of the pier" in page and "█████ builds in oak.</p>" in page and "<p>By hand." in page
    assert "Piles by █████&#x27;s own crane." in page and "A pier of █████" in page
    assert "heron" not in page.lower()
    assert "Heron builds in oak." in lake.at("officer").get(f"/cases/{case.id}/").text


@pytest.mark.parametrize("who", ["reviewer", "chair"])
def test_a_title_names_nobody_on_any_page_of_a_blind_phase(lake, office, who):
    """Lists, files, steps and the interface show titles as well; and nobody finds a case by the name in its title."""
    call = lake.call(**hides("applicant"))
    rita = lake.reviewer(call, "Rita")
    case, _ = lake.eligible(call, "heron", title="A pier of Heron")
    lake.reviewer(call, "Rolf")
    lake.assign(case, rita)
    pages = {"reviewer": ["/reviews/", f"/reviews/cases/{case.id}/"], "chair": [
        "/", "/cases/", "/cases/export.csv", f"/cases/{case.id}/", f"/reviews/calls/{call.id}/progress/",
        f"/reviews/calls/{call.id}/cases/{case.id}/", f"/reviews/calls/{call.id}/assignment/?seed=1",
        f"/cases/bulk/?case={case.id}&step=to_panel"]}[who]
    own = lake.at(rita if who == "reviewer" else "chair")
    for address in pages:
        page = own.get(address)
        assert page.status_code == 200, address
        assert "heron" not in page.text.lower(), address
    assert "A pier of █████" in own.get(pages[0] if who == "reviewer" else "/cases/").text
    if who == "chair":
        assert [case.number in lake.at(one).get("/cases/?q=heron").text for one in ("chair", "officer")] == [False, True]
        assert "A pier of Heron" in lake.at("officer").get(f"/reviews/calls/{call.id}/progress/").text


def test_a_draft_that_is_not_whole_is_not_handed_in(desk):
    lake, _, case, rita, _, _ = desk
    own = lake.at(rita)
    own.post(f"/reviews/cases/{case.id}/draft/", {"merit": "9"})
    assert own.post(f"/reviews/cases/{case.id}/submit/")["Location"] == f"/reviews/cases/{case.id}/"
    assert lake.connection.execute("SELECT count(*) FROM desk_review").fetchone() == (0,)


def test_others_are_read_only_after_ones_own_is_in(desk):
    lake, _, case, rita, rolf, _ = desk
    lake.review(case, rolf, 3, comment="Ninefold rotten.")
    own, here = lake.at(rita), f"/reviews/cases/{case.id}/"
    assert "Ninefold" not in own.get(here).text
    own.post(here, MARKS)
    own.post(f"{here}submit/")
    page = own.get(here).text
    assert "Ninefold rotten." in page and "Rolf" in page


def test_a_phase_may_hide_others_even_then(lake):
    call = lake.call(**hides("other_reviews"))
    rita, rolf = lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")
    case, _ = lake.eligible(call)
    lake.assign(case, rita, rolf)
    lake.review(case, rolf, 3, comment="Ninefold rotten.")
    lake.review(case, rita, 8)
    page = lake.at(rita).get(f"/reviews/cases/{case.id}/").text
    assert "The piles hold." in page and "Ninefold" not in page and "Rolf" not in page


def test_whoever_cannot_judge_abstains_with_a_reason(desk):
    lake, _, case, rita, _, _ = desk
    own, here = lake.at(rita), f"/reviews/cases/{case.id}/abstain/"
    assert "Abstain from" in own.get(here).text
    assert own.post(here, {"reason": " "}).status_code == 422
    own.post(here, {"reason": "Not my field."})
    assert reviewing.state_of(lake.desk, case, rita.id) == "abstained"
    assert "Abstained" in own.get("/reviews/").text


def test_whoever_is_close_steps_back_and_the_case_is_gone(desk):
    lake, _, case, rita, _, _ = desk
    own, here = lake.at(rita), f"/reviews/cases/{case.id}/"
    own.post(f"{here}draft/", {"comment": "My brother's pier."})
    own.post(f"{here}recuse/", {"reason": "My brother drives the piles."})
    assert {own.get(here).status_code, own.get(f"{here}recuse/").status_code,
            own.post(f"{here}draft/", {"merit": "10"}).status_code} == {404}
    assert "Oak on granite" not in own.get("/reviews/").text
    assert reviewing.state_of(lake.desk, case, rita.id) == "recused"


def test_a_firm_that_is_declared_takes_its_cases_along(desk):
    lake, _, case, rita, _, _ = desk
    own = lake.at(rita)
    assert "W1112" in own.post("/reviews/interests/", {"firm": "Nobody Ltd", "reason": "x"}).text
    own.post("/reviews/interests/", {"firm": "heron", "reason": "I own a share."})
    said = interests.interests_of(lake.desk, rita.id)[0]
    assert (said.firm, said.detail) == ("heron", "I own a share.")
    assert reviewing.state_of(lake.desk, case, rita.id) == "recused"
    assert own.get(f"/reviews/cases/{case.id}/").status_code == 404
    assert "I own a share." in own.get("/reviews/interests/").text


def test_what_others_declare_about_a_reviewer_is_not_theirs_to_read(desk):
    lake, _, case, rita, _, speaker = desk
    interests.declare(lake.desk, speaker, rita.id, case, "", "She sued us.")
    assert "sued" not in lake.at(rita).get("/reviews/interests/").text


def test_a_blind_phase_has_no_side_door_for_reviewers(lake, office):
    call = lake.call(**hides("applicant", "other_reviews", "reviewers", "scores"))
    rita, rolf = lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")
    case, speaker = lake.eligible(call, "heron", title="Oak on granite")
    lake.know("heron", name="Bluebill Works")
    upload = hand_in(lake.desk, office.files, case, speaker, "plan", "heron-plan.txt", b"piles")
    lake.assign(case, rita, rolf)
    lake.review(case, rolf, 3, comment="Ninefold rotten.")
    own = lake.at(rita)
    for address in ("/reviews/", f"/reviews/cases/{case.id}/", f"/reviews/cases/{case.id}/recuse/", "/reviews/interests/", "/"):
        page = own.get(address).text.lower()
        for secret in ("heron", "bluebill", speaker.email, "rolf", "ninefold"):
            assert secret not in page, (address, secret)
    file = own.get(f"/reviews/cases/{case.id}/files/{upload.id}/")
    assert (file.content, file["Content-Disposition"]) == (b"piles", 'attachment; filename="plan-1.txt"')


def test_nobody_opens_what_is_not_theirs_to_review(desk, office):
    lake, call, case, rita, _, speaker = desk
    other, _ = lake.eligible(call, "otter")
    upload = hand_in(lake.desk, office.files, other, speaker, "plan", "plan.txt", b"piles")
    for person, number in ((rita, other.id), (lake.also(lake.staff["officer"], "reviewer"), case.id),
                           (lake.somebody("Stan", "reviewer"), case.id), (rita, 999_999)):
        own = lake.at(person)
        assert {own.get(f"/reviews/cases/{number}/{page}").status_code for page in
                ("", "submit/", "abstain/", "recuse/", f"files/{upload.id}/")} == {404}
        assert own.post(f"/reviews/cases/{number}/draft/", {"merit": "1"}).status_code == 404
    assert lake.at(speaker).get(f"/reviews/cases/{case.id}/").status_code == 404
    assert lake.at(speaker).get("/reviews/").status_code == 403


@pytest.mark.parametrize("text, found", [
    ("通过人工智能改造码头，缩短装卸时间", "zh"), ("부두를 高速으로 개선합니다", "ko"), ("A pier of steel, 20 m", "")])
def test_a_text_breaks_its_lines_as_its_own_language_does(text, found):
    assert tongue(text) == found

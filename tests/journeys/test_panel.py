"""A reviewer reads, keeps a draft, submits and steps back; a chair assigns, ranks, chooses, decides otherwise, makes known."""

import pytest

pytestmark = pytest.mark.slow


def with_work(house):
    """A reviewer with two cases to review: address, numbers of cases."""
    rows = house.rows("SELECT p.email, a.case_id FROM desk_assignment a JOIN desk_person p ON p.id = a.reviewer"
                      " WHERE a.seq = (SELECT max(b.seq) FROM desk_assignment b WHERE b.case_id = a.case_id AND"
                      " b.reviewer = a.reviewer) AND a.state IN ('assigned', 'started') ORDER BY a.case_id")
    found = {}
    for email, case in rows:
        found.setdefault(email, []).append(case)
    return next((email, cases) for email, cases in found.items() if len(cases) > 1)


def marks(page, points):
    for name in ("Technical merit", "Team", "Use to the city"):
        page.get_by_role("group", name=name).get_by_label(points, exact=True).check()


def test_a_reviewer_keeps_a_draft_submits_and_steps_back(house, people):
    """What was typed is there again; what is handed in counts; who is too close is not shown the case any more."""
    email, (first, second, *_) = with_work(house)
    page = people.as_(email)
    page.goto("/reviews/")
    page.locator(f"a[href='/reviews/cases/{first}/']").click()
    marks(page, "7")
    page.get_by_role("textbox", name="Comment").press_sequentially("The goal can be measured.", delay=2)
    page.get_by_text("Draft kept").first.wait_for()
    page.reload()
    assert page.get_by_role("textbox", name="Comment").input_value() == "The goal can be measured."
    assert page.get_by_role("group", name="Team").get_by_label("7", exact=True).is_checked()
    page.get_by_label("4 sure").check()
    page.get_by_role("button", name="Look once more and submit").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_text("Your review of").first.wait_for()
    page.goto(f"/reviews/cases/{second}/")
    with page.expect_navigation():
        page.get_by_role("link", name="Declare a conflict").click()
    page.get_by_role("textbox").fill("My sister founded it.")
    page.locator("form.confirm button, main form button").first.click()
    page.get_by_text("You have stepped back from").wait_for()
    assert page.request.get(f"/reviews/cases/{second}/").status == 404


def test_an_invitation_is_sent_and_accepted(house, people):
    """The officer asks somebody; the person says yes and what they know."""
    reviewer = house.rows("SELECT email, name FROM desk_person WHERE email = 'reviewer5@panel.example'")[0]
    page = people.as_("officer")
    page.goto("/reviews/")
    page.get_by_role("row").filter(has_text="OP-").get_by_role("link").click()
    page.get_by_role("link", name="Invite reviewers").click()
    page.get_by_label(reviewer[1]).first.check()
    page.get_by_role("button", name="Send invitations").click()
    page.get_by_text("Invited: 1").wait_for()
    page = people.as_(reviewer[0])
    page.goto("/reviews/")
    page.get_by_role("link", name="Answer").first.click()
    page.get_by_label("What you know").fill("chips, health")
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("Thank you: your answer is kept").wait_for()


def test_cases_are_assigned_after_a_look(house, people):
    """Who would read what is shown first; reviews that are in stay where they are."""
    page = people.as_("officer")
    page.goto("/reviews/")
    page.get_by_role("row").filter(has_text="RV-").get_by_role("link").click()
    page.get_by_role("navigation", name="Pages of this call").get_by_role("link", name="Assignment").click()
    page.get_by_label("Seed").fill("11")
    page.get_by_role("button", name="Look first").click()
    page.get_by_role("heading", name="Who would read what").wait_for()
    before = house.rows("SELECT count(*) FROM desk_review")
    page.get_by_role("button", name="Apply this assignment").click()
    page.get_by_text("Assigned:").wait_for()
    assert house.rows("SELECT count(*) FROM desk_review") == before


def test_a_chair_goes_from_reviews_to_a_notice(house, people):
    """Rank, bring before the panel, look, choose, decide one otherwise with a reason, and make it known."""
    page = people.as_("chair")
    page.goto("/reviews/")
    page.get_by_role("row").filter(has_text="PN-").get_by_role("link").click()
    tab = page.get_by_role("navigation", name="Pages of this call")
    with page.expect_navigation():
        tab.get_by_role("link", name="Ranking").click()
    page.locator("main form button").click()
    page.get_by_text("The ranking is computed and kept").wait_for()
    page.goto("/cases/?kind=application&state=eligible")
    for box in page.get_by_role("row").filter(has_text="PN-").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="One step for all chosen").click()
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("button", name="Do it for 11 cases").click()
    page.get_by_text("11 done, 0 not done").wait_for()
    page.goto("/reviews/calls/2/selection/")
    page.get_by_label("Seed").fill("20261123")
    page.get_by_role("button", name="Look first").click()
    page.get_by_role("button", name="Make this choice").click()
    page.get_by_text("The choice is made and kept").wait_for()
    page.get_by_role("row").filter(has_text="PN-").get_by_role("link", name="Decide otherwise").first.click()
    page.get_by_role("group", name="Decision").get_by_label("Not chosen").check()
    page.get_by_label("Reason").fill("The firm is being sold abroad.")
    page.get_by_role("button", name="Decide otherwise").click()
    page.get_by_text("is decided otherwise").wait_for()
    page.get_by_role("navigation", name="Pages of this call").get_by_role("link", name="Result").click()
    page.get_by_text("The firm is being sold abroad.").first.wait_for()
    page.go_back()
    page.get_by_role("link", name="Make known").first.click()
    page.get_by_role("button", name="Make known").click()
    page.get_by_text("The result is made known").wait_for()
    page.goto("/public/notices/")
    page.get_by_text("PN-").first.wait_for()


def test_the_auditor_finds_where_the_chair_decided_otherwise(house, people):
    """What was computed, what was decided and why stand side by side; told without the story before it, nothing is there."""
    page = people.as_("auditor")
    page.goto("/audit/departures/")
    count = house.rows("SELECT count(*) FROM act WHERE act = 'desk.choice_overridden'")[0][0]
    assert page.get_by_role("row").filter(has_text="Decided otherwise").count() == count

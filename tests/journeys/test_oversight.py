"""An auditor draws a sample that can be drawn again and takes a case file; an administrator gives a role and a session ends."""

import hashlib
import io
import json
import zipfile

import pytest

pytestmark = pytest.mark.slow


def test_a_sample_is_drawn_by_a_seed_and_a_case_file_taken(house, people):
    """The same seed draws the same cases; each file of the case is what the list inside says of it."""
    page = people.as_("auditor")
    drawn = []
    for _ in range(2):
        page.goto("/audit/")
        page.get_by_role("navigation", name="Pages of the audit room").get_by_role("link", name="Samples").click()
        page.get_by_label("Seed").fill("20261123")
        page.get_by_label("How many").fill("5")
        page.get_by_role("button", name="Draw", exact=True).click()
        page.get_by_text("drawn again: the same").wait_for()
        drawn.append(page.get_by_role("table").first.get_by_role("link").all_inner_texts())
    assert drawn[0] == drawn[1] and len(drawn[0]) == 5
    page.get_by_role("table").first.get_by_role("link").first.click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take the file (ZIP)").click()
    with zipfile.ZipFile(io.BytesIO(taken.value.path().read_bytes())) as file:
        told = {one["name"]: one["sha256"] for one in json.loads(file.read("manifest.json"))["members"]}
        assert {name: hashlib.sha256(file.read(name)).hexdigest() for name in file.namelist() if name in told} == told


def test_a_role_given_ends_the_session_of_its_person(house, people):
    """Whoever got a role is asked to sign in anew, and then has the room that comes with it."""
    email = house.people["reviewers"][8]
    theirs = people.as_(email)
    theirs.goto("/reviews/")
    page = people.as_("admin", factor_ago=0)
    page.goto("/people/")
    page.get_by_role("searchbox").fill(email)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("row").filter(has_text=email).get_by_role("link").click()
    page.get_by_label("Role", exact=True).select_option(label="Auditor")
    page.get_by_label("Reason").fill("Sits on the audit board from today")
    page.get_by_role("button", name="Give a role").click()
    page.get_by_text("has the role now and signs in anew.").wait_for()
    theirs.reload()
    theirs.get_by_text("Your roles have changed.").wait_for()
    theirs.get_by_label("Email").fill(email)
    theirs.get_by_label("Password").fill("lakeside-demo")
    theirs.get_by_role("main").get_by_role("button", name="Sign In", exact=True).click()
    theirs.get_by_role("navigation", name="Rooms").first.get_by_role("link", name="Audit").wait_for()


def test_an_administrator_looks_as_somebody_else_and_changes_nothing(house, people):
    """Every page says whose it is shown as; a step is refused; one's own name is one button away."""
    case = house.rows("SELECT id FROM desk_case WHERE state = 'submitted' AND kind = 'application' ORDER BY id DESC")[0][0]
    officer = house.rows("SELECT id FROM desk_person WHERE email = ?", house.email("officer"))[0][0]
    page = people.as_("admin", factor_ago=0)
    page.goto(f"/people/{officer}/")
    page.get_by_role("button", name="Look as this person").click()
    page.locator(".banner").get_by_text("you are looking at the console as").wait_for()
    page.goto(f"/cases/{case}/")
    page.get_by_role("link", name="Admit").first.click()
    page.meant.append(403)
    page.get_by_role("button", name="Admit").click()
    page.get_by_text("W993").first.wait_for()
    page.get_by_role("button", name="Be myself again").click()
    page.get_by_role("navigation", name="Rooms").first.get_by_role("link", name="People").wait_for()
    assert house.rows("SELECT state FROM desk_case WHERE id = ?", case) == [("submitted",)]

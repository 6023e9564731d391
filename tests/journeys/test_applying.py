"""An applicant's way: a call found, a look at the rules, an account, a draft that saves itself, a receipt, what follows."""

import re

import pytest

pytestmark = pytest.mark.slow
CALL = "OP-"
PASSWORD = "a lake without a tide 7"


def opened(page):
    """The page of the call that takes applications, found as people find it."""
    page.goto("/")
    page.get_by_role("link", name="Find a call").first.click()
    page.get_by_role("row").filter(has_text=CALL).get_by_role("link").click()
    return page


def choose(page, question, choice):
    page.get_by_role("group", name=question).get_by_label(choice, exact=True).check()


def answer(page, spend="4000000"):
    """What the challenge list asks of a project."""
    choose(page, "Class of project", "competitive city project")
    page.get_by_label("Planned spend").fill(spend)
    page.get_by_label("National and provincial funding").fill("0")
    choose(page, "Advance was declared", "yes")


def write_up(page):
    """What the challenge list wants to read of a project."""
    for section in ("Summary of the proposal", "Work plan and milestones", "Team and earlier results", "Notes on the budget"):
        page.get_by_label(section).fill(f"{section}: a card that cools itself, in three steps.")


def last_code(house):
    """The code of the letter that the console sent last."""
    return re.findall(r"its code: ([A-Z0-9]{4}-[A-Z0-9]{4})$", house.printed(), re.M)[-1]


def test_from_nobody_to_a_receipt_and_back(house, people):
    """Somebody without an account looks whether it is worth while, registers, applies, and thinks better of it."""
    page = opened(people.as_())
    page.get_by_role("link", name="Would I be eligible?").first.click()
    choose(page, "Registered in the city", "yes")
    page.locator("main form button").first.click()
    answer(page)
    page.locator("main form button").first.click()
    page.get_by_role("heading", name="Your answer", level=1).wait_for()
    page.get_by_text("¥800,000.00").first.wait_for()  # a fifth of the spend
    page.get_by_role("link", name="Start an application").click()
    page.get_by_role("main").get_by_role("link", name="sign up").click()
    page.get_by_label("Email").fill("nora@nova.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign Up").click()
    page.locator("input[name=code]").wait_for()
    page.locator("input[name=code]").fill(last_code(house))
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_label("Name", exact=True).fill("Nora Lake")
    page.get_by_label("Organisation").fill("Nova Cards")
    page.get_by_text("Notice on personal data").first.click()
    page.get_by_text("10 years after the case has ended").wait_for()
    page.get_by_label("I have read the notice on personal data").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Number in the business register").fill("N-90001")
    page.locator("main form button").first.click()
    page.get_by_text("answers of your check are carried over").wait_for()
    page.get_by_role("button", name="Begin a draft").click()
    assert page.get_by_label("Planned spend").input_value() == "4000000"
    page.get_by_label("Title of your project").press_sequentially("Cards that cool themselves", delay=5)
    page.get_by_text("Saved", exact=True).first.wait_for()
    page.reload()
    assert page.get_by_label("Title of your project").input_value() == "Cards that cool themselves"


def test_a_firm_that_is_known_applies_tracks_and_withdraws(house, people):
    """A draft that saves itself, a file, a receipt with a digest, a place in the list, and a way out."""
    page = opened(people.as_("F00039"))
    page.get_by_role("link", name="Start an application").click()
    page.get_by_role("button", name="Begin a draft").click()
    page.get_by_label("Title of your project").fill("Cards that cool themselves")
    answer(page)
    write_up(page)
    page.locator("form:has(#summary) [data-saved]").get_by_text("Saved", exact=True).wait_for()
    page.get_by_text("¥800,000.00").first.wait_for()  # what the rules say of it, beside, while it is written
    page.set_input_files("input[type=file]", {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"})
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("plan.pdf is uploaded.").wait_for()
    page.get_by_role("link", name="Read and submit").first.click()
    page.get_by_text("Cards that cool themselves").first.wait_for()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name="Receipt", level=1).wait_for()
    number = page.locator("main dd").first.inner_text()
    assert re.fullmatch(r"OP-\d{4}-\d{4}", number)
    assert re.fullmatch(r"[0-9a-f]{64}", page.locator("main dd code").inner_text())
    with page.expect_download() as pdf:
        page.get_by_role("link", name="Receipt as PDF").click()
    assert pdf.value.path().read_bytes()[:5] == b"%PDF-"
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="My applications").click()
    page.get_by_role("row").filter(has_text=number).get_by_role("link").first.click()
    page.get_by_text("Submitted").first.wait_for()
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_text("Done: Withdraw").wait_for()
    assert house.rows("SELECT state FROM desk_case WHERE number = ?", number) == [("withdrawn",)]


def test_what_the_office_asked_for_is_supplied(house, people):
    """The question stands on top of the case, the answers can be written again, and the receipt is a second one."""
    (case, firm), = house.rows("SELECT id, firm FROM desk_case WHERE state = 'supplement' AND kind = 'application'")
    page = people.as_(firm, lang="ko")
    page.goto("/")
    page.get_by_role("navigation", name="메뉴").first.get_by_role("link", name="내 신청").click()
    page.locator(f"a[href='/applications/{case}/']").first.click()
    page.get_by_text("Which card, exactly?").first.wait_for()
    page.goto(f"/applications/{case}/write/")
    page.get_by_label("과제 제목").fill("The K-9 card")
    page.get_by_text("저장됨").first.wait_for()
    page.goto(f"/applications/{case}/submit/")
    page.get_by_role("checkbox").check()
    page.locator("form.confirm button").click()
    page.locator("main dd code").wait_for()
    assert house.rows("SELECT state, title FROM desk_case WHERE id = ?", case) == [("submitted", "The K-9 card")]


def test_everything_can_be_done_without_scripts(house, people):
    """Applying and submitting on a telephone whose browser runs none."""
    page = people.as_("F00040", width=390, scripts=False)
    page.goto("/find/")
    page.get_by_role("row").filter(has_text=CALL).get_by_role("link").click()
    page.get_by_role("link", name="Start an application").click()
    page.get_by_role("button", name="Begin a draft").click()
    page.get_by_label("Title of your project").fill("A quiet fan")
    page.get_by_role("button", name="Save").first.click()
    answer(page, "a lot")
    page.get_by_role("button", name="Save").nth(1).click()
    page.get_by_text("“a lot” is no amount").wait_for()
    page.get_by_label("Planned spend").fill("2000000")
    page.get_by_role("button", name="Save").nth(1).click()
    write_up(page)
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("link", name="Read and submit").first.click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name="Receipt", level=1).wait_for()
    assert house.rows("SELECT state FROM desk_case WHERE title = 'A quiet fan'") == [("submitted",)]

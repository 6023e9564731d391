"""Without a mouse: log in, open a case, take a step, meet an error; the focus is always seen and never jumps back."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow
SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle != "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow != "none";
  return { tag: one.tagName, text: (one.innerText || one.value || one.getAttribute("aria-label") || "").trim().slice(0, 40),
           name: one.name || "", ring, shown: box.width > 0 && box.height > 0, top: box.top + scrollY, left: box.left };
}"""


def tabbed(page, until, most=120):
    """Press Tab until the focus is where it is wanted; every stop on the way is seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(SEEN)
        assert stop["ring"] and stop["shown"], stop
        if until(stop):
            return stop
    raise AssertionError("the focus never came there")


def test_a_step_is_taken_from_log_in_to_logged_out(house, people):
    """Log in, the list, a case, a step; then the person's menu opened and closed with its own keys."""
    page = people.as_()
    page.goto("/account/login/")
    tabbed(page, lambda stop: stop["name"] == "login")
    page.keyboard.type(house.email("officer"))
    tabbed(page, lambda stop: stop["name"] == "password")
    page.keyboard.type("lakeside-demo")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Hello").wait_for()
    tabbed(page, lambda stop: stop["text"] == "Cases")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Cases", level=1).wait_for()
    page.goto("/cases/?kind=application&state=submitted&sort=newest")
    page.get_by_role("heading", name="Cases", level=1).wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What can be done").wait_for()
    case = int(page.url.rstrip("/").rsplit("/", 1)[1])
    tabbed(page, lambda stop: stop["text"] == "Admit")
    page.keyboard.press("Enter")
    page.get_by_text("Please read once more").wait_for()
    tabbed(page, lambda stop: stop["text"] == "Admit")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).get_by_text("Eligible").wait_for()
    assert house.rows("SELECT state FROM desk_case WHERE id = ?", case) == [("eligible",)]
    tabbed(page, lambda stop: "Skip" in stop["text"])
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.locator("details.drop summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="My details").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="My details").wait_for(state="hidden")
    expect(page.locator("details.drop summary")).to_be_focused()


def test_the_focus_lands_on_what_is_wrong(house, people):
    """A form with an error brings the eye to a list of what is wrong, and each line leads to its field."""
    page = people.as_("admin", lang="zh", factor_ago=0)
    page.goto("/people/new/")
    tabbed(page, lambda stop: stop["name"] == "name")
    page.keyboard.type("김서연")
    tabbed(page, lambda stop: stop["name"] == "email")
    page.keyboard.type(house.email("officer"))
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=email]")).to_be_focused()


@pytest.mark.parametrize("who, address", [
    ("", "/find/"), ("officer", "/cases/1/"), ("chair", "/reviews/calls/2/"), ("approver", "/money/"), ("auditor", "/audit/"),
    ("F00030", "/applications/")])
def test_the_order_is_that_of_the_page(house, people, who, address):
    """From stop to stop one goes down the columns of the page, never back above what was left."""
    page = people.as_(who, factor_ago=0 if who == "approver" else None)
    page.goto(address)
    page.locator("main").focus()
    last, back = -1, []
    for _ in range(25):
        page.keyboard.press("Tab")
        stop = page.evaluate(SEEN)
        if stop["tag"] == "BODY":
            break
        assert stop["ring"] and stop["shown"], stop
        if stop["top"] < last - 60 and stop["left"] < 640:  # a column to the right may begin higher up
            back.append(stop)
        last = stop["top"]
    assert back == []

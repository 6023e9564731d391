"""An officer's day: what waits, found and kept; a case read, a fact noted, a question asked; many admitted at once."""

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def waiting(house):
    """Submitted applications to the open call: number, id, firm's name."""
    rows = house.rows("SELECT number, id, firm FROM desk_case WHERE state = 'submitted' AND kind = 'application' ORDER BY id")
    return [(number, case, house.ask("called", firm=firm)) for number, case, firm in rows if firm < "F00039"]  # of the season


def test_from_the_queue_to_a_case_and_back(house, people, waiting):
    """Search narrows the list as one types; the search is kept as a view; a fact is noted and a question asked."""
    number, case, firm = waiting[0]
    page = people.as_("officer")
    page.goto("/")
    with page.expect_navigation():
        page.get_by_role("link", name="Application · Submitted").click()
    rows = page.locator("#list tbody tr")
    count = rows.count()
    assert count >= len(waiting)
    page.get_by_role("searchbox").press_sequentially(firm[:5])
    page.wait_for_function("""([text, n]) => {
      const rows = [...document.querySelectorAll("#list tbody tr")];
      return 0 < rows.length && rows.length < n && rows.every(one => one.innerText.includes(text));
    }""", arg=[firm[:5], count])
    page.get_by_label("Name of this view").fill("First of them")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep this search").click()
    page.goto("/cases/")
    page.get_by_role("link", name="First of them").click()
    page.get_by_role("link", name=firm).first.click()
    page.locator("main header.head").get_by_text(number).first.wait_for()
    page.get_by_text("Note a fact").first.click()
    page.get_by_label("Fact").select_option(label="Planned spend")
    page.get_by_label("Value").fill("1000000.00")
    page.locator("#fact_source").fill("Call of Monday")
    page.get_by_role("button", name="Note a fact").click()
    page.get_by_text("The fact is noted.").wait_for()
    page.get_by_role("row").filter(has_text="Planned spend").get_by_text("¥1,000,000.00").first.wait_for()
    page.get_by_role("button", name="Let the rules look again").first.click()
    page.get_by_text("¥200,000.00").first.wait_for()  # a fifth of what the office found, not of what was said
    page.locator("#step_ask_supplement summary").click()
    page.locator("#step_ask_supplement textarea").fill("Why so little?")
    page.locator("#step_ask_supplement input[type=date]").fill("2099-01-31")
    page.locator("#step_ask_supplement button").click()
    page.get_by_role("heading", level=1).get_by_text("Supplement asked for").wait_for()
    assert house.rows("SELECT state FROM desk_case WHERE id = ?", case) == [("supplement",)]


def test_a_letter_is_read_before_it_goes(house, people, waiting):
    """Admitting a case drafts its letter; the officer changes a word and lets it go."""
    _, case, _ = waiting[0]
    page = people.as_("officer", lang="ko")
    page.goto(f"/cases/{case}/")
    page.get_by_role("link", name="요건 충족 확정").first.click()
    page.get_by_role("button", name="요건 충족 확정").click()
    page.get_by_role("listitem").filter(has_text="작성 중").get_by_role("link").click()
    letter = page.get_by_label("본문")
    letter.fill(letter.input_value() + "\n축하드립니다.")
    with page.expect_navigation():
        page.get_by_role("button", name="저장").click()
    page.get_by_role("button", name="발송").click()
    page.get_by_text("발송 대기").first.wait_for()
    state, body = house.rows("SELECT state, body FROM desk_message WHERE case_id = ? ORDER BY id DESC LIMIT 1", case)[0]
    assert (state in ("released", "sent"), "축하드립니다." in body) == (True, True)


def test_one_step_for_many_is_looked_at_first(house, people, waiting):
    """What would happen is shown for each; only then it happens, and the result names each."""
    page = people.as_("officer")
    page.goto("/cases/?kind=application&state=submitted")
    for number, _, _ in waiting[:3]:
        page.get_by_label(f"Choose {number}").check()
    page.get_by_role("button", name="One step for all chosen").click()
    page.get_by_label("Step").select_option(label="Admit")
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_text("What would happen: 3 of 3 can be done").wait_for()
    page.get_by_role("button", name="Do it for 3 cases").click()
    page.get_by_text("3 done, 0 not done").wait_for()
    cases = [case for _, case, _ in waiting[:3]]
    assert house.rows(f"SELECT DISTINCT state FROM desk_case WHERE id IN ({','.join('?' * 3)})", *cases) == [("eligible",)]


def test_a_step_is_taken_without_scripts(house, people, waiting):
    """The same buttons, and the page comes back whole."""
    _, case, _ = waiting[0]
    page = people.as_("officer", width=390, scripts=False)
    page.goto(f"/cases/{case}/")
    page.get_by_role("link", name="Admit").first.click()
    page.get_by_role("button", name="Admit").click()
    page.get_by_role("heading", level=1).get_by_text("Eligible").wait_for()

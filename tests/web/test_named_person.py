"""An applicant who names somebody of another firm is told that nothing known of them counts, on the page and by the API."""

import shutil
from pathlib import Path

import pytest
from tests.web.applying import know
from tests.web.machine import Machine, token_of

import westlake.programmes
from westlake.dates import MICROS_PER_DAY
from westlake.desk.applying.drafting import save_answers
from westlake.desk.calls import change_call, plan_call
from westlake.desk.cases import open_application
from westlake.desk.people import Held

SHELF = Path(westlake.programmes.__file__).parent / "hangzhou"


@pytest.fixture
def case(office, person_with, client_as):
    """Heron's draft for the talent package, and its speaker's browser."""
    shutil.copytree(SHELF, office.workspace.programmes / "hangzhou", ignore=shutil.ignore_patterns("__pycache__"))
    officer, now = person_with("officer"), office.now()
    call = plan_call(office.desk, officer, "talent", "TL-26", 2026, now - 1, now + 30 * MICROS_PER_DAY,
                     {"title": {"en": "Talents", "ko": "인재", "zh": "人才"}, "budget": 10_000_000})
    call = change_call(office.desk, call, officer, "announced", announced=True)
    know(office, "heron", name="Heron Works")
    know(office, "P-wren", origin="overseas_chinese", founder="1", largest_holder="1")
    browser = client_as("applicant", firm="heron")
    made = open_application(office.desk, browser.person, call, "heron")
    save_answers(office.desk, made, browser.person, Held("applicant", "*", "heron"), {
        "title": "A smithy", "person": "P-wren", "benefit": "startup", "spend": "50000.00"})
    return made, browser


def test_the_page_asks_what_it_may_not_look_up_and_says_so(office, case):
    made, browser = case
    page = browser.get(f"/applications/{made.id}/write/").text
    told = page[page.index('role="note"'):].partition("</section>")[0]
    assert "belongs to your firm" in told and "Lakeside Office" in told
    assert [word for word in ("P-wren", "heron", "employer", "W1120") if word in told] == []  # the office's own matter
    assert 'name="founder"' in page
    assert "overseas Chinese <span" not in page
    know(office, "P-wren", employer="heron")
    page = browser.get(f"/applications/{made.id}/write/").text
    assert 'role="note"' not in page
    assert 'name="founder"' not in page
    assert "overseas Chinese <span" in page


def test_the_interface_says_it_where_answers_are_saved(office, case):
    made, browser = case
    machine = Machine(token_of(browser.person))

    def codes():
        return [one["code"] for one in machine.patch(f"/cases/{made.id}/answers", {
            "answers": {"person": "P-wren"}}).json()["problems"]]

    assert codes() == ["W1120"]
    know(office, "P-wren", employer="heron")
    assert codes() == []

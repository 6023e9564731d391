"""A step that asks nothing and moves a case is read once more before it is taken."""

import re

import pytest
from tests.web.desk_story import Story

from westlake.desk.cases import find_case


@pytest.fixture
def lake(office, clock):
    return Story(office, clock)


def test_admitting_asks_first(lake, client_as):
    _, (case, *_) = lake.lake(1)
    officer = client_as("officer")
    page = officer.get(f"/cases/{case.id}/").text
    assert 'name="step" value="admit"' not in page  # no button of the page does it by one click
    assert f'href="/cases/{case.id}/steps/admit/"' in page
    assert 'name="step" value="look_again"' in page  # what leaves the case where it is needs no second look
    sure = officer.get(f"/cases/{case.id}/steps/admit/")
    assert "Please read once more" in sure.text
    assert case.number in sure.text
    assert find_case(lake.desk, case.id) == case
    given = dict(re.findall(r'name="(step|seq)" value="(\w+)"', sure.text))
    assert given == {"step": "admit", "seq": str(case.seq)}
    officer.post(f"/cases/{case.id}/steps/", given)
    assert find_case(lake.desk, case.id).state == "eligible"


@pytest.mark.parametrize("lang, told", [("en", "Please read once more"), ("ko", "한 번 더 확인하세요"), ("zh", "请再核对一次")])
def test_it_is_asked_in_the_readers_language(lake, client_as, lang, told):
    _, (case, *_) = lake.lake(1)
    assert told in client_as("officer").get(f"/cases/{case.id}/steps/admit/?lang={lang}").text


def test_what_cannot_be_done_now_leads_back_and_what_is_nobodys_is_not_there(lake, client_as):
    _, (case, *_) = lake.lake(1)
    officer = client_as("officer")
    assert officer.get(f"/cases/{case.id}/steps/refuse/")["Location"] == f"/cases/{case.id}/"
    assert officer.get(f"/cases/{case.id}/steps/award/").status_code == 404
    assert officer.get(f"/cases/{case.id}/steps/ask_supplement/").status_code == 404  # asks on the page itself
    assert client_as("officer", programme="cloud_voucher").get(f"/cases/{case.id}/steps/admit/").status_code == 404


def test_a_confirmation_names_the_firm(lake, client_as):
    _, (case, *_) = lake.lake(1)
    page = client_as("officer").get(f"/cases/{case.id}/steps/admit/")
    assert dict(page.context["facts"])["Firm"] == "Heron Robotics"

"""One office for all stories and a browser for each file of them; skipped where the machine has none."""

import os
from functools import partialmethod

import pytest
from playwright.sync_api import Locator
from tests.journeys import house as houses
from tests.web import pictures

if "JOURNEYS_LATE" in os.environ:  # a click does not wait for the page that it leads to, either
    Locator.click = partialmethod(Locator.click, no_wait_after=True)


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """The season's office, served."""
    if not houses.can_run():
        pytest.skip(houses.MISSING)
    with houses.open_house(tmp_path_factory.mktemp("house")) as found:
        yield found
        assert "Traceback" not in found.printed(), found.printed()[-4000:]


@pytest.fixture(scope="module")
def chrome(house):
    """One Chromium; the loop of its driver ends with the file, before other tests ask a database."""
    with pictures.chromium() as browser:
        yield browser


@pytest.fixture
def people(house, chrome):
    """Pages of whoever comes; after each story nothing was written to a browser's log, and nothing left the machine.

    page.meant: refusals that belong to the story; a form that was wrong (422) always does.
    """
    there = houses.People(house, chrome)
    yield there
    said = [text for page in there.pages for text in page.said if not any(f"status of {code}" in text for code in page.meant)]
    far = [address for page in there.pages for address in page.far]
    there.leave()
    assert (said, far) == ([], [])

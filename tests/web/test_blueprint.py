"""The plan on one page: figures with their sources, notes where they disagree, and what is not measured said so."""

import re
import shutil

import pytest

from .conftest import LAKESIDE
from .desk_story import Story


@pytest.fixture
def planned(office, clock):
    """Lakeside with its plan and a lake of piers."""
    story = Story(office, clock)
    shutil.copy(LAKESIDE / "blueprint.yaml", office.workspace.programmes / "lakeside" / "blueprint.yaml")
    story.lake()
    return story


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_without_a_plan_the_page_says_how_to_get_one(client_as):
    assert "blueprint.yaml" in plain(client_as("officer").get("/blueprint/"))


def test_the_plan_beside_what_came_of_it(planned, client_as):
    page = client_as("officer").get("/blueprint/")
    text = plain(page)
    assert "<h1>A lake with piers</h1>" in page.text
    assert "Figures that do not agree" in text
    assert "1,000 people in each of 4 years make 4,000 people; New people in four years: 5,000 people. Both are kept." in text
    assert "as reported for 2025" in text
    assert "not measured here" in text
    assert "found here calls of the programme that were announced" in text
    assert "Heron Boats: Electric boats" in text
    assert "how it is spread is not told" in text
    assert "¥333.34 a year, spread evenly" in text
    assert page.text.count('id="K1"') == 1  # the note itself; the figures lead to it
    assert 'href="#K1"' in page.text


def test_on_a_phone_each_programme_and_target_is_folded_under_its_two_figures(planned, client_as):
    folds = re.findall(r"<details><summary><strong>(.*?)</strong>(.*?)</summary>(.*?)</details>",
                       client_as("economist").get("/blueprint/").text, re.S)
    told = {name: (re.sub(r"<[^>]+>", "", head).strip(), re.sub(r"<[^>]+>|\s+", " ", body)) for name, head, body in folds}
    assert [told[name][0] for name in ("Calls for piers", "Pier challenge", "Cost for each unit of support")] == [
        "Plan 2 a year Actual 2026 1 · 50 %", "Planned ¥100,000.00 Used –", "Plan 2.5 times not measured here"]
    assert told["Pier challenge"][1].split() == [
        word for year in ("2025", "2026", "2027") for word in (year, "Planned", "100,000.00")]
    assert "official text" in told["Calls for piers"][1]  # the source lies in the fold


@pytest.mark.parametrize("lang, words", [("ko", "여기서 측정하지 않음"), ("zh", "本系统未测")])
def test_in_three_languages(planned, client_as, lang, words):
    assert words in client_as("officer", language=lang).get("/blueprint/").text


def test_years_around_this_one_or_all(planned, client_as):
    browser = client_as("economist")
    near, whole = browser.get("/blueprint/").text, browser.get("/blueprint/?years=all").text
    assert near.count("Pier challenge") <= whole.count("Pier challenge")
    assert "Only the years around this one" in whole


def test_a_plan_that_cannot_be_read_names_the_line(planned, office, client_as):
    path = office.workspace.programmes / "lakeside" / "blueprint.yaml"
    path.write_text(path.read_text("utf-8").replace("note: K1", "note: K9"), "utf-8")
    text = plain(client_as("officer").get("/blueprint/"))
    assert "W1092" in text
    assert "blueprint.yaml:" in text


def test_the_packaged_city_s_plan_under_either_regime(office, client_as, tmp_path):
    from pathlib import Path

    import westlake.programmes
    shutil.copytree(Path(westlake.programmes.__file__).parent / "hangzhou", office.workspace.programmes / "hangzhou",
                    ignore=shutil.ignore_patterns("__pycache__"))
    text = plain(client_as("officer").get("/blueprint/?plan=hangzhou"))
    assert "New Paradise for Innovation and Entrepreneurship" in text
    assert "430,000 people in each of 5 years make 2,150,000 people" in text
    assert "¥5,263.16 million a year, spread evenly" in text
    assert "¥33,333.33 million a year, spread evenly" in text
    assert "figure of the article" in text

"""The frame: whole pages in three languages, rooms by role, words that exist, vendored files that are what they say."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import westlake.web
from westlake.words import catalogue

WEB = Path(westlake.web.__file__).parent


@pytest.mark.parametrize("lang, heading", [("en", "Support for innovation"), ("ko", "혁신 지원"), ("zh", "创新支持")])
def test_the_first_page_speaks_the_language_asked_for(visitor, lang, heading):
    page = visitor.get("/", headers={"Accept-Language": {"zh": "zh-CN,zh;q=0.9"}.get(lang, lang)})
    assert page.status_code == 200
    assert f"<h1>{heading}</h1>" in page.text
    assert f'<html lang="{"zh-Hans" if lang == "zh" else lang}">' in page.text


def test_a_language_chosen_by_hand_stays(client_as):
    browser = client_as("officer", language="ko", name="Kim Seo-yeon")
    assert "Kim Seo-yeon 님, 안녕하세요" in browser.get("/").text
    assert "Hello, Kim Seo-yeon" in browser.get("/?lang=en").text
    assert "Hello, Kim Seo-yeon" in browser.get("/").text


ROOMS = {
    "applicant": ["Home", "Find a call", "My applications", "My firm", "Public"],
    "officer": ["Home", "Blueprint", "Programmes", "Calls", "Cases", "Reviews", "Money", "Firms", "Public"],
    "reviewer": ["Home", "Reviews", "Public"],
    "auditor": ["Home", "Blueprint", "Programmes", "Calls", "Cases", "Reviews", "Money", "Firms", "Public", "Audit"],
    "admin": ["Home", "Blueprint", "Programmes", "Calls", "Firms", "Public", "Audit", "People"],
}


@pytest.mark.parametrize("role", ROOMS)
def test_each_role_sees_its_rooms(client_as, role):
    page = client_as(role).get("/").text
    side = page.split('<nav class="side"')[1].split("</nav>")[0]
    assert re.findall(r">([^<>\n]+)</a>", side) == ROOMS[role]


def test_every_word_a_template_asks_for_exists():
    asked = {message for path in (*WEB.rglob("*.html"), *WEB.rglob("*.txt"))
             for message in re.findall(r"""{% say ["']([\w.]+)["']""", path.read_text("utf-8"))}
    assert asked - set(catalogue()) == set()


def test_vendored_files_are_what_they_say():
    folder = WEB / "static" / "vendor"
    told = tomllib.loads((folder / "VENDOR.toml").read_text("utf-8"))
    assert {one["file"]: one["sha256"] for one in told.values()} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.suffix == ".js"}
    assert all(one["licence"] and one["version"] and one["source"] for one in told.values())


def test_pages_carry_no_script_or_style_of_their_own():
    found = [f"{path.name}: {match}" for path in WEB.rglob("*.html")
             for match in re.findall(r"""<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son\w+=|<style""", path.read_text("utf-8"))]
    assert found == []

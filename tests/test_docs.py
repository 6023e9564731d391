"""Pages say what is so: generated ones are current, commands shown exist, facts point at tests that run."""

import ast
import re
import sys
from pathlib import Path

import pytest

from westlake.cli import COMMANDS

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from docs import generate  # noqa: E402 - the pages live beside the package, not in it

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("path", generate.pages(), ids=lambda path: path.name)
def test_generated_pages_are_current(path):
    assert path.read_text("utf-8") == generate.pages()[path], "run `make docs`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_shown_exist(path):
    text = path.read_text("utf-8")
    shown = set(re.findall(r"westlake ([a-z]+)\b", " ".join(re.findall(r"`(?:[^`\n]*/)?westlake [^`\n]*`", text))))
    targets = set(re.findall(r"`make ([a-z]+)", text))
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert shown <= set(COMMANDS)
    assert targets <= known


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_fact_that_runs_names_tests_that_exist():
    tests = {node.name for path in (ROOT / "tests" / "article").glob("test_*.py")
             for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
    facts = generate.facts()
    assert list(facts) == [f"F{number:02}" for number in range(1, 43)]
    for name, fact in facts.items():
        assert (fact["state"] == "runs") == bool(fact.get("tests")), name
        assert set(fact.get("tests") or []) <= tests, name
    named = {test for fact in facts.values() for test in fact.get("tests") or []}
    assert {test for test in tests if re.match(r"test_f\d\d_", test)} == named

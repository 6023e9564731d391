"""Every word a person meets stands in three languages, each its own, with the same named places."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

import westlake
from westlake.words import LANGUAGES, LOCALE, catalogue

SOURCES = sorted(Path(westlake.__file__).parent.rglob("*.py"))
CODE = re.compile(r"W\d{3,4}")
HANGUL, HAN = re.compile("[가-힣]"), re.compile("[\u4e00-\u9fff]")


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_three_languages_and_none_copied():
    assert {message: texts for message, texts in catalogue().items() if not well(texts)} == {}


def well(texts):
    """Whether a text stands in three languages, each in its own script, with the same named places."""
    if sorted(texts) != sorted(LANGUAGES) or HANGUL.search(texts["zh"]):
        return False
    words = re.sub(r"\{.*?\}|`.*?`|\"\w+\"|[A-Z0-9_]{2,}", "", texts["en"])
    own = (HANGUL.search(texts["ko"]) and HAN.search(texts["zh"])) or not re.search("[a-z]{3}", words)
    return bool(own) and places(texts["en"]) == places(texts["ko"]) == places(texts["zh"])


@pytest.mark.parametrize("texts", [
    {"en": "a pier", "ko": "선착장"}, {"en": "a pier", "ko": "a pier", "zh": "码头"}, {"en": "a pier", "ko": "선착장", "zh": "pier"},
    {"en": "a pier", "ko": "선착장", "zh": "码头 선착장"}, {"en": "{n} piers", "ko": "{n} 선착장", "zh": "码头"}])
def test_a_text_that_is_not_well_is_found(texts):
    assert not well(texts)


def test_every_code_used_is_explained_and_every_code_explained_is_used():
    used = {code for path in SOURCES for code in CODE.findall(path.read_text("utf-8"))
            if path.name != "errors.py"}
    explained = {message.split(".")[1] for message in catalogue() if CODE.match(message.split(".")[-2])}
    assert used == explained


def test_messages_asked_for_exist():
    asked = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    asked.add(first.value)
    assert asked <= set(catalogue())


def test_no_text_is_written_twice_in_other_words():
    """Of two entries under one name only the last would be read, and nobody would know which."""
    entries = [(key, text) for path in sorted(LOCALE.glob("*.yaml")) for key, text in flat(
        yaml.load(path.read_text("utf-8"), yaml.CBaseLoader))]
    said = {}
    for key, text in entries:
        said.setdefault(key, []).append(text)
    assert {key: texts for key, texts in said.items() if any(one != texts[0] for one in texts)} == {}


def flat(tree, prefix=""):
    for key, value in tree.items():
        if "en" in value:
            yield f"{prefix}{key}", value
        else:
            yield from flat(value, f"{prefix}{key}.")

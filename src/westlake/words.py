"""Every word a person meets, in English, Korean and Chinese.

One catalogue file a room in `locale/`; each entry is `id: {en: …, ko: …, zh: …}` and may hold
`{named}` places. Nested keys join with a dot: `errors: W001:` is asked for as "errors.W001".
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import yaml

LANGUAGES = ("en", "ko", "zh")
LOCALE = Path(__file__).parent / "locale"
Text = Mapping[str, str]


def say(message: str, /, lang: str = "en", **values: object) -> str:
    """The sentence of a message id in a language, with its values put in; `KeyError` if unknown."""
    return fill(catalogue()[message], lang, **values)


def say_to(message: str, /, lang: str, firm: bool, **values: object) -> str:
    """The sentence as it is said to a firm, or to a person: Chinese says 贵单位 to the one and 您 to the other."""
    text = catalogue()[message]
    return fill(text if firm else {**text, "zh": text["zh"].replace("贵单位", "您")}, lang, **values)


def fill(text: Text, /, lang: str = "en", **values: object) -> str:
    """One text in a language with its values put in; English stands in for a language it lacks."""
    sentence = text.get(lang) or text["en"]
    return sentence.format_map(values) if values else sentence


@functools.cache
def catalogue() -> dict[str, Text]:
    """All message ids of all rooms."""
    found: dict[str, Text] = {}
    for path in sorted(LOCALE.glob("*.yaml")):
        found.update(_flatten(yaml.load(path.read_text("utf-8"), _Loader)))
    return found


def _flatten(tree: Mapping[str, object], prefix: str = "") -> dict[str, Text]:
    flat: dict[str, Text] = {}
    for key, value in tree.items():
        assert isinstance(value, Mapping), f"{prefix}{key} is not a text in three languages"
        if "en" in value:
            flat[f"{prefix}{key}"] = {str(lang): str(text) for lang, text in value.items()}
        else:
            flat.update(_flatten(value, f"{prefix}{key}."))
    return flat


_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar stays text: `no` is not False

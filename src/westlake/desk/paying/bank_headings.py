"""The headings that banks give the columns of their tables, in every language, and which column is what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from westlake.words import LANGUAGES, say

ONE_ONLY = ("amount", "credit_amount")  # of two headings that could be meant neither is taken


def known_place(role: str, line: Sequence[str]) -> int:
    """Where the heading of a role stands in a line, by its names; -1 for none, or for two that could be meant.

    Where a table has no column for references of its own, they stand in its only one for free words.
    """
    plain = [plain_heading(cell) for cell in line]

    def stands(message: str) -> list[int]:
        return list(dict.fromkeys(plain.index(name) for name in map(plain_heading, spellings(f"heading.{message}"))
                                  if name in plain))

    found = stands(role)
    one_only = role in ONE_ONLY
    if role == "reference" and not found:
        found, one_only = stands("memo"), True
    return found[0] if len(found) == 1 or (found and not one_only) else -1


def spellings(message: str) -> list[str]:
    """Every spelling of a heading or a word, of all languages."""
    return [name for lang in LANGUAGES for name in say(f"desk_files.{message}", lang).split("|")]


def plain_heading(text: str) -> str:
    """A heading without case, blanks, underscores and what stands in brackets."""
    return re.sub(r"[\s_\-:：]|[(（\[].*?[)）\]]", "", text).casefold()

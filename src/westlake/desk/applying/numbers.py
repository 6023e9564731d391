"""The same number of a person, a project or a firm, however it is typed: wide signs, case and blanks make no other one.

What is kept is what was typed, in its plain signs and without blanks about it, as the register looks somebody up by
exactly what it has. What is compared has no case and no blanks within it either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from westlake.database import Connection

_UNPLAIN = {"sqlite": "{column} GLOB '*[^!-~]*'", "postgresql": "{column} ~ '[^!-~]'"}


def as_kept(text: str) -> str:
    """A number as an answer keeps it: `ＡＢ－１２ ` is `AB-12`."""
    return _settled(lambda now: _plain(now).strip(), text)


def as_compared(text: str) -> str:
    """A number as it is told from others: `ＡＢ－１２`, `ab-12` and `AB- 12` are one."""
    return _settled(lambda now: "".join(_plain(now).casefold().split()), text)


def may_be_same(connection: Connection, column: str) -> str:
    """A condition on a column, with one value to be given (`as_compared`): true for every text that is the same number,
    and for some that are not, so compare them once more. No index is needed that knows how texts are written."""
    return f"(lower({column}) = ? OR {_UNPLAIN[connection.engine].format(column=column)})"


def _settled(step: Callable[[str], str], text: str) -> str:
    """The step until it changes nothing more: what is taken out of a text may let its neighbours join into one sign."""
    while (then := step(text)) != text:
        text = then
    return text


def _plain(text: str) -> str:
    """Without what is not seen (category Cf), and with every dash the one on the keyboard."""
    return "".join("-" if unicodedata.category(sign) == "Pd" else sign
                   for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")

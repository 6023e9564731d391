"""Long lists are handed out page by page: each answer says where the next one goes on, whatever is added meanwhile."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from westlake.database import storable
from westlake.errors import Place, WestlakeError

SIZE = 50
Item = TypeVar("Item")
Mark = int | str


def mark_of(cursor: str, kind: type[Mark]) -> Mark | None:
    """The key after which a page begins; None for the first page. W1080 for a cursor that was not given by us."""
    if not cursor:
        return None
    try:
        mark = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))
    except ValueError as error:
        raise _unreadable() from error
    if type(mark) is not kind or (isinstance(mark, str) and not storable(mark)) or (
            isinstance(mark, int) and not 0 <= mark < 2**62):
        raise _unreadable()
    return mark


def cursor_of(mark: Mark) -> str:
    """How the next page is asked for."""
    return base64.urlsafe_b64encode(json.dumps(mark, ensure_ascii=False).encode()).decode().rstrip("=")


def page(found: Sequence[Item], limit: int, key: Callable[[Item], Mark]) -> tuple[list[Item], str | None]:
    """Of limit + 1 things that were looked for: those of the page, and the cursor of the next one if there is more."""
    kept = list(found[:limit])
    return kept, cursor_of(key(kept[-1])) if len(found) > limit else None


def _unreadable() -> WestlakeError:
    return WestlakeError.one("W1080", Place(field="after"), what="after")

"""Long lists come page by page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

SIZE = 50
NEAR = 2  # pages shown on either side of this one


@dataclass(frozen=True)
class Page:
    """One page of a list. number: from 1; count: rows of the whole list; size: rows of a page."""

    number: int
    count: int
    size: int
    query: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.count)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.count)

    @property
    def near(self) -> list[int]:
        """The pages that get a link, 0 for a gap."""
        kept = sorted({1, self.pages, *range(max(1, self.number - NEAR), min(self.pages, self.number + NEAR) + 1)})
        shown: list[int] = []
        for number in kept:
            if shown and number > shown[-1] + 1:
                shown.append(0)
            shown.append(number)
        return shown


def page_of(request: HttpRequest, count: int, size: int = SIZE) -> Page:
    """The page that `?page=` asks for, of a list with so many rows; the last one for a number beyond it."""
    asked = request.GET.get("page", "1")
    wanted = int(asked) if asked.isdecimal() and len(asked) < 9 else 1
    query = request.GET.copy()
    for name in ("page", "lang"):
        query.pop(name, None)
    whole = Page(1, count, size)
    return Page(min(max(1, wanted), whole.pages), count, size, query.urlencode())

"""Which calls a person may open: those of the programmes that they work on, and announced ones where all may look."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest

from westlake.desk.calls import Call, find_call
from westlake.web.guards import holds, or_404


def is_shown(request: HttpRequest, call: Call, *roles: str, announced: bool = False) -> bool:
    """Whether somebody holds one of these roles for the call's programme; with `announced`, whether all may see it."""
    return (announced and call.announced) or holds(request, *roles, programme=call.programme)


def shown_to(*roles: str, announced: bool = False) -> Callable[[HttpRequest, int], Call]:
    """What finds the call that an address speaks of, if it is shown to the person (as is_shown); else 404."""
    def seen_call(request: HttpRequest, call: int) -> Call:
        with or_404():
            found = find_call(request.office.desk, call)
        if not is_shown(request, found, *roles, announced=announced):
            raise Http404
        return found

    return seen_call

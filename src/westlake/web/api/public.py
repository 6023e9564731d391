"""What anybody may read without a token: calls, awards, notices, the heads of the chains, grants in the open format."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from westlake.dates import iso
from westlake.desk.calls import calls
from westlake.errors import WestlakeError
from westlake.web.api import paging
from westlake.web.api.calls import call_out
from westlake.web.api.money import heads_out
from westlake.web.api.money_schema import AwardPage, HeadList, NoticePage
from westlake.web.api.operations import operation
from westlake.web.api.schema import After, CallPage, Limit
from westlake.web.guards import Anyone
from westlake.web.pages.public import portal as pages
from westlake.web.pages.public.published import personal, published

router = Router(tags=["public"])
GRANTS = "360giving.json"


@operation(router, "GET", "/public/calls", Anyone(), CallPage)
def list_public_calls(request: HttpRequest, limit: Limit = paging.SIZE, after: After = "") -> dict[str, object]:
    """List the calls that were announced, newest first."""
    desk = request.office.desk
    mark = paging.mark_of(after, int)
    found = [one for one in sorted(calls(desk), key=lambda one: -one.id)
             if one.announced and (mark is None or one.id < int(mark))]
    items, further = paging.page(found, limit, lambda one: one.id)
    return {"items": [call_out(one, desk.now()) for one in items], "next": further}


@operation(router, "GET", "/public/awards", Anyone(), AwardPage)
def list_awards(request: HttpRequest, limit: Limit = paging.SIZE, after: After = "") -> dict[str, object]:
    """List the awards to firms that stand. Support to people is told in sums only, on the console's public pages."""
    mark = str(paging.mark_of(after, str) or "")
    awards = sorted(published(request.office.desk).awards, key=lambda one: one.id)
    items, further = paging.page([one for one in awards if one.id > mark], limit, lambda one: one.id)
    return {"items": [vars(one) | {"day": iso(one.day)} for one in items], "next": further}


@operation(router, "GET", "/public/notices", Anyone(), NoticePage)
def list_notices(request: HttpRequest, limit: Limit = paging.SIZE, after: After = "") -> dict[str, object]:
    """List what was made known. Until its last day one may object."""
    office = request.office
    rows = office.connection.execute(
        "SELECT n.id, c.code, n.first_day, n.last_day, n.cases, c.programme FROM desk_notice n JOIN desk_call c"
        " ON c.id = n.call WHERE n.id > ? AND n.first_day <= ? ORDER BY n.id LIMIT ?",
        (paging.mark_of(after, int) or 0, office.today, limit + 1)).fetchall()
    items, further = paging.page(rows, limit, lambda row: int(row[0]))
    return {"items": [{"id": row[0], "call": row[1], "first_day": iso(row[2]), "last_day": iso(row[3]),
                       "cases": [] if personal(office.desk, row[5]) else _numbers(request, row[4])}
                      for row in items], "next": further}


@operation(router, "GET", "/public/heads", Anyone(), HeadList)
def list_public_heads(request: HttpRequest) -> dict[str, object]:
    """Show the heads of ledger and record."""
    return {"items": heads_out(request)}


@operation(router, "GET", "/public/grants.json", Anyone(), dict[str, Any])
def show_grants(request: HttpRequest) -> HttpResponse:
    """Show all awards to firms as 360Giving data. There is no such document before the first award (404)."""
    if not published(request.office.desk).awards:
        raise WestlakeError.one("W986", address=request.path)
    return pages.file(request, GRANTS)


def _numbers(request: HttpRequest, cases: str) -> list[str]:
    found = [int(one) for one in cases.split(",") if one]
    marks = ", ".join("?" * len(found)) or "NULL"
    return [row[0] for row in request.office.connection.execute(
        f"SELECT number FROM desk_case WHERE id IN ({marks}) ORDER BY number", found)]

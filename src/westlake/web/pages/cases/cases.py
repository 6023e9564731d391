"""The officers' work list: every case they may see, looked for, counted, kept as views, and handed out as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from westlake.dates import MICROS_PER_DAY, instant_iso
from westlake.desk import listing
from westlake.desk.desk import Desk
from westlake.desk.listing import Row, View, Wanted
from westlake.desk.looking import looking
from westlake.register.facts import text_words
from westlake.reports.open_data import csv_bytes, exact
from westlake.spreadsheet import xlsx_bytes
from westlake.web.guards import Roles, route
from westlake.web.paging import page_of
from westlake.words import fill, say

WHO = Roles("officer", "approver", "payer", "auditor", "chair")
_BULK = Roles("officer", "approver", "payer", "chair")  # who takes steps; auditors only read
COLUMNS = ("number", "title", "firm", "district", "programme", "kind", "state", "asked", "rules", "entitlement",
           "amount", "submitted", "moved")


@dataclass(frozen=True)
class Line:
    """A row of the list in the reader's words."""

    row: Row
    state: str
    kind: str
    verdict: str  # a state for the tag: eligible, ineligible, or nothing
    days: int | None  # since its last step; None for a case at an end, which waits for nobody


@dataclass(frozen=True)
class Chip:
    """One state with its number, as a link that narrows the list to it."""

    label: str
    count: int
    href: str
    current: bool


def cases(request: HttpRequest) -> HttpResponse:
    """The list; by htmx only its part below the filters."""
    desk, wanted = looking(request.office.desk), Wanted.read(request.GET.dict())
    own = listing.sight(desk, request.person, request.roles)
    places = listing.waiting_places(request.office.offered, request.roles)
    counted = listing.count_states(desk, listing.condition(desk, wanted, own, places, state=False))
    asking = sum(listing.count_states(
        desk, listing.condition(desk, replace(wanted, state=listing.ASKS), own)).values())
    page = page_of(request, asking if wanted.state == listing.ASKS else _count(counted, wanted, places))
    rows = listing.find_rows(desk, listing.condition(desk, wanted, own, places), own, wanted.sort, page.size,
                             page.offset, places)
    offers = listing.choices(desk, request.person, own)
    lang = request.lang
    found = {
        "lines": list(lines(desk, rows, lang)), "page": page, "wanted": wanted, "query": query_of(wanted),
        "chips": list(_chips(desk, counted, asking, wanted, places, lang)), "sorts": _sorts(wanted, lang),
        "filters": _filters(request, desk, wanted, offers), "views": [View(int(v), n, q) for v, n, q in offers["view"]],
        "more": wanted.narrowed - bool(wanted.q) - bool(wanted.state),
        "whole": sum(counted.values()), "acts": _BULK.admits(request)}
    part = request.htmx and request.htmx.target == "list"
    return render(request, "cases/rows.html" if part else "cases/all.html", found)


def lines(desk: Desk, rows: Iterable[Row], lang: str) -> Iterator[Line]:
    """Rows with their states in words and the days since their last step, unless they are at an end."""
    now = desk.now()
    for row in rows:
        workflow = desk.offered(row.case.programme).workflow
        verdict = "" if row.eligible is None else "eligible" if row.eligible else "ineligible"
        yield Line(row, workflow.word("state", row.case.state, lang), workflow.word("kind", row.case.kind, lang),
                   verdict, None if row.case.state in workflow.kinds[row.case.kind].ends
                   else (now - row.case.moved_at) // MICROS_PER_DAY)


def query_of(wanted: Wanted, **other: str) -> str:
    """An address's query for a list, with something else in it."""
    whole = {**{one.name: getattr(wanted, one.name) for one in fields(wanted)}, **other}
    return urlencode({name: text for name, text in whole.items() if text and (name, text) != ("sort", "waiting")})


def _count(counted: dict[tuple[str, str, str], int], wanted: Wanted, places: Sequence[str]) -> int:
    if wanted.state == listing.WAITS:
        return sum(number for where, number in counted.items() if "/".join(where) in places)
    return sum(number for where, number in counted.items() if wanted.state in ("", where[2]))


def _chips(desk: Desk, counted: dict[tuple[str, str, str], int], asking: int, wanted: Wanted, places: Sequence[str],
           lang: str) -> Iterator[Chip]:
    """All, what waits for me, where somebody asks us, and each state in the order in which a case meets them."""
    yield Chip(say("web.cases.all", lang), sum(counted.values()), query_of(wanted, state=""), not wanted.state)
    yield Chip(say("web.cases.waits", lang), _count(counted, replace(wanted, state=listing.WAITS), places),
               query_of(wanted, state=listing.WAITS), wanted.state == listing.WAITS)
    if asking or wanted.state == listing.ASKS:
        yield Chip(say("web.cases.asks", lang), asking, query_of(wanted, state=listing.ASKS),
                   wanted.state == listing.ASKS)
    numbers: dict[str, int] = {}
    labels: dict[str, str] = {}
    for programme, kind, state in sorted(counted, key=lambda where: _order(desk, *where)):
        numbers[state] = numbers.get(state, 0) + counted[programme, kind, state]
        labels.setdefault(state, desk.offered(programme).workflow.word("state", state, lang))
    for state, number in numbers.items():
        yield Chip(labels[state], number, query_of(wanted, state=state), wanted.state == state)


def _order(desk: Desk, programme: str, kind: str, state: str) -> tuple[int, int, str]:
    kinds = desk.offered(programme).workflow.kinds
    states = kinds[kind].states
    return (list(kinds).index(kind), states.index(state) if state in states else len(states), programme)


def _sorts(wanted: Wanted, lang: str) -> list[tuple[str, str, bool]]:
    return [(name, say(f"web.cases.sort.{name}", lang), name == wanted.sort) for name in listing.SORTS]


def _filters(request: HttpRequest, desk: Desk, wanted: Wanted,
             offers: dict[str, list[tuple[str, str, str]]]) -> list[dict[str, object]]:
    lang = request.lang
    offered = request.office.offered
    every = ("", say("web.cases.any", lang))
    kinds = {name: one.workflow.word("kind", name, lang) for one in offered for name in one.workflow.kinds}
    listed: dict[str, list[tuple[str, str]]] = {
        "programme": [(one.programme.name, fill(one.programme.words.title, lang))
                      for one in offered],
        "kind": list(kinds.items()),
        **{name: [(value, text_words(label, request.lang) if name == "district" else label)
                  for value, label, _ in offers[name]] for name in ("call", "district", "officer")}}
    found: list[dict[str, object]] = [
        {"name": name, "label": say(f"web.cases.filter.{name}", lang), "value": getattr(wanted, name),
         "choices": [every, *choices]} for name, choices in listed.items()]
    found += [{"name": name, "label": say(f"web.cases.filter.{name}", lang), "value": getattr(wanted, name)}
              for name in ("low", "high", "days")]
    return found


def export(request: HttpRequest, form: str) -> HttpResponse:
    """The same list as a file, with exactly the cases that the list shows: `csv` or `xlsx`."""
    desk, wanted = looking(request.office.desk), Wanted.read(request.GET.dict())
    lang = request.lang
    places = listing.waiting_places(request.office.offered, request.roles)
    own = listing.sight(desk, request.person, request.roles)
    found = listing.condition(desk, wanted, own, places)
    header = [say(f"web.cases.column.{name}", lang) for name in COLUMNS]
    rows = list(_cells(desk, listing.stream_rows(desk, found, own, wanted.sort, places), lang))
    if form == "csv":
        return _file(csv_bytes(header, rows), "text/csv; charset=utf-8", "cases.csv")
    return _file(xlsx_bytes(header, rows), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                 "cases.xlsx")


def _cells(desk: Desk, rows: Iterable[Row], lang: str) -> Iterator[list[object]]:
    for line in lines(desk, rows, lang):
        case, row = line.row.case, line.row
        yield [case.number, case.title, row.firm_name, row.district, case.programme, line.kind, line.state,
               exact(case.asked, case.currency),
               say(f"web.state.{line.verdict}", lang) if line.verdict else "",
               exact(row.entitlement, case.currency), exact(case.amount, case.currency),
               instant_iso(case.submitted_at)[:10] if case.submitted_at else "", instant_iso(case.moved_at)[:10]]


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def keep(request: HttpRequest) -> HttpResponse:
    """Keep the search as a view of one's own."""
    query = query_of(Wanted.read(QueryDict(request.POST.get("query", "")).dict()))
    view = listing.keep_view(request.office.desk, request.person, "cases", request.POST.get("name", ""), query)
    messages.success(request, say("web.cases.view_kept", request.lang, name=view.name))
    return redirect(f"/cases/?{view.query}")


def forget(request: HttpRequest, view: View) -> HttpResponse:
    """Forget a view of one's own."""
    listing.drop_view(request.office.desk, request.person, view.id)
    return redirect("cases")


def own_view(request: HttpRequest, view: int) -> View:
    """A view by number, if it is one's own; else 404."""
    found = next((one for one in listing.views(request.office.desk, request.person, "cases") if one.id == view), None)
    if found is None:
        raise Http404
    return found


ROUTES = (
    route("cases/", cases, WHO, name="cases"),
    route("cases/export.csv", lambda request: export(request, "csv"), WHO, name="cases.csv"),
    route("cases/export.xlsx", lambda request: export(request, "xlsx"), WHO, name="cases.xlsx"),
    route("cases/views/", keep, WHO, name="cases.keep", methods=("POST",)),
    route("cases/views/<int:view>/forget/", forget, WHO, name="cases.forget", methods=("POST",), object=own_view),
)

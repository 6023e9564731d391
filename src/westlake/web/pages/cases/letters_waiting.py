"""Letters that wait to be looked at: read in a list, changed one by one, let go together after a second look."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from westlake.database import storable
from westlake.desk import listing
from westlake.desk.cases import COLUMNS, Case
from westlake.desk.looking import looking
from westlake.desk.outbox import Letter, move_letter
from westlake.desk.people import people_of
from westlake.desk.seeing import Where, views_of
from westlake.errors import WestlakeError
from westlake.web.guards import Roles, route
from westlake.web.pages.cases.case_steps import WRITERS
from westlake.web.paging import page_of
from westlake.web.visit import Visit
from westlake.words import catalogue, say

WHO = Roles(*sorted(WRITERS))
MOST = 500  # letters let go at once
TOLD = 8  # lines of a letter beside the question whether it may go
_LETTER = ("m.id, m.case_id, m.person, m.kind, m.language, m.subject, m.body, m.state, m.at, m.moved_at")
_FROM = " FROM desk_message m JOIN desk_case c ON c.id = m.case_id WHERE m.state = 'draft' AND "


def waiting(request: Visit) -> Where:
    """The drafts that this person may let go, as a condition on desk_case under the name `c`."""
    held = [one for one in request.roles if one.role in WRITERS]
    return listing.sight(looking(request.office.desk), request.person, held).named


def count_drafts(request: Visit) -> int:
    """How many there are."""
    condition, values = waiting(request)
    return int(request.office.connection.execute(f"SELECT count(*){_FROM}{condition}", values).fetchone()[0])


def drafts(request: Visit) -> HttpResponse:
    """The drafts, newest first, each to be opened and read; found by case or subject, and by kind."""
    connection, lang = request.office.connection, request.lang
    condition, values = waiting(request)
    kinds = connection.execute(f"SELECT m.kind, count(*){_FROM}{condition} GROUP BY m.kind ORDER BY m.kind",
                               values).fetchall()
    wanted, kind = _asked(request)
    rest, bound = _narrowed(condition, values, wanted, kind)
    page = page_of(request, connection.execute(f"SELECT count(*){_FROM}{rest}", bound).fetchone()[0])
    found = _letters(request, rest, bound, page.size, page.offset)
    return render(request, "cases/drafts.html", {
        "rows": _rows(request, found), "page": page, "query": request.GET.urlencode(), "most": MOST,
        "filters": [{"name": "q", "label": say("web.drafts.find", lang), "value": wanted},
                    {"name": "kind", "label": say("web.drafts.kind", lang), "value": kind, "choices": [
                        ("", say("web.drafts.every", lang)),
                        *((name, f"{kind_words(name, lang)} ({count:,})") for name, count in kinds)]}]})


def _asked(request: Visit) -> tuple[str, str]:
    wanted, kind = (request.GET.get(name, "").strip()[:100] for name in ("q", "kind"))
    return wanted if storable(wanted) else "", kind if storable(kind) else ""


def _narrowed(condition: str, values: object, wanted: str, kind: str) -> tuple[str, list[object]]:
    like = "%" + wanted.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    assert isinstance(values, list | tuple)
    return (f"{condition} AND ? IN ('', m.kind) AND (lower(c.number) LIKE ? ESCAPE '!'"
            " OR lower(m.subject) LIKE ? ESCAPE '!')", [*values, kind, like, like])


def _letters(request: Visit, condition: str, values: list[object], size: int, offset: int = 0) -> list[Letter]:
    return [Letter(*row) for row in request.office.connection.execute(
        f"SELECT {_LETTER}{_FROM}{condition} ORDER BY m.id DESC LIMIT ? OFFSET ?", (*values, size, offset))]


def _rows(request: Visit, found: list[Letter]) -> list[dict[str, object]]:
    """Each letter with whom it goes to and the case that it is about."""
    connection = request.office.connection
    marks = ", ".join("?" * len(found)) or "NULL"
    numbers = dict(connection.execute(f"SELECT id, number FROM desk_case WHERE id IN ({marks})",
                                      [one.case for one in found]).fetchall())
    people = people_of(connection, {one.person for one in found if one.person is not None})
    return [{"letter": one, "number": numbers[one.case], "to": people[one.person].name if one.person in people else "",
             "email": people[one.person].email if one.person in people else "",
             "kind": kind_words(one.kind, request.lang)} for one in found]


def kind_words(kind: str, lang: str) -> str:
    """What a letter is, in words."""
    known = kind if f"web.drafts.kinds.{kind}" in catalogue() else "other"
    return say(f"web.drafts.kinds.{known}", lang)


def send(request: Visit) -> HttpResponse:
    """GET: those ticked, or all that were found, once more before they go. POST: let them go, each by itself."""
    if request.method == "POST":
        return _let_go(request)
    condition, values = waiting(request)
    if "all" in request.GET:
        rest, bound = _narrowed(condition, values, *_asked(request))
    else:
        ticked = [int(text) for text in request.GET.getlist("letter") if text.isdecimal() and len(text) < 12][:MOST]
        rest = f"{condition} AND m.id IN ({', '.join('?' * len(ticked)) or 'NULL'})"
        bound = [*values, *ticked]
    found = _letters(request, rest, bound, MOST)
    return render(request, "cases/drafts_send.html", {
        "rows": _rows(request, found), "count": len(found), "more": len(found) == MOST, "told": TOLD})


def _let_go(request: Visit) -> HttpResponse:
    """A draft that was changed, dropped or let go since it was looked at stays as it is, and is counted as such."""
    seen = {int(number): int(at) for number, _, at in (text.partition(":") for text in request.POST.getlist("letter"))
            if number.isdecimal() and at.isdecimal() and len(number) < 12 and len(at) < 18}
    numbers, desk = list(seen)[:MOST], request.office.desk
    condition, values = waiting(request)
    marks = ", ".join("?" * len(numbers)) or "NULL"
    found = [one for one in _letters(request, f"{condition} AND m.id IN ({marks})", [*values, *numbers], MOST)
             if one.moved_at == seen[one.id]]
    able = _writable(request, found)
    done = 0
    for one in found:
        if one.case in able:
            try:
                move_letter(desk, one.id, request.person, "draft", "released")
                done += 1
            except WestlakeError as error:
                if error.problems[0].code != "W997":  # let go by somebody else meanwhile
                    raise
    messages.success(request, say("web.drafts.sent", request.lang, count=f"{done:,}"))
    if done < len(numbers):
        messages.warning(request, say("web.drafts.not_sent", request.lang, count=f"{len(numbers) - done:,}"))
    return redirect("cases.drafts")


def _writable(request: Visit, found: list[Letter]) -> set[int | None]:
    """The cases in which this person writes, of those that the letters are about."""
    desk, marks = looking(request.office.desk), ", ".join("?" * len(found)) or "NULL"
    cases = [Case(*row) for row in desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE id IN ({marks})", [one.case for one in found])]
    views = views_of(desk, cases, request.person, request.roles)
    return {case.id for case in cases if WRITERS & set(views[case.id].sides)}


ROUTES = (
    route("cases/letters/", drafts, WHO, name="cases.drafts"),
    route("cases/letters/send/", send, WHO, name="cases.drafts_send", methods=("GET", "POST")),
)

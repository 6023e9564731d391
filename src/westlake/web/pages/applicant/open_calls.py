"""Calls that are open, was or will be: what they are about, until when exactly, and for whom."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from westlake.dates import MICROS_PER_DAY
from westlake.desk.applying.drafting import save_answers
from westlake.desk.applying.personal import applies_as, is_personal
from westlake.desk.applying.speaking import speaks_for
from westlake.desk.calls import Call, calls
from westlake.desk.cases import COLUMNS, Case, open_application
from westlake.desk.desk import Offered
from westlake.desk.panel.method import shown_method
from westlake.desk.people import Held
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.reports.calendar import Deadline, write_calendar
from westlake.web.guards import Anyone, Roles, holds, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.applicant import kept_answers
from westlake.web.pages.applicant.contact import contact_of
from westlake.web.pages.applicant.preview import conditions
from westlake.web.pages.applicant.questions import parts_of
from westlake.web.paging import page_of
from westlake.web.shown_calls import shown_to
from westlake.web.templatetags.westlake import instant
from westlake.web.visit import Visit
from westlake.words import fill, say

STATES = ("open", "announced", "closed")
HOUR_US = 3_600_000_000
seen_call = shown_to(announced=True)  # what is only planned is not there


def find(request: Visit) -> HttpResponse:
    """Every announced call, open ones first and of these the next to close; found by its words or its programme."""
    lang, now = request.lang, request.office.now()
    wanted, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    found = [call for call in calls(request.office.desk) if call.announced]
    found = [call for call in found if state in ("", call.state(now)) and _speaks_of(request, call, wanted)]
    found.sort(key=lambda call: (STATES.index(call.state(now)),
                                 -call.closes_at if call.state(now) == "closed" else call.closes_at))
    page = page_of(request, len(found), 20)
    columns = [Column(say(f"web.find.{name}", lang), num=name == "budget")
               for name in ("call", "state", "closes", "budget")]
    rows = [[Cell(call.text("title", lang), f"/find/{call.id}/",
                  hint=f"{call.code} · {programme_title(request, call.programme)}"),
             Cell(say(f"web.state.{call.state(now)}", lang), tag=call.state(now)),
             Cell(instant(call.closes_at), hint=left(call, now, lang)),
             budget_of(call)] for call in found[page.offset:page.offset + page.size]]
    filters = [{"name": "q", "label": say("web.find.words", lang), "value": wanted},
               {"name": "state", "label": say("web.find.state", lang), "value": state,
                "choices": [("", say("web.find.all", lang)),
                            *((one, say(f"web.state.{one}", lang)) for one in STATES)]}]
    return render(request, "find/all.html", {
        "table": table(say("web.nav.find", lang), columns, rows), "page": page, "filters": filters,
        "empty": say("web.find.none", lang), "empty_way": say("web.find.none_way", lang)})


def open_now(request: Visit) -> list[dict[str, object]]:
    """The calls that take applications now, the next to close first."""
    lang, now = request.lang, request.office.now()
    found = sorted((call for call in calls(request.office.desk) if call.announced and call.state(now) == "open"),
                   key=lambda call: call.closes_at)
    return [{"id": call.id, "title": call.text("title", lang), "programme": programme_title(request, call.programme),
             "closes_at": call.closes_at, "left": left(call, now, lang)} for call in found]


def show(request: Visit, call: Call) -> HttpResponse:
    """One call: dates to the minute, for whom, what will be asked, and the ways on."""
    lang, now, office = request.lang, request.office.now(), request.office
    offered = offered_of(request, call)
    facts = [(say("web.find.opens", lang), instant(call.opens_at)),
             (say("web.find.closes", lang), instant(call.closes_at)),
             (say("web.find.corrects", lang), instant(call.corrects_until))]
    facts += [(say("web.find.budget", lang), budget_of(call))] if call.number("budget") else []
    asked = [(say(f"web.ask.group.{part.name}", lang),
              [fill(item.words, lang) for item in part.inputs])
             for part in parts_of(offered)] if offered else []
    if offered and offered.workflow.proposal:
        asked.append((say("web.ask.group.proposal", lang),
                      [fill(one.words, lang) for one in offered.workflow.proposal]))
    return render(request, "find/show.html", {
        "call": call, "title": call.text("title", lang), "summary": call.text("summary", lang),
        "state": call.state(now),
        "left": left(call, now, lang), "facts": facts, "asked": asked, "offered": offered,
        "method": shown_method(office.desk, call, lang),
        "programme_title": programme_title(request, call.programme),
        "about": offered.programme.words.summary if offered else None,
        "conditions": conditions(offered, office.desk.today(), lang) if offered else [],
        "zone": office.settings.zone, "contact": contact_of(request, call),
        "may_apply": call.state(now) == "open" and offered is not None and applies(request)})


def applies(request: Visit) -> bool:
    """Whether somebody may be offered to apply: an applicant, or whoever has not logged in yet."""
    return request.person is None or holds(request, "applicant")


def calendar(request: Visit, call: Call) -> HttpResponse:
    """The call's last moment as a calendar file."""
    lang = request.lang
    title = call.text("title", lang)
    one = Deadline(f"call-{call.id}", "call_closes", title, instant=call.closes_at,
                   url=request.build_absolute_uri(f"/find/{call.id}/"), changed=call.seq - 1)
    answer = HttpResponse(write_calendar([one], title, request.get_host().split(":")[0], request.office.now(), lang),
                          "text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="call-{call.id}.ics"'
    return answer


def apply(request: Visit, call: Call) -> HttpResponse:
    """Begin an application for the firm that one speaks for, or for oneself; the answers of the check come along."""
    person, office = request.person, request.office
    number = applies_as(office.desk, person, call)
    if not number:
        return redirect(f"/firm/register/?next=/find/{call.id}/apply/")
    written = kept_answers.answers_of(request, call)
    if request.method == "POST":
        case = open_application(office.desk, person, call, number)
        held = Held("applicant", "*", number)
        response = redirect("applications.write", case.id)
        if written:
            save_answers(office.desk, case, person, held, written)
            kept_answers.keep(request, response, call, {})
        return response
    return render(request, "find/apply.html", {
        "call": call, "title": call.text("title", request.lang), "state": call.state(office.now()),
        "left": left(call, office.now(), request.lang), "carried": sum(bool(text.strip()) for text in written.values()),
        "drafts": _drafts(request, call, number), "number": "" if is_personal(number) else number})


def _drafts(request: Visit, call: Call, number: str) -> list[Case]:
    """What was begun already: all of the firm's, for whom the office knows to speak for it; else one's own."""
    all_seen = speaks_for(request.office.desk, request.person, number)
    rows = request.office.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE call = ? AND kind = 'application' AND firm = ? AND seq = 0"
        " ORDER BY id DESC", (call.id, number))
    return [case for case in (Case(*row) for row in rows) if all_seen or case.applicant == request.person.id]


def offered_of(request: Visit, call: Call) -> Offered | None:
    """The call's programme as it is worked here; nothing when its files are at fault."""
    try:
        return request.office.desk.offered(call.programme)
    except WestlakeError:
        return None


def programme_title(request: Visit, name: str) -> str:
    """What a programme is called in the page's language."""
    programme = request.office.programmes.get(name)
    return fill(programme.words.title, request.lang) if programme else name


def budget_of(call: Call) -> str:
    """A call's budget as people read it; nothing where none is set."""
    return format_money(call.number("budget"), call.currency, sign=True) if call.number("budget") else ""


def left(call: Call, now: int, lang: str) -> str:
    """How long until a call closes, or opens: in days while there are two or more, then hours, then minutes."""
    state = call.state(now)
    if state == "closed":
        return ""
    rest = (call.opens_at if state == "announced" else call.closes_at) - now
    name, size = next(((name, size) for name, size,
                       least in (("days", MICROS_PER_DAY, 2 * MICROS_PER_DAY), ("hours", HOUR_US, 2 * HOUR_US))
                       if rest >= least), ("minutes", 60_000_000))
    return say(f"web.find.{'until' if state == 'announced' else 'left'}_{name}", lang, number=rest // size)


def _speaks_of(request: Visit, call: Call, wanted: str) -> bool:
    words = " ".join((call.code,
                      *(call.text(name, lang) for name in ("title", "summary") for lang in ("en", "ko", "zh")),
                      programme_title(request, call.programme))).lower()
    return all(word in words for word in wanted.lower().split())


ROUTES = (
    route("find/", find, Anyone(), name="find"),
    route("find/<int:call>/", show, Anyone(), name="find.show", object=seen_call),
    route("find/<int:call>/deadline.ics", calendar, Anyone(), name="find.calendar", object=seen_call),
    route("find/<int:call>/apply/", apply, Roles("applicant"), name="find.apply", methods=("GET", "POST"),
          object=seen_call),
)

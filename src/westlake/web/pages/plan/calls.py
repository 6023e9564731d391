"""Calls as officers make them: written down, announced, changed with a reason, followed to the last award."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from westlake.desk import calls as desk_calls
from westlake.desk import listing
from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.listing import Wanted
from westlake.desk.looking import looking
from westlake.desk.panel.method import method, shown_method
from westlake.desk.panel.quota_fields import on_offer
from westlake.desk.people import people_of
from westlake.desk.workflow import APPLICATION, TERMS
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.reports.calendar import Deadline, write_calendar
from westlake.web.guards import Roles, holds, route
from westlake.web.pages.cases.cases import lines
from westlake.web.pages.plan import call_form
from westlake.web.pages.plan.call_form import CallForm
from westlake.web.shown_calls import shown_to
from westlake.words import fill, say

WHO = Roles("officer", "approver", "payer", "auditor", "chair", "economist", "admin")
_MAKE = Roles("officer")
CASES = ("officer", "approver", "payer", "auditor", "chair")  # who is shown single cases
INSIDE = (*CASES, "economist", "admin")
BEFORE_AWARD = ("submitted", "supplement", "eligible", "panel", "selected", "reserve", "recommended", "confirmed")
QUEUE = 8  # cases shown on the call's page
seen_call = shown_to(*INSIDE)


@dataclass(frozen=True)
class Part:
    """One state in the bar. left, share: in thousandths of the bar; colour: k1 … k6."""

    label: str
    state: str
    count: int
    left: int
    share: int
    colour: str


@dataclass(frozen=True)
class Summary:
    """A call with its cases counted. awarded: minor units."""

    call: Call
    state: str
    title: str
    programme: str
    count: int
    waiting: int
    awarded: int
    states: dict[str, int]


def calls(request: HttpRequest) -> HttpResponse:
    """All calls of the person's programmes, the last to close first."""
    desk, lang = looking(request.office.desk), request.lang
    own = [call for call in desk_calls.calls(desk) if holds(request, *INSIDE, programme=call.programme)]
    found = summaries(desk, own, lang)
    return render(request, "calls/all.html", {"found": found, "can_make": holds(request, "officer")})


def summaries(desk: Desk, own: list[Call], lang: str) -> list[Summary]:
    """Calls with their cases counted by state, in one question."""
    counted: dict[int, dict[str, int]] = {}
    awarded: dict[int, int] = {}
    for call, state, count, amount in desk.connection.execute(
            "SELECT call, state, count(*), sum(amount) FROM desk_case WHERE kind = ? AND call IS NOT NULL"
            " AND (submitted_at IS NOT NULL OR state <> 'draft') GROUP BY call, state", (APPLICATION,)):
        counted.setdefault(call, {})[state] = count
        if state not in (*BEFORE_AWARD, "withdrawn", "refused", "not_selected", "terminated"):
            awarded[call] = awarded.get(call, 0) + (amount or 0)
    at = desk.now()
    return [Summary(call, call.state(at), call.text("title", lang), _title(desk, call, lang),
                    sum(counted.get(call.id, {}).values()),
                    sum(number for state, number in counted.get(call.id, {}).items() if state in BEFORE_AWARD),
                    awarded.get(call.id, 0), counted.get(call.id, {})) for call in own]


def _title(desk: Desk, call: Call, lang: str) -> str:
    title = desk.offered(call.programme).programme.words.title
    return fill(title, lang)


def show(request: HttpRequest, call: Call) -> HttpResponse:
    """A call: figures, states as a bar, what waits, its terms in words, every change with its reason."""
    desk, lang = looking(request.office.desk), request.lang
    summary = summaries(desk, [call], lang)[0]
    own = listing.sight(desk, request.person, request.roles)
    wanted = Wanted(call=str(call.id), state=listing.WAITS)  # of every kind: its milestones wait, too
    places = listing.waiting_places([desk.offered(call.programme)], request.roles)
    waits = listing.condition(desk, wanted, own, places)
    queue = listing.find_rows(desk, waits, own, "waiting", QUEUE)
    waiting = sum(listing.count_states(desk, waits).values())
    budget = call.number("budget")
    facts = [(say("web.calls.applications", lang), f"{summary.count:,}"),
             (say("web.calls.in_review", lang), f"{summary.waiting:,}"),
             (say("web.calls.awarded", lang), format_money(summary.awarded, call.currency, sign=True)),
             (say("web.calls.left", lang), format_money(budget - summary.awarded, call.currency, sign=True))]
    return render(request, "calls/show.html", {
        "call": call, "summary": summary, "facts": facts, "bar": _bar(desk, call, summary.states, lang),
        "queue": list(lines(desk, queue, lang)), "waiting": waiting, "proof": _proof(call, lang),
        "method": shown_method(desk, call, lang), "terms": _terms(call, lang),
        "phases": call.terms.get("phases") or [], "history": _history(desk, call),
        "makes": holds(request, "officer", programme=call.programme),
        "works": holds(request, *CASES, programme=call.programme), "text": call.text("summary", lang)})


def _proof(call: Call, lang: str) -> str:
    found = call_form.detectable(call.terms)
    return found.sentence(lang) if found else ""


def _bar(desk: Desk, call: Call, states: dict[str, int], lang: str) -> list[Part]:
    workflow = desk.offered(call.programme).workflow
    whole, left, found = sum(states.values()) or 1, 0, []
    order = workflow.kinds[APPLICATION].states
    for place, state in enumerate(sorted(states, key=lambda one: order.index(one) if one in order else 99)):
        share = states[state] * 1000 // whole
        found.append(Part(workflow.word("state", state, lang), state, states[state], left, max(share, 4),
                          f"k{place % 6 + 1}"))
        left += share
    return found


def _terms(call: Call, lang: str) -> list[tuple[str, object]]:
    """The budget and the call's numbers; how it chooses is told in sentences beside."""
    return [(say("web.calls.budget", lang), format_money(call.number("budget"), call.currency, sign=True)),
            *((say(f"web.calls.terms.{name}", lang), f"{call.number(name):,}") for name in TERMS if name in call.terms)]


def _history(desk: Desk, call: Call) -> list[dict[str, object]]:
    rows = desk_calls.call_history(desk, call.id)
    people = people_of(desk.connection, {row[6] for row in rows})
    names = ("seq", "announced", "opens_at", "closes_at", "at", "reason")
    return [{**dict(zip(names, row, strict=False)), "who": people[row[6]].name} for row in reversed(rows)]


def make(request: HttpRequest) -> HttpResponse:
    """Write down a new call; nobody outside sees it before it is announced."""
    lang = request.lang
    offered = [(one.programme.name, fill(one.programme.words.title, lang))
               for one in request.office.offered if holds(request, "officer", programme=one.programme.name)]
    if not offered:
        return render(request, "calls/none.html")
    desk, names = request.office.desk, [name for name, _ in offered]
    asked = request.GET.get("programme", "")
    first = asked if asked in names else names[0]
    form = CallForm(request.POST or None, lang=lang, offered=offered,
                    initial=call_form.initial_of(request, None, first))
    told = None if request.method == "POST" else shown_method(desk, call_form.plain_call(desk, first), lang)
    if request.method == "POST" and form.is_valid():
        try:
            found = call_form.read_call(desk, form.cleaned_data)
            told = method(desk, found, lang)
            if "look" not in request.POST:
                call = desk_calls.plan_call(desk, request.person, found.programme, found.code, found.year,
                                            found.opens_at, found.closes_at, found.terms)
                messages.success(request, say("web.calls.made", lang))
                return redirect("calls.show", call.id)
        except WestlakeError as error:
            _told(form, error)
    return _form(request, form, told)


def change(request: HttpRequest, call: Call) -> HttpResponse:
    """Change a call's days and terms; once it is announced, with a reason that everybody sees."""
    desk, lang = request.office.desk, request.lang
    looks = "look" in request.POST
    form = CallForm(request.POST or None, lang=lang, offered=[], call=call, looks=looks,
                    initial=call_form.initial_of(request, call, call.programme))
    told = None if request.method == "POST" else shown_method(desk, call, lang)
    if request.method == "POST" and form.is_valid():
        try:
            found = call_form.read_call(desk, form.cleaned_data, call)
            told = method(desk, found, lang)
            if not looks:
                desk_calls.change_call(desk, call, request.person, form.cleaned_data["reason"],
                                       opens_at=found.opens_at, closes_at=found.closes_at, terms=found.terms)
                messages.success(request, say("web.calls.changed", lang))
                return redirect("calls.show", call.id)
        except WestlakeError as error:
            _told(form, error)
    return _form(request, form, told, call)


def _form(request: HttpRequest, form: CallForm, told: list[str] | None, call: Call | None = None) -> HttpResponse:
    """The form with what it says of the choice; told: None where that cannot be said as it stands."""
    known = [call.programme] if call else [name for name, _ in form.fields["programme"].choices]
    programme = form["programme"].value() if call is None and form["programme"].value() in known else known[0]
    form.fields["quotas"].help_text = say("web.calls.quotas_hint", request.lang,
                                          fields=on_offer(request.office.desk, programme))
    return render(request, "calls/form.html", {"form": form, "call": call, "method": told},
                  status=422 if form.errors else 200)


def _told(form: CallForm, error: WestlakeError) -> None:
    """At the form's own field where the desk calls it otherwise."""
    names = {"opens_at": "opens", "closes_at": "closes", "title": "title_en"}
    form.take(WestlakeError([type(one)(one.code, Place(field=names.get(one.place.field, one.place.field)), one.values)
                             for one in error.problems]))


def announce(request: HttpRequest, call: Call) -> HttpResponse:
    """Ask, with what its design can show, then make the call known."""
    lang = request.lang
    if request.method == "POST":
        desk_calls.change_call(request.office.desk, call, request.person, say("web.calls.announced_reason", lang),
                               announced=True)
        messages.success(request, say("web.calls.announced", lang))
        return redirect("calls.show", call.id)
    # templates' own words, once Django is set up
    from westlake.web.templatetags.westlake import instant  # noqa: PLC0415
    proof = _proof(call, lang) or say("web.calls.no_proof", lang)
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.calls.announce", lang), "says": say("web.calls.announce_says", lang),
        "facts": [(say("web.calls.code", lang), call.code), (say("web.calls.opens", lang), instant(call.opens_at)),
                  (say("web.calls.closes", lang), instant(call.closes_at)),
                  (say("web.calls.budget", lang), format_money(call.number("budget"), call.currency, sign=True)),
                  (say("web.calls.part_proof", lang), proof)],
        "button": say("web.calls.announce", lang), "back": f"/calls/{call.id}/"})


def calendar(request: HttpRequest, call: Call) -> HttpResponse:
    """The call's deadline as a calendar file."""
    lang = request.lang
    deadline = Deadline(f"call-{call.id}", "call_closes", call.text("title", lang), instant=call.closes_at,
                        description=call.text("summary", lang), changed=call.seq - 1)
    content = write_calendar([deadline], call.text("title", lang), request.get_host(),
                             request.office.now(), lang)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8",
                        headers={"Content-Disposition": content_disposition_header(True, f"{call.code}.ics")})


def own_call(request: HttpRequest, call: int) -> Call:
    """A call of a programme for which the person is an officer."""
    found = seen_call(request, call)
    if not holds(request, "officer", programme=found.programme):
        raise Http404
    return found


ROUTES = (
    route("calls/", calls, WHO, name="calls"),
    route("calls/new/", make, _MAKE, name="calls.new", methods=("GET", "POST")),
    route("calls/<int:call>/", show, WHO, name="calls.show", object=seen_call),
    route("calls/<int:call>/change/", change, _MAKE, name="calls.change", methods=("GET", "POST"), object=own_call),
    route("calls/<int:call>/announce/", announce, _MAKE, name="calls.announce", methods=("GET", "POST"),
          object=own_call),
    route("calls/<int:call>/deadline.ics", calendar, WHO, name="calls.ics", object=seen_call),
)

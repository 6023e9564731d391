"""Reviews: what a reviewer has to read, and, call by call, who reviews what, how far it is and what bars it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render

from westlake.desk import calls as desk_calls
from westlake.desk.calls import Call
from westlake.desk.cases import OF_C, Case, cases_among
from westlake.desk.desk import Desk
from westlake.desk.looking import looking
from westlake.desk.panel import reviewing
from westlake.desk.panel.conflicts import Conflict, conflict_sentence
from westlake.desk.panel.interests import conflicts_of
from westlake.desk.panel.review_progress import (
    Progress,
    counted_cases,
    is_whole,
    pairs_of,
    panel_seen,
    progress_of,
    progress_of_calls,
    work_of_reviewers,
)
from westlake.desk.panel.reviewing import Invitation
from westlake.desk.people import Person, people_of
from westlake.desk.seeing import View, seen_cases_sql, shown_cases, views_of
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError
from westlake.register import Register
from westlake.register.facts import Fact
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.panel.reviewing import duties
from westlake.web.paging import page_of
from westlake.web.shown_calls import shown_to
from westlake.web.visit import Visit
from westlake.words import say

WHO = Roles("reviewer", "chair", "officer", "auditor")
OFFICE = Roles("chair", "officer", "auditor")
ACTS = Roles("chair", "officer")
INSIDE = ("officer", "chair", "auditor")
seen_call = shown_to(*INSIDE)
COUNTED = ("assigned", "started", "submitted", "abstained", "recused", "late")


@dataclass(frozen=True)
class Panel:
    """A call as one person is shown it. cases: by id, names left out where hidden; pairs: (case, reviewer, state,
    instant of the assignment) of cases whose progress is shown; whole: no case of the call is kept from them."""

    call: Call
    cases: Mapping[int, Case]
    views: Mapping[int, View]
    pairs: list[tuple[int, int, str, int]]
    whole: bool

    def named(self, case: int) -> bool:
        """Whether this person may know who reviews a case."""
        return case in self.cases and self.views[case].reviewers_shown

    def submitted(self, case: int) -> int:
        """Reviews of a case that are in."""
        return sum(one == case and state == "submitted" for one, _, state, _ in self.pairs)


def panel_of(request: Visit, desk: Desk, call: Call) -> Panel:
    """What this person may see of a call's applications and of who reviews them."""
    condition, values = seen_cases_sql(desk, request.person, request.roles)
    told = " FROM desk_case c WHERE c.call = ? AND c.kind = ? AND c.submitted_at IS NOT NULL"
    rows = desk.connection.execute(f"SELECT {OF_C}{told} AND {condition} ORDER BY c.number",
                                   (call.id, APPLICATION, *values)).fetchall()
    count = desk.connection.execute(f"SELECT count(*){told}", (call.id, APPLICATION)).fetchone()[0]
    found = [Case(*row) for row in rows]
    views = views_of(desk, found, request.person, request.roles)
    return Panel(call, shown_cases(desk, found, views), views,
                 [pair for pair in reviewing.assignments(desk, call)
                  if pair[0] in views and views[pair[0]].progress_shown], count == len(found))


def may_name(request: Visit, call: Call) -> bool:
    """Whether this person may know who is on a call's panel now: a chair not while a phase hides it."""
    return holds(request, "officer", "auditor", programme=call.programme) or (
        holds(request, "chair", programme=call.programme) and not call.hides("reviewers", request.office.now()))


def may_score(request: Visit, call: Call) -> bool:
    """Whether this person may know scores of a call now."""
    return holds(request, "auditor", programme=call.programme) or not call.hides("scores", request.office.now())


def tabs(request: Visit, call: Call) -> list[tuple[str, str, bool]]:
    """The pages of a call: label, address, whether it is this one."""
    own = f"/reviews/calls/{call.id}/"
    below = {"invite/": "", "reviewers/": "", "cases/": "progress/"}  # pages that belong to another's tab
    rest = request.path.removeprefix(own) if request.path.startswith(own) else "selection/"
    here = next((path for start, path in below.items() if rest.startswith(start)), rest)
    return [(say(f"web.reviews.tab.{name}", request.lang), own + path, path == here)
            for name, path in (("panel", ""), ("progress", "progress/"), ("conflicts", "conflicts/"),
                               ("assignment", "assignment/"), ("ranking", "ranking/"), ("selection", "selection/"),
                               ("standing", "standing/"), ("notices", "notices/"))
            if name != "assignment" or leads(request, call)]


def leads(request: Visit, call: Call) -> bool:
    """Whether this person may change a call's panel: its officer, or its chair unless a phase hides who reviews."""
    return holds(request, "officer", "chair", programme=call.programme) and may_name(request, call)


def about(request: Visit, call: Call) -> dict[str, object]:
    """What every page of a call shows on top."""
    return {"call": call, "title": call.text("title", request.lang), "tabs": tabs(request, call),
            "acts": leads(request, call),
            "chairs": holds(request, "chair", programme=call.programme)}


def reviews(request: Visit) -> HttpResponse:
    """One's own work list, and the calls of one's programmes."""
    desk = looking(request.office.desk)
    own = [call for call in desk_calls.calls(desk) if holds(request, *INSIDE, programme=call.programme)
           and _is_reviewed(desk, call)]
    page = page_of(request, len(own), 20)
    shown = own[page.offset:page.offset + page.size]
    counted = progress_of_calls(desk, shown, panel_seen(desk, request.person, request.roles)) if shown else {}
    invited = reviewing.invited_to(desk, shown)
    rows = [_call_row(request, call, counted[call.id], invited[call.id]) for call in shown]
    columns = [Column(say(f"web.reviews.call.{name}", request.lang), num=name != "call")
               for name in ("call", "accepted", "asked", "reviews", "late")]
    found = {"office": bool(own), "page": page, "calls": table(say("web.reviews.calls", request.lang), columns, rows)}
    found["declares"] = holds(request, "chair", "officer")
    if holds(request, "reviewer"):
        found |= duties(request, desk)
    return render(request, "reviews/all.html", found)


def _is_reviewed(desk: Desk, call: Call) -> bool:
    try:
        return bool(desk.offered(call.programme).workflow.criteria)
    except WestlakeError:  # its programme cannot be read now: nothing can be reviewed under it
        return False


def _call_row(request: Visit, call: Call, told: Progress, states: Mapping[str, int]) -> list[Cell | object]:
    named = may_name(request, call)
    return [Cell(call.text("title", request.lang), f"/reviews/calls/{call.id}/", hint=call.code),
            states.get("accepted", 0) if named else "–", states.get("invited", 0) if named else "–",
            f"{told.done:,} / {told.needed:,}", told.late]


def panel_page(request: Visit, call: Call) -> HttpResponse:
    """Who reviews a call, what they agreed to and what they have done."""
    desk, lang = looking(request.office.desk), request.lang
    found = about(request, call)
    if not may_name(request, call):
        return render(request, "reviews/panel.html", found | {"hidden": True})
    panel = panel_seen(desk, request.person, request.roles)
    invited = reviewing.invitations(desk, call)
    people = people_of(desk.connection, {one.reviewer for one in invited})
    invited.sort(key=lambda one: (one.state != "accepted", people[one.reviewer].name, one.reviewer))
    page = page_of(request, len(invited))
    shown = invited[page.offset:page.offset + page.size]
    counts = work_of_reviewers(desk, call, panel, [one.reviewer for one in shown])
    told = progress_of_calls(desk, [call], panel)[call.id]
    states = Counter(one.state for one in invited)
    facts = [(say(f"web.reviews.call.{name}", lang), f"{states[state]:,}")
             for name, state in (("accepted", "accepted"), ("asked", "invited"), ("declined", "declined"))]
    facts.append((say("web.reviews.call.reviews", lang), f"{told.done:,} / {told.needed:,}"))
    columns = {name: say(f"web.reviews.work.{name}", lang) for name in COUNTED}
    return render(request, "reviews/panel.html", found | {
        "facts": facts, "page": page, "whole": is_whole(desk, call, panel), "columns": columns.values(),
        "rows": [(one, people[one.reviewer],
                  [(label, counts.get((one.reviewer, name), 0)) for name, label in columns.items()])
                 for one in shown]})


def progress(request: Visit, call: Call) -> HttpResponse:
    """How far the reviews of each case are, those that lack most first."""
    desk = looking(request.office.desk)
    panel = panel_seen(desk, request.person, request.roles)
    cases = counted_cases(desk, call, panel)
    told, page = progress_of(call, cases), page_of(request, len(cases))
    shown = cases[page.offset:page.offset + page.size]
    pairs = pairs_of(desk, call, shown)
    titles = _titles(request, desk, [one.id for one in shown])
    people = people_of(desk.connection, {who for held in pairs.values() for who, _, _ in held})
    names, workflow = distinct_names(people), desk.offered(call.programme).workflow
    return render(request, "reviews/progress.html", about(request, call) | {
        "page": page, "done": told.done, "most": told.needed, "needed": call.number("reviews_per_case"),
        "rows": [(one, titles[one.id], workflow.word("state", one.state, request.lang), one.done,
                  [(names[who], state, late) for who, state, late in pairs[one.id]] if one.named else None)
                 for one in shown]})


def _titles(request: Visit, desk: Desk, numbers: Collection[int]) -> dict[int, str]:
    """The titles of a page of cases as this person is shown them."""
    found = list(cases_among(desk, numbers).values())
    views = views_of(desk, found, request.person, request.roles)
    return {number: one.title for number, one in shown_cases(desk, found, views).items()}


def distinct_names(people: Mapping[int, Person]) -> dict[int, str]:
    """People by name; of namesakes, with where they belong."""
    count = Counter(one.name for one in people.values())
    return {number: one.name if count[one.name] == 1 else f"{one.name} ({one.organisation or one.email})"
            for number, one in people.items()}


def conflicts(request: Visit, call: Call) -> HttpResponse:
    """Who must not judge which case, and why; nothing of what a phase hides."""
    desk, lang = looking(request.office.desk), request.lang
    live = {one.reviewer for one in reviewing.invitations(desk, call) if one.state in ("invited", "accepted")}
    known = {pair: reasons for pair, reasons in conflicts_of(desk, call).items() if pair[0] in live}
    cases = {number: case for number, case in cases_among(desk, {case for _, case in known}).items()
             if case.submitted_at is not None}
    views = views_of(desk, list(cases.values()), request.person, request.roles)
    found = [(who, case, one) for (who, case), reasons in known.items() for one in reasons
             if case in cases and views[case].reviewers_shown and views[case].applicant_shown]
    page = page_of(request, len(found))
    shown = found[page.offset:page.offset + page.size]
    people = people_of(desk.connection, {who for who, _, _ in shown})
    firms = Register(desk.connection).of({one.detail for _, _, one in shown if one.kind == "related_firm"},
                                         desk.today())
    rows = [[Cell(people[who].name, hint=people[who].organisation),
             Cell(cases[case].number, f"/cases/{case}/", hint=cases[case].title),
             say(f"web.reviews.kind.{one.kind}", lang), _why(one, people[who], cases[case], firms, lang)]
            for who, case, one in shown]
    columns = [Column(say(f"web.reviews.conflict.{name}", lang)) for name in ("reviewer", "case", "kind", "why")]
    return render(request, "reviews/conflicts.html", about(request, call) | {
        "page": page, "hidden": not may_name(request, call) or _applicant_hidden(request, call) or any(
            view.seen and not view.applicant_shown for view in views.values()),
        "table": table(say("web.reviews.tab.conflicts", lang), columns, rows)})


def _applicant_hidden(request: Visit, call: Call) -> bool:
    """Whether a phase keeps the applicants of a call from this person now."""
    return (call.hides("applicant", request.office.now())
            and not holds(request, "officer", "auditor", programme=call.programme))


def _why(one: Conflict, person: Person, case: Case, firms: Mapping[str, Mapping[str, Fact]],
         lang: str) -> str:
    """The reason in words: people, cases and firms by their names, not by their keys."""
    detail = {"declared_by_reviewer": person.name, "declared_by_case": case.number}.get(one.kind, one.detail)
    if one.kind == "related_firm" and "name" in firms.get(one.detail, {}):
        detail = firms[one.detail]["name"].value
    return conflict_sentence(Conflict(one.kind, detail), lang)


def led_call(request: Visit, call: int) -> Call:
    """A call whose panel this person may change; 404 for any other."""
    found = seen_call(request, call)
    if not leads(request, found):
        raise Http404
    return found


def invited_reviewer(request: Visit, call: int, reviewer: int) -> tuple[Call, Invitation]:
    """Somebody on the panel of a call that this person may change."""
    found = led_call(request, call)
    one = next((one for one in reviewing.invitations(request.office.desk, found) if one.reviewer == reviewer), None)
    if one is None:
        raise Http404
    return found, one


ROUTES = (
    route("reviews/", reviews, WHO, name="reviews"),
    route("reviews/calls/<int:call>/", panel_page, OFFICE, name="reviews.call", object=seen_call),
    route("reviews/calls/<int:call>/progress/", progress, OFFICE, name="reviews.progress", object=seen_call),
    route("reviews/calls/<int:call>/conflicts/", conflicts, OFFICE, name="reviews.conflicts", object=seen_call),
)

"""One step for many cases: chosen in the list, shown beforehand with what would happen, then taken one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.desk import steps
from westlake.desk.cases import OF_C, Case
from westlake.desk.desk import Desk, Offered
from westlake.desk.looking import looking
from westlake.desk.paying.money_steps import would_earn
from westlake.desk.seeing import seen_cases_sql, shown_cases, views_of
from westlake.desk.steps import Possible
from westlake.desk.workflow import Step
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.web.guards import Roles, route
from westlake.web.pages.cases.case_steps import factor_at, read_said
from westlake.words import say

MOST = 200  # cases at once


@dataclass(frozen=True)
class Prospect:
    """What a step would do to a case, or did. ends: the state it comes to; why: what keeps it, in a sentence."""

    case: Case
    now: str
    ends: str
    why: str
    code: str = ""
    state: str = ""  # the same by its name, for its colour
    money: str = ""  # what becomes of what is held for it


def bulk(request: HttpRequest) -> HttpResponse:
    """GET: choose the step, see what would happen. POST: take it, each case in a transaction of its own."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(request, given.getlist("case"))
    name, desk = given.get("step", ""), request.office.desk
    if request.method == "POST":
        done = [_take(request, desk, case, name) for case in chosen]
        return render(request, "cases/bulk_done.html", {
            "rows": _told(request, desk, done), "good": sum(not one.why for one in done),
            "bad": sum(bool(one.why) for one in done),
            "step": _step_words(request, desk, chosen, name)})
    seen = looking(desk)
    ways = {case.id: steps.possible(seen, case, request.person, request.roles, factor_at(request))
            for case in chosen}
    offers = {one.step.name: one.step for found in ways.values() for one in found}
    rows = [_prospect(request, seen, case, ways[case.id], name) for case in chosen] if name in offers else []
    return render(request, "cases/bulk.html", {
        "chosen": chosen, "rows": _told(request, seen, rows), "step": name if name in offers else "",
        "offers": [(one, _step_words(request, seen, chosen, one)) for one in offers],
        "asks": list(asked(offers[name], desk.offered(chosen[0].programme), request.lang)) if name in offers else [],
        "able": sum(not one.why for one in rows)})


def _chosen(request: HttpRequest, numbers: list[str]) -> list[Case]:
    """The cases by number, of those that this person may see; the others are not there."""
    wanted = [int(text) for text in numbers if text.isdecimal() and len(text) < 12][:MOST]
    desk = looking(request.office.desk)
    part, values = seen_cases_sql(desk, request.person, request.roles)
    marks = ", ".join("?" * len(wanted)) or "NULL"
    return [Case(*row) for row in desk.connection.execute(
        f"SELECT {OF_C} FROM desk_case c WHERE c.id IN ({marks}) AND {part} ORDER BY c.number", (*wanted, *values))]


def _prospect(request: HttpRequest, desk: Desk, case: Case, ways: list[Possible], name: str) -> Prospect:
    lang = request.lang
    workflow = desk.offered(case.programme).workflow
    now = workflow.word("state", case.state, lang)
    way = next((one for one in ways if one.step.name == name), None)
    if way is None:
        problem = WestlakeError.one("W999", number=case.number, step=workflow.word("step", name, lang), state=now
                                    ).problems[0]
        return Prospect(case, now, "", problem.sentence(lang), problem.code)
    target = way.step.target(case.state)
    if way.problem is not None:
        return Prospect(case, now, "", way.problem.sentence(lang), way.problem.code)
    earning = would_earn(desk, case, way.step)
    money = say("web.case.would.line", lang, posted=format_money(earning.posted, case.currency, sign=True),
                freed=format_money(earning.freed, case.currency, sign=True)) if earning else ""
    return Prospect(case, now, workflow.word("state", target, lang), "", state=target, money=money)


def _told(request: HttpRequest, desk: Desk, rows: list[Prospect]) -> list[Prospect]:
    """The same with the titles that this person is shown."""
    cases = [one.case for one in rows]
    shown = shown_cases(desk, cases, views_of(desk, cases, request.person, request.roles)) if cases else {}
    return [replace(one, case=replace(one.case, title=shown[one.case.id].title)) for one in rows]


def _take(request: HttpRequest, desk: Desk, case: Case, name: str) -> Prospect:
    lang = request.lang
    workflow = desk.offered(case.programme).workflow
    now = workflow.word("state", case.state, lang)
    seq = request.POST.get(f"seq_{case.id}", "")
    try:
        row = workflow.kinds[case.kind].step(name, case.state)
        said = read_said(row, request.POST.dict(), case.currency) if row else {}
        if seq != str(case.seq):
            raise WestlakeError.one("W998", number=case.number)
        taken = steps.take(desk, case, name, request.person, request.roles, said, factor_at(request))
    except WestlakeError as error:
        return Prospect(case, now, "", error.problems[0].sentence(lang), error.problems[0].code)
    return Prospect(taken.case, now, workflow.word("state", taken.case.state, lang), "", state=taken.case.state)


def _step_words(request: HttpRequest, desk: Desk, chosen: list[Case], name: str) -> str:
    programme = next((case.programme for case in chosen), "")
    return desk.offered(programme).workflow.word("step", name, request.lang) if programme else name


def asked(step: Step, offered: Offered, lang: str) -> Iterator[Mapping[str, str]]:
    """The fields of what a step asks: name, label in words and kind of input; what becomes a fact is asked by the name
    of that fact."""
    facts = {use.given[1].removeprefix("said."): use.given[0] for use in step.effects if use.name == "find"}
    kinds = {"note": "area", "reason": "area", "amount": "amount", "day": "date", "days": "number"}
    for name in step.asks:
        label = offered.programme.in_words(facts[name], lang) if name in facts else say(f"web.case.ask.{name}", lang)
        yield {"name": name, "label": label, "kind": kinds.get(name, "text")}


ROUTES = (
    route("cases/bulk/", bulk, Roles("officer", "approver", "payer", "chair"), name="cases.bulk",
          methods=("GET", "POST")),
)

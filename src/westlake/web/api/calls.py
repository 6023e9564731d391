"""Calls and programmes, and the question whether one would be supported: decided by the same rules, and not kept."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from ninja import Router

from westlake.dates import instant_iso, iso, parse_day
from westlake.desk import calls as desk_calls
from westlake.desk.applying.deciding import Known, decide, first_failed, gather
from westlake.desk.applying.speaking import speaks_for
from westlake.desk.asking import Route
from westlake.desk.calls import Call
from westlake.desk.desk import Offered
from westlake.desk.seeing import OFFICE
from westlake.errors import Place, WestlakeError, nearest
from westlake.rules import Decision
from westlake.web.api import paging
from westlake.web.api.decision_schema import DecisionOut
from westlake.web.api.operations import operation
from westlake.web.api.schema import (
    After,
    CallOut,
    CallPage,
    CheckIn,
    Limit,
    Me,
    Named,
    Number,
    ProgrammeList,
    ProgrammeOut,
)
from westlake.web.api.tokens import Bearer, scopes_of
from westlake.web.guards import holds
from westlake.web.shown_calls import is_shown
from westlake.words import LANGUAGES

router = Router(tags=["calls"])
READS = Bearer("calls:read")
_OF_OFFICE = (*OFFICE, "auditor", "economist", "admin")


@operation(router, "GET", "/me", Bearer("calls:read cases:read cases:write money:read money:write public"), Me)
def show_me(request: HttpRequest) -> dict[str, object]:
    """Whose token this is. Its scopes, and the roles that its owner holds now: an operation needs both."""
    person, token = request.person, request.token
    return {"person": person.id, "name": person.name, "firm": person.firm, "scopes": sorted(scopes_of(request)),
            "roles": [{"role": one.role, "programme": one.programme, "firm": one.firm}
                      for one in sorted(request.roles)],
            "ends_at": token.ends_at.isoformat() if token.ends_at else None}


@operation(router, "GET", "/calls", READS, CallPage)
def list_calls(request: HttpRequest, programme: str = "", state: str = "", limit: Limit = paging.SIZE,
               after: After = "") -> dict[str, object]:
    """List calls, newest first. Those that are not announced yet are for the office of their programme."""
    office = request.office
    mark, now = paging.mark_of(after, int), office.now()
    found = [one for one in sorted(desk_calls.calls(office.desk), key=lambda one: -one.id)
             if is_shown(request, one, *_OF_OFFICE, announced=True) and programme in ("", one.programme)
             and state in ("", one.state(now)) and (mark is None or one.id < int(mark))]
    items, further = paging.page(found, limit, lambda one: one.id)
    return {"items": [call_out(one, now) for one in items], "next": further}


@operation(router, "GET", "/calls/{call}", READS, CallOut)
def show_call(request: HttpRequest, call: Number) -> dict[str, object]:
    """Show a call under the terms that now hold."""
    return call_out(seen_call(request, call), request.office.now())


@operation(router, "GET", "/programmes", READS, ProgrammeList)
def list_programmes(request: HttpRequest) -> dict[str, object]:
    """List the programmes, each with the inputs that its rules ask for."""
    return {"items": [programme_out(one) for one in request.office.offered]}


@operation(router, "POST", "/programmes/{programme}/check", Bearer("calls:read public"), DecisionOut, looks=True)
def check_programme(request: HttpRequest, programme: Named, asked: CheckIn) -> dict[str, object]:
    """Decide a case on paper. Nothing is stored; facts that the register has of one's own firm count unless given."""
    desk = request.office.desk
    offered = desk.offered(programme)
    inputs = offered.programme.inputs
    for name in asked.inputs:
        if name not in inputs:
            raise WestlakeError.one("W995", Place(field=name), nearest(name, inputs), field=name)
    if asked.firm and not _speaks_for(request, asked.firm):
        raise Http404
    day = parse_day(asked.day) if asked.day else desk.today()
    given = {name: Known(name, text, "declared", "asked") for name, text in asked.inputs.items()}
    known = gather(desk, offered, asked.firm, {}, day, given, None, {})
    return decision_out(offered, decide(desk, offered, known, day), request.lang)


def seen_call(request: HttpRequest, number: int) -> Call:
    """A call that is announced, or of a programme on which this person works; W920 for any other."""
    found = desk_calls.find_call(request.office.desk, number)
    if not is_shown(request, found, *_OF_OFFICE, announced=True):
        raise WestlakeError.one("W920", what=f"call {number}")
    return found


def call_out(call: Call, now: int) -> dict[str, object]:
    """A call as the interface tells it."""
    return {"id": call.id, "code": call.code, "programme": call.programme, "year": call.year,
            "currency": call.currency, "state": call.state(now), "opens_at": instant_iso(call.opens_at),
            "closes_at": instant_iso(call.closes_at), "corrects_until": instant_iso(call.corrects_until),
            "budget": call.number("budget"), "version": call.digest, "seq": call.seq,
            **{name: {lang: call.text(name, lang) for lang in LANGUAGES} for name in ("title", "summary")}}


def programme_out(offered: Offered) -> ProgrammeOut:
    """A programme as the interface tells it."""
    programme, routes = offered.programme, offered.workflow.asked_when
    return ProgrammeOut.model_validate({
        "name": programme.name, "title": dict(programme.words.title), "currency": programme.currency,
        "version": programme.digest, "regime": programme.regime,
        "applicant": offered.workflow.applicant,
        "inputs": [{"name": one.name, "label": dict(one.words), "kind": one.kind.value, "origin": one.origin,
                    "low": one.low, "high": one.high, "decimals": one.decimals, "choices": list(one.choices),
                    "asked_when": _route_out(routes.get(one.name))}
                   for one in programme.inputs.values()],
        "proposal": [{"name": one.name, "label": dict(one.words), "most": one.most}
                     for one in offered.workflow.proposal]})


def _route_out(route: Route | None) -> dict[str, object] | None:
    return {"input": route.input, "choices": list(route.choices), "otherwise": route.otherwise} if route else None


def decision_out(offered: Offered, decision: Decision, lang: str) -> dict[str, object]:
    """A decision with its trace."""
    roles, values, programme = offered.terms.decides, decision.values, decision.programme
    eligible = bool(values[roles["eligible"]])
    reason = "" if eligible else first_failed(offered, decision)
    return {
        "programme": programme.name, "version": programme.digest, "regime": programme.regime,
        "day": iso(decision.day), "currency": programme.currency, "eligible": eligible,
        "claim": max(values[roles["claim"]], 0), "entitlement": max(values[roles["entitlement"]], 0),
        "reason": reason, "reason_says": programme.in_words(reason, lang) if reason else "",
        "steps": [{"name": step.name, "label": dict(step.label), "value": step.text, "shown": step.shown(lang),
                   "says": step.sentence(lang),
                   "rests_on": step.citation.sentence(lang) if step.citation else "",
                   "given": [{"name": one.name, "label": dict(one.label), "origin": one.origin, "value": one.text,
                              "shown": one.shown(lang)} for one in step.arguments]} for step in decision.steps]}


def _speaks_for(request: HttpRequest, firm: str) -> bool:
    """Whether the register's facts of a firm are this person's to see."""
    return speaks_for(request.office.desk, request.person, firm) or holds(request, "officer", "approver", "auditor")

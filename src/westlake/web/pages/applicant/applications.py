"""An applicant's own cases: what stands where, what is asked of them now, and every step that they may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from westlake.dates import parse_day
from westlake.desk import messages as words_with_us
from westlake.desk.acting import acting_for
from westlake.desk.applying.drafting import check_answers
from westlake.desk.applying.personal import is_personal
from westlake.desk.cases import DUE_STATES, OF_C, Case, answers, call_of, find_case, following, root_of
from westlake.desk.desk import Desk
from westlake.desk.panel.notices import OBJECTION
from westlake.desk.papers import take_out_all
from westlake.desk.paying import recovering
from westlake.desk.paying.agreement import agreement_of
from westlake.desk.people import OUTSIDE, Held, find_person
from westlake.desk.seeing import may_see, seen_among, seen_cases_sql
from westlake.desk.steps import Possible, possible, take
from westlake.desk.workflow import APPLICATION, Step
from westlake.errors import WestlakeError
from westlake.money import parse_money
from westlake.web import forms
from westlake.web.guards import Roles, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.applicant.open_calls import left
from westlake.web.pages.cases.case_parts import title_of
from westlake.web.pages.cases.case_steps import factor_at
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import day, instant
from westlake.web.visit import Visit
from westlake.words import catalogue, say

WHO = Roles("applicant", "co_applicant", "operator", "fund_manager", "guarantor")
SUBMITTING = ("submit", "supply", "resubmit")  # these have a page of their own, with everything to be read once more
DANGEROUS = ("withdraw", "decline")
NOTE_MAX = 4_000


class Said(forms.Form):
    """What a step asks of whoever takes it; the row of the table says which of these."""

    note = fields.CharField(label="web.apply.note", max_length=NOTE_MAX, widget=fields.Textarea(attrs={"rows": 5}))
    amount = fields.CharField(label="web.apply.amount", help_text="web.apply.amount_hint")
    day = fields.DateField(label="web.apply.day", widget=fields.DateInput(attrs={"type": "date"}))
    days = fields.IntegerField(label="web.apply.days", min_value=1, max_value=3650)
    evidence = fields.CharField(label="web.apply.evidence", max_length=500)
    reason = fields.CharField(label="web.apply.reason", max_length=NOTE_MAX, widget=fields.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, asks: tuple[str, ...] = (), currency: str = "CNY", **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency = currency
        for name in [name for name in self.fields if name not in asks]:
            del self.fields[name]

    def clean_amount(self) -> int:
        """Minor units."""
        try:
            return parse_money(self.cleaned_data["amount"], self.currency)
        except ValueError as error:
            raise fields.ValidationError(say("web.ask.wrong.unreadable.money", self.lang,
                                             text=self.data["amount"])) from error


def applications(request: Visit) -> HttpResponse:
    """My applications, and what I object to, the last moved first, each with the next thing to do."""
    lang, office = request.lang, request.office
    wanted = request.GET.get("q", "").strip()
    condition, values = seen_cases_sql(office.desk, request.person, outside(request))
    where = (f" FROM desk_case c WHERE {condition} AND c.kind IN (?, ?) AND"
             " (lower(c.number) LIKE ? OR lower(c.title) LIKE ?)")
    values = [*values, APPLICATION, OBJECTION, *([f"%{wanted.lower()}%"] * 2)]
    page = page_of(request, office.connection.execute(f"SELECT count(*){where}", values).fetchone()[0], 20)
    cases = [Case(*row) for row in office.connection.execute(
        f"SELECT {OF_C}{where} ORDER BY c.moved_at DESC, c.id DESC LIMIT ? OFFSET ?",
        [*values, page.size, page.offset])]
    take_out_all(office.desk, cases)
    followers = {case.id: following(office.desk, case) for case in cases}
    seen = seen_among(office.desk, [one for some in followers.values() for one in some], request.person,
                      outside(request))
    take_out_all(office.desk, seen)
    rows = []
    for case in cases:
        todo = next_thing(request, case, [one for one in seen if one.parent == case.id])
        rows.append([Cell(case.title or say("web.apply.untitled", lang), f"/applications/{case.id}/", hint=case.number),
                     Cell(state_word(office.desk, case, lang), tag=case.state),
                     Cell(todo[0], todo[1]) if todo else say("web.apply.nothing", lang), deadline(request, case)])
    heads = [Column(say(f"web.apply.{name}", lang)) for name in ("application", "state", "next", "until")]
    return render(request, "applications/all.html", {
        "table": table(say("web.nav.applications", lang), heads, rows), "page": page,
        "filters": [{"name": "q", "label": say("web.apply.search", lang), "value": wanted}] if page.count or wanted
                                                     else [],
        "empty": say("web.apply.none", lang), "empty_way": say("web.apply.none_way", lang), "empty_href": "/find/",
        "empty_link": say("web.nav.find", lang)})


def step(request: Visit, found: tuple[Case, Possible]) -> HttpResponse:
    """Ask for what a step needs and whether it is meant, then take it."""
    case, one = found
    lang, desk = request.lang, request.office.desk
    if one.step.name in SUBMITTING:
        return redirect("applications.submit", case.id)
    word = desk.offered(case.programme).workflow.word("step", one.step.name, lang)
    form = Said(request.POST or None, lang=lang, asks=one.step.asks, currency=case.currency)
    agreement = agreement_of(desk, case) if signs(one.step) and one.problem is None else None
    if request.method == "POST" and (not one.step.asks or form.is_valid()):
        try:
            taken(request, case, one, form.cleaned_data if one.step.asks else {})
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.apply.taken", lang, step=word))
            return redirect("applications.show", case.id)
    return render(request, "applications/step.html", {
        "case": case, "form": form, "word": word, "possible": one, "danger": one.step.name in DANGEROUS,
        "agreement": agreement and {"text": agreement.text[lang], "digest": agreement.digest},
        "says": says_of(one.step.name, lang, is_personal(case.firm)), "problem": one.problem and {
            "says": one.problem.sentence(lang), "way_out": one.problem.way_out(lang), "code": one.problem.code}},
        status=422 if form.errors else 200)


def note(request: Visit, case: Case) -> HttpResponse:
    """A word to the office about a case; it stands in the record, and can be erased from it as personal data."""
    words_with_us.ask(request.office.desk, case, request.person, request.POST.get("text", ""))
    messages.success(request, say("web.apply.noted", request.lang))
    return redirect("applications.show", case.id)


def taken(request: Visit, case: Case, one: Possible, said: Mapping[str, Any]) -> Case:
    """Take a step from the case as its page showed it."""
    seen = request.POST.get("seq", "")
    if seen.isdecimal() and int(seen) != case.seq:
        raise WestlakeError.one("W998", number=case.number)
    values = {name: parse_day(value.isoformat()) if name == "day" else value for name, value in said.items()}
    if signs(one.step):  # what was read is what is signed
        values["agreement"] = request.POST.get("agreement", "")
    return take(request.office.desk, case, one.step.name, request.person, outside(request), values,
                factor_at(request)).case


def signs(step: Step) -> bool:
    """Whether by this step an agreement is signed, which is read on its page first."""
    return any(use.name == "sign" for use in step.effects)


def next_thing(request: Visit, case: Case, followers: Sequence[Case]) -> tuple[str, str] | None:
    """What is asked of this person next about an application or what follows from it, as far as they may see it, and
    where; None if nothing."""
    desk, lang = request.office.desk, request.lang
    offered = desk.offered(case.programme)

    def named(one: Case, step: str) -> tuple[str, str]:
        word = offered.workflow.word("step", step, lang)
        return (word if one is case else f"{title_of(offered, one, lang) or one.number}: {word}",
                f"/applications/{one.id}/")

    for one in (case, *followers):
        if one.state == "draft" and not _ready(request, one):
            return say("web.apply.write_on", lang), f"/applications/{one.id}/write/"
        if one.kind == recovering.KIND and recovering.owed(desk, one) > 0:
            return say("web.apply.repay.title", lang), f"/applications/{one.id}/"
        ways = steps_for(request, one)
        for way in ways:
            if way.problem is None and way.step.name not in (*DANGEROUS, "resubmit", "appeal", "ask_amendment",
                                                             "ask_extension"):
                return named(one, way.step.name)
        if one.state == "planned" and ways:  # evidence is still to be uploaded
            return named(one, ways[0].step.name)
        if one.state in ("draft", "supplement") and ways:
            return say("web.apply.write_on", lang), (f"/applications/{one.id}/write/" if one is case
                                                     else f"/applications/{one.id}/")
    return None


def _ready(request: Visit, case: Case) -> bool:
    """Whether what is written can be read: then a draft waits only to be submitted."""
    written = answers(request.office.desk, case)
    return bool(written) and not check_answers(request.office.desk.offered(case.programme), written)


def deadline(request: Visit, case: Case) -> Cell:
    """Until when: a draft until its call closes, a supplement, an award to sign or a milestone until its day."""
    desk, lang = request.office.desk, request.lang
    call = call_of(desk, case)
    if case.state == "draft" and call is not None:
        return Cell(instant(call.closes_at), hint=left(call, desk.now(), lang) or say("web.state.closed", lang))
    due = [one.due for one in (case, *following(desk, case, "milestone"))
           if one.due is not None and one.state in DUE_STATES]
    return Cell(day(min(due))) if due else Cell("")


def steps_for(request: Visit, case: Case) -> list[Possible]:
    """The steps that this person may take, or could but for what the problem says."""
    return possible(request.office.desk, case, request.person, outside(request),
                    factor_at(request) if request.user.is_authenticated else 0)


def outside(request: Visit) -> list[Held]:
    """The roles of this person that speak for the applicant's side: the console's applicant rooms know no others."""
    return [held for held in request.roles if held.role in OUTSIDE]


def acts_for(request: Visit, case: Case) -> str:
    """The name of who acts for a case on the applicant's side."""
    desk = request.office.desk
    person = find_person(desk.connection, acting_for(desk, case))
    return person.name if person is not None else ""


def state_word(desk: Desk, case: Case, lang: str) -> str:
    """What people call the state that a case is in."""
    return desk.offered(case.programme).workflow.word("state", case.state, lang)


def says_of(name: str, lang: str, personal: bool) -> str:
    """What a step means for the applicant, in a sentence; a general one where none is written for it. personal: they
    apply in their own name."""
    keys = [f"web.apply.says.{name}_own"] * personal + [f"web.apply.says.{name}", "web.apply.says.other"]
    return say(next(key for key in keys if key in catalogue()), lang)


def seen_case(request: Visit, case: int) -> Case:
    """A case of one's own, or 404: somebody else's is not there."""
    with or_404():
        found = find_case(request.office.desk, case)
    if not may_see(request.office.desk, found, request.person, outside(request)):
        raise Http404
    return found


def seen_application(request: Visit, case: int) -> Case:
    """An application of one's own, or 404."""
    found = seen_case(request, case)
    if found.kind != APPLICATION:
        raise Http404
    return found


def seen_step(request: Visit, case: int, name: str) -> tuple[Case, Possible]:
    """A step that the table has for this person in this state, possible or not; else 404."""
    found = seen_case(request, case)
    for one in steps_for(request, found):
        if one.step.name == name:
            return found, one
    raise Http404


def crumbs(request: Visit, case: Case) -> list[tuple[str, str]]:
    """The way back from a case: the list, and the application that it follows from, if that is one's own."""
    found, desk = [("/applications/", say("web.nav.applications", request.lang))], request.office.desk
    root = root_of(desk, case)
    own = root.id != case.id and may_see(desk, root, request.person, outside(request))
    return [*found, (f"/applications/{root.id}/", root.number)] if own else found


ROUTES = (
    route("applications/", applications, WHO, name="applications"),
    route("applications/<int:case>/step/<slug:name>/", step, WHO, name="applications.step", methods=("GET", "POST"),
          object=seen_step),
    route("applications/<int:case>/note/", note, WHO, name="applications.note", methods=("POST",), object=seen_case),
)

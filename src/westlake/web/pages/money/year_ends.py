"""The end of a fiscal year: what would lapse and be carried over, looked at, asked for, and ended by another person."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.dates import Period, iso
from westlake.desk.paying import year_ending
from westlake.desk.paying.year_ending import ASKERS, ENDERS, Asked
from westlake.desk.people import EVERY
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.settlement.fiscal_year import YearEnd, fiscal_year, is_closed, year_end
from westlake.web.forms import Form
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import Section
from westlake.web.templatetags.westlake import instant

ASKS, ENDS = Roles(*ASKERS), Roles(*ENDERS, fresh=True)
LOOKS = room.WHO
CARRIED_MAX = 500  # cases listed; the record has all


class Ask(Form):
    """Why the year is to end now; and that it was looked at."""

    reason = forms.CharField(label="web.money.reason", help_text="web.money.year_end.reason_hint", max_length=1000,
                             widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput())


class End(Form):
    """That what was asked was looked at."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput())


def seen_year(request: HttpRequest, year: int) -> int:
    """A year that the books may have, for those who may see all programmes: it ends for all at once."""
    if room.programmes_of(request) is not None or year not in room.chosen_year(request)[1]:
        raise Http404
    return year


def asking_year(request: HttpRequest, year: int) -> int:
    """The same for who works or approves for all programmes."""
    return _answered_for(request, year, *ASKERS)


def ending_year(request: HttpRequest, year: int) -> int:
    """The same for who approves for all programmes: to read all, and to approve for one, ends nobody's year."""
    return _answered_for(request, year, *ENDERS)


def _answered_for(request: HttpRequest, year: int, *roles: str) -> int:
    if not holds(request, *roles, programme=EVERY):
        raise Http404
    return seen_year(request, year)


def look(request: HttpRequest, year: int) -> HttpResponse:
    """Budget by budget what would lapse and be carried over, and each case that is carried; nothing is written."""
    return _page(request, year)


def ask(request: HttpRequest, year: int) -> HttpResponse:
    """Ask that the year ends as it was looked at: W1153 if that has changed since."""
    form = Ask(request.POST, lang=request.lang)
    if is_closed(request.office.connection, fiscal_year(request.office.connection, year)):
        return redirect("money.year_end", year)
    if form.is_valid():
        said = form.cleaned_data
        try:
            year_ending.ask(request.office.desk, request.person, request.roles, year, said["seen"], said["reason"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, room.words(request)("year_end.asked", year=year))
            return redirect("money.year_end", year)
    return _page(request, year, form)


def close(request: HttpRequest, year: int) -> HttpResponse:
    """End the year as another person asked and as it was looked at: W1153 if that has changed since."""
    connection, form = request.office.connection, End(request.POST, lang=request.lang)
    if is_closed(connection, fiscal_year(connection, year)):  # a second click finds it ended
        return redirect("money.year_end", year)
    if form.is_valid():
        try:
            ends = year_ending.end(request.office.desk, request.person, request.roles, year, form.cleaned_data["seen"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, room.words(request)("year_end.ended", year=year, budgets=len(ends)))
            return redirect("money.year_end", year)
    return _page(request, year, form)


def refuse(request: HttpRequest, year: int) -> HttpResponse:
    """Turn down what was asked, or take it back."""
    year_ending.refuse(request.office.desk, request.person, request.roles, year, request.POST.get("reason", ""))
    messages.success(request, room.words(request)("year_end.turned_down", year=year))
    return redirect("money.year_end", year)


def _page(request: HttpRequest, year: int, wrong: Ask | End | None = None) -> HttpResponse:
    connection, tell, desk = request.office.connection, room.words(request), request.office.desk
    span = fiscal_year(connection, year)
    done = is_closed(connection, span)
    ends = [] if done else year_end(connection, span)
    days = {"first": iso(span.first), "last": iso(span.last)}
    facts = [(tell("year_end.lapses"), room.sums((one.currency, one.lapsed) for one in ends)),
             (tell("year_end.carried"), room.sums((one.currency, one.carried_over) for one in ends)),
             (tell("year_end.cases"), f"{sum(len(one.carried) for one in ends):,}")]
    asked = None if done else year_ending.asked_of(desk, year)
    forms_ = {} if done else _forms(request, year, year_ending.seen_in(ends), asked, wrong)
    return room.page(
        request, tell("year_end.close_title", year=year), "money/year_end.html", 422 if wrong is not None else 200,
        crumbs=[(tell("tab.budgets"), f"{reverse('money.budgets')}?year={year}")], facts=[] if done else facts,
        under=tell("year_end.done") if done else tell("year_end.close_says", **days),
        early=tell("year_end.early", **days) if span.last >= request.office.today else "",
        pairs=_asked(request, asked) if asked else [], sections=[] if done else [_budgets(request, span, ends)],
        carried=_carried(request, ends), year=year, **forms_)


def _forms(request: HttpRequest, year: int, seen: str, asked: Asked | None,
           wrong: Ask | End | None) -> dict[str, object]:
    """What this person may do now: ask, or ask anew; end what another asked; turn it down. why: what keeps an approver
    from ending it."""
    lang, enders = request.lang, year_ending.selves_of(request.person, request.roles, ENDERS)
    asks = bool(year_ending.selves_of(request.person, request.roles, ASKERS))
    changed = asked is not None and asked.seen != seen
    problem = year_ending.why_not_end(asked, year, enders) if enders and asked else None
    if wrong is not None:
        wrong.data = {**wrong.data.dict(), "seen": seen}
    return {
        "changed": changed,
        "ask": (wrong if isinstance(wrong, Ask) else Ask(lang=lang, initial={"seen": seen}))
        if asks and (asked is None or changed or isinstance(wrong, Ask)) else None,
        "end": (wrong if isinstance(wrong, End) else End(lang=lang, initial={"seen": seen}))
        if enders and asked and problem is None and not changed else None,
        "refuses": asks and asked is not None, "why": problem and problem.as_dict(lang),
        "refused": wrong if isinstance(wrong, End) else None}


def _asked(request: HttpRequest, asked: Asked) -> list[tuple[str, str, str]]:
    tell = room.words(request)
    return [(tell("year_end.asked_by"), room.names(request.office.desk, [asked.person])[asked.person], ""),
            (tell("year_end.asked_at"), instant(asked.at), ""), (tell("reason"), asked.reason, "")]


def _budgets(request: HttpRequest, span: Period, ends: Sequence[YearEnd]) -> Section:
    tell, named = room.words(request), room.titles(request)
    columns = [Column(tell("programme")), Column(tell("year")), Column(tell("year_end.carried"), num=True),
               Column(tell("year_end.cases"), num=True), Column(tell("year_end.lapses"), num=True),
               Column(tell("year_end.back_to"))]
    rows = [[named.get(one.programme, one.programme), str(one.year),
             format_money(one.carried_over, one.currency, sign=True), f"{len(one.carried):,}",
             format_money(one.lapsed, one.currency, sign=True), ", ".join(code for code, _ in one.lapses) or "–"]
            for one in ends]
    title = tell("year_end.title", first=iso(span.first), last=iso(span.last))
    return Section(title, table(title, columns, rows), empty=tell("year_end.none"))


def _carried(request: HttpRequest, ends: Sequence[YearEnd]) -> Section | None:
    tell, named = room.words(request), room.titles(request)
    firms = room.firm_names(request.office.desk, [case.firm for one in ends for case in one.carried if case.firm])
    kept = [(one, case) for one in ends for case in one.carried]
    cases = [[named.get(one.programme, one.programme), Cell(firms.get(case.firm, case.firm) or "–", hint=case.account),
              format_money(case.amount, one.currency, sign=True)] for one, case in kept[:CARRIED_MAX]]
    label = tell("year_end.carried_cases", count=f"{len(kept):,}")
    return Section(label, table(label, [Column(tell("programme")), Column(tell("firm")),
                                        Column(tell("held"), num=True)], cases)) if cases else None


ROUTES = (
    route("money/budgets/year-end/<int:year>/", look, LOOKS, name="money.year_end", object=seen_year),
    route("money/budgets/year-end/<int:year>/ask/", ask, ASKS, name="money.year_end.ask", methods=("POST",),
          object=asking_year),
    route("money/budgets/year-end/<int:year>/close/", close, ENDS, name="money.year_end.close", methods=("POST",),
          object=ending_year),
    route("money/budgets/year-end/<int:year>/refuse/", refuse, ASKS, name="money.year_end.refuse", methods=("POST",),
          object=asking_year),
)

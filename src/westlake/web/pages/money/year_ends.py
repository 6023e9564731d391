"""The end of a fiscal year: what it would let lapse and carry over, looked at first, then done for good."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.database import transaction
from westlake.dates import Period, iso
from westlake.desk.people import EVERY
from westlake.digest import fingerprint
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.settlement.fiscal_year import YearEnd, check_over, close_period, fiscal_year, is_closed, year_end
from westlake.web.forms import Form
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import Section

ENDS = Roles("approver", fresh=True)
LOOKS = room.WHO
CARRIED_MAX = 500  # cases listed; the record has all


class Close(Form):
    """Why it is closed now; and that it is meant."""

    reason = forms.CharField(label="web.money.reason", help_text="web.money.year_end.reason_hint", max_length=1000,
                             widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput())


def seen_year(request: HttpRequest, year: int) -> int:
    """A year that the books may have, for those who may see all programmes: it ends for all at once."""
    if room.programmes_of(request) is not None or year not in room.chosen_year(request)[1]:
        raise Http404
    return year


def ending_year(request: HttpRequest, year: int) -> int:
    """The same for who approves for all programmes: to read all, and to approve for one, ends nobody's year."""
    if not holds(request, "approver", programme=EVERY):
        raise Http404
    return seen_year(request, year)


def look(request: HttpRequest, year: int) -> HttpResponse:
    """Budget by budget what would lapse and be carried over, and each case that is carried; nothing is written."""
    return _page(request, year, Close(lang=request.lang, initial={"seen": _seen(request, year)}))


def close(request: HttpRequest, year: int) -> HttpResponse:
    """End the year as it was looked at: W1153 if that has changed since, W544 before its last day without a reason."""
    connection, tell = request.office.connection, room.words(request)
    form = Close(request.POST, lang=request.lang)
    span = fiscal_year(connection, year)
    if is_closed(connection, span):  # a second click finds it ended
        return redirect("money.year_end", year)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            check_over(span, request.office.today, reason)
            with transaction(connection):  # from the comparison on nobody else moves money
                if form.cleaned_data["seen"] != _seen(request, year):
                    raise WestlakeError.one("W1153", Place(field="seen"), year=year)
                _, ends = close_period(connection, span, request.person.actor, ends_year=True, said={"reason": reason})
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, tell("year_end.ended", year=year, budgets=len(ends)))
            return redirect("money.year_end", year)
    form.data = {**form.data.dict(), "seen": _seen(request, year)}
    return _page(request, year, form)


def _seen(request: HttpRequest, year: int) -> str:
    """What was looked at, told apart from what may stand there a minute later."""
    connection = request.office.connection
    return fingerprint([end.as_dict() for end in year_end(connection, fiscal_year(connection, year))])


def _page(request: HttpRequest, year: int, form: Close) -> HttpResponse:
    connection, tell = request.office.connection, room.words(request)
    span = fiscal_year(connection, year)
    done = is_closed(connection, span)
    ends = [] if done else year_end(connection, span)
    days = {"first": iso(span.first), "last": iso(span.last)}
    facts = [(tell("year_end.lapses"), room.sums((one.currency, one.lapsed) for one in ends)),
             (tell("year_end.carried"), room.sums((one.currency, one.carried_over) for one in ends)),
             (tell("year_end.cases"), f"{sum(len(one.carried) for one in ends):,}")]
    may = holds(request, "approver", programme=EVERY) and not done
    return room.page(
        request, tell("year_end.close_title", year=year), "money/year_end.html", 422 if form.errors else 200,
        crumbs=[(tell("tab.budgets"), f"{reverse('money.budgets')}?year={year}")], facts=[] if done else facts,
        under=tell("year_end.done") if done else tell("year_end.close_says", **days),
        early=tell("year_end.early", **days) if may and span.last >= request.office.today else "",
        sections=[] if done else [_budgets(request, span, ends)], carried=_carried(request, ends),
        form=form if may else None, year=year)


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
    route("money/budgets/year-end/<int:year>/close/", close, ENDS, name="money.year_end.close", methods=("POST",),
          object=ending_year),
)

"""What anybody may see without a log-in: calls, awards, payments, notices, figures, and the chains' daily heads."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from westlake.desk.applying.speaking import applies_for
from westlake.desk.calls import Call, calls, find_call
from westlake.desk.cases import Case, cases_among
from westlake.desk.desk import Desk
from westlake.desk.looking import looking, together
from westlake.desk.panel import notices as notices_of
from westlake.desk.panel.notices import Notice
from westlake.desk.panel.standing import Standing, places_among
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books
from westlake.money import format_money
from westlake.reports.grants import Disbursement, Grant, Organisation, write_grants
from westlake.reports.open_data import OpenData, write_open_data
from westlake.web import forms
from westlake.web.guards import Anyone, SignedIn, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.applicant.open_calls import programme_title
from westlake.web.pages.public.daily_heads import CHAINS, first_asked, first_link, links_before
from westlake.web.pages.public.published import listed, personal, published, registered_names, totals
from westlake.web.paging import Page, page_of
from westlake.web.templatetags.westlake import day
from westlake.web.visit import Visit
from westlake.words import say

FILES = {"calls.csv": "text/csv", "awards.csv": "text/csv", "payments.csv": "text/csv", "recoveries.csv": "text/csv",
         "people.csv": "text/csv", "open-data.json": "application/json", "360giving.json": "application/json"}


class Objection(forms.Form):
    """What speaks against an award."""

    case = fields.ChoiceField(label="web.public.objects_to")
    reason = fields.CharField(label="web.public.grounds", help_text="web.public.grounds_hint", max_length=4000,
                            widget=fields.Textarea(attrs={"rows": 6}))


def public(request: Visit) -> HttpResponse:
    """Totals by programme and year, and doors to everything else."""
    lang, desk = request.lang, request.office.desk
    names = ("programme", "year", "submitted", "refused", "awards", "awarded", "paid", "claimed_back")
    heads = [Column(say(f"web.public.{name}", lang), num=name not in ("programme", "year")) for name in names]
    found = totals(desk)
    few = say("web.public.few", lang)
    rows = [[programme_title(request, one.programme), one.year,
             *(few if count is None else count for count in (one.submitted, one.refused, one.awards)),
             *(few if amount is None else format_money(amount, one.currency, sign=True)
               for amount in (one.awarded, one.paid, one.claimed_back))] for one in found]
    facts = [(say("web.public.calls_open", lang),
              sum(1 for call in _calls(request) if call.state(desk.now()) == "open")),
             (say("web.public.submitted", lang), sum(one.submitted or 0 for one in found)),
             (say("web.public.awards", lang), sum(one.awards or 0 for one in found)),
             (say("web.public.refused", lang), sum(one.refused or 0 for one in found))]
    return render(request, "public/all.html", {
        "facts": facts, "table": table(say("web.public.totals", lang), heads, rows),
        "empty": say("web.public.none", lang),
        "doors": [(f"/public/{name}/", say(f"web.public.{name}", lang), say(f"web.public.{name}_says", lang))
                  for name in ("awards", "payments", "recoveries", "notices", "heads", "data")]})


def awards(request: Visit) -> HttpResponse:
    """Every award to a firm that stands."""
    return _listed(request, "awards")


def payments(request: Visit) -> HttpResponse:
    """Every payment that the bank confirmed."""
    return _listed(request, "payments")


def recoveries(request: Visit) -> HttpResponse:
    """Every amount that was claimed back."""
    return _listed(request, "recoveries")


def notices(request: Visit) -> HttpResponse:
    """Selections that were made known, those that may still be objected to first."""
    lang, today, desk = request.lang, request.office.today, request.office.desk
    found = sorted((one for one in notices_of.notices(desk) if one.first_day <= today),
                   key=lambda one: (one.last_day, one.id), reverse=True)
    known = {call.id: call for call in calls(desk)}
    page = page_of(request, len(found), 20)
    heads = [Column(say(f"web.public.{name}", lang), num=name == "cases")
             for name in ("notice", "from", "until", "cases")]
    rows = [[Cell(f"{known[one.call].code} · {programme_title(request, known[one.call].programme)}",
                  f"/public/notices/{one.id}/"), day(one.first_day),
             Cell(day(one.last_day), hint=_days_left(one.last_day, today, lang)), len(one.cases)]
            for one in found[page.offset:page.offset + page.size]]
    return render(request, "public/list.html", {
        "name": "notices", "heading": say("web.public.notices", lang), "says": say("web.public.notices_says", lang),
        "page": page, "empty": say("web.public.none", lang),
        "table": table(say("web.public.notices", lang), heads, rows)})


def notice(request: Visit, found: Notice) -> HttpResponse:
    """One notice: who is to be supported with how much, and until when one may object."""
    lang, today, desk = request.lang, request.office.today, request.office.desk
    call, cases = find_call(desk, found.call), _cases(desk, found)
    hidden = personal(desk, call.programme)
    page = page_of(request, 0 if hidden else len(cases), 100)
    some = [] if hidden else cases[page.offset:page.offset + page.size]
    names, places = registered_names(desk, {one.firm for one in some}), places_among(desk, some)
    heads = [Column(say(f"web.public.{name}", lang), num=name == "amount")
             for name in ("case", "firm", "project", "amount")]
    rows = [[one.number, names.get(one.firm, one.firm), one.title, _chosen(one, places.get(one.id))] for one in some]
    return render(request, "public/notice.html", {
        "notice": found, "code": call.code, "table": table(say("web.public.notice", lang), heads, rows),
        "programme_title": programme_title(request, call.programme), "left": _days_left(found.last_day, today, lang),
        "open": found.runs_on(today), "hidden": hidden, "page": page, "count": len(cases),
        "empty": say("web.public.personal", lang)})


def object_to(request: Visit, found: Notice) -> HttpResponse:
    """Object to one of the awards of a notice, in one's own name; W1069 to one's own."""
    lang, desk = request.lang, request.office.desk
    if not found.runs_on(request.office.today):
        raise WestlakeError.one("W1052")
    cases = _cases(desk, found)
    form = Objection(request.POST or None, lang=lang)
    form.fields["case"].choices = [(str(one.id), f"{one.number} · {one.title}") for one in cases]
    if request.method == "POST" and form.is_valid():
        case = next(one for one in cases if str(one.id) == form.cleaned_data["case"])
        firms = {request.person.firm, *applies_for(desk, request.person)} - {""}  # whoever took it over applies for it
        if case.applicant == request.person.id or case.firm in firms:
            raise WestlakeError.one("W1069", Place(field="case"))
        try:
            opened = notices_of.object_to(desk, found, case, request.person, form.cleaned_data["reason"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.public.objected", lang, number=opened.number))
            return redirect("public.notice", found.id)
    return render(request, "public/object.html", {
        "form": form, "notice": found, "code": find_call(desk, found.call).code,
        "left": _days_left(found.last_day, request.office.today, lang)}, status=422 if form.errors else 200)


def heads(request: Visit) -> HttpResponse:
    """The last link of both chains at the end of each day, and where they were made known outside."""
    lang, desk = request.lang, looking(request.office.desk)
    connection = desk.connection
    together(desk, *(first_asked(chain) for chain in CHAINS))
    begun = [link.at for chain in CHAINS if (link := first_link(connection, chain))]
    page = page_of(request, desk.today() - desk.day_of(min(begun)) + 1 if begun else 0, 20)
    days = [desk.today() - back for back in range(page.offset, page.offset + page.size) if back < page.count]
    ends = [desk.starts_at(number + 1) for number in reversed(days)]
    found = [reversed(links_before(connection, chain, ends)) for chain in CHAINS] if days else []
    columns = [Column(say(f"web.public.{name}", lang)) for name in ("day", *CHAINS)]
    rows = [[Cell(day(number)), *(Cell(one.hash, hint=f"№ {one.number:,}") if one else Cell("–") for one in links)]
            for number, *links in zip(days, *found, strict=True)]
    return render(request, "public/heads.html", {
        "table": table(say("web.public.heads", lang), columns, rows), "page": page,
        "empty": say("web.public.none", lang),
        "anchors": Books(connection).anchors(), "ledger": Books(connection).head(),
        "record": request.office.record.head()})


def data(request: Visit) -> HttpResponse:
    """Everything as files, each with a sentence on what it holds."""
    return render(request, "public/data.html", {"files": [
        (name, say(f"web.public.file.{name.replace('.', '_').replace('-', '_')}", request.lang)) for name in FILES]})


def file(request: Visit, name: str) -> HttpResponse:
    """One of the files, made of what is published at this moment."""
    office = request.office
    found = published(office.desk)
    content = (_grants(request, found) if name == "360giving.json"
               else write_open_data(found, office.settings.agency, office.today)[name])
    answer = HttpResponse(content, f"{FILES[name]}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def seen_file(request: Visit, name: str) -> str:
    """One of the files by name, or 404."""
    if name not in FILES:
        raise Http404
    return name


def seen_notice(request: Visit, notice: int) -> Notice:
    """A notice that has been made known, or 404."""
    with or_404():
        found = notices_of.find_notice(request.office.desk, notice)
    if found.first_day > request.office.today:
        raise Http404
    return found


def _grants(request: Visit, found: OpenData) -> bytes:
    office = request.office
    def organisation(number: str, name: str) -> Organisation:
        return Organisation(number if number.count("-") > 1 else f"XI-WESTLAKE-{number or 'AGENCY'}", name or "–")
    funder = organisation("", office.settings.agency)
    titles = {one.id: one for one in found.calls}
    paid: dict[str, list[Disbursement]] = {}
    for one in found.payments:
        paid.setdefault(one.award, []).append(Disbursement(one.id, one.day, one.amount))
    return write_grants([Grant(
        one.id, (titles[one.call].title if one.call in titles else one.id)[:140],
                               programme_title(request, one.programme),
        one.currency, one.amount, one.day, organisation(one.firm, one.firm_name), funder, one.programme,
        programme_title(request, one.programme), disbursements=tuple(
            part for part in paid.get(one.id, ()) if part.day >= one.day))
        for one in found.awards], funder, office.today)


def _listed(request: Visit, name: str) -> HttpResponse:
    """A list of amounts to firms, searched and paged; only a search needs the names of all firms."""
    lang, desk = request.lang, request.office.desk
    wanted = request.GET.get("q", "").strip()
    found, words = listed(desk, name), wanted.lower().split()
    if words:
        names = registered_names(desk, {one.firm for one in found})
        found = [one for one in found
                 if _has(words, names.get(one.firm, ""), one.firm, one.number, programme_title(request, one.programme))]
    page: Page = page_of(request, len(found))
    shown = found[page.offset:page.offset + page.size]
    names = registered_names(desk, {one.firm for one in shown})
    columns = [Column(say(f"web.public.{one}", lang), num=one == "amount")
               for one in ("firm", "programme", "day", "amount")]
    cells = [[Cell(names.get(one.firm, one.firm), hint=one.number), programme_title(request, one.programme),
              day(one.day), format_money(one.amount, one.currency, sign=True)] for one in shown]
    return render(request, "public/list.html", {
        "name": name, "heading": say(f"web.public.{name}", lang), "says": say(f"web.public.{name}_says", lang),
        "page": page,
        "table": table(say(f"web.public.{name}", lang), columns, cells), "empty": say("web.public.none", lang),
        "file": f"{name}.csv",
        "filters": [{"name": "q", "label": say("web.public.search", lang), "value": wanted}]})


def _has(words: Sequence[str], *texts: str) -> bool:
    text = " ".join(texts).lower()
    return all(word in text for word in words)


def _calls(request: Visit) -> list[Call]:
    return [call for call in calls(request.office.desk) if call.announced]


def _cases(desk: Desk, found: Notice) -> list[Case]:
    known = cases_among(desk, found.cases)
    return [known[number] for number in found.cases]


def _chosen(case: Case, place: Standing | None) -> str:
    """What a case is to get by the selection; nothing where no selection says so."""
    amount = case.amount or (place.amount if place else 0)
    return format_money(amount, case.currency, sign=True) if amount else ""


def _days_left(last: int, today: int, lang: str) -> str:
    return say("web.public.days_left", lang, number=last - today + 1) if today <= last else say("web.public.over", lang)


ROUTES = (
    route("public/", public, Anyone(), name="public"),
    route("public/awards/", awards, Anyone(), name="public.awards"),
    route("public/payments/", payments, Anyone(), name="public.payments"),
    route("public/recoveries/", recoveries, Anyone(), name="public.recoveries"),
    route("public/notices/", notices, Anyone(), name="public.notices"),
    route("public/notices/<int:notice>/", notice, Anyone(), name="public.notice", object=seen_notice),
    route("public/notices/<int:notice>/object/", object_to, SignedIn(), name="public.object", methods=("GET", "POST"),
          object=seen_notice),
    route("public/heads/", heads, Anyone(), name="public.heads"),
    route("public/data/", data, Anyone(), name="public.data"),
    route("public/data/<str:name>", file, Anyone(), name="public.file", object=seen_file),
)

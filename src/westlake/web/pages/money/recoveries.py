"""Money that firms owe back: how old each sum is, and the steps by which it is repaid, set off or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.dates import iso
from westlake.desk import steps
from westlake.desk.cases import OF_C, Case, find_case, steps_of
from westlake.desk.desk import Desk
from westlake.desk.paying import payments as desk_payments
from westlake.desk.paying import recovering
from westlake.desk.paying.payments import AGES
from westlake.desk.workflow import Step
from westlake.errors import Place, WestlakeError
from westlake.money import format_money, parse_money
from westlake.reports.open_data import exact
from westlake.web.guards import Roles, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.cases.case_steps import factor_at
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section
from westlake.web.table_file import FORMS, table_file

KIND = "recovery"
_MOVES = frozenset({"book_recovery", "offset", "repay", "write_off"})  # what is asked about once more beforehand
_ACTS = Roles("approver", "payer", "officer")


@dataclass(frozen=True)
class Way:
    """A step on the page: its words, what it asks, whether it moves money; or why it cannot be taken."""

    name: str
    label: str
    asks: list[tuple[str, str, str]]
    grave: bool
    why: str
    code: str


def recoveries(request: HttpRequest) -> HttpResponse:
    """Aged receivables, and the recoveries that are under way without being booked."""
    desk, tell = request.office.desk, room.words(request)
    found = _owed(request, desk)
    facts = [(tell(f"age.{age}"), room.sums((one.currency, one.owed) for one in found if one.age == age))
             for age in range(len(AGES) + 1)]
    named = room.firm_names(desk, [one.firm for one in found])
    columns = [Column(tell("case")), Column(tell("firm")), Column(tell("recovery.owed"), num=True),
               Column(tell("recovery.booked")), Column(tell("recovery.due")), Column(tell("recovery.days"), num=True),
               Column(tell("stands"))]
    rows = []
    for one in found:
        case = find_case(desk, one.case)
        state = desk.offered(case.programme).workflow.word("state", case.state, request.lang)
        rows.append([Cell(one.number, reverse("money.recovery", args=[one.case])), named[one.firm],
                     format_money(one.owed, one.currency, sign=True), iso(one.booked), iso(one.due),
                     f"{one.days:,}" if one.age else "–",
                     Cell(state, tag="overdue" if one.age else "pending")])
    files = [(form.upper(), reverse(f"money.recoveries.{form}")) for form in FORMS]
    return room.page(request, tell("tab.recoveries"), facts=facts, actions=files, sections=[
        Section(tell("recovery.aged"), table(tell("recovery.aged"), columns, rows), empty=tell("recovery.none")),
        *_others(request, desk, {one.case for one in found})])


def _owed(request: HttpRequest, desk: Desk) -> list[desk_payments.Aged]:
    """What firms owe back, of the cases that this person sees."""
    found = desk_payments.aged(desk, desk.today())
    seen = room.cases_seen(request, desk, [one.case for one in found]) if found else set()
    return [one for one in found if one.case in seen]


def recoveries_file(request: HttpRequest, form: str) -> HttpResponse:
    """The aged receivables as a file."""
    desk, tell = request.office.desk, room.words(request)
    found, titles = _owed(request, desk), room.titles(request)
    named = room.firm_names(desk, [one.firm for one in found])
    header = [tell("case"), tell("programme"), tell("firm"), tell("firm_number"), tell("recovery.owed"),
              tell("statement.currency"), tell("recovery.booked"), tell("recovery.due"), tell("recovery.days")]
    return table_file("recoveries", form, header, [
        [one.number, titles.get(one.programme, one.programme), named[one.firm], one.firm,
         exact(one.owed, one.currency), one.currency, iso(one.booked), iso(one.due),
         str(max(one.days, 0))] for one in found])


def _others(request: HttpRequest, desk: Desk, owed: set[int]) -> list[Section]:
    """Recoveries that are proposed, or settled and not ended yet, and those given up; the latest first."""
    tell, (part, values) = room.words(request), room.seen(request, desk)
    found = [Case(*row) for row in desk.connection.execute(
        f"SELECT {OF_C} FROM desk_case c WHERE c.kind = ? AND ({part}) ORDER BY c.id DESC LIMIT 200",
        (KIND, *values)).fetchall() if row[0] not in owed]
    named = room.firm_names(desk, [one.firm for one in found])
    rows = [[Cell(one.number, reverse("money.recovery", args=[one.id])), named[one.firm],
             format_money(one.amount, one.currency, sign=True),
             Cell(desk.offered(one.programme).workflow.word("state", one.state, request.lang), tag=one.state)]
            for one in found]
    title, heads = tell("recovery.others"), [Column(tell("case")), Column(tell("firm")),
                                             Column(tell("amount"), num=True), Column(tell("stands"))]
    return [Section(title, table(title, heads, rows))] if rows else []


def seen_recovery(request: HttpRequest, case: int) -> Case:
    """A recovery that this person may see; 404 for any other."""
    desk = request.office.desk
    if not room.is_seen(request, desk, case):
        raise Http404
    found = find_case(desk, case)
    if found.kind != KIND:
        raise Http404
    return found


def recovery(request: HttpRequest, case: Case) -> HttpResponse:
    """One recovery: what is owed, what has come, its steps; a step is taken from the state that its page showed."""
    desk, tell, lang = request.office.desk, room.words(request), request.lang
    workflow = desk.offered(case.programme).workflow
    if request.method == "POST":
        return _take(request, desk, case)
    ways = [_way(desk, case, one, lang) for one in
            steps.possible(desk, case, request.person, request.roles, factor_at(request))]
    taken = steps_of(desk, case)
    who = room.names(desk, [one.person for one in taken])
    events = [{"at": one.at, "what": workflow.word("step", one.name, lang), "who": who[one.person], "kind": "",
               "detail": _told(tell, one.data, case.currency)} for one in taken]
    booked = recovering.booked(desk, case)
    links = [(tell("journal_number", number=booked), reverse("money.journal", args=[booked]))] if booked else []
    return room.page(
        request, case.number, "money/recovery.html", crumbs=[(tell("tab.recoveries"), reverse("money.recoveries"))],
        case=case, ways=ways, events=events, links=links, state=case.state,
        state_label=workflow.word("state", case.state, lang),
        facts=[(tell("recovery.asked"), format_money(case.amount, case.currency, sign=True)),
               (tell("recovery.owed"), format_money(recovering.owed(desk, case), case.currency, sign=True)),
               *([(tell("recovery.due"), iso(case.due))] if case.due is not None else [])],
        pairs=[(tell("firm"), room.firm_names(desk, [case.firm])[case.firm], ""),
               (tell("case"), case.number, f"/cases/{case.id}/"), (tell("reason"), case.title or "–", "")])


def _told(tell: room.Say, data: Mapping[str, object], currency: str) -> str:
    """The figures that a step told, and its note."""
    found = [f"{tell(f'recovery.{name}')} {format_money(amount, currency, sign=True)}"
             for name in ("amount", "set_off", "repaid", "written_off", "due_again")
             if isinstance(amount := data.get(name), int) and amount]
    said = data.get("said")
    note = str(said.get("note", "")) if isinstance(said, dict) else ""
    return " · ".join([*found, note] if note else found)


def _way(desk: Desk, case: Case, one: steps.Possible, lang: str) -> Way:
    workflow = desk.offered(case.programme).workflow
    kinds = {"amount": "decimal", "note": "area"}
    asks = [(name, f"web.money.ask.{name}", kinds.get(name, "text")) for name in one.step.asks]
    problem = one.problem
    return Way(one.step.name, workflow.word("step", one.step.name, lang), asks,
               one.step.target(case.state) in ("written_off", "dropped"),
               f"{problem.sentence(lang)}. {problem.way_out(lang)}" if problem else "", problem.code if problem else "")


def _take(request: HttpRequest, desk: Desk, case: Case) -> HttpResponse:
    name, seq = request.POST.get("step", ""), request.POST.get("seq", "")
    workflow = desk.offered(case.programme).workflow
    shown = int(seq) if seq.isdecimal() and len(seq) < 12 else -1
    done = next((one for one in steps_of(desk, case) if one.seq == shown + 1), None)
    if done and done.name == name and done.person == request.person.id:
        return redirect("money.recovery", case.id)  # a second click finds the step that the first one took
    row = workflow.kinds[case.kind].step(name, case.state)
    said = _said(row, request, case.currency) if row else {}
    if row and _MOVES & {use.name for use in row.effects} and request.POST.get("sure") != "1":
        return _sure(request, desk, case, row, said)
    steps.take(desk, replace(case, seq=shown), name, request.person,
               request.roles, said, factor_at(request))
    messages.success(request, room.words(request)("recovery.taken", step=workflow.word("step", name, request.lang)))
    return redirect("money.recovery", case.id)


def _sure(request: HttpRequest, desk: Desk, case: Case, step: Step, said: Mapping[str, object]) -> HttpResponse:
    """What the step would book, before it books it; nothing is written."""
    tell, word = room.words(request), desk.offered(case.programme).workflow.word("step", step.name, request.lang)
    facts = [(tell("case"), case.number), (tell("firm"), room.firm_names(desk, [case.firm])[case.firm]),
             (tell("recovery.owed"), format_money(recovering.owed(desk, case), case.currency, sign=True))]
    for name, value in said.items():
        shown = format_money(value, case.currency, sign=True) if isinstance(value, int) else str(value)
        facts.append((tell(f"ask.{name}"), shown))
    kept = {name: request.POST.get(name, "") for name in ("step", "seq", *step.asks)}
    return room.page(
        request, word, "money/sure.html", 200, crumbs=[(case.number, reverse("money.recovery", args=[case.id]))],
        pairs_above=facts, kept=kept.items(), button=word, case=case)


def _said(step: Step, request: HttpRequest, currency: str) -> dict[str, object]:
    """What was typed for what a step asks; W1106 for an amount that is none."""
    said: dict[str, object] = {}
    for name in step.asks:
        text = request.POST.get(name, "").strip()
        if name == "amount" and text:
            try:
                said[name] = parse_money(text, currency)
            except ValueError as error:
                raise WestlakeError.one("W1106", Place(field=name), text=text[:40]) from error
        elif text:
            said[name] = text[:4000]
    return said


ROUTES = (
    route("money/recoveries/", recoveries, WHO, name="money.recoveries"),
    route("money/recoveries.csv", lambda request: recoveries_file(request, "csv"), WHO, name="money.recoveries.csv"),
    route("money/recoveries.xlsx", lambda request: recoveries_file(request, "xlsx"), WHO, name="money.recoveries.xlsx"),
    route("money/recoveries/<int:case>/", recovery, WHO, name="money.recovery", methods=("GET",),
          object=seen_recovery),
    route("money/recoveries/<int:case>/step/", recovery, _ACTS, name="money.recovery.step", methods=("POST",),
          object=seen_recovery),
)

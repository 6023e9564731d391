"""Payments: what is ordered, in a batch, sent, paid or returned; ordering many at once; one payment's whole way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from westlake.database import asked_among
from westlake.dates import iso
from westlake.desk import steps
from westlake.desk.applying.speaking import asked_of
from westlake.desk.cases import ONE, STEPS, find_case
from westlake.desk.desk import Desk
from westlake.desk.looking import together
from westlake.desk.panel.interests import side_asked
from westlake.desk.paying import payments as desk_payments
from westlake.desk.paying.bank_accounts import ACCOUNTS, account_for, accounts_of, find_account
from westlake.desk.paying.batches import find_batch
from westlake.desk.paying.budgets import due_asked
from westlake.desk.paying.paying_list import TO_ORDER, Next, Sought, count_states, find_payments, next_steps
from westlake.desk.paying.payments import STATES, Ordered
from westlake.desk.people import AMONG
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.reports.open_data import exact
from westlake.web.guards import Roles, holds, or_404, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.cases.case_steps import factor_at
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section
from westlake.web.paging import page_of
from westlake.web.table_file import FORMS, table_file

ORDER_MOST = 200  # payments ordered at once
EXPORTED = 50_000  # payments of one file


@dataclass(frozen=True)
class Line:
    """A case whose payment may be ordered. amount: minor units; account: masked; why: what keeps it, with its code."""

    next: Next
    firm: str
    amount: int
    account: str
    why: str = ""
    code: str = ""
    done: str = ""


def payments(request: HttpRequest) -> HttpResponse:
    """The list, with counts and sums by state."""
    desk, tell = request.office.desk, room.words(request)
    sought, where = read_sought(request), room.seen(request, request.office.desk)
    counted = count_states(desk, where, sought)
    count = counted[sought.state][0] if sought.state else sum(number for number, _ in counted.values())
    shown = page_of(request, count)
    found = find_payments(desk, where, sought, shown.size, shown.offset)
    own = [(one.programme.name, room.titles(request)[one.programme.name]) for one in room.own_budgets(request)]
    filters = [{"name": "q", "label": tell("find_payment"), "value": sought.q},
               {"name": "programme", "label": tell("programme"), "value": sought.programme,
                "choices": [("", tell("all")), *own]}]
    chips = [(tell("all"), sum(number for number, _ in counted.values()), _query(sought, ""), not sought.state)]
    chips += [(tell(f"state.{state}"), counted[state][0], _query(sought, state), state == sought.state)
              for state in STATES]
    facts = [(tell(f"state.{state}"), room.sums(counted[state][1].items())) for state in STATES[:5]]
    return room.page(
        request, tell("tab.payments"), facts=facts, filters=filters, chips=chips, shown=shown,
        sections=[Section("", payments_table(request, desk, found), empty=tell("no_payment"))],
        actions=[(form.upper(), f"{reverse(f'money.payments.{form}')}?{request.GET.urlencode()}") for form in FORMS],
        action=(tell("order.title"), reverse("money.order")) if holds(request, "approver") else None)


def payments_file(request: HttpRequest, form: str) -> HttpResponse:
    """The payments that are sought, newest first, as a file; no text in it is taken for a formula."""
    desk, tell = request.office.desk, room.words(request)
    found = find_payments(desk, room.seen(request, desk), read_sought(request), EXPORTED)
    named, titles = room.firm_names(desk, (one.firm for one in found)), room.titles(request)
    header = [tell("payment"), tell("case"), tell("programme"), tell("year"), tell("firm"), tell("firm_number"),
              tell("amount"), tell("statement.currency"), tell("stands"), tell("day"), tell("batch")]
    return table_file("payments", form, header, [
        [one.reference, one.number, titles.get(one.programme, one.programme), str(one.year), named[one.firm], one.firm,
         exact(one.amount, one.currency), one.currency, tell(f"state.{one.state}"), iso(desk.day_of(one.at)),
         f"{one.batch or ''}"] for one in found])


def read_sought(request: HttpRequest) -> Sought:
    """What the address asks for; what it does not know is left out."""
    state, programme = request.GET.get("state", ""), request.GET.get("programme", "")
    text = request.GET.get("q", "")[:100].replace("\x00", "")
    return Sought(text, state if state in STATES else "", programme if room.sees(request, programme) else "")


def _query(sought: Sought, state: str) -> str:
    asked = {"q": sought.q, "programme": sought.programme, "state": state}
    return f"?{urlencode({name: text for name, text in asked.items() if text})}"


def payments_table(request: HttpRequest, desk: Desk, found: Iterable[Ordered]) -> Table:
    """Payments as rows: reference, firm, amount, state, batch."""
    tell, rows = room.words(request), list(found)
    named = room.firm_names(desk, (one.firm for one in rows))
    columns = [Column(tell("payment")), Column(tell("firm")), Column(tell("amount"), num=True), Column(tell("stands")),
               Column(tell("batch"))]
    return table(tell("tab.payments"), columns, [[
        Cell(one.reference, reverse("money.payment", args=[one.id]), hint=one.number), named[one.firm],
        format_money(one.amount, one.currency, sign=True), Cell(tell(f"state.{one.state}"), tag=one.state),
        Cell(f"{one.batch}", reverse("money.batch", args=[one.batch])) if one.batch else "–"] for one in rows])


def order(request: HttpRequest) -> HttpResponse:
    """GET: what may be ordered, or what ordering the chosen would do. POST: order them, each by itself."""
    office, tell = request.office, room.words(request)
    desk = office.desk
    ready = {one.case.id: one for one in next_steps(desk, office.offered, request.roles, room.seen(request, desk),
                                                    TO_ORDER)}
    if request.method == "POST":
        lines = [_order(request, desk, ready, text) for text in request.POST.getlist("case")[:ORDER_MOST]]
        done = [one for one in lines if one is not None]
        return room.page(request, tell("order.done_title"), "money/order.html", lines=done, finished=True,
                         good=sum(bool(one.done) for one in done), bad=sum(bool(one.why) for one in done),
                         crumbs=_crumbs(request))
    chosen = [int(text) for text in request.GET.getlist("case") if text.isdecimal() and len(text) < 12]
    wanted = [ready[number] for number in chosen if number in ready][:ORDER_MOST]
    shown = page_of(request, len(ready)) if not wanted else None
    some = list(ready.values())[shown.offset:shown.offset + shown.size] if shown else wanted
    _take_out(desk, some)
    named = room.firm_names(desk, [one.case.firm for one in some])
    found = [_line(request, desk, one, named[one.case.firm]) for one in some]
    able = [one for one in found if not one.why]
    return room.page(request, tell("order.title"), "money/order.html", lines=found, preview=bool(wanted), page=shown,
                     able=len(able), total=room.sums((one.next.case.currency, one.amount) for one in able),
                     crumbs=_crumbs(request))


def _take_out(desk: Desk, some: Iterable[Next]) -> None:
    """Have at hand what tells whether and how much may be ordered, of all of them, and who vouches for the accounts."""
    waiting = list(some)
    together(desk, *(question for one in waiting for question in (
        (ACCOUNTS, (one.case.firm,)), (ONE, (one.case.parent,)), (STEPS, (one.case.id,)),
        (desk_payments.UNDER_WAY, (one.case.id,)), due_asked(desk, one.case),
        side_asked(one.case.parent or one.case.id), *asked_of(one.case.applicant, one.case.firm))))
    together(desk, *(question for one in waiting for account in accounts_of(desk, one.case.firm) for question in (
        *asked_of(account.person, account.firm), asked_among(AMONG, [account.person]))))


def _line(request: HttpRequest, desk: Desk, found: Next, name: str) -> Line:
    case, lang = found.case, request.lang
    to = account_for(desk, case.firm)
    ways = steps.possible(desk, case, request.person, request.roles, factor_at(request))
    problem = next((way.problem for way in ways if way.step.name == found.step.name), None)
    amount = desk_payments.payable_for(desk, case)
    line = Line(found, name, amount, to.masked if to else "–")
    if problem is None and amount <= 0:
        problem = WestlakeError.one("W1007", number=case.number).problems[0]
    return replace(line, why=problem.sentence(lang), code=problem.code) if problem else line


def _order(request: HttpRequest, desk: Desk, ready: dict[int, Next], text: str) -> Line | None:
    """Order one; a case that has moved since its page was made is told so, and nothing is ordered twice."""
    number, seq = int(text) if text.isdecimal() and len(text) < 12 else 0, request.POST.get(f"seq_{text}", "")
    found, lang = ready.get(number), request.lang
    if found is None:
        return _gone(request, desk, number)
    line = _line(request, desk, found, room.firm_names(desk, [found.case.firm])[found.case.firm])
    try:
        steps.take(desk, replace(found.case, seq=int(seq) if seq.isdecimal() else -1), found.step.name,
                   request.person, request.roles, {}, factor_at(request))
    except WestlakeError as error:
        return replace(line, why=error.problems[0].sentence(lang), code=error.problems[0].code)
    made = desk_payments.payments(desk, case=number, limit=1)[0]
    return replace(line, done=made.reference, why="", code="", amount=made.amount)


def _gone(request: HttpRequest, desk: Desk, number: int) -> Line | None:
    """A case that nothing is to be ordered for any more: a second click finds the payment that the first one made."""
    if not room.is_seen(request, desk, number):
        return None
    made = desk_payments.payments(desk, case=number, limit=1)
    if not made:
        return None
    case = find_case(desk, number)
    step = desk.offered(case.programme).workflow.kinds[case.kind].steps[0]
    name = room.firm_names(desk, [case.firm])[case.firm]
    return Line(Next(case, step), name, made[0].amount, "", done=made[0].reference)


def seen_payment(request: HttpRequest, payment: int) -> Ordered:
    """A payment of a case that this person may see; 404 for any other."""
    desk = request.office.desk
    with or_404():
        found = desk_payments.find_payment(desk, payment)
    if not room.is_seen(request, desk, found.case):
        raise Http404
    return found


def show(request: HttpRequest, payment: Ordered) -> HttpResponse:
    """One payment: its case, the two persons behind it, the account, what the books and the bank say."""
    desk, tell = request.office.desk, room.words(request)
    bank, ends = find_account(desk, payment.bank), desk_payments.outcomes(desk, payment.id)
    batch = find_batch(desk, payment.batch) if payment.batch else None
    who = room.names(desk, [payment.checked_by, payment.approved_by, *(one.person for one in ends),
                            *([batch.person, batch.released_by] if batch else [])])
    pairs = [
        (tell("case"), payment.number, f"/cases/{payment.case}/"),
        (tell("firm"), room.firm_names(desk, [payment.firm])[payment.firm], ""),
        (tell("programme"), f"{room.titles(request).get(payment.programme, payment.programme)} {payment.year}", ""),
        (tell("checked_by"), who[payment.checked_by], ""), (tell("approved_by"), who[payment.approved_by], ""),
        (tell("account"), f"{bank.holder} · {bank.bank} · {bank.masked}", ""),
        (tell("attempt"), payment.attempt, ""),
        (tell("batch"), payment.batch or "–", reverse("money.batch", args=[payment.batch]) if payment.batch else "")]
    journals: list[tuple[str, int | None, int, int | None]] = [
        (tell("state.ordered"), payment.journal, payment.at, payment.approved_by)]
    if batch:
        journals.append((tell("state.batched"), None, batch.at, batch.person))
    if batch and batch.released_at:
        journals.append((tell("batch_state.released"), None, batch.released_at, batch.released_by))
    journals += [(tell(f"state.{one.outcome}"), one.journal, one.at, one.person) for one in ends]
    events = [{"at": at, "what": what, "who": who[person], "kind": "",
               "detail": tell("journal_number", number=number) if number else ""}
              for what, number, at, person in journals]
    links = [(tell("journal_number", number=number), reverse("money.journal", args=[number]))
             for _, number, _, _ in journals if number]
    may_void = payment.state == "waiting" and holds(request, "approver", "payer", programme=payment.programme)
    return room.page(
        request, payment.reference, "money/payment.html", crumbs=_crumbs(request), pairs=pairs, events=events,
        facts=[(tell("amount"), format_money(payment.amount, payment.currency, sign=True))], state=payment.state,
        state_label=tell(f"state.{payment.state}"), links=links,
        void=reverse("money.void", args=[payment.id]) if may_void else "")


def void(request: HttpRequest, payment: Ordered) -> HttpResponse:
    """Take a payment back that is in no batch yet; its case can be ordered anew."""
    tell = room.words(request)
    if not holds(request, "approver", "payer", programme=payment.programme):
        raise Http404
    if request.method == "POST":
        if payment.state != "void":  # a second click finds it taken back
            reason = request.POST.get("reason", "").strip()
            if not reason:
                raise WestlakeError.one("W1012")
            desk_payments.void_payment(request.office.desk, payment.id, request.person, reason)
        messages.success(request, tell("void.done", number=payment.reference))
        return redirect("money.payment", payment.id)
    return room.page(
        request, tell("void.title", number=payment.reference), "money/confirm.html", says=tell("void.says"),
        pairs_above=[(tell("case"), payment.number),
                     (tell("amount"), format_money(payment.amount, payment.currency, sign=True))],
        button=tell("void.button"), back=reverse("money.payment", args=[payment.id]), reason=tell("reason"),
        danger=True)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(room.words(request)("tab.payments"), reverse("money.payments"))]


_PAYS = Roles("approver", "payer")
ROUTES = (
    route("money/payments/", payments, WHO, name="money.payments"),
    route("money/payments.csv", lambda request: payments_file(request, "csv"), WHO, name="money.payments.csv"),
    route("money/payments.xlsx", lambda request: payments_file(request, "xlsx"), WHO, name="money.payments.xlsx"),
    route("money/payments/order/", order, Roles("approver"), name="money.order", methods=("GET", "POST")),
    route("money/payments/<int:payment>/", show, WHO, name="money.payment", object=seen_payment),
    route("money/payments/<int:payment>/void/", void, _PAYS, name="money.void", methods=("GET", "POST"),
          object=seen_payment),
)

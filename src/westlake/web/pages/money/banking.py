"""What the bank says, taken in and settled line by line; and firms' bank accounts, checked before they are paid."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from westlake.dates import iso
from westlake.desk.desk import Desk
from westlake.desk.paying import bank_accounts, bank_lines
from westlake.desk.paying import payments as desk_payments
from westlake.desk.paying.bank_accounts import BankAccount
from westlake.desk.paying.bank_lines import BankLine
from westlake.desk.paying.bank_statement import SIZE_MAX
from westlake.errors import WestlakeError
from westlake.money import MINOR_DIGITS, format_money
from westlake.web.forms import Form
from westlake.web.guards import Roles, holds, or_404, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.money import bank_columns
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section
from westlake.web.paging import page_of

OUTCOMES = ("paid", "returned", "differing", "twice", "unknown")
CHECKED_MAX = 500  # accounts listed that are checked
_PAYER = Roles("payer")


class Statement(Form):
    """The bank's file; the currency counts for a table that names none, the bank for one whose columns were named."""

    bank = forms.ChoiceField(label="web.money.columns.bank", help_text="web.money.statement.bank_hint", required=False)
    file = forms.FileField(label="web.money.statement.file", help_text="web.money.statement.file_hint")
    currency = forms.ChoiceField(label="web.money.statement.currency", choices=[(one, one) for one in MINOR_DIGITS])


class Resolve(Form):
    """What a line is: which payment it paid or returned, or none of ours."""

    what = forms.ChoiceField(label="web.money.resolve.what", choices=[
        ("paid", "web.money.resolve.paid"), ("returned", "web.money.resolve.returned"),
        ("aside", "web.money.resolve.aside")])
    payment = forms.ChoiceField(label="web.money.resolve.payment", required=False)
    reason = forms.CharField(label="web.money.reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class Check(Form):
    """How the account was checked."""

    how = forms.CharField(label="web.money.check.how", help_text="web.money.check.how_hint", max_length=1000,
                          widget=forms.Textarea(attrs={"rows": 3}))


def banking(request: HttpRequest) -> HttpResponse:
    """GET: lines that wait, statements taken in. POST: take in a statement; the same one again changes nothing."""
    desk, tell = request.office.desk, room.words(request)
    pays = holds(request, "payer")
    banks = bank_columns.banks_named(desk)
    form = Statement(request.POST or None, request.FILES or None, lang=request.lang, initial={
        "currency": request.office.settings.currency, "bank": banks[0] if len(banks) == 1 else ""})
    form.fields["bank"].choices = [("", tell("statement.other_bank")), *((one, one) for one in banks)]
    if not banks:
        del form.fields["bank"]
    if request.method == "POST" and pays and form.is_valid():
        try:
            answer = _take_in(request, desk, form)
        except WestlakeError as error:
            form.take(error)
        else:
            return answer
    waiting = _lines_seen(request, desk, bank_lines.open_lines(desk))
    rows = desk.connection.execute(
        "SELECT statement, min(at), min(person), count(*), sum(CASE WHEN outcome IN ('paid', 'returned') THEN 1 ELSE 0"
        " END) FROM desk_bank_line GROUP BY statement ORDER BY min(id) DESC").fetchall()
    shown = page_of(request, len(rows))
    who = room.names(desk, [row[2] for row in rows])
    done = [[Cell(row[0][:12], reverse("money.statement", args=[row[0]])), _when(desk, row[1]), who[row[2]],
             f"{row[3]:,}", f"{row[4]:,}"] for row in rows[shown.offset:shown.offset + shown.size]]
    columns = [Column(tell("statement.title")), Column(tell("day")), Column(tell("person")),
               Column(tell("statement.lines"), num=True), Column(tell("statement.matched"), num=True)]
    return room.page(
        request, tell("tab.banking"), "money/banking.html", 422 if form.errors else 200, form=form, pays=pays,
        shown=shown, waiting=lines_table(request, waiting, resolve=pays),
        sections=[Section(tell("statement.taken"), table(tell("statement.taken"), columns, done),
                          empty=tell("statement.none"))])


def _take_in(request: HttpRequest, desk: Desk, form: Statement) -> HttpResponse:
    """Take it in, by the columns that were named for the bank's tables before; or the page that asks what each is."""
    given, currency = form.cleaned_data["file"], form.cleaned_data["currency"]
    if given.size > SIZE_MAX:
        raise WestlakeError.one("W952", what=f"> {SIZE_MAX // 1_000_000} MB")
    content, name, bank = given.read(), given.name or "statement", form.cleaned_data.get("bank", "")
    known = bank_columns.remembered(desk, content, name, bank)
    try:
        found = bank_lines.import_statement(desk, request.person, content, name, known.columns if known else None,
                                            currency, known.act if known else 0)
    except WestlakeError as error:
        unread = [one for one in error.problems if one.code == "W954" or (known and one.code == "W953")]
        page = bank_columns.ask(request, content, name, currency, bank, known) if unread else None
        if page is None:
            raise
        if known:  # what was said of it before may be what is wrong
            messages.warning(request, unread[0].sentence(request.lang))
        return page
    return redirect(told_of(request, desk, found, content))


def told_of(request: HttpRequest, desk: Desk, found: bank_lines.Imported, content: bytes) -> str:
    """Say what came of a statement; the address at which it is shown line by line."""
    tell = room.words(request)
    fresh = len(found.paid) + len(found.returned) + len(found.unmatched)
    if not fresh:
        messages.warning(request, tell("statement.again", known=found.known, pending=found.pending))
        return reverse("money.banking")
    messages.success(request, tell("statement.done", paid=len(found.paid), returned=len(found.returned),
                                   unmatched=len(found.unmatched)))
    digest = hashlib.sha256(content).hexdigest()
    asked = {"known": found.known, "pending": found.pending, "missing": len(found.missing)}
    return f"{reverse('money.statement', args=[digest])}?{urlencode(asked)}"


def _when(desk: Desk, at: int) -> str:
    return iso(desk.day_of(at))


def _lines_seen(request: HttpRequest, desk: Desk, lines: list[BankLine]) -> list[BankLine]:
    """Lines with one's own payments' references, and for a payer those without any; all for who answers for all."""
    if room.programmes_of(request) is None:
        return lines
    numbers = {one.id: int(text) if text.isdecimal() and len(text) < 12 else 0
               for one in lines for text in (one.reference.removeprefix("WLP"),)}
    cases = {one.id: one.case for one in desk_payments.payments_among(desk, set(numbers.values()))}
    shown, pays = room.cases_seen(request, desk, set(cases.values())), holds(request, "payer")
    return [one for one in lines if (cases[numbers[one.id]] in shown if numbers[one.id] in cases else pays)]


def lines_table(request: HttpRequest, lines: list[BankLine], resolve: bool, caption: str = "line.table") -> Table:
    """Lines of the bank: what it says, what became of it, and for open ones the way to settle them.

    caption: what the table is called; two of one page are told apart by it.
    """
    tell = room.words(request)
    columns = [Column(tell("line.title")), Column(tell("line.reference")), Column(tell("day")),
               Column(tell("amount"), num=True), Column(tell("outcome"))]
    rows = []
    for one in lines:
        href = reverse("money.line", args=[one.id]) if resolve and one.outcome in bank_lines.OPEN else ""
        rows.append([Cell(tell("line.number", number=one.id), href), one.reference or "–", iso(one.day),
                     format_money(one.amount, one.currency, sign=True),
                     Cell(tell(f"line.{one.outcome}"), tag={"paid": "paid", "returned": "returned"}.get(
                         one.outcome, "pending"), hint=one.reason)])
    return table(tell(caption), columns, rows)


def seen_statement(request: HttpRequest, digest: str) -> list[BankLine]:
    """The lines that came with a statement, of those that this person may see; 404 for none."""
    desk = request.office.desk
    found = _lines_seen(request, desk, bank_lines.lines_of(desk, digest))
    if not found:
        raise Http404
    return found


def statement(request: HttpRequest, lines: list[BankLine]) -> HttpResponse:
    """What came of a statement: matched, returned, differing, twice, unknown; and what of it still waits."""
    desk, tell = request.office.desk, room.words(request)
    waits = {one.id for one in bank_lines.open_lines(desk)}
    facts = [(tell(f"line.{name}"), sum(one.outcome == name for one in lines)) for name in OUTCOMES]
    facts += [(tell(f"statement.{name}"), request.GET[name]) for name in ("known", "pending", "missing")
              if request.GET.get(name, "").isdecimal()]
    shown = page_of(request, len(lines))
    waiting = [one for one in lines if one.id in waits]
    open_table = lines_table(request, waiting, holds(request, "payer"), "line.waiting")
    sections = [Section(tell("line.waiting"), open_table)] if waiting else []
    part = lines[shown.offset:shown.offset + shown.size]
    return room.page(
        request, tell("statement.title"), facts=facts, shown=shown, crumbs=_crumbs(request),
        under=f"SHA-256 {lines[0].statement}",
        sections=[*sections, Section(tell("line.table"), lines_table(request, part, resolve=False)),
                  *filter(None, [bank_columns.used_for(request, lines[0].statement)])])


def seen_line(request: HttpRequest, line: int) -> BankLine:
    """A line that this person may see; 404 for any other."""
    desk = request.office.desk
    with or_404():
        found = bank_lines.find_line(desk, line)
    if not _lines_seen(request, desk, [found]):
        raise Http404
    return found


def resolve(request: HttpRequest, line: BankLine) -> HttpResponse:
    """Say which payment an open line paid or returned, or that it is none of ours."""
    desk, tell = request.office.desk, room.words(request)
    fitting = [one for state in (("sent", "paid") if line.came_in else ("sent",))
               for one in desk_payments.payments(desk, state=state, limit=10**6)
               if (one.amount, one.currency) == (line.amount, line.currency)]
    shown = room.cases_seen(request, desk, {one.case for one in fitting})
    fitting = [one for one in fitting if one.case in shown]
    form = Resolve(request.POST or None, lang=request.lang)
    form.fields["what"].choices = [(name, tell(f"resolve.{name}"))
                                   for name in (*(line.outcomes if fitting else ()), "aside")]
    named = room.firm_names(desk, (one.firm for one in fitting))
    form.fields["payment"].choices = [("", "–"), *(
        (str(one.id), f"{one.reference} · {one.number} · {named[one.firm]} · {tell(f'state.{one.state}')}")
        for one in fitting)]
    if not fitting:
        del form.fields["payment"]
    waits = line.id in {one.id for one in bank_lines.open_lines(desk)}
    if request.method == "POST" and not waits:  # a second click finds it settled
        return redirect("money.banking")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if said["what"] != "aside" and not said["payment"]:
                raise WestlakeError.one("W969", name="payment")
            bank_lines.resolve_line(
                desk, line.id, request.person, said["reason"],
                None if said["what"] == "aside" else int(said["payment"]),
                said["what"] if said["what"] != "aside" else "paid")
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, tell("resolve.done", number=line.id))
            return redirect("money.banking")
    pairs: list[Any] = [(tell("line.reference"), line.reference or "–", ""), (tell("day"), iso(line.day), ""),
                        (tell("amount"), format_money(line.amount, line.currency, sign=True), ""),
                        (tell("columns.way"), tell("columns.credit" if line.came_in else "columns.debit"), ""),
                        (tell("outcome"), tell(f"line.{line.outcome}"), ""),
                        (tell("line.bank"), line.bank_reference.split(f" {line.reference or '-'} ")[0], "")]
    beside, why = _beside(request, desk, line) if waits else ([], "")
    return room.page(request, tell("line.number", number=line.id), "money/form.html", 422 if form.errors else 200,
                     pairs=pairs + beside, why=why, form=form if waits else None,
                     button=tell("resolve.button" if fitting else "resolve.set_aside"),
                     back=reverse("money.banking"), crumbs=_crumbs(request),
                     under="" if waits else tell("resolve.settled"))


def _beside(request: HttpRequest, desk: Desk, line: BankLine) -> tuple[list[tuple[str, str, str]], str]:
    """The payment that a line names, where the bank booked another sum than was ordered; and what to do about it."""
    tell = room.words(request)
    one = next((one for one in bank_lines.named_by(desk, [line]) if room.is_seen(request, desk, one.case)), None)
    if one is None or (one.amount, one.currency) == (line.amount, line.currency):
        return [], ""
    pairs = [(tell("resolve.ours"), f"{one.reference} · {one.number} · {tell(f'state.{one.state}')}",
              reverse("money.payment", args=[one.id])),
             (tell("resolve.ordered"), format_money(one.amount, one.currency, sign=True), "")]
    if one.currency == line.currency:
        pairs.append((tell("resolve.difference"), format_money(line.amount - one.amount, line.currency, sign=True), ""))
    return pairs, tell("resolve.differs")


def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts that wait to be checked, and those that cool off; numbers are masked."""
    desk, tell = request.office.desk, room.words(request)
    waiting, today = room.accounts_waiting(request, desk), desk.today()
    checked = bank_accounts.checked_accounts(desk, CHECKED_MAX)
    shown = room.firms_seen(request, desk, {one.firm for one in checked})
    checked = [one for one in checked if one.firm in shown]
    named = room.firm_names(desk, [one.firm for one in (*waiting, *checked)])
    who = room.names(desk, [one.person for one in (*waiting, *checked)] + [one.checked_by for one in checked])
    opened = table(tell("check.waiting"), [Column(tell("firm")), Column(tell("account")), Column(tell("proposed_by")),
                                           Column(tell("day"))], [
        [Cell(named[one.firm], reverse("money.account", args=[one.id])), Cell(one.masked, hint=one.bank),
         who[one.person], _when(desk, one.at)] for one in waiting])
    cooling = table(tell("check.checked"), [Column(tell("firm")), Column(tell("account")), Column(tell("stands")),
                                            Column(tell("check.how")), Column(tell("checked_by"))], [
        [Cell(named[one.firm], reverse("money.account", args=[one.id])), Cell(one.masked, hint=one.bank),
         _usable(tell, one, today), one.how, who[one.checked_by]] for one in checked])
    return room.page(request, tell("tab.accounts"), sections=[
        Section(tell("check.waiting"), opened, empty=tell("check.none")),
        Section(tell("check.checked"), cooling, tell("check.cooling_says"))])


def _usable(tell: room.Say, account: BankAccount, today: int) -> Cell:
    if account.usable_from is None:
        return Cell(tell("check.unchecked"), tag="waiting")
    if account.usable_from > today:
        return Cell(tell("check.cools", day=iso(account.usable_from)), tag="pending")
    return Cell(tell("check.usable"), tag="verified")


def seen_account(request: HttpRequest, account: int) -> BankAccount:
    """An account of a firm whose cases this person may see; 404 for any other."""
    desk = request.office.desk
    with or_404():
        found = bank_accounts.find_account(desk, account)
    if not room.firm_seen(request, desk, found.firm):
        raise Http404
    return found


def check(request: HttpRequest, account: BankAccount) -> HttpResponse:
    """One account, with the others of its firm; another person than who proposed it says how it was checked."""
    desk, tell, lang = request.office.desk, room.words(request), request.lang
    form = Check(request.POST or None, lang=lang)
    may = holds(request, *bank_accounts.CHECKERS)
    if request.method == "POST":
        if not may:
            raise Http404
        if account.checked_by is not None:  # a second click finds it checked
            return redirect("money.account", account.id)
        if form.is_valid():
            try:
                bank_accounts.check_account(desk, account.id, request.person, form.cleaned_data["how"],
                                            _cool_off_days(desk, account.firm))
            except WestlakeError as error:
                form.take(error)
            else:
                messages.success(request, tell("check.done"))
                return redirect("money.account", account.id)
    who = room.names(desk, [account.person, account.checked_by])
    pairs = [(tell("firm"), room.firm_names(desk, [account.firm])[account.firm], ""),
             (tell("check.holder"), account.holder, ""), (tell("account"), account.masked, ""),
             (tell("make.bank"), f"{account.bank} · {account.bank_code} · {account.country}", ""),
             (tell("proposed_by"), f"{who[account.person]} · {_when(desk, account.at)}", "")]
    if account.checked_by is not None:
        pairs += [(tell("checked_by"), who[account.checked_by], ""), (tell("check.how"), account.how or "", ""),
                  (tell("check.usable_from"), iso(account.usable_from or 0), "")]
    others = [one for one in bank_accounts.accounts_of(desk, account.firm) if one.id != account.id]
    rows = [[Cell(one.masked, reverse("money.account", args=[one.id]), hint=one.bank),
             _usable(tell, one, desk.today())] for one in others]
    waits = account.checked_by is None and may
    problem = bank_accounts.why_not_check(desk, account, request.person) if waits else None
    return room.page(
        request, tell("check.title"), "money/form.html", 422 if form.errors else 200, pairs=pairs,
        crumbs=[(tell("tab.accounts"), reverse("money.accounts"))], button=tell("check.button"),
        back=reverse("money.accounts"), form=form if waits and problem is None else None,
        why=f"{problem.sentence(lang)}. {problem.way_out(lang)} ({problem.code})" if problem else "",
        sections=[Section(tell("check.others"), table(tell("check.others"), [
            Column(tell("account")), Column(tell("stands"))], rows))] if others else [])


def _cool_off_days(desk: Desk, firm: str) -> int | None:
    """The longest wait that one of the firm's programmes asks for; the office's own where there is none."""
    rows = desk.connection.execute("SELECT DISTINCT programme FROM desk_case WHERE firm = ?", (firm,)).fetchall()
    return max((desk.offered(name).workflow.terms["cool_off_days"] for name, in rows), default=None)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(room.words(request)("tab.banking"), reverse("money.banking"))]


ROUTES = (
    route("money/banking/", banking, WHO, name="money.banking", methods=("GET", "POST")),
    route("money/banking/statements/<str:digest>/", statement, WHO, name="money.statement", object=seen_statement),
    route("money/banking/lines/<int:line>/", resolve, _PAYER, name="money.line", methods=("GET", "POST"),
          object=seen_line),
    route("money/accounts/", accounts, WHO, name="money.accounts"),
    route("money/accounts/<int:account>/", check, WHO, name="money.account", methods=("GET", "POST"),
          object=seen_account),
)

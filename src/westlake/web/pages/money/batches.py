"""Payment batches: chosen and made by a payer, released by a third person under a second factor, handed to the bank.

The bank's files are given out only once the batch is released, so that nothing leaves the house that a third
person has not let go; auditors may look at them at any time.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.dates import iso, parse_day
from westlake.desk.desk import Desk
from westlake.desk.paying import batches as desk_batches
from westlake.desk.paying import payments as desk_payments
from westlake.desk.paying.bank_accounts import accounts_among, ordered_account
from westlake.desk.paying.batches import BATCH_MAX, Batch
from westlake.desk.paying.paying_list import Sought, find_payments
from westlake.desk.paying.payments import Ordered
from westlake.errors import WestlakeError
from westlake.money import format_money, parse_money
from westlake.web.forms import Form
from westlake.web.guards import Roles, holds, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.cases.case_steps import factor_at
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section
from westlake.web.pages.money.payments import payments_table
from westlake.web.paging import page_of

BANK = "bank"  # the table of westlake.toml: holder, account, bank (its code), name (of the bank), country, threshold
THRESHOLD = "50000"  # main units from which a payee is named before a release, where the table says nothing
_PAYER = Roles("payer")


class Debtor(Form):
    """From which account, and on which day."""

    day = forms.CharField(label="web.money.make.day", widget=forms.DateInput(attrs={"type": "date"}))
    holder = forms.CharField(label="web.money.make.holder", max_length=140)
    account = forms.CharField(label="web.money.make.account", max_length=34)
    bank = forms.CharField(label="web.money.make.bank", max_length=35, help_text="web.money.make.bank_hint")
    country = forms.CharField(label="web.money.make.country", max_length=2, min_length=2)


def bank_settings(request: HttpRequest) -> Mapping[str, str]:
    """The table [bank] of westlake.toml, as texts; empty where there is none."""
    path = request.office.workspace.folder / "westlake.toml"
    written = tomllib.loads(path.read_text("utf-8")).get(BANK, {}) if path.is_file() else {}
    return {str(name): str(value) for name, value in written.items()}


def batches(request: HttpRequest) -> HttpResponse:
    """All batches, and what waits to be put in one."""
    desk, tell = request.office.desk, room.words(request)
    found = desk_batches.batches(desk, limit=10**6)
    shown_ones = room.batches_seen(request, desk, [one.id for one in found])
    found = [one for one in found if one.id in shown_ones]
    shown = page_of(request, len(found))
    who = room.names(desk, [one.person for one in found] + [one.released_by for one in found])
    rows = [[Cell(tell("batch_number", number=one.id), reverse("money.batch", args=[one.id])), iso(one.day),
             Cell(f"{one.payments:,}"), format_money(one.total, one.currency, sign=True),
             Cell(tell(f"batch_state.{one.state}"), tag=_colour(one)), who[one.person], who[one.released_by] or "–"]
            for one in found[shown.offset:shown.offset + shown.size]]
    columns = [Column(tell("batch")), Column(tell("make.day")), Column(tell("count"), num=True),
               Column(tell("amount"), num=True), Column(tell("stands")), Column(tell("made_by")),
               Column(tell("released_by"))]
    pays = holds(request, "payer")
    waiting = find_payments(desk, room.seen(request, desk), Sought(state="waiting"), 500)
    return room.page(request, tell("tab.batches"), "money/batches.html", waiting=waiting, pays=pays, shown=shown,
                     rows=_rows(desk, waiting),
                     sections=[Section(tell("made_batches"), table(tell("tab.batches"), columns, rows),
                                       empty=tell("no_batch"))])


def _rows(desk: Desk, found: list[Ordered]) -> list[tuple[Ordered, str, str, bool]]:
    """Payments with the firm's name, its masked account, and whether they may go no further as things stand."""
    named = room.firm_names(desk, (one.firm for one in found))
    accounts = accounts_among(desk, {one.bank for one in found})
    loose = {one.id for one in desk_batches.doubtful(desk, found)}
    return [(one, named[one.firm], accounts[one.bank].masked, one.id in loose) for one in found]


def _colour(batch: Batch) -> str:
    return {"made": "waiting", "released": "released", "given_up": "withdrawn"}[batch.state]


def make(request: HttpRequest) -> HttpResponse:
    """GET: the chosen payments, their sum, and from which account. POST: make the batch, once."""
    desk, tell = request.office.desk, room.words(request)
    given = request.POST if request.method == "POST" else request.GET
    numbers = list(dict.fromkeys(int(text) for text in given.getlist("payment") if text.isdecimal() and len(text) < 12))
    chosen = _seen(request, desk, numbers)
    start = {"day": iso(desk.today()), **{name: text for name, text in bank_settings(request).items()
                                          if name in Debtor.base_fields}}
    form = Debtor(request.POST or None, lang=request.lang, initial=start)
    if request.method == "POST" and form.is_valid():
        already = {one.batch for one in chosen}
        if chosen and len(already) == 1 and None not in already and _mine(request, desk, already.pop(), chosen):
            return redirect("money.batch", chosen[0].batch)  # a second click finds what the first one made
        try:
            said = form.cleaned_data
            batch = desk_batches.make_batch(
                desk, request.person, _day(said["day"]), [one.id for one in chosen],
                ordered_account(said["holder"].strip(), said["account"].strip(), said["bank"].strip().upper(),
                                said["country"].strip().upper()))
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, tell("make.done", number=batch.id))
            return redirect("money.batch", batch.id)
    return room.page(
        request, tell("make.title"), "money/make.html", 422 if form.errors else 200, form=form, chosen=chosen,
        crumbs=_crumbs(request), rows=_rows(desk, chosen), count=len(chosen),
        total=room.sums((one.currency, one.amount) for one in chosen))


def _day(text: str) -> int:
    try:
        return parse_day(text)
    except ValueError as error:
        raise WestlakeError.one("W1106", text=text[:40]) from error


def _seen(request: HttpRequest, desk: Desk, numbers: list[int]) -> list[Ordered]:
    found = []
    for number in numbers[:BATCH_MAX]:
        try:
            one = desk_payments.find_payment(desk, number)
        except WestlakeError:
            continue
        if room.is_seen(request, desk, one.case):
            found.append(one)
    return found


def _mine(request: HttpRequest, desk: Desk, number: int | None, chosen: list[Ordered]) -> bool:
    """Whether a batch is the very one that this person has just made of these payments."""
    batch = desk_batches.find_batch(desk, number or 0)
    return batch.person == request.person.id and batch.payments == len(chosen)


def seen_batch(request: HttpRequest, batch: int) -> Batch:
    """A batch all of whose programmes this person may see; 404 for any other."""
    desk = request.office.desk
    with or_404():
        found = desk_batches.find_batch(desk, batch)
    if not room.batch_seen(request, desk, batch):
        raise Http404
    return found


def show(request: HttpRequest, batch: Batch) -> HttpResponse:
    """One batch: its sum, its files with their hashes checked anew, its payments, who may let it go."""
    desk, tell, lang = request.office.desk, room.words(request), request.lang
    found = desk_payments.payments(desk, batch=batch.id, limit=BATCH_MAX)
    who = room.names(desk, [batch.person, batch.released_by])
    broken = ""
    try:
        xml, csv = desk_batches.batch_files(desk, batch.id)
    except WestlakeError as error:
        xml = csv = b""
        broken = f"{error.problems[0].sentence(lang)} ({error.problems[0].code})"
    hashes = [(name, hashlib.sha256(content).hexdigest()) for name, content in (("XML", xml), ("CSV", csv)) if content]
    kept_back = _kept_back(request, batch, found)
    pays = holds(request, "payer")
    shown = page_of(request, len(found))
    facts = [(tell("amount"), format_money(batch.total, batch.currency, sign=True)),
             (tell("count"), f"{batch.payments:,}"), (tell("make.day"), iso(batch.day)),
             (tell("made_by"), who[batch.person])]
    return room.page(
        request, tell("batch_number", number=batch.id), "money/batch.html", batch=batch, facts=facts, hashes=hashes,
        broken=broken, kept_back=kept_back, pays=pays, state=_colour(batch), released_by=who[batch.released_by],
        state_label=tell(f"batch_state.{batch.state}"), crumbs=_crumbs(request), shown=shown,
        handed_out=_handed_out(request, batch) and not broken,
        sections=[Section(tell("tab.payments"),
                          payments_table(request, desk, found[shown.offset:shown.offset + shown.size]))])


def _kept_back(request: HttpRequest, batch: Batch, found: list[Ordered]) -> str:
    """Why this person may not release it: the sentence of the code, or nothing."""
    problem = desk_batches.why_not_release(request.office.desk, batch, found, request.person)
    if problem is None:
        return ""
    return f"{problem.sentence(request.lang)}. {problem.way_out(request.lang)} ({problem.code})"


def _handed_out(request: HttpRequest, batch: Batch) -> bool:
    return holds(request, "auditor") or (batch.state == "released" and holds(request, "payer"))


def release(request: HttpRequest, batch: Batch) -> HttpResponse:
    """GET: what would leave the house, payee by payee above the threshold. POST: let it go."""
    desk, tell = request.office.desk, room.words(request)
    if request.method == "POST":
        if request.POST.get("digest") != batch.digest:
            raise WestlakeError.one("W1021", number=batch.id)
        done = desk_batches.release_batch(desk, batch.id, request.person, factor_at(request))
        messages.success(request, tell("release.done", number=done.id,
                                       amount=format_money(done.total, done.currency, sign=True)))
        return redirect("money.batch", batch.id)
    found = desk_payments.payments(desk, batch=batch.id, limit=BATCH_MAX)
    least = threshold(request, batch.currency)
    named = room.firm_names(desk, {one.firm for one in found})
    large = sorted((one for one in found if one.amount >= least), key=lambda one: (-one.amount, one.id))
    accounts = accounts_among(desk, {one.bank for one in large})
    rows = [[Cell(one.reference, hint=one.number), named[one.firm], accounts[one.bank].masked,
             format_money(one.amount, one.currency, sign=True)] for one in large]
    columns = [Column(tell("payment")), Column(tell("firm")), Column(tell("account")), Column(tell("amount"), num=True)]
    return room.page(
        request, tell("release.title", number=batch.id), "money/release.html", batch=batch, crumbs=_crumbs(request),
        kept_back=_kept_back(request, batch, found), rest=len(found) - len(large),
        facts=[(tell("amount"), format_money(batch.total, batch.currency, sign=True)),
               (tell("count"), f"{batch.payments:,}"), (tell("make.day"), iso(batch.day))],
        least=format_money(least, batch.currency, sign=True), large=table(tell("release.large"), columns, rows))


def threshold(request: HttpRequest, currency: str) -> int:
    """From which amount (minor units) a payee is named before a release."""
    try:
        return parse_money(bank_settings(request).get("threshold", THRESHOLD), currency)
    except ValueError:
        return 0  # a threshold that cannot be read names everybody


def give_up(request: HttpRequest, batch: Batch) -> HttpResponse:
    """Void all payments of a batch that has not gone, so that they can be ordered anew."""
    desk, tell = request.office.desk, room.words(request)
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise WestlakeError.one("W1012")
        desk_batches.give_up_batch(desk, batch.id, request.person, reason)
        messages.success(request, tell("give_up.done", number=batch.id))
        return redirect("money.batch", batch.id)
    return room.page(
        request, tell("give_up.title", number=batch.id), "money/confirm.html", says=tell("give_up.says"),
        pairs_above=[(tell("amount"), format_money(batch.total, batch.currency, sign=True)),
                     (tell("count"), f"{batch.payments:,}")], crumbs=_crumbs(request),
        button=tell("give_up.button"), back=reverse("money.batch", args=[batch.id]), reason=tell("reason"), danger=True)


def file(request: HttpRequest, batch: Batch, kind: str) -> HttpResponse:
    """The batch's file as it was made: XML for the bank, or the same as a table; W1107 before it is released."""
    if not _handed_out(request, batch):
        raise WestlakeError.one("W1107", number=batch.id)
    xml, csv = desk_batches.batch_files(request.office.desk, batch.id)
    content, type_ = (xml, "application/xml") if kind == "xml" else (csv, "text/csv; charset=utf-8")
    name = re.sub(r"[^A-Za-z0-9-]", "", f"PAY-{batch.id:06d}")
    return HttpResponse(content, content_type=type_, headers={
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Repr-Digest": f"sha-256=:{_base64(content)}:"})


def _base64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(room.words(request)("tab.batches"), reverse("money.batches"))]


ROUTES = (
    route("money/batches/", batches, WHO, name="money.batches"),
    route("money/batches/make/", make, _PAYER, name="money.batches.make", methods=("GET", "POST")),
    route("money/batches/<int:batch>/", show, WHO, name="money.batch", object=seen_batch),
    route("money/batches/<int:batch>/release/", release, Roles("payer", fresh=True), name="money.release",
          methods=("GET", "POST"), object=seen_batch),
    route("money/batches/<int:batch>/give-up/", give_up, _PAYER, name="money.give_up", methods=("GET", "POST"),
          object=seen_batch),
    route("money/batches/<int:batch>/order.xml", lambda request, batch: file(request, batch, "xml"),
          Roles("payer", "auditor"), name="money.batch.xml", object=seen_batch),
    route("money/batches/<int:batch>/order.csv", lambda request, batch: file(request, batch, "csv"),
          Roles("payer", "auditor"), name="money.batch.csv", object=seen_batch),
)

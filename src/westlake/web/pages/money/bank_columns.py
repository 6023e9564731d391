"""A bank's table whose headings nobody knows yet: its columns are named by the payer, and remembered for that bank."""

from __future__ import annotations

import base64
import binascii
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.database import transaction
from westlake.dates import iso
from westlake.desk.desk import Desk
from westlake.desk.paying.bank_lines import columns_named_for, import_statement, named_by
from westlake.desk.paying.bank_statement import NEEDED, ROLES, SIZE_MAX, Booked, Sheet, look_at_sheet, read_statement
from westlake.desk.people import person_number
from westlake.errors import Place, WestlakeError
from westlake.money import MINOR_DIGITS, format_money
from westlake.web.forms import Form
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Column, Table, table
from westlake.web.pages.money import money as room
from westlake.web.pages.money.batches import bank_settings
from westlake.web.pages.money.money import Section
from westlake.words import say

NAMED = "desk.statement_columns_named"  # the act that says which column of a bank's table is what
PACKED_MAX = 1_900_000  # characters of a file that a form carries along
LINES = 5
CUT = 40  # characters of a cell shown


class Columns(Form):
    """Which heading is what; the file comes along."""

    packed = forms.CharField(max_length=PACKED_MAX, widget=forms.HiddenInput())
    name = forms.CharField(max_length=200, widget=forms.HiddenInput())
    bank = forms.CharField(label="web.money.columns.bank", help_text="web.money.columns.bank_hint", max_length=100)
    currency_of = forms.ChoiceField(label="web.money.statement.currency", choices=[(one, one) for one in MINOR_DIGITS])

    def __init__(self, sheet: Sheet, *args: Any, of_file: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        if not of_file:  # what holds for the next file comes without one
            for name in ("packed", "name", "currency_of"):
                del self.fields[name]
        for role in ROLES:
            self.fields[role] = forms.ChoiceField(
                label=say(f"web.money.columns.role.{role}", self.lang), required=role in NEEDED,
                help_text=say(f"web.money.columns.hint.{role}", self.lang) if role in HINTED else "",
                choices=[("", "–"), *((one, one) for one in dict.fromkeys(sheet.headings))])

    def clean(self) -> dict[str, Any]:
        """Each heading is one thing."""
        given = super().clean() or {}
        picked = [given[role] for role in ROLES if given.get(role)]
        for role in ROLES:
            if given.get(role) and picked.count(given[role]) > 1:
                self.take(WestlakeError.one("W1154", Place(field=role), name=given[role]))
        return given

    def columns(self) -> dict[str, str]:
        """Role → heading."""
        return {role: self.cleaned_data[role] for role in ROLES if self.cleaned_data[role]}


HINTED = ("amount", "credit_amount", "credit_debit")


@dataclass(frozen=True)
class Named:
    """What was said of a table's columns. act: by which it was said; headings: of the table, in their order."""

    act: int
    at: int
    actor: str
    bank: str
    headings: tuple[str, ...]
    columns: Mapping[str, str]


def all_named(desk: Desk) -> Iterator[Named]:
    """All that was ever said, in order."""
    for act in desk.record.acts(act=NAMED):
        columns, headings = act.details["columns"], act.details.get("headings")
        if isinstance(columns, Mapping) and isinstance(headings, list | tuple):
            yield Named(act.id, act.at, act.actor, str(act.details["bank"]), tuple(map(str, headings)),
                        {str(role): str(heading) for role, heading in columns.items()})


def last_named(desk: Desk, headings: Sequence[str], bank: str) -> Named | None:
    """What was said last of a bank's table with exactly these headings; nothing where nobody ever did.

    Two banks may use the same headings for different things, so each is named by itself. A table that has them among
    others is another export of the bank's: not the same.
    """
    return next(reversed([one for one in all_named(desk)
                          if one.headings == tuple(headings) and _same(one.bank, bank)]), None)


def banks_named(desk: Desk) -> list[str]:
    """The banks, or accounts, whose tables were named, as they were last written, by name."""
    return sorted({_key(one.bank): one.bank for one in all_named(desk)}.values())


def _key(bank: str) -> str:
    return " ".join(bank.split()).casefold()


def _same(one: str, other: str) -> bool:
    return _key(one) == _key(other)


def _name(request: HttpRequest, headings: Sequence[str], form: Columns) -> Named:
    """Write down what a form says of a table, unless it is what was said last; what holds from now on."""
    desk, bank = request.office.desk, form.cleaned_data["bank"].strip()
    known = last_named(desk, headings, bank)
    if known is None or (known.bank, known.columns) != (bank, form.columns()):
        desk.record.add(request.person.actor, NAMED, "bank:statement", {
            "bank": bank, "columns": form.columns(), "headings": list(headings)})
        known = last_named(desk, headings, bank)
    assert known is not None
    return known


def ask(request: HttpRequest, content: bytes, name: str, currency: str, bank: str,
        known: Named | None = None) -> HttpResponse | None:
    """The page on which a file's columns are named; None for what is no table, or has too few columns for one.

    bank: whose file it is, where that was said; known: what was said of such a table of its before, to be changed.
    """
    with _lying(content, name) as path:
        sheet = look_at_sheet(path)
    if sheet is None or len(set(sheet.headings)) < len(NEEDED):
        return None
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(packed) > PACKED_MAX:
        raise WestlakeError.one("W1155", Place(field="file"))
    first = not banks_named(request.office.desk)  # later another bank's name would be taken for this one's
    own = bank_settings(request).get("name", "") if first else ""
    form = Columns(sheet, lang=request.lang, initial={
        "packed": packed, "name": name[:200], "currency_of": currency, "bank": bank or own,
        **({"bank": known.bank, **known.columns} if known else sheet.guess)})
    return _page(request, sheet, form)


def remembered(desk: Desk, content: bytes, name: str, bank: str) -> Named | None:
    """What was said before of a table like this one of the bank's."""
    with _lying(content, name) as path:
        sheet = look_at_sheet(path)
    return last_named(desk, sheet.headings, bank) if sheet and bank else None


def name_columns(request: HttpRequest) -> HttpResponse:
    """Look at what the named columns give; then take the statement in, and remember them for the bank."""
    # what becomes of a statement that was taken in is told in one place
    from westlake.web.pages.money.banking import told_of  # noqa: PLC0415

    content, name = _unpacked(request.POST.get("packed", "")), request.POST.get("name", "")[:200] or "statement"
    with _lying(content, name) as path:
        sheet = look_at_sheet(path)
        if sheet is None:
            raise WestlakeError.one("W951", Place(name))
        form = Columns(sheet, request.POST, lang=request.lang)
        lines: list[Booked] = []
        if form.is_valid():
            said, desk = form.cleaned_data, request.office.desk
            try:
                lines = read_statement(path, form.columns(), said["currency_of"])
                if "go" in request.POST:
                    with transaction(desk.connection):  # what could not be taken in is not remembered
                        named = _name(request, sheet.headings, form)
                        found = import_statement(desk, request.person, content, name, form.columns(),
                                                 said["currency_of"], named.act)
                    return redirect(told_of(request, desk, found, content))
            except WestlakeError as error:
                form.take(error)
    return _page(request, sheet, form, lines)


def seen_named(request: HttpRequest, act: int) -> Named:
    """What was said of a table's columns by an act; 404 for any other."""
    found = next((one for one in all_named(request.office.desk) if one.act == act), None)
    if found is None:
        raise Http404
    return found


def change_columns(request: HttpRequest, named: Named) -> HttpResponse:
    """Say anew which column is what, from the next file on; what was taken in stays as it was read."""
    tell, desk = room.words(request), request.office.desk
    now = last_named(desk, named.headings, named.bank) or named
    form = Columns(Sheet([*named.headings], [], {}), request.POST or None, of_file=False, lang=request.lang,
                   initial={"bank": now.bank, **now.columns})
    if request.method == "POST" and form.is_valid():
        _name(request, named.headings, form)
        messages.success(request, tell("columns.changed"))
        return redirect("money.banking")
    return room.page(request, tell("columns.change"), "money/form.html", 422 if form.errors else 200, form=form,
                     button=tell("columns.change"), back=reverse("money.banking"), under=tell("columns.change_says"),
                     crumbs=[(tell("tab.banking"), reverse("money.banking"))])


def used_for(request: HttpRequest, statement: str) -> Section | None:
    """How the columns of a statement were read, by whose word, with the way to change it; nothing where nobody had to
    say it."""
    desk, tell = request.office.desk, room.words(request)
    act = columns_named_for(desk, statement)
    named = next((one for one in all_named(desk) if one.act == act), None) if act else None
    if named is None:
        return None
    number = person_number(named.actor)
    who = room.names(desk, [number]).get(number, named.actor)
    columns = table(tell("columns.used"), [Column(tell("columns.what")), Column(tell("columns.heading"))], [
        [tell(f"columns.role.{role}"), named.columns[role]] for role in ROLES if role in named.columns])
    change = (tell("columns.change"), reverse("money.columns.change", args=[named.act]))
    return Section(
        tell("columns.used"), columns, links=[change] if holds(request, "payer") else [],
        says=tell("columns.used_says", bank=named.bank, who=who, day=iso(desk.day_of(named.at))))


def _page(request: HttpRequest, sheet: Sheet, form: Columns, lines: list[Booked] | None = None) -> HttpResponse:
    tell = room.words(request)
    raw = table(tell("columns.first_rows"), [Column(one) for one in sheet.headings], [
        [*(text[:CUT] for text in row), *[""] * (len(sheet.headings) - len(row))] for row in sheet.rows])
    return room.page(request, tell("columns.title"), "money/columns.html", 422 if form.errors else 200, form=form,
                     raw=raw, under=tell("columns.says"), read=_read(request, lines) if lines else None,
                     count=f"{len(lines or []):,}",
                     none_ours=bool(lines) and not named_by(request.office.desk, lines or []))


def _read(request: HttpRequest, lines: list[Booked]) -> Table:
    """The first lines as they would be taken in."""
    tell = room.words(request)
    columns = [Column(tell("day")), Column(tell("line.reference")), Column(tell("columns.way")),
               Column(tell("amount"), num=True)]
    return table(tell("columns.would_read"), columns, [
        [iso(one.day), one.reference or "–", tell(f"columns.{one.credit_debit}"),
         format_money(one.amount, one.currency, sign=True)] for one in lines[:LINES]])


@contextmanager
def _lying(content: bytes, name: str) -> Iterator[Path]:
    """The file on the disk for as long as it is looked at: its reader tells tables apart by their files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(name).name or "statement")
        path.write_bytes(content)
        yield path


def _unpacked(text: str) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(base64.b64decode(text[:PACKED_MAX], validate=True), SIZE_MAX)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise WestlakeError.one("W951", Place("statement")) from error
    if not found or not unpacker.eof:
        raise WestlakeError.one("W951", Place("statement"))
    return found


_PAYER = Roles("payer")
ROUTES = (
    route("money/banking/columns/", name_columns, _PAYER, name="money.columns", methods=("POST",)),
    route("money/banking/columns/<int:act>/", change_columns, _PAYER, name="money.columns.change",
          methods=("GET", "POST"), object=seen_named),
)

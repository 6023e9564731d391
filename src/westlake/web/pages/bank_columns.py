"""A bank's table whose headings nobody knows yet: its columns are named by the payer, and remembered for that bank."""

from __future__ import annotations

import base64
import binascii
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from westlake.dates import iso
from westlake.desk.bank_lines import import_statement
from westlake.desk.bank_statement import NEEDED, ROLES, SIZE_MAX, Booked, Sheet, look_at_sheet, read_statement
from westlake.desk.desk import Desk
from westlake.errors import Place, WestlakeError
from westlake.money import MINOR_DIGITS, format_money
from westlake.web.forms import Form
from westlake.web.guards import Roles, route
from westlake.web.listing import Column, Table, table
from westlake.web.pages import money as room
from westlake.web.pages.batches import bank_settings
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

    def __init__(self, sheet: Sheet, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
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


def known_columns(desk: Desk, sheet: Sheet) -> Mapping[str, str]:
    """What was said last of a table with all of these headings; empty where nobody ever did."""
    found = [act.details["columns"] for act in desk.record.acts(act=NAMED)]
    fitting = [one for one in found if isinstance(one, Mapping) and set(one.values()) <= set(sheet.headings)]
    return {str(role): str(heading) for role, heading in fitting[-1].items()} if fitting else {}


def ask(request: HttpRequest, content: bytes, name: str, currency: str) -> HttpResponse | None:
    """The page on which a file's columns are named; None for what is no table, or has too few columns for one."""
    with _lying(content, name) as path:
        sheet = look_at_sheet(path)
    if sheet is None or len(set(sheet.headings)) < len(NEEDED):
        return None
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(packed) > PACKED_MAX:
        raise WestlakeError.one("W1155", Place(field="file"))
    form = Columns(sheet, lang=request.lang, initial={
        "packed": packed, "name": name[:200], "currency_of": currency, "bank": bank_settings(request).get("bank", ""),
        **sheet.guess})
    return _page(request, sheet, form)


def remembered(desk: Desk, content: bytes, name: str) -> Mapping[str, str]:
    """The columns that were named before for a table like this one."""
    with _lying(content, name) as path:
        sheet = look_at_sheet(path)
    return known_columns(desk, sheet) if sheet else {}


def name_columns(request: HttpRequest) -> HttpResponse:
    """Look at what the named columns give; then take the statement in, and remember them for the bank."""
    # what becomes of a statement that was taken in is told in one place
    from westlake.web.pages.banking import told_of  # noqa: PLC0415

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
                    found = import_statement(desk, request.person, content, name, form.columns(), said["currency_of"])
                    if known_columns(desk, sheet) != form.columns():
                        desk.record.add(request.person.actor, NAMED, "bank:statement", {
                            "bank": said["bank"].strip(), "columns": form.columns()})
                    return redirect(told_of(request, desk, found, content))
            except WestlakeError as error:
                form.take(error)
    return _page(request, sheet, form, lines)


def _page(request: HttpRequest, sheet: Sheet, form: Columns, lines: list[Booked] | None = None) -> HttpResponse:
    tell = room.words(request)
    raw = table(tell("columns.first_rows"), [Column(one) for one in sheet.headings], [
        [*(text[:CUT] for text in row), *[""] * (len(sheet.headings) - len(row))] for row in sheet.rows])
    return room.page(request, tell("columns.title"), "money/columns.html", 422 if form.errors else 200, form=form,
                     raw=raw, under=tell("columns.says"), read=_read(request, lines) if lines else None,
                     count=f"{len(lines or []):,}")


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


ROUTES = (route("money/banking/columns/", name_columns, Roles("payer"), name="money.columns", methods=("POST",)),)

"""Samples of cases: drawn by a seed that everybody may know, kept in the record first, and drawn again by anybody."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from westlake.dates import day_number, iso, parse_day, year_of
from westlake.desk.audit.auditing import (
    SAMPLED,
    STRATA,
    STREAM,
    Draw,
    Search,
    again,
    cases_by_number,
    draw_sample,
    find_acts,
    keep_sample,
)
from westlake.errors import WestlakeError
from westlake.record.record import Act
from westlake.web import forms
from westlake.web.guards import route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.audit import audit as room
from westlake.web.templatetags.westlake import instant
from westlake.web.visit import Visit
from westlake.words import fill

SEED_DIGITS = 30
LISTED = 50


class Ask(forms.Form):
    """What is to be drawn."""

    seed = fields.RegexField(rf"^\d{{1,{SEED_DIGITS}}}$", label="web.audit.seed", help_text="web.audit.seed_hint")
    size = fields.IntegerField(label="web.audit.size", min_value=1, max_value=10_000)
    programme = fields.ChoiceField(label="web.audit.programme", required=False)
    by = fields.ChoiceField(label="web.audit.by", required=False,
                            choices=[(one, f"web.audit.strata.{one or 'none'}") for one in STRATA])
    first = fields.DateField(label="web.audit.first", widget=fields.DateInput(attrs={"type": "date"}))
    last = fields.DateField(label="web.audit.last", widget=fields.DateInput(attrs={"type": "date"}))


def samples(request: Visit) -> HttpResponse:
    """The samples drawn so far, and a form to draw another; a draw is written down before its cases are shown."""
    today = request.office.today
    form = Ask(request.POST or None, lang=request.lang, initial={
        "seed": str(secrets.randbelow(10**9)), "size": 10, "first": iso(day_number(year_of(today), 1, 1)),
        "last": iso(today)})
    where = room.within(request)
    form.fields["programme"].choices = [("", room.tell(request, "all_programmes")), *(
        (one.programme.name, fill(one.programme.words.title, request.lang)) for one in request.office.offered
        if where is None or one.programme.name in where)]
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            draw = draw_sample(request.office.desk, int(asked["seed"]), asked["size"], parse_day(str(asked["first"])),
                               parse_day(str(asked["last"])), asked["programme"], asked["by"], where)
        except WestlakeError as error:
            form.take(error)
        else:
            number = keep_sample(request.office.desk, request.person, draw)
            messages.success(request, room.tell(request, "sample_kept", number=number))
            return redirect("audit.sample", number)
    found = [act for act in find_acts(request.office.desk, Search(act=SAMPLED), LISTED) if _may(request, act)]
    who = room.doers(request, found)
    rows = [[Cell(f"№ {act.id}", reverse("audit.sample", args=[act.id])), instant(act.at), who[act.actor],
             str(_of(act)["size"]), str(_of(act)["population"]), _of(act)["seed"]] for act in found]
    columns = [Column(room.tell(request, name), num=name in ("size", "population"))
               for name in ("sample", "at", "who", "size", "population", "seed")]
    return room.page(request, room.tell(request, "tab.samples"), "audit/samples.html", form=form,
                     found=table(room.tell(request, "tab.samples"), columns, rows), status=422 if form.errors else 200)


def sample(request: Visit, act: Act) -> HttpResponse:
    """One sample: its cases, whether it comes out the same when drawn now, and how anybody can check it."""
    office, told = request.office, _of(act)
    try:
        drawn: Draw | None = again(office.desk, act)
    except WestlakeError:
        drawn = None
    same = drawn is not None and (drawn.digest, list(drawn.chosen)) == (told["digest"], told["chosen"])
    cases = cases_by_number(office.desk, told["chosen"])
    columns = [Column(room.tell(request, name), num=name == "draw")
               for name in ("number", "title_column", "firm", "state", "draw")]
    rows = [[Cell(one.number, reverse("audit.case", args=[one.id])), one.title, one.firm,
             office.desk.offered(one.programme).workflow.word("state", one.state, request.lang),
             str(drawn.draws.get(one.number, "–")) if drawn else "–"] for one in cases]
    strata = [] if drawn is None else [
        [_stratum(request, told["by"], name), f"{count:,}", f"{taken:,}"]
        for name, (count, taken) in drawn.strata.items()]
    pairs = [(room.tell(request, "seed"), told["seed"]),
             (room.tell(request, "days"), f"{iso(told['first'])} – {iso(told['last'])}"),
             (room.tell(request, "population"), f"{told['population']:,}"),
             (room.tell(request, "size"), f"{told['size']:,}"),
             (room.tell(request, "by"), room.tell(request, f"strata.{told['by'] or 'none'}")),
             (room.tell(request, "digest"), told["digest"]), (room.tell(request, "at"), instant(act.at))]
    first = told["chosen"][0] if told["chosen"] else ""
    call = f"stream({told['seed']}, {STREAM!r}, {first!r})"
    code = f"from westlake.chance import stream\nprint({call}.integers(0, 2**63))"
    return room.page(
        request, room.tell(request, "sample_title", number=act.id), "audit/sample.html", same=same, pairs=pairs,
        code=code, found=table(room.tell(request, "chosen"), columns, rows),
        strata=table(room.tell(request, "strata_title"), [
            Column(room.tell(request, "stratum")), Column(room.tell(request, "population"), num=True),
            Column(room.tell(request, "size"), num=True)], strata))


def seen_sample(request: Visit, act: int) -> Act:
    """A sample by its act, or 404; one that reaches beyond an auditor's programmes is not there for them."""
    found = next(request.office.record.acts(act=SAMPLED, after=act - 1), None)
    if found is None or found.id != act or not _may(request, found):
        raise Http404
    return found


def _may(request: Visit, act: Act) -> bool:
    where = room.within(request)
    return where is None or _of(act)["programme"] in where or act.actor == request.person.actor


def _of(act: Act) -> Any:
    return act.details


def _stratum(request: Visit, by: str, name: str) -> str:
    if by == "programme":
        known = request.office.programmes.get(name)
        return fill(known.words.title, request.lang) if known else name
    return room.tell(request, "digits", number=name) if by == "amount" else room.tell(request, "strata.none")


ROUTES = (
    route("audit/samples/", samples, room.READERS, name="audit.samples", methods=("GET", "POST")),
    route("audit/samples/<int:act>/", sample, room.READERS, name="audit.sample", object=seen_sample),
)

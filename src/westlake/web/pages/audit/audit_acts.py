"""The record's acts, looked for and handed out; and everything checked anew, against heads kept outside as well."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from westlake.database import storable
from westlake.dates import DAY_MAX, DAY_MIN, instant_iso, parse_day
from westlake.desk.audit.auditing import Search, act_row, count_acts, find_acts
from westlake.errors import Problem
from westlake.record.record import Act
from westlake.web import forms, work
from westlake.web.guards import holds, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.models import Job
from westlake.web.pages.audit import audit as room
from westlake.web.pages.audit.act_story import Story, stories
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.web.verifying import VERIFIED
from westlake.web.visit import Visit

FIELDS = ("actor", "act", "subject", "text", "first", "last")
EXPORTED = 50_000  # acts of one file
HASH = re.compile(r"[0-9a-f]{64}")
HEADS = 20


class Heads(forms.Form):
    """Heads of either chain that were kept outside."""

    published = fields.CharField(label="web.audit.published", help_text="web.audit.published_hint", required=False,
                                 max_length=HEADS * 70, widget=fields.Textarea(attrs={"rows": 3}))

    def clean_published(self) -> list[str]:
        """Each a whole SHA-256."""
        found = self.cleaned_data["published"].lower().split()
        if any(not HASH.fullmatch(one) for one in found):
            raise fields.ValidationError(forms.told("web.audit.published_wrong", self.lang))
        return list(dict.fromkeys(found))


def acts(request: Visit) -> HttpResponse:
    """The acts, newest first, narrowed by all that is asked."""
    search, where = _search(request), _within(request)
    page = page_of(request, count_acts(request.office.desk, search, where))
    found = find_acts(request.office.desk, search, page.size, page.offset, where)
    values = _given(request)
    return room.page(
        request, room.tell(request, "tab.acts"), "audit/acts.html", shown=page, found=_told(request, found),
        count=page.count, query=request.GET.urlencode(), too_many=page.count > EXPORTED, most=f"{EXPORTED:,}",
        filters=[{"name": name, "label": room.tell(request, f"act_{name}"), "value": values[name]} for name in FIELDS])


def acts_csv(request: Visit) -> HttpResponse:
    """The same as a file, newest first, up to EXPORTED of them."""
    found = find_acts(request.office.desk, _search(request), EXPORTED, 0, _within(request))
    rows = [_plain(request, act) for act in found]
    header = ("id", "at", "day", "actor", "act", "subject", "version", "details", "personal", "hash")
    return room.csv_answer("acts", header, [
        (row["id"], instant_iso(row["at"]), row["day"], row["actor"], row["act"], row["subject"], row["version"],
         json.dumps(row["details"], ensure_ascii=False), json.dumps(row["personal"], ensure_ascii=False), row["hash"])
        for row in rows])


def verify(request: Visit) -> HttpResponse:
    """Ask for everything to be checked; what each verification found stays in the record."""
    if not room.sees_all(request):
        raise PermissionDenied
    form = Heads(request.POST or None, lang=request.lang)
    if request.method == "POST" and form.is_valid():
        job = work.ask(request.office, "verify_rooms", {"published": form.cleaned_data["published"]}, request.person)
        if job.state in work.GOING:
            messages.info(request, room.tell(request, "verify_asked"))
        return redirect("audit.verify")
    going = Job.objects.filter(name="verify_rooms", state__in=work.GOING).order_by("-pk").first()
    failed = Job.objects.filter(name="verify_rooms").order_by("-pk").first()
    problem = Problem(failed.problem["code"], values=failed.problem["values"]) if failed and failed.problem else None
    found = find_acts(request.office.desk, Search(act=VERIFIED), 20)
    return room.page(
        request, room.tell(request, "tab.verify"), "audit/verify.html", form=form, going=going is not None,
        failed=problem.line(request.lang) if problem else "", last=_result(request, found[0]) if found else None,
        history=_history(request, found[1:]), under=room.tell(request, "door.verify"),
        status=422 if form.errors else 200)


def _result(request: Visit, act: Act) -> dict[str, Any]:
    """What the last verification found: heads of both chains, and problems in the reader's words."""
    told: Any = act.details
    problems = [(one, Problem(one["code"], values=one["values"])) for one in told["problems"]]
    columns = [Column(room.tell(request, name)) for name in ("room", "problem", "way_out")]
    return {
        "at": act.at, "found": told["found"], "published": len(told["published"]),
        "pairs": [(room.tell(request, "books_head"), f"№ {told['books']['number']:,} · {told['books']['hash']}"),
                  (room.tell(request, "record_head"), f"№ {told['record']['number']:,} · {told['record']['hash']}")],
        "table": table(room.tell(request, "problem"), columns, [
            [room.tell(request, f"rooms.{one['room']}"),
             Cell(problem.sentence(request.lang), hint=f"{problem.code} {one['place']}"),
             problem.way_out(request.lang)] for one, problem in problems])}


def _history(request: Visit, found: list[Act]) -> Table:
    who = room.doers(request, found)
    rows: list[list[Any]] = []
    for act in found:
        told: Any = act.details
        rows.append([instant(act.at), who[act.actor], Cell(
            room.tell(request, "found_none" if not told["found"] else "found_some", number=told["found"]),
            tag="clean" if not told["found"] else "broken"), told["record"]["hash"][:16]])
    return table(room.tell(request, "history"), [Column(room.tell(request, name)) for name in (
        "at", "who", "result", "record_head")], rows)


def _told(request: Visit, found: list[Act]) -> list[Story]:
    return stories(request, found, [_plain(request, act) for act in found], holds(request, "auditor"))


def _plain(request: Visit, act: Act) -> dict[str, Any]:
    """An act as a row; personal values only for auditors, and erased ones as erased."""
    row = act_row(act, room.tell(request, "erased"))
    if not holds(request, "auditor"):
        row["personal"] = {name: value if act.personal[name] is None else room.tell(request, "not_for_you")
                           for name, value in row["personal"].items()}
    return row


def _search(request: Visit) -> Search:
    given = _given(request)
    actor = f"person:{given['actor']}" if given["actor"].isdecimal() else given["actor"]
    return Search(actor, given["act"], given["subject"], given["text"], _day(given["first"], DAY_MIN),
                  _day(given["last"], DAY_MAX))


def _given(request: Visit) -> dict[str, str]:
    """What is asked for; what no database could hold is left out."""
    found = {name: request.GET.get(name, "").strip()[:100] for name in FIELDS}
    return {name: text if storable(text) else "" for name, text in found.items()}


def _day(text: str, otherwise: int) -> int:
    try:
        return parse_day(text)
    except ValueError:
        return otherwise


def _within(request: Visit) -> frozenset[str] | None:
    return None if room.sees_all(request) else room.within(request)


ROUTES = (
    route("audit/acts/", acts, room.WHO, name="audit.acts"),
    route("audit/acts.csv", acts_csv, room.WHO, name="audit.acts.csv"),
    route("audit/verify/", verify, room.WHO, name="audit.verify", methods=("GET", "POST")),
)

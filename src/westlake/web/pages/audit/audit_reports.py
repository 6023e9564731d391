"""Reports for auditors: decisions that depart from what was computed or said, duties that lie in one hand, and cases in
which a duty is left to nobody, which an administrator sees as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from westlake.dates import instant_iso
from westlake.desk.audit.duties import DEPARTURES, FINDINGS, Departure, Finding, departures, findings
from westlake.desk.audit.unopened import unopened
from westlake.desk.looking import looking
from westlake.money import format_money
from westlake.reports.open_data import exact
from westlake.web.guards import holds, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.audit import audit as room
from westlake.web.pages.panel.choosing import terms_named
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.web.visit import Visit
from westlake.words import catalogue, fill


def show_departures(request: Visit) -> HttpResponse:
    """Overrides, annulled choices, facts over the applicant's word, write-offs."""
    found = departures(looking(request.office.desk), room.within(request))
    return _report(request, "departures", DEPARTURES, found, _departure_table)


def departures_csv(request: Visit) -> HttpResponse:
    """The same as a file."""
    found = departures(looking(request.office.desk), room.within(request))
    who = room.names(request, {one.person for one in found})
    return room.csv_answer("departures", ("kind", "case", "programme", "person", "at", "reason", "before", "after",
                                          "amount", "currency"), [
        (one.kind, one.number, one.programme, who[one.person], instant_iso(one.at), one.reason, one.before, one.after,
         exact(one.amount, one.currency), one.currency) for one in found])


def show_duties(request: Visit) -> HttpResponse:
    """Duties in one hand, substitutes, quick approvals, looking as somebody else, interests told late."""
    found = findings(looking(request.office.desk), room.within(request))
    return _report(request, "duties", FINDINGS, found, _duty_table)


def duties_csv(request: Visit) -> HttpResponse:
    """The same as a file."""
    found = findings(looking(request.office.desk), room.within(request))
    who = room.names(request, {number for one in found for number in (one.person, one.other)})
    return room.csv_answer("duties", ("kind", "person", "other", "at", "firm", "cases", "steps", "seconds"), [
        (one.kind, who[one.person], who[one.other] if one.other else "", instant_iso(one.at), one.firm,
         "; ".join(number for _, number in one.cases), "; ".join(one.steps), one.seconds) for one in found])


def _report(request: Visit, part: str, kinds: Sequence[str], found: Sequence[Any], drawn: Any) -> HttpResponse:
    """One of the two, narrowed to a kind when one is asked for."""
    kind = request.GET.get("kind", "")
    chosen = [one for one in found if one.kind == kind] if kind in kinds else list(found)
    page = page_of(request, len(chosen))
    choices = [("", room.tell(request, "every_kind")), *((one, room.tell(request, f"{part}_kind.{one}.name"))
                                                         for one in kinds)]
    return room.page(
        request, room.tell(request, f"tab.{part}"), "audit/report.html", under=room.tell(request, f"door.{part}"),
        shown=page, found=drawn(request, chosen[page.offset:page.offset + page.size]),
        filters=[{"name": "kind", "label": room.tell(request, "kind"), "value": kind, "choices": choices}],
        csv=reverse(f"audit.{part}.csv"),
        told=[(room.tell(request, f"{part}_kind.{one}.name"), sum(each.kind == one for each in found),
               room.tell(request, f"{part}_kind.{one}.says")) for one in kinds])


def _departure_table(request: Visit, found: Sequence[Departure]) -> Table:
    who = room.names(request, {one.person for one in found})
    columns = [Column(room.tell(request, name)) for name in ("kind", "number", "was", "became", "reason", "who", "at")]
    return table(room.tell(request, "tab.departures"), columns, [
        [room.tell(request, f"departures_kind.{one.kind}.name"),
         Cell(one.number, reverse("audit.case", args=[one.case]) if one.case else ""), *_change(request, one),
         one.reason, who[one.person], instant(one.at)] for one in found])


def _change(request: Visit, one: Departure) -> tuple[str, str]:
    amount = format_money(one.amount, one.currency, sign=True)
    if one.kind == "override":
        after = room.tell(request, "chosen_with" if one.after == "1" else "not_chosen", amount=amount)
        return room.tell(request, "was_chosen" if one.before == "1" else "not_chosen"), after
    if one.kind == "other_terms":
        return "", terms_named(one.after.split(", "), request.lang)
    if one.kind == "write_off":
        return amount, room.tell(request, "written_off")
    if one.kind == "annulled":
        workflow = request.office.desk.offered(one.programme).workflow
        return workflow.word("state", one.before, request.lang), workflow.word("state", one.after, request.lang)
    return one.before, one.after


def _duty_table(request: Visit, found: Sequence[Finding]) -> Table:
    who = room.names(request, {number for one in found for number in (one.person, one.other)})
    columns = [Column(room.tell(request, name)) for name in ("kind", "who", "other", "cases", "steps", "lasted", "at")]
    return table(room.tell(request, "tab.duties"), columns, [
        [room.tell(request, f"duties_kind.{one.kind}.name"), who[one.person], who[one.other] if one.other else "",
         Cell(one.cases[0][1], reverse("audit.case", args=[one.cases[0][0]]),
              hint=", ".join(number for _, number in one.cases[1:])) if one.cases else "",
         ", ".join(_step(request, step) for step in one.steps), _lasted(request, one),
         instant(one.at)] for one in found])


def _step(request: Visit, told: str) -> str:
    """`officer: admit` in the reader's words; a role alone is a role that was given."""
    role, _, step = told.partition(": ")
    known = catalogue().get(f"desk.step.{step}")
    return f"{room.role(request, role)}: {fill(known, request.lang) if known else step}" if step else room.role(
        request, role)


def _lasted(request: Visit, one: Finding) -> str:
    """A span in the unit that suits it; an approval that took no second took 0."""
    seconds = one.seconds
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return room.tell(request, f"lasted_in.{unit}", number=f"{seconds // size:,}")
    return room.tell(request, "lasted_in.seconds", number=f"{seconds:,}") if (
        seconds or one.kind == "within_a_minute") else ""


def show_unopened(request: Visit) -> HttpResponse:
    """Cases in which all who hold a duty are in conflict of interest: with whom, but not why."""
    lang, auditor = request.lang, holds(request, *room.READERS.names)
    found = unopened(looking(request.office.desk), None if room.sees_all(request) else room.within(request))
    shown = page_of(request, len(found))
    columns = [Column(room.tell(request, name)) for name in ("number", "programme", "left_to_nobody", "in_conflict")]
    titles = {name: fill(one.words.title, lang) for name, one in request.office.programmes.items()}
    rows = [[Cell(one.number, reverse("audit.case", args=[one.case]) if auditor else ""),
             titles.get(one.programme, one.programme), ", ".join(room.role(request, role) for role in one.roles),
             ", ".join(person.name for person in one.people)] for one in found[shown.offset:shown.offset + shown.size]]
    return room.page(request, room.tell(request, "tab.unopened"), "audit/unopened.html",
                     under=room.tell(request, "door.unopened"), shown=shown,
                     found=table(room.tell(request, "tab.unopened"), columns, rows),
                     gives=holds(request, "admin") and bool(found))


ROUTES = (
    route("audit/unopened/", show_unopened, room.WHO, name="audit.unopened"),
    route("audit/departures/", show_departures, room.READERS, name="audit.departures"),
    route("audit/departures.csv", departures_csv, room.READERS, name="audit.departures.csv"),
    route("audit/duties/", show_duties, room.READERS, name="audit.duties"),
    route("audit/duties.csv", duties_csv, room.READERS, name="audit.duties.csv"),
)

"""What auditors look at: heads of the chains, what stands out, and the ways into cases, samples, acts and checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from westlake.desk.audit.duties import departures, findings
from westlake.desk.erasing import is_erased
from westlake.desk.looking import looking
from westlake.desk.people import EVERY, people_of, person_number
from westlake.ledger import Books
from westlake.record.record import Act
from westlake.reports.open_data import csv_bytes
from westlake.web.guards import Roles, holds, route
from westlake.web.templatetags.westlake import instant
from westlake.web.verifying import VERIFIED
from westlake.web.visit import Visit
from westlake.words import catalogue, say

READERS = Roles("auditor")
WHO = Roles("auditor", "admin")
TABS = (("audit", WHO), ("audit.cases", READERS), ("audit.samples", READERS), ("audit.departures", READERS),
        ("audit.duties", READERS), ("audit.unopened", WHO), ("audit.acts", WHO), ("audit.verify", WHO))


def show(request: Visit) -> HttpResponse:
    """The room at a glance."""
    lang, office = request.lang, request.office
    books, record = Books(office.connection).head(), office.record.head()
    last = last_verified(request)
    facts = [(tell(request, "acts_count"), f"{record.number:,}"),
             (tell(request, "journals_count"), f"{books.number:,}")]
    if holds(request, *READERS.names):
        desk, where = looking(office.desk), within(request)
        facts += [(tell(request, "departures"), f"{len(departures(desk, where)):,}"),
                  (tell(request, "duties"), f"{len(findings(desk, where)):,}")]
    pairs = [(tell(request, "record_head"), record.hash), (tell(request, "books_head"), books.hash),
             (tell(request, "last_verified"), _verified(last, lang) if last else tell(request, "never_verified"))]
    return page(request, tell(request, "title"), "audit/show.html", facts=facts, pairs=pairs,
                under=tell(request, "lead"), doors=doors(request))


def doors(request: Visit) -> list[tuple[str, str, str]]:
    """The parts of the room that the person may enter: label, what it is for, address."""
    return [(tell(request, f"tab.{last}"), tell(request, f"door.{last}"), reverse(name))
            for name, guard in TABS[1:] if guard.admits(request) for last in [name.rpartition(".")[2]]]


def page(request: Visit, title: str, template: str = "audit/page.html", status: int = 200, **more: Any) -> HttpResponse:
    """A page of the room: its tabs, and what it shows."""
    match = request.resolver_match
    current = ".".join((match.url_name or "").split(".")[:2]) if match else ""
    place = {"audit.case": "audit.cases", "audit.sample": "audit.samples"}.get(current, current)
    tabs = [(tell(request, f"tab.{name.rpartition('.')[2]}"), reverse(name), name == place)
            for name, guard in TABS if guard.admits(request)]
    return render(request, template, {"title": title, "tabs": tabs, **more}, status=status)


def tell(request: Visit, name: str, /, **values: object) -> str:
    """A word of the audit room."""
    return say(f"web.audit.{name}", request.lang, **values)


def within(request: Visit) -> frozenset[str] | None:
    """The programmes that this auditor may look at; None for all."""
    named = frozenset(held.programme for held in request.roles if held.role == "auditor")
    return None if EVERY in named else named


def sees_all(request: Visit) -> bool:
    """Whether what belongs to no programme may be seen: an auditor of all, or an administrator."""
    return holds(request, "admin") or within(request) is None


def names(request: Visit, numbers: set[int]) -> Mapping[int, str]:
    """People's names; an erased one says so, the system too."""
    known = people_of(request.office.connection, {number for number in numbers if number})
    found = {number: tell(request, "erased") if is_erased(known[number]) else known[number].name for number in known}
    return {number: found.get(number, tell(request, "nobody") if number else tell(request, "system"))
            for number in numbers}


def doers(request: Visit, acts: Iterable[Act]) -> Mapping[str, str]:
    """The names of those who did these acts, by how the record names them."""
    numbers = {act.actor: person_number(act.actor) for act in acts}
    known = names(request, set(numbers.values()))
    return {actor: known[number] for actor, number in numbers.items()}


def role(request: Visit, name: str) -> str:
    """What people call a role."""
    return say(f"web.role.{name}", request.lang) if f"web.role.{name}" in catalogue() else tell(request, "system")


def last_verified(request: Visit) -> Act | None:
    """The act of the last verification of everything."""
    row = request.office.connection.execute("SELECT max(id) FROM act WHERE act = ?", (VERIFIED,)).fetchone()
    return next(request.office.record.acts(after=row[0] - 1), None) if row[0] else None


def _verified(act: Act, lang: str) -> str:
    found: Any = act.details["found"]
    return say("web.audit.sound" if not found else "web.audit.broken", lang, found=found, at=instant(act.at))


def csv_answer(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> HttpResponse:
    """A table as a file in which no cell is taken for a formula."""
    return HttpResponse(csv_bytes(header, rows), "text/csv; charset=utf-8",
                        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})


ROUTES = (
    route("audit/", show, WHO, name="audit"),
)

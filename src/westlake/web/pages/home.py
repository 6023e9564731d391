"""The first page: open to all before log-in; then, by role, what waits, what is due, the year's money."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from westlake.dates import MICROS_PER_DAY, year_of
from westlake.desk import calls as desk_calls
from westlake.desk import listing
from westlake.desk.applying.confirming import waiting_speakers
from westlake.desk.desk import Desk
from westlake.desk.listing import Sight
from westlake.desk.looking import looking, together
from westlake.desk.paying.payments import waiting
from westlake.desk.people import EVERY, OUTSIDE
from westlake.desk.plan.proposing import proposals
from westlake.money import format_money
from westlake.web.guards import Anyone, holds, route
from westlake.web.pages.applicant.open_calls import open_now
from westlake.web.pages.cases.letters_waiting import count_drafts
from westlake.words import say

OFFICE = ("officer", "approver", "payer", "auditor", "chair")
SOON_DAYS = 30
SHOWN = 8  # lines of a list


@dataclass(frozen=True)
class Task:
    """Something that waits: how many, in words, and where; next: what is to be done with it, where that is a step."""

    count: int
    label: str
    href: str
    next: str = ""


@dataclass(frozen=True)
class Due:
    """A day that comes: an instant or a day number, what, where; late: it is over."""

    at: int | None
    day: int | None
    what: str
    href: str
    late: bool


def home(request: HttpRequest) -> HttpResponse:
    """Signed out: the public page. Signed in: the dashboard of one's roles, and a line for each room."""
    if not request.user.is_authenticated:
        return render(request, "home/outside.html", {"calls": open_now(request)[:SHOWN]})
    if request.person is None:
        return redirect("welcome")
    # the frame knows all routes, and this page is one of them
    from westlake.web.frame import frame  # noqa: PLC0415

    rooms = [place for place in frame(request)["rooms"] if not place.current]
    desk = looking(request.office.desk)
    own = listing.sight(desk, request.person, request.roles)
    inside = holds(request, *OFFICE)
    return render(request, "home/inside.html", {
        "doors": rooms, "tasks": tasks(request, desk, own), "dues": dues(request, desk, own)[:SHOWN],
        "money": money(request, desk, own) if inside else [],
        "deeds": deeds(request, desk, own) if inside or holds(request, *OUTSIDE) else [],
        "anything": inside or holds(request, "reviewer", *OUTSIDE)})


def tasks(request: HttpRequest, desk: Desk, own: Sight) -> list[Task]:
    """What waits for this person, as links to lists; nothing that waits for others."""
    lang, found = request.lang, []

    def count(sql: str, *values: object) -> int:
        return int(desk.connection.execute(sql, values).fetchone()[0] or 0)

    if holds(request, *OFFICE):
        found += _steps(request, desk, own)
    if holds(request, "officer", "approver", "chair"):
        found.append(Task(count_drafts(request), say("web.home.drafts", lang), "/cases/letters/"))
        asking = listing.condition(desk, listing.Wanted(state=listing.ASKS), own)
        found.append(Task(sum(listing.count_states(desk, asking).values()), say("web.home.asks", lang),
                          f"/cases/?state={listing.ASKS}"))
    if holds(request, "officer"):
        found.append(Task(len(waiting_speakers(desk)), say("web.home.speakers", lang), "/speakers/"))
    if holds(request, "payer"):
        number = sum(holds(request, "payer", programme=one.programme) for one in waiting(desk))
        found.append(Task(number, say("web.home.payments", lang), "/money/batches/make/"))
    if holds(request, "approver", "admin"):
        mine = [one for one in proposals(desk, open_only=True)
                if one.person != request.person.id
                and holds(request, "approver", "admin", programme=one.programme)]
        found.append(Task(len(mine), say("web.home.proposals", lang),
                          f"/programmes/proposals/{mine[0].id}/" if mine else "/programmes/"))
    if holds(request, "reviewer"):
        number = count(
            "SELECT count(*) FROM desk_assignment a WHERE a.reviewer = ? AND a.state IN ('assigned', 'started') AND"
            " NOT EXISTS (SELECT 1 FROM desk_assignment b WHERE b.case_id = a.case_id AND b.reviewer = a.reviewer"
            " AND b.seq > a.seq)", request.person.id)
        asked = count(
            "SELECT count(*) FROM desk_invitation a WHERE a.reviewer = ? AND a.state = 'invited' AND NOT EXISTS"
            " (SELECT 1 FROM desk_invitation b WHERE b.call = a.call AND b.reviewer = a.reviewer AND b.seq > a.seq)",
            request.person.id)
        found += [Task(asked, say("web.home.invitations", lang), "/reviews/"),
                  Task(number, say("web.home.reviews", lang), "/reviews/")]
    if holds(request, "applicant"):
        number = count("SELECT count(*) FROM desk_case WHERE applicant = ? AND state IN ('draft', 'supplement')",
                       request.person.id)
        found.append(Task(number, say("web.home.mine", lang), "/applications/"))
    return [one for one in found if one.count]


def _steps(request: HttpRequest, desk: Desk, own: Sight) -> list[Task]:
    """The cases in which the person's roles have a step to take, by kind and state."""
    lang, places = request.lang, listing.waiting_steps(request.office.offered, request.roles)
    numbers = listing.count_states(desk, listing.condition(desk, listing.Wanted(state=listing.WAITS), own, places))
    found: dict[tuple[str, str, str], int] = {}
    for (programme, kind, state), number in numbers.items():
        workflow, step = desk.offered(programme).workflow, places[f"{programme}/{kind}/{state}"]
        told = (f"{workflow.word('kind', kind, lang)} · {workflow.word('state', state, lang)}",
                f"/cases/?kind={kind}&state={state}", workflow.word("step", step, lang) if step else "")
        found[told] = found.get(told, 0) + number
    return [Task(number, *told) for told, number in found.items()]


def dues(request: HttpRequest, desk: Desk, own: Sight) -> list[Due]:
    """Calls that close and cases that are due within a month, the nearest first; what is late stands on top."""
    lang, today, now = request.lang, desk.today(), desk.now()
    inside = holds(request, *OFFICE)
    held = {one.programme for one in request.roles}
    found = [Due(call.closes_at, None, say("web.home.call_closes", lang, title=call.text("title", lang)),
                 f"/calls/{call.id}/" if inside else "/find/", False)
             for call in desk_calls.calls(desk) if call.state(now) == "open"
             and call.closes_at < now + SOON_DAYS * MICROS_PER_DAY and (not inside or held & {EVERY, call.programme})]
    waits, values = listing.due(request.office.offered)
    rows = desk.connection.execute(
        f"SELECT c.id, c.number, CASE WHEN {own.named[0]} THEN c.title ELSE '' END, c.due FROM desk_case c"
        f" WHERE c.due <= ? AND {own.seen[0]} AND {waits} ORDER BY c.due LIMIT 20",
        (*own.named[1], today + SOON_DAYS, *own.seen[1], *values))  # a title may name its applicant
    found += [Due(None, row[3], f"{row[1]} {row[2]}".strip(),
                  f"/cases/{row[0]}/" if inside else f"/applications/{row[0]}/", row[3] < today) for row in rows]
    return sorted(found, key=lambda one: one.at if one.at is not None else (one.day or 0) * MICROS_PER_DAY)


def money(request: HttpRequest, desk: Desk, own: Sight) -> list[tuple[str, object]]:
    """This year's figures of the programmes that the person sees: promised, paid, waiting to be paid, asked back."""
    lang, year = request.lang, year_of(desk.today())
    currency = request.office.settings.currency
    live = "('awarded', 'agreed', 'suspended', 'terminating', 'done')"
    cases = (
        f"SELECT coalesce(sum(CASE WHEN c.kind = 'application' AND c.state IN {live} THEN c.amount ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN c.kind = 'recovery' AND c.state = 'demanded' THEN c.amount ELSE 0 END), 0),"
        " sum(CASE WHEN c.kind = 'application' THEN 1 ELSE 0 END)"
        f" FROM desk_case c WHERE c.year = ? AND c.currency = ? AND {own.seen[0]}", (year, currency, *own.seen[1]))
    payments = (
        "SELECT CASE WHEN o.outcome = 'paid' THEN 'paid' ELSE 'ordered' END, sum(p.amount) FROM desk_payment p JOIN"
        " desk_case c ON c.id = p.case_id LEFT JOIN desk_payment_outcome o ON o.payment = p.id WHERE c.year = ?"
        " AND p.currency = ? AND (o.outcome IS NULL OR (o.outcome = 'paid' AND NOT EXISTS (SELECT 1 FROM"
        " desk_payment_outcome x WHERE x.payment = p.id AND x.outcome = 'returned')))"
        f" AND {own.seen[0]} GROUP BY 1", (year, currency, *own.seen[1]))
    together(desk, cases, payments)
    row, paid = desk.connection.execute(*cases).fetchone(), dict(desk.connection.execute(*payments).fetchall())
    amounts = (("applications", f"{row[2] or 0:,}"), ("promised", format_money(row[0], currency, sign=True)),
               ("paid", format_money(int(paid.get("paid") or 0), currency, sign=True)),
               ("ordered", format_money(int(paid.get("ordered") or 0), currency, sign=True)),
               ("asked_back", format_money(row[1], currency, sign=True)))
    return [(say(f"web.home.money.{name}", lang, year=year), amount) for name, amount in amounts]


def deeds(request: HttpRequest, desk: Desk, own: Sight) -> list[dict[str, object]]:
    """The last steps on cases that the person may see; who of the office did it stays inside."""
    lang, inside = request.lang, holds(request, *OFFICE)
    rows = desk.connection.execute(
        "SELECT c.id, c.number, c.programme, s.step, s.went_to, s.at,"
        f" CASE WHEN {own.named[0]} THEN p.name ELSE '' END FROM desk_step s JOIN desk_case c ON c.id = s.case_id"
        f" LEFT JOIN desk_person p ON p.id = s.person WHERE {own.seen[0]} ORDER BY s.at DESC LIMIT ?",
        (*own.named[1], *own.seen[1], SHOWN)).fetchall()
    return [{"href": f"/cases/{row[0]}/" if inside else f"/applications/{row[0]}/", "number": row[1],
             "what": desk.offered(row[2]).workflow.word("step", row[3], lang), "state": row[4],
             "label": desk.offered(row[2]).workflow.word("state", row[4], lang),
             "who": (inside and row[6]) or "", "at": row[5]}
            for row in rows]


ROUTES = (route("", home, Anyone(), name="home"),)

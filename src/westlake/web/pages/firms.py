"""Firms across all programmes: what the register knows over time, their cases, awards, payments, caps and debts."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.dates import DAY_MAX, day_number, iso, year_of
from westlake.desk import listing
from westlake.desk.applying.confirming import SPEAKERS, speakers_of, waiting_speakers
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.listing import Sight, Wanted
from westlake.desk.looking import Question, looking, together
from westlake.desk.paying import recovering
from westlake.desk.paying.bank_accounts import ACCOUNTS, accounts_of, masked
from westlake.desk.people import EVERY
from westlake.money import format_money
from westlake.register import Register
from westlake.register.facts import FACTS, Fact, text_words
from westlake.settlement.terms import read_terms
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.cases.case_steps import glance
from westlake.web.pages.cases.cases import Line, lines
from westlake.web.paging import page_of
from westlake.words import catalogue, fill, say

WHO = Roles("officer", "approver", "auditor", "economist", "admin", "payer", "chair")
CASES_MAX = 100  # of a firm, on its page
SHOWN = 20  # of those who wait to be confirmed; all of them have a page of their own
_LISTED = ("district", "size", "sector")
_LIVE = ("awarded", "agreed", "suspended", "terminating", "done")
_SETTLED = (
    "SELECT r.programme, r.year, r.currency, sum(s.allotted) FROM settlement_standing s JOIN settlement_round r"
    " ON r.id = s.round WHERE s.firm = ? GROUP BY r.programme, r.year, r.currency ORDER BY 2 DESC, 1")
_DEBARMENTS = ("SELECT d.programme, d.first_day, d.last_day, d.reason, e.debarment FROM desk_debarment d LEFT JOIN"
               " desk_debarment_end e ON e.debarment = d.id WHERE d.firm = ? ORDER BY d.id DESC")
_RELATED = "SELECT firm, party, first, last FROM register_related WHERE firm = ? OR party = ? ORDER BY first"


@dataclass(frozen=True)
class Award:
    """What a firm was given in a programme's year, settled and awarded; programme: its title; cap: the most it may be
    given, if there is one."""

    programme: str
    year: int
    amount: int
    currency: str
    cap: int | None
    used: int  # of the cap, in hundredths


def firms(request: HttpRequest) -> HttpResponse:
    """Every firm of the register or with a case that the person may see, by name."""
    desk, lang = looking(request.office.desk), request.lang
    own = listing.sight(desk, request.person, request.roles)
    wanted = request.GET.get("q", "").strip()[:100]
    like = "%" + wanted.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    source = (
        "(SELECT s.firm, coalesce((SELECT r.value FROM register_fact r WHERE r.subject = s.firm AND r.name = 'name'"
        " ORDER BY r.first DESC, r.id DESC LIMIT 1), s.firm) AS title FROM (SELECT subject AS firm FROM register_fact"
        " WHERE name IN ('name', 'size', 'resident', 'district') UNION SELECT c.firm FROM desk_case c"
        f" WHERE c.firm <> '' AND {own.named[0]}) AS s) AS f"
        " WHERE lower(f.title) LIKE ? ESCAPE '!' OR lower(f.firm) LIKE ? ESCAPE '!'")
    values = (*own.named[1], like, like)
    page = page_of(request, desk.connection.execute(f"SELECT count(*) FROM {source}", values).fetchone()[0])
    found = desk.connection.execute(f"SELECT f.firm, f.title FROM {source} ORDER BY f.title, f.firm LIMIT ? OFFSET ?",
                                    (*values, page.size, page.offset)).fetchall()
    facts = Register(desk.connection).of({firm for firm, _ in found}, desk.today(), _LISTED) if found else {}
    counted = _counted(desk, own, [firm for firm, _ in found])
    columns = [Column(say(f"web.firms.{name}", lang), num=name in ("cases", "awarded"))
               for name in ("firm", "district", "size", "sector", "cases", "awarded")]
    rows = [[Cell(title, f"/firms/{firm}/", hint=firm if title != firm else ""),
             *(_shown(facts.get(firm, {}), name, lang) for name in ("district", "size", "sector")),
             f"{counted.get(firm, (0, 0))[0]:,}",
             format_money(counted.get(firm, (0, 0))[1], request.office.settings.currency, sign=True)]
            for firm, title in found]
    waiting = waiting_speakers(desk) if holds(request, "officer") else []
    return render(request, "firms/all.html", {
        "table": table(say("web.nav.firms", lang), columns, rows), "page": page, "wanted": wanted,
        "waiting": waiting[:SHOWN], "more": len(waiting) if len(waiting) > SHOWN else 0})


def _counted(desk: Desk, own: Sight, names: list[str]) -> dict[str, tuple[int, int]]:
    """Each firm's applications and what they were promised, as far as the person may know whose they are."""
    if not names:
        return {}
    marks, live = ", ".join("?" * len(names)), ", ".join("?" * len(_LIVE))
    rows = desk.connection.execute(
        f"SELECT c.firm, count(*), sum(CASE WHEN c.state IN ({live}) THEN c.amount ELSE 0 END) FROM desk_case c"
        f" WHERE c.kind = 'application' AND c.firm IN ({marks}) AND {own.named[0]} GROUP BY c.firm",
        (*_LIVE, *names, *own.named[1]))
    return {row[0]: (row[1], row[2]) for row in rows}


def _shown(facts: dict[str, Fact], name: str, lang: str) -> str:
    return value_words(facts[name], lang, "") if name in facts else "–"


def value_words(fact: Fact, lang: str, currency: str) -> str:
    """A fact's value as people read it. currency: of the office, in which the register's amounts are."""
    kind = FACTS.get(fact.name)
    if fact.name == "bank_account":
        return masked(fact.value)
    if kind is None or kind.type == "text":
        return text_words(fact.value, lang) if fact.name in ("district", "sector") else fact.value
    if kind.type == "bool":
        return say("rules.yes" if fact.value == "1" else "rules.no", lang)
    if kind.type == "money":
        return format_money(int(fact.value), currency, sign=True)
    key = f"web.firms.choice.{fact.value}"
    return say(key, lang) if key in catalogue() else fact.value


def fact_words(name: str, lang: str) -> str:
    """What people call a fact of the register."""
    key = f"web.firms.fact.{name}"
    return say(key, lang) if key in catalogue() else name.replace("_", " ")


def show(request: HttpRequest, firm: str) -> HttpResponse:
    """One firm across programmes."""
    desk, lang, currency = glance(request), request.lang, request.office.settings.currency
    own = listing.sight(desk, request.person, request.roles)
    payments = _payments_asked(own, firm)
    together(desk, (_SETTLED, (firm,)), payments, (_DEBARMENTS, (firm,)), (_RELATED, (firm, firm)), (ACCOUNTS, (firm,)),
             (SPEAKERS, (firm, firm)))
    history = Register(desk.connection).history(firm)
    today = desk.today()
    now = Register(desk.connection).of({firm}, today).get(firm, {})
    seen = listing.condition(desk, Wanted(), own)
    part = f"{seen[0]} AND {own.named[0]} AND c.firm = ?", [*seen[1], *own.named[1], firm]
    rows = list(lines(desk, listing.find_rows(desk, part, own, "newest", CASES_MAX), lang))
    live = [one for one in rows if one.row.case.kind == "application" and one.row.case.state in _LIVE]
    promised: dict[str, int] = {}
    for one in live:
        promised[one.row.case.currency] = promised.get(one.row.case.currency, 0) + one.row.case.amount
    recoveries = [one for one in rows if one.row.case.kind == "recovery" and one.row.case.state not in
                  desk.offered(one.row.case.programme).workflow.kinds["recovery"].ends]
    facts: list[tuple[str, object]] = [
        (say("web.firms.cases", lang), f"{sum(one.row.case.kind == 'application' for one in rows):,}"),
        *((say("web.firms.awarded", lang), format_money(amount, one, sign=True))
          for one, amount in (promised or {currency: 0}).items()),
        (say("web.firms.programmes", lang), f"{len({one.row.case.programme for one in live}):,}"),
        (say("web.firms.open_recoveries", lang), f"{len(recoveries):,}")]
    return render(request, "firms/show.html", {
        "firm": firm, "name": now["name"].value if "name" in now else firm, "facts": facts, "rows": rows,
        "works": holds(request, "officer", "approver", "payer", "auditor", "chair"),
        "known": [(fact_words(name, lang), value_words(fact, lang, currency), fact) for name, fact in now.items()],
        "history": [(fact_words(one.name, lang), value_words(one, lang, currency), one, one.last < DAY_MAX - 400_000)
                    for one in reversed(history)],
        "awards": _awards(request, desk, firm, live), "payments": desk.connection.execute(*payments).fetchall(),
        "recoveries": [(one, _still_open(desk, one.row.case)) for one in recoveries],
        "debarments": _debarments(request, desk, firm, today), "related": _related(desk, firm),
        "speakers": speakers_of(desk, firm) if holds(request, "officer", "auditor", "admin") else [],
        "confirms": holds(request, "officer"),
        "accounts": accounts_of(desk, firm) if holds(request, "officer", "approver", "payer", "auditor") else []})


def _still_open(desk: Desk, case: Case) -> int:
    """What of a recovery is still to come, in minor units; all of it before it is booked."""
    return case.amount if recovering.booked(desk, case) is None else recovering.owed(desk, case)


def _awards(request: HttpRequest, desk: Desk, firm: str, live: list[Line]) -> list[Award]:
    """What the firm was given by programme and year, beside the yearly cap where there is one."""
    given: dict[tuple[int, str, str], int] = {}
    for programme, year, currency, amount in desk.connection.execute(_SETTLED, (firm,)).fetchall():
        if holds(request, "officer", "approver", "auditor", "payer", "chair", programme=programme):
            given[-year, programme, currency] = amount
    for one in live:  # cases that the person may see
        case = one.row.case
        if case.amount:
            key = -case.year, case.programme, case.currency
            given[key] = given.get(key, 0) + case.amount
    found = []
    for (before, programme, currency), amount in sorted(given.items()):
        year = -before
        loaded, cap = request.office.programmes.get(programme), None
        if loaded is not None and (name := read_terms(loaded).cap):
            entry = loaded.values[name].on(day_number(year, 12, 31))
            cap = entry.number if entry is not None and not entry.choices else None
        title = fill(loaded.words.title, request.lang) if loaded is not None else programme
        found.append(Award(title, year, amount, currency, cap, min(amount * 100 // cap, 100) if cap else 0))
    return found


def _payments_asked(own: Sight, firm: str) -> Question:
    """Payments to the firm under cases that the person may see: case, number, amount, currency, when, outcome."""
    return (
        "SELECT c.id, c.number, p.amount, p.currency, p.at, coalesce((SELECT o.outcome FROM desk_payment_outcome o"
        " WHERE o.payment = p.id ORDER BY o.at DESC LIMIT 1), 'ordered') FROM desk_payment p JOIN desk_case c"
        f" ON c.id = p.case_id WHERE p.firm = ? AND {own.named[0]} ORDER BY p.id DESC", (firm, *own.named[1]))


def _debarments(request: HttpRequest, desk: Desk, firm: str, today: int) -> list[tuple[str, int, int, str, str]]:
    """Programme by its title, first and last day, reason, and whether it holds: debarred, lifted or done."""
    titles = {name: fill(one.words.title, request.lang) for name, one in request.office.programmes.items()}
    titles[EVERY] = say("web.people.every", request.lang)
    return [(titles.get(name, name), first, last, reason, "lifted" if ended else "debarred" if first <= today <= last
             else "done") for name, first, last, reason, ended in desk.connection.execute(_DEBARMENTS, (firm,))]


def _related(desk: Desk, firm: str) -> list[tuple[str, str, str]]:
    """The other party of each relation that is not at arm's length, with its span."""
    rows = desk.connection.execute(_RELATED, (firm, firm)).fetchall()
    return [(party if one == firm else one, iso(first), iso(last) if year_of(last) < 2190 else "…")
            for one, party, first, last in dict.fromkeys(rows)]


def seen_firm(request: HttpRequest, firm: str) -> str:
    """A firm that the register or a case names; 404 for any other."""
    desk = glance(request)
    own = listing.sight(desk, request.person, request.roles)
    row = desk.connection.execute(
        "SELECT 1 FROM register_fact WHERE subject = ? AND name IN ('name', 'size', 'resident', 'district') UNION"
        f" SELECT 1 FROM desk_case c WHERE c.firm = ? AND {own.named[0]}", (firm, firm, *own.named[1])).fetchone()
    if row is None:
        raise Http404
    return firm


ROUTES = (
    route("firms/", firms, WHO, name="firms"),
    route("firms/<str:firm>/", show, WHO, name="firms.show", object=seen_firm),
)

"""The money room's first page, a year's budgets at a glance and what waits; and what all pages of the room share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from westlake.database import rows_among
from westlake.dates import year_of
from westlake.desk.applying.personal import own_names
from westlake.desk.desk import Desk
from westlake.desk.looking import together
from westlake.desk.paying import batches as desk_batches
from westlake.desk.paying import paying_list, payments, virement, year_ending
from westlake.desk.paying.bank_accounts import UNCHECKED, BankAccount, unchecked_accounts
from westlake.desk.paying.bank_lines import WAITING, open_lines
from westlake.desk.paying.paying_list import TO_APPROVE, TO_ORDER, Sought
from westlake.desk.people import EVERY, Person, people_of
from westlake.desk.plan.year_figures import Held, YearFigures, holding, year_figures, years
from westlake.desk.seeing import Where, seen_cases_sql
from westlake.money import MINOR_DIGITS, format_money, parse_money
from westlake.register import Register
from westlake.reports.charts import BRAND, DEEP, FONT, INK, QUIET, WARN
from westlake.web.guards import Roles, holds, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.words import fill, say

READERS = ("approver", "payer", "officer", "auditor")
WHO = Roles(*READERS)
TABS = ("money", "money.budgets", "money.payments", "money.batches", "money.banking", "money.accounts",
        "money.recoveries", "money.rounds", "money.books")
UNDER = {  # the page of the list to which a page of one thing belongs
    "money.order": "money.payments", "money.payment": "money.payments", "money.void": "money.payments",
    "money.batch": "money.batches", "money.release": "money.batches", "money.give_up": "money.batches",
    "money.statement": "money.banking", "money.line": "money.banking", "money.columns": "money.banking",
    "money.account": "money.accounts",
    "money.move": "money.budgets", "money.year_end": "money.budgets",
    "money.recovery": "money.recoveries", "money.round": "money.rounds",
    "money.book": "money.books", "money.journal": "money.books", "money.verify": "money.books"}
AT_ONCE = 10_000  # cases in one question
Say = Callable[..., str]


@dataclass(frozen=True)
class Section:
    """A part of a page: a table under a heading, with a sentence, and links."""

    title: str
    table: Table | None = None
    says: str = ""
    empty: str = ""
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Door:
    """Something that waits: how many, and where."""

    label: str
    count: int
    href: str


def words(request: HttpRequest) -> Say:
    """The room's own words in the reader's language: words(request)("paid")."""
    lang = request.lang
    return lambda name, **values: say(f"web.money.{name}", lang, **values)


def programmes_of(request: HttpRequest) -> frozenset[str] | None:
    """The programmes whose money somebody may see; None for all."""
    found = frozenset(held.programme for held in request.roles if held.role in READERS)
    return None if EVERY in found else found


def sees(request: HttpRequest, programme: str) -> bool:
    """Whether somebody may see a programme's money."""
    own = programmes_of(request)
    return own is None or programme in own


def seen(request: HttpRequest, desk: Desk) -> Where:
    """The cases that somebody may see as one of the office, as a condition on desk_case under the name `c`."""
    return seen_cases_sql(desk, request.person, [held for held in request.roles if held.role in READERS])


def is_seen(request: HttpRequest, desk: Desk, case: int) -> bool:
    """Whether a case is among those."""
    return case in cases_seen(request, desk, [case])


def cases_seen(request: HttpRequest, desk: Desk, cases: Collection[int]) -> set[int]:
    """Of these cases, those that are among them, in one question."""
    part, values = seen(request, desk)
    wanted, found = list(cases), set[int]()
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first:first + AT_ONCE]
        found.update(row[0] for row in desk.connection.execute(
            f"SELECT c.id FROM desk_case c WHERE c.id IN ({','.join('?' * len(some))}) AND ({part})",
            (*some, *values)))
    return found


def page(request: HttpRequest, title: str, template: str = "money/page.html", status: int = 200,
         **more: Any) -> HttpResponse:
    """A page of the room, with the way to its other pages."""
    named = request.resolver_match.url_name or "" if request.resolver_match else ""
    tell, here = words(request), ".".join(named.split(".")[:2])
    tabs = [(tell(f"tab.{name.removeprefix('money.')}"), reverse(name), UNDER.get(here, here) == name) for name in TABS]
    return render(request, template, {"title": title, "tabs": tabs, **more}, status=status)


def firm_names(desk: Desk, firms: Iterable[str]) -> dict[str, str]:
    """What the register calls firms, their numbers where it knows no name."""
    wanted = set(firms)
    known = Register(desk.connection).of(wanted, desk.today(), ["name"]) if wanted else {}
    own = own_names(desk.connection, wanted)
    return {firm: known[firm]["name"].value if "name" in known.get(firm, {}) else own.get(firm, firm)
            for firm in wanted}


def names(desk: Desk, numbers: Iterable[int | None]) -> dict[int | None, str]:
    """What people are called."""
    found: Mapping[int, Person] = people_of(desk.connection, {number for number in numbers if number is not None})
    return {None: "", **{number: one.name for number, one in found.items()}}


def titles(request: HttpRequest) -> dict[str, str]:
    """The programmes' titles in the reader's language, by name."""
    return {name: fill(one.words.title, request.lang) for name, one in request.office.programmes.items()}


def own_budgets(request: HttpRequest) -> list[Held]:
    """The programmes with accounts that somebody may see."""
    return [one for one in holding(request.office.programmes.values()) if sees(request, one.programme.name)]


def sums(amounts: Iterable[tuple[str, int]]) -> str:
    """Amounts added up, one figure a currency."""
    found: dict[str, int] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, 0) + amount
    return " · ".join(format_money(amount, currency, sign=True) for currency, amount in sorted(found.items())) or "–"


def amount_of(text: str, currency: str) -> int:
    """Minor units of what was typed; ValueError for what is no amount above zero."""
    found = parse_money(text, currency)
    if found <= 0:
        raise ValueError(text)
    return found


def chosen_year(request: HttpRequest) -> tuple[int, list[int]]:
    """The year that is asked for, else this one; and the years there are."""
    office = request.office
    known, asked = years(office.connection, year_of(office.today)), request.GET.get("year", "")
    return (int(asked) if asked.isdecimal() and int(asked[:5]) in known else known[0]), known


def money(request: HttpRequest) -> HttpResponse:
    """The year at a glance, and what waits."""
    tell, (year, known) = words(request), chosen_year(request)
    found = year_figures(request.office.connection, own_budgets(request), year)
    shown = ("appropriated", "held", "posted", "paid", "recovered", "free")
    facts = [(tell(name), sums((one.currency, getattr(one, name)) for one in found)) for name in shown]
    return page(request, tell("year_title", year=year), "money/year.html", facts=facts, year=year,
                filters=[{"name": "year", "label": tell("year"), "value": str(year),
                          "choices": [(str(one), str(one)) for one in known]}],
                doors=doors(request), figures=figures_table(request, found, shown), spec=chart(request, found),
                parts=parts_table(request, found), none=not found)


def figures_table(request: HttpRequest, found: Sequence[YearFigures], shown: Sequence[str]) -> Table:
    """A row a programme, with a column for each figure."""
    tell, named = words(request), titles(request)
    rows = [[Cell(named.get(one.programme, one.programme), f"{reverse('money.budgets')}?year={one.year}",
                  hint=tell("lapsed_hint") if one.ended is not None else ""),
             *(Cell(format_money(getattr(one, name), one.currency, sign=True),
                    hint=tell("value_hint", amount=format_money(one.value, one.currency, sign=True))
                    if name == "appropriated" and one.value != one.appropriated else "") for name in shown)]
            for one in found]
    return table(tell("figures"), [Column(tell("programme")), *(Column(tell(name), num=True) for name in shown)], rows)


PARTS = (("kept", DEEP), ("unpaid", BRAND), ("held", WARN), ("free", QUIET))


def parts_of(one: YearFigures) -> dict[str, int]:
    """What a bar is made of: paid and kept, awarded and not paid yet, held, free; minor units."""
    kept = one.paid - one.repaid
    return {"kept": kept, "unpaid": max(one.posted - kept, 0), "held": one.held, "free": one.free}


def parts_table(request: HttpRequest, found: Sequence[YearFigures]) -> Table:
    """The bars' figures."""
    tell, named = words(request), titles(request)
    columns = [Column(tell("programme")), *(Column(tell(name), num=True) for name, _ in PARTS)]
    return table(tell("chart_figures"), columns,
                 [[named.get(one.programme, one.programme),
                   *(format_money(amount, one.currency, sign=True) for amount in parts_of(one).values())]
                  for one in found])


def chart(request: HttpRequest, found: Sequence[YearFigures]) -> dict[str, Any]:
    """One bar a programme, in whole main units."""
    tell, named = words(request), titles(request)
    values = [{"programme": named.get(one.programme, one.programme), "part": tell(name), "order": place,
               "number": amount // 10 ** MINOR_DIGITS[one.currency]}
              for one in found for place, (name, amount) in enumerate(parts_of(one).items())]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "background": None, "width": "container",
        "height": 44 * max(len(found), 1), "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": values},
        "mark": {"type": "bar", "height": 18},
        "encoding": {
            "y": {"field": "programme", "type": "nominal", "sort": None, "title": None,
                  "axis": {"labelLimit": 120, "ticks": False, "domain": False}},
            "x": {"field": "number", "type": "quantitative", "title": None,
                  "axis": {"format": "~s", "tickCount": 4, "ticks": False, "domain": False}},
            "order": {"field": "order"},
            "color": {"field": "part", "type": "nominal", "title": None,
                      "scale": {"domain": [tell(name) for name, _ in PARTS], "range": [colour for _, colour in PARTS]},
                      "legend": {"orient": "top", "columns": 2, "symbolType": "circle"}},
            "tooltip": [{"field": "programme", "title": tell("programme")}, {"field": "part", "title": tell("part")},
                        {"field": "number", "format": ",", "title": tell("amount")}]},
        "config": {"font": FONT, "view": {"stroke": None}, "axis": {
            "labelFontSize": 13, "labelColor": INK, "gridColor": "#e1e4e8"}, "legend": {
            "labelFontSize": 13, "labelColor": INK}}}


_OPEN_ROUNDS = ("SELECT programme FROM settlement_round r WHERE NOT EXISTS (SELECT 1 FROM settlement_step s"
                " WHERE s.round = r.id AND s.step IN ('approved', 'withdrawn'))")


def doors(request: HttpRequest) -> list[Door]:
    """What waits for the person who looks, and where it is done."""
    office, tell = request.office, words(request)
    desk, found = office.desk, list[Door]()
    where = seen(request, desk) if holds(request, "approver", "payer") else None

    def waits(name: str, count: int, href: str) -> None:
        found.append(Door(tell(f"waits.{name}"), count, href))

    if where and holds(request, "approver"):
        steps = paying_list.next_steps(desk, office.offered, request.roles, where, TO_APPROVE)
        waits("approve", len({one.case.id for one in steps}), "/cases/?state=waits")
        steps = paying_list.next_steps(desk, office.offered, request.roles, where, TO_ORDER)
        waits("order", len({one.case.id for one in steps}), reverse("money.order"))
    together(desk, (_OPEN_ROUNDS, ()), (UNCHECKED, ()), WAITING, payments.owed_asked(desk.today()))
    rounds = [row[0] for row in desk.connection.execute(_OPEN_ROUNDS)]
    waits("rounds", sum(sees(request, name) for name in rounds), reverse("money.rounds"))
    if where and holds(request, "payer"):
        count, _ = paying_list.count_states(desk, where, Sought())["waiting"]
        waits("batch", count, reverse("money.batches"))
        made = [one for one in desk_batches.batches(desk) if one.state == "made"]
        waits("release", len(batches_seen(request, desk, [one.id for one in made])), reverse("money.batches"))
        waits("lines", len(open_lines(desk)), reverse("money.banking"))
    waits("accounts", len(accounts_waiting(request, desk)), reverse("money.accounts"))
    owed = [one.case for one in payments.aged(desk, desk.today()) if one.age]
    waits("recoveries", len(cases_seen(request, desk, owed)) if owed else 0, reverse("money.recoveries"))
    moves = [one for one in virement.virements(desk) if one.state == "proposed" and move_seen(request, one)]
    waits("moves", len(moves), reverse("money.budgets"))
    if holds(request, "approver", programme=EVERY):
        ends = [one.year for one in year_ending.all_asked(desk)]
        waits("year_ends", len(ends), reverse("money.year_end", args=ends[:1]) if ends else reverse("money.budgets"))
    return found


def move_seen(request: HttpRequest, move: virement.Virement) -> bool:
    """Whether a move touches a programme that somebody may see."""
    return any(sees(request, name) for name in move.programmes)


def batch_seen(request: HttpRequest, desk: Desk, batch: int) -> bool:
    """Whether every payment of a batch is of a programme that somebody may see."""
    return batch in batches_seen(request, desk, [batch])


def batches_seen(request: HttpRequest, desk: Desk, batches: Iterable[int]) -> set[int]:
    """Of these batches, those of which somebody may see every payment's programme, in one question."""
    named: dict[int, set[str]] = {}
    for batch, name in rows_among(
            desk.connection, "SELECT DISTINCT l.batch, c.programme FROM desk_batch_line l JOIN desk_payment p ON"
            " p.id = l.payment JOIN desk_case c ON c.id = p.case_id WHERE l.batch IN ({keys})", batches):
        named.setdefault(batch, set()).add(name)
    return {batch for batch, names in named.items() if all(sees(request, name) for name in names)}


def accounts_waiting(request: HttpRequest, desk: Desk) -> list[BankAccount]:
    """The bank accounts that nobody has checked, of the firms whose cases somebody may see."""
    found = unchecked_accounts(desk)
    shown = firms_seen(request, desk, {one.firm for one in found})
    return [one for one in found if one.firm in shown]


def firm_seen(request: HttpRequest, desk: Desk, firm: str) -> bool:
    """Whether somebody answers for all programmes, or may see a case of the firm."""
    return firm in firms_seen(request, desk, {firm})


def firms_seen(request: HttpRequest, desk: Desk, firms: Collection[str]) -> set[str]:
    """Of these firms, those of which somebody may see a case; all for whoever answers for all programmes."""
    if programmes_of(request) is None or not firms:
        return set(firms)
    part, values = seen(request, desk)
    return {row[0] for row in desk.connection.execute(
        f"SELECT DISTINCT c.firm FROM desk_case c WHERE c.firm IN ({','.join('?' * len(firms))}) AND ({part})",
        (*sorted(firms), *values))}


ROUTES = (route("money/", money, WHO, name="money"),)

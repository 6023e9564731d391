"""What the city set out to do and what came of it: budgets, targets and pledges, each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from westlake.dates import year_of
from westlake.desk.looking import looking
from westlake.desk.plan.attained import FOUND, TOLD, Attained, BudgetYear, budget_years, plan_and_actual
from westlake.desk.plan.blueprint import PPM, Blueprint, Pledge, Reading, Target, find_blueprints, read_blueprint
from westlake.errors import WestlakeError
from westlake.money import MINOR_DIGITS, SIGNS, format_money, format_rate
from westlake.rules.sources import Citation
from westlake.web.guards import Roles, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.plan import plan_figures
from westlake.web.templatetags.westlake import day
from westlake.web.visit import Visit
from westlake.words import fill, say

WHO = Roles("officer", "approver", "payer", "auditor", "economist", "admin", "fund_manager", "chair")
BEFORE, AFTER = 2, 1  # years shown before and after this one, unless all are asked for


@dataclass(frozen=True)
class Part:
    """What came of a target in some years: share: per cent of a bar, None for none; basis: found, told, unknown."""

    years: str
    actual: str
    share: int | None
    basis: str
    says: str
    rests_on: str


@dataclass(frozen=True)
class Line:
    """A target as people read it, with all its parts. last: the latest of which something is known by now."""

    name: str
    programme: str
    years: str
    wanted: str
    parts: Sequence[Part]
    source: str
    marks: Sequence[str]
    note: str
    last: Part


@dataclass(frozen=True)
class Fold:
    """A programme's budgets as a phone folds them away. years: what is known of each, as (year, [(label, figure)])."""

    name: str
    planned: str
    used: str
    years: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def show(request: Visit) -> HttpResponse:
    """The whole plan on one page."""
    folders = {path.name: path for path in find_blueprints(request.office.workspace.programmes)}
    if not folders:
        return render(request, "blueprint/show.html", {"plan": None})
    name = request.GET.get("plan", "")
    desk = looking(request.office.desk)
    try:
        plan = read_blueprint(folders.get(name) or next(iter(folders.values())))
    except WestlakeError as error:
        told = [{"code": one.code, "says": one.sentence(request.lang), "place": str(one.place),
                 "way_out": one.way_out(request.lang)} for one in error.problems]
        return render(request, "blueprint/show.html", {"plan": None, "problems": told})
    years, targets = budget_years(desk, plan), plan_and_actual(desk, plan)
    now = year_of(request.office.today)
    span = (plan.first, plan.last) if request.GET.get("years") == "all" else (now - BEFORE, now + AFTER)
    shown = [one for one in years if span[0] <= one.year <= span[1]]
    return render(request, "blueprint/show.html", {
        "plan": plan, "title": fill(plan.title, request.lang), "others": sorted(folders) if len(folders) > 1 else [],
        "regime": _regime(request), "facts": _facts(request, plan, years, targets), "now": now,
        "base": plan.citation.sentence(request.lang), "all_years": request.GET.get("years") == "all",
        "budget_spec": plan_figures.budgets(shown, plan.currency, request.lang, lambda one: _title(request, one)),
        "budget_caption": plan_figures.budget_caption(shown, plan.currency, request.lang),
        "budget_table": _budget_table(request, plan, shown), "folds": _folds(request, plan, shown, now),
        "lines": [_line(request, plan, target, [one for one in targets if one.target is target])
                  for target in plan.targets],
        "disagreements": [_disagreement(request, plan, one) for one in plan.disagreements],
        "pledges": [_pledge(request, one) for one in plan.pledges],
        "notes": [(name, fill(text, request.lang)) for name, text in plan.notes.items()]})


def _regime(request: Visit) -> str:
    name = request.office.settings.regime
    known = {"official": say("web.blueprint.regime.official", request.lang),
             "article": say("web.blueprint.regime.article", request.lang)}
    return known.get(name, name)


def _facts(request: Visit, plan: Blueprint, years: Iterable[BudgetYear],
           targets: Sequence[Attained]) -> list[tuple[str, str]]:
    """The plan in four figures: years, this year's money, what of it is used, how many targets can be told."""
    now = year_of(request.office.today)
    this = [one for one in years if one.year == now]
    planned = sum(one.planned or 0 for one in this)
    used = sum(one.books.held + one.books.awarded for one in this if one.books)
    told = sum(one.actual is not None for one in targets)

    def tell(name: str, **values: object) -> str:
        return say(f"web.blueprint.{name}", request.lang, **values)

    return [(tell("years"), f"{plan.first}–{plan.last}"),
            (tell("planned_this_year", year=now), large_money(planned, plan.currency, request.lang)),
            (tell("used_this_year"), large_money(used, plan.currency, request.lang)),
            (tell("told_of"), tell("told_count", told=told, count=len(targets)))]


def _title(request: Visit, programme: str) -> str:
    known = request.office.programmes.get(programme)
    return fill(known.words.title, request.lang) if known else programme or say("web.blueprint.city", request.lang)


def _budget_table(request: Visit, plan: Blueprint, rows: Sequence[BudgetYear]) -> Table:
    """Every figure of the budgets, exact, and how sure the planned one is."""
    def tell(name: str) -> str:
        return say(f"web.blueprint.{name}", request.lang)

    def amount(number: int | None) -> str:
        return "–" if number is None else format_money(number, plan.currency)

    columns = [Column(tell("programme")), Column(tell("year")), *(Column(tell(name), num=True) for name in (
        "planned", "appropriated", "held", "awarded", "paid", "returned", "used_share"))]
    found = []
    for one in rows:
        books = one.books
        figures = [None] * 5 if books is None else [
            books.appropriated + books.raised, books.held, books.awarded, one.paid, books.returned]
        found.append([
            Cell(_title(request, one.programme), hint=" · ".join(_marks(request, one.citation))), str(one.year),
            amount(one.planned), *(amount(number) for number in figures),
            "–" if one.used is None else f"{_bar(one.used)} %"])
    return table(tell("budgets"), columns, found)


def _folds(request: Visit, plan: Blueprint, rows: Sequence[BudgetYear], now: int) -> list[Fold]:
    """The same by programme: its name with this year's plan and what of it is used, and every figure that there is."""
    whole = _budget_table(request, plan, rows)
    labels = [one.label for one in whole.columns][2:]
    told: dict[str, list[tuple[str, list[tuple[str, str]]]]] = {}
    heads: dict[str, tuple[str, str]] = {}
    for one, (_, year, *cells) in zip(rows, whole.rows, strict=True):
        figures = [(label, str(cell.text)) for label, (_, cell) in zip(labels, cells, strict=True) if cell.text != "–"]
        told.setdefault(one.programme, []).append((str(year[1].text), figures))
        if one.year == now or one.programme not in heads:
            planned = "–" if one.planned is None else large_money(one.planned, plan.currency, request.lang)
            heads[one.programme] = (planned, str(cells[-1][1].text))
    return [Fold(_title(request, name), *heads[name], years) for name, years in told.items()]


def _line(request: Visit, plan: Blueprint, target: Target, rows: Sequence[Attained]) -> Line:
    """A target with what came of it, and how that is known."""
    lang = request.lang
    marks = _marks(request, target.citation)
    if target.years_class:
        marks.append(say("web.blueprint.years_class", lang, says=say(f"rules.class.{target.years_class}", lang)))
    wanted = figure(target.value, target.unit, plan.currency, lang)
    if target.per == "year":
        wanted = say("web.blueprint.each_year", lang, figure=wanted)
    parts, now = [_part(request, plan, one) for one in rows], year_of(request.office.today)
    known = [part for part, one in zip(parts, rows, strict=True) if one.actual is not None and one.first <= now]
    return Line(fill(target.words, lang), _title(request, target.programme), _years(target.first, target.last), wanted,
                parts, target.citation.sentence(lang), marks, target.note, (known or parts)[-1])


def _part(request: Visit, plan: Blueprint, one: Attained) -> Part:
    lang, target = request.lang, one.target
    says, rests_on = say("web.blueprint.unknown", lang), ""
    if one.basis == FOUND:
        says = say("web.blueprint.found", lang)
        rests_on = say(f"desk_plan.measure.{target.measure}", lang, field=target.field)
        if one.since is not None:
            rests_on += f" ({say('web.blueprint.since', lang, day=day(one.since))})"
    elif one.basis == TOLD and one.report is not None:
        says = say("web.blueprint.told_by", lang, year=one.report.year)
        rests_on = one.report.citation.sentence(lang)
    actual = "–" if one.actual is None else figure(one.actual, target.unit, plan.currency, lang)
    return Part(_years(one.first, one.last) if target.per == "year" else "", actual, _bar(one.share), one.basis, says,
                rests_on)


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _disagreement(request: Visit, plan: Blueprint, one: Any) -> dict[str, str]:
    def tell(target: Any, number: int) -> str:
        return figure(number, target.unit, plan.currency, request.lang)

    years = len(one.by_year.years)
    return {"note": one.note, "says": say(
        "web.blueprint.disagree", request.lang, name=fill(one.by_year.words, request.lang),
        each=tell(one.by_year, one.by_year.value), years=years, summed=tell(one.by_year, one.by_year.total),
        whole_name=fill(one.whole.words, request.lang), whole=tell(one.whole, one.whole.total))}


def _pledge(request: Visit, one: Pledge) -> dict[str, Any]:
    """A pledge with its readings, drawn over the years and told year by year."""
    lang = request.lang
    named = [say("web.blueprint.reading", lang, number=place) for place, _ in enumerate(one.readings, 1)]
    return {
        "id": f"pledge-{one.name}", "who": fill(one.who, lang), "words": fill(one.words, lang),
        "declared": one.declared, "amount": large_money(one.amount, one.currency, lang), "note": one.note,
        "readings": [{"name": name, "years": f"{reading.first}–{reading.last}", "spread": _spread(one, reading, lang),
                      "source": reading.citation.sentence(lang), "marks": _reading_marks(request, reading)}
                     for name, reading in zip(named, one.readings, strict=True)],
        "spec": plan_figures.pledge(one, named, [_spread(one, reading, lang) for reading in one.readings]),
        "table": _pledge_table(one, named, lang)}


def _spread(pledge: Pledge, reading: Reading, lang: str) -> str:
    by_year = reading.by_year(pledge.amount)
    if not by_year:
        return say("web.blueprint.spread.unknown", lang)
    return say("web.blueprint.spread.even", lang, amount=large_money(by_year[reading.first], pledge.currency, lang))


def _pledge_table(pledge: Pledge, named: Sequence[str], lang: str) -> Table:
    by_reading = [reading.by_year(pledge.amount) for reading in pledge.readings]
    years = sorted({year for reading in pledge.readings for year in range(reading.first, reading.last + 1)})
    rows = [[str(year), *(
        format_money(amounts[year], pledge.currency) if year in amounts
        else say("web.blueprint.not_told", lang) if reading.first <= year <= reading.last else "–"
        for reading, amounts in zip(pledge.readings, by_reading, strict=True))] for year in years]
    return table(fill(pledge.words, lang), [Column(say("web.blueprint.year", lang)),
                                            *(Column(name, num=True) for name in named)], rows)


def _marks(request: Visit, citation: Citation | None) -> list[str]:
    """How sure a figure is, where it is no public text's own."""
    doubtful = citation is not None and citation.cls in ("A", "C", "I", "K")
    return [say(f"rules.class.{citation.cls}", request.lang)] if citation and doubtful else []


def _reading_marks(request: Visit, reading: Reading) -> list[str]:
    marks = _marks(request, reading.citation)
    if reading.years_class:
        marks.append(say("web.blueprint.years_class", request.lang,
                         says=say(f"rules.class.{reading.years_class}", request.lang)))
    return marks


def _bar(share: int | None) -> int | None:
    """A share as whole per cent."""
    return None if share is None else (share * 100 + PPM // 2) // PPM


def figure(number: int, unit: str, currency: str, lang: str) -> str:
    """A figure in its unit, as people read it."""
    match unit:
        case "money":
            return large_money(number, currency, lang)
        case "percent":
            return format_rate((number + 500) // 1000 * 1000)
        case "times":
            return say("web.blueprint.unit.times", lang, number=f"{(Decimal(number) / PPM).quantize(Decimal('0.01')):f}"
                       .rstrip("0").rstrip("."))
    return say(f"web.blueprint.unit.{unit}", lang, number=f"{number:,}")


def large_money(amount: int, currency: str, lang: str) -> str:
    """An amount in millions, or 100 millions in Korean and Chinese, when it is that large; the table has it exact."""
    whole = Decimal(amount).scaleb(-MINOR_DIGITS[currency])
    step, word = (Decimal(10**6), "million") if lang == "en" else (Decimal(10**8), "hundred_million")
    if abs(whole) < step:
        return format_money(amount, currency, sign=True)
    number = f"{(whole / step).quantize(Decimal('0.01')):,f}".rstrip("0").rstrip(".")
    return say(f"web.blueprint.{word}", lang, sign=SIGNS.get(currency, f"{currency} "), number=number)




ROUTES = (
    route("blueprint/", show, WHO, name="blueprint"),
)

"""The programmes as officers read them: rules and values with their sources, the table of steps, examples, versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.dates import iso
from westlake.desk import calls as desk_calls
from westlake.desk.desk import Desk
from westlake.desk.looking import looking
from westlake.desk.people import ROLES
from westlake.desk.plan.proposing import proposals
from westlake.desk.workflow import SYSTEM, Kind, Workflow
from westlake.money import MINOR_DIGITS
from westlake.reports.page import regime_words
from westlake.rules import Citation, Dated, Programme, Value
from westlake.rules.checks import CheckReport, check
from westlake.rules.kinds import Kind as Unit
from westlake.web.guards import Roles, holds, route
from westlake.web.pages.plan.flow import Drawing, draw
from westlake.words import catalogue, fill, say

WHO = Roles("officer", "approver", "payer", "auditor", "economist", "admin", "chair")
MAY_PROPOSE = ("officer", "economist")


@dataclass(frozen=True)
class ValueLine:
    """A value today: its number in words, since when, what it rests on, and when it changes next."""

    name: str
    label: str
    shown: str
    since: int | None
    citation: Citation | None
    rests: str
    next_day: int | None


@dataclass(frozen=True)
class RuleLine:
    """A rule in words: what it says, what it takes, what it rests on."""

    name: str
    label: str
    doc: str
    takes: str
    rests: list[str]


@dataclass(frozen=True)
class KindLines:
    """One kind of case: its name, its drawing, its rows as (step, from, to, who, guards, effects, asks)."""

    name: str
    drawing: Drawing
    rows: list[tuple[str, str, str, str, str, str]]


def programmes(request: HttpRequest) -> HttpResponse:
    """Every programme of the office; one that cannot be read says what is wrong."""
    desk, lang = looking(request.office.desk), request.lang
    cases = dict(desk.connection.execute(
        "SELECT programme, count(*) FROM desk_case WHERE kind = 'application' AND submitted_at IS NOT NULL"
        " GROUP BY programme").fetchall())
    open_calls: dict[str, int] = {}
    for call in desk_calls.calls(desk):
        open_calls[call.programme] = open_calls.get(call.programme, 0) + (call.state(desk.now()) == "open")
    waiting: dict[str, int] = {}
    for one in proposals(desk, open_only=True):
        waiting[one.programme] = waiting.get(one.programme, 0) + 1
    found = [{"programme": one, "title": fill(one.words.title, lang), "summary": fill(one.words.summary, lang),
              "values": sum(len(value.dated) for value in one.values.values()), "doubtful": doubtful(one),
              "calls": open_calls.get(name, 0), "cases": cases.get(name, 0), "proposals": waiting.get(name, 0)}
             for name, one in request.office.programmes.items()]
    broken = [(name, [(problem.line(lang), problem.way_out(lang)) for problem in error.problems[:3]])
              for name, error in request.office.broken.items()]
    return render(request, "programmes/all.html", {"found": found, "broken": broken})


def doubtful(programme: Programme) -> int:
    """Of a hundred dated values, how many rest on an inference, on general knowledge or on a mirror."""
    entries = [entry.citation for value in programme.values.values() for entry in value.dated]
    return 100 * sum(one.doubtful for one in entries) // len(entries) if entries else 0


def show(request: HttpRequest, programme: Programme) -> HttpResponse:
    """One programme whole."""
    desk, lang = looking(request.office.desk), request.lang
    today, report = desk.today(), checked(programme)
    values = [value_line(programme, value, today, lang) for value in programme.values.values()]
    facts = [(say("web.programmes.rules", lang), f"{len(programme.graph.rules)}"),
             (say("web.programmes.values", lang), f"{len(values)}"),
             (say("web.programmes.doubtful", lang), f"{doubtful(programme)}%"),
             (say("web.programmes.examples", lang), f"{report.examples_held} / {report.examples}")]
    offered = {one.programme.name: one for one in request.office.offered}.get(programme.name)
    return render(request, "programmes/show.html", {
        "programme": programme, "title": fill(programme.words.title, lang), "facts": facts, "values": values,
        "summary": fill(programme.words.summary, lang), "rules": list(rule_lines(programme, lang)),
        "ground": _ground(programme, report, lang), "kinds": kind_lines(offered.workflow, lang) if offered else [],
        "examples": [(fill(one.name, lang), len(one.rows), regime_words(one.regime, lang))
                     for one in programme.examples],
        "problems": [problem.line(lang) for problem in report.problems], "versions": _versions(desk, programme, lang),
        "proposals": proposals(desk, programme.name),
        "may_propose": holds(request, *MAY_PROPOSE, programme=programme.name)})


def _ground(programme: Programme, report: CheckReport, lang: str) -> list[str]:
    """What a check found, line by line; what no rule takes is named in words."""
    unused = tuple(programme.in_words(name, lang) for name in report.unused)
    return replace(report, unused=unused).lines(lang)[1:]


_CHECKED: dict[str, CheckReport] = {}


def checked(programme: Programme) -> CheckReport:
    """The check of a version: its examples are decided once, and again when its files have changed."""
    found = _CHECKED.get(programme.digest)
    if found is None:
        if len(_CHECKED) > 100:
            _CHECKED.clear()
        found = _CHECKED[programme.digest] = check(programme.folder, programme.regime)
    return found


def value_line(programme: Programme, value: Value, today: int, lang: str) -> ValueLine:
    """A value as it stands today."""
    entry = value.on(today)
    coming = min((one.in_force for one in value.dated if one.in_force > today), default=None)
    label = fill(value.words, lang)
    if entry is None:
        return ValueLine(value.name, label, "–", None, None, "", coming)
    return ValueLine(value.name, label, numbers(programme, value, entry, lang), entry.in_force, entry.citation,
                     entry.citation.sentence(lang), coming)


def numbers(programme: Programme, value: Value, entry: Dated, lang: str) -> str:
    """What an entry says, in words: one number, or each choice with its own."""
    if not entry.choices:
        return programme.show(value.name, entry.numbers[0], lang)
    return " · ".join(f"{_choice(programme, value.by, choice, lang)} {programme.show(value.name, number, lang)}"
                      for choice, number in entry.by_choice.items())


def _choice(programme: Programme, by: str, choice: str, lang: str) -> str:
    try:
        return programme.choice_in_words(by, choice, lang) if choice else ""
    except KeyError:
        return choice


def rule_lines(programme: Programme, lang: str) -> Iterator[RuleLine]:
    """The rules in the order in which they are decided."""
    graph = programme.graph
    for name in graph.order:
        variants = graph.rules.get(name)
        if not variants:
            continue
        words = programme.words.rules.get(name)
        says = fill(words.yes, lang) if words and words.yes else ""
        takes = list(dict.fromkeys(argument.name for one in variants for argument in one.arguments))
        yield RuleLine(name, programme.in_words(name, lang), says if "{" not in says else "",
                       " · ".join(programme.in_words(one, lang) for one in takes),
                       list(dict.fromkeys(Citation(programme.sources[one.source], one.clause).sentence(lang)
                                          for one in variants)))


def kind_lines(workflow: Workflow, lang: str) -> list[KindLines]:
    """The table of steps, kind by kind, with a drawing each."""
    return [KindLines(workflow.word("kind", kind.name, lang), draw(workflow, kind, lang), _rows(workflow, kind, lang))
            for kind in workflow.kinds.values()]


def _rows(workflow: Workflow, kind: Kind, lang: str) -> list[tuple[str, str, str, str, str, str]]:
    def states(names: tuple[str, ...]) -> str:
        return ", ".join(workflow.word("state", name, lang) for name in names)

    found = []
    for step in kind.steps:
        uses = [" ".join([use.name, *use.given]).replace("_", " ") for use in (*step.guards, *step.effects)]
        who = ", ".join(say(f"web.role.{name}", lang) if name in ROLES else
                        say("web.programmes.system", lang) if name == SYSTEM else name for name in step.who)
        found.append((workflow.word("step", step.name, lang), states(step.came_from),
                      "=" if step.went_to == "=" else states((step.went_to,)), who,
                      ", ".join(uses[:len(step.guards)]), ", ".join(uses[len(step.guards):])))
    return found


def _versions(desk: Desk, programme: Programme, lang: str) -> list[dict[str, object]]:
    """Every archived version with how many decisions at the desk it made; the one in force first."""
    rows = desk.connection.execute(
        "SELECT v.digest, v.regime, count(d.id), min(d.at), max(d.at) FROM programme_version v"
        " LEFT JOIN desk_decision d ON d.digest = v.digest WHERE v.name = ? GROUP BY v.digest, v.regime",
        (programme.name,)).fetchall()
    found = [{"digest": row[0], "regime": regime_words(row[1], lang), "decisions": row[2], "first": row[3],
              "last": row[4], "current": row[0] == programme.digest} for row in rows]
    if not any(one["current"] for one in found):
        found.append({"digest": programme.digest, "regime": regime_words(programme.regime, lang), "decisions": 0,
                      "first": None, "last": None, "current": True})
    return sorted(found, key=lambda one: (not one["current"], -(one["last"] or 0)))


def show_value(request: HttpRequest, found: tuple[Programme, Value]) -> HttpResponse:
    """One value over time: every dated entry with its source, as a table and as steps."""
    programme, value = found
    lang = request.lang
    today = request.office.today
    entry = value.on(today)
    rows = [{"entry": one, "shown": numbers(programme, value, one, lang), "rests": one.citation.sentence(lang),
             "class": say(f"web.programmes.class.{one.citation.cls}", lang) if one.citation.cls else "",
             "now": one is entry} for one in reversed(value.dated)]
    return render(request, "programmes/value.html", {
        "programme": programme, "value": value, "title": fill(programme.words.title, lang), "rows": rows,
        "label": fill(value.words, lang), "spec": steps_spec(programme, value, today, lang),
        "may_propose": holds(request, *MAY_PROPOSE, programme=programme.name)})


def steps_spec(programme: Programme, value: Value, today: int, lang: str) -> dict[str, object]:
    """A Vega-Lite chart of a value's steps: one line a choice; rates in percent, money in main units."""
    scale = 10_000 if value.kind is Unit.RATE else 10 ** MINOR_DIGITS[programme.currency] if (
        value.kind is Unit.MONEY) else 1
    points = [(one.in_force, one) for one in value.dated]
    if points:  # the last step goes on to today, or a while beyond its first day
        points.append((max(today, points[-1][0] + 180), points[-1][1]))
    data = [{"day": iso(day), "number": number / scale, "series": _choice(programme, value.by, choice, lang)}
            for day, entry in points for choice, number in zip(entry.choices or ("",), entry.numbers, strict=True)]
    colour = {"field": "series", "type": "nominal", "title": None, "legend": {"orient": "top"} if value.by else None,
              "scale": {"range": ["#0b50d0", "#b57400", "#267337", "#bd2c0f", "#9aa4b2", "#052561"]}}
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": 560, "height": 200,
            "data": {"values": data},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "point": True},
            "encoding": {"x": {"field": "day", "type": "temporal", "title": None,
                               "axis": {"grid": False, "format": "%Y-%m", "labelOverlap": True}},
                         "y": {"field": "number", "type": "quantitative", "title": None,
                               "axis": {"gridColor": "#e1e4e8"}}, "color": colour},
            "config": {"font": "Pretendard GOV, system-ui, Noto Sans CJK KR, sans-serif", "view": {"stroke": None}}}


def seen_programme(request: HttpRequest, programme: str) -> Programme:
    """A programme by name, or 404; every officer may read all of them, for they are public rules."""
    found = request.office.programmes.get(programme)
    if found is None:
        raise Http404
    return found


def seen_value(request: HttpRequest, programme: str, value: str) -> tuple[Programme, Value]:
    """A value of a programme, or 404."""
    found = seen_programme(request, programme)
    if value not in found.values:
        raise Http404
    return found, found.values[value]


assert all(f"web.programmes.class.{one}" in catalogue() for one in "APCIK"), "each class of a value has its words"

ROUTES = (
    route("programmes/", programmes, WHO, name="programmes"),
    route("programmes/<str:programme>/", show, WHO, name="programmes.show", object=seen_programme),
    route("programmes/<str:programme>/values/<str:value>/", show_value, WHO, name="programmes.value",
          object=seen_value),
)

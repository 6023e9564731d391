"""The ranking of a call's cases and who is chosen: looked at beforehand, computed, checked again, decided otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from westlake.database import rows_among, transaction
from westlake.desk.calls import Call
from westlake.desk.cases import COLUMNS, Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.looking import looking
from westlake.desk.panel import choosing as desk_choosing
from westlake.desk.panel.candidates import LOTTERIES, SCORES, amounts_of, read_choice, waiting
from westlake.desk.panel.choosing import Run, Standing
from westlake.desk.panel.quota_fields import field_words, value_words
from westlake.desk.panel.runs import find_run, result_digest, runs
from westlake.desk.panel.standing import place_of, places
from westlake.desk.panel.terms import EDGES, OBJECTIVES
from westlake.desk.people import people_of
from westlake.desk.seeing import may_see, seen_cases_sql, shown_cases, views_of
from westlake.errors import WestlakeError
from westlake.evaluation.power import detectable_with_scores
from westlake.money import format_money
from westlake.rules.kinds import write_points
from westlake.web import forms
from westlake.web.guards import holds, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.panel import conditions
from westlake.web.pages.panel.reviews import ACTS, OFFICE, about, may_name, may_score, seen_call
from westlake.web.pages.panel.shown_places import in_band, lines_of, shown_places, told_bound
from westlake.web.paging import page_of
from westlake.web.visit import Visit
from westlake.words import say

MODES = ("ranked_list", "optimal")  # a lottery is a list in which lots decide
SET_HERE = ("mode", "objective", "threshold", "score", "edge", "lottery")
REASON_MAX = 4_000
LIST_MAX = 200  # cases shown of each list of a choice


class Seed(forms.Form):
    """The number from which chance comes."""

    seed = fields.IntegerField(label="web.reviews.seed", help_text="web.reviews.seed_hint", min_value=0,
                               max_value=10**15)


class Choice(Seed):
    """How to choose this time; what a call says stands in the fields."""

    mode = fields.ChoiceField(label="web.reviews.term.mode", choices=[
        (one, f"web.reviews.mode.{one}") for one in MODES])
    objective = fields.ChoiceField(label="web.reviews.term.objective", choices=[
        (one, f"web.reviews.objective.{one}") for one in OBJECTIVES])
    threshold = fields.DecimalField(label="web.reviews.term.threshold", min_value=0, max_value=100, decimal_places=3)
    score = fields.ChoiceField(label="web.reviews.term.score", choices=[
        (one, f"web.reviews.score.{one}") for one in SCORES])
    edge = fields.ChoiceField(label="web.reviews.term.edge", choices=[
        (one, f"web.reviews.edge.{one}") for one in EDGES])
    lottery = fields.ChoiceField(label="web.reviews.term.lottery", choices=[
        (one, f"web.reviews.lottery.{one}") for one in LOTTERIES])

    def over(self, said: Mapping[str, str]) -> dict[str, str]:
        """What was set otherwise than the call says."""
        given = {name: str(self.cleaned_data[name]) for name in SET_HERE if name != "threshold"}
        given["threshold"] = write_points(int(self.cleaned_data["threshold"] * 1000))
        return {name: one for name, one in given.items() if one != said[name]}


def ranking(request: Visit, call: Call) -> HttpResponse:
    """The raw mean beside the estimate, each rank with its doubt, and the cases round the cut-off."""
    desk, found, lang = request.office.desk, about(request, call), request.lang
    found |= {"ranks": holds(request, "officer", "chair", programme=call.programme)}
    if not may_score(request, call):
        return render(request, "reviews/ranking.html", found | {"hidden": True})
    form = Seed(request.POST or None, lang=lang, initial={"seed": call.id})
    if request.method == "POST" and form.is_valid():
        if not found["ranks"]:
            raise Http404
        try:
            desk_choosing.rank(desk, call, request.person, form.cleaned_data["seed"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.reviews.ranked", lang))
            return redirect("reviews.ranking", call.id)
    made = next(iter(runs(desk, call, "ranking")), None)
    if made is not None and request.method != "POST":
        desk = looking(desk)
    return render(request, "reviews/ranking.html", found | {"form": form, "run": made, **(
        _ranked(request, desk, call, made) if made else {})}, status=422 if form.errors else 200)


def _ranked(request: Visit, desk: Desk, call: Call, run: Run) -> dict[str, object]:
    everything = places(desk, run)
    cut = _cut(desk, call, everything)
    kept, views = shown_places(request, desk, everything)
    whole = len(kept) == len(everything)
    page = page_of(request, len(kept), 100)
    known = cut if whole else None
    lines = lines_of(request, desk, call, kept, views, known, kept[page.offset:page.offset + page.size])
    severity = run.result["severity"] if may_name(request, call) and whole else {}
    people = people_of(desk.connection, {int(one) for one in severity})
    lang = request.lang
    rows = [[people[int(one)].name, f"{value / 1000:+.1f}"] for one, value in
            sorted(severity.items(), key=lambda item: item[1]) if int(one) in people]
    return {
        "lines": lines, "page": page, "cut": known,
        "model": say(f"web.reviews.model.{run.result['model']}", lang),
        "band": sum(in_band(one, known) for one in kept),
        "few": sum(one.few for one in kept), "unreviewed": _seen_numbers(request, desk, call,
                                                                             run.result["unreviewed"]),
        "proof": _proof(call, everything, cut, lang) if whole and cut else "",
        "severity": table(say("web.reviews.severity", lang), [
            Column(say("web.reviews.conflict.reviewer", lang)),
            Column(say("web.reviews.marks_above", lang), num=True)], rows) if rows else None}


def _proof(call: Call, found: Sequence[Standing], cut: int, lang: str) -> str:
    """What the cut-off can show with these very scores; nothing under a lottery, or with too few on one side."""
    choice = call.terms.get("choice")
    if isinstance(choice, dict) and choice.get("mode") == "lottery":
        return ""
    scores = [one.estimate for one in found]
    try:
        return detectable_with_scores(scores, scores[cut - 1]).sentence(lang)
    except WestlakeError:
        return ""


def _cut(desk: Desk, call: Call, found: list[Standing]) -> int | None:
    """How many cases from the top have the points that the call asks for and are paid in full by its budget; None where
    the rules cannot say an amount yet."""
    left, least = call.number("budget"), read_choice(desk.offered(call.programme).workflow, call, {})["threshold"]
    try:
        for place, amount in enumerate(amounts_of(desk, call, (one.case for one in found))):
            left -= amount
            if left < 0 or found[place].estimate < least:
                return place
    except WestlakeError:
        return None
    return len(found)


def _seen_numbers(request: Visit, desk: Desk, call: Call, numbers: list[str]) -> list[str]:
    """Of these case numbers, those that this person may see."""
    condition, values = seen_cases_sql(desk, request.person, request.roles)
    seen = {row[0] for row in desk.connection.execute(
        f"SELECT c.number FROM desk_case c WHERE c.call = ? AND {condition}", (call.id, *values))}
    return [one for one in numbers if one in seen]


def selection(request: Visit, call: Call) -> HttpResponse:
    """The terms, a look at what they would bring, and the choice itself, which only a chair makes."""
    desk, lang, found = request.office.desk, request.lang, about(request, call)
    found |= {"made": runs(desk, call, "selection"), "looks": holds(request, "officer", "chair",
                                                                     programme=call.programme)}
    if not may_score(request, call):
        return render(request, "reviews/selection.html", found | {"hidden": True})
    choice = read_choice(desk.offered(call.programme).workflow, call, {})
    said = {name: str(choice[name]) for name in SET_HERE} | {
        "threshold": write_points(choice["threshold"]),
        "mode": "ranked_list" if choice["mode"] == "lottery" else choice["mode"]}
    given = request.POST if request.method == "POST" else request.GET if "seed" in request.GET else None
    form = Choice(given, lang=lang, initial=said)
    cases = waiting(desk, call, "chosen")
    shown = _seen_numbers(request, desk, call, [one.number for one in cases])
    own = conditions.declared(choice, call.currency)
    wanted = conditions.asked(given, own)
    if given is not None and form.is_valid():
        try:
            over = form.over(said) | conditions.over(desk, call, wanted, own, cases, set(shown), lang)
            if request.method == "POST":
                return _select(request, call, form.cleaned_data["seed"], over)
            if found["looks"]:
                found["otherwise"] = terms_named(desk_choosing.otherwise(desk, call, over), lang)
                found |= _preview(request, looking(desk), call, form.cleaned_data["seed"], over, said)
        except WestlakeError as error:
            form.take(error)
    return render(request, "reviews/selection.html", found | {
        "form": form, "count": len(shown),
        "terms": terms_told(desk, call, choice, set(shown), lang, desk_choosing.budget_left(desk, call, cases)),
        **_asking(request, call, wanted, own, cases, shown)}, status=422 if form.errors else 200)


def _asking(request: Visit, call: Call, wanted: conditions.Conditions, own: conditions.Conditions,
            cases: Sequence[Case], shown: list[str]) -> dict[str, object]:
    """What the table of conditions shows and offers."""
    desk, lang = request.office.desk, request.lang
    fields_offered = conditions.fields_on_offer(desk, call, own, lang)
    return {"conditions": wanted, "quota_fields": fields_offered, "numbers": shown,
            "quota_values": conditions.values_on_offer(desk, call, cases, [name for name, _ in fields_offered], lang),
            "quota_units": conditions.units_on_offer(call.currency, lang)}


def _preview(request: Visit, desk: Desk, call: Call, seed: int, over: Mapping[str, Any],
             said: Mapping[str, str]) -> dict[str, object]:
    lang = request.lang
    result = desk_choosing.preview(desk, call, seed, over)
    shown = set(_seen_numbers(request, desk, call, [award[0] for award in result["awards"]]))
    awards = [award for award in result["awards"] if award[0] in shown]
    titles = _titles(request, desk, [award[0] for award in awards[:LIST_MAX]])
    rows = [[str(rank), Cell(number, hint=titles[number]), format_money(amount, call.currency, sign=True)]
            for number, amount, rank in awards[:LIST_MAX]]
    columns = [Column(say("web.reviews.rank", lang), num=True), Column(say("web.reviews.conflict.case", lang)),
               Column(say("web.reviews.amount", lang), num=True)]
    return {"looked": result, "seen_digest": result_digest(result), "facts": result_facts(
        result, awards, call, over.get("objective", said["objective"]), lang),
            "awards": table(say("web.reviews.chosen", lang), columns, rows), "more": max(len(awards) - LIST_MAX, 0)}


def _titles(request: Visit, desk: Desk, numbers: Sequence[str]) -> dict[str, str]:
    """Number → title of some cases as this person is shown them."""
    found = [Case(*row) for row in rows_among(
        desk.connection, f"SELECT {COLUMNS} FROM desk_case WHERE number IN ({{keys}})", numbers)]
    shown = shown_cases(desk, found, views_of(desk, found, request.person, request.roles))
    return {one.number: one.title for one in shown.values()}


def result_facts(result: Mapping[str, Any], awards: list[Any], call: Call, objective: str,
                 lang: str) -> list[tuple[str, object]]:
    """A choice in figures; the sums are of the cases that the reader sees."""
    spent = sum(amount for _, amount, _ in awards)
    found: list[tuple[str, object]] = [
        (say("web.reviews.chosen", lang), f"{len(awards):,}"),
        (say("web.reviews.spent", lang), format_money(spent, call.currency, sign=True))]
    if result["mode"] == "optimal":
        best = say("web.reviews.proved", lang) if result["proved"] else say(
            "web.reviews.bound", lang, most=value_of(result["most"] or 0, objective))
        found += [(say(f"web.reviews.objective.{objective}", lang), value_of(result["objective"], objective)),
                  (say("web.reviews.optimal", lang), best)]
    if result["drawing"]:
        found.append((say("web.reviews.lots", lang), f"{len(result['drawing']['lots']):,}"))
    return found


def value_of(number: int, objective: str) -> str:
    """What an objective came to: points with a decimal, anything else as it is counted."""
    return f"{number / 1000:,.1f}" if objective == "points" else f"{number:,}"


def _select(request: Visit, call: Call, seed: int, over: Mapping[str, Any]) -> HttpResponse:
    """Choose, and keep it, if it is still what was looked at."""
    if not holds(request, "chair", programme=call.programme):
        raise Http404
    desk = request.office.desk
    with transaction(desk.connection):
        run = desk_choosing.select(desk, call, request.person, seed, over, request.POST.get("reason", "")[:REASON_MAX])
        if result_digest(run.result) != request.POST.get("seen"):
            raise WestlakeError.one("W1110", code=call.code)
    messages.success(request, say("web.reviews.selected", request.lang))
    return redirect("reviews.run", run.id)


def terms_named(names: Sequence[str], lang: str) -> str:
    """Terms of a choice by their words: quotas, threshold."""
    return ", ".join(say(f"web.reviews.term.{'quota' if name == 'quotas' else name}", lang) for name in names)


def terms_told(desk: Desk, call: Call, choice: Mapping[str, Any], shown: set[str], lang: str,
               budget: int) -> list[tuple[str, str]]:
    """The terms of a choice in words; shown: numbers of the cases that the reader sees; budget: what it has left."""
    found = [(say("web.reviews.term.mode", lang), say(f"web.reviews.mode.{choice['mode']}", lang))]
    if choice["mode"] == "optimal":
        found.append((say("web.reviews.term.objective", lang), say(f"web.reviews.objective.{choice['objective']}",
                                                                   lang)))
    found += [(say(f"web.reviews.term.{name}", lang), say(f"web.reviews.{name}.{choice[name]}", lang))
              for name in ("score", "edge", "lottery")]
    found.append((say("web.reviews.term.threshold", lang), write_points(choice["threshold"])))
    whole, left = (format_money(one, call.currency, sign=True) for one in (call.number("budget"), budget))
    found.append((say("web.reviews.term.budget", lang), whole if left == whole else say(
        "web.reviews.term.budget_left", lang, left=left, budget=whole)))
    if choice["one_per"]:
        found.append((say("web.reviews.term.one_per", lang), ", ".join(
            field_words(desk, call, one, lang) for one in choice["one_per"])))
    for quota in choice["quotas"]:
        found.append((say("web.reviews.term.quota", lang), _quota_told(desk, call, quota, lang)))
    hidden = say("web.reviews.not_shown", lang)
    found += [(say(f"web.reviews.term.{name}", lang), say(f"web.reviews.{name}_told", lang, one=one, other=other))
              for name in ("exclusions", "prerequisites")
              for one, other in ((a if a in shown else hidden, b if b in shown else hidden) for a, b in choice[name])]
    return found


def _quota_told(desk: Desk, call: Call, quota: Mapping[str, Any], lang: str) -> str:
    parts = []
    for name, value in quota.items():
        if name in ("field", "value") or value in (None, 0):
            continue
        side = say(f"web.reviews.{name.split('_')[0]}", lang)
        figure = (f"{value / 10_000:g} %" if name.endswith("ppm") else format_money(value, call.currency, sign=True)
                  if name.endswith("amount") else say("web.reviews.cases_count", lang, count=value))
        parts.append(f"{side} {figure}")
    value = value_words(desk, call, quota["field"], quota["value"], lang)
    return f"{field_words(desk, call, quota['field'], lang)} = {value}: {', '.join(parts)}"


def what_if(request: Visit, found: tuple[Call, Run, Standing]) -> HttpResponse:
    """The choice made again with one case in it: who comes in, who goes out, what it costs."""
    call, run, one = found
    desk, lang = looking(request.office.desk), request.lang
    again = desk_choosing.resolve_with(desk, run, one.case)
    shown = set(_seen_numbers(request, desk, call, [award.case for award in (*again.brought_in, *again.pushed_out)]))
    # A reserved place is no matter of points: whoever asks what it would cost is told why it was passed over as well.
    bound = again.bound or (one.bound if one.bound and one.bound.kind == "quota_least" else None)

    def told(awards: Any) -> list[tuple[str, str]]:
        return [(award.case, format_money(award.amount, call.currency, sign=True)) for award in awards
                if award.case in shown]

    part = {"again": again, "call": call, "run": run, "case": one.case, "brought_in": told(again.brought_in),
            "pushed_out": told(again.pushed_out), "optimal": run.result["mode"] == "optimal",
            "cost": value_of(again.cost, run.terms["choice"]["objective"]),
            "why": told_bound(bound, desk, call, shown | {one.case.number}, "", lang) if bound else ""}
    return render(request, "reviews/what_if_part.html" if request.htmx else "reviews/what_if.html", part)


def again(request: Visit, found: tuple[Call, Run]) -> HttpResponse:
    """The same computed once more from what is kept: whether it is the same."""
    call, run = found
    same = desk_choosing.repeated(looking(request.office.desk), run, call)
    return render(request, "reviews/again_part.html" if request.htmx else "reviews/again.html",
                  {"call": call, "run": run, "same": same})


def seen_run(request: Visit, run: int) -> tuple[Call, Run]:
    """A ranking or selection of a call of one's programmes, unless a phase hides scores; else 404."""
    with or_404():
        found = find_run(request.office.desk, run)
    call = seen_call(request, found.call)
    if found.kind == "assignment" or not may_score(request, call):
        raise Http404
    return call, found


def seen_selection(request: Visit, run: int) -> tuple[Call, Run]:
    """A selection, as seen_run."""
    call, found = seen_run(request, run)
    if found.kind != "selection":
        raise Http404
    return call, found


def seen_place(request: Visit, run: int, case: int) -> tuple[Call, Run, Standing]:
    """A case's place in a selection, if this person may see the case."""
    call, found = seen_selection(request, run)
    desk = looking(request.office.desk)
    one = next((one for one in places(desk, found) if one.case.id == case), None)
    if one is None or not may_see(desk, find_case(desk, case), request.person, request.roles):
        raise Http404
    kept, _ = shown_places(request, desk, [one])
    if not kept or place_of(desk, one.case) is None:
        raise Http404
    return call, found, one


def passed_place(request: Visit, run: int, case: int) -> tuple[Call, Run, Standing]:
    """A case that took part in a selection and was passed over."""
    found = seen_place(request, run, case)
    if found[2].computed or not found[2].rank:
        raise Http404
    return found


ROUTES = (
    route("reviews/calls/<int:call>/ranking/", ranking, OFFICE, name="reviews.ranking", methods=("GET", "POST"),
          object=seen_call),
    route("reviews/calls/<int:call>/selection/", selection, OFFICE, name="reviews.selection", methods=("GET", "POST"),
          object=seen_call),
    route("reviews/runs/<int:run>/again/", again, OFFICE, name="reviews.again", object=seen_run),
    route("reviews/runs/<int:run>/cases/<int:case>/what-if/", what_if, ACTS, name="reviews.what_if",
          object=passed_place),
)

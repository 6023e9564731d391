"""Choosing: the ranking of a call's reviewed cases, and who is chosen under its budget and its terms.

Both are computed from terms that are kept whole, reviews and amounts included, so that anyone can compute them again.
What was computed stays as it was; a chair's own decision stands beside it (standing.py); the list that counts has both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from westlake.database import transaction
from westlake.desk.calls import Call, check_taken_in
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.panel.candidates import (
    amount_of,
    candidates_of,
    fields_of,
    read_choice,
    reviews_in,
    terms_of,
    waiting,
)
from westlake.desk.panel.explanation import Replacement, explain_skipped
from westlake.desk.panel.explanation import resolve_with as choose_again_with
from westlake.desk.panel.lottery import Drawing, Lot
from westlake.desk.panel.runs import Run, digest_of, find_run, runs, store_run
from westlake.desk.panel.scores import CaseScore, Ranking, Review, places_within, rank_cases, uncertain_band
from westlake.desk.panel.selection import GAP, Selection, choose_cases
from westlake.desk.panel.standing import (
    Override,
    Standing,
    override,
    overrides,
    panel,
    panel_csv,
    place_of,
    places,
    standing,
)
from westlake.desk.people import Person
from westlake.errors import Place, WestlakeError

__all__ = ["Override", "Run", "Standing", "budget_left", "find_run", "otherwise", "override", "overrides", "panel",
           "panel_csv", "place_of", "places", "preview", "rank", "repeated", "resolve_with", "runs", "select",
           "skipped", "standing"]


def rank(desk: Desk, call: Call, person: Person, seed: int) -> Run:
    """Rank a call's cases by the reviews that are in; nothing is chosen by it. W1044 while there is no review.

    Computed while others go on working, and kept unless they changed what it rests on: W1055 then.
    terms: model, least_reviews, reviews [[number, reviewer, total]]; result: model, severity (reviewer → thousandths),
    unreviewed.
    """
    cases, terms = _read(desk, call)
    ranking = _ranking(terms, seed)
    scores = _scores(ranking)
    with transaction(desk.connection):
        if _read(desk, call)[1] != terms:
            raise WestlakeError.one("W1055", code=call.code)
        run = store_run(desk, call, "ranking", seed, terms, _told(ranking), person)
        _place(desk, run, [(case, score.rank, score, False, None, 0, {"reviews": score.reviews, "few": score.few})
                           for case in cases if (score := scores.get(case.number)) is not None])
    return run


def _read(desk: Desk, call: Call) -> tuple[list[Case], dict[str, Any]]:
    cases = waiting(desk, call, "reviewed", "chosen")
    reviews = reviews_in(desk, call, cases)
    if not reviews:
        raise WestlakeError.one("W1044", code=call.code)
    return cases, {"model": "shrinkage", "least_reviews": call.number("reviews_per_case"),
                   "reviews": [list(one) for one in reviews], "cases": [case.number for case in cases]}


def select(desk: Desk, call: Call, person: Person, seed: int, terms: Mapping[str, Any] | None = None,
           reason: str = "") -> Run:
    """Choose among a call's cases under its budget and terms, and keep the choice.

    terms: what is to hold for this choice over what the call says (see candidates.read_choice); exclusions and
    prerequisites are pairs of case numbers. W1044 when no case waits, W1045 terms that cannot be read, W1046 amounts
    that the rules cannot say yet, W938 to W944 from the choice itself, W1055 when something changed meanwhile, W1180
    while the call still takes applications or corrections, W1181 without a reason for terms other than the call's own.
    The reason is kept in the run's terms with the names of what differs: otherwise {reason, terms}.
    """
    check_taken_in(desk, call)
    cases, given = _gathered(desk, call, terms or {})
    differs = otherwise(desk, call, terms or {})
    if differs and not reason.strip():
        raise WestlakeError.one("W1181", Place(field="reason"), code=call.code)
    result, rows = _computed(given, seed)
    told = {"otherwise": {"reason": reason.strip(), "terms": differs}} if differs else {}
    with transaction(desk.connection):
        if _gathered(desk, call, terms or {})[1] != given:
            raise WestlakeError.one("W1055", code=call.code)
        run = store_run(desk, call, "selection", seed, given | told, result, person)
        by_number = {case.number: case for case in cases}
        _place(desk, run, [(by_number[number], *rest) for number, *rest in rows])
    return run


def otherwise(desk: Desk, call: Call, terms: Mapping[str, Any]) -> list[str]:
    """The names of the terms in which a choice would differ from what the call announced. W1045."""
    workflow = desk.offered(call.programme).workflow
    own, asked = read_choice(workflow, call, {}), read_choice(workflow, call, terms)
    return [name for name in own if own[name] != asked[name]]


def preview(desk: Desk, call: Call, seed: int, terms: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The result that `select` would keep, and nothing kept."""
    return _computed(_gathered(desk, call, terms or {})[1], seed)[0]


def repeated(desk: Desk, run: Run, call: Call) -> bool:
    """Whether a ranking or selection, computed again from its terms and seed, is what was kept."""
    result = _told(_ranking(run.terms, run.seed)) if run.kind == "ranking" else _computed(run.terms, run.seed)[0]
    return digest_of(call.code, run.kind, run.seed, run.terms, json.loads(json.dumps(result))) == run.digest


def skipped(desk: Desk, run: Run) -> list[Standing]:
    """The cases passed over though they rank above one that was computed as chosen, by rank, each with its bound."""
    found = places(desk, run)
    lowest = max((one.rank for one in found if one.computed), default=0)
    return [one for one in found if not one.computed and 0 < one.rank < lowest]


def resolve_with(desk: Desk, run: Run, case: Case) -> Replacement:
    """What choosing this case as well would have done: the selection made again with it in. Numbers name cases."""
    candidates, terms, selection, _, band = _chosen(run.terms, run.seed)
    return choose_again_with(case.number, candidates, terms, selection, gap=run.terms["gap"], band=band)


def _gathered(desk: Desk, call: Call, over: Mapping[str, Any]) -> tuple[list[Case], dict[str, Any]]:
    """The cases that wait for a choice, and all that goes into it as plain data."""
    workflow = desk.offered(call.programme).workflow
    cases = waiting(desk, call, "chosen")
    if not cases:
        raise WestlakeError.one("W1044", code=call.code)
    choice = read_choice(workflow, call, over)
    reviews = reviews_in(desk, call, cases)
    amounts = {case.number: amount_of(desk, case) for case in cases}
    wanted = {quota["field"] for quota in choice["quotas"]} | set(choice["one_per"])
    return cases, {
        "choice": choice, "budget": budget_left(desk, call, cases), "gap": GAP,
        "reviewed": bool(workflow.criteria), "least_reviews": call.number("reviews_per_case"),
        "reserve_places": call.number("reserve_places"), "model": "shrinkage",
        "reviews": [list(one) for one in reviews], "amounts": amounts,
        "fields": fields_of(desk, call, cases, wanted) if wanted else {}}


def budget_left(desk: Desk, call: Call, cases: Iterable[Case]) -> int:
    """Minor units of a call's budget that a choice among these cases has: without what others were chosen for."""
    now_out = {case.id for case in cases}
    promised = sum(one.amount for one in standing(desk, call) if one.chosen and one.case.id not in now_out)
    return max(call.number("budget") - promised, 0)


def _ranking(terms: Mapping[str, Any], seed: int) -> Ranking:
    return rank_cases([Review(*one) for one in terms["reviews"]], cases=terms.get("cases", ()), model=terms["model"],
                      least_reviews=terms["least_reviews"], seed=seed)


def _chosen(given: Mapping[str, Any], seed: int) -> tuple[list[Any], Any, Selection, Ranking, tuple[str, ...] | None]:
    """The choice itself, from plain data alone: candidates, terms, selection, ranking, band of the lottery."""
    choice, amounts = given["choice"], {number: one for number, one in given["amounts"].items() if one > 0}
    ranking = _ranking({**given, "reviews": [one for one in given["reviews"] if one[0] in amounts]}, seed)
    scores = _scores(ranking)
    points = {number: scores[number].mean if choice["score"] == "mean" else scores[number].score
              for number in amounts if number in scores} if given["reviewed"] else dict.fromkeys(amounts, 0)
    candidates = candidates_of([number, min(max(points[number], 0), 1_000_000), amounts[number],
                                given["fields"].get(number, {})] for number in sorted(points))
    terms, band = terms_of(choice, given["budget"]), None
    if choice["mode"] == "lottery" and choice["lottery"] == "band":
        band = uncertain_band(ranking, places_within(ranking, amounts, given["budget"]))
    selection = choose_cases(candidates, terms, seed=str(seed), gap=given["gap"], band=band)
    return candidates, terms, selection, ranking, band


def _computed(given: Mapping[str, Any], seed: int) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """The result as it is kept, and a row for each case: number, rank, score, chosen, turn, amount, note."""
    candidates, terms, selection, ranking, band = _chosen(given, seed)
    awards = {award.case: award.amount for award in selection.awards}
    bounds = {one.case: one.bound for one in explain_skipped(candidates, terms, selection, everybody=True)}
    turns = {lot.case: lot.turn for lot in selection.drawing.lots} if selection.drawing else {}
    able = {one.case for one in candidates if one.points >= terms.threshold}
    reserve = [number for number in sorted(bounds, key=lambda one: selection.ranks[one])
               if number in able][:given["reserve_places"]]
    scores, rows = _scores(ranking), []
    for number, amount in sorted(given["amounts"].items()):
        score = scores.get(number)
        note: dict[str, Any] = {"reviews": score.reviews if score else 0, "few": score.few if score else True}
        bound = bounds.get(number)
        if bound is not None:
            note |= {"id": f"desk_choice.bound.{bound.kind}", "kind": bound.kind, "values": dict(bound.values)}
        elif number not in selection.ranks:
            kind = "no_reviews" if amount > 0 else "not_eligible"
            note |= {"id": f"desk_choice.bound.{kind}", "kind": kind, "values": {}}
        if number in reserve:
            note["reserve"] = reserve.index(number) + 1
        rows.append((number, selection.ranks.get(number, 0), score, number in awards, turns.get(number),
                     awards.get(number, 0), note))
    return {"mode": selection.mode, "awards": [list(award) for award in selection.awards], "spent": selection.spent,
            "objective": selection.objective, "most": selection.most, "proved": selection.proved, "reserve": reserve,
            "band": list(band) if band is not None else None, "drawing": _drawn(selection.drawing),
            "ranking": _told(ranking)}, rows


def _told(ranking: Ranking) -> dict[str, Any]:
    return {"model": ranking.model, "severity": dict(ranking.severity), "unreviewed": list(ranking.unreviewed)}


def _scores(ranking: Ranking) -> dict[str, CaseScore]:
    return {one.case: one for one in ranking.cases}


def drawing_of(run: Run) -> Drawing | None:
    """The lots of a selection as they were kept; None where nothing was drawn."""
    kept = run.result["drawing"]
    return kept and Drawing(kept["seed"], kept["places"], tuple(Lot(*lot) for lot in kept["lots"]))


def _drawn(drawing: Drawing | None) -> dict[str, Any] | None:
    return None if drawing is None else {"seed": drawing.seed, "places": drawing.places,
                                         "lots": [list(lot) for lot in drawing.lots]}


def _place(desk: Desk, run: Run, rows: list[tuple[Any, ...]]) -> None:
    for case, rank, score, chosen, turn, amount, note in rows:
        scores = (score.mean, score.score, score.best_rank, score.worst_rank) if score else (0, 0, 0, 0)
        desk.connection.execute("INSERT INTO desk_place VALUES (?,?,?,?,?,?,?,?,?,?,?)", (
            run.id, case.id, rank, *scores, int(chosen), turn, amount,
            json.dumps(note, ensure_ascii=False, sort_keys=True)))

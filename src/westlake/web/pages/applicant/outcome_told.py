"""How a choice came out for one application, in the words that its applicant reads."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.desk.calls import Call
from westlake.desk.cases import Case, call_of
from westlake.desk.desk import Desk
from westlake.desk.panel.outcome import Outcome, outcome_of
from westlake.desk.panel.standing import Standing
from westlake.desk.panel.terms import Bound
from westlake.web.pages.applicant.applications import outside
from westlake.web.pages.panel.shown_places import points, told_bound
from westlake.web.visit import Visit
from westlake.words import say


@dataclass(frozen=True)
class Told:
    """What the page shows. kept_until: until when nothing yet, 0 for shown; facts: label and figure; reasons: why it is
    chosen or not; notes: how the figures are to be read; comments: the reviewers'."""

    kept_until: int = 0
    facts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


def outcome_told(request: Visit, case: Case) -> Told | None:
    """The outcome of a case for whoever looks at it from the applicant's side; None while there is nothing to tell."""
    desk, lang = request.office.desk, request.lang
    found, call = outcome_of(desk, case, request.person, outside(request)), call_of(desk, case)
    if found is None or call is None:
        return None
    if found.kept_until or found.place is None:
        return Told(found.kept_until)
    place = found.place
    return Told(0, tuple(_facts(found, place, lang)), tuple(_reasons(desk, call, found, place, lang)),
                tuple(_notes(found, place, lang)), found.comments)


def _facts(found: Outcome, place: Standing, lang: str) -> list[tuple[str, str]]:
    facts = []
    if place.rank:
        facts += [(say("web.outcome.score", lang), say("web.outcome.of_100", lang, points=points(found.score))),
                  (say("web.outcome.rank", lang), say("web.outcome.rank_of", lang, rank=place.rank, of=found.of))]
    if found.cut_off is not None:
        facts.append((say("web.outcome.cut_off", lang), points(found.cut_off)))
    if place.drawn is not None:
        facts.append((say("web.outcome.turn", lang), str(place.drawn)))
    return facts


def _reasons(desk: Desk, call: Call, found: Outcome, place: Standing, lang: str) -> list[str]:
    """Why it is chosen or not; no other applicant is told by it."""
    said = [say("web.outcome.chosen", lang)] if place.chosen else []
    if place.bound is not None and not place.computed and not place.chosen:
        another = say("web.outcome.another", lang)
        values = {name: another if name == "other" else value for name, value in place.bound.values.items()}
        why = told_bound(Bound(place.bound.kind, values), desk, call, {another}, "", lang)
        said.append(say(f"web.outcome.{'passed_over' if found.passed_over else 'not_chosen'}", lang, why=why))
    if found.otherwise:
        said.append(say("web.outcome.otherwise", lang, reason=found.otherwise))
    return said


def _notes(found: Outcome, place: Standing, lang: str) -> list[str]:
    if not place.rank:
        return []
    low, high = min(place.rank_low, place.rank), max(place.rank_high, place.rank)
    return [say("web.outcome.rank_sure", lang) if low == high else say("web.outcome.rank_between", lang, low=low,
                                                                       high=high),
            say(f"web.outcome.score_says.{found.score_by}", lang, mean=points(place.mean))]

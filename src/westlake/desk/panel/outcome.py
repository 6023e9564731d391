"""What an applicant is told of a choice once it is known: score, rank, cut-off, and what the reviewers wrote.

Reviewers stay without names: a comment tells neither who wrote it nor when, they stand in an order that follows from
nothing but their own words, and whatever name of a reviewer is in one, or in a chair's reason, is struck out.
`seeing` says whether any of it may be shown yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from westlake.desk.cases import Case, call_of
from westlake.desk.desk import Desk
from westlake.desk.panel.interests import OWN_SIDE
from westlake.desk.panel.reviewing import reviews_of
from westlake.desk.panel.runs import find_run
from westlake.desk.panel.standing import Standing, place_of, told_among
from westlake.desk.people import Held, Person, people_of
from westlake.desk.seeing import struck, view_of
from westlake.desk.workflow import APPLICATION
from westlake.digest import fingerprint

WROTE = "SELECT reviewer FROM desk_review WHERE case_id = ?"


@dataclass(frozen=True)
class Outcome:
    """How the choice came out for one case. kept_until: the instant until which a phase of the call hides the scores,
    and with them all the rest; 0 once they are shown.

    of: cases that were ranked; score, cut_off: thousandths of a point (cut_off: the lowest that was computed as chosen,
    None where nothing was); score_by: estimate or mean; passed_over: a case that ranks lower was chosen; otherwise: why
    the chair decided otherwise than was computed, empty if not; comments: in no order of the reviewers.
    """

    kept_until: int = 0
    place: Standing | None = None
    of: int = 0
    score: int = 0
    score_by: str = "estimate"
    cut_off: int | None = None
    passed_over: bool = False
    otherwise: str = ""
    comments: tuple[str, ...] = ()


def outcome_of(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> Outcome | None:
    """What the applicant's side is told of a case's choice; None where nothing was reviewed, or nothing is known yet.

    Nothing is known before a notice or a letter tells it, and nothing more once a later selection took its place.
    """
    roles = list(roles)
    view = view_of(desk, case, person, roles)
    if case.kind != APPLICATION or not set(view.sides) & set(OWN_SIDE):
        return None
    place = place_of(desk, case) if desk.offered(case.programme).workflow.criteria else None
    if place is None:
        return None
    if not view.scores_shown:
        return Outcome(_kept_until(desk, case)) if case.id in told_among(desk, [case]) else None
    score = find_run(desk, place.run).terms["choice"]["score"]
    of, cut_off, lowest = desk.connection.execute(
        "SELECT coalesce(sum(CASE WHEN rank > 0 THEN 1 ELSE 0 END), 0), min(CASE WHEN chosen = 1 THEN"
        f" {'mean' if score == 'mean' else 'estimate'} END), max(CASE WHEN chosen = 1 THEN rank END) FROM desk_place"
        " WHERE run = ?", (place.run,)).fetchone()
    names, over = _names_of_reviewers(desk, case), place.override
    return Outcome(
        0, place, int(of), place.mean if score == "mean" else place.estimate, score, cut_off,
        not place.chosen and 0 < place.rank < (lowest or 0),
        struck(over.reason, names) if over is not None and over.chosen != place.computed else "",
        tuple(sorted((struck(one.comment, names) for one in reviews_of(desk, case, person, roles)),
                     key=lambda text: fingerprint([case.number, text]))))


def _names_of_reviewers(desk: Desk, case: Case) -> list[str]:
    """What whoever ever reviewed a case is called, and where they are from."""
    wrote = {row[0] for row in desk.connection.execute(WROTE, (case.id,))}
    return [name for one in people_of(desk.connection, wrote).values()
            for name in (one.name, one.email, one.organisation)]


def _kept_until(desk: Desk, case: Case) -> int:
    call, at = call_of(desk, case), desk.now()
    phases = call.terms.get("phases") if call else []
    assert isinstance(phases, list)
    return max((one["last"] for one in phases if one["first"] <= at < one["last"] and "scores" in one["hides"]),
               default=0)

"""What an applicant is told of a choice once it is known: score, rank, cut-off, and what the reviewers wrote.

Reviewers stay without names: a comment tells neither who wrote it nor when, they stand in an order that follows from
nothing but their own words, and whatever name of a reviewer, or of who chose, is in one, or in a chair's reason, is
struck out; in a reason also what tells the other applicants. What is shown is what was told, not what came after.
`seeing` says whether any of it may be shown yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from westlake.desk.cases import OF_C, Case, call_of
from westlake.desk.desk import Desk
from westlake.desk.panel.interests import OWN_SIDE
from westlake.desk.panel.reviewing import reviews_of
from westlake.desk.panel.runs import find_run
from westlake.desk.panel.standing import Standing, told_places
from westlake.desk.people import Held, Person
from westlake.desk.seeing import names_of, struck, view_of
from westlake.desk.workflow import APPLICATION
from westlake.digest import fingerprint

WROTE = (  # what whoever was ever asked to review a case, and who of the office chose, is called
    "WITH one AS (SELECT id FROM desk_case WHERE id = ?) SELECT w.name, w.email, w.organisation FROM desk_person w"
    " WHERE w.id IN (SELECT a.reviewer FROM desk_assignment a JOIN one ON one.id = a.case_id UNION SELECT r.reviewer"
    " FROM desk_review r JOIN one ON one.id = r.case_id UNION SELECT o.person FROM desk_override o JOIN one ON one.id ="
    " o.case_id UNION SELECT u.person FROM desk_place p JOIN one ON one.id = p.case_id JOIN desk_run u ON u.id = p.run"
    " UNION SELECT s.person FROM desk_step s JOIN one ON one.id = s.case_id WHERE s.role IN ('officer', 'chair'))"
    " ORDER BY w.id")


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
    place = told_places(desk, [case]).get(case.id) if desk.offered(case.programme).workflow.criteria else None
    if place is None:
        return None
    if not view.scores_shown:
        return Outcome(_kept_until(desk, case))
    score = find_run(desk, place.run).terms["choice"]["score"]
    of, cut_off, lowest = desk.connection.execute(
        "SELECT coalesce(sum(CASE WHEN rank > 0 THEN 1 ELSE 0 END), 0), min(CASE WHEN chosen = 1 THEN"
        f" {'mean' if score == 'mean' else 'estimate'} END), max(CASE WHEN chosen = 1 THEN rank END) FROM desk_place"
        " WHERE run = ?", (place.run,)).fetchone()
    names, over = _names_of_reviewers(desk, case), place.override
    return Outcome(
        0, place, int(of), place.mean if score == "mean" else place.estimate, score, cut_off,
        not place.chosen and 0 < place.rank < (lowest or 0),
        _reason(desk, place, over.reason, names) if over is not None and over.chosen != place.computed else "",
        tuple(sorted((struck(one.comment, names) for one in reviews_of(desk, case, person, roles)),
                     key=lambda text: fingerprint([case.number, text]))))


def _names_of_reviewers(desk: Desk, case: Case) -> list[str]:
    """What whoever was ever asked to review a case, or chose, is called, and where they are from."""
    return [name for row in desk.connection.execute(WROTE, (case.id,)) for name in row]


def _reason(desk: Desk, place: Standing, text: str, names: Sequence[str]) -> str:
    """A chair's reason without those names, and without what tells who else took part in the selection."""
    others = [Case(*row) for row in desk.connection.execute(
        f"SELECT {OF_C} FROM desk_place p JOIN desk_case c ON c.id = p.case_id WHERE p.run = ? ORDER BY c.id",
        (place.run,))]
    called, said = names_of(desk, others), text.lower()
    own = {name.lower() for name in [*called[place.case.id], place.case.number]}
    found = {name for one in others for name in (one.number, *called[one.id]) if name.lower() not in own}
    return struck(text, [*names, *(name for name in found if name.split() and name.split()[0].lower() in said)])


def _kept_until(desk: Desk, case: Case) -> int:
    call, at = call_of(desk, case), desk.now()
    phases = call.terms.get("phases") if call else []
    assert isinstance(phases, list)
    return max((one["last"] for one in phases if one["first"] <= at < one["last"] and "scores" in one["hides"]),
               default=0)

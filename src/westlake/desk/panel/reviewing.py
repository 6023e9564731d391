"""Reviewing: who is asked to review a call, what each has to read and by when, and the reviews as they come in.

Nothing of a review is lost or changed: an invitation, an assignment and a review each have their states one after the
other, and the last one holds. Points are whole, totals are thousandths of a point (full marks are 100 points).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from westlake.database import rows_among, storable, transaction
from westlake.desk.calls import Call
from westlake.desk.cases import COLUMNS, OF_C, Case, call_of, find_case
from westlake.desk.desk import Desk
from westlake.desk.panel.interests import declare
from westlake.desk.panel.scores import review_total
from westlake.desk.people import Held, Person, holders, people_of
from westlake.desk.seeing import View, may_see, shown_cases, view_of, views_of
from westlake.errors import Place, Problem, WestlakeError

LIVE = ("assigned", "started", "submitted")
TEXT_MAX = 8_000
CONFIDENCE = range(1, 6)
_LAST = "NOT EXISTS (SELECT 1 FROM {table} z WHERE {same} AND z.seq > a.seq)"
_LAST_ASSIGNMENT = _LAST.format(table="desk_assignment", same="z.case_id = a.case_id AND z.reviewer = a.reviewer")
_LAST_REVIEW = _LAST.format(table="desk_review", same="z.case_id = a.case_id AND z.reviewer = a.reviewer")
_LAST_INVITATION = _LAST.format(table="desk_invitation", same="z.call = a.call AND z.reviewer = a.reviewer")
OWN_REVIEW = ("SELECT criteria, confidence, comment FROM desk_review a WHERE case_id = ? AND reviewer = ?"
              f" AND {_LAST_REVIEW}")
CHOSEN = "SELECT 1 FROM desk_place p JOIN desk_run r ON r.id = p.run WHERE p.case_id = ? AND r.kind = 'selection'"
OWN_DRAFT = "SELECT field, value FROM desk_review_draft WHERE case_id = ? AND reviewer = ?"
REVIEWS = (  # those that count
    "SELECT case_id, reviewer, seq, criteria, total, confidence, comment, at FROM desk_review a WHERE case_id = ?"
    f" AND {_LAST_REVIEW} AND EXISTS (SELECT 1 FROM desk_assignment s WHERE s.case_id = a.case_id AND s.reviewer ="
    " a.reviewer AND s.state = 'submitted' AND NOT EXISTS (SELECT 1 FROM desk_assignment t WHERE t.case_id ="
    " s.case_id AND t.reviewer = s.reviewer AND t.seq > s.seq)) ORDER BY at, reviewer")


@dataclass(frozen=True)
class Invitation:
    """How a reviewer stands to a call. state: invited, accepted, declined, withdrawn; load: cases at most."""

    call: int
    reviewer: int
    seq: int
    state: str
    load: int
    topics: str
    at: int
    reason: str


@dataclass(frozen=True)
class Task:
    """A case that somebody reviews, as they are shown it. due: day number; late: it has passed, and no review is in."""

    case: Case
    view: View
    state: str
    due: int
    late: bool


@dataclass(frozen=True)
class Review:
    """A review as a person is shown it. reviewer: 0, and name empty, where reviewers are hidden; total: thousandths."""

    case: int
    reviewer: int
    name: str
    seq: int
    criteria: Mapping[str, int]
    total: int
    confidence: int
    comment: str
    at: int
    own: bool


def invite(desk: Desk, call: Call, officer: Person, reviewers: Iterable[int], load: int | None = None,
           topics: str = "", reason: str = "") -> list[Invitation]:
    """Ask people to review a call, or set anew what those already asked are to take on.

    load: cases at most, the call's `reviewer_load` unless given; topics: what they know, parted by commas. W1031 for
    somebody who does not hold the reviewer's role there, W1032 for a load below zero or topics that cannot be kept.
    """
    most = call.number("reviewer_load") if load is None else load
    if most < 0 or not storable(topics, TEXT_MAX):
        raise WestlakeError.one("W1032", Place(field="load" if most < 0 else "topics"))
    able = {person.id for person in holders(desk.connection, "reviewer", desk.now(), call.programme)}
    with transaction(desk.connection):
        before = {one.reviewer: one for one in invitations(desk, call)}
        for number in reviewers:
            if number not in able:
                raise WestlakeError.one("W1031", Place(field="reviewer"), reviewer=number)
            was = before.get(number)
            state = was.state if was and was.state == "accepted" else "invited"
            _invited(desk, call, officer, number, state, most, topics, reason)
    return invitations(desk, call)


def answer_invitation(desk: Desk, call: Call, person: Person, accept: bool, reason: str = "",
                      topics: str | None = None, load: int | None = None) -> Invitation:
    """Accept or decline; who declines gives back what is not submitted. A reviewer may know better what they know and
    can take on than the office does (never more than asked). W1033 unless they are invited."""
    with transaction(desk.connection):
        was = _invitation(desk, call, person.id)
        if was is None or was.state not in ("invited", "accepted"):
            raise WestlakeError.one("W1033", code=call.code)
        most = was.load if load is None else min(max(load, 0), was.load)
        _invited(desk, call, person, person.id, "accepted" if accept else "declined", most,
                 was.topics if topics is None else topics, reason)
        if not accept:
            _give_back(desk, call, person, person.id, reason)
    found = _invitation(desk, call, person.id)
    assert found is not None
    return found


def withdraw_invitation(desk: Desk, call: Call, officer: Person, reviewer: int, reason: str) -> None:
    """Ask somebody no longer; what they have not submitted is taken back. W1033 unless they are invited, W1035."""
    _need_reason(reason)
    with transaction(desk.connection):
        was = _invitation(desk, call, reviewer)
        if was is None or was.state not in ("invited", "accepted"):
            raise WestlakeError.one("W1033", code=call.code)
        _invited(desk, call, officer, reviewer, "withdrawn", was.load, was.topics, reason)
        _give_back(desk, call, officer, reviewer, reason)


def invitations(desk: Desk, call: Call) -> list[Invitation]:
    """How everybody ever invited to a call stands to it now, by person."""
    rows = desk.connection.execute(
        "SELECT call, reviewer, seq, state, load, topics, at, reason FROM desk_invitation a WHERE call = ? AND"
        f" {_LAST_INVITATION} ORDER BY reviewer", (call.id,))
    return [Invitation(*row) for row in rows]


def invited_to(desk: Desk, calls: Sequence[Call]) -> dict[int, dict[str, int]]:
    """Call → state → how many people stand to it so, in one question."""
    found: dict[int, dict[str, int]] = {call.id: {} for call in calls}
    for call, state, count in rows_among(desk.connection, "SELECT call, state, count(*) FROM desk_invitation a WHERE"
                                         f" call IN ({{keys}}) AND {_LAST_INVITATION} GROUP BY call, state", found):
        found[call][state] = count
    return found


def invitations_of(desk: Desk, person: Person) -> list[Invitation]:
    """Every call that a person is or was asked to review, newest first."""
    rows = desk.connection.execute(
        "SELECT call, reviewer, seq, state, load, topics, at, reason FROM desk_invitation a WHERE reviewer = ? AND"
        f" {_LAST_INVITATION} ORDER BY at DESC, call DESC", (person.id,))
    return [Invitation(*row) for row in rows]


def assignments_of(desk: Desk, person: Person, roles: Iterable[Held], call: Call | None = None) -> list[Task]:
    """What a person has to review or has reviewed, the first due first; nothing that they may not see."""
    rows = desk.connection.execute(
        f"SELECT {OF_C}, a.state, (SELECT max(f.at) FROM desk_assignment f WHERE f.case_id = a.case_id AND"
        " f.reviewer = a.reviewer AND f.state = 'assigned') FROM desk_assignment a JOIN desk_case c ON c.id = a.case_id"
        f" WHERE a.reviewer = ? AND a.state IN ('assigned', 'started', 'submitted', 'abstained') AND {_LAST_ASSIGNMENT}"
        " AND (CAST(? AS BIGINT) IS NULL OR c.call = ?)", (person.id, *(2 * [call.id if call else None]))).fetchall()
    width = len(COLUMNS.split(","))
    found = [(Case(*row[:width]), row[width], row[width + 1]) for row in rows]
    views = views_of(desk, [case for case, _, _ in found], person, roles)
    shown = shown_cases(desk, [case for case, _, _ in found], views)
    tasks = []
    for case, state, first in found:
        if "reviewer" in views[case.id].sides:
            due = due_day(desk, case, first)
            tasks.append(Task(shown[case.id], views[case.id], state, due,
                              due < desk.today() and state in ("assigned", "started")))
    return sorted(tasks, key=lambda task: (task.due, task.case.number))


def due_day(desk: Desk, case: Case, assigned_at: int) -> int:
    """The last day on which a review is expected: so many days after it was assigned as the call says."""
    call = call_of(desk, case)
    days = call.number("review_days") if call else desk.offered(case.programme).workflow.terms["review_days"]
    return desk.day_of(assigned_at) + days


def assignments(desk: Desk, call: Call) -> list[tuple[int, int, str, int]]:
    """Each pair of a call as (case, reviewer, state now, instant when it was last assigned). For the officer."""
    return desk.connection.execute(
        "SELECT a.case_id, a.reviewer, a.state, (SELECT max(f.at) FROM desk_assignment f WHERE f.case_id = a.case_id"
        " AND f.reviewer = a.reviewer AND f.state = 'assigned') FROM desk_assignment a JOIN desk_case c ON c.id ="
        f" a.case_id WHERE c.call = ? AND {_LAST_ASSIGNMENT} ORDER BY a.case_id, a.reviewer", (call.id,)).fetchall()


def state_of(desk: Desk, case: Case, reviewer: int) -> str:
    """How an assignment stands: assigned, started, submitted, abstained, recused, withdrawn; empty if there is none."""
    row = desk.connection.execute("SELECT state FROM desk_assignment a WHERE case_id = ? AND reviewer = ? AND"
                                  f" {_LAST_ASSIGNMENT}", (case.id, reviewer)).fetchone()
    return row[0] if row else ""


def states_of(desk: Desk, case: Case) -> dict[int, str]:
    """Reviewer → how their assignment to a case stands."""
    return dict(desk.connection.execute(f"SELECT reviewer, state FROM desk_assignment a WHERE case_id = ? AND"
                                        f" {_LAST_ASSIGNMENT} ORDER BY reviewer", (case.id,)).fetchall())


def why_not_review(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> Problem | None:
    """Why nothing of a person's review can be written or handed in any more; nothing while it can. W1034, W1036."""
    try:
        _may_review(desk, case, person, roles)
    except WestlakeError as error:
        return error.problems[0]
    return None


def start_review(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> None:
    """Begin to review; from now on the assignment stays with them. W1034 unless the case is theirs, W1036."""
    with transaction(desk.connection):
        if _may_review(desk, case, person, roles) in ("assigned", "abstained"):
            move_assignment(desk, case, person.id, "started", person)


def save_review_draft(desk: Desk, case: Case, person: Person, roles: Iterable[Held], field: str, value: str) -> None:
    """Keep one field of a review as soon as it is left: a criterion, `confidence` or `comment`. W1034, W1036, W1037."""
    criteria = {one.name for one in desk.offered(case.programme).workflow.criteria}
    if field not in (*criteria, "confidence", "comment") or not storable(value, TEXT_MAX):
        raise WestlakeError.one("W1037", Place(field=field), most=f"{TEXT_MAX:,}")
    with transaction(desk.connection):
        start_review(desk, case, person, roles)
        desk.connection.execute(
            "INSERT INTO desk_review_draft (case_id, reviewer, field, value, at) VALUES (?,?,?,?,?)"
            " ON CONFLICT (case_id, reviewer, field) DO UPDATE SET value = excluded.value, at = excluded.at",
            (case.id, person.id, field, value, desk.now()))


def review_draft(desk: Desk, case: Case, person: Person) -> dict[str, str]:
    """What a reviewer has written so far, field → text: the draft over the last review, if there is one."""
    row = desk.connection.execute(OWN_REVIEW, (case.id, person.id)).fetchone()
    found = {} if row is None else {**{name: str(points) for name, points in json.loads(row[0]).items()},
                                    "confidence": str(row[1]), "comment": row[2]}
    return found | dict(desk.connection.execute(OWN_DRAFT, (case.id, person.id)).fetchall())


def submit_review(desk: Desk, case: Case, person: Person, roles: Iterable[Held], points: Mapping[str, int],
                  confidence: int, comment: str) -> int:
    """Hand in a review; its total in thousandths. A later one takes its place until the call's choice is made.

    points: criterion → 0 to its most; confidence: 1 to 5. W1034, W1036 once the choice is made, W1037 for a confidence
    or comment that cannot be, W936 for points missing or out of range.
    """
    if confidence not in CONFIDENCE or not comment.strip() or not storable(comment, TEXT_MAX):
        raise WestlakeError.one("W1037", Place(field="comment" if confidence in CONFIDENCE else "confidence"),
                                most=f"{TEXT_MAX:,}")
    criteria = desk.offered(case.programme).workflow.criteria
    total = review_total(points, criteria)
    kept = {one.name: points[one.name] for one in criteria}
    with transaction(desk.connection):
        _may_review(desk, case, person, roles)
        seq = 1 + desk.connection.execute("SELECT count(*) FROM desk_review WHERE case_id = ? AND reviewer = ?",
                                          (case.id, person.id)).fetchone()[0]
        text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
        desk.connection.execute("INSERT INTO desk_review VALUES (?,?,?,?,?,?,?,?)", (
            case.id, person.id, seq, text, total, confidence, comment.strip(), desk.now()))
        desk.connection.execute("DELETE FROM desk_review_draft WHERE case_id = ? AND reviewer = ?",
                                (case.id, person.id))
        move_assignment(desk, case, person.id, "submitted", person)
        desk.record.add(person.actor, "desk.review_submitted", case.subject,
                                    {"seq": seq, "criteria": kept, "total": total, "confidence": confidence})
    return total


def abstain(desk: Desk, case: Case, person: Person, roles: Iterable[Held], reason: str) -> None:
    """Say that one cannot judge the case; somebody else has to. W1034, W1035 without a reason, W1036."""
    _need_reason(reason)
    with transaction(desk.connection):
        _may_review(desk, case, person, roles)
        move_assignment(desk, case, person.id, "abstained", person, reason)
        desk.record.add(person.actor, "desk.review_abstained", case.subject)


def recuse(desk: Desk, case: Case, person: Person, reason: str) -> None:
    """Declare a conflict of interest with a case that one was to review; it goes out of sight. W1034, W1035."""
    _need_reason(reason)
    with transaction(desk.connection):
        if state_of(desk, case, person.id) not in (*LIVE, "abstained"):
            raise WestlakeError.one("W1034", number=case.number)
        declare(desk, person, person.id, case, "", reason)
        desk.connection.execute("DELETE FROM desk_review_draft WHERE case_id = ? AND reviewer = ?",
                                (case.id, person.id))
        move_assignment(desk, case, person.id, "recused", person, reason)


def withdraw_assignment(desk: Desk, case: Case, officer: Person, reviewer: int, reason: str) -> None:
    """Take a case back from a reviewer; a review already in stays on file but no longer counts. W1034, W1035."""
    _need_reason(reason)
    with transaction(desk.connection):
        if state_of(desk, case, reviewer) not in (*LIVE, "abstained"):
            raise WestlakeError.one("W1034", number=case.number)
        move_assignment(desk, case, reviewer, "withdrawn", officer, reason)
        desk.record.add(officer.actor, "desk.review_withdrawn", case.subject, {"reviewer": reviewer})


def move_assignment(desk: Desk, case: Case, reviewer: int, state: str, person: Person, reason: str = "",
                    run: int | None = None) -> None:
    """Write the next state of an assignment."""
    move_assignments(desk, [(case.id, reviewer)], state, person, reason, run)


def move_assignments(desk: Desk, pairs: Iterable[tuple[int, int]], state: str, person: Person, reason: str = "",
                     run: int | None = None) -> None:
    """The same for pairs of a case and a reviewer."""
    desk.connection.executemany(
        "INSERT INTO desk_assignment (case_id, reviewer, seq, state, run, person, at, reason) SELECT CAST(? AS BIGINT),"
        " CAST(? AS BIGINT), 1 + count(*), ?, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), ? FROM"
        " desk_assignment WHERE case_id = ? AND reviewer = ?",
        [(case, reviewer, state, run, person.id, desk.now(), reason.strip(), case, reviewer)
         for case, reviewer in pairs])


def reviews_of(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> list[Review]:
    """The reviews of a case that count, as a person is shown them: their own always, others' where they may."""
    view = view_of(desk, case, person, roles)
    rows = desk.connection.execute(REVIEWS, (case.id,)).fetchall()
    people = people_of(desk.connection, {row[1] for row in rows})
    found = []
    for _, reviewer, seq, criteria, total, confidence, comment, at in rows:
        own = view.seen and reviewer == person.id
        if own or view.others_reviews_shown:
            shown = own or view.reviewers_shown
            found.append(Review(case.id, reviewer if shown else 0, people[reviewer].name if shown else "", seq,
                                json.loads(criteria), total, confidence, comment, at if shown else 0, own))
    return found


def counted_reviews(desk: Desk, case: Case) -> int:
    """Reviews of a case that are in and count: no abstention, nothing recused or withdrawn."""
    return int(desk.connection.execute("SELECT count(*) FROM desk_assignment a WHERE case_id = ? AND state ="
                                       f" 'submitted' AND {_LAST_ASSIGNMENT}", (case.id,)).fetchone()[0])


def needed_reviews(desk: Desk, case: Case) -> int:
    """Reviews that a case is to have."""
    call = call_of(desk, case)
    return (call.number("reviews_per_case") if call else
            desk.offered(case.programme).workflow.terms["reviews_per_case"])


def _may_review(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> str:
    """The state of the assignment; W1034 when there is none that is open, or the case is out of sight; W1036 once the
    choice that the case takes part in is made: its reviews stand."""
    state = state_of(desk, case, person.id)
    reviewer = [held for held in roles if held.role == "reviewer"]
    if state not in (*LIVE, "abstained") or not may_see(desk, case, person, reviewer):
        raise WestlakeError.one("W1034", number=case.number)
    if desk.connection.execute(CHOSEN, (case.id,)).fetchone():
        raise WestlakeError.one("W1036", number=case.number)
    return state


def _invitation(desk: Desk, call: Call, reviewer: int) -> Invitation | None:
    return next((one for one in invitations(desk, call) if one.reviewer == reviewer), None)


def _invited(desk: Desk, call: Call, person: Person, reviewer: int, state: str, load: int, topics: str,
             reason: str) -> None:
    seq = 1 + desk.connection.execute("SELECT count(*) FROM desk_invitation WHERE call = ? AND reviewer = ?",
                                      (call.id, reviewer)).fetchone()[0]
    desk.connection.execute("INSERT INTO desk_invitation VALUES (?,?,?,?,?,?,?,?,?)", (
        call.id, reviewer, seq, state, load, topics.strip(), person.id, desk.now(), reason.strip()))
    desk.record.add(person.actor, f"desk.reviewer_{state}", f"call:{call.id}",
                                {"reviewer": reviewer, "load": load})


def _give_back(desk: Desk, call: Call, person: Person, reviewer: int, reason: str) -> None:
    for case, one, state, _ in assignments(desk, call):
        if one == reviewer and state in ("assigned", "started"):
            move_assignment(desk, find_case(desk, case), reviewer, "withdrawn", person, reason)


def _need_reason(reason: str) -> None:
    if not reason.strip() or not storable(reason):
        raise WestlakeError.one("W1035", Place(field="reason"))

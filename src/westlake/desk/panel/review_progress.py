"""How far the reviews of a call are: counted in the database, of the cases of which somebody may know it.

A case takes part that waits for reviews or that somebody reviews; each counts up to the reviews that its call asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from westlake.database import rows_among
from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.panel.candidates import waiting_states
from westlake.desk.people import Held, Person
from westlake.desk.seeing import Where, panel_sql
from westlake.desk.workflow import APPLICATION

_OPEN = "('assigned', 'started')"
_LAST = ("NOT EXISTS (SELECT 1 FROM desk_assignment z WHERE z.case_id = a.case_id AND z.reviewer = a.reviewer"
         " AND z.seq > a.seq)")
_ASSIGNED_AT = ("(SELECT max(f.at) FROM desk_assignment f WHERE f.case_id = a.case_id AND f.reviewer = a.reviewer"
                " AND f.state = 'assigned')")


@dataclass(frozen=True)
class Panel:
    """What of the panels of calls a person may know, as conditions on desk_case under the name `c`; asked for once.

    counted: how far its reviews are; named: who reviews.
    """

    seen: Where
    counted: Where
    named: Where


@dataclass(frozen=True)
class Progress:
    """A call's reviews. cases: that take part; done: reviews in, each case counted up to what it needs; needed: of all;
    late: assigned or started, and past the day due."""

    cases: int = 0
    done: int = 0
    needed: int = 0
    late: int = 0


@dataclass(frozen=True)
class Counted:
    """A case that takes part, with how many of its reviews are in. named: whether one may know who reviews it."""

    id: int
    number: str
    state: str
    done: int
    late: int
    named: bool


def panel_seen(desk: Desk, person: Person, roles: Iterable[Held]) -> Panel:
    """What a person may know of panels now."""
    return Panel(*panel_sql(desk, person, roles))


def progress_of_calls(desk: Desk, calls: Sequence[Call], panel: Panel) -> dict[int, Progress]:
    """Call → how far its reviews are, in one question."""
    by_id = {call.id: call for call in calls}
    found = {call.id: Progress() for call in calls}
    states = {call.id: waiting_states(desk, call, "reviewed") for call in calls}
    if not calls:
        return found
    late, dues = _late(desk, calls)
    sql = (f"SELECT c.call, c.state, n.done, count(*), sum(n.late) FROM desk_case c LEFT JOIN ({_counts(late, by_id)})"
           f" AS n ON n.case_id = c.id WHERE {_of(by_id)} AND {panel.counted[0]} GROUP BY c.call, c.state, n.done")
    for number, state, done, count, behind in desk.connection.execute(
            sql, (*dues, *by_id, *by_id, *panel.counted[1])):
        if done is not None or state in states[number]:
            was, each = found[number], by_id[number].number("reviews_per_case")
            found[number] = Progress(was.cases + count, was.done + min(done or 0, each) * count,
                                     was.needed + each * count, was.late + (behind or 0))
    return found


def counted_cases(desk: Desk, call: Call, panel: Panel) -> list[Counted]:
    """The cases of a call that take part, those that lack most first."""
    states, needed = waiting_states(desk, call, "reviewed"), call.number("reviews_per_case")
    late, dues = _late(desk, [call])
    rows = desk.connection.execute(
        f"SELECT c.id, c.number, c.state, n.done, n.late, CASE WHEN {panel.named[0]} THEN 1 ELSE 0 END FROM"
        f" desk_case c LEFT JOIN ({_counts(late, [call.id])}) AS n ON n.case_id = c.id WHERE {_of([call.id])} AND"
        f" {panel.counted[0]}", (*panel.named[1], *dues, call.id, call.id, *panel.counted[1]))
    return sorted((Counted(number, name, state, done or 0, behind or 0, bool(named))
                   for number, name, state, done, behind, named in rows if done is not None or state in states),
                  key=lambda one: (one.done >= needed, one.done, one.number))


def progress_of(call: Call, cases: Sequence[Counted]) -> Progress:
    """How far a call's reviews are, from its cases."""
    needed = call.number("reviews_per_case")
    return Progress(len(cases), sum(min(one.done, needed) for one in cases), needed * len(cases),
                    sum(one.late for one in cases))


def pairs_of(desk: Desk, call: Call, cases: Iterable[Counted]) -> dict[int, list[tuple[int, str, bool]]]:
    """Case → (reviewer, state, late) of each who reviews it, of the cases of which one may know it."""
    found: dict[int, list[tuple[int, str, bool]]] = {one.id: [] for one in cases if one.named}
    due = desk.starts_at(desk.today() - call.number("review_days"))
    for case, reviewer, state, at in rows_among(
            desk.connection, f"SELECT a.case_id, a.reviewer, a.state, {_ASSIGNED_AT} FROM desk_assignment a WHERE"
            f" a.case_id IN ({{keys}}) AND a.state <> 'withdrawn' AND {_LAST} ORDER BY a.case_id, a.reviewer", found):
        found[case].append((reviewer, state, state in ("assigned", "started") and at < due))
    return found


def work_of_reviewers(desk: Desk, call: Call, panel: Panel, reviewers: Sequence[int]) -> dict[tuple[int, str], int]:
    """(reviewer, state) → how many cases, `late` among the states; of the cases of which one may know who reviews."""
    late, dues = _late(desk, [call])
    found: dict[tuple[int, str], int] = {}
    among = ",".join("?" * len(reviewers)) or "NULL"
    for reviewer, state, count, behind in desk.connection.execute(
            f"SELECT a.reviewer, a.state, count(*), sum({late}) FROM desk_assignment a JOIN desk_case c ON"
            f" c.id = a.case_id WHERE a.reviewer IN ({among}) AND {_of([call.id])} AND {panel.counted[0]} AND"
            f" {panel.named[0]} AND {_LAST} GROUP BY a.reviewer, a.state",
            (*dues, *reviewers, call.id, *panel.counted[1], *panel.named[1])):
        found[reviewer, state] = count
        found[reviewer, "late"] = found.get((reviewer, "late"), 0) + behind
    return found


def is_whole(desk: Desk, call: Call, panel: Panel) -> bool:
    """Whether no case of a call is kept from whoever asks."""
    return desk.connection.execute(f"SELECT 1 FROM desk_case c WHERE {_of([call.id])} AND NOT ({panel.seen[0]})"
                                   " LIMIT 1", (call.id, *panel.seen[1])).fetchone() is None


def _of(calls: Iterable[int]) -> str:
    """The applications of calls that were handed in."""
    return (f"c.call IN ({','.join('?' for _ in calls)}) AND c.kind = '{APPLICATION}' AND c.submitted_at IS NOT NULL")


def _counts(late: str, calls: Iterable[int]) -> str:
    """Case → reviews that are in, and that should be."""
    return (f"SELECT a.case_id, sum(CASE WHEN a.state = 'submitted' THEN 1 ELSE 0 END) AS done, sum({late}) AS late"
            f" FROM desk_assignment a JOIN desk_case c ON c.id = a.case_id WHERE {_of(calls)} AND {_LAST}"
            " GROUP BY a.case_id")


def _late(desk: Desk, calls: Sequence[Call]) -> tuple[str, list[int]]:
    """1 for a pair whose review should be in by now, else 0; with the values for it."""
    dues = [(call.id, desk.starts_at(desk.today() - call.number("review_days"))) for call in calls]
    due = " ".join("WHEN ? THEN CAST(? AS BIGINT)" for _ in dues)
    return (f"CASE WHEN a.state IN {_OPEN} AND {_ASSIGNED_AT} < CASE c.call {due} END THEN 1 ELSE 0 END",
            [value for pair in dues for value in pair])

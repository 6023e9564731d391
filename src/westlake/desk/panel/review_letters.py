"""Letters to reviewers: what was assigned to them, what is due soon and what is late; cases by number and nothing else.

A letter leaves the office, so it names no title and no firm, whatever a phase hides or shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from westlake.dates import iso
from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.outbox import write_to_person
from westlake.desk.panel.reviewing import Task, assignments_of
from westlake.desk.people import Person, find_person, roles_of

OPEN = ("assigned", "started")
NUMBERS_MOST = 50
_NUMBERS = "SELECT id, number FROM desk_case WHERE call = ?"
_WHO = f"SELECT DISTINCT reviewer FROM desk_assignment WHERE state IN {OPEN} ORDER BY reviewer"
_TOLD = "SELECT max(at) FROM desk_message WHERE person = ? AND case_id IS NULL AND kind = ?"


def tell_assigned(desk: Desk, call: Call, pairs: Iterable[tuple[int, int]]) -> None:
    """One letter for each reviewer of these pairs (case, reviewer), which were assigned just now."""
    numbers, own = dict(desk.connection.execute(_NUMBERS, (call.id,)).fetchall()), dict[int, list[str]]()
    for case, reviewer in pairs:
        own.setdefault(reviewer, []).append(numbers[case])
    day = iso(desk.today() + call.number("review_days"))
    for reviewer, cases in sorted(own.items()):
        person = _person(desk, reviewer)
        write_to_person(desk, person, "review_assigned", {
            "title": call.text("title", person.language), "code": call.code, "count": len(cases), "day": day,
            "numbers": _listed(sorted(cases))})


def remind_reviewers(desk: Desk, soon_days: int) -> int:
    """Write to whoever has a review that is due within so many days, and to whoever is late, once for each review that
    comes to be so; how many letters."""
    today, written = desk.today(), 0
    for reviewer, in desk.connection.execute(_WHO).fetchall():
        person = _person(desk, reviewer)
        tasks = [task for task in assignments_of(desk, person, roles_of(desk.connection, reviewer, desk.now()))
                 if task.state in OPEN]
        soon = [task for task in tasks if not task.late and task.due <= today + soon_days]
        late = [task for task in tasks if task.late]
        written += _once(desk, person, "review_due", soon, [task.due - soon_days for task in soon])
        written += _once(desk, person, "review_late", late, [task.due + 1 for task in late])
    return written


def _once(desk: Desk, person: Person, kind: str, tasks: Sequence[Task], since: Sequence[int]) -> int:
    """since: for each task the day from which it is so; what came to be so before the last such letter was in it."""
    last = desk.connection.execute(_TOLD, (person.id, kind)).fetchone()[0]
    if not tasks or (last is not None and desk.day_of(last) >= max(since)):
        return 0
    write_to_person(desk, person, kind, {"count": len(tasks), "day": iso(min(task.due for task in tasks)),
                                         "numbers": _listed([task.case.number for task in tasks])})
    return 1


def _listed(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:NUMBERS_MOST]) + (" …" if len(numbers) > NUMBERS_MOST else "")


def _person(desk: Desk, number: int) -> Person:
    person = find_person(desk.connection, number)
    assert person is not None, "a reviewer is a person of the desk"
    return person

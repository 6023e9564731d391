"""Who acts for a case on the applicant's side: whoever applied, until another speaker of the firm has taken it over.

That somebody took over an application is an act of the record, and the newest one counts, for the application and for
all that follows from it. Who objects to a case acts for the objection themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from westlake.desk.cases import Case, cases_among, root_of
from westlake.desk.desk import Desk
from westlake.desk.looking import Question
from westlake.desk.people import Person, person_number

TAKEN_OVER = "desk.taken_over"
# Few, and the same question for every case.
ASKED: Question = ("SELECT subject, actor FROM act WHERE act = ? ORDER BY id", (TAKEN_OVER,))


def acting_for(desk: Desk, case: Case) -> int:
    """Who acts for a case on the applicant's side, by number: they take its steps, and letters go to them."""
    return acting_among(desk, [case])[case.id]


def acting_among(desk: Desk, cases: Sequence[Case]) -> dict[int, int]:
    """The same for several cases, by id."""
    taken = dict(desk.connection.execute(*ASKED).fetchall())
    return {case.id: _acting(desk, case, taken) if taken else case.applicant for case in cases}


def before(desk: Desk, person: Person) -> dict[int, set[int]]:
    """The applications that somebody has taken over and acts for, by id, each with those who acted for it before."""
    found: dict[int, set[int]] = {}
    acts = desk.connection.execute(*ASKED).fetchall()
    mine = {subject for subject, actor in dict(acts).items() if actor == person.actor}
    for case in cases_among(desk, [int(subject.removeprefix("case:")) for subject in mine]).values():
        found[case.id] = {case.applicant, *(person_number(actor) for subject, actor in acts if subject == case.subject)}
    return found


def _acting(desk: Desk, case: Case, taken: dict[str, str]) -> int:
    root = root_of(desk, case)
    actor = taken.get(root.subject, "") if case.applicant == root.applicant else ""
    return person_number(actor) or case.applicant

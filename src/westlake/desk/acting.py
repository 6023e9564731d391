"""Who acts for a case on the applicant's side: whoever applied, until another speaker of the firm has taken it over.

That somebody took over an application is an act of the record, and it counts while by the office's own word they apply
for the firm: the newest that does, for the application and for all that follows from it; if none does, whoever applied.
Who objects to a case acts for the objection themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from westlake.desk.applying.speaking import ON_FILE, filed, silence, silent_among
from westlake.desk.cases import Case, root_of, roots_among
from westlake.desk.desk import Desk
from westlake.desk.looking import Question
from westlake.desk.people import Person, person_number
from westlake.errors import Problem

TAKEN_OVER = "desk.taken_over"
# Few, and the same questions for every case: who took over what, and what is on file about all of them.
ASKED: tuple[Question, Question] = (
    ("SELECT c.id, c.firm, c.applicant, a.actor FROM act a JOIN desk_case c ON c.id = CAST(substr(a.subject, 6) AS"
     " INTEGER) WHERE a.act = ? ORDER BY a.id", (TAKEN_OVER,)),
    (ON_FILE.format(keys="SELECT CAST(substr(actor, 8) AS INTEGER) FROM act WHERE act = ?"), (TAKEN_OVER,)))


class _Line(NamedTuple):
    """Who acted for an application, first to last: whoever applied, and after them who took it over."""

    firm: str
    people: list[int]


def acting_for(desk: Desk, case: Case) -> int:
    """Who acts for a case on the applicant's side, by number: they take its steps, and letters go to them."""
    return acting_among(desk, [case])[case.id]


def acting_among(desk: Desk, cases: Sequence[Case]) -> dict[int, int]:
    """The same for several cases, by id; however many there are, in as many questions."""
    lines = _lines(desk)
    roots = _roots(desk, cases) if lines else {}
    theirs = {number: root.id for number, root in roots.items() if root.id in lines}
    now = _now(desk, lines, theirs.values())
    return {case.id: now[theirs[case.id]] if case.id in theirs and case.applicant == roots[case.id].applicant
            else case.applicant for case in cases}


def before(desk: Desk, person: Person) -> dict[int, set[int]]:
    """The applications that were ever taken over and for which somebody acts now, by id, each with all who ever did."""
    lines = {case: line for case, line in _lines(desk).items() if person.id in line.people}
    now = _now(desk, lines, lines)
    return {case: set(line.people) for case, line in lines.items() if now[case] == person.id}


def silence_on(desk: Desk, root: Case) -> Problem | None:
    """W1143 where the register knows of an application's firm and the office has not confirmed that whoever acts for it
    speaks for the firm."""
    return silence(desk, acting_for(desk, root), root.firm)


def silenced_among(desk: Desk, roots: Sequence[Case]) -> set[int]:
    """Of several applications those of which that is so, by id."""
    acting = acting_among(desk, roots)
    found = silent_among(desk, {(acting[case.id], case.firm) for case in roots})
    return {case.id for case in roots if (acting[case.id], case.firm) in found}


def _lines(desk: Desk) -> dict[int, _Line]:
    """Every application that was ever taken over, by id."""
    found: dict[int, _Line] = {}
    for case, firm, applicant, actor in desk.connection.execute(*ASKED[0]):
        found.setdefault(case, _Line(firm, [applicant])).people.append(person_number(actor))
    return found


def _now(desk: Desk, lines: Mapping[int, _Line], wanted: Iterable[int]) -> dict[int, int]:
    """Who acts now for some applications that were taken over."""
    asked = set(wanted)
    if not asked:
        return {}
    papers, at = filed(desk.connection.execute(*ASKED[1])), desk.now()
    return {case: next((person for person in reversed(people[1:]) if papers.applies_for(person, firm, at)), people[0])
            for case in asked for firm, people in [lines[case]]}


def _roots(desk: Desk, cases: Sequence[Case]) -> dict[int, Case]:
    """The applications that cases follow from, by these cases' ids; a page of one case has them at hand one by one."""
    if len(cases) == 1:
        return {case.id: root_of(desk, case) for case in cases}
    above = roots_among(desk, {case.parent for case in cases if case.parent is not None})
    return {case.id: case if case.parent is None else above[case.parent] for case in cases}

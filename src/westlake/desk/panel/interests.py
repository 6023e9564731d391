"""Conflicts of interest at the desk: those that people declare, and those that the office's own papers show.

What both sides are known by is both_sides.py's: people's entries, the register, earlier cases; conflicts.py compares. A
conflict bars from seeing a case as well as from acting on it, whatever role of the office somebody holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from westlake.database import asked_among, storable, transaction
from westlake.database.connection import AT_ONCE
from westlake.desk.calls import Call, calls_among
from westlake.desk.cases import COLUMNS, Case, root_of
from westlake.desk.desk import Desk
from westlake.desk.looking import Question, together
from westlake.desk.panel.both_sides import ABOUT, SIDE, About, Declared, about, sides
from westlake.desk.panel.colleagues import colleagues
from westlake.desk.panel.conflicts import Conflict, Party, Past, find_conflicts
from westlake.desk.people import Person
from westlake.errors import Place, WestlakeError
from westlake.register import Register

OWN_SIDE = ("applicant", "co_applicant")
DETAIL_MAX = 1000


@dataclass(frozen=True)
class Interest:
    """A declared conflict. case: None when it is with the firm altogether; person: who declared it."""

    id: int
    reviewer: int
    case: int | None
    firm: str
    detail: str
    person: int
    at: int


def declare(desk: Desk, person: Person, reviewer: int, case: Case | None, firm: str, detail: str) -> int:
    """Declare that somebody must not judge a case, or a firm's cases altogether; the declaration's number.

    person: who says so, the reviewer, the applicant or an officer. W1030 when neither case nor firm is named,
    W1035 without a word on why.
    """
    if case is None and not firm.strip():
        raise WestlakeError.one("W1030", Place(field="case"))
    if not detail.strip() or not storable(detail, DETAIL_MAX):
        raise WestlakeError.one("W1035", Place(field="reason"))
    root = root_of(desk, case).id if case is not None else None
    with transaction(desk.connection):
        row = desk.connection.execute(
            "INSERT INTO desk_interest (reviewer, case_id, firm, detail, person, at) VALUES (?,?,?,?,?,?) RETURNING id",
            (reviewer, root, firm.strip(), detail.strip(), person.id, desk.now())).fetchone()
        desk.record.add(person.actor, "desk.interest_declared", f"person:{reviewer}",
                        {"interest": row[0], "case": root, "firm": firm.strip()})
    return int(row[0])


def interests_of(desk: Desk, reviewer: int) -> list[Interest]:
    """Everything declared about a person, first to last."""
    rows = desk.connection.execute("SELECT id, reviewer, case_id, firm, detail, person, at FROM desk_interest"
                                   " WHERE reviewer = ? ORDER BY id", (reviewer,))
    return [Interest(*row) for row in rows]


def conflicts_of(desk: Desk, call: Call) -> dict[tuple[int, int], tuple[Conflict, ...]]:
    """Every pair (reviewer, case) of a call that must not meet, with its reasons: of all who are invited to it.

    Whoever holds a role of the office beside is judged as a reviewer here, as strictly as any other.
    """
    people = [Person(*row) for row in desk.connection.execute(
        "SELECT id, name, email, organisation, language, firm FROM desk_person WHERE id IN (SELECT reviewer FROM"
        " desk_invitation WHERE call = ?) ORDER BY id", (call.id,))]
    return _between(desk, people, [case for case in _reached(desk, people, True) if case.call == call.id], True)


def conflict_with(desk: Desk, case: Case, person: Person) -> tuple[Conflict, ...]:
    """Why a person must not judge, handle or see a case for the office; empty when nothing speaks against it."""
    root = root_of(desk, case)
    return _between(desk, [person], [root]).get((person.id, root.id), ())


def side_asked(case: int) -> Question:
    """How the office is asked who stands on an application's side."""
    return asked_among(SIDE, [case])


def conflicted_among(desk: Desk, person: Person, cases: Sequence[Case]) -> list[int]:
    """Of these cases, the ids of those that somebody must not judge, handle or see: by what each follows from."""
    roots = {case.id: root_of(desk, case) for case in cases}
    barred = {case for _, case in _between(desk, [person], list({one.id: one for one in roots.values()}.values()))}
    return [case.id for case in cases if roots[case.id].id in barred]


def conflicted_cases(desk: Desk, person: Person) -> dict[int, tuple[Conflict, ...]]:
    """Every application that a person must not judge, handle or see for the office, with its reasons."""
    return {case: reasons for (_, case), reasons in _between(desk, [person], _reached(desk, [person])).items()}


def everybodys_conflicts(desk: Desk, people: Sequence[Person]) -> tuple[list[Case], set[tuple[int, int]]]:
    """The applications with which any of these people is in conflict, and each pair (person, application)."""
    cases = _reached(desk, people)
    pairs = set(_between(desk, people, cases))
    barred = {case for _, case in pairs}
    return [case for case in cases if case.id in barred], pairs


def _between(desk: Desk, people: Sequence[Person], cases: Sequence[Case],
             judging: bool = False) -> dict[tuple[int, int], tuple[Conflict, ...]]:
    """The conflicts between people and applications, by how far back each call looks. judging: all as reviewers."""
    by_years: dict[int, list[Case]] = defaultdict(list)
    known = calls_among(desk, {case.call for case in cases if case.call is not None})
    for case in cases:
        by_years[_history_years(desk, case, known.get(case.call or 0))].append(case)
    found: dict[tuple[int, int], tuple[Conflict, ...]] = {}
    for span, group in by_years.items():
        papers = _Papers(desk, people, group, judging)
        for office in (True, False):
            if parties := papers.reviewers(office):
                for (one, other), reasons in find_conflicts(parties, papers.cases(office), today=desk.today(),
                                                            years=span).items():
                    found[int(one), int(other)] = reasons
    return found


def _history_years(desk: Desk, case: Case, call: Call | None) -> int:
    if call is not None and "history_years" in call.terms:
        return call.number("history_years")
    return desk.offered(case.programme).workflow.terms["history_years"]


class _Papers:
    """What is on file about some people, of the office or asked by it, and some applications."""

    def __init__(self, desk: Desk, people: Sequence[Person], cases: Sequence[Case], judging: bool) -> None:
        self.people, self.applications = people, cases
        if len(people) + len(cases) <= AT_ONCE:
            together(desk, asked_among(ABOUT, sorted({one.id for one in people})),
                     asked_among(SIDE, [one.id for one in cases]))
        self.about, self.side = about(desk, {person.id for person in people}, judging), sides(desk, cases)
        firms = {case.firm for case in cases if case.firm}
        own = _firms_of(self.about, people)
        self.ties = _ties(desk, firms | own) if own else {}

    def reviewers(self, office: bool) -> list[Party]:
        """One party for each of the people who holds a role of the office now, or of the others."""
        found = []
        for person in self.people:
            if (person.id in self.about.office) != office:
                continue
            firm = self.about.firm(person)
            others = self.about.spoken_for(person) - {firm}
            related = {key for one in (firm, *others) for key in self.ties.get(one, ())} | others
            cases = {str(case.id) for one in self.about.declared if one.reviewer == person.id == one.person
                     for case in self.applications if _names(one, case)}
            past = tuple(Past("joint_case", old.number, old.day) for old in self.about.past.get(person.id, {}).values())
            found.append(Party(str(person.id), person.organisation, (person.email,), firm,
                               tuple(sorted(related)), past, tuple(sorted(cases))))
        return found

    def cases(self, office: bool) -> list[Party]:
        """One party for everybody on the applicant's side, and one for the firm itself.

        office: as the office's own people meet them, for whom nothing counts that somebody typed of themselves.
        """
        found, names = [], self.side.registered if office else self.side.names
        past = [old for taken in self.about.past.values() for old in taken.values()]
        for case in self.applications:
            against = tuple(sorted({str(one.reviewer) for one in self.about.declared
                                    if one.person != one.reviewer and _names(one, case)}))
            joint = tuple(Past("joint_case", old.number, old.day) for old in past
                          if (case.firm and old.firm == case.firm) or old.applicant == case.applicant)
            found.append(Party(str(case.id), names.get(case.firm, ""), (), case.firm,
                               tuple(sorted(self.ties.get(case.firm, ()))), joint, against))
            found += [Party(str(case.id), "" if office else one.organisation, (one.email,))
                      for one in self.side.people[case.id]
                      if not (office and self.about.is_offices(one.email, one.confirmed))]
        return found


def _firms_of(known: About, people: Sequence[Person]) -> set[str]:
    """The firms that people are tied to by their entries and roles."""
    return {firm for one in people for firm in (known.firm(one), *known.spoken_for(one))} - {""}


def _names(interest: Declared, case: Case) -> bool:
    return interest.case == case.id or bool(interest.firm and interest.firm == case.firm)


def _reached(desk: Desk, people: Sequence[Person], judging: bool = False) -> list[Case]:
    """The applications that might be in conflict with one of these people: none that is can be left out."""
    reach = {column: sorted(keys) for column, keys in zip(
        ("firm", "applicant", "id"), _within_reach(desk, people, judging), strict=True) if keys}
    any_of = " OR ".join(f"{column} IN ({','.join('?' * len(keys))})" for column, keys in reach.items())
    return [Case(*row) for row in desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE parent IS NULL AND ({any_of}) ORDER BY id",
        [key for keys in reach.values() for key in keys])] if reach else []


def _within_reach(desk: Desk, people: Sequence[Person], judging: bool) -> tuple[Collection[str | int], ...]:
    """Firms, applicants and applications that might be in conflict with one of these people."""
    known = about(desk, {person.id for person in people}, judging)
    own = _firms_of(known, people)
    firms, applicants = set(own), {person.id for person in people}
    if own:
        held = {row[0] for row in desk.connection.execute("SELECT DISTINCT firm FROM desk_case WHERE firm <> ''")}
        ties = _ties(desk, held | own)
        keys = own | {key for firm in own for key in ties.get(firm, ())}
        firms |= {firm for firm in held if firm in keys or keys & ties.get(firm, set())}
    everybody = colleagues(desk)
    for number, firm in (one for person in people
                         for one in everybody.of(person.email, person.organisation)):
        firms.add(firm)
        applicants.add(number)
    for old in (old for taken in known.past.values() for old in taken.values()):
        firms.add(old.firm)
        applicants.add(old.applicant)
    cases = {one.case for one in known.declared if one.case is not None}
    return (firms | {one.firm for one in known.declared}) - {""}, applicants - {0}, cases


def _ties(desk: Desk, firms: Collection[str]) -> dict[str, set[str]]:
    """Firm → its group and those it is related to today; whoever is named so meets it under their own name."""
    register, today = Register(desk.connection), desk.today()
    groups, found = register.groups(today), defaultdict[str, set[str]](set)
    for firm in firms:
        if groups.get(firm):
            found[firm].add(groups[firm])
    for one in register.related():
        if one.first <= today <= one.last and one.firm in firms:
            found[one.firm].add(one.party)
    return found

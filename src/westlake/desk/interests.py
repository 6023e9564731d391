"""Conflicts of interest at the desk: those that people declare, and those that the office's own papers show.

What both sides are known by comes from people's entries, the register and earlier cases; conflicts.py compares. A
conflict bars from seeing a case as well as from acting on it, whatever role of the office somebody holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from westlake.database import rows_among, storable, transaction
from westlake.desk.calls import Call, find_call
from westlake.desk.cases import COLUMNS, OF_C, Case, root_of
from westlake.desk.conflicts import Conflict, Party, Past, email_domain, find_conflicts, plain
from westlake.desk.desk import Desk
from westlake.desk.people import Person, people_of
from westlake.desk.workflow import APPLICATION
from westlake.errors import Place, WestlakeError
from westlake.register import Register

OWN_SIDE = ("applicant", "co_applicant")
DETAIL_MAX = 1000
_PERSON = "p.id, p.name, p.email, p.organisation, p.language, p.firm"


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
    """Every pair (reviewer, case) of a call that must not meet, with its reasons: of all who are invited to it."""
    reviewers = {row[0] for row in desk.connection.execute(
        "SELECT DISTINCT reviewer FROM desk_invitation WHERE call = ?", (call.id,))}
    rows = desk.connection.execute(f"SELECT {COLUMNS} FROM desk_case WHERE call = ? AND kind = ? ORDER BY id",
                                   (call.id, APPLICATION))
    return _between(desk, list(people_of(desk.connection, reviewers).values()), [Case(*row) for row in rows])


def conflict_with(desk: Desk, case: Case, person: Person) -> tuple[Conflict, ...]:
    """Why a person must not judge, handle or see a case for the office; empty when nothing speaks against it."""
    root = root_of(desk, case)
    return _between(desk, [person], [root]).get((person.id, root.id), ())


def conflicted_among(desk: Desk, person: Person, cases: Sequence[Case]) -> list[int]:
    """Of these cases, the ids of those that somebody must not judge, handle or see: by what each follows from."""
    roots = {case.id: root_of(desk, case) for case in cases}
    barred = {case for _, case in _between(desk, [person], list({one.id: one for one in roots.values()}.values()))}
    return [case.id for case in cases if roots[case.id].id in barred]


def conflicted_cases(desk: Desk, person: Person) -> dict[int, tuple[Conflict, ...]]:
    """Every application that a person must not judge, handle or see for the office, with its reasons."""
    firms, applicants, cases = _within_reach(desk, person)
    found = {row[0]: Case(*row) for column, keys in (("firm", firms), ("applicant", applicants), ("id", cases))
             for row in rows_among(desk.connection, f"SELECT {COLUMNS} FROM desk_case WHERE parent IS NULL AND"
                                   f" {column} IN ({{keys}})", sorted(keys))}
    return {case: reasons for (_, case), reasons in _between(desk, [person], list(found.values())).items()}


def _between(desk: Desk, people: Sequence[Person],
             cases: Sequence[Case]) -> dict[tuple[int, int], tuple[Conflict, ...]]:
    """The conflicts between people and applications, by how far back each call looks."""
    by_years: dict[int, list[Case]] = defaultdict(list)
    years: dict[tuple[int | None, str], int] = {}
    for case in cases:
        key = (case.call, case.programme)
        if key not in years:
            years[key] = _history_years(desk, case)
        by_years[years[key]].append(case)
    found: dict[tuple[int, int], tuple[Conflict, ...]] = {}
    for span, group in by_years.items():
        papers = _Papers(desk, people, group)
        for (reviewer, one), reasons in find_conflicts(papers.reviewers(), papers.cases(), today=desk.today(),
                                                       years=span).items():
            found[int(reviewer), int(one)] = reasons
    return found


def _history_years(desk: Desk, case: Case) -> int:
    call = find_call(desk, case.call) if case.call is not None else None
    if call is not None and "history_years" in call.terms:
        return call.number("history_years")
    return desk.offered(case.programme).workflow.terms["history_years"]


class _Papers:
    """What is on file about some people of the office and some applications."""

    def __init__(self, desk: Desk, people: Sequence[Person], cases: Sequence[Case]) -> None:
        self.desk, self.people, self.applications = desk, people, cases
        self.firms_of = _firms_of(desk, {person.id for person in people})
        firms = {case.firm for case in cases if case.firm}
        asked = firms | {firm for held in self.firms_of.values() for firm in held} | {one.firm for one in people}
        self.ties = _ties(desk, asked - {""}) if any(self.firms_of.values()) or any(one.firm for one in people) else {}
        self.names = _firm_names(desk, firms)
        self.side = _own_side(desk, cases)
        self.past = _taken_part(desk, {person.id for person in people})
        self.declared = [one for person in people for one in interests_of(desk, person.id)]

    def reviewers(self) -> list[Party]:
        found = []
        for person in self.people:
            others = self.firms_of.get(person.id, set()) - {person.firm}
            related = {key for firm in (person.firm, *others) for key in self.ties.get(firm, ())} | others
            cases = {str(case.id) for one in self.declared if one.reviewer == person.id == one.person
                     for case in self.applications if _names(one, case)}
            past = tuple(Past("joint_case", case.number, day) for case, day in self.past.get(person.id, ()))
            found.append(Party(str(person.id), person.organisation, (person.email,), person.firm,
                               tuple(sorted(related)), past, tuple(sorted(cases))))
        return found

    def cases(self) -> list[Party]:
        """One party for everybody on the applicant's side, and one for the firm itself."""
        found = []
        past = [(case, day) for taken in self.past.values() for case, day in taken]
        for case in self.applications:
            against = tuple(sorted({str(one.reviewer) for one in self.declared
                                    if one.person != one.reviewer and _names(one, case)}))
            joint = tuple(Past("joint_case", old.number, day) for old, day in past
                          if (case.firm and old.firm == case.firm) or old.applicant == case.applicant)
            found.append(Party(str(case.id), self.names.get(case.firm, ""), (), case.firm,
                               tuple(sorted(self.ties.get(case.firm, ()))), joint, against))
            found += [Party(str(case.id), person.organisation, (person.email,)) for person in self.side[case.id]]
        return found


def _names(interest: Interest, case: Case) -> bool:
    return interest.case == case.id or bool(interest.firm and interest.firm == case.firm)


def _within_reach(desk: Desk, person: Person) -> tuple[set[str], set[int], set[int]]:
    """Firms, applicants and applications that might be in conflict with a person: none that is can be left out."""
    own = _firms_of(desk, {person.id}).get(person.id, set()) | ({person.firm} - {""})
    firms, applicants, cases = set(own), {person.id}, set[int]()
    if own:
        held = {row[0] for row in desk.connection.execute("SELECT DISTINCT firm FROM desk_case WHERE firm <> ''")}
        ties = _ties(desk, held | own)
        keys = own | {key for firm in own for key in ties.get(firm, ())}
        firms |= {firm for firm in held if firm in keys or keys & ties.get(firm, set())}
    domain, organisation = email_domain(person.email), plain(person.organisation)
    if organisation:
        firms |= {row[0] for row in desk.connection.execute(
            "SELECT subject, value FROM register_fact WHERE name = 'name' AND subject IN (SELECT firm FROM desk_case)")
            if plain(row[1]) == organisation}
    colleagues = {row[0]: row[1] for row in desk.connection.execute(
        "SELECT id, firm, organisation, email FROM desk_person")
        if (organisation and plain(row[2]) == organisation) or (domain and email_domain(row[3]) == domain)}
    applicants |= colleagues.keys()
    firms |= set(colleagues.values()) | {firm for held in _firms_of(desk, colleagues.keys()).values() for firm in held}
    for case, _ in _taken_part(desk, {person.id}).get(person.id, ()):
        firms.add(case.firm)
        applicants.add(case.applicant)
    for one in interests_of(desk, person.id):
        firms.add(one.firm)
        cases |= {one.case} if one.case is not None else set()
    return firms - {""}, applicants, cases


def _firms_of(desk: Desk, people: Collection[int]) -> dict[int, set[str]]:
    """The firms that people speak for by a role that they hold now."""
    found: dict[int, set[str]] = defaultdict(set)
    now = desk.now()
    sql = ("SELECT person, firm, first_at, last_at FROM desk_role r WHERE firm <> '' AND NOT EXISTS (SELECT 1"
           " FROM desk_role_end e WHERE e.role = r.id) AND person IN ({keys})")
    for person, firm, first, last in rows_among(desk.connection, sql, sorted(people)):
        if first <= now < last:
            found[person].add(firm)
    return found


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


def _firm_names(desk: Desk, firms: Iterable[str]) -> dict[str, str]:
    """Firm → its name in the register today."""
    today = desk.today()
    sql = ("SELECT subject, value, first, last FROM register_fact WHERE name = 'name' AND subject IN ({keys})"
           " ORDER BY first, id")
    return {subject: value for subject, value, first, last in rows_among(desk.connection, sql, sorted(firms))
            if first <= today <= last}


def _own_side(desk: Desk, cases: Sequence[Case]) -> Mapping[int, list[Person]]:
    """Everybody on the applicant's side of each case: the applicant, and all who speak for the firm."""
    by_firm: dict[str, dict[int, Person]] = defaultdict(dict)
    firms = sorted({case.firm for case in cases if case.firm})
    for row in rows_among(desk.connection, f"SELECT {_PERSON} FROM desk_person p WHERE p.firm IN ({{keys}})", firms):
        by_firm[row[5]][row[0]] = Person(*row)
    sql = (f"SELECT {_PERSON}, r.firm, r.first_at, r.last_at FROM desk_person p JOIN desk_role r ON r.person = p.id"
           " WHERE r.role = 'co_applicant' AND NOT EXISTS (SELECT 1 FROM desk_role_end e WHERE e.role = r.id)"
           " AND r.firm IN ({keys})")
    now = desk.now()
    for row in rows_among(desk.connection, sql, firms):
        if row[7] <= now < row[8]:
            by_firm[row[6]][row[0]] = Person(*row[:6])
    applicants: dict[int, Person] = {}
    for row in rows_among(desk.connection, f"SELECT {_PERSON} FROM desk_person p WHERE p.id IN ({{keys}})",
                          sorted({case.applicant for case in cases})):
        applicants[row[0]] = Person(*row)
    return {case.id: list((by_firm.get(case.firm, {}) | {case.applicant: applicants[case.applicant]}).values())
            for case in cases}


def _taken_part(desk: Desk, people: Collection[int]) -> dict[int, list[tuple[Case, int]]]:
    """The applications in which people had a hand on the applicant's side, each with the day on which it last moved."""
    found: dict[int, dict[int, tuple[Case, int]]] = defaultdict(dict)
    for sql in (f"SELECT c.applicant, {OF_C} FROM desk_case c WHERE c.kind = '{APPLICATION}'"
                " AND c.applicant IN ({keys})",
                f"SELECT s.person, {OF_C} FROM desk_step s JOIN desk_case c ON c.id = s.case_id WHERE c.kind ="
                f" '{APPLICATION}' AND s.role IN ('applicant', 'co_applicant') AND s.person IN ({{keys}})"):
        for row in rows_among(desk.connection, sql, sorted(people)):
            case = Case(*row[1:])
            found[row[0]][case.id] = (case, desk.day_of(case.moved_at))
    return {person: list(cases.values()) for person, cases in found.items()}

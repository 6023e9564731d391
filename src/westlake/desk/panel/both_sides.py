"""What is on file of both sides of a possible conflict of interest: of those who judge or handle, and of applicants.

What people type of themselves keeps a reviewer from a case, and never one of the office's own people: else an applicant
could put a case out of everybody's reach. On the applicant's side count the applicant, who speaks for the firm by the
office's word or was let write for it, addresses that were shown to be somebody's own, and the firm's name in the
register. The mail domain of those who run the office ties nobody of the office to whom the office did not confirm.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from westlake.database import rows_among
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.panel.conflicts import email_domain
from westlake.desk.people import APART, OUTSIDE, Person
from westlake.desk.workflow import APPLICATION
from westlake.record.record import plain_json

RUN_IT = ("officer", "approver", "payer", "admin")  # theirs is the office's mail; a chair or auditor may be of another
_OFFICE_ROLES = ", ".join(f"'{role}'" for role in APART)
_SPEAK = ", ".join(f"'{role}'" for role in OUTSIDE)
_NO_FIRM = len(plain_json({"firm": ""}, "details"))  # of what the record says of who was entered without a firm


def _from_outside(role: str) -> str:
    """That a role was given by somebody who never held one of the office: whoever holds it may never have heard of
    it."""
    return (f"({role}.given_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM desk_role o WHERE o.person = {role}.given_by"
            f" AND o.role IN ({_OFFICE_ROLES})))")


# Whether an address is known to be the person's own: they came with it, or the office entered them. Whom only a firm
# has invited has shown nothing until they do something themselves, as agree to the notice: that takes a log-in, and so
# an address that they read. That they were entered stands in the record as if they had done it.
_KNOWN = (
    f"CASE WHEN EXISTS (SELECT 1 FROM desk_role v WHERE v.person = p.id AND {_from_outside('v')}) AND NOT EXISTS"
    f" (SELECT 1 FROM desk_role v WHERE v.person = p.id AND NOT {_from_outside('v')}) AND NOT EXISTS (SELECT 1 FROM act"
    " a WHERE a.subject = 'person:' || CAST(p.id AS TEXT) AND a.actor = a.subject AND a.act <> 'desk.person_entered')"
    " AND NOT EXISTS (SELECT 1 FROM desk_role v JOIN desk_case c ON c.firm = v.firm JOIN act a ON a.subject ="
    " 'case:' || CAST(c.id AS TEXT) WHERE v.person = p.id AND v.firm <> '' AND a.actor = 'person:' || CAST(p.id AS"
    " TEXT)) AND NOT EXISTS (SELECT 1 FROM desk_role v JOIN desk_case c ON c.firm = v.firm JOIN desk_answer n ON"
    " n.case_id = c.id WHERE v.person = p.id AND v.firm <> '' AND n.person = p.id) THEN 0 ELSE 1 END")
# What is on file about people: the firms that they speak for, who only was invited to, what was declared, the
# applications they had a hand in. And who is of the office now, with their addresses.
ABOUT = (
    "WITH who(id) AS (SELECT id FROM desk_person WHERE id IN ({keys})) SELECT 'firm', r.person, r.firm, '', r.first_at,"
    " r.last_at, 0 FROM desk_role r WHERE r.person IN (SELECT id FROM who) AND r.firm <> '' AND NOT EXISTS (SELECT 1"
    " FROM desk_role_end e WHERE e.role = r.id) UNION ALL SELECT 'guest', r.person, r.firm, '', 0, 0, 0 FROM desk_role"
    f" r WHERE r.person IN (SELECT id FROM who) AND r.firm <> '' AND {_from_outside('r')} UNION ALL SELECT"
    " r.role, r.person, '', p.email, r.first_at, r.last_at, 0 FROM desk_role r JOIN desk_person p ON p.id ="
    f" r.person WHERE r.role IN ({_OFFICE_ROLES}) AND NOT EXISTS (SELECT 1 FROM desk_role_end e WHERE e.role = r.id)"
    " UNION ALL SELECT 'interest', i.reviewer, i.firm, '', i.case_id,"
    " i.person, 0 FROM desk_interest i WHERE i.reviewer IN (SELECT id FROM who) UNION ALL SELECT c.kind, c.applicant,"
    " c.firm, c.number, c.id, c.moved_at, c.applicant FROM desk_case c WHERE c.applicant IN (SELECT id FROM who)"
    " UNION ALL SELECT c.kind, s.person, c.firm, c.number, c.id, c.moved_at, c.applicant FROM desk_step s JOIN"
    " desk_case c ON c.id = s.case_id WHERE s.role IN ('applicant', 'co_applicant') AND s.person IN"
    " (SELECT id FROM who)")
# What is on file about the applicant's side of cases: the firms' names, and whether more than the applicant said so;
# who speaks for them by a role, or because the office entered them so (2: by the office's word); who applied.
SIDE = (
    "WITH among(firm, applicant) AS (SELECT DISTINCT firm, applicant FROM desk_case WHERE id IN ({keys}))"
    " SELECT 'name', subject, value, '', id, first, last, CASE WHEN source = 'applicant' AND assurance = 'declared'"
    " THEN 0 ELSE 1 END FROM register_fact WHERE name = 'name' AND subject IN (SELECT firm FROM among WHERE firm <> '')"
    f" UNION ALL SELECT 'entered', p.firm, p.organisation, p.email, p.id, 0, 0, 2 * {_KNOWN} FROM desk_person p WHERE"
    " p.firm IN (SELECT firm FROM among WHERE firm <> '') AND NOT EXISTS (SELECT 1 FROM desk_role r WHERE r.person ="
    f" p.id AND r.firm = p.firm AND r.role IN ({_SPEAK})) AND EXISTS (SELECT 1 FROM act a WHERE a.subject = 'person:'"
    f" || CAST(p.id AS TEXT) AND a.act || '' = 'desk.person_entered' AND length(a.details) > {_NO_FIRM}) UNION ALL"
    f" SELECT 'role', r.firm, p.organisation, p.email, p.id, r.first_at, r.last_at, CASE WHEN"
    f" {_from_outside('r')} THEN {_KNOWN} ELSE 2 END FROM desk_role r JOIN desk_person p ON p.id = r.person WHERE"
    f" r.role IN ({_SPEAK}) AND r.firm IN (SELECT firm FROM among WHERE firm <> '') AND NOT"
    " EXISTS (SELECT 1 FROM desk_role_end e WHERE e.role = r.id) UNION ALL SELECT 'applicant', '',"
    " p.organisation, p.email, p.id, 0, 0, 1 FROM desk_person p WHERE p.id IN (SELECT applicant FROM among) ORDER BY 6,"
    " 5")


class Earlier(NamedTuple):
    """An application in which somebody had a hand on the applicant's side. day: on which it last moved."""

    id: int
    number: str
    firm: str
    applicant: int
    day: int


class Declared(NamedTuple):
    """A declared conflict of a reviewer with a case, or with a firm altogether. person: who declared it."""

    reviewer: int
    case: int | None
    firm: str
    person: int


@dataclass
class About:
    """What is on file about some people. firms: that each speaks for now; invited: those of them that only somebody
    from outside says so of; past: their applications by number; office: who holds a role of the office now; mail: the
    domain of each who runs it."""

    firms: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    invited: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    past: dict[int, dict[int, Earlier]] = field(default_factory=lambda: defaultdict(dict))
    declared: list[Declared] = field(default_factory=list)
    office: set[int] = field(default_factory=set)
    mail: dict[int, str] = field(default_factory=dict)

    def is_offices(self, email: str, confirmed: bool) -> bool:
        """Whether an address on an applicant's side is at the office's own domain, and so ties nobody of the office.

        Two at least who run it are there; and most of them, if the office confirmed somebody there for the firm:
        else it is the firm's, whose people work here.
        """
        there = Counter(self.mail.values())[email_domain(email)]
        return there > 1 and (not confirmed or 2 * there > len(self.mail))

    def firm(self, person: Person) -> str:
        """The firm that somebody's own entry names; for the office's own none that they were only invited to."""
        return "" if person.id in self.office and person.firm in self.invited[person.id] else person.firm

    def spoken_for(self, person: Person) -> set[str]:
        """The other firms that somebody has a role for; the same holds."""
        held = self.firms[person.id]
        return held - self.invited[person.id] if person.id in self.office else held


class Sided(NamedTuple):
    """Somebody on the applicant's side. confirmed: by the office, for the firm."""

    organisation: str
    email: str
    confirmed: bool


@dataclass
class Sides:
    """The applicant's side of some cases. names: of firms in the register today, by firm; registered: those that more
    than an applicant said; people: everybody on a case's side, by case."""

    names: dict[str, str] = field(default_factory=dict)
    registered: dict[str, str] = field(default_factory=dict)
    people: dict[int, list[Sided]] = field(default_factory=dict)


def about(desk: Desk, people: Collection[int], judging: bool = False) -> About:
    """What is on file about people, in one question. judging: as reviewers, whatever role of the office they hold."""
    found, now = About(), desk.now()
    for sort, person, text, more, first, last, other in rows_among(desk.connection, ABOUT, sorted(people)):
        if sort == "firm":
            if first <= now < last:
                found.firms[person].add(text)
        elif sort == "guest":
            found.invited[person].add(text)
        elif sort in APART:
            if first <= now < last:
                found.office |= set() if judging else {person}
                found.mail |= {person: email_domain(more)} if sort in RUN_IT else {}
        elif sort == "interest":
            found.declared.append(Declared(person, first, text, last))
        elif sort == APPLICATION:
            found.past[person][first] = Earlier(first, more, text, other, desk.day_of(last))
    return found


def sides(desk: Desk, cases: Sequence[Case]) -> Sides:
    """Who and what stands on the applicant's side of cases, in one question."""
    found = Sides()
    by_firm: dict[str, dict[int, Sided]] = defaultdict(dict)
    applicants: dict[int, Sided] = {}
    today, now = desk.today(), desk.now()
    for sort, firm, text, email, number, first, last, known in rows_among(desk.connection, SIDE,
                                                                          [one.id for one in cases]):
        if sort == "name":
            if first <= today <= last:
                found.names[firm] = text
                found.registered |= {firm: text} if known else {}
        elif sort == "applicant":
            applicants[number] = Sided(text, email, False)
        elif known and (sort == "entered" or first <= now < last):
            before = by_firm[firm].get(number)
            by_firm[firm][number] = Sided(text, email, known > 1 or (before is not None and before.confirmed))
    found.people = {case.id: list(({case.applicant: applicants[case.applicant]} | by_firm.get(case.firm, {})).values())
                    for case in cases}
    return found

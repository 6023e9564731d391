"""Who speaks for a firm: anybody may name one, and counts as its own once the office has confirmed it.

The office confirms with a role for that very firm, or by entering the person with the firm; whom a confirmed speaker
lets write along is confirmed with them. Of a firm of which the register has nothing but what its applicant said there
is nothing to confirm. Of every other the register counts for nothing in the applications of who only names it: the
answers count as declared, and the trace, the pages and the guard that money waits for say so (W1143).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from westlake.database import asked_among, rows_among
from westlake.desk.applying.personal import OWN, is_personal, number_of
from westlake.desk.desk import Desk
from westlake.desk.people import FOREVER, OUTSIDE, Person
from westlake.errors import Problem

UNCONFIRMED = "unconfirmed"  # whence an answer comes while nobody has confirmed who speaks for the firm
SILENT = "W1143"
APPLY = ("applicant", "co_applicant")
# What the register has of firms, beside what people say of their own.
_HAS_FACTS = ("SELECT DISTINCT subject FROM register_fact WHERE subject IN ({keys}) AND (source <> 'applicant' OR"
              " assurance <> 'declared')")
_EMPLOYS = ("SELECT DISTINCT value FROM register_fact WHERE name = 'employer' AND assurance <> 'declared' AND value IN"
            " ({keys})")
# What is on file about people and those who invited them: roles for firms, as what they were entered. Each is found by
# the person (`|| ''` keeps the database from going through all of its sort). Who names the firm is the firm's side.
ON_FILE = (
    "WITH asked(id) AS (SELECT id FROM desk_person WHERE id IN ({keys})), who(id) AS (SELECT id FROM asked UNION SELECT"
    " r.given_by FROM desk_role r WHERE r.person IN (SELECT id FROM asked) AND r.role || '' = 'co_applicant' AND"
    " r.given_by IS NOT NULL) SELECT 'role', r.person, r.firm, r.role, r.first_at, r.last_at, coalesce(e.at,"
    f" {FOREVER}), coalesce(r.given_by, 0), r.id, CASE WHEN r.role = 'co_applicant' AND g.firm = r.firm THEN 1 ELSE 0"
    " END, CASE WHEN e.role IS NOT NULL AND coalesce(d.firm, '') <> r.firm THEN 1 ELSE 0 END FROM desk_role r LEFT JOIN"
    " desk_role_end e ON e.role = r.id LEFT JOIN desk_person g ON g.id = r.given_by LEFT JOIN desk_person d ON d.id ="
    " e.ended_by WHERE r.firm <> '' AND r.person IN (SELECT id FROM who) UNION ALL SELECT 'entered', 0, a.details,"
    " a.subject, 0, 0, 0, 0, 0, 0, 0 FROM act a WHERE a.subject IN (SELECT 'person:' || CAST(id AS TEXT) FROM who) AND"
    " a.act || '' = 'desk.person_entered'")


class Grant(NamedTuple):
    """A role for a firm. first_at, last_at, ended_at: microseconds UTC; given_by: 0 for the system; invited: by
    somebody of the firm, to write along; barred: ended, and by nobody of the firm."""

    role: str
    first_at: int
    last_at: int
    ended_at: int
    given_by: int
    id: int
    invited: int
    barred: int

    def holds(self, at: int) -> bool:
        """Whether it holds at an instant."""
        return self.first_at <= at < min(self.last_at, self.ended_at)


@dataclass
class OnFile:
    """What is on file about some people: the roles of a person for a firm, and who was entered with which."""

    granted: dict[tuple[int, str], list[Grant]] = field(default_factory=lambda: defaultdict(list))
    entered: set[tuple[int, str]] = field(default_factory=set)

    def is_confirmed(self, person: int, firm: str, at: int) -> bool:
        """Whether the office has confirmed somebody, or somebody whom it confirmed lets them write along.

        Whom the office ended nobody else can let in again.
        """
        return self.by_office(person, firm, at) or (not self.is_barred(person, firm) and any(
            one.holds(at) and one.invited and self.by_office(one.given_by, firm, at)
            for one in self._given(person, firm)))

    def is_barred(self, person: int, firm: str) -> bool:
        """Whether the office has ever ended what somebody held for a firm: from then on its own word alone counts."""
        return any(one.barred for one in self._given(person, firm))

    def was_confirmed(self, person: int, firm: str) -> bool:
        """Whether the office ever has."""
        return (person, firm) in self.entered or any(not one.invited for one in self._given(person, firm))

    def confirmers(self, person: int, firm: str) -> set[int]:
        """Who of the office ever gave its word for somebody, or for whoever invited them."""
        given = self._given(person, firm)
        those = [*given, *(other for one in given if one.invited for other in self._given(one.given_by, firm))]
        return {one.given_by for one in those if not one.invited and one.first_at < one.ended_at} - {0}

    def by_office(self, person: int, firm: str, at: int) -> bool:
        """Whether the office's own word holds. Once there is a role for the firm, the roles alone tell: what the office
        ended stays ended."""
        given = self._given(person, firm)
        if not given:
            return (person, firm) in self.entered
        return any(one.holds(at) and not one.invited for one in given)

    def applies_for(self, person: int, firm: str, at: int) -> bool:
        """Whether by the office's own word somebody applies for a firm: not who is let to write along, nor who
        guarantees or manages for it."""
        given = self._given(person, firm)
        return self.by_office(person, firm, at) and (not given or any(
            one.holds(at) and not one.invited and one.role in APPLY for one in given))

    def _given(self, person: int, firm: str) -> Sequence[Grant]:
        return self.granted.get((person, firm), ())


def speaks_for(desk: Desk, person: Person, firm: str) -> bool:
    """Whether somebody speaks for a firm, as far as the office knows; everybody does for their own number."""
    return bool(speaking_among(desk, [(person, firm)]))


def speaking_among(desk: Desk, wanted: Iterable[tuple[Person, str]]) -> set[tuple[int, str]]:
    """Of some people, each with a firm, those who speak for it, by their ids."""
    pairs = {(person.id, firm): person for person, firm in wanted if firm}
    sure = {(number, firm) for (number, firm), person in pairs.items() if firm == number_of(person)}
    sure |= confirmed_among(desk, pairs.keys() - sure)
    named = {(number, firm) for (number, firm), person in pairs.items() if firm == person.firm} - sure
    known = known_among(desk, {firm for _, firm in named})
    return sure | {(number, firm) for number, firm in named if firm not in known}


def confirmed_among(desk: Desk, wanted: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of some people, each with a firm, those whom the office has confirmed, in one question."""
    pairs = set(wanted)
    found, at = on_file(desk, {person for person, _ in pairs}), desk.now()
    return {(person, firm) for person, firm in pairs if found.is_confirmed(person, firm, at)}


def applies_for(desk: Desk, person: Person) -> list[str]:
    """The firms for which somebody applies by the office's own word, whoever began an application."""
    found, at = on_file(desk, {person.id}), desk.now()
    firms = {firm for who, firm in (*found.granted, *found.entered) if who == person.id and firm}
    return sorted(firm for firm in firms if not is_personal(firm) and found.applies_for(person.id, firm, at))


def asked_of(person: int, firm: str) -> list[tuple[str, list[object]]]:
    """What is asked for it of one of them, for a page that asks of many together."""
    return [asked_among(ON_FILE, [person]), asked_among(_HAS_FACTS, [firm])]


def on_file(desk: Desk, persons: Iterable[int]) -> OnFile:
    """What is on file about people and those who invited them, in one question."""
    return filed(rows_among(desk.connection, ON_FILE, sorted(persons)))


def filed(rows: Iterable[tuple[Any, ...]]) -> OnFile:
    """The same from the rows of ON_FILE."""
    found = OnFile()
    for sort, person, firm, text, *grant in rows:
        if sort == "entered":
            found.entered.add((int(text.removeprefix("person:")), json.loads(firm).get("firm", "")))
        elif text in OUTSIDE:
            found.granted[person, firm].append(Grant(text, *grant))
    return found


def known_among(desk: Desk, firms: Iterable[str]) -> set[str]:
    """Of some firms, those of which the register has ever had anything beside what their applicant said: a fact, or
    for more than declared that somebody works there.

    Of the firms without a fact the employers of all the register are gone through once: some are, and few.
    """
    asked = {firm for firm in firms if firm}
    found = {row[0] for row in rows_among(desk.connection, _HAS_FACTS, sorted(asked))}
    return found | {row[0] for row in rows_among(desk.connection, _EMPLOYS, sorted(asked - found))}


def silence(desk: Desk, applicant: int, firm: str) -> Problem | None:
    """W1143 where the register knows of a firm and the office has not confirmed that an applicant speaks for it."""
    return silent(firm) if silent_among(desk, {(applicant, firm)}) else None


def silent(firm: str) -> Problem:
    """W1143: that the register counts for nothing here, and what is to be done."""
    return Problem(SILENT, values={"firm": firm})


def silent_among(desk: Desk, pairs: Set[tuple[int, str]]) -> set[tuple[int, str]]:
    """The same of several people, each with a firm."""
    asked = {(person, firm) for person, firm in pairs if firm not in ("", f"{OWN}{person}")}
    if left := asked - confirmed_among(desk, asked):
        known = known_among(desk, {firm for _, firm in left})
        return {(person, firm) for person, firm in left if firm in known}
    return set()

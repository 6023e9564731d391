"""What an auditor looks at first: decisions that depart from what was computed or said, and duties in one hand.

Nothing here is a wrong by itself: a substitute is allowed, an override has its reason. It is what somebody from
outside should see without having to look for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from westlake.dates import MICROS_PER_DAY
from westlake.desk.desk import Desk
from westlake.desk.looking import Question, together
from westlake.desk.people import OUTSIDE, person_number
from westlake.desk.workflow import SYSTEM
from westlake.errors import WestlakeError
from westlake.record import Record

QUICK_US = 60_000_000
APPROVES = ("chair", "approver", "payer")
PREPARES = ("officer",)
DEPARTURES = ("override", "other_terms", "annulled", "over_word", "write_off")
FINDINGS = ("two_ends", "two_duties", "across_cases", "substitute", "within_a_minute", "own_role", "looked_as",
            "late_interest")
_WRITE_OFF = "write_off"
_ANNUL, _LOOKED, _LOOKED_END = "annul", "web.stood_as", "web.stood_as_ended"

_CHOSEN_OTHERWISE = (
    "SELECT c.id, c.number, c.programme, c.currency, o.person, o.at, o.reason, p.chosen, o.chosen, o.amount"
    " FROM desk_override o JOIN desk_case c ON c.id = o.case_id LEFT JOIN desk_place p ON p.run = o.run"
    " AND p.case_id = o.case_id")
_TERMS_OTHERWISE: Question = (
    "SELECT c.code, c.programme, c.currency, r.person, r.at, r.terms FROM desk_run r JOIN desk_call c ON c.id ="
    " r.call WHERE r.kind = 'selection' AND r.terms LIKE ?", ('%"otherwise"%',))
_LEFT_OUT: Question = (
    "SELECT c.id, c.number, c.programme, c.currency, coalesce(s.person, 0), s.at, s.step, s.came_from, s.went_to,"
    " s.data FROM desk_step s JOIN desk_case c ON c.id = s.case_id WHERE s.case_id IN (SELECT id FROM desk_case"
    " WHERE kind = 'recovery' UNION SELECT case_id FROM desk_step WHERE step IN (?, ?)) AND (s.step = ? OR"
    " s.data LIKE ?)", (_ANNUL, _WRITE_OFF, _ANNUL, '%"written_off"%'))
_BY_INTERESTED = ("SELECT case_id, reviewer, at FROM desk_review WHERE reviewer IN (SELECT reviewer FROM"
                  " desk_interest)")
_INTERESTS = "SELECT case_id, firm, reviewer, person, at FROM desk_interest"
_OWN_ROLES = "SELECT person, role, at FROM desk_role WHERE given_by = person AND standing_in_for IS NULL"


class Departure(NamedTuple):
    """A decision that departs from what was computed, or from what the applicant said. kind: one of DEPARTURES.

    before, after: as texts; amount: minor units, where it is about money.
    """

    kind: str
    case: int
    number: str
    programme: str
    currency: str
    person: int
    at: int
    reason: str
    before: str = ""
    after: str = ""
    amount: int = 0


@dataclass(frozen=True)
class Finding:
    """Duties in one hand, or an interest told late. kind: one of FINDINGS; other: whom else it is about, 0: nobody.

    cases: (id, number) of each; steps: what was done, in order; seconds: how long, where it is about time.
    """

    kind: str
    person: int
    at: int
    other: int = 0
    firm: str = ""
    cases: tuple[tuple[int, str], ...] = ()
    steps: tuple[str, ...] = field(default=())
    seconds: int = 0


class _Taken(NamedTuple):
    case: int
    number: str
    root: int
    programme: str
    firm: str
    seq: int
    step: str
    person: int
    role: str
    at: int
    data: dict[str, Any]


def departures(desk: Desk, within: Collection[str] | None = None) -> list[Departure]:
    """Every override, choice by other terms than announced, annulled choice, fact over the applicant's word and
    write-off, newest first.

    within: the programmes that may be looked at, None for all.
    """
    together(desk, (_CHOSEN_OTHERWISE, ()), _TERMS_OTHERWISE, _LEFT_OUT)
    found = [*_overrides(desk), *_other_terms(desk), *_over_word(desk), *_from_steps(desk)]
    kept = (one for one in found if within is None or one.programme in within)
    return sorted(kept, key=lambda one: (-one.at, one.kind, one.case))


def findings(desk: Desk, within: Collection[str] | None = None) -> list[Finding]:
    """Every finding about duties, by kind, newest first; what is about no programme only where all may be seen."""
    together(desk, (_BY_INTERESTED, ()), (_INTERESTS, ()), (_OWN_ROLES, ()))
    steps = [one for one in _steps(desk) if within is None or one.programme in within]
    found = [*_one_hand(steps), *_across(steps), *_substitutes(steps), *_quick(steps), *_late(desk, steps)]
    if within is None:
        found += [*_own_roles(desk), *_looked_as(desk)]
    return sorted(found, key=lambda one: (FINDINGS.index(one.kind), -one.at, one.person))


# Departures --------------------------------------------------------------------------------------------------


def _overrides(desk: Desk) -> Iterator[Departure]:
    """Choices of a selection that somebody decided otherwise; before and after: not chosen 0, chosen 1."""
    for case, number, programme, currency, person, at, reason, before, after, amount in desk.connection.execute(
            _CHOSEN_OTHERWISE, ()).fetchall():
        yield Departure("override", case, number, programme, currency, person, at, reason, str(before or 0), str(after),
                        amount)


def _other_terms(desk: Desk) -> Iterator[Departure]:
    """Choices by other terms than their call announced; about no single case (0): number is the call's code, after the
    names of the terms."""
    for code, programme, currency, person, at, text in desk.connection.execute(*_TERMS_OTHERWISE).fetchall():
        if kept := json.loads(text).get("otherwise"):
            yield Departure("other_terms", 0, code, programme, currency, person, at, kept["reason"], "",
                            ", ".join(kept["terms"]))


def _over_word(desk: Desk) -> Iterator[Departure]:
    """Facts that the office noted and that are not what the applicant had answered."""
    rows = desk.connection.execute(
        "WITH RECURSIVE up(below, id, parent) AS (SELECT id, id, parent FROM desk_case WHERE id IN (SELECT case_id FROM"
        " desk_fact) UNION ALL SELECT up.below, p.id, p.parent FROM up JOIN desk_case p ON p.id = up.parent)"
        " SELECT c.id, c.number, c.programme, c.currency, f.person, f.at, f.source, f.name, f.value, a.value FROM"
        " desk_fact f JOIN desk_case c ON c.id = f.case_id JOIN up ON up.below = c.id AND up.parent IS NULL"
        " JOIN desk_answer a ON a.case_id = up.id AND a.field = f.name ORDER BY f.id").fetchall()
    for case, number, programme, currency, person, at, source, name, value, text in rows:
        said = text.strip()
        if said and not _same(desk, programme, name, said, value):
            yield Departure("over_word", case, number, programme, currency, person, at, source, f"{name}: {said}",
                            f"{name}: {value}")


def _same(desk: Desk, programme: str, name: str, said: str, value: str) -> bool:
    """Whether two texts are one value: 20000.00 and 20000 are."""
    try:
        offered = desk.offered(programme)
        item = offered.programme.inputs[name]
        return item.read(said, offered.programme.currency) == item.read(value, offered.programme.currency)
    except (WestlakeError, KeyError, ValueError):
        return said == value


def _from_steps(desk: Desk) -> Iterator[Departure]:
    """Selections that were annulled, and what was written off."""
    for case, number, programme, currency, person, at, step, before, after, text in desk.connection.execute(
            *_LEFT_OUT).fetchall():
        data = json.loads(text)
        reason = str(data.get("said", {}).get("note", ""))
        if step == _ANNUL:
            yield Departure("annulled", case, number, programme, currency, person, at, reason, before, after)
        elif "written_off" in data:
            yield Departure("write_off", case, number, programme, currency, person, at, reason, before, after,
                            int(data["written_off"]))


# Findings ----------------------------------------------------------------------------------------------------


def _steps(desk: Desk) -> Iterator[_Taken]:
    """The steps that might make a finding, by case; a step of the system is its cause's, which is there by itself.

    All steps of people who acted in several roles, stand in for somebody or have an interest told; and of every case
    with a quick approval, or reviewed by somebody with an interest: whatever is left out is no part of a finding.
    """
    for case, root, number, programme, firm, seq, step, person, role, at, data in desk.connection.execute(
            _SUSPECT, {"quick": QUICK_US, "system": SYSTEM}):
        yield _Taken(case, number, root, programme, firm, seq, step, person, role, at, json.loads(data))


_APPROVES = ", ".join(f"'{role}'" for role in APPROVES)
_SUSPECT = (
    "WITH RECURSIVE people(id) AS (SELECT person FROM desk_step WHERE person IS NOT NULL AND role <> :system"
    " GROUP BY person HAVING min(role) <> max(role) UNION SELECT person FROM desk_role WHERE standing_in_for IS NOT"
    " NULL UNION SELECT reviewer FROM desk_interest), cases(id) AS (SELECT s.case_id FROM desk_step s WHERE s.role IN"
    f" ({_APPROVES}) AND EXISTS (SELECT 1 FROM desk_step b WHERE b.case_id = s.case_id AND b.seq < s.seq AND b.person"
    " <> s.person AND b.at > s.at - :quick) UNION SELECT case_id FROM desk_review WHERE reviewer IN (SELECT reviewer"
    " FROM desk_interest) UNION SELECT case_id FROM desk_step WHERE person IN (SELECT id FROM people)),"
    " up(below, id, parent) AS (SELECT id, id, parent FROM desk_case WHERE id IN (SELECT id FROM cases) UNION ALL"
    " SELECT up.below, p.id, p.parent FROM up JOIN desk_case p ON p.id = up.parent)"
    " SELECT c.id, up.id, c.number, c.programme, c.firm, s.seq, s.step, s.person, s.role, s.at, s.data FROM up"
    " JOIN desk_case c ON c.id = up.below JOIN desk_step s ON s.case_id = c.id WHERE up.parent IS NULL AND s.person"
    " IS NOT NULL AND s.role <> :system ORDER BY c.id, s.seq")


def _one_hand(steps: Iterable[_Taken]) -> Iterator[Finding]:
    """Somebody on both sides of one application, or holding two of the office's duties in it."""
    hands: dict[tuple[int, int], list[_Taken]] = defaultdict(list)
    for one in steps:
        hands[one.root, one.person].append(one)
    for (_, person), taken in hands.items():
        roles = {one.role for one in taken}
        office = roles - set(OUTSIDE)
        kind = "two_ends" if office and roles & set(OUTSIDE) else "two_duties" if len(office) > 1 else ""
        if kind:
            yield _finding(kind, person, taken)


def _across(steps: Iterable[_Taken]) -> Iterator[Finding]:
    """Somebody who prepared one application of a firm and approved another of the same firm."""
    hands: dict[tuple[str, int], list[_Taken]] = defaultdict(list)
    for one in steps:
        if one.firm and one.role in (*PREPARES, *APPROVES):
            hands[one.firm, one.person].append(one)
    for (_, person), taken in hands.items():
        prepared = {one.root for one in taken if one.role in PREPARES}
        approved = {one.root for one in taken if one.role in APPROVES}
        if any(one != other for one in prepared for other in approved):
            yield _finding("across_cases", person, taken)


def _substitutes(steps: Iterable[_Taken]) -> Iterator[Finding]:
    """Steps taken in somebody else's stead."""
    return (_finding("substitute", one.person, [one], other=int(one.data["standing_in_for"])) for one in steps
            if one.data.get("standing_in_for"))


def _quick(steps: Iterable[_Taken]) -> Iterator[Finding]:
    """Approvals within a minute after another person's step on the same case."""
    before: _Taken | None = None
    for one in steps:
        if (before is not None and before.case == one.case and one.role in APPROVES and before.person != one.person
                and one.at - before.at < QUICK_US):
            yield _finding("within_a_minute", one.person, [before, one], other=before.person,
                           seconds=(one.at - before.at) // 1_000_000)
        before = one


def _late(desk: Desk, steps: Iterable[_Taken]) -> Iterator[Finding]:
    """Conflicts of interest told only after the person had acted on the case, or on one of the firm."""
    acted: dict[int, list[_Taken]] = defaultdict(list)
    cases: dict[int, _Taken] = {}
    for one in steps:
        cases.setdefault(one.case, one)
        if one.role not in OUTSIDE:
            acted[one.person].append(one)
    for case, reviewer, at in desk.connection.execute(_BY_INTERESTED, ()).fetchall():
        if case in cases:
            acted[reviewer].append(cases[case]._replace(step="review", person=reviewer, role="reviewer", at=at))
    for case, firm, reviewer, teller, at in desk.connection.execute(_INTERESTS, ()).fetchall():
        early = [one for one in acted[reviewer] if one.at < at and (one.root == case or (firm and one.firm == firm))]
        if early:
            yield _finding("late_interest", reviewer, sorted(early, key=lambda one: one.at), other=teller, at=at,
                           seconds=(at - min(one.at for one in early)) // 1_000_000)


def _own_roles(desk: Desk) -> Iterator[Finding]:
    """Roles that somebody gave themselves."""
    rows = desk.connection.execute(_OWN_ROLES, ()).fetchall()
    return (Finding("own_role", person, at, steps=(role,)) for person, role, at in rows)


def _looked_as(desk: Desk) -> Iterator[Finding]:
    """Times when somebody looked at the console as somebody else; seconds: until they stopped, 0 if it is not told."""
    acts = list(Record(desk.connection).acts(act=(_LOOKED, _LOOKED_END)))
    ends = [(act.actor, act.subject, act.at) for act in acts if act.act == _LOOKED_END]
    for act in (act for act in acts if act.act == _LOOKED):
        end = min((at for actor, subject, at in ends if (actor, subject) == (act.actor, act.subject) and at >= act.at),
                  default=act.at)
        yield Finding("looked_as", person_number(act.actor), act.at, other=person_number(act.subject),
                      seconds=min(end - act.at, MICROS_PER_DAY) // 1_000_000)


def _finding(kind: str, person: int, taken: list[_Taken], other: int = 0, at: int = 0, seconds: int = 0) -> Finding:
    cases = tuple(dict.fromkeys((one.case, one.number) for one in taken))
    return Finding(kind, person, at or max(one.at for one in taken), other, taken[0].firm, cases,
                   tuple(f"{one.role}: {one.step}" for one in taken), seconds)

"""What a person's entry says is put right: by an administrator with a reason, or a firm's number by who mistyped it.

Who gets another address or another firm from the administrator begins anew: what they held for the old firm ends, and
an officer confirms the new one as anybody's.
"""

from __future__ import annotations

from westlake.database import storable, transaction
from westlake.desk.applying.speaking import on_file
from westlake.desk.desk import Desk
from westlake.desk.erasing import is_erased
from westlake.desk.people import (
    OUTSIDE,
    Person,
    change_person,
    checked_entry,
    end_role,
    find_person,
    grant_role,
    grants,
    roles_of,
)
from westlake.errors import Place, Problem, WestlakeError

REASON_MOST = 1_000
FIELD_MOST = {"organisation": 200, "firm": 60}
_CHANGES = " → "
_RESTS = (  # what of a firm rests on somebody: a role of theirs or one that they gave, an account, an application
    "SELECT EXISTS (SELECT 1 FROM desk_role WHERE firm = ? AND (person = ? OR given_by = ?)) OR EXISTS (SELECT 1 FROM"
    " desk_bank WHERE firm = ? AND person = ?) OR EXISTS (SELECT 1 FROM desk_case WHERE firm = ? AND applicant = ? AND"
    " submitted_at IS NOT NULL)")


def correct_person(desk: Desk, person: Person, by: Person, reason: str, **changes: str) -> Person:
    """Put right name, e-mail, organisation, language or firm, and write down the reason, and what was there before
    until the person is forgotten. With another e-mail or firm, who comes from outside logs in anew and loses every role
    for a firm; that they may apply stays.

    W1127 without a reason, W1128 for oneself and for somebody who was forgotten, W902 and W901 for what
    cannot be kept or is taken.
    """
    if not reason.strip() or not storable(reason, REASON_MOST):
        raise WestlakeError.one("W1127", Place(field="reason"))
    if person.id == by.id or is_erased(person):
        raise WestlakeError.one("W1128")
    wanted = {**{name: getattr(person, name) for name in ("name", "email")}, **changes}
    wanted["name"], wanted["email"] = checked_entry(wanted["name"], wanted["email"])
    for field, most in FIELD_MOST.items():
        wanted[field] = wanted.get(field, getattr(person, field)).strip()
        if not storable(wanted[field], most):
            raise WestlakeError.one("W902", Place(field=field), field=field)
    new = {field: text for field, text in wanted.items() if text != getattr(person, field)}
    if not new:
        return person
    with transaction(desk.connection):
        if comes_from_outside(desk, person) and {"email", "firm"} & new.keys():
            _begin_anew(desk, person, by, reason.strip())
        told = {field: f"{getattr(person, field)}{_CHANGES}{text}" for field, text in new.items()}
        return change_person(desk.connection, person, by, {**told, "reason": reason.strip()}, **new)


def comes_from_outside(desk: Desk, person: Person) -> bool:
    """Whether somebody holds no role of the office: they begin anew with another address or firm."""
    return all(held.role in OUTSIDE for held in roles_of(desk.connection, person.id, desk.now()))


def _begin_anew(desk: Desk, person: Person, by: Person, reason: str) -> None:
    """End every role of somebody from outside, and the word by which the office entered them with a firm; give those
    anew that are for no firm, and the right to apply, from and until the days that they had."""
    at, applies = desk.now(), set()
    for one in grants(desk.connection, person=person.id):
        if one.ended_at is None and one.last_at > at:
            end_role(desk.connection, one.id, by, at, reason)
            if not one.held.firm or one.held.role == "applicant":
                applies.add((one.held.role, one.held.programme, one.first_at, one.last_at))
    if person.firm and on_file(desk, [person.id]).by_office(person.id, person.firm, at):
        grant = grant_role(desk.connection, person.id, "applicant", by=by, at=at, first_at=at, firm=person.firm,
                           reason=reason)
        end_role(desk.connection, grant, by, at, reason)
    for role, programme, first, last in sorted(applies):
        grant_role(desk.connection, person.id, role, programme, by=by, at=at, first_at=first, last_at=last,
                   reason=reason)


def why_not_change_firm(desk: Desk, person: Person) -> Problem | None:
    """What keeps somebody from naming another firm than they did; nothing when they may.

    W1130 once something rests on the one they named: the office's word, a role, an application that was handed in, a
    bank account; W1129 while a draft for it is open.
    """
    firm = person.firm
    values = (firm, person.id, person.id, firm, person.id, firm, person.id)
    rests = desk.connection.execute(_RESTS, values).fetchone()[0]
    if rests or on_file(desk, [person.id]).was_confirmed(person.id, firm):
        return Problem("W1130", values={"firm": firm})
    drafts = [number for number, programme, kind, state in desk.connection.execute(
        "SELECT number, programme, kind, state FROM desk_case WHERE firm = ? AND applicant = ? ORDER BY number",
        (firm, person.id)).fetchall() if state not in desk.offered(programme).workflow.kinds[kind].ends]
    return Problem("W1129", values={"firm": firm, "cases": ", ".join(drafts)}) if drafts else None


def still_free(desk: Desk, person: Person) -> Person:
    """Somebody as their entry stands now, who may name a firm: none is named yet, or why_not_change_firm says
    nothing."""
    now = find_person(desk.connection, person.id)
    assert now is not None, "whoever is logged in is a person of the desk"
    problem = why_not_change_firm(desk, now) if now.firm else None
    if problem is not None:
        raise WestlakeError([problem])
    return now

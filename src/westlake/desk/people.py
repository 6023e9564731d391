"""The people of the desk and what each may do: roles are given and ended, never edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from westlake.database import Connection, Refused, rows_among, storable, transaction
from westlake.errors import Place, WestlakeError, nearest
from westlake.record import Record

ROLES = ("applicant", "co_applicant", "reviewer", "chair", "officer", "approver", "payer", "auditor", "economist",
         "admin", "operator", "fund_manager", "guarantor")
OUTSIDE = ("applicant", "co_applicant", "operator", "fund_manager", "guarantor")  # speak for a firm, not the office
APART = ("officer", "chair", "approver", "payer", "auditor", "admin")  # duties of which one person holds one
EVERY = "*"  # all programmes
FOREVER = 2**62
_PERSON = "SELECT id, name, email, organisation, language, firm FROM desk_person"
AMONG = f"{_PERSON} WHERE id IN ({{keys}})"


@dataclass(frozen=True)
class Person:
    """Somebody with a place at the desk. firm: the one they speak for, in the register; empty for the office's own."""

    id: int
    name: str
    email: str
    organisation: str
    language: str
    firm: str

    @property
    def actor(self) -> str:
        """How the record names them: no personal data in the chain."""
        return f"person:{self.id}"


def person_number(actor: str) -> int:
    """The person whom the record names so; 0 for the system, and for a name given on the command line."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else 0


class Held(NamedTuple):
    """A role that somebody holds, for one programme or all (`*`); standing_in_for: 0, or whose work they take over."""

    role: str
    programme: str
    firm: str = ""
    standing_in_for: int = 0


@dataclass(frozen=True)
class Grant:
    """A role as it was given: by whom, from when to when (microseconds UTC), and when it was ended, if it was."""

    id: int
    person: int
    held: Held
    first_at: int
    last_at: int
    given_by: int | None
    at: int
    reason: str
    ended_at: int | None


def add_person(connection: Connection, name: str, email: str, organisation: str = "", language: str = "en",
               firm: str = "", at: int = 0) -> Person:
    """Enter a person; W901 when the address is taken, W902 for a name or address that cannot be kept."""
    name, email = checked_entry(name, email)
    try:
        with transaction(connection):
            row = connection.execute(
                "INSERT INTO desk_person (name, email, organisation, language, firm, made_at) VALUES (?,?,?,?,?,?)"
                " RETURNING id", (name, email, organisation, language, firm, at)).fetchone()
            Record(connection, lambda: at).add(f"person:{row[0]}", "desk.person_entered", f"person:{row[0]}", {
                "firm": firm})
    except Refused as error:
        raise WestlakeError.one("W901", Place(field="email"), email=email) from error
    return Person(row[0], name, email, organisation, language, firm)


def checked_entry(name: str, email: str) -> tuple[str, str]:
    """A name and an address as they are kept; W902 for one that cannot be."""
    name, email = name.strip(), email.strip().lower()
    for field, text in (("name", name), ("email", email)):
        if not text or not storable(text, 200) or (field == "email" and text.count("@") != 1):
            raise WestlakeError.one("W902", Place(field=field), field=field)
    return name, email


def find_person(connection: Connection, number: int) -> Person | None:
    """A person by number."""
    return people_of(connection, {number}).get(number)


def person_by_email(connection: Connection, email: str) -> Person | None:
    """A person by address, however its letters are cased."""
    row = connection.execute(f"{_PERSON} WHERE email = ?", (email.strip().lower(),)).fetchone()
    return Person(*row) if row else None


def people_of(connection: Connection, numbers: set[int]) -> dict[int, Person]:
    """Several people by number, in one question."""
    return {row[0]: Person(*row) for row in rows_among(connection, AMONG, sorted(numbers))}


def change_person(connection: Connection, person: Person, by: Person, told: Mapping[str, str] | None = None,
                  **changes: str) -> Person:
    """Change name, organisation, language, e-mail or the firm a person speaks for; what it was is not kept.

    told: what the record keeps of it beside the fields' names, until the person is forgotten.
    """
    allowed = {"name", "organisation", "language", "email", "firm"}
    assert allowed.issuperset(changes), f"unknown: {set(changes) - allowed}"
    try:
        with transaction(connection):
            for field, value in changes.items():
                connection.execute(f"UPDATE desk_person SET {field} = ? WHERE id = ?", (value, person.id))
            Record(connection).add(by.actor, "desk.person_changed", person.actor, {"fields": sorted(changes)},
                                   personal=told)
    except Refused as error:
        raise WestlakeError.one("W901", Place(field="email"), email=changes.get("email", "")) from error
    found = find_person(connection, person.id)
    assert found is not None
    return found


def grant_role(connection: Connection, person: int, role: str, programme: str = EVERY, *, by: Person | None = None,
               at: int, first_at: int = 0, last_at: int = FOREVER, firm: str = "", standing_in_for: int | None = None,
               reason: str = "") -> int:
    """Give a role, from one instant to another (microseconds UTC); the grant's number.

    by: None only for what the system itself gives (an applicant who registers, the first admin). W903 for
    a role that is not known; W904 when people would give themselves one.
    """
    if role not in ROLES:
        raise WestlakeError.one("W903", Place(field="role"), nearest(role, ROLES), role=role, known=", ".join(ROLES))
    if by is not None and by.id == person:
        raise WestlakeError.one("W904")
    with transaction(connection):
        row = connection.execute(
            "INSERT INTO desk_role (person, role, programme, firm, first_at, last_at, standing_in_for, given_by, at,"
            " reason) VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id",
            (person, role, programme, firm, first_at, last_at, standing_in_for, by.id if by else None, at, reason),
        ).fetchone()
        Record(connection, lambda: at).add(by.actor if by else "system", "desk.role_given", f"person:{person}", {
            "role": role, "programme": programme, "grant": row[0], "standing_in_for": standing_in_for})
    return int(row[0])


def end_role(connection: Connection, grant: int, by: Person, at: int, reason: str = "") -> None:
    """End a role now; W905 when there is no such grant or it has ended."""
    row = connection.execute("SELECT person, role FROM desk_role WHERE id = ?", (grant,)).fetchone()
    try:
        with transaction(connection):
            if row is None:
                raise WestlakeError.one("W905", grant=grant)
            connection.execute("INSERT INTO desk_role_end VALUES (?,?,?,?)", (grant, by.id, at, reason))
            Record(connection, lambda: at).add(by.actor, "desk.role_ended", f"person:{row[0]}", {
                "role": row[1], "grant": grant})
    except Refused as error:
        raise WestlakeError.one("W905", grant=grant) from error


def delegate(connection: Connection, giver: Person, substitute: int, first_at: int, last_at: int, at: int,
             reason: str) -> list[int]:
    """Let a substitute hold all of one's roles of the office for a span; nobody passes on what was passed to them."""
    own = [held for held in roles_of(connection, giver.id, at) if held.role not in OUTSIDE and not held.standing_in_for]
    if not own or substitute == giver.id or not first_at < last_at:
        raise WestlakeError.one("W906")
    with transaction(connection):
        return [grant_role(connection, substitute, held.role, held.programme, by=giver, at=at, first_at=first_at,
                           last_at=last_at, standing_in_for=giver.id, reason=reason) for held in sorted(own)]


def roles_of(connection: Connection, person: int, at: int) -> frozenset[Held]:
    """The roles that a person holds at an instant."""
    return roles_among(connection, [person], at)[person]


def roles_among(connection: Connection, persons: Iterable[int], at: int) -> dict[int, frozenset[Held]]:
    """The same for several people, in one question."""
    found: dict[int, set[Held]] = {person: set() for person in persons}
    for person, first, last, ended, *held in rows_among(
            connection, "SELECT person, first_at, last_at, e.at, r.role, programme, firm, coalesce(standing_in_for, 0)"
            " FROM desk_role r LEFT JOIN desk_role_end e ON e.role = r.id WHERE person IN ({keys})", sorted(found)):
        if first <= at < last and (ended is None or ended > at):
            found[person].add(Held(*held))
    return {person: frozenset(roles) for person, roles in found.items()}


def joined_with(held: Iterable[Held], wanted: Held) -> list[str]:
    """The roles among those somebody holds that one person had better not hold beside another: of the duties in APART a
    second one for the same programme, or one of them beside a word for a firm."""
    def joins(one: Held) -> bool:
        if one.role in OUTSIDE or wanted.role in OUTSIDE:
            outside, office = (one, wanted) if one.role in OUTSIDE else (wanted, one)
            return bool(outside.firm) and office.role in APART
        return {one.role, wanted.role} <= set(APART) and one.role != wanted.role and (
            EVERY in (one.programme, wanted.programme) or one.programme == wanted.programme)
    return sorted({one.role for one in held if joins(one)})


def with_roles(connection: Connection, number: int, at: int) -> tuple[Person, frozenset[Held], int] | None:
    """A person with the roles that they hold at an instant, and when that set last changed: sessions begun earlier end.

    One question: every request asks it.
    """
    rows = connection.execute(
        "SELECT p.id, p.name, p.email, p.organisation, p.language, p.firm, r.role, r.programme, r.firm,"
        " coalesce(r.standing_in_for, 0), r.first_at, r.last_at, r.at, e.at FROM desk_person p LEFT JOIN desk_role r"
        " ON r.person = p.id LEFT JOIN desk_role_end e ON e.role = r.id WHERE p.id = ?", (number,)).fetchall()
    roles, changed = set(), 0
    for row in rows:
        role, programme, firm, other, first, last, given, ended = row[6:]
        if role is None:
            continue
        if first <= at < last and (ended is None or ended > at):
            roles.add(Held(role, programme, firm, other))
        changed = max(changed, given, ended or 0, *(one for one in (first, last) if one <= at))
    return (Person(*rows[0][:6]), frozenset(roles), changed) if rows else None


def grants(connection: Connection, **wanted: int | str) -> list[Grant]:
    """Every role ever given, newest first; wanted: of one `id`, `person`, `firm`, or `standing_in_for` somebody."""
    assert {"id", "person", "firm", "standing_in_for"}.issuperset(wanted), f"unknown: {set(wanted)}"
    rows = connection.execute(
        "SELECT r.id, r.person, r.role, r.programme, r.firm, coalesce(r.standing_in_for, 0), r.first_at, r.last_at,"
        " r.given_by, r.at, r.reason, e.at FROM desk_role r LEFT JOIN desk_role_end e ON e.role = r.id"
        f" WHERE {' AND '.join(f'r.{name} = ?' for name in wanted) or '1 = 1'} ORDER BY r.id DESC",
        tuple(wanted.values()))
    return [Grant(row[0], row[1], Held(*row[2:6]), *row[6:]) for row in rows]


def holders(connection: Connection, role: str, at: int, programme: str = EVERY) -> list[Person]:
    """Everybody who holds a role for a programme at an instant, by name."""
    rows = connection.execute(
        "SELECT DISTINCT p.id, p.name, p.email, p.organisation, p.language, p.firm FROM desk_person p JOIN desk_role r"
        " ON r.person = p.id WHERE r.role = ? AND r.first_at <= ? AND r.last_at > ? AND r.programme IN ('*', ?)"
        " AND NOT EXISTS (SELECT 1 FROM desk_role_end e WHERE e.role = r.id AND e.at <= ?) ORDER BY p.name, p.id",
        (role, at, at, programme, at))
    return [Person(*row) for row in rows]

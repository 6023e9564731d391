"""Everything that the office holds, checked anew as a piece of work; the record keeps what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from westlake.errors import Problem
from westlake.rooms import verify_all

if TYPE_CHECKING:  # work knows this kind of work
    from westlake.web.work import Doing

VERIFIED = "audit.verified"
TOLD = 50  # problems that the record keeps of one verification


def verify_rooms(doing: Doing) -> dict[str, object]:
    """Check books, record and all other rooms against themselves and the heads that were kept outside."""
    office, person = doing.office, doing.person
    found = verify_all(office.connection, doing.given.get("published", ()))
    problems = [_told(room, one) for room, several in found.problems.items() for one in several]
    office.record.add(person.actor, VERIFIED, "office:rooms", {
        "books": {"number": found.books.number, "hash": found.books.hash},
        "record": {"number": found.record.number, "hash": found.record.hash},
        "published": list(doing.given.get("published", ())), "found": len(problems), "problems": problems[:TOLD]})
    return {"found": len(problems)}


def _told(room: str, one: Problem) -> dict[str, object]:
    return {"room": room, "code": one.code, "place": str(one.place),
            "values": {name: str(value) for name, value in one.values.items()}}

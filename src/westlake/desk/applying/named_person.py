"""The person whom an application names: what the register knows of them counts where it ties them to the applicant.

Anybody can type anybody's number. So a person's facts are used where the register has it, for more than declared, that
the applicant (the firm's number, or the number of who applies in their own name) is their employer, or where they are
named by that very own number, which nobody else can take. Of everybody else nothing is known here: the answers count
as declared, and the trace, the applicant's page and the guard that money waits for say so (W1120). Nor is anything
known, of the firm or of anybody, to an applicant of whom the office has not confirmed that they speak for the firm.
"""

from __future__ import annotations

from collections.abc import Mapping

from westlake.desk.applying.personal import is_personal
from westlake.desk.applying.speaking import silence
from westlake.desk.desk import Desk, Offered
from westlake.errors import Place, Problem
from westlake.register import Register
from westlake.register.facts import FACTS, Fact

PERSON = "person"  # the input by which an application names somebody
UNBOUND = "unbound"  # whence an answer comes that the register's own word could not replace
_EMPLOYER = "employer"  # the firm's number, as the register writes firms


def of_person(name: str) -> bool:
    """Whether an input is a fact of a person, not of a firm."""
    return name in FACTS and FACTS[name].subject == "person"


def is_bound(facts: Mapping[str, Fact], firm: str, person: str) -> bool:
    """Whether the register ties a person, of whom it knows these facts, to a firm."""
    employer = facts.get(_EMPLOYER)
    employed = employer is not None and not employer.only_declared and employer.value == firm  # as `silence` asks
    return bool(firm) and (employed or (person == firm and is_personal(firm)))


def facts_of(desk: Desk, offered: Offered, firm: str, person: str, day: int, *,
             applicant: int | None) -> tuple[dict[str, Fact], Problem | None]:
    """What the register knows of a firm, and of the person whom an answer names, on a day.

    applicant: whose application it is; None where whoever asks may know all of the firm. Beside it W1143 where the
    office has not confirmed that the applicant speaks for the firm: then nothing is known of either, whoever is named.
    Else W1120 where the programme asks for facts of a person and this one is not tied to the firm: whether the register
    knows them at all makes no difference, so that nobody learns of it by asking.
    """
    inputs, person = offered.programme.inputs, person.strip()
    wanted = {name for name, item in inputs.items() if item.origin == "register" and name in FACTS}
    known = Register(desk.connection).of([one for one in (firm, person) if one], day)
    of_them = {name for name in wanted if PERSON in inputs and of_person(name)}
    unconfirmed = silence(desk, applicant, firm) if applicant is not None else None
    if unconfirmed is not None:
        return {}, unconfirmed
    found = {name: fact for name, fact in known.get(firm, {}).items() if name in wanted - of_them}
    if not person or not of_them:
        return found, None
    theirs = known.get(person, {})
    if not is_bound(theirs, firm, person):
        return found, Problem("W1120", Place(field=PERSON), {"person": person, "firm": firm})
    return found | {name: fact for name, fact in theirs.items() if name in of_them}, None

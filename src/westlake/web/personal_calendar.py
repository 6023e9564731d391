"""A person's own deadlines for their calendar: what they must hand in, sign, repay or review, and by when.

A calendar that subscribes lies with others and logs in nowhere: its address is the key, and what it tells are the
numbers of cases, never a title or a firm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.core.signing import BadSignature, Signer

from westlake.desk.acting import acting_among
from westlake.desk.calls import find_call
from westlake.desk.cases import COLUMNS, DUE_STATES, Case
from westlake.desk.desk import Desk
from westlake.desk.panel.notices import notices
from westlake.desk.panel.review_letters import OPEN
from westlake.desk.panel.reviewing import assignments_of
from westlake.desk.people import Person, roles_of
from westlake.desk.workflow import APPLICATION
from westlake.reports.calendar import Deadline
from westlake.web.models import Login

KIND_OF = {"supplement": "supplement_due", "awarded": "agreement_due", "planned": "milestone_due",
           "demanded": "repayment_due"}
_SIGNER = Signer(salt="westlake.calendar", sep="~")
_MINE = (f"SELECT {COLUMNS} FROM desk_case WHERE (applicant = ? OR (firm = ? AND firm <> ''))"
         " AND (kind = ? OR due IS NOT NULL) ORDER BY id")


def token_of(login: Login) -> str:
    """The key of a log-in's calendar; another once it is renewed."""
    return _SIGNER.sign(f"{login.pk}.{login.calendar_turn}")


def login_of(token: str) -> Login | None:
    """Whose key it is; None for one that was renewed meanwhile, was made up, or is of nobody who may log in."""
    try:
        number, _, turn = _SIGNER.unsign(token).partition(".")
    except BadSignature:
        return None
    return Login.objects.filter(pk=number, calendar_turn=turn, is_active=True, person__isnull=False).first()


def deadlines_of(desk: Desk, person: Person, address: Callable[[str], str]) -> Iterator[Deadline]:
    """What a person has to do by a day, and the days on which others may object to their selection. address: makes an
    address of the console whole."""
    now, today = desk.now(), desk.today()
    cases = [Case(*row) for row in desk.connection.execute(_MINE, (person.id, person.firm, APPLICATION)).fetchall()]
    acting = acting_among(desk, cases)
    for case in (one for one in cases if acting[one.id] == person.id):
        there = address(f"/applications/{case.id}/")
        call = find_call(desk, case.call) if case.kind == APPLICATION and case.call is not None else None
        if case.due is not None and case.state in DUE_STATES:
            kind = KIND_OF[case.state]
            yield Deadline(f"case-{case.id}-{kind}", kind, case.number, due=case.due, url=there, changed=case.seq)
        elif call is not None and case.state == "draft" and call.closes_at > now:
            yield Deadline(f"case-{case.id}-call_closes", "call_closes", case.number, instant=call.closes_at, url=there,
                           changed=call.seq)
        for notice in notices(desk, call) if call is not None and case.state == "selected" else ():
            if case.id in notice.cases and notice.runs_on(today):
                yield Deadline(f"notice-{notice.id}-{case.id}", "objection_ends", case.number, due=notice.last_day,
                               url=there)
    for task in assignments_of(desk, person, roles_of(desk.connection, person.id, now)):
        if task.state in OPEN:
            yield Deadline(f"review-{task.case.id}-{person.id}", "review_due", task.case.number, due=task.due,
                           url=address(f"/reviews/cases/{task.case.id}/"))

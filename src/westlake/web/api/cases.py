"""Cases: applied for, read as far as one may see them, and moved by the steps of their programme's table."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from westlake.dates import parse_day
from westlake.desk import seeing, steps
from westlake.desk.acting import acting_for
from westlake.desk.applying import handing_in
from westlake.desk.applying.deciding import last_decision, told
from westlake.desk.applying.drafting import EDIT, save_answers
from westlake.desk.applying.named_person import PERSON, facts_of
from westlake.desk.applying.personal import applies_as
from westlake.desk.applying.speaking import silent, speaks_for
from westlake.desk.cases import OF_C, Case, answers, find_case, following, open_application
from westlake.desk.paying import money_steps
from westlake.desk.people import OUTSIDE, Held
from westlake.desk.seeing import View
from westlake.errors import Problem, WestlakeError
from westlake.web.api import paging
from westlake.web.api.calls import decision_out, seen_call
from westlake.web.api.decision_schema import DecisionOut
from westlake.web.api.operations import operation
from westlake.web.api.problems import part
from westlake.web.api.schema import (
    After,
    AnswersIn,
    AnswersOut,
    CaseFull,
    CaseOut,
    CasePage,
    DraftIn,
    FileOut,
    Key,
    Limit,
    Number,
    PossibleList,
    PreviewIn,
    PreviewOut,
    StepIn,
)
from westlake.web.api.telling import case_full, case_out, file_out
from westlake.web.api.tokens import Bearer, scopes_of

router = Router(tags=["cases"])
_APPLICANTS = ("applicant", "co_applicant")
_OFFICE = ("officer", "approver", "payer", "chair", "auditor", "economist")
READS = Bearer("cases:read")
WRITES = Bearer("cases:write")
APPLIES = Bearer("cases:write", *_APPLICANTS)


@operation(router, "GET", "/cases", READS, CasePage)
def list_cases(request: HttpRequest, programme: str = "", call: int = 0, kind: str = "", state: str = "",
               firm: Key = "", number: Key = "", limit: Limit = paging.SIZE, after: After = "") -> dict[str, object]:
    """List the cases that you may see: one's own as an applicant, those of one's programmes in the office."""
    desk = request.office.desk
    person, roles = request.person, request.roles
    mark = paging.mark_of(after, int)
    parts, values = _seen(seeing.seen_cases_sql(desk, person, roles))
    for column, wanted in (("programme", programme), ("kind", kind), ("state", state), ("number", number)):
        if wanted:
            parts.append(f"c.{column} = ?")
            values.append(wanted)
    if call:
        parts.append("c.call = ?")
        values.append(call)
    if firm:  # who may not know the applicant does not find out by asking for one
        named, given = seeing.named_cases_sql(desk, person, roles)
        parts += ["c.firm = ?", named]
        values += [firm, *given]
    rows = desk.connection.execute(
        f"SELECT {OF_C} FROM desk_case c WHERE {' AND '.join(parts)} AND c.id > ? ORDER BY c.id LIMIT ?",
        (*values, mark or 0, limit + 1))
    items, further = paging.page([Case(*row) for row in rows], limit, lambda one: one.id)
    views = seeing.views_of(desk, items, person, roles) if items else {}
    shown = seeing.shown_cases(desk, items, views)
    return {"items": [case_out(desk, shown[one.id], request.lang) for one in items], "next": further}


@operation(router, "GET", "/cases/{case}", READS, CaseFull)
def show_case(request: HttpRequest, case: Number) -> dict[str, object]:
    """Show a case. Facts with who says so, the last decision, files, answers and steps, as far as you may see them."""
    found, view = seen_case(request, case)
    desk = request.office.desk
    further = following(desk, found)
    views = seeing.views_of(desk, further, request.person, request.roles) if further else {}
    return case_full(desk, found, view, request.lang, [one for one in further if views[one.id].seen])


@operation(router, "GET", "/cases/{case}/decision", READS, DecisionOut)
def show_decision(request: HttpRequest, case: Number) -> dict[str, object]:
    """Show the last decision with its trace. It is told by the very version of the rules that made it."""
    found, view = seen_case(request, case)
    desk = request.office.desk
    stored = last_decision(desk, found)
    if stored is None or not shows_decision(view):
        raise WestlakeError.one("W920", what=f"decision on case {case}")
    return decision_out(desk.offered(found.programme), told(desk, found, stored), request.lang)


@operation(router, "GET", "/cases/{case}/steps", READS, PossibleList)
def list_steps(request: HttpRequest, case: Number) -> dict[str, object]:
    """List the steps that you may take now. Each with what still keeps it from being taken, if anything."""
    found, _ = seen_case(request, case)
    desk = request.office.desk
    lang, workflow = request.lang, desk.offered(found.programme).workflow
    possible = steps.possible(desk, found, request.person, request.roles)
    return {"seq": found.seq, "items": [
        {"step": one.step.name, "says": workflow.word("step", one.step.name, lang),
         "went_to": one.step.target(found.state), "role": one.held.role, "asks": list(one.step.asks),
         "problem": part(one.problem, lang) if one.problem else None} for one in possible]}


@operation(router, "POST", "/calls/{call}/applications", APPLIES, CaseOut, status=201)
def open_draft(request: HttpRequest, call: Number, draft: DraftIn) -> Status[object]:
    """Open an application. It counts for nothing until its step `submit` is taken."""
    own = {one.firm for one in request.roles if one.role in _APPLICANTS} | {request.person.firm}
    if draft.firm and draft.firm not in own:
        raise WestlakeError.one("W920", what=f"firm {draft.firm}")
    desk = request.office.desk
    opened = open_application(desk, request.person, seen_call(request, call),
                              draft.firm or applies_as(desk, request.person, seen_call(request, call)))
    return Status(201, case_out(desk, opened, request.lang))


@operation(router, "PATCH", "/cases/{case}/answers", APPLIES, AnswersOut)
def write_answers(request: HttpRequest, case: Number, given: AnswersIn) -> dict[str, object]:
    """Save answers, complete or not. What is wrong with them is told; nothing that was sent is lost."""
    found, _ = seen_case(request, case)
    desk = request.office.desk
    wrong = save_answers(desk, found, request.person, _editor(request, found), given.answers)
    written = answers(desk, found)
    unbound: Problem | None = silent(found.firm)
    if speaks_for(desk, request.person, found.firm):  # whoever only names a firm is not told who works there
        _, unbound = facts_of(desk, desk.offered(found.programme), found.firm, written.get(PERSON, ""), desk.today(),
                              applicant=acting_for(desk, found))
    wrong = [*wrong, unbound] if unbound else wrong
    return {"answers": written, "problems": [part(one, request.lang) for one in wrong]}


@operation(router, "POST", "/cases/{case}/files", APPLIES, FileOut, status=201)
def hand_in_file(request: HttpRequest, case: Number, file: File[UploadedFile],
                 field: Form[Key]) -> Status[object]:
    """Hand in a file under a heading such as `evidence`. It is checked by what it is, not by its name."""
    found, _ = seen_case(request, case)
    office = request.office
    kept = handing_in.hand_in(office.desk, office.files, found, request.person, request.roles, field, file.name or "",
                              file.read())
    return Status(201, file_out(kept))


@operation(router, "DELETE", "/cases/{case}/files/{file}", APPLIES, None, status=204)
def take_file_back(request: HttpRequest, case: Number, file: Number) -> Status[object]:
    """Take a file out of what will be submitted."""
    found, _ = seen_case(request, case)
    handing_in.take_back(request.office.desk, found, request.person, request.roles, file)
    return Status(204, None)


@operation(router, "POST", "/cases/{case}/steps", WRITES, CaseOut)
def take_step(request: HttpRequest, case: Number, asked: StepIn) -> dict[str, object]:
    """Take a step from the state that you saw. When the case has moved since, nothing is done (409, W998).

    A step that moves money needs the scope `money:write` too, and one that waits for a second factor is taken on
    its page, never by a token.
    """
    found, view = seen_case(request, case)
    desk = request.office.desk
    row = desk.offered(found.programme).workflow.kinds[found.kind].step(asked.step, found.state)
    if row is not None and any(use.name in money_steps.EFFECTS for use in row.effects) \
            and "money:write" not in scopes_of(request):
        raise WestlakeError.one("W1082", scope="money:write")
    said = asked.said.model_dump(exclude_none=True)
    if "day" in said:
        said["day"] = parse_day(said["day"])
    taken = steps.take(desk, replace(found, seq=asked.seq), asked.step, request.person, request.roles, said)
    return case_out(desk, seeing.shown_case(desk, taken.case, view), request.lang)


@operation(router, "POST", "/cases/steps/preview", Bearer("cases:read", *_OFFICE), PreviewOut, looks=True)
def preview_step(request: HttpRequest, asked: PreviewIn) -> dict[str, object]:
    """Try a step on paper for many cases. For each: whether it could be taken from the state that you saw."""
    rows = [_tried(request, asked.step, wanted.case, wanted.seq) for wanted in asked.cases]
    return {"step": asked.step, "possible": sum(bool(row["possible"]) for row in rows), "items": rows}


def seen_case(request: HttpRequest, number: int) -> tuple[Case, View]:
    """A case and what of it this person is shown; W920 when there is none for them."""
    desk = request.office.desk
    found = find_case(desk, number)
    view = seeing.view_of(desk, found, request.person, request.roles)
    if not view.seen:
        raise WestlakeError.one("W920", what=f"case {number}")
    return found, view


def shows_decision(view: View) -> bool:
    """The applicant's side learns of a decision by its letter."""
    return view.history_shown and not set(view.sides) <= set(OUTSIDE)


def _tried(request: HttpRequest, name: str, number: int, seq: int) -> dict[str, object]:
    desk, lang = request.office.desk, request.lang
    try:
        case, _ = seen_case(request, number)
    except WestlakeError as error:
        return {"case": number, "number": "", "possible": False, "problem": part(error.problems[0], lang)}
    problem: Problem | None
    if case.seq != seq:
        problem = Problem("W998", values={"number": case.number})
    else:
        found = next((one for one in steps.possible(desk, case, request.person, request.roles)
                      if one.step.name == name), None)
        workflow = desk.offered(case.programme).workflow
        problem = found.problem if found is not None else Problem("W999", values={
            "number": case.number, "step": workflow.word("step", name, lang),
            "state": workflow.word("state", case.state, lang)})
    return {"case": number, "number": case.number, "possible": problem is None,
            "problem": part(problem, lang) if problem else None}


def _editor(request: HttpRequest, case: Case) -> Held:
    """The role in which this person may write in a case; W984 when there is none."""
    kind = request.office.desk.offered(case.programme).workflow.kinds[case.kind]
    row = kind.step(EDIT, case.state)
    held = next((one for one in steps.fitting(request.office.desk, case, request.person, request.roles)
                 if row is not None and one.role in row.who), None)
    if held is None:
        raise WestlakeError.one("W984", number=case.number)
    return held


def _seen(where: tuple[str, list[object]]) -> tuple[list[str], list[object]]:
    return [where[0]], list(where[1])



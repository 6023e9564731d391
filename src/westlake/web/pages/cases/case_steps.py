"""What officers do to a case: take a step, note a fact, edit a letter and let it go, fetch a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from westlake.dates import parse_day
from westlake.desk import steps
from westlake.desk.applying import deciding
from westlake.desk.cases import Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.files import Upload, read_file
from westlake.desk.looking import looking
from westlake.desk.messages import answer as write_answer
from westlake.desk.messages import messages_of, waits_for_answer
from westlake.desk.outbox import Letter, edit_letter, letters, move_letter
from westlake.desk.paying import money_steps
from westlake.desk.seeing import may_see, shown_case, shown_files, view_of
from westlake.desk.steps import Possible
from westlake.desk.workflow import Step
from westlake.errors import Place, WestlakeError
from westlake.money import format_money, parse_money
from westlake.reports.letter import able
from westlake.web import guards
from westlake.web.guards import Roles, or_404, route
from westlake.web.letter_paper import LET_GO, pdf_answer
from westlake.web.pages.cases.case_parts import answer_words, named_firm
from westlake.words import say

WHO = Roles("officer", "approver", "payer", "auditor", "chair")
_ACTS = Roles("officer", "approver", "payer", "chair")
_WRITES = Roles("officer", "approver", "chair")
WRITERS = frozenset(_WRITES.names)
GRAVE = ("refused", "terminating", "terminated", "not_selected", "dropped", "debarred", "missed", "denied",
         "written_off", "lapsed")


def seen_case(request: HttpRequest, case: int) -> Case:
    """A case that this person may see; 404 for any other, whether it is there or not."""
    desk = glance(request)
    with or_404():
        found = find_case(desk, case)
    if not may_see(desk, found, request.person, request.roles):
        raise Http404
    return found


def glance(request: HttpRequest) -> Desk:
    """The desk as this request looks at it: what its guard asked of the database, its page need not ask again."""
    if request.method not in guards.SAFE:
        return request.office.desk
    if not hasattr(request, "glance"):
        request.glance = looking(request.office.desk)
    return request.glance


def factor_at(request: HttpRequest) -> int:
    """When this person last gave a second factor, microseconds UTC."""
    return int(guards.last_second_factor(request) * 1_000_000)


def take(request: HttpRequest, case: Case) -> HttpResponse:
    """Take a step from the case as its page showed it; what refuses it is told, and nothing is done."""
    name, seq = request.POST.get("step", ""), request.POST.get("seq", "")
    row = request.office.desk.offered(case.programme).workflow.kinds[case.kind].step(name, case.state)
    said = read_said(row, request.POST.dict(), case.currency) if row else {}
    taken = steps.take(request.office.desk, replace(case, seq=int(seq) if seq.isdecimal() else -1), name,
                       request.person, request.roles, said, factor_at(request))
    lang = request.lang
    workflow = request.office.desk.offered(case.programme).workflow
    messages.success(request, say("web.case.taken", lang, step=workflow.word("step", name, lang),
                                  state=workflow.word("state", taken.case.state, lang)))
    return _back(request, case)


def sure(request: HttpRequest, found: tuple[Case, Possible]) -> HttpResponse:
    """What a step that asks nothing would do, to be read before it is done; what keeps it back the case's page says."""
    case, one = found
    if one.problem is not None:
        return redirect("cases.show", case.id)
    desk, lang = request.office.desk, request.lang
    workflow, ends = desk.offered(case.programme).workflow, one.step.target(case.state)
    view, stored = view_of(desk, case, request.person, request.roles), deciding.last_decision(desk, case)
    facts = [(say("web.cases.column.number", lang), case.number),
             (say("web.cases.column.title", lang), shown_case(desk, case, view).title or case.number)]
    facts += [(say("web.cases.column.firm", lang), named_firm(desk, case))] if view.applicant_shown else []
    facts += [(say("web.case.rules_say", lang), say(f"web.state.{'eligible' if stored.eligible else 'ineligible'}",
                                                    lang))] if stored else []
    facts += _earning(desk, case, one.step, lang) if view.money_shown else []
    return render(request, "cases/sure.html", {
        "case": case, "step": one.step.name, "label": workflow.word("step", one.step.name, lang),
        "ends": workflow.word("state", ends, lang), "grave": ends in GRAVE, "facts": facts,
        "writes": any(use.name in ("letter", "send") for use in one.step.effects)})


def _earning(desk: Desk, case: Case, step: Step, lang: str) -> list[tuple[str, str]]:
    """What a step that pays out of a promise rests on and does: what was checked, promised, given, posted and freed."""
    earning, offered = money_steps.would_earn(desk, case, step), desk.offered(case.programme)
    if earning is None:
        return []
    found = [(offered.programme.in_words(name, lang), answer_words(offered, name, value, lang))
             for name, value in deciding.found_of(desk, case).items()]
    amounts = (("amount", earning.held), ("would.given", earning.given), ("would.posted", earning.posted),
               ("would.freed", earning.freed))
    return found + [(say(f"web.case.{name}", lang), format_money(amount, case.currency, sign=True))
                    for name, amount in amounts if amount is not None]


def seen_step(request: HttpRequest, case: int, name: str) -> tuple[Case, Possible]:
    """A step that the table has for this person in this state and that asks nothing, possible or not; else 404."""
    found = seen_case(request, case)
    for one in steps.possible(glance(request), found, request.person, request.roles, factor_at(request)):
        if one.step.name == name and not one.step.asks:
            return found, one
    raise Http404


def read_said(step: Step, given: Mapping[str, str], currency: str) -> dict[str, object]:
    """What was typed for what a step asks: amounts in minor units, days as numbers; W1071 for what cannot be read."""
    said: dict[str, object] = {}
    for name in step.asks:
        text = given.get(name, "").strip()
        if not text:
            continue
        try:
            match name:
                case "amount":
                    said[name] = parse_money(text, currency)
                case "day":
                    said[name] = parse_day(text)
                case "days":
                    said[name] = int(text)
                case _:
                    said[name] = text[:4000]
        except ValueError as error:
            raise WestlakeError.one("W1071", Place(field=name), text=text[:60]) from error
    return said


def note_fact(request: HttpRequest, case: Case) -> HttpResponse:
    """Write down what the office found out; it counts from the next look of the rules."""
    if not writes(request, case):
        raise Http404
    given = {name: request.POST.get(name, "").strip() for name in ("name", "value", "assurance", "source")}
    if given["assurance"] not in ("declared", "verified", "audited") or not given["source"]:
        raise WestlakeError.one("W1072", Place(field="source"))
    deciding.note_fact(request.office.desk, case, request.person, **given)
    messages.success(request, say("web.case.fact_noted", request.lang))
    return _back(request, case)


def answer(request: HttpRequest, case: Case) -> HttpResponse:
    """Answer what the applicant asked about a case, or write to them unasked."""
    if not answers(request, case):
        raise Http404
    asked = waits_for_answer(messages_of(request.office.desk, case))
    write_answer(request.office.desk, case, request.person, request.POST.get("text", ""))
    messages.success(request, say("web.case.answered" if asked else "web.case.written", request.lang))
    return _back(request, case)


def answers(request: HttpRequest, case: Case) -> bool:
    """Whether this person may answer in a case: as one who writes in it, and while its applicant is not hidden."""
    return writes(request, case) and view_of(glance(request), case, request.person, request.roles).applicant_shown


def writes(request: HttpRequest, case: Case) -> bool:
    """Whether this person sees a case as one of the office who write in it: not as its applicant, not as who reviews or
    audits it, and not for another programme."""
    return bool(WRITERS & set(view_of(glance(request), case, request.person, request.roles).sides))


def _back(request: HttpRequest, case: Case) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": f"/cases/{case.id}/"})
    return redirect("cases.show", case.id)


def seen_letter(request: HttpRequest, case: int, letter: int) -> tuple[Case, Letter]:
    """A letter of a case that this person may see."""
    found = seen_case(request, case)
    desk = request.office.desk
    one = next((one for one in letters(desk, case=case) if one.id == letter), None)
    view = view_of(desk, found, request.person, request.roles)
    if one is None or not (view.history_shown and view.applicant_shown):
        raise Http404
    return found, one


def letter(request: HttpRequest, found: tuple[Case, Letter]) -> HttpResponse:
    """A letter as its reader will get it; a draft can be changed."""
    case, one = found
    if request.method == "POST":
        if not writes(request, case):
            raise Http404
        edit_letter(request.office.desk, one.id, request.person, request.POST.get("subject", "").strip()[:300],
                    request.POST.get("body", "").replace("\r\n", "\n").strip()[:20_000])
        messages.success(request, say("web.case.letter_kept", request.lang))
        return redirect("cases.letter", case.id, one.id)
    return render(request, "cases/letter.html", {"case": case, "letter": one, "writes": writes(request, case),
                                                 "paper": one.state in LET_GO and able()})


def letter_pdf(request: HttpRequest, found: tuple[Case, Letter]) -> HttpResponse:
    """A letter that was let go, on the office's paper. W955 to W957 where this machine cannot set it."""
    _, one = found
    if one.state not in LET_GO:
        raise Http404
    return pdf_answer(request.office, one)


def release(request: HttpRequest, found: tuple[Case, Letter]) -> HttpResponse:
    """Let a draft go."""
    return _move(request, found, "released")


def drop(request: HttpRequest, found: tuple[Case, Letter]) -> HttpResponse:
    """Drop a draft: it is never sent."""
    return _move(request, found, "dropped")


def _move(request: HttpRequest, found: tuple[Case, Letter], went_to: str) -> HttpResponse:
    case, one = found
    if not writes(request, case):
        raise Http404
    move_letter(request.office.desk, one.id, request.person, "draft", went_to)
    messages.success(request, say(f"web.case.letter_{went_to}", request.lang))
    return redirect("cases.show", case.id)


def seen_file(request: HttpRequest, case: int, file: int) -> Upload:
    """A file of a case that this person may see."""
    desk, whole = request.office.desk, seen_case(request, case)
    view = view_of(desk, whole, request.person, request.roles)
    found = next((one for one in shown_files(desk, whole, view) if one.id == file), None)
    if found is None:
        raise Http404
    return found


def download(request: HttpRequest, upload: Upload) -> HttpResponse:
    """A file, always handed out for keeping and never shown in place: what came from outside does not run here."""
    return HttpResponse(read_file(request.office.files, upload), content_type="application/octet-stream", headers={
        "Content-Disposition": content_disposition_header(True, upload.name)})


ROUTES = (
    route("cases/<int:case>/steps/", take, _ACTS, name="cases.step", methods=("POST",), object=seen_case),
    route("cases/<int:case>/steps/<slug:name>/", sure, _ACTS, name="cases.sure", object=seen_step),
    route("cases/<int:case>/facts/", note_fact, _WRITES, name="cases.fact", methods=("POST",), object=seen_case),
    route("cases/<int:case>/answer/", answer, _WRITES, name="cases.answer", methods=("POST",), object=seen_case),
    route("cases/<int:case>/letters/<int:letter>/", letter, WHO, name="cases.letter", methods=("GET", "POST"),
          object=seen_letter),
    route("cases/<int:case>/letters/<int:letter>/letter.pdf", letter_pdf, WHO, name="cases.letter_pdf",
          object=seen_letter),
    route("cases/<int:case>/letters/<int:letter>/release/", release, _WRITES, name="cases.letter_release",
          methods=("POST",), object=seen_letter),
    route("cases/<int:case>/letters/<int:letter>/drop/", drop, _WRITES, name="cases.letter_drop", methods=("POST",),
          object=seen_letter),
    route("cases/<int:case>/files/<int:file>/", download, WHO, name="cases.file", object=seen_file),
)

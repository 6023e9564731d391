"""An application being written: kept as it is typed, looked at by the rules beside it, read once more and submitted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.core.cache import cache
from django.forms import BoundField
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from westlake.desk.acting import acting_for
from westlake.desk.applying.drafting import (
    PROPOSAL_MAX,
    check_answers,
    fields_of,
    save_answers,
    stands,
    why_not_edit,
)
from westlake.desk.applying.named_person import PERSON, facts_of
from westlake.desk.applying.personal import is_personal
from westlake.desk.applying.speaking import silent, speaks_for
from westlake.desk.asking import is_asked
from westlake.desk.cases import TITLE, Case, answers, call_of
from westlake.desk.desk import Offered
from westlake.desk.files import files_of
from westlake.errors import Place, Problem, WestlakeError
from westlake.register.facts import Fact
from westlake.web import forms
from westlake.web.guards import Anyone, route
from westlake.web.pages.applicant.application_story import writer
from westlake.web.pages.applicant.applications import SUBMITTING, WHO, crumbs, seen_application, steps_for, taken
from westlake.web.pages.applicant.contact import contact_of
from westlake.web.pages.applicant.open_calls import left
from westlake.web.pages.applicant.preview import Preview, look
from westlake.web.pages.applicant.questions import Questions, given_by, label, only_for, parts_of, shown
from westlake.web.visit import Visit
from westlake.words import say

KEPT = "kept"  # session: what was typed after the log-in had run out, by the case's number
STRANGERS_MOST, HOUR_S = 30, 3_600  # sessions that one address may begin so in an hour: an office behind one router


class Title(forms.Form):
    """What the applicant calls their project."""

    title = fields.CharField(label="web.ask.title", help_text="web.ask.title_hint", max_length=200,
                             widget=fields.TextInput(attrs={"autocomplete": "off"}))


class Meant(forms.Form):
    """The last question before an application is submitted."""

    meant = fields.BooleanField(label="web.apply.meant")

    def __init__(self, *args: Any, personal: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if personal:  # who applies without a firm speaks for none
            self.fields["meant"].label = say("web.apply.meant_own", self.lang)


def write(request: Visit, case: Case) -> HttpResponse:
    """The form, part by part, each kept by itself; beside it what the rules would say of it now."""
    return page(request, case, written_of(request, case), [])


def save(request: Visit, case: Case | int) -> HttpResponse:
    """Keep what was typed, right or wrong; after the log-in has run out, in the session until the next one."""
    if isinstance(case, int):
        return _keep_aside(request, case)
    desk, offered = request.office.desk, request.office.desk.offered(case.programme)
    given = given_by(request.POST, fields_of(offered), None)  # too long a text is refused and told, never dropped
    held = writer(request, case)
    by_itself = "X-Autosave" in request.headers
    kept = request.session.get(KEPT, {})
    aside = {name: text for name, text in kept.get(str(case.id), {}).items() if name in fields_of(offered)}
    try:
        if held is None:
            raise WestlakeError.one("W984", number=case.number)
        save_answers(desk, case, request.person, held, {**aside, **given})
    except WestlakeError as error:
        if by_itself:
            one = error.problems[0]
            return HttpResponse(f"{one.sentence(request.lang)}. {one.way_out(request.lang)} ({one.code})",
                                "text/plain; charset=utf-8", status=409)
        return page(request, case, {**written_of(request, case), **given}, list(error.problems), 422)
    if str(case.id) in kept:
        request.session[KEPT] = {key: value for key, value in kept.items() if key != str(case.id)}
    if by_itself:
        return _told(request, case)
    messages.success(request, say("web.apply.kept", request.lang))
    return redirect("applications.write", case.id)


def _told(request: Visit, case: Case) -> HttpResponse:
    """What a page that saves by itself shows at once: at each question what is wrong, beside the form what it means."""
    around = _around(request, case, written_of(request, case))
    return JsonResponse({"wrong": dict(around["told"]),
                         "beside": render_to_string("applications/beside.html", around, request)})


def submit(request: Visit, case: Case) -> HttpResponse:
    """Everything to be read once more; then it counts, to the second."""
    lang, desk = request.lang, request.office.desk
    one = next((one for one in steps_for(request, case) if one.step.name in SUBMITTING), None)
    if one is None:
        raise Http404
    offered, written = desk.offered(case.programme), answers(desk, case)
    around = _around(request, case, written)
    wrong = {name: text for name, text in around["told"] if text}
    form = Meant(request.POST or None, lang=lang, personal=is_personal(case.firm))
    if request.method == "POST" and form.is_valid() and not wrong:
        try:
            taken(request, case, one, {})
        except WestlakeError as error:
            form.take(error)
        else:
            return redirect("applications.receipt", case.id)
    call = call_of(desk, case)
    return render(request, "applications/submit.html", {
        **around, "case": case, "crumbs": crumbs(request, case), "form": form, "wrong": wrong,
        "files": files_of(desk, case),
        "word": offered.workflow.word("step", one.step.name, lang), "call": call,
        "left": left(call, desk.now(), lang) if call else "",
        "answers": [(label(offered, name, lang), shown(offered, name, written.get(name, ""), lang), name,
                     wrong.get(name, ""))
                    for name in fields_of(offered, written) if name in written or name not in around["known"]],
        "problem": one.problem and {"says": one.problem.sentence(lang), "way_out": one.problem.way_out(lang),
                                    "code": one.problem.code}},
        status=422 if form.errors or (wrong and request.method == "POST") else 200)


def written_of(request: Visit, case: Case) -> dict[str, str]:
    """The answers as they are kept, and over them what was typed after the log-in had run out."""
    kept = request.session.get(KEPT, {}).get(str(case.id), {})
    known = fields_of(request.office.desk.offered(case.programme))
    return {**answers(request.office.desk, case), **{name: str(kept[name]) for name in kept if name in known}}


def page(request: Visit, case: Case, written: Mapping[str, str], refused: list[Problem], status: int = 200,
         of_file: Sequence[Problem] = ()) -> HttpResponse:
    """The whole form. refused: why nothing was kept; of_file: what was wrong with a file, told beside the file."""
    lang, desk = request.lang, request.office.desk
    held = writer(request, case)
    offered = desk.offered(case.programme)
    closed = why_not_edit(desk, case, request.person, held) if held else Problem("W984", values={"number": case.number})
    if closed is not None and not refused:
        if request.method == "GET":
            return redirect("applications.show", case.id)
        refused = [closed]
    around = _around(request, case, written)
    told = dict(around["told"])
    parts, kept = [], stands(desk, case)
    for part in parts_of(offered, {*around["known"], *kept}):
        asked = Questions(part.inputs, offered.programme.currency, lang, written)
        parts.append((part.name, [_question(offered, bound, told, written, lang, kept) for bound in asked]))
    sections = Questions(offered.workflow.proposal, offered.programme.currency, lang, written)
    parts.append(("proposal", [_question(offered, bound, told, written, lang) for bound in sections]))
    call = call_of(desk, case)
    return render(request, "applications/write.html", {
        **around, "case": case, "crumbs": crumbs(request, case), "title_form": Title(
            lang=lang, initial=dict(written), auto_id="%s", use_required_attribute=False),
        "parts": [(name, asked, all(one["off"] for one in asked)) for name, asked in parts if asked],
        "stands": [(label(offered, name, lang), shown(offered, name, text, lang)) for name, text in kept.items()
                   if text and name not in around["known"]],
        "call": call, "left": left(call, desk.now(), lang) if call else "",
        "files": files_of(desk, case),
        "refused": [{"says": one.sentence(lang), "way_out": one.way_out(lang), "code": one.code,
                     "place": str(one.place)}
                    for one in refused],
        "of_file": [one.as_dict(lang) for one in of_file],
        "kept": str(case.id) in request.session.get(KEPT, {})}, status=status)


def _question(offered: Offered, bound: BoundField, told: Mapping[str, str], written: Mapping[str, str],
              lang: str, kept: Collection[str] = ()) -> dict[str, object]:
    """A question with what is wrong with its answer, and the routes that ask it. off: another one was chosen; kept:
    answers that stay, so that no route is chosen any more."""
    route = offered.workflow.asked_when.get(bound.name)
    route = None if route is None or route.input in kept else route
    return {"bound": bound, "wrong": told.get(bound.name, ""), "route": route and route.input,
            "choices": " ".join(route.choices) if route else "", "only": only_for(offered, bound.name, lang),
            "off": not is_asked(offered.workflow.asked_when, bound.name, written),
            "most": bound.field.widget.attrs.get("data-most"), "length": len(written.get(bound.name, "").strip())}


def _around(request: Visit, case: Case, written: Mapping[str, str]) -> dict[str, Any]:
    """Progress, what is wrong, what the register knows already, and what the rules would say."""
    lang, desk = request.lang, request.office.desk
    offered = desk.offered(case.programme)
    trusted = speaks_for(desk, request.person, case.firm)
    facts, unbound = facts_of(
        desk, offered, case.firm, written.get(PERSON, ""), desk.today(),
        applicant=acting_for(desk, case)) if trusted else ({}, silent(case.firm))
    names = [name for name in fields_of(offered, written) if name not in facts]
    seen: Preview = look(desk, offered, written, lang, case if trusted else None)
    wrong = {one.place.field: one for one in check_answers(offered, written)}
    asked = [item for part in parts_of(offered) for item in part.inputs]
    forms_ = Questions([*asked, *offered.workflow.proposal], offered.programme.currency, lang, written, wrong.values())
    return {"case": case, "look": seen, "currency": offered.programme.currency, "most": len(names),
            "done": sum(1 for name in names if written.get(name, "").strip() and name not in wrong),
            "unbound": unbound and _unbound_told(request, case, offered, unbound),
            "known": facts, "told": [(name, " ".join(forms_.errors.get(name, []))) 
                                       for name in fields_of(offered) if name not in facts and name != TITLE],
            "facts": [(offered.programme.in_words(name, lang), shown(offered, name, _text(offered, name, fact), lang),
                       fact)
                      for name, fact in facts.items()]}


def _unbound_told(request: Visit, case: Case, offered: Offered, problem: Problem) -> dict[str, object]:
    """Why the register is not used, as it is told to the applicant: what the office does about a person (W1120), and
    under which numbers, is the office's own matter."""
    lang = request.lang
    if problem.place.field != PERSON:
        return problem.as_dict(lang)
    whose = "own" if is_personal(case.firm) else "firm"
    contact = contact_of(request, call_of(request.office.desk, case))
    return {"says": say(f"web.apply.unbound.{whose}", lang, question=offered.programme.in_words(PERSON, lang)),
            "way_out": say("web.apply.unbound.way", lang, contact=contact)}


def _text(offered: Offered, name: str, fact: Fact) -> str:
    programme = offered.programme
    item = programme.inputs[name]
    return fact.value if item.choices else programme.write(name, fact.number())


def _keep_aside(request: Visit, case: int) -> HttpResponse:
    """Nobody is logged in any more: what was typed waits in the session for whoever may see the case.

    Anybody may send something here: one address begins only so many such sessions in an hour (W1126); what was typed
    stays on the page that says so. So does a text that is too long to be kept at all (W996).
    """
    if request.session.is_empty() and _too_many(str(request.META.get("REMOTE_ADDR", ""))):
        problem = WestlakeError.one("W1126")
        if "X-Autosave" in request.headers:
            return HttpResponse(problem.problems[0].line(request.lang), "text/plain; charset=utf-8", status=429)
        raise problem
    names = [name for name in [*request.POST][:200] if name not in ("csrfmiddlewaretoken",)]
    given = given_by(request.POST, names, PROPOSAL_MAX)  # which answer is a section, nobody is told here
    kept = request.session.get(KEPT, {})
    others = [(key, value) for key, value in kept.items() if key != str(case)][-2:]
    request.session[KEPT] = {**dict(others), str(case): {**kept.get(str(case), {}), **given}}
    if len(given) < len(names):
        lost = WestlakeError.one("W996", Place(field=next(name for name in names if name not in given)),
                                 most=f"{PROPOSAL_MAX:,}")
        if "X-Autosave" in request.headers:
            return HttpResponse(lost.problems[0].line(request.lang), "text/plain; charset=utf-8", status=409)
        raise lost
    address = f"{reverse('account_login')}?{urlencode({'next': f'/applications/{case}/write/'})}"
    if "X-Autosave" in request.headers:
        return HttpResponse(say("web.apply.logged_out", request.lang), "text/plain; charset=utf-8", status=401)
    messages.warning(request, say("web.apply.logged_out", request.lang))
    return redirect(address)


def _too_many(address: str) -> bool:
    key = f"westlake.kept_aside.{address}"
    return not cache.add(key, 1, HOUR_S) and cache.incr(key) > STRANGERS_MOST


def seen_or_logged_out(request: Visit, case: int) -> Case | int:
    """An application of one's own; its bare number while nobody is logged in, who is shown nothing of it."""
    if not request.user.is_authenticated or request.person is None:
        return case
    if request.impersonator:
        raise WestlakeError.one("W993", name=request.person.name)
    if not WHO.admits(request):
        raise Http404
    return seen_application(request, case)


ROUTES = (
    route("applications/<int:case>/write/", write, WHO, name="applications.write", object=seen_application),
    route("applications/<int:case>/answers/", save, Anyone(), name="applications.save", methods=("POST",),
          object=seen_or_logged_out),
    route("applications/<int:case>/submit/", submit, WHO, name="applications.submit", methods=("GET", "POST"),
          object=seen_application),
)

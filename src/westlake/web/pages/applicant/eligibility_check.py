"""Would I be eligible? The real rules, asked before anybody registers, a few questions at a time; nothing is kept."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from westlake.desk.applying.drafting import check_answers
from westlake.desk.calls import Call
from westlake.errors import WestlakeError
from westlake.web.guards import Anyone, route
from westlake.web.pages.applicant.kept_answers import answers_of, keep
from westlake.web.pages.applicant.open_calls import applies, left, offered_of, seen_call
from westlake.web.pages.applicant.preview import look
from westlake.web.pages.applicant.questions import Questions, given_by, label, parts_of, shown
from westlake.web.visit import Visit
from westlake.words import say


def check(request: Visit, call: Call) -> HttpResponse:
    """One part of the questions; what is wrong keeps people on it, what is left out they may leave out."""
    offered = offered_of(request, call)
    if offered is None:
        raise WestlakeError.one("W1060", name=call.programme)
    lang = request.lang
    parts = parts_of(offered, (), answers_of(request, call))
    asked = request.GET.get("part", "1")
    number = min(max(int(asked), 1), len(parts)) if asked.isdecimal() and len(asked) < 3 else 1
    part = parts[number - 1]
    written, problems = dict(answers_of(request, call)), []
    if request.method == "POST":
        given = given_by(request.POST, part.names)
        written |= given
        problems = check_answers(offered, given, written)
        parts = parts_of(offered, (), written)  # the route may have been chosen just now
        if not problems:
            return _go_on(request, call, written, f"/find/{call.id}/check/?part={number + 1}"
                          if number < len(parts) else f"/find/{call.id}/check/answer/")
    form = Questions(part.inputs, offered.programme.currency, lang, written, problems)
    return render(request, "find/check.html", {
        "call": call, "title": call.text("title", lang), "form": form, "number": number, "count": len(parts),
        "group": part.name, "before": number - 1, "done": number - 1,
        "steps": [(f"{say('web.ask.group.' + one.name, lang)}", "now" if at == number else "done"
                   if all(written.get(name, "").strip() for name in one.names) else "next")
                  for at, one in enumerate(parts, 1)] + [(say("web.find.answer", lang), "next")],
    }, status=422 if problems else 200)


def _go_on(request: Visit, call: Call, written: dict[str, str], address: str) -> HttpResponse:
    response = redirect(address)
    keep(request, response, call, written)
    return response


def answer(request: Visit, call: Call) -> HttpResponse:
    """What the rules say of the answers, clause by clause, and what would change it."""
    offered = offered_of(request, call)
    if offered is None:
        raise WestlakeError.one("W1060", name=call.programme)
    lang, written = request.lang, answers_of(request, call)
    parts = parts_of(offered, (), written)
    said = [(label(offered, name, lang), shown(offered, name, written.get(name, ""), lang),
             f"/find/{call.id}/check/?part={at}")
            for at, part in enumerate(parts, 1) for name in part.names]
    return render(request, "find/answer.html", {
        "call": call, "title": call.text("title", lang), "look": look(request.office.desk, offered, written, lang),
        "said": said, "currency": offered.programme.currency, "state": call.state(request.office.now()),
        "left": left(call, request.office.now(), lang), "may_apply": applies(request)})


def forget(request: Visit, call: Call) -> HttpResponse:
    """Start over."""
    return _go_on(request, call, {}, f"/find/{call.id}/check/")


ROUTES = (
    route("find/<int:call>/check/", check, Anyone(), name="find.check", methods=("GET", "POST"), object=seen_call),
    route("find/<int:call>/check/answer/", answer, Anyone(), name="find.answer", object=seen_call),
    route("find/<int:call>/check/again/", forget, Anyone(), name="find.forget", methods=("POST",), object=seen_call),
)

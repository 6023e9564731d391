"""A case as a whole story on one screen: where it stands, what can be done, why, on what facts, and who did what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from westlake.dates import MICROS_PER_DAY
from westlake.desk import steps
from westlake.desk.applying.deciding import Stored, is_finished, known_of, last_decision
from westlake.desk.applying.personal import own_names
from westlake.desk.cases import DUE_STATES, Case, call_of, following, root_of
from westlake.desk.desk import Desk
from westlake.desk.looking import Remembering
from westlake.desk.messages import messages_of, waits_for_answer
from westlake.desk.outbox import letters, letters_asked
from westlake.desk.papers import take_out
from westlake.desk.seeing import View, shown_answers, shown_cases, shown_files, view_of
from westlake.desk.steps import Possible
from westlake.desk.workflow import APPLICATION
from westlake.money import format_money
from westlake.register import Register
from westlake.register.facts import text_words
from westlake.reports.letter import able
from westlake.rules import Kind
from westlake.web.guards import route
from westlake.web.pages.cases import case_parts as parts
from westlake.web.pages.cases.bulk import asked
from westlake.web.pages.cases.case_steps import GRAVE, WHO, answers, factor_at, glance, seen_case, writes
from westlake.words import say


@dataclass(frozen=True)
class Way:
    """A step on the page: its words, where it leads, what it asks; or why not, in a sentence, and the way out."""

    name: str
    label: str
    ends: str
    asks: list[Any]
    why: str
    way_out: str
    code: str
    grave: bool


def show(request: HttpRequest, case: Case) -> HttpResponse:
    """The whole page."""
    desk, lang = glance(request), request.lang
    view = view_of(desk, case, request.person, request.roles)
    offered, root, call = desk.offered(case.programme), root_of(desk, case), call_of(desk, case)
    take_out(desk, case, root, letters_asked(case.id), *parts.asked_of(case, root))
    followers = following(desk, case)
    titled = shown_cases(desk, [case, root, *followers], dict.fromkeys((case.id, root.id, *(
        one.id for one in followers)), view))  # what follows from a case is of its call, and hides what it hides
    ways = [_way(desk, case, one, lang) for one in
            steps.possible(desk, case, request.person, request.roles, factor_at(request))]
    ways.sort(key=lambda one: (one.grave, not one.ends, bool(one.asks)))  # what leads on comes first
    found = {
        "case": case, "root": root, "call": call, "view": view,
        "title": parts.title_of(offered, titled[case.id], lang) or titled[root.id].title or case.number,
        "state": offered.workflow.word("state", case.state, lang),
        "kind": offered.workflow.word("kind", case.kind, lang),
        "can": [one for one in ways if not one.why], "cannot": [one for one in ways if one.why],
        "can_note": writes(request, case) and not is_finished(desk, case), "can_answer": answers(request, case),
        "asked": waits_for_answer(messages_of(desk, case)),
        "inputs": [(name, offered.programme.in_words(name, lang)) for name, item in offered.programme.inputs.items()
                   if item.kind is not Kind.ID],
        "files": shown_files(desk, root, view) + (shown_files(desk, case, view) if root.id != case.id else []),
        "following": [(titled[one.id], offered.workflow.word("kind", one.kind, lang),
                       offered.workflow.word("state", one.state, lang)) for one in followers],
        "scores_hidden": not view.scores_shown and case.kind == APPLICATION, **_reasons(desk, case, root, view, lang),
        **_dealings(desk, case, root, view, lang), **_submitted(request, desk, root, view),
    }
    answer = render(request, "cases/show.html", found)
    assert isinstance(desk.connection, Remembering)
    answer.headers["Server-Timing"] = f'db;desc="{desk.connection.asked}"'
    return answer


def _reasons(desk: Desk, case: Case, root: Case, view: View, lang: str) -> dict[str, object]:
    """What is known and what the rules made of it, as far as it is shown."""
    offered, written = desk.offered(case.programme), shown_answers(desk, root, view)
    stored = last_decision(desk, case) or (last_decision(desk, root) if root.id != case.id else None)
    trace, remedies = parts.trace_lines(desk, case, stored, lang) if stored and view.answers_shown else ([], [])
    known = known_of(desk, case, desk.today()) if view.answers_shown else {}
    known = {name: one for name, one in known.items()
             if view.applicant_shown or offered.programme.inputs[name].kind is not Kind.ID}
    return {"known": parts.fact_lines(offered, known, written, lang), "stored": stored, "trace": trace,
            "remedies": remedies, "facts": _head(desk, case, stored, view, lang)}


def _dealings(desk: Desk, case: Case, root: Case, view: View, lang: str) -> dict[str, object]:
    """The firm, letters, money, reviews and acts, as far as they are shown."""
    promised = bool(root.amount or case.amount)
    judged = case.kind == APPLICATION and case.state not in ("draft", "submitted", "supplement", "refused")
    firm = Register(desk.connection).of({case.firm}, desk.today()).get(case.firm, {}) if view.applicant_shown else {}
    return {
        "firm_name": firm["name"].value if "name" in firm else own_names(desk.connection, [case.firm]).get(
            case.firm, case.firm) if view.applicant_shown else "",
        "district": text_words(firm["district"].value, lang) if "district" in firm else "",
        "able": able(), "letters": letters(desk, case=case.id) if view.history_shown and view.applicant_shown else [],
        "messages_of_case": parts.thread(desk, case, lang) if view.history_shown and view.applicant_shown else [],
        "payments": parts.payments(desk, case) if view.money_shown and promised else [],
        "booked": parts.booked(desk, root) if view.money_shown and promised else [],
        "reviews": parts.reviews(desk, case, view.reviewers_shown) if view.scores_shown and judged else [],
        "deeds": parts.deeds(desk, case, lang) if view.history_shown else []}


def _way(desk: Desk, case: Case, one: Possible, lang: str) -> Way:
    workflow, step, problem = desk.offered(case.programme).workflow, one.step, one.problem
    target = step.target(case.state)
    ends = workflow.word("state", target, lang) if target != case.state else ""
    label = workflow.word("step", step.name, lang)
    grave = target in GRAVE
    if problem is None:
        return Way(step.name, label, ends, list(asked(step, desk.offered(case.programme), lang)), "", "", "", grave)
    return Way(step.name, label, ends, [], problem.sentence(lang),
               problem.way_out(lang), problem.code, grave)


def _head(desk: Desk, case: Case, stored: Stored | None, view: View, lang: str) -> list[tuple[str, object]]:
    """The figures on top."""
    from westlake.web.templatetags.westlake import day  # noqa: PLC0415 - templates' own words, once Django is set up

    def money(amount: int) -> str:
        return format_money(amount, case.currency, sign=True)

    found: list[tuple[str, object]] = []
    if case.kind == "application":
        found.append((parts.spend_label(desk.offered(case.programme), lang), money(case.asked)))
        found += [parts.by_rules(stored, case, lang)] if stored else []
    found += parts.on_reserve(desk, case, lang) if view.scores_shown else []
    if case.amount and view.money_shown:
        found.append((parts.amount_words(desk, case, lang), money(case.amount)))
    found.append((say("web.case.days", lang), f"{(desk.now() - case.moved_at) // MICROS_PER_DAY:,}"))
    if case.due is not None and case.state in DUE_STATES:
        found.append((say("web.case.due", lang), day(case.due)))
    return found


def _submitted(request: HttpRequest, desk: Desk, root: Case, view: View) -> dict[str, object]:
    """Two submissions side by side: the last two, unless `?before=1&after=2` asks for others."""
    handed = parts.submissions(desk, root) if view.answers_shown and view.applicant_shown else []
    if not handed:
        return {"submissions": []}
    numbers = {one.number: one for one in handed}
    after = numbers.get(_number(request.GET.get("after")), handed[-1])
    before = numbers.get(_number(request.GET.get("before")), numbers.get(after.number - 1))
    offered = desk.offered(root.programme)
    return {"submissions": handed, "before": before, "after": after,
            "compared": parts.side_by_side(offered, before, after, request.lang)}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


ROUTES = (
    route("cases/<int:case>/", show, WHO, name="cases.show", object=seen_case),
)

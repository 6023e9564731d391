"""One case as its applicant sees it: where it stands, what was handed in, what was decided and why, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render

from westlake.desk.acting import acting_for
from westlake.desk.applying.deciding import TAKEN, Stored, last_decision, told
from westlake.desk.applying.drafting import fields_of, why_not_edit
from westlake.desk.applying.named_person import UNBOUND
from westlake.desk.applying.personal import is_personal
from westlake.desk.applying.speaking import UNCONFIRMED, silent, speaks_for
from westlake.desk.applying.taking_over import may_take_over
from westlake.desk.cases import STEPS, Case, answers, call_of, following, root_of, steps_of
from westlake.desk.files import files_of
from westlake.desk.guards import last_day
from westlake.desk.messages import messages_of
from westlake.desk.moment import Moment
from westlake.desk.outbox import letters_asked
from westlake.desk.panel.notices import OBJECTION, REASON
from westlake.desk.panel.outcome import WROTE
from westlake.desk.panel.reviewing import REVIEWS
from westlake.desk.papers import take_out
from westlake.desk.paying import recovering
from westlake.desk.paying.budgets import MILESTONE
from westlake.desk.people import Held
from westlake.desk.seeing import KEPT_INSIDE, seen_among, shown_steps, view_of
from westlake.desk.steps import EDIT, Possible, fitting
from westlake.desk.workflow import APPLICATION
from westlake.errors import Problem, WestlakeError
from westlake.register.facts import FACTS
from westlake.reports.letter import able
from westlake.web.guards import route
from westlake.web.pages.applicant import preview
from westlake.web.pages.applicant.applications import (
    DANGEROUS,
    SUBMITTING,
    WHO,
    acts_for,
    crumbs,
    outside,
    says_of,
    seen_case,
    state_word,
    steps_for,
)
from westlake.web.pages.applicant.inbox import LETTERS_MAX, own_letters
from westlake.web.pages.applicant.outcome_told import outcome_told
from westlake.web.pages.applicant.questions import label, shown
from westlake.web.pages.cases.case_parts import SUBMISSIONS, by_rules, on_reserve, spend_label, submissions
from westlake.web.pages.money.batches import bank_settings
from westlake.web.visit import Visit
from westlake.words import say

BOOKS = "books"
SAID_OTHERWISE = ("applicant", UNBOUND, UNCONFIRMED, "workflow", BOOKS, "review", "office")  # not the register


def show(request: Visit, case: Case) -> HttpResponse:
    """The whole case on one page, what is asked now on top."""
    return page(request, case)


def page(request: Visit, case: Case, of_file: Sequence[Problem] = ()) -> HttpResponse:
    """The same; of_file: what was wrong with a file, told beside it."""
    desk, lang = request.office.desk, request.lang
    workflow, offered = desk.offered(case.programme).workflow, desk.offered(case.programme)
    take_out(desk, case, root_of(desk, case), (SUBMISSIONS, (case.id,)), (KEPT_INSIDE, (case.id,)), (STEPS, (case.id,)),
             (REVIEWS, (case.id,)), (WROTE, (case.id,)), letters_asked(person=request.person.id, limit=LETTERS_MAX))
    stored = last_decision(desk, case) or (last_decision(desk, root_of(desk, case)) if case.kind == "milestone"
                                           else None)
    call, outcome = call_of(desk, case), outcome_told(request, case)
    early = outcome is not None and not outcome.kept_until and stored is not None and any(
        origin["assurance"] == TAKEN for origin in stored.origins.values())  # decided before the reviews were known
    ways = ways_on(request, case)
    return render(request, "applications/show.html", {
        "case": case, "crumbs": crumbs(request, case), "state": state_word(desk, case, lang),
        "kind": workflow.word("kind", case.kind, lang), "call": call,
        "call_title": call.text("title", lang) if call else "",
        "facts": facts_of(request, case, early), "early": early, "ways": ways, "may_write": may_write(request, case),
        "evidence": any(use.name == "has_file" for one in steps_for(request, case) for use in one.step.guards),
        "stages": stages(request, case), "events": events(request, case), "versions": versions(request, case),
        "stored": stored, "unconfirmed": _unconfirmed(case, stored, lang),
        "look": decision_of(request, case, stored) if stored else None, "final": True,
        "outcome": outcome,
        "currency": offered.programme.currency, "files": files_of(desk, case),
        "able": able(), "letters": [one for one in own_letters(request) if one.case == case.id],
        "followers": [(one, state_word(desk, one, lang), workflow.word("kind", one.kind, lang))
                      for one in seen_among(desk, following(desk, case), request.person, outside(request))],
        "acts": acts_for(request, case) if acting_for(desk, case) != request.person.id else "",
        "may_take_over": may_take_over(desk, case, request.person, outside(request)),
        "notes": messages_of(desk, case), "repay": repay_of(request, case),
        "of_file": [one.as_dict(lang) for one in of_file]}, status=422 if of_file else 200)


def ways_on(request: Visit, case: Case) -> list[dict[str, object]]:
    """Every step that the table has for this person here: its word, whether it can be taken, and if not, why."""
    lang = request.lang
    workflow = request.office.desk.offered(case.programme).workflow
    return [{"name": one.step.name, "word": workflow.word("step", one.step.name, lang),
             "danger": one.step.name in DANGEROUS,
             "href": f"/applications/{case.id}/submit/" if one.step.name in SUBMITTING
             else f"/applications/{case.id}/step/{one.step.name}/",
             "says": f"{says_of(one.step.name, lang, is_personal(case.firm))} {_until(request, case, one)}".strip(),
             "why": one.problem and one.problem.sentence(lang),
             "way_out": one.problem and one.problem.way_out(lang), "code": one.problem and one.problem.code}
            for one in sorted(steps_for(request, case), key=lambda one: one.step.name in DANGEROUS)]


def _until(request: Visit, case: Case, one: Possible) -> str:
    """Until which day a step can be taken; empty where that is no matter of days."""
    from westlake.web.templatetags.westlake import day  # noqa: PLC0415 - only pages need them

    last = last_day(Moment(request.office.desk, case, one.step, request.person, one.held, {}))
    return "" if last is None else say("web.outcome.until", request.lang, day=day(last))


def repay_of(request: Visit, case: Case) -> dict[str, object] | None:
    """What a firm still has to pay back under a case, and to which account of the office's; None if nothing."""
    owed = recovering.owed(request.office.desk, case) if case.kind == recovering.KIND else 0
    bank = bank_settings(request)
    account = " · ".join(bank[name] for name in ("holder", "bank", "account") if bank.get(name))
    return {"owed": owed, "account": account if bank.get("account") else ""} if owed > 0 else None


def facts_of(request: Visit, case: Case, early: bool = False) -> list[tuple[str, object]]:
    """The figures on top of the case. early: the rules were last asked before the outcome was known."""
    from westlake.web.templatetags.westlake import day, instant, money  # noqa: PLC0415 - only pages need them

    desk, lang = request.office.desk, request.lang
    found: list[tuple[str, object]] = []
    if case.kind == OBJECTION:
        found.append((say("web.apply.reason", lang), answers(request.office.desk, case).get(REASON, "")))
    if case.submitted_at:
        found.append((say("web.apply.submitted_at", lang), instant(case.submitted_at)))
    if case.asked:
        found.append((spend_label(desk.offered(case.programme), lang), money(case.asked, case.currency)))
        stored = last_decision(desk, case)
        found += [by_rules(stored, case, lang)] if stored and not early and _own_facts(request, case, stored) else []
    found += on_reserve(desk, case, lang)
    if case.amount:
        kind = {APPLICATION: "award", recovering.KIND: "recovery"}.get(case.kind, "other")
        found.append((say(f"web.apply.amount_of.{kind}", lang),
                      money(case.amount, case.currency)))
    if case.due is not None:
        found.append((say("web.apply.due", lang), day(case.due)))
    return found


def stages(request: Visit, case: Case) -> list[tuple[str, str]]:
    """The states that a case has been in, in order, and the one that it is in."""
    desk, lang = request.office.desk, request.lang
    workflow = desk.offered(case.programme).workflow
    been = dict.fromkeys([workflow.kinds[case.kind].start, *(step.went_to for step in steps_of(desk, case))])
    been.pop(case.state, None)
    return [*((workflow.word("state", name, lang), "done") for name in been),
            (workflow.word("state", case.state, lang), "now")]


def events(request: Visit, case: Case) -> list[dict[str, object]]:
    """The steps of a case, the latest first, as its applicant is shown them: roles of the office, never its people."""
    desk, lang = request.office.desk, request.lang
    workflow = desk.offered(case.programme).workflow
    view = view_of(desk, case, request.person, outside(request))
    found = []
    for one in reversed(shown_steps(desk, case, view)):
        rows = [row for row in workflow.kinds[case.kind].steps if row.name == one.name]
        told_out = one.person is not None or any(use.name == "send" for row in rows for use in row.effects)
        said = one.data.get("said")
        detail = str(said.get("note", "")) if told_out and isinstance(said, dict) else ""
        who = say(f"web.role.{one.role}", lang) if one.role != "system" else ""
        found.append({"at": one.at, "what": workflow.word("step", one.name, lang), "who": who, "detail": detail,
                      "kind": ""})
    return found


def versions(request: Visit, case: Case) -> list[dict[str, object]]:
    """What was submitted, each time, the latest first: the instant, the digest, every answer and file."""
    desk, lang = request.office.desk, request.lang
    offered = desk.offered(case.programme)
    found = []
    for one in reversed(submissions(desk, case)):
        given = one.answers
        order = [name for name in fields_of(offered) if name in given] + [name for name in given
                                                                          if name not in fields_of(offered)]
        found.append({"number": one.number, "at": one.at, "digest": one.digest, "files": one.files,
                      "answers": [(label(offered, name, lang), shown(offered, name, given[name], lang))
                                  for name in order]})
    return found


def decision_of(request: Visit, case: Case, stored: Stored) -> preview.Preview | None:
    """A kept decision with its trace, by the version that made it.

    None when that version is no longer whole, and to whom the register's facts are not theirs to see: who only names
    a firm, or a person, learns whether the case is eligible, and no more.
    """
    desk = request.office.desk
    if not _own_facts(request, case, stored) or not _scores_told(request, case, stored):
        return None
    try:
        decision = told(desk, case, stored)
        found = preview.told(desk.offered(case.programme), decision, preview.grades(stored.origins), request.lang)
        return replace(found, amount=case.amount) if case.kind == MILESTONE else found  # its part, not the whole award
    except (WestlakeError, KeyError):
        return None


def _unconfirmed(case: Case, stored: Stored | None, lang: str) -> dict[str, object] | None:
    """That a decision counted all answers as declared, while nobody had confirmed who speaks for the firm."""
    if stored is None or all(one["source"] != UNCONFIRMED for one in stored.origins.values()):
        return None
    return silent(case.firm).as_dict(lang)


def _own_facts(request: Visit, case: Case, stored: Stored) -> bool:
    """Whether all that the register brought into a decision is known of a firm that the office knows to be theirs."""
    of_register = [name for name, origin in stored.origins.items() if origin["source"] not in SAID_OTHERWISE]
    about_people = any(name in FACTS and FACTS[name].subject == "person" for name in of_register)
    counted = any(origin["source"] == BOOKS and stored.given.get(name, "").strip("0.")
                  for name, origin in stored.origins.items())
    return not (of_register or counted) or (not about_people and speaks_for(request.office.desk, request.person,
                                                                            case.firm))


def _scores_told(request: Visit, case: Case, stored: Stored) -> bool:
    """Whether a decision that rests on the reviews' score may be shown yet."""
    return all(origin["source"] != "review" for origin in stored.origins.values()) or view_of(
        request.office.desk, root_of(request.office.desk, case), request.person, outside(request)).scores_shown


def writer(request: Visit, case: Case) -> Held | None:
    """The role by which this person writes in a case, if the table knows one."""
    desk = request.office.desk
    row = desk.offered(case.programme).workflow.kinds[case.kind].step(EDIT, case.state)
    own = fitting(request.office.desk, case, request.person, outside(request))
    return next((held for held in own if row and held.role in row.who), None)


def may_write(request: Visit, case: Case) -> bool:
    """Whether answers may be written now."""
    held = writer(request, case)
    return held is not None and why_not_edit(request.office.desk, case, request.person, held) is None


ROUTES = (
    route("applications/<int:case>/", show, WHO, name="applications.show", object=seen_case),
)

"""The parts of a case's page in the reader's words: facts, reasons, submissions side by side, money, who did what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from westlake.desk.applying.deciding import Known, Stored, told
from westlake.desk.applying.drafting import called
from westlake.desk.applying.personal import own_names
from westlake.desk.cases import Case
from westlake.desk.desk import Desk, Offered
from westlake.desk.looking import Question
from westlake.desk.messages import messages_of
from westlake.desk.panel.reviewing import REVIEWS
from westlake.desk.panel.standing import place_of
from westlake.desk.paying import recovering
from westlake.desk.paying.budgets import IN_KEYS, MILESTONE, funds, held_for, keys_of
from westlake.desk.people import people_of, person_number
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.register import Register
from westlake.rules import Argument, Input, Kind
from westlake.rules.kinds import write_points
from westlake.rules.remedies import find_remedies
from westlake.words import catalogue, fill, say

SUBMISSIONS = ("SELECT number, person, at, answers, files, digest FROM desk_submission WHERE case_id = ?"
               " ORDER BY number")
PAYMENTS = (
    "SELECT c.number, p.attempt, p.amount, p.currency, p.at, coalesce(o.outcome, 'ordered'), coalesce(o.reason, '')"
    " FROM desk_payment p JOIN desk_case c ON c.id = p.case_id LEFT JOIN desk_payment_outcome o ON o.payment = p.id"
    " WHERE c.id = ? OR c.parent = ? ORDER BY p.id, o.at")
BOOKED = (
    "SELECT j.id, j.day, j.kind, j.memo, sum(t.amount), t.phase FROM journal j JOIN transfer t ON t.journal = j.id"
    f" WHERE {IN_KEYS} OR j.id IN (SELECT p.journal FROM desk_payment p JOIN desk_case c ON c.id = p.case_id"
    " WHERE c.id = ? OR c.parent = ?) GROUP BY j.id, j.day, j.kind, j.memo, t.phase ORDER BY j.id")
ACTS = (  # a step counts when the desk's clock says it was taken
    "SELECT coalesce(s.at, a.at), a.actor, a.act, a.details FROM act a LEFT JOIN desk_step s ON s.case_id = ?"
    " AND s.act = a.id WHERE a.subject = ? ORDER BY a.id DESC")


def asked_of(case: Case, root: Case) -> list[Question]:
    """What the parts below ask of the database."""
    return [(SUBMISSIONS, (root.id,)), (REVIEWS, (case.id,)), (PAYMENTS, (case.id, case.id)),
            (BOOKED, (*keys_of(root), root.id, root.id)), (ACTS, (case.id, case.subject))]


def title_of(offered: Offered, case: Case, lang: str) -> str:
    """What a case is called: in its applicant's own words, or, for a milestone, in the programme's."""
    name = offered.workflow.milestones.input
    if case.kind == MILESTONE and name in offered.programme.inputs:
        return offered.programme.choice_in_words(name, case.title, lang)
    return case.title


@dataclass(frozen=True)
class FactLine:
    """One input: its value in words, how sure, who says so, and what the applicant said where that is otherwise."""

    name: str
    label: str
    shown: str
    assurance: str
    source: str
    otherwise: str


@dataclass(frozen=True)
class TraceLine:
    """One step of a decision. mark: ✓ ✗ or nothing; given, rests: what it was given and the texts it rests on."""

    mark: str
    kind: str
    text: str
    value: str
    given: list[str]
    rests: list[str]


@dataclass(frozen=True)
class Deed:
    """One thing that was done: when, what, by whom, and a line more."""

    at: int
    what: str
    who: str
    detail: str
    kind: str


def fact_lines(offered: Offered, known: Mapping[str, Known], written: Mapping[str, str], lang: str) -> list[FactLine]:
    """Everything known of a case, in the order of the form."""
    programme, found = offered.programme, []
    for name, item in programme.inputs.items():
        one = known.get(name)
        if one is None:
            continue
        said = written.get(name, "").strip()
        declared = in_words(offered, item, said, lang) if said else ""
        shown = in_words(offered, item, one.value, lang)
        found.append(FactLine(name, programme.in_words(name, lang), shown, one.assurance,
                              source_words(one.source, lang), declared if declared and declared != shown else ""))
    return found


def source_words(source: str, lang: str) -> str:
    """Who says so: the desk's own sources in words, others as they are written."""
    key = f"web.case.source.{source}"
    return say(key, lang) if key in catalogue() else source


def in_words(offered: Offered, item: Input, value: int | str, lang: str) -> str:
    """A value as people read it; a text that is no such value stays as it is."""
    programme = offered.programme
    if item.kind is Kind.ID:
        return str(value)
    try:
        number = item.read(value, programme.currency) if isinstance(value, str) else value
        return programme.show(item.name, number, lang)
    except (ValueError, KeyError, IndexError):
        return str(value)


def trace_lines(desk: Desk, case: Case, stored: Stored, lang: str) -> tuple[list[TraceLine], list[str]]:
    """The last decision step by step, and what would make the case eligible if it is not; nothing if it was decided by
    a version that is not whole any more."""
    try:
        decision = told(desk, case, stored)
        remedies = [] if stored.eligible else find_remedies(decision).lines(lang)
    except WestlakeError as error:
        return [TraceLine("", "plain", error.problems[0].sentence(lang), "", [], [])], []
    found = []
    for step in decision.steps:
        label = fill(step.label, lang)
        test = step.kind is Kind.BOOL
        mark, kind = ("✓", "yes") if test and step.number else ("✗", "no") if test else ("=", "plain")
        cited = [one.citation for one in (step, *step.arguments)]
        found.append(TraceLine(mark, kind, (step.sentence(lang) if test else "") or label,
                               "" if test else step.shown(lang), [_given(one, lang) for one in step.arguments],
                               list(dict.fromkeys(one.sentence(lang) for one in cited if one))))
    return found, remedies


def _given(one: Argument, lang: str) -> str:
    return f"{fill(one.label, lang)}: {one.shown(lang)}"


@dataclass(frozen=True)
class Submission:
    """What was submitted, as a receipt shows it."""

    number: int
    person: int
    at: int
    answers: Mapping[str, str]
    files: list[Mapping[str, object]]
    digest: str


def submissions(desk: Desk, case: Case) -> list[Submission]:
    """Everything submitted, first to last."""
    rows = desk.connection.execute(SUBMISSIONS, (case.id,))
    return [Submission(row[0], row[1], row[2], json.loads(row[3]), json.loads(row[4]), row[5]) for row in rows]


def side_by_side(offered: Offered, before: Submission | None, after: Submission,
                 lang: str) -> list[tuple[str, str, str, bool]]:
    """Each answer of two submissions: label, earlier, later, whether they differ."""
    earlier = before.answers if before else {}
    names = list(dict.fromkeys([*(name for name in offered.programme.inputs if name in after.answers),
                                *after.answers, *earlier]))
    return [(fill(called(offered, name), lang), answer_words(offered, name, earlier.get(name, ""), lang),
             answer_words(offered, name, after.answers.get(name, ""), lang),
             bool(before) and earlier.get(name) != after.answers.get(name)) for name in names]


def answer_words(offered: Offered, name: str, text: str, lang: str) -> str:
    """An answer as people read it."""
    item = offered.programme.inputs.get(name)
    return in_words(offered, item, text, lang) if item is not None and text.strip() else text


@dataclass(frozen=True)
class Payment:
    """One attempt to pay. outcome: ordered until the bank has said what it did."""

    case: str
    attempt: int
    amount: int
    currency: str
    at: int
    outcome: str
    reason: str


def payments(desk: Desk, case: Case) -> list[Payment]:
    """Every attempt to pay a case or what follows from it."""
    return [Payment(*row) for row in desk.connection.execute(PAYMENTS, (case.id, case.id))]


@dataclass(frozen=True)
class Booked:
    """What the books hold of a case: journal number, day, kind, memo, minor units, post, hold or release."""

    journal: int
    day: int
    kind: str
    memo: str
    amount: int
    phase: str


def booked(desk: Desk, root: Case) -> list[Booked]:
    """The journals of an application and all that follows from it: promised, earned, released, paid."""
    return [Booked(*row) for row in desk.connection.execute(BOOKED, (*keys_of(root), root.id, root.id))]


@dataclass(frozen=True)
class Review:
    """A review as far as it may be shown."""

    reviewer: str
    points: str
    comment: str
    at: int


def reviews(desk: Desk, case: Case, named: bool) -> list[Review]:
    """The reviews that count, first to last; named: whether the reviewers' names may be shown now."""
    rows = desk.connection.execute(REVIEWS, (case.id,)).fetchall()
    people = people_of(desk.connection, {row[1] for row in rows}) if named else {}
    return [Review(people[row[1]].name if named else f"#{number}", write_points(row[4]), row[6], row[7])
            for number, row in enumerate(rows, 1)]


def amount_words(desk: Desk, case: Case, lang: str) -> str:
    """What the amount of a case is by its kind and by where it stands: promised only where money is held for it."""
    if case.kind == recovering.KIND:
        return say("web.case.amount_of.recovery", lang)
    if case.kind not in (APPLICATION, MILESTONE):
        return say("web.case.amount_of.other", lang)
    if case.kind == MILESTONE:
        return say("web.case.amount" if held_for(desk, case) else "web.case.amount_of.earned", lang)
    if funds(desk, case).holds:
        return say("web.case.amount", lang)
    return say(f"web.case.amount_of.{'chosen' if place_of(desk, case) else 'other'}", lang)


def deeds(desk: Desk, case: Case, lang: str) -> list[Deed]:
    """Every act on a case, last first, with the names of those who did it."""
    rows = desk.connection.execute(ACTS, (case.id, case.subject)).fetchall()
    numbers = {person_number(actor) for _, actor, _, _ in rows}
    names = {f"person:{number}": one.name for number, one in people_of(desk.connection, numbers).items()}
    return [_deed(desk, case, at, names.get(actor, actor), act.removeprefix("desk."), json.loads(details), lang)
            for at, actor, act, details in rows]


def spend_label(offered: Offered, lang: str) -> str:
    """What the amount on an application is in the form's own words: planned spend, say, a part of which is given."""
    base = offered.terms.decides["base"]
    return offered.programme.in_words(base, lang) if base in offered.programme.inputs else say("web.case.asked", lang)


def by_rules(stored: Stored, case: Case, lang: str) -> tuple[str, object]:
    """What the rules would give, as they last said."""
    given = format_money(max(stored.claim, stored.entitlement), case.currency, sign=True)
    return say("web.case.rules_say", lang), given if stored.eligible else say("web.state.ineligible", lang)


def on_reserve(desk: Desk, case: Case, lang: str) -> list[tuple[str, object]]:
    """The place on the reserve list, as a figure for the top of the page; nothing for a case that is not on it."""
    place = place_of(desk, case) if case.state == "reserve" else None
    if place is None or not place.reserve:
        return []
    return [(desk.offered(case.programme).workflow.word("state", case.state, lang),
             say("web.reviews.reserve_place", lang, place=place.reserve))]


def named_firm(desk: Desk, case: Case) -> str:
    """Who applies, by the name that the register or the person gives; the number where neither does."""
    facts = Register(desk.connection).of({case.firm}, desk.today()).get(case.firm, {})
    return facts["name"].value if "name" in facts else own_names(desk.connection, [case.firm]).get(case.firm, case.firm)


def thread(desk: Desk, case: Case, lang: str) -> list[Deed]:
    """The messages about a case, first to last; the detail is the text, nothing where it was erased."""
    found = messages_of(desk, case)
    people = people_of(desk.connection, {person_number(one.actor) for one in found}) if found else {}
    names = {person.actor: person.name for person in people.values()}
    ours = {one.actor: "from" if person_number(one.actor) == case.applicant else "beside" for one in found}
    return [Deed(one.at, say(f"web.case.message_{'ours' if one.from_office else ours[one.actor]}", lang,
                             name=names.get(one.actor, one.actor)), "", one.text or "", "") for one in found]


def _deed(desk: Desk, case: Case, at: int, who: str, act: str, details: Mapping[str, object], lang: str) -> Deed:
    offered = desk.offered(case.programme)
    workflow = offered.workflow
    if "to" in details:
        went_to = str(details["to"])
        said = details.get("said")
        note = said.get("note") or said.get("reason") if isinstance(said, dict) else None
        moved = "" if went_to == details.get("from") else f"→ {workflow.word('state', went_to, lang)}"
        kind = "good" if went_to in ("paid", "awarded", "agreed", "done", "eligible", "selected") else (
            "bad" if went_to in ("refused", "not_selected", "terminated", "lapsed", "debarred") else "")
        found = [(name.removeprefix("found_"), str(value)) for name, value in details.items()
                 if name.startswith("found_")]
        told_of = [f"{offered.programme.in_words(name, lang)}: {answer_words(offered, name, value, lang)}"
                   for name, value in found if name in offered.programme.inputs]
        detail = " · ".join(str(part) for part in (moved, *told_of, note) if part)
        return Deed(at, workflow.word("step", act, lang), who, detail, kind)
    key = f"web.case.act.{act}"
    detail = ""
    if act == "fact_noted":
        name = str(details.get("name"))
        value = answer_words(offered, name, str(details.get("value")), lang)
        detail = f"{offered.programme.in_words(name, lang)}: {value} · {details.get('source')}"
    return Deed(at, say(key, lang) if key in catalogue() else act.replace("_", " "), who, detail, "")


"""A reviewer's own pages: invitations, what is to be read by when, the review itself, stepping back, conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from westlake.desk.applying.deciding import LAST_DECISION, last_decision
from westlake.desk.applying.drafting import called
from westlake.desk.calls import Call, find_call
from westlake.desk.cases import ANSWERS, TITLE, Case, call_of, find_case
from westlake.desk.desk import Desk
from westlake.desk.files import FILES, Upload, read_file
from westlake.desk.looking import looking, together
from westlake.desk.panel import interests
from westlake.desk.panel import reviewing as desk_reviewing
from westlake.desk.panel.reviewing import CONFIDENCE, LIVE, TEXT_MAX, Invitation, Review
from westlake.desk.panel.scores import review_total
from westlake.desk.seeing import View, shown_answers, shown_case, shown_files, view_of
from westlake.desk.workflow import Criterion
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.register import Register
from westlake.rules.kinds import write_points
from westlake.web import forms
from westlake.web.guards import Roles, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.cases.case_parts import answer_words, by_rules, spend_label
from westlake.web.visit import Visit, reason_of
from westlake.words import fill, say

READS = Roles("reviewer")
DECLARES = Roles("reviewer", "chair", "officer")
RADIO_MOST = 10  # more points than this are typed, not picked


@dataclass(frozen=True)
class Reading:
    """A case that somebody reviews, how it is shown to them, and how far their review is. case: never for a page."""

    case: Case
    shown: Case
    view: View
    state: str


class Answer(forms.Form):
    """Yes to an invitation: how much, and of what field."""

    load = fields.IntegerField(label="web.reviews.load", min_value=0)
    topics = fields.CharField(label="web.reviews.topics", help_text="web.reviews.topics_hint", max_length=2000,
                              required=False, widget=fields.Textarea(attrs={"rows": 3}))


class Interest(forms.Form):
    """A firm whose cases somebody must not judge, and why."""

    firm = fields.CharField(label="web.reviews.firm", help_text="web.reviews.firm_hint", max_length=200)
    reason = fields.CharField(label="web.reviews.interest_reason", max_length=interests.DETAIL_MAX,
                              widget=fields.Textarea(attrs={"rows": 3}))


class Judgement(forms.Form):
    """A review: points for each criterion, how sure, and why."""

    confidence = fields.ChoiceField(label="web.reviews.confidence", widget=fields.RadioSelect, choices=[
        (str(one), f"web.reviews.sure.{one}") for one in CONFIDENCE])
    comment = fields.CharField(label="web.reviews.comment", help_text="web.reviews.comment_hint", max_length=TEXT_MAX,
                               widget=fields.Textarea(attrs={"rows": 8}))

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **more: Any) -> None:
        super().__init__(*args, **more)
        self.criteria = [one.name for one in criteria]
        for one in criteria:
            hint = say("web.reviews.anchors", self.lang, half=one.most // 2, most=one.most,
                       weight=f"{one.weight / 10_000:g}")
            label = fill(one.words, self.lang)
            if one.most <= RADIO_MOST:
                self.fields[one.name] = fields.ChoiceField(
                    label=label, help_text=hint, widget=fields.RadioSelect,
                    choices=[(str(number), str(number)) for number in range(one.most + 1)])
            else:
                self.fields[one.name] = fields.IntegerField(label=label, help_text=hint, min_value=0,
                                                            max_value=one.most)
        self.order_fields([*self.criteria, "confidence", "comment"])

    @property
    def marks(self) -> list[Any]:
        """The fields that carry points."""
        return [self[name] for name in self.criteria]


def duties(request: Visit, desk: Desk) -> dict[str, object]:
    """A reviewer's invitations and cases, the first due first."""
    lang, person = request.lang, request.person
    calls = {one.call: find_call(desk, one.call) for one in desk_reviewing.invitations_of(desk, person)}
    tasks = desk_reviewing.assignments_of(desk, person, request.roles)
    drafted = dict(desk.connection.execute(
        "SELECT case_id, count(*) FROM desk_review_draft WHERE reviewer = ? AND value <> '' GROUP BY case_id",
        (person.id,)).fetchall())
    open_tasks = [one for one in tasks if one.state in ("assigned", "started")]
    done = sum(one.state == "submitted" for one in tasks)
    return {
        "reviewer": True, "tasks": [(one, drafted.get(one.case.id, 0), one.due - desk.today()) for one in open_tasks],
        "closed": [one for one in tasks if one not in open_tasks], "done": done, "most": len(tasks),
        "invitations": [(one, calls[one.call], calls[one.call].text("title", lang))
                        for one in desk_reviewing.invitations_of(desk, person)]}


def invitation(request: Visit, found: tuple[Call, Invitation]) -> HttpResponse:
    """An invitation: accept with load and topics, change them later, or decline with a reason."""
    call, one = found
    desk, lang = request.office.desk, request.lang
    form = Answer(request.POST or None, lang=lang, initial={"load": one.load, "topics": one.topics})
    form.fields["load"].help_text = say("web.reviews.load_hint", lang, most=one.load)
    if request.method == "POST" and request.POST.get("decline"):
        desk_reviewing.answer_invitation(desk, call, request.person, False, reason_of(request))
        messages.success(request, say("web.reviews.declined", lang))
        return redirect("reviews")
    if request.method == "POST" and form.is_valid():
        try:
            desk_reviewing.answer_invitation(desk, call, request.person, True, topics=form.cleaned_data["topics"],
                                             load=form.cleaned_data["load"])
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.reviews.accepted", lang))
            return redirect("reviews")
    return render(request, "reviews/invitation.html", {
        "call": call, "title": call.text("title", lang), "summary": call.text("summary", lang), "invitation": one,
        "form": form, "days": call.number("review_days"), "each": call.number("reviews_per_case")},
        status=422 if form.errors else 200)


def read(request: Visit, found: Reading) -> HttpResponse:
    """The case as this phase lets a reviewer see it, and the review beside it; submitting leads to a last look."""
    case, view = found.case, found.view
    desk, lang = request.office.desk, request.lang
    criteria, offered = desk.offered(case.programme).workflow.criteria, desk.offered(case.programme)
    own = (case.id, request.person.id)
    together(desk, (desk_reviewing.OWN_REVIEW, own), (desk_reviewing.OWN_DRAFT, own), (_ASSIGNED, own),
             (desk_reviewing.REVIEWS, (case.id,)), (ANSWERS, (case.id,)), (FILES, (case.id,)),
             (LAST_DECISION, (case.id,)), (desk_reviewing.CHOSEN, (case.id,)))
    closed = desk_reviewing.why_not_review(desk, case, request.person, request.roles)
    form = Judgement(request.POST or None, lang=lang, criteria=criteria,
                     initial=desk_reviewing.review_draft(desk, case, request.person))
    if request.method == "POST":
        if closed:
            raise WestlakeError([closed])
        _keep(request, case)
        if request.POST.get("keep"):
            messages.success(request, say("web.reviews.kept", lang))
            return redirect("reviews.case", case.id)
        if form.is_valid():
            return redirect("reviews.submit", case.id)
    answers = shown_answers(desk, case, view)
    call, others = call_of(desk, case), desk_reviewing.reviews_of(desk, case, request.person, request.roles)
    firm = Register(desk.connection).of({case.firm}, desk.today()).get(case.firm, {}) if view.applicant_shown else {}
    shown = found.shown
    sections = [one.name for one in offered.workflow.proposal]
    names = [*(name for name in answers if name not in (*offered.programme.inputs, *sections, TITLE)),
             *(name for name in offered.programme.inputs if name in answers)]
    return render(request, "reviews/case.html", {
        "case": shown, "view": view, "state": found.state, "form": form, "call": call,
        "firm": firm["name"].value if "name" in firm else shown.firm, "files": shown_files(desk, case, view),
        "title": answers.get(TITLE, ""), "amounts": _amounts(desk, shown, view, lang),
        "proposal": [(name, fill(called(offered, name), lang), answers[name]) for name in sections
                     if answers.get(name, "").strip()],
        "answers": [(fill(called(offered, name), lang), answer_words(offered, name, answers[name], lang))
                    for name in names],
        "closed": [closed.sentence(lang), closed.way_out(lang)] if closed else [],
        "others": [_told(one, criteria, lang) for one in others], "due": _due(desk, case, request.person.id)},
        status=422 if form.errors else 200)


def _amounts(desk: Desk, case: Case, view: View, lang: str) -> list[tuple[str, object]]:
    """What the form says is spent, and what the rules would give of it: the first is not what it costs the office."""
    stored = last_decision(desk, case) if view.answers_shown else None
    return [(spend_label(desk.offered(case.programme), lang), format_money(case.asked, case.currency, sign=True)),
            *([by_rules(stored, case, lang)] if stored else [])]


_ASSIGNED = "SELECT max(at) FROM desk_assignment WHERE case_id = ? AND reviewer = ? AND state = 'assigned'"


def _due(desk: Desk, case: Case, reviewer: int) -> int:
    row = desk.connection.execute(_ASSIGNED, (case.id, reviewer)).fetchone()
    return desk_reviewing.due_day(desk, case, row[0])


def _told(one: Review, criteria: Sequence[Criterion], lang: str) -> dict[str, object]:
    """A review in words."""
    return {"own": one.own, "name": one.name, "total": write_points(one.total),
            "sure": f"web.reviews.sure.{one.confidence}", "comment": one.comment,
            "points": [(fill(mark.words, lang), one.criteria.get(mark.name), mark.most) for mark in criteria]}


def _keep(request: Visit, case: Case) -> None:
    """Keep what has changed of a draft."""
    desk = request.office.desk
    known = desk_reviewing.review_draft(desk, case, request.person)
    for name in (*(one.name for one in desk.offered(case.programme).workflow.criteria), "confidence", "comment"):
        text = request.POST.get(name, "").replace("\r\n", "\n")
        if text != known.get(name, ""):
            desk_reviewing.save_review_draft(desk, case, request.person, request.roles, name, text)


def draft(request: Visit, found: Reading) -> HttpResponse:
    """Keep a draft while it is written."""
    _keep(request, found.case)
    return HttpResponse(status=204)


def submit(request: Visit, found: Reading) -> HttpResponse:
    """The last look: the points, the total, and what it means to hand it in; then it is handed in."""
    desk, lang, case = request.office.desk, request.lang, found.case
    criteria = desk.offered(case.programme).workflow.criteria
    known = desk_reviewing.review_draft(desk, case, request.person)
    form = Judgement(known, lang=lang, criteria=criteria)
    if not form.is_valid() or (request.method == "GET" and desk_reviewing.why_not_review(
            desk, case, request.person, request.roles)):
        return redirect("reviews.case", case.id)
    points = {one.name: int(form.cleaned_data[one.name]) for one in criteria}
    if request.method == "POST":
        desk_reviewing.submit_review(desk, case, request.person, request.roles, points,
                                     int(form.cleaned_data["confidence"]), form.cleaned_data["comment"])
        messages.success(request, say("web.reviews.submitted", lang, number=case.number))
        return redirect("reviews.case", case.id)
    total = review_total(points, criteria)
    facts = [(fill(one.words, lang), f"{points[one.name]} / {one.most}") for one in criteria]
    facts += [(say("web.reviews.total", lang), f"{write_points(total)} / 100"),
              (say("web.reviews.confidence", lang), say(f"web.reviews.sure.{form.cleaned_data['confidence']}", lang)),
              (say("web.reviews.comment", lang), form.cleaned_data["comment"])]
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.reviews.submit_heading", lang, number=case.number), "facts": facts,
        "says": say("web.reviews.submit_says", lang), "button": say("web.reviews.submit", lang),
        "back": f"/reviews/cases/{case.id}/"})


def abstain(request: Visit, found: Reading) -> HttpResponse:
    """Say that one cannot judge a case."""
    if request.method == "POST":
        desk_reviewing.abstain(request.office.desk, found.case, request.person, request.roles, reason_of(request))
        messages.success(request, say("web.reviews.abstained", request.lang, number=found.case.number))
        return redirect("reviews")
    return _ask(request, found.case, "abstain")


def recuse(request: Visit, found: Reading) -> HttpResponse:
    """Declare a conflict of interest with a case: it goes out of sight at once."""
    if request.method == "POST":
        desk_reviewing.recuse(request.office.desk, found.case, request.person, reason_of(request))
        messages.success(request, say("web.reviews.recused", request.lang, number=found.case.number))
        return redirect("reviews")
    return _ask(request, found.case, "recuse")


def _ask(request: Visit, case: Case, name: str) -> HttpResponse:
    lang = request.lang
    return render(request, "parts/confirm_page.html", {
        "heading": say(f"web.reviews.{name}_heading", lang, number=case.number), "says": say(
            f"web.reviews.{name}_says", lang), "button": say(f"web.reviews.{name}", lang), "danger": True,
        "back": f"/reviews/cases/{case.id}/", "reason": say(f"web.reviews.{name}_reason", lang)})


def declare(request: Visit) -> HttpResponse:
    """What one has declared oneself, and a way to declare more; cases in conflict leave one's list at once."""
    desk, lang, person = request.office.desk, request.lang, request.person
    form = Interest(request.POST or None, lang=lang)
    if request.method == "POST" and form.is_valid():
        try:
            _declare(request, _firms(desk, form.cleaned_data["firm"].strip()), form.cleaned_data["reason"].strip())
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.reviews.interest_kept", lang))
            return redirect("reviews.interests")
    # what others have declared about somebody is not theirs to read
    own = [one for one in interests.interests_of(desk, person.id) if one.person == person.id]
    names = Register(desk.connection).of({one.firm for one in own if one.firm}, desk.today(), ["name"])
    columns = [Column(say(f"web.reviews.interest.{name}", lang)) for name in ("about", "why")]
    rows = [[Cell(names.get(one.firm, {})["name"].value if "name" in names.get(one.firm, {}) else one.firm)
             if one.firm else Cell(find_case(desk, one.case).number if one.case else ""), one.detail] for one in own]
    return render(request, "reviews/interests.html", {
        "form": form, "table": table(say("web.reviews.interests", lang), columns, rows),
        "empty": say("web.reviews.no_interests", lang)}, status=422 if form.errors else 200)


def _firms(desk: Desk, name: str) -> list[str]:
    """The firms of the register that bear a name, or the one with this number; W1112 if there is none."""
    rows = desk.connection.execute(
        "SELECT DISTINCT subject FROM register_fact WHERE (name = 'name' AND lower(value) = lower(?)) OR subject = ?"
        " ORDER BY subject", (name, name)).fetchall()
    if not rows:
        raise WestlakeError.one("W1112", Place(field="firm"), name=name)
    return [row[0] for row in rows]


def _declare(request: Visit, firms: list[str], reason: str) -> None:
    desk, person = request.office.desk, request.person
    before = desk_reviewing.assignments_of(desk, person, request.roles)
    for firm in firms:
        interests.declare(desk, person, person.id, None, firm, reason)
    for task in before:
        if task.state in (*LIVE, "abstained") and interests.conflict_with(desk, find_case(desk, task.case.id), person):
            desk_reviewing.recuse(desk, find_case(desk, task.case.id), person, reason)


def give(request: Visit, found: Upload) -> HttpResponse:
    """A file of the case, always for keeping, under the name that this phase shows."""
    answer = HttpResponse(read_file(request.office.files, found), "application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, found.name)
    return answer


def seen_reading(request: Visit, case: int) -> Reading:
    """A case that this person reviews, as they are shown it; 404 for any other, whatever else they may see."""
    desk = looking(request.office.desk)
    with or_404():
        found = find_case(desk, case)
    view = view_of(desk, found, request.person, request.roles)
    if "reviewer" not in view.sides:
        raise Http404
    return Reading(found, shown_case(desk, found, view), view, desk_reviewing.state_of(desk, found, request.person.id))


def seen_file(request: Visit, case: int, file: int) -> Upload:
    """A file of a case that this person reviews."""
    found = seen_reading(request, case)
    one = next((one for one in shown_files(request.office.desk, found.case, found.view) if one.id == file), None)
    if one is None:
        raise Http404
    return one


def own_invitation(request: Visit, call: int) -> tuple[Call, Invitation]:
    """An invitation to this person that may still be answered."""
    for one in desk_reviewing.invitations_of(request.office.desk, request.person):
        if one.call == call and one.state in ("invited", "accepted"):
            return find_call(request.office.desk, call), one
    raise Http404


_BOTH = ("GET", "POST")
ROUTES = (
    route("reviews/interests/", declare, DECLARES, name="reviews.interests", methods=_BOTH),
    route("reviews/invitations/<int:call>/", invitation, READS, name="reviews.invitation", methods=_BOTH,
          object=own_invitation),
    route("reviews/cases/<int:case>/", read, READS, name="reviews.case", methods=_BOTH, object=seen_reading),
    route("reviews/cases/<int:case>/draft/", draft, READS, name="reviews.draft", methods=("POST",),
          object=seen_reading),
    route("reviews/cases/<int:case>/submit/", submit, READS, name="reviews.submit", methods=_BOTH, object=seen_reading),
    route("reviews/cases/<int:case>/abstain/", abstain, READS, name="reviews.abstain", methods=_BOTH,
          object=seen_reading),
    route("reviews/cases/<int:case>/recuse/", recuse, READS, name="reviews.recuse", methods=_BOTH, object=seen_reading),
    route("reviews/cases/<int:case>/files/<int:file>/", give, READS, name="reviews.file", object=seen_file),
)

"""A new dated value: proposed with text and reason, tried on a settled year, agreed or refused by another person."""

from __future__ import annotations

from typing import Any

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from westlake.dates import parse_day
from westlake.desk.people import find_person
from westlake.desk.plan import proposing
from westlake.desk.plan.proposing import CLASSES, Entry, Proposal
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.reports.reform import rates_above_whole
from westlake.rules import Programme, Value
from westlake.web import forms, work
from westlake.web.guards import Roles, holds, or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.office import Office
from westlake.web.pages.plan.programmes import MAY_PROPOSE, WHO, seen_value
from westlake.web.reform_trial import trial_year, tried_effect
from westlake.words import fill, say

MAY_AGREE = ("approver", "admin")
_PROPOSES = Roles(*MAY_PROPOSE)
_ENDS = Roles(*MAY_PROPOSE, *MAY_AGREE)


class EntryForm(forms.Form):
    """A dated entry: from which day, what, on which ground. A value that differs by choice asks for each."""

    in_force = fields.DateField(label="web.programmes.since", widget=fields.DateInput(attrs={"type": "date"}))
    source = fields.ChoiceField(label="web.programmes.source")
    clause = fields.CharField(label="web.programmes.clause", max_length=60, initial="unknown",
                              help_text="web.programmes.clause_hint")
    cls = fields.ChoiceField(label="web.programmes.ground", choices=[
        ("", "–"), *((one, f"web.programmes.class.{one}") for one in CLASSES)])
    reason = fields.CharField(label="web.programmes.reason", max_length=2000,
                              widget=fields.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, programme: Programme, value: Value, **more: Any) -> None:
        super().__init__(*args, **more)
        self.choices = value.choices or ("",)
        for place, choice in enumerate(self.choices):
            name = programme.choice_in_words(value.by, choice, self.lang) if choice else say(
                "web.programmes.value", self.lang)
            self.fields[f"number_{place}"] = fields.CharField(label=name, max_length=40)
        self.order_fields(["in_force", *(f"number_{place}" for place in range(len(self.choices)))])
        self.fields["source"].choices = [("", "–"), *((one.id, f"{fill(one.title, self.lang)} ({one.id})")
                                                     for one in programme.sources.values())]

    @property
    def entry(self) -> Entry:
        """What was typed, as the desk takes it."""
        given = self.cleaned_data
        texts = {choice: given[f"number_{place}"].strip() for place, choice in enumerate(self.choices)}
        return Entry(parse_day(given["in_force"].isoformat()), texts, given["source"], given["clause"].strip(),
                     given["cls"])


def propose(request: HttpRequest, found: tuple[Programme, Value]) -> HttpResponse:
    """Propose: the first button shows the change of the file, the second keeps the proposal."""
    programme, value = found
    lang = request.lang
    if not holds(request, *MAY_PROPOSE, programme=programme.name):
        raise Http404
    entry = value.on(request.office.today)
    initial: dict[str, object] = {f"number_{place}": programme.write(value.name, number)
                                  for place, number in enumerate(entry.numbers)} if entry else {}
    form = EntryForm(request.POST or None, lang=lang, programme=programme, value=value, initial=initial)
    draft = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("keep"):
                made = proposing.propose_value(request.office.desk, request.person, programme, value.name,
                                               form.entry, form.cleaned_data["reason"])
                if (year := trial_year(request.office, made)) is not None:
                    work.ask(request.office, "reform_effect", {
                        "proposal": made.id, "programme": programme.name, "year": year}, request.person)
                messages.success(request, say("web.programmes.proposed", lang))
                return redirect("programmes.proposal", made.id)
            draft = proposing.draft_of(programme, value.name, form.entry, lang)
        except WestlakeError as error:
            form.take(error)
    return render(request, "programmes/propose.html", {
        "programme": programme, "value": value, "form": form, "title": fill(programme.words.title, lang),
        "label": fill(value.words, lang), "draft": draft, "diff": diff_lines(draft.patch) if draft else [],
        "above": _above(programme, value, form.entry, lang) if draft else ""},
        status=422 if form.errors else 200)


def diff_lines(patch: str) -> list[tuple[str, str]]:
    """The lines of a diff with their kind: add, del, at or nothing."""
    kinds = {"+": "add", "-": "del", "@": "at"}
    return [(kinds.get(line[:1], ""), line) for line in patch.splitlines() if not line.startswith(("---", "+++"))]


def _above(programme: Programme, value: Value, entry: Entry, lang: str) -> str:
    """That a rate would pay more than there was, if so: as a reform of it says."""
    return rates_above_whole(programme, [value.name], lang) if proposing.above_whole(value, entry) else ""


def show(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """A proposal: the change of the text, what it would have done to the last settled year, and who decides."""
    lang, here = request.lang, request.office
    programme = here.programmes.get(proposal.programme)
    value = programme.values.get(proposal.value) if programme else None
    who = {name: find_person(here.connection, number) for name, number in (
        ("by", proposal.person), ("ended", proposal.ended_by)) if number}
    mine = proposal.person == request.person.id
    return render(request, "programmes/proposal.html", {
        "proposal": proposal, "diff": diff_lines(proposal.patch), "programme": programme,
        "title": fill(programme.words.title, lang) if programme else proposal.programme,
        "label": fill(value.words, lang) if value else proposal.value, "by": who.get("by"),
        "ended": who.get("ended"), "stale": bool(not proposal.outcome and programme
                                                 and programme.digest != proposal.before),
        "above": _above(programme, value, proposing.proposed_entry(proposal), lang) if programme and value else "",
        "may_agree": not mine and holds(request, *MAY_AGREE, programme=proposal.programme), "mine": mine,
        **_effect(proposal, here, lang)})


def decide(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Agree, refuse, or take back: whoever proposed never agrees."""
    desk, lang, how = request.office.desk, request.lang, request.POST.get("how")
    reason, person = request.POST.get("reason", "")[:2000], request.person
    if how == "withdraw":
        proposing.withdraw(desk, proposal, person, reason)
    elif not holds(request, *MAY_AGREE, programme=proposal.programme):
        raise Http404
    elif how == "agree":
        proposing.agree(desk, proposal, person, reason)
    else:
        proposing.refuse(desk, proposal, person, reason)
    messages.success(request, say(f"web.programmes.did_{how if how in ('agree', 'withdraw') else 'refuse'}", lang))
    return redirect("programmes.proposal", proposal.id)


def _effect(proposal: Proposal, here: Office, lang: str) -> dict[str, object]:
    """The result as tables, when the job is done; waiting: there is a settled year, and the job runs."""
    found = tried_effect(here, proposal)
    if found is None:
        return {"effect": None, "waiting": trial_year(here, proposal) is not None}
    if "refused" in found:
        return {"effect": found, "refused": found["refused"][lang]}
    currency, total = found["currency"], found["total"]

    def money(amount: int) -> str:
        return format_money(amount, currency, sign=True)

    names = ("value", "before", "after", "change", "better", "worse")
    columns = [Column(say(f"web.programmes.effect.{name}", lang), num=name != "value") for name in names]
    rows = [[Cell(row["value"] or say("web.programmes.effect.unknown", lang),
                  hint=say(f"reports.reform.cut.{cut}", lang)),
             money(row["before"]), money(row["after"]), money(row["after"] - row["before"]), f"{row['better']:,}",
             f"{row['worse']:,}"] for cut, group in found["groups"].items() for row in group]
    return {"effect": found, "effect_facts": [
        (say("web.programmes.effect.before", lang), money(total["before"])),
        (say("web.programmes.effect.after", lang), money(total["after"])),
        (say("web.programmes.effect.change", lang), money(total["after"] - total["before"])),
        (say("web.programmes.effect.better", lang), f"{total['better']:,}"),
        (say("web.programmes.effect.worse", lang), f"{total['worse']:,}")],
        "effect_table": table(say("web.programmes.effect.title", lang, year=found["year"]), columns, rows)}


def seen_proposal(request: HttpRequest, proposal: int) -> Proposal:
    """A proposal by number, or 404."""
    with or_404():
        return proposing.find_proposal(request.office.desk, proposal)


ROUTES = (
    route("programmes/<str:programme>/values/<str:value>/propose/", propose, _PROPOSES, name="programmes.propose",
          methods=("GET", "POST"), object=seen_value),
    route("programmes/proposals/<int:proposal>/", show, WHO, name="programmes.proposal", object=seen_proposal),
    route("programmes/proposals/<int:proposal>/decide/", decide, _ENDS, name="programmes.decide", methods=("POST",),
          object=seen_proposal),
)

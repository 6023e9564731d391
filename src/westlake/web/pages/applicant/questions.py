"""What a programme asks, as forms: each question by its kind, a few at a time, with what is wrong beside it.

The question that chooses a route comes first; those of another route are not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as fields
from django.forms.utils import ErrorDict

from westlake.database import storable
from westlake.desk.applying.deciding import asked_inputs
from westlake.desk.applying.drafting import TEXT_MAX, called
from westlake.desk.asking import Section
from westlake.desk.cases import TITLE
from westlake.desk.desk import Offered
from westlake.errors import Problem
from westlake.rules import Input, Kind
from westlake.web import forms
from westlake.words import fill, say

AT_ONCE = 6  # questions shown together
FEW = 4  # choices shown as buttons; more become a list
GROUPS = ("register", "form", "bill")  # where an answer comes from, in the order in which people are asked
PERSON = "person"  # what the group of the register is called where people apply in their own name
ROUTE = "route"  # the group before them: what the other questions depend on


@dataclass(frozen=True)
class Part:
    """Questions that belong together. name: route, register or person, form or bill; a long group has several parts."""

    name: str
    names: tuple[str, ...]
    inputs: tuple[Input, ...]


class Questions(forms.Form):
    """Some questions with the answers so far; what is wrong is told beside them and keeps nobody from going on."""

    def __init__(self, asked: Iterable[Input | Section], currency: str, lang: str, written: Mapping[str, str],
                 problems: Iterable[Problem] = ()) -> None:
        asked = list(asked)
        super().__init__(lang=lang, initial=dict(written), auto_id="%s", use_required_attribute=False)
        self.fields = {item.name: _section(item, lang) if isinstance(item, Section) else _field(item, currency, lang)
                       for item in asked}
        self.told = ErrorDict()
        for one in problems:
            if one.place.field in self.fields:
                self.told[one.place.field] = self.error_class([sentence(one, asked, lang)])

    @property
    def errors(self) -> ErrorDict:
        """What is wrong with the answers, by question."""
        return self.told


def parts_of(offered: Offered, without: Iterable[str] = (), written: Mapping[str, str] | None = None) -> list[Part]:
    """Everything that is asked, group by group, at most AT_ONCE together; the last part is not left with one.

    written: answers so far; what belongs to another route than theirs is left out.
    """
    known, choosing = set(without), {one.input for one in offered.workflow.asked_when.values()}
    asked = [item for item in asked_inputs(offered, written) if item.name not in known]
    found = []
    for group in (ROUTE, *GROUPS):
        inputs = [item for item in asked if (item.name in choosing if group == ROUTE else
                                             item.origin == group and item.name not in choosing)]
        pieces = -(-len(inputs) // AT_ONCE)
        size = -(-len(inputs) // pieces) if pieces else 0
        for start in range(0, len(inputs), size or 1):
            part = tuple(inputs[start:start + size])
            name = PERSON if group == "register" and offered.workflow.applicant == PERSON else group
            found.append(Part(name, tuple(item.name for item in part), part))
    return found


def given_by(posted: Mapping[str, Any], names: Sequence[str], most: int | None = TEXT_MAX) -> dict[str, str]:
    """The answers among what a form carried, as they were typed; without those that are longer than `most`."""
    found = {name: str(posted.get(name, "")).replace("\r\n", "\n") for name in names if name in posted}
    return {name: text for name, text in found.items() if most is None or storable(text, most)}


def sentence(problem: Problem, asked: Iterable[Input | Section], lang: str) -> str:
    """What is wrong with an answer, said with the question's own words."""
    item = next((one for one in asked if one.name == problem.place.field), None)
    if not isinstance(item, Input):
        return f"{problem.sentence(lang)}. {problem.way_out(lang)}"
    return say(f"web.ask.wrong.unreadable.{item.kind.value}" if problem.code == "W032" else "web.ask.wrong.outside",
               lang, text=str(problem.values.get("text", "")), least=str(problem.values.get("least", "")),
               most=str(problem.values.get("most", "")))


def shown(offered: Offered, name: str, text: str, lang: str) -> str:
    """An answer as people read it; what cannot be read stands as it was typed."""
    item = offered.programme.inputs.get(name)
    if item is None or item.kind is Kind.ID or not text.strip():
        return text
    try:
        return offered.programme.show(name, item.read(text, offered.programme.currency), lang)
    except (ValueError, IndexError):
        return text


def label(offered: Offered, name: str, lang: str) -> str:
    """What a question is called."""
    return say("web.ask.title", lang) if name == TITLE else fill(called(offered, name), lang)


def only_for(offered: Offered, name: str, lang: str) -> str:
    """The routes that ask a question, in words; nothing where all do."""
    route = offered.workflow.asked_when.get(name)
    if route is None:
        return ""
    chosen = [offered.programme.choice_in_words(route.input, one, lang) for one in route.choices]
    return say("web.ask.only_for", lang, routes=say("rules.list_comma", lang).join(chosen))


def _section(item: Section, lang: str) -> fields.Field:
    rows = min(max(item.most // 150, 4), 14)
    hint = say("web.ask.hint.text", lang, most=f"{item.most:,}")
    return fields.CharField(label=fill(item.words, lang), widget=fields.Textarea(attrs={
        "rows": rows, "data-most": item.most}), help_text=f"{fill(item.hint, lang)} {hint}" if item.hint else hint)


def _field(item: Input, currency: str, lang: str) -> fields.Field:
    words = fill(item.words, lang)
    hint, widget = "", fields.TextInput(attrs={"autocomplete": "off"})
    choices: list[tuple[str, str]] = []
    match item.kind:
        case Kind.BOOL:
            choices = [("true", say("rules.yes", lang)), ("false", say("rules.no", lang))]
        case Kind.CHOICE:
            choices = [(one, item.choice_words[one].get(lang) or item.choice_words[one]["en"]) for one in item.choices]
        case Kind.DAY:
            widget = fields.DateInput(attrs={"type": "date"})
        case Kind.MONEY | Kind.FINE:
            hint = say("web.ask.hint.money", lang, currency=say(f"web.ask.currency.{currency}", lang))
        case Kind.RATE:
            hint = say("web.ask.hint.rate", lang)
        case Kind.COUNT:
            hint = say("web.ask.hint.count", lang, low=item.write(item.low, currency),
                       high=item.write(item.high, currency))
        case Kind.ID:
            hint = say("web.ask.hint.id", lang)
    if choices and len(choices) <= FEW:
        return fields.ChoiceField(label=words, choices=choices, widget=fields.RadioSelect)
    if choices:
        return fields.ChoiceField(label=words, choices=[("", say("web.ask.choose", lang)), *choices])
    if item.kind in (Kind.MONEY, Kind.FINE, Kind.RATE, Kind.COUNT):
        widget.attrs["inputmode"] = "numeric" if item.kind is Kind.COUNT else "decimal"
    return fields.CharField(label=words, help_text=hint, widget=widget)

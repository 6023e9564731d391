"""What a programme asks, as forms: each question by its kind, a few at a time, with what is wrong beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as fields
from django.forms.utils import ErrorDict

from westlake.database import storable
from westlake.desk.cases import TITLE
from westlake.desk.deciding import asked_inputs
from westlake.desk.desk import Offered
from westlake.desk.drafting import TEXT_MAX
from westlake.errors import Problem
from westlake.rules import Input, Kind
from westlake.rules.kinds import write
from westlake.web import forms
from westlake.words import fill, say

AT_ONCE = 6  # questions shown together
FEW = 4  # choices shown as buttons; more become a list
GROUPS = ("register", "form", "bill")  # where an answer comes from, in the order in which people are asked


@dataclass(frozen=True)
class Part:
    """Questions that belong together. name: register, form or bill; a long group has several parts."""

    name: str
    names: tuple[str, ...]
    inputs: tuple[Input, ...]


class Questions(forms.Form):
    """Some questions with the answers so far; what is wrong is told beside them and keeps nobody from going on."""

    def __init__(self, asked: Iterable[Input], currency: str, lang: str, written: Mapping[str, str],
                 problems: Iterable[Problem] = (), prefix: str = "") -> None:
        asked = list(asked)
        super().__init__(lang=lang, initial=dict(written), auto_id=f"{prefix}%s", use_required_attribute=False)
        self.fields = {item.name: _field(item, currency, lang) for item in asked}
        self.told = ErrorDict()
        for one in problems:
            if one.place.field in self.fields:
                self.told[one.place.field] = self.error_class([sentence(one, asked, lang)])

    @property
    def errors(self) -> ErrorDict:
        """What is wrong with the answers, by question."""
        return self.told


def parts_of(offered: Offered, without: Iterable[str] = ()) -> list[Part]:
    """Everything that is asked, group by group, at most AT_ONCE together; the last part is not left with one."""
    known = set(without)
    asked = [item for item in asked_inputs(offered) if item.name not in known]
    found = []
    for group in GROUPS:
        inputs = [item for item in asked if item.origin == group]
        pieces = -(-len(inputs) // AT_ONCE)
        size = -(-len(inputs) // pieces) if pieces else 0
        for start in range(0, len(inputs), size or 1):
            part = tuple(inputs[start:start + size])
            found.append(Part(group, tuple(item.name for item in part), part))
    return found


def given_by(posted: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The answers among what a form carried, as they were typed."""
    found = {name: str(posted.get(name, "")) for name in names if name in posted}
    return {name: text for name, text in found.items() if storable(text, TEXT_MAX)}


def sentence(problem: Problem, asked: Iterable[Input], lang: str) -> str:
    """What is wrong with an answer, said with the question's own words."""
    item = next((one for one in asked if one.name == problem.place.field), None)
    if item is None:
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
    return say("web.ask.title", lang) if name == TITLE else offered.programme.in_words(name, lang)


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
            hint = say("web.ask.hint.count", lang, low=write(item.kind, item.low), high=write(item.kind, item.high))
        case Kind.ID:
            hint = say("web.ask.hint.id", lang)
    if choices and len(choices) <= FEW:
        return fields.ChoiceField(label=words, choices=choices, widget=fields.RadioSelect)
    if choices:
        return fields.ChoiceField(label=words, choices=[("", say("web.ask.choose", lang)), *choices])
    if item.kind in (Kind.MONEY, Kind.FINE, Kind.RATE, Kind.COUNT):
        widget.attrs["inputmode"] = "numeric" if item.kind is Kind.COUNT else "decimal"
    return fields.CharField(label=words, help_text=hint, widget=widget)

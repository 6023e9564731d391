"""By what a quota may ask: its fields and their values, as people call them, and whether there is such a one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.errors import Place, WestlakeError, nearest
from westlake.register.facts import FACTS, text_words
from westlake.rules.kinds import Kind
from westlake.words import LANGUAGES, Text, catalogue, say

NAMES = ("firm", "applicant")  # fields of a choice that tell who applied: a quota on one would tell it, too
OF_REGISTER = ("district", "sector", "size")  # facts by which a quota may ask, whatever the programme
LISTED = 12  # values that a way out names


def fields_of_quotas(desk: Desk, programme: str) -> list[str]:
    """The fields by which a quota of a programme may ask, each once: its choices, and where and what a firm is."""
    inputs = desk.offered(programme).programme.inputs
    own = [name for name, one in inputs.items() if one.kind is Kind.CHOICE and one.origin in ("form", "register")]
    return list(dict.fromkeys([*own, *OF_REGISTER]))


def values_of(desk: Desk, programme: str, name: str) -> list[str]:
    """The values that a field can have, as far as the form and the register say; empty where neither does."""
    inputs, fact = desk.offered(programme).programme.inputs, FACTS.get(name)
    known = list(inputs[name].choices) if name in inputs else []
    if fact is not None and fact.choices:
        return list(dict.fromkeys([*known, *fact.choices]))
    if fact is not None:
        known += [row[0] for row in desk.connection.execute(
            "SELECT DISTINCT value FROM register_fact WHERE name = ? ORDER BY value", (name,))]
    return list(dict.fromkeys(known))


def check_quotas(desk: Desk, call: Call, kept: Collection[Mapping[str, Any]] = ()) -> None:
    """Whether the call's quotas ask by what there is; kept: quotas that stood in the call before, which stay.

    W1184 for a field that no quota can ask by, W1185 for a value that the field never has; both with the nearest.
    """
    choice = call.terms.get("choice")
    fields = fields_of_quotas(desk, call.programme)
    for quota in choice.get("quotas") or [] if isinstance(choice, Mapping) else []:
        name, value = quota["field"], quota["value"]
        if quota in kept:
            continue
        if name not in fields:
            raise WestlakeError.one("W1184", Place(field="quotas"), nearest(name, fields), field=name,
                                    known=", ".join(fields))
        known = values_of(desk, call.programme, name)
        if known and value not in known:
            raise WestlakeError.one("W1185", Place(field="quotas"), nearest(value, known), value=value,
                                    field=_called(desk, call, name), known=_listed(known))


def on_offer(desk: Desk, programme: str) -> str:
    """Each field as a quota writes it, with the values that it can have: `district (north, south)`."""
    known = {name: values_of(desk, programme, name) for name in fields_of_quotas(desk, programme)}
    return ", ".join(f"{name} ({_listed(values)})" if values else name for name, values in known.items())


def _called(desk: Desk, call: Call, name: str) -> Text:
    return {lang: field_words(desk, call, name, lang) for lang in LANGUAGES}


def _listed(known: Sequence[str]) -> str:
    return ", ".join(known[:LISTED]) + (", …" if len(known) > LISTED else "")


def field_words(desk: Desk, call: Call, name: str, lang: str) -> str:
    """A field of a choice as people call it."""
    programme = desk.offered(call.programme).programme
    if name in programme.inputs and name not in NAMES:
        return programme.in_words(name, lang)
    key = f"web.reviews.field.{name}"
    return say(key, lang) if key in catalogue() else name


def value_words(desk: Desk, call: Call, name: str, value: str, lang: str) -> str:
    """A value of such a field as people call it."""
    programme = desk.offered(call.programme).programme
    if name in programme.inputs and value in programme.inputs[name].choices:
        return programme.choice_in_words(name, value, lang)
    key = f"web.firms.choice.{value}"
    if name in FACTS and FACTS[name].choices and key in catalogue():
        return say(key, lang)
    return text_words(value, lang)

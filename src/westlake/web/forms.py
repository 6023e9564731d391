"""Forms whose labels are message ids, said in the person's language, with errors told at their fields and on top."""

from __future__ import annotations

from typing import Any

from django import forms

from westlake.errors import WestlakeError
from westlake.words import catalogue, say


class Form(forms.Form):
    """A form in a language: `Form(request.POST, lang=request.lang)`. Labels and help texts are message ids."""

    def __init__(self, *args: Any, lang: str = "en", **more: Any) -> None:
        self.lang = lang
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.label = told(field.label, lang)
            field.help_text = told(field.help_text, lang)
            if isinstance(field, forms.RegexField) and field.help_text:
                field.error_messages["invalid"] = field.help_text  # which says what it is made of
            if isinstance(field, forms.ChoiceField):
                field.choices = [(value, told(label, lang)) for value, label in field.choices]

    def take(self, error: WestlakeError) -> None:
        """What a room refused, at the fields that its places name, else on top."""
        for one in error.problems:
            field = one.place.field if one.place.field in self.fields else None
            self.add_error(field, f"{one.sentence(self.lang)}. {one.way_out(self.lang)} ({one.code})")


def told(text: object, lang: str) -> str:
    """A message id in a language; any other text as it is."""
    return say(str(text), lang) if str(text) in catalogue() else str(text or "")

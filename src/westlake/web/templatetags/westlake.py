"""The words that templates use: say, money, day, instant, tag, field, paginate."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils import formats, translation
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from westlake import words
from westlake.dates import iso
from westlake.money import format_money
from westlake.register.facts import text_words
from westlake.web import office
from westlake.web.forms import told
from westlake.web.paging import Page

register = template.Library()
GOOD = {"paid", "approved", "awarded", "verified", "open", "attained", "active", "done", "released", "funded", "clean",
        "eligible", "allotted", "confirmed", "accepted", "complete", "valid"}
WARN = {"waiting", "submitted", "review", "checking", "draft", "held", "suspended", "asked", "pending", "conditional",
        "expiring", "declared", "cut", "inconclusive", "answer", "moderation"}
BAD = {"refused", "declined", "rejected", "failed", "late", "withdrawn", "lapsed", "debarred", "overdue",
       "not_attained", "invalid", "broken", "recovery", "ineligible"}


@register.simple_tag(takes_context=True)
def say(context: template.Context, message: str, /, **values: object) -> str:
    """A message id in the page's language."""
    return words.say(message, _lang(context), **values)


@register.filter
def tongue(text: str) -> str:
    """The language of a text by its letters, so that its lines break as that language's do: ko, zh, or nothing."""
    if any("가" <= sign <= "힣" for sign in text):
        return "ko"
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else ""


@register.simple_tag(takes_context=True)
def fill(context: template.Context, text: words.Text, /, **values: object) -> str:
    """A text that carries its own languages, such as a programme's title."""
    return words.fill(text, _lang(context), **values)


@register.simple_tag(takes_context=True)
def titled(context: template.Context, case: Any) -> str:
    """A case's title in the page's language: its applicant's words, or the programme's for a milestone."""
    # the pages' parts know Django's templates only through here
    from westlake.web.pages.cases.case_parts import title_of  # noqa: PLC0415

    request = context["request"]
    if not hasattr(request, "offers"):
        request.offers = {}  # a page asks for each programme once
    if case.programme not in request.offers:
        request.offers[case.programme] = office.here().desk.offered(case.programme)
    return title_of(request.offers[case.programme], case, _lang(context))


@register.filter
def money(amount: int | None, currency: str = "") -> str:
    """Minor units as people read them; nothing for nothing."""
    return "" if amount is None else format_money(amount, currency or office.here().settings.currency, sign=True)


@register.filter
def place(name: str) -> str:
    """A district or a sector of the register, as people call it."""
    return text_words(name, translation.get_language() or "en")


@register.filter
def day(number: int | None) -> str:
    """A day number as a date in the page's language."""
    return "" if number is None else _date(dt.date.fromisoformat(iso(number)))


@register.filter
def instant(at_us: int | None) -> str:
    """Microseconds UTC as date and time of the workspace's city."""
    if at_us is None:
        return ""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at_us)
    local = moment.astimezone(ZoneInfo(office.here().settings.zone))
    return f"{_date(local.date())} {local:%H:%M}"


@register.simple_tag(takes_context=True)
def tag(context: template.Context, state: str, label: str = "", kind: str = "") -> SafeString:
    """A state in its colour; its word is `label`, else web.state.<state>, else the state itself."""
    key = f"web.state.{state}"
    text = label or (words.say(key, _lang(context)) if key in words.catalogue() else state.replace("_", " "))
    return format_html('<span class="tag {}">{}</span>', kind or kind_of(state), text)


def kind_of(state: str) -> str:
    """Whether a state is good, bad or waits for somebody."""
    return next((kind for kind, states in (("good", GOOD), ("warn", WARN), ("bad", BAD)) if state in states), "")


@register.inclusion_tag("parts/field.html", takes_context=True)
def field(context: template.Context, bound: BoundField) -> dict[str, Any]:
    """A form's field with label, hint, errors and what a screen reader needs to join them."""
    lang, widget = _lang(context), bound.field.widget
    hint = bound.help_text if hasattr(bound.help_text, "__html__") else conditional_escape(told(bound.help_text, lang))
    widget.attrs.pop("placeholder", None)  # the label says it, and stays while one types
    described = " ".join(part for part, there in ((f"{bound.auto_id}_hint", hint),
                                                  (f"{bound.auto_id}_error", bound.errors)) if there)
    attrs = {"aria-describedby": described} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {"bound": bound, "label": told(bound.label, lang), "hint": hint, "group": group, "described": described,
            "check": isinstance(widget, CheckboxInput), "widget": bound.as_widget(attrs={} if group else attrs),
            "lang": lang, "optional": not bound.field.required and not group and not bound.is_hidden}


@register.inclusion_tag("parts/pager.html", takes_context=True)
def paginate(context: template.Context, page: Page) -> dict[str, Any]:
    """Links to the pages of a list."""
    return {"page": page, "lang": _lang(context), "query": f"{page.query}&" if page.query else ""}


def _lang(context: template.Context) -> str:
    request = context.get("request")
    return str(getattr(request, "lang", None) or context.get("lang") or "en")


def _date(date: dt.date) -> str:
    return formats.date_format(date, "j F Y" if (translation.get_language() or "en") == "en" else "DATE_FORMAT")

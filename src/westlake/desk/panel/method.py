"""How a call chooses, told in sentences: the same on the form that sets it, on the office's page and before the public.

Whatever the terms of a choice say, and what the programme's table makes of it, stands here once, in the order in which
it happens: reviews, score, the choice itself, its conditions, what is made known, and the appeal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from westlake.desk.calls import Call
from westlake.desk.desk import Desk
from westlake.desk.panel.candidates import read_choice
from westlake.desk.panel.quota_fields import field_words, value_words
from westlake.desk.workflow import APPLICATION, Step
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.words import fill, say

APPEAL = "appeal"  # the kind of case by which one appeals


def shown_method(desk: Desk, call: Call, lang: str) -> list[str]:
    """The same as `method` for a page that must open: nothing where programme or terms cannot be read."""
    try:
        return method(desk, call, lang)
    except WestlakeError:
        return []


def method(desk: Desk, call: Call, lang: str) -> list[str]:
    """How a call chooses, sentence by sentence. W914 for a programme that is not offered, W1045 for terms that cannot
    be read."""
    steps = desk.offered(call.programme).workflow.kinds[APPLICATION].steps
    competes = any(use.name == "chosen" for step in steps for use in step.guards)
    told = _competition(desk, call, lang) if competes else _by_rules(desk, call, lang)
    return [*told, *_afterwards(desk, call, steps, competes, lang)]


def _by_rules(desk: Desk, call: Call, lang: str) -> Iterator[str]:
    yield say("desk_method.by_rules", lang)
    terms = desk.offered(call.programme).terms
    shared = terms.source == "bills" and terms.way == "pro_rata"
    yield say("desk_method.pro_rata" if shared else "desk_method.while_it_lasts", lang)


def _competition(desk: Desk, call: Call, lang: str) -> Iterator[str]:
    workflow = desk.offered(call.programme).workflow
    choice = read_choice(workflow, call, {})
    if workflow.criteria:
        comma = say("rules.list_comma", lang)
        yield say("desk_method.reviews", lang, reviews=_term(desk, call, "reviews_per_case"), criteria=comma.join(
            say("desk_method.criterion", lang, name=fill(one.words, lang), weight=f"{one.weight / 10_000:g}")
            for one in workflow.criteria))
        phases = call.terms.get("phases")
        if isinstance(phases, list) and any("applicant" in one["hides"] for one in phases):
            yield say("desk_method.blind", lang)
        yield say(f"desk_method.score.{choice['score']}", lang)
    if choice["threshold"]:
        yield say("desk_method.threshold", lang, points=f"{choice['threshold'] / 1000:g}")
    yield from _choosing(choice, lang)
    for quota in choice["quotas"]:
        yield _quota(desk, call, quota, lang)
    for name in choice["one_per"]:
        yield say("desk_method.one_per", lang, field=field_words(desk, call, name, lang))
    if _term(desk, call, "reserve_places"):
        yield say("desk_method.reserve", lang, places=_term(desk, call, "reserve_places"))


def _choosing(choice: Mapping[str, Any], lang: str) -> Iterator[str]:
    """The choice itself."""
    if choice["mode"] == "optimal":
        yield say(f"desk_method.best.{choice['objective']}", lang)
        yield say("desk_method.best_says", lang)
        return
    drawn = choice["mode"] == "lottery"
    yield say(f"desk_method.lottery.{choice['lottery']}" if drawn else "desk_method.ranked", lang)
    yield say(f"desk_method.edge.{choice['edge']}", lang)
    if drawn:
        yield say("desk_method.repeatable", lang)


def _quota(desk: Desk, call: Call, quota: Mapping[str, Any], lang: str) -> str:
    limits = [say(f"desk_method.limit.{name}", lang, number=_figure(name, value, call.currency))
              for name, value in quota.items() if name not in ("field", "value") and value is not None]
    return say("desk_method.quota", lang, field=field_words(desk, call, quota["field"], lang),
               value=value_words(desk, call, quota["field"], quota["value"], lang),
               limits=say("rules.list_comma", lang).join(limits))


def _figure(name: str, value: int, currency: str) -> str:
    if name.endswith("ppm"):
        return f"{value / 10_000:g}%"
    return format_money(value, currency, sign=True) if name.endswith("amount") else f"{value:,}"


def _afterwards(desk: Desk, call: Call, steps: tuple[Step, ...], competes: bool, lang: str) -> Iterator[str]:
    """When it is decided, what is made known, and how one appeals."""
    used = {use.name for step in steps for use in step.guards}
    if _term(desk, call, "decision_days"):
        yield say("desk_method.decision", lang, days=_term(desk, call, "decision_days"))
    if "notice_over" in used and _term(desk, call, "objection_days"):
        yield say("desk_method.objections", lang, days=_term(desk, call, "objection_days"))
    if competes and desk.offered(call.programme).workflow.criteria:
        yield say("desk_method.told", lang)
    for step in steps:
        within = next((use.given[0] for use in step.guards if use.name == "within_days"), "")
        if within and any(use.name == "follow" and APPEAL in use.given for use in step.effects):
            once = any(use.name == "unanswered" for use in step.guards)
            yield say("desk_method.appeal_once" if once else "desk_method.appeal", lang, days=_term(desk, call, within))


def _term(desk: Desk, call: Call, name: str) -> int:
    """A term as the call sets it, or its programme."""
    return call.number(name) if name in call.terms else desk.offered(call.programme).workflow.terms[name]

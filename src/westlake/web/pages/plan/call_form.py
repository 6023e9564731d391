"""The form of a call: its texts, days, money, terms, choice and phases, read from a page and written back to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django import forms as fields
from django.http import HttpRequest

from westlake.dates import micros_of
from westlake.desk.calls import HIDES, Call
from westlake.desk.desk import Desk
from westlake.desk.panel.quota_fields import check_quotas
from westlake.desk.panel.terms import EDGES, MODES, OBJECTIVES
from westlake.desk.workflow import TERMS
from westlake.errors import Place, WestlakeError
from westlake.evaluation.power import Detectable, detectable_at_cutoff, detectable_by_lottery
from westlake.money import format_money, parse_money
from westlake.web import forms
from westlake.words import LANGUAGES

CHOICE = ("mode", "objective", "edge", "quotas", "threshold")  # of the terms of a choice, those that the form asks for
PHASES = 3  # rows for phases on the page
QUOTA_KEYS = ("least_count", "most_count", "least_share", "most_share", "least_amount", "most_amount")
_LOCAL = "%Y-%m-%dT%H:%M"


def _moment(label: str, required: bool = True) -> fields.CharField:
    return fields.CharField(label=label, required=required, max_length=19,
                            widget=fields.TextInput(attrs={"type": "datetime-local"}))


class CallForm(forms.Form):
    """What a call says. The programme and the code are fixed once it is written down."""

    programme = fields.ChoiceField(label="web.calls.programme")
    code = fields.RegexField(r"^[\w\-]{2,30}$", label="web.calls.code", help_text="web.calls.code_hint")
    year = fields.IntegerField(label="web.calls.year", min_value=2000, max_value=2200)
    opens = _moment("web.calls.opens")
    closes = _moment("web.calls.closes")
    budget = fields.CharField(label="web.calls.budget", max_length=30, help_text="web.calls.budget_hint")
    mode = fields.ChoiceField(label="web.calls.mode", choices=[(one, f"web.calls.modes.{one}") for one in MODES])
    objective = fields.ChoiceField(label="web.calls.objective",
                                   choices=[(one, f"web.calls.objectives.{one}") for one in OBJECTIVES])
    threshold = fields.DecimalField(label="web.calls.threshold", min_value=0, max_value=1000, decimal_places=3,
                                    required=False, help_text="web.calls.threshold_hint")
    edge = fields.ChoiceField(label="web.calls.edge", choices=[(one, f"web.calls.edges.{one}") for one in EDGES])
    quotas = fields.CharField(label="web.calls.quotas", required=False, max_length=2000,
                              widget=fields.Textarea(attrs={"rows": 3}))
    applicants = fields.IntegerField(label="web.calls.applicants", min_value=2, max_value=1_000_000, required=False,
                                     help_text="web.calls.applicants_hint")
    places = fields.IntegerField(label="web.calls.places", min_value=1, max_value=1_000_000, required=False)
    reason = fields.CharField(label="web.calls.reason", max_length=1000, required=False,
                              widget=fields.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, offered: list[tuple[str, str]], call: Call | None = None, looks: bool = False,
                 **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["programme"].choices = offered
        if call is not None:
            for name in ("programme", "code", "year"):
                del self.fields[name]
            self.fields["reason"].required = call.announced and not looks
        else:
            del self.fields["reason"]

    def group(self, *names: str) -> list[Any]:
        """The fields of one part of the page."""
        return [self[name] for name in names if name in self.fields]

    @property
    def parts(self) -> list[tuple[str, list[Any]]]:
        """The form in the order of the page: heading's message id, fields."""
        return [
            ("web.calls.part_what", self.group("programme", "code", "year", *(f"title_{lang}" for lang in LANGUAGES),
                                               *(f"summary_{lang}" for lang in LANGUAGES))),
            ("web.calls.part_when", self.group("opens", "closes")),
            ("web.calls.part_money", self.group("budget", "mode", "objective", "threshold", "edge", "quotas")),
            ("web.calls.part_proof", self.group("applicants", "places")),
            ("web.calls.part_terms", self.group(*(f"term_{name}" for name in TERMS)))]

    @property
    def phases(self) -> list[list[Any]]:
        """The rows for phases."""
        return [self.group(*(f"phase_{part}_{number}" for part in ("first", "last", "hides")))
                for number in range(1, PHASES + 1)]


def _more_fields() -> dict[str, fields.Field]:
    """The fields that come once for each language, term or phase."""
    found: dict[str, fields.Field] = {}
    for lang in LANGUAGES:
        found[f"title_{lang}"] = fields.CharField(label=f"web.calls.title_{lang}", max_length=200,
                                                  widget=fields.TextInput(attrs={"lang": lang}))
        found[f"summary_{lang}"] = fields.CharField(label=f"web.calls.summary_{lang}", max_length=4000, required=False,
                                                    widget=fields.Textarea(attrs={"rows": 3, "lang": lang}))
    for name in TERMS:
        found[f"term_{name}"] = fields.IntegerField(label=f"web.calls.terms.{name}", min_value=0, max_value=10_000)
    for number in range(1, PHASES + 1):
        found[f"phase_first_{number}"] = _moment("web.calls.phase_first", False)
        found[f"phase_last_{number}"] = _moment("web.calls.phase_last", False)
        found[f"phase_hides_{number}"] = fields.MultipleChoiceField(
            label="web.calls.phase_hides", required=False, widget=fields.CheckboxSelectMultiple,
            choices=[(one, f"web.calls.hides.{one}") for one in HIDES])
    return found


CallForm.base_fields |= _more_fields()


def read_moment(desk: Desk, text: str, field: str) -> int:
    """Microseconds UTC of a time of the office's own clock; W1073 for none, or for one that the clock skips."""
    zone = ZoneInfo(desk.zone)
    try:
        moment = dt.datetime.strptime(text[:16], _LOCAL).replace(tzinfo=zone)
        there = moment.astimezone(dt.UTC).astimezone(zone)
        if there.strftime(_LOCAL) != text[:16]:
            raise ValueError(text)
    except ValueError as error:
        raise WestlakeError.one("W1073", Place(field=field), text=text[:30]) from error
    return micros_of(moment)


def write_moment(desk: Desk, at: int) -> str:
    """An instant as a field for date and time shows it, by the office's clock."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)
    return moment.astimezone(ZoneInfo(desk.zone)).strftime(_LOCAL)


def read_call(desk: Desk, given: Mapping[str, Any], call: Call | None = None) -> Call:
    """The call that a form describes, not kept: a new one, or one as it would be changed.

    As read_terms and read_moment; W1184, W1185 for a quota on what there is not, but for those that the call had.
    """
    programme = call.programme if call else str(given["programme"])
    currency = call.currency if call else desk.offered(programme).programme.currency
    terms = read_terms(desk, given, currency)
    days = read_moment(desk, str(given["opens"]), "opens"), read_moment(desk, str(given["closes"]), "closes")
    if call is None:
        plain = plain_call(desk, programme)
        found = replace(plain, code=given["code"], year=given["year"], opens_at=days[0], closes_at=days[1],
                        terms={**plain.terms, **terms})
        check_quotas(desk, found)
        return found
    before = _mapping(call.terms.get("choice"))
    terms["choice"] = {name: one for name, one in before.items() if name not in CHOICE} | terms["choice"]
    found = replace(call, opens_at=days[0], closes_at=days[1], terms={**call.terms, **terms})
    check_quotas(desk, found, before.get("quotas") or [])
    return found


def plain_call(desk: Desk, programme: str) -> Call:
    """A call that says nothing beyond what its programme says; it is not kept."""
    offered = desk.offered(programme)
    return Call(0, "", programme, 0, offered.programme.currency, 0, False, 0, 0, 0, offered.programme.digest,
                offered.programme.regime, {**offered.workflow.terms, "choice": dict(offered.workflow.choice)}, 0)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def read_terms(desk: Desk, given: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The terms of a call from its form. W1073 for a time, W1074 for an amount, a quota or a phase that cannot be read,
    or for more places than applicants. Who expects neither leaves both out."""
    try:
        budget = parse_money(given["budget"], currency)
    except ValueError as error:
        raise WestlakeError.one("W1074", Place(field="budget"), text=given["budget"]) from error
    expected = {name: given[name] for name in ("applicants", "places") if given[name] is not None}
    if len(expected) == 2 and expected["places"] >= expected["applicants"]:
        raise WestlakeError.one("W1074", Place(field="places"), text=given["places"])
    choice = {"mode": given["mode"], "objective": given["objective"], "edge": given["edge"],
              "quotas": read_quotas(given["quotas"])}
    if given["threshold"] is not None:
        choice["threshold"] = f"{given['threshold']:f}"
    return {
        "title": {lang: given[f"title_{lang}"].strip() for lang in LANGUAGES},
        "summary": {lang: given[f"summary_{lang}"].strip() for lang in LANGUAGES},
        "budget": budget, "phases": _read_phases(desk, given),
        "choice": choice, **{name: given[f"term_{name}"] for name in TERMS},
        "expected": expected}


def _read_phases(desk: Desk, given: Mapping[str, Any]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number in range(1, PHASES + 1):
        first, last, hides = (given[f"phase_{part}_{number}"] for part in ("first", "last", "hides"))
        if not first and not last:
            continue
        begins, ends = (read_moment(desk, text, f"phase_{part}_{number}") for part, text in (
            ("first", first), ("last", last)))
        if begins >= ends:
            raise WestlakeError.one("W1074", Place(field=f"phase_last_{number}"), text=last)
        found.append({"first": begins, "last": ends, "hides": list(hides)})
    return found


def read_quotas(text: str) -> list[dict[str, str]]:
    """One quota a line: `district = south; least_count 2; most_share 40%`. W1074 for a line that is not one,
    W1182 for a share without its %."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        head, *limits = [part.strip() for part in line.split(";")]
        name, equals, value = head.partition("=")
        quota = {"field": name.strip(), "value": value.strip()}
        for limit in limits:
            key, _, amount = limit.partition(" ")
            if key not in QUOTA_KEYS or not amount.strip():
                equals = ""
            elif key.endswith("_share") and not amount.strip().endswith("%"):  # 40 may as well mean 40 cases
                raise WestlakeError.one("W1182", Place(field="quotas"), text=line[:60], limit=key,
                                        amount=amount.strip())
            quota[key] = amount.strip()
        if not equals or not quota["field"] or not quota["value"] or not limits:
            raise WestlakeError.one("W1074", Place(field="quotas"), text=line[:60])
        found.append(quota)
    return found


def write_quotas(quotas: object) -> str:
    """Quotas as the form shows them, one a line."""
    lines = []
    for quota in quotas if isinstance(quotas, list) else []:
        limits = [f"{key} {value}" for key, value in quota.items() if key not in ("field", "value")]
        lines.append("; ".join([f"{quota.get('field')} = {quota.get('value')}", *limits]))
    return "\n".join(lines)


def initial_of(request: HttpRequest, call: Call | None, programme: str) -> dict[str, object]:
    """What the form shows before anything is typed: the call as it stands, or what the programme says."""
    desk = request.office.desk
    offered = desk.offered(programme)
    terms: Mapping[str, Any] = call.terms if call else {**offered.workflow.terms,
                                                        "choice": dict(offered.workflow.choice)}
    choice, expected = dict(terms.get("choice") or {}), terms.get("expected") or {}
    budget = terms.get("budget")
    found: dict[str, object] = {
        "programme": programme, "year": int(write_moment(desk, desk.now())[:4]),
        "budget": format_money(budget, offered.programme.currency).replace(",", "") if isinstance(budget, int) else "",
        "quotas": write_quotas(choice.get("quotas")),
        **{name: choice.get(name) for name in ("mode", "objective", "edge", "threshold")},
        **{f"term_{name}": terms.get(name, TERMS[name]) for name in TERMS},
        **{name: expected.get(name) for name in ("applicants", "places")}}
    if call:
        found |= {"opens": write_moment(desk, call.opens_at), "closes": write_moment(desk, call.closes_at)}
        for lang in LANGUAGES:
            found |= {f"{name}_{lang}": (terms.get(name) or {}).get(lang, "") for name in ("title", "summary")}
        for number, phase in enumerate(terms.get("phases") or [], 1):
            found |= {f"phase_{part}_{number}": write_moment(desk, phase[part]) for part in ("first", "last")}
            found[f"phase_hides_{number}"] = phase["hides"]
    return found


def detectable(terms: Mapping[str, Any]) -> Detectable | None:
    """The smallest effect that the call's design could show; nothing where it expects too few on one side, or does not
    say how many it expects."""
    expected, choice = terms.get("expected") or {}, terms.get("choice") or {}
    places, applicants = expected.get("places", 0), expected.get("applicants", 0)
    try:
        design = detectable_by_lottery if choice.get("mode") == "lottery" else detectable_at_cutoff
        return design(places, applicants - places)
    except WestlakeError:
        return None

"""An act of the record as people read it: who did what to which thing, and what changed, from what to what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from westlake.database import rows_among
from westlake.dates import DAY_MAX, DAY_MIN, iso
from westlake.desk.cases import COLUMNS, Case
from westlake.desk.desk import Desk
from westlake.desk.paying import recovering
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.record.record import Act
from westlake.rules.kinds import write_points
from westlake.web.pages.audit import audit as room
from westlake.web.pages.cases.cases import WHO
from westlake.web.pages.money.money import firm_names
from westlake.web.pages.money.money import titles as named_programmes
from westlake.web.templatetags.westlake import instant
from westlake.web.visit import Visit
from westlake.words import LANGUAGES, catalogue, fill, say

AMOUNTS = frozenset({"amount", "asked", "claim", "entitlement", "earned", "held", "budget", "allotted", "recovered",
                     "free", "lapsed", "carried_over", "owed", "repaid", "set_off", "written_off", "released",
                     "change", "due_again", "promised_again", "not_promised"})
AMOUNTS_OF = {"settlement.approved": {"paid"}, "desk.batch_made": {"total"}, "desk.batch_released": {"total"}}
INSTANTS = frozenset({"opens_at", "closes_at", "submitted_at", "factor_at", "recorded_at", "valid_until", "until"})
DAYS = frozenset({"day", "due", "first_day", "last_day", "usable_from", "learnt", "last"})
PEOPLE = frozenset({"person", "reviewer", "applicant", "asked_by", "checked_by", "standing_in_for"})
HASHES = frozenset({"digest", "sha256", "csv_sha256", "sealed", "hash", "version"})
BORING = frozenset({"from", "to", "changes", "seq", "said", "sealed", "outcomes", "role"})  # told elsewhere, or seals
LONG = 140  # characters of a value
AN_INSTANT = 10**14  # microseconds: any day since 1973; as an amount beyond what an office holds
_HISTORY = ("case:", "call:")  # subjects of which earlier acts say what stood before


@dataclass(frozen=True)
class Change:
    """One field: what stood there and what stands there now; before is empty where nothing is known to have stood."""

    label: str
    after: str
    before: str = ""


@dataclass(frozen=True)
class Story:
    """An act in words. what: the deed; subject, href: what it was done to; changes; raw: the details as they are kept,
    for who may read them."""

    act: Act
    who: str
    what: str
    subject: str
    href: str
    changes: Sequence[Change] = ()
    personal: Sequence[tuple[str, str]] = ()
    raw: str = ""

    @property
    def told(self) -> str:
        """What changed, on one line."""
        parts = [f"{one.label}: {one.before} → {one.after}" if one.before else f"{one.label}: {one.after}"
                 for one in self.changes]
        return "; ".join([*parts, *(f"{label}: {value}" for label, value in self.personal)])


@dataclass
class _Known:
    """What the acts of a page speak of, looked up once."""

    cases: Mapping[str, Case]
    calls: Mapping[str, tuple[int, str, str]]  # id, code, currency
    people: Mapping[int, str]
    firms: Mapping[str, str]
    before: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  # act → what stood there before it


def stories(request: Visit, found: Sequence[Act], rows: Sequence[Mapping[str, Any]], raw: bool) -> list[Story]:
    """The acts of a page in words. rows: the same with the personal values that the reader may see; raw: with what is
    kept of them."""
    desk = request.office.desk
    known, who = _known(request, desk, found), room.doers(request, found)
    made = []
    for act, row in zip(found, rows, strict=True):
        label, href = _subject(request, act, known)
        made.append(Story(
            act, who[act.actor], _deed(request, desk, act, known), label, href,
            list(_changes(request, desk, act, known)),
            [(key_words(name, request.lang), str(value)) for name, value in row["personal"].items()],
            json.dumps(act.details, ensure_ascii=False, indent=1, sort_keys=True) if raw and act.details else ""))
    return made


def _known(request: Visit, desk: Desk, found: Sequence[Act]) -> _Known:
    def named(kind: str) -> list[int]:
        texts = {act.subject.removeprefix(f"{kind}:") for act in found if act.subject.startswith(f"{kind}:")}
        return [int(text) for text in texts if text.isdecimal() and len(text) < 12]

    sql = f"SELECT {COLUMNS} FROM desk_case WHERE id IN ({{keys}})"
    cases = [Case(*row) for row in rows_among(desk.connection, sql, named("case"))]
    calls = rows_among(desk.connection, "SELECT id, code, currency FROM desk_call WHERE id IN ({keys})", named("call"))
    numbers = {number for act in found for name, number in _flat(act.details) if name.rpartition(".")[2] in PEOPLE
               and isinstance(number, int)}
    firms = {str(act.details["firm"]) for act in found if act.details.get("firm")}
    return _Known({f"case:{one.id}": one for one in cases}, {f"call:{row[0]}": tuple(row) for row in calls},
                  room.names(request, {*numbers, *named("person")}), firm_names(desk, firms), _before(desk, found))


def _before(desk: Desk, found: Sequence[Act]) -> dict[int, dict[str, Any]]:
    """For each act, what earlier acts on the same subject left standing, field by field; of a call, its plans only."""
    subjects = {act.subject for act in found if act.subject.startswith(_HISTORY)}
    last = max((act.id for act in found), default=0)
    wanted, standing, told = {act.id for act in found}, dict[str, dict[str, Any]](), dict[int, dict[str, Any]]()
    sql = (f"SELECT id, subject, act, details FROM act WHERE subject IN ({{keys}}) AND id <= {last}"
           " AND (act = 'desk.call_set' OR substr(subject, 1, 5) = 'case:')")
    for number, subject, name, details in sorted(rows_among(desk.connection, sql, sorted(subjects))):
        held = standing.setdefault(subject, {})
        if number in wanted:
            told[number] = dict(held)
        held.update(_set_by(name, json.loads(details)))
    return told


def _set_by(name: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an act sets: all of a plan, the changes of a step, what a case was opened with."""
    if name == "desk.call_set":
        return dict(_flat(details))
    if name == "desk.case_opened":
        return {one: details[one] for one in ("amount", "due") if one in details}
    return dict(_flat(details.get("changes") or {}))


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Fields with the fields above them: terms.budget."""
    for name, inner in value.items():
        if isinstance(inner, Mapping) and not _is_text(inner):
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", inner


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_text(value: object) -> bool:
    """Whether it is one text in several languages."""
    return isinstance(value, Mapping) and bool(value) and set(value) <= set(LANGUAGES)


def _deed(request: Visit, desk: Desk, act: Act, known: _Known) -> str:
    """What was done: a step by its programme's word, anything else by ours; as it is written where there is none."""
    lang, (_, _, last) = request.lang, act.act.partition(".")
    case = known.cases.get(act.subject)
    if case is not None and "from" in act.details:
        try:
            return desk.offered(case.programme).workflow.word("step", last, lang)
        except WestlakeError:  # a programme that is not offered any more has no words here
            return last
    key = f"web.audit.deed.{act.act.replace('.', '_')}"
    return say(key, lang) if key in catalogue() else act.act


def _subject(request: Visit, act: Act, known: _Known) -> tuple[str, str]:
    """What it was done to, and where that is shown to whoever may look there; a draft is its writer's."""
    kind, _, number = act.subject.partition(":")
    if case := known.cases.get(act.subject):
        handed_in = case.submitted_at is not None or case.kind != APPLICATION
        return case.number, f"/cases/{number}/" if handed_in and WHO.admits(request) else ""
    if act.subject in known.calls:
        return known.calls[act.subject][1], f"/calls/{number}/"
    if kind == "person" and number.isdecimal():
        return known.people.get(int(number), act.subject), ""
    return act.subject, ""


def _changes(request: Visit, desk: Desk, act: Act, known: _Known) -> Iterator[Change]:
    lang, before, case = request.lang, known.before.get(act.id, {}), known.cases.get(act.subject)
    titles = named_programmes(request)
    currency = case.currency if case else known.calls.get(act.subject, (0, "", ""))[2] or str(
        act.details.get("currency") or request.office.settings.currency)

    def told(name: str, value: Any) -> str:
        if name == "programme" and value in titles:
            return titles[value]
        if name == "kind" and case is not None and isinstance(value, str):
            return _kind(desk, case, value, lang)
        return value_words(act.act, name, value, currency, known, lang)

    if case is not None and "to" in act.details and act.details.get("from") != act.details["to"]:
        try:
            words = desk.offered(case.programme).workflow
            states = [words.word("state", str(act.details[name]), lang) for name in ("from", "to")]
        except WestlakeError:
            states = [str(act.details[name]) for name in ("from", "to")]
        yield Change(say("web.audit.key.state", lang), states[1], states[0])
    changes: Mapping[str, Any] = {}
    if act.act == "desk.call_set":
        flat = [(name, value) for name, value in _flat(act.details) if before.get(name) != value]
    else:
        changes, said = (dict(_flat(_mapping(act.details.get(name)))) for name in ("changes", "said"))
        own = dict(_flat({name: value for name, value in act.details.items() if name not in BORING}))
        flat = list({**own, **said, **changes}.items())
    claims = _claims_back(desk, case, act)
    for name, value in flat:
        if name == "seq" or (value in (None, "", [], {}) and not before.get(name)):
            continue
        was = before.get(name) if act.act == "desk.call_set" or name in changes else None  # saying changes nothing
        yield Change(key_words("claimed" if claims and name == "amount" else name, lang), told(name, value),
                     told(name, was) if was not in (None, "", [], {}, value) else "")


def _claims_back(desk: Desk, case: Case | None, act: Act) -> bool:
    """Whether an act opened a case that asks money back."""
    if case is None or "opened" not in act.details:
        return False
    try:
        step = desk.offered(case.programme).workflow.kinds[case.kind].step(
            act.act.partition(".")[2], str(act.details.get("from")))
    except WestlakeError:
        return False
    return step is not None and any(use.given == (recovering.KIND,) for use in step.effects)


def _kind(desk: Desk, case: Case, kind: str, lang: str) -> str:
    try:
        return desk.offered(case.programme).workflow.word("kind", kind, lang)
    except WestlakeError:
        return kind


def key_words(name: str, lang: str) -> str:
    """What people call a field of an act; as it is written, without underscores, where nobody does."""
    last = name.rpartition(".")[2]
    key = f"web.audit.key.{last}"
    return say(key, lang) if key in catalogue() else last.replace("_", " ")


def value_words(act: str, name: str, value: Any, currency: str, known: _Known, lang: str) -> str:
    """A value as people read it: amounts, instants and days as such, people and firms by name."""
    last = name.rpartition(".")[2]
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return say(f"web.audit.{'yes' if value else 'no'}", lang)
    if _is_text(value):
        return fill(value, lang)
    if isinstance(value, int):
        return _number(act, last, value, currency, known, lang)
    if isinstance(value, list):
        text = ", ".join(value_words(act, name, one, currency, known, lang) if not isinstance(one, dict) else
                         _together(act, one, currency, known, lang) for one in value[:12])
        text += f" … ({len(value):,})" if len(value) > 12 else ""
    elif last == "firm":
        text = known.firms.get(str(value), str(value))
    elif last in HASHES:
        return f"{str(value)[:12]}…"
    else:
        text = say(f"web.role.{value}", lang) if last == "role" and f"web.role.{value}" in catalogue() else str(value)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _together(act: str, row: Mapping[str, Any], currency: str, known: _Known, lang: str) -> str:
    return "; ".join(f"{key_words(name, lang)} {value_words(act, name, value, currency, known, lang)}"
                     for name, value in row.items())


def _number(act: str, last: str, value: int, currency: str, known: _Known, lang: str) -> str:
    if last in AMOUNTS or last in AMOUNTS_OF.get(act, ()):
        return format_money(value, currency, sign=True)
    if last in INSTANTS or value > AN_INSTANT:
        return instant(value)
    if last in DAYS and DAY_MIN < value < DAY_MAX:
        return iso(value)
    if last in PEOPLE:
        return known.people.get(value, str(value))
    if act == "desk.review_submitted" and last == "total":
        return write_points(value)
    return f"{value:,}"

"""Calls: announced, open from one instant to another, and every change of their terms kept with its reason."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from westlake.database import Refused, rows_among, transaction
from westlake.desk.desk import Desk
from westlake.desk.people import Person
from westlake.errors import Place, WestlakeError
from westlake.settlement.versions import archive
from westlake.words import LANGUAGES

HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000
HIDES = ("applicant", "other_reviews", "scores", "reviewers")  # what a phase may keep from people
_CALL = ("SELECT c.id, c.code, c.programme, c.year, c.currency, t.seq, t.announced, t.opens_at, t.closes_at,"
         " t.corrects_until, t.digest, t.regime, t.terms, c.made_by FROM desk_call c JOIN desk_call_terms t"
         " ON t.call = c.id AND t.seq = (SELECT max(seq) FROM desk_call_terms u WHERE u.call = c.id)")


@dataclass(frozen=True)
class Call:
    """A call under the terms that now hold. terms: title and summary in three languages, budget (minor units),
    whole numbers by name (workflow.TERMS), `choice`, `phases` and what its design was expected to show."""

    id: int
    code: str
    programme: str
    year: int
    currency: str
    seq: int
    announced: bool
    opens_at: int
    closes_at: int
    corrects_until: int
    digest: str
    regime: str
    terms: Mapping[str, object]
    made_by: int

    def state(self, at: int) -> str:
        """planned, announced, open or closed, at an instant; it closes at its very last instant."""
        if not self.announced:
            return "planned"
        if at < self.opens_at:
            return "announced"
        return "open" if at < self.closes_at else "closed"

    def text(self, name: str, lang: str) -> str:
        """Its title or summary in a language."""
        words = self.terms.get(name)
        return str(words.get(lang) or words.get("en") or "") if isinstance(words, dict) else ""

    def number(self, name: str) -> int:
        """One of the whole numbers that its terms set."""
        value = self.terms.get(name, 0)
        return value if isinstance(value, int) else 0

    def hides(self, what: str, at: int) -> bool:
        """Whether a phase that runs at this instant keeps something from people: see HIDES."""
        phases = self.terms.get("phases", [])
        assert isinstance(phases, list)
        return any(phase["first"] <= at < phase["last"] and what in phase["hides"] for phase in phases)


def plan_call(desk: Desk, person: Person, programme: str, code: str, year: int, opens_at: int, closes_at: int,
              terms: Mapping[str, object], reason: str = "") -> Call:
    """Write down a call that nobody sees yet. W915 for a code that is taken, W916 for days that do not follow, W917
    for a title that is missing in a language."""
    offered = desk.offered(programme)
    given = {**offered.workflow.terms, "choice": dict(offered.workflow.choice), "phases": [], **terms}
    try:
        with transaction(desk.connection):
            row = desk.connection.execute(
                "INSERT INTO desk_call (code, programme, year, currency, made_by, made_at) VALUES (?,?,?,?,?,?)"
                " RETURNING id", (code, programme, year, offered.programme.currency, person.id, desk.now())).fetchone()
            _write(desk, person, row[0], 1, code, False, opens_at, closes_at, given, programme, reason)
    except Refused as error:
        raise WestlakeError.one("W915", Place(field="code"), code=code) from error
    return find_call(desk, row[0])


def change_call(desk: Desk, call: Call, person: Person, reason: str, *, announced: bool | None = None,
                opens_at: int | None = None, closes_at: int | None = None,
                terms: Mapping[str, object] | None = None) -> Call:
    """Change a call: announce it, move its days, set its terms. Once it is announced a reason is needed (W918), it is
    never hidden again, and what has closed is not opened again by an earlier day (W916)."""
    if call.announced and not reason.strip():
        raise WestlakeError.one("W918", Place(field="reason"))
    first = call.opens_at if opens_at is None else opens_at
    last = call.closes_at if closes_at is None else closes_at
    # A form shows whole minutes: what is within one was not meant to move.
    first, last = (was if abs(now - was) < MINUTE_US else now
                   for was, now in ((call.opens_at, first), (call.closes_at, last)))
    shown = call.announced or bool(announced)
    if call.announced and last < min(call.closes_at, desk.now()):
        raise WestlakeError.one("W916", Place(field="closes_at"))
    with transaction(desk.connection):
        if find_call(desk, call.id).seq != call.seq:
            raise WestlakeError.one("W919", number=call.code)
        _write(desk, person, call.id, call.seq + 1, call.code, shown, first, last, {**call.terms, **(terms or {})},
               call.programme, reason)
    return find_call(desk, call.id)


def _write(desk: Desk, person: Person, number: int, seq: int, code: str, announced: bool, opens_at: int, closes_at: int,
           terms: Mapping[str, object], programme: str, reason: str) -> None:
    if opens_at >= closes_at:
        raise WestlakeError.one("W916", Place(field="closes_at"))
    title = terms.get("title")
    if not isinstance(title, dict) or not all(str(title.get(lang, "")).strip() for lang in LANGUAGES):
        raise WestlakeError.one("W917", Place(field="title"))
    version = desk.offered(programme).programme
    archive(desk.connection, version)
    hours = terms.get("correction_hours", 0)
    assert isinstance(hours, int)
    text = json.dumps(terms, ensure_ascii=False, sort_keys=True)
    desk.connection.execute("INSERT INTO desk_call_terms VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (
        number, seq, int(announced), opens_at, closes_at, closes_at + hours * HOUR_US, version.digest, version.regime,
        text, person.id, desk.now(), reason))
    desk.record.add(person.actor, "desk.call_set", f"call:{number}", {
        "code": code, "seq": seq, "announced": announced, "opens_at": opens_at, "closes_at": closes_at,
        "terms": json.loads(text), "reason": reason}, version.digest)


def check_taken_in(desk: Desk, call: Call) -> None:
    """W1180 while the call still takes applications or their corrections, as it promised: nothing is chosen before."""
    if call.opens_at <= desk.now() < call.corrects_until:
        raise WestlakeError.one("W1180", code=call.code, until=_told(call.corrects_until, desk.zone))


def _told(at: int, zone: str) -> str:
    """An instant by the office's clock"""
    there = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    return f"{there:%Y-%m-%d %H:%M}"


def find_call(desk: Desk, number: int) -> Call:
    """A call by number; W920 if there is none."""
    found = calls_among(desk, [number])
    if number not in found:
        raise WestlakeError.one("W920", what=f"call {number}")
    return found[number]


def calls_among(desk: Desk, numbers: Iterable[int]) -> dict[int, Call]:
    """Several calls by number, in one question."""
    return {row[0]: _call(row) for row in rows_among(desk.connection, f"{_CALL} WHERE c.id IN ({{keys}})",
                                                     sorted(set(numbers)))}


def calls(desk: Desk, programme: str = "") -> list[Call]:
    """All calls, or those of one programme, the last to close first."""
    rows = desk.connection.execute(f"{_CALL} WHERE ? IN ('', c.programme) ORDER BY t.closes_at DESC, c.id DESC",
                                   (programme,))
    return [_call(row) for row in rows]


def call_history(desk: Desk, number: int) -> list[tuple[int, int, int, int, int, str, int]]:
    """Every change of a call's terms, first to last: seq, announced, opens_at, closes_at, at, reason, person."""
    return desk.connection.execute(
        "SELECT seq, announced, opens_at, closes_at, at, reason, person FROM desk_call_terms WHERE call = ?"
        " ORDER BY seq", (number,)).fetchall()


def _call(row: Sequence[Any]) -> Call:
    return Call(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]), row[7], row[8], row[9], row[10], row[11],
                json.loads(row[12]), row[13])

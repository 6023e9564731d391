"""The office's own effort: how long cases lie where, how often they are touched, sent back, and asked what is known.

All of it is counted from the desk's steps, submissions and files, and from nothing that anybody reports. A stage is
a state of the workflow; a stay in it ends with the step that leaves it. A stage in which only the applicant's side
can move the case on, or in which its work goes on, is the applicant's time, any other the office's. The k-th
p-percentile of n is the smallest value that at least p per cent of the n do not exceed (nearest rank), so that it is
always one that occurred.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from westlake.dates import MICROS_PER_DAY, month_of, year_of
from westlake.desk.calls import calls
from westlake.desk.cases import TITLE
from westlake.desk.desk import Desk
from westlake.desk.listing import AT_WORK
from westlake.desk.people import OUTSIDE
from westlake.desk.workflow import APPLICATION, STAYS, SYSTEM, Kind, Step
from westlake.errors import Place

ANNOUNCED = "decision_days"  # the term of a call within which the office says it decides
SENT_BACK = "supplement"  # the letter by which something more is asked for


class Stay(NamedTuple):
    """A case in a stage, from one instant to another, microseconds UTC; ours: the office could have moved it on."""

    case: int
    kind: str
    state: str
    first_at: int
    last_at: int
    ours: bool


@dataclass(frozen=True)
class Stage:
    """All stays in one stage that ended in the period. Days are in microseconds."""

    kind: str
    state: str
    ours: bool
    stays: int
    median_us: int
    p90_us: int


@dataclass(frozen=True)
class Decided:
    """An application that was decided. wait_us: from hand-in; ours_us: of that, while it was the office's turn.

    touches: steps of the office and reviews until then; announced: days within which it was to be decided, 0: none.
    """

    case: int
    number: str
    at: int
    day: int
    wait_us: int
    ours_us: int
    touches: int
    announced: int

    @property
    def in_time(self) -> bool:
        """Decided within the announced days; the applicant's own time does not count against the office."""
        return self.ours_us <= self.announced * MICROS_PER_DAY


@dataclass(frozen=True)
class Waiting:
    """A case that waits for the office: in which stage, since when, microseconds UTC."""

    case: int
    number: str
    kind: str
    state: str
    since: int


@dataclass(frozen=True)
class Month:
    """The applications decided in a month. in_time of those of `announced` that had a time announced."""

    year: int
    month: int
    decided: int
    median_us: int
    p90_us: int
    announced: int
    in_time: int


@dataclass(frozen=True)
class AskedTwice:
    """Paper asked for though the office had it: `known` of `answers` handed in stood verified in the register;
    `same_answers` of them, and `same_files` of `files`, were handed in before with another application of the firm."""

    answers: int = 0
    known: int = 0
    same_answers: int = 0
    files: int = 0
    same_files: int = 0


@dataclass(frozen=True)
class Effort:
    """A programme's effort in the days first to last, both included; waiting: as it stands now, the longest first."""

    programme: str
    first: int
    last: int
    handed_in: int
    decided: tuple[Decided, ...]
    stages: tuple[Stage, ...]
    sent_back: int
    asked_twice: AskedTwice
    waiting: tuple[Waiting, ...]
    open: int

    @property
    def promised(self) -> list[Decided]:
        """The decided applications for which a time was announced."""
        return [one for one in self.decided if one.announced]

    @property
    def months(self) -> list[Month]:
        """Month by month, those without a decision left out."""
        grouped: dict[tuple[int, int], list[Decided]] = defaultdict(list)
        for one in self.decided:
            grouped[year_of(one.day), month_of(one.day)].append(one)
        return [Month(*month, len(found), *spread(one.wait_us for one in found),
                      sum(one.announced > 0 for one in found), sum(one.announced > 0 and one.in_time for one in found))
                for month, found in sorted(grouped.items())]


def percentile(values: Sequence[int], per_cent: int) -> int:
    """The nearest-rank percentile of at least one value: the ceil(n p / 100)-th smallest."""
    return sorted(values)[max(-(-len(values) * per_cent // 100), 1) - 1]


def spread(values: Iterable[int]) -> tuple[int, int]:
    """Median and 90th percentile; 0 and 0 of nothing."""
    found = list(values)
    return (percentile(found, 50), percentile(found, 90)) if found else (0, 0)


def measure_effort(desk: Desk, programme: str, first: int, last: int) -> Effort:
    """The effort that a programme's cases took on the days first to last; W914 for one that is not worked here."""
    lives = list(_lives(desk, programme))
    kinds = desk.offered(programme).workflow.kinds
    handed_in = dict(desk.connection.execute(
        "SELECT s.case_id, min(s.at) FROM desk_submission s JOIN desk_case c ON c.id = s.case_id WHERE c.programme = ?"
        " AND c.kind = ? GROUP BY s.case_id", (programme, APPLICATION)).fetchall())

    def within(at: int) -> bool:
        return first <= desk.day_of(at) <= last

    grouped: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for stay in (stay for life in lives for stay in life.stays if within(stay.last_at)):
        grouped[stay.kind, stay.state, stay.ours].append(stay.last_at - stay.first_at)
    places = {(kind.name, state): place for kind in kinds.values() for place, state in enumerate(kind.states)}
    stages = [Stage(*key, len(found), *spread(found)) for key, found in grouped.items()]
    stages.sort(key=lambda one: (one.kind != APPLICATION, one.kind, places.get((one.kind, one.state), len(places))))
    decided = [one for one in _decisions(desk, lives, kinds[APPLICATION], handed_in) if first <= one.day <= last]
    going = [life for life in lives if life.state not in life.kind.ends
             and (life.kind.name != APPLICATION or life.case in handed_in)]
    waiting = [Waiting(life.case, life.number, life.kind.name, life.state, life.since)
               for life in going if ours(life.kind, life.state)]
    return Effort(
        programme, first, last, sum(within(at) for at in handed_in.values()),
        tuple(sorted(decided, key=lambda one: (one.at, one.case))), tuple(stages),
        sum(within(at) for life in lives for at in life.sent_back), asked_twice(desk, programme, first, last),
        tuple(sorted(waiting, key=lambda one: (one.since, one.case))), len(going))


class _Taken(NamedTuple):
    step: str
    came_from: str
    went_to: str
    role: str
    at: int


@dataclass(frozen=True)
class _Life:
    """One case with all its steps."""

    case: int
    number: str
    kind: Kind
    call: int | None
    opened_at: int
    state: str
    taken: tuple[_Taken, ...]

    @property
    def since(self) -> int:
        """When it came where it is."""
        return next((one.at for one in reversed(self.taken) if one.went_to != one.came_from), self.opened_at)

    @property
    def stays(self) -> Iterator[Stay]:
        """Its stays in stages, ended ones only; a step that leaves it where it is ends none."""
        since = self.opened_at
        for one in self.taken:
            if one.went_to != one.came_from:
                yield Stay(self.case, self.kind.name, one.came_from, since, one.at, ours(self.kind, one.came_from))
                since = one.at

    @property
    def sent_back(self) -> Iterator[int]:
        """When the office asked for something more."""
        return (one.at for one in self.taken if one.role not in OUTSIDE and any(
            use.name == "send" and SENT_BACK in use.given for use in _row(self.kind, one).effects))


def ours(kind: Kind, state: str) -> bool:
    """Whether it is the office's turn: it can move a case on, or nobody outside can, as while the bank is asked.

    Where the work goes on outside, whatever the office can do there is for a bad day.
    """
    moving = [set(step.who) for step in kind.from_state(state) if step.went_to != STAYS]
    return state not in AT_WORK and (any(who - {*OUTSIDE, SYSTEM} for who in moving)
                                     or not any(who & set(OUTSIDE) for who in moving))


def _row(kind: Kind, taken: _Taken) -> Step:
    """The row by which a step was taken; one without effects where the table has changed since."""
    return kind.step(taken.step, taken.came_from) or Step(taken.step, (), taken.went_to, (), (), (), (), Place())


def _lives(desk: Desk, programme: str) -> Iterator[_Life]:
    """Every case of a programme with its steps, by id."""
    kinds = desk.offered(programme).workflow.kinds
    steps: dict[int, list[_Taken]] = defaultdict(list)
    for case, *taken in desk.connection.stream(
            "SELECT s.case_id, s.step, s.came_from, s.went_to, s.role, s.at FROM desk_step s JOIN desk_case c"
            " ON c.id = s.case_id WHERE c.programme = ? ORDER BY s.case_id, s.seq", (programme,)):
        steps[case].append(_Taken(*taken))
    for case, number, kind, call, opened_at, state in desk.connection.execute(
            "SELECT id, number, kind, call, opened_at, state FROM desk_case WHERE programme = ? ORDER BY id",
            (programme,)).fetchall():
        if kind in kinds:
            yield _Life(case, number, kinds[kind], call, opened_at, state, tuple(steps[case]))


def _decisions(desk: Desk, lives: Iterable[_Life], kind: Kind, handed_in: dict[int, int]) -> Iterator[Decided]:
    """Every application that the office decided, by the first step that promises money or ends it.

    Where the table promises none by itself (its bills settle the amounts), by the first letter that answers.
    """
    answers = {"promise"} if any(use.name == "promise" for step in kind.steps for use in step.effects) else {"letter"}
    announced = {call.id: call.number(ANNOUNCED) for call in calls(desk)}
    reviews: dict[int, list[int]] = defaultdict(list)
    for case, at in desk.connection.execute("SELECT case_id, at FROM desk_review WHERE seq = 1").fetchall():
        reviews[case].append(at)
    for life in lives:
        if life.kind is not kind or life.case not in handed_in:
            continue
        since = handed_in[life.case]
        at = next((one.at for one in life.taken if one.role not in (*OUTSIDE, SYSTEM) and (
            one.went_to in kind.ends or any(use.name in answers for use in _row(kind, one).effects))), None)
        if at is None:
            continue
        theirs = sum(max(min(stay.last_at, at) - max(stay.first_at, since), 0) for stay in life.stays if not stay.ours)
        touches = sum(one.role not in (*OUTSIDE, SYSTEM) and one.at <= at for one in life.taken)
        yield Decided(life.case, life.number, at, desk.day_of(at), at - since, at - since - theirs,
                      touches + sum(reviewed <= at for reviewed in reviews[life.case]),
                      announced.get(life.call or 0, 0))


def asked_twice(desk: Desk, programme: str, first: int, last: int) -> AskedTwice:
    """How much of what was first handed in on these days the office had already.

    An answer was known when the register held a fact of that name about the firm, by more than its own word, on
    the day. An answer or a file is the same when an earlier application of the firm, of any programme, had it.
    """
    known = _verified(desk, programme)
    roots = applications_of(desk)
    counted: Counter[str] = Counter()
    seen: dict[tuple[str, ...], int] = {}
    for case, ours_too, firm, at, text in desk.connection.stream(
            "SELECT c.id, c.programme = ?, c.firm, s.at, s.answers FROM desk_submission s JOIN desk_case c"
            " ON c.id = s.case_id WHERE s.number = 1 AND c.firm <> '' ORDER BY s.at, c.id", (programme,)):
        day = desk.day_of(at)
        counts = ours_too and first <= day <= last
        for field, answer in json.loads(text).items():
            before = seen.setdefault((firm, field, answer.strip()), case)
            if counts and field != TITLE and answer.strip():
                counted["answers"] += 1
                counted["known"] += any(one <= day <= other for one, other in known.get((firm, field), ()))
                counted["same_answers"] += before != case
    held: dict[tuple[str, str], int] = {}
    for case, ours_too, firm, at, sha256 in desk.connection.stream(
            "SELECT f.case_id, c.programme = ?, c.firm, f.at, f.sha256 FROM desk_file f JOIN desk_case c"
            " ON c.id = f.case_id WHERE c.firm <> '' ORDER BY f.id", (programme,)):
        before = held.setdefault((firm, sha256), roots[case])
        if ours_too and first <= desk.day_of(at) <= last:
            counted["files"] += 1
            counted["same_files"] += before != roots[case]
    return AskedTwice(**counted)


def _verified(desk: Desk, programme: str) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Firm and fact → the days on which the register knew it by more than the firm's own word."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for subject, name, first, last, learnt in desk.connection.execute(
            "SELECT subject, name, first, last, learnt FROM register_fact WHERE assurance <> 'declared' AND subject IN"
            " (SELECT firm FROM desk_case WHERE programme = ?)", (programme,)):
        found[subject, name].append((max(first, learnt), last))
    return found


def applications_of(desk: Desk) -> dict[int, int]:
    """Case → the application that it follows from, itself if it is one; of every case of the desk."""
    found: dict[int, int] = {}
    for case, parent in desk.connection.execute("SELECT id, parent FROM desk_case ORDER BY id").fetchall():
        found[case] = found.get(parent, parent) if parent is not None else case
    return found

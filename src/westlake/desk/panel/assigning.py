"""Who reads which case: computed from what reviewers know, take on and must not judge, looked at, and then applied.

How well a reviewer fits a case (0 to 1000) is what the best of their topics shares with the case: of the topic's
groups of letters (three in a row; two in Chinese, Japanese and Korean), the share that the case's title, answers and
sector have too. Anyone can count it by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from westlake.database import transaction
from westlake.desk.calls import Call, find_call
from westlake.desk.cases import Case, answers_among
from westlake.desk.desk import Desk
from westlake.desk.panel.assignment import AFFINITY_MAX, Assignment, assign_reviewers
from westlake.desk.panel.candidates import fields_of, waiting
from westlake.desk.panel.fairness import assign_with_floor
from westlake.desk.panel.interests import conflicts_of
from westlake.desk.panel.review_letters import tell_assigned
from westlake.desk.panel.reviewing import (
    Invitation,
    assignments,
    invitations,
    move_assignment,
    move_assignments,
    states_of,
)
from westlake.desk.panel.runs import Run, store_run
from westlake.desk.people import Person, people_of
from westlake.errors import WestlakeError
from westlake.rules import Kind

STARTED = ("started", "submitted")  # stays with whoever began
_WIDE = re.compile("[぀-ヿ㐀-鿿豈-﫿가-힣]+")
_NARROW = re.compile(r"[^\W_]+")
_PARTED = re.compile("[,;，；、\n]")
_KEY = re.compile(r"#0*(\d+)")


def assign(desk: Desk, call: Call, officer: Person, seed: int, floor: int | None = None) -> Run:
    """Compute who reads what, and keep it; nobody is assigned anything before it is applied.

    floor: affinity that every case's reviewers together must reach. W1044 when no case waits or nobody has accepted;
    W931 to W934 when it cannot be done, naming the cases. result: pairs [[case, reviewer, affinity, fixed]] by id,
    total, least, bound, optimal.
    """
    with transaction(desk.connection):
        terms = _gathered(desk, call, floor)
        return store_run(desk, call, "assignment", seed, terms, _computed(desk, terms, seed), officer)


def preview(desk: Desk, call: Call, seed: int, floor: int | None = None) -> dict[str, Any]:
    """The result that `assign` would keep, and nothing kept."""
    return _computed(desk, _gathered(desk, call, floor), seed)


def apply_assignment(desk: Desk, run: Run, officer: Person) -> tuple[int, int]:
    """Assign what was computed: how many assignments are new, and how many that were not started are taken back.

    W1055 when cases, reviewers, reviews or conflicts have changed since it was computed, or it was applied already.
    """
    with transaction(desk.connection):
        call = find_call(desk, run.call)
        applied = desk.connection.execute("SELECT 1 FROM desk_assignment WHERE run = ?", (run.id,)).fetchone()
        if run.kind != "assignment" or applied or _gathered(desk, call, run.terms["floor"]) != run.terms:
            raise WestlakeError.one("W1055", code=call.code)
        wanted = {(case, reviewer) for case, reviewer, _, _ in run.result["pairs"]}
        cases = {case.id: case for case in waiting(desk, call, "reviewed")}
        states = {(case, reviewer): state for case, reviewer, state, _ in assignments(desk, call) if case in cases}
        new = sorted(pair for pair in wanted if states.get(pair) not in (*STARTED, "assigned"))
        back = sorted(pair for pair, state in states.items() if state == "assigned" and pair not in wanted)
        for pairs, state in ((back, "withdrawn"), (new, "assigned")):
            move_assignments(desk, pairs, state, officer, run=run.id)
        tell_assigned(desk, call, new)
        desk.record.add(officer.actor, "desk.assignment_applied", f"call:{call.id}",
                        {"run": run.id, "assigned": len(new), "taken_back": len(back)})
    return len(new), len(back)


def assign_one(desk: Desk, case: Case, officer: Person, reviewer: int, reason: str = "") -> None:
    """Assign one case by hand. W1056 unless the reviewer has accepted, has no conflict with it and does not have it."""
    with transaction(desk.connection):
        call = find_call(desk, case.call) if case.call is not None else None
        able = {one.reviewer for one in invitations(desk, call) if one.state == "accepted"} if call else set()
        held = states_of(desk, case).get(reviewer, "withdrawn")
        barred = call is not None and (reviewer, case.id) in conflicts_of(desk, call)
        if call is None or reviewer not in able or barred or held not in ("withdrawn", "abstained"):
            raise WestlakeError.one("W1056", number=case.number)
        move_assignment(desk, case, reviewer, "assigned", officer, reason)
        tell_assigned(desk, call, [(case.id, reviewer)])
        desk.record.add(officer.actor, "desk.reviewer_assigned", case.subject, {"reviewer": reviewer})


def _gathered(desk: Desk, call: Call, floor: int | None) -> dict[str, Any]:
    """All that an assignment is computed from, as plain data."""
    cases = waiting(desk, call, "reviewed")
    reviewers = [one for one in invitations(desk, call) if one.state == "accepted"]
    if not cases or not reviewers:
        raise WestlakeError.one("W1044", code=call.code)
    states: dict[int, dict[int, str]] = {case.id: {} for case in cases}
    for case, reviewer, state, _ in assignments(desk, call):
        states.get(case, {})[reviewer] = state
    known = {one.reviewer for one in reviewers}
    fixed = [[reviewer, case] for case, held in states.items() for reviewer, state in held.items()
             if state in STARTED and reviewer in known]
    apart = {(reviewer, case) for reviewer, case in conflicts_of(desk, call) if reviewer in known and case in states}
    apart |= {(reviewer, case) for case, held in states.items() for reviewer, state in held.items()
              if state in ("abstained", "recused") and reviewer in known}
    done = {case: sum(state == "submitted" and reviewer not in known for reviewer, state in held.items())
            for case, held in states.items()}
    needed = call.number("reviews_per_case")
    return {"cases": [[case.id, max(needed - done[case.id], 0)] for case in cases],
            "reviewers": [[one.reviewer, one.load] for one in reviewers], "fixed": sorted(fixed),
            "apart": sorted(list(pair) for pair in apart), "floor": floor,
            "affinity": _affinities(desk, call, cases, reviewers)}


def _computed(desk: Desk, terms: dict[str, Any], seed: int) -> dict[str, Any]:
    cases, reviewers = [one for one, _ in terms["cases"]], [one for one, _ in terms["reviewers"]]
    taken: dict[str, Any] = {
        "reviews_per_case": [need for _, need in terms["cases"]], "load": [load for _, load in terms["reviewers"]],
        "conflicts": [(_key(reviewer), _key(case)) for reviewer, case in terms["apart"]],
        "fixed": [(_key(reviewer), _key(case)) for reviewer, case in terms["fixed"]], "seed": seed}
    names = [_key(one) for one in cases], [_key(one) for one in reviewers]
    table = np.array(terms["affinity"], dtype=np.int64).reshape(len(cases), len(reviewers))
    try:
        found: Assignment = (assign_reviewers(*names, table, **taken) if terms["floor"] is None else
                             assign_with_floor(*names, table, floor=terms["floor"], **taken))
    except WestlakeError as error:
        raise _in_names(desk, error, cases, reviewers) from error
    return {"pairs": [[int(pair.case[1:]), int(pair.reviewer[1:]), pair.affinity, pair.fixed] for pair in found.pairs],
            "total": found.total, "least": found.least, "bound": found.bound, "optimal": found.optimal}


def _key(number: int) -> str:
    return f"#{number:012d}"


def _in_names(desk: Desk, error: WestlakeError, cases: Sequence[int], reviewers: Sequence[int]) -> WestlakeError:
    """The same problem in the words of whoever reads it: numbers of cases, names of people."""
    marks = ",".join("?" * len(cases))
    rows = desk.connection.execute(f"SELECT id, number FROM desk_case WHERE id IN ({marks})", list(cases))
    numbers = dict(rows.fetchall())
    people = {number: person.name for number, person in people_of(desk.connection, set(reviewers)).items()}

    def told(name: str, value: object) -> object:
        if not isinstance(value, str):
            return value
        if name != "pairs":
            return _KEY.sub(lambda found: (people if name == "reviewers" else numbers)[int(found[1])], value)
        first = re.sub(r"#0*(\d+) – ", lambda found: f"{people[int(found[1])]} – ", value)
        return _KEY.sub(lambda found: numbers[int(found[1])], first)

    return WestlakeError([replace(one, values={name: told(name, value) for name, value in one.values.items()})
                          for one in error.problems])


def _affinities(desk: Desk, call: Call, cases: Sequence[Case], reviewers: Iterable[Invitation]) -> list[list[int]]:
    """A row a case, a column a reviewer."""
    sectors = fields_of(desk, call, cases, ["sector"])
    inputs = desk.offered(call.programme).programme.inputs
    topics = [_PARTED.split(one.topics) for one in reviewers]
    groups = {topic: known for named in topics for topic in named for known in topics_in(topic)}  # fitted once
    table, written = [], answers_among(desk, [case.id for case in cases])
    for case in cases:
        said = [case.title, sectors[case.number]["sector"]]
        for field, text in written[case.id].items():
            item = inputs.get(field)
            if item is not None and item.kind is Kind.CHOICE:
                said += item.choice_words.get(text, {}).values()
            elif item is None or item.kind is not Kind.ID:
                said.append(text)
        found = groups_in(" ".join(said))
        shares = {topic: best_share([known], found) for topic, known in groups.items()}
        table.append([max((shares[topic] for topic in named if topic in shares), default=0) for named in topics])
    return table


def topics_in(text: str) -> list[set[str]]:
    """Each topic that somebody knows, as groups of letters."""
    return [groups for topic in _PARTED.split(text) if (groups := groups_in(topic))]


def best_share(topics: Iterable[set[str]], found: set[str]) -> int:
    """How well somebody who knows these topics fits a text, 0 to AFFINITY_MAX: see the head of this file."""
    return max((AFFINITY_MAX * len(groups & found) // len(groups) for groups in topics), default=0)


def groups_in(text: str) -> set[str]:
    """The groups of letters of a text: two in a row of wide scripts, three of others, whole words where shorter."""
    plain, found = unicodedata.normalize("NFKC", text).casefold(), set[str]()
    for pattern, size, rest in ((_WIDE, 2, plain), (_NARROW, 3, _WIDE.sub(" ", plain))):
        for word in pattern.findall(rest):
            found |= {word[at:at + size] for at in range(max(len(word) - size + 1, 1))}
    return found

"""Settles a year that is already settled once more, in memory: under the values of its time, or under others.

Nothing is written and no money moves. What is run again is the way of the money: every line of every round
that was not withdrawn, in its order, with the inputs that are kept of it; caps over time start each round from
what the rounds before gave *in this run*; then the round's budget is shared in the programme's way. So caps
and budget answer to the values as they would have then.

What stays as it was: the bills and what of them counts (spend.yaml decided that when the base was made: a line
keeps its base and class), the register's facts as each line kept them, which lines a round had, which
cases were sent back and when, the order of a queue, the points of a ranking, the seed of a lottery, and what firms
did: nobody spends more or less because a rate is another. Restated rounds are decided anew here too.

Recoveries: a run asks back by its own figures. What had been asked back and had not come back when a round
was decided is taken as not back here either, at most what this run asked back; whatever else had been put into
the budget's account or taken from it by hand is kept to the fen.

The run under the values of the time must give what was settled, line by line and to the fen (W425); only then
is a run under others believed. One thing leaves no trace: a line worth nothing that vanished from the bills
later. It is taken as still there, unless the first run shows that a round did not have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from sqlite3 import Connection

from westlake.dates import day_number
from westlake.errors import WestlakeError
from westlake.record import Record
from westlake.rules import Programme
from westlake.settlement.bill_lines import suspended_in
from westlake.settlement.claims import Claims, Line, ledger_inputs, names_of
from westlake.settlement.decide import DecidedLine, decide
from westlake.settlement.history import History, LineHistory
from westlake.settlement.order import Order
from westlake.settlement.rounds import Round, rounds_of
from westlake.settlement.sharing import changed, share_budget, share_lines
from westlake.settlement.terms import Terms, read_terms

Case = tuple[int, str]  # round and firm


@dataclass(frozen=True)
class StoredLine:
    """A line as a round kept it. Amounts in minor units."""

    line: Line
    inputs: Mapping[str, int]
    claim: int
    change: int
    entitlement: int
    allotted: int


@dataclass(frozen=True)
class StoredRound:
    """A round as the books have it: its lines, who came in which order, which lines it did not have."""

    round: Round
    restated: bool
    lines: Mapping[str, StoredLine]
    order: Order
    suspended: frozenset[str]
    lacking: frozenset[str]


@dataclass(frozen=True)
class Year:
    """All rounds of a programme's year that were not withdrawn; returned: case → the round before which it went back.

    A case that went back and was never decided again has no such round (0): it counts until the end of the year's
    rounds, and then no more.
    """

    programme: str
    year: int
    rounds: Sequence[StoredRound]
    returned: Mapping[Case, int]


@dataclass(frozen=True)
class Given:
    """A line as a run settled it. Amounts in minor units; place: of its firm in the round's order, 1 is first."""

    round: int
    decided: DecidedLine
    allotted: int
    place: int


@dataclass
class Run:
    """A year settled once more. given: case → its lines; the rest is what a run under other values starts from.

    claims: case → all its lines with their inputs, the unmoved too. budgets: round → the year's budget then.
    absent: round → lines that it did not have; unmet, moved: round → what the budget lacked beside what was
    given: asked back and not come yet; put in or taken out by hand.
    """

    given: dict[Case, list[Given]] = field(default_factory=dict)
    claims: dict[Case, list[tuple[Line, dict[str, int]]]] = field(default_factory=dict)
    budgets: dict[int, int] = field(default_factory=dict)
    absent: dict[int, set[str]] = field(default_factory=dict)
    unmet: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)

    @property
    def lines(self) -> list[Given]:
        """Every line given, round after round."""
        return [one for lines in self.given.values() for one in lines]

    @property
    def allotted(self) -> int:
        """Given in all, less what was asked back."""
        return sum(one.allotted for one in self.lines)

    @property
    def asked_back(self) -> int:
        """Asked back of all firms, case by case."""
        return sum(max(-sum(one.allotted for one in lines), 0) for lines in self.given.values())


def read_year(connection: Connection, programme: str, year: int, order: Order | None = None) -> Year:
    """A year as its rounds kept it; W421 when none stands, W422 when every case went back.

    order: received days and points handed in again, for firms that had no place then.
    """
    rounds = [settled for settled in rounds_of(connection, programme, year) if settled.state != "withdrawn"]
    if not rounds:
        raise WestlakeError.one("W421", programme=programme, year=year)
    stored = [_read_round(connection, settled, order) for settled in rounds]
    if not any(one.lines for one in stored):
        raise WestlakeError.one("W422", programme=programme, year=year)
    firms = {one.round.id: {line.line.firm for line in one.lines.values()} for one in stored}
    returned = {
        (number, firm): next((later for later in sorted(firms) if later > number and firm in firms[later]), 0)
        for number in firms for (firm,) in connection.execute(
            "SELECT firm FROM settlement_return WHERE round = ?", (number,))}
    if all((number, firm) in returned for number, there in firms.items() for firm in there):
        raise WestlakeError.one("W422", programme=programme, year=year)
    return Year(programme, year, stored, returned)


def rerun(year: Year, laws: Mapping[str, Programme], settled: Run | None = None,
          settled_laws: Mapping[str, Programme] | None = None) -> Run:
    """Settle the year once more. laws: a round's version → what decides it in this run.

    Without `settled` this is the run under the values of the time, held against what the rounds kept
    (W425); with it, a run under other values, `settled_laws` being those of the time. W426 when a line
    was kept before a version asked for an input.
    """
    run, terms = Run(), {digest: read_terms(law) for digest, law in laws.items()}
    for stored in year.rounds:
        _send_back(run, year, stored.round.id)
        law = laws[stored.round.digest]
        before = settled_laws[stored.round.digest] if settled_laws else law
        decided = _decide_round(run, year, stored, law, terms[stored.round.digest], settled)
        available = _available(run, stored, terms[stored.round.digest], law, before, settled)
        _share(run, stored, terms[stored.round.digest], decided, available)
        if settled is None:
            _hold_against(run, stored)
    _send_back(run, year, 0)
    return run


def _read_round(connection: Connection, settled: Round, order: Order | None) -> StoredRound:
    rows = connection.execute(
        "SELECT l.line, l.firm, l.day, l.inputs, l.claim, l.change, l.entitlement, l.allotted, l.evidence"
        " FROM settlement_line l WHERE l.round = ? ORDER BY l.firm, l.place", (settled.id,))
    lines = {}
    for key, firm, day, inputs, claim, change, entitlement, allotted, written in rows:
        evidence = json.loads(written)
        line = Line(key, firm, day, tuple(evidence["order"]), evidence["document"], {}, evidence)
        lines[key] = StoredLine(line, json.loads(inputs), claim, change, entitlement, allotted)
    if order is None:
        places = connection.execute("SELECT firm, rank, score FROM settlement_case WHERE round = ? AND rank > 0",
                                    (settled.id,)).fetchall()
        order = Order({firm: rank for firm, rank, _ in places},
                      {firm: score for firm, _, score in places if score is not None})
    restated = any(act.details.get("restate") for act in Record(connection).acts(
        f"round:{settled.id}", act="settlement.decided"))
    lacking: list[Mapping[str, str]] = list(settled.evidence.get("lacking") or [])  # type: ignore[call-overload]
    return StoredRound(settled, restated, lines, order, suspended_in(settled.evidence),
                       frozenset(one["line"] for one in lacking))


def _send_back(run: Run, year: Year, before: int) -> None:
    """Take away what had gone back before a round was decided; after the last, what never was decided again."""
    for case, until in year.returned.items():
        if until == before:
            run.given.pop(case, None)


def _decide_round(run: Run, year: Year, stored: StoredRound, law: Programme, terms: Terms,
                  settled: Run | None) -> list[DecidedLine]:
    """The lines that this round moves. The first run finds out which lines the round did not have."""
    history, number = _history(run), stored.round.id
    absent = set(settled.absent[number]) if settled else set()
    decided = _decide_lines(run, year, stored, law, terms, history, absent)
    ghosts = {line.line.key for line in decided} - set(stored.lines)
    if settled is None and ghosts:
        absent |= ghosts
        decided = _decide_lines(run, year, stored, law, terms, history, absent)
    run.absent[number] = absent
    return decided


def _decide_lines(run: Run, year: Year, stored: StoredRound, law: Programme, terms: Terms, history: History,
                  absent: set[str]) -> list[DecidedLine]:
    claims, number = Claims(), stored.round.id
    told = History() if stored.restated else history
    for one in _present(year, stored, absent):
        known = dict(one.inputs) | ledger_inputs(terms, one.line, told)
        if not law.inputs.keys() <= known.keys():
            raise WestlakeError.one("W426", line=one.line.key, name=min(law.inputs.keys() - known.keys()), number=number)
        claims.lines.append(one.line)
        claims.inputs.append({name: known[name] for name in law.inputs})
    together = zip(claims.lines, claims.inputs, strict=True)
    run.claims |= {(number, firm): list(lines) for firm, lines in groupby(together, key=lambda pair: pair[0].firm)}
    return changed(decide(law, terms, claims, history, anew=stored.restated), history)


def _present(year: Year, stored: StoredRound, absent: set[str]) -> list[StoredLine]:
    """The lines that a round had, each as last kept by then, in the order in which caps run."""
    number, present = stored.round.id, {}
    for earlier in year.rounds:
        if earlier.round.id > number:
            break
        for key, one in earlier.lines.items():
            back = year.returned.get((earlier.round.id, one.line.firm))
            if back is not None and 0 < back <= number:
                continue
            if "gone" in one.line.evidence and earlier is not stored:
                present.pop(key, None)
            else:
                present[key] = one
    missing = absent | stored.lacking
    here = [one for key, one in present.items() if key in stored.lines or not (
        key in missing or names_of(one.line) & stored.suspended)]
    return sorted(here, key=lambda one: (one.line.firm, one.line.order, one.line.key))


def _history(run: Run) -> History:
    """What the rounds before gave in this run; see `history.read_history`."""
    history = History()
    for one in run.lines:
        line, decided = one.decided.line, one.decided
        before = history.lines.get(line.key)
        sums = (before.claim, before.entitlement, before.allotted) if before else (0, 0, 0)
        history.lines[line.key] = LineHistory(
            line.firm, decided.change + sums[0], decided.entitlement + sums[1], one.allotted + sums[2], "", line.day, "")
        history.claims[line.firm] = history.claims.get(line.firm, 0) + decided.change
        history.allotted[line.firm] = history.allotted.get(line.firm, 0) + one.allotted
    return history


def _available(run: Run, stored: StoredRound, terms: Terms, law: Programme, before: Programme,
               settled: Run | None) -> int:
    """What the budget has for this round, in minor units: see the module's words on recoveries."""
    number = stored.round.id
    if settled is None:
        run.budgets[number] = stored.round.budget
        gap = stored.round.budget - run.allotted - stored.round.available
        run.unmet[number] = min(max(gap, 0), run.asked_back)
        run.moved[number] = gap - run.unmet[number]
        return stored.round.available
    last = day_number(stored.round.year, 12, 31)
    wanted, was = (one.value_on(terms.budget_value, last).number for one in (law, before))
    run.budgets[number] = stored.round.budget if wanted == was else max([wanted, *run.budgets.values()])
    unmet = min(settled.unmet[number], run.asked_back)
    return max(run.budgets[number] - run.allotted - unmet - settled.moved[number], 0)


def _share(run: Run, stored: StoredRound, terms: Terms, decided: list[DecidedLine], available: int) -> None:
    number = stored.round.id
    allotments = share_budget(decided, terms, available, stored.order, stored.round.seed)
    for firm, group in groupby(decided, key=lambda line: line.line.firm):
        lines, result = list(group), allotments[firm]
        run.given[number, firm] = [Given(number, line, part, result.rank) for line, part in
                                   zip(lines, share_lines(lines, result.allotted), strict=True)]


def _hold_against(run: Run, stored: StoredRound) -> None:
    """W425 unless the run gave what was settled, line by line and to the fen."""
    number = stored.round.id
    found = {one.decided.line.key: (one.decided.claim, one.decided.change, one.decided.entitlement, one.allotted)
             for (at, _), lines in run.given.items() if at == number for one in lines}
    kept = {key: (one.claim, one.change, one.entitlement, one.allotted) for key, one in stored.lines.items()}
    wrong = sorted(key for key in found.keys() | kept.keys() if found.get(key) != kept.get(key))
    if wrong:
        raise WestlakeError.one("W425", number=number, lines=len(wrong), line=wrong[0],
                                kept=(kept.get(wrong[0]) or ("–",))[-1], found=(found.get(wrong[0]) or ("–",))[-1])

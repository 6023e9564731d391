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

The end of a fiscal year: what is free in a run then lapses in that run, and rounds after it have what was really
appropriated anew, less what the run has given since. A year whose books had anything else then is not compared (W429).

The run under the values of the time must give what was settled, line by line and to the fen (W425); only then
is a run under others believed. One thing leaves no trace: a line worth nothing that vanished from the bills
later. It is taken as still there, unless the first run shows that a round did not have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from westlake.dates import day_number
from westlake.errors import WestlakeError
from westlake.rules import Programme
from westlake.settlement.claims import Claims, Line, ledger_inputs, names_of
from westlake.settlement.decide import DecidedLine, decide
from westlake.settlement.history import History, LineHistory
from westlake.settlement.kept import Case, StoredLine, StoredRound, Year
from westlake.settlement.sharing import changed, share_budget, share_lines
from westlake.settlement.terms import Terms, read_terms


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
    given: asked back and not come yet; put in or taken out by hand. available: round → what it had to share; anew:
    lapse → appropriated after it.
    """

    given: dict[Case, list[Given]] = field(default_factory=dict)
    claims: dict[Case, list[tuple[Line, dict[str, int]]]] = field(default_factory=dict)
    budgets: dict[int, int] = field(default_factory=dict)
    absent: dict[int, set[str]] = field(default_factory=dict)
    unmet: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    available: dict[int, int] = field(default_factory=dict)
    anew: dict[int, int] = field(default_factory=dict)

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
        number = stored.round.id
        run.budgets[number] = _opened(run, stored, terms[stored.round.digest], law, before)
        run.available[number] = (_since_lapse(run, year, stored, settled) if stored.lapse else
                                 _available(run, stored, settled))
        _share(run, stored, terms[stored.round.digest], decided, run.available[number])
        if settled is None:
            _hold_against(run, stored)
    _send_back(run, year, 0)
    return run


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
            raise WestlakeError.one("W426", line=one.line.key, number=number,
                                    name=min(law.inputs.keys() - known.keys()))
        claims.lines.append(one.line)
        claims.inputs.append({name: known[name] for name in law.inputs})
    together = zip(claims.lines, claims.inputs, strict=True)
    run.claims |= {(number, firm): list(lines) for firm, lines in groupby(together, key=lambda pair: pair[0].firm)}
    return changed(decide(law, terms, claims, history, anew=stored.restated), history)


def _present(year: Year, stored: StoredRound, absent: set[str]) -> list[StoredLine]:
    """The lines that a round had, each as last kept by then, in the order in which caps run."""
    number = stored.round.id
    present: dict[str, StoredLine] = {}
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
        claim, entitlement, allotted = decided.change + sums[0], decided.entitlement + sums[1], one.allotted + sums[2]
        history.lines[line.key] = LineHistory(line.firm, claim, entitlement, allotted, "", line.day, "")
        history.claims[line.firm] = history.claims.get(line.firm, 0) + decided.change
        history.allotted[line.firm] = history.allotted.get(line.firm, 0) + one.allotted
    return history


def _opened(run: Run, stored: StoredRound, terms: Terms, law: Programme, before: Programme) -> int:
    """The year's budget by its value as a round is decided; a value that was lowered takes nothing back."""
    last = day_number(stored.round.year, 12, 31)
    wanted, was = (one.value_on(terms.budget_value, last).number for one in (law, before))
    return stored.round.budget if wanted == was else max([wanted, *run.budgets.values()])


def _available(run: Run, stored: StoredRound, settled: Run | None) -> int:
    """What a budget that never lapsed has for this round, in minor units: see the module's words on recoveries."""
    number = stored.round.id
    if settled is None:
        gap = stored.round.budget - run.allotted - stored.round.available
        run.unmet[number] = min(max(gap, 0), run.asked_back)
        run.moved[number] = gap - run.unmet[number]
        return stored.round.available
    unmet = min(settled.unmet[number], run.asked_back)
    return max(run.budgets[number] - run.allotted - unmet - settled.moved[number], 0)


def _since_lapse(run: Run, year: Year, stored: StoredRound, settled: Run | None) -> int:
    """What was appropriated after the lapse, less what this run gave of it, in minor units.

    W429 when, in the run under the values of the time, this is not what the round had.
    """
    lapse_of = {one.round.id: one.lapse for one in year.rounds}
    raised = run.budgets[stored.round.id] - max(
        (budget for number, budget in run.budgets.items() if lapse_of[number] != stored.lapse), default=0)
    run.anew[stored.lapse] = stored.anew + raised
    given = sum(max(sum(one.allotted for one in lines), 0) for (number, _), lines in run.given.items()
                if lapse_of[number] == stored.lapse)
    left = max(stored.anew + raised - given, 0)
    if settled is None and left != stored.round.available:
        raise WestlakeError.one("W429", number=stored.round.id, kept=stored.round.available, found=left)
    return left


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

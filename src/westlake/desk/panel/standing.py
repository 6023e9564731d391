"""The list that counts: what the last selection found for each case, with what a chair has since decided otherwise.

The computed choice is never overwritten: an override stands beside it with its reason and who gave it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from westlake.database import rows_among, transaction
from westlake.database.connection import AT_ONCE
from westlake.desk.calls import Call
from westlake.desk.cases import COLUMNS, OF_C, Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.looking import Question, together
from westlake.desk.panel.interests import conflict_with
from westlake.desk.panel.runs import Run
from westlake.desk.panel.terms import Bound
from westlake.desk.people import EVERY, Held, Person
from westlake.desk.workflow import APPLICATION
from westlake.errors import Place, Problem, WestlakeError

PANEL = ("case", "call", "programme", "year", "firm", "reviews", "mean", "score", "rank", "rank_low", "rank_high",
         "cut_off", "computed", "chosen", "drawn", "override", "unfunded", "amount", "asked")
_WIDTH = len(COLUMNS.split(","))


@dataclass(frozen=True)
class Override:
    """What a chair decided otherwise for one case, and why."""

    run: int
    case: int
    seq: int
    chosen: bool
    amount: int
    reason: str
    person: int
    at: int


@dataclass(frozen=True)
class Standing:
    """Where a case stands. mean, estimate: thousandths; computed: by the selection; chosen, amount: what counts.

    rank: 0 for a case that took no part; reviews, few: how many are in, and whether fewer than asked; drawn: its turn
    where lots were drawn; bound: what stood in its way; reserve: its place on the reserve list, 0 if it has none.
    """

    case: Case
    run: int
    rank: int
    mean: int
    estimate: int
    rank_low: int
    rank_high: int
    reviews: int
    few: bool
    computed: bool
    chosen: bool
    drawn: int | None
    amount: int
    bound: Bound | None
    reserve: int
    override: Override | None


def standing(desk: Desk, call: Call) -> list[Standing]:
    """Every case that took part in a selection of a call, by its last one: chosen first, then the unfunded, by rank."""
    found = _standing(desk, "c.call = ?", (call.id,))
    return sorted(found, key=lambda one: (not one.chosen, one.rank == 0, one.run, one.rank, one.case.number))


def place_of(desk: Desk, case: Case) -> Standing | None:
    """Where one case stands; None while it has taken part in no selection."""
    return places_among(desk, [case]).get(case.id)


def places_among(desk: Desk, cases: Sequence[Case]) -> dict[int, Standing]:
    """Where each of some cases stands, by id, in one question; those that have taken part in no selection are left
    out."""
    return {one.case.id: one for one in _standing(desk, *_among(cases))}


def _among(cases: Sequence[Case]) -> Question:
    return f"c.id IN ({','.join('?' * len(cases)) or 'NULL'})", [one.id for one in cases]


_LET_GO = "SELECT case_id, kind, at FROM desk_message WHERE state IN ('released', 'sent') AND case_id IN ({keys})"
_NOTICED = "SELECT run, cases, first_day, at FROM desk_notice WHERE call IN ({keys})"


def told_among(desk: Desk, cases: Sequence[Case]) -> set[int]:
    """Of some cases, by id, those whose applicants have been told how the choice came out, by a notice or by letter."""
    return set(told_places(desk, cases))


def told_places(desk: Desk, cases: Sequence[Case]) -> dict[int, Standing | None]:
    """Of some cases those that were told of, by id, each where it stood when it was last told (None: in no selection).

    A notice tells those that it names, and with them all that took part in its selection and were not chosen then. A
    letter that was let go tells what stood when it was written. What is told is told of the last selection: neither a
    later one nor what a chair decides otherwise afterwards is told by it.
    """
    cases = [case for case in cases if case.call is not None and case.kind == APPLICATION]
    if not cases:
        return {}
    today, calls = desk.today(), sorted({case.call for case in cases if case.call})
    if len(cases) <= AT_ONCE:
        ids = sorted(case.id for case in cases)
        together(desk, _placed(*_among(cases)), (_NOTICED.format(keys=",".join("?" * len(calls))), calls),
                 (_LET_GO.format(keys=",".join("?" * len(ids))), ids))
    last, told = places_among(desk, cases), dict[int, int]()
    before = _earlier(desk, [one for one in last.values() if one.override is not None])
    for run, text, first, at in rows_among(desk.connection, _NOTICED, calls):
        named = {int(case) for case in text.split(",") if case}
        for case in cases if first <= today else ():
            if _tells(_stood(last.get(case.id), at, before), run, case.id in named):
                told[case.id] = max(at, told.get(case.id, 0))
    kinds = {case.id: _telling_letters(desk, case.programme) for case in cases if case.id in last}
    made = dict(rows_among(desk.connection, "SELECT id, at FROM desk_run WHERE id IN ({keys})",
                           sorted({one.run for one in last.values()})))
    for number, kind, at in rows_among(desk.connection, _LET_GO, sorted(kinds)):
        if kind in kinds[number] and at >= made[last[number].run]:
            told[number] = max(at, told.get(number, 0))
    return {number: _stood(last.get(number), at, before) for number, at in told.items()}


def _earlier(desk: Desk, found: Sequence[Standing]) -> dict[int, list[tuple[Override | None, int]]]:
    """Case → what was decided of it one after the other, with the amount, first as computed; only for those in which
    a chair decided otherwise."""
    kept: dict[int, list[tuple[Override | None, int]]] = {}
    runs = {one.case.id: one.run for one in found}
    for *row, amount in rows_among(
            desk.connection, "SELECT o.run, o.case_id, o.seq, o.chosen, o.amount, o.reason, o.person, o.at, p.amount"
            " FROM desk_override o JOIN desk_place p ON p.run = o.run AND p.case_id = o.case_id WHERE o.case_id IN"
            " ({keys}) ORDER BY o.case_id, o.run, o.seq", sorted(runs)):
        one = _override(row)
        if one.run == runs[one.case]:
            kept.setdefault(one.case, [(None, amount)]).append((one, one.amount))
    return kept


def _stood(place: Standing | None, at: int, before: Mapping[int, list[tuple[Override | None, int]]]) -> Standing | None:
    """Where a case stood at an instant, by its last selection."""
    if place is None or place.override is None or place.override.at <= at:
        return place
    over, amount = [one for one in before[place.case.id] if one[0] is None or one[0].at <= at][-1]
    return replace(place, override=over, chosen=over.chosen if over else place.computed, amount=amount)


def _tells(place: Standing | None, run: int | None, named: bool) -> bool:
    """Whether a notice tells the outcome of a case that stands there."""
    return named if place is None or run is None else run == place.run and (named or not place.chosen)


def _telling_letters(desk: Desk, programme: str) -> set[str]:
    """The kinds of letters by which a programme's table says that a case is not chosen, or what it was promised."""
    return {effect.given[0] for step in desk.offered(programme).workflow.kinds[APPLICATION].steps
            if any(use.name == "not_chosen" for use in step.guards)
            or any(use.name == "promise" for use in step.effects)
            for effect in step.effects if effect.name in ("letter", "send")}


def places(desk: Desk, run: Run) -> list[Standing]:
    """Every case of a ranking or selection as it was computed, by rank, with what has been decided otherwise."""
    found = _standing(desk, "r.id = ?", (run.id,), latest=False)
    return sorted(found, key=lambda one: (one.rank == 0, one.rank, one.case.number))


def overrides(desk: Desk, call: Call) -> list[Override]:
    """Everything that was decided otherwise than computed in a call, first to last."""
    rows = desk.connection.execute(
        "SELECT o.run, o.case_id, o.seq, o.chosen, o.amount, o.reason, o.person, o.at FROM desk_override o"
        " JOIN desk_run r ON r.id = o.run WHERE r.call = ? ORDER BY o.at, o.run, o.case_id, o.seq", (call.id,))
    return [_override(row) for row in rows]


def override(desk: Desk, run: Run, case: Case, chosen: bool, amount: int, reason: str, person: Person,
             roles: Iterable[Held]) -> Override:
    """Decide otherwise for one case than was computed. amount: minor units, 0 if not chosen.

    W1047 for anybody but the programme's chair, W1038 for a chair in conflict, W1035 without a reason, W1048 when the
    case's last selection is another one, W1049 when the money does not fit the choice or the budget.
    """
    if not any(held.role == "chair" and held.programme in (EVERY, case.programme) for held in roles):
        raise WestlakeError.one("W1047")
    if not reason.strip():
        raise WestlakeError.one("W1035", Place(field="reason"))
    with transaction(desk.connection):
        if conflict_with(desk, case, person):
            raise WestlakeError([barred(case)])
        place = place_of(desk, case)
        if place is None or place.run != run.id:
            raise WestlakeError.one("W1048", number=case.number)
        others = sum(one.amount for one in places(desk, run) if one.chosen and one.case.id != case.id)
        left = run.terms["budget"] - others
        if (chosen and not 0 < amount <= left) or (not chosen and amount):
            raise WestlakeError.one("W1049", Place(field="amount"), number=case.number)
        seq = place.override.seq + 1 if place.override else 1
        desk.connection.execute("INSERT INTO desk_override VALUES (?,?,?,?,?,?,?,?)", (
            run.id, case.id, seq, int(chosen), amount, reason.strip(), person.id, desk.now()))
        desk.record.add(person.actor, "desk.choice_overridden", case.subject, {
            "run": run.id, "chosen": chosen, "amount": amount, "computed": place.computed, "reason": reason.strip()})
    found = place_of(desk, find_case(desk, case.id))
    assert found is not None and found.override is not None
    return found.override


def barred(case: Case) -> Problem:
    """What somebody in conflict is told: not why, for that may be another's affair."""
    return Problem("W1038", values={"number": case.number})


def panel(desk: Desk, call: Call) -> list[dict[str, Any]]:
    """A call as a flat table, a row a case that took part, the unfunded included: what an evaluation reads.

    Columns: PANEL. score, mean, cut_off: thousandths (cut_off: the lowest score that was computed as chosen);
    computed, chosen, override, unfunded: 0 or 1; drawn: the turn in a lottery, or None; amount, asked: minor units.
    """
    found = standing(desk, call)
    cut = {run: min((one.estimate for one in found if one.run == run and one.computed), default=None)
           for run in {one.run for one in found}}
    return [{"case": one.case.number, "call": call.code, "programme": call.programme, "year": call.year,
             "firm": one.case.firm, "reviews": one.reviews, "mean": one.mean, "score": one.estimate, "rank": one.rank,
             "rank_low": one.rank_low, "rank_high": one.rank_high, "cut_off": cut[one.run],
             "computed": int(one.computed), "chosen": int(one.chosen), "drawn": one.drawn,
             "override": int(one.override is not None), "unfunded": int(not one.chosen),
             "amount": one.amount if one.chosen else 0, "asked": one.case.asked} for one in found]


def panel_csv(rows: Sequence[dict[str, Any]]) -> str:
    """A panel as CSV with a header; what is not there is left empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, PANEL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _standing(desk: Desk, condition: str, values: Sequence[object], latest: bool = True) -> list[Standing]:
    return [_read(row) for row in desk.connection.execute(*_placed(condition, values, latest))]


def _placed(condition: str, values: Sequence[object], latest: bool = True) -> Question:
    last = ("r.kind = 'selection' AND NOT EXISTS (SELECT 1 FROM desk_place q JOIN desk_run s ON s.id = q.run WHERE"
            " q.case_id = p.case_id AND s.kind = 'selection' AND s.id > r.id)") if latest else "1 = 1"
    return (
        f"SELECT {OF_C}, p.run, p.rank, p.mean, p.estimate, p.rank_low, p.rank_high, p.chosen, p.drawn, p.amount,"
        " p.bound, o.run, o.case_id, o.seq, o.chosen, o.amount, o.reason, o.person, o.at FROM desk_place p"
        " JOIN desk_run r ON r.id = p.run JOIN desk_case c ON c.id = p.case_id LEFT JOIN desk_override o"
        " ON o.run = p.run AND o.case_id = p.case_id AND NOT EXISTS (SELECT 1 FROM desk_override n WHERE n.run = o.run"
        f" AND n.case_id = o.case_id AND n.seq > o.seq) WHERE {condition} AND {last}", values)


def _read(row: Sequence[Any]) -> Standing:
    run, rank, mean, estimate, low, high, computed, drawn, amount, text = row[_WIDTH:_WIDTH + 10]
    over = _override(row[_WIDTH + 10:]) if row[_WIDTH + 10] is not None else None
    note = json.loads(text) if text else {}
    bound = Bound(note["kind"], note["values"]) if note.get("kind") else None
    return Standing(Case(*row[:_WIDTH]), run, rank, mean, estimate, low, high, note.get("reviews", 0),
                    note.get("few", False), bool(computed), over.chosen if over else bool(computed), drawn,
                    over.amount if over else amount, bound, note.get("reserve", 0), over)


def _override(row: Sequence[Any]) -> Override:
    return Override(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6], row[7])

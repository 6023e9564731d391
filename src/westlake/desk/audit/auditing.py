"""What an auditor is handed: a case with all its papers, a sample that anybody can draw again, the acts looked for.

Nothing here writes but the draw of a sample, which the record keeps with its seed. What was erased shows as erased.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from westlake.chance import stream
from westlake.database import rows_among
from westlake.dates import DAY_MAX, DAY_MIN, iso
from westlake.desk.applying.deciding import Stored, decisions, told
from westlake.desk.cases import COLUMNS, Case, answers, call_of, following, root_of, steps_of
from westlake.desk.desk import Desk
from westlake.desk.files import Upload
from westlake.desk.panel.choosing import drawing_of
from westlake.desk.panel.lottery import Lot, same_draw
from westlake.desk.panel.runs import Run, runs
from westlake.desk.paying.bank_accounts import masked
from westlake.desk.people import Person, people_of
from westlake.desk.workflow import APPLICATION
from westlake.digest import fingerprint
from westlake.errors import Place, WestlakeError
from westlake.ledger.journal import read_entries
from westlake.money import allocate
from westlake.record import Record
from westlake.record.record import Act

SAMPLED = "audit.sampled"
STREAM = "audit.sample"  # the name of the stream of chance that draws
STRATA = ("", "programme", "amount")  # amount: the number of digits of what was asked, in minor units
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Papers:
    """All papers of an application and of what follows from it; rows as plain values, ready for a file."""

    case: Case
    facts: Row
    decisions: Sequence[Row]
    reviews: Sequence[Row]
    steps: Sequence[Row]
    acts: Sequence[Row]
    journals: Sequence[Row]
    uploads: Sequence[Upload]


@dataclass(frozen=True)
class Draw:
    """A sample as it was, or would be, drawn. population: how many; digest: of their numbers; chosen: numbers.

    strata: name → (how many, how many of them chosen); draws: number → what the stream gave it; within: the
    programmes that whoever drew may look at, None for all.
    """

    seed: int
    size: int
    by: str
    programme: str
    first: int
    last: int
    population: int
    digest: str
    chosen: tuple[str, ...]
    strata: Mapping[str, tuple[int, int]]
    draws: Mapping[str, int] = field(repr=False, default_factory=dict)
    within: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Search:
    """What is looked for among the acts; empty means all. act: how it begins; text: within its details; days: local."""

    actor: str = ""
    act: str = ""
    subject: str = ""
    text: str = ""
    first: int = DAY_MIN
    last: int = DAY_MAX


# The papers of a case ---------------------------------------------------------------------------------------


def papers_of(desk: Desk, case: Case, lang: str, erased: str) -> Papers:
    """The papers of the application that a case belongs to. erased: the word for what was erased."""
    root = root_of(desk, case)
    tree = list(_tree(desk, root))
    ids = [one.id for one in tree]
    numbers = {one.id: one.number for one in tree}
    return Papers(root, _facts(desk, root, tree, erased),
                  [_decision(desk, one, stored, lang) for one in tree for stored in decisions(desk, one)],
                  [_review(row, numbers) for row in rows_among(desk.connection, _REVIEWS, ids)],
                  [_step(one, step) for one in tree for step in steps_of(desk, one)],
                  [act_row(act, erased) for one in tree for act in Record(desk.connection).acts(one.subject)],
                  list(_journals(desk, root, ids)),
                  [Upload(*row) for row in rows_among(desk.connection, _FILES, ids)])


def act_row(act: Act, erased: str) -> dict[str, Any]:
    """An act as a row; personal values by name, those that are gone under the word for it; of an account four signs."""
    personal = {name: erased if value is None else masked(str(value)) if name == "account" else value
                for name, value in act.personal.items()}
    return {"id": act.id, "at": act.at, "day": iso(act.day), "actor": act.actor, "act": act.act, "subject": act.subject,
            "version": act.version, "details": dict(act.details), "personal": personal, "hash": act.hash}


def _tree(desk: Desk, case: Case) -> Iterator[Case]:
    yield case
    for one in following(desk, case):
        yield from _tree(desk, one)


def _facts(desk: Desk, root: Case, tree: Sequence[Case], erased: str) -> Row:
    """What was stated, what the office found, and how the case stands."""
    people = people_of(desk.connection, {root.applicant})
    applicant = people[root.applicant].name if root.applicant in people else ""
    found: dict[str, Any] = {
        "number": root.number, "programme": root.programme, "year": root.year, "firm": root.firm,
        "applicant": applicant or erased, "title": root.title, "asked": root.asked, "amount": root.amount,
        "currency": root.currency, "state": root.state, "opened_at": root.opened_at, "submitted_at": root.submitted_at,
        "follow": {one.number: f"{one.kind}: {one.state}" for one in tree[1:]}}
    found |= {f"answer.{name}": text for name, text in answers(desk, root).items()}
    for row in rows_among(desk.connection, "SELECT name, value, assurance, source, person, at FROM desk_fact WHERE"
                          " case_id IN ({keys}) ORDER BY id", [one.id for one in tree]):
        found.setdefault(f"found.{row[0]}", []).append(dict(zip(
            ("value", "assurance", "source", "person", "at"), row[1:], strict=True)))
    return found


def _decision(desk: Desk, case: Case, stored: Stored, lang: str) -> Row:
    """A decision as it was kept, with its trace told anew by the very version that made it."""
    row = {"case": case.number, "decision": stored.id, "day": iso(stored.day), "version": stored.digest,
           "eligible": stored.eligible, "claim": stored.claim, "entitlement": stored.entitlement,
           "reason": stored.reason, "given": dict(stored.given), "origins": dict(stored.origins)}
    try:
        decision = told(desk, case, stored)
    except WestlakeError as error:  # a version that is no longer whole cannot tell its reasons; the row still stands
        return {**row, "trace": error.problems[0].line(lang)}
    return {**row, "trace": decision.text(lang)}


def _review(row: Sequence[Any], numbers: Mapping[int, str]) -> Row:
    return {"case": numbers[row[0]], "reviewer": row[1], "seq": row[2], "criteria": json.loads(row[3]), "total": row[4],
            "confidence": row[5], "comment": row[6], "at": row[7]}


def _step(case: Case, step: Any) -> Row:
    return {"case": case.number, "seq": step.seq, "step": step.name, "from": step.came_from, "to": step.went_to,
            "person": step.person, "role": step.role, "at": step.at, "act": step.act, "data": dict(step.data)}


def _journals(desk: Desk, root: Case, ids: Sequence[int]) -> Iterator[Row]:
    """The journals whose key names the application, and those of its payments."""
    keys = {row[0] for row in desk.connection.execute("SELECT id FROM journal WHERE idem LIKE ?",
                                                      (f"%:desk:{root.id}:%",))}
    for table in ("SELECT journal FROM desk_payment WHERE case_id IN ({keys})",
                  "SELECT o.journal FROM desk_payment_outcome o JOIN desk_payment p ON p.id = o.payment"
                  " WHERE o.journal IS NOT NULL AND p.case_id IN ({keys})"):
        keys |= {row[0] for row in rows_among(desk.connection, table, ids)}
    for number in sorted(keys):
        for entry in read_entries(desk.connection, "journal.id = ?", (number,)):
            for leg in entry.journal.transfers:
                yield {"journal": entry.id, "day": iso(entry.journal.day), "kind": entry.journal.kind,
                       "key": entry.journal.idem, "debit": leg.debit, "credit": leg.credit, "amount": leg.amount,
                       "phase": leg.phase, "recorded_at": entry.recorded_at, "hash": entry.hash}


_REVIEWS = ("SELECT case_id, reviewer, seq, criteria, total, confidence, comment, at FROM desk_review WHERE case_id"
            " IN ({keys}) ORDER BY case_id, reviewer, seq")
_FILES = ("SELECT id, case_id, field, sha256, name, bytes, type, person, at FROM desk_file WHERE case_id IN ({keys})"
          " ORDER BY id")


# A sample ----------------------------------------------------------------------------------------------------


def draw_sample(desk: Desk, seed: int, size: int, first: int, last: int, programme: str = "", by: str = "",
                within: Collection[str] | None = None) -> Draw:
    """Draw cases at random from the applications handed in on local days, both included; nothing is written.

    Each number is given a whole number by chance.stream(seed, "audit.sample", number); of each stratum the smallest
    are taken, as many as its share of the population by largest remainders. So a case that comes in later
    changes nobody else's number. within: the programmes that may be looked at, None for all. W1095 unless the
    size is from 1 to all there are.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for number, name, asked in desk.connection.execute(
            "SELECT number, programme, asked FROM desk_case WHERE kind = ? AND submitted_at >= ? AND submitted_at < ?"
            " AND ? IN ('', programme) ORDER BY number",
            (APPLICATION, desk.starts_at(first), desk.starts_at(last + 1), programme)).fetchall():
        if within is None or name in within:
            found[{"": "", "programme": name, "amount": str(len(str(asked)))}[by]].append(number)
    numbers = sorted(number for group in found.values() for number in group)
    if not 1 <= size <= len(numbers):
        raise WestlakeError.one("W1095", Place(field="size"), size=size, most=len(numbers))
    draws = {number: int(stream(seed, STREAM, number).integers(0, 2**63)) for number in numbers}
    names = sorted(found)
    parts = allocate(size, [len(found[name]) for name in names])
    chosen = {name: sorted(found[name], key=lambda number: (draws[number], number))[:part]
              for name, part in zip(names, parts, strict=True)}
    return Draw(seed, size, by, programme, first, last, len(numbers), fingerprint(numbers),
                tuple(sorted(number for group in chosen.values() for number in group)),
                {name: (len(found[name]), len(chosen[name])) for name in names}, draws,
                None if within is None else tuple(sorted(within)))


def keep_sample(desk: Desk, person: Person, draw: Draw) -> int:
    """Write a draw into the record, before anybody looks at a case of it; the act's number."""
    return Record(desk.connection).add(person.actor, SAMPLED, "audit:sample", {
        "seed": str(draw.seed), "size": draw.size, "by": draw.by, "programme": draw.programme, "first": draw.first,
        "last": draw.last, "population": draw.population, "digest": draw.digest, "chosen": list(draw.chosen),
        "within": None if draw.within is None else list(draw.within)}).id


def again(desk: Desk, act: Act) -> Draw:
    """The draw that an act tells of, drawn once more from what stands now; W1095 when there are fewer than its size."""
    told_of: Any = act.details
    return draw_sample(desk, int(told_of["seed"]), told_of["size"], told_of["first"], told_of["last"],
                       told_of["programme"], told_of["by"], told_of["within"])


def cases_by_number(desk: Desk, numbers: Collection[str]) -> list[Case]:
    """The cases of these numbers, by number."""
    return sorted((Case(*row) for row in rows_among(
        desk.connection, f"SELECT {COLUMNS} FROM desk_case WHERE number IN ({{keys}})", numbers)),
        key=lambda case: case.number)


def draws_of(desk: Desk, case: Case) -> list[tuple[Run, Lot, bool]]:
    """Every draw in which a case had a lot, newest first: the selection, the lot, and whether all its lots and turns
    are what the published seed gives when drawn again now."""
    call = call_of(desk, case)
    found = ((run, drawing) for run in (runs(desk, call, "selection") if call else ())
             if (drawing := drawing_of(run)) is not None)
    return [(run, lot, same_draw(drawing)) for run, drawing in found for lot in drawing.lots if lot.case == case.number]


# Acts --------------------------------------------------------------------------------------------------------


def count_acts(desk: Desk, search: Search, within: Collection[str] | None = None) -> int:
    """How many acts are all of what is looked for."""
    condition, values = _condition(desk, search, within)
    return int(desk.connection.execute(f"SELECT count(*) FROM act WHERE {condition}", values).fetchone()[0])


def find_acts(desk: Desk, search: Search, limit: int, offset: int = 0,
              within: Collection[str] | None = None) -> list[Act]:
    """The acts that are all of what is looked for, newest first; personal values as far as they are not erased.

    within: None for all acts; else only those on cases of these programmes.
    """
    condition, values = _condition(desk, search, within)
    rows = desk.connection.execute(
        "SELECT id, at, day, actor, act, subject, version, details, personal, hash FROM act"
        f" WHERE {condition} ORDER BY id DESC LIMIT ? OFFSET ?", (*values, limit, offset)).fetchall()
    kept: dict[int, dict[str, object]] = defaultdict(dict)
    sql = "SELECT act, name, value FROM act_personal WHERE act IN ({keys})"
    for act, name, value in rows_among(desk.connection, sql, [row[0] for row in rows]):
        kept[act][name] = json.loads(value)
    return [Act(number, at, day, actor, act, subject, version, json.loads(details),
                {name: kept[number].get(name) for name in json.loads(personal)}, hash_)
            for number, at, day, actor, act, subject, version, details, personal, hash_ in rows]


def _condition(desk: Desk, search: Search, within: Collection[str] | None) -> tuple[str, list[object]]:
    parts = ["at >= ? AND at < ?"]
    values: list[object] = [desk.starts_at(search.first), desk.starts_at(search.last + 1)]
    for column, wanted in (("actor", search.actor), ("subject", search.subject)):
        if wanted:
            parts.append(f"{column} = ?")
            values.append(wanted)
    for column, wanted, before in (("act", search.act, ""), ("details", search.text, "%")):
        if wanted:
            parts.append(f"lower({column}) LIKE ? ESCAPE '!'")
            values.append(before + wanted.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%")
    if within is not None:
        marks = ",".join("?" * len(within)) or "NULL"
        parts.append(f"subject IN (SELECT 'case:' || id FROM desk_case WHERE programme IN ({marks}))")
        values += sorted(within)
    return " AND ".join(parts), values

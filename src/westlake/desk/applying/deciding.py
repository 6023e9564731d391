"""What is known of a case, how it is known, and what the programme's rules say of it.

Each input comes from where form.yaml and the workflow say: what the office found out goes before what the
register knows, and that before what the applicant says. What nobody can know yet is taken as the workflow
declares, and shown as taken, never as known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from westlake.database import transaction
from westlake.dates import year_of
from westlake.desk.acting import acting_for
from westlake.desk.applying.named_person import PERSON, UNBOUND, facts_of, of_person
from westlake.desk.applying.numbers import as_compared, may_be_same
from westlake.desk.applying.speaking import SILENT, UNCONFIRMED
from westlake.desk.asking import is_asked
from westlake.desk.cases import ASKED, Case, answers, find_case, root_of
from westlake.desk.desk import Desk, Offered
from westlake.desk.people import OUTSIDE, Person
from westlake.desk.workflow import APPLICATION, SYSTEM, Origin
from westlake.errors import Place, Problem, WestlakeError, nearest
from westlake.register.facts import Fact
from westlake.rules import Decision, Input, Kind
from westlake.rules.rows import out_of_range
from westlake.settlement.versions import archive, restored

FOUND = "SELECT name, value, assurance, source FROM desk_fact WHERE case_id IN (?, ?) ORDER BY case_id, id"
_DECISION = ("SELECT id, case_id, day, digest, given, origins, eligible, claim, entitlement, reason, at"
             " FROM desk_decision")
LAST_DECISION = f"{_DECISION} WHERE case_id = ? ORDER BY id DESC LIMIT 1"
RANKED = (
    "SELECT p.estimate, (SELECT min(q.estimate) FROM desk_place q WHERE q.run = r.id AND q.chosen = 1) FROM"
    " desk_place p JOIN desk_run r ON r.id = p.run WHERE p.case_id = ? AND r.kind = 'selection' ORDER BY r.id DESC"
    " LIMIT 1")
ASKED_OF_PEOPLE = ("form", "bill", "register")  # a bill's spend is asked beforehand, and settled by the bill later
TAKEN = "taken"  # for want of knowledge
NOBODY = "–"  # the number of somebody, or something, of whom nothing is known yet
NOT_ASKED = "not_asked"  # the route that was chosen does not ask it


@dataclass(frozen=True)
class Known:
    """One input of a case. value: a number or a text as the rules take it; assurance: declared, verified, audited,
    `taken` or `not_asked`; source: who says so."""

    name: str
    value: int | str
    assurance: str
    source: str


@dataclass(frozen=True)
class Stored:
    """A decision as it was kept. claim, entitlement: minor units; reason: the first test it failed, if any."""

    id: int
    case: int
    day: int
    digest: str
    given: Mapping[str, str]
    origins: Mapping[str, Mapping[str, str]]
    eligible: bool
    claim: int
    entitlement: int
    reason: str
    at: int


def asked_inputs(offered: Offered, written: Mapping[str, str] | None = None) -> list[Input]:
    """The inputs that an applicant is asked for, in the order of the form; what the register knows is shown there.

    written: the answers so far; what belongs to a route that is not chosen there is left out.
    """
    return [item for item in offered.programme.inputs.values()
            if item.origin in ASKED_OF_PEOPLE and item.name not in offered.workflow.facts and item.name != "firm"
            and (written is None or is_asked(offered.workflow.asked_when, item.name, written))]


def known_of(desk: Desk, case: Case, day: int, said: Mapping[str, str] | None = None,
             found: Mapping[str, int | str] | None = None) -> dict[str, Known]:
    """Everything known of a case on a day. said: answers not saved yet (a look beforehand); found: what the office
    finds by this very step."""
    offered, root = desk.offered(case.programme), root_of(desk, case)
    written = answers(desk, root) if said is None else said
    return gather(desk, offered, root.firm, written, day, _office_facts(desk, case, root), root, found or {},
                  beforehand=said is not None)


def gather(desk: Desk, offered: Offered, firm: str, written: Mapping[str, str], day: int,
           office: Mapping[str, Known], root: Case | None, found: Mapping[str, int | str],
           beforehand: bool = False) -> dict[str, Known]:
    """The inputs of a programme from all who may know them; those that nobody knows are left out.

    beforehand: a look that anybody gets who types; it tells nothing of what others were given for somebody who is
    not tied to the applicant. A decision counts that. There a number that is asked and not given is NOBODY's, taken.
    root: without one, whoever asks may know all of the firm.
    """
    register, unbound = facts_of(desk, offered, firm, written.get(PERSON, ""), day,
                                 applicant=acting_for(desk, root) if root is not None else None)
    known: dict[str, Known] = {}
    for name, item in offered.programme.inputs.items():
        origin = offered.workflow.facts.get(name)
        if unbound and beforehand and origin is not None and PERSON in origin.by:
            origin = replace(origin, by=(*origin.by, "firm"))
        answer = _find(desk, offered, item, origin, firm, written, office, register, root, day, found)
        if answer is not None:
            known[name] = answer
        elif beforehand and item.kind is Kind.ID and item.origin in ASKED_OF_PEOPLE and origin is None:
            known[name] = Known(name, NOBODY, TAKEN, "workflow")
    for name, route in offered.workflow.asked_when.items():
        chosen, said = known.get(route.input), known.get(name)
        if chosen is not None and not route.takes(str(chosen.value)) and (said is None or said.source == "applicant"):
            known[name] = Known(name, route.otherwise, NOT_ASKED, "workflow")
    if unbound:  # the trace says why these are only declared
        silent, inputs = unbound.code == SILENT, offered.programme.inputs
        known |= {name: replace(one, source=UNCONFIRMED if silent else UNBOUND) for name, one in known.items()
                  if one.source == "applicant" and (inputs[name].origin == "register" if silent else of_person(name))}
    return known


def _find(desk: Desk, offered: Offered, item: Input, origin: Origin | None, firm: str, written: Mapping[str, str],
          office: Mapping[str, Known], register: Mapping[str, Fact], root: Case | None, day: int,
          found: Mapping[str, int | str]) -> Known | None:
    name = item.name
    if name in found:
        return Known(name, found[name], "verified", "office")
    if name in office:
        return office[name]
    if name in register:
        fact = register[name]
        value = fact.value if item.kind in (Kind.CHOICE, Kind.ID) else fact.number()
        return Known(name, value, fact.assurance, fact.source)
    if origin is None and name == "firm":
        return Known(name, firm, "declared", "applicant")
    if origin is None and written.get(name, "").strip():
        return Known(name, written[name].strip(), "declared", "applicant")
    if origin is not None and origin.source in ("sum", "most", "count"):
        return Known(name, earlier(desk, offered, origin, firm, written, root, day), "audited", "books")
    if origin is not None and origin.source == "ranking" and root is not None:
        number = _ranked(desk, root, name)
        if number is not None:
            return Known(name, number, "verified", "review")
    if origin is not None and origin.before is not None:
        return Known(name, origin.before, TAKEN, "workflow")
    return None


def _office_facts(desk: Desk, case: Case, root: Case) -> dict[str, Known]:
    """What the office found out: of the application, and of the case itself over it; the last word holds."""
    rows = desk.connection.execute(FOUND, (root.id, case.id))
    return {row[0]: Known(*row) for row in rows}


def earlier(desk: Desk, offered: Offered, origin: Origin, firm: str, written: Mapping[str, str], root: Case | None,
            day: int) -> int:
    """What earlier cases of the programme asked, were promised or were paid, whose answers are the same.

    by: `case` (this very case), `firm`, `year`, or names of answers, compared as numbers are (`as_compared`). Counted
    in minor units, or in cases.
    """
    if ("case" in origin.by and root is None) or ("firm" in origin.by and not firm):
        return 0
    column = {"asked": "c.asked", "awarded": "c.amount", "paid": _PAID}[origin.of]
    conditions, values = ["c.kind = ?", "c.programme = ?"], list[str | int]([APPLICATION, offered.programme.name])
    if column != _PAID:
        conditions.append(f"{column} > 0")
    if root is not None:
        conditions.append("c.id = ?" if "case" in origin.by else "c.id <> ?")
        values.append(root.id)
    for name, value in (("firm", firm), ("year", root.year if root is not None else year_of(day))):
        if name in origin.by:
            conditions.append(f"c.{name} = ?")
            values.append(value)
    keys = [key for key in origin.by if key not in ("case", "firm", "year")]
    same = [as_compared(written.get(key, "")) for key in keys]
    answered = "".join(
        f" JOIN desk_answer a{at} ON a{at}.case_id = c.id AND a{at}.field = ? AND"
        f" {may_be_same(desk.connection, f'a{at}.value')}" for at in range(len(keys)))
    rows = desk.connection.execute(
        f"SELECT {', '.join([column, *(f'a{at}.value' for at in range(len(keys)))])} FROM desk_case c{answered} WHERE"
        f" {' AND '.join(conditions)}", [*(one for pair in zip(keys, same, strict=True) for one in pair), *values])
    found = [int(row[0]) for row in rows if [as_compared(text) for text in row[1:]] == same]
    return {"sum": sum(found), "most": max(found, default=0), "count": sum(one > 0 for one in found)}[origin.source]


_PAID = ("coalesce((SELECT sum(p.amount) FROM desk_payment p JOIN desk_case m ON m.id = p.case_id JOIN"
         " desk_payment_outcome o ON o.payment = p.id AND o.outcome = 'paid' WHERE m.parent = c.id AND NOT EXISTS"
         " (SELECT 1 FROM desk_payment_outcome r WHERE r.payment = p.id AND r.outcome = 'returned')), 0)")


def _ranked(desk: Desk, root: Case, name: str) -> int | None:
    """The case's score, or the cut-off of its call, as the last selection has it; thousandths of a point."""
    row = desk.connection.execute(RANKED, (root.id,)).fetchone()
    if row is None:
        return None
    found = row[0] if name == "score" else row[1]
    return int(found) if found is not None else None


def decide(desk: Desk, offered: Offered, known: Mapping[str, Known], day: int) -> Decision:
    """The programme's decision on what is known; W030 names what is missing and the rule that needs it."""
    return offered.programme.decide({name: one.value for name, one in known.items()}, day)


def decide_case(desk: Desk, case: Case, day: int, found: Mapping[str, int | str] | None = None) -> Stored:
    """Decide a case on what is known of it, and keep the decision with all that it rested on."""
    offered = desk.offered(case.programme)
    known = known_of(desk, case, day, found=found)
    decision = decide(desk, offered, known, day)
    archive(desk.connection, offered.programme)
    roles = offered.terms.decides
    answers_of = decision.values
    eligible = bool(answers_of[roles["eligible"]])
    reason = "" if eligible else first_failed(offered, decision)
    given = {name: offered.programme.write(name, number) if name not in decision.keys else decision.keys[name]
             for name, number in decision.inputs.items()}
    origins = {name: {"assurance": one.assurance, "source": one.source} for name, one in known.items()}
    row = desk.connection.execute(
        "INSERT INTO desk_decision (case_id, day, digest, given, origins, eligible, claim, entitlement, reason, at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id",
        (case.id, day, offered.programme.digest, json.dumps(given, ensure_ascii=False, sort_keys=True),
         json.dumps(origins, ensure_ascii=False, sort_keys=True), int(eligible), max(answers_of[roles["claim"]], 0),
         max(answers_of[roles["entitlement"]], 0), reason, desk.now())).fetchone()
    stored = find_decision(desk, row[0])
    assert stored is not None
    return stored


def first_failed(offered: Offered, decision: Decision) -> str:
    """The first test of eligibility that a case did not pass."""
    graph = offered.programme.graph
    needed = offered.terms.decides["eligible"]
    return next((name for name in graph.needs(needed) if name in graph.rules and graph.nodes[name].kind is Kind.BOOL
                 and not decision.values.get(name, 1)), needed)


def find_decision(desk: Desk, number: int) -> Stored | None:
    """A decision by number."""
    row = desk.connection.execute(f"{_DECISION} WHERE id = ?", (number,)).fetchone()
    return _stored(row) if row else None


def last_decision(desk: Desk, case: Case) -> Stored | None:
    """The last decision on a case."""
    row = desk.connection.execute(LAST_DECISION, (case.id,)).fetchone()
    return _stored(row) if row else None


def decisions(desk: Desk, case: Case) -> list[Stored]:
    """Every decision on a case, first to last."""
    return [_stored(row) for row in desk.connection.execute(f"{_DECISION} WHERE case_id = ? ORDER BY id", (case.id,))]


def told(desk: Desk, case: Case, stored: Stored) -> Decision:
    """A decision with its trace, by the very version that made it; W412 when that is no longer whole."""
    programme = desk.offered(case.programme).programme
    if programme.digest == stored.digest:
        return programme.decide(dict(stored.given), stored.day)
    with restored(desk.connection, stored.digest) as version:
        return version.decide(dict(stored.given), stored.day)


def _stored(row: Sequence[Any]) -> Stored:
    return Stored(row[0], row[1], row[2], row[3], json.loads(row[4]), json.loads(row[5]), bool(row[6]), *row[7:])


def asked_amount(offered: Offered, written: Mapping[str, str]) -> int:
    """What an application asks for: the answer to the programme's base, in minor units; 0 where it has none."""
    base = offered.programme.inputs.get(offered.terms.decides["base"])
    text = written.get(ASKED) or (written.get(base.name, "") if base else "")
    if base is None or not text.strip():
        return 0
    try:
        number = base.read(text, offered.programme.currency)
    except ValueError:
        return 0
    return max(number // 10_000 if base.kind is Kind.FINE else number, 0)


def note_fact(desk: Desk, case: Case, person: Person, name: str, value: str, assurance: str, source: str) -> None:
    """Write down what the office found out about a case; it holds over what the applicant said from now on.

    W995 for a name that the form does not know, W032 or W031 for a value that is not one, W1124 for a case that is
    finished.
    """
    offered = desk.offered(case.programme)
    item = offered.programme.inputs.get(name)
    if item is None:
        raise WestlakeError.one("W995", Place(field=name), nearest(name, offered.programme.inputs), field=name)
    problem = check_answer(item, value, offered.programme.currency)
    if problem is not None:
        raise WestlakeError([problem])
    with transaction(desk.connection):
        now = find_case(desk, case.id)
        if is_finished(desk, now):
            raise WestlakeError.one("W1124", number=now.number, state=offered.workflow.text("state", now.state))
        desk.connection.execute(
            "INSERT INTO desk_fact (case_id, name, value, assurance, source, person, at) VALUES (?,?,?,?,?,?,?)",
            (case.id, name, value, assurance, source, person.id, desk.now()))
        desk.record.add(person.actor, "desk.fact_noted", case.subject, {
            "name": name, "value": value, "assurance": assurance, "source": source})


def found_of(desk: Desk, case: Case) -> dict[str, str]:
    """What the office found out of this very case, name → value; the last word holds."""
    return dict(desk.connection.execute("SELECT name, value FROM desk_fact WHERE case_id = ? ORDER BY id",
                                        (case.id,)).fetchall())


def is_finished(desk: Desk, case: Case) -> bool:
    """Whether a case is at an end from which the office leads it nowhere: what is found out now changes nothing."""
    kind = desk.offered(case.programme).workflow.kinds[case.kind]
    return case.state in kind.ends and not any(set(step.who) - {*OUTSIDE, SYSTEM}
                                               for step in kind.from_state(case.state))


def check_answer(item: Input, text: str, currency: str) -> Problem | None:
    """W032 for a text that is no such number, W031 for one out of range."""
    try:
        number = item.read(text.strip(), currency)
    except ValueError:
        return Problem("W032", Place(field=item.name), {"name": item.name, "text": text, "kind": item.kind.value})
    if item.kind is not Kind.ID and not item.low <= number <= item.high:
        return Problem("W031", Place(field=item.name), out_of_range(item, number, currency))
    return None

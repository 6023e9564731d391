"""Approval: a second person turns what is held into what is owed to the firm, or sends it back.

Each case is posted once: its journal and its payment row commit together, keyed by round and firm.
A case whose key facts are only declared stays held until somebody has verified them; approve again
then. A case whose facts have changed since it was decided goes back, to be decided in a new round.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from westlake.database import Connection, transaction
from westlake.dates import iso
from westlake.errors import WestlakeError
from westlake.failpoints import failpoint
from westlake.ledger import Books, Journal, Transfer
from westlake.record import Record
from westlake.register import FACTS, Fact, Register
from westlake.rules import Programme
from westlake.settlement.claims import fact_number
from westlake.settlement.fiscal_year import open_year
from westlake.settlement.recovery import offset, recover
from westlake.settlement.rounds import Round, person, read_round, take_step
from westlake.settlement.seals import APPROVED, WITHDRAWN, seal_outcome
from westlake.settlement.terms import Terms

PAID_TO = "bank_account"  # the one fact that every payment needs


@dataclass
class Approval:
    """What came of an approval. Amounts in minor units, by firm; waiting: firm → facts only declared."""

    paid: dict[str, int] = field(default_factory=dict)
    recovered: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, list[str]] = field(default_factory=dict)
    returned: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Case:
    firm: str
    allotted: int
    lines: list[tuple[int, dict[str, int]]]  # day and inputs of each line that is still there
    documents: frozenset[str]


def approve(connection: Connection, programme: Programme, terms: Terms, number: int, actor: str,
            day: int, suspended: frozenset[str] = frozenset()) -> Approval:
    """Post every case of a round that may be paid. W408 for the person who decided it, W409 out of order.

    suspended: documents that wait for an officer now; a case that stands on one waits with it.
    """
    with transaction(connection):
        settled = read_round(connection, number)
        if person(actor) == person(settled.decided_by):
            raise WestlakeError.one("W408", number=number, actor=actor)
        if settled.state != "approved":
            take_step(connection, number, "approved", actor, day)
        failpoint("approve.step_taken")
        open_year(Books(connection), day)
        approval = _post_cases(connection, programme, terms, settled, day, suspended)
        failpoint("approve.posted")
        Record(connection).add(actor, APPROVED, f"round:{number}", {
            "programme": programme.name, "day": iso(day), "paid": sum(approval.paid.values()),
            "recovered": sum(approval.recovered.values()), "waiting": len(approval.waiting),
            "returned": len(approval.returned), "outcomes": {str(number): seal_outcome(connection, number)}},
            version=settled.digest)
        failpoint("approve.recorded")
    failpoint("approve.committed")
    return approval


def withdraw(connection: Connection, terms: Terms, number: int, actor: str, day: int, reason: str) -> int:
    """Release all that a round holds, so that its lines can be decided again; how many cases went back."""
    with transaction(connection):
        settled = read_round(connection, number)
        take_step(connection, number, "withdrawn", actor, day, reason)
        failpoint("withdraw.step_taken")
        open_year(Books(connection), day)
        cases = list(_open_cases(connection, number))
        for case in cases:
            _send_back(connection, terms, settled, case, day, reason)
        failpoint("withdraw.released")
        Record(connection).add(actor, WITHDRAWN, f"round:{number}", {
            "reason": reason, "day": iso(day), "outcomes": {str(number): seal_outcome(connection, number)}},
            version=settled.digest)
    failpoint("withdraw.committed")
    return len(cases)


def _post_cases(connection: Connection, programme: Programme, terms: Terms, settled: Round, day: int,
                suspended: frozenset[str]) -> Approval:
    approval = Approval()
    check = _Facts(connection, programme)
    for case in _open_cases(connection, settled.id):
        changed = check.changed(case)
        waiting = check.only_declared(case, day) + sorted(case.documents & suspended)
        if changed and case.allotted > 0:
            _send_back(connection, terms, settled, case, day, f"fact changed: {changed}")
            approval.returned[case.firm] = changed
        elif waiting:
            approval.waiting[case.firm] = waiting
        elif case.allotted > 0:
            _pay(connection, terms, settled, case, day)
            approval.paid[case.firm] = case.allotted
        else:
            journal = recover(connection, terms, settled, case.firm, -case.allotted, day)
            _note(connection, settled.id, case.firm, journal, case.allotted, day)
            offset(connection, terms, settled, case.firm, day)
            approval.recovered[case.firm] = -case.allotted
        failpoint("approve.case_posted")
    return approval


def _pay(connection: Connection, terms: Terms, settled: Round, case: _Case, day: int) -> None:
    budget = terms.code("budget", settled.programme, settled.year)
    payable = terms.code("payable", settled.programme, settled.year, case.firm)
    transfers = [Transfer(budget, payable, case.allotted, "release"), Transfer(budget, payable, case.allotted)]
    memo = f"{settled.programme} {settled.year} round {settled.id}"
    posted = Books(connection).post(Journal(f"pay:{settled.id}:{case.firm}", day, "award", memo, transfers))
    failpoint("approve.journal_posted")
    _note(connection, settled.id, case.firm, posted.id, case.allotted, day)
    offset(connection, terms, settled, case.firm, day)


def open_firms(connection: Connection, rounds: Sequence[Round]) -> set[str]:
    """Firms with money held in an approved round that still waits."""
    return {case.firm for settled in rounds if settled.state == "approved"
            for case in _open_cases(connection, settled.id)}


def send_back_waiting(connection: Connection, terms: Terms, rounds: Sequence[Round], firms: set[str],
                      day: int) -> None:
    """Release what approved rounds still hold for these firms, to be decided in a new round."""
    open_year(Books(connection), day)
    for settled in rounds:
        for case in list(_open_cases(connection, settled.id)) if settled.state == "approved" else []:
            if case.firm in firms:
                _send_back(connection, terms, settled, case, day, "decided anew")


def _note(connection: Connection, number: int, firm: str, journal: int, amount: int, day: int) -> None:
    connection.execute("INSERT INTO settlement_payment VALUES (?, ?, ?, ?, ?)", (number, firm, journal, amount, day))


def _send_back(connection: Connection, terms: Terms, settled: Round, case: _Case, day: int,
               reason: str) -> None:
    journal = None
    if case.allotted > 0:
        budget = terms.code("budget", settled.programme, settled.year)
        payable = terms.code("payable", settled.programme, settled.year, case.firm)
        released = Transfer(budget, payable, case.allotted, "release")
        key = f"back:{settled.id}:{case.firm}"
        journal = Books(connection).post(Journal(key, day, "release", reason, [released])).id
    connection.execute("INSERT INTO settlement_return VALUES (?, ?, ?, ?, ?)",
                       (settled.id, case.firm, journal, reason, day))


def _open_cases(connection: Connection, number: int) -> Iterator[_Case]:
    """Cases with money to move, neither paid nor sent back, with their lines."""
    rows = connection.execute(
        "SELECT c.firm, c.allotted, l.day, l.inputs, l.evidence FROM settlement_case c"
        " JOIN settlement_line l ON l.round = c.round AND l.firm = c.firm WHERE c.round = ? AND c.allotted <> 0"
        " AND NOT EXISTS (SELECT 1 FROM settlement_payment p WHERE p.round = c.round AND p.firm = c.firm)"
        " AND NOT EXISTS (SELECT 1 FROM settlement_return t WHERE t.round = c.round AND t.firm = c.firm)"
        " ORDER BY c.firm, l.place", (number,)).fetchall()
    for (firm, allotted), group in groupby(rows, key=lambda row: (row[0], row[1])):
        lines = [(day, json.loads(inputs), json.loads(evidence)) for _, _, day, inputs, evidence in group]
        yield _Case(firm, allotted, [(day, inputs) for day, inputs, evidence in lines if "gone" not in evidence],
                    frozenset(evidence["document"] for _, _, evidence in lines))


class _Facts:
    """Compares what a case was decided on with what the register says now."""

    def __init__(self, connection: Connection, programme: Programme) -> None:
        self.register, self.currency = Register(connection), programme.currency
        self.wanted = {name: wanted for name, wanted in programme.inputs.items() if wanted.origin == "register"}
        self.days: dict[int, dict[str, dict[str, Fact]]] = {}

    def changed(self, case: _Case) -> str:
        """The first fact that is no longer what a line was decided on, or an empty text."""
        for day, inputs in case.lines:
            facts = self._on(day).get(case.firm, {})
            for name, wanted in self.wanted.items():
                known = name in facts and fact_number(facts[name], wanted, self.currency) == inputs.get(name)
                if not known:
                    return name
        return ""

    def only_declared(self, case: _Case, day: int) -> list[str]:
        """Key facts of the lines' days, and the bank account of today, that nobody has verified."""
        found = set()
        for line_day, _ in case.lines:
            facts = self._on(line_day).get(case.firm, {})
            found |= {name for name in self.wanted if FACTS[name].key and name in facts and facts[name].only_declared}
        account = self._on(day).get(case.firm, {}).get(PAID_TO)
        if case.allotted > 0 and (account is None or account.only_declared):
            found.add(PAID_TO)
        return sorted(found)

    def _on(self, day: int) -> dict[str, dict[str, Fact]]:
        if day not in self.days:
            self.days[day] = self.register.on(day)
        return self.days[day]



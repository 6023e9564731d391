"""The one way money moves: decide every line, allot the budget, hold what was allotted.

All of a round stands or falls in one transaction: a power cut leaves either no round or a whole one,
and the same call again finds the round that is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from westlake.database import Connection, transaction
from westlake.dates import iso
from westlake.digest import fingerprint
from westlake.errors import WestlakeError
from westlake.failpoints import failpoint
from westlake.ledger import Books, Journal, Transfer
from westlake.record import Record
from westlake.register import Register
from westlake.rules import Programme
from westlake.settlement.allotment import Allotment
from westlake.settlement.approve import open_firms, send_back_waiting
from westlake.settlement.budget import open_budget
from westlake.settlement.claims import Claims, Line, gather
from westlake.settlement.decide import DecidedLine, decide
from westlake.settlement.history import History, read_history
from westlake.settlement.order import Order
from westlake.settlement.rounds import Round, read_round, rounds_of, take_step
from westlake.settlement.seals import DECIDED, seal_outcome, seal_round
from westlake.settlement.sharing import changed, share_budget, share_lines
from westlake.settlement.terms import Terms
from westlake.settlement.versions import archive


@dataclass(frozen=True)
class Request:
    """What an officer asks for: settle a programme's year from these lines, on this day.

    suspended: documents that wait for an officer's ruling; evidence: what the room says of the
    whole delivery (rulings, tie-outs, flags), kept for the report. order and seed are for the ways that
    rank firms or draw lots. restate: why a year already settled is decided anew under changed rules.
    """

    year: int
    day: int
    actor: str
    lines: Sequence[Line]
    suspended: frozenset[str]
    evidence: Mapping[str, object]
    seed: str = ""
    order: Order = field(default_factory=Order)
    restate: str = ""


def settle(connection: Connection, programme: Programme, terms: Terms, request: Request) -> Round | None:
    """Settle a programme's year once more; None when nothing has changed since the last round.

    W404 while an earlier round waits for approval. Nothing is paid: `approve` does that, by another
    person.
    """
    with transaction(connection):
        books = Books(connection)
        rounds = rounds_of(connection, programme.name, request.year)
        for earlier in rounds:
            if earlier.state == "decided":
                raise WestlakeError.one("W404", number=earlier.id, decided_by=earlier.decided_by)
        failpoint("settle.begun")
        decided, claims = _decide(connection, programme, terms, request, rounds)
        waiting = open_firms(connection, rounds) & {line.line.firm for line in decided}
        if waiting:  # what was held for them is decided anew: nobody is asked back what was never paid
            send_back_waiting(connection, terms, rounds, waiting, request.day)
            decided, claims = _decide(connection, programme, terms, request, rounds)
        failpoint("settle.decided")
        lacking = [{"firm": line.firm, "line": line.key, "fact": fact} for line, fact in claims.lacking]
        if not decided:
            return None
        archive(connection, programme)
        budget = open_budget(books, programme, terms, request.year, request.day,
                             max((earlier.budget for earlier in rounds), default=0),
                             wanted=any(sum(line.entitlement for line in lines) > 0 for _, lines in
                                        groupby(decided, key=lambda line: line.line.firm)))
        failpoint("settle.budget_open")
        allotments = share_budget(decided, terms, budget.available, request.order, request.seed)
        failpoint("settle.allotted")
        round_id = _write_round(connection, programme, terms, request, budget.total, budget.available,
                                {**request.evidence, "lacking": lacking}, decided)
        failpoint("settle.round_written")
        _write_cases(connection, round_id, decided, allotments, terms)
        failpoint("settle.cases_written")
        _hold(books, programme, terms, request, round_id, allotments)
        failpoint("settle.held")
        take_step(connection, round_id, "decided", request.actor, request.day)
        Record(connection).add(request.actor, DECIDED, f"round:{round_id}", {
            "programme": programme.name, "year": request.year, "regime": programme.regime, "day": iso(request.day),
            "allotted": sum(allotment.allotted for allotment in allotments.values()),
            "restate": request.restate, "sealed": seal_round(connection, round_id),
            "outcomes": {str(one): seal_outcome(connection, one) for one in (*(r.id for r in rounds), round_id)}},
            version=programme.digest)
        failpoint("settle.recorded")
    failpoint("settle.committed")
    return read_round(connection, round_id)


def _decide(connection: Connection, programme: Programme, terms: Terms, request: Request,
            rounds: Sequence[Round]) -> tuple[list[DecidedLine], Claims]:
    """All lines that are new or moved. W419 when other rules would move what is settled and nobody asked for it."""
    history = read_history(connection, programme.name, request.year)
    claims = gather(programme, terms, request.lines, Register(connection), history, request.suspended,
                    anew=bool(request.restate))
    failpoint("settle.gathered")
    decided = changed(decide(programme, terms, claims, history, anew=bool(request.restate)), history)
    standing = [settled for settled in rounds if settled.state != "withdrawn"]
    if standing and standing[-1].digest != programme.digest and not request.restate:
        moved = [line for line in decided if line.line.key in history.lines and _same_facts(line, history)]
        if moved:
            raise WestlakeError.one("W419", number=len(moved), year=request.year, before=standing[-1].digest[:12],
                                    after=programme.digest[:12])
    return decided, claims


def _same_facts(line: DecidedLine, history: History) -> bool:
    """Is the line as it was, so that only the rules or values can have moved it?"""
    before = json.loads(history.lines[line.line.key].inputs)
    return all(before.get(name) == number for name, number in line.inputs.items() if name not in line.from_ledger)


def _write_round(connection: Connection, programme: Programme, terms: Terms, request: Request, budget: int,
                 available: int, evidence: Mapping[str, object], decided: list[DecidedLine]) -> int:
    number = len(rounds_of(connection, programme.name, request.year)) + 1
    data = fingerprint([[line.line.key, line.inputs] for line in decided])
    row = connection.execute(
        "INSERT INTO settlement_round(programme, year, number, day, regime, digest, data_digest, way, seed, currency,"
        " budget, available, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (programme.name, request.year, number, request.day, programme.regime, programme.digest, data, terms.way,
         request.seed, programme.currency, budget, available, json.dumps(evidence, ensure_ascii=False))).fetchone()
    return int(row[0])


def _write_cases(connection: Connection, round_id: int, decided: list[DecidedLine],
                 allotments: Mapping[str, Allotment], terms: Terms) -> None:
    for firm, group in groupby(decided, key=lambda line: line.line.firm):
        lines, result = list(group), allotments[firm]
        connection.execute("INSERT INTO settlement_case VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (
            round_id, firm, result.entitlement, result.allotted, result.rank, result.draw, result.score,
            _outcome(result, lines)))
        parts = share_lines(lines, result.allotted)
        connection.executemany("INSERT INTO settlement_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [
            (round_id, firm, line.line.key, place, line.line.day, json.dumps(line.inputs), line.reason, line.claim,
             line.change, line.entitlement, part, json.dumps(_evidence(line.line), ensure_ascii=False))
            for place, (line, part) in enumerate(zip(lines, parts, strict=True))])


def _evidence(line: Line) -> dict[str, object]:
    return {**line.evidence, "order": line.order, "document": line.document}


def _outcome(result: Allotment, lines: Sequence[DecidedLine]) -> str:
    if result.entitlement < 0:
        return "recovery"
    if result.entitlement == 0:
        return "refused" if all(line.reason for line in lines) else "unchanged"
    if result.allotted == result.entitlement:
        return "allotted"
    return "cut" if result.allotted else "unfunded"


def _hold(books: Books, programme: Programme, terms: Terms, request: Request, round_id: int,
          allotments: Mapping[str, Allotment]) -> None:
    budget = terms.code("budget", programme.name, request.year)
    journals = []
    for firm, result in sorted(allotments.items()):
        if result.allotted <= 0:
            continue
        payable = terms.code("payable", programme.name, request.year, firm)
        books.open_account(payable, programme.currency, terms.accounts["payable"].rule)
        journals.append(Journal(f"hold:{round_id}:{firm}", request.day, "hold",
                                f"{programme.name} {request.year} round {round_id}",
                                [Transfer(budget, payable, result.allotted, "hold")]))
    books.post_many(journals)



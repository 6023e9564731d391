"""The article's city: its five programmes, its books, and six fictional firms that carry the six dragons' histories."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from sqlite3 import Connection

import pytest

import westlake.programmes
from westlake import bills, settlement
from westlake.bills import FxTable, Manifest, read_spend
from westlake.database import connect
from westlake.dates import DAY_MAX, DAY_MIN, iso, parse_day, year_of
from westlake.ledger import Books
from westlake.record import Record
from westlake.register import Register
from westlake.rules import Decision, Programme, load_programme
from westlake.settlement import Line
from westlake.settlement.bill_lines import bill_claims

from .bill import ISSUER

HANGZHOU = Path(westlake.programmes.__file__).parent / "hangzhou"


@cache
def programme(name: str, regime: str) -> Programme:
    return load_programme(HANGZHOU / name, regime=regime)


@dataclass
class Story:
    """What one case came to under a regime: the decision with its reasons, and what the books paid."""

    decision: Decision
    paid: int

    def failed(self) -> list[str]:
        """The tests that were not passed, the joining one left out."""
        steps = self.decision.steps
        return [step.name for step in steps if step.says and not step.number and step.name != "eligible"]


@dataclass
class City:
    """One set of books for all programmes under one regime."""

    regime: str
    connection: Connection
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    kept: dict[tuple[str, int], list[Line]] = field(default_factory=dict)

    def decide(self, name: str, day: str, **case) -> Decision:
        return programme(name, self.regime).decide(whole(name, case), day)

    def play(self, name: str, who: str, day: str, document: str = "case", **case) -> Story:
        """Decide a case, settle it, let a second person approve it; what the books posted to `who`."""
        loaded, number = programme(name, self.regime), parse_day(day)
        case = whole(name, case)
        decision = loaded.decide(case, number)
        self._know(loaded, who, decision)
        terms = settlement.read_terms(loaded)
        base = case[terms.decides["base"]]
        lines = self.kept.setdefault((name, year_of(number)), [])
        evidence = {"month": day, "base": str(base)}
        lines.append(Line(f"{who}|{document}", who, number, (document,), document, case, evidence))
        settled = settlement.settle(self.connection, loaded, terms, settlement.Request(
            year_of(number), number, "officer", lines, frozenset(), {},
            order=settlement.Order(scores={line.firm: 1 for line in lines})))
        before = self.posted(name, who)
        if settled is not None:
            settlement.approve(self.connection, loaded, terms, settled.id, "finance", number)
        return Story(decision, self.posted(name, who) - before)

    def play_bill(self, bill: Path, who: str, account: str, charges: Path) -> int:
        """Take in a bill of 2025, settle the cloud voucher on it, let a second person approve; what was posted."""
        loaded = programme("cloud_voucher", self.regime)
        terms, day = settlement.read_terms(loaded), parse_day("2026-02-01")
        bills.create(self.connection)
        for fact, value in (("bank_account", "CN"), ("resident", "1"), ("saas", "1"), ("size", "medium"),
                            ("contracts_year", "900000000")):
            self._enter(who, fact, value, DAY_MIN)
        self.connection.execute(
            "INSERT INTO register_account(issuer, account, firm, first, last, assurance, source, learnt, file)"
            " VALUES (?, ?, ?, ?, ?, 'verified', '', 0, '')", (ISSUER, account, who, DAY_MIN, DAY_MAX))
        taken = bills.intake(self.connection, charges, [bill], Manifest(final=True, paid=True), day)
        assert [delivery.state for delivery in taken] == ["taken"]
        claims = bill_claims(self.connection, charges, loaded, read_spend(HANGZHOU / "cloud_voucher" / "spend.yaml"),
                             FxTable(), 2025, "Asia/Shanghai")
        settled = settlement.settle(self.connection, loaded, terms, settlement.Request(
            2025, day, "officer", claims.lines, claims.suspended, claims.evidence))
        return settlement.approve(self.connection, loaded, terms, settled.id, "finance", day).paid[who]

    def posted(self, name: str, who: str) -> int:
        balances = Books(self.connection).balances()
        account = balances.get(f"payable:{name}:{who}")
        return account.credits if account else 0

    def _know(self, loaded: Programme, who: str, decision: Decision) -> None:
        """Enter in the register, as verified, what the case says of the firm or person."""
        self._enter(who, "bank_account", "CN", DAY_MIN)
        for fact, wanted in loaded.inputs.items():
            if wanted.origin == "register":
                number = int(decision.inputs[fact])
                text = wanted.choices[number] if wanted.choices else number
                if wanted.kind.value == "day":
                    text = iso(number)
                self._enter(who, fact, str(text), DAY_MIN if (who, fact) not in self.known else decision.day)

    def _enter(self, who: str, fact: str, value: str, first: int) -> None:
        if self.known.get((who, fact)) != value:
            Register(self.connection).enter(who, fact, value, first, DAY_MAX, "verified", "article", DAY_MIN)
            self.known[who, fact] = value


def whole(name: str, case: dict) -> dict:
    """The case with everything it does not mention filled in neutrally: nothing, no, or the first choice."""
    filled = {}
    for item in programme(name, "official").inputs.values():
        if item.name in case:
            value = case[item.name]
            filled[item.name] = item.read(value, "CNY") if isinstance(value, str) else int(value)
        else:
            filled[item.name] = max(item.low, 0) if item.kind.value != "day" else parse_day("2016-08-26")
    return filled


def open_city(regime: str) -> City:
    connection = connect(":memory:")
    for room in (Books, Record, Register):
        room.create(connection)
    settlement.create(connection)
    return City(regime, connection)


@pytest.fixture
def article():
    city = open_city("article")
    yield city
    assert Books(city.connection).verify() == []


@pytest.fixture
def official():
    city = open_city("official")
    yield city
    assert Books(city.connection).verify() == []

"""A small agency by the lake: its books, its register with three studios, and a voucher with tight caps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from westlake import settlement
from westlake.database import Connection, connect
from westlake.dates import parse_day
from westlake.ledger import Books
from westlake.record import Record
from westlake.register import Register
from westlake.rooms import create_all
from westlake.rules import Programme, load_programme, propose
from westlake.settlement import Line, Terms

VOUCHER = Path(__file__).parent.parent / "lakeside" / "programmes" / "render_voucher"
FACTS = {"size": "medium", "resident": "1", "saas": "1", "contracts_year": "480000", "bank_account": "LK-1"}
OPEN = parse_day("9999-12-31")


@dataclass
class Office:
    """What an officer has on the desk, with short words for what they do."""

    connection: Connection
    programme: Programme
    terms: Terms

    def know(self, firm, first="2025-01-01", assurance="verified", learnt="2025-01-01", **facts):
        for name, value in (facts or FACTS).items():
            Register(self.connection).enter(firm, name, value, parse_day(first), OPEN, assurance, "test", parse_day(learnt))

    def settle(self, *lines, day="2026-02-01", actor="kim", suspended=(), **more):
        request = settlement.Request(2025, parse_day(day), actor, lines, frozenset(suspended), {}, **more)
        return settlement.settle(self.connection, self.programme, self.terms, request)

    def approve(self, settled, actor="lee", day="2026-02-02", suspended=()):
        return settlement.approve(self.connection, self.programme, self.terms, settled.id, actor, parse_day(day),
                                  frozenset(suspended))

    def withdraw(self, settled):
        return settlement.withdraw(self.connection, self.terms, settled.id, "lee", settled.day, "drill")

    def under(self, **numbers):
        """The same office after the city has changed some values."""
        return replace(self, programme=propose(self.programme, numbers))

    def pay(self, *lines, day="2026-02-01", **more):
        """Settle and approve in one breath: firm → what was posted (negative: asked back)."""
        settled = self.settle(*lines, day=day, **more)
        if settled is None:
            return {}
        approval = self.approve(settled, day=day)
        return {**approval.paid, **{firm: -amount for firm, amount in approval.recovered.items()}}

    def balance(self, role, firm=""):
        return Books(self.connection).balance(self.terms.code(role, "render_voucher", 2025, firm))

    def allotted(self, settled):
        return dict(self.connection.execute(
            "SELECT firm, allotted FROM settlement_case WHERE round = ?", (settled.id,)))

    def sound(self):
        """Books and record verify, and budget = posted + held + free at any moment."""
        assert Books(self.connection).verify() == []
        assert Record(self.connection).verify() == []
        return True


def open_office(where) -> Office:
    connection = connect(where)
    create_all(connection)
    programme = load_programme(VOUCHER)
    return Office(connection, programme, settlement.read_terms(programme))


@pytest.fixture
def office(database) -> Iterator[Office]:
    office = open_office(database)
    for firm in ("heron", "lotus", "reed"):
        office.know(firm)
    yield office
    assert office.sound()


def line(firm, yuan, invoice="i1", day="2025-03-01", spend_class="domestic"):
    """A claim line of so many yuan of eligible spend; 30 % of domestic spend is the claim."""
    order = (day, invoice, spend_class)
    return Line(f"{firm}|{invoice}|{day}|{spend_class}", firm, parse_day(day), order, invoice,
                {"firm": firm, "base": yuan * 1_000_000, "spend_class": spend_class}, {"month": day, "invoice": invoice})

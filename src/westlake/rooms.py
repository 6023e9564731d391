"""Every room's tables: made together, and verified together, whatever was done behind the rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from westlake.bills.tables import SCHEMA as BILLS
from westlake.database import Connection, Schema, first_problems, reading
from westlake.desk.seals import check_cases
from westlake.desk.tables import SCHEMA as DESK
from westlake.digest import Head
from westlake.errors import Place, Problem
from westlake.ledger import Books
from westlake.ledger.books import SCHEMA as LEDGER
from westlake.record import Record
from westlake.record.record import SCHEMA as RECORD
from westlake.register.register import SCHEMA as REGISTER
from westlake.register.seals import check_seals as register_seals
from westlake.settlement.closings import check_closings
from westlake.settlement.rounds import SCHEMA as SETTLEMENT
from westlake.settlement.seals import check_seals as settlement_seals

# In the order in which they can be filled.
SCHEMAS: tuple[Schema, ...] = (LEDGER, RECORD, REGISTER, BILLS, SETTLEMENT, DESK)
UNCHAINED = (REGISTER, BILLS, SETTLEMENT, DESK)  # books and record look after their own tables


class Verified(NamedTuple):
    """What verification found: the heads of the two chains, and what is wrong with each, and with the other rooms."""

    books: Head
    record: Head
    problems: dict[str, list[Problem]]

    @property
    def all_problems(self) -> list[Problem]:
        return [problem for found in self.problems.values() for problem in found]


def create_all(connection: Connection) -> None:
    """Make every room's tables where they are not there yet."""
    for schema in SCHEMAS:
        schema.create(connection)


def verify_all(connection: Connection, published: Iterable[str] = ()) -> Verified:
    """Check all that the database holds anew. published: heads of either chain that were kept outside."""
    books, record = Books(connection), Record(connection)
    published = list(published)
    with reading(connection):
        acts = {act.hash for act in record.acts()} if published else set()
        problems = {"books": books.verify([hash_ for hash_ in published if hash_ not in acts]),
                    "record": record.verify(),
                    "rooms": first_problems([*(_check(connection, schema) for schema in UNCHAINED),
                                             register_seals(connection), settlement_seals(connection),
                                             check_cases(connection), check_closings(connection)], "W721")}
        return Verified(books.head(), record.head(), problems)


def _check(connection: Connection, schema: Schema) -> Iterator[Problem]:
    """The guards and tables are the ones this release makes, and the engine finds nothing broken in them."""
    for name in schema.altered(connection):
        yield Problem("W720", Place(schema.name), {"name": name, "room": schema.name})
    for what in connection.damage(schema.tables):
        yield Problem("W721", Place(schema.name), {"what": what})

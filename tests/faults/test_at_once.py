"""Several officers do the same thing at the same moment: it is done once, and the others are told."""

import multiprocessing
import sys
import zipfile
from pathlib import Path

import pytest
from tests.settlement.conftest import VOUCHER, line, open_office
from tests.settlement.drill import DELIVERIES, write_bill

from westlake import bills, settlement
from westlake.bills import FxTable, Manifest, read_spend
from westlake.database import connect
from westlake.dates import parse_day
from westlake.register import Register
from westlake.rooms import SCHEMAS, create_all
from westlake.settlement.bill_lines import bill_claims

from .drills import at_once

OFFICERS = 8


@pytest.fixture
def lake(database):
    """An office that knows three firms and has not settled anything."""
    office = open_office(database)
    for firm in ("heron", "lotus", "reed"):
        office.know(firm)
    Register.create(office.connection)
    yield office
    assert office.sound()


def test_two_settles_and_two_approvals_at_once(lake, database):
    """One round; each case paid once; whoever settles second is told that a round waits."""
    def settle(number):
        return open_office(database).settle(line("heron", 2000), line("reed", 1000), actor=f"kim{number}").id

    def approve(number):
        office = open_office(database)
        return office.approve(settlement.read_round(office.connection, 1), actor=f"lee{number}").paid

    lake.connection.close()
    assert at_once(OFFICERS, settle) == ["1"] + ["W404"] * (OFFICERS - 1)
    paid = at_once(OFFICERS, approve)
    office = open_office(database)
    payments = dict(office.connection.execute("SELECT firm, amount FROM settlement_payment").fetchall())
    assert set(payments) == {"heron", "reed"}
    assert sorted(paid, key=len) == ["{}"] * (OFFICERS - 1) + [str(payments)]
    assert office.connection.execute("SELECT count(*) FROM settlement_step").fetchone() == (2,)
    lake.connection = office.connection


def test_approve_and_withdraw_at_once(lake, database):
    """One of the two stands; the other is out of order."""
    lake.settle(line("heron", 2000))
    lake.connection.close()

    def step(number):
        office = open_office(database)
        settled = settlement.read_round(office.connection, 1)
        return "paid" if number % 2 and office.approve(settled, actor=f"ko{number}").paid else f"back {office.withdraw(settled)}"

    said = at_once(OFFICERS, step)
    office = lake.connection = open_office(database).connection
    paid = office.execute("SELECT count(*) FROM settlement_payment").fetchone()[0]
    back = office.execute("SELECT count(*) FROM settlement_return").fetchone()[0]
    assert (paid, back) in ((1, 0), (0, 1))
    assert [one for one in said if one not in ("W409", "back 0")] == (["paid"] if paid else ["back 1"])


def test_the_same_bill_taken_in_by_all_at_once(lake, database, tmp_path):
    """One delivery, whole; all are answered with it, and all count the same claims."""
    path = write_bill(tmp_path / "spring.csv", DELIVERIES[0][1])
    lake.connection.executemany(
        "INSERT INTO register_account(issuer, account, firm, first, last, assurance, source, learnt, file)"
        " VALUES ('Alibaba Cloud', ?, ?, ?, ?, 'verified', '', 0, '')",
        [(firm, firm, parse_day("2025-01-01"), parse_day("9999-12-31")) for firm in ("heron", "lotus", "reed")])
    programme = lake.programme
    lake.connection.close()
    gate = multiprocessing.get_context("fork").Barrier(OFFICERS)

    def take(number):
        office = open_office(database)
        intake = sys.modules["westlake.bills.intake"]
        for_good = intake.place
        intake.place = lambda draft, final: (draft.is_dir() and gate.wait(), for_good(draft, final))  # none saw another's
        manifest = Manifest(final=True, paid=True)
        taken = bills.intake(office.connection, tmp_path / "charges", [path], manifest, parse_day("2026-01-20"))
        claims = bill_claims(office.connection, tmp_path / "charges", programme, read_spend(VOUCHER / "spend.yaml"),
                             FxTable(), 2025, "Asia/Shanghai")
        return taken[0].id, taken[0].state, len(claims.lines)

    assert at_once(OFFICERS, take) == ["(1, 'taken', 3)"] * OFFICERS
    assert [path.name for path in (tmp_path / "charges").iterdir() if path.name.startswith(".")] == []
    lake.connection = open_office(database).connection


def test_an_empty_database_opened_by_all_at_once(database):
    """Whoever comes first makes the tables; the others find them."""
    def begin(number):
        office = open_office(database)
        office.know(f"firm{number}")
        return office.sound()

    assert at_once(OFFICERS, begin) == ["True"] * OFFICERS
    office = open_office(database)
    assert office.sound()
    assert len(Register(office.connection).on(parse_day("2025-06-01"))) == OFFICERS


def test_a_file_of_the_release_before_is_brought_forward_once(tmp_path):
    with zipfile.ZipFile(Path(__file__).parent.parent / "backup" / "release-0.1.0.zip") as archive:
        archive.extract("westlake.db", tmp_path)

    def begin(number):
        connection = connect(tmp_path / "westlake.db")
        create_all(connection)
        return [schema.altered(connection) for schema in SCHEMAS]

    assert at_once(OFFICERS, begin) == [str([[]] * len(SCHEMAS))] * OFFICERS

"""A year played from a bill to recovered money, one step after another; played again, it goes on where it stopped."""

import csv
from pathlib import Path

from westlake import bills, settlement
from westlake.bills import FxTable, Manifest, read_spend
from westlake.database import transaction
from westlake.dates import parse_day
from westlake.settlement.bill_lines import bill_claims

from .conftest import VOUCHER, open_office

COLUMNS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId", "BillingCurrency",
           "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory",
           "ChargeClass", "ServiceCategory", "ServiceName", "InvoiceId", "InvoiceIssuerName", "ProviderName",
           "PublisherName", "RegionId", "SkuId")
FIRMS = ("heron", "lotus", "reed")
# each delivery: (file, firm, invoice, month of use, yuan); the second one corrects the first year downward
DELIVERIES = (
    ("spring.csv", [("heron", "H-1", 3, 2000), ("lotus", "L-1", 3, 4000), ("reed", "R-1", 4, 1000)]),
    ("autumn.csv", [("heron", "H-2", 9, 500), ("reed", "R-2", 4, -600)]),
)
STAGES = (("pay", 1), ("withdraw", 2), ("pay", 2))  # what to do, from how many deliveries


def play(folder: Path, where=None, told=lambda office: None) -> None:
    """Register, bills, three rounds: paid, withdrawn, paid with money coming back.

    where: the database, when it is not a file of this folder; told: hears the office whenever it has been answered.
    """
    office = open_office(where or folder / "books.db")
    if not office.connection.execute("SELECT 1 FROM register_fact LIMIT 1").fetchone():
        with transaction(office.connection):
            for firm in FIRMS:
                office.know(firm)
                office.connection.execute(
                    "INSERT INTO register_account(issuer, account, firm, first, last, assurance, source, learnt, file)"
                    " VALUES ('Alibaba Cloud', ?, ?, ?, ?, 'verified', '', 0, '')",
                    (firm, firm, parse_day("2025-01-01"), parse_day("9999-12-31")))
    for number, (stage, files) in enumerate(STAGES):
        for name, rows in DELIVERIES[:files]:
            path = write_bill(folder / name, rows)
            bills.intake(office.connection, folder / "charges", [path], Manifest(final=True, paid=True),
                         parse_day("2026-01-20") + number)
            told(office)
        rounds = settlement.rounds_of(office.connection, "render_voucher", 2025)
        if len(rounds) == number:
            claims = bill_claims(office.connection, folder / "charges", office.programme,
                                 read_spend(VOUCHER / "spend.yaml"), FxTable(), 2025, "Asia/Shanghai")
            office.settle(*claims.lines, day="2026-02-01")
            told(office)
            rounds = settlement.rounds_of(office.connection, "render_voucher", 2025)
        settled = rounds[number]
        if stage == "withdraw" and settled.state == "decided":
            settlement.withdraw(office.connection, office.terms, settled.id, "lee", settled.day, "drill")
        elif settled.state == "decided":
            office.approve(settled)
        told(office)
    assert office.sound()


def state(folder: Path, where=None) -> dict[str, object]:
    """All that the drill must end in: balances, cases, who was paid, what journals there are."""
    office = open_office(where or folder / "books.db")
    execute = office.connection.execute
    from westlake.ledger import Books

    return {
        "balances": Books(office.connection).balances(),
        "cases": execute("SELECT * FROM settlement_case ORDER BY round, firm").fetchall(),
        "payments": execute("SELECT round, firm, amount FROM settlement_payment ORDER BY round, firm").fetchall(),
        "journals": sorted(entry.journal.idem for entry in Books(office.connection).journals())}


def write_bill(path: Path, rows) -> Path:
    """A small FOCUS 1.2 bill; written the same every time."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for firm, invoice, month, yuan in rows:
            start, end = f"2025-{month:02}-01T00:00:00Z", f"2025-{month + 1:02}-01T00:00:00Z"
            cost = f"{yuan}.00"
            writer.writerow(dict(zip(COLUMNS, (
                cost, cost, cost, cost, firm, "CNY", start, end, f"2025-{month:02}-10T00:00:00Z",
                f"2025-{month:02}-10T01:00:00Z", "Usage", "", "Compute", "Elastic Compute", invoice, "Alibaba Cloud",
                "Alibaba Cloud", "Alibaba Cloud", "cn-hangzhou", "sku-1"), strict=True)))
    return path

"""The real FOCUS sample of three providers settles under its manifest, and every number in it is accounted for."""

import csv
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from westlake import bills, settlement
from westlake.bills import FxRate, FxTable, Manifest, read_spend
from westlake.dates import parse_day
from westlake.rules import load_programme
from westlake.settlement.bill_lines import bill_claims

from .conftest import open_office

SAMPLE = os.environ.get("WESTLAKE_FOCUS_SAMPLE", "")
HANGZHOU = Path(settlement.__file__).parent.parent / "programmes" / "hangzhou" / "cloud_voucher"
RATE = Decimal("7.0074")
COUNTED = {"Compute", "AI and Machine Learning", "Storage", "Databases"}


@pytest.fixture
def sample():
    if not SAMPLE:
        pytest.skip("set WESTLAKE_FOCUS_SAMPLE to the FinOps foundation's focus_sample.csv (FOCUS 1.0)")
    return Path(SAMPLE)


def test_the_sample_settles(sample, tmp_path):
    rows = list(csv.DictReader(sample.open(encoding="utf-8")))
    office = open_office(tmp_path / "books.db")
    office.programme = load_programme(HANGZHOU)
    office.terms = settlement.read_terms(office.programme)
    bills.create(office.connection)
    issuers = {row["BillingAccountId"]: row["InvoiceIssuerName"] for row in rows}
    for account, issuer in issuers.items():
        office.know(account, first="2024-01-01", size="medium", resident="1", saas="1", contracts_year="100000000000",
                    bank_account="x")
        office.connection.execute(
            "INSERT INTO register_account(issuer, account, firm, first, last, assurance, source, learnt, file)"
            " VALUES (?, ?, ?, 0, 100000, 'verified', '', 0, '')", (issuer, account, account))
    manifest = Manifest(format="focus-1.0", final=True, paid=True, invoice_by=("issuer", "account", "billing_period"))
    taken = bills.intake(office.connection, tmp_path / "charges", [sample], manifest, parse_day("2024-10-10"))
    assert [(delivery.state, delivery.rows) for delivery in taken] == [("taken", 1000)]
    claims = bill_claims(office.connection, tmp_path / "charges", office.programme, read_spend(HANGZHOU / "spend.yaml"),
                         FxTable([FxRate("USD", parse_day("2024-09-30"), str(RATE), "test")]), 2024, "Asia/Shanghai")
    assert sum(row["rows"] for row in claims.evidence["rulings"]) == 1000
    request = settlement.Request(2024, parse_day("2024-12-01"), "kim", claims.lines, claims.suspended, claims.evidence)
    settled = settlement.settle(office.connection, office.programme, office.terms, request)
    paid = settlement.approve(office.connection, office.programme, office.terms, settled.id, "lee", settled.day).paid
    assert sorted(paid) == sorted(issuers)
    assert sum(paid.values()) == by_hand(rows)
    assert office.sound()


def by_hand(rows) -> int:
    """What 20 % of the counted spend is worth, line by line, in fen: written without any of the rooms."""
    lines = defaultdict(Decimal)
    for row in rows:
        usage = row["ChargeCategory"] in ("Usage", "Credit") and row["ServiceCategory"] in COUNTED
        sold_on = row["PublisherName"] not in (row["InvoiceIssuerName"], row["ProviderName"]) and "Marketplace" in row["ServiceName"]
        if usage and not sold_on:
            month = row["ChargePeriodStart"][:7] if row["ChargePeriodStart"][8:] < "30 16" else "next"
            lines[row["BillingAccountId"], row["InvoiceIssuerName"], row["BillingPeriodStart"], month] += Decimal(row["BilledCost"])
    return sum(int((amount * RATE * 20).quantize(Decimal(1), "ROUND_HALF_UP")) for amount in lines.values())

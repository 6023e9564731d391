"""The real FOCUS 1.0 sample of three providers settles under a fixture manifest, to the last decimal.

The file is not part of the project: WESTLAKE_FOCUS_SAMPLE names it where it lies.
"""

import csv
import os
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from westlake import bills
from westlake.bills import FxRate, Manifest
from westlake.dates import parse_day
from westlake.register.spans import AccountSpan

SAMPLE = os.environ.get("WESTLAKE_FOCUS_SAMPLE", "")
pytestmark = pytest.mark.skipif(not SAMPLE, reason="WESTLAKE_FOCUS_SAMPLE names no file (FOCUS-Sample-Data, FOCUS-1.0)")
MANIFEST = Manifest(final=True, paid=True, invoice_by=("issuer", "account", "billing_period"))


@pytest.fixture
def sample(office):
    office.accounts = [AccountSpan("AWS", "1234567890123", "reed", 0), AccountSpan("Oracle", "20209880", "lotus", 0),
                       AccountSpan("Azure", "/providers/Microsoft.Billing/billingAccounts/8611537", "reed", 0)]
    office.rates = [FxRate("USD", parse_day("2024-09-30"), "7.0074", "bank")]
    office.delivery = office.take(Path(SAMPLE), manifest=MANIFEST)
    return office


def by_hand():
    """(service category, firm, city month) → Σ BilledCost of counted rows, with csv and Decimal."""
    found = defaultdict(Decimal)
    with localcontext() as exact, Path(SAMPLE).open(encoding="utf-8", newline="") as file:
        exact.prec = 60
        for one in csv.DictReader(file):
            counted = one["ChargeCategory"] in ("Usage", "Credit") and one["PublisherName"] != "Red Hat Inc."
            if counted and one["ServiceCategory"] in ("Compute", "AI and Machine Learning", "Storage"):
                late = one["ChargePeriodStart"] >= "2024-09-30 16:00:00"
                name = "storage" if one["ServiceCategory"] == "Storage" else "compute"
                firm = "lotus" if one["ProviderName"] == "Oracle" else "reed"
                found[name, firm, "2024-10" if late else "2024-09"] += Decimal(one["BilledCost"])
    return found


def test_the_sample_is_read_without_a_loss(sample):
    delivery = sample.delivery
    assert (delivery.state, delivery.rows, delivery.quarantined, delivery.format) == ("taken", 1000, 0, "focus-1.0")
    assert sample.rulings(year=2024) == {"ADJUSTMENT": 2, "ELIGIBLE": 659, "MARKETPLACE": 1, "SERVICE": 338}


def test_the_lines_of_the_sample_are_the_sums_of_its_rows(sample):
    from tests.bills.office import month

    found = defaultdict(int)
    with sample.lines(year=2024) as lines:
        for one in lines:
            found[one.spend_class, one.firm, month(one.month)] += one.base18
            assert sum(part.units for part in bills.audit(lines, one)) == one.base18
    assert found == {key: int(amount.scaleb(18)) for key, amount in by_hand().items()}

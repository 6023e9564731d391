"""Each trace that tampering leaves: seen where it lies, and not where an honest bill merely looks unusual."""

import pytest
from tests.bills.office import SPEND, row

from westlake.bills import DeclaredInvoice, Manifest
from westlake.register.spans import AccountSpan

FEED = "provider"


def flags(office, **asked):
    with office.lines(**asked) as found:
        return sorted((one.ruling, one.invoice) for one in found.flags())


def taxed(number, net, tax):
    """An invoice of one charge and one row of tax."""
    name = f"INV-{number}"
    return [row(net, InvoiceId=name), row(tax, InvoiceId=name, ChargeCategory="Tax", ServiceCategory="Other", ServiceName="")]


def test_an_invoice_that_bears_another_tax_than_the_seller_s_others_is_flagged(office):
    honest = [one for number in range(12) for one in taxed(number, f"{1000 + number}.00", f"{60 + number * 6 / 100:.2f}")]
    office.send(honest + taxed(98, "1900.00", "60.00") + taxed(99, "1000.00", "60.01"), uploader=FEED)
    assert flags(office) == [("TAX_OFF", "INV-98")]  # a cent is rounding; 1,900.00 would bear 114.00
    with office.lines() as found:
        [told] = [one.problem.values for one in found.flags()]
    assert told == {"invoice": "INV-98", "currency": "CNY", "tax": "60.00", "expected": "114.00"}


@pytest.mark.parametrize("invoices", [9, 10])
def test_no_rate_is_usual_among_fewer_than_ten_invoices(office, invoices):
    honest = [one for number in range(invoices) for one in taxed(number, "1000.00", "60.00")]
    office.send(honest + taxed(99, "1000.00", "0.00"), uploader=FEED)
    assert flags(office) == ([("TAX_OFF", "INV-99")] if invoices == 10 else [])


@pytest.mark.parametrize(("back", "seen"), [("-49.99", []), ("-50.00", [("MONEY_BACK", "INV-1")])])
def test_half_of_a_month_given_back_by_a_later_bill_is_flagged(office, back, seen):
    office.send([row("100.00"), row("-30.00", ChargeCategory="Credit")], uploader=FEED)  # half of the use, not of the rest
    office.send([row(back, InvoiceId="INV-2", BillingPeriodStart="2025-08-01T00:00:00Z")], uploader=FEED, day="2025-09-05")
    assert flags(office) == seen
    assert office.bases()[-1][-1] == back.replace(".00", "")  # and it nets by itself, in the month of the charge


def test_a_bill_that_gives_back_of_its_own_month_is_not_flagged(office):
    office.send([row("100.00"), row("-90.00")], uploader=FEED)
    assert flags(office) == []


def test_one_payer_for_two_firms_is_flagged_unless_the_register_knows_their_house(office):
    office.send([row("5.00"), row("7.00", SubAccountId="A-2")], uploader=FEED)
    assert office.bases() == [("lotus", "INV-1", "compute", "2025-07", "7"), ("reed", "INV-1", "compute", "2025-07", "5")]
    assert flags(office) == [("SHARED_PAYER", "INV-1")]
    assert flags(office, groups={"reed": "lake house", "lotus": "lake house"}) == []
    assert flags(office, groups={"reed": "lake house", "lotus": "hill house"}) == [("SHARED_PAYER", "INV-1")]


def test_an_account_that_moves_between_firms_is_no_shared_payer(office):
    office.accounts = [AccountSpan("Heron Cloud", "A-1", "reed", 0, 20_278), AccountSpan("Heron Cloud", "A-1", "lotus", 20_279)]
    office.send([row("5.00", ChargePeriodStart="2025-07-02T00:00:00Z"), row("7.00", ChargePeriodStart="2025-07-20T00:00:00Z")],
                uploader=FEED)
    assert {line[0] for line in office.bases()} == {"reed", "lotus"}
    assert flags(office) == []


def test_a_firm_that_says_paid_without_a_document_is_flagged_until_somebody_confirms_it(office):
    office.send([row("5.00")], uploader="reed")
    assert flags(office) == [("UNPROVEN", "INV-1")]
    office.send([row("5.00")], uploader=FEED)  # the provider's own feed says so too
    assert flags(office) == []


def test_a_document_named_or_an_invoice_not_paid_needs_no_proof(office):
    proven = Manifest(final=True, paid=True, invoices=(DeclaredInvoice("INV-1", proof="receipt-1.pdf"),))
    office.send([row("5.00")], manifest=proven, uploader="reed")
    office.send([row("6.00", InvoiceId="INV-2")], manifest=Manifest(final=True), uploader="reed")
    assert flags(office) == []


def test_use_without_a_region_is_flagged_where_the_seller_names_regions(office):
    regional = f"{SPEND}regions: [lake-*]\n"
    office.send([row("5.00", InvoiceId=f"INV-{number}") for number in range(20)], uploader=FEED)
    office.send([row("5.00", InvoiceId="INV-99", RegionId=""), row("4.00", InvoiceId="INV-99")], uploader=FEED)
    assert flags(office, spend=regional) == [("NO_REGION", "INV-99")]
    assert flags(office) == []  # a programme that asks for no region has nothing to miss
    office.send([row("9.00", InvoiceId=f"INV-A{number}", RegionId="") for number in range(3)], uploader=FEED)
    assert flags(office, spend=regional) == []  # and now the seller is one that often leaves it out

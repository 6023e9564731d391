"""One mapping file a format: FOCUS 1.0 to 1.4 give the same lines, and AWS's reports the same as FOCUS."""

import pytest
from tests.bills.office import row

from westlake.bills import DeclaredInvoice, Manifest
from westlake.bills.mapping import CANONICAL, expression, mapping_for, mappings, snake
from westlake.errors import WestlakeError
from westlake.register.spans import AccountSpan

PLAIN = ("BilledCost", "EffectiveCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart",
         "ChargePeriodEnd", "ChargeCategory", "InvoiceIssuerName", "ServiceCategory", "ServiceName", "ResourceId")
OLD, NEW = ("ProviderName", "PublisherName"), ("ServiceProviderName", "HostProviderName")
VERSIONS = {
    "focus-1.0": PLAIN + OLD, "focus-1.1": (*PLAIN, *OLD, "ServiceSubcategory"),
    "focus-1.2": (*PLAIN, *OLD, "ServiceSubcategory", "InvoiceId"),
    "focus-1.3": (*PLAIN, *OLD, *NEW, "ServiceSubcategory", "InvoiceId", "AllocatedMethodId"),
    "focus-1.4": (*PLAIN, *NEW, "ServiceSubcategory", "InvoiceId", "InvoiceDetailId")}
BY_RULE = Manifest(final=True, paid=True, invoice_by=("issuer", "account", "billing_period"))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_focus_version_is_recognised_and_gives_the_same_lines(office, version):
    rows = [row("1.5", ServiceProviderName="Heron Cloud", InvoiceId="Heron Cloud/A-1/2025-07"),
            row("9", PublisherName="Render Guild", ServiceProviderName="Render Guild", InvoiceId="Heron Cloud/A-1/2025-07")]
    delivery = office.send(rows, manifest=BY_RULE, headings=VERSIONS[version])
    assert (delivery.format, delivery.quarantined) == (version, 0)
    assert office.bases() == [("reed", "Heron Cloud/A-1/2025-07", "compute", "2025-07", "1.5")]
    assert office.rulings() == {"ELIGIBLE": 1, "MARKETPLACE": 1}


def test_an_issued_invoice_of_focus_1_4_needs_no_other_word(office):
    told = Manifest(invoices=(DeclaredInvoice("INV-1", 15 * 10**17, 2, "CNY", "issued"), DeclaredInvoice("INV-2", status="open")))
    office.send([row("1.5"), row("2", InvoiceId="INV-2")], manifest=told, headings=VERSIONS["focus-1.4"])
    assert office.rulings() == {"ELIGIBLE": 1, "NOT_FINAL": 1}


CUR = {"bill/InvoiceId": "INV-1", "bill/InvoicingEntity": "Amazon Web Services, Inc.", "bill/BillingEntity": "AWS",
       "bill/PayerAccountId": "0042", "bill/BillingPeriodStartDate": "2025-07-01T00:00:00Z",
       "lineItem/UsageAccountId": "0042", "lineItem/LineItemType": "Usage",
       "lineItem/UsageStartDate": "2025-07-03T01:00:00Z", "lineItem/UsageEndDate": "2025-07-03T02:00:00Z",
       "lineItem/ProductCode": "AmazonEC2", "lineItem/ResourceId": "i-1", "lineItem/CurrencyCode": "USD",
       "lineItem/UnblendedCost": "1.0", "lineItem/LegalEntity": "Amazon Web Services, Inc.",
       "product/ProductName": "Amazon Elastic Compute Cloud", "product/productFamily": "Compute Instance",
       "product/region": "us-west-2", "reservation/ReservationARN": "", "reservation/EffectiveCost": "",
       "savingsPlan/SavingsPlanARN": "", "savingsPlan/SavingsPlanEffectiveCost": "",
       "splitLineItem/ParentResourceId": ""}


def cur(cost, kind="Usage", **said):
    return {**CUR, "lineItem/UnblendedCost": cost, "lineItem/LineItemType": kind,
            **{name.replace("__", "/"): value for name, value in said.items()}}


REPORT = [
    cur("3.3E-7"), cur("10", savingsPlan__SavingsPlanARN="sp-1", kind="SavingsPlanCoveredUsage",
                       savingsPlan__SavingsPlanEffectiveCost="7"),
    cur("-10", kind="SavingsPlanNegation", savingsPlan__SavingsPlanARN="sp-1"),
    cur("8", kind="SavingsPlanRecurringFee", savingsPlan__SavingsPlanARN="sp-1"),
    cur("0", kind="DiscountedUsage", reservation__ReservationARN="ri-1", reservation__EffectiveCost="2"),
    cur("5", kind="RIFee", reservation__ReservationARN="ri-1"), cur("-0.5", kind="EdpDiscount"), cur("-0.25", kind="Refund"),
    cur("4", lineItem__ProductCode="AmazonEC2", product__productFamily="Storage"), cur("1.2", kind="Tax"),
    cur("6", bill__BillingEntity="AWS Marketplace", lineItem__LegalEntity="Render Guild"),
    cur("100", splitLineItem__ParentResourceId="i-1"), cur("2", lineItem__ProductCode="AmazonQuantum")]
RULED = {"COMMITMENT_PURCHASE": 2, "ELIGIBLE": 7, "MARKETPLACE": 1, "SERVICE": 1, "SPLIT_COPY": 1, "TAX": 1}


@pytest.fixture
def cloud(office):
    office.accounts = [AccountSpan("AWS", "0042", "reed", 0)]
    office.rates[:] = [type(office.rates[0])("USD", 0, "1")]
    return office


def test_the_legacy_report_of_aws(cloud):
    delivery = cloud.send(REPORT, headings=tuple(CUR))
    assert (delivery.format, delivery.quarantined) == ("aws-cur", 0)
    assert cloud.rulings() == RULED
    # 3.3e-7 - 0.5 - 0.25: covered usage and its negation cancel, commitments and split copies stay out
    assert cloud.bases() == [("reed", "INV-1", "compute", "2025-07", "-0.75"), ("reed", "INV-1", "storage", "2025-07", "4")]


def test_the_report_2_0_of_aws_gives_the_same_lines(cloud):
    second = [{snake(name): value for name, value in one.items()} for one in REPORT]
    delivery = cloud.send(second, headings=tuple(second[0]))
    assert (delivery.format, delivery.quarantined) == ("aws-cur-2", 0)
    assert cloud.rulings() == RULED
    assert cloud.bases() == [("reed", "INV-1", "compute", "2025-07", "-0.75"), ("reed", "INV-1", "storage", "2025-07", "4")]


def test_a_report_of_a_running_month_has_no_invoice_and_is_not_final(cloud):
    cloud.send([cur("1", bill__InvoiceId="")], headings=tuple(CUR), manifest=Manifest())
    assert cloud.rulings() == {"NOT_FINAL": 1}


def test_old_headings_become_new_ones_by_awss_own_rule():
    assert [snake(name) for name in ("lineItem/UnblendedCost", "savingsPlan/SavingsPlanARN", "product/region")] == [
        "line_item_unblended_cost", "savings_plan_savings_plan_a_r_n", "product_region"]


@pytest.mark.parametrize("name", sorted(mappings()))
def test_a_mapping_maps_canonical_columns_and_says_whether_it_was_tried(name):
    found = mappings()[name]
    assert set(found.columns) <= set(CANONICAL)
    assert found.tested is not (name in ("alibaba-instance-bill", "alibaba-bill-zh", "tencent-bill-detail"))
    assert set(found.title) == {"en", "ko", "zh"}


def test_another_provider_is_one_more_file(tmp_path):
    (tmp_path / "willow.yaml").write_text("title: {en: Willow, ko: 윌로, zh: 柳岸}\nhas: [Cost]\ncolumns: {BilledCost: Cost}\n")
    assert mappings(tmp_path)["willow"].named({"Cost": "c1"})[0].startswith("CAST(NULL AS VARCHAR) AS InvoiceId")


def test_a_mapping_to_no_column_is_an_error_with_its_place(tmp_path):
    (tmp_path / "willow.yaml").write_text("title: {en: W}\nhas: [Cost]\ncolumns:\n  BiledCost: Cost\n")
    with pytest.raises(WestlakeError) as raised:
        mappings(tmp_path)
    assert [(one.code, one.place.line, one.suggestion) for one in raised.value.problems] == [("W350", 4, "BilledCost")]


def test_expressions_of_a_mapping():
    columns = {"A": "c1", "B": "c2"}
    assert expression({"first": ["A", "X", "B"]}, columns) == "coalesce(c1, c2)"
    assert expression({"first": ["X", "B"]}, columns) == "c2"
    assert expression("X", columns) is None
    assert expression({"constant": "it's"}, columns) == "'it''s'"
    assert expression({"from": "A", "values": {"x": "y"}}, columns) == "CASE c1 WHEN 'x' THEN 'y' ELSE c1 END"
    assert expression({"from": "A", "values": {"x": "y"}, "otherwise": "z"}, columns) == \
        "CASE c1 WHEN 'x' THEN 'y' ELSE 'z' END"
    assert expression({"when": {"A": ["x"], "B": "present"}, "then": "B"}, columns) == \
        "CASE WHEN c1 IN ('x') AND c2 IS NOT NULL THEN c2 ELSE NULL END"
    assert expression({"when": {"X": ["x"]}, "then": "A", "otherwise": "B"}, columns) == "c2"


def test_a_wanted_format_that_is_misspelt_gets_a_suggestion():
    with pytest.raises(WestlakeError) as raised:
        mapping_for(["a"], "focus-12", "x.csv")
    assert raised.value.problems[0].suggestion == "focus-1.2"

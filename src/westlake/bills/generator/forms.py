"""Writes invented bills as providers export them: FOCUS 1.0 to 1.4 and both AWS reports, quirks included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from westlake.bills.generator.usage import ALL_SERVICES, DAY_SECONDS, Bill, Charge
from westlake.dates import add_months

FOCUS = ["BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
         "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart",
         "CommitmentDiscountId", "CommitmentDiscountStatus", "EffectiveCost", "InvoiceIssuerName", "RegionId",
         "ResourceId", "ServiceCategory", "ServiceName", "SkuId", "SubAccountId"]
OLD = ["ProviderName", "PublisherName"]
NEW = ["ServiceProviderName", "HostProviderName"]
COLUMNS = {
    "focus-1.0": FOCUS + OLD,
    "focus-1.1": [*FOCUS, *OLD, "ServiceSubcategory"],
    "focus-1.2": [*FOCUS, *OLD, "ServiceSubcategory", "InvoiceId"],
    "focus-1.3": [*FOCUS, *OLD, *NEW, "ServiceSubcategory", "InvoiceId"],
    "focus-1.4": [*FOCUS, *NEW, "ServiceSubcategory", "InvoiceId", "InvoiceDetailId"],
}
CUR = ["bill/InvoiceId", "bill/InvoicingEntity", "bill/BillingEntity", "bill/PayerAccountId",
       "bill/BillingPeriodStartDate", "lineItem/UsageAccountId", "lineItem/LineItemType", "lineItem/UsageStartDate",
       "lineItem/UsageEndDate", "lineItem/ProductCode", "lineItem/ResourceId", "lineItem/CurrencyCode",
       "lineItem/UnblendedCost", "lineItem/LineItemDescription", "lineItem/LegalEntity", "product/ProductName",
       "product/region", "product/sku", "reservation/ReservationARN", "reservation/EffectiveCost"]
CUR_2 = ["bill_invoice_id", "bill_invoicing_entity", "bill_billing_entity", "bill_payer_account_id",
         "bill_billing_period_start_date", "line_item_usage_account_id", "line_item_line_item_type",
         "line_item_usage_start_date", "line_item_usage_end_date", "line_item_product_code", "line_item_resource_id",
         "line_item_currency_code", "line_item_unblended_cost", "line_item_line_item_description",
         "line_item_legal_entity", "product_product_name", "product_region_code", "product_sku",
         "reservation_reservation_a_r_n", "reservation_effective_cost"]
_TIMES: dict[int, str] = {}


def heading(form: str) -> str:
    """The heading line of a format."""
    return ",".join(CUR if form == "aws-cur" else CUR_2 if form == "aws-cur-2" else COLUMNS[form]) + "\n"


def written(bill: Bill, form: str) -> Iterator[str]:
    """The lines of one bill in a format."""
    if form.startswith("aws"):
        return _cur(bill)
    return _focus(bill, form)


def has_invoice_ids(form: str) -> bool:
    """Do files of this format carry invoice ids? Otherwise the manifest gives the rule that makes them."""
    return form not in ("focus-1.0", "focus-1.1")


def amount_text(amount: int, scientific: bool) -> str:
    """1e-10 units as providers print them; small ones in E notation where they do that."""
    if scientific and 0 < abs(amount) < 10**6:
        digits = str(abs(amount))
        return f"{'-' if amount < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{len(digits) - 11}"
    whole, fraction = divmod(abs(amount), 10**10)
    return f"{'-' if amount < 0 else ''}{whole}.{fraction:010d}"


def time_text(second: int) -> str:
    """2025-07-01T00:00:00Z."""
    text = _TIMES.get(second)
    if text is None:
        text = _TIMES[second] = dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


def _focus(bill: Bill, form: str) -> Iterator[str]:
    nothing = "NULL" if form == "focus-1.0" else ""
    period = f"{time_text(add_months(bill.month, 1) * DAY_SECONDS)},{time_text(bill.month * DAY_SECONDS)}"
    provider, issuer = bill.provider, _quoted(bill.issuer)
    for row in bill.charges:
        category, subcategory, name = _service(row, nothing)
        seller = row.seller or provider.name
        tail = {"focus-1.0": f"{provider.name},{seller}", "focus-1.1": f"{provider.name},{seller},{subcategory}",
                "focus-1.2": f"{provider.name},{seller},{subcategory},{bill.invoice}",
                "focus-1.3": f"{provider.name},{seller},{seller},{provider.name},{subcategory},{bill.invoice}",
                "focus-1.4": f"{seller},{provider.name},{subcategory},{bill.invoice},{bill.invoice}-1"}[form]
        yield (f"{amount_text(row.billed, form != 'focus-1.0')},{bill.account},{provider.currency},{period},"
               f"{row.category},{'Correction' if row.correction else nothing},{_quoted(row.text)},"
               f"{time_text(row.end)},{time_text(row.start)},{row.commitment or nothing},"
               f"{row.status or nothing},{amount_text(row.effective, False)},{issuer},"
               f"{row.region or nothing},{row.resource or nothing},{category},{name},sku-{row.service},"
               f"{row.sub or nothing},{tail}\n")


def _service(row: Charge, nothing: str) -> tuple[str, str, str]:
    if row.service < 0:
        return "Other", nothing, nothing
    service = ALL_SERVICES[row.service]
    return service.category, service.subcategory, service.name


def _cur(bill: Bill) -> Iterator[str]:
    issuer, start = _quoted(bill.issuer), time_text(bill.month * DAY_SECONDS)
    for row in bill.charges:
        if row.status == "Unused":
            continue  # in this report the unused part hides in the fee
        kind = {"Purchase": "RIFee", "Adjustment": "Credit"}.get(row.category, row.category)
        kind = "DiscountedUsage" if row.status == "Used" else kind
        code = ALL_SERVICES[row.service].aws if row.service >= 0 else ""
        name = ALL_SERVICES[row.service].name if row.service >= 0 else ""
        entity = "AWS Marketplace" if row.seller else "AWS"
        yield (f"{bill.invoice},{issuer},{entity},{bill.account},{start},{bill.account},{kind},{time_text(row.start)},"
               f"{time_text(row.end)},{code},{row.resource},{bill.provider.currency},{amount_text(row.billed, True)},"
               f"{_quoted(row.text)},{_quoted(row.seller or bill.issuer)},{name},{row.region},sku-{row.service},"
               f"{row.commitment},{amount_text(row.effective, True) if row.status == 'Used' else ''}\n")


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text


def lines(bills: Iterable[Bill], form: str) -> Iterator[str]:
    """A whole file: its heading and the lines of all bills."""
    yield heading(form)
    for bill in bills:
        yield from written(bill, form)


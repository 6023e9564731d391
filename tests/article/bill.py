"""A small cloud bill as a seller would send it: FOCUS 1.2, CSV."""

import csv
from pathlib import Path

COLUMNS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId", "BillingCurrency",
           "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory",
           "ChargeClass", "ServiceCategory", "ServiceName", "InvoiceId", "InvoiceIssuerName", "ProviderName",
           "PublisherName", "RegionId", "SkuId")
ISSUER = "Alibaba Cloud"


def write_bill(path: Path, rows) -> Path:
    """Rows of (account, month as 2025-03, charge category, yuan), one invoice a month."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for account, month, category, cost in rows:
            year, number = map(int, month.split("-"))
            start, end = f"{month}-01T00:00:00Z", f"{year}-{number + 1:02}-01T00:00:00Z"
            writer.writerow((cost, cost, cost, cost, account, "CNY", start, end, f"{month}-10T00:00:00Z",
                             f"{month}-10T01:00:00Z", category, "", "Compute", "Elastic Compute", f"INV-{month}",
                             ISSUER, ISSUER, ISSUER, "cn-hangzhou", "sku-1"))
    return path

-- Who and what a reading's rows belong to: issuer, accounts, invoice, billing period, currency; with the
-- sums that invoices are tied out by. One row a `bill`.
-- Split cost rows (FOCUS 1.3) either replace their origin row or stand beside it. Where an origin stands
-- beside them they are copies: counted, the same money would be paid twice.
--   <reading>  the fingerprint of the file under its mapping;  <target>  where the table goes
COPY (
    WITH beside AS (
        SELECT bill,
               count(*) FILTER (AllocatedMethodId IS NOT NULL) > 0 AND count(*) FILTER (AllocatedMethodId IS NULL) > 0 AS both_stand
        FROM charges
        WHERE quarantine IS NULL
          AND EXISTS (SELECT 1 FROM charges AS other WHERE other.AllocatedMethodId IS NOT NULL)
        GROUP BY bill, ChargePeriodStart, ChargePeriodEnd, ChargeCategory, SkuId, ResourceId
    ), copied AS (
        SELECT bill, bool_or(both_stand) AS copies
        FROM beside
        GROUP BY bill
    )
    SELECT bill,
           mark(concat_ws(chr(31), '{reading}', coalesce(InvoiceIssuerName, ''), coalesce(BillingAccountId, ''),
                          coalesce(InvoiceId, ''), coalesce(BillingCurrency, ''),
                          CASE WHEN InvoiceId IS NULL THEN CAST(BillingPeriodStart AS VARCHAR) ELSE '' END)) AS invoice_mark,
           InvoiceIssuerName AS issuer, BillingAccountId AS account, SubAccountId AS sub_account,
           coalesce(InvoiceId, '') AS invoice, BillingPeriodStart AS billing_start, BillingCurrency AS currency,
           bool_and(invoice_given) AS given,
           coalesce(any_value(copied.copies), FALSE) AS copies,
           count(*) AS rows,
           count(*) FILTER (quarantine IS NOT NULL AND coalesce(BilledCost <> 0, TRUE)) AS bad_rows,
           coalesce(sum(BilledCost) FILTER (quarantine IS NULL
               AND NOT (AllocatedMethodId IS NOT NULL AND coalesce(copied.copies, FALSE))), 0) AS total,
           CAST(coalesce(sum(content) FILTER (quarantine IS NULL), 0) AS DECIMAL(38, 0)) AS digest,
           min(ChargePeriodStart) AS first_start, max(ChargePeriodStart) AS last_start
    FROM charges LEFT JOIN copied USING (bill)
    GROUP BY bill, InvoiceIssuerName, BillingAccountId, SubAccountId, InvoiceId, BillingPeriodStart, BillingCurrency
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
